//! MIPS32, both byte orders: user mode, delay slots, unaligned accesses.

use unicorn_engine::{Mips32CpuModel, RegisterMIPS};

use super::CpuError;
use super::ffi::{Engine, Handle};
use super::layout;
use super::shadow::Shadows;
use super::tlb::{Bench, Shared};
use crate::Cause;
use crate::arch::Arch;
use crate::memory::{AddressSpace, Fault, GuestMemory, PAGE};

/// MIPS32 release 2 with a 64-bit FPU and without DSP. Its MIPS16 is taken away below.
pub(super) const MODEL: i32 = Mips32CpuModel::Model_24KF as i32;

const PC: i32 = RegisterMIPS::PC as i32;

/// `mtc0 $8, $7` (HWREna), `syscall`, `lw $8, 0($9)`.
const MTC0_HWRENA: u32 = 0x4088_3800;
const SYSCALL: u32 = 0x0000_000c;
const LW: u32 = 0x8d28_0000;

/// `mtc0` of $8 to Index, $9 to EntryHi, $10 to EntryLo0, $11 to EntryLo1, $12 to PageMask; `tlbwi`; `syscall`.
const FILL_TLB: [u32; 7] = [
    0x4088_0000,
    0x4089_5000,
    0x408a_1000,
    0x408b_1800,
    0x408c_2800,
    0x4200_0002,
    SYSCALL,
];
/// A pair of pages of 256 MiB each.   [MIPS32 vol. III, PageMask]
const LARGEST_PAGES: u64 = 0x1fff_e000;
const LARGEST_PAGE: u64 = 256 << 20;
/// Cache attribute 2, dirty, valid, global.   [MIPS32 vol. III, EntryLo0]
const ENTRY_LO: u64 = 0x17;

/// rdhwr of CPUNum, SYNCI_Step, CCRes and UserLocal. CC would show the host's time: it traps and is emulated.
const HWRENA: u64 = 1 << 29 | 1 << 3 | 1 << 1 | 1;
/// Config3.ULRI: there is a UserLocal register.
const CONFIG3_ULRI: u64 = 1 << 13;
/// Status: coprocessor 1 usable, user mode, 32 single FPU registers (FR=0).
const STATUS: u64 = 1 << 29 | 0x10;

/// `hflags`: MIPS16 code; a branch is pending, and of which kind.   [qemu, target/mips/cpu.h]
const HFLAG_M16: u32 = 0x400;
const HFLAG_BMASK: u32 = 0x80_3800 | 0x7_c000;
const HFLAG_BRANCH: u32 = 0x3800;
const HFLAG_CONDITIONAL: u32 = 0x1000;
const HFLAG_REGISTER: u32 = 0x2000;
const HFLAG_SLOT_OF_32: u32 = 0x1_0000;

/// `insn_flags` of the model, and the bit of MIPS16 in it.   [qemu, target/mips/mips-defs.h]
const ISA_WITH_MIPS16: u64 = 0x1_0000_0063;
const ASE_MIPS16: u64 = 0x1_0000_0000;

pub(super) struct Mips {
    big: bool,
}

/// A branch whose delay slot the CPU is in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    /// Where the guest goes after the slot.
    pub(super) next: u64,
}

