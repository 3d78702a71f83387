//! MIPS32 and MIPS64, both byte orders: user mode, delay slots, unaligned accesses.

use unicorn_engine::{Mips32CpuModel, Mips64CpuModel, RegisterMIPS};

use super::CpuError;
use super::ffi::{Engine, Handle, RawContext};
use super::layout;
use super::shadow::Shadows;
use super::tlb::{Bench, Shared};
use crate::Cause;
use crate::arch::{Arch, Endian};
use crate::memory::{AddressSpace, Fault, GuestMemory, PAGE};

/// MIPS32 release 2 with a 64-bit FPU and without DSP. Its MIPS16 is taken away below.
pub(super) const MODEL: i32 = Mips32CpuModel::Model_24KF as i32;

/// MIPS64 release 2 with a 64-bit FPU, without MIPS16, MIPS-3D and paired singles.
pub(super) const MODEL_64: i32 = Mips64CpuModel::Model_5KEF as i32;

const PC: i32 = RegisterMIPS::PC as i32;

/// `mtc0 $8, $7` (HWREna), `syscall`, `lw $8, 0($9)`.
const MTC0_HWRENA: u32 = 0x4088_3800;
const SYSCALL: u32 = 0x0000_000c;
const LW: u32 = 0x8d28_0000;

/// `lld $8, 0($9)`.
const LLD: u32 = 0xd128_0000;

/// `mtc0` of $8 to Index, $9 to EntryHi (see DMTC0), $10 to EntryLo0, $11 to EntryLo1, $12 to PageMask; `tlbwi`; `syscall`.
const FILL_TLB: [u32; 7] = [
    0x4088_0000,
    0x4089_5000,
    0x408a_1000,
    0x408b_1800,
    0x408c_2800,
    0x4200_0002,
    SYSCALL,
];
/// What makes `mtc0` of 64 bits out of one.
const DMTC0: u32 = 0x0020_0000;
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
/// The same with 32 double FPU registers (FR=1) and 64-bit addresses and operations in user mode (UX).
const STATUS_64: u64 = STATUS | 1 << 26 | 1 << 5;

/// The places of 64-bit user space that are in the own TLB of the CPU, in pairs of pages: where programs are, where
/// position-independent ones are, and the end with libraries and stacks. `ll` elsewhere takes an exception.
const COMMON: [(u64, u64); 4] = [
    (0, 4),
    (0x1_2000_0000, 1),
    (0xaa_a000_0000, 2),
    (0xfc_e000_0000, 25),
];

/// All of FCSR but its constant bits.   [MIPS32 vol. I, FCSR]
const FCSR_BITS: u32 = 0xff83_ffff;

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
    /// MIPS64: where address and value of the last `ll` are in a context.
    linked: Option<usize>,
}

/// Where the state of a branch is in a context.
#[derive(Debug, Clone, Copy)]
pub(super) struct Branch {
    hflags: usize,
    wide: bool,
}

impl Branch {
    fn flags(self, state: &RawContext) -> u32 {
        word(state.bytes(), self.hflags)
    }

    fn set_flags(self, state: &mut RawContext, flags: u32) {
        set_word(state.bytes_mut(), self.hflags, flags);
    }

    /// Target and condition are registers: two words, or the next two aligned double words.   [qemu, target/mips/cpu.h]
    fn field(self, state: &RawContext, index: usize) -> u64 {
        if self.wide {
            double(state.bytes(), self.place(index))
        } else {
            u64::from(word(state.bytes(), self.place(index)))
        }
    }

    fn place(self, index: usize) -> usize {
        let size = if self.wide { 8 } else { 4 };
        (self.hflags + 4).next_multiple_of(size) + index * size
    }

    fn target(self, state: &RawContext) -> u64 {
        self.field(state, 0)
    }

    fn condition(self, state: &RawContext) -> bool {
        self.field(state, 1) != 0
    }

