//! What does a tracer ask for? `ptrace(2)`.

use std::rc::Rc;

use emu_cpu::{AddressSpace, GuestMemory};
use emu_prototypes::Stop as Ends;
use emu_prototypes::linux::{self, Constants, Errno, Outcome};

use super::registers::{Area, Layout, Place, Slot, Unit, View};
use super::{How, Stop, Stopped, Traced, info, name_tracer};
use crate::kernel::layout::Image;
use crate::kernel::linux::signal::send::{abi_of, to_task};
use crate::kernel::linux::signals::{Info, SigSet, translate};
use crate::kernel::task::Tid;
use crate::kernel::wait::Wake;
use crate::kernel::{Cx, Kernel};

/// Bytes of a set of signals.
const SET: u64 = 8;
// [Linux include/uapi/linux/elf.h]
const NT_PRSTATUS: u64 = 1;
/// `struct ptrace_syscall_info`.   [Linux include/uapi/linux/ptrace.h]
const CALL_INFO: usize = 88;

/// A request and its operands.
#[derive(Clone, Copy)]
struct Asked {
    request: u64,
    pid: Tid,
    addr: u64,
    data: u64,
}

fn fails<T>(errno: Errno) -> Result<T, Ends<Errno>> {
    Err(errno.into())
}

impl Kernel {
    /// [Linux kernel/ptrace.c, ptrace]
    pub(in crate::kernel::linux) fn trace(
        &mut self,
        cx: &mut Cx<'_>,
        call: &linux::Ptrace,
    ) -> Outcome {
        let k = cx.k;
        let asked = Asked {
            request: call.request as u64,
            pid: call.pid as Tid,
            addr: call.addr,
            data: call.data,
        };
        let request = asked.request;
        if request == k.PTRACE_TRACEME {
            return self.trace_me(cx);
        }
        if asked.pid == cx.task.tid {
            let attaches = request == k.PTRACE_ATTACH || request == k.PTRACE_SEIZE;
            return fails(if attaches { Errno::EPERM } else { Errno::ESRCH });
        }
        if self.tasks.get(asked.pid).is_none() {
            return fails(Errno::ESRCH);
        }
        if request == k.PTRACE_ATTACH || request == k.PTRACE_SEIZE {
            return self.attach(cx, &asked, request == k.PTRACE_SEIZE);
        }
        let own = cx.task.tid;
        let task = self.tasks.get_mut(asked.pid).ok_or(Errno::ESRCH)?;
        let abi = abi_of(task);
        let traced = task.linux.traced.as_mut();
        let traced = traced
            .filter(|traced| traced.tracer == own && !traced.let_go)
            .ok_or(Errno::ESRCH)?;
        if request == k.PTRACE_KILL {
            let info = Info::new(abi, abi.k.SIGKILL, abi.k.SI_KERNEL);
            self.signal_task(Some(cx.task), asked.pid, abi, &info)?;
            return Ok(0);
        }
        if request == k.PTRACE_INTERRUPT {
            if !traced.seized {
                return fails(Errno::EIO);
            }
            let stop = Stop::Event(abi.k.PTRACE_EVENT_STOP, 0);
            if traced.stop.is_none() && !traced.due.contains(&stop) {
                traced.due.push_back(stop);
                task.waker.wake();
            }
            return Ok(0);
        }
        let Some(mut stopped) = traced.stop.take() else {
            return fails(Errno::ESRCH);
        };
        if stopped.listens {
            traced.stop = Some(stopped);
            return fails(Errno::ESRCH);
        }
        // The task lies still: its registers are looked at beside it.
        let done = self.act(cx, &asked, &mut stopped);
        let task = self.tasks.get_mut(asked.pid).ok_or(Errno::ESRCH)?;
        if let Some(traced) = &mut task.linux.traced {
            let goes = matches!(done, Ok(Done::Goes));
            let place = match goes {
                true => &mut traced.resumed,
                false => &mut traced.stop,
            };
            *place = Some(stopped);
            if goes {
                task.waker.wake();
            }
        }
        match done? {
            Done::Goes => Ok(0),
            Done::Stays(value) => Ok(value),
        }
    }

