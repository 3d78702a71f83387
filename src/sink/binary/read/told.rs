//! An event that was read.

use emu_cpu::Endian;
use emu_profiles::Profile;
use emu_prototypes::CallInfo;
use emu_prototypes::linux::Abi;

use crate::event::{CallEvent, End, Event, ExitStatus};
use crate::kernel::linux::signals::Info;
use crate::kernel::nt::exception::Record;
use crate::kernel::task::Tid;
use crate::sink::binary::keep::{Kept, Past};
use crate::sink::binary::state::{State, World};
use crate::view::{Now, View};

/// An event that was read, and what may be looked at with it.
pub(crate) struct Told<'a> {
    pub(crate) event: Owned,
    pub(super) now: Now,
    pub(super) abi: &'static Abi,
    pub(super) world: World,
    pub(super) kept: &'a Kept,
    pub(super) state: &'a mut State,
}

/// An event that owns what it tells.
pub(crate) enum Owned {
    Born(Tid, Tid, Option<Tid>),
    Start(Tid, &'static Profile, Vec<u8>),
    Enter(Box<CallEvent>),
    Exit(Box<CallEvent>, End, bool, u64),
    Signal(Tid, Info, u64),
    Exception(Tid, Record),
    Stopped(Tid, &'static str),
    TaskEnd(Tid, ExitStatus),
    Note(String),
}

impl Told<'_> {
    /// What is known of the call, when the event is one of a call.
    pub(crate) fn call(&self) -> Option<Option<&'static CallInfo>> {
        match &self.event {
            Owned::Enter(call) | Owned::Exit(call, ..) => Some(call.info),
            _ => None,
        }
    }

    /// Tells it.
    pub(crate) fn tell<T>(&mut self, tell: impl FnOnce(&Event<'_>, &mut View<'_>) -> T) -> T {
        let task = self.state.task;
        let mut guest = Past {
            kept: self.kept,
            task: self.state.task(task),
            endian: match self.world.big_endian {
                true => Endian::Big,
                false => Endian::Little,
            },
            pointer: self.world.pointer,
        };
        let mut view = View {
            guest: &mut guest,
            abi: self.abi,
            now: self.now,
        };
        let event = match &self.event {
            Owned::Born(task, process, parent) => Event::Born {
                task: *task,
                process: *process,
                parent: *parent,
            },
            Owned::Start(task, profile, path) => Event::Start {
                task: *task,
                profile,
                path,
            },
            Owned::Enter(call) => Event::Enter(call),
            Owned::Exit(call, end, missing, time) => Event::Exit {
                call,
                end: *end,
                missing: *missing,
                time: *time,
            },
            Owned::Signal(task, info, pc) => Event::Signal {
                task: *task,
                info,
                pc: *pc,
            },
            Owned::Exception(task, record) => Event::Exception {
                task: *task,
                record,
            },
            Owned::Stopped(task, signal) => Event::Stopped {
                task: *task,
                signal,
            },
            Owned::TaskEnd(task, status) => Event::TaskEnd {
                task: *task,
                status: *status,
            },
            Owned::Note(text) => Event::Note { text },
        };
        tell(&event, &mut view)
    }
}

impl Drop for Told<'_> {
    /// What is known of a task is forgotten when its end has been told.
    fn drop(&mut self) {
        if let Owned::TaskEnd(task, _) = &self.event {
            self.state.tasks.remove(task);
        }
    }
}
