//! How do a client and a server get ports of their own?

use std::rc::{Rc, Weak};

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus};

use super::message::{Message, header, kind};
use super::transfer::{mail, wait_for_answer};
use super::view::{self, View};
use super::{Port, Role};
use crate::kernel::nt::handles::{Object, Slot};
use crate::kernel::nt::named::Wish;
use crate::kernel::nt::namespace::{Follow, Found};
use crate::kernel::nt::thread::Thread;
use crate::kernel::nt::{Outcome, client_id};
use crate::kernel::{Cx, Kernel};

/// Bytes of a message at most, its header among them, by the width of pointers.
/// [the headers of the crate phnt, ntlpcapi.h: PORT_TOTAL_MAXIMUM_MESSAGE_LENGTH, of 256 and of 512 bytes of data]
fn most(word: u64) -> u32 {
    match word {
        4 => 0x148,
        _ => 0x288,
    }
}

/// Serves `NtCreatePort` and `NtCreateWaitablePort`. What is said when connecting has a header and two views beside it.
pub(super) fn create(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    (handle, attributes): (u64, u64),
    (length, said): (u32, u32),
) -> Outcome {
    let word = cx.word();
    let most = most(word);
    let beside = header(word) + view::sizes(word).0 + view::sizes(word).1 + 2 * word;
    if said > most - beside as u32 {
        return Err(NtStatus::INVALID_PARAMETER_3.into());
    }
    if length > most {
        return Err(NtStatus::INVALID_PARAMETER_4.into());
    }
    let pid = cx.process().pid;
    let port = Port::new(Role::Connection, false, (length, said), pid, Weak::new());
    make(kernel, cx, (handle, attributes), port)
}

/// Gives a port that clients connect to a handle and a name.
pub(super) fn make(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    (handle, attributes): (u64, u64),
    port: Port,
) -> Outcome {
    let object = Object::Port(Rc::new(port));
    let wish = Wish {
        handle,
        access: Slot::new(object.clone()).access,
        attributes,
    };
    kernel.nt_make(cx, wish, object)?.outcome()
}

/// The port that has a name.
pub(super) fn find(kernel: &Kernel, name: &[u16]) -> Result<Rc<Port>, NtStatus> {
    if name.first() != Some(&0x5c) {
        return Err(NtStatus::OBJECT_PATH_SYNTAX_BAD);
    }
    let follow = Follow {
        insensitive: true,
        last: true,
    };
    match kernel.nt.names.find(None, name, follow) {
        Ok(Found::Object(Object::Port(port), _)) if port.closed.get() => {
            Err(NtStatus::OBJECT_NAME_NOT_FOUND)
        }
        Ok(Found::Object(Object::Port(port), _)) => Ok(port),
        Ok(Found::Object(..)) => Err(NtStatus::OBJECT_TYPE_MISMATCH),
        Ok(Found::Nothing(..)) | Err(NtStatus::OBJECT_PATH_NOT_FOUND) => {
            Err(NtStatus::OBJECT_NAME_NOT_FOUND)
        }
        Err(status) => Err(status),
    }
}

/// A client's port, not connected yet, and the request to connect it.
pub(super) fn begin(
    kernel: &mut Kernel,
    cx: &Cx<'_>,
    at: &Rc<Port>,
    data: Vec<u8>,
) -> (Rc<Port>, Message) {
    let pid = cx.process().pid;
    let sizes = (at.most, at.most_said);
    let port = Port::new(Role::Client, at.alpc, sizes, pid, Rc::downgrade(at));
    let port = Rc::new(port);
    let message = Message {
        kind: kind::CONNECTION_REQUEST,
        client: client_id(pid, cx.task.tid),
        id: kernel.message_number(),
        data,
        connects: Some(port.clone()),
        ..Message::default()
    };
    (port, message)
}

