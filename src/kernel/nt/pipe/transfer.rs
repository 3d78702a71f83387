//! How do bytes get through a pipe?

use std::cell::RefCell;
use std::collections::VecDeque;

use emu_prototypes::Stop;
use emu_prototypes::nt::NtStatus;

use super::requests::What;
use super::{CAPACITY, End, MAX_WRITE, State};
use crate::kernel::nt::Outcome;
use crate::kernel::wait::{Interrupted, Wait};
use crate::kernel::{Cx, Kernel};

/// What a call says of a transfer.
#[derive(Clone, Copy)]
pub(in crate::kernel::nt) struct Moved {
    pub(in crate::kernel::nt) io_status: u64,
    pub(in crate::kernel::nt) event: u64,
    pub(in crate::kernel::nt) buffer: u64,
    pub(in crate::kernel::nt) length: u64,
}

/// Takes what a read gets, and says whether that was all of a message. `None` when there is nothing.
pub(super) fn take(
    queue: &RefCell<VecDeque<Vec<u8>>>,
    length: u64,
    by_message: bool,
) -> Option<(Vec<u8>, bool)> {
    let mut queue = queue.borrow_mut();
    let mut out = Vec::new();
    while let Some(first) = queue.front_mut() {
        let room = usize::try_from(length).unwrap_or(usize::MAX) - out.len();
        let count = first.len().min(room);
        out.extend(first.drain(..count));
        if !first.is_empty() {
            return Some((out, !by_message));
        }
        queue.pop_front();
        if by_message || out.len() as u64 == length {
            return Some((out, true));
        }
    }
    (!out.is_empty()).then_some((out, true))
}

impl Kernel {
    /// Serves `NtReadFile` of an end.
    pub(in crate::kernel::nt) fn read_end(
        &mut self,
        cx: &mut Cx<'_>,
        end: &End,
        moved: &Moved,
    ) -> Outcome {
        cx.io_status(moved.io_status, NtStatus::PENDING, 0)?;
        match end.state() {
            State::Listening => return Err(NtStatus::PIPE_LISTENING.into()),
            State::Disconnected => return Err(NtStatus::PIPE_DISCONNECTED.into()),
            State::Connected | State::Closing => {}
        }
        let taken = take(end.incoming(), moved.length, end.by_message.get());
        let Some((bytes, whole)) = taken else {
            if end.state() == State::Closing {
                return Err(NtStatus::PIPE_BROKEN.into());
            }
            if end.never_waits.get() {
                return Err(NtStatus::PIPE_EMPTY.into());
            }
            if end.synchronous {
                return Err(sleep(cx, end));
            }
            let what = What::Read {
                buffer: moved.buffer,
                length: moved.length,
            };
            return self.put_aside(cx, end, what, (moved.io_status, moved.event));
        };
        // Who waits for room may have it now.
        end.instance.changed.wake();
        cx.mem.write(moved.buffer, &bytes)?;
        let status = match whole {
            true => NtStatus::SUCCESS,
            false => NtStatus::BUFFER_OVERFLOW,
        };
        self.pipe_done(cx, moved, status, bytes.len() as u64)
    }

    /// Serves `NtWriteFile` of an end.
    pub(in crate::kernel::nt) fn write_end(
        &mut self,
        cx: &mut Cx<'_>,
        end: &End,
        moved: &Moved,
    ) -> Outcome {
        cx.io_status(moved.io_status, NtStatus::PENDING, 0)?;
        match end.state() {
            State::Listening => return Err(NtStatus::PIPE_LISTENING.into()),
            State::Disconnected => return Err(NtStatus::PIPE_DISCONNECTED.into()),
            State::Closing => return Err(NtStatus::PIPE_CLOSING.into()),
            State::Connected => {}
        }
        if moved.length > MAX_WRITE {
            return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
        }
        let waiting: usize = end
            .outgoing()
            .borrow()
            .iter()
            .map(|one| one.len() + 1)
            .sum();
        if waiting >= CAPACITY {
            // A pipe that does not wait takes nothing.
            if end.never_waits.get() {
                return self.pipe_done(cx, moved, NtStatus::SUCCESS, 0);
            }
            return Err(sleep(cx, end));
        }
        let mut bytes = vec![0; moved.length as usize];
        cx.mem.read(moved.buffer, &mut bytes)?;
        // Nothing is no message unless the pipe has such.
        if !bytes.is_empty() || end.instance.named.messages {
            end.outgoing().borrow_mut().push_back(bytes);
        }
        end.instance.changed.wake();
        let instance = end.instance.clone();
        self.complete(cx, &instance);
        self.pipe_done(cx, moved, NtStatus::SUCCESS, moved.length)
    }

    pub(super) fn pipe_done(
        &mut self,
        cx: &mut Cx<'_>,
        moved: &Moved,
        status: NtStatus,
        count: u64,
    ) -> Outcome {
        if moved.event != 0 {
            self.signal_event(cx, moved.event)?;
        }
        cx.io_status(moved.io_status, status, count)?;
        Ok(status.0.into())
    }
}

/// The task goes on, and asks again, when something changes.
pub(super) fn sleep(cx: &mut Cx<'_>, end: &End) -> Stop<NtStatus> {
    cx.wait_in(&end.instance.changed);
    cx.block_as(Wait::Ipc, Interrupted::Never)
}
