//! When is translated code stale?
//!
//! The engine notices a store to translated code only through a TLB entry that it keeps on the slow path, which it does
//! for entries with execute permission. So a frame is granted either for writing or for executing, and forgetting its
//! code stands between the two. Rule and flags are per frame, so that aliases are covered.   [ENGINE quirks 9 and 10]

use super::tlb::{EXEC, Grant, READ, Shared, WRITE};
use crate::arch::Arch;
use crate::memory::{Access, Frame, PAGE, Page, Prot};

/// A frame that turned from code to data so often is granted for both, with slow stores: a trampoline on a stack.
const TURNS: u32 = 16;

impl Shared {
    /// What the engine may do with a page that the address space has just allowed `access` to. `None` asks for the
    /// instruction to be started again. `moved` says that translations have changed in this very access.
    pub(super) fn grant(&self, address: u64, page: Page, access: Access, moved: bool) -> Option<Grant> {
        let virtual_page = address / PAGE;
        let frame = page.frame;
        let physical = frame.physical();
        let both = page.prot.contains(Prot::WRITE | Prot::EXEC);
        let writable = page.prot.contains(Prot::WRITE);
        let prot = match access {
            Access::Fetch => {
                self.becomes_code(virtual_page, frame);
                if both && self.is_restless(frame) {
                    self.watch_writes(virtual_page);
                    READ | WRITE | EXEC
                } else {
                    READ | EXEC
                }
            }
            Access::Read if writable && !self.memory.has_code(frame) => {
                self.memory.set_writable_granted(frame, true);
                READ | WRITE
            }
            Access::Read => READ,
            Access::Write => {
                if moved && self.fetched_elsewhere(virtual_page, frame) {
                    // The code that runs may be the old copy of this very page.
                    return None;
                }
                if self.memory.has_code(frame) {
                    if both && (self.writes_itself(virtual_page) || self.is_restless(frame)) {
                        self.becomes_code(virtual_page, frame);
                        self.watch_writes(virtual_page);
                        return Some(Grant { physical, prot: READ | WRITE | EXEC });
                    }
                    *self.turns.borrow_mut().entry(frame).or_default() += 1;
                    self.memory.mark_stale(frame);
                    self.forget_stale();
                }
                self.memory.set_writable_granted(frame, true);
                READ | WRITE
            }
        };
        Some(Grant { physical, prot })
    }

    fn becomes_code(&self, virtual_page: u64, frame: Frame) {
        if self.memory.is_writable_granted(frame) {
            self.memory.set_writable_granted(frame, false);
            self.flush();
        }
        self.fetched.borrow_mut().insert(virtual_page, frame);
        if !self.memory.has_code(frame) {
            self.memory.set_code(frame);
            self.temporaries.borrow_mut().scan(&self.memory, frame);
        }
        self.temporaries.borrow_mut().fetched(self, virtual_page, frame);
    }

    /// Whether another frame was executed at this page before.
    fn fetched_elsewhere(&self, virtual_page: u64, frame: Frame) -> bool {
        let mut fetched = self.fetched.borrow_mut();
        match fetched.get(&virtual_page) {
            Some(old) if *old != frame => {
                fetched.remove(&virtual_page);
                true
            }
            _ => false,
        }
    }

    fn is_restless(&self, frame: Frame) -> bool {
        self.turns.borrow().get(&frame).is_some_and(|turns| *turns >= TURNS)
    }

    /// x86 sees a store to the next instruction at once, which the engine does for code on the slow path only.
    fn writes_itself(&self, virtual_page: u64) -> bool {
        if !matches!(self.arch, Arch::X86 | Arch::X86_64) {
            return false;
        }
        let pc = self.engine.read(super::registers::program_counter(self.arch));
        // A block may reach into the page after the one in which it begins.
        (0..=1).contains(&virtual_page.wrapping_sub(pc / PAGE))
    }

    /// Code on a page that stays writable can change without our seeing it.
    fn watch_writes(&self, virtual_page: u64) {
        self.temporaries.borrow_mut().watch(self, virtual_page);
    }

    /// Makes the engine forget the code of frames that have changed.
    pub(super) fn forget_stale(&self) {
        let frames = self.watch.take();
        self.flush();
        self.force.set(true);
        for frame in &frames {
            self.engine.remove_code(frame.physical(), frame.physical() + PAGE);
        }
        self.force.set(false);
        self.flush();
        if frames.len() > 0 {
            self.temporaries.borrow_mut().changed(&frames);
            self.fetched.borrow_mut().retain(|_, frame| !frames.contains(frame));
        }
    }
}
