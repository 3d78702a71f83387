//! Ports, by which processes call services of others: local procedure calls.
//! [the headers of the crate phnt, ntlpcapi.h; ReactOS, ntoskrnl/lpc, for statuses]
//!
//! A server makes a port with a name and listens. A client that connects waits until it is accepted; both then have a port of
//! their own. What clients send arrives at the port with the name, what the server sends by its own port at the client's.

mod alpc;
mod alpc_attributes;
mod areas;
mod connect;
mod message;
mod served;
mod transfer;
mod view;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::{Rc, Weak};

use emu_prototypes::nt::NtStatus;

use super::completion::{Completion, Packet};
use super::handles::Object;
use super::thread::Thread;
use super::wait::What;
use super::{Outcome, client_id};
use crate::kernel::task::Tid;
use crate::kernel::{Cx, Kernel};
use message::{Message, kind};

/// Messages that wait at a port at most, and ports that a thread tells of its end.
const MAX_MESSAGES: usize = 1 << 10;
const MAX_TOLD: usize = 1 << 8;

/// What a port is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Clients find it by its name.
    Connection,
    /// A client's end.
    Client,
    /// The server's end of one connection.
    Server,
}

/// A port.
#[derive(Debug)]
pub(super) struct Port {
    role: Role,
    /// Whether it is one of the later kind.
    alpc: bool,
    /// Bytes of a message at most, its header among them, and of what is said when connecting.
    most: u32,
    most_said: u32,
    /// The process that made it.
    pid: Tid,
    /// What its server calls it.
    context: Cell<u64>,
    queue: RefCell<VecDeque<Message>>,
    /// The port with the name; a dangling one is that itself.
    connection: Weak<Port>,
    peer: RefCell<Weak<Port>>,
    closed: Cell<bool>,
    /// Requests that were received and whose areas may still be looked at, or that are answered through a queue.
    open: RefCell<BTreeMap<u32, Message>>,
    /// Who is told when a message arrives, and by which key.
    completion: RefCell<Option<(Rc<Completion>, u64)>>,
    /// Views that go with it: process and address.
    views: RefCell<Vec<(Tid, u64)>>,
    /// Sections that a client and its server show each other, kept with the client's port.
    shown: RefCell<(Option<view::Shown>, Option<view::Shown>)>,
}

impl Port {
    fn new(role: Role, alpc: bool, sizes: (u32, u32), pid: Tid, connection: Weak<Port>) -> Port {
        Port {
            role,
            alpc,
            most: sizes.0,
            most_said: sizes.1,
            pid,
            context: Cell::new(0),
            queue: RefCell::default(),
            connection,
            peer: RefCell::default(),
            closed: Cell::new(false),
            open: RefCell::default(),
            completion: RefCell::default(),
            views: RefCell::default(),
            shown: RefCell::default(),
        }
    }

    /// Whether a message waits there.
    pub(super) fn is_ready(&self) -> bool {
        !self.queue.borrow().is_empty()
    }

    /// Whether it is one of the later kind.
    pub(super) fn is_alpc(&self) -> bool {
        self.alpc
    }

    /// The port with the name, which may be the port itself.
    fn connection(self: &Rc<Port>) -> Result<Rc<Port>, NtStatus> {
        let found = match self.role {
            Role::Connection => Some(self.clone()),
            _ => self.connection.upgrade(),
        };
        let found = found.filter(|port| !port.closed.get());
        found.ok_or(NtStatus::PORT_DISCONNECTED)
    }

    fn peer(&self) -> Option<Rc<Port>> {
        self.peer
            .borrow()
            .upgrade()
            .filter(|peer| !peer.closed.get())
    }
}

/// What a thread has to do with ports.
#[derive(Debug, Default)]
pub(super) struct Lpc {
    /// A message for it.
    mail: Option<Message>,
    /// The request that it waits for an answer to: its number, the port with the name, and the one it was made through.
    awaits: Option<(u32, Rc<Port>, Rc<Port>)>,
    /// Ports that are told of its end.
    told: Vec<Rc<Port>>,
}

impl Kernel {
    fn port(&mut self, cx: &Cx<'_>, handle: u64) -> Result<Rc<Port>, NtStatus> {
        match self.nt_object(cx, handle)? {
            Object::Port(port) => Ok(port),
            _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
        }
    }

    /// A number that no other message has.
    fn message_number(&mut self) -> u32 {
        self.nt.messages = self.nt.messages.wrapping_add(1).max(1);
        self.nt.messages
    }

    /// A message arrives at a port: it goes to who has waited longest, or stays.
    fn arrive(&mut self, port: &Rc<Port>, mut message: Message) -> Result<(), NtStatus> {
        if port.closed.get() {
            return Err(NtStatus::PORT_DISCONNECTED);
        }
        let waits = |what: &What| matches!(what, What::Message(other) if Rc::ptr_eq(other, port));
        if let Some(thread) = self.first_waiting(waits) {
            self.deliver_mail(&thread, message);
            return Ok(());
        }
        if port.queue.borrow().len() >= MAX_MESSAGES {
            return Err(NtStatus::NO_MEMORY);
        }
        message.taken = Some(Rc::new(self.nt.pool.take(message.data.len())?));
        port.queue.borrow_mut().push_back(message);
        self.signal(&Object::Port(port.clone()));
        let told = port.completion.borrow().clone();
        if let Some((completion, key)) = told {
            let packet = Packet {
                key,
                ..Packet::default()
            };
            self.nt_complete(&completion, packet)?;
        }
        Ok(())
    }

