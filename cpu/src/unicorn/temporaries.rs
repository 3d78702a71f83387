//! Which code would overflow the translator?
//!
//! The engine's translator leaks temporaries per instruction, has room for 512 of all kinds in a block, and does not
//! check. Measured by reading its counter after each of 50,000 encodings on x86, 4,700 on MIPS and
//! 6,600 on ARM and A64: MIPS leaks one for nearly every instruction, x86 two for x87 instructions and one for a few
//! others (see `x86_length`), the ARMs none.
//!
//! MIPS: too long a straight run gets a hook on each of its instructions, which does nothing but makes the block end, with 4000 micro-operations, before the room does. On x86 that isn't enough (`fxch` leaks two with
//! seven operations, and a block may reach into a page without the hook), so such a page is not executable except
//! for a single step at a time (`step`).

use std::collections::{HashMap, HashSet};
use std::ffi::c_void;
use std::ops::Range;

use unicorn_engine::{HookType, uc_engine};

use super::mips::{ends_block, skips_slot};
use super::tlb::Shared;
use super::x86_length;
use crate::arch::{Arch, Endian};
use crate::memory::{Frame, Memory, PAGE};

/// So many hooks; then one hook on everything.
const HOOKS: usize = 1024;

pub(super) struct Temporaries {
    arch: Arch,
    /// One bit for each frame that has been looked at since it changed.
    scanned: Vec<u64>,
    /// Frames in which long runs were found, and where.
    dangerous: HashMap<Frame, Vec<Range<u64>>>,
    /// Where hooks are.
    hooked: HashSet<u64>,
    everywhere: bool,
    /// x86-64: there may be code of 32 bits, too.
    pub(super) both_widths: bool,
    buffer: Box<[u8; PAGE as usize]>,
}

impl Temporaries {
    pub(super) fn new(arch: Arch) -> Temporaries {
        Temporaries {
            arch,
            scanned: Vec::new(),
            dangerous: HashMap::new(),
            hooked: HashSet::new(),
            everywhere: false,
            both_widths: false,
            buffer: Box::new([0; PAGE as usize]),
        }
    }

    /// A frame is about to be translated. It is looked at, and the answer is true, if this is the first time, or the
    /// first since a change.
    pub(super) fn scan(&mut self, memory: &Memory, frame: Frame) -> bool {
        let index = frame.index() as usize;
        let (word, bit) = (index / 64, 1 << (index % 64));
        if self.scanned.len() <= word {
            self.scanned.resize(word + 1, 0);
        }
        if self.scanned[word] & bit != 0 {
            return false;
        }
        self.scanned[word] |= bit;
        let runs = match self.arch {
            // None was found on ARM, Thumb and A64.
            Arch::Arm | Arch::Arm64 => return true,
            Arch::Mips | Arch::Mipsel | Arch::Mips64 | Arch::Mips64el => {
                memory.bytes_out(frame, 0, &mut self.buffer[..]);
                long_mips_runs(&self.buffer[..], self.arch.endian() == Endian::Big)
            }
            Arch::X86 | Arch::X86_64 => {
                memory.bytes_out(frame, 0, &mut self.buffer[..]);
                let code = &self.buffer[..];
                let wide = self.arch == Arch::X86_64;
                let mut long = x86_length::has_long_run(code, wide);
                // A page may be run as code of either width.
                long |= wide && self.both_widths && x86_length::has_long_run(code, false);
                long.then_some(0..PAGE).into_iter().collect()
            }
        };
        if runs.is_empty() {
            self.dangerous.remove(&frame);
        } else {
            self.dangerous.insert(frame, runs);
        }
        true
    }

    /// A frame is fetched at a page. Whether it may be run as usual.
    pub(super) fn fetched(&mut self, shared: &Shared, virtual_page: u64, frame: Frame) -> bool {
        if self.dangerous.is_empty() {
            return true;
        }
        let Some(runs) = self.dangerous.get(&frame) else {
            return true;
        };
        if matches!(self.arch, Arch::X86 | Arch::X86_64) {
            return false;
        }
        for run in runs.clone() {
            let first = virtual_page * PAGE;
            self.hook(shared, first + run.start..first + run.end);
        }
        true
    }

    /// Frames have changed: they are scanned when they are fetched again.
    pub(super) fn changed(&mut self, frames: &[Frame]) {
        for frame in frames {
            let index = frame.index() as usize;
            if let Some(word) = self.scanned.get_mut(index / 64) {
                *word &= !(1 << (index % 64));
            }
            self.dangerous.remove(frame);
        }
    }

    fn hook(&mut self, shared: &Shared, run: Range<u64>) {
        // Keyed by both ends: another frame there may have another run.
        if self.everywhere
            || !self
                .hooked
                .insert(run.start << 12 | (run.end - run.start) >> 2)
        {
            return;
        }
        self.everywhere = self.hooked.len() > HOOKS;
        let (begin, end) = if self.everywhere {
            (1, 0)
        } else {
            (run.start, run.end - 1)
        };
        let callback = on_instruction as *mut c_void;
        // SAFETY: on_instruction has the code hook's signature and does nothing.
        let added = unsafe {
            shared
                .engine
                .hook(HookType::CODE, callback, std::ptr::null_mut(), begin, end)
        };
        debug_assert!(added.is_ok());
        if self.everywhere {
            // What is translated already leads on without a hook.
            shared.flush_code.set(true);
        }
    }
}

extern "C" fn on_instruction(_: *mut uc_engine, _: u64, _: u32, _: *mut c_void) {}

/// Instructions of MIPS that a block may hold without a hook: each leaks one temporary, there is room for 378, and a
/// block ends with its page.
const MIPS_RUN: u64 = 350;

/// The ranges of bytes that a block with too many instructions can consist of, wherever it begins.
fn long_mips_runs(code: &[u8], big: bool) -> Vec<Range<u64>> {
    let words: Vec<u32> = code
        .chunks_exact(4)
        .map(|word| {
            let word = [word[0], word[1], word[2], word[3]];
            if big {
                u32::from_be_bytes(word)
            } else {
                u32::from_le_bytes(word)
            }
        })
        .collect();
    let count = words.len();
    // Instructions of the block that begins at each word, and the word where it ends; the last ones first.
    let mut blocks = vec![(0u64, count); count + 2];
    for at in (0..count).rev() {
        blocks[at] = match words[at] {
            word if ends_block(word) => (2, (at + 2).min(count)),
            // The engine goes on behind the slot.
            word if skips_slot(word) => (blocks[at + 2].0 + 1, blocks[at + 2].1),
            _ => (blocks[at + 1].0 + 1, blocks[at + 1].1),
        };
    }
    let mut runs: Vec<Range<u64>> = Vec::new();
    for (at, (instructions, end)) in blocks[..count].iter().enumerate() {
        if *instructions > MIPS_RUN {
            let (start, end) = (4 * at as u64, 4 * *end as u64);
            match runs.last_mut() {
                Some(last) if start < last.end => last.end = last.end.max(end),
                _ => runs.push(start..end),
            }
        }
    }
    runs
}
