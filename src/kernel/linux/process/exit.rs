//! What happens when a task ends, and when it was the last of its process?

use std::cell::RefCell;
use std::rc::Rc;

use emu_cpu::GuestMemory;

use super::{INIT, Life, Process, Remains, code_of_end};
use crate::event::ExitStatus;
use crate::kernel::Kernel;
use crate::kernel::linux::signal::send::abi_of;
use crate::kernel::linux::signals::{Disposition, Extra, Info};
use crate::kernel::linux::time::ticks;
use crate::kernel::task::{Task, Tid};
use crate::kernel::wait::Wake;

impl Kernel {
    /// All threads of a process end as soon as they would run, with the same status.
    pub(crate) fn end_process(&mut self, process: &Rc<RefCell<Process>>, status: ExitStatus) {
        let threads: Vec<Tid> = {
            let mut process = process.borrow_mut();
            if let Life::Ends(_) | Life::Zombie(_) = process.life {
                return;
            }
            process.life = Life::Ends(status);
            process.threads.iter().copied().collect()
        };
        if threads.is_empty() {
            self.end_unstarted(process, status);
        }
        for tid in threads {
            if let Some(task) = self.tasks.get_mut(tid) {
                task.doom = Some(status);
                task.waker.wake();
            }
        }
    }

    /// A task is gone: what others wait for of it, and of its process when it was the last.   [Linux kernel/exit.c, do_exit]
    pub(crate) fn end_task(&mut self, task: &mut Task, status: ExitStatus) {
        self.end_nt_thread(task, status);
        self.leave_memory(task);
        self.leave_ipc(task);
        self.leave_tracing(task, status);
        let process = task.linux.process.clone();
        let (pid, last) = {
            let mut process = process.borrow_mut();
            process.threads.remove(&task.tid);
            (process.pid, process.threads.is_empty())
        };
        if task.tid != pid {
            self.linux.processes.remove_thread(task.tid);
        } else if !last {
            process.borrow_mut().first_status = Some(status);
        }
        if Rc::strong_count(&task.linux.files) == 1 {
            task.linux.files.borrow_mut().close_if(pid, |_, _| true);
        }
        if last {
            let children = self.tell_orphans(task);
            let status = {
                let process = process.borrow();
                match process.life {
                    Life::Ends(status) => status,
                    _ => process.first_status.unwrap_or(status),
                }
            };
            self.end_of_process(task, &process, &children, status);
            self.end_nt_process(pid);
        }
    }

    /// What a task leaves behind in its memory when it ends or gets another program.
    /// [Linux kernel/fork.c, mm_release; set_tid_address(2)]
    pub(crate) fn leave_memory(&mut self, task: &mut Task) {
        self.let_go_of_robust_futexes(task);
        self.leave_segments(task);
        let clear = std::mem::take(&mut task.linux.clear_child_tid);
        // Nobody is left to look at it otherwise. The task whose turn it is holds the space, too.
        if clear != 0 && Rc::strong_count(&task.space) > 1 {
            let written = task.space.borrow_mut().write_u32(clear, 0);
            if written.is_ok() {
                let memory = task.space.borrow();
                self.linux.futexes.wake_word(&memory, clear, 1);
            }
        }
        if let Some(vfork) = task.linux.vfork.take() {
            vfork.finish();
        }
    }

    /// Children get another parent, and those who asked for it a signal.   [Linux kernel/exit.c, forget_original_parent]
    fn tell_orphans(&mut self, task: &Task) -> Vec<Rc<RefCell<Process>>> {
        let pid = task.linux.process.borrow().pid;
        let adopter = self.adopter(pid);
        let children: Vec<_> = self.linux.processes.children(pid).cloned().collect();
        for child in &children {
            let processes = &mut self.linux.processes;
            processes.set_parent(&mut child.borrow_mut(), adopter);
            child.borrow_mut().maker = adopter;
            let threads: Vec<Tid> = child.borrow().threads.iter().copied().collect();
            for tid in threads {
                let Some(orphan) = self.tasks.get(tid) else {
                    continue;
                };
                let signal = orphan.linux.parent_death_signal;
                if signal != 0 {
                    let abi = abi_of(orphan);
                    let info = Info {
                        sender: Some((pid, task.linux.credentials.uid)),
                        ..Info::new(abi, u64::from(signal), abi.k.SI_USER)
                    };
                    // It may have no room for it.
                    let _ = self.signal_task(None, tid, abi, &info);
                }
            }
            // Its tracer comes first.
            let traced = self.linux.tracing.dead.iter().any(|dead| {
                let process = dead.process.as_ref();
                process.is_some_and(|process| Rc::ptr_eq(process, child))
            });
            if child.borrow().is_zombie() && !traced {
                self.tell_of_end(None, child);
            }
        }
        children
    }

