//! Which timers has a process set, and what happens when one is due?
//!
//! Those of a clock stand in the kernel's table of timers. Those of CPU time are looked at whenever the process has used
//! some: exact to a call, or to a quantum of guest code.

mod interval;
mod posix;

pub(super) use posix::Spec;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use emu_prototypes::linux::Abi;

use crate::kernel::Kernel;
use crate::kernel::linux::process::Process;
use crate::kernel::linux::signal::send::abi_of;
use crate::kernel::linux::signals::{Extra, Info};
use crate::kernel::linux::{Alarm, Linux};
use crate::kernel::task::{Task, Tid};
use crate::kernel::timer::TimerId;

/// The least time after which a timer whose signal waits already, or is wanted by nobody, is looked at again: it would keep
/// guest time from moving otherwise.   [Linux kernel/time/posix-timers.c, posix_timer_fn, "kick"]
const PAUSE: u64 = 1_000_000;

/// What a timer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Counts {
    /// Guest time since the start.
    Time,
    /// CPU time of the process in guest code.
    User,
    /// CPU time of the process.
    Cpu,
}

/// A timer of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// `ITIMER_REAL`, `ITIMER_VIRTUAL`, `ITIMER_PROF`.
    Interval(u8),
    /// Of `timer_create`.
    Posix(i32),
}

/// A timer that is set.
#[derive(Debug, Clone, Copy)]
struct Armed {
    /// When it is due, in what it counts, in nanoseconds.
    at: u64,
    /// How long it takes until it is due again; 0 for never.
    interval: u64,
    /// Its place in the kernel's table.
    id: Option<TimerId>,
}

/// A timer, set or not.
#[derive(Debug, Clone, Copy)]
struct Timer {
    counts: Counts,
    /// The wall clock's distance from guest time is not the monotonic one's: absolute times are told apart by this.
    wall: bool,
    armed: Option<Armed>,
    /// What comes when it is due; `None` for nothing.
    signal: Option<Info>,
    /// The task that gets it, when it is not for the whole process.
    target: Option<Tid>,
    /// How often it was due while its signal waited.
    overrun: u64,
}

/// The timers of a process.
#[derive(Debug, Clone, Default)]
pub struct ProcessTimers {
    all: BTreeMap<Name, Timer>,
    next: i32,
}

impl ProcessTimers {
    fn counts_cpu(&self) -> bool {
        self.all
            .values()
            .any(|timer| timer.counts != Counts::Time && timer.armed.is_some())
    }
}

impl Kernel {
    /// What a timer of the process whose turn it is counts, now.
    fn counted(&self, counts: Counts, task: &Task) -> u64 {
        let (user, system) = self.used(task);
        match counts {
            Counts::Time => self.clock.now(),
            Counts::User => user,
            Counts::Cpu => user.saturating_add(system),
        }
    }

    /// Sets a timer, or takes it back when `first` is 0; both times in nanoseconds from now. Gives what was left before, and
    /// the interval.
    fn set_timer(&mut self, task: &Task, name: Name, first: u64, interval: u64) -> (u64, u64) {
        let process = task.linux.process.clone();
        let Some(timer) = process.borrow().timers.all.get(&name).copied() else {
            return (0, 0);
        };
        let now = self.counted(timer.counts, task);
        let before = left(&timer, now);
        if let Some(id) = timer.armed.and_then(|armed| armed.id) {
            self.linux.timers.cancel(id);
        }
        let pid = process.borrow().pid;
        let armed = (first != 0).then(|| {
            let at = now.saturating_add(first);
            let id = (timer.counts == Counts::Time)
                .then(|| self.linux.timers.set(at, Alarm::Timer(pid, name)));
            Armed { at, interval, id }
        });
        if let Some(timer) = process.borrow_mut().timers.all.get_mut(&name) {
            timer.armed = armed;
            timer.overrun = 0;
        }
        self.linux.count_cpu_timers(&process);
        before
    }

    /// A timer of guest time is due.
    pub(in crate::kernel) fn timer_is_due(
        &mut self,
        current: Option<&mut Task>,
        pid: Tid,
        name: Name,
    ) {
        let Some(process) = self.linux.processes.get(pid).cloned() else {
            return;
        };
        let now = self.clock.now();
        self.expire(current, &process, name, now);
    }

    /// Timers of CPU time of the process whose turn it is.
    pub(crate) fn look_at_cpu_timers(&mut self, task: &mut Task) {
        let process = task.linux.process.clone();
        let due: Vec<(Name, u64)> = {
            let process = process.borrow();
            let due = |(name, timer): (&Name, &Timer)| {
                let armed = timer.armed.filter(|_| timer.counts != Counts::Time)?;
                let now = self.counted(timer.counts, task);
                (armed.at <= now).then_some((*name, now))
            };
            process.timers.all.iter().filter_map(due).collect()
        };
        for (name, now) in due {
            self.expire(Some(task), &process, name, now);
        }
    }

