//! Tasks: what runs.

use std::cell::RefCell;
use std::rc::Rc;

use emu_cpu::AddressSpace;
use emu_profiles::{Profile, Symbol};

use crate::event::CallEvent;
use crate::kernel::linux::LinuxTask;

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
    /// The call it is in, while it waits.
    pub pending: Option<Box<Pending>>,
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
}

/// A call that has not ended yet.
pub struct Pending {
    /// The call.
    pub event: CallEvent,
    /// Whether sinks and callbacks know of it.
    pub observed: bool,
}

/// Whether a task can run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// It can.
    Ready,
    /// It waits in its pending call.
    Waiting(Wait),
}

/// What a blocked task waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wait {
    /// A point of guest time, in nanoseconds since the start.
    Until(u64),
    /// Something an open file becomes (a pipe with data): asked again after every other task's progress.
    File,
    /// A signal only (`pause`).
    Signal,
    /// A futex word in memory: physical key.
    Futex(u64),
    /// A child's change of state.
    Child,
}
