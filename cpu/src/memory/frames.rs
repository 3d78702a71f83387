//! All guest RAM: one reserved piece of host memory, cut into counted frames.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;
use std::ptr::NonNull;
use std::rc::{Rc, Weak};

use rustix::mm::{Advice, MapFlags, ProtFlags};

use super::{PAGE, PAGE_BYTES};

/// A page of guest RAM, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Frame(u32);

impl Frame {
    /// The frame that is zero and stays zero. It is never granted for writing and never freed.
    pub const ZERO: Frame = Frame(0);

    /// Its number.
    pub fn index(self) -> u32 {
        self.0
    }

    /// Its offset from [`Memory::base`], which is its address for an engine that has the arena mapped at 0.
    pub fn physical(self) -> u64 {
        u64::from(self.0) * PAGE
    }

    /// The frame whose number a page-table entry keeps in its low half.
    pub(super) fn from_entry(entry: u64) -> Frame {
        Frame((entry & u64::from(u32::MAX)) as u32)
    }
}

/// All guest RAM. Cloning gives another handle to the same.
///
/// One host mapping without reserved swap: what was never touched costs address space only. What the guest may use, its
/// page tables included, is bounded by the limit; beyond it allocation fails and the guest sees
/// [`FaultKind::NoMemory`](super::FaultKind::NoMemory).
#[derive(Clone)]
pub struct Memory(Rc<Inner>);

struct Inner {
    arena: Arena,
    frames: u64,
    limit: u64,
    state: RefCell<State>,
    /// Counts the shrinkings of mapped objects; address spaces compare it with what they have seen.
    epoch: Cell<u64>,
    /// Counts the frames that engines must no longer let the guest write unnoticed.
    revoked: Cell<u64>,
    /// The clock that the guest can read by an instruction.
    ticks: Cell<u64>,
    next_id: Cell<u64>,
}

struct Arena {
    base: NonNull<u8>,
    size: usize,
}

struct State {
    /// One for each frame that was ever used.
    info: Vec<Info>,
    /// Free frames that hold old bytes.
    dirty: Vec<u32>,
    /// Free frames given back to the host, which are zero.
    clean: Vec<u32>,
    live: u64,
    tables: u64,
    peak: u64,
    watches: Vec<Weak<RefCell<Vec<Frame>>>>,
}

#[derive(Clone, Copy)]
struct Info {
    /// `PINNED` is never counted down.
    references: u32,
    flags: u8,
}

const PINNED: u32 = u32::MAX;
const CODE: u8 = 1;
const WRITABLE: u8 = 2;

/// Free frames kept for reuse before they are given back to the host (64 MiB), unless more are in use.
const KEEP: usize = 16_384;

impl Drop for Arena {
    fn drop(&mut self) {
        // SAFETY: `base` and `size` are those of the mapping made in `Memory::new`; nothing borrows from it, since
        // bytes leave this file by copy only, and an engine that has it mapped holds a clone of the `Memory`.
        let _ = unsafe { rustix::mm::munmap(self.base.as_ptr().cast(), self.size) };
    }
}

impl Memory {
    /// Reserves guest RAM of `limit` bytes, rounded down to pages (at least two). One page of it is the shared zero page.
    pub fn new(limit: u64) -> io::Result<Memory> {
        let frames = (limit / PAGE).clamp(2, u64::from(u32::MAX));
        let size = usize::try_from(frames * PAGE).map_err(|_| io::ErrorKind::OutOfMemory)?;
        // SAFETY: a fresh anonymous mapping at an address of the host's choice touches nothing that exists.
        let base = unsafe {
            rustix::mm::mmap_anonymous(
                std::ptr::null_mut(),
                size,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::PRIVATE | MapFlags::NORESERVE,
            )
        }?;
        let base = NonNull::new(base.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Memory(Rc::new(Inner {
            arena: Arena { base, size },
            frames,
            limit: frames * PAGE,
            state: RefCell::new(State {
                info: vec![Info {
                    references: PINNED,
                    flags: 0,
                }],
                dirty: Vec::new(),
                clean: Vec::new(),
                live: 0,
                tables: 0,
                peak: 0,
                watches: Vec::new(),
            }),
            epoch: Cell::new(0),
            revoked: Cell::new(0),
            ticks: Cell::new(0),
            next_id: Cell::new(1),
        })))
    }

