//! How do messages go to and fro?

use std::rc::Rc;

use emu_prototypes::nt::{self, NtStatus};

use super::message::{Message, kind};
use super::{Port, Role};
use crate::kernel::nt::thread::Thread;
use crate::kernel::nt::wait::What;
use crate::kernel::nt::{Outcome, client_id};
use crate::kernel::{Cx, Kernel};

/// Whether a message fits a port, and its header fits the message.
pub(super) fn fits(cx: &Cx<'_>, port: &Port, message: &Message) -> Result<(), NtStatus> {
    match message.total(cx.word()) > u64::from(port.most) {
        true => Err(NtStatus::PORT_MESSAGE_TOO_LONG),
        false => Ok(()),
    }
}

/// Sends a message through a port, with a number of its own, which is told. A client's comes with what the server calls the
/// connection.
pub(super) fn send(
    kernel: &mut Kernel,
    cx: &Cx<'_>,
    port: &Rc<Port>,
    mut message: Message,
) -> Result<u32, NtStatus> {
    let to = match port.role {
        Role::Connection => port.clone(),
        Role::Client => {
            let peer = port.peer().ok_or(NtStatus::PORT_DISCONNECTED)?;
            message.context = peer.context.get();
            port.connection()?
        }
        Role::Server => port.peer().ok_or(NtStatus::PORT_DISCONNECTED)?,
    };
    message.id = kernel.message_number();
    message.client = client_id(cx.process().pid, cx.task.tid);
    message.sender = Rc::downgrade(port);
    let id = message.id;
    kernel.arrive(&to, message)?;
    Ok(id)
}

