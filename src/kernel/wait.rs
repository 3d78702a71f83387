//! Who waits for what, and how is it woken?
//!
//! Whatever can change has a [`WaitQueue`]. Who has to wait adds itself to the queues of all that could end its wait, and is
//! told once, by any of them; it then looks again. A wake-up therefore promises nothing, and one too many does no harm.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use super::host::Stream;
use super::task::Tid;
use super::vfs::Ready;

/// Something that wants to be told of changes.
pub trait Wake {
    /// Something changed. Answers whether it wants to be told the next time, too.
    fn wake(&self) -> bool;

    /// The same, of a change that can have made a file ready for `what` only.
    fn wake_for(&self, what: Ready) -> bool {
        let _ = what;
        self.wake()
    }
}

/// Those who wait for one thing, in the order in which they came.
#[derive(Default)]
pub struct WaitQueue {
    waiters: RefCell<Vec<Rc<dyn Wake>>>,
    changes: Cell<u64>,
}

impl WaitQueue {
    /// Adds somebody, unless it waits here already.
    pub fn add(&self, waiter: Rc<dyn Wake>) {
        let mut waiters = self.waiters.borrow_mut();
        if !waiters.iter().any(|other| Rc::ptr_eq(other, &waiter)) {
            waiters.push(waiter);
        }
    }

    /// Removes somebody.
    pub fn remove(&self, waiter: &Rc<dyn Wake>) {
        let gone = |other: &Rc<dyn Wake>| Rc::ptr_eq(other, waiter);
        self.waiters.borrow_mut().retain(|other| !gone(other));
    }

    /// Tells all of them that something changed.
    pub fn wake(&self) {
        self.tell(|waiter| waiter.wake());
    }

    /// Tells all of them of a change that can have made a file ready for `what` only.
    pub fn wake_for(&self, what: Ready) {
        self.tell(|waiter| waiter.wake_for(what));
    }

    fn tell(&self, tell: impl Fn(&Rc<dyn Wake>) -> bool) {
        self.changes.set(self.changes.get().wrapping_add(1));
        if self.waiters.borrow().is_empty() {
            return;
        }
        // Who is told may come back at once.
        let told = self.waiters.take();
        let mut stay: Vec<_> = told.into_iter().filter(|waiter| tell(waiter)).collect();
        let mut waiters = self.waiters.borrow_mut();
        stay.append(&mut waiters);
        *waiters = stay;
    }

    /// How often something has changed so far: tells an edge from a level.
    pub fn changes(&self) -> u64 {
        self.changes.get()
    }
}

impl std::fmt::Debug for WaitQueue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WaitQueue")
            .field("waiters", &self.waiters.borrow().len())
            .field("changes", &self.changes.get())
            .finish()
    }
}

/// Tasks that can run, the longest-waiting first.
pub type RunQueue = Rc<RefCell<VecDeque<Tid>>>;

/// How a task is woken: it goes to the end of the run queue, once.
pub struct Waker {
    tid: Tid,
    waiting: Cell<bool>,
    queue: RunQueue,
}

impl Waker {
    /// The waker of a task that does not wait.
    pub fn new(tid: Tid, queue: &RunQueue) -> Rc<Waker> {
        Rc::new(Waker {
            tid,
            waiting: Cell::new(false),
            queue: queue.clone(),
        })
    }

    /// From now on a change puts the task into the run queue.
    pub fn arm(&self) {
        self.waiting.set(true);
    }

    /// Whether nobody has woken the task since [`Waker::arm`].
    pub fn is_armed(&self) -> bool {
        self.waiting.get()
    }
}

impl Wake for Waker {
    fn wake(&self) -> bool {
        if self.waiting.replace(false) {
            self.queue.borrow_mut().push_back(self.tid);
        }
        false
    }
}

/// What a blocked task waits for: what a reader of a dead-lock's report wants to know. What wakes the task are the queues
/// that it added itself to, and the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// A point of guest time, in nanoseconds since the start, or a file or word before.
    Until(u64),
    /// Something an open file becomes (a pipe with data).
    File,
    /// Input of the host; until a point of guest time at most.
    Input(Stream, Option<u64>),
    /// News of the host's network, or also input of the host; until a point of guest time at most.
    Network(Option<Stream>, Option<u64>),
    /// A signal only (`pause`).
    Signal,
    /// A futex word in memory, by its address.
    Futex(u64),
    /// A child's change of state.
    Child,
    /// A semaphore, or a queue of messages.
    Ipc,
    /// The child of a `vfork`: until it has another program or is gone.
    Vfork,
}

impl Wait {
    /// When it is over at the latest, in nanoseconds of guest time since the start.
    pub fn until(self) -> Option<u64> {
        match self {
            Wait::Until(time) => Some(time),
            Wait::Input(_, time) | Wait::Network(_, time) => time,
            _ => None,
        }
    }
}

/// What becomes of a call that waits when a signal comes.   [Linux include/linux/errno.h; signal(7), "Interruption of
/// system calls"]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupted {
    /// It is made again when no handler runs, or the handler has `SA_RESTART` (`ERESTARTSYS`).
    Restarts,
    /// It is made again when no handler runs (`ERESTARTNOHAND`).
    WithoutHandler,
    /// The same for a call with a time, which goes on with the rest of it (`ERESTART_RESTARTBLOCK`).
    GoesOn,
    /// It fails with `EINTR`.
    Fails,
    /// It can't be interrupted, except by death.
    Never,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_woken_once_whoever_wakes_it() {
        let queue = RunQueue::default();
        let waker = Waker::new(7, &queue);
        let (a, b) = (WaitQueue::default(), WaitQueue::default());
        waker.arm();
        for _ in 0..2 {
            a.add(waker.clone());
            b.add(waker.clone());
        }
        a.wake();
        b.wake();
        assert_eq!(*queue.borrow(), [7]);
        assert!(!waker.is_armed());
        a.wake();
        assert_eq!((queue.borrow().len(), a.changes()), (1, 2));
    }

    #[test]
    fn who_wants_to_stays() {
        struct Stays(Cell<u32>);
        impl Wake for Stays {
            fn wake(&self) -> bool {
                self.0.set(self.0.get() + 1);
                self.0.get() < 3
            }
        }
        let waiter = Rc::new(Stays(Cell::new(0)));
        let queue = WaitQueue::default();
        queue.add(waiter.clone());
        for _ in 0..5 {
            queue.wake();
        }
        assert_eq!(waiter.0.get(), 3);
    }
}
