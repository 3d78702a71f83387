//! Where does a traced task stop, and how does it go on?   [ptrace(2); Linux kernel/signal.c, ptrace_stop;
//! include/linux/ptrace.h, ptrace_report_syscall]

use emu_cpu::{AddressSpace, Arch, Cpu, Trap};
use emu_profiles::{Entry, Number, Return};
use emu_prototypes::linux::{Constants, Errno};

use super::{Emulator, Flow, Turn};
use crate::Error;
use crate::event::{End, ExitStatus};
use crate::kernel::linux::process::status_of_end;
use crate::kernel::linux::ptrace::{self, How, InCall, Stop, Stopped, View};
use crate::kernel::linux::signals::{Extra, Info};
use crate::kernel::task::{State, Task};
use crate::kernel::wait::Interrupted;

/// The trap flag.   [Intel SDM vol. 1, 3.4.3.3]
const TRAP_FLAG: u64 = 1 << 8;

/// What a call that waits comes back with for who looks at registers, before it is made again.
/// [Linux include/linux/errno.h]
fn restart(k: &Constants, interrupted: Interrupted) -> u64 {
    const ERESTARTSYS: u64 = 512;
    const ERESTARTNOHAND: u64 = 514;
    const ERESTART_RESTARTBLOCK: u64 = 516;
    match interrupted {
        Interrupted::Restarts | Interrupted::Never => ERESTARTSYS,
        Interrupted::WithoutHandler => ERESTARTNOHAND,
        Interrupted::GoesOn => ERESTART_RESTARTBLOCK,
        Interrupted::Fails => k.EINTR,
    }
}

/// What the registers say of a call that has ended.
fn result(entry: &Entry, cpu: &dyn Cpu) -> (i64, bool) {
    const LAST_ERRNO: i64 = 4095;
    let narrow = cpu.arch().row().bits == 32;
    let read = |reg| match narrow {
        true => i64::from(cpu.reg(reg) as i32),
        false => cpu.reg(reg) as i64,
    };
    match entry.abi.ret {
        Return::NegErrno(reg) => {
            let value = read(reg);
            (value, (-LAST_ERRNO..0).contains(&value))
        }
        Return::ErrorFlag { value, flag, .. } => match cpu.reg(flag) {
            0 => (read(value), false),
            _ => (-read(value), true),
        },
        Return::Carry { value, flags, .. } => match cpu.reg(flags) & 1 {
            0 => (read(value), false),
            _ => (-read(value), true),
        },
        Return::Status(reg) => (read(reg), false),
    }
}

impl Emulator {
    /// A traced task stops. `None` when its tracer is not one of the guest's, who would let it go on at once.
    fn trap(&mut self, task: &mut Task, cpu: &mut dyn Cpu, stop: Stop) -> Option<Turn> {
        let abi = task.profile.system().linux();
        let k = abi.k;
        let tracer = task.linux.traced.as_ref()?.tracer;
        self.kernel.tracer_of(None, tracer)?;
        let pending = task.pending.is_some();
        let traced = task.linux.traced.as_mut()?;
        let waits = (pending && stop != Stop::Enter).then_some(traced.wait);
        if traced.let_go {
            return None;
        }
        if traced.steps {
            traced.steps = false;
            if let Some(reg) = View::of(cpu.arch()).flags {
                let value = cpu.reg(reg);
                cpu.set_reg(reg, value & !TRAP_FLAG);
            }
        }
        let mut stopped = Stopped::new(stop, cpu);
        if let Some(call) = traced.call {
            stopped.number = (call.number as i32).into();
            stopped.first = call.args[0];
            let shown = match stop {
                Stop::Enter => Some(Errno::ENOSYS.number(abi).into()),
                _ => waits.map(|interrupted| restart(k, interrupted)),
            };
            let view = View::of(stopped.arch);
            // Elsewhere the result's register still has an argument as a call begins.
            match (call.entry.abi.ret, shown) {
                (Return::NegErrno(reg), Some(error)) if view.fails_first || stop != Stop::Enter => {
                    stopped.show(reg, negative(stopped.arch, error));
                }
                (Return::ErrorFlag { value, flag, .. }, Some(error)) if stop != Stop::Enter => {
                    stopped.show(value, error);
                    stopped.show(flag, 1);
                }
                _ => {}
            }
            match (view.phase, stop) {
                (Some(reg), Stop::Enter) => stopped.show(reg, 0),
                (Some(reg), Stop::Exit) => stopped.show(reg, 1),
                _ => {}
            }
        }
        match stop {
            Stop::Signal(info) => stopped.signal = Some(info),
            Stop::Event(_, message) => traced.message = message,
            Stop::Enter => traced.message = k.PTRACE_EVENTMSG_SYSCALL_ENTRY,
            Stop::Exit => traced.message = k.PTRACE_EVENTMSG_SYSCALL_EXIT,
            Stop::Group(_) => {}
        }
        let code = ptrace::code(traced, k, &stop);
        traced.stop = Some(Box::new(stopped));
        task.state = State::Stopped;
        self.kernel.tell_tracer(task, k.CLD_TRAPPED, code);
        Some(Turn::Over)
    }

