//! How does a server reach areas of memory that a request names?
//!
//! `DataInfoOffset` of a message is where in it a list of them is: how many, and the address and size of each.
//! [the headers of the crate phnt, ntlpcapi.h: PORT_DATA_INFORMATION, PORT_DATA_ENTRY]

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus};

use super::message::{Message, header};
use crate::kernel::nt::Outcome;
use crate::kernel::{Cx, Kernel};

/// Bytes that are moved at most.
const MAX: u64 = 1 << 24;

/// Where an area of a received request is, and whose memory it is in.
fn area(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    (handle, message, index): (u64, u64, u32),
    size: u64,
) -> Result<(i32, u64), NtStatus> {
    let word = cx.word();
    let connection = kernel.port(cx, handle)?.connection()?;
    let named = Message::read(cx, message)?;
    if named.areas == 0 {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let open = connection.open.borrow();
    let request = open.get(&named.id).filter(|own| own.client == named.client);
    let request = request.ok_or(NtStatus::INVALID_PARAMETER)?;
    let list = usize::from(request.areas).checked_sub(header(word) as usize);
    let list = list.and_then(|from| request.data.get(from..));
    let list = list.ok_or(NtStatus::INVALID_PARAMETER)?;
    let field = |at: usize, width: usize| {
        let mut bytes = [0; 8];
        bytes[..width].copy_from_slice(list.get(at..at + width)?);
        Some(u64::from_le_bytes(bytes))
    };
    let width = word as usize;
    let first = width + index as usize * 2 * width;
    let count = field(0, 4).ok_or(NtStatus::INVALID_PARAMETER)?;
    let (base, length) = match (field(first, width), field(first + width, 4)) {
        (Some(base), Some(length)) if u64::from(index) < count => (base, length),
        _ => return Err(NtStatus::INVALID_PARAMETER),
    };
    if size > length || size > MAX {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let tid = request.thread().ok_or(NtStatus::INVALID_CID)?;
    Ok((tid, base))
}

/// Serves `NtReadRequestData`: so many bytes from the beginning of an area. What can't be read ends it.
pub(super) fn read(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtReadRequestData) -> Outcome {
    let which = (call.PortHandle, call.Message.address, call.DataEntryIndex);
    let (tid, base) = area(kernel, cx, which, call.BufferSize)?;
    let mut bytes = vec![0; call.BufferSize as usize];
    in_thread(kernel, cx, tid, |memory| memory.read(base, &mut bytes))?;
    cx.mem.write(call.Buffer.address, &bytes)?;
    if call.NumberOfBytesRead.address != 0 {
        cx.write_word(call.NumberOfBytesRead.address, call.BufferSize)?;
    }
    Ok(0)
}

/// Serves `NtWriteRequestData`.
pub(super) fn write(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtWriteRequestData,
) -> Outcome {
    let which = (call.PortHandle, call.Message.address, call.DataEntryIndex);
    let (tid, base) = area(kernel, cx, which, call.BufferSize)?;
    let mut bytes = vec![0; call.BufferSize as usize];
    cx.mem.read(call.Buffer.address, &mut bytes)?;
    in_thread(kernel, cx, tid, |memory| memory.write(base, &bytes))?;
    if call.NumberOfBytesWritten.address != 0 {
        cx.write_word(call.NumberOfBytesWritten.address, call.BufferSize)?;
    }
    Ok(0)
}

/// Does something with the memory of a thread's process.
fn in_thread(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    tid: i32,
    act: impl FnOnce(&mut dyn GuestMemory) -> Result<(), emu_cpu::Fault>,
) -> Result<(), NtStatus> {
    let task = kernel.tasks.get(tid).ok_or(NtStatus::INVALID_CID)?;
    let process = task.linux.process.clone();
    kernel.in_memory(cx, &process, |target| Ok(act(&mut *target.space)?))
}
