//! On which CPU does a task run?
//!
//! One CPU per architecture (and, on x86, kernel) runs all tasks, and forgets what it knows of addresses whenever the address space changes. An
//! address space that comes back again and again gets a CPU to itself: nothing is forgotten and no registers are copied
//! then. A guest can't tell.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use emu_cpu::{AddressSpace, Arch, Cpu, Selectors};
use emu_profiles::Profile;
use emu_prototypes::Os;

use super::limits::Limits;
use crate::Error;
use crate::kernel::Kernel;
use crate::kernel::task::{Task, Tasks, Tid};

/// The most CPUs of one architecture. Each takes some megabytes, and translates what it runs anew.
const MOST: usize = 4;
/// So often an address space comes back before it gets a CPU to itself: what that costs has been lost about once by then.
const COMEBACKS: u32 = 1_000;
/// After so many turns of others a CPU is free for another address space.
const IDLE: u64 = 10_000;
/// How many address spaces are candidates at the same time.
const CANDIDATES: usize = 8;

type Space = Rc<RefCell<AddressSpace>>;

/// A CPU and the task whose registers it holds.
pub(super) struct Engine {
    pub(super) cpu: Box<dyn Cpu>,
    kind: Kind,
    pub(super) loaded: Option<Tid>,
    /// The address space it is kept for; the one without runs all others.
    owner: Option<Weak<RefCell<AddressSpace>>>,
    /// The address space it ran last.
    ran: Weak<RefCell<AddressSpace>>,
    /// The turn in which it was used last.
    used: u64,
}

/// What tells CPUs apart that can't run each other's programs: x86's segments are the kernel's.
type Kind = (Arch, Selectors);

fn kind(profile: &Profile) -> Kind {
    let selectors = match profile.system().os() {
        Os::Windows => Selectors::Nt,
        Os::FreeBsd => Selectors::FreeBsd,
        _ => Selectors::Linux,
    };
    match profile.arch {
        arch @ (Arch::X86 | Arch::X86_64) => (arch, selectors),
        arch => (arch, Selectors::Linux),
    }
}

/// All CPUs but the one in use.
#[derive(Default)]
pub(super) struct Engines {
    all: Vec<Engine>,
    turns: u64,
    /// Address spaces that have come back to a CPU that others use, too, and how often.
    candidates: Vec<(Weak<RefCell<AddressSpace>>, u32)>,
}

fn is(space: &Weak<RefCell<AddressSpace>>, other: &Space) -> bool {
    space.as_ptr() == Rc::as_ptr(other)
}

impl Engine {
    fn open(kind: Kind, kernel: &Kernel, limits: &Limits) -> Result<Engine, Error> {
        let (arch, selectors) = kind;
        let mut cpu = emu_cpu::open_with_selectors(arch, &kernel.memory, selectors)
            .map_err(|e| Error::Cpu(e.to_string()))?;
        limits.prepare(cpu.as_mut());
        Ok(Engine {
            cpu,
            kind,
            loaded: None,
            owner: None,
            ran: Weak::new(),
            used: 0,
        })
    }

    /// Keeps the registers of the task that it holds, when it is one that goes on.
    pub(super) fn put_aside(&mut self, tasks: &mut Tasks) {
        if let Some(before) = self.loaded.take().and_then(|tid| tasks.get_mut(tid)) {
            self.save(before);
        }
    }

    fn save(&self, task: &mut Task) {
        let context = task.registers.get_or_insert_with(|| self.cpu.context());
        self.cpu.save(context.as_mut());
    }

    /// Gives it the registers of a task, which it may hold already.
    fn load(&mut self, task: &Task, tasks: &mut Tasks) {
        if self.loaded == Some(task.tid) {
            return;
        }
        self.put_aside(tasks);
        if let Some(context) = &task.registers {
            self.cpu.restore(context.as_ref());
        }
        self.loaded = Some(task.tid);
    }
}

impl Engines {
    /// Opens the CPU of a profile, unless it is there.
    pub(super) fn prepare(
        &mut self,
        profile: &Profile,
        kernel: &Kernel,
        limits: &Limits,
    ) -> Result<(), Error> {
        let engine = self.common(profile, kernel, limits)?;
        self.all.push(engine);
        Ok(())
    }