impl Mips {
    pub(super) fn new(
        handle: &Handle,
        shared: &Shared,
        bench: &Bench<'_>,
        arch: Arch,
    ) -> Result<Mips, CpuError> {
        let big = arch == Arch::Mips;
        let code = |words: &[u32]| -> Vec<u8> {
            let bytes = words.iter().map(|w| {
                if big {
                    w.to_be_bytes()
                } else {
                    w.to_le_bytes()
                }
            });
            bytes.flatten().collect()
        };
        let config3 = RegisterMIPS::CP0_CONFIG3 as i32;
        handle.write(config3, handle.read(config3) | CONFIG3_ULRI);
        handle.write(RegisterMIPS::R8 as i32, HWRENA);
        if bench.run(0, &code(&[MTC0_HWRENA, SYSCALL]))? != 17 {
            return Err(layout::unexpected(
                "MIPS `syscall` does not raise exception 17",
            ));
        }
        // `ll` looks into the CPU's own TLB whatever the TLB hook says, so user space is in there, four pairs of pages.
        for pair in 0..4 {
            let base = 2 * pair * LARGEST_PAGE;
            let low = |address: u64| address >> 6 | ENTRY_LO;
            handle.write(RegisterMIPS::R8 as i32, pair);
            handle.write(RegisterMIPS::R9 as i32, base);
            handle.write(RegisterMIPS::R10 as i32, low(base));
            handle.write(RegisterMIPS::R11 as i32, low(base + LARGEST_PAGE));
            handle.write(RegisterMIPS::R12 as i32, LARGEST_PAGES);
            bench.run(0, &code(&FILL_TLB))?;
        }
        for register in [
            RegisterMIPS::R8,
            RegisterMIPS::R9,
            RegisterMIPS::R10,
            RegisterMIPS::R11,
            RegisterMIPS::R12,
        ] {
            handle.write(register as i32, 0);
        }
        handle.write(RegisterMIPS::CP0_STATUS as i32, STATUS);
        handle.write(RegisterMIPS::R9 as i32, 0x1234_5678);
        // Something has to end the block, or 1000 nops would follow.
        bench.check_fault(0x10, &code(&[LW, SYSCALL]), 0x1234_5678)?;
        handle.write(RegisterMIPS::R9 as i32, 0);

        // Setting bit 0 of the program counter changes nothing but the MIPS16 bit of `hflags`.
        let mut plain = handle.new_context()?;
        handle.write(PC, 1);
        handle.save(&mut plain);
        let compressed = plain.bytes().to_vec();
        handle.write(PC, 0);
        handle.save(&mut plain);
        let differing: Vec<usize> = (0..compressed.len())
            .filter(|at| plain.bytes()[*at] != compressed[*at])
            .collect();
        let [byte] = differing[..] else {
            return Err(layout::unexpected("the branch state of MIPS was not found"));
        };
        let hflags = byte & !3;
        if word(plain.bytes(), hflags) ^ word(&compressed, hflags) != HFLAG_M16 {
            return Err(layout::unexpected(
                "the branch state of MIPS is not as expected",
            ));
        }

        // A jump to an odd address is an address error without MIPS16, whose delay slots would have to be looked after,
        // too.
        let at = (hflags..plain.bytes().len().saturating_sub(8))
            .step_by(4)
            .find(|at| plain.bytes()[*at..*at + 8] == ISA_WITH_MIPS16.to_ne_bytes())
            .ok_or(layout::unexpected(
                "the instruction set of MIPS was not found",
            ))?;
        plain.bytes_mut()[at..at + 8]
            .copy_from_slice(&(ISA_WITH_MIPS16 & !ASE_MIPS16).to_ne_bytes());
        handle.restore(&plain);
        *shared.branch.borrow_mut() = Some((hflags, plain));
        *shared.shadows.borrow_mut() = Some(Shadows::new(handle, big)?);
        Ok(Mips { big })
    }

    pub(super) fn instruction(&self, shared: &Shared, pc: u64) -> Option<u32> {
        let mut bytes = [0; 4];
        shared.read(pc, &mut bytes).then(|| {
            if self.big {
                u32::from_be_bytes(bytes)
            } else {
                u32::from_le_bytes(bytes)
            }
        })
    }

    /// If the instruction at `pc` is in the delay slot of a branch that has been executed: that branch. The CPU is taken
    /// out of the slot; it has to be set to the branch or to where the branch goes.
    pub(super) fn leave_slot(&self, handle: &Handle, shared: &Shared, pc: u64) -> Option<Slot> {
        // Saves the look at the state in nearly all cases.
        let before = self.instruction(shared, pc.wrapping_sub(4) & 0xffff_ffff)?;
        if !is_branch(before) {
            return None;
        }
        let mut branch = shared.branch.borrow_mut();
        let (hflags, state) = branch.as_mut()?;
        let at = *hflags;
        handle.save(state);
        let flags = word(state.bytes(), at);
        if flags & HFLAG_BMASK == 0 {
            // The slot of a likely branch that is not taken is not executed, so this is one of the others.
            return is_never_taken(before).then_some(Slot {
                next: (pc + 4) & 0xffff_ffff,
            });
        }
        let target = word(state.bytes(), at + 4);
        let condition = word(state.bytes(), at + 8);
        let taken = flags & HFLAG_BRANCH != HFLAG_CONDITIONAL || condition != 0;
        let next = if taken {
            u64::from(target)
        } else {
            (pc + 4) & 0xffff_ffff
        };
        set_word(state.bytes_mut(), at, flags & !HFLAG_BMASK);
        handle.restore(state);
        Some(Slot { next })
    }

