//! Pipes: bytes on their way from writers to readers.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use super::error::FsError;
use super::open::Ready;
use crate::kernel::wait::WaitQueue;

/// Bytes that are written at once or not at all.   [Linux include/uapi/linux/limits.h, PIPE_BUF]
pub const ATOMIC: usize = 4096;
/// Bytes a fresh pipe holds.   [pipe(7)]
pub const CAPACITY: usize = 65536;
/// Bytes an unprivileged user may make it hold.   [/proc/sys/fs/pipe-max-size]
pub const MAX_CAPACITY: usize = 1 << 20;

/// Bytes of a slot.
const SLOT: usize = 4096;

/// Bytes that were written together. A pipe holds a number of slots, however full they are.   [Linux fs/pipe.c]
#[derive(Debug, Clone, Copy)]
struct Slot {
    /// Bytes that are left of it.
    len: usize,
    /// Where they end in the slot: what follows can be put behind them while there is room.
    end: usize,
    /// Whether a read ends with it, and drops what it does not take (`O_DIRECT`).
    packet: bool,
}

/// A pipe.
#[derive(Debug)]
pub struct Pipe {
    bytes: RefCell<VecDeque<u8>>,
    slots: RefCell<VecDeque<Slot>>,
    capacity: Cell<usize>,
    readers: Cell<usize>,
    writers: Cell<usize>,
    /// How often it was opened for reading and for writing: who opens a FIFO waits for the other side.
    opened: Cell<(u64, u64)>,
    /// Who waits for bytes, or for writers to come or go.
    filled: WaitQueue,
    /// Who waits for room, or for readers to come or go.
    drained: WaitQueue,
}

impl Default for Pipe {
    fn default() -> Pipe {
        Pipe {
            bytes: RefCell::default(),
            slots: RefCell::default(),
            capacity: Cell::new(CAPACITY),
            readers: Cell::new(0),
            writers: Cell::new(0),
            opened: Cell::new((0, 0)),
            filled: WaitQueue::default(),
            drained: WaitQueue::default(),
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
        let was_full = self.free() == 0;
        let mut slots = self.slots.borrow_mut();
        let mut count = 0;
        let mut dropped = 0;
        while let Some(slot) = slots.front_mut()
            && count < buf.len()
        {
            let taken = slot.len.min(buf.len() - count);
            count += taken;
            if slot.packet {
                dropped = slot.len - taken;
                slots.pop_front();
                break;
            }
            slot.len -= taken;
            if slot.len == 0 {
                slots.pop_front();
            }
        }
        drop(slots);
        copy(&bytes, &mut buf[..count]);
        bytes.drain(..count + dropped);
        drop(bytes);
        if was_full && self.free() > 0 {
            self.drained.wake_for(Ready::WRITE);
        }
        Ok(count)
    }

    /// Writes as much as there is room for; up to [`ATOMIC`] bytes all or nothing. `whole` is the size of the write
    /// that `bytes` are the rest of; in `packets` each slot is one that is read alone.   [Linux fs/pipe.c, pipe_write]
    pub fn write(&self, bytes: &[u8], whole: usize, packets: bool) -> Result<usize, FsError> {
        if self.readers.get() == 0 {
            return Err(FsError::BrokenPipe);
        }
        if bytes.is_empty() {
            return Ok(0);
        }
        let mut slots = self.slots.borrow_mut();
        // What is more than whole slots goes behind what was written last, if it fits there.
        let more = bytes.len() % SLOT;
        let merged = match slots.back_mut() {
            Some(last) if more > 0 && !packets && !last.packet && last.end + more <= SLOT => {
                last.len += more;
                last.end += more;
                more
            }
            _ => 0,
        };
        let free = (self.capacity.get() / SLOT).saturating_sub(slots.len());
        let rest = bytes.len() - merged;
        let room = free.saturating_mul(SLOT);
        if merged == 0 && (room == 0 || whole <= ATOMIC && room < rest) {
            return Err(FsError::WouldBlock);
        }
        let count = merged + rest.min(room);
        let mut left = count - merged;
        while left > 0 {
            let len = left.min(SLOT);
            slots.push_back(Slot {
                len,
                end: len,
                packet: packets,
            });
            left -= len;
        }
        drop(slots);
        self.bytes.borrow_mut().extend(&bytes[..count]);
        self.filled.wake_for(Ready::READ);
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

    /// Slots that are free.
    fn free(&self) -> usize {
        (self.capacity.get() / SLOT).saturating_sub(self.slots.borrow().len())
    }

    /// How many more bytes it takes in slots of their own.
    pub fn room(&self) -> usize {
        self.free() * SLOT
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
        if capacity / SLOT < self.slots.borrow().len() {
            return Err(FsError::Busy);
        }
        self.capacity.set(capacity);
        self.drained.wake_for(Ready::WRITE);
        Ok(capacity)
    }

    /// Who waits for bytes, or for writers to come or go.
    pub fn filled(&self) -> &WaitQueue {
        &self.filled
    }

    /// Who waits for room, or for readers to come or go.
    pub fn drained(&self) -> &WaitQueue {
        &self.drained
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
        pipe.filled.wake();
        pipe.drained.wake();
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
            pipe.slots.borrow_mut().clear();
        }
        pipe.filled.wake();
        pipe.drained.wake();
    }
}