    /// The parent traces the task from now on.   [Linux kernel/ptrace.c, ptrace_traceme]
    fn trace_me(&mut self, cx: &mut Cx<'_>) -> Outcome {
        if cx.task.linux.traced.is_some() {
            return fails(Errno::EPERM);
        }
        let (parent, maker) = {
            let process = cx.process();
            (process.parent, process.maker)
        };
        // A thread of the parent's; who is outside traces nobody, and lets the task go on at once.
        let process = self.linux.processes.get(parent);
        let first = process.and_then(|process| {
            let threads = &process.borrow().threads;
            threads
                .contains(&maker)
                .then_some(maker)
                .or(threads.first().copied())
        });
        let traced = Traced::new(first.unwrap_or(parent));
        self.begin_trace(None, cx.task, traced);
        Ok(0)
    }

    /// [Linux kernel/ptrace.c, ptrace_attach]
    fn attach(&mut self, cx: &mut Cx<'_>, asked: &Asked, seizes: bool) -> Outcome {
        let k = cx.k;
        let mut options = 0;
        if seizes {
            if asked.addr != 0 || asked.data & !k.PTRACE_O_MASK != 0 {
                return fails(Errno::EIO);
            }
            options = asked.data;
        }
        let other = self.tasks.get(asked.pid).ok_or(Errno::ESRCH)?;
        if Rc::ptr_eq(&other.linux.process, &cx.task.linux.process) {
            return fails(Errno::EPERM);
        }
        if !self.may_look_into(cx, other) {
            return fails(Errno::EPERM);
        }
        if other.linux.traced.is_some() || other.doom.is_some() {
            return fails(Errno::EPERM);
        }
        let traced = Traced {
            options,
            seized: seizes,
            ..Traced::new(cx.task.tid)
        };
        let own = cx.process().pid;
        self.linux.tracing.ever += 1;
        let task = self.tasks.get_mut(asked.pid).ok_or(Errno::ESRCH)?;
        name_tracer(task, Some(own));
        let stopped = task.linux.process.borrow().is_stopped();
        task.linux.traced = Some(Box::new(traced));
        if stopped {
            // Its being stopped is news to the tracer.
            task.waker.wake();
        }
        if !seizes {
            let abi = abi_of(task);
            let info = Info::new(abi, abi.k.SIGSTOP, abi.k.SI_KERNEL);
            to_task(task, abi, &info);
        }
        Ok(0)
    }

