//! Tasks: what runs.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use emu_cpu::AddressSpace;
use emu_profiles::{Entry, Profile, Symbol};

use crate::event::{CallEvent, ExitStatus};
use crate::kernel::host::Stream;
use crate::kernel::linux::LinuxTask;
use crate::kernel::wait::{Interrupted, RunQueue, Wait, Wake, Waker};

/// A task's number, as the guest sees it.
pub type Tid = i32;

/// A thread of a guest.
pub struct Task {
    /// Its number.
    pub tid: Tid,
    /// How its program asks.
    pub profile: &'static Profile,
    /// Its memory, shared with the other threads of the process.
    pub space: Rc<RefCell<AddressSpace>>,
    /// Its registers while another task has the CPU.
    pub registers: Option<Box<dyn emu_cpu::Context>>,
    /// Whether it can run.
    pub state: State,
    /// How it is woken.
    pub waker: Rc<Waker>,
    /// The call it is in, while it waits.
    pub pending: Option<Box<Pending>>,
    /// What it does first: the return of the call that made it.
    pub birth: Option<Box<Birth>>,
    /// The call that a signal interrupted and that it is about to make again.
    pub restart: Option<Restart>,
    /// How it ends as soon as it would run: its process ended, or has another program.
    pub doom: Option<ExitStatus>,
    /// Addresses in the kernel pages of its address space.
    pub symbols: Rc<[(Symbol, u64)]>,
    /// What Linux knows of it.
    pub linux: LinuxTask,
}

impl Task {
    /// The address of a symbol of its kernel pages.
    pub fn symbol(&self, symbol: Symbol) -> Option<u64> {
        self.symbols
            .iter()
            .find(|(s, _)| *s == symbol)
            .map(|(_, address)| *address)
    }

    /// Whether its program is one of 32 bits on a 64-bit system of Windows.
    pub fn is_narrow(&self) -> bool {
        self.symbol(Symbol::ProcessBlock).is_some()
    }

    /// Whether it waits for something, and for what.
    pub fn waits(&self) -> Option<Wait> {
        match self.state {
            State::Waiting { wait, .. } => Some(wait),
            State::Ready | State::Stopped => None,
        }
    }
}

/// A call that has not ended yet.
pub struct Pending {
    /// The call.
    pub event: CallEvent,
    /// Whether sinks and callbacks know of it.
    pub observed: bool,
}

/// How a new task begins: with the second return of the call that made it.
pub struct Birth {
    /// The entry that call came by.
    pub entry: &'static Entry,
    /// That call, when sinks or callbacks know of it.
    pub told: Option<CallEvent>,
    /// Whether it has the result of that call. Who begins elsewhere keeps its registers.
    pub answers: bool,
    /// Its stack pointer, when it is not its parent's.
    pub stack: Option<u64>,
    /// Where its own number is written (`CLONE_CHILD_SETTID`), or 0.
    pub set_tid: u64,
    /// Its thread pointer, when it gets one of its own.
    pub tls: Option<u64>,
    /// The same where it is a descriptor of the CPU's: which, and what it is.
    pub descriptor: Option<(u8, u64)>,
}

/// A call that is going to be made again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Restart {
    /// Address of its trapping instruction.
    pub pc: u64,
    /// Its stack pointer.
    pub sp: u64,
    /// How often it has been made.
    pub attempts: u32,
}

/// Whether a task can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It can.
    Ready,
    /// It waits in its pending call.
    Waiting {
        /// For what.
        wait: Wait,
        /// What a signal does to that.
        interrupted: Interrupted,
    },
    /// Its process is stopped; a pending call goes on with it.
    Stopped,
}

/// All tasks but the one whose turn it is, and the order in which they run.
#[derive(Default)]
pub struct Tasks {
    /// Boxed, because the map moves what it holds around.
    all: BTreeMap<Tid, Box<Task>>,
    queue: RunQueue,
    sleepers: BTreeSet<(u64, Tid)>,
    /// Those who wait for input of the host.
    inputs: BTreeMap<Tid, Stream>,
    /// Those who wait for news of the host's network.
    network: BTreeSet<Tid>,
}

