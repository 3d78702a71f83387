//! Who gets the signal that a program sends?   [kill(2), tgkill(2), rt_sigqueueinfo(2)]

use std::cell::RefCell;
use std::rc::Rc;

use emu_prototypes::Stop;
use emu_prototypes::linux::{Errno, Outcome};

use crate::kernel::linux::process::{INIT, Process};
use crate::kernel::linux::signals::Info;
use crate::kernel::task::Tid;
use crate::kernel::{Cx, Kernel};

impl Cx<'_> {
    /// `si_code` and `si_value` of a `siginfo_t` that the program made.
    pub(super) fn queued(&mut self, address: u64) -> Result<(u64, u64), Stop<Errno>> {
        let at = self.layouts.siginfo;
        let info = self.load(address, at.size)?;
        Ok((info.get(at.si_code), info.get(at.si_value)))
    }

    fn signal_to_send(&self, signal: i32, code: u64, value: u64) -> Result<Option<Info>, Errno> {
        if signal != 0 && !self.is_signal(signal) {
            return Err(Errno::EINVAL);
        }
        let sender = (self.process().pid, self.task.linux.credentials.uid);
        Ok((signal != 0).then(|| Info {
            sender: Some(sender),
            value,
            ..Info::new(self.abi, signal as u64, code)
        }))
    }
}

impl Kernel {
    /// To a process, as a whole.
    pub(super) fn kill_process(
        &mut self,
        cx: &mut Cx<'_>,
        process: &Rc<RefCell<Process>>,
        signal: i32,
        code: u64,
        value: u64,
    ) -> Outcome {
        let info = cx.signal_to_send(signal, code, value)?;
        if !self.may_signal(cx, process, signal) {
            return Err(Errno::EPERM.into());
        }
        if let Some(info) = info {
            let abi = cx.abi;
            let sent = self.signal_process(Some(cx.task), process, abi, &info);
            // Only those that were queued with a value fail when there is no room.   [sigqueue(3)]
            if code as u32 as i32 != cx.k.SI_USER as i32 {
                sent?;
            }
        }
        Ok(0)
    }

    /// To one task, which has to be of a certain process when that is given.
    pub(super) fn kill_task(
        &mut self,
        cx: &mut Cx<'_>,
        pid: Option<Tid>,
        tid: Tid,
        signal: i32,
        code: u64,
        value: u64,
    ) -> Outcome {
        let info = cx.signal_to_send(signal, code, value)?;
        let found = self.with_task(Some(cx.task), tid, |task| task.linux.process.clone());
        let found = found.or_else(|| self.linux.processes.get(tid).cloned());
        let process = found
            .filter(|process| pid.is_none_or(|pid| process.borrow().pid == pid))
            .ok_or(Errno::ESRCH)?;
        if !self.may_signal(cx, &process, signal) {
            return Err(Errno::EPERM.into());
        }
        if let Some(info) = info {
            let abi = cx.abi;
            match self.signal_task(Some(cx.task), tid, abi, &info) {
                // A thread that has ended takes no signals.
                Err(Errno::ESRCH) => {}
                Err(errno) if code as u32 as i32 != cx.k.SI_TKILL as i32 => {
                    return Err(errno.into());
                }
                _ => {}
            }
        }
        Ok(0)
    }

    /// To a process, a group, or to all but the sender.
    pub(super) fn kill_processes(&mut self, cx: &mut Cx<'_>, pid: Tid, signal: i32) -> Outcome {
        let code = cx.k.SI_USER;
        if pid > 0 {
            let process = match self.linux.processes.get(pid) {
                Some(process) => process.clone(),
                // A thread's number stands for its process.
                None => super::super::process::find_process(self, cx, pid)?,
            };
            return self.kill_process(cx, &process, signal, code, 0);
        }
        cx.signal_to_send(signal, code, 0)?;
        if pid == Tid::MIN {
            return Err(Errno::ESRCH.into());
        }
        let own = cx.process().pid;
        let processes = &self.linux.processes;
        let targets: Vec<_> = match pid {
            -1 => {
                let others = |process: &&Rc<RefCell<Process>>| {
                    let pid = process.borrow().pid;
                    pid != own && pid != INIT
                };
                processes.iter().filter(others).cloned().collect()
            }
            0 => {
                let group = cx.process().group;
                processes.group(group).cloned().collect()
            }
            group => processes.group(-group).cloned().collect(),
        };
        if targets.is_empty() {
            return Err(Errno::ESRCH.into());
        }
        // One that got it is enough.   [Linux kernel/signal.c, __kill_pgrp_info]
        let mut result = Err(Errno::EPERM.into());
        for process in targets {
            let sent = self.kill_process(cx, &process, signal, code, 0);
            if result.is_err() {
                result = sent;
            }
        }
        result
    }
}