    /// Does a branch on an FPU condition at `pc`, which is not in a slot. Gives the next program counter.
    pub(super) fn branch_on_fpu(
        &self,
        handle: &Handle,
        shared: &Shared,
        instruction: u32,
        pc: u64,
    ) -> u64 {
        let behind = (pc + 4) & 0xffff_ffff;
        let fcsr = handle.read(RegisterMIPS::FCSR as i32) as u32;
        // fcc 0 is bit 23, fcc 1 to 7 are bits 25 to 31.   [MIPS32 vol. I, FCSR]
        let code = instruction >> 18 & 7;
        let condition = fcsr >> if code == 0 { 23 } else { 24 + code } & 1;
        let taken = condition == instruction >> 16 & 1;
        let likely = instruction >> 17 & 1 != 0;
        if !taken {
            return if likely {
                (pc + 8) & 0xffff_ffff
            } else {
                behind
            };
        }
        let offset = i64::from(instruction as u16 as i16) * 4;
        let target = behind.wrapping_add_signed(offset) as u32;
        if let Some((hflags, state)) = &mut *shared.branch.borrow_mut() {
            let at = *hflags;
            handle.save(state);
            let flags = word(state.bytes(), at) & !HFLAG_BMASK;
            // As behind `jr`: the target is read when the slot has been run.
            set_word(
                state.bytes_mut(),
                at,
                flags | HFLAG_REGISTER | HFLAG_SLOT_OF_32,
            );
            set_word(state.bytes_mut(), at + 4, target);
            handle.restore(state);
        }
        behind
    }
}

/// In the block hook: whether the block is the rest of a branch, namely its slot. A run is not to end there.
pub(super) fn in_slot(shared: &Shared, pc: u64) -> bool {
    let mut bytes = [0; 4];
    if !shared.read(pc.wrapping_sub(4) & 0xffff_ffff, &mut bytes) {
        return false;
    }
    let before = match shared.arch {
        Arch::Mips => u32::from_be_bytes(bytes),
        _ => u32::from_le_bytes(bytes),
    };
    if !is_branch(before) {
        return false;
    }
    match &mut *shared.branch.borrow_mut() {
        Some((hflags, state)) => {
            shared.engine.save(state);
            word(state.bytes(), *hflags) & HFLAG_BMASK != 0
        }
        None => false,
    }
}