    /// Does what is asked of a task that has stopped.
    fn act(
        &mut self,
        cx: &mut Cx<'_>,
        asked: &Asked,
        stopped: &mut Stopped,
    ) -> Result<Done, Ends<Errno>> {
        let k = cx.k;
        let Asked {
            request,
            pid,
            addr,
            data,
        } = *asked;
        let is = |name: u64| name == request;
        let view = View::of(stopped.arch);
        if is(k.PTRACE_PEEKTEXT) || is(k.PTRACE_PEEKDATA) {
            let mut word = vec![0; cx.word() as usize];
            self.with_memory(cx, pid, |memory| memory.peek(addr, &mut word))
                .and_then(|done| done.map_err(|_| Errno::EIO.into()))?;
            cx.mem.write(data, &word)?;
        } else if is(k.PTRACE_POKETEXT) || is(k.PTRACE_POKEDATA) {
            let word = word_bytes(cx, data);
            self.poke(cx, pid, addr, &word)?;
        } else if is(k.PTRACE_PEEKUSR) {
            let place = view.user(cx.profile.arch, addr).ok_or(Errno::EIO)?;
            let value = match place {
                Place::Slot(layout, slot) => layout.get(stopped, slot),
                Place::Nothing => 0,
            };
            let word = word_bytes(cx, value);
            cx.mem.write(data, &word)?;
        } else if is(k.PTRACE_POKEUSR) {
            match view.user(cx.profile.arch, addr).ok_or(Errno::EIO)? {
                Place::Slot(layout, slot) => {
                    layout.put(stopped, slot, data);
                    // Where the number is in a register like others, it is another one now.
                    if let (Slot::Reg(reg), Stop::Enter) = (slot, stopped.stop)
                        && view.number == Some(reg)
                    {
                        stopped.number = (stopped.get(reg) as i32).into();
                    }
                }
                // There are no debug registers to set.
                Place::Nothing if data != 0 => return fails(Errno::EIO),
                Place::Nothing => {}
            }
        } else if is(k.PTRACE_GETREGS) {
            let layout = view.plain(cx.profile.arch).ok_or(Errno::EIO)?;
            cx.mem.write(data, &layout.image(stopped))?;
        } else if is(k.PTRACE_SETREGS) {
            let layout = view.plain(cx.profile.arch).ok_or(Errno::EIO)?;
            let mut image = vec![0; layout.len()];
            cx.mem.read(data, &mut image)?;
            layout.take(stopped, &image);
        } else if let Some((unit, sets)) = unit(k, request, view) {
            let mut image = unit.image(stopped);
            if sets {
                cx.mem.read(data, &mut image)?;
                if !unit.take(stopped, &image) {
                    return fails(Errno::EINVAL);
                }
            } else {
                cx.mem.write(data, &image)?;
            }
        } else if is(k.PTRACE_GETREGSET) || is(k.PTRACE_SETREGSET) {
            register_set(cx, asked, stopped, is(k.PTRACE_SETREGSET))?;
        } else if is(k.PTRACE_SET_SYSCALL) {
            stopped.number = (data as i32).into();
        } else if is(k.PTRACE_GET_THREAD_AREA) && k.PTRACE_GET_THREAD_AREA != u64::MAX {
            self.thread_area(cx, asked, stopped)?;
        } else if is(k.PTRACE_SETOPTIONS) || is(k.PTRACE_OLDSETOPTIONS) {
            if data & !k.PTRACE_O_MASK != 0 {
                return fails(Errno::EINVAL);
            }
            // Only who may change the system.   [ptrace(2), PTRACE_O_SUSPEND_SECCOMP]
            if data & k.PTRACE_O_SUSPEND_SECCOMP != 0 {
                return fails(Errno::EPERM);
            }
            self.traced(pid)?.options = data;
        } else if is(k.PTRACE_GETEVENTMSG) {
            let message = self.traced(pid)?.message;
            let word = word_bytes(cx, message);
            cx.mem.write(data, &word)?;
        } else if is(k.PTRACE_GETSIGINFO) {
            let (info, abi) = self.stop_info(pid, stopped)?;
            let own = info.ok_or(Errno::EINVAL)?.translated(abi, cx.abi);
            own.image(cx.abi, cx.mem.endian()).store(cx.mem, data)?;
        } else if is(k.PTRACE_SETSIGINFO) {
            let message = cx.queued(data)?;
            let (info, abi) = self.stop_info(pid, stopped)?;
            let mut info = info.ok_or(Errno::EINVAL)?;
            // Of one form, unless it is that of another ABI.
            if std::ptr::eq(abi, cx.abi) {
                info.raw = message.raw;
            }
            if let Stop::Signal(_) = stopped.stop {
                stopped.signal = Some(info);
            }
        } else if is(k.PTRACE_PEEKSIGINFO) {
            return self.peek_signals(cx, asked).map(Done::Stays);
        } else if is(k.PTRACE_GETSIGMASK) || is(k.PTRACE_SETSIGMASK) {
            self.signal_mask(cx, asked, is(k.PTRACE_SETSIGMASK))?;
        } else if is(k.PTRACE_GET_SYSCALL_INFO) {
            return self.call_info(cx, asked, stopped).map(Done::Stays);
        } else if is(k.PTRACE_LISTEN) {
            let traced = self.traced(pid)?;
            let stop = matches!(stopped.stop, Stop::Group(_))
                || matches!(stopped.stop, Stop::Event(event, _) if event == k.PTRACE_EVENT_STOP);
            if !traced.seized || !stop {
                return fails(Errno::EIO);
            }
            stopped.listens = true;
        } else {
            return self.go_on(cx, asked, stopped);
        }
        Ok(Done::Stays(0))
    }

