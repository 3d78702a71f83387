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
/// Bytes that nobody wrote come from the pager, up to where it reached at first, and are zero otherwise. Pages that were
/// written or mapped are in guest RAM and stay there. A pager is only ever read.
pub struct Object {
    memory: Memory,
    id: u64,
    len: Cell<u64>,
    pager: Option<Box<dyn Pager>>,
    /// Bytes that the pager still answers for, where there is no page.
    paged: Cell<u64>,
    /// [`Frame::ZERO`] stands for a hole punched into what the pager has.
    pages: RefCell<BTreeMap<u64, Frame>>,
    /// Frames in `pages` that are not [`Frame::ZERO`].
    owned: Cell<u64>,
    mapped: Cell<bool>,
    /// The memory's epoch when mapped pages went last.
    shrunk: Cell<u64>,
}

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
            pages: RefCell::default(),
            owned: Cell::new(0),
            mapped: Cell::new(false),
            shrunk: Cell::new(0),
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
        let old = self.len.get();
        if len >= old {
            self.grow(len);
            return Ok(());
        }
        // The tail of the last page first: it is the part that can fail.
        self.zero_within_page(len, page_end(len))?;
        let gone = self.pages.borrow_mut().split_off(&len.div_ceil(PAGE));
        for frame in gone.into_values() {
            self.drop_page(frame);
        }
        self.len.set(len);
        self.paged.set(self.paged.get().min(len));
        self.announce();
        Ok(())
    }

    fn grow(&self, len: u64) {
        let old = self.len.get();
        if len > old && self.mapped.get() && !old.is_multiple_of(PAGE) {
            // Through a mapping the guest can write behind the end; a longer file has zeros there.
            if let Some(frame) = self.cached(old / PAGE) {
                let offset = (old % PAGE) as usize;
                self.memory.bytes_set(frame, offset, PAGE_BYTES - offset, 0);
            }
        }
        self.len.set(len.max(old));
    }

    /// Reads from `offset` on. Less than asked for means the end.
    pub fn read(&self, offset: u64, buf: &mut [u8]) -> Result<usize, ObjectError> {
        let len = self.len.get().saturating_sub(offset).min(buf.len() as u64) as usize;
        self.read_bytes(offset, &mut buf[..len])?;
        Ok(len)
    }

    /// Reads without regard to the length.
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
                let next = pages
                    .range(index..)
                    .next()
                    .map_or(u64::MAX, |(&next, _)| next * PAGE);
                len = (next - offset).min(buf.len() as u64) as usize;
                self.read_pager(offset, &mut buf[..len])?;
            }
            offset += len as u64;
            buf = &mut buf[len..];
        }
        Ok(())
    }

    fn read_pager(&self, offset: u64, buf: &mut [u8]) -> Result<(), ObjectError> {
        let mut done = 0;
        if let Some(pager) = &self.pager {
            let wanted = self
                .paged
                .get()
                .saturating_sub(offset)
                .min(buf.len() as u64) as usize;
            while done < wanted {
                match pager.read_at(offset + done as u64, &mut buf[done..wanted]) {
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

    /// Writes from `offset` on, making the object longer as needed. Less than asked for means that memory ran out on the way.
    pub fn write(&self, offset: u64, bytes: &[u8]) -> Result<usize, ObjectError> {
        let end = offset
            .checked_add(bytes.len() as u64)
            .ok_or(ObjectError::TooBig)?;
        if end > Object::MAX_LEN {
            return Err(ObjectError::TooBig);
        }
        if offset > self.len.get() && !bytes.is_empty() {
            self.grow(offset);
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
            self.memory
                .bytes_in(frame, within, &bytes[done..done + len]);
            done += len;
            self.grow(offset + done as u64);
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
        let mut kept = pages.split_off(&first);
        let mut after = kept.split_off(&last);
        pages.append(&mut after);
        for frame in kept.into_values() {
            self.drop_page(frame);
        }
        for index in first..last.min(self.paged.get().div_ceil(PAGE)) {
            pages.insert(index, Frame::ZERO);
        }
        drop(pages);
        self.announce();
        Ok(())
    }

    /// Zeroes `start..end`, which lies in one page, unless it is zero already for want of a page.
    fn zero_within_page(&self, start: u64, end: u64) -> Result<(), ObjectError> {
        if start >= end {
            return Ok(());
        }
        let index = start / PAGE;
        let frame = match self.cached(index) {
            Some(frame) => frame,
            None if start < self.paged.get() && !self.pages.borrow().contains_key(&index) => {
                self.page(index, true)?
            }
            None => return Ok(()),
        };
        self.memory
            .bytes_set(frame, (start % PAGE) as usize, (end - start) as usize, 0);
        Ok(())
    }

    /// The first offset from `offset` on with data that is not known to be zero.
    pub fn next_data(&self, offset: u64) -> Option<u64> {
        let end = self.len.get();
        let pages = self.pages.borrow();
        let mut at = offset;
        while at < end {
            let index = at / PAGE;
            match pages.range(index..).next() {
                Some((&here, &frame)) if here == index => {
                    if frame != Frame::ZERO {
                        return Some(at);
                    }
                    at = (index + 1) * PAGE;
                }
                _ if at < self.paged.get() => return Some(at),
                Some((&next, _)) => at = next * PAGE,
                None => return None,
            }
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
            let hole = match pages.get(&(at / PAGE)) {
                Some(&frame) => frame == Frame::ZERO,
                None => at >= self.paged.get(),
            };
            if hole {
                return Some(at);
            }
            at = (at / PAGE + 1) * PAGE;
        }
        Some(end)
    }

    /// Bytes that are stored: pages in memory, and what the pager still answers for.
    pub fn allocated(&self) -> u64 {
        let paged = self.paged.get().div_ceil(PAGE);
        let outside = match paged {
            0 => 0,
            paged => paged - self.pages.borrow().range(..paged).count() as u64,
        };
        (self.owned.get() + outside) * PAGE
    }

    /// Bytes in guest RAM.
    pub fn resident(&self) -> u64 {
        self.owned.get() * PAGE
    }

    /// Pages up to the one with the last byte.
    pub(super) fn page_count(&self) -> u64 {
        self.len.get().div_ceil(PAGE)
    }

    /// The frame of a page for a mapping, made or read in when it is not there. The reference stays the object's.
    pub(super) fn mapped_page(&self, index: u64) -> Result<Frame, ObjectError> {
        self.page(index, true)
    }

    /// Copies a page as a private mapping sees it, without keeping it.
    pub(super) fn copy_page(&self, index: u64) -> Result<Frame, ObjectError> {
        if let Some(frame) = self.cached(index) {
            return self
                .memory
                .allocate_copy(frame)
                .ok_or(ObjectError::NoMemory);
        }
        self.load(index)
    }

    /// A fresh frame with what the page holds that is not in memory.
    fn load(&self, index: u64) -> Result<Frame, ObjectError> {
        let frame = self.memory.allocate().ok_or(ObjectError::NoMemory)?;
        let paged = index
            .checked_mul(PAGE)
            .is_some_and(|offset| offset < self.paged.get());
        if paged && !self.pages.borrow().contains_key(&index) {
            let mut bytes = [0; PAGE_BYTES];
            if let Err(error) = self.read_pager(index * PAGE, &mut bytes) {
                self.memory.release(frame);
                return Err(error);
            }
            self.memory.bytes_in(frame, 0, &bytes);
        }
        Ok(frame)
    }

    /// The frame of a page. A new one holds what the page held when `content` matters.
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
        self.owned.set(self.owned.get() + 1);
        Ok(frame)
    }

    fn cached(&self, index: u64) -> Option<Frame> {
        self.pages
            .borrow()
            .get(&index)
            .copied()
            .filter(|&frame| frame != Frame::ZERO)
    }

    fn drop_page(&self, frame: Frame) {
        if frame != Frame::ZERO {
            self.owned.set(self.owned.get() - 1);
            self.memory.release(frame);
        }
    }

    /// Somebody maps it.
    pub(super) fn note_mapped(&self) {
        self.mapped.set(true);
    }

    /// The memory's epoch when mapped pages went last.
    pub(super) fn shrunk(&self) -> u64 {
        self.shrunk.get()
    }

    fn announce(&self) {
        if self.mapped.get() {
            self.shrunk.set(self.memory.next_epoch());
        }
    }
}

fn page_end(offset: u64) -> u64 {
    offset.next_multiple_of(PAGE)
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
        f.debug_struct("Object")
            .field("id", &self.id)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}
