//! Who waits for which objects, and how long?
//!
//! What becomes signaled ends waits at once, in the order in which they began: who resets it right afterwards does not take
//! that back. A wait keeps its objects, whatever becomes of their handles.

use std::cell::Cell;
use std::rc::Rc;

use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::handles::Object;
use super::keyed::Meeting;
use super::kinds::SYNCHRONIZE;
use super::port::Port;
use super::thread::Thread;
use super::{Outcome, apc};
use crate::kernel::host::Stream;
use crate::kernel::wait::{Interrupted, Wait, Wake};
use crate::kernel::{Cx, Kernel};

/// Objects that one call waits for at most.   [winnt.h, MAXIMUM_WAIT_OBJECTS]
const MAX_OBJECTS: u32 = 64;
/// `WAIT_TYPE`: for any of them.
const WAIT_ANY: i32 = 1;

/// What a thread waits for.
pub(super) enum What {
    /// Any of several objects, or all of them.
    Objects { objects: Vec<Object>, all: bool },
    /// Somebody else at a key.
    Key(Meeting),
    /// That it is told to go on by its number.
    Alert,
    /// That time passes.
    Time,
    /// A message at a port.
    Message(Rc<Port>),
    /// The answer to a message of its own.
    Answer,
    /// That a debugger says so.
    Debugger,
}

/// A wait of a thread.
pub(super) struct Waiting {
    what: What,
    /// Whether calls of the thread's own and alerts end it.
    alertable: bool,
    /// When it began, in the order of all waits.
    since: u64,
    /// With which status it has ended.
    over: Cell<Option<u64>>,
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waiting")
            .field("since", &self.since)
            .field("over", &self.over)
            .finish_non_exhaustive()
    }
}

impl Waiting {
    /// Its place among all waits.
    pub(super) fn key(&self) -> u64 {
        self.since
    }

    /// Whether it is for a debugger, and goes on.
    pub(super) fn is_for_debugger(&self) -> bool {
        matches!(self.what, What::Debugger) && self.over.get().is_none()
    }

    /// Whether it is for an alert by the thread's number, and goes on.
    pub(super) fn is_for_alert(&self) -> bool {
        matches!(self.what, What::Alert) && self.over.get().is_none()
    }
}

impl What {
    /// The status with which a thread's wait is over, when it is.
    fn take(&self, thread: &Thread) -> Option<u64> {
        let left = |left: bool| {
            if left {
                NtStatus::ABANDONED_WAIT_0.0
            } else {
                0
            }
        };
        match self {
            What::Objects {
                objects,
                all: false,
            } => {
                let at = objects
                    .iter()
                    .position(|object| object.is_signaled(thread.tid))?;
                Some(at as u64 + u64::from(left(objects[at].take(thread))))
            }
            What::Objects { objects, all: true } => {
                let ready = objects.iter().all(|object| object.is_signaled(thread.tid));
                ready.then(|| {
                    let mut abandoned = false;
                    for object in objects {
                        abandoned |= object.take(thread);
                    }
                    left(abandoned).into()
                })
            }
            What::Alert => thread.told.take().then_some(u64::from(NtStatus::ALERTED.0)),
            What::Key(_) | What::Time | What::Message(_) | What::Answer | What::Debugger => None,
        }
    }
}

impl Kernel {
    /// A wait that a thread is in goes on: the call is asked again. `None` when it begins.
    pub(super) fn wait_again(&mut self, cx: &mut Cx<'_>, timeout: u64) -> Option<Outcome> {
        let thread = self.nt_thread(cx, cx.task.tid);
        let waiting = thread.waiting.take().filter(|_| cx.again)?;
        Some(self.look(cx, &thread, waiting, timeout))
    }

    /// Waits; `timeout` is the address of how long, or 0 for ever.
    pub(super) fn nt_wait_for(
        &mut self,
        cx: &mut Cx<'_>,
        what: What,
        alertable: bool,
        timeout: u64,
    ) -> Outcome {
        let thread = self.nt_thread(cx, cx.task.tid);
        self.nt.waits += 1;
        let waiting = Waiting {
            what,
            alertable,
            since: self.nt.waits,
            over: Cell::new(None),
        };
        self.look(cx, &thread, Rc::new(waiting), timeout)
    }

