//! What is a set of semaphores, and what happens when one of them changes?   [Linux ipc/sem.c]

use std::collections::BTreeMap;
use std::rc::Rc;

use emu_prototypes::linux::Errno;

use super::table::{Guarded, Permissions};
use crate::kernel::task::Tid;
use crate::kernel::vfs::Stored;
use crate::kernel::wait::{Wake, Waker};

/// The largest value of a semaphore, and of an adjustment (`SEMVMX`, `SEMAEM`).
pub(super) const LARGEST: u16 = 32_767;

/// A semaphore.
#[derive(Default, Clone)]
pub(super) struct Semaphore {
    pub(super) now: u16,
    /// Who changed it last.
    pub(super) last: Tid,
}

/// A set of semaphores.
pub(super) struct Set {
    pub(super) permissions: Permissions,
    pub(super) values: Vec<Semaphore>,
    /// What is undone when the tasks of a list are gone, by list.
    pub(super) adjustments: BTreeMap<u64, (Vec<i32>, Stored)>,
    /// Who waits, the longest-waiting first.
    pub(super) sleepers: Vec<Sleeper>,
    pub(super) operated: u64,
    pub(super) changed: u64,
    _stored: Stored,
}

/// One of the operations that are done at once or not at all.
#[derive(Clone)]
pub(super) struct Operation {
    pub(super) which: usize,
    pub(super) change: i32,
    pub(super) nonblocking: bool,
    pub(super) undo: bool,
}

/// A task that waits until its operations are possible. Whoever makes them possible does them.
pub(super) struct Sleeper {
    pub(super) tid: Tid,
    pub(super) waker: Rc<Waker>,
    pub(super) pid: Tid,
    pub(super) operations: Vec<Operation>,
    pub(super) undo: Option<u64>,
    /// The operation that was not possible the last time.
    pub(super) blocked_by: usize,
    /// What came of it.
    pub(super) done: Option<Result<(), Errno>>,
}

impl Sleeper {
    pub(super) fn wake(&self) {
        self.waker.wake();
    }

    fn alters(&self) -> bool {
        self.operations
            .iter()
            .any(|operation| operation.change != 0)
    }
}

/// What came of operations.
pub(super) enum Tried {
    Done,
    /// This one is not possible yet.
    Blocks(usize),
    Fails(Errno),
}

impl Guarded for Set {
    fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    fn permissions_mut(&mut self) -> &mut Permissions {
        &mut self.permissions
    }
}

impl Set {
    pub(super) fn new(permissions: Permissions, count: usize, now: u64, stored: Stored) -> Set {
        Set {
            permissions,
            values: vec![Semaphore::default(); count],
            adjustments: BTreeMap::new(),
            sleepers: Vec::new(),
            operated: 0,
            changed: now,
            _stored: stored,
        }
    }

    /// Does all operations, or none.   [Linux ipc/sem.c, perform_atomic_semop_slow]
    pub(super) fn attempt(&mut self, all: &[Operation], undo: Option<u64>, pid: Tid) -> Tried {
        let mut values: BTreeMap<usize, i32> = BTreeMap::new();
        let mut undone: BTreeMap<usize, i32> = BTreeMap::new();
        let adjustments = undo.and_then(|undo| self.adjustments.get(&undo));
        for (at, operation) in all.iter().enumerate() {
            let which = operation.which;
            let value = values.entry(which);
            let value = value.or_insert_with(|| i32::from(self.values[which].now));
            if operation.change == 0 && *value != 0 {
                return Tried::Blocks(at);
            }
            *value += operation.change;
            if *value < 0 {
                return Tried::Blocks(at);
            }
            if *value > i32::from(LARGEST) {
                return Tried::Fails(Errno::ERANGE);
            }
            if operation.undo {
                let before = adjustments.map_or(0, |(adjustments, _)| adjustments[which]);
                let adjustment = undone.entry(which).or_insert(before);
                *adjustment -= operation.change;
                let most = i32::from(LARGEST);
                if *adjustment < -most - 1 || *adjustment > most {
                    return Tried::Fails(Errno::ERANGE);
                }
            }
        }
        for (which, value) in values {
            // In range by the checks above.
            self.values[which].now = value as u16;
            self.values[which].last = pid;
        }
        if let Some((adjustments, _)) = undo.and_then(|undo| self.adjustments.get_mut(&undo)) {
            for (which, adjustment) in undone {
                adjustments[which] = adjustment;
            }
        }
        Tried::Done
    }

    /// Does for sleepers what has become possible: those that wait for zero first, the others in their order.
    /// [Linux ipc/sem.c, do_smart_update]
    pub(super) fn update(&mut self, now: u64) {
        loop {
            let mut progress = self.pass(now, false);
            progress |= self.pass(now, true);
            if !progress {
                return;
            }
        }
    }

    /// Goes through the sleepers that alter something, up to the first that did, or through the others.
    fn pass(&mut self, now: u64, alters: bool) -> bool {
        let mut progress = false;
        for at in 0..self.sleepers.len() {
            let sleeper = &self.sleepers[at];
            if sleeper.done.is_some() || sleeper.alters() != alters {
                continue;
            }
            let operations = sleeper.operations.clone();
            let (undo, pid) = (sleeper.undo, sleeper.pid);
            let done = match self.attempt(&operations, undo, pid) {
                Tried::Blocks(by) if operations[by].nonblocking => Err(Errno::EAGAIN),
                Tried::Blocks(by) => {
                    self.sleepers[at].blocked_by = by;
                    continue;
                }
                Tried::Done => {
                    self.operated = now;
                    Ok(())
                }
                Tried::Fails(errno) => Err(errno),
            };
            self.sleepers[at].done = Some(done);
            self.sleepers[at].wake();
            if alters && done.is_ok() {
                return true;
            }
            progress |= done.is_ok() && alters;
        }
        progress
    }

    /// How many sleep because a semaphore is not zero, or not high enough.   [Linux ipc/sem.c, count_semcnt]
    pub(super) fn waiting_for(&self, which: usize, zero: bool) -> u64 {
        let counts = |sleeper: &&Sleeper| {
            let operation = &sleeper.operations[sleeper.blocked_by];
            sleeper.done.is_none()
                && operation.which == which
                && if zero {
                    operation.change == 0
                } else {
                    operation.change < 0
                }
        };
        self.sleepers.iter().filter(counts).count() as u64
    }

    /// The tasks of a list are gone.   [Linux ipc/sem.c, exit_sem]
    pub(super) fn undo(&mut self, list: u64, pid: Tid, now: u64) {
        let Some((adjustments, _)) = self.adjustments.remove(&list) else {
            return;
        };
        for (value, adjustment) in self.values.iter_mut().zip(adjustments) {
            if adjustment != 0 {
                let new = i32::from(value.now) + adjustment;
                // In range by clamping.
                value.now = new.clamp(0, i32::from(LARGEST)) as u16;
                value.last = pid;
            }
        }
        self.operated = now;
        self.update(now);
    }
}
