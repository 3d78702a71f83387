//! Our register numbers in the engine's terms.

use unicorn_engine::{RegisterARM as A, RegisterARM64 as A64, RegisterMIPS as M, RegisterX86 as X};

use crate::arch::Arch;

/// The engine's id for "the program counter": kept by us, never read through the table.
pub(super) const KEPT: i32 = 0;
/// A register that the engine does not have in this mode; it reads as zero.
pub(super) const NONE: i32 = -1;
/// A register that the engine knows only as a coprocessor register.
pub(super) const TPIDRURW: i32 = -2;

#[rustfmt::skip]
const X86: [i32; 47] = [
    X::EAX as i32, X::EBX as i32, X::ECX as i32, X::EDX as i32, X::ESI as i32, X::EDI as i32,
    X::EBP as i32, X::ESP as i32, KEPT, X::EFLAGS as i32, X::CS as i32, X::SS as i32,
    X::DS as i32, X::ES as i32, X::FS as i32, X::GS as i32, NONE, NONE,
    X::FPCW as i32, X::FPSW as i32, X::FPTAG as i32, X::MXCSR as i32,
    X::FOP as i32, X::FIP as i32, X::FDP as i32,
    X::ST0 as i32, X::ST1 as i32, X::ST2 as i32, X::ST3 as i32,
    X::ST4 as i32, X::ST5 as i32, X::ST6 as i32, X::ST7 as i32,
    X::XMM0 as i32, X::XMM1 as i32, X::XMM2 as i32, X::XMM3 as i32,
    X::XMM4 as i32, X::XMM5 as i32, X::XMM6 as i32, X::XMM7 as i32,
    X::DR0 as i32, X::DR1 as i32, X::DR2 as i32, X::DR3 as i32, X::DR6 as i32, X::DR7 as i32,
];

#[rustfmt::skip]
const X86_64: [i32; 63] = [
    X::RAX as i32, X::RBX as i32, X::RCX as i32, X::RDX as i32, X::RSI as i32, X::RDI as i32,
    X::RBP as i32, X::RSP as i32, X::R8 as i32, X::R9 as i32, X::R10 as i32, X::R11 as i32,
    X::R12 as i32, X::R13 as i32, X::R14 as i32, X::R15 as i32, KEPT, X::RFLAGS as i32,
    X::CS as i32, X::SS as i32, X::DS as i32, X::ES as i32, X::FS as i32, X::GS as i32,
    X::FS_BASE as i32, X::GS_BASE as i32, X::FPCW as i32, X::FPSW as i32, X::FPTAG as i32,
    X::MXCSR as i32, X::FOP as i32, X::FIP as i32, X::FDP as i32,
    X::ST0 as i32, X::ST1 as i32, X::ST2 as i32, X::ST3 as i32,
    X::ST4 as i32, X::ST5 as i32, X::ST6 as i32, X::ST7 as i32,
    X::XMM0 as i32, X::XMM1 as i32, X::XMM2 as i32, X::XMM3 as i32,
    X::XMM4 as i32, X::XMM5 as i32, X::XMM6 as i32, X::XMM7 as i32,
    X::XMM8 as i32, X::XMM9 as i32, X::XMM10 as i32, X::XMM11 as i32,
    X::XMM12 as i32, X::XMM13 as i32, X::XMM14 as i32, X::XMM15 as i32,
    X::DR0 as i32, X::DR1 as i32, X::DR2 as i32, X::DR3 as i32, X::DR6 as i32, X::DR7 as i32,
];

#[rustfmt::skip]
const ARM: [i32; 52] = [
    A::R0 as i32, A::R1 as i32, A::R2 as i32, A::R3 as i32, A::R4 as i32, A::R5 as i32,
    A::R6 as i32, A::R7 as i32, A::R8 as i32, A::R9 as i32, A::R10 as i32, A::R11 as i32,
    A::R12 as i32, A::SP as i32, A::LR as i32, KEPT, A::CPSR as i32, A::C13_C0_3 as i32,
    TPIDRURW, A::FPSCR as i32,
    A::D0 as i32, A::D1 as i32, A::D2 as i32, A::D3 as i32,
    A::D4 as i32, A::D5 as i32, A::D6 as i32, A::D7 as i32,
    A::D8 as i32, A::D9 as i32, A::D10 as i32, A::D11 as i32,
    A::D12 as i32, A::D13 as i32, A::D14 as i32, A::D15 as i32,
    A::D16 as i32, A::D17 as i32, A::D18 as i32, A::D19 as i32,
    A::D20 as i32, A::D21 as i32, A::D22 as i32, A::D23 as i32,
    A::D24 as i32, A::D25 as i32, A::D26 as i32, A::D27 as i32,
    A::D28 as i32, A::D29 as i32, A::D30 as i32, A::D31 as i32,
];

