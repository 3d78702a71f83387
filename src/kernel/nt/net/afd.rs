//! What is a socket of Windows besides the network's own? An open file of the device `Afd`.

use std::any::Any;
use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use emu_prototypes::nt::NtStatus;

use super::address::Form;
use crate::kernel::net::{Endpoint, Kind, NetError, Outgoing, Socket, State};
use crate::kernel::nt::sync::Dispatcher;
use crate::kernel::vfs::{FileObject, FsError, OpenFlags, Ready};
use crate::kernel::wait::WaitQueue;

/// What a socket is polled for.   [Wine's wine/afd.h: AFD_POLL_READ and following; Windows has the same]
pub(super) mod poll {
    pub(in super::super) const READ: u32 = 1;
    pub(in super::super) const OOB: u32 = 2;
    pub(in super::super) const WRITE: u32 = 4;
    pub(in super::super) const HUP: u32 = 8;
    pub(in super::super) const RESET: u32 = 0x10;
    /// Its handle was closed here. It is told of whether it was asked for or not.
    pub(in super::super) const CLOSE: u32 = 0x20;
    pub(in super::super) const CONNECT: u32 = 0x40;
    pub(in super::super) const ACCEPT: u32 = 0x80;
    pub(in super::super) const CONNECT_ERR: u32 = 0x100;
    /// Kinds of news.   [IOCTL_AFD_GET_EVENTS has room for so many]
    pub(in super::super) const KINDS: usize = 13;
}

/// An event that is set when there is news of a socket, and which.
pub(super) struct Selected {
    pub(super) event: Rc<Dispatcher>,
    pub(super) mask: u32,
}

/// An open file of the device.
#[derive(Default)]
pub(super) struct Afd {
    /// The socket it was made as, and the one that it accepted.
    made: OnceCell<Socket>,
    accepted: OnceCell<Socket>,
    /// How addresses are written to it.
    pub(super) form: Cell<Form>,
    /// Family, type and protocol, as Windows has them.
    pub(super) sort: Cell<[u32; 3]>,
    /// Calls block that ask for what is not there yet.
    pub(super) synchronous: bool,
    pub(super) nonblocking: Cell<bool>,
    /// It is being connected, and nobody was told yet what came of it.
    pub(super) connecting: Cell<bool>,
    pub(super) selected: RefCell<Option<Selected>>,
    /// News that was told and nobody has looked after, and news that nobody has asked for yet, with its statuses.
    pub(super) told: Cell<u32>,
    pub(super) news: Cell<u32>,
    pub(super) statuses: Cell<[u32; poll::KINDS]>,
    /// The last error, for those who ask for it.
    pub(super) error: Cell<Option<NetError>>,
    /// What its library keeps of it here.
    pub(super) context: RefCell<Vec<u8>>,
    /// Connections that wait for a socket of their own, by number.
    pub(super) waiting: RefCell<Vec<(u32, Socket)>>,
    /// What nothing wakes: it is no socket yet.
    nobody: WaitQueue,
}

impl Afd {
    pub(super) fn new(synchronous: bool) -> Afd {
        Afd {
            synchronous,
            ..Afd::default()
        }
    }

    fn socket(&self) -> Option<&Socket> {
        self.accepted.get().or_else(|| self.made.get())
    }

    /// The socket, when it is one.
    pub(super) fn endpoint(&self) -> Result<&Rc<Endpoint>, NtStatus> {
        let socket = self.socket().ok_or(NtStatus::INVALID_PARAMETER)?;
        Ok(&socket.0)
    }

    /// Becomes a socket.
    pub(super) fn make(&self, endpoint: Rc<Endpoint>, sort: [u32; 3]) -> Result<(), NtStatus> {
        self.sort.set(sort);
        let made = self.made.set(Socket(endpoint));
        made.map_err(|_| NtStatus::INVALID_PARAMETER)
    }

    /// Whether it has become the other side of a connection.
    pub(super) fn is_accepted(&self) -> bool {
        self.accepted.get().is_some()
    }

    /// Becomes the other side of a connection.
    pub(super) fn take_in(&self, socket: Socket) -> Result<(), NtStatus> {
        let taken = self.accepted.set(socket);
        taken.map_err(|_| NtStatus::INVALID_PARAMETER)
    }

    /// The error that nobody was told of yet.
    pub(super) fn take_error(&self) -> Option<NetError> {
        let fresh = self.socket().and_then(|socket| socket.0.take_error());
        fresh.or_else(|| self.error.take())
    }

    /// What it is ready for.   [Wine's server/sock.c, get_poll_flags, says the same of each state]
    pub(super) fn ready_bits(&self, now: u64) -> u32 {
        let Some(Socket(endpoint)) = self.socket() else {
            return 0;
        };
        endpoint.net().tick(now);
        let ready = endpoint.ready();
        let state = endpoint.state();
        let when = |set: bool, bits: u32| if set { bits } else { 0 };
        if endpoint.kind == Kind::Datagram {
            return when(ready.contains(Ready::READ), poll::READ)
                | when(ready.contains(Ready::WRITE), poll::WRITE);
        }
        let failed = ready.contains(Ready::ERROR) || self.error.get().is_some();
        if self.connecting.get() && failed {
            return poll::CONNECT_ERR;
        }
        match state {
            State::Listening => when(ready.contains(Ready::READ), poll::ACCEPT),
            State::Idle | State::Connecting => 0,
            State::Ended if failed => poll::RESET,
            State::Connected | State::Ended => {
                when(endpoint.waiting() > 0, poll::READ)
                    | when(ready.contains(Ready::READ_HANGUP), poll::HUP)
                    | when(ready.contains(Ready::WRITE), poll::WRITE)
                    | when(state == State::Connected, poll::CONNECT)
            }
        }
    }
}

impl FileObject for Afd {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn read(&self, flags: OpenFlags, at: u64, buf: &mut [u8]) -> Result<usize, FsError> {
        let socket = self.socket().ok_or(FsError::NotSupported)?;
        socket.read(flags, at, buf)
    }

    fn write(&self, _: OpenFlags, _: u64, bytes: &[u8]) -> Result<usize, FsError> {
        let socket = self.socket().ok_or(FsError::NotSupported)?;
        Ok(socket.0.send(&mut Outgoing::plain(bytes))?)
    }

    fn ready(&self, now: u64) -> Ready {
        self.socket()
            .map_or(Ready::empty(), |socket| socket.ready(now))
    }

    fn due(&self) -> Option<u64> {
        self.socket()?.due()
    }

    fn is_hosted(&self) -> bool {
        self.socket().is_some_and(FileObject::is_hosted)
    }

    fn queue(&self) -> &WaitQueue {
        match self.socket() {
            Some(socket) => &socket.0.queue,
            None => &self.nobody,
        }
    }
}
