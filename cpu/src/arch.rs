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
}

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

    /// The highest address plus one of user space that the *kernel ABI* of 32-bit systems allows, or 2^47.
    pub fn address_mask(self) -> u64 {
        if self.row().bits == 32 {
            0xffff_ffff
        } else {
            u64::MAX
        }
    }
}
