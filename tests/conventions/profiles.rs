//! The profiles, as this test needs them.

use emu_cpu::{Arch, Cpu, Reg, Trap};
use emu_profiles::{Abi, Entry, Os, Profile, Resume, all};
use emu_prototypes::Table;

/// A profile.
pub(crate) struct OfProfile {
    pub(crate) name: &'static str,
    pub(crate) arch: Arch,
    pub(crate) ways: Vec<Way>,
}

/// A way to ask.
pub(crate) struct Way {
    pub(crate) name: &'static str,
    pub(crate) abi: &'static Abi,
    entry: &'static Entry,
    pub(crate) indirect: Option<u32>,
    pub(crate) back: Back,
}

impl Way {
    /// Whether a trap belongs to it.
    pub(crate) fn takes(&self, trap: Trap) -> bool {
        self.entry.trap.matches(trap)
    }

    /// The number of the call that a trap asks for.
    pub(crate) fn number(&self, cpu: &dyn Cpu, trap: Trap) -> u32 {
        self.entry.number(cpu, trap)
    }

    pub(crate) fn table(&self) -> &'static Table {
        self.entry.system.table()
    }
}

/// Where the guest goes on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Back {
    Next,
    Again,
    Landing { stack: Option<Reg> },
    Stored { at: u64, stack: Reg },
}

/// All of them but users' own, which may ask as they like.
pub(crate) fn profiles() -> Vec<OfProfile> {
    let known = all().filter(|profile| profile.system().os() != Os::Own);
    known.map(of).collect()
}

fn of(profile: &'static Profile) -> OfProfile {
    let way = |entry: &'static Entry| Way {
        name: entry.name,
        abi: &entry.abi,
        entry,
        indirect: entry.indirect.first().copied(),
        back: match entry.resume {
            Resume::Next => Back::Next,
            Resume::Again => Back::Again,
            Resume::Landing { stack, .. } => Back::Landing { stack },
            Resume::Stored { at, stack } => Back::Stored { at, stack },
        },
    };
    OfProfile {
        name: profile.name,
        arch: profile.arch,
        ways: profile.entries.iter().map(way).collect(),
    }
}
