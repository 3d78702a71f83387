//! How do ports of the later kind work, where one call sends and receives?
//! [the headers of the crate phnt, ntlpcapi.h: ALPC_PORT_ATTRIBUTES, ALPC_MSGFLG_*]

use std::rc::{Rc, Weak};

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus};

use super::message::{Message, kind};
use super::{Port, Role, alpc_attributes, connect, transfer};
use crate::kernel::nt::Outcome;
use crate::kernel::nt::handles::Object;
use crate::kernel::{Cx, Kernel};

/// Nobody answers; the caller waits for the answer.
const RELEASE_MESSAGE: u32 = 0x1_0000;
const SYNC_REQUEST: u32 = 0x2_0000;
/// Bytes of a message at most: what its header can say.
const MOST: u64 = 0xffff;

/// The size of messages that `ALPC_PORT_ATTRIBUTES` ask for, behind flags and a quality of service.
fn most(cx: &mut Cx<'_>, attributes: u64) -> Result<u32, NtStatus> {
    let asked = match attributes {
        0 => 0,
        at => cx.read_word(at.wrapping_add(16))?,
    };
    match asked {
        0 => Ok(MOST as u32),
        asked if asked <= MOST => Ok(asked as u32),
        _ => Err(NtStatus::INVALID_PARAMETER),
    }
}

/// Serves `NtAlpcCreatePort`.
pub(super) fn create(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtAlpcCreatePort) -> Outcome {
    let most = most(cx, call.PortAttributes.address)?;
    let pid = cx.process().pid;
    let port = Port::new(Role::Connection, true, (most, most), pid, Weak::new());
    let at = (call.PortHandle.address, call.ObjectAttributes.address);
    connect::make(kernel, cx, at, port)
}

/// Serves `NtAlpcConnectPort`: the client waits to be accepted when it asks for that, else it is told by a message.
pub(super) fn connect(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    name: &[u16],
    call: &nt::NtAlpcConnectPort,
) -> Outcome {
    let (at, length) = (call.ConnectionMessage.address, call.BufferLength.address);
    let timeout = call.Timeout.address;
    let outcome = match kernel.wait_again(cx, timeout) {
        Some(outcome) => outcome?,
        None => {
            cx.read_word(call.PortHandle.address)?;
            let server = connect::find(kernel, name)?;
            if server.role != Role::Connection {
                return Err(NtStatus::INVALID_PORT_HANDLE.into());
            }
            let sid = call.RequiredServerSid.address;
            if sid != 0 && !kernel.is_user(cx, sid)? {
                return Err(NtStatus::SERVER_SID_MISMATCH.into());
            }
            let data = match at {
                0 => Vec::new(),
                at => {
                    let message = Message::read(cx, at)?;
                    transfer::fits(cx, &server, &message)?;
                    message.data
                }
            };
            alpc_attributes::check_sent(cx, call.OutMessageAttributes.address)?;
            let (port, message) = connect::begin(kernel, cx, &server, data);
            let id = message.id;
            remember(&server, &message)?;
            kernel.arrive(&server, message)?;
            if call.Flags & SYNC_REQUEST == 0 {
                kernel.nt_give(cx, (call.PortHandle.address, 0), Object::Port(port))?;
                return Ok(0);
            }
            transfer::wait_for_answer(kernel, cx, (id, server, port), timeout)?
        }
    };
    if outcome != 0 {
        return give_up(kernel, cx, outcome);
    }
    let answer = transfer::mail(kernel, cx)?;
    let port = answer.connects.clone();
    let port = port.filter(|port| port.peer().is_some());
    let port = port.ok_or(NtStatus::PORT_CONNECTION_REFUSED)?;
    if at != 0 {
        hand(cx, &answer, at, length)?;
    }
    alpc_attributes::tell(cx, call.InMessageAttributes.address, &answer)?;
    kernel.nt_give(cx, (call.PortHandle.address, 0), Object::Port(port))?;
    Ok(0)
}

/// Who has waited long enough is not answered any more.
fn give_up(kernel: &mut Kernel, cx: &Cx<'_>, status: u64) -> Outcome {
    let thread = kernel.nt_thread(cx, cx.task.tid);
    thread.lpc.borrow_mut().awaits = None;
    Ok(status)
}

/// Keeps what is needed to answer a message later.
fn remember(server: &Port, message: &Message) -> Result<(), NtStatus> {
    let mut open = server.open.borrow_mut();
    if open.len() >= super::MAX_MESSAGES {
        return Err(NtStatus::NO_MEMORY);
    }
    let data = Vec::new();
    let kept = Message {
        data,
        ..message.clone()
    };
    open.insert(message.id, kept);
    Ok(())
}

/// Serves `NtAlpcAcceptConnectPort`: the client is connected, or refused, at once.
pub(super) fn accept(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtAlpcAcceptConnectPort,
) -> Outcome {
    cx.read_word(call.PortHandle.address)?;
    let server = kernel.port(cx, call.ConnectionPortHandle)?;
    if server.role != Role::Connection {
        return Err(NtStatus::INVALID_PORT_HANDLE.into());
    }
    let mut answer = Message::read(cx, call.ConnectionRequest.address)?;
    transfer::fits(cx, &server, &answer)?;
    let open = server.open.borrow_mut().remove(&answer.id);
    let client = open.and_then(|request| request.connects);
    let client = client.ok_or(NtStatus::REPLY_MESSAGE_MISMATCH)?;
    answer.kind = kind::CONNECTION_REPLY;
    answer.connects = Some(client.clone());
    let accepts = call.AcceptConnection != 0;
    if accepts {
        let port = connect::link(cx, &client, call.PortContext.address);
        kernel.nt_give(cx, (call.PortHandle.address, 0), Object::Port(port))?;
    }
    let thread = answer
        .thread()
        .and_then(|tid| kernel.nt.threads.get(&tid).cloned());
    let waiting = thread.filter(|thread| {
        let lpc = thread.lpc.borrow();
        lpc.awaits
            .as_ref()
            .is_some_and(|awaits| awaits.0 == answer.id)
    });
    match waiting {
        Some(thread) => kernel.deliver_mail(&thread, answer),
        None if accepts => kernel.arrive(&client, answer)?,
        None => kernel.disconnect(&client),
    }
    Ok(0)
}

