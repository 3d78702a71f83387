//! Section `signal`: what shall happen on signals, and sending them.

pub mod fault;
pub mod frame;
mod kill;
pub(super) mod send;

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::linux::{self, Errno, Outcome, services};

use super::signals::{self, Action, Disposition, SigSet};
use super::time::Form;
use crate::kernel::wait::{Interrupted, Wait};
use crate::kernel::{Cx, Kernel};
use frame::AltStack;
use kill::Message;

impl Cx<'_> {
    /// Size of a signal set of this ABI, in bytes.
    pub(super) fn set_size(&self) -> u64 {
        u64::from(self.layouts.sigaction.sa_mask.size)
    }

    fn check_set_size(&self, size: u64) -> Result<(), Errno> {
        if size == self.set_size() {
            Ok(())
        } else {
            Err(Errno::EINVAL)
        }
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
            action.mask = action
                .mask
                .without(SigSet::of(self.k.SIGKILL as u32))
                .without(SigSet::of(self.k.SIGSTOP as u32));
            handlers.set(signal, action);
            drop(handlers);
            let ignored = action.disposition == Disposition::Ignore
                || action.disposition == Disposition::Default
                    && signals::default_action(self.k, signal) == signals::Effect::Nothing;
            if ignored {
                self.task.linux.pending.forget(SigSet::of(signal));
                self.process().pending.forget(SigSet::of(signal));
            }
        }
        Ok(old)
    }

    /// [Linux kernel/signal.c, do_sigaltstack]
    fn set_altstack(&mut self, stack: AltStack, sp: u64) -> Result<(), Errno> {
        let k = self.k;
        if self.task.linux.altstack.is_used(k, sp) {
            return Err(Errno::EPERM);
        }
        let mode = u64::from(stack.flags) & !(k.SS_AUTODISARM & 0xffff_ffff);
        self.task.linux.altstack = if mode == k.SS_DISABLE {
            AltStack {
                start: 0,
                size: 0,
                ..stack
            }
        } else if mode != k.SS_ONSTACK && mode != 0 {
            return Err(Errno::EINVAL);
        } else if stack.size < k.MINSIGSTKSZ && self.task.linux.altstack != stack {
            return Err(Errno::ENOMEM);
        } else {
            stack
        };
        Ok(())
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
        if self.is_interrupted() {
            return Err(Errno::EINTR.into());
        }
        Err(self.block(Wait::Signal))
    }

    /// Whether a signal has come that ends the wait of a call: one with a handler, or one that kills.
    pub(super) fn is_interrupted(&self) -> bool {
        self.task.linux.is_interrupted(send::abi_of(self.task).k)
    }
}

impl Kernel {
    /// Back from a handler.
    fn leave_handler(&mut self, cx: &mut Cx<'_>, detailed: bool) -> Outcome {
        let abi = cx.abi;
        let left = frame::leave(cx.cpu, cx.mem, abi, detailed);
        if let Some(mask) = left.mask {
            cx.set_mask(mask);
        }
        if let Some(stack) = left.altstack.filter(|_| left.good) {
            // One that can't be set stays as it is.   [Linux kernel/signal.c, restore_altstack]
            let sp = cx.cpu.sp();
            let _ = cx.set_altstack(stack, sp);
        }
        if !left.good {
            cx.task.linux.force(abi, &signals::segment_fault(abi));
        } else if left.raises {
            let info = signals::Info::new(abi, abi.k.SIGFPE, abi.k.SI_KERNEL);
            cx.task.linux.force(abi, &info);
        }
        Err(Stop::Resumed)
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
        let own = send::abi_of(cx.task);
        if let Some(taken) = cx.task.linux.take_signal(wanted, own) {
            cx.task.linux.awaited = SigSet::EMPTY;
            if info != 0 {
                let endian = cx.mem.endian();
                taken.image(cx.abi, endian).store(cx.mem, info)?;
            }
            return Ok(u64::from(taken.signal));
        }
        if cx.is_interrupted() {
            cx.task.linux.awaited = SigSet::EMPTY;
            return Err(Errno::EINTR.into());
        }
        // Somebody sending one of these finds the task waiting, though it blocks them.
        cx.task.linux.awaited = wanted;
        if timeout == 0 {
            return Err(cx.block_as(Wait::Signal, Interrupted::Fails));
        }
        let now = self.clock.now();
        let deadline = cx.deadline(|cx| Ok(now.saturating_add(cx.get_timespec(timeout, form)?)))?;
        if now < deadline {
            return Err(cx.block_as(Wait::Until(deadline), Interrupted::Fails));
        }
        cx.task.linux.awaited = SigSet::EMPTY;
        Err(Errno::EAGAIN.into())
    }
}

