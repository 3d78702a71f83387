//! Names of registers, as plain numbers, so that conventions can be written down as data.

/// A register of one architecture. Which architecture is known from the context: a profile names only registers of its
/// own; the number is an index into the backend's table for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reg(pub u8);

macro_rules! registers {
    ($(#[$doc:meta])* $module:ident: $($name:ident)*) => {
        $(#[$doc])*
        pub mod $module {
            use super::Reg;
            registers!(@const 0u8; $($name)*);
            /// Lower-case names of all registers, in the order of their numbers.
            pub const NAMES: &[&str] = &[$(stringify!($name)),*];
        }
    };
    (@const $n:expr; $name:ident $($rest:ident)*) => {
        #[doc = concat!("The register `", stringify!($name), "`.")]
        pub const $name: Reg = Reg($n);
        registers!(@const $n + 1u8; $($rest)*);
    };
    (@const $n:expr;) => {};
}

registers! {
    /// 32-bit x86.
    x86: EAX EBX ECX EDX ESI EDI EBP ESP EIP EFLAGS CS SS DS ES FS GS FS_BASE GS_BASE FPCW FPSW FPTAG MXCSR
}
registers! {
    /// x86-64.
    x86_64: RAX RBX RCX RDX RSI RDI RBP RSP R8 R9 R10 R11 R12 R13 R14 R15 RIP RFLAGS CS SS DS ES FS GS
        FS_BASE GS_BASE FPCW FPSW FPTAG MXCSR
}
registers! {
    /// 32-bit ARM, A32 and T32.
    arm: R0 R1 R2 R3 R4 R5 R6 R7 R8 R9 R10 R11 R12 SP LR PC CPSR TPIDRURO TPIDRURW FPSCR
}
registers! {
    /// A64.
    arm64: X0 X1 X2 X3 X4 X5 X6 X7 X8 X9 X10 X11 X12 X13 X14 X15 X16 X17 X18 X19 X20 X21 X22 X23 X24 X25 X26 X27 X28
        X29 X30 SP PC PSTATE TPIDR_EL0 FPCR FPSR
}
registers! {
    /// MIPS, 32 and 64 bits.
    mips: ZERO AT V0 V1 A0 A1 A2 A3 T0 T1 T2 T3 T4 T5 T6 T7 S0 S1 S2 S3 S4 S5 S6 S7 T8 T9 K0 K1 GP SP FP RA PC HI LO
        USERLOCAL FCSR
}
