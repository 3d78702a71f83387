//! Whose CPU time does a clock count, and how much of it is there?   [clock_getcpuclockid(3); Linux
//! kernel/time/posix-cpu-timers.c]
//!
//! CPU time is what guest time is made of besides sleeps: a microsecond for each call, and a millisecond for each used-up
//! quantum of guest code. What is less than a quantum is not counted; half of each call stands for it.

use std::cell::RefCell;
use std::rc::Rc;

use emu_prototypes::linux::Errno;

use super::Name;
use crate::kernel::linux::Linux;
use crate::kernel::linux::process::{Process, Resource, UNLIMITED};
use crate::kernel::linux::signal::send::abi_of;
use crate::kernel::linux::signals::Info;
use crate::kernel::task::{Task, Tid};
use crate::kernel::time::SECOND;
use crate::kernel::{Cx, Kernel};

/// Whose CPU time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::kernel::linux) enum Whose {
    /// All threads of a process.
    Process(Tid),
    /// A thread of the process that asks.
    Thread(Tid),
}

/// What of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::kernel::linux) enum Part {
    /// All, as ticks of the timer have found it (`CPUCLOCK_PROF`).
    Ticks,
    /// What passed in guest code, as those have found it (`CPUCLOCK_VIRT`).
    User,
    /// All (`CPUCLOCK_SCHED`).
    All,
}

/// A clock of CPU time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::kernel::linux) struct CpuClock {
    pub(in crate::kernel::linux) whose: Whose,
    pub(in crate::kernel::linux) part: Part,
}

impl CpuClock {
    /// A clock of the process that asks.
    pub(in crate::kernel::linux) fn own(cx: &Cx<'_>, part: Part) -> CpuClock {
        CpuClock {
            whose: Whose::Process(cx.process().pid),
            part,
        }
    }
}

/// The clock of a number below 0: the inverted number of its process or thread above, which of both it is in bit 2, what it
/// counts in bits 0 and 1.   [Linux include/linux/posix-timers.h, CPUCLOCK_PID; pid_for_clock]
pub(in crate::kernel::linux) fn clock_of(
    kernel: &Kernel,
    cx: &Cx<'_>,
    number: i32,
    reads: bool,
) -> Result<CpuClock, Errno> {
    let (tid, thread) = (!(number >> 3), number & 4 != 0);
    let part = match number & 3 {
        0 => Part::Ticks,
        1 => Part::User,
        2 => Part::All,
        // A clock of a device, of which there is none.
        _ => return Err(Errno::EINVAL),
    };
    let pid = cx.process().pid;
    let whose = match (thread, tid) {
        (true, 0) => Whose::Thread(cx.task.tid),
        (false, 0) => Whose::Process(pid),
        (true, tid) if cx.process().threads.contains(&tid) => Whose::Thread(tid),
        // A thread may read its process's by its own number.
        (false, tid) if reads && tid == cx.task.tid => Whose::Process(pid),
        (false, tid) if kernel.linux.processes.get(tid).is_some() => Whose::Process(tid),
        _ => return Err(Errno::EINVAL),
    };
    Ok(CpuClock { whose, part })
}

impl Kernel {
    /// What a clock shows; `None` when whoever it counts is gone.
    pub(in crate::kernel::linux) fn cpu_time(
        &self,
        current: &Task,
        clock: CpuClock,
    ) -> Option<u64> {
        let (user, system) = match clock.whose {
            Whose::Process(pid) => {
                let process = self.linux.processes.get(pid)?;
                match Rc::ptr_eq(process, &current.linux.process) {
                    true => self.used(current),
                    false => process.borrow().used,
                }
            }
            Whose::Thread(tid) if tid == current.tid => self.used_by_thread(current),
            Whose::Thread(tid) => self.tasks.get(tid)?.linux.used,
        };
        Some(match clock.part {
            Part::User => user,
            Part::Ticks | Part::All => user.saturating_add(system),
        })
    }

    /// The process that has to be watched for a clock of somebody's.
    pub(super) fn counted_process(owner: Tid, clock: CpuClock) -> Tid {
        match clock.whose {
            Whose::Process(pid) => pid,
            // Threads of other processes have no clocks for us.
            Whose::Thread(_) => owner,
        }
    }

    /// The process whose turn it is has used CPU time: its limit, and the timers that count it.
    pub(crate) fn look_at_cpu_timers(&mut self, task: &mut Task) {
        let pid = task.linux.process.borrow().pid;
        let watched: Vec<(Tid, Name)> = (self.linux.cpu_watched)
            .range((pid, Tid::MIN, Name::Limit)..)
            .take_while(|(counted, ..)| *counted == pid)
            .map(|(_, owner, name)| (*owner, *name))
            .collect();
        for (owner, name) in watched {
            if name == Name::Limit {
                self.look_at_cpu_limit(task);
                continue;
            }
            let Some(process) = self.linux.processes.get(owner).cloned() else {
                continue;
            };
            let Some((at, clock)) = process.borrow().timers.due_in_cpu_time(name) else {
                continue;
            };
            match self.cpu_time(task, clock) {
                Some(now) if now >= at => self.expire(Some(task), &process, name, now),
                _ => {}
            }
        }
    }

    /// `RLIMIT_CPU`: a signal at the soft limit and each second from there, the end at the hard one.
    /// [Linux kernel/time/posix-cpu-timers.c, check_process_timers]
    fn look_at_cpu_limit(&mut self, task: &mut Task) {
        let process = task.linux.process.clone();
        let (soft, hard) = process.borrow().limits.get(Resource::Cpu);
        let (user, system) = self.used(task);
        let used = user.saturating_add(system);
        let over = |limit: u64| limit != UNLIMITED && used >= limit.saturating_mul(SECOND);
        if soft == UNLIMITED {
            self.linux.watch_cpu_limit(&process);
            return;
        }
        let abi = abi_of(task);
        let signal = if over(hard) {
            abi.k.SIGKILL
        } else if over(soft) {
            let limit = (soft.saturating_add(1), hard);
            process.borrow_mut().limits.set(Resource::Cpu, limit);
            abi.k.SIGXCPU
        } else {
            return;
        };
        let info = Info::new(abi, signal, abi.k.SI_KERNEL);
        // Of an ordinary signal one at most waits: there is room.
        let _ = self.signal_process(Some(task), &process, abi, &info);
    }
}

impl Linux {
    /// A process has got a limit of CPU time, or lost it.
    pub(in crate::kernel::linux) fn watch_cpu_limit(&mut self, process: &Rc<RefCell<Process>>) {
        let process = process.borrow();
        let entry = (process.pid, process.pid, Name::Limit);
        match process.limits.soft(Resource::Cpu) {
            UNLIMITED => self.cpu_watched.remove(&entry),
            _ => self.cpu_watched.insert(entry),
        };
    }

    /// A process is gone: nobody counts its time any more.
    pub(super) fn unwatch_cpu(&mut self, pid: Tid) {
        self.cpu_watched.retain(|(counted, ..)| *counted != pid);
    }
}
