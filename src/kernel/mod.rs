//! The kernel inside: what shall happen when a guest asks.
//!
//! `linux/` speaks Linux, `freebsd/` FreeBSD, `nt/` Windows; everything else here is neutral. Only [`host`] touches the host.

mod due;
mod freebsd;
pub mod host;
pub mod layout;
pub mod linux;
pub mod net;
mod notes;
pub mod nt;
pub mod random;
pub mod report;
mod served;
pub mod task;
pub mod time;
pub mod timer;
pub mod tty;
pub mod vfs;
pub mod wait;

use std::cell::RefCell;
use std::rc::Rc;

use emu_cpu::{AddressSpace, Cpu, Memory};
use emu_profiles::{Entry, Profile, System};
use emu_prototypes::linux::{self as calls, Abi, Constants, Layouts};
use emu_prototypes::{Args, Row, Stop};

use task::{Task, Tasks};
use wait::{Interrupted, Wait, WaitQueue};

pub use notes::partial;
pub use served::served;

/// What all tasks share.
pub struct Kernel {
    /// Guest memory.
    pub memory: Memory,
    /// The private file tree.
    pub vfs: vfs::Vfs,
    /// The world outside, as far as it was named.
    pub host: Rc<dyn host::Host>,
    /// The private network.
    pub net: Rc<net::Net>,
    /// Guest time.
    pub clock: time::Clock,
    /// Seeded randomness.
    pub random: random::Random,
    /// All tasks but the one whose turn it is.
    pub tasks: Tasks,
    /// What all Linux tasks share.
    pub linux: linux::Linux,
    /// What all processes of Windows share.
    pub nt: nt::Nt,
    /// CPU time in guest code and in calls when the task whose turn it is got the CPU, in nanoseconds.
    pub since: (u64, u64),
    /// Diagnostic lines for the sinks, taken by the run loop after each call.
    pub notes: Vec<String>,
}

impl Kernel {
    /// A kernel without tasks.
    pub fn new(
        memory: Memory,
        vfs: vfs::Vfs,
        host: Rc<dyn host::Host>,
        clock: time::Clock,
        random: random::Random,
    ) -> Kernel {
        Kernel {
            memory,
            vfs,
            host,
            net: Rc::default(),
            clock,
            random,
            tasks: Tasks::default(),
            linux: linux::Linux::default(),
            nt: nt::Nt::default(),
            since: (0, 0),
            notes: Vec::new(),
        }
    }

    /// The first task: no program yet.
    pub fn first_task(
        &mut self,
        tid: task::Tid,
        profile: &'static Profile,
        linux: linux::LinuxTask,
    ) -> Task {
        let process = &profile.process;
        let space = AddressSpace::new(&self.memory, profile.arch, process.low, process.high);
        self.linux.processes.insert(&linux.process);
        self.give_first_terminal(&linux.process);
        Task {
            tid,
            profile,
            space: Rc::new(RefCell::new(space)),
            registers: None,
            state: task::State::Ready,
            waker: wait::Waker::new(tid, self.tasks.run_queue()),
            pending: None,
            birth: None,
            restart: None,
            doom: None,
            symbols: Rc::from([]),
            linux,
        }
    }
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
    /// What the task waits for, with `Stop::Block`, and what a signal does to that.
    pub wait: Option<(Wait, Interrupted)>,
    /// A second result, for conventions that have one (`pipe` on MIPS).
    pub second: Option<u64>,
    /// The task or its process ends, or its image is replaced, with `Stop::Never`.
    pub fate: Option<Fate>,
    /// The task that the call made, and that comes back from it, too.
    pub born: Option<task::Tid>,
    /// Whether others shall run before the task goes on.
    pub yields: bool,
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

impl<'a> Cx<'a> {
    /// A task that makes a call by one of its profile's entries. `again` says that it made the call before and had to wait.
    pub fn new(
        task: &'a mut Task,
        cpu: &'a mut dyn Cpu,
        mem: &'a mut AddressSpace,
        entry: &'static Entry,
        row: &'static Row,
        return_address: u64,
        again: bool,
    ) -> Cx<'a> {
        let abi = entry.system.linux();
        let profile = task.profile;
        Cx {
            task,
            cpu,
            mem,
            profile,
            entry,
            row,
            abi,
            k: abi.k,
            layouts: abi.layouts,
            return_address,
            again,
            wait: None,
            second: None,
            fate: None,
            born: None,
            yields: false,
        }
    }
}

impl Kernel {
    /// Has a call served by who knows its operating system.
    #[inline]
    pub fn serve(&mut self, cx: &mut Cx<'_>, args: &Args) -> calls::Outcome {
        match cx.entry.system {
            System::Linux(_) => calls::dispatch(self, cx, cx.row.call, args),
            System::FreeBsd(_) => freebsd::serve(self, cx, args),
            System::Windows(_) => nt::serve(self, cx, args),
            System::Own(own) => match own.served.get(usize::from(cx.row.call)) {
                Some(Some(call)) => self.serve_as_linux(cx, *call, args),
                _ => Err(Stop::Missing),
            },
        }
    }

    /// Has a call of Linux made instead, one of the ABI that is nearest.
    fn serve_as_linux(&mut self, cx: &mut Cx<'_>, call: u16, args: &Args) -> calls::Outcome {
        let row = cx.abi.table.of_call(call).ok_or(Stop::Missing)?;
        let own = std::mem::replace(&mut cx.row, row);
        let outcome = calls::dispatch(self, cx, call, args);
        cx.row = own;
        outcome
    }
}

impl Cx<'_> {
    /// Blocks the task: `return Err(cx.block(…))`. What wakes it are the queues that it was added to ([`Cx::wait_in`]) and
    /// the time; the call is then asked again.
    pub fn block<E>(&mut self, wait: Wait) -> Stop<E> {
        let interrupted = match wait {
            Wait::Until(_) => Interrupted::GoesOn,
            Wait::Signal => Interrupted::WithoutHandler,
            Wait::Vfork => Interrupted::Never,
            Wait::File
            | Wait::Input(..)
            | Wait::Network(..)
            | Wait::Futex(_)
            | Wait::Child
            | Wait::Ipc => Interrupted::Restarts,
        };
        self.block_as(wait, interrupted)
    }

    /// The same, with what a signal does to the call.
    pub fn block_as<E>(&mut self, wait: Wait, interrupted: Interrupted) -> Stop<E> {
        self.wait = Some((wait, interrupted));
        Stop::Block
    }

    /// Has the task woken by a change, when it blocks.
    pub fn wait_in(&self, queue: &WaitQueue) {
        queue.add(self.task.waker.clone());
    }

    /// Blocks the task until an open file is ready for more.
    pub fn wait_for_file<E>(&mut self, file: &vfs::OpenFile) -> Stop<E> {
        let wait = self.wait_file(file, None);
        self.block_as(wait, Interrupted::Restarts)
    }

    /// Has the task woken by a change of an open file, and says what it waits for then; until a point of guest time at
    /// most, when there is one.
    pub fn wait_file(&self, file: &vfs::OpenFile, until: Option<u64>) -> Wait {
        file.watch(self.task.waker.clone());
        let until = match (until, file.due()) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        match (file.input(), until) {
            (stream, until) if file.is_hosted() => Wait::Network(stream, until),
            (Some(stream), until) => Wait::Input(stream, until),
            (None, Some(time)) => Wait::Until(time),
            (None, None) => Wait::File,
        }
    }
}
