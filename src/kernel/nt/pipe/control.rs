//! What can only a pipe do?   [ntifs.h: FSCTL_PIPE_DISCONNECT and following]

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::requests::What;
use super::transfer::{Moved, sleep, take_to};
use super::{End, State};
use crate::kernel::nt::Outcome;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::reply::{Asked, asked};
use crate::kernel::wait::{Interrupted, Wait};
use crate::kernel::{Cx, Kernel};

const DISCONNECT: u32 = 0x11_0004;
const LISTEN: u32 = 0x11_0008;
const PEEK: u32 = 0x11_400c;
const TRANSCEIVE: u32 = 0x11_c017;
const WAIT: u32 = 0x11_0018;

/// In front of what is peeked at: state, bytes, messages, length of the first.
const PEEK_HEAD: usize = 16;
/// What is in front of the name in a `FILE_PIPE_WAIT_FOR_BUFFER`.
const WAIT_HEAD: u32 = 14;

/// Serves `NtFsControlFile` of an end.
pub(in crate::kernel::nt) fn control(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    end: &Rc<End>,
    call: &nt::NtFsControlFile,
) -> Outcome {
    let source = Object::Pipe(end.clone());
    let io_status = call.IoStatusBlock.address;
    match call.FsControlCode {
        LISTEN | DISCONNECT if end.side != 0 => Err(NtStatus::ILLEGAL_FUNCTION.into()),
        LISTEN => {
            match end.state() {
                State::Connected if !cx.again => return Err(NtStatus::PIPE_CONNECTED.into()),
                State::Closing if !cx.again => return Err(NtStatus::PIPE_CLOSING.into()),
                // It came while the task waited.
                State::Connected | State::Closing => {
                    return kernel.nt_done(cx, &source, asked!(call), (NtStatus::SUCCESS, 0));
                }
                State::Disconnected => end.listen(),
                State::Listening => {}
            }
            if end.never_waits.get() {
                return Err(NtStatus::PIPE_LISTENING.into());
            }
            cx.io_status(io_status, NtStatus::PENDING, 0)?;
            if !end.synchronous {
                return kernel.put_aside(cx, end, What::Listen, asked!(call));
            }
            cx.wait_in(&end.instance.changed);
            Err(cx.block_as(Wait::Ipc, Interrupted::Never))
        }
        DISCONNECT => {
            match end.state() {
                State::Listening => return Err(NtStatus::PIPE_LISTENING.into()),
                State::Disconnected => return Err(NtStatus::PIPE_DISCONNECTED.into()),
                State::Connected | State::Closing => {}
            }
            end.instance.state.set(State::Disconnected);
            for queue in &end.instance.queues {
                queue.borrow_mut().clear();
            }
            end.instance.changed.wake();
            let instance = end.instance.clone();
            kernel.complete(&instance);
            kernel.nt_done(cx, &source, asked!(call), (NtStatus::SUCCESS, 0))
        }
        PEEK => peek(cx, end, call),
        TRANSCEIVE => transceive(kernel, cx, end, call),
        _ => Err(Stop::Missing),
    }
}

fn peek(cx: &mut Cx<'_>, end: &End, call: &nt::NtFsControlFile) -> Outcome {
    let room = (call.OutputBufferLength as usize)
        .checked_sub(PEEK_HEAD)
        .ok_or(NtStatus::INFO_LENGTH_MISMATCH)?;
    match end.state() {
        State::Connected => {}
        State::Closing if end.available() > 0 => {}
        State::Closing => return Err(NtStatus::PIPE_BROKEN.into()),
        _ => return Err(NtStatus::INVALID_PIPE_STATE.into()),
    }
    let queue = end.incoming().borrow();
    let first = queue.front().map_or(0, |piece| piece.len());
    let (count, message) = match end.instance.named.messages {
        true => (queue.len(), first),
        false => (0, 0),
    };
    let mut out = Vec::new();
    for word in [end.state() as usize, end.available(), count, message] {
        out.extend_from_slice(&(word as u32).to_le_bytes());
    }
    let pieces = if end.by_message.get() { 1 } else { queue.len() };
    let bytes = queue
        .iter()
        .take(pieces)
        .flat_map(|piece| piece.iter())
        .copied()
        .take(room);
    out.extend(bytes);
    let status = match end.by_message.get() && first > room {
        true => NtStatus::BUFFER_OVERFLOW,
        false => NtStatus::SUCCESS,
    };
    drop(queue);
    cx.mem.write(call.OutputBuffer.address, &out)?;
    cx.io_status(call.IoStatusBlock.address, status, out.len() as u64)?;
    Ok(status.0.into())
}

