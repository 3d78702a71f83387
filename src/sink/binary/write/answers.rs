//! What was answered to those who asked.

use std::rc::Rc;

use emu_prototypes::MAX_ARGS;

use super::{ANSWERS, Writer};
use crate::event::Event;
use crate::sink::binary::answer;
use crate::sink::binary::wire::{put, put_bytes, put_signed, put_step};
use crate::view::{Frame, Opened, Place};

impl Writer {
    pub(super) fn answers(&mut self, event: &Event<'_>) {
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
    pub(super) fn maybe(&mut self, string: Option<&[u8]>) {
        self.record.push(u8::from(string.is_some()));
        if let Some(string) = string {
            self.string(string);
        }
    }

    pub(super) fn place(&mut self, place: Option<&Place>) {
        self.maybe(place.map(|place| &place.module[..]));
        if let Some(place) = place {
            put(&mut self.record, place.offset);
            put_step(&mut self.record, place.in_file, place.offset);
        }
    }

    pub(super) fn opened(&mut self, opened: Option<&Opened>) {
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

    pub(super) fn frame(&mut self, frame: &Frame) {
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
}
