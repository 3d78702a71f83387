//! A trace to be read: one line a call, in strace's form.

mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use emu_prototypes::CallInfo;

use super::Sink;
use super::bundled::Told;
use super::dump::Dumps;
use super::leader::{Leader, Precision, Where};
use super::output::Output;
use super::paint::{Paint, Painted};
use super::selection::Selection;
use super::stack::{self, Stack};
use crate::decode::settings::Settings;
use crate::decode::{self, Decoder, Line, number};
use crate::event::{CallEvent, End, Event};
use crate::kernel::task::Tid;
use crate::view::{Now, View};

pub(super) use words::{ended, name, result, slots};
use words::{marks, tampered};

/// The column in which `=` stands.
const COLUMN: usize = 40;

/// Writes lines in strace's form.
///
/// What differs from strace: a line is written when the call has ended, so that it is not torn by the guest's own output;
/// ` <missing>` stands behind calls that nobody serves, ` <int 0x80>` behind calls that came by an entry with other
/// numbers than the usual one, ` <by syscall>` behind indirect calls, and `<unreadable>` in the place of an argument that
/// could not be read from the stack.
pub struct TextSink {
    output: Output,
    selection: Selection,
    decoder: Decoder,
    /// The line that is being made.
    line: Draft,
    /// Whose line it is.
    open: Option<Tid>,
    /// Lines of tasks whose calls are pending while other lines were written.
    unfinished: BTreeMap<Tid, Draft>,
    /// Tasks that live.
    tasks: BTreeSet<Tid>,
    /// How exactly lines tell how long calls took.
    durations: Option<Precision>,
    /// What stands in front of lines.
    leader: Leader,
    /// What follows them of who called whom.
    stack: Stack,
    /// Whose data is dumped below the lines.
    dumps: Dumps,
    /// Whether it has colours.
    coloured: bool,
    /// The task of the last event, so that the set is not asked each time.
    last: Option<Tid>,
}

/// A line that is being made.
#[derive(Default)]
struct Draft {
    line: Line,
    painted: Painted,
}

impl Draft {
    fn clear(&mut self) {
        self.line.clear();
        self.painted.clear();
    }
}

impl TextSink {
    /// A sink for what is selected, which shows calls as `settings` say: a number is the most bytes of a string.
    pub fn new(
        output: Output,
        selection: impl Into<Selection>,
        settings: impl Into<Settings>,
    ) -> Self {
        TextSink {
            output,
            selection: selection.into(),
            decoder: Decoder::new(settings.into()),
            line: Draft::default(),
            open: None,
            unfinished: BTreeMap::new(),
            tasks: BTreeSet::new(),
            last: None,
            durations: None,
            leader: Leader::default(),
            stack: Stack::None,
            dumps: Dumps::default(),
            coloured: false,
        }
    }

    /// Tells behind each call how long it took, in seconds of the guest's time: `<0.000012>`.
    pub fn with_durations(mut self, durations: Option<Precision>) -> Self {
        self.durations = durations;
        self
    }

    /// Tells times, numbers and the like in front of lines.
    pub fn with_leader(mut self, leader: Leader) -> Self {
        self.leader = leader;
        self
    }

    /// Tells names, errors, signals and ends apart by colours, for a terminal.
    pub fn with_colours(mut self, coloured: bool) -> Self {
        self.coloured = coloured;
        self
    }

    /// Tells behind each call and each signal which functions led to it.
    pub fn with_stack(mut self, stack: Stack) -> Self {
        self.stack = stack;
        self
    }

    /// Shows below the lines of calls what they transferred.
    pub fn with_dumps(mut self, dumps: Dumps) -> Self {
        self.dumps = dumps;
        self
    }

    /// Begins a line of a task; the line of a call that is pending is put aside.
    fn begin(&mut self, task: Tid, now: Now, place: Where) -> io::Result<()> {
        self.put_aside()?;
        if self.last != Some(task) {
            self.tasks.insert(task);
            self.last = Some(task);
        }
        self.line.clear();
        let text = &mut self.line.line.text;
        if self.tasks.len() > 1 {
            text.extend_from_slice(b"[pid ");
            let digits = task.unsigned_abs().checked_ilog10().unwrap_or(0) as usize + 1;
            text.extend_from_slice(&b"     "[digits.min(5)..]);
            number::signed(text, i64::from(task));
            text.extend_from_slice(b"] ");
        }
        self.leader.write(text, task, now, place);
        Ok(())
    }