/// Serves `NtRequestPort`: a message that nobody answers.
pub(super) fn datagram(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtRequestPort) -> Outcome {
    let port = kernel.port(cx, call.PortHandle)?;
    let mut message = Message::read(cx, call.RequestMessage.address)?;
    message.kind = match message.kind & kind::MASK {
        0 => kind::DATAGRAM,
        known @ kind::DATAGRAM..=kind::CLIENT_DIED => known,
        _ => return Err(NtStatus::INVALID_PARAMETER.into()),
    };
    if message.areas != 0 {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    fits(cx, &port, &message)?;
    send(kernel, cx, &port, message)?;
    Ok(0)
}

/// The thread that a message is an answer for: it waits for just that, at the port that both have to do with.
fn asker(
    kernel: &mut Kernel,
    cx: &Cx<'_>,
    port: &Rc<Port>,
    message: &Message,
) -> Result<Rc<Thread>, NtStatus> {
    let tid = message.thread().ok_or(NtStatus::INVALID_CID)?;
    let known = kernel.nt.threads.get(&tid).cloned();
    let thread = known.ok_or(NtStatus::INVALID_CID)?;
    if client_id(thread.pid, tid) != message.client {
        return Err(NtStatus::INVALID_CID);
    }
    let lpc = thread.lpc.borrow();
    let waits = lpc.awaits.as_ref().is_some_and(|(id, at, by)| {
        let related = match port.role {
            Role::Connection => Rc::ptr_eq(at, port),
            _ => {
                let peer = port.peer();
                Rc::ptr_eq(by, port)
                    || peer.is_some_and(|peer| Rc::ptr_eq(by, &peer))
                    || Rc::ptr_eq(at, port)
            }
        };
        *id == message.id && related
    });
    drop(lpc);
    match waits && message.id != 0 && tid != cx.task.tid {
        true => Ok(thread),
        false => Err(NtStatus::REPLY_MESSAGE_MISMATCH),
    }
}

/// Begins to wait for the answer to a message.
pub(super) fn wait_for_answer(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    (id, at, by): (u32, Rc<Port>, Rc<Port>),
    timeout: u64,
) -> Outcome {
    let thread = kernel.nt_thread(cx, cx.task.tid);
    thread.lpc.borrow_mut().awaits = Some((id, at, by));
    kernel.nt_wait_for(cx, What::Answer, false, timeout)
}

/// The message that has ended the thread's wait.
pub(super) fn mail(kernel: &mut Kernel, cx: &Cx<'_>) -> Result<Message, NtStatus> {
    let thread = kernel.nt_thread(cx, cx.task.tid);
    let mail = thread.lpc.borrow_mut().mail.take();
    mail.ok_or(NtStatus::LPC_REPLY_LOST)
}

/// Serves `NtRequestWaitReplyPort`: a request, or one in return to the client whose own waits for an answer.
pub(super) fn request(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtRequestWaitReplyPort,
) -> Outcome {
    let outcome = match kernel.wait_again(cx, 0) {
        Some(outcome) => outcome?,
        None => {
            // It has to be there before anything is sent.
            cx.read_word(call.ReplyMessage.address)?;
            let port = kernel.port(cx, call.PortHandle)?;
            let message = Message::read(cx, call.RequestMessage.address)?;
            ask(kernel, cx, &port, message)?
        }
    };
    answered(kernel, cx, outcome, call.ReplyMessage.address)
}

/// What becomes of a wait for an answer that is over.
fn answered(kernel: &mut Kernel, cx: &mut Cx<'_>, outcome: u64, at: u64) -> Outcome {
    if outcome != 0 {
        return Ok(outcome);
    }
    mail(kernel, cx)?.write(cx, at)?;
    Ok(0)
}

fn ask(kernel: &mut Kernel, cx: &mut Cx<'_>, port: &Rc<Port>, mut message: Message) -> Outcome {
    fits(cx, port, &message)?;
    let returns = message.kind & kind::MASK == kind::REQUEST;
    message.kind = match message.kind & kind::MASK {
        0 | kind::REQUEST => kind::REQUEST,
        known @ kind::PORT_CLOSED..=kind::ERROR_EVENT => known,
        _ => return Err(NtStatus::INVALID_PARAMETER.into()),
    };
    if returns {
        let thread = asker(kernel, cx, port, &message)?;
        let awaits = thread.lpc.borrow().awaits.clone();
        let awaits = awaits.ok_or(NtStatus::REPLY_MESSAGE_MISMATCH)?;
        message.view = kernel.message_number().into();
        message.client = client_id(cx.process().pid, cx.task.tid);
        kernel.deliver_mail(&thread, message);
        return wait_for_answer(kernel, cx, awaits, 0);
    }
    let at = port.connection().or_else(|lost| match port.role {
        Role::Server => port.peer().ok_or(lost),
        _ => Err(lost),
    })?;
    let id = send(kernel, cx, port, message)?;
    wait_for_answer(kernel, cx, (id, at, port.clone()), 0)
}

/// Serves `NtReplyPort`: the thread that a message is the answer for goes on with it.
pub(super) fn reply(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    handle: u64,
    at: u64,
) -> Result<(), NtStatus> {
    let port = kernel.port(cx, handle)?;
    let message = Message::read(cx, at)?;
    if message.id == 0 {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    fits(cx, &port, &message)?;
    answer(kernel, cx, &port, message)
}

/// Answers a request.
pub(super) fn answer(
    kernel: &mut Kernel,
    cx: &Cx<'_>,
    port: &Rc<Port>,
    message: Message,
) -> Result<(), NtStatus> {
    let thread = asker(kernel, cx, port, &message)?;
    if let Ok(connection) = port.connection() {
        connection.open.borrow_mut().remove(&message.id);
    }
    let answer = Message {
        kind: kind::REPLY,
        ..message
    };
    kernel.deliver_mail(&thread, answer);
    Ok(())
}

/// Serves `NtReplyWaitReplyPort`: a client answers a request in return, and waits for the answer to its own again.
pub(super) fn reply_and_wait(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtReplyWaitReplyPort,
) -> Outcome {
    let at = call.ReplyMessage.address;
    let outcome = match kernel.wait_again(cx, 0) {
        Some(outcome) => outcome?,
        None => {
            let port = kernel.port(cx, call.PortHandle)?;
            let message = Message::read(cx, at)?;
            fits(cx, &port, &message)?;
            let id = message.id;
            let connection = port.connection()?;
            answer(kernel, cx, &port, message)?;
            wait_for_answer(kernel, cx, (id, connection, port), 0)?
        }
    };
    answered(kernel, cx, outcome, at)
}

/// The port whose queue a port's user reads.
pub(super) fn queue_of(port: &Rc<Port>) -> Result<Rc<Port>, NtStatus> {
    match port.role {
        Role::Client if port.closed.get() => Err(NtStatus::PORT_DISCONNECTED),
        Role::Client => Ok(port.clone()),
        _ => port.connection(),
    }
}

/// Serves `NtReplyWaitReceivePort` and the form with a time: answers, when there is something to answer, and takes the next
/// message.
pub(super) fn receive(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtReplyWaitReceivePortEx,
) -> Outcome {
    let timeout = call.Timeout.address;
    let message = match kernel.wait_again(cx, timeout) {
        Some(outcome) => match outcome? {
            0 => mail(kernel, cx)?,
            other => return Ok(other),
        },
        None => {
            let port = kernel.port(cx, call.PortHandle)?;
            if call.ReplyMessage.address != 0 {
                reply(kernel, cx, call.PortHandle, call.ReplyMessage.address)?;
            }
            cx.read_word(call.ReceiveMessage.address)?;
            match next(kernel, cx, &port, timeout)? {
                Ok(message) => message,
                Err(status) => return Ok(status),
            }
        }
    };
    received(kernel, cx, call.PortHandle, &message)?;
    message.write(cx, call.ReceiveMessage.address)?;
    if call.PortContext.address != 0 && message.kind != kind::CONNECTION_REQUEST {
        cx.write_word(call.PortContext.address, message.context)?;
    }
    Ok(0)
}

/// The next message of a port, or waits for it; a status when it has waited long enough.
pub(super) fn next(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    port: &Rc<Port>,
    timeout: u64,
) -> Result<Result<Message, u64>, emu_prototypes::Stop<NtStatus>> {
    let queue = queue_of(port)?;
    let first = queue.queue.borrow_mut().pop_front();
    if let Some(message) = first {
        return Ok(Ok(message));
    }
    let status = kernel.nt_wait_for(cx, What::Message(queue), false, timeout)?;
    Ok(Err(status))
}

/// A message has been received: areas of its sender's memory can be looked at until it is answered.
pub(super) fn received(
    kernel: &mut Kernel,
    cx: &Cx<'_>,
    handle: u64,
    message: &Message,
) -> Result<(), NtStatus> {
    if message.areas != 0 && message.kind == kind::REQUEST {
        let connection = kernel.port(cx, handle)?.connection()?;
        let mut open = connection.open.borrow_mut();
        if open.len() >= super::MAX_MESSAGES {
            open.pop_first();
        }
        open.insert(message.id, message.clone());
    }
    Ok(())
}

/// Serves `NtListenPort`: waits for a request to connect. Others are passed over.
pub(super) fn listen(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtListenPort) -> Outcome {
    let port = kernel.port(cx, call.PortHandle)?;
    cx.read_word(call.ConnectionRequest.address)?;
    let mut found = match kernel.wait_again(cx, 0) {
        Some(outcome) => match outcome? {
            0 => Some(mail(kernel, cx)?),
            other => return Ok(other),
        },
        None => None,
    };
    loop {
        match found {
            Some(message) if message.kind == kind::CONNECTION_REQUEST => {
                message.write(cx, call.ConnectionRequest.address)?;
                return Ok(0);
            }
            _ => match next(kernel, cx, &port, 0)? {
                Ok(message) => found = Some(message),
                Err(status) => return Ok(status),
            },
        }
    }
}

/// Serves `NtImpersonateClientOfPort`: the thread acts as the one that sent a message, with the same user's rights.
pub(super) fn impersonate(kernel: &mut Kernel, cx: &mut Cx<'_>, handle: u64, at: u64) -> Outcome {
    let port = kernel.port(cx, handle)?;
    if port.role != Role::Server {
        return Err(NtStatus::INVALID_PORT_HANDLE.into());
    }
    port.peer().ok_or(NtStatus::PORT_DISCONNECTED)?;
    let message = Message::read(cx, at)?;
    let thread = asker(kernel, cx, &port, &message)?;
    kernel.act_as(cx, thread.pid)?;
    Ok(0)
}
