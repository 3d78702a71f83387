//! What happened: the events that sinks receive. They read and change nothing.

use emu_profiles::{ArgumentFault, Entry, Profile};
use emu_prototypes::linux::{Errno, id};
use emu_prototypes::{Args, CallInfo, Row};

use crate::kernel::linux::signals::Info;
use crate::kernel::nt::exception::Record;
use crate::kernel::task::Tid;

/// A system call that is being made.
#[derive(Debug, Clone)]
pub struct CallEvent {
    /// The task that makes it.
    pub task: Tid,
    /// Its profile.
    pub profile: &'static Profile,
    /// The entry it came by.
    pub entry: &'static Entry,
    /// The number, of the inner call when it was indirect.
    pub number: u32,
    /// Set when the call came through an indirect one (O32 `syscall`): the outer number.
    pub through: Option<u32>,
    /// The profile's row; `None` for a number without a call.
    pub row: Option<&'static Row>,
    /// Facts of the call; `None` for a number without a call.
    pub info: Option<&'static CallInfo>,
    /// Arguments by field; by slot when the call is unknown. After an enter callback, as it left them.
    pub args: Args,
    /// The argument that could not be read.
    pub fault: Option<ArgumentFault>,
    /// Address of the trapping instruction.
    pub pc: u64,
    /// The tracked return address: where the task goes on when the call returns.
    pub return_address: u64,
    /// The stack pointer at the call.
    pub sp: u64,
    /// Guest instructions run before the call, when they are counted.
    pub instructions: Option<u64>,
    /// Nanoseconds of guest time since the start.
    pub time: u64,
    /// How often the call has been started: 1, or more after restarts.
    pub attempts: u32,
    /// At the end of the call: a second result, in conventions that have one (`pipe` on MIPS, in v1).
    pub second: Option<u64>,
    /// The call that it stands for (`socketcall`, `ipc`), when a callback listens to that.
    pub(crate) inside: Option<Box<Inside>>,
}

impl CallEvent {
    /// Whether it is one that has another program run when it succeeds, and then returns no more.
    pub(crate) fn execs(&self) -> bool {
        matches!(
            self.info.map(|info| info.id),
            Some(id::EXECVE | id::EXECVEAT)
        )
    }
}

/// A call that came inside another.
#[derive(Debug, Clone)]
pub(crate) struct Inside {
    /// As if it had come by itself.
    pub(crate) call: CallEvent,
    /// Whether a callback changed its arguments: then it is served by itself.
    pub(crate) changed: bool,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With this result.
    Returned(Result<u64, Errno>),
    /// It succeeded and has no return (`exit`, `execve`, `rt_sigreturn`).
    NeverReturns,
    /// A signal interrupted it and it will be made again; the kernel's own code for how.
    Restarted(Errno),
    /// The second return, of the same call, in the new task.
    ChildReturn(u64),
    /// The task ended while the call was pending.
    Killed,
}

/// An event of a run, in the order of the run.
#[derive(Debug)]
pub enum Event<'a> {
    /// A task comes to life, the first one as well.
    Born {
        /// The task.
        task: Tid,
        /// Its process: the number of that one's first thread.
        process: Tid,
        /// The process that it is a child of; none of the first one.
        parent: Option<Tid>,
    },
    /// A program starts.
    Start {
        /// The task.
        task: Tid,
        /// Its profile.
        profile: &'static Profile,
        /// The path as the guest sees it.
        path: &'a [u8],
    },
    /// A call begins.
    Enter(&'a CallEvent),
    /// A call ends. Every `Enter` has exactly one, except where a `ChildReturn` comes in addition.
    Exit {
        /// The call.
        call: &'a CallEvent,
        /// How it ended.
        end: End,
        /// Whether nobody served it.
        missing: bool,
        /// Nanoseconds of guest time since the start.
        time: u64,
    },
    /// A signal is delivered, or kills, or comes to nobody: the program ignores it.
    Signal {
        /// The task.
        task: Tid,
        /// What is known of it.
        info: &'a Info,
        /// The program counter at delivery.
        pc: u64,
    },
    /// An exception of Windows that nobody handles: the process ends by it.
    Exception {
        /// The task.
        task: Tid,
        /// What is known of it.
        record: &'a Record,
    },
    /// A task stops with its process, until a signal continues it.
    Stopped {
        /// The task.
        task: Tid,
        /// The name of the signal that stopped it.
        signal: &'static str,
    },
    /// A task ended.
    TaskEnd {
        /// The task.
        task: Tid,
        /// How.
        status: ExitStatus,
    },
    /// Something about the run itself that a reader must know (a limit reached, a dead-lock).
    Note {
        /// One line.
        text: &'a str,
    },
}

impl Event<'_> {
    /// The task that it happens to; none of what is said of the run.
    pub fn task(&self) -> Option<Tid> {
        match self {
            Event::Enter(call) | Event::Exit { call, .. } => Some(call.task),
            Event::Born { task, .. }
            | Event::Start { task, .. }
            | Event::Signal { task, .. }
            | Event::Exception { task, .. }
            | Event::Stopped { task, .. }
            | Event::TaskEnd { task, .. } => Some(*task),
            Event::Note { .. } => None,
        }
    }
}

/// How a task or a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// `exit` with this status, 0 to 255.
    Exited(u8),
    /// With a status of Windows.
    Status(u32),
    /// Killed by a signal.
    Signaled {
        /// Its number on the task's ABI.
        signal: u8,
        /// Its name.
        name: &'static str,
        /// Whether Linux would have written a core file.
        core: bool,
    },
    /// Stopped by a limit of the run (time, instructions).
    Stopped,
}

impl ExitStatus {
    /// The status a shell would show: the guest's, of one of Windows the low 8 bits, or 128 plus the signal, or 124 for a stop by a limit, as
    /// `timeout(1)` has it.
    pub fn code(self) -> u8 {
        match self {
            ExitStatus::Exited(status) => status,
            ExitStatus::Status(status) => status as u8,
            ExitStatus::Signaled { signal, .. } => 128u8.wrapping_add(signal),
            ExitStatus::Stopped => 124,
        }
    }
}
