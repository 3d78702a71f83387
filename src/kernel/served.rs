//! Which calls does the kernel serve?
//!
//! It is asked, not declared: each call is made once, with all arguments zero, in a kernel of its own that has an empty
//! tree, no memory mapped and no CPU engine. What answers `Missing` is not served.

use std::rc::Rc;

use emu_cpu::scripted::Scripted;
use emu_cpu::{AddressSpace, Memory};
use emu_profiles::Profile;
use emu_prototypes::linux;
use emu_prototypes::{CallInfo, MAX_ARGS, Stop};

use super::host::MemoryHost;
use super::linux::LinuxTask;
use super::linux::process::Credentials;
use super::random::Random;
use super::time::Clock;
use super::vfs::{Setup, Vfs};
use super::{Cx, Kernel};
use crate::Error;

/// Whether the kernel serves a call of a profile, by its usual entry.
pub fn served(profile: &'static Profile, info: &CallInfo) -> bool {
    let system = profile.system();
    let mut rows = system.table().rows.iter();
    let row = rows.find(|row| system.info(row).id == info.id);
    row.is_some_and(|row| ask(profile, row).is_ok_and(|outcome| outcome != Err(Stop::Missing)))
}

fn ask(
    profile: &'static Profile,
    row: &'static emu_prototypes::Row,
) -> Result<linux::Outcome, Error> {
    let memory = Memory::new(64 << 20).map_err(|e| Error::io("reserving guest memory", e))?;
    let host = Rc::new(MemoryHost::new(b""));
    let vfs = Vfs::new(host.clone(), &memory, &Setup::default())?;
    let linux = LinuxTask::first(1, profile, &vfs, vfs.context(), Credentials::default());
    let process = &profile.process;
    let mut space = AddressSpace::new(&memory, profile.arch, process.low, process.high);
    let mut cpu = Scripted::new(profile.arch);
    let (clock, random) = (Clock::counted(), Random::new(0));
    let mut kernel = Kernel::new(memory, vfs, host, clock, random);
    let mut task = kernel.first_task(1, profile, linux);
    let entry = &profile.entries[0];
    let mut cx = Cx::new(&mut task, &mut cpu, &mut space, entry, row, 0, false);
    Ok(kernel.serve(&mut cx, &[0; MAX_ARGS]))
}