    /// A signal for a traced task: its tracer decides. `None` for one that nobody decides about.
    pub(super) fn trap_signal(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        info: &Info,
    ) -> Option<Turn> {
        let abi = task.profile.system().linux();
        if task.linux.traced.is_none() || u64::from(info.signal) == abi.k.SIGKILL {
            return None;
        }
        self.trap(task, cpu, Stop::Signal(*info))
    }

    /// A traced task's process was stopped. `None` for a task that goes on all the same, or is not traced.
    pub(super) fn trap_group(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        signal: u32,
    ) -> Option<Turn> {
        task.linux.traced.as_ref()?;
        self.trap(task, cpu, Stop::Group(signal))
    }

    /// A traced task begins a call.
    pub(super) fn entering(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        entry: &'static Entry,
        (trap, pc, next): (Trap, u64, u64),
    ) -> Option<Turn> {
        let mut args = [0; 6];
        for (index, arg) in args.iter_mut().enumerate() {
            *arg = entry.abi.read_slot(cpu, memory, index).unwrap_or(0);
        }
        let traced = task.linux.traced.as_mut()?;
        traced.interrupted = false;
        traced.call = Some(InCall {
            entry,
            trap,
            pc,
            next,
            number: entry.number(cpu, trap),
            args,
            result: None,
            allowed: false,
            data: 0,
        });
        match traced.how {
            How::Calls => self.trap(task, cpu, Stop::Enter),
            How::Continues | How::Steps => None,
        }
    }

    /// A traced task's call has ended.
    pub(super) fn leaving(&mut self, task: &mut Task, cpu: &mut dyn Cpu) -> Option<Turn> {
        let traced = task.linux.traced.as_mut()?;
        if let Some(call) = &mut traced.call {
            call.result = Some(result(call.entry, cpu));
            traced.due.push_back(Stop::Exit);
        }
        self.next_stop(task, cpu)
    }

    /// A traced task waits in its call: what it has to stop for comes first.
    pub(super) fn waiting(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        interrupted: Interrupted,
    ) -> Option<Turn> {
        task.linux.traced.as_mut()?.wait = interrupted;
        if let Some(turn) = self.next_stop(task, cpu) {
            return Some(turn);
        }
        // What came before it began to wait wakes it no more.
        if !task.linux.deliverable().is_empty() {
            task.state = State::Ready;
            return Some(Turn::Over);
        }
        None
    }

    /// A filter leaves a call to the tracer.
    pub(super) fn asking(&mut self, task: &mut Task, cpu: &mut dyn Cpu, data: u16) -> bool {
        let abi = task.profile.system().linux();
        if let Some(traced) = &mut task.linux.traced
            && let Some(call) = &mut traced.call
        {
            call.data = data;
        }
        let stop = Stop::Event(abi.k.PTRACE_EVENT_SECCOMP, data.into());
        self.trap(task, cpu, stop).is_some()
    }

    /// The first of the stops that are due.
    fn next_stop(&mut self, task: &mut Task, cpu: &mut dyn Cpu) -> Option<Turn> {
        let abi = task.profile.system().linux();
        loop {
            let traced = task.linux.traced.as_mut()?;
            let stop = traced.due.pop_front()?;
            if stop == Stop::Exit && traced.how != How::Calls {
                traced.call = None;
                if traced.how == How::Steps {
                    // [Linux arch/x86/kernel/ptrace.c, user_single_step_report]
                    let info = Info::new(abi, abi.k.SIGTRAP, abi.k.TRAP_BRKPT);
                    task.linux.force(abi, &info);
                }
                continue;
            }
            if let Some(turn) = self.trap(task, cpu, stop) {
                return Some(turn);
            }
            if stop == Stop::Exit
                && let Some(traced) = &mut task.linux.traced
            {
                traced.call = None;
            }
        }
    }

