//! Would a task that waits for a lock wait for itself?   [Linux fs/locks.c, posix_locks_deadlock]

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::kernel::task::Tid;
use crate::kernel::vfs::Node;
use crate::kernel::vfs::locks::{Locks, Owner, Range};

/// Steps that are followed at most.   [Linux fs/locks.c, MAX_DEADLK_ITERATIONS]
const MOST: usize = 10;

/// Who waits for which range of which file.
#[derive(Default)]
pub(in crate::kernel::linux) struct LockWaits(BTreeMap<Tid, (Rc<Node>, Range)>);

impl LockWaits {
    /// A task waits no longer.
    pub(in crate::kernel::linux) fn forget(&mut self, tid: Tid) {
        self.0.remove(&tid);
    }

    /// A task waits from now on.
    pub(super) fn add(&mut self, tid: Tid, node: &Rc<Node>, wanted: Range) {
        self.0.insert(tid, (node.clone(), wanted));
    }

    /// Whether who holds a range waits, over whatever others, for a range that `own` holds. `locked` is the file whose
    /// locks the caller has in its hands.
    pub(super) fn is_circle(
        &self,
        holder: Option<Owner>,
        own: Owner,
        locked: (&Rc<Node>, &Locks),
    ) -> bool {
        let mut holder = holder;
        for _ in 0..MOST {
            let Some(Owner::Process(_)) = holder else {
                return false;
            };
            let next = self
                .0
                .values()
                .find(|(_, wanted)| Some(wanted.owner) == holder);
            let Some((node, wanted)) = next else {
                return false;
            };
            let conflict = match Rc::ptr_eq(node, locked.0) {
                true => locked.1.conflict(wanted),
                false => node.locks.borrow().conflict(wanted),
            };
            holder = conflict.map(|held| held.owner);
            if holder == Some(own) {
                return true;
            }
        }
        false
    }
}
