//! Linux: one file per section of the prototypes, each one `impl` of that section's service trait.

pub mod files;
pub mod process;
pub mod signals;

use std::cell::RefCell;
use std::rc::Rc;

use files::Files;
use process::{Credentials, Process};
use signals::{Handlers, SigSet};

use crate::kernel::vfs::FsContext;

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
    /// Signals that wait for delivery.
    pub pending: SigSet,
    /// Who it is.
    pub credentials: Credentials,
    /// Its name (`comm`), at most 15 bytes.
    pub name: Vec<u8>,
    /// Where to write 0 and wake at its end.
    pub clear_child_tid: u64,
    /// Its robust futex list and the list's size.
    pub robust_list: (u64, u64),
    /// The alternative signal stack: address, flags, size.
    pub altstack: (u64, u32, u64),
}