    /// Where the arena begins in the host.
    pub fn base(&self) -> *mut u8 {
        self.0.arena.base.as_ptr()
    }

    /// Size of the arena in bytes.
    pub fn size(&self) -> u64 {
        self.0.frames * PAGE
    }

    /// Bytes in frames now.
    pub fn used(&self) -> u64 {
        self.0.state.borrow().live * PAGE
    }

    /// The most that [`Memory::used`] ever was.
    pub fn peak(&self) -> u64 {
        self.0.state.borrow().peak * PAGE
    }

    /// Bytes in page tables and lists of regions now. They count against the limit, too.
    pub fn tables(&self) -> u64 {
        self.0.state.borrow().tables * PAGE
    }

    /// What frames and page tables together may take, in bytes.
    pub fn limit(&self) -> u64 {
        self.0.limit
    }

    /// Bytes that can still be allocated.
    pub fn available(&self) -> u64 {
        let state = self.0.state.borrow();
        (self.0.frames - 1).saturating_sub(state.live + state.tables) * PAGE
    }

    /// Whether both are the same RAM.
    pub fn same(&self, other: &Memory) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// A fresh frame of zeros, with one reference.
    pub(super) fn allocate(&self) -> Option<Frame> {
        let (frame, zero) = self.take()?;
        if !zero {
            self.bytes_set(frame, 0, PAGE_BYTES, 0);
        }
        Some(frame)
    }

    /// A fresh frame with the bytes of `from`, with one reference.
    pub(super) fn allocate_copy(&self, from: Frame) -> Option<Frame> {
        if from == Frame::ZERO {
            return self.allocate();
        }
        let (frame, _) = self.take()?;
        // SAFETY: both lie inside the arena (invariant of `Frame`), and are different, since `take` gives a free one.
        unsafe {
            std::ptr::copy_nonoverlapping(self.address(from), self.address(frame), PAGE_BYTES);
        }
        Some(frame)
    }

    fn take(&self) -> Option<(Frame, bool)> {
        let mut state = self.0.state.borrow_mut();
        let state = &mut *state;
        if state.live + state.tables >= self.0.frames - 1 {
            return None;
        }
        let (index, zero) = if let Some(index) = state.dirty.pop() {
            (index, false)
        } else if let Some(index) = state.clean.pop() {
            (index, true)
        } else {
            // Fewer than `frames` are live and none is free, so one was never used.
            let index = u32::try_from(state.info.len()).ok()?;
            state.info.push(Info {
                references: 0,
                flags: 0,
            });
            (index, true)
        };
        state.info[index as usize] = Info {
            references: 1,
            flags: 0,
        };
        state.live += 1;
        state.peak = state.peak.max(state.live);
        Some((Frame(index), zero))
    }

    /// One more reference.
    pub(super) fn retain(&self, frame: Frame) {
        let info = &mut self.0.state.borrow_mut().info[frame.0 as usize];
        // A frame that reaches 2^32-1 references stays for ever, which is better than one that goes too early.
        info.references = info.references.saturating_add(1);
    }

    /// One reference less; the last one frees the frame.
    pub(super) fn release(&self, frame: Frame) {
        let mut state = self.0.state.borrow_mut();
        let info = &mut state.info[frame.0 as usize];
        match info.references {
            PINNED => {}
            0 => debug_assert!(false, "{frame:?} was released too often"),
            1 => {
                let code = info.flags & CODE != 0;
                *info = Info {
                    references: 0,
                    flags: 0,
                };
                if code {
                    state.report(frame);
                }
                state.live -= 1;
                state.dirty.push(frame.0);
                if state.dirty.len() >= KEEP.max(state.live as usize) {
                    self.give_back(&mut state);
                }
            }
            _ => info.references -= 1,
        }
    }

    /// Whether there is exactly one reference.
    pub(super) fn is_sole(&self, frame: Frame) -> bool {
        self.0.state.borrow().info[frame.0 as usize].references == 1
    }

