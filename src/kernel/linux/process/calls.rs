//! Section `process`: what a program does about itself, its threads and its children.

use std::cell::RefCell;
use std::rc::Rc;

use emu_cpu::{GuestMemory, arm};
use emu_prototypes::Stop;
use emu_prototypes::linux::{self, Errno, Outcome, services};

use super::exec::{self, Which};
use super::{clone, compare, groups, pidfd, prctl, sched, segments};
use crate::event::ExitStatus;
use crate::kernel::layout::Image;
use crate::kernel::linux::time::Form;
use crate::kernel::{Cx, Fate, Kernel};

impl Kernel {
    fn cache_flush(&mut self, cx: &mut Cx<'_>, start: u64, len: u64) -> Outcome {
        // Stores are noticed where they happen; there is nothing to flush.
        match start.checked_add(len) {
            Some(end) if end <= cx.profile.process.high => Ok(0),
            _ => Err(Errno::EFAULT.into()),
        }
    }
}

/// What `fork` and `vfork` ask for.
fn plain(cx: &Cx<'_>, flags: u64) -> clone::Asked {
    clone::Asked {
        flags,
        exit_signal: cx.k.SIGCHLD,
        stack: 0,
        parent_tid: 0,
        child_tid: 0,
        tls: 0,
        pidfd: 0,
    }
}

