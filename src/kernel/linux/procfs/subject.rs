//! Of whom does a file below `/proc/PID` speak?

use std::cell::{Ref, RefCell};
use std::rc::Rc;

use emu_cpu::AddressSpace;

use super::{Name, Own, PROCESS, Place, Proc, Whose, known, numbered, within};
use crate::kernel::linux::process::{Credentials, INIT, Process};
use crate::kernel::linux::{LinuxTask, process::Remains};
use crate::kernel::task::{State, Task, Tid};
use crate::kernel::vfs::{Key, Made};
use crate::kernel::wait::Wait;

/// A process, or one of its threads.
pub(super) struct Subject<'a> {
    pub(super) proc: &'a Proc<'a>,
    pub(super) whose: Whose,
    pub(super) process: Rc<RefCell<Process>>,
    /// The number of the task itself.
    pub(super) tid: Tid,
    /// The task; `None` when it has ended and its process has not been asked about, or has other threads.
    pub(super) task: Option<&'a Task>,
    /// A thread of the process that is still there.
    some: Option<&'a Task>,
}

impl<'a> Subject<'a> {
    /// The one that a number names. `None` when it is gone.
    pub(super) fn find(proc: &'a Proc<'a>, whose: Whose) -> Option<Subject<'a>> {
        let processes = &proc.kernel.linux.processes;
        let process = match processes.get(whose.pid) {
            Some(process) => process.clone(),
            // A thread can be named like a process, though it is not shown among them.
            None => proc.task_of(whose.pid)?.linux.process.clone(),
        };
        let tid = whose.thread.unwrap_or(whose.pid);
        let task = proc.task_of(tid);
        {
            let process = process.borrow();
            let known = process.threads.contains(&tid) || process.pid == tid;
            if !known || (whose.thread.is_some() && task.is_none() && !process.is_zombie()) {
                return None;
            }
        }
        let some = task.or_else(|| {
            let process = process.borrow();
            process.threads.iter().find_map(|tid| proc.task_of(*tid))
        });
        Some(Subject {
            proc,
            whose,
            process,
            tid,
            task,
            some,
        })
    }

    pub(super) fn process(&self) -> Ref<'_, Process> {
        self.process.borrow()
    }

    /// What Linux knows of the task while it is there.
    pub(super) fn linux(&self) -> Option<&'a LinuxTask> {
        self.task.or(self.some).map(|task| &task.linux)
    }

    /// What is left of a task that has ended.
    fn remains(&self) -> Remains {
        self.process().remains.clone().unwrap_or_default()
    }

    /// Its name.
    pub(super) fn name(&self) -> Vec<u8> {
        match self.linux() {
            Some(linux) => linux.name.clone(),
            None => self.remains().name,
        }
    }

    /// Who it is.
    pub(super) fn credentials(&self) -> Credentials {
        match self.linux() {
            Some(linux) => linux.credentials.clone(),
            None => self.remains().credentials,
        }
    }

    /// Whether it is the task that asks.
    pub(super) fn asks(&self) -> bool {
        self.tid == self.proc.task.tid
    }

    /// Looks at its memory. `None` when it has none any more.
    pub(super) fn memory<R>(&self, look: impl FnOnce(&AddressSpace) -> R) -> Option<R> {
        let task = self.task.or(self.some)?;
        // The one who asks holds its own.
        if Rc::ptr_eq(&task.space, &self.proc.task.space) {
            return Some(look(self.proc.memory));
        }
        Some(look(&*task.space.try_borrow().ok()?))
    }

    /// The process that traces it; 0 for none that the guest can see.
    pub(super) fn tracer(&self) -> Tid {
        let traced = self.task.and_then(|task| task.linux.traced.as_ref());
        traced
            .filter(|traced| !traced.let_go)
            .map_or(0, |traced| match traced.tracer {
                INIT => 0,
                tracer => tracer,
            })
    }

    /// Its state, and the word for it.   [Linux fs/proc/array.c, task_state_array]
    pub(super) fn state(&self) -> (char, &'static str) {
        let Some(task) = self.task else {
            return ('Z', "zombie");
        };
        if self.asks() {
            return ('R', "running");
        }
        let traced = task.linux.traced.as_ref();
        if traced.is_some_and(|traced| traced.stop.is_some()) {
            return ('t', "tracing stop");
        }
        if self.process().is_stopped() {
            return ('T', "stopped");
        }
        match task.state {
            State::Ready => ('R', "running"),
            State::Stopped | State::Waiting { .. } if !task.waker.is_armed() => ('R', "running"),
            State::Stopped => ('T', "stopped"),
            // [Linux kernel/fork.c, wait_for_vfork_done]
            State::Waiting {
                wait: Wait::Vfork, ..
            } => ('D', "disk sleep"),
            State::Waiting { .. } => ('S', "sleeping"),
        }
    }

    /// CPU time in guest code and in calls, of the whole process, in nanoseconds.
    pub(super) fn used(&self) -> (u64, u64) {
        match Rc::ptr_eq(&self.process, &self.proc.task.linux.process) {
            true => self.proc.kernel.used(self.proc.task),
            false => self.process().used,
        }
    }

    fn owned(&self, made: Made) -> Made {
        // What may not be dumped may not be looked at.   [Linux fs/proc/base.c, task_dump_owner]
        let (uid, gid) = match self.process().dumpable {
            1 => {
                let who = self.credentials();
                (who.euid, who.egid)
            }
            _ => (0, 0),
        };
        Made { uid, gid, ..made }
    }

    /// Its directory, which everybody may look at.
    pub(super) fn made_directory(&self) -> Made {
        let made = Made::directory(Place::Of(self.whose).key());
        let who = self.credentials();
        Made {
            uid: who.euid,
            gid: who.egid,
            ..made
        }
    }

    fn made(&self, number: u64, name: &Name<Own>) -> Made {
        let key = Place::Name(self.whose, number).key();
        let made = match name.what {
            Own::Directory | Own::Descriptors | Own::DescriptorInfos | Own::Threads => {
                Made::directory(key)
            }
            Own::File(_) | Own::Memory | Own::Refused => Made::file(key),
            Own::Link(_) => Made::link(key),
        };
        self.owned(Made {
            mode: name.mode,
            ..made
        })
    }

    /// Whether a name stands here: threads have no `task`, and what is the process's alone.
    fn has(&self, name: &Name<Own>) -> bool {
        let (process, thread) = match name.path {
            "task" | "timerslack_ns" | "coredump_filter" | "mountstats" => (true, false),
            "children" => (false, true),
            _ => (true, true),
        };
        match self.whose.thread {
            Some(_) => thread,
            None => process,
        }
    }

    /// A name of one of its directories, by the directory's path.
    pub(super) fn name_in(&self, directory: &str, name: &[u8]) -> Option<Made> {
        let (number, name) = numbered(PROCESS).find(|(_, known)| {
            self.has(known)
                && within(known.path, directory).is_some_and(|last| last.as_bytes() == name)
        })?;
        Some(self.made(number, name))
    }

    /// All names of one of its directories.
    pub(super) fn names_in(&self, directory: &str) -> Vec<(Vec<u8>, Made)> {
        numbered(PROCESS)
            .filter(|(_, name)| self.has(name))
            .filter_map(|(number, name)| {
                let last = within(name.path, directory)?;
                Some((last.into(), self.made(number, name)))
            })
            .collect()
    }

    fn made_thread(&self, tid: Tid) -> Option<Made> {
        let whose = Whose {
            pid: self.whose.pid,
            thread: Some(tid),
        };
        Subject::find(self.proc, whose).map(|thread| thread.made_directory())
    }

    /// A thread of it.
    pub(super) fn thread(&self, tid: Tid) -> Option<Made> {
        self.made_thread(tid)
    }

    /// All threads of it; of a process that has ended, the first.
    pub(super) fn threads(&self) -> Vec<(Vec<u8>, Made)> {
        let mut threads: Vec<Tid> = self.process().threads.iter().copied().collect();
        if threads.is_empty() {
            threads.push(self.process().pid);
        }
        threads
            .into_iter()
            .filter_map(|tid| Some((tid.to_string().into(), self.made_thread(tid)?)))
            .collect()
    }

    /// What stands for a descriptor, whose mode is given.
    pub(super) fn made_of_descriptor(&self, made: Made) -> Made {
        self.owned(made)
    }
}

/// The process and name behind a key.
pub(super) fn of_key(key: Key) -> Option<(Whose, &'static Name<Own>)> {
    match Place::of(key) {
        Place::Name(whose, number) => Some((whose, known(PROCESS, number)?)),
        _ => None,
    }
}
