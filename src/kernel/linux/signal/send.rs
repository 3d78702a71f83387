//! To whom does a signal go, and what happens at once?

use std::cell::RefCell;
use std::rc::Rc;

use emu_prototypes::linux::{Abi, Errno};

use crate::kernel::linux::process::{Changed, Credentials, Life, Process, Resource};
use crate::kernel::linux::signals::{Disposition, Effect, Extra, Info, SigSet, default_action};
use crate::kernel::task::{State, Task, Tid};
use crate::kernel::wait::{Interrupted, Wake};
use crate::kernel::{Cx, Kernel};

/// The tables of the program that a task runs.
pub(in crate::kernel::linux) fn abi_of(task: &Task) -> &'static Abi {
    task.profile.system().linux()
}

/// Whether a task gets to a signal at once: it does not block it, or waits for it.
fn takes(task: &Task, signal: u32) -> bool {
    !task.linux.mask.contains(signal) || task.linux.awaited.contains(signal)
}

/// Whether nobody would notice a signal. One that is blocked may be wanted later.   [Linux kernel/signal.c, sig_ignored]
fn is_ignored(task: &Task, abi: &Abi, signal: u32) -> bool {
    if task.linux.mask.contains(signal) {
        return false;
    }
    // [the same, sig_task_ignored: a tracer hears of all but SIGKILL]
    if task.linux.traced.is_some() && u64::from(signal) != abi.k.SIGKILL {
        return false;
    }
    match task.linux.handlers.borrow().get(signal).disposition {
        Disposition::Ignore => true,
        Disposition::Default => default_action(abi.k, signal) == Effect::Nothing,
        Disposition::Handler(_) => false,
    }
}

fn limit(task: &Task) -> u64 {
    let process = task.linux.process.borrow();
    process.limits.soft(Resource::Sigpending)
}

/// Sends a signal to one task, and wakes it if it cares. `info` is in the numbers of `abi`. False when its queue is full.
pub(in crate::kernel::linux) fn to_task(task: &mut Task, abi: &'static Abi, info: &Info) -> bool {
    let own = abi_of(task);
    let info = info.translated(abi, own);
    if is_ignored(task, own, info.signal) {
        task.linux.ignore(&info);
        return true;
    }
    let limit = limit(task);
    let added = task.linux.pending.add(own.k, &info, limit);
    if takes(task, info.signal) {
        task.waker.wake();
    }
    task.linux.signalled.wake();
    added
}

/// What a signal's mere coming does to a process: it goes on, or forgets that it was to go on.
/// [Linux kernel/signal.c, prepare_signal]
struct Coming {
    stops: SigSet,
    continues: SigSet,
}

impl Coming {
    fn new(abi: &Abi) -> Coming {
        let k = abi.k;
        let mut stops = SigSet::EMPTY;
        for signal in [k.SIGSTOP, k.SIGTSTP, k.SIGTTIN, k.SIGTTOU] {
            stops.insert(signal as u32);
        }
        Coming {
            stops,
            continues: SigSet::of(k.SIGCONT as u32),
        }
    }
}

impl Kernel {
    /// Does something to a task, which may be the one whose turn it is.
    pub(in crate::kernel::linux) fn with_task<R>(
        &mut self,
        current: Option<&mut Task>,
        tid: Tid,
        what: impl FnOnce(&mut Task) -> R,
    ) -> Option<R> {
        match current {
            Some(task) if task.tid == tid => Some(what(task)),
            _ => self.tasks.get_mut(tid).map(what),
        }
    }

    /// Sends a signal to a task, by its number.
    pub(crate) fn signal_task(
        &mut self,
        mut current: Option<&mut Task>,
        tid: Tid,
        abi: &'static Abi,
        info: &Info,
    ) -> Result<(), Errno> {
        let process = self.with_task(current.as_deref_mut(), tid, |task| {
            (task.linux.process.clone(), abi_of(task))
        });
        let (process, own) = process.ok_or(Errno::ESRCH)?;
        self.prepare(
            current.as_deref_mut(),
            &process,
            own,
            info.translated(abi, own).signal,
        );
        match self.with_task(current, tid, |task| to_task(task, abi, info)) {
            Some(false) => Err(Errno::EAGAIN),
            _ => Ok(()),
        }
    }

