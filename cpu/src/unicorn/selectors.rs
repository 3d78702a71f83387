//! Which segments does a kernel give its programs on x86?

use std::ops::Range;

use unicorn_engine::RegisterX86;

use super::CpuError;
use super::ffi::{Handle, RawContext};
use super::layout;
use super::tlb::Bench;
use crate::arch::Arch;

/// Whose selectors a CPU has. They are what programs see in CS, SS, DS, ES, FS and GS on x86; elsewhere it makes no
/// difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Selectors {
    /// CS 0x23 (32 bits) or 0x33 (64), data 0x2b; entries 12 to 14 are a thread's own.
    /// [Linux, arch/x86/include/asm/segment.h of a 64-bit kernel]
    #[default]
    Linux,
    /// 32 bits: CS 0x1b, data 0x23, entry 7 is a thread's own (FS 0x3b). 64 bits: CS 0x33, data 0x2b, entry 10 is a
    /// thread's own (FS 0x53), and there is code of 32 bits besides (CS 0x23).
    /// [ReactOS, ndk/i386/ketypes.h and ndk/amd64/ketypes.h, KGDT_R3_CODE and following]
    Nt,
    /// 64 bits: CS 0x43, data 0x3b, FS 0x13, GS 0x1b.   [FreeBSD, sys/amd64/include/segments.h]
    FreeBsd,
}

/// A selector of privilege 3 for an entry of the table.
pub(super) const fn selector(index: usize) -> u64 {
    (index as u64) << 3 | 3
}

/// Where in the table the descriptors of programs are.
pub(super) struct Table {
    arch: Arch,
    /// Entry of 32-bit code, 0 for none.
    pub(super) code_32: usize,
    pub(super) code_64: usize,
    pub(super) data: usize,
    /// More flat data.
    more: &'static [usize],
    /// Entries of a thread.
    pub(super) threads: Range<usize>,
    /// DS, ES, FS and GS of a fresh program.
    segments: [u64; 4],
}

impl Table {
    pub(super) fn new(arch: Arch, selectors: Selectors) -> Table {
        let wide = arch == Arch::X86_64;
        let (code_32, code_64, data, threads, segments): (_, _, _, _, [u64; 4]) =
            match (selectors, wide) {
                (Selectors::Nt, false) => (3, 0, 4, 7..8, [0x23, 0x23, 0, 0]),
                (Selectors::Nt, true) => (4, 6, 5, 10..11, [0x2b; 4]),
                (Selectors::FreeBsd, true) => (0, 8, 7, 12..12, [0x3b, 0x3b, 0x13, 0x1b]),
                (_, false) => (4, 0, 5, 12..15, [0x2b, 0x2b, 0, 0]),
                // Code of 32 bits in a 64-bit process is refused.
                (_, true) => (0, 6, 5, 12..15, [0; 4]),
            };
        let more: &[usize] = match selectors {
            Selectors::FreeBsd if wide => &[2, 3],
            _ => &[],
        };
        Table {
            arch,
            code_32,
            code_64,
            data,
            more,
            threads,
            segments,
        }
    }

    /// The entry at the beginning of the table's page; those before it don't exist. In 32-bit mode all that is there is
    /// above 4 GiB, where no instruction reaches.
    fn first(&self) -> usize {
        match self.arch {
            Arch::X86 => self.code_32,
            _ => 0,
        }
    }

    /// Address of entry 0.
    pub(super) fn base(&self) -> u64 {
        match self.arch {
            Arch::X86 => (1 << 32) - 8 * self.first() as u64,
            _ => super::x86::TABLE_64,
        }
    }

    /// Address of the table's page, as the engine asks for it.
    pub(super) fn visible(&self) -> u64 {
        self.base() + 8 * self.first() as u64
    }

    /// Where an entry is in the page.
    pub(super) fn offset(&self, index: usize) -> usize {
        (index - self.first()) * 8
    }

    /// The entries that never change.
    pub(super) fn flat(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        let own = [
            (self.code_32, super::x86::CODE_32),
            (self.code_64, super::x86::CODE_64),
            (self.data, super::x86::DATA),
        ];
        let more = self.more.iter().map(|index| (*index, super::x86::DATA));
        own.into_iter().chain(more).filter(|(index, _)| *index != 0)
    }

