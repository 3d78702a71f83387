//! The writer.

use std::collections::HashMap;
use std::io::{self, Write};
use std::rc::Rc;

use emu_cpu::{Endian, GuestMemory};
use emu_prototypes::{Args, CallInfo, MAX_ARGS};
use lz4_flex::frame::{BlockMode, BlockSize, FrameEncoder, FrameInfo};

use super::ask::Askers;
use super::keep::Kept;
use super::state::{Key, Site, State, World, abis};
use super::wire::{put, put_bytes, put_signed, put_step};
use super::{ANSWERS, Kind, MAGIC, MORE, TASK, WORLD, answer, end, has};
use crate::event::{CallEvent, End, Event, ExitStatus, Tampered};
use crate::kernel::linux::signals::{Extra, Info};
use crate::kernel::nt::exception::Record;
use crate::sink::{Output, Sink};
use crate::view::{Frame, Opened, Place, View};

/// Writes the binary form.
pub struct BinarySink {
    output: Output,
    askers: Askers,
    writer: Writer,
}

impl BinarySink {
    /// A sink that keeps what these other sinks would ask of the guest, for the calls that one of them wants. Where those
    /// write to should be [`Output::nowhere`]; `output` should be an [`Output::binary`].
    pub fn new(output: Output, askers: Vec<Box<dyn Sink>>) -> Self {
        BinarySink {
            output,
            askers: Askers::new(askers),
            writer: Writer::default(),
        }
    }
}

impl Sink for BinarySink {
    fn wants(&self, call: Option<&'static CallInfo>) -> bool {
        self.askers.wants(call)
    }

    fn event(&mut self, event: &Event<'_>, view: &mut View<'_>) -> io::Result<()> {
        self.askers.ask(event, view, &mut self.writer.kept)?;
        self.writer.event(event, view);
        self.output.line(&self.writer.record)
    }

    fn is_over(&self) -> bool {
        self.askers.are_over()
    }

    fn finish(&mut self) -> io::Result<()> {
        self.output.finish()
    }
}

/// Packs what is written. The frame ends when it is dropped.
pub(in crate::sink) struct Packed(Option<FrameEncoder<Box<dyn Write + Send>>>);

impl Packed {
    pub(in crate::sink) fn new(mut to: Box<dyn Write + Send>) -> io::Result<Packed> {
        to.write_all(MAGIC)?;
        let info = FrameInfo::new()
            .block_size(BlockSize::Max256KB)
            .block_mode(BlockMode::Linked);
        Ok(Packed(Some(FrameEncoder::with_frame_info(info, to))))
    }
}

impl Write for Packed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .as_mut()
            .map_or(Ok(bytes.len()), |to| to.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.as_mut().map_or(Ok(()), |to| {
            to.flush()?;
            to.get_mut().flush()
        })
    }
}

impl Drop for Packed {
    fn drop(&mut self) {
        if let Some(to) = self.0.take() {
            // Whoever could be told is gone; what was written before can be read.
            let _ = to.finish();
        }
    }
}

/// Makes records.
#[derive(Default)]
struct Writer {
    state: State,
    numbers: HashMap<Rc<[u8]>, u64>,
    sites: HashMap<Key, u64>,
    /// Answers to the event's questions.
    kept: Kept,
    record: Vec<u8>,
}