    /// Sends a signal to a process: to that of its threads which can take it first.
    pub(in crate::kernel::linux) fn signal_process(
        &mut self,
        mut current: Option<&mut Task>,
        process: &Rc<RefCell<Process>>,
        abi: &'static Abi,
        info: &Info,
    ) -> Result<(), Errno> {
        let threads: Vec<Tid> = process.borrow().threads.iter().copied().collect();
        // The task whose turn it is comes first, then the first thread.   [Linux kernel/signal.c, complete_signal]
        let own = current.as_deref().map(|task| task.tid);
        let order = own
            .filter(|own| threads.contains(own))
            .into_iter()
            .chain(threads.iter().copied());
        let mut first = None;
        let mut taker = None;
        let mut own_abi = abi;
        let mut ignored = false;
        for tid in order {
            let found = self.with_task(current.as_deref_mut(), tid, |task| {
                let own = abi_of(task);
                let signal = info.translated(abi, own).signal;
                (own, takes(task, signal), is_ignored(task, own, signal))
            });
            let Some((own, takes, ignores)) = found else {
                continue;
            };
            own_abi = own;
            ignored |= ignores;
            first.get_or_insert(tid);
            if takes {
                taker = Some(tid);
                break;
            }
        }
        if first.is_none() {
            // It has ended, and nobody has asked about it: a signal changes nothing any more.
            return Ok(());
        }
        let info = info.translated(abi, own_abi);
        self.prepare(current.as_deref_mut(), process, own_abi, info.signal);
        if ignored {
            if let Some(tid) = taker.or(first) {
                self.with_task(current, tid, |task| task.linux.ignore(&info));
            }
            return Ok(());
        }
        let added = {
            let mut process = process.borrow_mut();
            let limit = process.limits.soft(Resource::Sigpending);
            process.pending.add(own_abi.k, &info, limit)
        };
        if let Some(tid) = taker {
            self.with_task(current.as_deref_mut(), tid, |task| task.waker.wake());
        }
        // All of them share it.
        if let Some(tid) = first {
            self.with_task(current, tid, |task| task.linux.signalled.wake());
        }
        if added { Ok(()) } else { Err(Errno::EAGAIN) }
    }

    /// [Linux kernel/signal.c, prepare_signal]
    fn prepare(
        &mut self,
        current: Option<&mut Task>,
        process: &Rc<RefCell<Process>>,
        abi: &'static Abi,
        signal: u32,
    ) {
        let coming = Coming::new(abi);
        let forgotten = if coming.stops.contains(signal) {
            coming.continues
        } else if coming.continues.contains(signal) {
            coming.stops
        } else if u64::from(signal) == abi.k.SIGKILL {
            self.wake_stopped(current, process);
            return;
        } else {
            return;
        };
        process.borrow_mut().pending.forget(forgotten);
        let threads: Vec<Tid> = process.borrow().threads.iter().copied().collect();
        let mut current = current;
        for tid in threads {
            self.with_task(current.as_deref_mut(), tid, |task| {
                task.linux.pending.forget(forgotten);
            });
        }
        if coming.continues.contains(signal) && process.borrow().is_stopped() {
            {
                let mut process = process.borrow_mut();
                process.life = Life::Runs;
                process.changed = Some(Changed::Continued);
            }
            self.wake_stopped(current.as_deref_mut(), process);
            self.tell_parent(
                current,
                process,
                abi,
                abi.k.CLD_CONTINUED,
                abi.k.SIGCONT as i32,
            );
        }
    }

    /// The threads of a stopped process look what has come.
    fn wake_stopped(&mut self, current: Option<&mut Task>, process: &Rc<RefCell<Process>>) {
        let mut current = current;
        let threads: Vec<Tid> = process.borrow().threads.iter().copied().collect();
        for tid in threads {
            self.with_task(current.as_deref_mut(), tid, |task| {
                if task.state == State::Stopped {
                    task.waker.wake();
                }
            });
        }
    }