/// A message is written, and the next one is read: when the call is asked again, only the second half is left.
fn transceive(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    end: &Rc<End>,
    call: &nt::NtFsControlFile,
) -> Outcome {
    if !end.by_message.get() {
        return Err(NtStatus::INVALID_READ_MODE.into());
    }
    let moved = Moved {
        // Nobody is told of the first half.
        asked: Asked {
            event: 0,
            function: 0,
            context: 0,
            io_status: call.IoStatusBlock.address,
        },
        buffer: call.InputBuffer.address,
        length: call.InputBufferLength.into(),
    };
    if !cx.again {
        if end.available() > 0 {
            return Err(NtStatus::PIPE_BUSY.into());
        }
        kernel.write_end(cx, end, &moved)?;
    }
    let (buffer, length) = (call.OutputBuffer.address, call.OutputBufferLength.into());
    let Some(done) = take_to(cx, end.incoming(), (buffer, length), true)? else {
        if end.state() != State::Connected {
            return Err(NtStatus::PIPE_BROKEN.into());
        }
        if end.synchronous {
            return Err(sleep(cx, end));
        }
        let what = What::Read { buffer, length };
        return kernel.put_aside(cx, end, what, asked!(call));
    };
    kernel.nt_done(cx, &Object::Pipe(end.clone()), asked!(call), done)
}

/// Serves `NtFsControlFile` of the device itself: waits until an instance of a name can be connected to.
pub(in crate::kernel::nt) fn device(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtFsControlFile,
) -> Outcome {
    if call.FsControlCode != WAIT {
        return Err(Stop::Missing);
    }
    let at = call.InputBuffer.address;
    if call.InputBufferLength < WAIT_HEAD {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let len = cx.mem.read_u32(at.wrapping_add(8))?;
    if len > call.InputBufferLength - WAIT_HEAD || len % 2 != 0 {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let units = cx.units(at.wrapping_add(WAIT_HEAD.into()), len as usize)?;
    let path: Vec<u16> = "\\??\\pipe\\".encode_utf16().chain(units).collect();
    let name = super::name(&path).unwrap_or_default();
    let named = kernel.nt.pipes.named.get(&name);
    let instances = named.map(|named| named.alive()).unwrap_or_default();
    if instances.is_empty() {
        return Err(NtStatus::OBJECT_NAME_NOT_FOUND.into());
    }
    if instances
        .iter()
        .any(|instance| instance.state.get() == State::Listening)
    {
        cx.io_status(call.IoStatusBlock.address, NtStatus::SUCCESS, 0)?;
        return Ok(0);
    }
    let specified = cx.mem.read_u8(at.wrapping_add(12))? != 0;
    let until = kernel.until(cx, if specified { at } else { 0 })?;
    if until.is_some_and(|until| until <= kernel.clock.now()) {
        return Err(NtStatus::IO_TIMEOUT.into());
    }
    let listening = kernel.nt.pipes.listening.clone();
    cx.wait_in(&listening);
    let wait = until.map_or(Wait::Ipc, Wait::Until);
    Err(cx.block_as(wait, Interrupted::Never))
}
