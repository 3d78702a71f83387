//! Who gets the signal that a program sends?   [kill(2), tgkill(2), rt_sigqueueinfo(2)]

use std::cell::RefCell;
use std::rc::Rc;

use emu_prototypes::Stop;
use emu_prototypes::linux::{Errno, Outcome};

use crate::kernel::linux::process::{INIT, Process};
use crate::kernel::linux::signals::{Info, Raw};
use crate::kernel::task::Tid;
use crate::kernel::{Cx, Kernel};

/// What is sent besides a signal's number.
#[derive(Clone, Copy)]
pub(in crate::kernel::linux) struct Message {
    /// `si_code`.
    pub(super) code: u64,
    pub(in crate::kernel::linux) raw: Option<Raw>,
}

impl Message {
    /// Nothing but how it was sent.
    pub(super) fn plain(code: u64) -> Message {
        Message { code, raw: None }
    }

    fn has_code(self, code: u64) -> bool {
        self.code as u32 == code as u32
    }
}

impl Cx<'_> {
    /// A `siginfo_t` that the program made.   [Linux kernel/signal.c, copy_siginfo_from_user]
    pub(in crate::kernel::linux) fn queued(
        &mut self,
        address: u64,
    ) -> Result<Message, Stop<Errno>> {
        let at = self.layouts.siginfo;
        let info = self.load(address, at.size)?;
        let mut raw = [0; 48];
        // `kernel_siginfo_t` has 32 bytes where `long` has 32 bits.
        let kept = if self.word() == 4 { 32 } else { raw.len() };
        raw[..kept].copy_from_slice(&info.bytes()[..kept]);
        let code = info.get(at.si_code);
        // What a kind that nobody knows has in the rest would be lost.
        let (number, last) = (code as i32, self.k.SI_ASYNCNL as i32);
        let known = number >= self.k.SI_DETHREAD as i32 || number == last;
        if !known && info.bytes()[kept..].iter().any(|byte| *byte != 0) {
            return Err(Errno::E2BIG.into());
        }
        Ok(Message {
            code,
            raw: Some(raw),
        })
    }

    fn signal_to_send(&self, signal: i32, message: Message) -> Result<Option<Info>, Errno> {
        if signal != 0 && !self.is_signal(signal) {
            return Err(Errno::EINVAL);
        }
        let sender = (self.process().pid, self.task.linux.credentials.uid);
        Ok((signal != 0).then(|| Info {
            sender: Some(sender),
            raw: message.raw,
            ..Info::new(self.abi, signal as u64, message.code)
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
        message: Message,
    ) -> Outcome {
        let info = cx.signal_to_send(signal, message)?;
        if !self.may_signal(cx, process, signal) {
            return Err(Errno::EPERM.into());
        }
        if let Some(info) = info {
            let abi = cx.abi;
            let sent = self.signal_process(Some(cx.task), process, abi, &info);
            // Only those that were queued with a value fail when there is no room.   [sigqueue(3)]
            if !message.has_code(cx.k.SI_USER) {
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
        message: Message,
    ) -> Outcome {
        let info = cx.signal_to_send(signal, message)?;
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
                Err(errno) if !message.has_code(cx.k.SI_TKILL) => {
                    return Err(errno.into());
                }
                _ => {}
            }
        }
        Ok(0)
    }

    /// To a process, a group, or to all but the sender.
    pub(super) fn kill_processes(&mut self, cx: &mut Cx<'_>, pid: Tid, signal: i32) -> Outcome {
        let message = Message::plain(cx.k.SI_USER);
        if pid > 0 {
            let process = match self.linux.processes.get(pid) {
                Some(process) => process.clone(),
                // A thread's number stands for its process.
                None => super::super::process::find_process(self, cx, pid)?,
            };
            return self.kill_process(cx, &process, signal, message);
        }
        cx.signal_to_send(signal, message)?;
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
            let sent = self.kill_process(cx, &process, signal, message);
            if result.is_err() {
                result = sent;
            }
        }
        result
    }
}
