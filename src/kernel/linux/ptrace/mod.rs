//! Who watches and steers another task? `ptrace`.   [ptrace(2); Linux kernel/ptrace.c, kernel/signal.c]
//!
//! A task that is traced stops where its tracer wants to look, with its registers laid out ([`Stopped`]). The tracer reads
//! and changes them there; they are put back when the task goes on. Where a task stops, and how it goes on, is the run
//! loop's (`emulator/tracer`); what a tracer can ask is here.

mod registers;
mod request;

pub use registers::View;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use emu_cpu::{Arch, Cpu, Reg, Trap};
use emu_profiles::Entry;
use emu_prototypes::linux::{Abi, Constants};

use super::process::{Process, code_of_end};
use super::signal::send::{abi_of, to_task};
use super::signals::{Extra, Info};
use crate::event::ExitStatus;
use crate::kernel::Kernel;
use crate::kernel::task::{Task, Tid};
use crate::kernel::wait::{Interrupted, Wake};

/// How a task goes on after a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Until a signal or an event that the tracer wants.
    Continues,
    /// The same, or until a call begins or ends.
    Calls,
    /// One instruction.
    Steps,
}

/// Where a traced task stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// A signal is about to be delivered.
    Signal(Info),
    /// Its process was stopped by a signal.
    Group(u32),
    /// `PTRACE_EVENT_*`, and what `PTRACE_GETEVENTMSG` tells.
    Event(u64, u64),
    /// It begins a call.
    Enter,
    /// A call ends.
    Exit,
}

/// A task that has stopped, as its tracer sees it.
#[derive(Debug, Clone)]
pub struct Stopped {
    /// Why.
    pub stop: Stop,
    /// Its CPU.
    pub arch: Arch,
    /// Its registers by number, as the tracer wants them.
    registers: Vec<u128>,
    /// The same as they were.
    before: Vec<u128>,
    /// The number of the call that it is in, or -1.
    pub number: i64,
    /// The first argument of that call.
    pub first: u64,
    /// Whether the tracer's `wait` has told of it.
    pub told: bool,
    /// `PTRACE_LISTEN`: it stays stopped, but the end of the stop is told.
    pub listens: bool,
    /// The signal that is delivered as it goes on.
    pub signal: Option<Info>,
}

impl Stopped {
    /// What a CPU holds.
    pub fn new(stop: Stop, cpu: &dyn Cpu) -> Stopped {
        let arch = cpu.arch();
        let all = 0..arch.row().registers.len() as u8;
        let registers: Vec<u128> = all.map(|n| cpu.wide(Reg(n))).collect();
        Stopped {
            before: registers.clone(),
            registers,
            ..Stopped::empty_of(stop, arch)
        }
    }

    fn empty_of(stop: Stop, arch: Arch) -> Stopped {
        Stopped {
            stop,
            arch,
            registers: Vec::new(),
            before: Vec::new(),
            number: -1,
            first: 0,
            told: false,
            listens: false,
            signal: None,
        }
    }

    #[cfg(test)]
    fn empty(arch: Arch) -> Stopped {
        let registers = vec![0; arch.row().registers.len()];
        Stopped {
            before: registers.clone(),
            registers,
            ..Stopped::empty_of(Stop::Enter, arch)
        }
    }

    /// A register, as far as it is wide.
    pub fn get(&self, reg: Reg) -> u128 {
        self.registers.get(usize::from(reg.0)).copied().unwrap_or(0)
    }

    /// Changes a register.
    pub fn set(&mut self, reg: Reg, value: u128) {
        if let Some(place) = self.registers.get_mut(usize::from(reg.0)) {
            *place = value;
        }
    }

    /// Shows a register with another value than it has: it keeps its own unless the tracer changes it.
    pub fn show(&mut self, reg: Reg, value: u64) {
        let index = usize::from(reg.0);
        if index < self.registers.len() {
            self.registers[index] = value.into();
            self.before[index] = value.into();
        }
    }

    /// Whether the tracer has changed a register.
    pub fn is_changed(&self, reg: Reg) -> bool {
        let index = usize::from(reg.0);
        self.registers.get(index) != self.before.get(index)
    }

