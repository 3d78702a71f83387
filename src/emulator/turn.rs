//! A task's turn: it runs until it waits, ends, or has had its share.

use emu_cpu::{AddressSpace, Cpu, Exit};
use emu_profiles::{Symbol, System};

use super::{CALLS, Emulator, Flow, OUTPUT, TIMEOUT, Turn};
use crate::Error;
use crate::callbacks::Site;
use crate::event::{End, Event};
use crate::kernel::linux::process::Life;
use crate::kernel::linux::signals::{self, Delivery};
use crate::kernel::task::{Birth, State, Task};
use crate::kernel::{Fate, report};

/// Nanoseconds of guest time after which a task that makes one call after another lets others run: in the mean, as a turn
/// of always the same length could end each time at the same place of a loop, and be each time the wrong one (python's
/// threads, whose loop holds a lock for three of its eight calls).
const SHARE: u64 = 500_000;

impl Emulator {
    #[inline(never)]
    pub(super) fn run_cpu(&mut self, task: &mut Task, cpu: &mut dyn Cpu) -> Result<Turn, Error> {
        let stopped = std::mem::replace(&mut task.state, State::Ready) == State::Stopped;
        if let Some(status) = task.doom {
            return Ok(Turn::Ends(status));
        }
        if self.kernel.is_suspended(task.tid) {
            task.state = State::Stopped;
            return Ok(Turn::Over);
        }
        let space = task.space.clone();
        let mut memory = space.borrow_mut();
        if let Some(turn) = self.after_debugger(task, cpu, &mut memory)? {
            return Ok(turn);
        }
        if task.linux.traced.is_some() {
            if let Some(birth) = task.birth.take() {
                self.be_born(task, cpu, &mut memory, *birth)?;
            }
            if let Some(turn) = self.traced(task, cpu, &mut memory)? {
                return Ok(turn);
            }
        }
        if task.linux.halts
            && let Some(pending) = task.pending.take()
            && let Some(turn) = self.halt(task, cpu, &mut memory, *pending)?
        {
            return Ok(turn);
        }
        if task.linux.process.borrow().is_stopped() && !self.is_killed(task) {
            let traced = task.linux.traced.as_ref();
            let tracer = traced.and_then(|traced| self.kernel.tracer_of(None, traced.tracer));
            if stopped && tracer.is_none() {
                task.state = State::Stopped;
                return Ok(Turn::Over);
            }
            if traced.is_none_or(|traced| !traced.runs_alone) {
                return self.stops(task, cpu, &mut memory);
            }
        } else if let Some(traced) = &mut task.linux.traced {
            traced.runs_alone = false;
        }
        if let Some(birth) = task.birth.take() {
            self.be_born(task, cpu, &mut memory, *birth)?;
        }
        if let Some(pending) = task.pending.take()
            && let Some(turn) = self.resume(task, cpu, &mut memory, *pending)?
        {
            return Ok(turn);
        }
        if let Some(turn) = self.after_call(task, cpu, &mut memory)? {
            return Ok(turn);
        }
        if self.sinks.over {
            return Ok(Turn::Stopped(CALLS));
        }
        // Who looks at a page for the time, and does nothing else, has to see it pass.
        let looks = task.symbol(Symbol::LoaderStart).is_some();
        if looks {
            self.kernel.show_time(&mut memory);
        }
        let end = self.kernel.clock.cpu() + SHARE / 2 + self.lengths.below(SHARE);
        loop {
            let shares = looks || self.kernel.is_expected();
            let exit = cpu.run(&mut memory, self.limits.quantum(shares));
            match exit {
                Exit::Trap { trap, pc, next } => {
                    let Some((_, entry)) = task.profile.entry(trap) else {
                        match self.raise(task, cpu, &mut memory, exit)? {
                            Some(turn) => return Ok(turn),
                            None => continue,
                        }
                    };
                    if let Some(from) = entry.illegal_from
                        && entry.number(cpu, trap) >= from
                    {
                        cpu.set_pc(pc);
                        match self.raise(task, cpu, &mut memory, Exit::Illegal)? {
                            Some(turn) => return Ok(turn),
                            None => continue,
                        }
                    }
                    if task.linux.traced.is_some()
                        && let Some(turn) =
                            self.entering(task, cpu, &mut memory, entry, (trap, pc, next))
                    {
                        return Ok(turn);
                    }
                    // The usual flows are taken apart here: moving the others around takes longer than the rest.
                    let yields = match self.call(task, cpu, &mut memory, entry, (trap, pc, next)) {
                        Ok(Flow::Returns) => false,
                        Ok(Flow::Yields) => true,
                        Ok(flow) => match self.after_flow(task, cpu, flow)? {
                            Some(turn) => return Ok(turn),
                            None => false,
                        },
                        Err(error) => return Err(error),
                    };
                    if let Some(progress) = &self.progress {
                        progress.call(self.kernel.clock.now(), cpu.instructions());
                    }
                    if self.limits.timed_out() {
                        return Ok(Turn::Stopped(TIMEOUT));
                    }
                    if self.sinks.over {
                        return Ok(Turn::Stopped(CALLS));
                    }
                    if task.linux.traced.is_some()
                        && let Some(turn) = self.leaving(task, cpu)
                    {
                        return Ok(turn);
                    }
                    if self.is_interrupted(task)
                        && let Some(turn) = self.after_call(task, cpu, &mut memory)?
                    {
                        return Ok(turn);
                    }
                    let others = !self.kernel.tasks.run_queue().borrow().is_empty();
                    if others && (yields || self.kernel.clock.cpu() > end) {
                        return Ok(Turn::Over);
                    }
                }
                Exit::Quantum => {
                    self.kernel.clock.tick_quantum();
                    if let Some(progress) = &self.progress {
                        progress.now(self.kernel.clock.now(), cpu.instructions());
                    }
                    if self.limits.used_up(cpu) {
                        return Ok(Turn::Stopped("stopped: --max-instructions is used up"));
                    }
                    if let Some(turn) = self.after_call(task, cpu, &mut memory)? {
                        return Ok(turn);
                    }
                    return Ok(Turn::Over);
                }
                Exit::Stopped => return Ok(Turn::Stopped(TIMEOUT)),
                Exit::Fault(_) | Exit::Illegal | Exit::Exception(_) => {
                    if let Some(turn) = self.raise(task, cpu, &mut memory, exit)? {
                        return Ok(turn);
                    }
                }
            }
        }
    }

