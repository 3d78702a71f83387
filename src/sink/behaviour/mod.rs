//! What did a program do? Its behaviour on one screen, for a person or a program.

mod screen;

use std::io;

use emu_prototypes::CallInfo;

use super::ledger::Ledger;
use super::output::Output;
use super::whole::Wholes;
use super::{Selection, Settings, Sink};
use crate::event::Event;
use crate::view::View;

/// Adds up what a run did, and writes it when the run is over: suspicious acts with what shows them, programs, processes,
/// the network, files, objects, signals, what nobody served.
pub struct BehaviourSink {
    output: Output,
    wholes: Wholes,
    ledger: Ledger,
    json: bool,
}

impl BehaviourSink {
    /// What the calls of a selection did. At most `limit` bytes of a string are shown.
    pub fn new(
        output: Output,
        selection: impl Into<Selection>,
        settings: impl Into<Settings>,
    ) -> Self {
        BehaviourSink {
            output,
            wholes: Wholes::new(selection, settings),
            ledger: Ledger::new(),
            json: false,
        }
    }

    /// A sink that tells nothing, but asks the guest what this one and [`ReportSink`](super::ReportSink) ask beside what
    /// the text of calls needs: for a trace that is to be kept.
    pub fn asks(selection: impl Into<Selection>) -> Self {
        BehaviourSink {
            output: Output::nowhere(),
            wholes: Wholes::new(selection, 0).mute(),
            ledger: Ledger::new(),
            json: false,
        }
    }

    /// Writes one JSON object with all of it, in the place of a screen.
    pub fn with_json(mut self, json: bool) -> Self {
        self.json = json;
        self
    }
}

impl Sink for BehaviourSink {
    fn wants(&self, call: Option<&'static CallInfo>) -> bool {
        self.wholes.wants(call)
    }

    fn event(&mut self, event: &Event<'_>, view: &mut View<'_>) -> io::Result<()> {
        self.ledger.before(event, view);
        self.wholes
            .event(event, view, |step, view| self.ledger.step(&step, view));
        self.ledger.behind(event);
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        let told = self.ledger.told();
        if told.profile.is_empty() {
            // No program was started, so there is nothing to be told.
            return self.output.finish();
        }
        let text = match self.json {
            true => serde_json::to_string_pretty(&told)? + "\n",
            false => screen::screen(&told),
        };
        self.output.line(text.as_bytes())?;
        self.output.finish()
    }
}