    /// Who gets the children of a process: its next ancestor that wants them, or the one outside.
    /// [prctl(2), PR_SET_CHILD_SUBREAPER]
    fn adopter(&self, pid: Tid) -> Tid {
        let mut at = pid;
        while let Some(process) = self.linux.processes.get(at) {
            let parent = process.borrow().parent;
            let Some(candidate) = self.linux.processes.get(parent) else {
                break;
            };
            let candidate = candidate.borrow();
            if candidate.subreaper && !candidate.threads.is_empty() {
                return parent;
            }
            at = parent;
        }
        INIT
    }

    fn end_of_process(
        &mut self,
        task: &mut Task,
        process: &Rc<RefCell<Process>>,
        children: &[Rc<RefCell<Process>>],
        status: ExitStatus,
    ) {
        {
            let mut process = process.borrow_mut();
            process.life = Life::Zombie(status);
            process.changed = None;
            process.exe_entry = None;
            process.remains = Some(Remains {
                name: task.linux.name.clone(),
                credentials: task.linux.credentials.clone(),
            });
        }
        self.drop_timers(process, true);
        self.leave_session(process);
        self.leave_group(task, process, children);
        process.borrow().ended.wake();
        if !self.process_leaves_tracer(process, status) {
            self.tell_of_end(Some(task), process);
        }
    }

    /// The parent of a process that has ended learns of it; who does not care never has to ask.
    /// [Linux kernel/signal.c, do_notify_parent]
    pub(in crate::kernel::linux) fn tell_of_end(
        &mut self,
        ended: Option<&Task>,
        process: &Rc<RefCell<Process>>,
    ) {
        let (pid, parent, own, signal, life, used) = {
            let process = process.borrow();
            let used = process.used;
            (
                process.pid,
                process.parent,
                process.abi,
                process.exit_signal,
                process.life,
                used,
            )
        };
        let Life::Zombie(status) = life else { return };
        let Some(parent) = self.linux.processes.get(parent).cloned() else {
            self.linux.processes.remove(pid);
            return;
        };
        let first = parent.borrow().threads.first().copied();
        let Some(listener) = first.and_then(|tid| self.tasks.get(tid)) else {
            parent.borrow().children.wake();
            return;
        };
        let abi = abi_of(listener);
        let k = abi.k;
        let action = listener.linux.handlers.borrow().get(k.SIGCHLD as u32);
        let signal = super::signals::translate(signal, own, abi);
        let uncared = process.borrow().tracer.is_none()
            && u64::from(signal) == k.SIGCHLD
            && (action.disposition == Disposition::Ignore || action.flags & k.SA_NOCLDWAIT != 0);
        if uncared {
            self.linux.processes.remove(pid);
        }
        let (code, value) = code_of_end(abi, status);
        if signal != 0 {
            let uid = ended.map_or(0, |task| task.linux.credentials.uid);
            let info = Info {
                sender: Some((pid, uid)),
                extra: Extra::Child {
                    status: value,
                    user: ticks(used.0),
                    system: ticks(used.1),
                },
                ..Info::new(abi, u64::from(signal), code)
            };
            // A parent whose queue is full still finds the child by waiting.
            let _ = self.signal_process(None, &parent, abi, &info);
        }
        parent.borrow().children.wake();
    }

    /// How the first process ended, when a task that is gone was its last.
    pub(crate) fn ended(&self, task: &Task, first: Tid) -> Option<ExitStatus> {
        let process = task.linux.process.borrow();
        match process.life {
            Life::Zombie(status) if process.pid == first => Some(status),
            _ => None,
        }
    }

    /// The other threads of a process whose thread gets another program: they are to be ended before.
    pub(crate) fn other_threads(&self, task: &Task) -> Vec<Tid> {
        let process = task.linux.process.borrow();
        let others = process.threads.iter().copied();
        others.filter(|tid| *tid != task.tid).collect()
    }

    /// A task is the only one of its process now, and takes its number.   [Linux fs/exec.c, de_thread]
    pub(crate) fn lead(&mut self, task: &mut Task) {
        let process = task.linux.process.clone();
        let mut process = process.borrow_mut();
        if task.tid != process.pid {
            self.linux.processes.remove_thread(task.tid);
            task.tid = process.pid;
            task.waker = crate::kernel::wait::Waker::new(task.tid, self.tasks.run_queue());
        }
        process.threads.clear();
        process.threads.insert(task.tid);
        process.first_status = None;
    }
}
