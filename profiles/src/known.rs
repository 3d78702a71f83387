//! What is known of a profile that no guest runs on yet?
//!
//! Its prototypes and its ways to ask are complete; what a process needs besides, and who serves it, is not there. So it
//! can be listed, printed and asked for numbers, and its conventions be tested.

use std::sync::LazyLock;

use emu_cpu::{Endian, Reg, Trap};
use emu_prototypes::{CallInfo, Classic, Row, Table, freebsd, linux, nt};

use crate::abi::Abi;
use crate::{Profile, System, TrapPattern, freebsd_x64, linux_arm_oabi, windows};

/// An operating system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Os {
    /// Linux.
    Linux,
    /// FreeBSD.
    FreeBsd,
    /// Windows of the NT line.
    Windows,
}

impl Os {
    /// How a person calls it.
    pub fn name(self) -> &'static str {
        match self {
            Os::Linux => "Linux",
            Os::FreeBsd => "FreeBSD",
            Os::Windows => "Windows",
        }
    }
}

/// A CPU as a list shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Processor {
    /// How a person calls it.
    pub name: &'static str,
    /// Width of a general register, in bits.
    pub bits: u8,
    /// Byte order of data.
    pub endian: Endian,
}

/// The numbers of a profile.
#[derive(Debug, Clone, Copy)]
pub enum Numbers {
    /// Linux.
    Linux(&'static linux::Abi),
    /// FreeBSD.
    FreeBsd(&'static freebsd::Abi),
    /// Windows.
    Windows(&'static nt::Release),
}

impl Numbers {
    /// The operating system.
    pub fn os(self) -> Os {
        match self {
            Numbers::Linux(_) => Os::Linux,
            Numbers::FreeBsd(_) => Os::FreeBsd,
            Numbers::Windows(_) => Os::Windows,
        }
    }

    /// The numbers of calls.
    pub fn table(self) -> &'static Table {
        match self {
            Numbers::Linux(abi) => abi.table,
            Numbers::FreeBsd(abi) => abi.table,
            Numbers::Windows(release) => release.table(),
        }
    }

    /// The calls that the rows of the table name.
    pub fn calls(self) -> &'static [CallInfo] {
        match self {
            Numbers::Linux(_) => &linux::CALLS,
            Numbers::FreeBsd(_) => &freebsd::CALLS,
            Numbers::Windows(_) => &nt::CALLS,
        }
    }

    /// All prototypes, made to be printed.
    pub fn classic(self) -> Classic<'static> {
        Classic {
            table: self.table(),
            calls: self.calls(),
        }
    }
}

/// A profile of which the prototypes are known.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Its name.
    pub name: &'static str,
    /// Other names it answers to.
    pub aliases: &'static [&'static str],
    /// The CPU.
    pub processor: Processor,
    /// Its numbers.
    pub numbers: Numbers,
    /// The ways in which a guest asks. The first one is the usual one.
    pub ways: &'static [Way],
}

/// A way to ask.
#[derive(Debug)]
pub struct Way {
    /// How events name it.
    pub name: &'static str,
    /// The instruction.
    pub trap: Instruction,
    /// The convention.
    pub abi: Abi,
    /// Where the guest goes on.
    pub back: Back,
}

/// Which traps belong to a way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instruction {
    /// Those.
    Traps(TrapPattern),
    /// `svc` with this base or more as its immediate: the number of the call is what is above it.
    Immediate {
        /// The immediate of call 0.
        base: u32,
    },
}

impl Instruction {
    /// Exactly that trap.
    pub(crate) const fn is(trap: Trap) -> Self {
        Instruction::Traps(TrapPattern::Is(trap))
    }

    /// Whether `trap` belongs to it.
    pub fn matches(self, trap: Trap) -> bool {
        match (self, trap) {
            (Instruction::Traps(pattern), trap) => pattern.matches(trap),
            (Instruction::Immediate { base }, Trap::Svc(immediate)) => immediate >= base,
            (Instruction::Immediate { .. }, _) => false,
        }
    }

    /// The number that the instruction itself carries.
    pub fn number(self, trap: Trap) -> Option<u32> {
        match (self, trap) {
            (Instruction::Immediate { base }, Trap::Svc(immediate)) => immediate.checked_sub(base),
            _ => None,
        }
    }
}