impl Writer {
    fn event(&mut self, event: &Event<'_>, view: &View<'_>) {
        let (kind, task) = match event {
            Event::Born { task, .. } => (Kind::Born, *task),
            Event::Start { task, .. } => (Kind::Start, *task),
            Event::Enter(call) => (Kind::Enter, call.task),
            Event::Exit { call, .. } => (Kind::Exit, call.task),
            Event::Signal { task, .. } => (Kind::Signal, *task),
            Event::Exception { task, .. } => (Kind::Exception, *task),
            Event::Stopped { task, .. } => (Kind::Stopped, *task),
            Event::TaskEnd { task, .. } => (Kind::TaskEnd, *task),
            Event::Note { .. } => (Kind::Note, self.state.task),
        };
        self.record.clear();
        self.record.push(kind as u8);
        if task != self.state.task {
            self.record[0] |= TASK;
            put_signed(&mut self.record, task.into());
            self.state.task = task;
        }
        self.world(view);
        self.answers(event);
        match event {
            Event::Born {
                process, parent, ..
            } => {
                put_signed(&mut self.record, (*process).into());
                put_signed(&mut self.record, parent.unwrap_or(0).into());
            }
            Event::Start { profile, path, .. } => {
                self.string(profile.name.as_bytes());
                put_bytes(&mut self.record, path);
            }
            Event::Enter(call) => {
                self.call(call, view);
                self.state.task(task).call = Some((*call).clone());
            }
            Event::Exit {
                call,
                end,
                missing,
                time,
            } => self.exit(call, *end, (*missing, *time), view),
            Event::Signal { info, pc, .. } => self.signal(info, *pc),
            Event::Exception { record, .. } => self.exception(record),
            Event::Stopped { signal, .. } => self.string(signal.as_bytes()),
            Event::TaskEnd { status, .. } => {
                self.status(*status);
                self.state.tasks.remove(&task);
            }
            Event::Note { text } => put_bytes(&mut self.record, text.as_bytes()),
        }
    }

    /// What is true of many events, and when this one is.
    fn world(&mut self, view: &View<'_>) {
        let now = view.now;
        let guest: &dyn GuestMemory = &*view.guest;
        let world = World {
            abi: abis()
                .position(|abi| std::ptr::eq(abi, view.abi))
                .unwrap_or(0),
            big_endian: guest.endian() == Endian::Big,
            pointer: guest.pointer_width(),
            counted: now.instructions.is_some(),
        };
        if self.state.world != Some(world) {
            self.record[0] |= WORLD;
            put(&mut self.record, world.abi as u64);
            let bits = u64::from(world.big_endian) | u64::from(world.counted) << 1;
            put(&mut self.record, bits | world.pointer << 2);
            if self.state.world.is_none() {
                put(&mut self.record, now.epoch);
            }
            self.state.world = Some(world);
        }
        put_step(&mut self.record, now.time, self.state.time);
        self.state.time = now.time;
        if let Some(count) = now.instructions {
            put_step(&mut self.record, count, self.state.instructions);
            self.state.instructions = count;
        }
    }

    /// A string by its number, and itself when it is new.
    fn string(&mut self, string: &[u8]) {
        if let Some(number) = self.numbers.get(string) {
            put(&mut self.record, *number);
            return;
        }
        put(&mut self.record, self.state.strings.len() as u64);
        put_bytes(&mut self.record, string);
        let string: Rc<[u8]> = string.into();
        if self.state.strings.add(string.clone()) {
            self.numbers.clear();
        }
        let number = self.state.strings.len() as u64 - 1;
        self.numbers.insert(string, number);
    }