/// Serves `NtConnectPort` and `NtSecureConnectPort`. The client waits until the server has accepted it and said so.
pub(super) fn connect(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtSecureConnectPort,
) -> Outcome {
    let outcome = match kernel.wait_again(cx, 0) {
        Some(outcome) => outcome?,
        None => {
            cx.read_word(call.PortHandle.address)?;
            // Whose rights the server may use: a structure of that size.   [SECURITY_QUALITY_OF_SERVICE]
            let mut quality = [0; 12];
            cx.mem.read(call.SecurityQos.address, &mut quality)?;
            let own = View::read(cx, call.ClientView.address)?;
            view::check_remote(cx, call.ServerView.address)?;
            let length = match call.ConnectionInformationLength.address {
                0 => 0,
                at => cx.mem.read_u32(at)?,
            };
            let name = cx.unicode(call.PortName.address)?;
            let at = find(kernel, &name)?;
            if at.role != Role::Connection {
                return Err(NtStatus::INVALID_PORT_HANDLE.into());
            }
            if call.RequiredServerSid.address != 0
                && !kernel.is_user(cx, call.RequiredServerSid.address)?
            {
                return Err(NtStatus::SERVER_SID_MISMATCH.into());
            }
            let mut data = vec![0; length.min(at.most_said) as usize];
            if call.ConnectionInformation.address != 0 {
                cx.mem.read(call.ConnectionInformation.address, &mut data)?;
            }
            let (port, mut message) = begin(kernel, cx, &at, data);
            if let Some(own) = own {
                message.view = view::of_client(kernel, cx, &port, own)?;
            }
            let id = message.id;
            kernel.arrive(&at, message)?;
            wait_for_answer(kernel, cx, (id, at, port), 0)?
        }
    };
    if outcome != 0 {
        return Ok(outcome);
    }
    let answer = mail(kernel, cx)?;
    let port = answer
        .connects
        .clone()
        .ok_or(NtStatus::PORT_CONNECTION_REFUSED)?;
    if let (at, length) = (
        call.ConnectionInformation.address,
        call.ConnectionInformationLength.address,
    ) && length != 0
    {
        let room = cx.mem.read_u32(length)? as usize;
        let data = &answer.data[..answer.data.len().min(room)];
        if at != 0 {
            cx.mem.write(at, data)?;
        }
        cx.mem.write_u32(length, data.len() as u32)?;
    }
    if port.peer().is_none() {
        return Err(NtStatus::PORT_CONNECTION_REFUSED.into());
    }
    if call.MaxMessageLength.address != 0 {
        cx.mem.write_u32(call.MaxMessageLength.address, port.most)?;
    }
    view::tell_client(cx, &port, call.ClientView.address, call.ServerView.address)?;
    kernel.nt_give(cx, (call.PortHandle.address, 0), Object::Port(port))?;
    Ok(0)
}

/// The client that a request to connect is of: its thread, and its port.
fn client(
    kernel: &Kernel,
    cx: &Cx<'_>,
    request: &Message,
) -> Result<(Rc<Thread>, Rc<Port>), NtStatus> {
    let tid = request.thread().ok_or(NtStatus::INVALID_CID)?;
    let known = kernel.nt.threads.get(&tid).cloned();
    let thread = known.ok_or(NtStatus::INVALID_CID)?;
    let awaits = thread.lpc.borrow().awaits.clone();
    match awaits {
        Some((id, at, by))
            if id == request.id
                && by.role == Role::Client
                && by.peer().is_none()
                && at.pid == cx.process().pid =>
        {
            Ok((thread, by))
        }
        _ => Err(NtStatus::REPLY_MESSAGE_MISMATCH),
    }
}

/// Links a client's port with a new one of the server's.
pub(super) fn link(cx: &Cx<'_>, client: &Rc<Port>, context: u64) -> Rc<Port> {
    let (pid, sizes) = (cx.process().pid, (client.most, client.most_said));
    let port = Port::new(
        Role::Server,
        client.alpc,
        sizes,
        pid,
        client.connection.clone(),
    );
    let port = Rc::new(port);
    port.context.set(context);
    port.peer.replace(Rc::downgrade(client));
    client.peer.replace(Rc::downgrade(&port));
    port
}

/// Serves `NtAcceptConnectPort`. What the message has as data is told the client. One that is refused goes on at once, others
/// when `NtCompleteConnectPort` says so.
pub(super) fn accept(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtAcceptConnectPort,
) -> Outcome {
    cx.read_word(call.PortHandle.address)?;
    let mut request = Message::read(cx, call.ConnectionRequest.address)?;
    let own = View::read(cx, call.ServerView.address)?;
    view::check_remote(cx, call.ClientView.address)?;
    let (thread, client) = client(kernel, cx, &request)?;
    request.data.truncate(client.most_said as usize);
    request.kind = kind::REPLY;
    request.connects = Some(client.clone());
    if call.AcceptConnection == 0 {
        kernel.deliver_mail(&thread, request);
        return Ok(0);
    }
    let port = link(cx, &client, call.PortContext.address);
    view::of_server(kernel, cx, (&port, &client), own, call)?;
    // The client does not go on yet: what it will be told waits with the server's port.
    port.open.borrow_mut().insert(0, request);
    kernel.nt_give(cx, (call.PortHandle.address, 0), Object::Port(port))?;
    Ok(0)
}

/// Serves `NtCompleteConnectPort`: the client goes on.
pub(super) fn complete(kernel: &mut Kernel, cx: &mut Cx<'_>, handle: u64) -> Outcome {
    let port = kernel.port(cx, handle)?;
    if port.role != Role::Server {
        return Err(NtStatus::INVALID_PORT_HANDLE.into());
    }
    let request = port.open.borrow_mut().remove(&0);
    let request = request.ok_or(NtStatus::INVALID_PARAMETER)?;
    let thread = request.thread();
    let thread = thread.and_then(|tid| kernel.nt.threads.get(&tid).cloned());
    if let Some(thread) = thread {
        let waits = thread.lpc.borrow().awaits.as_ref().map(|awaits| awaits.0);
        if waits == Some(request.id) {
            kernel.deliver_mail(&thread, request);
        }
    }
    Ok(0)
}