    /// Whether a signal really stops a process: of those that a terminal sends, an orphaned group is spared.
    /// [Linux kernel/signal.c, get_signal]
    pub(crate) fn may_stop(&self, task: &Task, signal: u32) -> bool {
        let k = abi_of(task).k;
        let group = task.linux.process.borrow().group;
        u64::from(signal) == k.SIGSTOP || !self.is_orphaned(group, None)
    }

    /// A signal stops a process. Its threads stop as soon as they would run.
    pub(crate) fn stop_process(&mut self, task: &mut Task, signal: u32) {
        let process = task.linux.process.clone();
        {
            let mut process = process.borrow_mut();
            process.life = Life::Stopped(signal);
            process.changed = Some(Changed::Stopped(signal));
        }
        let threads: Vec<Tid> = process.borrow().threads.iter().copied().collect();
        for tid in threads {
            if let Some(other) = self.tasks.get_mut(tid)
                && let State::Waiting {
                    interrupted: Interrupted::Fails,
                    ..
                } = other.state
            {
                other.linux.halts = true;
                other.waker.wake();
            }
        }
        let abi = abi_of(task);
        self.tell_parent(Some(task), &process, abi, abi.k.CLD_STOPPED, signal as i32);
    }

    /// A parent learns of a stop or a continuation.   [Linux kernel/signal.c, do_notify_parent_cldstop]
    fn tell_parent(
        &mut self,
        current: Option<&mut Task>,
        process: &Rc<RefCell<Process>>,
        abi: &'static Abi,
        code: u64,
        status: i32,
    ) {
        let (pid, parent) = {
            let process = process.borrow();
            // A parent that traces it is told of each stop of its tasks.
            if process.tracer == Some(process.parent) {
                return;
            }
            (process.pid, process.parent)
        };
        let Some(parent) = self.linux.processes.get(parent).cloned() else {
            return;
        };
        let info = Info {
            sender: Some((pid, 0)),
            extra: Extra::Child {
                status,
                user: 0,
                system: 0,
            },
            ..Info::new(abi, abi.k.SIGCHLD, code)
        };
        self.tell_of_child(current, &parent, abi, &info);
    }

    /// A process learns of a change of a child, or of a task that it traces, unless it does not want to.
    pub(in crate::kernel::linux) fn tell_of_child(
        &mut self,
        current: Option<&mut Task>,
        parent: &Rc<RefCell<Process>>,
        abi: &'static Abi,
        info: &Info,
    ) {
        parent.borrow().children.wake();
        let mut current = current;
        let first = parent.borrow().threads.first().copied();
        let quiet = first.and_then(|tid| {
            self.with_task(current.as_deref_mut(), tid, |task| {
                let k = abi_of(task).k;
                let action = task.linux.handlers.borrow().get(k.SIGCHLD as u32);
                action.flags & k.SA_NOCLDSTOP != 0
            })
        });
        if quiet == Some(false) {
            // A parent whose queue is full misses it, as on Linux.
            let _ = self.signal_process(current, parent, abi, info);
        }
    }

    /// Who a process is: what its first thread that is still there is.
    pub(in crate::kernel::linux) fn credentials_of(
        &mut self,
        cx: &mut Cx<'_>,
        process: &Rc<RefCell<Process>>,
    ) -> Option<Credentials> {
        let first = process.borrow().threads.first().copied()?;
        self.with_task(Some(cx.task), first, |task| task.linux.credentials.clone())
    }

    /// Whether a task may send a signal to a process.   [kill(2); Linux kernel/signal.c, check_kill_permission]
    pub(in crate::kernel::linux) fn may_signal(
        &mut self,
        cx: &mut Cx<'_>,
        process: &Rc<RefCell<Process>>,
        signal: i32,
    ) -> bool {
        if Rc::ptr_eq(process, &cx.task.linux.process) || cx.capable(cx.k.CAP_KILL) {
            return true;
        }
        let continues =
            signal as u64 == cx.k.SIGCONT && process.borrow().session == cx.process().session;
        let own = cx.task.linux.credentials.clone();
        match self.credentials_of(cx, process) {
            Some(other) => {
                continues
                    || [own.uid, own.euid]
                        .iter()
                        .any(|uid| *uid == other.uid || *uid == other.suid)
            }
            None => true,
        }
    }
}