/// Only to oneself may a signal look as if the kernel, or `kill`, had sent it.   [Linux kernel/signal.c,
/// do_rt_sigqueueinfo]
fn check_code(cx: &Cx<'_>, code: u64, other: bool) -> Result<(), Errno> {
    let code = code as u32 as i32;
    if other && (code >= 0 || code == cx.k.SI_TKILL as i32) {
        return Err(Errno::EPERM);
    }
    Ok(())
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
            cx.write_set(
                call.oact.address.wrapping_add(u64::from(at.sa_mask.offset)),
                old.mask,
            )?;
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
        Ok(cx
            .exchange_action(call.sig, Some(action))?
            .disposition
            .address())
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
        let set = cx.task.linux.waiting().common(cx.task.linux.mask);
        let bytes = set.to_bytes(size, cx.word(), cx.mem.endian());
        cx.mem
            .write(call.uset.address, &bytes[..call.sigsetsize as usize])?;
        Ok(0)
    }

    fn sigpending(&mut self, cx: &mut Cx<'_>, call: &linux::Sigpending) -> Outcome {
        let word = cx.word();
        let set = cx.task.linux.waiting().common(cx.task.linux.mask);
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
        let sp = cx.cpu.sp();
        let old = cx.task.linux.altstack;
        if call.uss.address != 0 {
            let new = cx.load(call.uss.address, at.size)?;
            let stack = AltStack {
                start: new.get(at.ss_sp),
                flags: new.get(at.ss_flags) as u32,
                size: new.get(at.ss_size),
            };
            cx.set_altstack(stack, sp)?;
        }
        if call.uoss.address != 0 {
            let mut image = cx.image(at.size);
            image
                .put(at.ss_sp, old.start)
                .put(at.ss_flags, old.shown(k, sp))
                .put(at.ss_size, old.size);
            image.store(cx.mem, call.uoss.address)?;
        }
        Ok(0)
    }

    fn kill(&mut self, cx: &mut Cx<'_>, call: &linux::Kill) -> Outcome {
        self.kill_processes(cx, call.pid, call.sig)
    }

    fn tkill(&mut self, cx: &mut Cx<'_>, call: &linux::Tkill) -> Outcome {
        if call.pid <= 0 {
            return Err(Errno::EINVAL.into());
        }
        let code = cx.k.SI_TKILL;
        self.kill_task(cx, None, call.pid, call.sig, Message::plain(code))
    }

    fn tgkill(&mut self, cx: &mut Cx<'_>, call: &linux::Tgkill) -> Outcome {
        if call.pid <= 0 || call.tgid <= 0 {
            return Err(Errno::EINVAL.into());
        }
        let code = cx.k.SI_TKILL;
        self.kill_task(
            cx,
            Some(call.tgid),
            call.pid,
            call.sig,
            Message::plain(code),
        )
    }

    fn rt_sigqueueinfo(&mut self, cx: &mut Cx<'_>, call: &linux::RtSigqueueinfo) -> Outcome {
        let message = cx.queued(call.uinfo.address)?;
        let process = self.linux.processes.get(call.pid).cloned();
        let process = process.ok_or(Errno::ESRCH)?;
        let other = !std::rc::Rc::ptr_eq(&process, &cx.task.linux.process);
        check_code(cx, message.code, other)?;
        self.kill_process(cx, &process, call.sig, message)
    }

    fn rt_tgsigqueueinfo(&mut self, cx: &mut Cx<'_>, call: &linux::RtTgsigqueueinfo) -> Outcome {
        if call.pid <= 0 || call.tgid <= 0 {
            return Err(Errno::EINVAL.into());
        }
        let message = cx.queued(call.uinfo.address)?;
        check_code(cx, message.code, call.pid != cx.task.tid)?;
        self.kill_task(cx, Some(call.tgid), call.pid, call.sig, message)
    }

    fn pidfd_send_signal(&mut self, cx: &mut Cx<'_>, call: &linux::PidfdSendSignal) -> Outcome {
        if call.flags != 0 {
            return Err(Errno::EINVAL.into());
        }
        let process = super::process::of_pidfd_or_directory(self, cx, call.pidfd)?;
        let message = match call.info.address {
            0 => Message::plain(cx.k.SI_USER),
            info => {
                let at = cx.layouts.siginfo;
                if cx.load(info, at.size)?.get(at.si_signo) != u64::from(call.sig as u32) {
                    return Err(Errno::EINVAL.into());
                }
                cx.queued(info)?
            }
        };
        let other = !std::rc::Rc::ptr_eq(&process, &cx.task.linux.process);
        if call.info.address != 0 {
            check_code(cx, message.code, other)?;
        }
        let pid = process.borrow().pid;
        if self.linux.processes.get(pid).is_none() {
            return Err(Errno::ESRCH.into());
        }
        self.kill_process(cx, &process, call.sig, message)
    }

    fn sigreturn(&mut self, cx: &mut Cx<'_>, _call: &linux::Sigreturn) -> Outcome {
        self.leave_handler(cx, false)
    }

    fn rt_sigreturn(&mut self, cx: &mut Cx<'_>, _call: &linux::RtSigreturn) -> Outcome {
        self.leave_handler(cx, true)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use emu_cpu::memory::PAGE;
    use emu_cpu::{Cpu, Reg};
    use emu_profiles::Symbol;

    use super::super::signals::{Delivery, Info, deliver};
    use super::super::trial::{Came, SCRATCH, Trial};
    use super::*;
    use crate::event::ExitStatus;
    use crate::kernel::layout::Image;

    const HANDLER: u64 = 0x40_1000;
    const SP: u64 = SCRATCH + 4 * PAGE - 64;

    fn put_action(t: &mut Trial, handler: u64, flags: u64, mask: u32) {
        let at = t.layouts().sigaction;
        let mut image = Image::new(at.size, t.space.endian());
        image
            .put(at.sa_handler, handler)
            .put(at.sa_flags, flags)
            .put(at.sa_restorer, 0x40_2000);
        image.store(&mut t.space, SCRATCH).expect("scratch");
        let word = u64::from(at.sa_handler.size);
        let set = u64::from(at.sa_mask.size);
        let at = SCRATCH + u64::from(at.sa_mask.offset);
        SigSet::of(mask)
            .store(&mut t.space, at, set, word)
            .expect("scratch");
    }

    fn act(t: &mut Trial, signal: u64, handler: u64, flags: u64) {
        put_action(t, handler, flags, 1);
        let size = u64::from(t.layouts().sigaction.sa_mask.size);
        t.ok("rt_sigaction", &[signal, SCRATCH, 0, size]);
    }

    /// Registers that are in no frame: the thread's, and what can't be set.
    const OWN: [&str; 19] = [
        "DR0",
        "DR1",
        "DR2",
        "DR3",
        "DR6",
        "DR7",
        "FS_BASE",
        "GS_BASE",
        "TPIDRURO",
        "TPIDRURW",
        "TPIDR_EL0",
        "USERLOCAL",
        "ZERO",
        "DS",
        "ES",
        "FS",
        "GS",
        "CS",
        "SS",
    ];

    /// The registers that a program can see, each with a value of its own.
    fn fill(t: &mut Trial) -> BTreeMap<&'static str, u128> {
        let row = t.cpu.arch().row();
        for (number, name) in row.registers.iter().enumerate() {
            let reg = Reg(number as u8);
            let plain = 0x1000 + number as u128;
            let value = match *name {
                _ if reg == row.sp => u128::from(SP),
                _ if reg == row.pc => 0x40_0010,
                // User mode.
                "CPSR" => 0x10,
                "PSTATE" => 1 << 30,
                // Causes of exceptions would raise some.
                "FCSR" => 0x0100_0003,
                // Registers 0 and 1 hold numbers, the first of them is ST0.
                "FPTAG" => 0xfffa,
                // The older form, which counts in programs of 32 bits, has the segment of the instruction there.
                "FPSW" | "FOP" => 0,
                "MXCSR" => 0x1fbf,
                "DS" | "ES" => 0x2b,
                _ if name.starts_with("ST") || name.starts_with("XMM") => plain | 1 << 79,
                _ if row.elf_machine == 183 && name.starts_with('V') => plain | 1 << 127,
                // With 32 single registers.
                _ => plain,
            };
            t.cpu.set_wide(reg, value);
        }
        registers(t)
    }

    fn registers(t: &Trial) -> BTreeMap<&'static str, u128> {
        let names = t.cpu.arch().row().registers.iter().enumerate();
        names
            .map(|(number, name)| (*name, t.cpu.wide(Reg(number as u8))))
            .collect()
    }

    fn info(t: &Trial, signal: u64) -> Info {
        let name = t.abi().signal_name(signal as u32).expect("a signal");
        let info = Info::new(t.abi(), signal, 1);
        assert_eq!(info.name, name);
        Info {
            address: Some(0x1234),
            ..info
        }
    }

    #[test]
    fn a_handler_is_entered_and_left_with_all_registers_as_before() {
        for mut t in Trial::all() {
            let k = t.k();
            let symbols = [
                (Symbol::Sigreturn, 0x50_0000),
                (Symbol::RtSigreturn, 0x50_0010),
            ];
            t.task.symbols = symbols.as_slice().into();
            for (detailed, clobbered) in [(true, 0), (false, 0), (true, u128::MAX), (false, 1)] {
                let restorer = if t.layouts().sigaction.sa_restorer.size > 0 {
                    k.SA_RESTORER
                } else {
                    0
                };
                let flags = restorer | if detailed { k.SA_SIGINFO } else { 0 };
                act(&mut t, k.SIGSEGV, HANDLER, flags);
                let before = fill(&mut t);
                let info = info(&t, k.SIGSEGV);
                let came = deliver(&mut t.task, &mut t.cpu, &mut t.space, &info);
                assert_eq!(came, Delivery::Handled, "{}", t.name());
                assert_eq!(t.cpu.pc(), HANDLER);
                assert!(t.cpu.sp() < SP && t.cpu.sp() > SCRATCH, "{}", t.name());
                assert!(
                    t.task.linux.mask.contains(k.SIGSEGV as u32),
                    "it is blocked"
                );
                assert!(t.task.linux.mask.contains(1), "its mask is blocked");
                // What `ret`, and the trampoline, take from an x86 stack.
                let sp = t.cpu.sp();
                let x86 = t.abi().name == "x86";
                let popped = match (t.abi().name, detailed) {
                    ("x86", true) => 4,
                    ("x86", false) | ("x64", _) => 8,
                    _ => 0,
                };
                if x86 {
                    assert_eq!(
                        t.space.read_u32(sp + 4),
                        Ok(k.SIGSEGV as u32),
                        "an argument"
                    );
                }
                // Whatever the handler does, the frame is what counts.
                for name in before.keys().filter(|name| !OWN.contains(name)) {
                    let names = t.cpu.arch().row().registers;
                    let number = names.iter().position(|other| other == name);
                    let reg = Reg(number.expect("a name of a register") as u8);
                    t.cpu.set_wide(reg, clobbered);
                }
                t.cpu.set_sp(sp + popped);
                let plain = !detailed && t.has("sigreturn");
                let name = if plain { "sigreturn" } else { "rt_sigreturn" };
                t.call(name, &[]);
                assert_eq!(registers(&t), before, "{} {detailed}", t.name());
                assert!(t.task.linux.mask.is_empty());
            }
        }
    }

    #[test]
    fn a_handler_without_a_stack_is_death() {
        for mut t in Trial::all() {
            let k = t.k();
            let symbols = [
                (Symbol::Sigreturn, 0x50_0000),
                (Symbol::RtSigreturn, 0x50_0010),
            ];
            t.task.symbols = symbols.as_slice().into();
            act(&mut t, k.SIGUSR1, HANDLER, 0);
            t.cpu.set_sp(0x10);
            let info = info(&t, k.SIGUSR1);
            let came = deliver(&mut t.task, &mut t.cpu, &mut t.space, &info);
            assert_eq!(came, Delivery::Handled, "there may be one for that");
            let abi = t.abi();
            let fault = t.task.linux.next_signal(abi).expect("it is forced");
            assert_eq!((fault.name, fault.code as u64), ("SIGSEGV", k.SI_KERNEL));
            let came = deliver(&mut t.task, &mut t.cpu, &mut t.space, &fault);
            let Delivery::Died(ExitStatus::Signaled { name, .. }) = came else {
                panic!("{}: {came:?}", t.name())
            };
            assert_eq!(name, "SIGSEGV");
        }
    }

    #[test]
    fn a_frame_that_is_not_one_is_a_fault() {
        for mut t in Trial::all() {
            for address in [SCRATCH, 0x10, u64::MAX - 64] {
                t.cpu.set_sp(address);
                t.call("rt_sigreturn", &[]);
                let abi = t.abi();
                let x86 = abi.name.starts_with('x');
                let fault = t.task.linux.next_signal(abi).map(|info| info.name);
                // Zeros are a frame of a program that does not calculate, where the processor has no modes to check.
                let fine = address == SCRATCH && (x86 || abi.name.starts_with("mips"));
                assert_eq!(
                    fault,
                    (!fine).then_some("SIGSEGV"),
                    "{} {address:#x}",
                    t.name()
                );
            }
        }
    }

    #[test]
    fn a_handler_finds_room_on_its_stack_or_does_not_run() {
        for mut t in Trial::all() {
            let k = t.k();
            let symbols = [(Symbol::RtSigreturn, 0x50_0010)];
            t.task.symbols = symbols.as_slice().into();
            act(
                &mut t,
                k.SIGUSR1,
                HANDLER,
                k.SA_ONSTACK | k.SA_SIGINFO | k.SA_RESTORER,
            );
            fill(&mut t);
            let stack = AltStack {
                start: SCRATCH + 2 * PAGE,
                flags: k.SS_AUTODISARM as u32,
                size: 2 * PAGE,
            };
            t.task.linux.altstack = stack;
            let info = info(&t, k.SIGUSR1);
            deliver(&mut t.task, &mut t.cpu, &mut t.space, &info);
            let sp = t.cpu.sp();
            assert!(
                sp > stack.start && sp < stack.start + stack.size,
                "{}",
                t.name()
            );
            assert_eq!(t.task.linux.altstack, AltStack::none(k), "it is disarmed");
            let popped = if t.abi().name == "x86" { 4 } else { 0 };
            let popped = if t.abi().name == "x64" { 8 } else { popped };
            t.cpu.set_sp(sp + popped);
            t.call("rt_sigreturn", &[]);
            assert_eq!(t.task.linux.altstack, stack, "{}", t.name());

            t.task.linux.altstack = AltStack {
                flags: 0,
                size: 1024,
                ..stack
            };
            t.cpu.set_sp(stack.start + 512);
            let forced = |t: &mut Trial| {
                deliver(&mut t.task, &mut t.cpu, &mut t.space, &info);
                let abi = t.abi();
                t.task.linux.next_signal(abi).map(|info| info.name)
            };
            let guarded = !t.abi().name.starts_with("arm");
            assert_eq!(forced(&mut t), guarded.then_some("SIGSEGV"), "{}", t.name());
        }
    }

    #[test]
    fn a_fault_kills_who_ignores_or_blocks_it() {
        for mut t in Trial::all() {
            let k = t.k();
            act(&mut t, k.SIGSEGV, 1, 0);
            let (abi, info) = (t.abi(), info(&t, k.SIGSEGV));
            t.task.linux.force(abi, &info);
            let info = t.task.linux.next_signal(abi).expect("it can't be ignored");
            let came = deliver(&mut t.task, &mut t.cpu, &mut t.space, &info);
            let status = ExitStatus::Signaled {
                signal: 11,
                name: "SIGSEGV",
                core: false,
            };
            assert_eq!(came, Delivery::Died(status));
            assert_eq!(status.code(), 139);
        }
    }

    #[test]
    fn a_blocked_signal_waits_and_an_ignored_one_is_forgotten() {
        for mut t in Trial::all() {
            let (k, size) = (t.k(), u64::from(t.layouts().sigaction.sa_mask.size));
            let signal = k.SIGUSR1;
            put_action(&mut t, 0, 0, signal as u32);
            let set = SCRATCH + u64::from(t.layouts().sigaction.sa_mask.offset);
            t.ok("rt_sigprocmask", &[k.SIG_BLOCK, set, 0, size]);
            t.ok("kill", &[1000, signal]);
            assert!(!t.task.linux.has_signals());
            t.ok("rt_sigpending", &[SCRATCH + 256, size]);
            let word = u64::from(t.layouts().sigaction.sa_handler.size);
            let pending = SigSet::load(&mut t.space, SCRATCH + 256, size, word);
            assert_eq!(pending, Ok(SigSet::of(signal as u32)), "{}", t.name());
            t.ok("rt_sigprocmask", &[k.SIG_UNBLOCK, set, 0, size]);
            let abi = t.abi();
            let info = t.task.linux.next_signal(abi).expect("it waits");
            assert_eq!((info.signal as u64, info.sender), (signal, Some((1000, 0))));
            assert_eq!(t.task.linux.next_signal(abi), None);
            act(&mut t, signal, 1, 0);
            t.ok("kill", &[1000, signal]);
            assert!(t.task.linux.waiting().is_empty());
            let told = t.task.linux.ignored.first().map(|info| info.signal as u64);
            assert_eq!(told, Some(signal), "who watches hears of it");
        }
    }

    #[test]
    fn senseless_signals_and_targets_are_refused() {
        for mut t in Trial::all() {
            let k = t.k();
            assert_eq!(t.err("kill", &[1000, 200]), Errno::EINVAL);
            assert_eq!(t.err("kill", &[999, 0]), Errno::ESRCH);
            assert_eq!(t.ok("kill", &[1000, 0]), 0);
            assert_eq!(
                t.err("kill", &[u64::MAX, k.SIGTERM]),
                Errno::ESRCH,
                "nobody else is there"
            );
            assert_eq!(t.err("tgkill", &[1000, 0, k.SIGTERM]), Errno::EINVAL);
            assert_eq!(t.err("rt_sigaction", &[k.SIGUSR1, 0, 0, 4]), Errno::EINVAL);
            let size = u64::from(t.layouts().sigaction.sa_mask.size);
            put_action(&mut t, 1, 0, 1);
            assert_eq!(
                t.err("rt_sigaction", &[k.SIGKILL, SCRATCH, 0, size]),
                Errno::EINVAL
            );
            assert_eq!(
                t.err("rt_sigaction", &[k._NSIG + 1, 0, 0, size]),
                Errno::EINVAL
            );
            assert_eq!(t.ok("rt_sigaction", &[k.SIGKILL, 0, SCRATCH, size]), 0);
            if t.has("pause") {
                assert_eq!(t.call("pause", &[]), Came::Waits(Wait::Signal));
            }
        }
    }
}
