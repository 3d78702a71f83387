//! What is still to be done for who did not wait?
//!
//! A call on an end that is not synchronous answers `STATUS_PENDING`. What others do to the pipe later completes it.

use std::cell::RefCell;
use std::rc::Rc;

use emu_cpu::{AddressSpace, GuestMemory};
use emu_prototypes::Stop;
use emu_prototypes::nt::NtStatus;

use super::{End, Instance, State as PipeState};
use crate::kernel::nt::Outcome;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::sync::{Dispatcher, State};
use crate::kernel::{Cx, Kernel};

/// The most requests of one instance.
const MAX_REQUESTS: usize = 0x100;

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Listen,
    Read { buffer: u64, length: u64 },
}

/// A request, and how its maker is told.
pub(super) struct Request {
    what: What,
    side: usize,
    by_message: bool,
    io_status: u64,
    event: Option<Rc<Dispatcher>>,
    space: Rc<RefCell<AddressSpace>>,
    word: u64,
}

impl Kernel {
    /// Puts a request aside.
    pub(super) fn put_aside(
        &mut self,
        cx: &mut Cx<'_>,
        end: &End,
        what: What,
        (io_status, event): (u64, u64),
    ) -> Outcome {
        let event = match event {
            0 => None,
            handle => match self.nt_object(cx, handle)? {
                Object::Dispatcher(dispatcher) => {
                    if let State::Event { set, .. } = &dispatcher.state {
                        set.set(false);
                    }
                    Some(dispatcher)
                }
                _ => return Err(NtStatus::OBJECT_TYPE_MISMATCH.into()),
            },
        };
        let mut requests = end.instance.requests.borrow_mut();
        if requests.len() >= MAX_REQUESTS {
            return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
        }
        requests.push(Request {
            what,
            side: end.side,
            by_message: end.by_message.get(),
            io_status,
            event,
            space: cx.task.space.clone(),
            word: cx.word(),
        });
        Err(Stop::Fail(NtStatus::PENDING))
    }

    /// Does what can be done by now.
    pub(super) fn complete(&mut self, cx: &mut Cx<'_>, instance: &Instance) {
        let mut at = 0;
        loop {
            let mut requests = instance.requests.borrow_mut();
            let Some(request) = requests.get(at) else {
                return;
            };
            match outcome(instance, request) {
                None => at += 1,
                Some((status, bytes)) => {
                    let request = requests.remove(at);
                    drop(requests);
                    request.tell(cx, status, &bytes);
                    self.set_event(request.event);
                }
            }
        }
    }

    fn set_event(&mut self, event: Option<Rc<Dispatcher>>) {
        if let Some(event) = event
            && let State::Event { set, .. } = &event.state
        {
            set.set(true);
            self.signal(&Object::Dispatcher(event));
        }
    }

    /// Takes back the requests of an end, or the one with this block, and says how many they were.
    pub(super) fn cancel(&mut self, cx: &mut Cx<'_>, end: &End, only: u64) -> usize {
        let mut count = 0;
        loop {
            let mut requests = end.instance.requests.borrow_mut();
            let own = |request: &Request| {
                request.side == end.side
                    && Rc::ptr_eq(&request.space, &cx.task.space)
                    && (only == 0 || only == request.io_status)
            };
            let Some(at) = requests.iter().position(own) else {
                return count;
            };
            let request = requests.remove(at);
            drop(requests);
            request.tell(cx, NtStatus::CANCELLED, &[]);
            self.set_event(request.event);
            count += 1;
        }
    }
}

/// How a request ends, if it does by now: its status, and what was read.
fn outcome(instance: &Instance, request: &Request) -> Option<(NtStatus, Vec<u8>)> {
    let state = instance.state.get();
    match request.what {
        What::Listen => match state {
            PipeState::Listening => None,
            PipeState::Connected => Some((NtStatus::SUCCESS, Vec::new())),
            PipeState::Closing => Some((NtStatus::PIPE_CLOSING, Vec::new())),
            PipeState::Disconnected => Some((NtStatus::PIPE_DISCONNECTED, Vec::new())),
        },
        What::Read { length, .. } => {
            let queue = &instance.queues[request.side];
            let messages = request.by_message;
            if let Some((bytes, whole)) = super::transfer::take(queue, length, messages) {
                let status = match whole {
                    true => NtStatus::SUCCESS,
                    false => NtStatus::BUFFER_OVERFLOW,
                };
                return Some((status, bytes));
            }
            match state {
                PipeState::Listening | PipeState::Connected => None,
                PipeState::Closing => Some((NtStatus::PIPE_BROKEN, Vec::new())),
                PipeState::Disconnected => Some((NtStatus::PIPE_DISCONNECTED, Vec::new())),
            }
        }
    }
}

impl Request {
    /// Tells its maker. Memory that is not there any more is its own trouble.
    fn tell(&self, cx: &mut Cx<'_>, status: NtStatus, bytes: &[u8]) {
        let write = |space: &mut AddressSpace| {
            if let What::Read { buffer, .. } = self.what {
                space.write(buffer, bytes)?;
            }
            let information = bytes.len() as u64;
            let at = self.io_status.wrapping_add(self.word);
            match self.word {
                4 => space.write_u32(at, information as u32)?,
                _ => space.write_u64(at, information)?,
            }
            space.write_u32(self.io_status, status.0)
        };
        let _ = match Rc::ptr_eq(&self.space, &cx.task.space) {
            true => write(cx.mem),
            false => write(&mut self.space.borrow_mut()),
        };
    }
}