    fn set_target(self, state: &mut RawContext, target: u64) {
        let place = self.place(0);
        if self.wide {
            set_double(state.bytes_mut(), place, target);
        } else {
            set_word(state.bytes_mut(), place, target as u32);
        }
    }
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
        let big = arch.endian() == Endian::Big;
        let wide = arch.row().bits == 64;
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
        // `ll` looks into the CPU's own TLB whatever the TLB hook says, so user space is in there, all of it on MIPS32: four
        // pairs of pages.
        let places: &[(u64, u64)] = if wide { &COMMON } else { &[(0, 4)] };
        let pairs = places.iter().flat_map(|(first, count)| {
            (0..*count).map(move |pair| first + 2 * pair * LARGEST_PAGE)
        });
        let mut fill = FILL_TLB;
        if wide {
            fill[1] |= DMTC0;
        }
        for (index, base) in (0..).zip(pairs) {
            // Nobody asks for the physical address.
            handle.write(RegisterMIPS::R8 as i32, index);
            handle.write(RegisterMIPS::R9 as i32, base);
            handle.write(RegisterMIPS::R10 as i32, ENTRY_LO);
            handle.write(RegisterMIPS::R11 as i32, ENTRY_LO);
            handle.write(RegisterMIPS::R12 as i32, LARGEST_PAGES);
            bench.run(0, &code(&fill))?;
        }
        let linked = wide
            .then(|| find_linked(handle, bench, &code(&[LLD, SYSCALL])))
            .transpose()?;
        for register in [
            RegisterMIPS::R8,
            RegisterMIPS::R9,
            RegisterMIPS::R10,
            RegisterMIPS::R11,
            RegisterMIPS::R12,
        ] {
            handle.write(register as i32, 0);
        }
        let status = if wide { STATUS_64 } else { STATUS };
        handle.write(RegisterMIPS::CP0_STATUS as i32, status);
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
        if wide {
            allow_fcsr(handle, &mut plain)?;
        } else {
            let at = (hflags..plain.bytes().len().saturating_sub(8))
                .step_by(4)
                .find(|at| plain.bytes()[*at..*at + 8] == ISA_WITH_MIPS16.to_ne_bytes())
                .ok_or(layout::unexpected(
                    "the instruction set of MIPS was not found",
                ))?;
            plain.bytes_mut()[at..at + 8]
                .copy_from_slice(&(ISA_WITH_MIPS16 & !ASE_MIPS16).to_ne_bytes());
            handle.restore(&plain);
        }
        *shared.branch.borrow_mut() = Some((Branch { hflags, wide }, plain));
        *shared.shadows.borrow_mut() = Some(Shadows::new(handle, big)?);
        Ok(Mips { big, linked })
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
        let mask = shared.arch.address_mask();
        let before = self.instruction(shared, pc.wrapping_sub(4) & mask)?;
        let behind = pc.wrapping_add(4) & mask;
        if !is_branch(before) {
            return None;
        }
        let mut branch = shared.branch.borrow_mut();
        let (place, state) = branch.as_mut()?;
        handle.save(state);
        let flags = place.flags(state);
        if flags & HFLAG_BMASK == 0 {
            // The slot of a likely branch that is not taken is not executed, so this is one of the others.
            return is_never_taken(before).then_some(Slot { next: behind });
        }
        let taken = flags & HFLAG_BRANCH != HFLAG_CONDITIONAL || place.condition(state);
        let next = if taken { place.target(state) } else { behind };
        place.set_flags(state, flags & !HFLAG_BMASK);
        handle.restore(state);
        Some(Slot { next })
    }

    /// Does the `ll` that found nothing in the CPU's own TLB.
    pub(super) fn load_linked(&self, shared: &Shared, instruction: u32) -> Option<Unaligned> {
        let linked = self.linked?;
        let mut branch = shared.branch.borrow_mut();
        let (_, state) = branch.as_mut()?;
        // SAFETY: the reference is used for this statement only.
        let space = unsafe { shared.space() }?;
        Some(load_linked(
            shared.engine,
            space,
            instruction,
            state,
            linked,
        ))
    }

    /// Does a branch on an FPU condition at `pc`, which is not in a slot. Gives the next program counter.
    pub(super) fn branch_on_fpu(
        &self,
        handle: &Handle,
        shared: &Shared,
        instruction: u32,
        pc: u64,
    ) -> u64 {
        let mask = shared.arch.address_mask();
        let behind = pc.wrapping_add(4) & mask;
        let fcsr = handle.read(RegisterMIPS::FCSR as i32) as u32;
        // fcc 0 is bit 23, fcc 1 to 7 are bits 25 to 31.   [MIPS32 vol. I, FCSR]
        let code = instruction >> 18 & 7;
        let condition = fcsr >> if code == 0 { 23 } else { 24 + code } & 1;
        let taken = condition == instruction >> 16 & 1;
        let likely = instruction >> 17 & 1 != 0;
        if !taken {
            return if likely {
                pc.wrapping_add(8) & mask
            } else {
                behind
            };
        }
        let offset = i64::from(instruction as u16 as i16) * 4;
        let target = behind.wrapping_add_signed(offset) & mask;
        if let Some((place, state)) = &mut *shared.branch.borrow_mut() {
            handle.save(state);
            let flags = place.flags(state) & !HFLAG_BMASK;
            // As behind `jr`: the target is read when the slot has been run.
            place.set_flags(state, flags | HFLAG_REGISTER | HFLAG_SLOT_OF_32);
            place.set_target(state, target);
            handle.restore(state);
        }
        behind
    }
}

