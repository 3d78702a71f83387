//! Where events go: text, JSON. Sinks read and change nothing.

use std::io;

use crate::event::{Event, View};
use emu_prototypes::CallInfo;

/// Receives events.
pub trait Sink {
    /// Whether it wants the enters and exits of a call (`None`: of numbers without a call). Asked once per call
    /// before the run.
    fn wants(&self, call: Option<&'static CallInfo>) -> bool;
    /// An event. An error ends the run.
    fn event(&mut self, event: &Event<'_>, view: &mut View<'_>) -> io::Result<()>;
    /// The run is over: write what is left.
    fn finish(&mut self) -> io::Result<()>;
}