    fn look(
        &mut self,
        cx: &mut Cx<'_>,
        thread: &Rc<Thread>,
        waiting: Rc<Waiting>,
        timeout: u64,
    ) -> Outcome {
        self.nt.waiting.remove(&waiting.since);
        if let Some(status) = waiting.over.get() {
            return Ok(status);
        }
        let until = self.until(cx, timeout)?;
        self.look_at_consoles(cx, &waiting.what);
        if let Some(status) = waiting.what.take(thread) {
            return Ok(status);
        }
        if waiting.alertable
            && let Some(status) = apc::interrupts(self, cx, thread)?
        {
            return Ok(status);
        }
        if until.is_some_and(|until| until <= self.clock.now()) {
            return Ok(match waiting.what {
                What::Time => 0,
                _ => NtStatus::TIMEOUT.0.into(),
            });
        }
        if let What::Objects { objects, .. } = &waiting.what {
            for object in objects {
                match object {
                    Object::Thread(thread) => cx.wait_in(&thread.queue),
                    Object::Process(process) => cx.wait_in(&process.borrow().ended),
                    _ => {}
                }
            }
        }
        let typed = self.watch_consoles(cx, &waiting.what, until);
        self.nt.waiting.insert(waiting.since, thread.clone());
        thread.waiting.replace(Some(waiting));
        Err(self.sleep_until(cx, until, typed))
    }

    /// Takes what has been typed at consoles that are waited for.
    fn look_at_consoles(&mut self, cx: &mut Cx<'_>, what: &What) {
        let What::Objects { objects, .. } = what else {
            return;
        };
        for object in objects {
            if let Object::Console(part) = object {
                self.look_at_console(cx, part);
            }
        }
    }

    /// Has the task woken by what is typed; answers the stream of the host that this comes from.
    fn watch_consoles(&self, cx: &Cx<'_>, what: &What, until: Option<u64>) -> Option<Stream> {
        let What::Objects { objects, .. } = what else {
            return None;
        };
        let mut streams = objects.iter().filter_map(|object| match object {
            Object::Console(part) => self.watch_console(cx, part, until),
            _ => None,
        });
        streams.next()
    }

    /// Waits: until a point of time at most, or what is under way in the network needs to be looked at.
    pub(super) fn sleep_until(
        &mut self,
        cx: &mut Cx<'_>,
        until: Option<u64>,
        typed: Option<Stream>,
    ) -> Stop<NtStatus> {
        let (network, hosted) = self.watch_network(cx);
        let until = match (until, network) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        match hosted {
            true => cx.block_as(Wait::Network(typed, until), Interrupted::Never),
            false => match typed {
                Some(stream) => cx.block_as(Wait::Input(stream, until), Interrupted::Never),
                None => sleep(cx, until),
            },
        }
    }

    /// The thread whose wait for something began first.
    pub(super) fn first_waiting(&self, wanted: impl Fn(&What) -> bool) -> Option<Rc<Thread>> {
        let mut threads = self.nt.waiting.values();
        threads
            .find(|thread| {
                let waiting = thread.waiting.borrow();
                waiting
                    .as_ref()
                    .is_some_and(|waiting| waiting.over.get().is_none() && wanted(&waiting.what))
            })
            .cloned()
    }

    /// Ends a thread's wait.
    pub(super) fn end_wait(&mut self, thread: &Thread, status: u64) {
        if let Some(waiting) = &*thread.waiting.borrow() {
            waiting.over.set(Some(status));
            self.nt.waiting.remove(&waiting.since);
        }
        self.nt_wake(thread);
    }

    /// Has a thread that waits look again.
    pub(super) fn nt_wake(&mut self, thread: &Thread) {
        if let Some(task) = self.tasks.get(thread.tid) {
            task.waker.wake();
        }
    }

    /// Something may have become signaled: waits for it end, the oldest first, as far as it goes.
    pub(super) fn signal(&mut self, signaled: &Object) {
        let threads: Vec<_> = self
            .nt
            .waiting
            .values()
            .filter(|thread| match &*thread.waiting.borrow() {
                Some(waiting) => match &waiting.what {
                    What::Objects { objects, .. } => {
                        objects.iter().any(|object| object.is(signaled))
                    }
                    _ => false,
                },
                None => false,
            })
            .cloned()
            .collect();
        for thread in threads {
            let waiting = thread.waiting.borrow().clone();
            let status = waiting.and_then(|waiting| waiting.what.take(&thread));
            if let Some(status) = status {
                self.end_wait(&thread, status);
            }
        }
        if !self.nt.wait_packets.is_empty() {
            self.leave_packets(signaled);
        }
    }