/// The instruction in front of `pc`.
fn before(shared: &Shared, pc: u64) -> Option<u32> {
    let mut bytes = [0; 4];
    let place = pc.wrapping_sub(4) & shared.arch.address_mask();
    shared
        .read(place, &mut bytes)
        .then(|| match shared.arch.endian() {
            Endian::Big => u32::from_be_bytes(bytes),
            Endian::Little => u32::from_le_bytes(bytes),
        })
}

/// In the block hook: whether the block is the rest of a branch, namely its slot. A run is not to end there.
pub(super) fn in_slot(shared: &Shared, pc: u64) -> bool {
    if !before(shared, pc).is_some_and(is_branch) {
        return false;
    }
    match &mut *shared.branch.borrow_mut() {
        Some((place, state)) => {
            shared.engine.save(state);
            place.flags(state) & HFLAG_BMASK != 0
        }
        None => false,
    }
}

/// The engine's 5KEf is told to have no bit in FCSR that can be set: it has those of the others.
/// [qemu, target/mips/translate_init.inc.c, CP1_fcr31_rw_bitmask; cpu.h: fcr0, fcr31_rw_bitmask, fcr31]
fn allow_fcsr(handle: &Handle, state: &mut RawContext) -> Result<(), CpuError> {
    let fir = handle.read(RegisterMIPS::FIR as i32) as u32;
    handle.save(state);
    let bytes = state.bytes();
    let at = (0..bytes.len().saturating_sub(12))
        .step_by(4)
        .find(|at| word(bytes, *at) == fir && word(bytes, at + 4) == 0 && word(bytes, at + 8) == 0)
        .ok_or(layout::unexpected("the FPU of MIPS64 was not found"))?;
    set_word(state.bytes_mut(), at + 4, FCSR_BITS);
    handle.restore(state);
    let fcsr = RegisterMIPS::FCSR as i32;
    handle.write(fcsr, 1 << 23 | 3);
    let set = handle.read(fcsr) == 1 << 23 | 3;
    handle.write(fcsr, 0);
    set.then_some(())
        .ok_or(layout::unexpected("FCSR of MIPS64 can't be set"))
}

/// Finds address and value of the last `ll`, which are neighbours, in a context.   [qemu, target/mips/cpu.h, lladdr]
fn find_linked(handle: &Handle, bench: &Bench<'_>, code: &[u8]) -> Result<usize, CpuError> {
    const VALUE: u64 = 0x1234_5678_9abc_def0;
    let address = Bench::ADDRESS + 0x808;
    bench.put(0x808, &VALUE.to_ne_bytes());
    handle.write(RegisterMIPS::R9 as i32, address);
    bench.run(0, code)?;
    let value = handle.read(RegisterMIPS::R8 as i32);
    let mut state = handle.new_context()?;
    handle.save(&mut state);
    let bytes = state.bytes();
    (0..bytes.len().saturating_sub(16))
        .step_by(8)
        .find(|at| double(bytes, *at) == address && double(bytes, at + 8) == value)
        .ok_or(layout::unexpected("the link of `ll` was not found"))
}

