//! Tasks: what runs.

use std::cell::RefCell;
use std::rc::Rc;

use emu_cpu::AddressSpace;
use emu_profiles::Profile;

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
    /// The call it is in.
    pub pending: Option<Box<CallEvent>>,
    /// What Linux knows of it.
    pub linux: LinuxTask,
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