    /// A signal interrupts the call that a traced task waits in: who watches its calls is told that this one ends.
    pub(super) fn interruption(&mut self, task: &mut Task, cpu: &mut dyn Cpu) -> Option<Turn> {
        let traced = task.linux.traced.as_mut()?;
        if traced.interrupted || traced.how != How::Calls {
            return None;
        }
        let wait = traced.wait;
        if let Some(call) = &mut traced.call {
            let abi = task.profile.system().linux();
            call.result = Some((-(restart(abi.k, wait) as i64), true));
        }
        traced.interrupted = true;
        self.trap(task, cpu, Stop::Exit)
    }

    /// The call that a signal interrupted is made again: who watches is told that it begins.
    pub(super) fn reentering(&mut self, task: &mut Task, cpu: &mut dyn Cpu) -> Option<Turn> {
        let traced = task.linux.traced.as_mut()?;
        if !std::mem::take(&mut traced.interrupted) || traced.how != How::Calls {
            return None;
        }
        self.trap(task, cpu, Stop::Enter)
    }

    /// A traced task has its turn: it stays stopped, or goes on as its tracer wants. `None` when it runs.
    pub(super) fn traced(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
    ) -> Result<Option<Turn>, Error> {
        let killed = self.is_killed(task);
        let Some(traced) = task.linux.traced.as_mut() else {
            return Ok(None);
        };
        if let Some(stopped) = &mut traced.stop {
            if !killed {
                let again = stopped.listens && !task.linux.process.borrow().is_stopped();
                task.state = State::Stopped;
                if again {
                    // What it listened for: the stop of its process is over.
                    let abi = task.profile.system().linux();
                    let stop = Stop::Event(abi.k.PTRACE_EVENT_STOP, 0);
                    return Ok(self.trap(task, cpu, stop).or(Some(Turn::Over)));
                }
                return Ok(Some(Turn::Over));
            }
            traced.stop = None;
        }
        if let Some(status) = traced.ends {
            return Ok(Some(Turn::Ends(status)));
        }
        let resumed = traced.resumed.take();
        let (call, wait) = (traced.call, traced.wait);
        if let Some(Stopped {
            stop: Stop::Exit, ..
        }) = resumed.as_deref()
            && !traced.interrupted
        {
            traced.call = None;
        }
        if let Some(stopped) = &resumed {
            stopped.put_back(cpu);
            if task.pending.is_some() && stopped.is_changed(cpu.arch().row().pc) {
                self.abandon_call(task, cpu, memory)?;
            }
        }
        if task
            .linux
            .traced
            .as_ref()
            .is_some_and(|traced| traced.let_go)
        {
            self.kernel.end_trace(task);
        }
        if let Some(stopped) = resumed
            && !killed
        {
            let abi = task.profile.system().linux();
            let turn = match stopped.stop {
                Stop::Enter if task.pending.is_none() => {
                    self.make(task, cpu, memory, &stopped, call)?
                }
                Stop::Event(event, _) if event == abi.k.PTRACE_EVENT_SECCOMP => {
                    if let Some(call) = task.linux.traced.as_mut().and_then(|t| t.call.as_mut()) {
                        call.allowed = true;
                    }
                    self.make(task, cpu, memory, &stopped, call)?
                }
                Stop::Signal(_) => self.decided(task, cpu, memory, stopped.signal, wait)?,
                _ => None,
            };
            if turn.is_some() {
                return Ok(turn);
            }
        }
        if killed {
            return Ok(None);
        }
        if let Some(turn) = self.next_stop(task, cpu) {
            return Ok(Some(turn));
        }
        self.begin_step(task, cpu);
        Ok(None)
    }

    fn begin_step(&self, task: &mut Task, cpu: &mut dyn Cpu) {
        if let Some(traced) = task.linux.traced.as_mut()
            && traced.how == How::Steps
            && let Some(reg) = View::of(cpu.arch()).flags
        {
            let value = cpu.reg(reg);
            if value & TRAP_FLAG == 0 {
                cpu.set_reg(reg, value | TRAP_FLAG);
                traced.steps = true;
            }
        }
    }