    /// Puts what the tracer has changed into the CPU.
    pub fn put_back(&self, cpu: &mut dyn Cpu) {
        for (n, (now, before)) in self.registers.iter().zip(&self.before).enumerate() {
            if now != before {
                cpu.set_wide(Reg(n as u8), *now);
            }
        }
    }
}

/// A call that a traced task is in.
#[derive(Debug, Clone, Copy)]
pub struct InCall {
    /// The entry it came by.
    pub entry: &'static Entry,
    /// Its instruction.
    pub trap: Trap,
    /// Address of that.
    pub pc: u64,
    /// Address behind that.
    pub next: u64,
    /// Its number.
    pub number: u32,
    /// Its first six arguments, as they are passed.
    pub args: [u64; 6],
    /// What it gives back, as its registers say, and whether that is an error: once it has ended.
    pub result: Option<(i64, bool)>,
    /// Whether the tracer was asked by a filter, and lets it be made.
    pub allowed: bool,
    /// What a filter told the tracer (`SECCOMP_RET_DATA`).
    pub data: u16,
}

/// A task's being traced.
#[derive(Debug)]
pub struct Traced {
    /// The task that traces it.
    pub tracer: Tid,
    /// `PTRACE_O_*`.
    pub options: u64,
    /// Whether by `PTRACE_SEIZE`.
    pub seized: bool,
    /// How it goes on.
    pub how: How,
    /// Where it has stopped.
    pub stop: Option<Box<Stopped>>,
    /// Where it had stopped, when it is about to go on.
    pub resumed: Option<Box<Stopped>>,
    /// Stops that it makes before it runs its program again.
    pub due: VecDeque<Stop>,
    /// The call that it is in.
    pub call: Option<InCall>,
    /// What a signal does to the call that it waits in.
    pub wait: Interrupted,
    /// Whether the trap flag of its CPU was set for one instruction.
    pub steps: bool,
    /// Whether the end of its call was told, because a signal interrupts it.
    pub interrupted: bool,
    /// What `PTRACE_GETEVENTMSG` tells.
    pub message: u64,
    /// Whether it goes on although its process is stopped.
    pub runs_alone: bool,
    /// Whether nobody traces it any more once it goes on.
    pub let_go: bool,
    /// How it ends when it goes on (`PTRACE_EVENT_EXIT`).
    pub ends: Option<ExitStatus>,
}

impl Traced {
    fn new(tracer: Tid) -> Traced {
        Traced {
            tracer,
            options: 0,
            seized: false,
            how: How::Continues,
            stop: None,
            resumed: None,
            due: VecDeque::new(),
            call: None,
            wait: Interrupted::Restarts,
            steps: false,
            interrupted: false,
            message: 0,
            runs_alone: false,
            let_go: false,
            ends: None,
        }
    }

    /// Whether an option is set.
    pub fn has(&self, option: u64) -> bool {
        self.options & option != 0
    }
}

/// A task that has ended and whose tracer has not asked about it.
pub struct Dead {
    /// The tracer's process.
    pub tracer: Tid,
    /// The task.
    pub tid: Tid,
    /// Its process's number.
    pub pid: Tid,
    /// How it ended.
    pub status: ExitStatus,
    /// Its process, when that ended with it and its parent, which is not the tracer, has to learn of it afterwards.
    pub process: Option<Rc<RefCell<Process>>>,
}

/// What all tracers share.
#[derive(Default)]
pub struct Tracing {
    /// How many tasks have been traced so far: nobody is looked for while nobody was.
    pub ever: u64,
    /// Who has ended.
    pub dead: Vec<Dead>,
}

/// The number that a tracer's `wait` tells of a stop.   [ptrace(2), "Stopped tracees"]
pub fn code(traced: &Traced, k: &Constants, stop: &Stop) -> u32 {
    let trap = k.SIGTRAP as u32;
    match *stop {
        Stop::Signal(info) => info.signal,
        Stop::Group(signal) if traced.seized => (k.PTRACE_EVENT_STOP as u32) << 8 | signal,
        Stop::Group(signal) => signal,
        Stop::Event(event, _) => (event as u32) << 8 | trap,
        Stop::Enter | Stop::Exit if traced.has(k.PTRACE_O_TRACESYSGOOD) => trap | 0x80,
        Stop::Enter | Stop::Exit => trap,
    }
}

