//! A sequence of pages that files, shared memory and mappings have in common.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::rc::Rc;

use super::{Frame, Memory, PAGE, PAGE_BYTES};

/// Where an object's pages come from as long as nobody wrote them.
pub trait Pager {
    /// Fills `buf` from `offset` on and says how much there was; 0 at the end.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;
}

/// Why an object could not be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ObjectError {
    /// The guest's memory is used up.
    #[error("guest memory is used up")]
    NoMemory,
    /// It would become longer than [`Object::MAX_LEN`].
    #[error("beyond the largest size of a file")]
    TooBig,
    /// The pager failed.
    #[error("reading the file failed: {0}")]
    Io(#[from] io::Error),
}

/// A sparse sequence of pages with a length in bytes: the content of a file, or of shared memory.
///
/// Bytes that nobody wrote come from the pager, up to where it reached at first, and are zero otherwise. Pages that
/// were written or mapped are in guest RAM and stay there. A pager is only ever read.
pub struct Object {
    memory: Memory,
    id: u64,
    len: Cell<u64>,
    pager: Option<Box<dyn Pager>>,
    /// Bytes that the pager answers for, where there is neither a page nor a punched hole.
    paged: Cell<u64>,
    /// Holes in `paged`: first page to the page after the last. They neither overlap nor touch.
    punched: RefCell<BTreeMap<u64, u64>>,
    pages: RefCell<BTreeMap<u64, Frame>>,
    mapped: Cell<bool>,
    losses: RefCell<Vec<Loss>>,
}

/// Mapped pages went away.
#[derive(Clone, Copy)]
struct Loss {
    /// The memory's epoch from then on.
    epoch: u64,
    /// How many pages there were afterwards.
    pages: u64,
}

/// How many losses are told apart.
const LOSSES: usize = 64;

impl Object {
    /// The largest length.
    pub const MAX_LEN: u64 = i64::MAX as u64;

    /// An empty one.
    pub fn new(memory: &Memory) -> Rc<Object> {
        Object::make(memory, None, 0)
    }

    /// One with the first `size` bytes of what `pager` reads.
    pub fn with_pager(memory: &Memory, pager: Box<dyn Pager>, size: u64) -> Rc<Object> {
        Object::make(memory, Some(pager), size.min(Object::MAX_LEN))
    }

    fn make(memory: &Memory, pager: Option<Box<dyn Pager>>, size: u64) -> Rc<Object> {
        Rc::new(Object {
            id: memory.fresh_id(),
            memory: memory.clone(),
            len: Cell::new(size),
            pager,
            paged: Cell::new(size),
            punched: RefCell::default(),
            pages: RefCell::default(),
            mapped: Cell::new(false),
            losses: RefCell::default(),
        })
    }

    /// A number no other object of the same memory has, for futex keys and the like.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// Length in bytes.
    pub fn len(&self) -> u64 {
        self.len.get()
    }

    /// Whether the length is 0.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sets the length. What is beyond it is gone, also for those who have it mapped: they fault with
    /// [`FaultKind::Bus`](super::FaultKind::Bus). Growing adds zeros.
    pub fn truncate(&self, len: u64) -> Result<(), ObjectError> {
        if len > Object::MAX_LEN {
            return Err(ObjectError::TooBig);
        }
        if len >= self.len.get() {
            self.grow(len);
            return Ok(());
        }
        // The tail of the last page first: it is the part that can fail.
        self.zero_within_page(len, len.next_multiple_of(PAGE))?;
        let end = len.div_ceil(PAGE);
        for frame in self.pages.borrow_mut().split_off(&end).into_values() {
            self.memory.release(frame);
        }
        self.len.set(len);
        self.cut_paged(len);
        self.announce();
        Ok(())
    }

    fn grow(&self, len: u64) {
        let old = self.len.get();
        if len <= old {
            return;
        }
        if self.mapped.get() && !old.is_multiple_of(PAGE) {
            // Through a mapping the guest can write behind the end; a longer file has zeros there.
            if let Some(frame) = self.cached(old / PAGE) {
                let offset = (old % PAGE) as usize;
                self.memory.bytes_set(frame, offset, PAGE_BYTES - offset, 0);
            }
        }
        self.len.set(len);
    }

    /// Reads from `offset` on. Less than asked for means the end.
    pub fn read(&self, offset: u64, buf: &mut [u8]) -> Result<usize, ObjectError> {
        let left = self.len.get().saturating_sub(offset);
        let len = left.min(buf.len() as u64) as usize;
        self.read_bytes(offset, &mut buf[..len])?;
        Ok(len)
    }

    fn read_bytes(&self, mut offset: u64, mut buf: &mut [u8]) -> Result<(), ObjectError> {
        let pages = self.pages.borrow();
        while !buf.is_empty() {
            let within = (offset % PAGE) as usize;
            let index = offset / PAGE;
            let len;
            if let Some(&frame) = pages.get(&index) {
                len = buf.len().min(PAGE_BYTES - within);
                self.memory.bytes_out(frame, within, &mut buf[..len]);
            } else {
                // Up to the next page that is here, at once.
                let (paged, end) = self.run(index);
                let next = pages
                    .range(index..)
                    .next()
                    .map_or(end, |(&next, _)| next.min(end));
                let left = next.saturating_mul(PAGE) - offset;
                len = left.min(buf.len() as u64) as usize;
                if paged {
                    self.read_pager(offset, &mut buf[..len])?;
                } else {
                    buf[..len].fill(0);
                }
            }
            offset += len as u64;
            buf = &mut buf[len..];
        }
        Ok(())
    }

