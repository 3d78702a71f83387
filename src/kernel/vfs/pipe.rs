//! Pipes: bytes on their way from writers to readers.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use super::error::FsError;
use crate::kernel::wait::WaitQueue;

/// Bytes that are written at once or not at all.   [Linux include/uapi/linux/limits.h, PIPE_BUF]
pub const ATOMIC: usize = 4096;
/// Bytes a fresh pipe holds.   [pipe(7)]
pub const CAPACITY: usize = 65536;
/// Bytes an unprivileged user may make it hold.   [/proc/sys/fs/pipe-max-size]
pub const MAX_CAPACITY: usize = 1 << 20;

/// A pipe.
#[derive(Debug)]
pub struct Pipe {
    bytes: RefCell<VecDeque<u8>>,
    capacity: Cell<usize>,
    readers: Cell<usize>,
    writers: Cell<usize>,
    /// How often it was opened for reading and for writing: who opens a FIFO waits for the other side.
    opened: Cell<(u64, u64)>,
    queue: WaitQueue,
}

impl Default for Pipe {
    fn default() -> Pipe {
        Pipe {
            bytes: RefCell::default(),
            capacity: Cell::new(CAPACITY),
            readers: Cell::new(0),
            writers: Cell::new(0),
            opened: Cell::new((0, 0)),
            queue: WaitQueue::default(),
        }
    }
}

impl Pipe {
    /// Reads what is there; 0 when there is nothing and no writer is left.
    pub fn read(&self, buf: &mut [u8]) -> Result<usize, FsError> {
        let mut bytes = self.bytes.borrow_mut();
        if bytes.is_empty() && !buf.is_empty() {
            return if self.writers.get() == 0 {
                Ok(0)
            } else {
                Err(FsError::WouldBlock)
            };
        }
        let count = copy(&bytes, buf);
        bytes.drain(..count);
        drop(bytes);
        if count > 0 {
            self.queue.wake();
        }
        Ok(count)
    }

    /// Writes as much as there is room for; up to [`ATOMIC`] bytes all or nothing. `whole` is the size of the write
    /// that `bytes` are the rest of.
    pub fn write(&self, bytes: &[u8], whole: usize) -> Result<usize, FsError> {
        if self.readers.get() == 0 {
            return Err(FsError::BrokenPipe);
        }
        let mut held = self.bytes.borrow_mut();
        let room = self.capacity.get().saturating_sub(held.len());
        let wanted = if whole <= ATOMIC { bytes.len() } else { 1 };
        if room < wanted.min(bytes.len()) {
            return Err(FsError::WouldBlock);
        }
        let count = room.min(bytes.len());
        held.extend(&bytes[..count]);
        drop(held);
        if count > 0 {
            self.queue.wake();
        }
        Ok(count)
    }

    /// Copies what is there without taking it.
    pub fn peek(&self, buf: &mut [u8]) -> usize {
        copy(&self.bytes.borrow(), buf)
    }

    /// Bytes on their way.
    pub fn len(&self) -> usize {
        self.bytes.borrow().len()
    }

    /// Whether nothing is on its way.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many more it takes.
    pub fn room(&self) -> usize {
        self.capacity.get().saturating_sub(self.len())
    }

    /// How many it holds at most.
    pub fn capacity(&self) -> usize {
        self.capacity.get()
    }

    /// Changes how many it holds: rounded up to a power of two of pages.
    pub fn set_capacity(&self, capacity: usize) -> Result<usize, FsError> {
        if capacity > MAX_CAPACITY {
            return Err(FsError::NotPermitted);
        }
        let capacity = capacity.max(4096).next_power_of_two();
        if capacity < self.len() {
            return Err(FsError::Busy);
        }
        self.capacity.set(capacity);
        self.queue.wake();
        Ok(capacity)
    }

    /// Who waits for a change: more bytes, more room, another end opened or closed.
    pub fn queue(&self) -> &WaitQueue {
        &self.queue
    }

    /// Open ends that can read.
    pub fn readers(&self) -> usize {
        self.readers.get()
    }

    /// Open ends that can write.
    pub fn writers(&self) -> usize {
        self.writers.get()
    }

    /// How often it was opened for reading and for writing so far.
    pub fn opened(&self) -> (u64, u64) {
        self.opened.get()
    }
}

/// Copies from the front: how many bytes.
fn copy(bytes: &VecDeque<u8>, buf: &mut [u8]) -> usize {
    let count = bytes.len().min(buf.len());
    let (front, back) = bytes.as_slices();
    let first = front.len().min(count);
    buf[..first].copy_from_slice(&front[..first]);
    buf[first..count].copy_from_slice(&back[..count - first]);
    count
}

/// An open end. The pipe knows how many there are.
#[derive(Debug)]
pub struct PipeEnd {
    /// The pipe.
    pub pipe: Rc<Pipe>,
    read: bool,
    write: bool,
}

impl PipeEnd {
    /// Opens a pipe.
    pub fn open(pipe: &Rc<Pipe>, read: bool, write: bool) -> PipeEnd {
        let (readers, writers) = pipe.opened.get();
        pipe.readers.set(pipe.readers.get() + usize::from(read));
        pipe.writers.set(pipe.writers.get() + usize::from(write));
        pipe.opened
            .set((readers + u64::from(read), writers + u64::from(write)));
        pipe.queue.wake();
        PipeEnd {
            pipe: pipe.clone(),
            read,
            write,
        }
    }
}

impl Drop for PipeEnd {
    fn drop(&mut self) {
        let pipe = &self.pipe;
        pipe.readers
            .set(pipe.readers.get().saturating_sub(usize::from(self.read)));
        pipe.writers
            .set(pipe.writers.get().saturating_sub(usize::from(self.write)));
        if pipe.readers.get() == 0 && pipe.writers.get() == 0 {
            // A FIFO that nobody has open forgets what was in it.
            pipe.bytes.borrow_mut().clear();
        }
        pipe.queue.wake();
    }
}
