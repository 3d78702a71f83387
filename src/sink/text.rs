//! A trace to be read: one line a call, in strace's form.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use emu_prototypes::linux::Errno;
use emu_prototypes::{CallInfo, MAX_ARGS};

use super::Sink;
use super::bundled::{Bundled, Told};
use super::dump::Dumps;
use super::filter::Filter;
use super::output::Output;
use super::status::Statuses;
use crate::decode::settings::Settings;
use crate::decode::{self, Decoder, Line, number};
use crate::event::{CallEvent, End, Event, ExitStatus};
use crate::kernel::task::Tid;
use crate::view::View;

/// The column in which `=` stands.
const COLUMN: usize = 40;
/// How many slots of a number without a call are shown.
const SLOTS: usize = 6;

/// Writes lines in strace's form.
///
/// What differs from strace: a line is written when the call has ended, so that it is not torn by the guest's own output;
/// ` <missing>` stands behind calls that nobody serves, ` <int 0x80>` behind calls that came by an entry with other
/// numbers than the usual one, ` <by syscall>` behind indirect calls, and `<unreadable>` in the place of an argument that
/// could not be read from the stack.
pub struct TextSink {
    output: Output,
    filter: Filter,
    decoder: Decoder,
    bundled: Bundled,
    /// The line that is being made.
    line: Line,
    /// Whose line it is.
    open: Option<Tid>,
    /// Lines of tasks whose calls are pending while other lines were written.
    unfinished: BTreeMap<Tid, Line>,
    /// Tasks that live.
    tasks: BTreeSet<Tid>,
    /// Which ends are shown.
    statuses: Statuses,
    /// Whether lines tell how long calls took.
    durations: bool,
    /// Whose data is dumped below the lines.
    dumps: Dumps,
    /// The task of the last event, so that the set is not asked each time.
    last: Option<Tid>,
}

impl TextSink {
    /// A sink for the calls of `filter`, which shows them as `settings` say: a number is the most bytes of a string.
    pub fn new(output: Output, filter: Filter, settings: impl Into<Settings>) -> Self {
        TextSink {
            output,
            filter,
            decoder: Decoder::new(settings.into()),
            bundled: Bundled::default(),
            line: Line::default(),
            open: None,
            unfinished: BTreeMap::new(),
            tasks: BTreeSet::new(),
            last: None,
            statuses: Statuses::all(),
            durations: false,
            dumps: Dumps::default(),
        }
    }

    /// Shows calls that end like that only. Those that other lines interrupt are then told in one line, when they have ended.
    pub fn with_statuses(mut self, statuses: Statuses) -> Self {
        self.statuses = statuses;
        self
    }

    /// Tells behind each call how long it took, in seconds of the guest's time: `<0.000012>`.
    pub fn with_durations(mut self, durations: bool) -> Self {
        self.durations = durations;
        self
    }

    /// Shows below the lines of calls what they transferred.
    pub fn with_dumps(mut self, dumps: Dumps) -> Self {
        self.dumps = dumps;
        self
    }

    /// Begins a line of a task; the line of a call that is pending is put aside.
    fn begin(&mut self, task: Tid) -> io::Result<()> {
        self.put_aside()?;
        if self.last != Some(task) {
            self.tasks.insert(task);
            self.last = Some(task);
        }
        self.line.clear();
        if self.tasks.len() > 1 {
            let text = &mut self.line.text;
            text.extend_from_slice(b"[pid ");
            let digits = task.unsigned_abs().checked_ilog10().unwrap_or(0) as usize + 1;
            text.extend_from_slice(&b"     "[digits.min(5)..]);
            number::signed(text, i64::from(task));
            text.extend_from_slice(b"] ");
        }
        Ok(())
    }

    fn put_aside(&mut self) -> io::Result<()> {
        let Some(task) = self.open.take() else {
            return Ok(());
        };
        if self.statuses.is_all() {
            self.line.interrupt();
            self.line.text.extend_from_slice(b" <unfinished ...>\n");
            self.output.line(&self.line.text)?;
        }
        self.unfinished.insert(task, std::mem::take(&mut self.line));
        Ok(())
    }

    fn end_line(&mut self) -> io::Result<()> {
        self.open = None;
        self.line.text.push(b'\n');
        self.output.line(&self.line.text)
    }

