//! A trace for programs: JSON lines, one object an event. `schema.json` describes them.
//!
//! Numbers of 64 bits stand as text in hexadecimal, since JSON readers keep 53 bits only. Bytes that are UTF-8 stand as
//! `string`, others as `hex`, two digits a byte.

mod data;
mod fields;
mod signal;

use std::collections::BTreeMap;
use std::io;

use emu_prototypes::linux::id;
use emu_prototypes::{CallInfo, MAX_ARGS, Meaning};

use super::Sink;
use super::bundled::Told;
use super::output::Output;
use super::selection::Selection;
use super::stack::Stack;
use crate::decode::settings::Settings;
use crate::decode::{self, Asked, Decoder, Phase, When, number};
use crate::event::{CallEvent, End, Event, ExitStatus};
use crate::kernel::task::Tid;
use crate::view::View;

use data::{Data, PATH_MAX};
use fields::{frames, hex_field};
pub(super) use fields::{key, number_field, string_value, text_field};

/// The version of the form of the lines. Within a version things are only added.
pub const VERSION: u32 = 1;

/// The JSON Schema of a line.
pub const SCHEMA: &str = include_str!("schema.json");

/// What was said of an argument when the call began.
#[derive(Default, Clone)]
struct Early {
    text: Vec<u8>,
    data: Data,
}

/// A call whose end has not come yet.
struct Pending {
    id: u64,
    early: Vec<Option<Early>>,
    /// The line of its begin, when only its end says whether it is shown.
    line: Option<Vec<u8>>,
}

/// Writes JSON lines.
pub struct JsonSink {
    output: Output,
    selection: Selection,
    decoder: Decoder,
    limit: usize,
    line: Vec<u8>,
    pending: BTreeMap<Tid, Pending>,
    next: u64,
    stack: Stack,
}

impl JsonSink {
    /// A sink for what is selected, whose texts are as `settings` say: a number is the most bytes of a buffer. When only the
    /// end of a call says whether it is shown, its begin is told then, too.
    pub fn new(
        output: Output,
        selection: impl Into<Selection>,
        settings: impl Into<Settings>,
    ) -> Self {
        let settings = settings.into();
        JsonSink {
            output,
            selection: selection.into(),
            limit: settings.limit,
            decoder: Decoder::new(settings),
            line: Vec::new(),
            pending: BTreeMap::new(),
            next: 1,
            stack: Stack::None,
        }
    }

    /// Tells at the end of each call which functions led to it.
    pub fn with_stack(mut self, stack: Stack) -> Self {
        self.stack = stack;
        self
    }

    fn begin(&mut self, event: &str) {
        self.line.clear();
        self.line.extend_from_slice(b"{\"version\":");
        number::decimal(&mut self.line, u64::from(VERSION));
        text_field(&mut self.line, "event", event.as_bytes());
    }

    fn end(&mut self) -> io::Result<()> {
        self.line.extend_from_slice(b"}\n");
        self.output.line(&self.line)
    }

    fn task(&mut self, task: Tid) {
        key(&mut self.line, "task");
        number::signed(&mut self.line, i64::from(task));
    }

    /// A place in the program, and in which file that is.
    fn place(&mut self, pc: u64, view: &mut View<'_>) {
        hex_field(&mut self.line, "pc", pc);
        if let Some(place) = view.guest.place(pc) {
            text_field(&mut self.line, "module", &place.module);
            hex_field(&mut self.line, "offset", place.offset);
        }
    }

    fn call(&mut self, call: &CallEvent, id: u64, time: u64, view: &mut View<'_>) {
        let line = &mut self.line;
        key(line, "id");
        number::decimal(line, id);
        key(line, "task");
        number::signed(line, i64::from(call.task));
        key(line, "time");
        number::decimal(line, time);
        text_field(line, "profile", call.profile.name.as_bytes());
        text_field(line, "entry", call.entry.name.as_bytes());
        key(line, "number");
        number::decimal(line, u64::from(call.number));
        if let Some(row) = call.row {
            text_field(line, "name", row.name.as_bytes());
        } else if decode::nt::is(call) {
            let mut name = Vec::new();
            decode::unnamed(&mut name, call);
            text_field(line, "name", &name);
        }
        if let Some(info) = call.info {
            text_field(line, "call", info.name.as_bytes());
        }
        if let Some(outer) = call.through {
            key(line, "through");
            number::decimal(line, u64::from(outer));
        }
        self.place(call.pc, view);
        let line = &mut self.line;
        hex_field(line, "return_address", call.return_address);
        hex_field(line, "sp", call.sp);
        if let Some(count) = call.instructions {
            key(line, "instructions");
            number::decimal(line, count);
        }
        if call.attempts > 1 {
            key(line, "attempts");
            number::decimal(line, u64::from(call.attempts));
        }
        if let Some(fault) = call.fault {
            key(line, "unreadable");
            line.extend_from_slice(b"{\"argument\":");
            number::decimal(line, u64::from(fault.index));
            hex_field(line, "address", fault.address);
            line.push(b'}');
        }
    }

