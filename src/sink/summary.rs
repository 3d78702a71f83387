//! How often was what called, how long did it take, how often did it fail?   [strace(1), -c]

use std::collections::BTreeMap;
use std::io;

use emu_prototypes::CallInfo;

use super::bundled::{Bundled, Told};
use super::filter::Filter;
use super::output::Output;
use super::{Sink, text, took};
use crate::event::{CallEvent, End, Event};
use crate::view::View;

/// What a summary is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortBy {
    /// The time in all, the longest first.
    #[default]
    Time,
    /// The count of calls, the greatest first.
    Calls,
    /// The count of calls that failed, the greatest first.
    Errors,
    /// The name.
    Name,
}

/// Counts calls and prints a table when the run is over, in strace's form. Time is the guest's: between a call's begin and
/// its end, with what other tasks did in the mean time.
pub struct SummarySink {
    output: Output,
    filter: Filter,
    sort: SortBy,
    bundled: Bundled,
    counts: BTreeMap<String, Count>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Count {
    calls: u64,
    errors: u64,
    /// In nanoseconds.
    time: u64,
}

impl SummarySink {
    /// A summary of the calls of `filter`.
    pub fn new(output: Output, filter: Filter, sort: SortBy) -> Self {
        SummarySink {
            output,
            filter,
            sort,
            bundled: Bundled::default(),
            counts: BTreeMap::new(),
        }
    }

    fn count(&mut self, call: &CallEvent, end: End, time: u64) {
        if let End::ChildReturn(_) = end {
            return;
        }
        let mut name = Vec::new();
        text::name(&mut name, call);
        let name = String::from_utf8_lossy(&name).into_owned();
        let count = self.counts.entry(name).or_default();
        count.calls += 1;
        count.time += took(call, time);
        count.errors += u64::from(failed(call, end));
    }

    fn sorted(&self) -> Vec<(&str, Count)> {
        let mut all: Vec<_> = self
            .counts
            .iter()
            .map(|(name, count)| (name.as_str(), *count))
            .collect();
        let key = |count: &Count| match self.sort {
            SortBy::Time => count.time,
            SortBy::Calls => count.calls,
            SortBy::Errors => count.errors,
            SortBy::Name => 0,
        };
        // Equal ones stay in the order of their names.
        all.sort_by_key(|(_, count)| std::cmp::Reverse(key(count)));
        all
    }

    fn table(&self) -> String {
        let total = self
            .counts
            .values()
            .fold(Count::default(), |all, one| Count {
                calls: all.calls + one.calls,
                errors: all.errors + one.errors,
                time: all.time + one.time,
            });
        let mut text = String::from(
            "% time     seconds  usecs/call     calls    errors syscall\n\
             ------ ----------- ----------- --------- --------- ----------------\n",
        );
        for (name, count) in self.sorted() {
            text += &row(&count, total.time, name);
        }
        text += "------ ----------- ----------- --------- --------- ----------------\n";
        text + &row(&total, total.time, "total")
    }
}

fn row(count: &Count, total: u64, name: &str) -> String {
    let share = 100.0 * count.time as f64 / total.max(1) as f64;
    let share = if total == 0 { 0.0 } else { share };
    let errors = match count.errors {
        0 => String::new(),
        errors => errors.to_string(),
    };
    format!(
        "{share:6.2} {:11.6} {:11} {:9} {errors:>9} {name}\n",
        count.time as f64 / 1e9,
        count.time / 1000 / count.calls.max(1),
        count.calls,
    )
}

/// Whether a call ended with an error: of Windows, by a status that says so.
pub(super) fn failed(call: &CallEvent, end: End) -> bool {
    match end {
        End::Returned(Ok(_)) => crate::decode::success(call, end).is_none(),
        End::Returned(Err(_)) => true,
        _ => false,
    }
}

impl Sink for SummarySink {
    fn wants(&self, call: Option<&'static CallInfo>) -> bool {
        Bundled::wants(&self.filter, call)
    }

    fn event(&mut self, event: &Event<'_>, view: &mut View<'_>) -> io::Result<()> {
        match event {
            Event::Enter(call) => {
                self.bundled.enter(&self.filter, call, view);
            }
            Event::Exit {
                call, end, time, ..
            } => match self.bundled.exit(&self.filter, call) {
                Told::AsIs => self.count(call, *end, *time),
                Told::As(inner) => self.count(&inner, *end, *time),
                Told::Not => {}
            },
            _ => {}
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        let table = self.table();
        self.output.line(table.as_bytes())?;
        self.output.finish()
    }
}