impl services::Process<Cx<'_>> for Kernel {
    fn exit(&mut self, cx: &mut Cx<'_>, call: &linux::Exit) -> Outcome {
        cx.fate = Some(Fate::Exit(ExitStatus::Exited(call.error_code as u8)));
        Err(Stop::Never)
    }

    fn exit_group(&mut self, cx: &mut Cx<'_>, call: &linux::ExitGroup) -> Outcome {
        cx.fate = Some(Fate::ExitGroup(ExitStatus::Exited(call.error_code as u8)));
        Err(Stop::Never)
    }

    fn execve(&mut self, cx: &mut Cx<'_>, call: &linux::Execve) -> Outcome {
        let path = cx.path(call.filename)?;
        let directory = cx.k.AT_FDCWD as i32;
        let which = Which::Path {
            directory,
            path,
            follow: true,
        };
        exec::exec(self, cx, which, call.argv.address, call.envp.address)
    }

    fn execveat(&mut self, cx: &mut Cx<'_>, call: &linux::Execveat) -> Outcome {
        let k = cx.k;
        let flags = u64::from(call.flags as u32);
        if flags & !(k.AT_EMPTY_PATH | k.AT_SYMLINK_NOFOLLOW) != 0 {
            return Err(Errno::EINVAL.into());
        }
        let path = cx.path(call.filename)?;
        let which = if path.is_empty() && flags & k.AT_EMPTY_PATH != 0 {
            Which::Descriptor(call.fd)
        } else {
            Which::Path {
                directory: call.fd,
                path,
                follow: flags & k.AT_SYMLINK_NOFOLLOW == 0,
            }
        };
        exec::exec(self, cx, which, call.argv.address, call.envp.address)
    }

    fn fork(&mut self, cx: &mut Cx<'_>, _call: &linux::Fork) -> Outcome {
        let asked = plain(cx, 0);
        clone::clone(self, cx, &asked)
    }

    fn vfork(&mut self, cx: &mut Cx<'_>, _call: &linux::Vfork) -> Outcome {
        let asked = plain(cx, cx.k.CLONE_VFORK | cx.k.CLONE_VM);
        clone::clone(self, cx, &asked)
    }

    fn clone(&mut self, cx: &mut Cx<'_>, call: &linux::Clone) -> Outcome {
        let k = cx.k;
        let asked = clone::Asked {
            flags: call.clone_flags & 0xffff_ffff & !k.CSIGNAL,
            exit_signal: call.clone_flags & k.CSIGNAL,
            stack: call.newsp,
            parent_tid: call.parent_tidptr.address,
            child_tid: call.child_tidptr.address,
            tls: call.tls,
            // The older call has one pointer for both.   [clone(2), "The clone() system call"]
            pidfd: call.parent_tidptr.address,
        };
        if asked.flags & k.CLONE_PIDFD != 0 && asked.flags & k.CLONE_PARENT_SETTID != 0 {
            return Err(Errno::EINVAL.into());
        }
        clone::clone(self, cx, &asked)
    }

    /// [Linux kernel/fork.c, copy_clone_args_from_user, clone3_args_valid]
    fn clone3(&mut self, cx: &mut Cx<'_>, call: &linux::Clone3) -> Outcome {
        let (k, at) = (cx.k, cx.layouts.clone_args);
        if call.size > 4096 {
            return Err(Errno::E2BIG.into());
        }
        if call.size < k.CLONE_ARGS_SIZE_VER0 {
            return Err(Errno::EINVAL.into());
        }
        let mut bytes = vec![0; call.size as usize];
        cx.mem.read(call.uargs.address, &mut bytes)?;
        let known = bytes.len().min(at.size as usize);
        if bytes[known..].iter().any(|byte| *byte != 0) {
            return Err(Errno::E2BIG.into());
        }
        bytes.resize(at.size as usize, 0);
        let image = Image::from_bytes(bytes, cx.mem.endian());
        let (stack, size) = (image.get(at.stack), image.get(at.stack_size));
        let flags = image.get(at.flags);
        let signal = image.get(at.exit_signal);
        if (stack == 0) != (size == 0)
            || signal & !k.CSIGNAL != 0
            || signal > k._NSIG
            || flags & (k.CLONE_DETACHED | k.CSIGNAL & !k.CLONE_NEWTIME) != 0
            || flags & (k.CLONE_THREAD | k.CLONE_PARENT) != 0 && signal != 0
            || image.get(at.set_tid_size) > 32
        {
            return Err(Errno::EINVAL.into());
        }
        // Numbers can be chosen by those who may administer the numbers, and groups of resources are not there.
        if image.get(at.set_tid_size) != 0 || flags & k.CLONE_NEWTIME != 0 {
            return Err(Errno::EPERM.into());
        }
        if flags & k.CLONE_INTO_CGROUP != 0 {
            return Err(Errno::EBADF.into());
        }
        let asked = clone::Asked {
            flags,
            exit_signal: signal,
            stack: stack.wrapping_add(size),
            parent_tid: image.get(at.parent_tid),
            child_tid: image.get(at.child_tid),
            tls: image.get(at.tls),
            pidfd: image.get(at.pidfd),
        };
        clone::clone(self, cx, &asked)
    }

    fn pidfd_open(&mut self, cx: &mut Cx<'_>, call: &linux::PidfdOpen) -> Outcome {
        pidfd::open(self, cx, call.pid, call.flags)
    }

    fn pidfd_getfd(&mut self, cx: &mut Cx<'_>, call: &linux::PidfdGetfd) -> Outcome {
        pidfd::get(self, cx, call.pidfd, call.fd, call.flags)
    }

    fn wait4(&mut self, cx: &mut Cx<'_>, call: &linux::Wait4) -> Outcome {
        let (status, usage) = (call.stat_addr.address, call.ru.address);
        self.wait_status(cx, call.upid, status, call.options, usage)
    }

    fn waitpid(&mut self, cx: &mut Cx<'_>, call: &linux::Waitpid) -> Outcome {
        self.wait_status(cx, call.pid, call.stat_addr.address, call.options, 0)
    }

    fn waitid(&mut self, cx: &mut Cx<'_>, call: &linux::Waitid) -> Outcome {
        let whom = (call.which, call.upid);
        let (info, usage) = (call.infop.address, call.ru.address);
        self.wait_info(cx, whom, info, call.options, usage)
    }

    fn getpid(&mut self, cx: &mut Cx<'_>, _call: &linux::Getpid) -> Outcome {
        Ok(cx.process().pid as u64)
    }

    fn getppid(&mut self, cx: &mut Cx<'_>, _call: &linux::Getppid) -> Outcome {
        Ok(cx.process().parent as u64)
    }

    fn gettid(&mut self, cx: &mut Cx<'_>, _call: &linux::Gettid) -> Outcome {
        Ok(cx.task.tid as u64)
    }

    fn getpgrp(&mut self, cx: &mut Cx<'_>, _call: &linux::Getpgrp) -> Outcome {
        Ok(cx.process().group as u64)
    }

    fn getpgid(&mut self, cx: &mut Cx<'_>, call: &linux::Getpgid) -> Outcome {
        let process = groups::find(self, cx, call.pid)?;
        let group = process.borrow().group;
        Ok(group as u64)
    }

    fn getsid(&mut self, cx: &mut Cx<'_>, call: &linux::Getsid) -> Outcome {
        let process = groups::find(self, cx, call.pid)?;
        let session = process.borrow().session;
        Ok(session as u64)
    }

    fn setpgid(&mut self, cx: &mut Cx<'_>, call: &linux::Setpgid) -> Outcome {
        groups::set_group(self, cx, call.pid, call.pgid)
    }

    fn setsid(&mut self, cx: &mut Cx<'_>, _call: &linux::Setsid) -> Outcome {
        groups::set_session(self, cx)
    }

    fn set_tid_address(&mut self, cx: &mut Cx<'_>, call: &linux::SetTidAddress) -> Outcome {
        cx.task.linux.clear_child_tid = call.tidptr.address;
        Ok(cx.task.tid as u64)
    }

    fn set_robust_list(&mut self, cx: &mut Cx<'_>, call: &linux::SetRobustList) -> Outcome {
        if call.len != u64::from(cx.layouts.robust_list_head.size) {
            return Err(Errno::EINVAL.into());
        }
        cx.task.linux.robust_list = (call.head.address, call.len);
        Ok(0)
    }

    fn get_robust_list(&mut self, cx: &mut Cx<'_>, call: &linux::GetRobustList) -> Outcome {
        let tid = if call.pid == 0 { cx.task.tid } else { call.pid };
        let list = self.with_task(Some(cx.task), tid, |task| task.linux.robust_list);
        let (head, _) = list.ok_or(Errno::ESRCH)?;
        let len = u64::from(cx.layouts.robust_list_head.size);
        cx.write_word(call.len_ptr.address, len)?;
        cx.write_word(call.head_ptr.address, head)?;
        Ok(0)
    }

    fn prctl(&mut self, cx: &mut Cx<'_>, call: &linux::Prctl) -> Outcome {
        let k = cx.k;
        let option = u64::from(call.option as u32);
        if option == k.PR_SET_SECCOMP && call.arg2 == k.SECCOMP_MODE_FILTER {
            return crate::kernel::linux::seccomp::filter(self, cx, 0, call.arg3);
        }
        prctl::prctl(cx, call)
    }

    fn arch_prctl(&mut self, cx: &mut Cx<'_>, call: &linux::ArchPrctl) -> Outcome {
        prctl::arch_prctl(cx, call.option, call.arg2)
    }

    fn set_thread_area(&mut self, cx: &mut Cx<'_>, call: &linux::SetThreadArea) -> Outcome {
        segments::set(cx, call.u_info.address)
    }

    fn get_thread_area(&mut self, cx: &mut Cx<'_>, call: &linux::GetThreadArea) -> Outcome {
        segments::get(cx, call.u_info.address)
    }

    fn mips_set_thread_area(
        &mut self,
        cx: &mut Cx<'_>,
        call: &linux::MipsSetThreadArea,
    ) -> Outcome {
        cx.cpu.set_tls(call.addr);
        Ok(0)
    }

    fn set_tls(&mut self, cx: &mut Cx<'_>, call: &linux::SetTls) -> Outcome {
        cx.cpu.set_tls(call.tls);
        Ok(0)
    }

    fn get_tls(&mut self, cx: &mut Cx<'_>, _call: &linux::GetTls) -> Outcome {
        Ok(cx.cpu.reg(arm::TPIDRURO))
    }

    /// [Linux arch/arm/kernel/traps.c, do_cache_op]
    fn arm_cacheflush(&mut self, cx: &mut Cx<'_>, call: &linux::ArmCacheflush) -> Outcome {
        if call.end < call.start || call.flags != 0 {
            return Err(Errno::EINVAL.into());
        }
        self.cache_flush(cx, call.start, call.end - call.start)
    }

    fn cacheflush(&mut self, cx: &mut Cx<'_>, call: &linux::Cacheflush) -> Outcome {
        self.cache_flush(cx, call.addr, call.bytes)
    }

    fn cachectl(&mut self, _cx: &mut Cx<'_>, _call: &linux::Cachectl) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    /// [Linux arch/mips/kernel/syscall.c]
    fn sysmips(&mut self, cx: &mut Cx<'_>, call: &linux::Sysmips) -> Outcome {
        let (k, command) = (cx.k, call.cmd as u64);
        if command == k.MIPS_ATOMIC_SET {
            let at = call.arg1 as u64 & cx.profile.arch.address_mask();
            if !at.is_multiple_of(4) {
                return Err(Errno::EINVAL.into());
            }
            let old = cx.mem.read_u32(at)?;
            cx.mem.write_u32(at, call.arg2 as u32)?;
            Ok(u64::from(old))
        } else if command == k.FLUSH_CACHE {
            Ok(0)
        } else if command == k.MIPS_FIXADE {
            if call.arg1 & !3 != 0 {
                Err(Errno::EINVAL.into())
            } else {
                Ok(0)
            }
        } else {
            Err(Errno::EINVAL.into())
        }
    }

    fn personality(&mut self, cx: &mut Cx<'_>, call: &linux::Personality) -> Outcome {
        let mut process = cx.process();
        let old = process.personality;
        if call.personality != u32::MAX {
            process.personality = call.personality;
        }
        Ok(u64::from(old))
    }

    fn sched_yield(&mut self, cx: &mut Cx<'_>, _call: &linux::SchedYield) -> Outcome {
        cx.yields = true;
        Ok(0)
    }

    fn sched_setscheduler(&mut self, cx: &mut Cx<'_>, call: &linux::SchedSetscheduler) -> Outcome {
        if call.policy < 0 {
            return Err(Errno::EINVAL.into());
        }
        sched::set(self, cx, call.pid, Some(call.policy), call.param.address)
    }

    fn sched_setparam(&mut self, cx: &mut Cx<'_>, call: &linux::SchedSetparam) -> Outcome {
        sched::set(self, cx, call.pid, None, call.param.address)
    }

    fn sched_getscheduler(&mut self, cx: &mut Cx<'_>, call: &linux::SchedGetscheduler) -> Outcome {
        let process = sched::find(self, cx, call.pid)?;
        let policy = process.borrow().scheduler.0;
        Ok(u64::from(policy))
    }

    fn sched_getparam(&mut self, cx: &mut Cx<'_>, call: &linux::SchedGetparam) -> Outcome {
        if call.param.address == 0 {
            return Err(Errno::EINVAL.into());
        }
        let process = sched::find(self, cx, call.pid)?;
        let at = cx.layouts.sched_param;
        let mut image = cx.image(at.size);
        image.put(at.sched_priority, u64::from(process.borrow().scheduler.1));
        image.store(cx.mem, call.param.address)?;
        Ok(0)
    }

    fn sched_getattr(&mut self, cx: &mut Cx<'_>, call: &linux::SchedGetattr) -> Outcome {
        let at = cx.layouts.sched_attr;
        let least = cx.k.SCHED_ATTR_SIZE_VER0;
        let size = u64::from(call.usize);
        if call.uattr.address == 0 || call.flags != 0 || size < least || size > 4096 {
            return Err(Errno::EINVAL.into());
        }
        let process = sched::find(self, cx, call.pid)?;
        let size = size.min(u64::from(at.size));
        let (policy, priority) = process.borrow().scheduler;
        let nice = process.borrow().nice;
        let mut image = cx.image(at.size);
        image
            .put(at.size_, size)
            .put(at.sched_policy, u64::from(policy))
            .put(at.sched_nice, i64::from(nice) as u64)
            .put(at.sched_priority, u64::from(priority));
        cx.mem
            .write(call.uattr.address, &image.bytes()[..size as usize])?;
        Ok(0)
    }

    fn sched_get_priority_max(
        &mut self,
        cx: &mut Cx<'_>,
        call: &linux::SchedGetPriorityMax,
    ) -> Outcome {
        sched::limits(cx, call.policy, true)
    }

    fn sched_get_priority_min(
        &mut self,
        cx: &mut Cx<'_>,
        call: &linux::SchedGetPriorityMin,
    ) -> Outcome {
        sched::limits(cx, call.policy, false)
    }

    fn sched_rr_get_interval(
        &mut self,
        cx: &mut Cx<'_>,
        call: &linux::SchedRrGetInterval,
    ) -> Outcome {
        sched::find(self, cx, call.pid)?;
        cx.put_timespec(call.interval.address, Form::Own, sched::SLICE)?;
        Ok(0)
    }

    fn sched_rr_get_interval_time64(
        &mut self,
        cx: &mut Cx<'_>,
        call: &linux::SchedRrGetIntervalTime64,
    ) -> Outcome {
        sched::find(self, cx, call.pid)?;
        cx.put_timespec(call.interval.address, Form::Wide, sched::SLICE)?;
        Ok(0)
    }

    fn sched_getaffinity(&mut self, cx: &mut Cx<'_>, call: &linux::SchedGetaffinity) -> Outcome {
        sched::affinity(self, cx, call.pid, call.len, call.user_mask_ptr.address)
    }

    fn sched_setaffinity(&mut self, cx: &mut Cx<'_>, call: &linux::SchedSetaffinity) -> Outcome {
        let mask = call.user_mask_ptr.address;
        sched::set_affinity(self, cx, call.pid, call.len, mask)
    }

    fn getpriority(&mut self, cx: &mut Cx<'_>, call: &linux::Getpriority) -> Outcome {
        sched::priority(self, cx, call.which, call.who)
    }

    fn setpriority(&mut self, cx: &mut Cx<'_>, call: &linux::Setpriority) -> Outcome {
        sched::set_priority(self, cx, call.which, call.who, call.niceval)
    }

    fn nice(&mut self, cx: &mut Cx<'_>, call: &linux::Nice) -> Outcome {
        sched::nice(cx, call.increment)
    }

    fn ioprio_get(&mut self, cx: &mut Cx<'_>, call: &linux::IoprioGet) -> Outcome {
        let k = cx.k;
        let which = u64::from(call.which as u32);
        if ![k.IOPRIO_WHO_PROCESS, k.IOPRIO_WHO_PGRP, k.IOPRIO_WHO_USER].contains(&which) {
            return Err(Errno::EINVAL.into());
        }
        let process = match which == k.IOPRIO_WHO_PROCESS {
            true => sched::find(self, cx, call.who)?,
            false => cx.task.linux.process.clone(),
        };
        let priority = process.borrow().io_priority;
        Ok(u64::from(priority))
    }

    fn ioprio_set(&mut self, cx: &mut Cx<'_>, call: &linux::IoprioSet) -> Outcome {
        let k = cx.k;
        let which = u64::from(call.which as u32);
        let class = u64::from(call.ioprio as u32) >> k.IOPRIO_CLASS_SHIFT;
        if class == k.IOPRIO_CLASS_RT {
            return Err(Errno::EPERM.into());
        }
        let known = [k.IOPRIO_CLASS_NONE, k.IOPRIO_CLASS_BE, k.IOPRIO_CLASS_IDLE];
        let whom = [k.IOPRIO_WHO_PROCESS, k.IOPRIO_WHO_PGRP, k.IOPRIO_WHO_USER];
        if !known.contains(&class) || !whom.contains(&which) {
            return Err(Errno::EINVAL.into());
        }
        let process = match which == k.IOPRIO_WHO_PROCESS {
            true => sched::find(self, cx, call.who)?,
            false => cx.task.linux.process.clone(),
        };
        process.borrow_mut().io_priority = call.ioprio as u32;
        Ok(0)
    }

    fn getcpu(&mut self, cx: &mut Cx<'_>, call: &linux::Getcpu) -> Outcome {
        for at in [call.cpup.address, call.nodep.address] {
            if at != 0 {
                cx.mem.write_u32(at, 0)?;
            }
        }
        Ok(0)
    }

    /// Without namespaces: what tasks share can be told apart.   [unshare(2)]
    fn unshare(&mut self, cx: &mut Cx<'_>, call: &linux::Unshare) -> Outcome {
        let k = cx.k;
        let simple = k.CLONE_FILES | k.CLONE_FS | k.CLONE_SYSVSEM;
        let threads = k.CLONE_THREAD | k.CLONE_SIGHAND | k.CLONE_VM;
        if call.unshare_flags & !(simple | threads) != 0 {
            return Err(Errno::EPERM.into());
        }
        let several = cx.process().threads.len() > 1;
        if call.unshare_flags & threads != 0 && several {
            return Err(Errno::EINVAL.into());
        }
        if call.unshare_flags & k.CLONE_SYSVSEM != 0 {
            self.drop_undo_list(cx.task);
        }
        let linux = &mut cx.task.linux;
        if call.unshare_flags & k.CLONE_FILES != 0 {
            let own = linux.files.borrow().duplicate();
            linux.files = Rc::new(RefCell::new(own));
        }
        if call.unshare_flags & k.CLONE_FS != 0 {
            let own = linux.fs.borrow().clone();
            linux.fs = Rc::new(RefCell::new(own));
        }
        Ok(0)
    }

    /// Nothing was interrupted that would go on.   [Linux kernel/signal.c, do_no_restart_syscall]
    fn restart_syscall(&mut self, _cx: &mut Cx<'_>, _call: &linux::RestartSyscall) -> Outcome {
        Err(Errno::EINTR.into())
    }

    // Without CAP_SYS_RAWIO.
    fn iopl(&mut self, _cx: &mut Cx<'_>, call: &linux::Iopl) -> Outcome {
        match call.level {
            0 => Ok(0),
            1..=3 => Err(Errno::EPERM.into()),
            _ => Err(Errno::EINVAL.into()),
        }
    }

    fn ioperm(&mut self, _cx: &mut Cx<'_>, call: &linux::Ioperm) -> Outcome {
        match call.from.checked_add(call.num) {
            Some(end) if end <= 65_536 && end > call.from => match call.turn_on {
                0 => Ok(0),
                _ => Err(Errno::EPERM.into()),
            },
            _ => Err(Errno::EINVAL.into()),
        }
    }

    // Without CONFIG_VM86.
    fn vm86(&mut self, _cx: &mut Cx<'_>, _call: &linux::Vm86) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn vm86old(&mut self, _cx: &mut Cx<'_>, _call: &linux::Vm86old) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn ptrace(&mut self, cx: &mut Cx<'_>, call: &linux::Ptrace) -> Outcome {
        self.trace(cx, call)
    }

    fn kcmp(&mut self, cx: &mut Cx<'_>, call: &linux::Kcmp) -> Outcome {
        compare::compare(self, cx, call)
    }

    fn sched_setattr(&mut self, cx: &mut Cx<'_>, call: &linux::SchedSetattr) -> Outcome {
        sched::set_attributes(self, cx, call)
    }

    /// Without a file that is one of a name space.   [setns(2)]
    fn setns(&mut self, cx: &mut Cx<'_>, call: &linux::Setns) -> Outcome {
        let file = cx.file(call.fd)?;
        if file.object_of::<pidfd::PidFile>().is_none() {
            return Err(Errno::EINVAL.into());
        }
        let kinds = u64::from(call.flags as u32);
        if kinds == 0 || kinds & !clone::namespaces(cx) != 0 {
            return Err(Errno::EINVAL.into());
        }
        cx.administrator(cx.k.CAP_SYS_ADMIN)?;
        Err(Errno::EINVAL.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::linux::trial::{Came, SCRATCH, Trial};

    #[test]
    fn a_process_ends_with_the_low_byte_of_its_status() {
        for mut t in Trial::all() {
            assert_eq!(
                t.call("exit_group", &[0x1ff]),
                Came::Ends(ExitStatus::Exited(255))
            );
            assert_eq!(
                t.call("exit", &[u64::MAX]),
                Came::Ends(ExitStatus::Exited(255))
            );
        }
    }

    #[test]
    fn the_first_process_leads_and_has_no_children() {
        for mut t in Trial::all() {
            for name in ["getpid", "gettid", "getpgid", "getsid"] {
                assert_eq!(t.ok(name, &[0]), 1000, "{name}");
            }
            assert_eq!(t.ok("getppid", &[]), 1);
            assert_eq!(t.err("setsid", &[]), Errno::EPERM);
            assert_eq!(t.err("setpgid", &[0, 0]), Errno::EPERM);
            assert_eq!(t.err("wait4", &[u64::MAX, 0, 0, 0]), Errno::ECHILD);
            assert_eq!(t.err("wait4", &[u64::MAX, 0, 0x100, 0]), Errno::EINVAL);
            assert_eq!(t.err("waitid", &[t.k().P_ALL, 0, 0, 0, 0]), Errno::EINVAL);
        }
    }

    #[test]
    fn a_name_has_at_most_fifteen_bytes() {
        for mut t in Trial::all() {
            let k = t.k();
            t.space
                .write(SCRATCH, b"abcdefghijklmnopqrstuvwxyz\0")
                .expect("scratch");
            t.ok("prctl", &[k.PR_SET_NAME, SCRATCH, 0, 0, 0]);
            t.ok("prctl", &[k.PR_GET_NAME, SCRATCH + 64, 0, 0, 0]);
            assert_eq!(
                t.space.read_cstr(SCRATCH + 64, 99),
                Ok(b"abcdefghijklmno".to_vec())
            );
            assert_eq!(t.err("prctl", &[12_345, 0, 0, 0, 0]), Errno::EINVAL);
            assert_eq!(t.err("prctl", &[k.PR_SET_NAME, 8, 0, 0, 0]), Errno::EFAULT);
        }
    }

    #[test]
    fn there_is_one_cpu() {
        for mut t in Trial::all() {
            let word = u64::from(t.layouts().sigaction.sa_handler.size);
            assert_eq!(t.ok("sched_getaffinity", &[0, 128, SCRATCH]), word);
            assert_eq!(
                t.ok("sched_setaffinity", &[0, word, SCRATCH]),
                0,
                "{}",
                t.name()
            );
            assert_eq!(
                t.err("sched_setaffinity", &[0, word, SCRATCH + 512]),
                Errno::EINVAL
            );
            assert_eq!(t.err("sched_getaffinity", &[0, 1, SCRATCH]), Errno::EINVAL);
            assert_eq!(t.err("sched_getaffinity", &[7, 128, SCRATCH]), Errno::ESRCH);
            assert_eq!(t.ok("getcpu", &[SCRATCH, SCRATCH, 0]), 0);
            assert_eq!(t.ok("sched_get_priority_max", &[t.k().SCHED_FIFO]), 99);
            assert_eq!(t.ok("getpriority", &[0, 0]), 20);
            t.ok("setpriority", &[0, 0, 5]);
            assert_eq!(t.ok("getpriority", &[0, 0]), 15);
            assert_eq!(t.err("setpriority", &[0, 0, 0]), Errno::EACCES);
        }
    }

    #[test]
    fn thread_pointers_go_where_each_abi_has_them() {
        let mut t = Trial::new("linux_mips");
        t.ok("set_thread_area", &[0x1234_5678]);
        assert_eq!(t.cpu.tls(), 0x1234_5678);
        let mut t = Trial::new("linux_x64");
        t.ok("arch_prctl", &[t.k().ARCH_SET_FS, 0x7000_0000]);
        assert_eq!(t.cpu.tls(), 0x7000_0000);
        assert_eq!(
            t.err("arch_prctl", &[t.k().ARCH_SET_FS, u64::MAX]),
            Errno::EPERM
        );
        assert_eq!(t.err("arch_prctl", &[0x9999, 0]), Errno::EINVAL);
        let mut t = Trial::new("linux_x86");
        for (index, value) in [u32::MAX, 0xf7d0_1234, 0xf_ffff, 0x51]
            .into_iter()
            .enumerate()
        {
            t.space
                .write_u32(SCRATCH + 4 * index as u64, value)
                .expect("scratch");
        }
        t.ok("set_thread_area", &[SCRATCH]);
        assert_eq!(t.space.read_u32(SCRATCH), Ok(12));
        assert_eq!(t.cpu.descriptor(12), Some(0xf7df_f3d0_1234_ffff));
        t.ok("get_thread_area", &[SCRATCH]);
        assert_eq!(t.space.read_u32(SCRATCH + 4), Ok(0xf7d0_1234));
        t.space.write_u32(SCRATCH, 11).expect("scratch");
        assert_eq!(t.err("set_thread_area", &[SCRATCH]), Errno::EINVAL);
    }

    #[test]
    fn what_is_no_program_is_not_executed() {
        for mut t in Trial::all() {
            t.space.write(SCRATCH, b"/nothing\0").expect("scratch");
            t.space.write(SCRATCH + 64, b"/\0").expect("scratch");
            t.space.write(SCRATCH + 128, &[0; 16]).expect("scratch");
            let none = SCRATCH + 128;
            assert_eq!(t.err("execve", &[SCRATCH, none, none]), Errno::ENOENT);
            assert_eq!(t.err("execve", &[SCRATCH + 64, none, none]), Errno::EACCES);
            assert_eq!(t.err("execve", &[8, none, none]), Errno::EFAULT);
            assert_eq!(t.err("execve", &[SCRATCH, 8, none]), Errno::EFAULT);
            assert_eq!(t.err("execve", &[SCRATCH + 128, none, none]), Errno::ENOENT);
        }
    }
}