    /// Whether a signal waits that not even a stopped process survives.
    pub(super) fn is_killed(&self, task: &Task) -> bool {
        let abi = task.profile.system().linux();
        task.linux.waiting().contains(abi.k.SIGKILL as u32)
    }

    /// Whether anything is due when a task is about to run its program.
    #[inline]
    fn is_interrupted(&self, task: &Task) -> bool {
        self.kernel
            .next_due()
            .is_some_and(|due| due <= self.kernel.clock.now())
            || !self.kernel.linux.cpu_watched.is_empty()
            || task.linux.has_signals()
    }

    /// What is due when a task is about to run its program: timers, signals, the end of its process.
    #[inline(never)]
    fn after_call(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
    ) -> Result<Option<Turn>, Error> {
        if let Some(due) = self.kernel.next_due()
            && due <= self.kernel.clock.now()
        {
            self.kernel.catch_up(Some(task));
        }
        if !self.kernel.linux.cpu_watched.is_empty() {
            self.kernel.look_at_cpu_timers(task);
        }
        if task.linux.has_signals() {
            return self.signals(task, cpu, memory);
        }
        Ok(None)
    }

    pub(super) fn follow(&mut self, task: &mut Task, flow: Flow) -> Result<Option<Turn>, Error> {
        if self.kernel.vfs.space().has_spilled() {
            return Ok(Some(Turn::Stopped(OUTPUT)));
        }
        Ok(match flow {
            Flow::Returns | Flow::Yields => {
                if self.limits.timed_out() {
                    Some(Turn::Stopped(TIMEOUT))
                } else {
                    None
                }
            }
            Flow::Waits(wait, interrupted) => {
                task.state = State::Waiting { wait, interrupted };
                Some(Turn::Over)
            }
            Flow::Stops => Some(Turn::Over),
            Flow::Fate(Fate::Exit(status)) => Some(Turn::Ends(status)),
            Flow::Fate(Fate::ExitGroup(status)) => {
                let process = task.linux.process.clone();
                self.kernel.end_process(&process, status);
                Some(Turn::Ends(status))
            }
            Flow::Fate(Fate::Exec(loaded)) => Some(Turn::Execs(loaded)),
        })
    }

