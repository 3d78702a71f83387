//! What is still to be done for who did not wait?
//!
//! A call on an end that is not synchronous answers `STATUS_PENDING`. What others do to the pipe later completes it.

use std::rc::Rc;

use emu_prototypes::Stop;
use emu_prototypes::nt::NtStatus;

use super::{End, Instance, State};
use crate::kernel::nt::Outcome;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::reply::{Asked, Reply};
use crate::kernel::task::Tid;
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
    reply: Reply,
}

impl Kernel {
    /// Puts a request aside. What it reads into has to be there by now.
    pub(super) fn put_aside(
        &mut self,
        cx: &mut Cx<'_>,
        end: &Rc<End>,
        what: What,
        asked: Asked,
    ) -> Outcome {
        if let What::Read { buffer, length } = what {
            cx.may_write(buffer, length)?;
        }
        if end.instance.requests.borrow().len() >= MAX_REQUESTS {
            return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
        }
        let reply = self.nt_later(cx, &Object::Pipe(end.clone()), asked)?;
        end.instance.requests.borrow_mut().push(Request {
            what,
            side: end.side,
            by_message: end.by_message.get(),
            reply,
        });
        Err(Stop::Fail(NtStatus::PENDING))
    }

    /// Does what can be done by now.
    pub(super) fn complete(&mut self, instance: &Instance) {
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
                    request.end(self, status, bytes);
                }
            }
        }
    }

    /// Takes back the requests of an end that a process, or one thread of it, has made, or the one with this block, and says
    /// how many they were.
    pub(in crate::kernel::nt) fn cancel_pipe(
        &mut self,
        end: &End,
        (process, thread): (Tid, Option<Tid>),
        only: u64,
    ) -> usize {
        let mut count = 0;
        loop {
            let mut requests = end.instance.requests.borrow_mut();
            let own = |request: &Request| {
                request.side == end.side && request.reply.is_of(process, thread, only)
            };
            let Some(at) = requests.iter().position(own) else {
                return count;
            };
            let request = requests.remove(at);
            drop(requests);
            request.end(self, NtStatus::CANCELLED, Vec::new());
            count += 1;
        }
    }
}

/// How a request ends, if it does by now: its status, and what was read.
fn outcome(instance: &Instance, request: &Request) -> Option<(NtStatus, Vec<u8>)> {
    let state = instance.state.get();
    match request.what {
        What::Listen => match state {
            State::Listening => None,
            State::Connected => Some((NtStatus::SUCCESS, Vec::new())),
            State::Closing => Some((NtStatus::PIPE_BROKEN, Vec::new())),
            State::Disconnected => Some((NtStatus::PIPE_DISCONNECTED, Vec::new())),
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
                State::Listening | State::Connected => None,
                State::Closing => Some((NtStatus::PIPE_BROKEN, Vec::new())),
                State::Disconnected => Some((NtStatus::PIPE_DISCONNECTED, Vec::new())),
            }
        }
    }
}

impl Request {
    fn end(self, kernel: &mut Kernel, status: NtStatus, bytes: Vec<u8>) {
        let information = bytes.len() as u64;
        let read = match self.what {
            What::Read { buffer, .. } => Some((buffer, bytes)),
            What::Listen => None,
        };
        kernel.nt_end(self.reply, status, information, read);
    }
}
