//! The kernel inside: what shall happen when a guest asks.
//!
//! `linux/` speaks Linux; everything else here is neutral. Only [`host`] touches the host.

pub mod host;
pub mod layout;
pub mod linux;
pub mod random;
pub mod report;
mod served;
pub mod task;
pub mod time;
pub mod vfs;

use std::rc::Rc;

use emu_cpu::{AddressSpace, Cpu, Memory};
use emu_profiles::{Entry, Profile};
use emu_prototypes::linux::{Abi, Constants, Layouts};
use emu_prototypes::{Row, Stop};

use task::{Task, Wait};

pub use served::served;

/// What all tasks share.
pub struct Kernel {
    /// Guest memory.
    pub memory: Memory,
    /// The private file tree.
    pub vfs: vfs::Vfs,
    /// The world outside, as far as it was named.
    pub host: Rc<dyn host::Host>,
    /// Guest time.
    pub clock: time::Clock,
    /// Seeded randomness.
    pub random: random::Random,
    /// The number the next task gets.
    pub next_tid: task::Tid,
    /// Diagnostic lines for the sinks, taken by the run loop after each call.
    pub notes: Vec<String>,
}

/// A service's view of the task that asks.
pub struct Cx<'a> {
    /// The task.
    pub task: &'a mut Task,
    /// The CPU, with the task's registers.
    pub cpu: &'a mut dyn Cpu,
    /// The task's memory.
    pub mem: &'a mut AddressSpace,
    /// How the task's program asks.
    pub profile: &'static Profile,
    /// The entry the call came by.
    pub entry: &'static Entry,
    /// The number's row: entry point and widths on this profile.
    pub row: &'static Row,
    /// Tables of the ABI the call came by.
    pub abi: &'static Abi,
    /// Constants of that ABI.
    pub k: &'static Constants,
    /// Structures of that ABI.
    pub layouts: &'static Layouts,
    /// Where the task goes on.
    pub return_address: u64,
    /// Whether the call is being asked again after a wait.
    pub again: bool,
    /// What the task waits for, with `Stop::Block`.
    pub wait: Option<Wait>,
    /// A second result, for conventions that have one (`pipe` on MIPS).
    pub second: Option<u64>,
    /// The task or its process ends, or its image is replaced, with `Stop::Never`.
    pub fate: Option<Fate>,
}

/// What becomes of a task whose call never returns.
pub enum Fate {
    /// The task ends.
    Exit(crate::event::ExitStatus),
    /// The whole process ends.
    ExitGroup(crate::event::ExitStatus),
    /// Another program is loaded.
    Exec(Box<crate::load::Loaded>),
}

impl Cx<'_> {
    /// Blocks the task: `return Err(cx.block(…))`.
    pub fn block<E>(&mut self, wait: Wait) -> Stop<E> {
        self.wait = Some(wait);
        Stop::Block
    }
}