    fn enter(&mut self, call: &CallEvent, view: &mut View<'_>) -> io::Result<()> {
        let id = self.next;
        self.next += 1;
        self.begin("enter");
        self.call(call, id, call.time, view);
        let mut pending = Pending {
            id,
            early: Vec::new(),
            line: None,
        };
        key(&mut self.line, "args");
        self.line.push(b'[');
        match self.decoder.asked(call, view.abi) {
            Some(asked) => {
                for (index, param) in asked.row.params.iter().enumerate() {
                    let readable = call
                        .fault
                        .is_none_or(|fault| index < usize::from(fault.index));
                    let when = crate::decode::when(&asked, param.field);
                    let early = (readable
                        && when != When::Exit
                        && !crate::decode::left_out(&asked, param.field))
                    .then(|| self.early(&asked, param.field, view));
                    self.argument(&asked, index, param.field, readable, early.as_ref());
                    pending.early.push(early);
                }
            }
            None => self.slots(call),
        }
        self.line.push(b']');
        let waits = self.selection.waits();
        if waits {
            self.line.extend_from_slice(b"}\n");
            pending.line = Some(self.line.clone());
        }
        self.pending.insert(call.task, pending);
        if waits { Ok(()) } else { self.end() }
    }

    fn exit(
        &mut self,
        call: &CallEvent,
        end: End,
        missing: bool,
        time: u64,
        view: &mut View<'_>,
    ) -> io::Result<()> {
        let pending = match end {
            // The caller's end is still to come.
            End::ChildReturn(_) => None,
            _ => self.pending.remove(&call.task),
        };
        let (id, early) = match pending {
            None => (0, Vec::new()),
            Some(Pending { id, early, line }) => {
                if let Some(line) = line {
                    self.output.line(&line)?;
                }
                (id, early)
            }
        };
        self.begin("exit");
        self.call(call, id, time, view);
        let value = decode::success(call, end);
        key(&mut self.line, "args");
        self.line.push(b'[');
        match self.decoder.asked(call, view.abi) {
            Some(asked) => {
                for (index, param) in asked.row.params.iter().enumerate() {
                    let readable = call
                        .fault
                        .is_none_or(|fault| index < usize::from(fault.index));
                    let when = crate::decode::when(&asked, param.field);
                    let early = early.get(index).cloned().flatten();
                    let out = when != When::Enter && !crate::decode::left_out(&asked, param.field);
                    let told = match early {
                        Some(early) if !out => Some(early),
                        before if readable && out => {
                            Some(self.late(&asked, param.field, value, before, view))
                        }
                        _ => None,
                    };
                    self.argument(&asked, index, param.field, readable, told.as_ref());
                }
            }
            None => self.slots(call),
        }
        self.line.push(b']');
        let how: &str = match end {
            End::Returned(_) => "returned",
            End::NeverReturns => "never_returns",
            End::Restarted(_) => "restarted",
            End::ChildReturn(_) => "child_return",
            End::Killed => "killed",
        };
        text_field(&mut self.line, "end", how.as_bytes());
        self.result(call, end, view);
        let told = [
            ("missing", missing),
            ("injected", call.tampered.result),
            ("injected_args", call.tampered.args),
            ("delayed", call.tampered.delayed),
        ];
        for (name, _) in told.iter().filter(|(_, told)| *told) {
            key(&mut self.line, name);
            self.line.extend_from_slice(b"true");
        }
        if self.stack != Stack::None && !matches!(end, End::ChildReturn(_)) {
            frames(&mut self.line, &view.guest.stack(), self.stack);
        }
        self.end()
    }

