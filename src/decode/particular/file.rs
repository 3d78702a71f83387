//! Arguments of calls on files.

use super::super::{Printer, number};
use super::group;

impl Printer<'_> {
    /// How fresh the answer must be comes first, even when it is nothing particular.
    pub(super) fn statx_flags(&mut self, value: u64) {
        let sync = self.abi.k.AT_STATX_SYNC_TYPE & value;
        // strace's raw form has nothing for zero.
        if sync != 0 || self.has_words() {
            self.value(group::STATX_FLAGS, sync);
        }
        let rest = value & 0xffff_ffff & !sync;
        if rest != 0 {
            self.out.push(b'|');
            self.flags(group::STATX_FLAGS, rest);
        }
    }

    /// Two times of a file, or `NULL`.
    pub(super) fn file_times(&mut self, address: u64, shape: &str, part: &str) {
        let size = self
            .abi
            .structure(shape)
            .map_or(0, |shape| u64::from(shape.size));
        let both = (
            self.load(shape, address),
            self.load(shape, address.wrapping_add(size)),
        );
        let (Some(access), Some(change)) = both else {
            self.address(address);
            return;
        };
        self.out.push(b'[');
        for (index, image) in [access, change].iter().enumerate() {
            if index > 0 {
                self.text(", ");
            }
            let seconds = image.get("tv_sec").unwrap_or(0);
            let fraction = image.get(part).unwrap_or(0);
            // [Linux include/linux/stat.h]
            match (part, fraction) {
                ("tv_nsec", special @ (0x3fff_ffff | 0x3fff_fffe)) => self.constant(
                    |out| time(out, seconds, part, fraction),
                    |printer| {
                        printer.text(if special == 0x3fff_ffff {
                            "UTIME_NOW"
                        } else {
                            "UTIME_OMIT"
                        });
                    },
                ),
                _ => {
                    time(self.out, seconds, part, fraction);
                    let digits = if part == "tv_nsec" { 9 } else { 6 };
                    self.date_comment(seconds as i64, fraction, digits);
                }
            }
        }
        self.out.push(b']');
    }
}

/// `{tv_sec=5, tv_nsec=6}`
fn time(out: &mut Vec<u8>, seconds: u64, part: &str, fraction: u64) {
    out.extend_from_slice(b"{tv_sec=");
    number::signed(out, seconds as i64);
    for text in [", ", part, "="] {
        out.extend_from_slice(text.as_bytes());
    }
    number::signed(out, fraction as i64);
    out.push(b'}');
}
