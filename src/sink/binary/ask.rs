//! What would other sinks ask? They are asked.

use std::io;

use emu_prototypes::CallInfo;

use super::keep::{Keeper, Kept};
use crate::event::Event;
use crate::sink::Sink;
use crate::view::View;

/// Sinks whose questions are kept. What they write goes nowhere.
pub(super) struct Askers(Vec<Box<dyn Sink>>);

impl Askers {
    pub(super) fn new(sinks: Vec<Box<dyn Sink>>) -> Askers {
        Askers(sinks)
    }

    pub(super) fn wants(&self, call: Option<&'static CallInfo>) -> bool {
        self.0.iter().any(|sink| sink.wants(call))
    }

    pub(super) fn are_over(&self) -> bool {
        self.0.iter().any(|sink| sink.is_over())
    }

    /// Asks for an event, and keeps the answers.
    pub(super) fn ask(
        &mut self,
        event: &Event<'_>,
        view: &mut View<'_>,
        kept: &mut Kept,
    ) -> io::Result<()> {
        kept.clear();
        let call = match event {
            Event::Enter(call) | Event::Exit { call, .. } => Some(call.info),
            _ => None,
        };
        for sink in &mut self.0 {
            if call.is_some_and(|info| !sink.wants(info)) {
                continue;
            }
            let mut guest = Keeper {
                guest: &mut *view.guest,
                kept,
            };
            let mut view = View {
                guest: &mut guest,
                abi: view.abi,
                now: view.now,
            };
            sink.event(event, &mut view)?;
        }
        Ok(())
    }
}
