//! What stands in front of a line: times, the number of the call, the program counter. In strace's order and forms.
//! [strace(1), -t -r -n -i]

use std::collections::BTreeMap;

use emu_prototypes::DataModel;

use crate::kernel::task::Tid;
use crate::view::Now;

/// How exactly a time is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// Seconds.
    Seconds,
    /// Thousandths of a second.
    Millis,
    /// Millionths of a second.
    #[default]
    Micros,
    /// Nanoseconds.
    Nanos,
}

impl Precision {
    /// `s`, `ms`, `us` or `ns`.
    pub fn parse(text: &str) -> Option<Precision> {
        Some(match text {
            "s" => Precision::Seconds,
            "ms" => Precision::Millis,
            "us" => Precision::Micros,
            "ns" => Precision::Nanos,
            _ => return None,
        })
    }

    /// The part of a second: `.123456`, or nothing.
    pub(super) fn fraction(self, nanos: u64) -> String {
        let nanos = nanos % 1_000_000_000;
        match self {
            Precision::Seconds => String::new(),
            Precision::Millis => format!(".{:03}", nanos / 1_000_000),
            Precision::Micros => format!(".{:06}", nanos / 1000),
            Precision::Nanos => format!(".{nanos:09}"),
        }
    }
}

/// A form of the time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// `12:34:56`, in UTC.
    Time(Precision),
    /// Seconds since 1970.
    Unix(Precision),
    /// Instructions that the guest has run, in the place of a time.
    Instructions,
}

impl Clock {
    /// Parses `[[format:]FORMAT],[[precision:]PRECISION]`: `none`, `time` or `unix`, and `s`, `ms`, `us` or `ns`.
    pub fn parse(text: &str) -> Result<Option<Clock>, String> {
        let (mut format, mut precision) = ("time", Precision::Seconds);
        for word in text.split(',') {
            let value = word.split_once(':').map_or(word, |(_, value)| value);
            let is = |key: &str| word == value || word.starts_with(key);
            match (value, Precision::parse(value)) {
                ("none" | "time" | "unix", _) if is("format:") => format = value,
                (_, Some(exact)) if is("precision:") => precision = exact,
                _ => {
                    return Err(format!(
                        "`{word}` is no form of time: expected none, time or unix, and s, ms, us or ns"
                    ));
                }
            }
        }
        Ok(match format {
            "time" => Some(Clock::Time(precision)),
            "unix" => Some(Clock::Unix(precision)),
            _ => None,
        })
    }
}

/// What is told in front of lines.
#[derive(Debug, Clone, Default)]
pub struct Leader {
    clock: Option<Clock>,
    relative: Option<Precision>,
    number: bool,
    pc: bool,
    /// When the last line was written.
    before: Option<u64>,
    /// The numbers of the last calls of tasks.
    numbers: BTreeMap<Tid, u32>,
}

/// Where in the program a line comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Where {
    /// The program counter; nobody knows it of a task that has ended.
    pub(super) pc: Option<u64>,
    pub(super) model: DataModel,
}

impl Leader {
    /// Tells the time of day.
    pub fn with_clock(mut self, clock: Option<Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Tells the time since the line before.
    pub fn with_relative(mut self, precision: Option<Precision>) -> Self {
        self.relative = precision;
        self
    }

    /// Tells the number of the call.
    pub fn with_number(mut self, number: bool) -> Self {
        self.number = number;
        self
    }

    /// Tells the program counter.
    pub fn with_pc(mut self, pc: bool) -> Self {
        self.pc = pc;
        self
    }

    /// A task is in a call of that number.
    pub(super) fn calls(&mut self, task: Tid, number: u32) {
        if self.number {
            self.numbers.insert(task, number);
        }
    }

    /// A task has ended.
    pub(super) fn ended(&mut self, task: Tid) {
        self.numbers.remove(&task);
    }

    /// Begins a line.
    pub(super) fn write(&mut self, out: &mut Vec<u8>, task: Tid, now: Now, place: Where) {
        if self.clock.is_none() && self.relative.is_none() && !self.number && !self.pc {
            return;
        }
        let day = now.epoch.saturating_add(now.time);
        let seconds = day / 1_000_000_000;
        let absolute = match self.clock {
            None => None,
            Some(Clock::Time(precision)) => {
                let (minutes, second) = (seconds / 60, seconds % 60);
                let (hour, minute) = (minutes / 60 % 24, minutes % 60);
                let fraction = precision.fraction(day);
                Some(format!("{hour:02}:{minute:02}:{second:02}{fraction} "))
            }
            Some(Clock::Unix(precision)) => Some(format!("{seconds}{} ", precision.fraction(day))),
            Some(Clock::Instructions) => {
                let count = now.instructions.unwrap_or(0);
                Some(format!("{count:>12} "))
            }
        };
        if let Some(text) = &absolute {
            out.extend_from_slice(text.as_bytes());
        }
        if let Some(precision) = self.relative {
            let since = now.time.saturating_sub(self.before.unwrap_or(now.time));
            self.before = Some(now.time);
            let (seconds, fraction) = (since / 1_000_000_000, precision.fraction(since));
            let text = match absolute {
                Some(_) => format!("(+{seconds:6}{fraction}) "),
                None => format!("{seconds:6}{fraction} "),
            };
            out.extend_from_slice(text.as_bytes());
        }
        if self.number {
            let number = self.numbers.get(&task).copied().unwrap_or(0);
            out.extend_from_slice(format!("[{number:4}] ").as_bytes());
        }
        if self.pc {
            let width = match place.model {
                DataModel::Ilp32 => 8,
                DataModel::Lp64 | DataModel::Llp64 => 16,
            };
            let text = match place.pc {
                Some(pc) => format!("[{pc:0width$x}] "),
                None => format!("[{}] ", "?".repeat(width)),
            };
            out.extend_from_slice(text.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(leader: Leader, expected: &str) {
        let mut out = Vec::new();
        let mut leader = leader;
        leader.calls(1, 3);
        let place = Where {
            pc: Some(0x7f1a_9e11_ea07),
            model: DataModel::Lp64,
        };
        // 2026-11-27 22:45:18.303820 UTC.
        let now = Now {
            time: 1_000,
            epoch: 1_795_819_518_303_819_999,
            instructions: Some(1234),
        };
        leader.write(&mut out, 1, now, place);
        assert_eq!(String::from_utf8_lossy(&out), expected);
    }

    /// The forms of strace 6.1.
    #[test]
    fn a_line_begins_as_straces_do() {
        let clock = |text: &str| Clock::parse(text).expect("it is a form");
        let with = |text: &str| Leader::default().with_clock(clock(text));
        check(Leader::default(), "");
        check(with("time"), "22:45:18 ");
        check(with("time,us"), "22:45:18.303820 ");
        check(with("precision:ms,format:time"), "22:45:18.303 ");
        check(with("unix,ns"), "1795819518.303820999 ");
        check(with("none"), "");
        let relative = Leader::default().with_relative(Some(Precision::Micros));
        check(relative, "     0.000000 ");
        let relative = Leader::default().with_relative(Some(Precision::Seconds));
        check(relative, "     0 ");
        check(
            with("time").with_relative(Some(Precision::Nanos)),
            "22:45:18 (+     0.000000000) ",
        );
        check(
            with("time").with_number(true).with_pc(true),
            "22:45:18 [   3] [00007f1a9e11ea07] ",
        );
        check(
            Leader::default().with_clock(Some(Clock::Instructions)),
            "        1234 ",
        );
        assert!(Clock::parse("foo").is_err() && Clock::parse("format:us").is_err());
        assert!(Clock::parse("").is_err());
    }
}
