//! The run loop: whose turn is it, and how does it end? A turn is `turn`, a call in it `call`: the only places where the
//! stages of a call meet.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use emu_prototypes::{Args, CallInfo, Os};

use crate::Error;
use crate::callbacks::{Answer, CallbackId, Callbacks, Context, RawCall, Ret};
use crate::event::{End, Event, ExitStatus};
use crate::family::FamilyCall;
use crate::inject::{Injections, Rules};
use crate::kernel::host::Tree;
use crate::kernel::random::Random;
use crate::kernel::report::Modules;
use crate::kernel::task::{Task, Tid};
use crate::kernel::vfs::Difference;
use crate::kernel::wait::{Interrupted, Wait};
use crate::kernel::{Fate, Kernel};
use crate::load::Loaded;
use crate::sink::Sink;
use crate::view::View;
use engines::Engines;

mod builder;
mod call;
mod engines;
mod exception;
mod limits;
mod opened;
mod progress;
mod resume;
mod shown;
mod tampered;
mod tracer;
mod turn;
mod usual;

pub use builder::{Builder, GuestSource, Network, TimeSource};
pub use progress::Progress;

/// A guest, its kernel and whoever watches them.
pub struct Emulator {
    kernel: Kernel,
    engines: Engines,
    callbacks: Callbacks,
    /// Which calls are tampered with, until the run begins.
    rules: Rules,
    injections: Injections,
    sinks: Sinks,
    limits: limits::Limits,
    /// Where another order of tasks than the usual one comes from.
    order: Option<Random>,
    /// How long turns are.
    lengths: Random,
    /// The first program, until the run begins.
    first: Option<(Box<Task>, Loaded)>,
    /// Where what the guest changed is kept when the run is over.
    save: Option<(PathBuf, Rc<dyn Tree>)>,
    /// The calls of a user's own operating system.
    own: &'static [CallInfo],
    /// The files that are mapped, as far as sinks asked.
    modules: Modules,
    /// What the guest's clock said at the start, in nanoseconds since 1970.
    epoch: u64,
    /// The last count of instructions.
    counted: Option<u64>,
    /// Who is told how far the run is.
    progress: Option<Arc<Progress>>,
}

struct Sinks {
    all: Vec<Box<dyn Sink>>,
    /// Whether any sink wants a call, by id.
    wanted: Vec<bool>,
    /// Whether any sink wants numbers without a call.
    unknown: bool,
    /// Whether a sink has seen all that it wants.
    over: bool,
}

/// How long one look at the host's network takes at most.
const NEWS: Duration = Duration::from_millis(10);

/// What is said when the time of a run is over.
const TIMEOUT: &str = "stopped: --timeout is over";
/// What is said when a guest has put out all that it may.
const OUTPUT: &str = "stopped: --max-output is used up";

/// What is said when as many calls have been shown as were asked for.
const CALLS: &str = "stopped: --syscall-limit is used up";

/// Why a task's turn is over.
enum Turn {
    /// It waits, is stopped, or has had its share: its state says.
    Over,
    Ends(ExitStatus),
    Execs(Box<Loaded>),
    Stopped(&'static str),
}

/// How a call goes on.
enum Flow {
    Returns,
    /// It has returned, and others run before the task goes on.
    Yields,
    Waits(Wait, Interrupted),
    /// Its task has stopped for its tracer.
    Stops,
    Fate(Fate),
}

impl Sinks {
    fn wants(&self, call: Option<u16>) -> bool {
        match call {
            Some(id) => self.wanted[usize::from(id)],
            None => self.unknown,
        }
    }

