//! What has been completed, and who takes it? Ports of I/O completion.   [Microsoft Learn, I/O Completion Ports]

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus};

use super::handles::Object;
use super::kinds::Kind;
use super::named::Wish;
use super::pool::Kept;
use super::reserve::{Use, What};
use super::{Outcome, apc, query};
use crate::kernel::wait::WaitQueue;
use crate::kernel::{Cx, Kernel};

/// Packets that a port holds at most.
const MAX_PACKETS: usize = 1 << 16;
/// Packets that one call takes at most.
const MAX_TAKEN: u32 = 1 << 10;
/// `IO_COMPLETION_MODIFY_STATE` and `IO_COMPLETION_QUERY_STATE`.   [winnt.h]
pub(super) const MODIFY: u32 = 2;
const QUERY: u32 = 1;

/// A port.
#[derive(Debug, Default)]
pub(super) struct Completion {
    packets: RefCell<VecDeque<Kept<Packet>>>,
    queue: WaitQueue,
}

/// What somebody is told of something that is over.
#[derive(Debug, Default)]
pub(super) struct Packet {
    /// What the port's user has called the file, and the transfer.
    pub(super) key: u64,
    pub(super) transfer: u64,
    pub(super) status: u32,
    pub(super) information: u64,
    /// What it uses until somebody takes it.
    pub(super) used: Option<Use>,
}

impl Completion {
    pub(super) fn is_empty(&self) -> bool {
        self.packets.borrow().is_empty()
    }

    /// Takes back the packet that uses something.
    pub(super) fn take_back(&self, used: &Rc<Cell<bool>>) {
        let uses = |packet: &Packet| packet.used.as_ref().is_some_and(|own| own.is_of(used));
        self.packets.borrow_mut().retain(|packet| !uses(packet));
    }
}

/// Serves `NtCreateIoCompletion`.
pub(super) fn create(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtCreateIoCompletion,
) -> Outcome {
    let wish = Wish::new(
        call.IoCompletionHandle,
        call.DesiredAccess,
        call.ObjectAttributes,
    );
    kernel
        .nt_make(cx, wish, Object::Completion(Rc::default()))?
        .outcome()
}

impl Kernel {
    /// The port that is told of a file's transfers, and what the file is called there.
    pub(super) fn port_of(&self, source: &Object) -> Option<(Rc<Completion>, u64)> {
        match source {
            Object::File(file) => self.nt.ports.get(&file.id).cloned(),
            Object::Pipe(end) => end.port.borrow().clone(),
            Object::Mailslot(slot) => slot.port.borrow().clone(),
            _ => None,
        }
    }

    /// Something is over: the port's next user is told.
    pub(super) fn nt_complete(
        &mut self,
        port: &Rc<Completion>,
        packet: Packet,
    ) -> Result<(), NtStatus> {
        if port.packets.borrow().len() >= MAX_PACKETS {
            return Err(NtStatus::INSUFFICIENT_RESOURCES);
        }
        let packet = self.nt.pool.keep(packet, 0)?;
        port.packets.borrow_mut().push_back(packet);
        port.queue.wake();
        self.signal(&Object::Completion(port.clone()));
        Ok(())
    }
}

/// Serves `NtOpenIoCompletion`.
pub(super) fn open(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtOpenIoCompletion) -> Outcome {
    let wish = Wish::new(
        call.IoCompletionHandle,
        call.DesiredAccess,
        call.ObjectAttributes,
    );
    kernel.nt_open_named(cx, wish, Kind::IoCompletion)
}