    /// Takes the CPU of a profile that runs whatever has none to itself.
    pub(super) fn common(
        &mut self,
        profile: &Profile,
        kernel: &Kernel,
        limits: &Limits,
    ) -> Result<Engine, Error> {
        let kind = kind(profile);
        let found = self
            .all
            .iter()
            .position(|engine| engine.owner.is_none() && engine.kind == kind);
        match found {
            Some(index) => Ok(self.all.swap_remove(index)),
            None => Engine::open(kind, kernel, limits),
        }
    }

    /// Takes the CPU on which a task runs, with the task's registers in it.
    pub(super) fn take(
        &mut self,
        task: &mut Task,
        kernel: &mut Kernel,
        limits: &Limits,
    ) -> Result<Engine, Error> {
        self.turns += 1;
        let owned = |engine: &Engine| {
            let owner = engine.owner.as_ref();
            owner.is_some_and(|owner| is(owner, &task.space))
        };
        let mut engine = match self.all.iter().position(owned) {
            Some(index) => self.all.swap_remove(index),
            None => {
                let mut common = self.common(task.profile, kernel, limits)?;
                let changes = !is(&common.ran, &task.space);
                // Instructions are counted by each CPU for itself.
                if changes && !limits.counts() && self.comes_back(&task.space) {
                    // Whose registers it holds may run elsewhere from now on.
                    if common.loaded == Some(task.tid) {
                        common.save(task);
                        common.loaded = None;
                    }
                    common.put_aside(&mut kernel.tasks);
                    match self.own(task, kernel, limits)? {
                        Some(own) => {
                            self.all.push(common);
                            own
                        }
                        None => common,
                    }
                } else {
                    common
                }
            }
        };
        engine.load(task, &mut kernel.tasks);
        if !is(&engine.ran, &task.space) {
            engine.ran = Rc::downgrade(&task.space);
        }
        engine.used = self.turns;
        Ok(engine)
    }

    /// Puts a CPU back.
    pub(super) fn put(&mut self, engine: Engine) {
        self.all.push(engine);
    }

    /// Keeps the registers of all tasks in the tasks.
    pub(super) fn put_all_aside(&mut self, tasks: &mut Tasks) {
        for engine in &mut self.all {
            engine.put_aside(tasks);
        }
    }

    /// What CPUs hold of a task is not its own any more: it is gone, or begins anew.
    pub(super) fn forget(&mut self, tid: Tid) {
        for engine in &mut self.all {
            engine.loaded = engine.loaded.filter(|loaded| *loaded != tid);
        }
    }

    /// Whether an address space has come back often enough, compared with others.
    fn comes_back(&mut self, space: &Space) -> bool {
        if let Some((_, times)) = self.candidates.iter_mut().find(|(of, _)| is(of, space)) {
            *times += 1;
            return *times >= COMEBACKS;
        }
        if self.candidates.len() >= CANDIDATES {
            // When there are many of them, it is nobody's turn often enough.
            for (_, times) in &mut self.candidates {
                *times -= 1;
            }
            self.candidates
                .retain(|(of, times)| *times > 0 && of.strong_count() > 0);
        }
        if self.candidates.len() < CANDIDATES {
            self.candidates.push((Rc::downgrade(space), 1));
        }
        false
    }

    /// A CPU for the address space of a task alone, if there may be one more.
    fn own(
        &mut self,
        task: &Task,
        kernel: &mut Kernel,
        limits: &Limits,
    ) -> Result<Option<Engine>, Error> {
        let kind = kind(task.profile);
        self.candidates.retain(|(of, _)| !is(of, &task.space));
        let turns = self.turns;
        let free = |engine: &Engine| {
            engine.kind == kind
                && engine.owner.as_ref().is_some_and(|owner| {
                    owner.strong_count() == 0 || engine.used.saturating_add(IDLE) < turns
                })
        };
        let mut engine = match self.all.iter().position(free) {
            Some(index) => {
                let mut engine = self.all.swap_remove(index);
                engine.put_aside(&mut kernel.tasks);
                engine
            }
            // The common one is not among them now.
            None if self.all.iter().filter(|e| e.kind == kind).count() + 1 < MOST => {
                Engine::open(kind, kernel, limits)?
            }
            None => return Ok(None),
        };
        engine.owner = Some(Rc::downgrade(&task.space));
        Ok(Some(engine))
    }
}