    fn ask(&mut self, own: &'static [CallInfo]) {
        let wants = |call: Option<&'static CallInfo>| self.all.iter().any(|sink| sink.wants(call));
        let calls = Os::all_calls().chain(own);
        self.wanted = calls.map(|info| wants(Some(info))).collect();
        self.unknown = wants(None);
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
                self.over |= sink.is_over();
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
        C: emu_prototypes::Call,
        F: FnMut(&mut Context<'_>, &mut C) + 'static,
    {
        self.callbacks.on_enter(callback)
    }

    /// Calls `callback` when a call of type `C` ends. It may change the result; [`Context::end`] tells how it ended.
    pub fn on_exit<C, F>(&mut self, callback: F) -> CallbackId
    where
        C: emu_prototypes::Call,
        C::Ret: Answer,
        F: FnMut(&mut Context<'_>, &C, &mut C::Ret) + 'static,
    {
        self.callbacks.on_exit(callback)
    }

    /// Calls `callback` when a call of that name begins, on every operating system and profile that has one: `write` of
    /// Linux, of FreeBSD and of a user's own. `None` when nobody has one.
    pub fn on_call_enter(
        &mut self,
        name: &str,
        callback: impl FnMut(&mut Context<'_>, &mut RawCall<'_>) + 'static,
    ) -> Option<CallbackId> {
        self.callbacks.on_call_enter(name, self.own, callback)
    }

    /// Calls `callback` when a call of that name ends.
    pub fn on_call_exit(
        &mut self,
        name: &str,
        callback: impl FnMut(&mut Context<'_>, &mut RawCall<'_>, &mut Ret) + 'static,
    ) -> Option<CallbackId> {
        self.callbacks.on_call_exit(name, self.own, callback)
    }

    /// Calls `callback` when a call of a family begins: `open` stands for `openat`, `creat` and FreeBSD's `open` as well,
    /// `mmap` for `mmap2`. The family may be named by any of its calls; its arguments have the names of the Linux call that
    /// says the most ([`FamilyCall::family`]). `None` when Linux has no call of that name.
    pub fn on_family_enter(
        &mut self,
        name: &str,
        callback: impl FnMut(&mut Context<'_>, &mut FamilyCall<'_>) + 'static,
    ) -> Option<CallbackId> {
        self.callbacks.on_family_enter(name, callback)
    }

    /// Calls `callback` when a call of a family ends.
    pub fn on_family_exit(
        &mut self,
        name: &str,
        callback: impl FnMut(&mut Context<'_>, &FamilyCall<'_>, &mut Ret) + 'static,
    ) -> Option<CallbackId> {
        self.callbacks.on_family_exit(name, callback)
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

    /// Calls `callback` when a call, known or not, has returned: its result is in the registers, and the task goes on at
    /// [`Context::return_address`].
    pub fn on_any_return(
        &mut self,
        callback: impl FnMut(&mut Context<'_>, Ret) + 'static,
    ) -> CallbackId {
        self.callbacks.on_return(callback)
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
        self.save()?;
        finished.map_err(|e| Error::io("writing the trace", e))?;
        Ok(status)
    }

    /// Paths of the guest's tree that are not what they were at the start, sorted. What is on the host, under binds that
    /// can be written, is not told.
    pub fn differences(&self) -> Result<Vec<Difference>, Error> {
        let failed = |error| Error::Usage(format!("the guest's tree can't be compared: {error:?}"));
        self.kernel.vfs.changes().map_err(failed)
    }

    /// Keeps what was changed, where that was asked for.
    fn save(&mut self) -> Result<(), Error> {
        let Some((path, tree)) = self.save.take() else {
            return Ok(());
        };
        let all = self.differences()?;
        let left_out = self.kernel.vfs.save(&all, tree.as_ref());
        let failed = |error| Error::Usage(format!("--save-fs {}: {error:?}", path.display()));
        for path in left_out.map_err(failed)? {
            tracing::warn!("--save-fs leaves out {}", path.escape_ascii());
        }
        Ok(())
    }

    fn run_tasks(&mut self) -> Result<ExitStatus, Error> {
        let Some((mut task, loaded)) = self.first.take() else {
            return Err(Error::Usage("a guest runs once".into()));
        };
        let first = task.tid;
        self.sinks.ask(self.own);
        self.injections = Injections::new(&std::mem::take(&mut self.rules), self.own);
        self.epoch = self.kernel.clock.wall() - self.kernel.clock.now();
        let space = task.space.clone();
        self.born(&task, &mut space.borrow_mut())?;
        self.install(&mut task, loaded)?;
        self.kernel.tasks.add(task);
        let _watch = self.limits.watch();
        let mut status = ExitStatus::Stopped;
        while let Some(tid) = self.schedule()? {
            let Some(mut task) = self.kernel.tasks.take(tid) else {
                continue;
            };
            // A wait for the host's clock ends early then, and would begin again.
            if self.limits.timed_out() {
                self.stop(task, TIMEOUT)?;
                return Ok(ExitStatus::Stopped);
            }
            if let Some(progress) = &self.progress {
                progress.live(self.kernel.tasks.len() as u64 + 1);
            }
            self.kernel.begin_turn();
            let turn = self.turn(&mut task)?;
            self.kernel.account(&mut task);
            for text in self.kernel.net.take_notes() {
                self.tell(&task, &Event::Note { text: &text })?;
            }
            match turn {
                Turn::Over => self.kernel.tasks.put(task),
                Turn::Execs(loaded) => {
                    self.replace(&mut task, *loaded)?;
                    self.kernel.tasks.add(task);
                }
                Turn::Ends(ended) => {
                    if let Some(ended) = self.finish(task, ended, first)? {
                        status = ended;
                    }
                }
                Turn::Stopped(why) => {
                    self.stop(task, why)?;
                    return Ok(ExitStatus::Stopped);
                }
            }
        }
        Ok(status)
    }

    /// The task that runs next: the one that has waited longest. When all wait, guest time jumps to what happens next by
    /// itself; when nothing does, the guest is dead-locked and the run ends.
    fn schedule(&mut self) -> Result<Option<Tid>, Error> {
        loop {
            if self.limits.timed_out() {
                // Whoever is taken next is stopped.
                return Ok(self.kernel.tasks.iter().next().map(|task| task.tid));
            }
            self.kernel.catch_up(None);
            if let Some(stream) = self.kernel.tasks.input()
                && self.kernel.host.readable(stream, Some(Duration::ZERO))
            {
                self.kernel.tasks.wake_readers(stream);
            }
            if self.kernel.tasks.waits_for_network() && self.kernel.host.news(Duration::ZERO) {
                self.kernel.tasks.wake_network();
            }
            if let Some(tid) = self.next_ready() {
                return Ok(Some(tid));
            }
            let due = self.kernel.next_due();
            let now = self.kernel.clock.now();
            if self.kernel.tasks.waits_for_network() {
                // A wait for several things of the host is one for each of them by turns.
                let left = due.map(|due| Duration::from_nanos(due.saturating_sub(now)));
                let slice = left.map_or(NEWS, |left| left.min(NEWS));
                if self.kernel.host.news(slice) {
                    self.kernel.tasks.wake_network();
                } else {
                    let slice = u64::try_from(slice.as_nanos()).unwrap_or(u64::MAX);
                    self.kernel.clock.wait_until(now.saturating_add(slice));
                }
                continue;
            }
            match (self.kernel.tasks.input(), due) {
                // Input comes from outside, in its own time.
                (Some(stream), due) => {
                    let left = due.map(|due| Duration::from_nanos(due.saturating_sub(now)));
                    if self.kernel.host.readable(stream, left) {
                        self.kernel.tasks.wake_readers(stream);
                    } else if let Some(due) = due {
                        self.kernel.clock.wait_until(due);
                    } else if !self.limits.timed_out() {
                        self.deadlock()?;
                        return Ok(None);
                    }
                }
                (None, Some(due)) => self.kernel.clock.wait_until(due),
                (None, None) => {
                    self.deadlock()?;
                    return Ok(None);
                }
            }
        }
    }

    fn next_ready(&mut self) -> Option<Tid> {
        let queue = self.kernel.tasks.run_queue().clone();
        let mut queue = queue.borrow_mut();
        match &mut self.order {
            Some(random) if queue.len() > 1 => {
                let at = random.below(queue.len() as u64) as usize;
                queue.remove(at)
            }
            _ => queue.pop_front(),
        }
    }

    /// All tasks wait, and nothing will ever wake them.
    fn deadlock(&mut self) -> Result<(), Error> {
        self.engines.put_all_aside(&mut self.kernel.tasks);
        let tasks: Vec<Box<Task>> = self.kernel.tasks.drain().collect();
        for task in tasks {
            let text = match (&task.pending, task.waits()) {
                (Some(pending), Some(wait)) => {
                    let name = pending.event.info.map_or("?", |info| info.name);
                    let what = match wait {
                        Wait::Futex(word) => format!(" (futex {word:#x})"),
                        _ => String::new(),
                    };
                    format!(
                        "task {} waits for ever in {name}{what}: nobody is left to wake it",
                        task.tid
                    )
                }
                _ => format!(
                    "task {} is stopped for ever: nobody is left to continue it",
                    task.tid
                ),
            };
            self.abandon(task, Some(&text))?;
        }
        Ok(())
    }

    /// Ends all tasks; `task` is the one whose turn it is.
    fn stop(&mut self, task: Box<Task>, why: &str) -> Result<(), Error> {
        self.abandon(task, Some(why))?;
        self.engines.put_all_aside(&mut self.kernel.tasks);
        let tasks: Vec<Box<Task>> = self.kernel.tasks.drain().collect();
        for task in tasks {
            self.abandon(task, None)?;
        }
        Ok(())
    }

    /// Ends a task that will not be asked again: first the call that is pending, then, with the reason, itself.
    fn abandon(&mut self, mut task: Box<Task>, why: Option<&str>) -> Result<(), Error> {
        self.end_pending(&mut task)?;
        if let Some(text) = why {
            self.tell(&task, &Event::Note { text })?;
        }
        let (tid, status) = (task.tid, ExitStatus::Stopped);
        self.tell(&task, &Event::TaskEnd { task: tid, status })
    }

    /// The call that a task was in when it ended.
    fn end_pending(&mut self, task: &mut Task) -> Result<(), Error> {
        let Some(pending) = task.pending.take().filter(|pending| pending.observed) else {
            return Ok(());
        };
        let mut engine = self.engines.take(task, &mut self.kernel, &self.limits)?;
        let space = task.space.clone();
        let cpu = engine.cpu.as_mut();
        let mut memory = space.borrow_mut();
        self.end(task, cpu, &mut memory, &pending.event, End::Killed, false)?;
        drop(memory);
        engine.loaded = None;
        self.engines.put(engine);
        Ok(())
    }

    /// A task has ended. The status of the first process, when it was that.
    fn finish(
        &mut self,
        mut task: Box<Task>,
        status: ExitStatus,
        first: Tid,
    ) -> Result<Option<ExitStatus>, Error> {
        self.end_pending(&mut task)?;
        let tid = task.tid;
        self.tell(&task, &Event::TaskEnd { task: tid, status })?;
        self.engines.forget(tid);
        self.injections.forget(tid);
        self.kernel.end_task(&mut task, status);
        Ok(self.kernel.ended(&task, first))
    }

    /// Another program takes the place of a process's: its other threads are gone.
    fn replace(&mut self, task: &mut Task, loaded: Loaded) -> Result<(), Error> {
        for tid in self.kernel.other_threads(task) {
            if let Some(mut other) = self.kernel.tasks.take(tid) {
                self.end_pending(&mut other)?;
                self.engines.forget(tid);
                self.injections.forget(tid);
                let status = ExitStatus::Exited(0);
                self.tell(&other, &Event::TaskEnd { task: tid, status })?;
                self.kernel.leave_memory(&mut other);
                self.kernel.leave_tracing(&mut other, status);
            }
        }
        self.kernel.leave_memory(task);
        let process = task.linux.process.clone();
        self.kernel.drop_timers(&process, false);
        let former = task.tid;
        self.kernel.lead(task);
        self.injections.rename(former, task.tid);
        self.install(task, loaded)?;
        self.traced_exec(task, former);
        Ok(())
    }

    fn tell(&mut self, task: &Task, event: &Event<'_>) -> Result<(), Error> {
        let abi = task.profile.system().shown();
        let space = task.space.clone();
        self.show(task, None, &mut space.borrow_mut(), abi, event)
    }

    /// Puts a freshly loaded image under a task.
    fn install(&mut self, task: &mut Task, loaded: Loaded) -> Result<(), Error> {
        self.engines.forget(task.tid);
        let mut engine = self
            .engines
            .common(loaded.profile, &self.kernel, &self.limits)?;
        engine.put_aside(&mut self.kernel.tasks);
        engine.cpu.reset();
        engine.cpu.set_pc(loaded.entry);
        engine.cpu.set_sp(loaded.sp);
        if let Some((index, descriptor)) = loaded.descriptor {
            engine.cpu.set_descriptor(index, descriptor);
        }
        for (reg, value) in &loaded.registers {
            engine.cpu.set_reg(*reg, *value);
        }
        engine.loaded = Some(task.tid);
        self.engines.put(engine);
        task.profile = loaded.profile;
        task.registers = None;
        task.pending = None;
        task.restart = None;
        task.state = crate::kernel::task::State::Ready;
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

    /// Runs a task until it waits, ends, or has had its share.
    fn turn(&mut self, task: &mut Task) -> Result<Turn, Error> {
        let mut engine = self.engines.take(task, &mut self.kernel, &self.limits)?;
        let cpu = engine.cpu.as_mut();
        let turn = match self.run_cpu(task, cpu) {
            Ok(Turn::Ends(status)) if task.linux.traced.is_some() => {
                Ok(self.before_end(task, cpu, status))
            }
            turn => turn,
        };
        if matches!(
            turn,
            Ok(Turn::Ends(_) | Turn::Execs(_) | Turn::Stopped(_)) | Err(_)
        ) {
            engine.loaded = None;
        }
        self.engines.put(engine);
        turn
    }
}
