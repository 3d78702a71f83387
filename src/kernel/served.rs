//! Which calls does the kernel serve?
//!
//! It is asked, not declared: each call is made once, with all arguments zero, in a kernel of its own that has an empty
//! tree, no memory mapped and no CPU engine. What answers `Missing` is not served.

use std::cell::RefCell;
use std::rc::Rc;

use emu_cpu::scripted::Scripted;
use emu_cpu::{AddressSpace, Memory};
use emu_profiles::{Profile, System};
use emu_prototypes::linux;
use emu_prototypes::{CallInfo, MAX_ARGS, Stop};

use super::host::MemoryHost;
use super::linux::LinuxTask;
use super::linux::process::Credentials;
use super::random::Random;
use super::task::{State, Task};
use super::time::Clock;
use super::vfs::{Setup, Vfs};
use super::{Cx, Kernel};
use crate::Error;

/// Whether the kernel serves a call of a profile, by its usual entry.
pub fn served(profile: &'static Profile, info: &CallInfo) -> bool {
    let rows = profile.entries[0].system.table().rows;
    let row = rows.iter().find(|row| row.call == info.id);
    row.is_some_and(|row| ask(profile, row).is_ok_and(|outcome| outcome != Err(Stop::Missing)))
}

fn ask(
    profile: &'static Profile,
    row: &'static emu_prototypes::Row,
) -> Result<linux::Outcome, Error> {
    let memory = Memory::new(64 << 20).map_err(|e| Error::io("reserving guest memory", e))?;
    let host = Rc::new(MemoryHost::new(b""));
    let vfs = Vfs::new(host.clone(), &memory, &Setup::default())?;
    let linux = LinuxTask::first(1, &vfs, vfs.context(), Credentials::default());
    let process = &profile.process;
    let mut space = AddressSpace::new(&memory, profile.arch, process.low, process.high);
    let mut task = Task {
        tid: 1,
        profile,
        space: Rc::new(RefCell::new(AddressSpace::new(&memory, profile.arch, 0, 0))),
        registers: None,
        state: State::Ready,
        pending: None,
        symbols: Rc::from([]),
        linux,
    };
    let mut cpu = Scripted::new(profile.arch);
    let mut kernel = Kernel {
        memory,
        vfs,
        host,
        clock: Clock::counted(),
        random: Random::new(0),
        next_tid: 2,
        notes: Vec::new(),
    };
    let entry = &profile.entries[0];
    let System::Linux(abi) = entry.system;
    let mut cx = Cx {
        task: &mut task,
        cpu: &mut cpu,
        mem: &mut space,
        profile,
        entry,
        row,
        abi,
        k: abi.k,
        layouts: abi.layouts,
        return_address: 0,
        again: false,
        wait: None,
        second: None,
        fate: None,
    };
    Ok(linux::dispatch(
        &mut kernel,
        &mut cx,
        row.call,
        &[0; MAX_ARGS],
    ))
}
