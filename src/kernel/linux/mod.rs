//! Linux: one file per section of the prototypes, each one `impl` of that section's service trait.

mod file;
pub mod files;
mod identity;
mod io;
pub mod ipc;
mod memory;
mod net;
mod poll;
pub mod process;
pub mod procfs;
pub mod ptrace;
mod reach;
pub mod seccomp;
pub mod signal;
pub mod signals;
mod start;
#[cfg(test)]
mod storm;
mod sync;
pub(super) mod system;
pub mod terminal;
mod time;
mod timers;
#[cfg(test)]
mod trial;

use std::cell::{RefCell, RefMut};
use std::collections::BTreeSet;
use std::rc::Rc;

use emu_cpu::{Fault, GuestMemory};
use emu_prototypes::DataModel;

use files::Files;
use process::{Credentials, Process, Processes, Vfork};
use signals::{Handlers, SigSet};

use crate::kernel::Cx;
use crate::kernel::layout::Image;
use crate::kernel::task::Tid;
use crate::kernel::timer::Timers;
use crate::kernel::vfs::FsContext;
use crate::kernel::wait::{WaitQueue, Wake};

/// What Linux knows of a task.
pub struct LinuxTask {
    /// Its process, shared by its threads.
    pub process: Rc<RefCell<Process>>,
    /// Its descriptors (`CLONE_FILES` shares them).
    pub files: Rc<RefCell<Files>>,
    /// Root, working directory, umask (`CLONE_FS` shares them).
    pub fs: Rc<RefCell<FsContext>>,
    /// Signal handlers (`CLONE_SIGHAND` shares them).
    pub handlers: Rc<RefCell<Handlers>>,
    /// Blocked signals.
    pub mask: SigSet,
    /// The mask to restore when the current call is over (`sigsuspend`, `ppoll`).
    pub saved_mask: Option<SigSet>,
    /// Signals that it waits for in a call, though it blocks them (`sigtimedwait`).
    pub awaited: SigSet,
    /// Its process stopped while it waited in a call that does not go on after that.
    pub halts: bool,
    /// How far a call that waits in the middle has come.
    progress: io::Progress,
    /// Who waits for signals to come to it (`signalfd`). Who shares handlers shares this, too.
    pub signalled: Rc<WaitQueue>,
    /// Signals that were sent to it and wait for delivery.
    pub pending: signals::Queue,
    /// Signals that came and that it ignores: nobody hears of them but who watches.
    pub ignored: Vec<signals::Info>,
    /// What is known of its last exception.
    pub noted: signal::fault::Noted,
    /// Who it is.
    pub credentials: Credentials,
    /// Its name (`comm`), at most 15 bytes.
    pub name: Vec<u8>,
    /// Where to write 0 and wake at its end.
    pub clear_child_tid: u64,
    /// Its robust futex list and the list's size.
    pub robust_list: (u64, u64),
    /// CPU time it has used, in nanoseconds: in guest code and in calls. Its current turn comes on top of that.
    pub used: (u64, u64),
    /// Guest time at which the call that waits gives up, in nanoseconds since the start.
    pub deadline: Option<u64>,
    /// The alternative signal stack.
    pub altstack: signal::frame::AltStack,
    /// `PR_SET_PDEATHSIG`.
    pub parent_death_signal: u32,
    /// `PR_SET_TIMERSLACK`, in nanoseconds.
    pub timer_slack: u64,
    /// x86 descriptors of thread-local storage, as `set_thread_area` made them.
    pub descriptors: [u64; 3],
    /// The one who waits until this task has another program or is gone (`vfork`).
    pub vfork: Option<Rc<Vfork>>,
    /// The child that this task waits for in that way.
    pub vforked: Option<(Tid, Rc<Vfork>)>,
    /// Which calls it may still make.
    pub seccomp: seccomp::Seccomp,
    /// Who traces it, and how.
    pub traced: Option<Box<ptrace::Traced>>,
    /// What happens to semaphores when it is gone (`CLONE_SYSVSEM` shares it).
    pub undo: Option<Rc<ipc::UndoList>>,
}

/// What all Linux tasks share.
#[derive(Default)]
pub struct Linux {
    /// All processes.
    pub processes: Processes,
    /// Who waits for words in memory.
    pub futexes: sync::Futexes,
    /// Which terminal is whose.
    pub terminals: terminal::Terminals,
    /// What happens at points of guest time.
    pub timers: Timers<Alarm>,
    /// Processes whose CPU time has to be watched: the process, whose timer counts it, and which.
    pub cpu_watched: BTreeSet<(Tid, Tid, timers::Name)>,
    /// What processes share by keys and names.
    pub ipc: ipc::Ipc,
    /// Who waits for locks on files.
    lock_waits: io::LockWaits,
    /// Who traces whom.
    pub tracing: ptrace::Tracing,
    /// The most tasks there may be at once.
    pub max_tasks: Option<usize>,
}

/// What a timer does.
pub enum Alarm {
    /// Tells somebody.
    Wake(Rc<dyn Wake>),
    /// A timer of a process.
    Timer(Tid, timers::Name),
    /// A timer of Windows.
    Windows(std::rc::Weak<crate::kernel::nt::timer::Timer>),
    /// A mailslot of Windows, reads of which wait for so long only.
    Mailslot(std::rc::Weak<crate::kernel::nt::mailslot::Mailslot>),
}

impl Cx<'_> {
    /// The task's process. Not to be held over another call that wants it.
    pub(crate) fn process(&self) -> RefMut<'_, Process> {
        self.task.linux.process.borrow_mut()
    }

    /// Whether a capability is in effect.
    pub(crate) fn capable(&self, capability: u64) -> bool {
        u32::try_from(capability).is_ok_and(|bit| self.task.linux.credentials.capable(bit))
    }

    /// A structure of zeros, to be filled and stored.
    pub(crate) fn image(&self, size: u32) -> Image {
        Image::new(size, self.mem.endian())
    }

    /// A structure out of guest memory.
    pub(crate) fn load(&mut self, address: u64, size: u32) -> Result<Image, Fault> {
        Image::load(self.mem, address, size)
    }

    /// Size of `long` and of pointers in the call's ABI, which may be narrower than the CPU's.
    pub(crate) fn word(&self) -> u64 {
        match self.abi.model {
            DataModel::Ilp32 => 4,
            DataModel::Lp64 | DataModel::Llp64 => 8,
        }
    }

    /// Reads a pointer or `unsigned long` as the call's ABI has it.
    pub(crate) fn read_word(&mut self, address: u64) -> Result<u64, Fault> {
        let word = self.word();
        self.mem.read_word(address, word)
    }

    /// Writes a pointer or `unsigned long` as the call's ABI has it.
    pub(crate) fn write_word(&mut self, address: u64, value: u64) -> Result<(), Fault> {
        match self.word() {
            4 => self.mem.write_u32(address, value as u32),
            _ => self.mem.write_u64(address, value),
        }
    }
}