    fn answers(&mut self, event: &Event<'_>) {
        let count_at = self.record.len();
        let mut count = 0u64;
        let mut kept = std::mem::take(&mut self.kept);
        let none = [0; MAX_ARGS];
        let args = match event {
            Event::Enter(call) | Event::Exit { call, .. } => &call.args,
            _ => &none,
        };
        let mut last = 0u64;
        for piece in &kept.pieces {
            // A pointer that is zero is none.
            let argument = args
                .iter()
                .position(|arg| *arg == piece.address && piece.address != 0);
            let argument = argument.map_or(0, |at| at as u8 + 1);
            self.record.push(answer::MEMORY | argument << 3);
            if argument == 0 {
                put_step(&mut self.record, piece.address, last);
            }
            last = piece.address.wrapping_add(piece.len as u64);
            put_bytes(
                &mut self.record,
                &kept.bytes[piece.start..piece.start + piece.len],
            );
            count += 1;
        }
        let task = self.state.task;
        for (fd, path) in std::mem::take(&mut kept.descriptors) {
            let path: Option<Rc<[u8]>> = path.map(Into::into);
            let known = &mut self.state.task(task).descriptors;
            if known.get(&fd) != Some(&path) {
                known.insert(fd, path.clone());
                self.record.push(answer::DESCRIPTOR);
                put_signed(&mut self.record, fd.into());
                self.maybe(path.as_deref());
                count += 1;
            }
        }
        for (fd, opened) in std::mem::take(&mut kept.opened) {
            let known = &mut self.state.task(task).opened;
            let known_before = known.get(&fd).cloned().flatten();
            if known_before != opened {
                known.insert(fd, opened.clone());
                self.record.push(answer::OPENED);
                put_signed(&mut self.record, fd.into());
                self.opened(opened.as_ref());
                count += 1;
            }
        }
        for (handle, object) in std::mem::take(&mut kept.handles) {
            let object: Option<Rc<[u8]>> = object.map(Into::into);
            let known = &mut self.state.task(task).handles;
            if known.get(&handle) != Some(&object) {
                known.insert(handle, object.clone());
                self.record.push(answer::HANDLE);
                put(&mut self.record, handle);
                self.maybe(object.as_deref());
                count += 1;
            }
        }
        if let Some(directory) = kept.directory.take() {
            let directory: Option<Rc<[u8]>> = directory.map(Into::into);
            let known = &mut self.state.task(task).directory;
            if known.as_ref() != Some(&directory) {
                *known = Some(directory.clone());
                self.record.push(answer::DIRECTORY);
                self.maybe(directory.as_deref());
                count += 1;
            }
        }
        for (address, place) in std::mem::take(&mut kept.places) {
            let known = self.state.task(task);
            if known.places.get(&address) != Some(&place) {
                known.know_place(address, place.clone());
                self.record.push(answer::PLACE);
                put(&mut self.record, address);
                self.place(place.as_ref());
                count += 1;
            }
        }
        if let Some(stack) = kept.stack.take() {
            self.record.push(answer::STACK);
            put(&mut self.record, stack.len() as u64);
            for frame in &stack {
                self.frame(frame);
            }
            count += 1;
        }
        self.kept = kept;
        if count > 0 {
            self.record[0] |= ANSWERS;
            let mut number = Vec::new();
            put(&mut number, count);
            self.record.splice(count_at..count_at, number);
        }
    }

    /// A string, or none.
    fn maybe(&mut self, string: Option<&[u8]>) {
        self.record.push(u8::from(string.is_some()));
        if let Some(string) = string {
            self.string(string);
        }
    }

    fn place(&mut self, place: Option<&Place>) {
        self.maybe(place.map(|place| &place.module[..]));
        if let Some(place) = place {
            put(&mut self.record, place.offset);
            put_step(&mut self.record, place.in_file, place.offset);
        }
    }

    fn opened(&mut self, opened: Option<&Opened>) {
        match opened {
            None => self.record.push(0),
            Some(Opened::Other) => self.record.push(1),
            Some(Opened::Character { major, minor }) => {
                self.record.push(2);
                put(&mut self.record, (*major).into());
                put(&mut self.record, (*minor).into());
            }
            Some(Opened::Block { major, minor }) => {
                self.record.push(3);
                put(&mut self.record, (*major).into());
                put(&mut self.record, (*minor).into());
            }
            Some(Opened::Process(pid)) => {
                self.record.push(4);
                put_signed(&mut self.record, (*pid).into());
            }
            Some(Opened::Socket(socket)) => {
                self.record.push(5);
                self.string(socket.protocol.as_bytes());
                put(&mut self.record, socket.number.into());
                put(&mut self.record, socket.inode);
                self.maybe(socket.local.as_deref().map(str::as_bytes));
                self.maybe(socket.remote.as_deref().map(str::as_bytes));
                self.string(&socket.name);
            }
        }
    }

    fn frame(&mut self, frame: &Frame) {
        put(&mut self.record, frame.address);
        self.record.push(u8::from(frame.certain));
        self.place(frame.place.as_ref());
        let function = frame.function.as_ref();
        self.maybe(function.map(|(name, _)| name.as_bytes()));
        if let Some((_, offset)) = function {
            put(&mut self.record, *offset);
        }
        let line = frame.line.as_ref();
        self.maybe(line.map(|(file, _)| file.as_bytes()));
        if let Some((_, line)) = line {
            put(&mut self.record, (*line).into());
        }
    }