    /// The requests by which a task goes on.
    fn go_on(
        &mut self,
        cx: &mut Cx<'_>,
        asked: &Asked,
        stopped: &mut Stopped,
    ) -> Result<Done, Ends<Errno>> {
        let k = cx.k;
        let request = asked.request;
        let how = if request == k.PTRACE_CONT || request == k.PTRACE_DETACH {
            How::Continues
        } else if request == k.PTRACE_SYSCALL {
            How::Calls
        } else if request == k.PTRACE_SINGLESTEP && View::of(stopped.arch).flags.is_some() {
            How::Steps
        } else {
            return fails(Errno::EIO);
        };
        if asked.data > k._NSIG {
            return fails(Errno::EIO);
        }
        let task = self.tasks.get_mut(asked.pid).ok_or(Errno::ESRCH)?;
        let abi = abi_of(task);
        let signal = translate(asked.data as u32, cx.abi, abi);
        let sent = (signal != 0).then(|| Info {
            sender: Some((cx.task.tid, cx.task.linux.credentials.uid)),
            ..Info::new(abi, signal.into(), abi.k.SI_USER)
        });
        // A signal that was not about to be delivered is sent instead; others can't be.
        // [ptrace(2), "Signal injection and suppression"]
        stopped.signal = match stopped.stop {
            Stop::Signal(_) => {
                let same = stopped.signal.filter(|info| info.signal == signal);
                sent.map(|sent| same.unwrap_or(sent))
            }
            _ => None,
        };
        if let Some(sent) = sent
            && !matches!(stopped.stop, Stop::Signal(_) | Stop::Group(_))
        {
            to_task(task, abi, &sent);
        }
        let detaches = request == k.PTRACE_DETACH;
        let traced = task.linux.traced.as_mut().ok_or(Errno::ESRCH)?;
        traced.how = how;
        traced.let_go = detaches;
        traced.runs_alone = matches!(stopped.stop, Stop::Group(_)) && !detaches;
        if detaches {
            name_tracer(task, None);
        }
        Ok(Done::Goes)
    }

    fn traced(&mut self, pid: Tid) -> Result<&mut Traced, Errno> {
        let task = self.tasks.get_mut(pid).ok_or(Errno::ESRCH)?;
        task.linux.traced.as_deref_mut().ok_or(Errno::ESRCH)
    }

    fn stop_info(
        &self,
        pid: Tid,
        stopped: &Stopped,
    ) -> Result<(Option<Info>, &'static linux::Abi), Errno> {
        let task = self.tasks.get(pid).ok_or(Errno::ESRCH)?;
        let traced = task.linux.traced.as_ref().ok_or(Errno::ESRCH)?;
        Ok((info(task, traced, stopped), abi_of(task)))
    }

    /// Does something with the memory of another task, which may be one's own.
    fn with_memory<R>(
        &self,
        cx: &mut Cx<'_>,
        pid: Tid,
        what: impl FnOnce(&mut AddressSpace) -> R,
    ) -> Result<R, Ends<Errno>> {
        let task = self.tasks.get(pid).ok_or(Errno::ESRCH)?;
        if Rc::ptr_eq(&task.space, &cx.task.space) {
            return Ok(what(cx.mem));
        }
        let mut space = task.space.try_borrow_mut().map_err(|_| Errno::ESRCH)?;
        Ok(what(&mut space))
    }

    /// Writes whatever the protection, but not into files.   [Linux mm/gup.c, FOLL_FORCE]
    fn poke(&self, cx: &mut Cx<'_>, pid: Tid, addr: u64, bytes: &[u8]) -> Result<(), Ends<Errno>> {
        let written = self.with_memory(cx, pid, |memory| {
            if memory.shared_at(addr).is_some() {
                memory.write(addr, bytes)
            } else {
                memory.poke(addr, bytes)
            }
        })?;
        written.map_err(|_| Errno::EIO.into())
    }

