//! When is translated code stale?
//!
//! The engine notices a store to translated code only through a TLB entry that it keeps on the slow path, which it does
//! for entries with execute permission. So a frame is granted either for writing or for executing, and forgetting its
//! code stands between the two. Rule and flags are per frame, so that aliases are covered.

use super::shadow::Full;
use super::tlb::{EXEC, Event, Grant, READ, Shared, WRITE};
use crate::arch::Arch;
use crate::memory::{Access, Frame, PAGE, Page, Prot};

/// A frame that turned from code to data so often is granted for both, with slow stores: a trampoline on a stack.
const TURNS: u32 = 16;

impl Shared {
    /// What the engine may do with a page that the address space has just allowed `access` to, or what has to be done
    /// first. `moved` says that translations have changed in this very access.
    pub(super) fn grant(
        &self,
        address: u64,
        page: Page,
        access: Access,
        moved: bool,
    ) -> Result<Grant, Event> {
        let virtual_page = address / PAGE;
        let frame = page.frame;
        let physical = frame.physical();
        let both = page.prot.contains(Prot::WRITE | Prot::EXEC);
        let writable = page.prot.contains(Prot::WRITE);
        let prot = match access {
            Access::Fetch => {
                if !self.becomes_code(virtual_page, frame) && !self.stepping.get() {
                    return Err(Event::Step);
                }
                if self.flush_code.get() {
                    return Err(Event::Restart);
                }
                if let Some(shadows) = &*self.shadows.borrow() {
                    match shadows.of(frame) {
                        Ok(Some(physical)) => {
                            return Ok(Grant {
                                physical,
                                prot: EXEC,
                            });
                        }
                        Ok(None) => {}
                        Err(Full) => return Err(Event::Refused),
                    }
                }
                if both && self.is_restless(frame) {
                    READ | WRITE | EXEC
                } else {
                    READ | EXEC
                }
            }
            Access::Read if writable && !self.memory.has_code(frame) => {
                self.memory.set_writable_granted(frame);
                READ | WRITE
            }
            Access::Read => READ,
            Access::Write => {
                if moved && self.fetched_elsewhere(virtual_page, frame) {
                    // The code that runs may be the old copy of this very page.
                    return Err(Event::Restart);
                }
                if self.memory.has_code(frame) {
                    if both && self.is_restless(frame) {
                        self.becomes_code(virtual_page, frame);
                        return Ok(Grant {
                            physical,
                            prot: READ | WRITE | EXEC,
                        });
                    }
                    if both && self.writes_itself(virtual_page) && !self.stepping.get() {
                        return Err(Event::Step);
                    }
                    *self.turns.borrow_mut().entry(frame).or_default() += 1;
                    self.memory.mark_stale(frame);
                    self.forget_stale();
                }
                self.memory.set_writable_granted(frame);
                READ | WRITE
            }
        };
        Ok(Grant { physical, prot })
    }

    /// Whether the code may be run as usual.
    fn becomes_code(&self, virtual_page: u64, frame: Frame) -> bool {
        if self.memory.is_writable_granted(frame) {
            self.memory.revoke_writable(frame);
            self.revoked.set(self.memory.revoked());
            self.flush();
        }
        self.fetched.borrow_mut().insert(virtual_page, frame);
        // Another engine may have set it: that one has looked at the frame for itself only.
        if !self.memory.has_code(frame) {
            self.memory.set_code(frame);
        }
        let new = self.temporaries.borrow_mut().scan(&self.memory, frame);
        if new && let Some(shadows) = &mut *self.shadows.borrow_mut() {
            shadows.scan(&self.memory, frame);
        }
        self.temporaries
            .borrow_mut()
            .fetched(self, virtual_page, frame)
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

    /// Only where code that changes unseen can't overflow the translator.
    fn is_restless(&self, frame: Frame) -> bool {
        let safe = matches!(self.arch, Arch::Arm | Arch::Arm64);
        safe && self
            .turns
            .borrow()
            .get(&frame)
            .is_some_and(|turns| *turns >= TURNS)
    }

    /// x86 sees a store to the next instruction at once. So a block must not go on behind one.
    fn writes_itself(&self, virtual_page: u64) -> bool {
        if !matches!(self.arch, Arch::X86 | Arch::X86_64) {
            return false;
        }
        let pc = self
            .engine
            .read(super::registers::program_counter(self.arch));
        // A block may reach into the page after the one in which it begins.
        (0..=1).contains(&virtual_page.wrapping_sub(pc / PAGE))
    }

    /// Makes the engine forget the code of frames that have changed.
    pub(super) fn forget_stale(&self) {
        let frames = self.watch.take();
        self.flush();
        self.force.set(true);
        for frame in &frames {
            self.engine
                .remove_code(frame.physical(), frame.physical() + PAGE);
        }
        if let Some(shadows) = &mut *self.shadows.borrow_mut() {
            for place in shadows.changed(&frames) {
                self.engine.remove_code(place, place + PAGE);
            }
        }
        self.force.set(false);
        self.flush();
        if !frames.is_empty() {
            self.temporaries.borrow_mut().changed(&frames);
            self.fetched
                .borrow_mut()
                .retain(|_, frame| !frames.contains(frame));
        }
    }
}
