//! What does Linux know of a process, and of who it is?

use std::collections::BTreeSet;
use std::rc::Rc;

use emu_prototypes::linux::Abi;

use super::signals;
use super::timers::ProcessTimers;
use crate::event::ExitStatus;
use crate::kernel::task::Tid;
use crate::kernel::vfs::Running;
use crate::kernel::wait::WaitQueue;

mod calls;
mod clone;
mod compare;
mod exec;
mod exit;
mod groups;
mod pidfd;
mod prctl;
mod sched;
mod segments;
mod table;
mod wait;

pub use clone::Vfork;
pub(crate) use clone::{add_process, add_thread, copy_process, make_process};
pub(super) use groups::find as find_process;
pub(crate) use pidfd::pid_of;
pub(super) use pidfd::{process as of_pidfd, target as of_pidfd_or_directory};
pub use table::{INIT, PID_MAX, Processes};
pub(super) use wait::code_of_end;
pub(crate) use wait::status_of_end;

/// A process: what its threads share besides memory, files and handlers.
#[derive(Debug, Clone)]
pub struct Process {
    /// Its number: the one of its first thread.
    pub pid: Tid,
    /// Its parent's number; [`INIT`] when the parent is outside. [`Processes`] sets it, as it does group and session.
    pub parent: Tid,
    /// The thread of its parent that made it (`__WNOTHREAD`).
    pub maker: Tid,
    /// Its process group.
    pub group: Tid,
    /// Its session.
    pub session: Tid,
    /// The program it runs, as an absolute path of its tree.
    pub exe: Vec<u8>,
    /// That program's place in the tree.
    pub exe_entry: Option<Running>,
    /// Where its program lies.
    pub image: ImageLayout,
    /// Resource limits.
    pub limits: Limits,
    /// `personality(2)`.
    pub personality: u32,
    /// `PR_SET_DUMPABLE`.
    pub dumpable: u8,
    /// `PR_SET_CHILD_SUBREAPER`.
    pub subreaper: bool,
    /// `setpriority`, -20 to 19.
    pub nice: i8,
    /// Scheduling policy and its priority.
    pub scheduler: (u32, u32),
    /// `ioprio_set`.
    pub io_priority: u32,
    /// `PR_SET_THP_DISABLE`.
    pub no_huge_pages: bool,
    /// Memory barriers it has registered for.
    pub barriers: u64,
    /// Nanoseconds of guest time, since the start of the run, at which it started.
    pub started: u64,
    /// Whether it has called `execve` (a group leader's child may then not be moved).
    pub has_execed: bool,
    /// Its threads that run or wait, by number.
    pub threads: BTreeSet<Tid>,
    /// How it is.
    pub life: Life,
    /// A stop or a continuation that its parent has not asked about yet.
    pub changed: Option<Changed>,
    /// How its program numbers signals.
    pub abi: &'static Abi,
    /// The signal that its parent gets at its end, as its own ABI numbers it; 0 for none.
    pub exit_signal: u32,
    /// Signals that were sent to it, and not to one of its threads.
    pub pending: signals::Queue,
    /// Who waits for a change of its children.
    pub children: Rc<WaitQueue>,
    /// Who waits for its end (`pidfd`).
    pub ended: Rc<WaitQueue>,
    /// How its first thread ended, when others go on.
    pub first_status: Option<ExitStatus>,
    /// What a zombie can still be asked about.
    pub remains: Option<Remains>,
    /// `/proc/PID/oom_score_adj`, -1000 to 1000.
    pub oom_score_adj: i16,
    /// `/proc/PID/coredump_filter`.
    pub coredump_filter: u32,
    /// Its controlling terminal, by its number below `/dev/pts`.
    pub terminal: Option<u32>,
    /// Its timers; a child has none.
    pub timers: ProcessTimers,
    /// The group that was in the foreground of the terminal that its session had before it was hung up; 0 when none was.
    pub former_foreground: Tid,
    /// The process that traces its first thread.
    pub tracer: Option<Tid>,
    /// CPU time of its threads, in nanoseconds: in guest code and in calls.
    pub used: (u64, u64),
    /// The same of its children that ended and were asked about.
    pub used_by_children: (u64, u64),
}

