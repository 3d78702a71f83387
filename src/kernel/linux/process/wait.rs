//! What became of a child? `wait4` and `waitid`.

use std::cell::RefCell;
use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::linux::{Abi, Errno, Outcome};

use super::{Changed, Life, Process, pidfd};
use crate::event::ExitStatus;
use crate::kernel::linux::ptrace;
use crate::kernel::linux::signal::send::abi_of;
use crate::kernel::linux::signals::{Extra, Info, translate};
use crate::kernel::linux::time::ticks;
use crate::kernel::task::Tid;
use crate::kernel::wait::Wait;
use crate::kernel::{Cx, Kernel};

/// Which children are asked about.
pub(super) enum Whom {
    Any,
    Process(Tid),
    Group(Tid),
}

/// What is asked about them.
struct Asked {
    whom: Whom,
    ended: bool,
    stopped: bool,
    continued: bool,
    /// `WNOHANG`.
    at_once: bool,
    /// `WNOWAIT`: it can be asked again.
    keeps: bool,
    options: u64,
}

/// What became of one.
#[derive(Debug, Clone, Copy)]
enum News {
    Ended(ExitStatus),
    /// The signal, and whose number it is.
    Stopped(u32, &'static Abi),
    Continued,
    /// The number that a tracer is told of a stop, with a signal in its lowest bits, and whose number that is.
    Trapped(u32, &'static Abi),
}

// [Linux include/uapi/linux/wait.h]
const WNOTHREAD: u64 = 0x2000_0000;
const WALL: u64 = 0x4000_0000;
const WCLONE: u64 = 0x8000_0000;

/// Who something became of.
struct Found {
    /// The task: a child's first, or one that is traced.
    tid: Tid,
    process: Rc<RefCell<Process>>,
    news: News,
    traced: bool,
}

impl Asked {
    /// Whether a child is one of those that `asker` asks about. Without `__WALL` there are two kinds: those that send `SIGCHLD`, and with `__WCLONE`
    /// the others.   [Linux kernel/exit.c, eligible_child]
    fn wants(&self, process: &Process, asker: Tid, abi: &Abi) -> bool {
        if self.options & WNOTHREAD != 0 && process.maker != asker {
            return false;
        }
        let named = match self.whom {
            Whom::Any => true,
            Whom::Process(pid) => process.pid == pid,
            Whom::Group(group) => process.group == group,
        };
        let signal = translate(process.exit_signal, process.abi, abi);
        let clone = u64::from(signal) != abi.k.SIGCHLD;
        named && (self.options & WALL != 0 || clone == (self.options & WCLONE != 0))
    }

    fn news(&self, process: &Process) -> Option<News> {
        if let (Life::Zombie(status), true) = (process.life, self.ended) {
            return Some(News::Ended(status));
        }
        match process.changed {
            Some(Changed::Stopped(signal)) if self.stopped => {
                Some(News::Stopped(signal, process.abi))
            }
            Some(Changed::Continued) if self.continued => Some(News::Continued),
            _ => None,
        }
    }
}

/// The number that the waiting task's ABI has for a signal of a name.
fn number(abi: &Abi, name: &str) -> u64 {
    abi.signals
        .iter()
        .position(|other| *other == name)
        .unwrap_or(0) as u64
}

/// An end as the status of `wait4`, in the numbers of an ABI.   [wait(2); Linux include/uapi/linux/wait.h]
pub(crate) fn status_of_end(abi: &Abi, status: ExitStatus) -> u64 {
    match status {
        ExitStatus::Exited(_) | ExitStatus::Status(_) => u64::from(status.code()) << 8,
        ExitStatus::Signaled { name, core, .. } => number(abi, name) | if core { 0x80 } else { 0 },
        ExitStatus::Stopped => abi.k.SIGKILL,
    }
}

/// An end as `si_code` and `si_status` of `SIGCHLD`, in the numbers of an ABI.   [sigaction(2)]
pub(in crate::kernel::linux) fn code_of_end(abi: &Abi, status: ExitStatus) -> (u64, i32) {
    let k = abi.k;
    match status {
        ExitStatus::Exited(_) | ExitStatus::Status(_) => (k.CLD_EXITED, i32::from(status.code())),
        ExitStatus::Signaled { name, core, .. } => {
            let code = if core { k.CLD_DUMPED } else { k.CLD_KILLED };
            (code, number(abi, name) as i32)
        }
        ExitStatus::Stopped => (k.CLD_KILLED, k.SIGKILL as i32),
    }
}

/// What a tracer is told of a stop, with its own number of the signal.
fn trapped(cx: &Cx<'_>, code: u32, abi: &Abi) -> u32 {
    code & !0x7f | translate(code & 0x7f, abi, cx.abi)
}

/// The status as `wait4` tells it.   [wait(2); Linux include/uapi/linux/wait.h, asm-generic]
fn encoded(cx: &Cx<'_>, news: News) -> u64 {
    match news {
        News::Ended(status) => status_of_end(cx.abi, status),
        News::Stopped(signal, abi) => u64::from(translate(signal, abi, cx.abi)) << 8 | 0x7f,
        News::Continued => 0xffff,
        News::Trapped(code, abi) => u64::from(trapped(cx, code, abi)) << 8 | 0x7f,
    }
}

/// The same as a `siginfo_t`.
fn info(cx: &Cx<'_>, pid: Tid, process: &Process, news: News) -> Info {
    let k = cx.k;
    let (code, status) = match news {
        News::Ended(status) => {
            let (code, value) = code_of_end(cx.abi, status);
            (code, value as u64)
        }
        News::Stopped(signal, abi) => (k.CLD_STOPPED, u64::from(translate(signal, abi, cx.abi))),
        News::Continued => (k.CLD_CONTINUED, k.SIGCONT),
        News::Trapped(code, abi) => (k.CLD_TRAPPED, u64::from(trapped(cx, code, abi))),
    };
    Info {
        sender: Some((pid, cx.task.linux.credentials.uid)),
        extra: Extra::Child {
            status: status as i32,
            user: ticks(process.used.0),
            system: ticks(process.used.1),
        },
        ..Info::new(cx.abi, k.SIGCHLD, code)
    }
}

impl Kernel {
    /// The first child there is news of, or none, or a wait for some.
    fn find_news(&mut self, cx: &mut Cx<'_>, asked: &Asked) -> Result<Option<Found>, Stop<Errno>> {
        let own = cx.process().pid;
        let mut some = false;
        if self.linux.tracing.ever > 0
            && let Some(found) = self.find_traced(cx, asked, &mut some)
        {
            return Ok(Some(found));
        }
        for child in self.linux.processes.children(own) {
            let process = child.borrow();
            if !asked.wants(&process, cx.task.tid, cx.abi) {
                continue;
            }
            some = true;
            let mut news = asked.news(&process);
            // A tracer hears of stops as such, and who is not the tracer of nothing before that one has heard of it.
            // [Linux kernel/exit.c, wait_consider_task]
            match process.tracer {
                Some(tracer) if tracer == own => {
                    news = news.filter(|news| matches!(news, News::Ended(_)));
                }
                Some(_) => news = None,
                None => {}
            }
            if let Some(news) = news {
                return Ok(Some(Found {
                    tid: process.pid,
                    process: child.clone(),
                    news,
                    traced: false,
                }));
            }
        }
        if !some {
            return Err(Errno::ECHILD.into());
        }
        if asked.at_once {
            return Ok(None);
        }
        let queue = cx.process().children.clone();
        cx.wait_in(&queue);
        Err(cx.block(Wait::Child))
    }

    /// The first task that the process traces and that there is news of.   [Linux kernel/exit.c, ptrace_do_wait]
    fn find_traced(&self, cx: &Cx<'_>, asked: &Asked, some: &mut bool) -> Option<Found> {
        let only = (asked.options & WNOTHREAD != 0).then_some(cx.task.tid);
        let named = |tid: Tid, process: &Process| match asked.whom {
            Whom::Any => true,
            Whom::Process(pid) => tid == pid,
            Whom::Group(group) => process.group == group,
        };
        for tid in self.traced_by(&cx.process(), only) {
            let task = self.tasks.get(tid)?;
            let process = task.linux.process.clone();
            let traced = task.linux.traced.as_ref()?;
            if !named(tid, &process.borrow()) {
                continue;
            }
            *some = true;
            let abi = abi_of(task);
            if let Some(stopped) = traced.stop.as_ref().filter(|stopped| !stopped.told) {
                let code = ptrace::code(traced, abi.k, &stopped.stop);
                return Some(Found {
                    tid,
                    process,
                    news: News::Trapped(code, abi),
                    traced: true,
                });
            }
        }
        let own = cx.process().pid;
        for dead in &self.linux.tracing.dead {
            let process = dead.process.as_ref();
            let process = process.or_else(|| self.linux.processes.get(dead.pid));
            let process = process.unwrap_or(&cx.task.linux.process).clone();
            if dead.tracer != own || !named(dead.tid, &process.borrow()) {
                continue;
            }
            *some = true;
            if asked.ended {
                return Some(Found {
                    tid: dead.tid,
                    process,
                    news: News::Ended(dead.status),
                    traced: true,
                });
            }
        }
        None
    }

    /// The news was told: it is none any more, and a child that has ended is gone.
    fn told(&mut self, cx: &Cx<'_>, found: &Found) {
        match found.news {
            News::Trapped(..) => {
                let task = self.tasks.get_mut(found.tid);
                let traced = task.and_then(|task| task.linux.traced.as_mut());
                if let Some(stopped) = traced.and_then(|traced| traced.stop.as_mut()) {
                    stopped.told = true;
                }
            }
            News::Ended(_) if found.traced => {
                let dead = &mut self.linux.tracing.dead;
                let at = dead.iter().position(|dead| dead.tid == found.tid);
                let Some(dead) = at.map(|at| dead.remove(at)) else {
                    return;
                };
                // Its parent is next.
                if let Some(process) = dead.process {
                    process.borrow_mut().tracer = None;
                    self.tell_of_end(None, &process);
                }
            }
            News::Ended(_) => {
                let child = found.process.borrow();
                let mut own = cx.process();
                own.used_by_children.0 += child.used.0 + child.used_by_children.0;
                own.used_by_children.1 += child.used.1 + child.used_by_children.1;
                self.linux.processes.remove(child.pid);
            }
            News::Stopped(..) | News::Continued => found.process.borrow_mut().changed = None,
        }
    }

    /// `wait4` and `waitpid`.   [Linux kernel/exit.c, kernel_wait4]
    pub(super) fn wait_status(
        &mut self,
        cx: &mut Cx<'_>,
        pid: i32,
        status: u64,
        options: i32,
        usage: u64,
    ) -> Outcome {
        let k = cx.k;
        let options = u64::from(options as u32);
        let known = k.WNOHANG | k.WUNTRACED | k.WCONTINUED | WNOTHREAD | WALL | WCLONE;
        if options & !known != 0 {
            return Err(Errno::EINVAL.into());
        }
        let whom = match pid {
            // The number of a group that no process can have.
            i32::MIN => return Err(Errno::ESRCH.into()),
            -1 => Whom::Any,
            0 => Whom::Group(cx.process().group),
            pid if pid < 0 => Whom::Group(-pid),
            pid => Whom::Process(pid),
        };
        let asked = Asked {
            whom,
            ended: true,
            stopped: options & k.WUNTRACED != 0,
            continued: options & k.WCONTINUED != 0,
            at_once: options & k.WNOHANG != 0,
            keeps: false,
            options,
        };
        let Some(found) = self.find_news(cx, &asked)? else {
            return Ok(0);
        };
        let pid = found.tid;
        let used = found.process.borrow().used;
        self.told(cx, &found);
        if status != 0 {
            let value = encoded(cx, found.news);
            cx.mem.write_u32(status, value as u32)?;
        }
        if usage != 0 {
            cx.put_usage(usage, used, (0, 0))?;
        }
        Ok(pid as u64)
    }

    /// `waitid`.   [Linux kernel/exit.c, kernel_waitid]
    pub(super) fn wait_info(
        &mut self,
        cx: &mut Cx<'_>,
        (which, id): (i32, i32),
        at: u64,
        options: i32,
        usage: u64,
    ) -> Outcome {
        let k = cx.k;
        let options = u64::from(options as u32);
        let states = k.WEXITED | k.WSTOPPED | k.WCONTINUED;
        let known = states | k.WNOHANG | k.WNOWAIT | WNOTHREAD | WALL | WCLONE;
        if options & !known != 0 || options & states == 0 {
            return Err(Errno::EINVAL.into());
        }
        let which = u64::from(which as u32);
        let mut nonblocking = false;
        let whom = if which == k.P_ALL {
            Whom::Any
        } else if which == k.P_PID && id > 0 {
            Whom::Process(id)
        } else if which == k.P_PGID && id >= 0 {
            Whom::Group(if id == 0 { cx.process().group } else { id })
        } else if which == k.P_PIDFD && id >= 0 {
            nonblocking = cx.file(id)?.nonblocking();
            Whom::Process(pidfd::process(cx, id)?.borrow().pid)
        } else {
            return Err(Errno::EINVAL.into());
        };
        let at_once = options & k.WNOHANG != 0;
        let asked = Asked {
            whom,
            ended: options & k.WEXITED != 0,
            stopped: options & k.WSTOPPED != 0,
            continued: options & k.WCONTINUED != 0,
            at_once: at_once || nonblocking,
            keeps: options & k.WNOWAIT != 0,
            options,
        };
        let Some(found) = self.find_news(cx, &asked)? else {
            if nonblocking && !at_once {
                return Err(Errno::EAGAIN.into());
            }
            if at != 0 {
                let layout = cx.layouts.siginfo;
                let mut image = cx.load(at, layout.size)?;
                for field in [
                    layout.si_signo,
                    layout.si_errno,
                    layout.si_code,
                    layout.si_pid,
                    layout.si_uid,
                    layout.si_status,
                ] {
                    image.put(field, 0);
                }
                image.store(cx.mem, at)?;
            }
            return Ok(0);
        };
        let used = found.process.borrow().used;
        let info = info(cx, found.tid, &found.process.borrow(), found.news);
        if !asked.keeps {
            self.told(cx, &found);
        }
        if usage != 0 {
            cx.put_usage(usage, used, (0, 0))?;
        }
        if at != 0 {
            // Fields that say nothing here are left as they were.
            let layout = cx.layouts.siginfo;
            let told = info.image(cx.abi, cx.mem.endian());
            let mut image = cx.load(at, layout.size)?;
            for field in [
                layout.si_signo,
                layout.si_errno,
                layout.si_code,
                layout.si_pid,
                layout.si_uid,
                layout.si_status,
            ] {
                image.put(field, told.get(field));
            }
            image.store(cx.mem, at)?;
        }
        Ok(0)
    }
}