    fn enter(&mut self, call: &CallEvent, view: &mut View<'_>) -> io::Result<()> {
        self.begin(call.task)?;
        name(&mut self.line.text, call);
        self.line.text.push(b'(');
        match (self.decoder.asked(call, view.abi), call.fault) {
            (Some(asked), None) => self.decoder.enter(&asked, view.guest, &mut self.line),
            (Some(asked), Some(fault)) => {
                self.decoder.unreadable(
                    &asked,
                    usize::from(fault.index),
                    view.guest,
                    &mut self.line,
                );
            }
            (None, _) => slots(&mut self.line.text, call),
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
        if !self.statuses.has(call, end) {
            if let End::ChildReturn(_) = end {
                return Ok(());
            }
            if self.open == Some(call.task) {
                self.open = None;
            }
            self.unfinished.remove(&call.task);
            return Ok(());
        }
        if let End::ChildReturn(_) = end {
            self.begin(call.task)?;
            self.line.text.extend_from_slice(b"<... ");
            name(&mut self.line.text, call);
            self.line.text.extend_from_slice(b" resumed>");
        } else if self.open != Some(call.task) {
            self.resume(call)?;
        }
        let asked = self.decoder.asked(call, view.abi);
        let value = decode::success(call, end);
        if let (Some(asked), None, false) = (asked, call.fault, matches!(end, End::ChildReturn(_)))
        {
            if end == End::Killed && self.line.is_short() {
                self.line.interrupt();
                self.line.text.extend_from_slice(b" <unfinished ...>");
            } else {
                self.decoder.exit(&asked, value, view.guest, &mut self.line);
            }
        }
        self.line.text.push(b')');
        let pad = COLUMN.saturating_sub(self.line.text.len()).max(1);
        self.line.text.resize(self.line.text.len() + pad, b' ');
        self.line.text.extend_from_slice(b"= ");
        let model = call.entry.abi.model;
        let text = &mut self.line.text;
        match (end, asked) {
            (End::Returned(Ok(value)), Some(asked)) => {
                let mut printer = self.decoder.printer(text, view.guest, view.abi, model);
                printer.success(&asked, value);
            }
            (End::Returned(Ok(value)), None) if decode::nt::is(call) => {
                decode::nt::status(text, value)
            }
            (End::Returned(Ok(value)) | End::ChildReturn(value), _) => {
                number::signed(text, value as i64);
            }
            (End::Returned(Err(errno)), _) => {
                self.decoder
                    .printer(text, view.guest, view.abi, model)
                    .error(errno);
            }
            (End::Restarted(errno), _) => restarted(text, errno),
            (End::NeverReturns, _) => {
                text.push(if call.execs() { b'0' } else { b'?' });
            }
            (End::Killed, _) => text.push(b'?'),
        }
        if let (End::Returned(Ok(_)), Some(second)) = (end, call.second) {
            text.extend_from_slice(b" (second result ");
            number::signed(text, second as i64);
            text.push(b')');
        }
        marks(text, call, missing);
        if self.durations {
            let took = super::took(call, time) / 1000;
            let (seconds, micros) = (took / 1_000_000, took % 1_000_000);
            text.extend_from_slice(format!(" <{seconds}.{micros:06}>").as_bytes());
        }
        self.end_line()?;
        match (asked, end) {
            (Some(asked), End::Returned(_)) => {
                self.dumps
                    .write(&asked, value, view.guest, &mut self.output)
            }
            _ => Ok(()),
        }
    }

    /// Takes up the line of a call that other lines interrupted.
    fn resume(&mut self, call: &CallEvent) -> io::Result<()> {
        let aside = self.unfinished.remove(&call.task);
        let aside = match aside {
            Some(line) if !self.statuses.is_all() => {
                self.put_aside()?;
                self.line = line;
                return Ok(());
            }
            aside => aside,
        };
        let known = aside.is_some();
        self.begin(call.task)?;
        let mut line = aside.unwrap_or_default();
        line.text.clear();
        line.text.append(&mut self.line.text);
        if known {
            line.text.extend_from_slice(b"<... ");
            name(&mut line.text, call);
            line.text.extend_from_slice(b" resumed>");
        } else {
            name(&mut line.text, call);
            line.text.push(b'(');
        }
        self.line = line;
        Ok(())
    }

    fn simple(&mut self, task: Tid, write: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        self.begin(task)?;
        write(&mut self.line.text);
        self.end_line()
    }
}

/// The name of the call on its profile.
pub(super) fn name(out: &mut Vec<u8>, call: &CallEvent) {
    match call.row {
        Some(row) => out.extend_from_slice(row.name.as_bytes()),
        None => decode::unnamed(out, call),
    }
}

/// The slots of a number without a call.
fn slots(out: &mut Vec<u8>, call: &CallEvent) {
    for (index, value) in call.args.iter().enumerate().take(SLOTS.min(MAX_ARGS)) {
        if index > 0 {
            out.extend_from_slice(b", ");
        }
        number::hex(out, *value);
    }
}

/// `? ERESTARTSYS (To be restarted if SA_RESTART is set)`
fn restarted(out: &mut Vec<u8>, errno: Errno) {
    // [strace(1), ERRNO and signals]
    let words = match errno.name() {
        "ERESTARTSYS" => "To be restarted if SA_RESTART is set",
        "ERESTARTNOINTR" => "To be restarted",
        "ERESTARTNOHAND" => "To be restarted if no handler",
        "ERESTART_RESTARTBLOCK" => "Interrupted by signal",
        _ => errno.text(),
    };
    for part in ["? ", errno.name(), " (", words, ")"] {
        out.extend_from_slice(part.as_bytes());
    }
}

/// What is unusual about a call.
fn marks(out: &mut Vec<u8>, call: &CallEvent, missing: bool) {
    let mut mark = |parts: [&str; 3]| {
        for part in parts {
            out.extend_from_slice(part.as_bytes());
        }
    };
    if missing {
        mark([" <", "missing", ">"]);
    }
    let usual = call
        .profile
        .entries
        .first()
        .map(|entry| entry.system.table());
    if !usual.is_some_and(|table| std::ptr::eq(table, call.entry.system.table())) {
        mark([" <", call.entry.name, ">"]);
    }
    if let Some(outer) = call.through {
        let row = call.entry.system.table().row(outer);
        mark([" <by ", row.map_or("syscall", |row| row.name), ">"]);
    }
}

impl Sink for TextSink {
    fn wants(&self, call: Option<&'static CallInfo>) -> bool {
        Bundled::wants(&self.filter, call)
    }

