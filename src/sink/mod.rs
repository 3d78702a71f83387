//! Where events go: text, JSON, pictures, summaries. Sinks read and change nothing.

mod acts;
mod apart;
mod behaviour;
pub mod binary;
mod bundled;
mod columns;
mod dump;
mod family;
pub mod filter;
pub mod json;
mod leader;
mod ledger;
mod numbers;
mod output;
mod paint;
mod perfetto;
mod pipe;
mod plain;
pub(crate) mod read;
mod report;
mod selection;
mod signals;
mod stack;
mod status;
mod summary;
#[cfg(test)]
mod tests;
pub mod text;
mod touched;
mod whole;

use std::io;

use crate::event::{CallEvent, Event};
use crate::kernel::time::CALL;
use crate::view::View;
use emu_prototypes::CallInfo;

pub use crate::decode::settings::{Constants, Descriptors, Settings, Strings};
pub use apart::Apart;
pub use behaviour::BehaviourSink;
pub use binary::BinarySink;
pub use columns::Column;
pub use dump::Dumps;
pub use filter::Filter;
pub use json::JsonSink;
pub use leader::{Clock, Leader, Precision};
pub use numbers::Numbers;
pub use output::{Output, Rescue};
pub use perfetto::PerfettoSink;
pub use report::ReportSink;
pub use selection::Selection;
pub use signals::Signals;
pub use stack::Stack;
pub use status::Statuses;
pub use summary::{SortBy, SummarySink};
pub use text::TextSink;

/// How many bytes of a string, and elements of an array, are shown unless told otherwise.
pub const DEFAULT_LIMIT: usize = 32;

/// Whether each argument of a call is shown for what it is. Otherwise a pointer among them is only shown as an address.
pub fn decoded(call: &CallInfo) -> bool {
    crate::decode::complete(call)
}

/// How long a call took that ended at `time`, in nanoseconds of the guest's time: what it waited, and its own share, which
/// the clock counts before it begins.
fn took(call: &CallEvent, time: u64) -> u64 {
    time.saturating_sub(call.time) + CALL
}

/// Receives events.
pub trait Sink {
    /// Whether it wants the enters and exits of a call (`None`: of numbers without a call). Asked once per call
    /// before the run.
    fn wants(&self, call: Option<&'static CallInfo>) -> bool;
    /// An event. An error ends the run.
    fn event(&mut self, event: &Event<'_>, view: &mut View<'_>) -> io::Result<()>;
    /// Whether it has seen all that it wants: then the run ends.
    fn is_over(&self) -> bool {
        false
    }
    /// The run is over: write what is left.
    fn finish(&mut self) -> io::Result<()>;
}
