//! What can be waited for: events, mutants, semaphores; and how long.

use std::cell::Cell;

use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::Outcome;
use super::handles::Object;
use crate::kernel::task::Tid;
use crate::kernel::wait::{Interrupted, Wait, WaitQueue};
use crate::kernel::{Cx, Kernel};

/// Objects that one call waits for at most.   [winnt.h, MAXIMUM_WAIT_OBJECTS]
const MAX_OBJECTS: u32 = 64;
/// `WAIT_TYPE`: for any of them.
const WAIT_ANY: i32 = 1;

/// Something that is signaled or not.
#[derive(Debug)]
pub(super) struct Dispatcher {
    pub(super) state: State,
    /// Who waits for it.
    pub(super) queue: WaitQueue,
}

/// Its kind, and how it stands.
#[derive(Debug)]
pub(super) enum State {
    /// Set or not. One that is not manual is reset by who waited for it.
    Event { manual: bool, set: Cell<bool> },
    /// Owned or not, and how often.
    Mutant {
        owner: Cell<Option<Tid>>,
        count: Cell<u32>,
    },
    /// A count above 0, or 0.
    Semaphore { count: Cell<i32>, most: i32 },
}

impl Dispatcher {
    pub(super) fn new(state: State) -> Dispatcher {
        Dispatcher {
            state,
            queue: WaitQueue::default(),
        }
    }

    /// An event is set.
    pub(super) fn signal(&self) {
        if let State::Event { set, .. } = &self.state {
            set.set(true);
            self.queue.wake();
        }
    }

    /// An event is reset.
    pub(super) fn reset(&self) {
        if let State::Event { set, .. } = &self.state {
            set.set(false);
        }
    }

    /// Whether a wait of a task would be over.
    fn is_signaled(&self, task: Tid) -> bool {
        match &self.state {
            State::Event { set, .. } => set.get(),
            State::Mutant { owner, .. } => owner.get().is_none_or(|owner| owner == task),
            State::Semaphore { count, .. } => count.get() > 0,
        }
    }

    /// A wait of a task is over: what that does to it.
    fn take(&self, task: Tid) {
        match &self.state {
            State::Event { manual, set } => set.set(set.get() && *manual),
            State::Mutant { owner, count } => {
                owner.set(Some(task));
                count.set(count.get().saturating_add(1));
            }
            State::Semaphore { count, .. } => count.set(count.get() - 1),
        }
    }
}

impl Object {
    fn is_signaled(&self, task: Tid) -> bool {
        match self {
            Object::Dispatcher(dispatcher) => dispatcher.is_signaled(task),
            // Nothing is under way.
            Object::File(_) | Object::Pipe(_) | Object::PipeDevice => true,
            Object::Thread(thread) => thread.ended.get().is_some(),
            Object::Process(process) => process.borrow().is_zombie(),
            // These can't be waited for.
            Object::Key(_) | Object::Section(_) | Object::Token(_) | Object::Job(_) => false,
        }
    }

    fn take(&self, task: Tid) {
        if let Object::Dispatcher(dispatcher) = self {
            dispatcher.take(task);
        }
    }
}

impl Kernel {
    /// Waits for any of several objects; `timeout` is the address of how long, or 0 for ever.
    pub(super) fn wait_for_any(
        &mut self,
        cx: &mut Cx<'_>,
        objects: &[Object],
        timeout: u64,
    ) -> Outcome {
        let task = cx.task.tid;
        let mute = |object: &Object| {
            matches!(
                object,
                Object::Key(_) | Object::Section(_) | Object::Token(_)
            )
        };
        if objects.iter().any(mute) {
            return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
        }
        if let Some(at) = objects.iter().position(|object| object.is_signaled(task)) {
            objects[at].take(task);
            return Ok(at as u64);
        }
        self.wait_more(cx, objects, timeout)
    }

    /// Waits for all of several objects.
    fn wait_for_all(&mut self, cx: &mut Cx<'_>, objects: &[Object], timeout: u64) -> Outcome {
        let task = cx.task.tid;
        if objects.iter().all(|object| object.is_signaled(task)) {
            objects.iter().for_each(|object| object.take(task));
            return Ok(0);
        }
        self.wait_more(cx, objects, timeout)
    }

    fn wait_more(&mut self, cx: &mut Cx<'_>, objects: &[Object], timeout: u64) -> Outcome {
        let until = self.until(cx, timeout)?;
        if until.is_some_and(|until| until <= self.clock.now()) {
            return Ok(NtStatus::TIMEOUT.0.into());
        }
        for object in objects {
            match object {
                Object::Dispatcher(dispatcher) => cx.wait_in(&dispatcher.queue),
                Object::Thread(thread) => cx.wait_in(&thread.queue),
                Object::Process(process) => cx.wait_in(&process.borrow().ended),
                _ => {}
            }
        }
        Err(sleep(cx, until))
    }

    /// When a wait is over at the latest, in nanoseconds since the start. The time is read once, when the wait begins.
    pub(super) fn until(&self, cx: &mut Cx<'_>, timeout: u64) -> Result<Option<u64>, NtStatus> {
        if timeout == 0 {
            return Ok(None);
        }
        if cx.again {
            return Ok(cx.task.linux.deadline);
        }
        let until = Some(self.point(nt_time(cx, timeout)?));
        cx.task.linux.deadline = until;
        Ok(until)
    }

    /// A point of guest time: units of 100 ns, relative when negative, else since 1601.
    fn point(&self, time: i64) -> u64 {
        let now = self.clock.now();
        let left = match time {
            ..0 => time.unsigned_abs(),
            _ => time
                .unsigned_abs()
                .saturating_sub(super::executive::system_time(self)),
        };
        now.saturating_add(left.saturating_mul(100))
    }

    pub(super) fn wait_for_multiple(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtWaitForMultipleObjects,
    ) -> Outcome {
        if call.Count == 0 || call.Count > MAX_OBJECTS {
            return Err(NtStatus::INVALID_PARAMETER_1.into());
        }
        let mut objects = Vec::new();
        for index in 0..u64::from(call.Count) {
            let at = call.Handles.address.wrapping_add(index * cx.word());
            let handle = cx.read_word(at)?;
            objects.push(self.nt_object(cx, handle)?);
        }
        match call.WaitType {
            WAIT_ANY => self.wait_for_any(cx, &objects, call.Timeout.address),
            0 => self.wait_for_all(cx, &objects, call.Timeout.address),
            _ => Err(NtStatus::INVALID_PARAMETER_3.into()),
        }
    }

    /// Serves `NtDelayExecution`.
    pub(super) fn delay(&mut self, cx: &mut Cx<'_>, call: &nt::NtDelayExecution) -> Outcome {
        let until = match cx.again {
            true => cx.task.linux.deadline,
            false => Some(self.point(nt_time(cx, call.DelayInterval.address)?)),
        };
        cx.task.linux.deadline = until;
        if until.is_none_or(|until| until <= self.clock.now()) {
            cx.yields = true;
            return Ok(0);
        }
        Err(sleep(cx, until))
    }
}

fn nt_time(cx: &mut Cx<'_>, at: u64) -> Result<i64, NtStatus> {
    use emu_cpu::GuestMemory;
    Ok(cx.mem.read_u64(at)?.cast_signed())
}

fn sleep(cx: &mut Cx<'_>, until: Option<u64>) -> Stop<NtStatus> {
    let wait = until.map_or(Wait::Ipc, Wait::Until);
    cx.block_as(wait, Interrupted::Never)
}