    fn give_back(&self, state: &mut State) {
        state.dirty.sort_unstable_by(|a, b| b.cmp(a));
        let mut kept = Vec::new();
        for run in state.dirty.chunk_by(|high, low| high - low == 1) {
            let lowest = Frame(run[run.len() - 1]);
            // SAFETY: the run lies inside the arena and consists of free frames, whose bytes nobody expects to stay.
            let done = unsafe {
                rustix::mm::madvise(
                    self.address(lowest).cast(),
                    run.len() * PAGE_BYTES,
                    Advice::LinuxDontNeed,
                )
            };
            match done {
                Ok(()) => state.clean.extend_from_slice(run),
                Err(_) => kept.extend_from_slice(run),
            }
        }
        state.dirty = kept;
    }

    /// Takes `pages` of the limit for page tables and the like.
    pub(super) fn charge(&self, pages: u64) -> Option<Charge> {
        let mut state = self.0.state.borrow_mut();
        if state.live + state.tables + pages > self.0.frames - 1 {
            return None;
        }
        state.tables += pages;
        drop(state);
        Some(Charge {
            memory: self.clone(),
            pages,
        })
    }

    /// The same, beyond the limit if it must be.
    pub(super) fn charge_anyway(&self, pages: u64) -> Charge {
        self.0.state.borrow_mut().tables += pages;
        Charge {
            memory: self.clone(),
            pages,
        }
    }

    fn address(&self, frame: Frame) -> *mut u8 {
        debug_assert!(u64::from(frame.0) < self.0.frames);
        // SAFETY: a `Frame` is made in this file only, below `frames`, or comes from a table entry made from one; so
        // the result is inside the one mapping of `frames` pages.
        unsafe { self.base().add(frame.0 as usize * PAGE_BYTES) }
    }

    /// Copies bytes out of a frame.
    #[inline]
    pub(crate) fn bytes_out(&self, frame: Frame, offset: usize, out: &mut [u8]) {
        assert!(offset <= PAGE_BYTES && out.len() <= PAGE_BYTES - offset);
        // SAFETY: in bounds of the frame by the line above; `out` is a Rust buffer, which the arena never is part of.
        unsafe {
            std::ptr::copy_nonoverlapping(
                self.address(frame).add(offset),
                out.as_mut_ptr(),
                out.len(),
            );
        }
    }

    /// Copies bytes into a frame. If code was translated from it, that code is reported as stale.
    #[inline]
    pub(crate) fn bytes_in(&self, frame: Frame, offset: usize, bytes: &[u8]) {
        assert!(offset <= PAGE_BYTES && bytes.len() <= PAGE_BYTES - offset);
        assert!(frame != Frame::ZERO, "the zero frame stays zero");
        self.written(frame);
        // SAFETY: in bounds of the frame by the first line; `bytes` is a Rust buffer, which the arena never is part of.
        unsafe {
            std::ptr::copy_nonoverlapping(
                bytes.as_ptr(),
                self.address(frame).add(offset),
                bytes.len(),
            );
        }
    }

    /// Fills bytes of a frame. If code was translated from it, that code is reported as stale.
    pub(crate) fn bytes_set(&self, frame: Frame, offset: usize, len: usize, value: u8) {
        assert!(offset <= PAGE_BYTES && len <= PAGE_BYTES - offset);
        assert!(frame != Frame::ZERO, "the zero frame stays zero");
        self.written(frame);
        // SAFETY: in bounds of the frame by the first line.
        unsafe { std::ptr::write_bytes(self.address(frame).add(offset), value, len) };
    }

    #[inline]
    fn written(&self, frame: Frame) {
        let mut state = self.0.state.borrow_mut();
        if state.info[frame.0 as usize].flags & CODE != 0 {
            state.stale(frame);
        }
    }

    /// Whether some engine has translated code from this frame since its bytes last changed by the host's hand.
    pub(crate) fn has_code(&self, frame: Frame) -> bool {
        self.0.state.borrow().info[frame.0 as usize].flags & CODE != 0
    }

    pub(super) fn epoch(&self) -> u64 {
        self.0.epoch.get()
    }