    /// Serves `NtWaitForSingleObject`, and waits of the kind.
    pub(super) fn wait_for_single(
        &mut self,
        cx: &mut Cx<'_>,
        handle: u64,
        alertable: bool,
        timeout: u64,
    ) -> Outcome {
        let object = self.nt_object_for(cx, handle, SYNCHRONIZE)?;
        self.wait_for_objects(cx, vec![object], false, (alertable, timeout))
    }

    /// Waits for objects that can be waited for.
    fn wait_for_objects(
        &mut self,
        cx: &mut Cx<'_>,
        mut objects: Vec<Object>,
        all: bool,
        (alertable, timeout): (bool, u64),
    ) -> Outcome {
        for object in &mut objects {
            if let Object::Console(part) = object {
                *part = self.console_waited(cx, part)?;
            }
        }
        if !objects.iter().all(Object::is_waitable) {
            return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
        }
        self.nt_wait_for(cx, What::Objects { objects, all }, alertable, timeout)
    }

    /// Serves `NtWaitForMultipleObjects`, whose handles are that wide.
    pub(super) fn wait_for_multiple(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtWaitForMultipleObjects,
        width: u64,
    ) -> Outcome {
        if let Some(outcome) = self.wait_again(cx, call.Timeout.address) {
            return outcome;
        }
        if call.Count == 0 || call.Count > MAX_OBJECTS {
            return Err(NtStatus::INVALID_PARAMETER_1.into());
        }
        let mut objects = Vec::new();
        for index in 0..u64::from(call.Count) {
            let at = call.Handles.address.wrapping_add(index * width);
            let handle = match width {
                4 => u64::from(emu_cpu::GuestMemory::read_u32(cx.mem, at)?),
                _ => cx.read_word(at)?,
            };
            let object = self.nt_object_for(cx, handle, SYNCHRONIZE)?;
            objects.push(object);
        }
        let all = match call.WaitType {
            WAIT_ANY => false,
            0 => true,
            _ => return Err(NtStatus::INVALID_PARAMETER_2.into()),
        };
        let twice = |at: usize| objects[..at].iter().any(|other| other.is(&objects[at]));
        if all && (0..objects.len()).any(twice) {
            return Err(NtStatus::INVALID_PARAMETER_MIX.into());
        }
        let end = (call.Alertable != 0, call.Timeout.address);
        self.wait_for_objects(cx, objects, all, end)
    }

    /// Serves `NtDelayExecution`. Without a time it sleeps for ever, as Wine's libraries ask for.
    pub(super) fn delay(&mut self, cx: &mut Cx<'_>, call: &nt::NtDelayExecution) -> Outcome {
        let at = call.DelayInterval.address;
        if let Some(outcome) = self.wait_again(cx, at) {
            return outcome;
        }
        cx.yields = true;
        self.nt_wait_for(cx, What::Time, call.Alertable != 0, at)
    }

    /// When a wait is over at the latest, in nanoseconds since the start. The time is read once, when the wait begins.
    pub(super) fn until(&self, cx: &mut Cx<'_>, timeout: u64) -> Result<Option<u64>, NtStatus> {
        if timeout == 0 {
            return Ok(None);
        }
        if cx.again {
            return Ok(cx.task.linux.deadline);
        }
        let until = match nt_time(cx, timeout)? {
            i64::MIN => None,
            time => Some(self.point(time)),
        };
        cx.task.linux.deadline = until;
        Ok(until)
    }

    /// A point of guest time: units of 100 ns, relative when negative, else since 1601.
    pub(super) fn point(&self, time: i64) -> u64 {
        let now = self.clock.now();
        let left = match time {
            ..0 => time.unsigned_abs(),
            _ => time
                .unsigned_abs()
                .saturating_sub(super::executive::system_time(self)),
        };
        now.saturating_add(left.saturating_mul(100))
    }
}

fn nt_time(cx: &mut Cx<'_>, at: u64) -> Result<i64, NtStatus> {
    Ok(emu_cpu::GuestMemory::read_u64(cx.mem, at)?.cast_signed())
}

pub(super) fn sleep(cx: &mut Cx<'_>, until: Option<u64>) -> Stop<NtStatus> {
    let wait = until.map_or(Wait::Ipc, Wait::Until);
    cx.block_as(wait, Interrupted::Never)
}