    /// The tracer has seen a call begin: it is made now, as far as the tracer left it.
    fn make(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        stopped: &Stopped,
        call: Option<InCall>,
    ) -> Result<Option<Turn>, Error> {
        let Some(call) = call else { return Ok(None) };
        let abi = &call.entry.abi;
        // Where the number is a part of the instruction a tracer can't change it.
        if let Number::Reg(reg) | Number::Reg32(reg) = abi.number {
            let own = i64::from(call.number as i32);
            // The number has a register of its own where the result comes back in another; on MIPS it is that.
            let number = match abi.ret {
                Return::ErrorFlag { .. } => i64::from(cpu.reg(reg) as i32),
                Return::NegErrno(_) | Return::Carry { .. } | Return::Status(_) => stopped.number,
            };
            if number < 0 && number != own {
                // It is not made. What it comes back with is what the registers say.
                if let Return::NegErrno(value) = abi.ret
                    && View::of(stopped.arch).fails_first
                {
                    cpu.set_reg(value, stopped.get(value) as u64);
                }
                return Ok(self.leaving(task, cpu));
            }
            if let Return::NegErrno(value) = abi.ret
                && (number != own || value == reg)
            {
                cpu.set_reg(reg, number as u64);
            }
        }
        let asks = (call.trap, call.pc, call.next);
        let flow = self.call(task, cpu, memory, call.entry, asks)?;
        self.after_flow(task, cpu, flow)
    }

    /// What comes after a call, when it is not the usual.
    pub(super) fn after_flow(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        flow: Flow,
    ) -> Result<Option<Turn>, Error> {
        let wait = match &flow {
            Flow::Waits(_, interrupted) => Some(*interrupted),
            _ => None,
        };
        let turn = self.follow(task, flow)?;
        if task.linux.traced.is_none() {
            return Ok(turn);
        }
        Ok(match (turn, wait) {
            (Some(turn), Some(interrupted)) => self.waiting(task, cpu, interrupted).or(Some(turn)),
            (Some(turn), None) => Some(turn),
            (None, _) => self.leaving(task, cpu),
        })
    }

    /// The tracer has decided about a signal.
    fn decided(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        signal: Option<Info>,
        wait: Interrupted,
    ) -> Result<Option<Turn>, Error> {
        let Some(info) = signal else {
            return Ok(None);
        };
        if task.pending.is_none() {
            return self.act(task, cpu, memory, &info);
        }
        Ok(self.cut_short(task, cpu, memory, &info, wait)?.flatten())
    }

    /// The tracer has sent a task elsewhere while it waited in a call.
    fn abandon_call(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
    ) -> Result<(), Error> {
        self.kernel.linux.futexes.forget(task.tid);
        if let Some(pending) = task.pending.take()
            && pending.observed
        {
            let end = End::Restarted(Errno::ERESTARTSYS);
            self.end(task, cpu, memory, &pending.event, end, false)?;
        }
        if let Some(traced) = task.linux.traced.as_mut() {
            traced.call = None;
            traced.interrupted = false;
        }
        Ok(())
    }

    /// A traced task has another program.   [Linux fs/exec.c, begin_new_exec; include/linux/ptrace.h, ptrace_event]
    pub(super) fn traced_exec(&mut self, task: &mut Task, former: i32) {
        let abi = task.profile.system().linux();
        let k = abi.k;
        let (tid, uid) = (task.tid, task.linux.credentials.uid);
        let Some(traced) = task.linux.traced.as_mut() else {
            return;
        };
        traced.due.clear();
        traced.interrupted = false;
        let traps = !traced.has(k.PTRACE_O_TRACEEXEC) && !traced.seized;
        if traced.has(k.PTRACE_O_TRACEEXEC) {
            let event = Stop::Event(k.PTRACE_EVENT_EXEC, former as u64);
            traced.due.push_back(event);
        }
        if let Some(call) = &mut traced.call {
            call.result = Some((0, false));
            traced.due.push_back(Stop::Exit);
        }
        if traps {
            let info = Info {
                sender: Some((tid, uid)),
                extra: Extra::None,
                ..Info::new(abi, k.SIGTRAP, k.SI_USER)
            };
            task.linux.pending.add(k, &info, u64::MAX);
        }
    }

    /// A task is about to end: a tracer may want to look at it before.
    pub(super) fn before_end(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        status: ExitStatus,
    ) -> Turn {
        let abi = task.profile.system().linux();
        let killed = self.is_killed(task);
        let Some(traced) = task.linux.traced.as_mut() else {
            return Turn::Ends(status);
        };
        if traced.ends.is_some() && traced.stop.is_some() && !killed {
            task.state = State::Stopped;
            return Turn::Over;
        }
        if traced.ends.is_some() || killed || !traced.has(abi.k.PTRACE_O_TRACEEXIT) {
            return Turn::Ends(status);
        }
        traced.ends = Some(status);
        let stop = Stop::Event(abi.k.PTRACE_EVENT_EXIT, status_of_end(abi, status));
        self.trap(task, cpu, stop).unwrap_or(Turn::Ends(status))
    }
}

/// A negative error number as a register has it.
fn negative(arch: Arch, error: u64) -> u64 {
    error.wrapping_neg() & arch.address_mask()
}
