//! Events as records.

mod answers;
mod call;
mod life;

use std::collections::HashMap;
use std::rc::Rc;

use emu_cpu::{Endian, GuestMemory};

use super::keep::Kept;
use super::state::{Key, State, World, abis};
use super::wire::{put, put_bytes, put_signed, put_step};
use super::{ANSWERS, Kind, MORE, TASK, WORLD};
use crate::event::Event;
use crate::view::View;

/// Makes records.
#[derive(Default)]
pub(super) struct Writer {
    pub(super) state: State,
    numbers: HashMap<Rc<[u8]>, u64>,
    sites: HashMap<Key, u64>,
    /// Answers to the event's questions.
    pub(super) kept: Kept,
    pub(super) record: Vec<u8>,
}

impl Writer {
    pub(super) fn event(&mut self, event: &Event<'_>, view: &View<'_>) {
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
                self.profile(profile);
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
    pub(super) fn string(&mut self, string: &[u8]) {
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
}
