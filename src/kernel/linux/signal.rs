//! Section `signal`: what shall happen on signals, and sending them.

pub(super) mod frame;

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::linux::{self, Errno, Outcome, services};

use super::signals::{self, Action, Disposition, Info, SigSet};
use super::time::Form;
use crate::kernel::task::{Tid, Wait};
use crate::kernel::{Cx, Fate, Kernel};

impl Cx<'_> {
    /// Size of a signal set of this ABI, in bytes.
    pub(super) fn set_size(&self) -> u64 {
        u64::from(self.layouts.sigaction.sa_mask.size)
    }

    fn check_set_size(&self, size: u64) -> Result<(), Errno> {
        if size == self.set_size() { Ok(()) } else { Err(Errno::EINVAL) }
    }

    pub(super) fn read_set(&mut self, address: u64) -> Result<SigSet, Stop<Errno>> {
        let (size, word) = (self.set_size(), self.word());
        Ok(SigSet::load(self.mem, address, size, word)?)
    }

    fn write_set(&mut self, address: u64, set: SigSet) -> Result<(), Stop<Errno>> {
        let (size, word) = (self.set_size(), self.word());
        Ok(set.store(self.mem, address, size, word)?)
    }

    /// Signals that nobody can block or handle.
    fn untouchable(&self) -> SigSet {
        SigSet::of(self.k.SIGKILL as u32).with(SigSet::of(self.k.SIGSTOP as u32))
    }

    /// Whether a number is one of a signal.
    fn is_signal(&self, signal: i32) -> bool {
        signal >= 1 && signal as u64 <= self.k._NSIG
    }

    /// Blocks exactly these signals from now on.
    fn set_mask(&mut self, mask: SigSet) {
        self.task.linux.mask = mask.without(self.untouchable());
    }

    /// Changes the mask as `how` says. `only` limits the change to some signals.
    fn change_mask(&mut self, how: i32, set: SigSet, only: SigSet) -> Result<(), Errno> {
        let how = how as u32 as u64;
        let mask = self.task.linux.mask;
        let new = if how == self.k.SIG_BLOCK {
            mask.with(set)
        } else if how == self.k.SIG_UNBLOCK {
            mask.without(set)
        } else if how == self.k.SIG_SETMASK {
            mask.without(only).with(set.common(only))
        } else {
            return Err(Errno::EINVAL);
        };
        self.set_mask(new);
        Ok(())
    }

    /// Sets an action and gives the one before.   [Linux kernel/signal.c, do_sigaction]
    fn exchange_action(&mut self, signal: i32, new: Option<Action>) -> Result<Action, Errno> {
        if !self.is_signal(signal) {
            return Err(Errno::EINVAL);
        }
        let signal = signal as u32;
        if new.is_some() && self.untouchable().contains(signal) {
            return Err(Errno::EINVAL);
        }
        let mut handlers = self.task.linux.handlers.borrow_mut();
        let old = handlers.get(signal);
        if let Some(mut action) = new {
            action.mask =
                action.mask.without(SigSet::of(self.k.SIGKILL as u32)).without(SigSet::of(self.k.SIGSTOP as u32));
            handlers.set(signal, action);
            drop(handlers);
            let ignored = action.disposition == Disposition::Ignore
                || action.disposition == Disposition::Default
                    && signals::default_action(self.k, signal) == signals::Effect::Nothing;
            if ignored {
                self.task.linux.raised.retain(|info| info.signal != signal);
                self.task.linux.pending.remove(signal);
            }
        }
        Ok(old)
    }

    /// Waits for a signal with another mask.
    fn suspend(&mut self, mask: SigSet) -> Outcome {
        if !self.again {
            self.task.linux.saved_mask = Some(self.task.linux.mask);
            self.set_mask(mask);
        }
        self.pause()
    }

    fn pause(&mut self) -> Outcome {
        if self.task.linux.deliverable().is_empty() {
            Err(self.block(Wait::Signal))
        } else {
            Err(Errno::EINTR.into())
        }
    }
}

impl Kernel {
    /// Sends a signal. `found` says whether the target is the task itself: there is nobody else.
    fn send(&mut self, cx: &mut Cx<'_>, found: bool, signal: i32, code: u64, value: u64) -> Outcome {
        if signal != 0 && !cx.is_signal(signal) {
            return Err(Errno::EINVAL.into());
        }
        if !found {
            return Err(Errno::ESRCH.into());
        }
        if signal == 0 {
            return Ok(0);
        }
        let sender = (cx.process().pid, cx.task.linux.credentials.uid);
        let info = Info {
            signal: signal as u32,
            name: cx.abi.signal_name(signal as u32).unwrap_or("SIG?"),
            code: code as i32,
            address: None,
            pc: None,
            sender: Some(sender),
            value,
        };
        signals::send(cx.task, cx.k, &info);
        Ok(0)
    }