#[rustfmt::skip]
const ARM64: [i32; 69] = [
    A64::X0 as i32, A64::X1 as i32, A64::X2 as i32, A64::X3 as i32, A64::X4 as i32,
    A64::X5 as i32, A64::X6 as i32, A64::X7 as i32, A64::X8 as i32, A64::X9 as i32,
    A64::X10 as i32, A64::X11 as i32, A64::X12 as i32, A64::X13 as i32, A64::X14 as i32,
    A64::X15 as i32, A64::X16 as i32, A64::X17 as i32, A64::X18 as i32, A64::X19 as i32,
    A64::X20 as i32, A64::X21 as i32, A64::X22 as i32, A64::X23 as i32, A64::X24 as i32,
    A64::X25 as i32, A64::X26 as i32, A64::X27 as i32, A64::X28 as i32, A64::X29 as i32,
    A64::X30 as i32, A64::SP as i32, KEPT, A64::PSTATE as i32, A64::TPIDR_EL0 as i32,
    A64::FPCR as i32, A64::FPSR as i32,
    A64::V0 as i32, A64::V1 as i32, A64::V2 as i32, A64::V3 as i32,
    A64::V4 as i32, A64::V5 as i32, A64::V6 as i32, A64::V7 as i32,
    A64::V8 as i32, A64::V9 as i32, A64::V10 as i32, A64::V11 as i32,
    A64::V12 as i32, A64::V13 as i32, A64::V14 as i32, A64::V15 as i32,
    A64::V16 as i32, A64::V17 as i32, A64::V18 as i32, A64::V19 as i32,
    A64::V20 as i32, A64::V21 as i32, A64::V22 as i32, A64::V23 as i32,
    A64::V24 as i32, A64::V25 as i32, A64::V26 as i32, A64::V27 as i32,
    A64::V28 as i32, A64::V29 as i32, A64::V30 as i32, A64::V31 as i32,
];

const MIPS: [i32; 69] = {
    let mut table = [0; 69];
    let mut n = 0;
    while n < 32 {
        table[n] = M::R0 as i32 + n as i32;
        table[37 + n] = M::F0 as i32 + n as i32;
        n += 1;
    }
    table[32] = KEPT;
    table[33] = M::HI as i32;
    table[34] = M::LO as i32;
    table[35] = M::CP0_USERLOCAL as i32;
    table[36] = M::FCSR as i32;
    table
};

/// The bits of a register that a program may set. What comes from a signal frame is the guest's word.
pub(super) fn writable(arch: Arch, id: i32) -> u64 {
    match arch {
        // AC, OF, DF, TF, SF, ZF, AF, PF, CF, and ID.   [Linux, arch/x86/kernel/signal.c, FIX_EFLAGS]
        Arch::X86 | Arch::X86_64 if id == X::EFLAGS as i32 || id == X::RFLAGS as i32 => 0x24_0dd5,
        Arch::X86 | Arch::X86_64 if id == X::MXCSR as i32 => 0xffff,
        // NZCVQ, IT, GE, T; never the mode.   [Linux, arch/arm/include/asm/ptrace.h, valid_user_regs]
        Arch::Arm if id == A::CPSR as i32 => 0xfe0f_fc20,
        // NZCV.   [Linux, arch/arm64/kernel/ptrace.c, valid_user_regs]
        Arch::Arm64 if id == A64::PSTATE as i32 => 0xf000_0000,
        // Register 0 is zero. Causes in FCSR would be exceptions that nobody raised.
        arch if arch.is_mips() && id == M::R0 as i32 => 0,
        arch if arch.is_mips() && id == M::FCSR as i32 => !0x3_f000,
        _ => u64::MAX,
    }
}

/// x86: whether a register is that of the flags.
pub(super) fn is_flags(arch: Arch, id: i32) -> bool {
    match arch {
        Arch::X86 => id == X::EFLAGS as i32,
        Arch::X86_64 => id == X::RFLAGS as i32,
        _ => false,
    }
}

/// Bytes of a register that is wider than the general ones.
pub(super) fn wide(arch: Arch, id: i32) -> Option<usize> {
    let within = |first: i32, last: i32| (first..=last).contains(&id);
    match arch {
        Arch::X86 | Arch::X86_64 if within(X::ST0 as i32, X::ST7 as i32) => Some(10),
        Arch::X86 | Arch::X86_64 if within(X::XMM0 as i32, X::XMM15 as i32) => Some(16),
        Arch::Arm64 if within(A64::V0 as i32, A64::V31 as i32) => Some(16),
        Arch::Arm if within(A::D0 as i32, A::D31 as i32) => Some(8),
        arch if arch.is_mips() && within(M::F0 as i32, M::F31 as i32) => Some(8),
        _ => None,
    }
}

/// The engine's ids in the order of our numbers.
pub(super) fn table(arch: Arch) -> &'static [i32] {
    match arch {
        Arch::X86 => &X86,
        Arch::X86_64 => &X86_64,
        Arch::Arm => &ARM,
        Arch::Arm64 => &ARM64,
        Arch::Mips | Arch::Mipsel | Arch::Mips64 | Arch::Mips64el => &MIPS,
    }
}

/// The engine's id of the program counter.
pub(super) fn program_counter(arch: Arch) -> i32 {
    match arch {
        Arch::X86 => X::EIP as i32,
        Arch::X86_64 => X::RIP as i32,
        Arch::Arm => A::PC as i32,
        Arch::Arm64 => A64::PC as i32,
        Arch::Mips | Arch::Mipsel | Arch::Mips64 | Arch::Mips64el => M::PC as i32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_register_has_a_place_in_the_engine() {
        for arch in Arch::all() {
            assert_eq!(table(arch).len(), arch.row().registers.len(), "{arch:?}");
            assert_eq!(table(arch)[usize::from(arch.row().pc.0)], KEPT, "{arch:?}");
        }
    }
}