    /// Begins a line of a call.
    fn begin_call(&mut self, call: &CallEvent, now: Now) -> io::Result<()> {
        // strace tells where the program goes on.
        let place = Where {
            pc: Some(call.return_address),
            model: call.entry.abi.model,
        };
        self.leader
            .calls(call.task, call.through.unwrap_or(call.number));
        self.begin(call.task, now, place)
    }

    fn put_aside(&mut self) -> io::Result<()> {
        let Some(task) = self.open.take() else {
            return Ok(());
        };
        if !self.selection.waits() {
            self.line.line.interrupt();
            self.line
                .line
                .text
                .extend_from_slice(b" <unfinished ...>\n");
            self.write()?;
            self.line.painted.clear();
        }
        self.unfinished.insert(task, std::mem::take(&mut self.line));
        Ok(())
    }

    fn end_line(&mut self) -> io::Result<()> {
        self.open = None;
        self.line.line.text.push(b'\n');
        self.write()
    }

    fn write(&mut self) -> io::Result<()> {
        let text = &self.line.line.text;
        match self.line.painted.apply(text) {
            Some(coloured) => self.output.line(&coloured),
            None => self.output.line(text),
        }
    }

    /// Gives a colour to the line from `start` on.
    fn paint(&mut self, start: usize, paint: Paint) {
        if self.coloured {
            self.line.painted.add(&self.line.line.text, start, paint);
        }
    }

    /// Appends the call's name.
    fn name(&mut self, call: &CallEvent) {
        let start = self.line.line.text.len();
        name(&mut self.line.line.text, call);
        self.paint(start, Paint::Name);
    }

    /// A call is not shown after all.
    fn forget(&mut self, task: Tid) {
        if self.open == Some(task) {
            self.open = None;
        }
        self.unfinished.remove(&task);
    }

    /// Tells, behind a line, who called whom.
    fn tell_stack(&mut self, view: &mut View<'_>) -> io::Result<()> {
        if self.stack == Stack::None {
            return Ok(());
        }
        let mut text = Vec::new();
        for frame in view.guest.stack() {
            stack::line(&mut text, &frame, self.stack == Stack::Source);
        }
        self.output.line(&text)
    }

    fn enter(&mut self, call: &CallEvent, view: &mut View<'_>) -> io::Result<()> {
        self.begin_call(call, view.now)?;
        self.name(call);
        let line = &mut self.line.line;
        line.text.push(b'(');
        match (self.decoder.asked(call, view.abi), call.fault) {
            (Some(asked), None) => self.decoder.enter(&asked, view.guest, line),
            (Some(asked), Some(fault)) => {
                let index = usize::from(fault.index);
                self.decoder.unreadable(&asked, index, view.guest, line);
            }
            (None, _) => slots(&mut line.text, call),
        }
        self.open = Some(call.task);
        Ok(())
    }

    fn exit(
        &mut self,
        call: &CallEvent,
        end: End,
        (missing, time): (bool, u64),
        view: &mut View<'_>,
    ) -> io::Result<()> {
        let child = matches!(end, End::ChildReturn(_));
        if child {
            self.begin_call(call, view.now)?;
            self.resumed(call);
        } else if self.open != Some(call.task) {
            self.resume(call, view.now)?;
        }
        let asked = self.decoder.asked(call, view.abi);
        let value = decode::success(call, end);
        let line = &mut self.line.line;
        if let (Some(asked), None, false) = (asked, call.fault, child) {
            if end == End::Killed && line.is_short() {
                line.interrupt();
                line.text.extend_from_slice(b" <unfinished ...>");
            } else {
                self.decoder.exit(&asked, value, view.guest, line);
            }
        }
        let text = &mut line.text;
        text.push(b')');
        let pad = COLUMN.saturating_sub(text.len()).max(1);
        text.resize(text.len() + pad, b' ');
        text.extend_from_slice(b"= ");
        let start = text.len();
        result(&mut self.decoder, text, asked, (call, end), view);
        if self.coloured
            && (crate::sink::summary::failed(call, end) || matches!(end, End::Restarted(_)))
        {
            self.paint(start, Paint::Error);
        }
        let text = &mut self.line.line.text;
        tampered(text, call, end);
        marks(text, call, missing);
        if let Some(precision) = self.durations {
            let took = crate::sink::took(call, time);
            let (seconds, fraction) = (took / 1_000_000_000, precision.fraction(took));
            text.extend_from_slice(format!(" <{seconds}{fraction}>").as_bytes());
        }
        self.end_line()?;
        if let (Some(asked), End::Returned(_)) = (asked, end) {
            self.dumps
                .write(&asked, value, view.guest, &mut self.output)?;
        }
        match end {
            // It has been told by the caller's.
            End::ChildReturn(_) => Ok(()),
            _ => self.tell_stack(view),
        }
    }

