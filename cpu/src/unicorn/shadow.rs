//! What does the engine see instead of code that it would abort at?
//!
//! MIPS: a branch on an FPU condition in the delay slot of another branch is UNPREDICTABLE by the architecture, and the
//! end of the host process on this engine. A page that has one is executed from a copy in which it is an undefined
//! instruction. So is one at the beginning of a page, since the branch before it may be on any page; there the branch is
//! done by us if it is not in a slot (see `traps`). Loads and stores still see the page itself.

use std::collections::{HashMap, HashSet};

use super::CpuError;
use super::ffi::Handle;
use super::mips::{is_branch, is_fpu_branch};
use super::tlb::HostPages;
use crate::memory::{Frame, Memory, PAGE};

/// Copies that there can be at a time. Code that needs more of them is refused.
const COPIES: usize = 64;
/// Their place among the physical addresses, behind all RAM.
pub(super) const PHYSICAL: u64 = 0xffe0_0000;
/// An opcode that release 6 made one, the same in both byte orders.
const UNDEFINED: u32 = 0xec00_00ec;

pub(super) struct Shadows {
    big: bool,
    pages: HostPages,
    copies: HashMap<Frame, usize>,
    free: Vec<usize>,
    refused: HashSet<Frame>,
}

/// There are too many.
pub(super) struct Full;

impl Shadows {
    /// `handle` has to be closed before the result is dropped.
    pub(super) fn new(handle: &Handle, big: bool) -> Result<Shadows, CpuError> {
        let pages = HostPages::new(COPIES);
        // SAFETY: the caller keeps the pages longer than the engine.
        unsafe { handle.map_ram_at(PHYSICAL, pages.as_ptr(), COPIES as u64 * PAGE)? };
        Ok(Shadows {
            big,
            pages,
            copies: HashMap::new(),
            free: (0..COPIES).rev().collect(),
            refused: HashSet::new(),
        })
    }

    /// Looks at a frame that is about to be translated and has changed since the last time.
    pub(super) fn scan(&mut self, memory: &Memory, frame: Frame) {
        let mut page = [0; PAGE as usize];
        memory.bytes_out(frame, 0, &mut page);
        let mut changed = false;
        // The word before the page is not known.
        let mut slot = true;
        for bytes in page.chunks_exact_mut(4) {
            let word = [bytes[0], bytes[1], bytes[2], bytes[3]];
            let word = if self.big {
                u32::from_be_bytes(word)
            } else {
                u32::from_le_bytes(word)
            };
            if slot && is_fpu_branch(word) {
                bytes.copy_from_slice(&UNDEFINED.to_ne_bytes());
                changed = true;
            }
            slot = is_branch(word);
        }
        if !changed {
            return;
        }
        match self.free.pop() {
            Some(copy) => {
                self.pages.put(copy * PAGE as usize, &page);
                self.copies.insert(frame, copy);
            }
            None => {
                self.refused.insert(frame);
            }
        }
    }

    /// The physical address from which a frame is executed, if not from itself.
    pub(super) fn of(&self, frame: Frame) -> Result<Option<u64>, Full> {
        if self.refused.contains(&frame) {
            return Err(Full);
        }
        Ok(self.copies.get(&frame).map(|copy| place(*copy)))
    }

    /// Frames have changed. Gives the places whose code has to be forgotten.
    pub(super) fn changed(&mut self, frames: &[Frame]) -> Vec<u64> {
        let mut places = Vec::new();
        if self.copies.is_empty() && self.refused.is_empty() {
            return places;
        }
        for frame in frames {
            self.refused.remove(frame);
            if let Some(copy) = self.copies.remove(frame) {
                self.free.push(copy);
                places.push(place(copy));
            }
        }
        places
    }
}

fn place(copy: usize) -> u64 {
    PHYSICAL + copy as u64 * PAGE
}
