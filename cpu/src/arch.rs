//! The architectures, one row each.

use crate::reg::{self, Reg};

/// Byte order of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endian {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

/// A guest architecture, byte order included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Arch {
    /// 32-bit x86.
    X86,
    /// x86-64.
    X86_64,
    /// 32-bit ARM, little-endian.
    Arm,
    /// A64, little-endian.
    Arm64,
    /// MIPS32, big-endian.
    Mips,
    /// MIPS32, little-endian.
    Mipsel,
    /// MIPS64, big-endian.
    Mips64,
    /// MIPS64, little-endian.
    Mips64el,
}

/// Facts about one architecture.
#[derive(Debug)]
pub struct Row {
    /// The architecture.
    pub arch: Arch,
    /// How a person calls it.
    pub name: &'static str,
    /// Width of a general register, in bits.
    pub bits: u8,
    /// Byte order of data.
    pub endian: Endian,
    /// `e_machine` of its ELF images.   [ELF gABI, e_machine]
    pub elf_machine: u16,
    /// Program counter.
    pub pc: Reg,
    /// Stack pointer.
    pub sp: Reg,
    /// Names of its registers by number.
    pub registers: &'static [&'static str],
    /// The registers a crash report shows, in order.
    pub shown: std::ops::Range<u8>,
    /// Its registers by DWARF number, as far as tables for unwinding name them.
    pub dwarf: &'static [Reg],
    /// Where a call leaves its return address, if not on the stack.
    pub link: Option<Reg>,
    /// The register that points at the caller's own and the return address behind it, in functions that have such a frame.
    pub frame: Option<Reg>,
}

/// [i386 psABI, DWARF register number mapping]
static X86_DWARF: &[Reg] = {
    use reg::x86::*;
    &[EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI, EIP]
};
/// [AMD64 psABI, DWARF register number mapping]
static X86_64_DWARF: &[Reg] = {
    use reg::x86_64::*;
    &[
        RAX, RDX, RCX, RBX, RSI, RDI, RBP, RSP, R8, R9, R10, R11, R12, R13, R14, R15, RIP,
    ]
};
/// The general registers under their own numbers.   [AADWARF64, DWARF register names; MIPS psABI]
static NUMBERED: &[Reg] = &{
    let mut all = [Reg(0); 32];
    let mut number = 0;
    while number < 32 {
        all[number as usize] = Reg(number);
        number += 1;
    }
    all
};
/// [AADWARF32, DWARF register names]
static ARM_DWARF: &[Reg] = {
    use reg::arm::*;
    &[
        R0, R1, R2, R3, R4, R5, R6, R7, R8, R9, R10, R11, R12, SP, LR, PC,
    ]
};

static ROWS: &[Row] = &[
    Row {
        arch: Arch::X86,
        name: "x86",
        bits: 32,
        endian: Endian::Little,
        elf_machine: 3,
        pc: reg::x86::EIP,
        sp: reg::x86::ESP,
        registers: reg::x86::NAMES,
        shown: 0..10,
        dwarf: X86_DWARF,
        link: None,
        frame: Some(reg::x86::EBP),
    },
    Row {
        arch: Arch::X86_64,
        name: "x86-64",
        bits: 64,
        endian: Endian::Little,
        elf_machine: 62,
        pc: reg::x86_64::RIP,
        sp: reg::x86_64::RSP,
        registers: reg::x86_64::NAMES,
        shown: 0..18,
        dwarf: X86_64_DWARF,
        link: None,
        frame: Some(reg::x86_64::RBP),
    },
    Row {
        arch: Arch::Arm,
        name: "ARM",
        bits: 32,
        endian: Endian::Little,
        elf_machine: 40,
        pc: reg::arm::PC,
        sp: reg::arm::SP,
        registers: reg::arm::NAMES,
        shown: 0..17,
        dwarf: ARM_DWARF,
        link: Some(reg::arm::LR),
        frame: None,
    },
    Row {
        arch: Arch::Arm64,
        name: "ARM64",
        bits: 64,
        endian: Endian::Little,
        elf_machine: 183,
        pc: reg::arm64::PC,
        sp: reg::arm64::SP,
        registers: reg::arm64::NAMES,
        shown: 0..34,
        dwarf: NUMBERED,
        link: Some(reg::arm64::X30),
        frame: Some(reg::arm64::X29),
    },
    Row {
        arch: Arch::Mips,
        name: "MIPS",
        bits: 32,
        endian: Endian::Big,
        elf_machine: 8,
        pc: reg::mips::PC,
        sp: reg::mips::SP,
        registers: reg::mips::NAMES,
        shown: 0..35,
        dwarf: NUMBERED,
        link: Some(reg::mips::RA),
        frame: None,
    },
    Row {
        arch: Arch::Mipsel,
        name: "MIPS",
        bits: 32,
        endian: Endian::Little,
        elf_machine: 8,
        pc: reg::mips::PC,
        sp: reg::mips::SP,
        registers: reg::mips::NAMES,
        shown: 0..35,
        dwarf: NUMBERED,
        link: Some(reg::mips::RA),
        frame: None,
    },
    Row {
        arch: Arch::Mips64,
        name: "MIPS64",
        bits: 64,
        endian: Endian::Big,
        elf_machine: 8,
        pc: reg::mips::PC,
        sp: reg::mips::SP,
        registers: reg::mips::NAMES,
        shown: 0..35,
        dwarf: NUMBERED,
        link: Some(reg::mips::RA),
        frame: None,
    },
    Row {
        arch: Arch::Mips64el,
        name: "MIPS64",
        bits: 64,
        endian: Endian::Little,
        elf_machine: 8,
        pc: reg::mips::PC,
        sp: reg::mips::SP,
        registers: reg::mips::NAMES,
        shown: 0..35,
        dwarf: NUMBERED,
        link: Some(reg::mips::RA),
        frame: None,
    },
];

impl Arch {
    /// All architectures.
    pub fn all() -> impl Iterator<Item = Arch> {
        ROWS.iter().map(|row| row.arch)
    }

    /// The facts about this one.
    pub fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }

    /// Whether it is a MIPS, of either width and byte order.
    pub fn is_mips(self) -> bool {
        matches!(
            self,
            Arch::Mips | Arch::Mipsel | Arch::Mips64 | Arch::Mips64el
        )
    }

    /// Byte order of data.
    pub fn endian(self) -> Endian {
        self.row().endian
    }

    /// Width of a pointer, in bytes.
    pub fn pointer(self) -> u64 {
        u64::from(self.row().bits / 8)
    }

    /// Where the code is that an address of code stands for: bit 0 may say that it is Thumb.   [AAELF32, symbol values]
    pub fn code_at(self, address: u64) -> u64 {
        address & !u64::from(self == Arch::Arm)
    }

    /// The highest address plus one of user space that the *kernel ABI* of 32-bit systems allows, or 2^47.
    pub fn address_mask(self) -> u64 {
        if self.row().bits == 32 {
            0xffff_ffff
        } else {
            u64::MAX
        }
    }
}