    /// A call, as it began.
    fn call(&mut self, call: &CallEvent, view: &View<'_>) {
        let site = Site::of(call);
        let number = match self.sites.get(&site.key()) {
            Some(number) => {
                put(&mut self.record, *number);
                *number
            }
            None => {
                put(&mut self.record, self.state.sites.len() as u64);
                self.site(&site);
                if self.state.add_site(site) {
                    self.sites.clear();
                }
                let number = self.state.sites.len() as u64 - 1;
                self.sites.insert(site.key(), number);
                number
            }
        };
        let count = site.arguments();
        let time = call.time != view.now.time;
        let instructions = call.instructions != view.now.instructions;
        let more = call.args[count..].iter().any(|arg| *arg != 0);
        let bit = |is: bool, bit: u64| if is { bit } else { 0 };
        let bits = bit(time, has::TIME)
            | bit(call.attempts != 1, has::ATTEMPTS)
            | bit(call.fault.is_some(), has::FAULT)
            | bit(call.inside.is_some(), has::INSIDE)
            | bit(more, has::ALL_ARGS)
            | bit(instructions, has::INSTRUCTIONS)
            | bit(call.tampered != Tampered::default(), has::TAMPERED);
        put(&mut self.record, bits);
        let known = &mut self.state.sites[number as usize].1;
        let count = if more { MAX_ARGS } else { count };
        for (arg, before) in call.args.iter().zip(known.iter_mut()).take(count) {
            put_step(&mut self.record, *arg, *before);
            *before = *arg;
        }
        if time {
            put_step(&mut self.record, call.time, view.now.time);
        }
        if call.attempts != 1 {
            put(&mut self.record, call.attempts.into());
        }
        if let Some(fault) = call.fault {
            put(&mut self.record, fault.index.into());
            put(&mut self.record, fault.address);
            put(&mut self.record, fault.fails.into());
        }
        if instructions {
            put(
                &mut self.record,
                call.instructions.map_or(0, |count| count + 1),
            );
        }
        if call.tampered != Tampered::default() {
            let Tampered {
                result,
                args,
                delayed,
            } = call.tampered;
            put(
                &mut self.record,
                u64::from(result) | u64::from(args) << 1 | u64::from(delayed) << 2,
            );
        }
        if let Some(inside) = &call.inside {
            put(&mut self.record, inside.changed.into());
            let row = inside.call.row;
            self.string(row.map_or("", |row| row.name).as_bytes());
            put_args(&mut self.record, &inside.call.args);
        }
    }

    fn site(&mut self, site: &Site) {
        self.string(site.profile.name.as_bytes());
        let entries = site.profile.entries;
        let entry = entries
            .iter()
            .position(|entry| std::ptr::eq(entry, site.entry));
        put(&mut self.record, entry.unwrap_or(0) as u64);
        put(&mut self.record, site.number.into());
        put(
            &mut self.record,
            site.through.map_or(0, |outer| u64::from(outer) + 1),
        );
        // The reader finds the same row, or it knows other calls than we do.
        let row = site.entry.system.table().row(site.number);
        self.string(row.map_or("", |row| row.name).as_bytes());
        put(&mut self.record, site.pc);
        put_step(&mut self.record, site.return_address, site.pc);
        put(&mut self.record, site.sp);
    }

    fn exit(&mut self, call: &CallEvent, ended: End, rest: (bool, u64), view: &View<'_>) {
        let (missing, time) = rest;
        let known = match ended {
            // The call is that of another task, which is still in it.
            End::ChildReturn(_) => None,
            _ => self.state.task(call.task).call.take(),
        };
        if !known.is_some_and(|known| same(&known, call)) {
            self.record[0] |= MORE;
            self.call(call, view);
        }
        let how = match ended {
            End::Returned(Ok(_)) => end::VALUE,
            End::Returned(Err(_)) => end::ERROR,
            End::NeverReturns => end::NEVER,
            End::Restarted(_) => end::RESTARTED,
            End::ChildReturn(_) => end::CHILD,
            End::Killed => end::KILLED,
        };
        let bit = |is: bool, bit: u64| if is { bit } else { 0 };
        let late = time != view.now.time;
        put(
            &mut self.record,
            how | bit(missing, end::MISSING)
                | bit(call.second.is_some(), end::SECOND)
                | bit(late, end::TIME),
        );
        match ended {
            End::Returned(Ok(value)) | End::ChildReturn(value) => {
                put_signed(&mut self.record, value as i64);
            }
            End::Returned(Err(errno)) | End::Restarted(errno) => {
                self.string(errno.name().as_bytes());
            }
            End::NeverReturns | End::Killed => {}
        }
        if let Some(second) = call.second {
            put(&mut self.record, second);
        }
        if late {
            put_step(&mut self.record, time, view.now.time);
        }
    }

