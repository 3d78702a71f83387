//! A kernel with one task and no CPU engine: services are asked by name, as a guest would ask them.

use std::rc::Rc;

use emu_cpu::memory::{Backing, PAGE};
use emu_cpu::scripted::Scripted;
use emu_cpu::{AddressSpace, Memory, Prot};
use emu_profiles::Profile;
use emu_prototypes::linux::{self, Abi, Constants, Errno, Layouts};
use emu_prototypes::{Args, Stop};

use super::LinuxTask;
use super::process::Credentials;
use crate::event::ExitStatus;
use crate::kernel::host::MemoryHost;
use crate::kernel::random::Random;
use crate::kernel::task::Task;
use crate::kernel::time::Clock;
use crate::kernel::vfs::{Setup, Vfs};
use crate::kernel::wait::Wait;
use crate::kernel::{Cx, Fate, Kernel};

/// Where a test may keep structures: [`Trial::new`] maps pages here.
pub(super) const SCRATCH: u64 = 0x10_0000;

/// What came of a call.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Came {
    Ok(u64),
    Err(Errno),
    Waits(Wait),
    Ends(ExitStatus),
    Execs,
    Missing,
}

pub(super) struct Trial {
    pub(super) kernel: Kernel,
    pub(super) task: Task,
    pub(super) space: AddressSpace,
    pub(super) cpu: Scripted,
    profile: &'static Profile,
    again: bool,
}

impl Trial {
    pub(super) fn new(profile: &str) -> Trial {
        let profile = emu_profiles::by_name(profile).expect("a profile");
        let memory = Memory::new(64 << 20).expect("the host has address space");
        let host = Rc::new(MemoryHost::new(b""));
        let setup = Setup::default();
        let vfs = Vfs::new(host.clone(), &memory, &setup).expect("an empty tree");
        let linux = LinuxTask::first(1000, profile, &vfs, vfs.context(), Credentials::default());
        linux.process.borrow_mut().image.brk_start = 0x20_0000;
        linux.process.borrow_mut().image.brk = 0x20_0000;
        let process = &profile.process;
        let mut space = AddressSpace::new(&memory, profile.arch, process.low, process.high);
        let both = Prot::READ | Prot::WRITE;
        space
            .map(SCRATCH, 4 * PAGE, both, Backing::Anonymous, None)
            .expect("there is room");
        let (clock, random) = (Clock::counted(), Random::new(0));
        let mut kernel = Kernel::new(memory, vfs, host, clock, random);
        Trial {
            task: kernel.first_task(1000, profile, linux),
            kernel,
            space,
            cpu: Scripted::new(profile.arch),
            profile,
            again: false,
        }
    }

    /// One of each profile.
    pub(super) fn all() -> impl Iterator<Item = Trial> {
        emu_profiles::ALL
            .iter()
            .map(|profile| Trial::new(profile.name))
    }

    pub(super) fn name(&self) -> &'static str {
        self.profile.name
    }

    pub(super) fn abi(&self) -> &'static Abi {
        self.profile.system().linux()
    }

    pub(super) fn k(&self) -> &'static Constants {
        self.abi().k
    }

    pub(super) fn layouts(&self) -> &'static Layouts {
        self.abi().layouts
    }

    /// Whether the profile has a call of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.abi().table.rows.iter().any(|row| row.name == name)
    }

    /// Asks again what was asked before, after a wait.
    pub(super) fn again(&mut self, name: &str, args: &[u64]) -> Came {
        self.again = true;
        let came = self.call(name, args);
        self.again = false;
        came
    }

    /// Makes a call under the profile's own name for it, with the call's fields.
    pub(super) fn call(&mut self, name: &str, fields: &[u64]) -> Came {
        let abi = self.abi();
        let entry = &self.profile.entries[0];
        let row = abi.table.rows.iter().find(|row| row.name == name);
        let row = row.unwrap_or_else(|| panic!("{} has no {name}", self.profile.name));
        let mut args: Args = Default::default();
        args[..fields.len()].copy_from_slice(fields);
        self.kernel.clock.tick_call();
        let (task, cpu, space) = (&mut self.task, &mut self.cpu, &mut self.space);
        let mut cx = Cx::new(task, cpu, space, entry, row, 0, self.again);
        let outcome = linux::dispatch(&mut self.kernel, &mut cx, row.call, &args);
        let (wait, fate) = (cx.wait, cx.fate);
        match outcome {
            Ok(value) => Came::Ok(value),
            Err(Stop::Fail(errno)) => Came::Err(errno),
            Err(Stop::Block) => Came::Waits(wait.expect("who blocks says for what").0),
            Err(Stop::Never) => match fate.expect("who ends says how") {
                Fate::Exit(status) | Fate::ExitGroup(status) => Came::Ends(status),
                Fate::Exec(_) => Came::Execs,
            },
            Err(Stop::Resumed) => Came::Ok(0),
            Err(Stop::Missing) => Came::Missing,
        }
    }

    /// The result of a call that has to succeed.
    pub(super) fn ok(&mut self, name: &str, fields: &[u64]) -> u64 {
        match self.call(name, fields) {
            Came::Ok(value) => value,
            other => panic!("{}: {name} gave {other:?}", self.profile.name),
        }
    }

    /// The error of a call that has to fail.
    pub(super) fn err(&mut self, name: &str, fields: &[u64]) -> Errno {
        match self.call(name, fields) {
            Came::Err(errno) => errno,
            other => panic!("{}: {name} gave {other:?}", self.profile.name),
        }
    }
}

mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Numbers that calls stumble over, some of them addresses of mapped memory.
    fn number() -> impl Strategy<Value = u64> {
        prop_oneof![
            0..20u64,
            Just(SCRATCH),
            (0..4 * PAGE).prop_map(|offset| SCRATCH + offset),
            Just(SCRATCH + 4 * PAGE - 1),
            Just(0x20_0000u64),
            (0..64u32).prop_map(|bit| 1 << bit),
            (0..64u32).prop_map(|bit| (1u64 << bit).wrapping_sub(1)),
            Just(u64::MAX),
            Just(0xffff_ffff),
            Just(0xffff_f000),
            Just(0x7fff_f000),
            any::<u64>(),
        ]
    }

    proptest! {
        #[test]
        fn no_call_with_any_arguments_breaks_the_kernel(
            which in 0..6usize,
            text in prop::collection::vec(any::<u8>(), 64),
            calls in prop::collection::vec((any::<prop::sample::Index>(), prop::array::uniform6(number())), 1..40),
        ) {
            let mut t = Trial::new(emu_profiles::ALL[which].name);
            t.space.write(SCRATCH, &text).expect("scratch");
            t.space.write(SCRATCH + PAGE, b"/tmp/file").expect("scratch");
            for (call, args) in calls {
                let rows = t.abi().table.rows;
                let row = &rows[call.index(rows.len())];
                // As the convention would pass them.
                let model = t.task.profile.entries[0].abi.model;
                let mut fields = [0; 6];
                for (param, value) in row.params.iter().zip(args) {
                    if let Some(field) = fields.get_mut(usize::from(param.field)) {
                        *field = param.width.extend(model, value);
                    }
                }
                if let Came::Waits(_) = t.call(row.name, &fields) {
                    t.kernel.clock.wait_until(u64::MAX / 2);
                    t.again(row.name, &fields);
                }
            }
            prop_assert!(t.kernel.memory.used() <= t.kernel.memory.limit());
        }
    }
}