fn set_word(bytes: &mut [u8], at: usize, word: u32) {
    bytes[at..at + 4].copy_from_slice(&word.to_ne_bytes());
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// Whether an instruction has a delay slot.   [MIPS32 vol. II, branch and jump instructions]
pub(super) fn is_branch(instruction: u32) -> bool {
    match instruction >> 26 {
        // SPECIAL: jr, jalr.
        0 => matches!(instruction & 0x3f, 8 | 9),
        // REGIMM: bltz, bgez, their likely and linking forms.
        1 => matches!(instruction >> 16 & 0x1f, 0..=3 | 0x10..=0x13),
        // j, jal, beq, bne, blez, bgtz, and the likely forms; jalx.
        2..=7 | 0x14..=0x17 | 0x1d => true,
        // COP1, COP2: bc1, bc2, bc1any.
        0x11 | 0x12 => matches!(instruction >> 21 & 0x1f, 8..=10),
        _ => false,
    }
}

/// bc1f, bc1t and their likely forms; bc1any.
pub(super) fn is_fpu_branch(instruction: u32) -> bool {
    instruction >> 26 == 0x11 && matches!(instruction >> 21 & 0x1f, 8..=10)
}

/// bc1f, bc1t and their likely forms.
pub(super) fn is_plain_fpu_branch(instruction: u32) -> bool {
    is_fpu_branch(instruction) && instruction >> 21 & 0x1f == 8
}

/// Branches that are never taken are no branches to the engine: they do not end a block, and leave no trace in its
/// state. bne, bnel of a register and itself; bgtz, bgtzl, bltz, bltzl, bltzall of zero.
fn is_never_taken(branch: u32) -> bool {
    let (rs, rt) = (branch >> 21 & 31, branch >> 16 & 31);
    match branch >> 26 {
        5 | 0x15 => rs == rt,
        7 | 0x17 => rs == 0,
        1 => rs == 0 && matches!(rt, 0 | 2 | 0x12),
        _ => false,
    }
}

/// Whether the engine goes straight on behind the slot of this branch, without the slot: a likely one that is never taken.
pub(super) fn skips_slot(instruction: u32) -> bool {
    let likely = match instruction >> 26 {
        0x15 | 0x17 => true,
        1 => matches!(instruction >> 16 & 31, 2 | 0x12),
        _ => false,
    };
    likely && is_never_taken(instruction)
}

/// Whether the engine ends a block behind this branch and its slot.
pub(super) fn ends_block(instruction: u32) -> bool {
    is_branch(instruction) && !is_never_taken(instruction)
}

/// In the TLB hook, for a load or store that will succeed. Filling the TLB makes the engine restore the state of the
/// instruction, and what it restores in a delay slot is wrong for the rest of the block. Started again at the slot, the
/// block begins there and is right.
pub(super) fn must_restart(shared: &Shared, address: u64) -> bool {
    let pc = shared.engine.read(PC);
    let access = (pc, address / PAGE);
    if shared.restarted.get() == Some(access) {
        shared.restarted.set(None);
        return false;
    }
    let mut bytes = [0; 4];
    if !shared.read(pc.wrapping_sub(4) & 0xffff_ffff, &mut bytes) {
        return false;
    }
    let before = match shared.arch {
        Arch::Mips => u32::from_be_bytes(bytes),
        _ => u32::from_le_bytes(bytes),
    };
    let slot = is_branch(before);
    if slot {
        shared.restarted.set(Some(access));
    }
    slot
}

/// `rdhwr rt, $2`: the register it wants the cycle counter in.
pub(super) fn reads_cycles(instruction: u32) -> Option<u8> {
    (instruction & 0xffe0_ffff == 0x7c00_103b).then_some((instruction >> 16 & 31) as u8)
}

/// Why an FPU exception was raised. The causes are cleared, or setting FCSR again would raise it again.
/// [MIPS32 vol. I, FCSR: cause V Z O U I are bits 16 to 12; Linux arch/mips/kernel/genex.S, fpe]
pub(super) fn float_cause(engine: Engine) -> Cause {
    let fcsr = RegisterMIPS::FCSR as i32;
    let value = engine.read(fcsr);
    engine.write(fcsr, value & !0x3_f000);
    let causes = [
        (16, Cause::Invalid),
        (15, Cause::Divide),
        (14, Cause::Overflow),
        (13, Cause::Underflow),
        (12, Cause::Inexact),
    ];
    let found = causes
        .into_iter()
        .find(|(bit, _)| value >> bit & 1 != 0 && value >> (bit - 5) & 1 != 0);
    found.map_or(Cause::Invalid, |(_, cause)| cause)
}

/// The code of a trap instruction; those with an immediate have none.
pub(super) fn trap_code(instruction: u32) -> u32 {
    if instruction >> 26 == 0 {
        instruction >> 6 & 0x3ff
    } else {
        0
    }
}

/// What came of an unaligned access.
pub(super) enum Unaligned {
    /// It was done.
    Done,
    /// The instruction may not be unaligned.
    Refused(u64),
    /// The memory is not there.
    Fault(Fault),
}

/// Does an unaligned load or store as Linux does for its processes.   [Linux, arch/mips/kernel/unaligned.c]
pub(super) fn fix_unaligned(
    engine: Engine,
    space: &mut AddressSpace,
    instruction: u32,
    pc: u64,
) -> Unaligned {
    let general = |n: u32| RegisterMIPS::R0 as i32 + (n & 31) as i32;
    let float = |n: u32| RegisterMIPS::F0 as i32 + (n & 31) as i32;
    let rt = instruction >> 16 & 31;
    let base = engine.read(general(instruction >> 21));
    let offset = i64::from(instruction as u16 as i16) as u64;
    let address = base.wrapping_add(offset) & 0xffff_ffff;
    if pc & 3 != 0 {
        return Unaligned::Refused(pc);
    }
    let halves = |engine: Engine| {
        let low = engine.read(float(rt & !1)) & 0xffff_ffff;
        let high = engine.read(float(rt | 1)) & 0xffff_ffff;
        high << 32 | low
    };
    let with_low = |old: u64, low: u64| old & !0xffff_ffff | low & 0xffff_ffff;
    let done = match instruction >> 26 {
        // lh, lw, lhu
        0x21 => space
            .read_u16(address)
            .map(|v| write_general(engine, rt, v as i16 as u32)),
        0x23 => space
            .read_u32(address)
            .map(|v| write_general(engine, rt, v)),
        0x25 => space
            .read_u16(address)
            .map(|v| write_general(engine, rt, u32::from(v))),
        // sh, sw
        0x29 => space.write_u16(address, engine.read(general(rt)) as u16),
        0x2b => space.write_u32(address, engine.read(general(rt)) as u32),
        // lwc1, swc1
        0x31 => space.read_u32(address).map(|v| {
            let old = engine.read(float(rt));
            engine.write(float(rt), with_low(old, u64::from(v)));
        }),
        0x39 => space.write_u32(address, engine.read(float(rt)) as u32),
        // ldc1, sdc1: with FR=0 a pair of registers.
        0x35 => space.read_u64(address).map(|v| {
            for (n, half) in [(rt & !1, v), (rt | 1, v >> 32)] {
                let old = engine.read(float(n));
                engine.write(float(n), with_low(old, half));
            }
        }),
        0x3d => space.write_u64(address, halves(engine)),
        _ => return Unaligned::Refused(address),
    };
    match done {
        Ok(()) => Unaligned::Done,
        Err(fault) => Unaligned::Fault(fault),
    }
}

fn write_general(engine: Engine, n: u32, value: u32) {
    if n != 0 {
        engine.write(RegisterMIPS::R0 as i32 + n as i32, u64::from(value));
    }
}