/// What is left of a process that has ended until somebody asks about it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remains {
    /// Its name (`comm`).
    pub name: Vec<u8>,
    /// Who it was.
    pub credentials: Credentials,
}

/// Private and shared anonymous memory, ELF headers and private huge pages.   [core(5)]
const COREDUMP_FILTER: u32 = 0x33;

/// How a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Life {
    /// It runs.
    Runs,
    /// A signal has stopped it, as its own ABI numbers it.
    Stopped(u32),
    /// It ends as soon as its threads get to it.
    Ends(ExitStatus),
    /// It has ended, and nobody has asked about it yet.
    Zombie(ExitStatus),
}

/// What a parent can be told of a child that has not ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changed {
    /// A signal stopped it, as its own ABI numbers it.
    Stopped(u32),
    /// It goes on.
    Continued,
}

impl Process {
    /// A process that leads its group and session, and runs nothing yet.
    pub fn new(pid: Tid, abi: &'static Abi) -> Process {
        Process {
            pid,
            parent: INIT,
            maker: INIT,
            group: pid,
            session: pid,
            exe: Vec::new(),
            exe_entry: None,
            image: ImageLayout::default(),
            limits: Limits::default(),
            personality: 0,
            dumpable: 1,
            subreaper: false,
            nice: 0,
            scheduler: (0, 0),
            io_priority: 0,
            no_huge_pages: false,
            barriers: 0,
            started: 0,
            has_execed: false,
            threads: BTreeSet::from([pid]),
            life: Life::Runs,
            changed: None,
            abi,
            exit_signal: 0,
            pending: signals::Queue::default(),
            children: Rc::default(),
            ended: Rc::default(),
            first_status: None,
            remains: None,
            oom_score_adj: 0,
            coredump_filter: COREDUMP_FILTER,
            terminal: None,
            timers: ProcessTimers::default(),
            former_foreground: 0,
            tracer: None,
            used: (0, 0),
            used_by_children: (0, 0),
        }
    }

    /// A child of this process, at `now` nanoseconds of guest time.   [fork(2)]
    pub fn fork(&self, pid: Tid, now: u64) -> Process {
        Process {
            pid,
            parent: self.pid,
            subreaper: false,
            has_execed: false,
            started: now,
            threads: BTreeSet::from([pid]),
            life: Life::Runs,
            changed: None,
            pending: signals::Queue::default(),
            children: Rc::default(),
            ended: Rc::default(),
            first_status: None,
            timers: ProcessTimers::default(),
            former_foreground: 0,
            tracer: None,
            used: (0, 0),
            used_by_children: (0, 0),
            ..self.clone()
        }
    }

    /// Whether it has ended.
    pub fn is_zombie(&self) -> bool {
        matches!(self.life, Life::Zombie(_))
    }

    /// Whether a signal has stopped it.
    pub fn is_stopped(&self) -> bool {
        matches!(self.life, Life::Stopped(_))
    }
}

/// Where a program lies in its address space: `mm_struct`'s own notes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageLayout {
    /// First and last-plus-one address of its code.
    pub code: (u64, u64),
    /// First and last-plus-one address of its data.
    pub data: (u64, u64),
    /// Where the heap starts.
    pub brk_start: u64,
    /// Where the heap ends now.
    pub brk: u64,
    /// The stack pointer at its start.
    pub stack_start: u64,
    /// The argument strings.
    pub arguments: (u64, u64),
    /// The environment strings.
    pub environment: (u64, u64),
    /// The auxiliary vector as it lies on the stack.
    pub auxv: Vec<u8>,
    /// Its entry point (the program's own, not the interpreter's).
    pub entry: u64,
    /// Whether it is a program of Windows that has a console, not windows.
    pub console: bool,
}

/// No limit, as the kernel keeps it on every ABI.
pub const UNLIMITED: u64 = u64::MAX;

/// A resource: the kernel's own order, ABIs number some of them differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named as in setrlimit(2)")]
pub enum Resource {
    Cpu,
    Fsize,
    Data,
    Stack,
    Core,
    Rss,
    Nproc,
    Nofile,
    Memlock,
    As,
    Locks,
    Sigpending,
    Msgqueue,
    Nice,
    Rtprio,
    Rttime,
}