    /// A new task comes back from the call that made it.
    #[inline(never)]
    fn be_born(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        birth: Birth,
    ) -> Result<(), Error> {
        use emu_cpu::GuestMemory;
        self.born(task, memory)?;
        if let Some(stack) = birth.stack {
            cpu.set_sp(stack);
        }
        if let Some(tls) = birth.tls {
            cpu.set_tls(tls);
        }
        if let Some((index, descriptor)) = birth.descriptor {
            cpu.set_descriptor(index, descriptor);
            if let Some(own) = usize::from(index)
                .checked_sub(12)
                .and_then(|index| task.linux.descriptors.get_mut(index))
            {
                *own = descriptor;
            }
        }
        if birth.set_tid != 0 {
            // A pointer that can't be written is the program's own trouble.   [Linux kernel/sched/core.c, schedule_tail]
            let _ = memory.write_u32(birth.set_tid, task.tid as u32);
        }
        if birth.answers {
            birth.entry.abi.write_result(cpu, Ok(0));
        }
        let Some(mut event) = birth.told else {
            return Ok(());
        };
        event.task = task.tid;
        let abi = birth.entry.system.shown();
        let id = event.info.map(|info| info.id);
        let end = End::ChildReturn(0);
        let files = task.linux.files.borrow();
        if self.callbacks.listens(id) {
            let site = Site {
                cpu,
                memory,
                files: &files,
            };
            self.callbacks.exit(site, &event, end, &mut Ok(0));
        }
        if self.sinks.wants(id) {
            drop(files);
            let time = self.kernel.clock.now();
            let event = Event::Exit {
                call: &event,
                end,
                missing: false,
                time,
            };
            self.show(task, Some(cpu), memory, abi, &event)?;
        }
        Ok(())
    }

    /// Turns a CPU exception into a signal.
    #[inline(never)]
    fn raise(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        exit: Exit,
    ) -> Result<Option<Turn>, Error> {
        if let System::Windows(_) = task.profile.system() {
            return self.exception(task, cpu, memory, exit);
        }
        let abi = task.profile.system().linux();
        let info = signals::from_exit(abi, &exit, cpu.pc());
        task.linux.noted.note(abi, &exit);
        if let Some(pc) = info.pc {
            cpu.set_pc(pc);
        }
        task.linux.force(abi, &info);
        self.signals(task, cpu, memory)
    }

    /// Delivers what was sent to a task that is about to go on.
    #[inline(never)]
    pub(super) fn signals(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
    ) -> Result<Option<Turn>, Error> {
        let abi = task.profile.system().linux();
        for info in std::mem::take(&mut task.linux.ignored) {
            let (task_id, info, pc) = (task.tid, &info, cpu.pc());
            let event = Event::Signal {
                task: task_id,
                info,
                pc,
            };
            self.told(task, Some(cpu), memory, &event)?;
        }
        while let Some(info) = task.linux.next_signal(abi) {
            if let Some(turn) = self.deliver(task, cpu, memory, &info)? {
                return Ok(Some(turn));
            }
        }
        Ok(None)
    }

    /// Tells the sinks of something that happened to the task whose turn it is.
    pub(super) fn told(
        &mut self,
        task: &Task,
        cpu: Option<&dyn Cpu>,
        memory: &mut AddressSpace,
        event: &Event<'_>,
    ) -> Result<(), Error> {
        // Signals are the kernel's own, by Linux's numbers.
        let abi = task.profile.system().linux();
        self.show(task, cpu, memory, abi, event)
    }

    /// The task stops with its process.
    fn stops(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
    ) -> Result<Turn, Error> {
        task.state = State::Stopped;
        let life = task.linux.process.borrow().life;
        if let Life::Stopped(signal) = life {
            self.trap_group(task, cpu, signal);
            let abi = task.profile.system().linux();
            let signal = abi.signal_name(signal).unwrap_or("SIG?");
            let event = Event::Stopped {
                task: task.tid,
                signal,
            };
            self.told(task, Some(cpu), memory, &event)?;
        }
        Ok(Turn::Over)
    }

    /// A signal comes to a task: first to its tracer, if it has one.
    fn deliver(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        info: &signals::Info,
    ) -> Result<Option<Turn>, Error> {
        match self.trap_signal(task, cpu, info) {
            Some(turn) => Ok(Some(turn)),
            None => self.act(task, cpu, memory, info),
        }
    }

    /// What a signal does to a task.
    pub(super) fn act(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        info: &signals::Info,
    ) -> Result<Option<Turn>, Error> {
        let pc = cpu.pc();
        let event = Event::Signal {
            task: task.tid,
            info,
            pc,
        };
        self.told(task, Some(cpu), memory, &event)?;
        Ok(match signals::deliver(task, cpu, memory, info) {
            Delivery::Handled | Delivery::Ignored => None,
            Delivery::Stopped if self.kernel.may_stop(task, info.signal) => {
                self.kernel.stop_process(task, info.signal);
                Some(self.stops(task, cpu, memory)?)
            }
            Delivery::Stopped => None,
            Delivery::Died(status) => {
                if tracing::enabled!(tracing::Level::INFO) {
                    for line in report::death(cpu, memory, info.address) {
                        tracing::info!("{line}");
                    }
                }
                let process = task.linux.process.clone();
                self.kernel.end_process(&process, status);
                Some(Turn::Ends(status))
            }
        })
    }
}