    fn event(&mut self, event: &Event<'_>, view: &mut View<'_>) -> io::Result<()> {
        match event {
            Event::Born { .. } => Ok(()),
            Event::Start { task, .. } => {
                self.tasks.insert(*task);
                self.last = Some(*task);
                Ok(())
            }
            Event::Enter(call) => match self.bundled.enter(&self.filter, call, view) {
                Told::AsIs => self.enter(call, view),
                Told::As(inner) => self.enter(&inner, view),
                Told::Not => Ok(()),
            },
            Event::Exit {
                call,
                end,
                missing,
                time,
            } => match self.bundled.exit(&self.filter, call) {
                Told::AsIs => self.exit(call, *end, (*missing, *time), view),
                Told::As(inner) => self.exit(&inner, *end, (*missing, *time), view),
                Told::Not => Ok(()),
            },
            Event::Signal { task, info, .. } => {
                self.begin(*task)?;
                let model = view.abi.model;
                self.decoder
                    .printer(&mut self.line.text, view.guest, view.abi, model)
                    .signal_line(info);
                self.end_line()
            }
            Event::Exception { task, record } => {
                self.simple(*task, |out| decode::nt::exception(out, record))
            }
            Event::Stopped { task, signal } => self.simple(*task, |out| {
                out.extend_from_slice(b"--- stopped by ");
                out.extend_from_slice(signal.as_bytes());
                out.extend_from_slice(b" ---");
            }),
            Event::TaskEnd { task, status } => {
                self.simple(*task, |out| match status {
                    ExitStatus::Exited(status) => {
                        out.extend_from_slice(b"+++ exited with ");
                        number::decimal(out, u64::from(*status));
                        out.extend_from_slice(b" +++");
                    }
                    ExitStatus::Status(status) => {
                        out.extend_from_slice(b"+++ exited with ");
                        decode::nt::exit_status(out, *status);
                        out.extend_from_slice(b" +++");
                    }
                    ExitStatus::Signaled { name, core, .. } => {
                        out.extend_from_slice(b"+++ killed by ");
                        out.extend_from_slice(name.as_bytes());
                        if *core {
                            out.extend_from_slice(b" (core dumped)");
                        }
                        out.extend_from_slice(b" +++");
                    }
                    ExitStatus::Stopped => out.extend_from_slice(b"+++ stopped +++"),
                })?;
                self.tasks.remove(task);
                self.unfinished.remove(task);
                self.last = None;
                Ok(())
            }
            Event::Note { text } => {
                self.put_aside()?;
                self.line.clear();
                self.line.text.extend_from_slice(b"emu: ");
                self.line.text.extend_from_slice(text.as_bytes());
                self.end_line()
            }
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        self.put_aside()?;
        self.output.finish()
    }
}
