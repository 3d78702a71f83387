//! What leaves a packet at a port when something becomes signaled, so that one thread can wait for any number of objects.
//! [Microsoft Learn, NtCreateWaitCompletionPacket, NtAssociateWaitCompletionPacket, NtCancelWaitCompletionPacket]

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::Outcome;
use super::completion::{Completion, MODIFY, Packet, port};
use super::handles::Object;
use super::kinds::SYNCHRONIZE;
use super::named::Wish;
use super::reserve::Use;
use super::sync::State;
use super::thread::Thread;
use crate::kernel::{Cx, Kernel};

/// `WAIT_COMPLETION_PACKET`'s only right of its own.   [phnt, ntioapi.h: WAIT_COMPLETION_PACKET_MODIFY_STATE]
const MODIFY_STATE: u32 = 1;
/// The most that wait at once.
const MAX_WAITING: usize = 1 << 16;

/// A packet that is left when an object is signaled, once.
#[derive(Default)]
pub(super) struct WaitPacket {
    waits: RefCell<Option<Wait>>,
    /// Whether it is at a port, and at which.
    left: Rc<Cell<bool>>,
    port: RefCell<Weak<Completion>>,
}

/// What it waits for, and what it then is.
struct Wait {
    object: Object,
    port: Rc<Completion>,
    /// Key, argument, status, count.
    told: (u64, u64, u32, u64),
    /// Who has said so.
    thread: Rc<Thread>,
}

/// Serves `NtCreateWaitCompletionPacket`.
pub(super) fn create(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtCreateWaitCompletionPacket,
) -> Outcome {
    let wish = Wish::new(
        call.WaitCompletionPacketHandle,
        call.DesiredAccess,
        call.ObjectAttributes,
    );
    let object = Object::WaitPacket(Rc::default());
    kernel.nt_make(cx, wish, object)?.outcome()
}

/// Serves `NtAssociateWaitCompletionPacket`. What is signaled already leaves the packet at once.
pub(super) fn associate(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtAssociateWaitCompletionPacket,
) -> Outcome {
    let packet = packet(kernel, cx, call.WaitCompletionPacketHandle)?;
    let port = port(kernel, cx, call.IoCompletionHandle, MODIFY)?;
    let object = kernel.nt_object_for(cx, call.TargetObjectHandle, SYNCHRONIZE)?;
    if !object.is_waitable() {
        return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
    }
    match &object {
        // Whose would it be? And what is typed is looked for by those threads only that wait.
        Object::Dispatcher(own) if matches!(own.state, State::Mutant { .. }) => {
            return Err(Stop::Missing);
        }
        Object::Console(_) => return Err(Stop::Missing),
        _ => {}
    }
    if packet.waits.borrow().is_some() || packet.left.get() {
        return Err(NtStatus::INVALID_PARAMETER_1.into());
    }
    if kernel.nt.wait_packets.len() >= MAX_WAITING {
        return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
    }
    let wait = Wait {
        thread: kernel.nt_thread(cx, cx.task.tid),
        port,
        told: (
            call.KeyContext.address,
            call.ApcContext.address,
            call.IoStatus.cast_unsigned(),
            call.IoStatusInformation,
        ),
        object,
    };
    let signaled = wait.object.is_signaled(cx.task.tid);
    if call.AlreadySignaled.address != 0 {
        let at = call.AlreadySignaled.address;
        cx.mem.write_u8(at, signaled.into())?;
    }
    match signaled {
        true => leave(kernel, &packet, &wait)?,
        false => {
            packet.waits.replace(Some(wait));
            kernel.nt.wait_packets.push(packet);
        }
    }
    Ok(0)
}

/// Serves `NtCancelWaitCompletionPacket`.
pub(super) fn cancel(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtCancelWaitCompletionPacket,
) -> Outcome {
    let packet = packet(kernel, cx, call.WaitCompletionPacketHandle)?;
    if packet.waits.take().is_some() {
        forget(kernel, &packet);
        return Ok(0);
    }
    if !packet.left.get() {
        return Err(NtStatus::CANCELLED.into());
    }
    if call.RemoveSignaledPacket == 0 {
        return Ok(NtStatus::PENDING.0.into());
    }
    if let Some(port) = packet.port.borrow().upgrade() {
        port.take_back(&packet.left);
    }
    Ok(0)
}

fn packet(kernel: &mut Kernel, cx: &Cx<'_>, handle: u64) -> Result<Rc<WaitPacket>, NtStatus> {
    match kernel.nt_object_for(cx, handle, MODIFY_STATE)? {
        Object::WaitPacket(packet) => Ok(packet),
        _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
    }
}

/// The object is signaled: it is taken as a wait takes it, and the packet is left.
fn leave(kernel: &mut Kernel, packet: &Rc<WaitPacket>, wait: &Wait) -> Result<(), NtStatus> {
    let used = Use::begin(&packet.left).ok_or(NtStatus::INVALID_PARAMETER_1)?;
    wait.object.take(&wait.thread);
    packet.port.replace(Rc::downgrade(&wait.port));
    let (key, transfer, status, information) = wait.told;
    let left = Packet {
        key,
        transfer,
        status,
        information,
        used: Some(used),
    };
    kernel.nt_complete(&wait.port, left)
}

fn forget(kernel: &mut Kernel, packet: &Rc<WaitPacket>) {
    kernel
        .nt
        .wait_packets
        .retain(|other| !Rc::ptr_eq(other, packet));
}

impl Kernel {
    /// Something may have become signaled: packets that wait for it are left, the oldest first, as far as it goes.
    pub(super) fn leave_packets(&mut self, signaled: &Object) {
        let waits_for = |packet: &&Rc<WaitPacket>| {
            let wait = packet.waits.borrow();
            wait.as_ref().is_some_and(|wait| wait.object.is(signaled))
        };
        let packets = self.nt.wait_packets.iter().filter(waits_for);
        let packets: Vec<_> = packets.cloned().collect();
        for packet in packets {
            if !signaled.is_signaled(0) {
                return;
            }
            if let Some(wait) = packet.waits.take() {
                forget(self, &packet);
                // A port that is full has no room for it.
                let _ = leave(self, &packet, &wait);
            }
        }
    }

    /// Nobody has a handle of a packet any more: it waits no longer.
    pub(super) fn packet_closed(&mut self, packet: &Rc<WaitPacket>) {
        if packet.waits.take().is_some() {
            forget(self, packet);
        }
    }
}
