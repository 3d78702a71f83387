//! The run loop: the only place where the stages of a call meet.
//!
//! trap → entry → arguments → enter callbacks → service → exit callbacks → result in registers → sinks

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use emu_cpu::{AddressSpace, Arch, Cpu, Exit};
use emu_profiles::{ArgumentFault, Clobber, Entry, Resume, System};
use emu_prototypes::linux::{self, Errno};
use emu_prototypes::{Args, CallInfo, MAX_ARGS, Row, Stop};

use crate::Error;
use crate::callbacks::{CallbackId, Callbacks, Context, RawCall, Ret, Site};
use crate::event::{CallEvent, End, Event, ExitStatus, View};
use crate::kernel::linux::signals::{self, Delivery};
use crate::kernel::report;
use crate::kernel::task::{Pending, State, Task, Tid, Wait};
use crate::kernel::{Cx, Fate, Kernel};
use crate::load::Loaded;
use crate::sink::Sink;

mod builder;
mod limits;

pub use builder::{Builder, GuestSource, TimeSource};

/// A guest, its kernel and whoever watches them.
pub struct Emulator {
    kernel: Kernel,
    cpus: BTreeMap<usize, Engine>,
    tasks: BTreeMap<Tid, Task>,
    callbacks: Callbacks,
    sinks: Sinks,
    limits: limits::Limits,
    /// The first program, until the run begins.
    first: Option<(Task, Loaded)>,
}

/// The CPU of one architecture and the task whose registers it holds.
struct Engine {
    cpu: Box<dyn Cpu>,
    loaded: Option<Tid>,
}

struct Sinks {
    all: Vec<Box<dyn Sink>>,
    /// Whether any sink wants a call, by id; the last one stands for numbers without a call.
    wanted: Vec<bool>,
}

/// What is said when the time of a run is over.
const TIMEOUT: &str = "stopped: --timeout is over";

/// Why a task's turn is over.
enum Turn {
    Waits,
    Preempted,
    Ends(ExitStatus),
    Execs(Box<Loaded>),
    Stopped(&'static str),
}

/// How a call goes on.
enum Flow {
    Returns,
    Waits(Wait),
    Fate(Fate),
}

/// A call as it was asked, before anybody decided anything.
struct Asked {
    entry: &'static Entry,
    abi: &'static linux::Abi,
    number: u32,
    through: Option<u32>,
    row: Option<&'static Row>,
    args: Args,
    fault: Option<ArgumentFault>,
    pc: u64,
    return_address: u64,
}

impl Sinks {
    fn wants(&self, call: Option<u16>) -> bool {
        match call {
            Some(id) => self.wanted[usize::from(id)],
            None => self.wanted[linux::CALL_COUNT],
        }
    }

    fn ask(&mut self) {
        let wants = |call: Option<&'static CallInfo>| self.all.iter().any(|sink| sink.wants(call));
        self.wanted = linux::CALLS.iter().map(|info| wants(Some(info))).collect();
        self.wanted.push(wants(None));
    }

