//! What is signaled, and what does a wait that is over do to it?

use std::cell::Cell;

use super::handles::Object;
use super::thread::Thread;
use crate::kernel::task::Tid;

/// Something that is signaled or not.
#[derive(Debug)]
pub(super) struct Dispatcher {
    pub(super) state: State,
}

/// Its kind, and how it stands.
#[derive(Debug)]
pub(super) enum State {
    /// Set or not. One that is not manual is reset by who waited for it.
    Event { manual: bool, set: Cell<bool> },
    /// Owned or not, and how often; whether its last owner ended without releasing it.
    Mutant {
        owner: Cell<Option<Tid>>,
        count: Cell<u32>,
        abandoned: Cell<bool>,
    },
    /// A count above 0, or 0.
    Semaphore { count: Cell<i32>, most: i32 },
}

impl Dispatcher {
    pub(super) fn new(state: State) -> Dispatcher {
        Dispatcher { state }
    }

    /// Sets or resets an event; nothing of another kind.
    pub(super) fn set_event(&self, to: bool) {
        if let State::Event { set, .. } = &self.state {
            set.set(to);
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
}

impl Object {
    /// Whether there is a wait for it at all.   [NtWaitForSingleObject]
    pub(super) fn is_waitable(&self) -> bool {
        !matches!(
            self,
            Object::Key(_)
                | Object::Section(_)
                | Object::KeyedEvent(_)
                | Object::Directory(_)
                | Object::Link(_)
                | Object::Token(_)
                | Object::Reserve(_)
                | Object::WaitPacket(_)
        )
    }

    pub(super) fn is_signaled(&self, task: Tid) -> bool {
        match self {
            Object::Dispatcher(dispatcher) => dispatcher.is_signaled(task),
            // Nothing is under way.
            Object::Pipe(end) => end.under_way().get() == 0,
            Object::Mailslot(slot) => slot.under_way.get() == 0,
            Object::PipeDevice | Object::Writer(_) => true,
            Object::Console(part) => part.has_input(),
            Object::File(file) => file.under_way.get() == 0,
            Object::Thread(thread) => thread.ended.get().is_some(),
            Object::Timer(timer) => timer.is_signaled(),
            Object::Completion(port) => !port.is_empty(),
            Object::Port(port) => port.is_ready(),
            Object::Debug(debugger) => debugger.is_ready(),
            Object::Process(process) => process.borrow().is_zombie(),
            // The others can't be waited for.
            _ => false,
        }
    }

    /// A wait of a thread is over: what that does to it. Answers whether an owner had left it behind.
    pub(super) fn take(&self, thread: &Thread) -> bool {
        match self {
            Object::Timer(timer) => timer.take(),
            Object::Dispatcher(dispatcher) => match &dispatcher.state {
                State::Event { manual, set } => set.set(set.get() && *manual),
                State::Mutant {
                    owner,
                    count,
                    abandoned,
                } => {
                    if owner.replace(Some(thread.tid)).is_none() {
                        thread.owns(dispatcher);
                    }
                    count.set(count.get().saturating_add(1));
                    return abandoned.take();
                }
                State::Semaphore { count, .. } => count.set(count.get() - 1),
            },
            _ => {}
        }
        false
    }
}
