//! Points of time as dates, in comments behind them.

use super::super::{Printer, number};

const DAY: i64 = 86400;

impl Printer<'_> {
    /// `2001-09-09T01:46:40.000000005+0000`, with `digits` digits of `part` when it is not zero. Nothing for years that
    /// have more than four digits.
    fn date(&mut self, seconds: i64, part: u64, digits: usize) {
        let (days, rest) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        let Some((year, month, day)) = civil(days) else {
            return;
        };
        let fields = [
            (year, 4, "-"),
            (month, 2, "-"),
            (day, 2, "T"),
            (rest as u64 / 3600, 2, ":"),
            (rest as u64 / 60 % 60, 2, ":"),
            (rest as u64 % 60, 2, ""),
        ];
        for (value, width, after) in fields {
            number::padded(self.out, value, width);
            self.text(after);
        }
        if part != 0 {
            self.out.push(b'.');
            number::padded(self.out, part, digits);
        }
        self.text("+0000");
    }

    /// ` /* 2001-09-09T01:46:40+0000 */`, nothing for the beginning of time and for no time at all.
    pub(in super::super) fn date_comment(&mut self, seconds: i64, part: u64, digits: usize) {
        let limit = if digits == 9 {
            1_000_000_000
        } else {
            1_000_000
        };
        if (seconds == 0 && part == 0) || part >= limit || civil(seconds.div_euclid(DAY)).is_none()
        {
            return;
        }
        self.text(" /* ");
        self.date(seconds, part, digits);
        self.text(" */");
    }

    /// `[1000000000 /* 2001-09-09T01:46:40+0000 */]`
    pub(in super::super) fn seconds_at(&mut self, address: u64) {
        let word = self.word(address).filter(|_| address != 0);
        let Some(word) = word else {
            self.address(address);
            return;
        };
        let seconds = match self.word_size() {
            4 => i64::from(word as i32),
            _ => word as i64,
        };
        self.out.push(b'[');
        number::signed(self.out, seconds);
        self.date_comment(seconds, 0, 9);
        self.out.push(b']');
    }

    /// ` (2001-09-09T01:46:40+0000)`
    pub(in super::super) fn date_suffix(&mut self, seconds: i64) {
        if civil(seconds.div_euclid(DAY)).is_none() {
            return;
        }
        self.text(" (");
        self.date(seconds, 0, 9);
        self.out.push(b')');
    }
}

/// Year, month and day of a day counted from 1970-01-01, for years 0 to 9999.
fn civil(days: i64) -> Option<(u64, u64, u64)> {
    if !(-719_528..=2_932_896).contains(&days) {
        return None;
    }
    // Eras of 400 years that begin on the 1st of March of year 0.   [H. Hinnant, chrono-compatible date algorithms]
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Some((year as u64, month as u64, day as u64))
}

#[cfg(test)]
mod tests {
    use super::civil;

    #[test]
    fn days_are_dates() {
        assert_eq!(civil(0), Some((1970, 1, 1)));
        assert_eq!(civil(11_574), Some((2001, 9, 9)));
        assert_eq!(civil(11_016), Some((2000, 2, 29)));
        assert_eq!(civil(-1), Some((1969, 12, 31)));
        assert_eq!(civil(-719_528), Some((0, 1, 1)));
        assert_eq!(civil(2_932_896), Some((9999, 12, 31)));
        assert_eq!(civil(2_932_897), None);
        assert_eq!(civil(i64::MIN), None);
    }
}
