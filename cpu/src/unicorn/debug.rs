//! Which addresses does an x86 program have watched?   [Intel SDM 3B, Debug Registers; RF and TF in EFLAGS]
//!
//! The engine keeps the debug registers' values and heeds none of them. Where an instruction is watched the engine ends its
//! run. Accesses to a page with watched bytes are refused and then made by an instruction that runs alone, after which it is
//! known what it did. Who watches nothing pays nothing.

use unicorn_engine::RegisterX86;

use super::tlb::Shared;
use super::{UnicornCpu, layout, x86};
use crate::arch::Arch;
use crate::disasm::access_size;
use crate::memory::{Access, PAGE};
use crate::{Exception, Exit};

/// EFLAGS: the next instruction runs though it is watched.
pub(super) const RESUME: u64 = 1 << 16;

/// The address of each debug register, by its number.
const ADDRESSES: [RegisterX86; 4] = [
    RegisterX86::DR0,
    RegisterX86::DR1,
    RegisterX86::DR2,
    RegisterX86::DR3,
];
/// What DR7 says of one: instructions, writes, ports, all accesses.
const EXECUTE: u64 = 0;
const WRITE: u64 = 1;
const ACCESS: u64 = 3;

/// Bytes that are watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Watched {
    index: usize,
    start: u64,
    len: u64,
    /// Whether reads are told, too.
    reads: bool,
}

impl Watched {
    fn tells(&self, access: Access) -> bool {
        access == Access::Write || self.reads
    }

    fn is_on_page(&self, page: u64) -> bool {
        self.start / PAGE == page
    }
}

impl Shared {
    /// Whether an access is to a page with watched bytes, and one that has to be looked at.
    pub(super) fn looks_at(&self, address: u64, access: Access) -> bool {
        let watched = self.watched.borrow();
        let mut there = watched.iter().filter(|own| own.is_on_page(address / PAGE));
        access != Access::Fetch && there.any(|own| own.tells(access))
    }

    /// What may be granted of a page besides what was asked for: no access that has to be looked at.
    pub(super) fn unwatched(&self, address: u64, prot: u32) -> u32 {
        use super::tlb::{READ, WRITE};
        let allowed = |access, bit| {
            if self.looks_at(address, access) {
                bit
            } else {
                0
            }
        };
        prot & !(allowed(Access::Read, READ) | allowed(Access::Write, WRITE))
    }
}

impl UnicornCpu {
    /// Whether a register is one whose values say that anything is watched.
    pub(super) fn watches_by(id: i32, value: u64) -> bool {
        id == RegisterX86::DR7 as i32 && value & 0xff != 0
    }

    /// Before a run: what is watched now.
    pub(super) fn watch(&mut self) {
        let control = self.handle.read(RegisterX86::DR7 as i32);
        let mut points = Vec::new();
        let mut watched = Vec::new();
        for (index, register) in ADDRESSES.into_iter().enumerate() {
            if control >> (2 * index) & 3 == 0 {
                continue;
            }
            let address = self.handle.read(register as i32);
            let len = match control >> (18 + 4 * index) & 3 {
                2 => 8,
                len => len + 1,
            };
            match control >> (16 + 4 * index) & 3 {
                EXECUTE => points.push((address, index)),
                kind @ (WRITE | ACCESS) => watched.push(Watched {
                    index,
                    start: address & !(len - 1),
                    len,
                    reads: kind == ACCESS,
                }),
                _ => {}
            }
        }
        if points != self.points {
            self.points = points;
            self.end_at_points();
            self.handle.flush_code();
        }
        if watched != *self.shared.watched.borrow() {
            self.shared.watches.set(!watched.is_empty());
            self.shared.watched.replace(watched);
            self.shared.flush();
        }
    }

    /// Where the engine ends its runs otherwise.
    pub(super) fn end_at_points(&self) {
        let addresses: Vec<u64> = self.points.iter().map(|(address, _)| *address).collect();
        self.handle.set_exits(&addresses);
    }

    pub(super) fn is_point(&self, pc: u64) -> bool {
        self.points.iter().any(|(address, _)| *address == pc)
    }

    /// What is to be told before the next instruction, which may run alone first.
    pub(super) fn at_point(&mut self) -> Option<Exit> {
        loop {
            let pc = self.pc.get();
            let resumes = self.resumes.take() | self.takes_resume();
            if !self.is_point(pc) {
                return None;
            }
            if !resumes {
                let hit = self.points.iter().filter(|(address, _)| *address == pc);
                let hits = hit.fold(0, |hits, (_, index)| hits | 1 << index);
                return Some(self.told(hits));
            }
            if let Some(exit) = self.pass(pc) {
                return Some(exit);
            }
        }
    }

    /// Whether the program has just set the flag itself, by `iret`; it holds once.
    fn takes_resume(&self) -> bool {
        let id = match self.arch {
            Arch::X86_64 => RegisterX86::RFLAGS as i32,
            _ => RegisterX86::EFLAGS as i32,
        };
        let flags = self.handle.read(id);
        if flags & RESUME != 0 {
            self.handle.write(id, flags & !RESUME);
        }
        flags & RESUME != 0
    }

    /// Runs one instruction that may be a watched one.
    fn pass(&mut self, pc: u64) -> Option<Exit> {
        let mut bytes = [0; 15];
        let code = self.shared.read_up_to(pc, &mut bytes);
        let found = x86::skip_prefixes(code, self.shared.is_long());
        let Some((0x9d, rest)) = found else {
            return self.step(pc);
        };
        // popf can't be stepped by the flag that it sets. It is followed by the next instruction.
        let next = pc.wrapping_add((code.len() - rest.len()) as u64);
        self.handle.set_exits(&[next]);
        self.handle.flush_code();
        layout::take_exception();
        self.handle.start(pc);
        self.end_at_points();
        self.handle.flush_code();
        let now = self.fetch_pc();
        self.outcome(now)
    }

    /// Makes an access that has been refused since something on its page is watched; tells of it if it was that.
    pub(super) fn look(&mut self, pc: u64, access: Access) -> Option<Exit> {
        let address = self.shared.clean(layout::invalid_address(&self.handle));
        let mut bytes = [0; 15];
        let code = self.shared.read_up_to(pc, &mut bytes);
        let arch = match self.shared.is_long() {
            true => Arch::X86_64,
            false => Arch::X86,
        };
        let size = access_size(arch, code);
        let end = self.pass(pc);
        if !matches!(end, None | Some(Exit::Exception(Exception::SingleStep))) {
            return end;
        }
        let hits = {
            let watched = self.shared.watched.borrow();
            let meets = |own: &&Watched| {
                own.tells(access) && address < own.start + own.len && own.start < address + size
            };
            let hit = watched.iter().filter(meets);
            hit.fold(0, |hits, own| hits | 1 << own.index)
        };
        match hits {
            0 => end,
            hits => Some(self.told(hits)),
        }
    }

    /// DR6 says which registers' addresses were met.
    fn told(&self, hits: u64) -> Exit {
        let id = RegisterX86::DR6 as i32;
        let before = self.handle.read(id) & !0xf;
        self.handle.write(id, before | hits);
        Exit::Exception(Exception::SingleStep)
    }
}
