//! Which timers has a process set, and what happens when one is due?
//!
//! Those of a clock stand in the kernel's table of timers. Those of CPU time are looked at whenever the process has used
//! some: exact to a call, or to a quantum of guest code.

pub(super) mod cpu;
mod interval;
mod posix;
mod sleep;
#[cfg(test)]
mod tests;

pub(super) use posix::Spec;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use emu_prototypes::linux::Abi;

use cpu::CpuClock;

use crate::kernel::Kernel;
use crate::kernel::linux::process::Process;
use crate::kernel::linux::signal::send::abi_of;
use crate::kernel::linux::signals::{Extra, Info};
use crate::kernel::linux::{Alarm, Linux};
use crate::kernel::task::{Task, Tid};
use crate::kernel::timer::TimerId;
use crate::kernel::wait::Wake;

/// The least time after which a timer whose signal waits already, or is wanted by nobody, is looked at again: it would keep
/// guest time from moving otherwise.   [Linux kernel/time/posix-timers.c, posix_timer_fn, "kick"]
const PAUSE: u64 = 1_000_000;

/// What a timer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counts {
    /// Guest time since the start.
    Time,
    /// CPU time.
    Cpu(CpuClock),
}

/// A timer of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// `RLIMIT_CPU`.
    Limit,
    /// `ITIMER_REAL`, `ITIMER_VIRTUAL`, `ITIMER_PROF`.
    Interval(u8),
    /// Of `timer_create`.
    Posix(i32),
    /// Ends the sleep of a thread until somebody has used so much CPU time.
    Sleep(Tid),
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
    /// The number that the next one gets.
    next: i32,
}

impl ProcessTimers {
    /// When a timer that counts CPU time is due, and the clock that it goes by.
    fn due_in_cpu_time(&self, name: Name) -> Option<(u64, CpuClock)> {
        let timer = self.all.get(&name)?;
        match (timer.armed, timer.counts) {
            (Some(armed), Counts::Cpu(clock)) => Some((armed.at, clock)),
            _ => None,
        }
    }
}

impl Kernel {
    /// What a timer of the process whose turn it is counts, now; `None` when whoever it counts is gone.
    fn counted(&self, counts: Counts, task: &Task) -> Option<u64> {
        match counts {
            Counts::Time => Some(self.clock.now()),
            Counts::Cpu(clock) => self.cpu_time(task, clock),
        }
    }

    /// Sets a timer, or takes it back when `first` is 0; both times in nanoseconds from now. Gives what was left before, and
    /// the interval.
    fn set_timer(&mut self, task: &Task, name: Name, first: u64, interval: u64) -> (u64, u64) {
        let process = task.linux.process.clone();
        let Some(timer) = process.borrow().timers.all.get(&name).copied() else {
            return (0, 0);
        };
        let Some(now) = self.counted(timer.counts, task) else {
            return (0, 0);
        };
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
        self.linux.watch_cpu_timer(&process, name);
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
        if let Name::Sleep(tid) = name {
            self.with_task(current, tid, |task| task.waker.wake());
            return;
        }
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
                    None => self.signal_process(current, process, abi, &info),
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
        self.linux.watch_cpu_timer(process, name);
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
                .filter(|name| all || !matches!(name, Name::Interval(_)))
                .collect()
        };
        for name in gone {
            self.drop_timer(process, name);
        }
        if all {
            self.linux.unwatch_cpu(process.borrow().pid);
        }
    }

    fn drop_timer(&mut self, process: &Rc<RefCell<Process>>, name: Name) -> bool {
        let gone = process.borrow_mut().timers.all.remove(&name);
        let Some(gone) = gone else { return false };
        if let Some(id) = gone.armed.and_then(|armed| armed.id) {
            self.linux.timers.cancel(id);
        }
        if let Counts::Cpu(clock) = gone.counts {
            let pid = process.borrow().pid;
            let entry = (Kernel::counted_process(pid, clock), pid, name);
            self.linux.cpu_watched.remove(&entry);
        }
        true
    }
}

impl Linux {
    /// Knows of a timer whether somebody's CPU time has to be watched for it.
    fn watch_cpu_timer(&mut self, process: &Rc<RefCell<Process>>, name: Name) {
        let process = process.borrow();
        let Some(timer) = process.timers.all.get(&name) else {
            return;
        };
        if let Counts::Cpu(clock) = timer.counts {
            let counted = Kernel::counted_process(process.pid, clock);
            let entry = (counted, process.pid, name);
            match timer.armed {
                Some(_) => self.cpu_watched.insert(entry),
                None => self.cpu_watched.remove(&entry),
            };
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
