//! What happens to semaphores when a task that used `SEM_UNDO` is gone?   [semop(2), "SEM_UNDO"]

use std::rc::Rc;

use super::Ipc;
use crate::kernel::Kernel;
use crate::kernel::task::Task;

/// What is undone together: the changes of tasks that share it (`CLONE_SYSVSEM`).
pub struct UndoList(u64);

impl UndoList {
    pub(super) fn number(&self) -> u64 {
        self.0
    }
}

impl Ipc {
    /// One that nobody has yet.
    pub(in crate::kernel::linux) fn new_undo_list(&mut self) -> Rc<UndoList> {
        self.last_undo += 1;
        Rc::new(UndoList(self.last_undo))
    }
}

impl Kernel {
    /// A task has its list no longer. What the last one leaves is undone.   [Linux ipc/sem.c, exit_sem]
    pub(in crate::kernel::linux) fn drop_undo_list(&mut self, task: &mut Task) {
        let list = task.linux.undo.take().map(Rc::try_unwrap);
        let Some(Ok(UndoList(number))) = list else {
            return;
        };
        let (pid, now) = (task.linux.process.borrow().pid, self.seconds());
        for set in self.linux.ipc.sets.iter_mut() {
            set.undo(number, pid, now);
        }
    }
}