    fn result(&mut self, call: &CallEvent, end: End, view: &mut View<'_>) {
        let model = call.entry.abi.model;
        match end {
            End::Returned(Ok(value)) | End::ChildReturn(value) => {
                hex_field(&mut self.line, "result", value);
                let mut text = Vec::new();
                match self.decoder.asked(call, view.abi) {
                    Some(asked) if !matches!(end, End::ChildReturn(_)) => self
                        .decoder
                        .printer(&mut text, view.guest, view.abi, model)
                        .success(&asked, value),
                    None if decode::nt::is(call) => decode::nt::status(&mut text, value),
                    _ => number::signed(&mut text, value as i64),
                }
                text_field(&mut self.line, "text", &text);
                if let Some(second) = call.second {
                    hex_field(&mut self.line, "second", second);
                }
            }
            End::Returned(Err(errno)) | End::Restarted(errno) => {
                text_field(&mut self.line, "errno", errno.name().as_bytes());
                key(&mut self.line, "errno_number");
                number::decimal(&mut self.line, u64::from(errno.number(view.abi)));
                let mut text = Vec::new();
                self.decoder
                    .printer(&mut text, view.guest, view.abi, model)
                    .error(errno);
                text_field(&mut self.line, "text", &text);
            }
            End::NeverReturns | End::Killed => {}
        }
    }

    /// The slots of a number without a call.
    fn slots(&mut self, call: &CallEvent) {
        for index in 0..6.min(MAX_ARGS) {
            if index > 0 {
                self.line.push(b',');
            }
            self.line.extend_from_slice(b"{\"raw\":\"");
            number::hex0(&mut self.line, call.args[index]);
            self.line.extend_from_slice(b"\"}");
        }
    }

    fn early(&mut self, asked: &Asked<'_>, field: u8, view: &mut View<'_>) -> Early {
        let mut early = Early::default();
        self.decoder
            .printer(&mut early.text, view.guest, view.abi, asked.model)
            .argument(asked, field, Phase::Enter);
        let address = asked.args[usize::from(field)];
        match asked
            .info
            .params
            .get(usize::from(field))
            .map(|param| param.meaning)
        {
            Some(Meaning::Path | Meaning::Str) => {
                early.data = data::string(view.guest, address);
            }
            Some(Meaning::In { len }) => {
                early.data = data::bytes(
                    view.guest,
                    address,
                    asked.args[usize::from(len)],
                    self.limit,
                );
            }
            _ => {}
        }
        early
    }

    fn late(
        &mut self,
        asked: &Asked<'_>,
        field: u8,
        value: Option<u64>,
        before: Option<Early>,
        view: &mut View<'_>,
    ) -> Early {
        let mut late = Early::default();
        let mut printer = self
            .decoder
            .printer(&mut late.text, view.guest, view.abi, asked.model);
        match before {
            Some(before) => printer.changed(asked, field, Phase::Exit(value), &before.text),
            None => printer.argument(asked, field, Phase::Exit(value)),
        }
        let address = asked.args[usize::from(field)];
        let meaning = asked
            .info
            .params
            .get(usize::from(field))
            .map(|param| param.meaning);
        if let (Some(done), Some(Meaning::Out { len } | Meaning::OutStr { len })) = (value, meaning)
        {
            let room = asked.args[usize::from(len)];
            // The result of getcwd counts the NUL.
            let done = if asked.info.id == id::GETCWD {
                done.saturating_sub(1)
            } else {
                done
            };
            let limit = match meaning {
                Some(Meaning::OutStr { .. }) => PATH_MAX,
                _ => self.limit,
            };
            late.data = data::bytes(view.guest, address, done.min(room), limit);
        }
        late
    }