    /// `<... read resumed>`
    fn resumed(&mut self, call: &CallEvent) {
        self.line.line.text.extend_from_slice(b"<... ");
        self.name(call);
        self.line.line.text.extend_from_slice(b" resumed>");
    }

    /// Takes up the line of a call that other lines interrupted.
    fn resume(&mut self, call: &CallEvent, now: Now) -> io::Result<()> {
        let aside = self.unfinished.remove(&call.task);
        let aside = match aside {
            Some(line) if self.selection.waits() => {
                self.put_aside()?;
                self.line = line;
                return Ok(());
            }
            aside => aside,
        };
        let known = aside.is_some();
        self.begin_call(call, now)?;
        if let Some(mut aside) = aside {
            aside.line.text.clear();
            aside.line.text.append(&mut self.line.line.text);
            self.line = aside;
        }
        if known {
            self.resumed(call);
        } else {
            self.name(call);
            self.line.line.text.push(b'(');
        }
        Ok(())
    }

    /// A whole line.
    fn simple(
        &mut self,
        task: Tid,
        pc: Option<u64>,
        view: &View<'_>,
        paint: Paint,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> io::Result<()> {
        let model = view.abi.model;
        self.begin(task, view.now, Where { pc, model })?;
        let start = self.line.line.text.len();
        write(&mut self.line.line.text);
        self.paint(start, paint);
        self.end_line()
    }
}

impl Sink for TextSink {
    fn wants(&self, call: Option<&'static CallInfo>) -> bool {
        self.selection.wants(call)
    }

    fn event(&mut self, event: &Event<'_>, view: &mut View<'_>) -> io::Result<()> {
        match event {
            Event::Born { .. } => Ok(()),
            Event::Start { task, .. } => {
                self.tasks.insert(*task);
                self.last = Some(*task);
                Ok(())
            }
            Event::Enter(call) => match self.selection.enter(call, view) {
                Told::AsIs => self.enter(call, view),
                Told::As(inner) => self.enter(&inner, view),
                Told::Not => Ok(()),
            },
            Event::Exit {
                call,
                end,
                missing,
                time,
            } => match self.selection.exit(call, *end) {
                Told::AsIs => self.exit(call, *end, (*missing, *time), view),
                Told::As(inner) => self.exit(&inner, *end, (*missing, *time), view),
                Told::Not => {
                    self.forget(call.task);
                    Ok(())
                }
            },
            Event::Signal { task, info, pc } => {
                if !self.selection.has_signal(info.name, view.abi) {
                    return Ok(());
                }
                let model = view.abi.model;
                let mut text = Vec::new();
                self.decoder
                    .printer(&mut text, view.guest, view.abi, model)
                    .signal_line(info);
                self.simple(*task, Some(*pc), view, Paint::Signal, |out| {
                    out.extend(text)
                })?;
                self.tell_stack(view)
            }
            Event::Exception { task, record } => {
                self.simple(*task, Some(record.address), view, Paint::Signal, |out| {
                    decode::nt::exception(out, record)
                })
            }
            Event::Stopped { task, signal } => {
                if !self.selection.has_signal(signal, view.abi) {
                    return Ok(());
                }
                self.simple(*task, None, view, Paint::Signal, |out| {
                    out.extend_from_slice(b"--- stopped by ");
                    out.extend_from_slice(signal.as_bytes());
                    out.extend_from_slice(b" ---");
                })
            }
            Event::TaskEnd { task, status } => {
                self.simple(*task, None, view, Paint::End, |out| {
                    out.extend_from_slice(b"+++ ");
                    ended(out, status);
                    out.extend_from_slice(b" +++");
                })?;
                self.tasks.remove(task);
                self.unfinished.remove(task);
                self.leader.ended(*task);
                self.last = None;
                Ok(())
            }
            Event::Note { text } => {
                self.put_aside()?;
                self.line.clear();
                self.line.line.text.extend_from_slice(b"emu: ");
                self.line.line.text.extend_from_slice(text.as_bytes());
                self.paint(0, Paint::Note);
                self.end_line()
            }
        }
    }

    fn is_over(&self) -> bool {
        self.selection.is_over()
    }

    fn finish(&mut self) -> io::Result<()> {
        self.put_aside()?;
        self.output.finish()
    }
}