    /// Whether the pager answers for a page that is not in memory, and the page before which that does not change.
    fn run(&self, index: u64) -> (bool, u64) {
        let paged = self.paged.get().div_ceil(PAGE);
        if index >= paged {
            return (false, u64::MAX);
        }
        let punched = self.punched.borrow();
        match punched.range(..=index).next_back() {
            Some((_, &end)) if index < end => (false, end),
            _ => (
                true,
                punched
                    .range(index..)
                    .next()
                    .map_or(paged, |(&start, _)| start),
            ),
        }
    }

    fn read_pager(&self, offset: u64, buf: &mut [u8]) -> Result<(), ObjectError> {
        let mut done = 0;
        if let Some(pager) = &self.pager {
            let left = self.paged.get().saturating_sub(offset);
            let wanted = left.min(buf.len() as u64) as usize;
            while done < wanted {
                match pager.read_at(offset + done as u64, &mut buf[done..wanted]) {
                    // The file is shorter than it was.
                    Ok(0) => break,
                    Ok(more) => done += more.min(wanted - done),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        buf[done..].fill(0);
        Ok(())
    }

    /// Writes from `offset` on, making the object longer as needed. Less than asked for means that memory ran out on
    /// the way.
    pub fn write(&self, offset: u64, bytes: &[u8]) -> Result<usize, ObjectError> {
        let end = offset
            .checked_add(bytes.len() as u64)
            .ok_or(ObjectError::TooBig)?;
        if end > Object::MAX_LEN {
            return Err(ObjectError::TooBig);
        }
        let mut done = 0;
        while done < bytes.len() {
            let at = offset + done as u64;
            let within = (at % PAGE) as usize;
            let len = (bytes.len() - done).min(PAGE_BYTES - within);
            let frame = match self.page(at / PAGE, len < PAGE_BYTES) {
                Ok(frame) => frame,
                Err(error) if done == 0 => return Err(error),
                Err(_) => break,
            };
            // In this order: growing may zero what is behind the old end in this very page.
            self.grow(at + len as u64);
            self.memory
                .bytes_in(frame, within, &bytes[done..done + len]);
            done += len;
        }
        Ok(done)
    }

    /// Makes `len` bytes from `offset` on zero and frees the pages that are wholly in there. The length stays.
    pub fn punch(&self, offset: u64, len: u64) -> Result<(), ObjectError> {
        let end = offset
            .saturating_add(len)
            .min(self.len.get().next_multiple_of(PAGE));
        if offset >= end {
            return Ok(());
        }
        let (first, last) = (offset.div_ceil(PAGE), end / PAGE);
        if first > last {
            return self.zero_within_page(offset, end);
        }
        self.zero_within_page(offset, first * PAGE)?;
        self.zero_within_page(last * PAGE, end)?;
        let mut pages = self.pages.borrow_mut();
        let mut gone = pages.split_off(&first);
        pages.append(&mut gone.split_off(&last));
        for frame in gone.into_values() {
            self.memory.release(frame);
        }
        drop(pages);
        self.punch_pager(first, last);
        self.announce();
        Ok(())
    }

    /// The pager no longer answers for the pages `first..last`.
    fn punch_pager(&self, mut first: u64, mut last: u64) {
        let paged = self.paged.get().div_ceil(PAGE);
        if first >= last.min(paged) {
            return;
        }
        if last >= paged {
            self.cut_paged(first * PAGE);
            return;
        }
        let mut punched = self.punched.borrow_mut();
        while let Some((&start, &end)) = punched.range(..=last).next_back()
            && end >= first
        {
            first = first.min(start);
            last = last.max(end);
            punched.remove(&start);
        }
        punched.insert(first, last);
    }

    /// The pager no longer answers for what is from `len` on.
    fn cut_paged(&self, len: u64) {
        if len < self.paged.get() {
            self.paged.set(len);
            let end = len.div_ceil(PAGE);
            let mut punched = self.punched.borrow_mut();
            punched.split_off(&end);
            if let Some(mut last) = punched.last_entry() {
                let cut = (*last.get()).min(end);
                last.insert(cut);
            }
        }
    }

    /// Zeroes `start..end`, which lies in one page, unless it is zero already for want of a page.
    fn zero_within_page(&self, start: u64, end: u64) -> Result<(), ObjectError> {
        if start >= end {
            return Ok(());
        }
        let index = start / PAGE;
        let frame = match self.cached(index) {
            Some(frame) => frame,
            None if self.run(index).0 => self.page(index, true)?,
            None => return Ok(()),
        };
        let within = (start % PAGE) as usize;
        self.memory
            .bytes_set(frame, within, (end - start) as usize, 0);
        Ok(())
    }

    /// The first offset from `offset` on with data, that is, with bytes not known to be zero for want of a page.
    pub fn next_data(&self, offset: u64) -> Option<u64> {
        let end = self.len.get();
        let pages = self.pages.borrow();
        let mut at = offset;
        while at < end {
            let index = at / PAGE;
            let (paged, run) = self.run(index);
            if paged || pages.contains_key(&index) {
                return Some(at);
            }
            let next = pages
                .range(index..)
                .next()
                .map_or(run, |(&next, _)| next.min(run));
            at = next.saturating_mul(PAGE);
        }
        None
    }

    /// The first offset from `offset` on that is in a hole; the end counts as one.
    pub fn next_hole(&self, offset: u64) -> Option<u64> {
        let end = self.len.get();
        if offset >= end {
            return None;
        }
        let pages = self.pages.borrow();
        let mut at = offset;
        while at < end {
            let index = at / PAGE;
            at = match self.run(index) {
                (true, run) => run * PAGE,
                (false, _) if pages.contains_key(&index) => (index + 1) * PAGE,
                (false, _) => return Some(at),
            };
        }
        Some(end)
    }

    /// Bytes that are stored, in whole pages: in memory, and where the pager still answers.
    pub fn allocated(&self) -> u64 {
        let pages = self.pages.borrow();
        let paged = self.paged.get().div_ceil(PAGE);
        let punched: u64 = self
            .punched
            .borrow()
            .iter()
            .map(|(first, last)| last - first)
            .sum();
        let both = pages
            .range(..paged)
            .filter(|&(&index, _)| self.run(index).0)
            .count();
        (pages.len() as u64 + paged - punched - both as u64) * PAGE
    }

    /// Bytes in guest RAM.
    pub fn resident(&self) -> u64 {
        self.pages.borrow().len() as u64 * PAGE
    }

    /// Pages up to the one with the last byte.
    pub(super) fn page_count(&self) -> u64 {
        self.len.get().div_ceil(PAGE)
    }

    /// The frame of a page for a mapping, made or read in when it is not there. The reference stays the object's.
    pub(super) fn mapped_page(&self, index: u64) -> Result<Frame, ObjectError> {
        self.page(index, true)
    }

    /// A fresh frame with the bytes of a page, which need not come into memory for it.
    pub(super) fn copy_page(&self, index: u64) -> Result<Frame, ObjectError> {
        match self.cached(index) {
            Some(frame) => self
                .memory
                .allocate_copy(frame)
                .ok_or(ObjectError::NoMemory),
            None => self.load(index),
        }
    }

    /// The frame of a page. A new one holds what the page held only when `content` matters.
    fn page(&self, index: u64, content: bool) -> Result<Frame, ObjectError> {
        if let Some(frame) = self.cached(index) {
            return Ok(frame);
        }
        let frame = if content {
            self.load(index)?
        } else {
            self.memory.allocate().ok_or(ObjectError::NoMemory)?
        };
        self.pages.borrow_mut().insert(index, frame);
        Ok(frame)
    }

    /// A fresh frame with what a page holds that is not in memory.
    fn load(&self, index: u64) -> Result<Frame, ObjectError> {
        let frame = self.memory.allocate().ok_or(ObjectError::NoMemory)?;
        if self.run(index).0 {
            let mut bytes = [0; PAGE_BYTES];
            if let Err(error) = self.read_pager(index * PAGE, &mut bytes) {
                self.memory.release(frame);
                return Err(error);
            }
            self.memory.bytes_in(frame, 0, &bytes);
        }
        Ok(frame)
    }

    fn cached(&self, index: u64) -> Option<Frame> {
        self.pages.borrow().get(&index).copied()
    }

    /// Somebody maps it.
    pub(super) fn note_mapped(&self) {
        self.mapped.set(true);
    }

    /// Whether mapped pages went after the memory's epoch `seen`; then, how many were left when they were fewest.
    pub(super) fn fewest_since(&self, seen: u64) -> Option<u64> {
        // Later losses left more pages than earlier ones (see `announce`), so the first that counts is the smallest.
        let losses = self.losses.borrow();
        losses
            .iter()
            .find(|loss| loss.epoch > seen)
            .map(|loss| loss.pages)
    }

    fn announce(&self) {
        if !self.mapped.get() {
            return;
        }
        let loss = Loss {
            epoch: self.memory.next_epoch(),
            pages: self.page_count(),
        };
        let mut losses = self.losses.borrow_mut();
        while losses.last().is_some_and(|last| last.pages >= loss.pages) {
            losses.pop();
        }
        losses.push(loss);
        if losses.len() > LOSSES {
            // A space that saw the first but not the second loses private copies that the second had left it.
            losses[1].pages = losses[0].pages;
            losses.remove(0);
        }
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        for &frame in self.pages.get_mut().values() {
            self.memory.release(frame);
        }
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut object = f.debug_struct("Object");
        object.field("id", &self.id).field("len", &self.len());
        object.finish_non_exhaustive()
    }
}