    fn event(&mut self, event: &Event<'_>, view: &mut View<'_>) -> Result<(), Error> {
        let call = match event {
            Event::Enter(call) | Event::Exit { call, .. } => Some(call.info),
            _ => None,
        };
        for sink in &mut self.all {
            if call.is_none_or(|info| sink.wants(info)) {
                sink.event(event, view)
                    .map_err(|e| Error::io("writing the trace", e))?;
            }
        }
        Ok(())
    }
}

impl Emulator {
    /// Calls `callback` when a call of type `C` begins, on every profile that has it. It may change arguments, or
    /// answer instead of the kernel.
    pub fn on_enter<C, F>(&mut self, callback: F) -> CallbackId
    where
        C: emu_prototypes::Call<Ret = Ret>,
        F: FnMut(&mut Context<'_>, &mut C) + 'static,
    {
        self.callbacks.on_enter(callback)
    }

    /// Calls `callback` when a call of type `C` ends. It may change the result; [`Context::end`] tells how it ended.
    pub fn on_exit<C, F>(&mut self, callback: F) -> CallbackId
    where
        C: emu_prototypes::Call<Ret = Ret>,
        F: FnMut(&mut Context<'_>, &C, &mut Ret) + 'static,
    {
        self.callbacks.on_exit(callback)
    }

    /// Calls `callback` when any known call begins.
    pub fn on_any_enter(
        &mut self,
        callback: impl FnMut(&mut Context<'_>, &mut RawCall<'_>) + 'static,
    ) -> CallbackId {
        self.callbacks.on_any_enter(callback)
    }

    /// Calls `callback` when any known call ends.
    pub fn on_any_exit(
        &mut self,
        callback: impl FnMut(&mut Context<'_>, &mut RawCall<'_>, &mut Ret) + 'static,
    ) -> CallbackId {
        self.callbacks.on_any_exit(callback)
    }

    /// Calls `callback` when a guest asks by a number that no call has; arguments are the convention's slots.
    pub fn on_unknown_enter(
        &mut self,
        callback: impl FnMut(&mut Context<'_>, u32, &mut Args) + 'static,
    ) -> CallbackId {
        self.callbacks.on_unknown_enter(callback)
    }

    /// Calls `callback` when such a call ends.
    pub fn on_unknown_exit(
        &mut self,
        callback: impl FnMut(&mut Context<'_>, u32, &mut Ret) + 'static,
    ) -> CallbackId {
        self.callbacks.on_unknown_exit(callback)
    }

    /// Removes a callback. False when it does not exist.
    pub fn remove(&mut self, id: CallbackId) -> bool {
        self.callbacks.remove(id)
    }

    /// Disables a callback until [`Emulator::enable`]. False when it does not exist.
    pub fn disable(&mut self, id: CallbackId) -> bool {
        self.callbacks.enable(id, false)
    }

    /// Enables a callback again. False when it does not exist.
    pub fn enable(&mut self, id: CallbackId) -> bool {
        self.callbacks.enable(id, true)
    }

    /// The kernel inside, for looking at the file tree or the clock between runs.
    pub fn kernel(&mut self) -> &mut Kernel {
        &mut self.kernel
    }

    /// Bytes of guest memory in use at most so far.
    pub fn peak_memory(&self) -> u64 {
        self.kernel.memory.peak()
    }

    /// Runs the guest to its end and gives the status of the first program.
    pub fn run(&mut self) -> Result<ExitStatus, Error> {
        let outcome = self.run_tasks();
        let mut finished = Ok(());
        for sink in &mut self.sinks.all {
            finished = finished.and(sink.finish());
        }
        let status = outcome?;
        finished.map_err(|e| Error::io("writing the trace", e))?;
        Ok(status)
    }

    fn run_tasks(&mut self) -> Result<ExitStatus, Error> {
        let Some((mut task, loaded)) = self.first.take() else {
            return Err(Error::Usage("a guest runs once".into()));
        };
        let first = task.tid;
        self.sinks.ask();
        self.install(&mut task, loaded)?;
        self.tasks.insert(first, task);
        let _watch = self
            .limits
            .watch(self.cpus.values().map(|engine| engine.cpu.stop_handle()));
        let mut status = ExitStatus::Stopped;
        while let Some(tid) = self.schedule()? {
            let mut task = self
                .tasks
                .remove(&tid)
                .expect("the scheduler names a task it has");
            // A wait for the host's clock ends early then, and would begin again.
            if self.limits.timed_out() {
                self.stop(task, TIMEOUT)?;
                return Ok(ExitStatus::Stopped);
            }
            match self.turn(&mut task)? {
                Turn::Waits | Turn::Preempted => {
                    self.tasks.insert(tid, task);
                }
                Turn::Execs(loaded) => {
                    self.install(&mut task, *loaded)?;
                    self.tasks.insert(tid, task);
                }
                Turn::Ends(ended) => {
                    if tid == first {
                        status = ended;
                    }
                    self.tell(
                        &mut task,
                        &Event::TaskEnd {
                            task: tid,
                            status: ended,
                        },
                    )?;
                }
                Turn::Stopped(why) => {
                    self.stop(task, why)?;
                    return Ok(ExitStatus::Stopped);
                }
            }
        }
        Ok(status)
    }

    /// The task that runs next. When all wait, guest time jumps to the first timer; when there is none, the guest is
    /// dead-locked and the run ends.
    fn schedule(&mut self) -> Result<Option<Tid>, Error> {
        if let Some(tid) = self
            .tasks
            .values()
            .find(|t| t.state == State::Ready)
            .map(|t| t.tid)
        {
            return Ok(Some(tid));
        }
        let timer = |task: &Task| match task.state {
            State::Waiting(Wait::Until(time)) => Some((time, task.tid)),
            _ => None,
        };
        if let Some((time, tid)) = self.tasks.values().filter_map(timer).min() {
            self.kernel.clock.wait_until(time);
            self.tasks.get_mut(&tid).expect("it was just found").state = State::Ready;
            return Ok(Some(tid));
        }
        for task in std::mem::take(&mut self.tasks).into_values() {
            let call = task
                .pending
                .as_ref()
                .and_then(|p| p.event.info)
                .map_or("?", |i| i.name);
            let text = format!(
                "task {} waits for ever in {call}: nobody is left to wake it",
                task.tid
            );
            self.abandon(task, Some(&text))?;
        }
        Ok(None)
    }

    /// Ends all tasks; `task` is the one whose turn it is.
    fn stop(&mut self, task: Task, why: &str) -> Result<(), Error> {
        self.abandon(task, Some(why))?;
        for task in std::mem::take(&mut self.tasks).into_values() {
            self.abandon(task, None)?;
        }
        Ok(())
    }

    /// Ends a task that will not be asked again: first the call that is pending, then, with the reason, itself.
    fn abandon(&mut self, mut task: Task, why: Option<&str>) -> Result<(), Error> {
        if let Some(pending) = task.pending.take().filter(|pending| pending.observed) {
            let arch = task.profile.arch;
            let mut engine = self.engine(arch)?;
            self.switch(&mut engine, &task);
            let space = task.space.clone();
            let cpu = engine.cpu.as_mut();
            let mut memory = space.borrow_mut();
            self.end(
                &mut task,
                cpu,
                &mut memory,
                &pending.event,
                End::Killed,
                false,
            )?;
            drop(memory);
            engine.loaded = None;
            self.cpus.insert(arch as usize, engine);
        }
        if let Some(text) = why {
            self.tell(&mut task, &Event::Note { text })?;
        }
        let (tid, status) = (task.tid, ExitStatus::Stopped);
        self.tell(&mut task, &Event::TaskEnd { task: tid, status })
    }

    fn tell(&mut self, task: &mut Task, event: &Event<'_>) -> Result<(), Error> {
        let System::Linux(abi) = task.profile.entries[0].system;
        let mut memory = task.space.borrow_mut();
        let files = task.linux.files.borrow();
        self.sinks.event(
            event,
            &mut View {
                memory: &mut memory,
                abi,
                files: &files,
            },
        )
    }

    /// The engine for an architecture, opened at first use.
    fn engine(&mut self, arch: Arch) -> Result<Engine, Error> {
        if let Some(engine) = self.cpus.remove(&(arch as usize)) {
            return Ok(engine);
        }
        let mut cpu =
            emu_cpu::open(arch, &self.kernel.memory).map_err(|e| Error::Cpu(e.to_string()))?;
        self.limits.prepare(cpu.as_mut());
        Ok(Engine { cpu, loaded: None })
    }

    /// Puts a freshly loaded image under a task.
    fn install(&mut self, task: &mut Task, loaded: Loaded) -> Result<(), Error> {
        let mut engine = self.engine(loaded.profile.arch)?;
        engine.cpu.reset();
        engine.cpu.set_pc(loaded.entry);
        engine.cpu.set_sp(loaded.sp);
        engine.loaded = Some(task.tid);
        self.cpus.insert(loaded.profile.arch as usize, engine);
        task.profile = loaded.profile;
        task.registers = None;
        task.pending = None;
        task.state = State::Ready;
        task.symbols = loaded.symbols.as_slice().into();
        task.linux.exec(&loaded);
        let path = loaded.path;
        task.space = Rc::new(RefCell::new(loaded.space));
        let profile = task.profile;
        self.tell(
            task,
            &Event::Start {
                task: task.tid,
                profile,
                path: &path,
            },
        )
    }

    /// Gives a CPU the registers of a task, and keeps those of the task before.
    fn switch(&mut self, engine: &mut Engine, task: &Task) {
        if engine.loaded == Some(task.tid) {
            return;
        }
        if let Some(before) = engine.loaded.and_then(|tid| self.tasks.get_mut(&tid)) {
            let context = before.registers.get_or_insert_with(|| engine.cpu.context());
            engine.cpu.save(context.as_mut());
        }
        if let Some(context) = &task.registers {
            engine.cpu.restore(context.as_ref());
        }
        engine.loaded = Some(task.tid);
    }

    /// Runs a task until it waits, ends, or has had its share.
    fn turn(&mut self, task: &mut Task) -> Result<Turn, Error> {
        let arch = task.profile.arch;
        let mut engine = self.engine(arch)?;
        self.switch(&mut engine, task);
        let turn = self.run_cpu(task, engine.cpu.as_mut());
        if matches!(
            turn,
            Ok(Turn::Ends(_) | Turn::Execs(_) | Turn::Stopped(_)) | Err(_)
        ) {
            engine.loaded = None;
        }
        self.cpus.insert(arch as usize, engine);
        turn
    }

    fn run_cpu(&mut self, task: &mut Task, cpu: &mut dyn Cpu) -> Result<Turn, Error> {
        let space = task.space.clone();
        let mut memory = space.borrow_mut();
        if let Some(pending) = task.pending.take() {
            task.state = State::Ready;
            let flow = self.serve(task, cpu, &mut memory, *pending, true)?;
            if let Some(turn) = self.follow(task, flow)? {
                return Ok(turn);
            }
            if task.linux.has_signals()
                && let Some(turn) = self.signals(task, cpu, &mut memory)?
            {
                return Ok(turn);
            }
        }
        loop {
            let exit = cpu.run(&mut memory, self.limits.quantum(self.tasks.len()));
            match exit {
                Exit::Trap { trap, pc, next } => {
                    let Some((_, entry)) = task.profile.entry(trap) else {
                        match self.raise(task, cpu, &mut memory, exit)? {
                            Some(turn) => return Ok(turn),
                            None => continue,
                        }
                    };
                    if let Some(from) = entry.illegal_from
                        && entry.abi.read_number(cpu) >= from
                    {
                        cpu.set_pc(pc);
                        match self.raise(task, cpu, &mut memory, Exit::Illegal)? {
                            Some(turn) => return Ok(turn),
                            None => continue,
                        }
                    }
                    let flow = self.call(task, cpu, &mut memory, entry, pc, next)?;
                    if let Some(turn) = self.follow(task, flow)? {
                        return Ok(turn);
                    }
                    if task.linux.has_signals()
                        && let Some(turn) = self.signals(task, cpu, &mut memory)?
                    {
                        return Ok(turn);
                    }
                }
                Exit::Quantum => {
                    self.kernel.clock.tick_quantum();
                    if self.limits.used_up(cpu) {
                        return Ok(Turn::Stopped("stopped: --max-instructions is used up"));
                    }
                    return Ok(Turn::Preempted);
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

    fn follow(&mut self, task: &mut Task, flow: Flow) -> Result<Option<Turn>, Error> {
        Ok(match flow {
            Flow::Returns => {
                if self.limits.timed_out() {
                    Some(Turn::Stopped(TIMEOUT))
                } else {
                    None
                }
            }
            Flow::Waits(wait) => {
                task.state = State::Waiting(wait);
                Some(Turn::Waits)
            }
            Flow::Fate(Fate::Exit(status) | Fate::ExitGroup(status)) => Some(Turn::Ends(status)),
            Flow::Fate(Fate::Exec(loaded)) => Some(Turn::Execs(loaded)),
        })
    }

    /// Turns a CPU exception into a signal.
    fn raise(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        exit: Exit,
    ) -> Result<Option<Turn>, Error> {
        let System::Linux(abi) = task.profile.entries[0].system;
        let info = signals::from_exit(abi, &exit, cpu.pc());
        self.deliver(task, cpu, memory, &info, true)
    }

    /// Delivers what was sent to a task that is about to go on.
    fn signals(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
    ) -> Result<Option<Turn>, Error> {
        let System::Linux(abi) = task.profile.entries[0].system;
        while let Some(info) = task.linux.next_signal(abi) {
            if let Some(turn) = self.deliver(task, cpu, memory, &info, false)? {
                return Ok(Some(turn));
            }
        }
        Ok(None)
    }

    fn deliver(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        info: &signals::Info,
        forced: bool,
    ) -> Result<Option<Turn>, Error> {
        let System::Linux(abi) = task.profile.entries[0].system;
        let event = Event::Signal {
            task: task.tid,
            signal: info.signal,
            name: info.name,
            code: info.code,
            address: info.address,
            pc: info.pc.unwrap_or(cpu.pc()),
        };
        {
            let files = task.linux.files.borrow();
            self.sinks.event(
                &event,
                &mut View {
                    memory,
                    abi,
                    files: &files,
                },
            )?;
        }
        Ok(match signals::deliver(task, cpu, memory, info, forced) {
            Delivery::Handled | Delivery::Ignored => None,
            Delivery::Died(status) => {
                if tracing::enabled!(tracing::Level::INFO) {
                    for line in report::death(cpu, memory, info.address) {
                        tracing::info!("{line}");
                    }
                }
                Some(Turn::Ends(status))
            }
        })
    }

    /// A call from its trap to its end, or until it waits.
    #[inline]
    fn call(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        entry: &'static Entry,
        pc: u64,
        next: u64,
    ) -> Result<Flow, Error> {
        self.kernel.clock.tick_call();
        let asked = ask(task, cpu, memory, entry, pc, next);
        let id = asked.row.map(|row| row.call);
        if self.callbacks.listens(id) || self.sinks.wants(id) {
            let event = self.event(task, cpu, &asked);
            return self.observed_call(task, cpu, memory, event);
        }
        let fails = asked.fault.is_some_and(|fault| fault.fails);
        let (Some(row), false) = (asked.row, fails) else {
            let errno = if fails { Errno::EFAULT } else { Errno::ENOSYS };
            entry.abi.write_result(cpu, Err(errno.number(asked.abi)));
            return Ok(Flow::Returns);
        };
        let mut cx = cx(
            task,
            cpu,
            memory,
            entry,
            asked.abi,
            row,
            asked.return_address,
            false,
        );
        let outcome = linux::dispatch(&mut self.kernel, &mut cx, row.call, &asked.args);
        let (wait, second, fate) = (cx.wait, cx.second, cx.fate);
        let result = match outcome {
            Ok(value) => Ok(value),
            Err(Stop::Fail(errno)) => Err(errno.number(asked.abi)),
            Err(Stop::Missing) => Err(Errno::ENOSYS.number(asked.abi)),
            Err(Stop::Resumed) => return Ok(Flow::Returns),
            Err(Stop::Never) => {
                return Ok(Flow::Fate(
                    fate.expect("a service that never returns names the fate"),
                ));
            }
            Err(Stop::Block) => {
                let event = self.event(task, cpu, &asked);
                task.pending = Some(Box::new(Pending {
                    event,
                    observed: false,
                }));
                return Ok(Flow::Waits(
                    wait.expect("a service that blocks names the wait"),
                ));
            }
        };
        finish(cpu, entry, result, second);
        Ok(Flow::Returns)
    }

    fn event(&self, task: &Task, cpu: &dyn Cpu, asked: &Asked) -> CallEvent {
        CallEvent {
            task: task.tid,
            profile: task.profile,
            entry: asked.entry,
            number: asked.number,
            through: asked.through,
            row: asked.row,
            info: asked.row.map(|row| &linux::CALLS[usize::from(row.call)]),
            args: asked.args,
            fault: asked.fault,
            pc: asked.pc,
            return_address: asked.return_address,
            sp: cpu.sp(),
            instructions: cpu.instructions(),
            time: self.kernel.clock.now(),
            attempts: 1,
            second: None,
        }
    }

    /// A call that somebody watches: its enter.
    fn observed_call(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        mut event: CallEvent,
    ) -> Result<Flow, Error> {
        let System::Linux(abi) = event.entry.system;
        let id = event.row.map(|row| row.call);
        let mut answer = None;
        if self.callbacks.listens(id) {
            let files = task.linux.files.borrow();
            let site = Site {
                cpu,
                memory,
                files: &files,
            };
            let (args, answered) = self.callbacks.enter(site, &event);
            event.args = args;
            answer = answered;
        }
        if self.sinks.wants(id) {
            let files = task.linux.files.borrow();
            let mut view = View {
                memory,
                abi,
                files: &files,
            };
            self.sinks.event(&Event::Enter(&event), &mut view)?;
        }
        if let Some(ret) = answer {
            let end = End::Returned(ret);
            return self.end(task, cpu, memory, &event, end, false);
        }
        self.serve(
            task,
            cpu,
            memory,
            Pending {
                event,
                observed: true,
            },
            false,
        )
    }

    /// Asks the kernel, and tells the end if there is one.
    fn serve(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        pending: Pending,
        again: bool,
    ) -> Result<Flow, Error> {
        let Pending {
            mut event,
            observed,
        } = pending;
        let System::Linux(abi) = event.entry.system;
        let fails = event.fault.is_some_and(|fault| fault.fails);
        let (outcome, wait, second, fate) = match event.row {
            _ if fails => (Err(Stop::Fail(Errno::EFAULT)), None, None, None),
            Some(row) => {
                let mut cx = cx(
                    task,
                    cpu,
                    memory,
                    event.entry,
                    abi,
                    row,
                    event.return_address,
                    again,
                );
                let outcome = linux::dispatch(&mut self.kernel, &mut cx, row.call, &event.args);
                (outcome, cx.wait, cx.second, cx.fate)
            }
            None => (Err(Stop::Missing), None, None, None),
        };
        let missing = outcome == Err(Stop::Missing);
        let end = match outcome {
            Ok(value) => End::Returned(Ok(value)),
            // The run is over: the guest will not see this.
            Err(Stop::Fail(Errno::EINTR)) if self.limits.timed_out() => End::Killed,
            Err(Stop::Fail(errno)) => End::Returned(Err(errno)),
            Err(Stop::Missing) => End::Returned(Err(Errno::ENOSYS)),
            Err(Stop::Resumed) => End::NeverReturns,
            Err(Stop::Never) => match &fate {
                Some(Fate::Exit(ExitStatus::Signaled { .. }))
                | Some(Fate::ExitGroup(ExitStatus::Signaled { .. })) => End::Killed,
                _ => End::NeverReturns,
            },
            Err(Stop::Block) => {
                task.pending = Some(Box::new(Pending { event, observed }));
                return Ok(Flow::Waits(
                    wait.expect("a service that blocks names the wait"),
                ));
            }
        };
        let flow = if observed {
            event.second = second;
            self.end(task, cpu, memory, &event, end, missing)?
        } else {
            if let End::Returned(ret) = end {
                finish(
                    cpu,
                    event.entry,
                    ret.map_err(|errno| errno.number(abi)),
                    second,
                );
            }
            Flow::Returns
        };
        Ok(match fate {
            Some(fate) => Flow::Fate(fate),
            None => flow,
        })
    }

    /// A watched call's end: exit callbacks, registers, sinks.
    fn end(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        event: &CallEvent,
        mut end: End,
        missing: bool,
    ) -> Result<Flow, Error> {
        let System::Linux(abi) = event.entry.system;
        let id = event.row.map(|row| row.call);
        if self.callbacks.listens(id) {
            let files = task.linux.files.borrow();
            let site = Site {
                cpu,
                memory,
                files: &files,
            };
            let mut ret = match end {
                End::Returned(ret) => ret,
                _ => Ok(0),
            };
            self.callbacks.exit(site, event, end, &mut ret);
            if let End::Returned(_) = end {
                end = End::Returned(ret);
            }
        }
        if let End::Returned(ret) = end {
            finish(
                cpu,
                event.entry,
                ret.map_err(|errno| errno.number(abi)),
                event.second,
            );
        }
        if self.sinks.wants(id) {
            let files = task.linux.files.borrow();
            let mut view = View {
                memory,
                abi,
                files: &files,
            };
            let time = self.kernel.clock.now();
            self.sinks.event(
                &Event::Exit {
                    call: event,
                    end,
                    missing,
                    time,
                },
                &mut view,
            )?;
        }
        Ok(Flow::Returns)
    }
}

/// Reads what the guest asks, and puts the program counter where it goes on.
#[inline]
fn ask(
    task: &Task,
    cpu: &mut dyn Cpu,
    memory: &mut AddressSpace,
    entry: &'static Entry,
    pc: u64,
    next: u64,
) -> Asked {
    let System::Linux(abi) = entry.system;
    let mut number = entry.abi.read_number(cpu);
    let mut through = None;
    let mut first = 0;
    if entry.indirect == Some(number) {
        through = Some(number);
        number = entry.abi.read_slot(cpu, memory, 0).unwrap_or(0) as u32;
        first = 1;
    }
    let row = abi.table.row(number);
    let (args, fault) = match row {
        Some(row) => entry.abi.read_args(cpu, memory, row.params, first),
        None => (raw_args(cpu, memory, entry, first), None),
    };
    let return_address = match entry.resume {
        Resume::Next => next,
        Resume::Again => pc,
        Resume::Landing { symbol, stack } => {
            if let Some(reg) = stack {
                let sp = cpu.reg(reg);
                cpu.set_sp(sp);
            }
            task.symbol(symbol).unwrap_or(next)
        }
    };
    if return_address != next {
        cpu.set_pc(return_address);
    }
    for clobber in entry.clobbers {
        match *clobber {
            Clobber::Next(reg) => cpu.set_reg(reg, return_address),
            Clobber::Copy { to, from } => {
                let value = cpu.reg(from);
                cpu.set_reg(to, value);
            }
        }
    }
    Asked {
        entry,
        abi,
        number,
        through,
        row,
        args,
        fault,
        pc,
        return_address,
    }
}

/// The slots of a convention, for a number of which nothing is known.
fn raw_args(cpu: &mut dyn Cpu, memory: &mut AddressSpace, entry: &Entry, first: usize) -> Args {
    let mut args = [0; MAX_ARGS];
    for (index, arg) in args.iter_mut().enumerate().take(6) {
        *arg = entry.abi.read_slot(cpu, memory, index + first).unwrap_or(0);
    }
    args
}

fn finish(cpu: &mut dyn Cpu, entry: &'static Entry, result: Result<u64, u16>, second: Option<u64>) {
    entry.abi.write_result(cpu, result);
    if let (Some(value), Some(reg)) = (second, entry.abi.second_result()) {
        cpu.set_reg(reg, value);
    }
}

#[expect(clippy::too_many_arguments, reason = "one place that fills the struct")]
fn cx<'a>(
    task: &'a mut Task,
    cpu: &'a mut dyn Cpu,
    mem: &'a mut AddressSpace,
    entry: &'static Entry,
    abi: &'static linux::Abi,
    row: &'static Row,
    return_address: u64,
    again: bool,
) -> Cx<'a> {
    let profile = task.profile;
    Cx {
        task,
        cpu,
        mem,
        profile,
        entry,
        row,
        abi,
        k: abi.k,
        layouts: abi.layouts,
        return_address,
        again,
        wait: None,
        second: None,
        fate: None,
    }
}