    /// A timer is due: its signal is sent, and it is set again if it comes again.
    fn expire(
        &mut self,
        mut current: Option<&mut Task>,
        process: &Rc<RefCell<Process>>,
        name: Name,
        now: u64,
    ) {
        let Some(timer) = process.borrow().timers.all.get(&name).copied() else {
            return;
        };
        let Some(armed) = timer.armed else { return };
        // How often it has been due meanwhile, besides this time.
        let more = now
            .saturating_sub(armed.at)
            .checked_div(armed.interval)
            .unwrap_or(0);
        let waits = self.signal_waits(
            current.as_deref_mut(),
            process,
            name,
            more.saturating_add(1),
        );
        let overrun = if waits {
            timer.overrun.saturating_add(more).saturating_add(1)
        } else {
            more
        };
        if let (Some(mut info), false) = (timer.signal, waits) {
            if let Extra::Timer { overrun, .. } = &mut info.extra {
                *overrun = i32::try_from(more).unwrap_or(i32::MAX);
            }
            let first = process.borrow().threads.first().copied();
            let abi = first
                .and_then(|tid| self.with_task(current.as_deref_mut(), tid, |task| abi_of(task)));
            if let Some(abi) = abi {
                // Without room for it the signal is lost, as on Linux.
                let _ = match timer.target {
                    Some(tid) => self.signal_task(current.as_deref_mut(), tid, abi, &info),
                    None => self.signal_process(current.as_deref_mut(), process, abi, &info),
                };
            }
        }
        let next = (armed.interval != 0).then(|| {
            let mut at = armed
                .at
                .saturating_add(armed.interval.saturating_mul(more.saturating_add(1)));
            let pause = now.saturating_add(PAUSE);
            if waits && at < pause {
                let skipped = (pause - at) / armed.interval;
                at = at.saturating_add(skipped.saturating_mul(armed.interval));
            }
            let pid = process.borrow().pid;
            // The first at which it is looked at; those in between are counted then.
            let look = at.max(now.saturating_add(1));
            let id = (timer.counts == Counts::Time)
                .then(|| self.linux.timers.set(look, Alarm::Timer(pid, name)));
            Armed {
                at,
                interval: armed.interval,
                id,
            }
        });
        if let Some(timer) = process.borrow_mut().timers.all.get_mut(&name) {
            timer.armed = next;
            timer.overrun = overrun;
        }
        self.linux.count_cpu_timers(process);
    }

    /// Whether the signal of a timer waits already; it then learns that the timer was due so often again.
    fn signal_waits(
        &mut self,
        current: Option<&mut Task>,
        process: &Rc<RefCell<Process>>,
        name: Name,
        more: u64,
    ) -> bool {
        let Name::Posix(id) = name else {
            // The signal of the older kind is an ordinary one: of these only one waits.
            return false;
        };
        let target = process
            .borrow()
            .timers
            .all
            .get(&name)
            .and_then(|t| t.target);
        match target {
            Some(tid) => self
                .with_task(current, tid, |task| task.linux.pending.overrun(id, more))
                .unwrap_or(false),
            None => process.borrow_mut().pending.overrun(id, more),
        }
    }

    /// The timers of a process that ends, or, but for the older kind, of one that gets another program.
    pub(crate) fn drop_timers(&mut self, process: &Rc<RefCell<Process>>, all: bool) {
        let gone: Vec<Name> = {
            let process = process.borrow();
            let names = process.timers.all.keys().copied();
            names
                .filter(|name| all || matches!(name, Name::Posix(_)))
                .collect()
        };
        for name in gone {
            self.drop_timer(process, name);
        }
    }

    fn drop_timer(&mut self, process: &Rc<RefCell<Process>>, name: Name) -> bool {
        let gone = process.borrow_mut().timers.all.remove(&name);
        if let Some(id) = gone.and_then(|timer| timer.armed?.id) {
            self.linux.timers.cancel(id);
        }
        self.linux.count_cpu_timers(process);
        gone.is_some()
    }
}

impl Linux {
    /// Knows of a process whether its CPU time has to be watched.
    fn count_cpu_timers(&mut self, process: &Rc<RefCell<Process>>) {
        let process = process.borrow();
        if process.timers.counts_cpu() {
            self.cpu_watched.insert(process.pid);
        } else {
            self.cpu_watched.remove(&process.pid);
        }
    }
}

/// Nanoseconds until a timer is due, at least 1 while it is set, and its interval.
fn left(timer: &Timer, now: u64) -> (u64, u64) {
    match timer.armed {
        Some(armed) => (armed.at.saturating_sub(now).max(1), armed.interval),
        None => (0, 0),
    }
}

/// The signal of a timer.
fn signal_of(abi: &Abi, signal: u64, code: u64) -> Info {
    Info::new(abi, signal, code)
}
