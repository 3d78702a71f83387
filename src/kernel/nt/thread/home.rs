//! Which process is a thread made in?

use std::cell::RefCell;
use std::rc::Rc;

use emu_profiles::Symbol;
use emu_prototypes::nt::NtStatus;

use crate::kernel::linux::process::Process;
use crate::kernel::nt::process::ended;
use crate::kernel::task::Tid;
use crate::kernel::{Cx, Kernel};

/// `PROCESS_CREATE_THREAD`.   [winnt.h]
const CREATE_THREAD: u32 = 2;

/// The process that a thread is made in.
pub(super) struct Home {
    pub(super) process: Rc<RefCell<Process>>,
    pub(super) pid: Tid,
    /// A thread of it that is not the one that asks, of another process; its first one, when that is yet to be made.
    pub(super) sibling: Option<Tid>,
    symbols: Rc<[(Symbol, u64)]>,
}

impl Home {
    fn own(cx: &Cx<'_>) -> Home {
        Home {
            process: cx.task.linux.process.clone(),
            pid: cx.process().pid,
            sibling: None,
            symbols: cx.task.symbols.clone(),
        }
    }

    pub(super) fn of(kernel: &mut Kernel, cx: &Cx<'_>, handle: u64) -> Result<Home, NtStatus> {
        let process = kernel.process_for(cx, handle, CREATE_THREAD)?;
        Home::within(kernel, cx, process)
    }

    pub(super) fn within(
        kernel: &Kernel,
        cx: &Cx<'_>,
        process: Rc<RefCell<Process>>,
    ) -> Result<Home, NtStatus> {
        let pid = process.borrow().pid;
        if Rc::ptr_eq(&process, &cx.task.linux.process) {
            return Ok(Home::own(cx));
        }
        if ended(&process.borrow()).is_some() {
            return Err(NtStatus::PROCESS_IS_TERMINATING);
        }
        let task = kernel.task_of(&process.borrow());
        let task = task.ok_or(NtStatus::PROCESS_IS_TERMINATING)?;
        let (sibling, symbols) = (Some(task.tid), task.symbols.clone());
        Ok(Home {
            pid,
            sibling,
            symbols,
            process,
        })
    }

    pub(super) fn symbol(&self, symbol: Symbol) -> Option<u64> {
        let mut symbols = self.symbols.iter();
        symbols.find(|(own, _)| *own == symbol).map(|(_, at)| *at)
    }
}