/// Soft and hard limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits([(u64, u64); 16]);

impl Default for Limits {
    /// What a fresh system gives.   [Linux include/asm-generic/resource.h, INIT_RLIMITS]
    fn default() -> Limits {
        let mut limits = Limits([(UNLIMITED, UNLIMITED); 16]);
        limits.set(Resource::Stack, (8 << 20, UNLIMITED));
        limits.set(Resource::Core, (0, UNLIMITED));
        limits.set(Resource::Nproc, (4096, 4096));
        limits.set(Resource::Nofile, (1024, 4096));
        limits.set(Resource::Memlock, (8 << 20, 8 << 20));
        limits.set(Resource::Sigpending, (4096, 4096));
        limits.set(Resource::Msgqueue, (819_200, 819_200));
        limits.set(Resource::Nice, (0, 0));
        limits.set(Resource::Rtprio, (0, 0));
        limits
    }
}

impl Limits {
    /// Soft and hard limit of a resource.
    pub fn get(&self, resource: Resource) -> (u64, u64) {
        self.0[resource as usize]
    }

    /// The soft limit, which is the one that counts.
    pub fn soft(&self, resource: Resource) -> u64 {
        self.get(resource).0
    }

    /// Sets both.
    pub fn set(&mut self, resource: Resource, limit: (u64, u64)) {
        self.0[resource as usize] = limit;
    }
}

/// Who a task is. The guest runs as the root of a container: it owns what it sees, and may not change the system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Real user.
    pub uid: u32,
    /// Effective user.
    pub euid: u32,
    /// Saved user.
    pub suid: u32,
    /// User for file accesses.
    pub fsuid: u32,
    /// Real group.
    pub gid: u32,
    /// Effective group.
    pub egid: u32,
    /// Saved group.
    pub sgid: u32,
    /// Group for file accesses.
    pub fsgid: u32,
    /// Further groups.
    pub groups: Vec<u32>,
    /// Capabilities in effect.
    pub effective: u64,
    /// Capabilities that may come into effect.
    pub permitted: u64,
    /// Capabilities that `execve` may keep.
    pub inheritable: u64,
    /// Capabilities that `execve` can't exceed.
    pub bounding: u64,
    /// Capabilities that an unprivileged `execve` keeps.
    pub ambient: u64,
    /// `PR_SET_SECUREBITS`, `PR_SET_KEEPCAPS` included.
    pub securebits: u32,
    /// `PR_SET_NO_NEW_PRIVS`.
    pub no_new_privs: bool,
}

/// What container runtimes leave to root: CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP
/// NET_BIND_SERVICE NET_RAW SYS_CHROOT MKNOD AUDIT_WRITE SETFCAP.
// Bits of include/uapi/linux/capability.h: 0 1 3 4 5 6 7 8 10 13 18 27 29 31.
pub const CONTAINER_CAPABILITIES: u64 = 0xa804_25fb;
/// The highest capability (`CAP_CHECKPOINT_RESTORE`).
pub const LAST_CAPABILITY: u32 = 40;

impl Default for Credentials {
    fn default() -> Credentials {
        Credentials {
            uid: 0,
            euid: 0,
            suid: 0,
            fsuid: 0,
            gid: 0,
            egid: 0,
            sgid: 0,
            fsgid: 0,
            groups: Vec::new(),
            effective: CONTAINER_CAPABILITIES,
            permitted: CONTAINER_CAPABILITIES,
            inheritable: 0,
            bounding: CONTAINER_CAPABILITIES,
            ambient: 0,
            securebits: 0,
            no_new_privs: false,
        }
    }
}

impl Credentials {
    /// Whether a capability is in effect.
    pub fn capable(&self, capability: u32) -> bool {
        capability < 64 && self.effective >> capability & 1 != 0
    }

    /// Whether the task is in a group, for file accesses.
    pub fn in_group(&self, group: u32) -> bool {
        self.fsgid == group || self.groups.contains(&group)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn root_of_a_container_may_chown_and_may_not_mount() {
        let root = Credentials::default();
        let (cap_chown, cap_sys_admin) = (0, 21);
        assert!(root.capable(cap_chown));
        assert!(!root.capable(cap_sys_admin));
        assert!(!root.capable(64));
    }
}