    /// Back from a handler.
    fn leave_handler(&mut self, cx: &mut Cx<'_>, detailed: bool) -> Outcome {
        let linux = &mut cx.task.linux;
        match frame::leave(cx.cpu, cx.mem, &mut linux.kept, cx.abi, detailed) {
            Ok(mask) => {
                cx.set_mask(mask);
                Err(Stop::Resumed)
            }
            Err(_) => {
                cx.fate = Some(Fate::ExitGroup(signals::bad_frame(cx.task, cx.abi)));
                Err(Stop::Never)
            }
        }
    }

    fn timed_wait(
        &mut self,
        cx: &mut Cx<'_>,
        set: u64,
        info: u64,
        timeout: u64,
        form: Form,
        size: u64,
    ) -> Outcome {
        cx.check_set_size(size)?;
        let wanted = cx.read_set(set)?.without(cx.untouchable());
        if let Some(signal) = cx.task.linux.pending.common(wanted).first() {
            let raised = &mut cx.task.linux.raised;
            let taken = raised.iter().position(|info| info.signal == signal);
            let taken = taken.map(|at| raised.remove(at));
            cx.task.linux.forget_signal(signal);
            if info != 0 {
                let endian = cx.mem.endian();
                let at = cx.layouts.siginfo;
                let mut image = match taken {
                    Some(taken) => taken.image(cx.abi, endian),
                    None => cx.image(at.size),
                };
                image.put(at.si_signo, u64::from(signal));
                image.store(cx.mem, info)?;
            }
            return Ok(u64::from(signal));
        }
        if timeout == 0 {
            return Err(cx.block(Wait::Signal));
        }
        let now = self.clock.now();
        let deadline =
            cx.deadline(|cx| Ok(now.saturating_add(cx.get_timespec(timeout, form)?)))?;
        cx.wait_until(now, deadline)?;
        Err(Errno::EAGAIN.into())
    }
}

