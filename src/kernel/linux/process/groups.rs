//! Which processes belong together? Process groups and sessions.

use std::cell::RefCell;
use std::rc::Rc;

use emu_prototypes::linux::{Errno, Outcome};

use super::Process;
use crate::kernel::linux::signal::send::abi_of;
use crate::kernel::linux::signals::Info;
use crate::kernel::task::{Task, Tid};
use crate::kernel::{Cx, Kernel};

/// A process by the number a call gives: 0 is the one that asks, and a thread stands for its process.
pub(in crate::kernel::linux) fn find(
    kernel: &Kernel,
    cx: &Cx<'_>,
    pid: Tid,
) -> Result<Rc<RefCell<Process>>, Errno> {
    let own = &cx.task.linux.process;
    if pid == 0 || pid == cx.task.tid {
        return Ok(own.clone());
    }
    if let Some(process) = kernel.linux.processes.get(pid) {
        return Ok(process.clone());
    }
    let task = kernel.tasks.get(pid).ok_or(Errno::ESRCH)?;
    Ok(task.linux.process.clone())
}

/// [setpgid(2); Linux kernel/sys.c, setpgid]
pub(super) fn set_group(kernel: &mut Kernel, cx: &mut Cx<'_>, pid: Tid, group: Tid) -> Outcome {
    let own = cx.process().pid;
    let pid = if pid == 0 { own } else { pid };
    let group = if group == 0 { pid } else { group };
    if group < 0 {
        return Err(Errno::EINVAL.into());
    }
    let process = kernel.linux.processes.get(pid).cloned();
    let process = match process {
        Some(process) => process,
        None if pid == own => cx.task.linux.process.clone(),
        None => return Err(Errno::ESRCH.into()),
    };
    let session = cx.process().session;
    {
        let process = process.borrow();
        if pid != own {
            if process.parent != own {
                return Err(Errno::ESRCH.into());
            }
            if process.session != session {
                return Err(Errno::EPERM.into());
            }
            if process.has_execed {
                return Err(Errno::EACCES.into());
            }
        }
        // The leader of a session stays where it is; others may only go into a group of their session.
        if process.session == pid {
            return Err(Errno::EPERM.into());
        }
    }
    if group != pid {
        let known = kernel
            .linux
            .processes
            .group(group)
            .any(|other| other.borrow().session == session);
        if !known {
            return Err(Errno::EPERM.into());
        }
    }
    let mut process = process.borrow_mut();
    kernel.linux.processes.set_group(&mut process, group);
    Ok(0)
}

/// [setsid(2); Linux kernel/sys.c, ksys_setsid]
pub(super) fn set_session(kernel: &mut Kernel, cx: &mut Cx<'_>) -> Outcome {
    let pid = cx.process().pid;
    let leads = cx.process().group == pid || kernel.linux.processes.group(pid).next().is_some();
    if leads {
        return Err(Errno::EPERM.into());
    }
    let mut process = cx.process();
    kernel.linux.processes.set_session(&mut process, pid);
    kernel.linux.processes.set_group(&mut process, pid);
    process.terminal = None;
    Ok(pid as u64)
}

impl Kernel {
    /// Whether nobody outside of a group, but of its session, is the parent of one of its members: its stopped processes
    /// would have nobody to continue them.   [Linux kernel/exit.c, will_become_orphaned_pgrp]
    pub(in crate::kernel::linux) fn is_orphaned(&self, group: Tid, but: Option<Tid>) -> bool {
        !self.linux.processes.group(group).any(|member| {
            let member = member.borrow();
            if member.is_zombie() || Some(member.pid) == but {
                return false;
            }
            self.linux
                .processes
                .get(member.parent)
                .is_some_and(|parent| {
                    let parent = parent.borrow();
                    parent.group != group && parent.session == member.session && !parent.is_zombie()
                })
        })
    }

    /// A process has ended: groups that have become orphans by that, and have stopped members, are hung up and go on. That
    /// can be its own, if it was the one with a parent outside, or those of children that it had in other groups.
    /// [Linux kernel/exit.c, kill_orphaned_pgrp]
    pub(super) fn leave_group(
        &mut self,
        task: &Task,
        process: &Rc<RefCell<Process>>,
        children: &[Rc<RefCell<Process>>],
    ) {
        let process = process.borrow();
        let (group, session, pid) = (process.group, process.session, process.pid);
        let connected = self.linux.processes.get(process.parent).is_some_and(|it| {
            let parent = it.borrow();
            parent.group != group && parent.session == session
        });
        drop(process);
        let mut groups: Vec<Tid> = connected.then_some(group).into_iter().collect();
        for child in children.iter().map(|child| child.borrow()) {
            let left = child.session == session && child.group != group;
            if left && !groups.contains(&child.group) {
                groups.push(child.group);
            }
        }
        let abi = abi_of(task);
        for group in groups {
            let members: Vec<_> = self.linux.processes.group(group).cloned().collect();
            let stopped = members.iter().any(|member| member.borrow().is_stopped());
            if stopped && self.is_orphaned(group, Some(pid)) {
                for member in members {
                    for signal in [abi.k.SIGHUP, abi.k.SIGCONT] {
                        let info = Info::new(abi, signal, abi.k.SI_KERNEL);
                        // Who has no room for it is not hung up.
                        let _ = self.signal_process(None, &member, abi, &info);
                    }
                }
            }
        }
    }
}