    fn argument(
        &mut self,
        asked: &Asked<'_>,
        index: usize,
        field: u8,
        readable: bool,
        told: Option<&Early>,
    ) {
        let line = &mut self.line;
        if index > 0 {
            line.push(b',');
        }
        line.extend_from_slice(b"{\"name\":");
        let param = asked.info.params.get(usize::from(field));
        string_value(line, param.map_or("?", |param| param.name).as_bytes());
        text_field(
            line,
            "type",
            param.map_or("?", |param| param.ctype).as_bytes(),
        );
        if !readable {
            key(line, "unreadable");
            line.extend_from_slice(b"true}");
            return;
        }
        hex_field(line, "raw", asked.args[usize::from(field)]);
        if let Some(told) = told {
            text_field(line, "text", &told.text);
            if told.data.known {
                match std::str::from_utf8(&told.data.bytes) {
                    Ok(text) => text_field(line, "string", text.as_bytes()),
                    Err(_) => {
                        key(line, "hex");
                        line.push(b'"');
                        for byte in &told.data.bytes {
                            for nibble in [byte >> 4, byte & 15] {
                                line.push(b"0123456789abcdef"[usize::from(nibble)]);
                            }
                        }
                        line.push(b'"');
                    }
                }
                if let Some(length) = told.data.length {
                    key(line, "length");
                    number::decimal(line, length);
                }
            }
        }
        line.push(b'}');
    }
}

impl Sink for JsonSink {
    fn wants(&self, call: Option<&'static CallInfo>) -> bool {
        self.selection.wants(call)
    }

    fn event(&mut self, event: &Event<'_>, view: &mut View<'_>) -> io::Result<()> {
        match event {
            Event::Born {
                task,
                process,
                parent,
            } => {
                self.begin("born");
                self.task(*task);
                number_field(&mut self.line, "process", i64::from(*process));
                if let Some(parent) = parent {
                    number_field(&mut self.line, "parent", i64::from(*parent));
                }
                self.end()
            }
            Event::Start {
                task,
                profile,
                path,
            } => {
                self.begin("start");
                self.task(*task);
                text_field(&mut self.line, "profile", profile.name.as_bytes());
                match std::str::from_utf8(path) {
                    Ok(path) => text_field(&mut self.line, "path", path.as_bytes()),
                    Err(_) => {
                        let path = String::from_utf8_lossy(path);
                        text_field(&mut self.line, "path", path.as_bytes());
                    }
                }
                self.end()
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
                Told::AsIs => self.exit(call, *end, *missing, *time, view),
                Told::As(inner) => self.exit(&inner, *end, *missing, *time, view),
                Told::Not => {
                    if !matches!(end, End::ChildReturn(_)) {
                        self.pending.remove(&call.task);
                    }
                    Ok(())
                }
            },
            Event::Signal { info, .. } if !self.selection.has_signal(info.name, view.abi) => Ok(()),
            Event::Signal { task, info, pc } => self.signal(*task, info, *pc, view),
            Event::Exception { task, record } => {
                self.begin("exception");
                self.task(*task);
                hex_field(&mut self.line, "code", u64::from(record.code.0));
                if let Some(name) = record.code.name() {
                    text_field(&mut self.line, "name", name.as_bytes());
                }
                let mut words = Vec::new();
                decode::nt::exception(&mut words, record);
                text_field(&mut self.line, "text", &words);
                self.place(record.address, view);
                self.end()
            }
            Event::Stopped { signal, .. } if !self.selection.has_signal(signal, view.abi) => Ok(()),
            Event::Stopped { task, signal } => {
                self.begin("stop");
                self.task(*task);
                text_field(&mut self.line, "signal", signal.as_bytes());
                self.end()
            }
            Event::TaskEnd { task, status } => {
                self.pending.remove(task);
                self.begin("end");
                self.task(*task);
                match status {
                    ExitStatus::Exited(status) => {
                        key(&mut self.line, "exited");
                        number::decimal(&mut self.line, u64::from(*status));
                    }
                    ExitStatus::Status(status) => {
                        key(&mut self.line, "exited");
                        number::decimal(&mut self.line, u64::from(*status));
                    }
                    ExitStatus::Signaled { name, .. } => {
                        text_field(&mut self.line, "killed_by", name.as_bytes());
                    }
                    ExitStatus::Stopped => {
                        key(&mut self.line, "stopped");
                        self.line.extend_from_slice(b"true");
                    }
                }
                self.end()
            }
            Event::Note { text } => {
                self.begin("note");
                text_field(&mut self.line, "text", text.as_bytes());
                self.end()
            }
        }
    }

    fn is_over(&self) -> bool {
        self.selection.is_over()
    }

    fn finish(&mut self) -> io::Result<()> {
        self.output.finish()
    }
}
