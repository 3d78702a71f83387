//! The profiles, as this test needs them.

use emu_cpu::{Arch, Reg, Trap};
use emu_profiles::{Abi, Listed, Resume, listed};
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
    /// Whether a trap belongs to it.
    pub(crate) takes: Box<dyn Fn(Trap) -> bool>,
    /// The number that the trap itself carries.
    pub(crate) number: Box<dyn Fn(Trap) -> Option<u32>>,
    pub(crate) indirect: Option<u32>,
    pub(crate) back: Back,
    pub(crate) table: Box<dyn Fn() -> &'static Table>,
}

/// Where the guest goes on.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Back {
    Next,
    Again,
    Landing { stack: Option<Reg> },
    Stored { at: u64, stack: Reg },
}

/// All of them.
pub(crate) fn profiles() -> Vec<OfProfile> {
    listed().map(of).collect()
}

fn of(listed: Listed) -> OfProfile {
    let processor = listed.processor();
    let arch = Arch::all().find(|arch| {
        let row = arch.row();
        (row.name, row.endian) == (processor.name, processor.endian)
    });
    let ways = match listed {
        Listed::Runs(profile) => profile
            .entries
            .iter()
            .map(|entry| Way {
                name: entry.name,
                abi: &entry.abi,
                takes: Box::new(|trap| entry.trap.matches(trap)),
                number: Box::new(|_| None),
                indirect: entry.indirect,
                back: match entry.resume {
                    Resume::Next => Back::Next,
                    Resume::Again => Back::Again,
                    Resume::Landing { stack, .. } => Back::Landing { stack },
                },
                table: Box::new(|| entry.system.table()),
            })
            .collect(),
        Listed::Known(known) => known
            .ways
            .iter()
            .map(|way| Way {
                name: way.name,
                abi: &way.abi,
                takes: Box::new(|trap| way.trap.matches(trap)),
                number: Box::new(|trap| way.trap.number(trap)),
                indirect: None,
                back: match way.back {
                    emu_profiles::Back::Next => Back::Next,
                    emu_profiles::Back::Again => Back::Again,
                    emu_profiles::Back::Stored { at, stack } => Back::Stored { at, stack },
                },
                table: Box::new(|| known.numbers.table()),
            })
            .collect(),
    };
    OfProfile {
        name: listed.name(),
        arch: arch.expect("the CPU is one of ours"),
        ways,
    }
}