    /// A mapped object lost pages: all address spaces have to look.
    pub(super) fn next_epoch(&self) -> u64 {
        self.0.epoch.set(self.0.epoch.get() + 1);
        self.0.epoch.get()
    }

    /// A number not given before.
    pub(crate) fn fresh_id(&self) -> u64 {
        self.0.next_id.replace(self.0.next_id.get() + 1)
    }
}

/// For engines: code translated from frames, and who may write them.   [ENGINE quirks 9 and 10]
#[cfg_attr(
    not(feature = "unicorn"),
    allow(dead_code, reason = "used by engines only")
)]
impl Memory {
    /// An engine is about to translate code from this frame. From now on a host write to it, or its end, is reported
    /// to all watches.
    pub(crate) fn set_code(&self, frame: Frame) {
        self.0.state.borrow_mut().info[frame.0 as usize].flags |= CODE;
    }

    /// The guest is about to write the frame: code from it is no longer valid. Clears `code` and tells all watches, the
    /// caller's included. (Host writes do this by themselves.)
    pub(crate) fn mark_stale(&self, frame: Frame) {
        self.0.state.borrow_mut().stale(frame);
    }

    /// Whether an engine may hold a translation that lets the guest write this frame unnoticed.
    pub(crate) fn is_writable_granted(&self, frame: Frame) -> bool {
        self.0.state.borrow().info[frame.0 as usize].flags & WRITABLE != 0
    }

    /// Notes that an engine may hold such a translation.
    pub(crate) fn set_writable_granted(&self, frame: Frame) {
        self.0.state.borrow_mut().info[frame.0 as usize].flags |= WRITABLE;
    }

    /// From now on no engine may hold such a translation: each has to flush its TLB when [`Memory::revoked`] has changed.
    pub(crate) fn revoke_writable(&self, frame: Frame) {
        self.0.state.borrow_mut().info[frame.0 as usize].flags &= !WRITABLE;
        self.0.revoked.set(self.0.revoked.get() + 1);
    }

    /// How often a frame was taken away from those who may write it.
    pub(crate) fn revoked(&self) -> u64 {
        self.0.revoked.get()
    }

    /// The clock that guests read by an instruction, the same on every engine. It moves when somebody looks at it.
    pub(crate) fn ticks(&self) -> &Cell<u64> {
        &self.0.ticks
    }

    /// From now on collects the frames whose translated code went stale. One for each engine.
    pub(crate) fn watch(&self) -> Watch {
        let list = Rc::default();
        let watches = &mut self.0.state.borrow_mut().watches;
        watches.retain(|watch| watch.strong_count() > 0);
        watches.push(Rc::downgrade(&list));
        Watch(list)
    }
}

impl State {
    fn stale(&mut self, frame: Frame) {
        self.info[frame.0 as usize].flags &= !CODE;
        self.report(frame);
    }

    fn report(&self, frame: Frame) {
        for watch in self.watches.iter().filter_map(Weak::upgrade) {
            watch.borrow_mut().push(frame);
        }
    }
}

/// Frames whose translated code went stale, as one engine has to learn of them.
#[cfg_attr(
    not(feature = "unicorn"),
    allow(dead_code, reason = "used by engines only")
)]
pub(crate) struct Watch(Rc<RefCell<Vec<Frame>>>);

#[cfg_attr(
    not(feature = "unicorn"),
    allow(dead_code, reason = "used by engines only")
)]
impl Watch {
    /// Whether there is nothing to do.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    /// The frames reported since the last call. One may come twice.
    pub(crate) fn take(&self) -> Vec<Frame> {
        self.0.take()
    }
}

/// Pages of the limit, taken until dropped.
pub(super) struct Charge {
    memory: Memory,
    pages: u64,
}

impl Charge {
    pub(super) fn memory(&self) -> &Memory {
        &self.memory
    }

    pub(super) fn pages(&self) -> u64 {
        self.pages
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.memory.0.state.borrow_mut().tables -= self.pages;
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory")
            .field("used", &self.used())
            .field("limit", &self.limit())
            .finish_non_exhaustive()
    }
}