    /// What is in a fresh program's data segments.
    pub(super) fn segments(&self) -> [(RegisterX86, u64); 4] {
        let [ds, es, fs, gs] = self.segments;
        [
            (RegisterX86::DS, ds),
            (RegisterX86::ES, es),
            (RegisterX86::FS, fs),
            (RegisterX86::GS, gs),
        ]
    }

    /// Whether a selector is that of 32-bit code. `None` when it is of no code.
    pub(super) fn is_narrow(&self, value: u64) -> Option<bool> {
        let index = (value & 0xffff) >> 3;
        let is = |entry: usize| entry != 0 && index == entry as u64 && value & 4 == 0;
        if is(self.code_32) {
            Some(true)
        } else {
            is(self.code_64).then_some(false)
        }
    }
}

/// What a context has otherwise while a 64-bit CPU runs code of 32 bits: the engine has no call that loads CS in 64-bit
/// mode.
pub(super) struct Narrow(Vec<Patch>);

struct Patch {
    at: usize,
    /// The bits that differ, and what they are.
    mask: u8,
    narrow: u8,
}

const UNKNOWN: CpuError = layout::unexpected("the width of code was not found");

/// More bytes than CS and the engine's flags take.
const MOST: usize = 24;

impl Narrow {
    /// Stops at the same instruction in code of each width, with nothing else changed between. The CPU is as in `fresh`
    /// before and after.
    pub(super) fn find(
        handle: &Handle,
        bench: &Bench<'_>,
        fresh: &RawContext,
        code: u64,
    ) -> Result<Narrow, CpuError> {
        const AT: u64 = 0x300;
        const GENERAL_PROTECTION: u32 = 13;
        // jmp far [rip]: the address of `hlt`, and the selector
        let mut jump = vec![0xff, 0x2d, 0, 0, 0, 0];
        jump.extend((Bench::ADDRESS as u32 + AT as u32).to_le_bytes());
        jump.extend((code as u16).to_le_bytes());
        // A context has pointers of its own, so that both states go through the same.
        let mut state = handle.new_context()?;
        let mut stopped = |offset: u64, code: &[u8]| -> Result<Vec<u8>, CpuError> {
            handle.restore(fresh);
            let number = bench.run(offset, code)?;
            let there = handle.read(RegisterX86::RIP as i32) == Bench::ADDRESS + AT;
            handle.save(&mut state);
            match there && number == GENERAL_PROTECTION {
                true => Ok(state.bytes().to_vec()),
                false => Err(UNKNOWN),
            }
        };
        let wide = stopped(AT, &[0xf4])?;
        let narrow = stopped(AT + 0x40, &jump)?;
        let found: Vec<_> = (wide.iter().zip(&narrow).enumerate())
            .filter(|(_, (wide, narrow))| wide != narrow)
            .map(|(at, (wide, narrow))| Patch {
                at,
                mask: wide ^ narrow,
                narrow: *narrow,
            })
            .collect();
        if found.len() > MOST {
            return Err(UNKNOWN);
        }
        let found = Narrow(found);
        found.check(handle, bench, fresh)?;
        handle.restore(fresh);
        Ok(found)
    }

    /// Whether a context can be made one of 32-bit code, and back.
    fn check(
        &self,
        handle: &Handle,
        bench: &Bench<'_>,
        fresh: &RawContext,
    ) -> Result<(), CpuError> {
        let mut state = handle.new_context()?;
        for (narrow, expected) in [(true, 0xffff_ffff), (false, 0)] {
            handle.restore(fresh);
            handle.save(&mut state);
            self.apply(&mut state, !narrow);
            self.apply(&mut state, narrow);
            handle.restore(&state);
            // dec eax, which is a prefix in 64-bit code; hlt
            bench.run(0x300, &[0x48, 0xf4])?;
            if handle.read(RegisterX86::RAX as i32) != expected {
                return Err(UNKNOWN);
            }
        }
        Ok(())
    }

    /// Makes a context one of 32-bit code, or of 64-bit code.
    pub(super) fn apply(&self, state: &mut RawContext, narrow: bool) {
        let bytes = state.bytes_mut();
        for patch in &self.0 {
            let bits = if narrow { patch.narrow } else { !patch.narrow };
            bytes[patch.at] = bytes[patch.at] & !patch.mask | bits & patch.mask;
        }
    }
}