/// Where a guest goes on after a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Back {
    /// Behind the instruction.
    Next,
    /// At the instruction itself, once more.
    Again,
    /// At the address that is stored at another, with the stack pointer from a register.
    Stored {
        /// Where the address is stored.
        at: u64,
        /// The register with the stack pointer.
        stack: Reg,
    },
}

/// A profile, whether guests run on it or not.
#[derive(Debug, Clone, Copy)]
pub enum Listed {
    /// Guests run.
    Runs(&'static Profile),
    /// Its prototypes are known.
    Known(&'static Known),
}

/// Profiles that are named and refused, with the reason.
pub static REFUSED: &[(&str, &str)] = &[(
    "linux_riscv64",
    "the CPU engine is built without RISC-V, so that nothing could trap its calls",
)];

static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let mut all = vec![linux_arm_oabi::LINUX_ARM_OABI, freebsd_x64::FREEBSD_X64];
    all.extend(nt::RELEASES.iter().map(|release| windows::known(release)));
    all
});

/// All profiles of which no more than the prototypes are known.
pub fn known() -> &'static [Known] {
    &KNOWN
}

/// All profiles: those that run first.
pub fn listed() -> impl Iterator<Item = Listed> {
    let runs = crate::ALL.iter().map(|profile| Listed::Runs(profile));
    runs.chain(known().iter().map(Listed::Known))
}

/// The profile with that name or alias, whether guests run on it or not.
///
/// ```
/// let seven = emu_profiles::find("windows_7_x64").expect("there is one");
/// assert_eq!(seven.number("NtTerminateProcess"), Some(0x29));
/// assert_eq!(seven.call(0x29).expect("it is there").name, "NtTerminateProcess");
/// assert!(!seven.runs());
///
/// // What is known of each call: arguments with their types and meanings.
/// let (row, call) = seven.calls().find(|(row, _)| row.name == "NtClose").expect("it is there");
/// assert_eq!((row.number, call.params[0].name, call.params[0].ctype), (0xc, "Handle", "HANDLE"));
/// ```
pub fn find(name: &str) -> Option<Listed> {
    listed().find(|listed| listed.name() == name || listed.aliases().contains(&name))
}

impl Listed {
    /// Its name.
    pub fn name(&self) -> &'static str {
        match self {
            Listed::Runs(profile) => profile.name,
            Listed::Known(known) => known.name,
        }
    }

    /// Other names it answers to.
    pub fn aliases(&self) -> &'static [&'static str] {
        match self {
            Listed::Runs(profile) => profile.aliases,
            Listed::Known(known) => known.aliases,
        }
    }

    /// Whether guests run on it.
    pub fn runs(&self) -> bool {
        matches!(self, Listed::Runs(_))
    }

    /// The CPU.
    pub fn processor(&self) -> Processor {
        match self {
            Listed::Runs(profile) => {
                let arch = profile.arch.row();
                Processor {
                    name: arch.name,
                    bits: arch.bits,
                    endian: arch.endian,
                }
            }
            Listed::Known(known) => known.processor,
        }
    }

    /// The names of the ways in which a guest asks.
    pub fn ways(&self) -> Vec<&'static str> {
        match self {
            Listed::Runs(profile) => profile.entries.iter().map(|entry| entry.name).collect(),
            Listed::Known(known) => known.ways.iter().map(|way| way.name).collect(),
        }
    }

    /// The numbers of its usual way to ask.
    pub fn numbers(&self) -> Numbers {
        match self {
            Listed::Runs(profile) => match profile.entries[0].system {
                System::Linux(abi) => Numbers::Linux(abi),
            },
            Listed::Known(known) => known.numbers,
        }
    }

    /// The number of a call by its name.
    pub fn number(&self, name: &str) -> Option<u32> {
        self.numbers().table().by_name(name).map(|row| row.number)
    }

    /// The row of a number.
    pub fn call(&self, number: u32) -> Option<&'static Row> {
        self.numbers().table().row(number)
    }

    /// Each number with what is known of its call.
    pub fn calls(&self) -> impl Iterator<Item = (&'static Row, &'static CallInfo)> + use<> {
        let numbers = self.numbers();
        let rows = numbers.table().rows.iter();
        rows.map(move |row| (row, &numbers.calls()[usize::from(row.call)]))
    }
}