/// Serves `FileCompletionInformation` of `NtSetInformationFile`: a port, and what the file is called there. A file has one.
pub(super) fn associate(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    source: &Object,
    (at, length): (u64, u32),
) -> Result<(), NtStatus> {
    let word = cx.word();
    if u64::from(length) < 2 * word {
        return Err(NtStatus::INFO_LENGTH_MISMATCH);
    }
    let handle = cx.read_word(at)?;
    let key = cx.read_word(at.wrapping_add(word))?;
    let port = port(kernel, cx, handle, MODIFY)?;
    if kernel.port_of(source).is_some() {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    match source {
        Object::File(file) => {
            kernel.nt.ports.insert(file.id, (port, key));
        }
        Object::Pipe(end) => {
            end.port.replace(Some((port, key)));
        }
        Object::Mailslot(slot) => {
            slot.port.replace(Some((port, key)));
        }
        _ => return Err(NtStatus::INVALID_PARAMETER),
    }
    Ok(())
}

/// Whether a port is told of a transfer of a file that is over at once: 1 not.   [winbase.h:
/// FILE_SKIP_COMPLETION_PORT_ON_SUCCESS, FILE_SKIP_SET_EVENT_ON_HANDLE]
const SKIPS: u32 = 1;
const MODES: u32 = 3;

/// Serves `FileIoCompletionNotificationInformation` of `NtSetInformationFile`. What has been said once stays.
/// [Microsoft Learn, SetFileCompletionNotificationModes]
pub(super) fn set_modes(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    source: &Object,
    (at, length): (u64, u32),
) -> Result<(), NtStatus> {
    if length < 4 {
        return Err(NtStatus::INFO_LENGTH_MISMATCH);
    }
    let modes = cx.mem.read_u32(at)?;
    if modes & !MODES != 0 {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    match source {
        Object::File(file) => {
            *kernel.nt.port_modes.entry(file.id).or_default() |= modes;
        }
        Object::Pipe(end) => end.port_modes.set(end.port_modes.get() | modes),
        _ => return Err(NtStatus::INVALID_PARAMETER),
    }
    Ok(())
}

impl Kernel {
    /// Whether the port of a file is told of what is over at once.
    pub(super) fn tells_at_once(&self, source: &Object) -> bool {
        let modes = match source {
            Object::File(file) => self.nt.port_modes.get(&file.id).copied().unwrap_or(0),
            Object::Pipe(end) => end.port_modes.get(),
            _ => 0,
        };
        modes & SKIPS == 0
    }
}

/// Serves `NtSetIoCompletion`.
pub(super) fn set(kernel: &mut Kernel, cx: &Cx<'_>, call: &nt::NtSetIoCompletion) -> Outcome {
    leave(kernel, cx, call, None)
}

/// Serves `NtSetIoCompletionEx`, whose packet has memory of its own.
pub(super) fn set_ex(kernel: &mut Kernel, cx: &Cx<'_>, call: &nt::NtSetIoCompletionEx) -> Outcome {
    let used = kernel.reserved(cx, call.IoCompletionPacketHandle, What::Packet)?;
    let older = nt::NtSetIoCompletion {
        IoCompletionHandle: call.IoCompletionHandle,
        KeyContext: call.KeyContext,
        ApcContext: call.ApcContext,
        IoStatus: call.IoStatus,
        IoStatusInformation: call.IoStatusInformation,
    };
    leave(kernel, cx, &older, Some(used))
}

fn leave(
    kernel: &mut Kernel,
    cx: &Cx<'_>,
    call: &nt::NtSetIoCompletion,
    used: Option<Use>,
) -> Outcome {
    let port = port(kernel, cx, call.IoCompletionHandle, MODIFY)?;
    let packet = Packet {
        key: call.KeyContext.address,
        transfer: call.ApcContext.address,
        status: call.IoStatus.cast_unsigned(),
        information: call.IoStatusInformation,
        used,
    };
    kernel.nt_complete(&port, packet)?;
    Ok(0)
}

/// Serves `NtRemoveIoCompletion`.
pub(super) fn remove(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtRemoveIoCompletion,
) -> Outcome {
    let port = waited(kernel, cx, call.IoCompletionHandle)?;
    let packet = port.packets.borrow_mut().pop_front();
    match packet {
        Some(packet) => {
            cx.write_word(call.KeyContext.address, packet.key)?;
            cx.write_word(call.ApcContext.address, packet.transfer)?;
            let status = NtStatus(packet.status);
            cx.io_status(call.IoStatusBlock.address, status, packet.information)?;
            Ok(0)
        }
        None => wait(kernel, cx, port, false, call.Timeout.address),
    }
}

/// Serves `NtRemoveIoCompletionEx`: several at once, each with its key, its transfer, and an `IO_STATUS_BLOCK`.
pub(super) fn remove_ex(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtRemoveIoCompletionEx,
) -> Outcome {
    let port = waited(kernel, cx, call.IoCompletionHandle)?;
    if call.Count == 0 {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let word = cx.word();
    let mut count = 0;
    while count < call.Count.min(MAX_TAKEN) {
        let Some(packet) = port.packets.borrow_mut().pop_front() else {
            break;
        };
        let at = call
            .IoCompletionInformation
            .address
            .wrapping_add(u64::from(count) * 4 * word);
        cx.write_word(at, packet.key)?;
        cx.write_word(at.wrapping_add(word), packet.transfer)?;
        let block = at.wrapping_add(2 * word);
        cx.io_status(block, NtStatus(packet.status), packet.information)?;
        count += 1;
    }
    if count == 0 {
        let alertable = call.Alertable != 0;
        let outcome = wait(kernel, cx, port, alertable, call.Timeout.address);
        if outcome.is_ok() {
            cx.returned_length(call.NumEntriesRemoved.address, 0)?;
        }
        return outcome;
    }
    cx.returned_length(call.NumEntriesRemoved.address, count.into())?;
    Ok(0)
}

/// The port that a call takes from: when it has waited, the one that it has waited for.
fn waited(kernel: &mut Kernel, cx: &Cx<'_>, handle: u64) -> Result<Rc<Completion>, NtStatus> {
    let thread = kernel.nt_thread(cx, cx.task.tid);
    match thread.port.take().filter(|_| cx.again) {
        Some(port) => Ok(port),
        None => port(kernel, cx, handle, MODIFY),
    }
}

fn wait(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    port: Rc<Completion>,
    alertable: bool,
    timeout: u64,
) -> Outcome {
    let until = kernel.until(cx, timeout)?;
    let thread = kernel.nt_thread(cx, cx.task.tid);
    // Nobody can complete anything where nobody has a handle.
    let object = Object::Completion(port.clone());
    if cx.again && kernel.handles_of(&object) == 0 {
        return Ok(NtStatus::ABANDONED_WAIT_0.0.into());
    }
    if alertable && let Some(status) = apc::interrupts(kernel, cx, &thread)? {
        return Ok(status);
    }
    if until.is_some_and(|until| until <= kernel.clock.now()) {
        return Ok(NtStatus::TIMEOUT.0.into());
    }
    cx.wait_in(&port.queue);
    thread.port.replace(Some(port));
    Err(kernel.sleep_until(cx, until, None))
}

/// A handle has been closed: who waits looks whether it was the last.
pub(super) fn closed(port: &Rc<Completion>) {
    port.queue.wake();
}

/// Serves `NtQueryIoCompletion`: how many packets there are.
pub(super) fn query(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtQueryIoCompletion,
) -> Outcome {
    let port = port(kernel, cx, call.IoCompletionHandle, QUERY)?;
    if call.IoCompletionInformationClass != 0 {
        return Err(NtStatus::INVALID_INFO_CLASS.into());
    }
    let depth = port.packets.borrow().len() as u32;
    let at = call.IoCompletionInformation.address;
    let length = call.IoCompletionInformationLength;
    query::tell(
        cx,
        &depth.to_le_bytes(),
        at,
        length,
        call.ReturnLength.address,
    )
}

/// The port of a handle with an access.
pub(super) fn port(
    kernel: &mut Kernel,
    cx: &Cx<'_>,
    handle: u64,
    access: u32,
) -> Result<Rc<Completion>, NtStatus> {
    match kernel.nt_object_for(cx, handle, access)? {
        Object::Completion(port) => Ok(port),
        _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
    }
}