impl Tasks {
    /// Who can run, the longest-waiting first.
    pub fn run_queue(&self) -> &RunQueue {
        &self.queue
    }

    /// A task that has not got the CPU.
    pub fn get(&self, tid: Tid) -> Option<&Task> {
        self.all.get(&tid).map(Box::as_ref)
    }

    /// The same, to change it.
    pub fn get_mut(&mut self, tid: Tid) -> Option<&mut Task> {
        self.all.get_mut(&tid).map(Box::as_mut)
    }

    /// All that have not got the CPU, by number.
    pub fn iter(&self) -> impl Iterator<Item = &Task> {
        self.all.values().map(Box::as_ref)
    }

    /// The same, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Task> {
        self.all.values_mut().map(Box::as_mut)
    }

    /// How many have not got the CPU.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none but the one whose turn it is.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// A new task, which runs after all that can.
    pub fn add(&mut self, task: impl Into<Box<Task>>) {
        let task = task.into();
        self.queue.borrow_mut().push_back(task.tid);
        self.all.insert(task.tid, task);
    }

    /// Takes the task whose turn it is now.
    pub fn take(&mut self, tid: Tid) -> Option<Box<Task>> {
        let task = self.all.remove(&tid)?;
        if let Some(time) = task.waits().and_then(Wait::until) {
            self.sleepers.remove(&(time, tid));
        }
        self.inputs.remove(&tid);
        self.network.remove(&tid);
        Some(task)
    }

    /// Puts a task back whose turn is over: among those that run, or those that wait, as its state says.
    pub fn put(&mut self, task: Box<Task>) {
        match task.state {
            State::Ready => self.queue.borrow_mut().push_back(task.tid),
            State::Waiting { wait, .. } => {
                task.waker.arm();
                if let Some(time) = wait.until() {
                    self.sleepers.insert((time, task.tid));
                }
                if let Wait::Input(stream, _) | Wait::Network(Some(stream), _) = wait {
                    self.inputs.insert(task.tid, stream);
                }
                if let Wait::Network(..) = wait {
                    self.network.insert(task.tid);
                }
            }
            State::Stopped => task.waker.arm(),
        }
        self.all.insert(task.tid, task);
    }

    /// Forgets who can run, and gives all tasks, by number.
    pub fn drain(&mut self) -> impl Iterator<Item = Box<Task>> + use<> {
        self.queue.borrow_mut().clear();
        self.sleepers.clear();
        self.inputs.clear();
        self.network.clear();
        std::mem::take(&mut self.all).into_values()
    }

    /// A stream of the host that a task waits for.
    #[inline]
    pub fn input(&self) -> Option<Stream> {
        self.inputs.values().next().copied()
    }

    /// Wakes those who wait for input of a stream.
    pub fn wake_readers(&mut self, stream: Stream) {
        for (tid, _) in self.inputs.iter().filter(|(_, of)| **of == stream) {
            if let Some(task) = self.all.get(tid) {
                task.waker.wake();
            }
        }
        self.inputs.retain(|_, of| *of != stream);
    }

    /// Whether a task waits for news of the host's network.
    pub fn waits_for_network(&self) -> bool {
        !self.network.is_empty()
    }

    /// Wakes those who wait for news of the host's network.
    pub fn wake_network(&mut self) {
        for tid in std::mem::take(&mut self.network) {
            if let Some(task) = self.all.get(&tid) {
                task.waker.wake();
            }
        }
    }

    /// When the first sleeper wakes up.
    #[inline]
    pub fn next_wake(&self) -> Option<u64> {
        self.sleepers.first().map(|(time, _)| *time)
    }

    /// Wakes those whose time has come.
    pub fn wake_sleepers(&mut self, now: u64) {
        while let Some(&(time, tid)) = self.sleepers.first()
            && time <= now
        {
            self.sleepers.remove(&(time, tid));
            if let Some(task) = self.all.get(&tid) {
                task.waker.wake();
            }
        }
    }
}