/// What `PTRACE_GETSIGINFO` tells of a stop. `None` for a stop of the process.
fn info(task: &Task, traced: &Traced, stopped: &Stopped) -> Option<Info> {
    let abi = abi_of(task);
    match &stopped.stop {
        Stop::Signal(_) => stopped.signal,
        Stop::Group(_) if !traced.seized => None,
        other => {
            let code = code(traced, abi.k, other);
            Some(Info {
                sender: Some((task.tid, task.linux.credentials.uid)),
                ..Info::new(abi, abi.k.SIGTRAP, u64::from(code))
            })
        }
    }
}

/// Notes which process traces a task, for who knows the task's process only: when it is the first of that.
fn name_tracer(task: &Task, tracer: Option<Tid>) {
    let mut process = task.linux.process.borrow_mut();
    if process.pid == task.tid {
        process.tracer = tracer;
    }
}

impl Kernel {
    /// The process of a tracer, if it is one of the guest's.
    pub(crate) fn tracer_of(
        &mut self,
        current: Option<&mut Task>,
        tracer: Tid,
    ) -> Option<Rc<RefCell<Process>>> {
        self.with_task(current, tracer, |task| task.linux.process.clone())
    }

    /// A traced task has stopped, or goes on: its tracer learns of it.   [Linux kernel/signal.c, do_notify_parent_cldstop]
    pub(crate) fn tell_tracer(&mut self, task: &mut Task, code: u64, status: u32) {
        let Some(tracer) = task.linux.traced.as_ref().map(|traced| traced.tracer) else {
            return;
        };
        let abi = abi_of(task);
        let info = Info {
            sender: Some((task.tid, task.linux.credentials.uid)),
            extra: Extra::Child {
                status: status as i32,
                user: 0,
                system: 0,
            },
            ..Info::new(abi, abi.k.SIGCHLD, code)
        };
        if let Some(process) = self.tracer_of(Some(task), tracer) {
            self.tell_of_child(Some(task), &process, abi, &info);
        }
    }

    /// Tasks that a process traces, by the thread that does: the one of its threads that `only` names, or any.
    pub(super) fn traced_by(&self, process: &Process, only: Option<Tid>) -> Vec<Tid> {
        if self.linux.tracing.ever == 0 {
            return Vec::new();
        }
        let is = |task: &&Task| {
            let traced = task.linux.traced.as_ref();
            traced.is_some_and(|traced| {
                !traced.let_go
                    && process.threads.contains(&traced.tracer)
                    && only.is_none_or(|only| only == traced.tracer)
            })
        };
        self.tasks.iter().filter(is).map(|task| task.tid).collect()
    }

    /// A new task is traced like the one that makes it, if its tracer wants that. The event that its maker stops for.
    /// [Linux kernel/fork.c, kernel_clone; include/linux/ptrace.h, ptrace_init_task]
    pub(super) fn trace_child(
        &mut self,
        maker: &mut Task,
        child: &mut Task,
        flags: u64,
        exit_signal: u64,
    ) {
        let abi = abi_of(maker);
        let k = abi.k;
        let Some(traced) = maker.linux.traced.as_mut() else {
            return;
        };
        let (event, option) = if flags & k.CLONE_VFORK != 0 {
            (k.PTRACE_EVENT_VFORK, k.PTRACE_O_TRACEVFORK)
        } else if exit_signal != k.SIGCHLD {
            (k.PTRACE_EVENT_CLONE, k.PTRACE_O_TRACECLONE)
        } else {
            (k.PTRACE_EVENT_FORK, k.PTRACE_O_TRACEFORK)
        };
        let told = flags & k.CLONE_UNTRACED == 0 && traced.has(option);
        if told {
            traced.due.push_back(Stop::Event(event, child.tid as u64));
        }
        if !told && flags & k.CLONE_PTRACE == 0 {
            return;
        }
        let mut own = Traced {
            options: traced.options,
            seized: traced.seized,
            ..Traced::new(traced.tracer)
        };
        let seized = own.seized;
        if seized {
            own.due.push_back(Stop::Event(k.PTRACE_EVENT_STOP, 0));
        }
        self.begin_trace(Some(maker), child, own);
        if !seized {
            let stop = Info::new(abi, k.SIGSTOP, k.SI_USER);
            child.linux.pending.add(k, &stop, u64::MAX);
        }
    }