/// Serves `NtAlpcSendWaitReceivePort`: sends a message, when there is one, and takes the next, when there is room for one. A
/// message with a number answers the one with that number.
pub(super) fn send_and_receive(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtAlpcSendWaitReceivePort,
) -> Outcome {
    let timeout = call.Timeout.address;
    let at = call.ReceiveMessage.address;
    let message = match kernel.wait_again(cx, timeout) {
        Some(outcome) => match outcome? {
            0 => transfer::mail(kernel, cx)?,
            other => return give_up(kernel, cx, other),
        },
        None => {
            let port = kernel.port(cx, call.PortHandle)?;
            if at != 0 {
                cx.read_word(at)?;
                cx.read_word(call.BufferLength.address)?;
            }
            let awaits = match call.SendMessage.address {
                0 => None,
                _ => send(kernel, cx, &port, call)?,
            };
            if at == 0 {
                return Ok(0);
            }
            let waited = match awaits {
                Some(awaits) => {
                    let status = transfer::wait_for_answer(kernel, cx, awaits, timeout)?;
                    return give_up(kernel, cx, status);
                }
                None => transfer::next(kernel, cx, &port, timeout)?,
            };
            match waited {
                Ok(message) => message,
                Err(status) => return Ok(status),
            }
        }
    };
    if let Err(status) = hand(cx, &message, at, call.BufferLength.address) {
        // It is there for who has more room.
        if status == NtStatus::BUFFER_TOO_SMALL {
            let port = kernel.port(cx, call.PortHandle)?;
            let queue = transfer::queue_of(&port)?;
            queue.queue.borrow_mut().push_front(message);
        }
        return Err(status.into());
    }
    alpc_attributes::tell(cx, call.ReceiveMessageAttributes.address, &message)?;
    Ok(0)
}

/// Writes a message where there is room for so many bytes, and tells how many it has.
fn hand(cx: &mut Cx<'_>, message: &Message, at: u64, length: u64) -> Result<(), NtStatus> {
    let total = message.total(cx.word());
    let room = match length {
        0 => total,
        length => cx.read_word(length)?,
    };
    if length != 0 {
        cx.write_word(length, total)?;
    }
    match total > room {
        true => Err(NtStatus::BUFFER_TOO_SMALL),
        false => message.write(cx, at),
    }
}

/// A request's number, the port with the name, and the one it went through.
type Awaits = (u32, Rc<Port>, Rc<Port>);

/// Sends; says what the caller waits for when it waits for the answer.
fn send(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    port: &Rc<Port>,
    call: &nt::NtAlpcSendWaitReceivePort,
) -> Result<Option<Awaits>, emu_prototypes::Stop<NtStatus>> {
    alpc_attributes::check_sent(cx, call.SendMessageAttributes.address)?;
    let at = call.SendMessage.address;
    let mut message = Message::read(cx, at)?;
    transfer::fits(cx, port, &message)?;
    let waits = call.Flags & SYNC_REQUEST != 0;
    if message.id != 0 {
        answer(kernel, cx, port, message)?;
        return Ok(None);
    }
    if waits && call.ReceiveMessage.address == 0 {
        return Err(NtStatus::LPC_RECEIVE_BUFFER_EXPECTED.into());
    }
    message.kind = match call.Flags & RELEASE_MESSAGE != 0 && !waits {
        true => kind::DATAGRAM,
        false => kind::REQUEST,
    };
    let asks = message.kind == kind::REQUEST && !waits;
    let kept = message.clone();
    let connection = match port.role {
        Role::Server => port.peer().ok_or(NtStatus::PORT_DISCONNECTED)?,
        _ => port.connection()?,
    };
    let id = transfer::send(kernel, cx, port, message)?;
    // The sender finds the number in its own message.
    let word = cx.word();
    cx.mem.write_u32(at.wrapping_add(8 + 2 * word), id)?;
    if asks {
        let kept = Message {
            id,
            sender: Rc::downgrade(port),
            ..kept
        };
        remember(&connection, &kept)?;
    }
    Ok(waits.then(|| (id, connection, port.clone())))
}

/// Answers a request: the thread that waits for that goes on, else the answer arrives at the port that it was sent through.
fn answer(
    kernel: &mut Kernel,
    cx: &Cx<'_>,
    port: &Rc<Port>,
    message: Message,
) -> Result<(), NtStatus> {
    let keeper = match port.role {
        Role::Client => port.clone(),
        _ => port.connection()?,
    };
    let open = keeper.open.borrow_mut().remove(&message.id);
    let Some(request) = open else {
        return transfer::answer(kernel, cx, port, message);
    };
    let to = request
        .sender
        .upgrade()
        .ok_or(NtStatus::PORT_DISCONNECTED)?;
    let answer = Message {
        kind: kind::REPLY,
        ..message
    };
    kernel.arrive(&to, answer)
}