impl services::Signal<Cx<'_>> for Kernel {
    fn rt_sigaction(&mut self, cx: &mut Cx<'_>, call: &linux::RtSigaction) -> Outcome {
        cx.check_set_size(call.sigsetsize)?;
        let at = cx.layouts.sigaction;
        let new = if call.act.address == 0 {
            None
        } else {
            let image = cx.load(call.act.address, at.size)?;
            let mask = call.act.address.wrapping_add(u64::from(at.sa_mask.offset));
            Some(Action {
                disposition: Disposition::from_address(image.get(at.sa_handler)),
                flags: image.get(at.sa_flags),
                restorer: image.get(at.sa_restorer),
                mask: cx.read_set(mask)?,
            })
        };
        let old = cx.exchange_action(call.sig, new)?;
        if call.oact.address != 0 {
            let mut image = cx.image(at.size);
            image
                .put(at.sa_handler, old.disposition.address())
                .put(at.sa_flags, old.flags)
                .put(at.sa_restorer, old.restorer);
            image.store(cx.mem, call.oact.address)?;
            cx.write_set(call.oact.address.wrapping_add(u64::from(at.sa_mask.offset)), old.mask)?;
        }
        Ok(0)
    }

    /// The form with a mask of one word.
    fn sigaction(&mut self, cx: &mut Cx<'_>, call: &linux::Sigaction) -> Outcome {
        let at = cx.layouts.old_sigaction;
        let word = cx.word();
        let new = if call.act.address == 0 {
            None
        } else {
            let image = cx.load(call.act.address, at.size)?;
            let mask = call.act.address.wrapping_add(u64::from(at.sa_mask.offset));
            Some(Action {
                disposition: Disposition::from_address(image.get(at.sa_handler)),
                flags: image.get(at.sa_flags),
                restorer: image.get(at.sa_restorer),
                mask: SigSet::load(cx.mem, mask, word, word)?,
            })
        };
        let old = cx.exchange_action(call.sig, new)?;
        if call.oact.address != 0 {
            let mut image = cx.image(at.size);
            image
                .put(at.sa_handler, old.disposition.address())
                .put(at.sa_flags, old.flags)
                .put(at.sa_restorer, old.restorer);
            image.store(cx.mem, call.oact.address)?;
            let mask = call.oact.address.wrapping_add(u64::from(at.sa_mask.offset));
            old.mask.store(cx.mem, mask, word, word)?;
        }
        Ok(0)
    }

    fn signal(&mut self, cx: &mut Cx<'_>, call: &linux::Signal) -> Outcome {
        let action = Action {
            disposition: Disposition::from_address(call.handler.address),
            flags: cx.k.SA_RESETHAND | cx.k.SA_NODEFER,
            ..Action::default()
        };
        Ok(cx.exchange_action(call.sig, Some(action))?.disposition.address())
    }

    fn rt_sigprocmask(&mut self, cx: &mut Cx<'_>, call: &linux::RtSigprocmask) -> Outcome {
        cx.check_set_size(call.sigsetsize)?;
        let old = cx.task.linux.mask;
        if call.nset.address != 0 {
            let set = cx.read_set(call.nset.address)?;
            cx.change_mask(call.how, set, SigSet::from_bits(u128::MAX))?;
        }
        if call.oset.address != 0 {
            cx.write_set(call.oset.address, old)?;
        }
        Ok(0)
    }

    fn sigprocmask(&mut self, cx: &mut Cx<'_>, call: &linux::Sigprocmask) -> Outcome {
        let word = cx.word();
        let old = cx.task.linux.mask;
        if call.nset.address != 0 {
            let set = SigSet::load(cx.mem, call.nset.address, word, word)?;
            // Only the first word of the mask is replaced.
            let first = SigSet::from_bits((1 << (8 * word)) - 1);
            cx.change_mask(call.how, set, first)?;
        }
        if call.oset.address != 0 {
            old.store(cx.mem, call.oset.address, word, word)?;
        }
        Ok(0)
    }

    fn sgetmask(&mut self, cx: &mut Cx<'_>, _call: &linux::Sgetmask) -> Outcome {
        Ok(cx.task.linux.mask.bits() as u64 & 0xffff_ffff)
    }

    fn ssetmask(&mut self, cx: &mut Cx<'_>, call: &linux::Ssetmask) -> Outcome {
        let old = cx.task.linux.mask.bits() as u64 & 0xffff_ffff;
        cx.set_mask(SigSet::from_bits(u128::from(call.newmask as u32)));
        Ok(old)
    }

    fn rt_sigpending(&mut self, cx: &mut Cx<'_>, call: &linux::RtSigpending) -> Outcome {
        let size = cx.set_size();
        if call.sigsetsize > size {
            return Err(Errno::EINVAL.into());
        }
        let set = cx.task.linux.pending.common(cx.task.linux.mask);
        let bytes = set.to_bytes(size, cx.word(), cx.mem.endian());
        cx.mem.write(call.uset.address, &bytes[..call.sigsetsize as usize])?;
        Ok(0)
    }

    fn sigpending(&mut self, cx: &mut Cx<'_>, call: &linux::Sigpending) -> Outcome {
        let word = cx.word();
        let set = cx.task.linux.pending.common(cx.task.linux.mask);
        set.store(cx.mem, call.uset.address, word, word)?;
        Ok(0)
    }

    fn rt_sigsuspend(&mut self, cx: &mut Cx<'_>, call: &linux::RtSigsuspend) -> Outcome {
        cx.check_set_size(call.sigsetsize)?;
        let mask = cx.read_set(call.unewset.address)?;
        cx.suspend(mask)
    }

    fn sigsuspend(&mut self, cx: &mut Cx<'_>, call: &linux::Sigsuspend) -> Outcome {
        cx.suspend(SigSet::from_bits(u128::from(call.mask)))
    }

    fn mips_sigsuspend(&mut self, cx: &mut Cx<'_>, call: &linux::MipsSigsuspend) -> Outcome {
        let mask = cx.read_set(call.uset.address)?;
        cx.suspend(mask)
    }

    fn pause(&mut self, cx: &mut Cx<'_>, _call: &linux::Pause) -> Outcome {
        cx.pause()
    }

    fn rt_sigtimedwait(&mut self, cx: &mut Cx<'_>, call: &linux::RtSigtimedwait) -> Outcome {
        let (set, info, timeout) = (call.uthese.address, call.uinfo.address, call.uts.address);
        self.timed_wait(cx, set, info, timeout, Form::Own, call.sigsetsize)
    }

    fn rt_sigtimedwait_time64(
        &mut self,
        cx: &mut Cx<'_>,
        call: &linux::RtSigtimedwaitTime64,
    ) -> Outcome {
        let (set, info, timeout) = (call.uthese.address, call.uinfo.address, call.uts.address);
        self.timed_wait(cx, set, info, timeout, Form::Wide, call.sigsetsize)
    }

    fn sigaltstack(&mut self, cx: &mut Cx<'_>, call: &linux::Sigaltstack) -> Outcome {
        let (k, at) = (cx.k, cx.layouts.stack_t);
        let (address, flags, size) = cx.task.linux.altstack;
        let sp = cx.cpu.sp();
        let on_it = frame::on_stack(cx.task.linux.altstack, sp);
        let shown = match (size, on_it) {
            (0, _) => k.SS_DISABLE,
            (_, true) => u64::from(flags) | k.SS_ONSTACK,
            (_, false) => u64::from(flags),
        };
        let new = match call.uss.address {
            0 => None,
            new => Some(cx.load(new, at.size)?),
        };
        if let Some(new) = new {
            let flags = new.get(at.ss_flags) & 0xffff_ffff;
            let mode = flags & !(k.SS_AUTODISARM & 0xffff_ffff);
            if on_it {
                return Err(Errno::EPERM.into());
            }
            if mode != k.SS_DISABLE && mode != k.SS_ONSTACK && mode != 0 {
                return Err(Errno::EINVAL.into());
            }
            cx.task.linux.altstack = if mode == k.SS_DISABLE {
                (0, flags as u32, 0)
            } else {
                let size = new.get(at.ss_size);
                if size < signals::MIN_STACK {
                    return Err(Errno::ENOMEM.into());
                }
                (new.get(at.ss_sp), (flags & !k.SS_ONSTACK) as u32, size)
            };
        }
        if call.uoss.address != 0 {
            let mut image = cx.image(at.size);
            image.put(at.ss_sp, address).put(at.ss_flags, shown).put(at.ss_size, size);
            image.store(cx.mem, call.uoss.address)?;
        }
        Ok(0)
    }

    fn kill(&mut self, cx: &mut Cx<'_>, call: &linux::Kill) -> Outcome {
        let (pid, group) = {
            let process = cx.process();
            (process.pid, process.group)
        };
        let found = match call.pid {
            // Everybody but the sender.
            -1 | Tid::MIN => false,
            0 => true,
            wanted if wanted > 0 => wanted == pid,
            wanted => -wanted == group,
        };
        let code = cx.k.SI_USER;
        self.send(cx, found, call.sig, code, 0)
    }

    fn tkill(&mut self, cx: &mut Cx<'_>, call: &linux::Tkill) -> Outcome {
        if call.pid <= 0 {
            return Err(Errno::EINVAL.into());
        }
        let (found, code) = (call.pid == cx.task.tid, cx.k.SI_TKILL);
        self.send(cx, found, call.sig, code, 0)
    }

    fn tgkill(&mut self, cx: &mut Cx<'_>, call: &linux::Tgkill) -> Outcome {
        if call.pid <= 0 || call.tgid <= 0 {
            return Err(Errno::EINVAL.into());
        }
        let found = call.pid == cx.task.tid && call.tgid == cx.process().pid;
        let code = cx.k.SI_TKILL;
        self.send(cx, found, call.sig, code, 0)
    }

    fn rt_sigqueueinfo(&mut self, cx: &mut Cx<'_>, call: &linux::RtSigqueueinfo) -> Outcome {
        let at = cx.layouts.siginfo;
        let info = cx.load(call.uinfo.address, at.size)?;
        let (code, value) = (info.get(at.si_code), info.get(at.si_value));
        let found = call.pid == cx.process().pid;
        self.send(cx, found, call.sig, code, value)
    }

    fn rt_tgsigqueueinfo(&mut self, cx: &mut Cx<'_>, call: &linux::RtTgsigqueueinfo) -> Outcome {
        if call.pid <= 0 || call.tgid <= 0 {
            return Err(Errno::EINVAL.into());
        }
        let at = cx.layouts.siginfo;
        let info = cx.load(call.uinfo.address, at.size)?;
        let (code, value) = (info.get(at.si_code), info.get(at.si_value));
        let found = call.pid == cx.task.tid && call.tgid == cx.process().pid;
        self.send(cx, found, call.sig, code, value)
    }

    fn sigreturn(&mut self, cx: &mut Cx<'_>, _call: &linux::Sigreturn) -> Outcome {
        self.leave_handler(cx, false)
    }

    fn rt_sigreturn(&mut self, cx: &mut Cx<'_>, _call: &linux::RtSigreturn) -> Outcome {
        self.leave_handler(cx, true)
    }
}
