//! Calls as wholes: what was asked and what came of it, in text, when a call has ended.

use std::collections::BTreeMap;

use emu_prototypes::CallInfo;

use super::bundled::Told;
use super::selection::Selection;
use super::summary::failed;
use super::{Settings, text, took};
use crate::decode::{self, Decoder, Line};
use crate::event::{CallEvent, End, Event};
use crate::kernel::linux::signals::Info;
use crate::kernel::task::Tid;
use crate::kernel::time::CALL;
use crate::view::View;

/// A call that has ended.
pub(super) struct Whole<'a> {
    pub(super) call: &'a CallEvent,
    pub(super) end: End,
    /// Whether nobody served it.
    pub(super) missing: bool,
    /// Whether it ended with an error.
    pub(super) failed: bool,
    /// When it began, in nanoseconds of the guest's time.
    pub(super) start: u64,
    /// How long it took, in nanoseconds.
    pub(super) took: u64,
    /// Its arguments, in text.
    pub(super) args: &'a [u8],
    /// Its result, in text.
    pub(super) result: &'a [u8],
}

/// What an event is to a call.
pub(super) enum Step<'a> {
    /// It begins.
    Begins(&'a CallEvent),
    /// It has ended.
    Ends(Whole<'a>),
}

/// Makes wholes of events.
pub(super) struct Wholes {
    pub(super) selection: Selection,
    decoder: Decoder,
    /// Arguments of calls that have not ended.
    pending: BTreeMap<Tid, Line>,
    /// Whether the text is left out.
    mute: bool,
    /// Lines that were used.
    spare: Vec<Line>,
    result: Vec<u8>,
}

impl Whole<'_> {
    /// Appends `name(args) = result`.
    pub(super) fn line(&self, out: &mut Vec<u8>) {
        text::name(out, self.call);
        out.push(b'(');
        out.extend_from_slice(self.args);
        out.extend_from_slice(b") = ");
        out.extend_from_slice(self.result);
    }
}

impl Wholes {
    /// Wholes of the calls of a selection, shown as `settings` say.
    pub(super) fn new(selection: impl Into<Selection>, settings: impl Into<Settings>) -> Self {
        Wholes {
            selection: selection.into(),
            decoder: Decoder::new(settings.into()),
            pending: BTreeMap::new(),
            mute: false,
            spare: Vec::new(),
            result: Vec::new(),
        }
    }

    /// Appends what is known of a signal.
    pub(super) fn signal(&mut self, out: &mut Vec<u8>, info: &Info, view: &mut View<'_>) {
        let model = view.abi.model;
        let mut printer = self.decoder.printer(out, view.guest, view.abi, model);
        printer.signal_info(info);
    }

    /// Leaves out the text.
    pub(super) fn mute(mut self) -> Self {
        self.mute = true;
        self
    }

    pub(super) fn wants(&self, call: Option<&'static CallInfo>) -> bool {
        self.selection.wants(call)
    }

    /// Takes an event. `tell` learns what it is to a call; a second return of one is nothing.
    pub(super) fn event<R>(
        &mut self,
        event: &Event<'_>,
        view: &mut View<'_>,
        tell: impl FnOnce(Step<'_>, &mut View<'_>) -> R,
    ) -> Option<R> {
        match event {
            Event::Enter(call) => {
                let told = self.selection.enter(call, view);
                let call: &CallEvent = match &told {
                    Told::AsIs => call,
                    Told::As(inner) => inner,
                    Told::Not => return None,
                };
                self.enter(call, view);
                Some(tell(Step::Begins(call), view))
            }
            Event::Exit {
                end: End::ChildReturn(_),
                ..
            } => None,
            Event::Exit {
                call,
                end,
                missing,
                time,
            } => {
                let told = self.selection.exit(call, *end);
                let call: &CallEvent = match &told {
                    Told::AsIs => call,
                    Told::As(inner) => inner,
                    Told::Not => return None,
                };
                let line = self.exit(call, *end, view);
                let whole = Whole {
                    call,
                    end: *end,
                    missing: *missing,
                    failed: failed(call, *end),
                    start: call.time.saturating_sub(CALL),
                    took: took(call, *time),
                    args: &line.text,
                    result: &self.result,
                };
                let told = tell(Step::Ends(whole), view);
                if !self.mute {
                    self.spare.push(line);
                }
                Some(told)
            }
            _ => None,
        }
    }

    fn enter(&mut self, call: &CallEvent, view: &mut View<'_>) {
        if self.mute {
            return;
        }
        let mut line = self.spare.pop().unwrap_or_default();
        line.clear();
        match (self.decoder.asked(call, view.abi), call.fault) {
            (Some(asked), None) => self.decoder.enter(&asked, view.guest, &mut line),
            (Some(asked), Some(fault)) => {
                let index = usize::from(fault.index);
                self.decoder
                    .unreadable(&asked, index, view.guest, &mut line);
            }
            (None, _) => text::slots(&mut line.text, call),
        }
        if let Some(old) = self.pending.insert(call.task, line) {
            self.spare.push(old);
        }
    }

    /// The rest of the arguments, and the result.
    fn exit(&mut self, call: &CallEvent, end: End, view: &mut View<'_>) -> Line {
        let mut line = self.pending.remove(&call.task).unwrap_or_default();
        self.result.clear();
        if self.mute {
            return line;
        }
        let asked = self.decoder.asked(call, view.abi);
        if let (Some(asked), None) = (asked, call.fault) {
            if end == End::Killed && line.is_short() {
                line.interrupt();
                line.text.extend_from_slice(b"...");
            } else {
                let value = decode::success(call, end);
                self.decoder.exit(&asked, value, view.guest, &mut line);
            }
        }
        text::result(
            &mut self.decoder,
            &mut self.result,
            asked,
            (call, end),
            view,
        );
        line
    }
}