    /// From now on a task is traced.
    fn begin_trace(&mut self, current: Option<&mut Task>, task: &mut Task, traced: Traced) {
        self.linux.tracing.ever += 1;
        let tracer = self.tracer_of(current, traced.tracer);
        name_tracer(task, tracer.map(|tracer| tracer.borrow().pid));
        task.linux.traced = Some(Box::new(traced));
    }

    /// Nobody traces a task any more.
    pub(crate) fn end_trace(&mut self, task: &mut Task) {
        task.linux.traced = None;
        name_tracer(task, None);
    }

    /// A task ends: its tracer learns of it, and those that it traces are let go.   [Linux kernel/ptrace.c, exit_ptrace]
    pub(crate) fn leave_tracing(&mut self, task: &mut Task, status: ExitStatus) {
        if self.linux.tracing.ever == 0 {
            return;
        }
        let (pid, last) = {
            let process = task.linux.process.borrow();
            (process.pid, process.threads.len() <= 1)
        };
        let own: Vec<Tid> = {
            let is = |other: &&Task| {
                let traced = other.linux.traced.as_ref();
                traced.is_some_and(|traced| traced.tracer == task.tid)
            };
            self.tasks
                .iter()
                .filter(is)
                .map(|other| other.tid)
                .collect()
        };
        for tid in own {
            let Some(other) = self.tasks.get_mut(tid) else {
                continue;
            };
            let abi = abi_of(other);
            let kills = match &mut other.linux.traced {
                Some(traced) => {
                    traced.let_go = true;
                    traced.resumed = traced.stop.take().or(traced.resumed.take());
                    traced.has(abi.k.PTRACE_O_EXITKILL)
                }
                None => false,
            };
            if kills {
                let info = Info::new(abi, abi.k.SIGKILL, abi.k.SI_KERNEL);
                to_task(other, abi, &info);
            }
            other.waker.wake();
            name_tracer(other, None);
        }
        if last {
            let (gone, dead) = std::mem::take(&mut self.linux.tracing.dead)
                .into_iter()
                .partition(|dead| dead.tracer == pid);
            self.linux.tracing.dead = dead;
            let gone: Vec<Dead> = gone;
            for process in gone.into_iter().filter_map(|dead| dead.process) {
                process.borrow_mut().tracer = None;
                self.tell_of_end(None, &process);
            }
        }
        let Some(traced) = task.linux.traced.take() else {
            return;
        };
        if task.tid != pid {
            let Some(tracer) = self.tracer_of(None, traced.tracer) else {
                return;
            };
            self.linux.tracing.dead.push(Dead {
                tracer: tracer.borrow().pid,
                tid: task.tid,
                pid,
                status,
                process: None,
            });
            self.tell_tracer_of_end(&tracer, task.tid, abi_of(task), status);
        }
    }

    /// The tracer of a process that has ended learns of it before its parent, when it is not that. False when nobody
    /// traces it.
    pub(super) fn process_leaves_tracer(
        &mut self,
        process: &Rc<RefCell<Process>>,
        status: ExitStatus,
    ) -> bool {
        let (pid, parent, tracer, abi) = {
            let process = process.borrow();
            (process.pid, process.parent, process.tracer, process.abi)
        };
        let Some(tracer) = tracer.filter(|tracer| *tracer != parent) else {
            return false;
        };
        let Some(tracer) = self.linux.processes.get(tracer).cloned() else {
            return false;
        };
        if tracer.borrow().threads.is_empty() {
            return false;
        }
        self.linux.tracing.dead.push(Dead {
            tracer: tracer.borrow().pid,
            tid: pid,
            pid,
            status,
            process: Some(process.clone()),
        });
        self.tell_tracer_of_end(&tracer, pid, abi, status);
        true
    }

    fn tell_tracer_of_end(
        &mut self,
        tracer: &Rc<RefCell<Process>>,
        tid: Tid,
        abi: &'static Abi,
        status: ExitStatus,
    ) {
        let (code, value) = code_of_end(abi, status);
        let info = Info {
            sender: Some((tid, 0)),
            extra: Extra::Child {
                status: value,
                user: 0,
                system: 0,
            },
            ..Info::new(abi, abi.k.SIGCHLD, code)
        };
        // Who has no room for it still finds the task by waiting.
        let _ = self.signal_process(None, tracer, abi, &info);
        tracer.borrow().children.wake();
    }
}