    /// Ends a thread's wait with a message.
    fn deliver_mail(&mut self, thread: &Rc<Thread>, message: Message) {
        let mut lpc = thread.lpc.borrow_mut();
        lpc.mail = Some(message);
        lpc.awaits = None;
        drop(lpc);
        self.end_wait(thread, 0);
    }

    /// Ends the waits of those threads for answers that this is true of.
    fn lose(&mut self, status: NtStatus, lost: impl Fn(&Tid, &(u32, Rc<Port>, Rc<Port>)) -> bool) {
        let threads: Vec<_> = self
            .nt
            .threads
            .iter()
            .filter(|(tid, thread)| {
                let lpc = thread.lpc.borrow();
                lpc.awaits.as_ref().is_some_and(|awaits| lost(tid, awaits))
            })
            .map(|(_, thread)| thread.clone())
            .collect();
        for thread in threads {
            thread.lpc.borrow_mut().awaits = None;
            self.end_wait(&thread, status.0.into());
        }
    }

    /// A handle of a port is gone. With the last one the port is closed: the other end is told, and who waits goes on.
    pub(super) fn port_closed(&mut self, port: &Rc<Port>) {
        if port.closed.get() || self.handles_of(&Object::Port(port.clone())) > 0 {
            return;
        }
        self.disconnect(port);
        view::remove(self, port);
    }

    /// Ends what a port connects.
    fn disconnect(&mut self, port: &Rc<Port>) {
        if port.closed.replace(true) {
            return;
        }
        let waits = |what: &What| matches!(what, What::Message(other) if Rc::ptr_eq(other, port));
        while let Some(thread) = self.first_waiting(waits) {
            self.end_wait(&thread, NtStatus::PORT_DISCONNECTED.0.into());
        }
        let peer = port.peer.take().upgrade();
        match port.role {
            Role::Client => {
                if let (Ok(connection), Some(peer)) = (port.connection(), &peer) {
                    let closing = self.of_end(kind::PORT_CLOSED, port.pid, port.pid, peer);
                    let _ = self.arrive(&connection, closing);
                }
                self.lose(NtStatus::PORT_DISCONNECTED, |_, (_, _, by)| {
                    Rc::ptr_eq(by, port)
                });
            }
            Role::Server => {
                if let Some(peer) = &peer {
                    if peer.alpc {
                        let closing = self.of_end(kind::PORT_CLOSED, port.pid, port.pid, peer);
                        let _ = self.arrive(peer, closing);
                    }
                    self.lose(NtStatus::LPC_REPLY_LOST, |_, (_, _, by)| {
                        Rc::ptr_eq(by, peer)
                    });
                }
            }
            Role::Connection => {
                // Requests that nobody has received are not answered any more.
                let left = std::mem::take(&mut *port.queue.borrow_mut());
                let connects = |id: u32| {
                    let mut left = left.iter();
                    left.any(|message| message.id == id && message.connects.is_none())
                };
                self.lose(NtStatus::LPC_REPLY_LOST, |_, (id, at, _)| {
                    Rc::ptr_eq(at, port) && connects(*id)
                });
                self.lose(NtStatus::OBJECT_NAME_NOT_FOUND, |_, (_, at, by)| {
                    Rc::ptr_eq(at, port) && by.peer().is_none()
                });
            }
        }
    }

    /// What a server is told of the end of a port or of a thread: when the process began, in units of 100 ns since 1601.
    /// [ntlpcapi.h: CLIENT_DIED_MSG]
    fn of_end(&self, what: u16, pid: Tid, tid: Tid, told: &Rc<Port>) -> Message {
        let process = self.linux.processes.get(pid);
        let started = process.map_or(0, |process| process.borrow().started);
        let since = self.clock.now().saturating_sub(started) / 100;
        let began = super::executive::system_time(self).saturating_sub(since);
        Message {
            kind: what,
            client: client_id(pid, tid),
            data: began.to_le_bytes().to_vec(),
            context: told.context.get(),
            ..Message::default()
        }
    }

    /// A thread ends: ports that asked for it are told, and nobody waits for an answer any more.
    pub(super) fn thread_left_ports(&mut self, thread: &Rc<Thread>) {
        let lpc = thread.lpc.take();
        for port in lpc.told {
            let Some(peer) = port.peer() else { continue };
            if let Ok(connection) = port.connection() {
                let died = self.of_end(kind::CLIENT_DIED, thread.pid, thread.tid, &peer);
                let _ = self.arrive(&connection, died);
            }
        }
    }
}

/// Serves `NtRegisterThreadTerminatePort`: the server that the port leads to is told when the thread that asks ends.
pub(super) fn tell_of_end(kernel: &mut Kernel, cx: &Cx<'_>, handle: u64) -> Outcome {
    let port = kernel.port(cx, handle)?;
    let thread = kernel.nt_thread(cx, cx.task.tid);
    let told = &mut thread.lpc.borrow_mut().told;
    if told.len() >= MAX_TOLD {
        return Err(NtStatus::INSUFFICIENT_RESOURCES.into());
    }
    told.push(port);
    Ok(0)
}