    fn signal(&mut self, info: &Info, pc: u64) {
        put(&mut self.record, info.signal.into());
        self.string(info.name.as_bytes());
        put_signed(&mut self.record, info.code.into());
        put(&mut self.record, pc);
        let (sender, raw) = (info.sender, info.raw);
        let extra = match info.extra {
            Extra::None => 0,
            Extra::Child { .. } => 1,
            Extra::Timer { .. } => 2,
            Extra::Poll { .. } => 3,
            Extra::Call { .. } => 4,
        };
        let bits = u64::from(info.address.is_some())
            | u64::from(sender.is_some()) << 1
            | u64::from(raw.is_some()) << 2
            | u64::from(info.pc.is_some()) << 3
            | extra << 4;
        put(&mut self.record, bits);
        put(&mut self.record, info.value);
        if let Some(address) = info.address {
            put(&mut self.record, address);
        }
        if let Some((pid, uid)) = sender {
            put_signed(&mut self.record, pid.into());
            put(&mut self.record, uid.into());
        }
        if let Some(raw) = raw {
            self.record.extend_from_slice(&raw);
        }
        if let Some(pc) = info.pc {
            put(&mut self.record, pc);
        }
        match info.extra {
            Extra::None => {}
            Extra::Child {
                status,
                user,
                system,
            } => {
                put_signed(&mut self.record, status.into());
                put(&mut self.record, user);
                put(&mut self.record, system);
            }
            Extra::Timer { id, overrun } => {
                put_signed(&mut self.record, id.into());
                put_signed(&mut self.record, overrun.into());
            }
            Extra::Poll { band, fd } => {
                put_signed(&mut self.record, band);
                put_signed(&mut self.record, fd.into());
            }
            Extra::Call {
                errno,
                address,
                number,
                arch,
            } => {
                put(&mut self.record, errno.into());
                put(&mut self.record, address);
                put(&mut self.record, number.into());
                put(&mut self.record, arch.into());
            }
        }
    }

    fn exception(&mut self, record: &Record) {
        put(&mut self.record, record.code.0.into());
        put(&mut self.record, record.address);
        put(&mut self.record, record.information.len() as u64);
        for value in &record.information {
            put(&mut self.record, *value);
        }
    }

    fn status(&mut self, status: ExitStatus) {
        match status {
            ExitStatus::Exited(status) => {
                self.record.push(0);
                self.record.push(status);
            }
            ExitStatus::Status(status) => {
                self.record.push(1);
                put(&mut self.record, status.into());
            }
            ExitStatus::Signaled { signal, name, core } => {
                self.record.push(2);
                self.record.push(signal);
                self.string(name.as_bytes());
                self.record.push(core.into());
            }
            ExitStatus::Stopped => self.record.push(3),
        }
    }
}

/// All arguments.
fn put_args(record: &mut Vec<u8>, args: &Args) {
    for arg in args {
        put_signed(record, *arg as i64);
    }
}

/// Whether a call is told at its end as it was at its begin.
fn same(known: &CallEvent, call: &CallEvent) -> bool {
    Site::of(known).key() == Site::of(call).key()
        && known.args == call.args
        && known.fault == call.fault
        && known.time == call.time
        && known.instructions == call.instructions
        && known.attempts == call.attempts
        && known.tampered == call.tampered
        && known.inside.is_some() == call.inside.is_some()
}
