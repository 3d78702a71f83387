//! How do bytes get through a pipe?

use std::collections::VecDeque;
use std::rc::Rc;

use emu_prototypes::Stop;
use emu_prototypes::nt::NtStatus;

use super::requests::What;
use super::{CAPACITY, End, MAX_WRITE, Queue, State};
use crate::kernel::nt::Outcome;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::pool::Kept;
use crate::kernel::nt::reply::Asked;
use crate::kernel::wait::{Interrupted, Wait};
use crate::kernel::{Cx, Kernel};

/// What a call says of a transfer.
#[derive(Clone, Copy)]
pub(in crate::kernel::nt) struct Moved {
    pub(in crate::kernel::nt) asked: Asked,
    pub(in crate::kernel::nt) buffer: u64,
    pub(in crate::kernel::nt) length: u64,
}

/// What a read gets, and whether that is all of a message. `None` when there is nothing.
fn front(
    queue: &VecDeque<Kept<Vec<u8>>>,
    length: u64,
    by_message: bool,
) -> Option<(Vec<u8>, bool)> {
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let first = queue.front()?;
    if by_message {
        let count = first.len().min(length);
        return Some((first[..count].to_vec(), count == first.len()));
    }
    let bytes = queue.iter().flat_map(|piece| piece.iter()).copied();
    Some((bytes.take(length).collect(), true))
}

/// Takes so much of what was written first out of the way, and what is empty then.
fn consume(queue: &mut VecDeque<Kept<Vec<u8>>>, mut count: usize, by_message: bool) {
    while let Some(first) = queue.front_mut() {
        let taken = count.min(first.len());
        first.drain(..taken);
        count -= taken;
        if !first.is_empty() {
            return;
        }
        queue.pop_front();
        if by_message || count == 0 {
            return;
        }
    }
}

/// Takes what a read gets, and says whether that was all of a message. `None` when there is nothing.
pub(super) fn take(queue: &Queue, length: u64, by_message: bool) -> Option<(Vec<u8>, bool)> {
    let mut queue = queue.borrow_mut();
    let (bytes, whole) = front(&queue, length, by_message)?;
    consume(&mut queue, bytes.len(), by_message);
    Some((bytes, whole))
}

/// The same, for who asks. What can't be written to where it shall go stays.
pub(super) fn take_to(
    cx: &mut Cx<'_>,
    queue: &Queue,
    (buffer, length): (u64, u64),
    by_message: bool,
) -> Result<Option<(NtStatus, u64)>, NtStatus> {
    let mut queue = queue.borrow_mut();
    let Some((bytes, whole)) = front(&queue, length, by_message) else {
        return Ok(None);
    };
    cx.mem.write(buffer, &bytes)?;
    consume(&mut queue, bytes.len(), by_message);
    let status = match whole {
        true => NtStatus::SUCCESS,
        false => NtStatus::BUFFER_OVERFLOW,
    };
    Ok(Some((status, bytes.len() as u64)))
}

impl Kernel {
    /// Serves `NtReadFile` of an end.
    pub(in crate::kernel::nt) fn read_end(
        &mut self,
        cx: &mut Cx<'_>,
        end: &Rc<End>,
        moved: &Moved,
    ) -> Outcome {
        cx.io_status(moved.asked.io_status, NtStatus::PENDING, 0)?;
        match end.state() {
            State::Listening => return Err(NtStatus::PIPE_LISTENING.into()),
            State::Disconnected => return Err(NtStatus::PIPE_DISCONNECTED.into()),
            State::Connected | State::Closing => {}
        }
        let place = (moved.buffer, moved.length);
        let taken = take_to(cx, end.incoming(), place, end.by_message.get())?;
        let Some(done) = taken else {
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
            return self.put_aside(cx, end, what, moved.asked);
        };
        // Who waits for room may have it now.
        end.instance.changed.wake();
        self.nt_done(cx, &Object::Pipe(end.clone()), moved.asked, done)
    }

    /// Serves `NtWriteFile` of an end.
    pub(in crate::kernel::nt) fn write_end(
        &mut self,
        cx: &mut Cx<'_>,
        end: &Rc<End>,
        moved: &Moved,
    ) -> Outcome {
        cx.io_status(moved.asked.io_status, NtStatus::PENDING, 0)?;
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
                let done = (NtStatus::SUCCESS, 0);
                return self.nt_done(cx, &Object::Pipe(end.clone()), moved.asked, done);
            }
            return Err(sleep(cx, end));
        }
        let length = moved.length as usize;
        let mut bytes = self.nt.pool.keep(vec![0; length], length)?;
        cx.mem.read(moved.buffer, &mut bytes)?;
        // Nothing is no message unless the pipe has such.
        if !bytes.is_empty() || end.instance.named.messages {
            end.outgoing().borrow_mut().push_back(bytes);
        }
        end.instance.changed.wake();
        let instance = end.instance.clone();
        self.complete(&instance);
        let done = (NtStatus::SUCCESS, moved.length);
        self.nt_done(cx, &Object::Pipe(end.clone()), moved.asked, done)
    }
}

/// The task goes on, and asks again, when something changes.
pub(super) fn sleep(cx: &mut Cx<'_>, end: &End) -> Stop<NtStatus> {
    cx.wait_in(&end.instance.changed);
    cx.block_as(Wait::Ipc, Interrupted::Never)
}