    /// [Linux kernel/ptrace.c, ptrace_peek_siginfo]
    fn peek_signals(&mut self, cx: &mut Cx<'_>, asked: &Asked) -> Outcome {
        // struct ptrace_peeksiginfo_args: offset, flags, how many.
        let offset = cx.mem.read_u64(asked.addr)?;
        let flags = cx.mem.read_u32(asked.addr.wrapping_add(8))?;
        let count = cx.mem.read_u32(asked.addr.wrapping_add(12))? as i32;
        if u64::from(flags) & !cx.k.PTRACE_PEEKSIGINFO_SHARED != 0 || count < 0 {
            return fails(Errno::EINVAL);
        }
        let task = self.tasks.get(asked.pid).ok_or(Errno::ESRCH)?;
        let abi = abi_of(task);
        let all: Vec<Info> = if flags != 0 {
            task.linux
                .process
                .borrow()
                .pending
                .iter()
                .copied()
                .collect()
        } else {
            task.linux.pending.iter().copied().collect()
        };
        let mut done = 0;
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        for info in all.iter().skip(from).take(count as usize) {
            let image = info.translated(abi, cx.abi).image(cx.abi, cx.mem.endian());
            let at = asked.data.wrapping_add(done * image.bytes().len() as u64);
            match image.store(cx.mem, at) {
                Ok(()) => done += 1,
                Err(fault) if done == 0 => return Err(fault.into()),
                Err(_) => break,
            }
        }
        Ok(done)
    }

    fn signal_mask(
        &mut self,
        cx: &mut Cx<'_>,
        asked: &Asked,
        sets: bool,
    ) -> Result<(), Ends<Errno>> {
        let size = cx.k._NSIG.div_ceil(8).max(SET);
        if asked.addr != size {
            return fails(Errno::EINVAL);
        }
        let word = cx.word();
        let task = self.tasks.get_mut(asked.pid).ok_or(Errno::ESRCH)?;
        let abi = abi_of(task);
        if sets {
            let mut set = SigSet::load(cx.mem, asked.data, size, word)?.translated(cx.abi, abi);
            set.remove(abi.k.SIGKILL as u32);
            set.remove(abi.k.SIGSTOP as u32);
            task.linux.mask = set;
        } else {
            let set = task.linux.saved_mask.unwrap_or(task.linux.mask);
            let set = set.translated(abi, cx.abi);
            set.store(cx.mem, asked.data, size, word)?;
        }
        Ok(())
    }

    /// [ptrace(2), PTRACE_GET_SYSCALL_INFO]
    fn call_info(&mut self, cx: &mut Cx<'_>, asked: &Asked, stopped: &Stopped) -> Outcome {
        let k = cx.k;
        let task = self.tasks.get(asked.pid).ok_or(Errno::ESRCH)?;
        let abi = abi_of(task);
        let call = task.linux.traced.as_ref().and_then(|traced| traced.call);
        let row = stopped.arch.row();
        let mut image = Image::new(CALL_INFO as u32, cx.mem.endian());
        let put = |image: &mut Image, at: u16, size: u16, value: u64| {
            image.put(emu_prototypes::Field::new(at, size, false), value);
        };
        put(&mut image, 4, 4, abi.k.AUDIT_ARCH);
        put(&mut image, 8, 8, stopped.get(row.pc) as u64);
        put(&mut image, 16, 8, stopped.get(row.sp) as u64);
        let seccomp =
            matches!(stopped.stop, Stop::Event(event, _) if event == k.PTRACE_EVENT_SECCOMP);
        let (op, size) = match (stopped.stop, call) {
            (Stop::Exit, Some(call)) => {
                let (value, is_error) = call.result.unwrap_or((0, false));
                put(&mut image, 24, 8, value as u64);
                put(&mut image, 32, 1, u64::from(is_error));
                (k.PTRACE_SYSCALL_INFO_EXIT, 33)
            }
            (stop, Some(call)) if stop == Stop::Enter || seccomp => {
                put(&mut image, 24, 8, stopped.number as u64);
                for (index, arg) in call.args.into_iter().enumerate() {
                    put(&mut image, 32 + 8 * index as u16, 8, arg);
                }
                if seccomp {
                    put(&mut image, 80, 4, call.data.into());
                    (k.PTRACE_SYSCALL_INFO_SECCOMP, 84)
                } else {
                    (k.PTRACE_SYSCALL_INFO_ENTRY, 80)
                }
            }
            _ => (k.PTRACE_SYSCALL_INFO_NONE, 24),
        };
        put(&mut image, 0, 1, op);
        let room = usize::try_from(asked.addr).unwrap_or(CALL_INFO).min(size);
        cx.mem.write(asked.data, &image.bytes()[..room])?;
        Ok(size as u64)
    }

