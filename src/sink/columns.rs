//! The columns of a summary.   [strace(1), -U]

use super::filter::nearest;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The share of the time in all.
    TimePercent,
    /// The time in all, in seconds.
    TotalTime,
    /// The shortest call, in seconds.
    MinTime,
    /// The longest call, in seconds.
    MaxTime,
    /// The time a call took in the mean, in microseconds.
    AvgTime,
    /// How many calls there were.
    Calls,
    /// How many failed.
    Errors,
    /// The name.
    Name,
}

/// Columns by their names; the first of a column is its usual one.
const NAMES: &[(&str, Column)] = &[
    ("time-percent", Column::TimePercent),
    ("time", Column::TimePercent),
    ("total-time", Column::TotalTime),
    ("time-total", Column::TotalTime),
    ("min-time", Column::MinTime),
    ("shortest", Column::MinTime),
    ("time-min", Column::MinTime),
    ("max-time", Column::MaxTime),
    ("longest", Column::MaxTime),
    ("time-max", Column::MaxTime),
    ("avg-time", Column::AvgTime),
    ("time-avg", Column::AvgTime),
    ("calls", Column::Calls),
    ("count", Column::Calls),
    ("errors", Column::Errors),
    ("error", Column::Errors),
    ("name", Column::Name),
    ("syscall", Column::Name),
    ("syscall-name", Column::Name),
];

impl Column {
    /// What a summary has unless told otherwise.
    pub const USUAL: [Column; 6] = [
        Column::TimePercent,
        Column::TotalTime,
        Column::AvgTime,
        Column::Calls,
        Column::Errors,
        Column::Name,
    ];

    /// Parses names between commas. The name of the call is the last column when it is not among them.
    pub fn parse(text: &str) -> Result<Vec<Column>, String> {
        let mut all = Vec::new();
        for word in text.split(',') {
            let Some((_, column)) = NAMES.iter().find(|(name, _)| *name == word) else {
                let hint = nearest(word, NAMES.iter().map(|(name, _)| *name));
                return Err(format!("there is no column `{word}`{hint}"));
            };
            if all.contains(column) {
                return Err(format!("the column `{word}` is there twice"));
            }
            all.push(*column);
        }
        if !all.contains(&Column::Name) {
            all.push(Column::Name);
        }
        Ok(all)
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Column::TimePercent => "% time",
            Column::TotalTime => "seconds",
            Column::MinTime => "shortest",
            Column::MaxTime => "longest",
            Column::AvgTime => "usecs/call",
            Column::Calls => "calls",
            Column::Errors => "errors",
            Column::Name => "syscall",
        }
    }

    /// How wide it is at least.
    pub(super) fn width(self) -> usize {
        match self {
            Column::TimePercent => 6,
            Column::TotalTime | Column::AvgTime => 11,
            Column::MinTime | Column::MaxTime => 8,
            Column::Calls | Column::Errors => 9,
            Column::Name => 16,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_straces_names() {
        assert_eq!(
            Column::parse("count,time"),
            Ok(vec![Column::Calls, Column::TimePercent, Column::Name])
        );
        assert_eq!(
            Column::parse("name,longest"),
            Ok(vec![Column::Name, Column::MaxTime])
        );
        assert_eq!(
            Column::parse("cals"),
            Err("there is no column `cals`. Did you mean `calls`?".into())
        );
        assert_eq!(
            Column::parse("time-min,shortest"),
            Err("the column `shortest` is there twice".into())
        );
        assert!(Column::parse("").is_err());
    }
}
