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
        FOP FIP FDP ST0 ST1 ST2 ST3 ST4 ST5 ST6 ST7 XMM0 XMM1 XMM2 XMM3 XMM4 XMM5 XMM6 XMM7
        DR0 DR1 DR2 DR3 DR6 DR7
}
registers! {
    /// x86-64.
    x86_64: RAX RBX RCX RDX RSI RDI RBP RSP R8 R9 R10 R11 R12 R13 R14 R15 RIP RFLAGS CS SS DS ES FS GS
        FS_BASE GS_BASE FPCW FPSW FPTAG MXCSR FOP FIP FDP ST0 ST1 ST2 ST3 ST4 ST5 ST6 ST7
        XMM0 XMM1 XMM2 XMM3 XMM4 XMM5 XMM6 XMM7 XMM8 XMM9 XMM10 XMM11 XMM12 XMM13 XMM14 XMM15
        DR0 DR1 DR2 DR3 DR6 DR7
}
registers! {
    /// 32-bit ARM, A32 and T32.
    arm: R0 R1 R2 R3 R4 R5 R6 R7 R8 R9 R10 R11 R12 SP LR PC CPSR TPIDRURO TPIDRURW FPSCR
        D0 D1 D2 D3 D4 D5 D6 D7 D8 D9 D10 D11 D12 D13 D14 D15
        D16 D17 D18 D19 D20 D21 D22 D23 D24 D25 D26 D27 D28 D29 D30 D31
}
registers! {
    /// A64.
    arm64: X0 X1 X2 X3 X4 X5 X6 X7 X8 X9 X10 X11 X12 X13 X14 X15 X16 X17 X18 X19 X20 X21 X22 X23 X24 X25 X26 X27 X28
        X29 X30 SP PC PSTATE TPIDR_EL0 FPCR FPSR
        V0 V1 V2 V3 V4 V5 V6 V7 V8 V9 V10 V11 V12 V13 V14 V15
        V16 V17 V18 V19 V20 V21 V22 V23 V24 V25 V26 V27 V28 V29 V30 V31
}
registers! {
    /// MIPS, 32 and 64 bits.
    mips: ZERO AT V0 V1 A0 A1 A2 A3 T0 T1 T2 T3 T4 T5 T6 T7 S0 S1 S2 S3 S4 S5 S6 S7 T8 T9 K0 K1 GP SP FP RA PC HI LO
        USERLOCAL FCSR
        F0 F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12 F13 F14 F15
        F16 F17 F18 F19 F20 F21 F22 F23 F24 F25 F26 F27 F28 F29 F30 F31
}