    /// The pointer to what is the thread's own.   [Linux arch/x86/kernel/tls.c, arch/arm/kernel/ptrace.c,
    /// arch/mips/kernel/ptrace.c]
    fn thread_area(
        &mut self,
        cx: &mut Cx<'_>,
        asked: &Asked,
        stopped: &Stopped,
    ) -> Result<(), Ends<Errno>> {
        let value = match View::of(stopped.arch).area {
            Area::Register(reg) => stopped.get(reg),
            Area::Descriptor => {
                let task = self.tasks.get(asked.pid).ok_or(Errno::ESRCH)?;
                let index = asked.addr.checked_sub(12).ok_or(Errno::EINVAL)?;
                let own = task.linux.descriptors.get(index as usize);
                let descriptor = *own.ok_or(Errno::EINVAL)?;
                return cx.put_descriptor(asked.data, asked.addr as u32, descriptor);
            }
            Area::None => return fails(Errno::EIO),
        };
        let word = word_bytes(cx, value as u64);
        cx.mem.write(asked.data, &word)?;
        Ok(())
    }
}

/// What became of a request.
enum Done {
    /// The task stays stopped; the call's result.
    Stays(u64),
    /// It goes on.
    Goes,
}

/// A machine word of the tracer's.
fn word_bytes(cx: &Cx<'_>, value: u64) -> Vec<u8> {
    let size = cx.word() as usize;
    match cx.mem.endian() {
        emu_cpu::Endian::Little => value.to_le_bytes()[..size].to_vec(),
        emu_cpu::Endian::Big => value.to_be_bytes()[8 - size..].to_vec(),
    }
}

/// What a request for a unit's registers means, and whether it sets them.
fn unit(k: &Constants, request: u64, view: &View) -> Option<(Unit, bool)> {
    if request == k.PTRACE_GETFPREGS || request == k.PTRACE_SETFPREGS {
        Some((view.math()?, request == k.PTRACE_SETFPREGS))
    } else if request == k.PTRACE_GETFPXREGS || request == k.PTRACE_SETFPXREGS {
        Some((view.has(Unit::Fxsave)?, request == k.PTRACE_SETFPXREGS))
    } else if request == k.PTRACE_GETVFPREGS || request == k.PTRACE_SETVFPREGS {
        Some((view.has(Unit::Vfp)?, request == k.PTRACE_SETVFPREGS))
    } else {
        None
    }
}

/// `PTRACE_GETREGSET` and `PTRACE_SETREGSET`.   [Linux kernel/ptrace.c, ptrace_regset]
fn register_set(
    cx: &mut Cx<'_>,
    asked: &Asked,
    stopped: &mut Stopped,
    sets: bool,
) -> Result<(), Ends<Errno>> {
    let at = cx.layouts.iovec;
    let mut vector = cx.load(asked.data, at.size)?;
    let (base, len) = (vector.get(at.iov_base), vector.get(at.iov_len));
    let (base, len) = match cx.word() {
        4 => (base & 0xffff_ffff, len & 0xffff_ffff),
        _ => (base, len),
    };
    enum Set {
        General(&'static Layout),
        Unit(Unit),
    }
    let (set, image, element) = match asked.addr {
        NT_PRSTATUS => {
            let layout = View::of(stopped.arch).set();
            (Set::General(layout), layout.image(stopped), layout.size)
        }
        note => {
            let unit = View::of(stopped.arch).unit(note).ok_or(Errno::EINVAL)?;
            (Set::Unit(unit), unit.image(stopped), unit.element())
        }
    };
    if len % element as u64 != 0 {
        return fails(Errno::EINVAL);
    }
    let count = len.min(image.len() as u64) as usize;
    if sets {
        let mut given = vec![0; count];
        cx.mem.read(base, &mut given)?;
        match set {
            Set::General(layout) => layout.take(stopped, &given),
            Set::Unit(unit) => {
                if !unit.take(stopped, &given) {
                    return fails(Errno::EINVAL);
                }
            }
        }
    } else {
        cx.mem.write(base, &image[..count])?;
    }
    vector.put(at.iov_len, count as u64);
    vector.store(cx.mem, asked.data)?;
    Ok(())
}