fn set_word(bytes: &mut [u8], at: usize, word: u32) {
    bytes[at..at + 4].copy_from_slice(&word.to_ne_bytes());
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_ne_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn set_double(bytes: &mut [u8], at: usize, double: u64) {
    bytes[at..at + 8].copy_from_slice(&double.to_ne_bytes());
}

fn double(bytes: &[u8], at: usize) -> u64 {
    let bytes = bytes[at..at + 8].try_into();
    u64::from_ne_bytes(bytes.expect("eight bytes are eight bytes"))
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
    let slot = before(shared, pc).is_some_and(is_branch);
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
    arch: Arch,
    space: &mut AddressSpace,
    instruction: u32,
    pc: u64,
) -> Unaligned {
    let wide = arch.row().bits == 64;
    let general = |n: u32| RegisterMIPS::R0 as i32 + (n & 31) as i32;
    let float = |n: u32| RegisterMIPS::F0 as i32 + (n & 31) as i32;
    let rt = instruction >> 16 & 31;
    let base = engine.read(general(instruction >> 21));
    let offset = i64::from(instruction as u16 as i16) as u64;
    let address = base.wrapping_add(offset) & arch.address_mask();
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
            .map(|v| write_general(engine, rt, v as i16 as u64)),
        0x23 => space
            .read_u32(address)
            .map(|v| write_general(engine, rt, v as i32 as u64)),
        0x25 => space
            .read_u16(address)
            .map(|v| write_general(engine, rt, u64::from(v))),
        // sh, sw
        0x29 => space.write_u16(address, engine.read(general(rt)) as u16),
        0x2b => space.write_u32(address, engine.read(general(rt)) as u32),
        // lwu, ld, sd
        0x27 if wide => space
            .read_u32(address)
            .map(|v| write_general(engine, rt, u64::from(v))),
        0x37 if wide => space
            .read_u64(address)
            .map(|v| write_general(engine, rt, v)),
        0x3f if wide => space.write_u64(address, engine.read(general(rt))),
        // lwc1, swc1
        0x31 => space.read_u32(address).map(|v| {
            let old = engine.read(float(rt));
            engine.write(float(rt), with_low(old, u64::from(v)));
        }),
        0x39 => space.write_u32(address, engine.read(float(rt)) as u32),
        // ldc1, sdc1: with FR=1 one register, with FR=0 a pair.
        0x35 if wide => space.read_u64(address).map(|v| engine.write(float(rt), v)),
        0x3d if wide => space.write_u64(address, engine.read(float(rt))),
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

/// Does `ll` or `lld` at a place that the CPU's own TLB does not have.
pub(super) fn load_linked(
    engine: Engine,
    space: &mut AddressSpace,
    instruction: u32,
    state: &mut RawContext,
    linked: usize,
) -> Unaligned {
    let base = engine.read(RegisterMIPS::R0 as i32 + (instruction >> 21 & 31) as i32);
    let address = base.wrapping_add(i64::from(instruction as u16 as i16) as u64);
    let value = match instruction >> 26 {
        0x30 => space.read_u32(address).map(|v| v as i32 as u64),
        0x34 => space.read_u64(address),
        _ => return Unaligned::Refused(address),
    };
    match value {
        Ok(value) => {
            engine.save(state);
            set_double(state.bytes_mut(), linked, address);
            set_double(state.bytes_mut(), linked + 8, value);
            engine.restore(state);
            write_general(engine, instruction >> 16 & 31, value);
            Unaligned::Done
        }
        Err(fault) => Unaligned::Fault(fault),
    }
}

fn write_general(engine: Engine, n: u32, value: u64) {
    if n != 0 {
        engine.write(RegisterMIPS::R0 as i32 + n as i32, value);
    }
}
