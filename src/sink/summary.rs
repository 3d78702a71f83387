//! How often was what called, how long did it take, how often did it fail?   [strace(1), -c]

use std::collections::BTreeMap;
use std::io;

use emu_prototypes::CallInfo;

use super::bundled::Told;
use super::columns::Column;
use super::output::Output;
use super::selection::Selection;
use super::status::Statuses;
use super::{Sink, text, took};
use crate::event::{CallEvent, End, Event};
use crate::view::View;

/// What a summary is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortBy {
    /// The time in all, the longest first.
    #[default]
    Time,
    /// The time of the shortest call, the longest first.
    MinTime,
    /// The time of the longest call, the longest first.
    MaxTime,
    /// The time a call took in the mean, the longest first.
    AvgTime,
    /// The count of calls, the greatest first.
    Calls,
    /// The count of calls that failed, the greatest first.
    Errors,
    /// The name.
    Name,
    /// The numbers of the calls.
    Nothing,
}

/// Counts calls and prints a table when the run is over, in strace's form. Time is the guest's: between a call's begin and
/// its end, with what other tasks did in the mean time.
pub struct SummarySink {
    output: Output,
    selection: Selection,
    sort: SortBy,
    columns: Vec<Column>,
    counts: BTreeMap<String, Count>,
}

#[derive(Debug, Default, Clone, Copy)]
struct Count {
    /// The call's number.
    number: u32,
    calls: u64,
    errors: u64,
    /// Times, in nanoseconds.
    time: u64,
    shortest: u64,
    longest: u64,
}

impl Count {
    fn add(&mut self, other: &Count) {
        self.shortest = match self.calls {
            0 => other.shortest,
            _ => self.shortest.min(other.shortest),
        };
        self.longest = self.longest.max(other.longest);
        self.calls += other.calls;
        self.errors += other.errors;
        self.time = self.time.saturating_add(other.time);
    }

    fn mean(&self) -> u64 {
        self.time / self.calls.max(1)
    }
}

impl SummarySink {
    /// A summary of what is selected, of all its ends.
    pub fn new(output: Output, selection: impl Into<Selection>, sort: SortBy) -> Self {
        SummarySink {
            output,
            // strace counts all of them as well.
            selection: selection.into().with_statuses(Statuses::all()),
            sort,
            columns: Column::USUAL.to_vec(),
            counts: BTreeMap::new(),
        }
    }

    /// With other columns than the usual ones.
    pub fn with_columns(mut self, columns: Vec<Column>) -> Self {
        self.columns = columns;
        self
    }

    fn count(&mut self, call: &CallEvent, end: End, time: u64) {
        if let End::ChildReturn(_) = end {
            return;
        }
        let mut name = Vec::new();
        text::name(&mut name, call);
        let name = String::from_utf8_lossy(&name).into_owned();
        let count = self.counts.entry(name).or_insert(Count {
            number: call.number,
            ..Count::default()
        });
        let took = took(call, time);
        count.add(&Count {
            number: call.number,
            calls: 1,
            errors: u64::from(failed(call, end)),
            time: took,
            shortest: took,
            longest: took,
        });
    }

    fn sorted(&self) -> Vec<(&str, Count)> {
        let mut all: Vec<_> = self
            .counts
            .iter()
            .map(|(name, count)| (name.as_str(), *count))
            .collect();
        let key = |count: &Count| match self.sort {
            SortBy::Time => count.time,
            SortBy::MinTime => count.shortest,
            SortBy::MaxTime => count.longest,
            SortBy::AvgTime => count.mean(),
            SortBy::Calls => count.calls,
            SortBy::Errors => count.errors,
            SortBy::Name => 0,
            SortBy::Nothing => u64::from(u32::MAX - count.number),
        };
        // Equal ones stay in the order of their names.
        all.sort_by_key(|(_, count)| std::cmp::Reverse(key(count)));
        all
    }

    fn table(&self) -> String {
        let mut total = Count::default();
        for count in self.counts.values() {
            total.add(count);
        }
        // A longer name has room for a blank behind it.
        let longest = self.counts.keys().map(|name| name.len() + 1).max();
        let width = |column: Column| match column {
            Column::Name => column.width().max(longest.unwrap_or(0)),
            _ => column.width(),
        };
        let row = |cell: &dyn Fn(Column) -> String| {
            let mut cells: Vec<String> = Vec::new();
            for (index, &column) in self.columns.iter().enumerate() {
                let (text, width) = (cell(column), width(column));
                cells.push(match column {
                    Column::Name if index + 1 == self.columns.len() => text,
                    Column::Name => format!("{text:<width$}"),
                    _ => format!("{text:>width$}"),
                });
            }
            cells.join(" ") + "\n"
        };
        let rule = row(&|column| "-".repeat(width(column)));
        let mut text = row(&|column| column.title().to_owned()) + &rule;
        for (name, count) in self.sorted() {
            text += &row(&|column| cell(column, &count, total.time, name));
        }
        text + &rule + &row(&|column| cell(column, &total, total.time, "total"))
    }
}

/// What stands in a column of a row.
fn cell(column: Column, count: &Count, total: u64, name: &str) -> String {
    let seconds = |time: u64| format!("{:.6}", time as f64 / 1e9);
    match column {
        Column::TimePercent if total == 0 => "0.00".to_owned(),
        Column::TimePercent => format!("{:.2}", 100.0 * count.time as f64 / total as f64),
        Column::TotalTime => seconds(count.time),
        Column::MinTime => seconds(count.shortest),
        Column::MaxTime => seconds(count.longest),
        Column::AvgTime => (count.time / 1000 / count.calls.max(1)).to_string(),
        Column::Calls => count.calls.to_string(),
        Column::Errors if count.errors == 0 => String::new(),
        Column::Errors => count.errors.to_string(),
        Column::Name => name.to_owned(),
    }
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
        self.selection.wants(call)
    }

    fn event(&mut self, event: &Event<'_>, view: &mut View<'_>) -> io::Result<()> {
        match event {
            Event::Enter(call) => {
                self.selection.enter(call, view);
            }
            Event::Exit {
                call, end, time, ..
            } => match self.selection.exit(call, *end) {
                Told::AsIs => self.count(call, *end, *time),
                Told::As(inner) => self.count(&inner, *end, *time),
                Told::Not => {}
            },
            _ => {}
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.selection.is_over()
    }

    fn finish(&mut self) -> io::Result<()> {
        let table = self.table();
        self.output.line(table.as_bytes())?;
        self.output.finish()
    }
}
