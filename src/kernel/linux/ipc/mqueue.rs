//! What is a POSIX message queue?   [mq_overview(7); Linux ipc/mqueue.c]

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::{Rc, Weak};

use crate::kernel::task::Tid;
use crate::kernel::vfs::{FileObject, FsError, OpenFlags, Ready, Stored};
use crate::kernel::wait::{WaitQueue, Wake, Waker};

/// A message.
pub(super) struct Message {
    pub(super) priority: u32,
    pub(super) text: Vec<u8>,
    pub(super) _stored: Stored,
}

/// A queue, by whatever name.
pub(super) struct MessageQueue {
    pub(super) mode: u32,
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// The most messages.
    pub(super) most: u64,
    /// The largest message, in bytes.
    pub(super) size: u64,
    /// What it counts for in RLIMIT_MSGQUEUE, and of which user.
    pub(super) counted: (u32, u64),
    pub(super) inner: RefCell<Inner>,
    changed: WaitQueue,
}

#[derive(Default)]
pub(super) struct Inner {
    /// By priority, the oldest first.
    messages: BTreeMap<u32, VecDeque<Message>>,
    pub(super) count: u64,
    bytes: u64,
    /// Who waits for a message, the longest-waiting first. Who sends one gives it to the first.
    pub(super) receivers: Vec<Receiver>,
    /// Who waits for room. Who takes a message lets the first one's in.
    pub(super) senders: Vec<Sender>,
    pub(super) notify: Option<Notify>,
}

pub(super) struct Receiver {
    pub(super) tid: Tid,
    pub(super) waker: Rc<Waker>,
    pub(super) got: Option<Message>,
}

pub(super) struct Sender {
    pub(super) tid: Tid,
    pub(super) waker: Rc<Waker>,
    /// Its message, until it is in the queue.
    pub(super) message: Option<Message>,
}

/// Who is told of a message to an empty queue, once.
#[derive(Clone, Copy)]
pub(super) struct Notify {
    pub(super) pid: Tid,
    /// `sigev_notify`.
    pub(super) kind: u64,
    /// The signal as the process numbers it, and its value; none for `SIGEV_NONE`.
    pub(super) signal: Option<(u64, u64)>,
}

impl Inner {
    fn insert(&mut self, message: Message) {
        self.count += 1;
        self.bytes += message.text.len() as u64;
        let level = self.messages.entry(message.priority).or_default();
        level.push_back(message);
    }

    fn pop(&mut self) -> Option<Message> {
        let mut last = self.messages.last_entry()?;
        let message = last.get_mut().pop_front();
        if last.get().is_empty() {
            last.remove();
        }
        let message = message?;
        self.count -= 1;
        self.bytes -= message.text.len() as u64;
        Some(message)
    }
}

impl MessageQueue {
    pub(super) fn new(
        (mode, uid, gid): (u32, u32, u32),
        (most, size): (u64, u64),
        counted: (u32, u64),
    ) -> MessageQueue {
        MessageQueue {
            mode,
            uid,
            gid,
            most,
            size,
            counted,
            inner: RefCell::default(),
            changed: WaitQueue::default(),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.inner.borrow().count >= self.most
    }

    /// Puts a message in. Answers who is to be told of it.   [Linux ipc/mqueue.c, do_mq_timedsend, __do_notify]
    pub(super) fn send(&self, message: Message) -> Option<Notify> {
        let mut inner = self.inner.borrow_mut();
        let mut receivers = inner.receivers.iter_mut();
        if let Some(receiver) = receivers.find(|receiver| receiver.got.is_none()) {
            receiver.got = Some(message);
            receiver.waker.wake();
            return None;
        }
        inner.insert(message);
        let told = if inner.count == 1 {
            inner.notify.take()
        } else {
            None
        };
        drop(inner);
        self.changed.wake();
        told
    }

    /// Takes the oldest message of the highest priority.   [Linux ipc/mqueue.c, do_mq_timedreceive, pipelined_receive]
    pub(super) fn receive(&self) -> Option<Message> {
        let mut inner = self.inner.borrow_mut();
        let message = inner.pop()?;
        let mut senders = inner.senders.iter_mut();
        let next = senders.find_map(|sender| {
            let message = sender.message.take()?;
            sender.waker.wake();
            Some(message)
        });
        if let Some(next) = next {
            inner.insert(next);
        }
        drop(inner);
        self.changed.wake();
        Some(message)
    }

    /// A task waits no longer.
    pub(super) fn forget(&self, tid: Tid) {
        let mut inner = self.inner.borrow_mut();
        inner.receivers.retain(|receiver| receiver.tid != tid);
        inner.senders.retain(|sender| sender.tid != tid);
    }
}

/// An open queue.
pub(super) struct QueueFile {
    pub(super) queue: Rc<MessageQueue>,
    position: Cell<usize>,
}

impl QueueFile {
    pub(super) fn new(queue: &Rc<MessageQueue>) -> QueueFile {
        QueueFile {
            queue: queue.clone(),
            position: Cell::new(0),
        }
    }
}

impl FileObject for QueueFile {
    fn as_any(&self) -> &dyn Any {
        self
    }

    /// What it is like, in a line.   [mq_overview(7), "Mounting the message queue filesystem"]
    fn read(&self, _flags: OpenFlags, _now: u64, buf: &mut [u8]) -> Result<usize, FsError> {
        let inner = self.queue.inner.borrow();
        let (kind, signal, pid) = inner.notify.map_or((0, 0, 0), |notify| {
            let signal = notify.signal.map_or(0, |(signal, _)| signal);
            (notify.kind, signal, notify.pid)
        });
        let line = format!(
            "QSIZE:{:<10} NOTIFY:{kind:<5} SIGNO:{signal:<5} NOTIFY_PID:{pid:<6}\n",
            inner.bytes
        );
        let rest = line.as_bytes().get(self.position.get()..).unwrap_or(&[]);
        let len = rest.len().min(buf.len());
        buf[..len].copy_from_slice(&rest[..len]);
        self.position.set(self.position.get() + len);
        Ok(len)
    }

    fn ready(&self, _now: u64) -> Ready {
        let mut ready = Ready::empty();
        ready.set(Ready::READ, self.queue.inner.borrow().count > 0);
        ready.set(Ready::WRITE, !self.queue.is_full());
        ready
    }

    fn queue(&self) -> &WaitQueue {
        &self.queue.changed
    }

    /// Who is to be told and closes it is not.   [Linux ipc/mqueue.c, mqueue_flush_file]
    fn closed(&self, pid: Tid) {
        let mut inner = self.queue.inner.borrow_mut();
        if inner.notify.is_some_and(|notify| notify.pid == pid) {
            inner.notify = None;
        }
    }
}

/// All queues.
#[derive(Default)]
pub(super) struct Queues {
    pub(super) names: BTreeMap<Vec<u8>, Rc<MessageQueue>>,
    /// Those that have a name, and those that are still open without one.
    live: Vec<Weak<MessageQueue>>,
}

impl Queues {
    pub(super) fn add(&mut self, name: &[u8], queue: &Rc<MessageQueue>) {
        self.names.insert(name.to_vec(), queue.clone());
        self.live.retain(|queue| queue.strong_count() > 0);
        self.live.push(Rc::downgrade(queue));
    }

    /// All that are still there.
    pub(super) fn live(&self) -> impl Iterator<Item = Rc<MessageQueue>> {
        self.live.iter().filter_map(Weak::upgrade)
    }
}
