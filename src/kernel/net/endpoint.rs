//! What is a socket, apart from the descriptors that it has?

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use super::Net;
use super::address::{Address, Family, Kind, Place, Sender, UnixName};
use super::error::NetError;
use super::inbox::{Inbox, Message};
use super::options::Options;
use super::outside::Far;
use crate::kernel::vfs::Ready;
use crate::kernel::wait::WaitQueue;

/// Messages that wait in a datagram socket of this machine at most, but one.   [Linux net/unix/af_unix.c,
/// sysctl_max_dgram_qlen]
pub(super) const MOST_MESSAGES: usize = 10;
/// Bytes of an internet stream that are on their way at most, unless the buffers were set to less: what a loopback
/// connection of Linux grows to.   [tcp(7), tcp_wmem]
const STREAM_ROOM: usize = 2_626_560;

/// How far a socket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is not connected.
    Idle,
    /// It waits for the other side to take its connection.
    Connecting,
    /// It is connected, or has a place where its messages go.
    Connected,
    /// It waits for others to connect.
    Listening,
    /// It was connected, and the connection is gone.
    Ended,
}

/// Who waits to be accepted.
#[derive(Default)]
pub(super) struct Listen {
    pub(super) backlog: usize,
    pub(super) ready: VecDeque<Rc<Endpoint>>,
    pub(super) waiting: VecDeque<Weak<Endpoint>>,
}

/// A socket.
pub struct Endpoint {
    pub(super) net: Rc<Net>,
    /// Its addresses.
    pub family: Family,
    /// How it moves bytes.
    pub kind: Kind,
    /// The number of its protocol, as the operating system has it.
    pub protocol: u32,
    /// A number that no other socket has.
    pub cookie: u64,
    /// Who waits for a change.
    pub queue: WaitQueue,
    /// What has come.
    pub(super) inbox: RefCell<Inbox>,
    pub(super) state: Cell<State>,
    pub(super) local: RefCell<Option<Address>>,
    /// What it was bound to by name; a port of 0 was the network's to choose.
    pub(super) bound: Cell<Option<Place>>,
    pub(super) remote: RefCell<Option<Address>>,
    pub(super) peer: RefCell<Weak<Endpoint>>,
    /// The other side, when it is outside.
    pub(super) far: RefCell<Option<Rc<dyn Far>>>,
    pub(super) listen: RefCell<Listen>,
    pub(super) shut_read: Cell<bool>,
    pub(super) shut_write: Cell<bool>,
    /// It was connected without waiting, and nobody asked yet what came of it.
    pub(super) attempted: Cell<bool>,
    pub(super) error: Cell<Option<NetError>>,
    /// Who made it, listens, or connected it last.
    pub owner: Cell<Sender>,
    /// Who is on the other side.
    pub peer_owner: Cell<Option<Sender>>,
    /// What is set at it.
    pub options: RefCell<Options>,
    /// The inode of its file; 0 while it has none.
    pub inode: Cell<u64>,
}

impl Net {
    /// A socket without a name.
    pub fn endpoint(
        self: &Rc<Net>,
        family: Family,
        kind: Kind,
        protocol: u32,
        owner: Sender,
    ) -> Rc<Endpoint> {
        let stream = kind == Kind::Stream && matches!(family, Family::Inet | Family::Inet6);
        let endpoint = Rc::new(Endpoint {
            net: self.clone(),
            family,
            kind,
            protocol,
            cookie: self.next_cookie(),
            queue: WaitQueue::default(),
            inbox: RefCell::default(),
            state: Cell::new(State::Idle),
            local: RefCell::default(),
            bound: Cell::new(None),
            remote: RefCell::default(),
            peer: RefCell::default(),
            far: RefCell::default(),
            listen: RefCell::default(),
            shut_read: Cell::new(false),
            shut_write: Cell::new(false),
            attempted: Cell::new(false),
            error: Cell::new(None),
            owner: Cell::new(owner),
            peer_owner: Cell::new(None),
            options: RefCell::new(Options::new(stream)),
            inode: Cell::new(0),
        });
        self.keep(&endpoint);
        endpoint
    }

    /// Two sockets that are connected with each other.
    pub fn pair(self: &Rc<Net>, kind: Kind, owner: Sender) -> [Rc<Endpoint>; 2] {
        let pair = [(); 2].map(|()| self.endpoint(Family::Unix, kind, 0, owner));
        pair[0].join(&pair[1]);
        pair
    }
}

impl Endpoint {
    /// Connects two sockets with each other.
    pub(super) fn join(self: &Rc<Endpoint>, other: &Rc<Endpoint>) {
        for (one, two) in [(self, other), (other, self)] {
            one.state.set(State::Connected);
            *one.peer.borrow_mut() = Rc::downgrade(two);
            one.peer_owner.set(Some(two.owner.get()));
            let name = two.local.borrow().clone();
            if one.remote.borrow().is_none() {
                *one.remote.borrow_mut() = name;
            }
        }
    }

    /// The network it belongs to.
    pub fn net(&self) -> &Rc<Net> {
        &self.net
    }

    /// How far it is.
    pub fn state(&self) -> State {
        self.state.get()
    }

    /// Whether it belongs to the internet.
    pub fn is_internet(&self) -> bool {
        matches!(self.family, Family::Inet | Family::Inet6)
    }

    /// Whether it is a stream over the internet.
    pub fn is_internet_stream(&self) -> bool {
        self.is_internet() && self.kind == Kind::Stream
    }

    /// Its address.
    pub fn local(&self) -> Address {
        self.local.borrow().clone().unwrap_or(self.nowhere())
    }

    /// The address of the other side.
    pub fn remote(&self) -> Result<Address, NetError> {
        let shown = match self.state.get() {
            State::Connected => true,
            // What was reset has nobody on the other side any more.
            State::Idle | State::Connecting | State::Listening | State::Ended => false,
        };
        match shown {
            true => Ok(self.remote.borrow().clone().unwrap_or(self.nowhere())),
            false => Err(NetError::NotConnected),
        }
    }

    fn nowhere(&self) -> Address {
        match self.family {
            Family::Unix => Address::Unix(UnixName::Unnamed),
            Family::Inet | Family::Inet6 => Address::Ip(Place::any(self.family)),
            Family::Kernel => Address::Kernel(0, 0),
        }
    }

    /// Its place in the internet, when it has a port.
    pub fn place(&self) -> Option<Place> {
        match &*self.local.borrow() {
            Some(Address::Ip(place)) => Some(*place),
            _ => None,
        }
    }

    pub(super) fn remote_place(&self) -> Option<Place> {
        match &*self.remote.borrow() {
            Some(Address::Ip(place)) => Some(*place),
            _ => None,
        }
    }

    pub(super) fn peer(&self) -> Option<Rc<Endpoint>> {
        self.peer.borrow().upgrade()
    }

    /// The inode of the other side's file, when it is a socket of this network that has one.
    pub fn peer_inode(&self) -> Option<u64> {
        self.peer()
            .map(|peer| peer.inode.get())
            .filter(|inode| *inode != 0)
    }

    pub(super) fn far(&self) -> Option<Rc<dyn Far>> {
        self.far.borrow().clone()
    }

    /// The error that nobody has been told of yet. It is told once.
    pub fn take_error(&self) -> Option<NetError> {
        self.pump();
        self.error.take()
    }

    /// Bytes that wait to be received.
    pub fn waiting(&self) -> usize {
        self.pump();
        let inbox = self.inbox.borrow();
        match self.kind {
            Kind::Stream => inbox.bytes,
            _ => inbox.messages.front().map_or(0, |first| first.bytes.len()),
        }
    }

    /// Bytes that were sent and not received yet.
    pub fn unsent(&self) -> usize {
        self.peer().map_or(0, |peer| peer.inbox.borrow().bytes)
    }

    /// Connections that wait to be accepted.
    pub fn unaccepted(&self) -> usize {
        self.listen.borrow().ready.len()
    }

    /// Looks whether the world outside has something for it.
    pub fn look(&self) {
        self.pump();
    }

    /// Gets what the world outside has for it.
    pub(super) fn pump(&self) {
        if let Some(far) = self.far() {
            far.pump(self);
        }
    }

    /// Whether the other side may have news that only the host knows of.
    pub fn is_hosted(&self) -> bool {
        self.far().is_some_and(|far| far.is_hosted())
    }

    /// How many more bytes of a stream the other side takes.
    pub(super) fn room_at(&self, peer: &Endpoint) -> usize {
        let most = match self.is_internet() {
            true => {
                let (sends, takes) = (self.options.borrow(), peer.options.borrow());
                match sends.buffers_set || takes.buffers_set {
                    true => sends.send_buffer.saturating_add(takes.receive_buffer),
                    false => STREAM_ROOM,
                }
            }
            false => self.options.borrow().send_buffer,
        };
        most.saturating_sub(peer.inbox.borrow().bytes)
    }

    /// Whether a datagram socket takes another message of so many bytes.
    pub(super) fn takes(&self, bytes: usize) -> bool {
        let inbox = self.inbox.borrow();
        match self.family {
            Family::Unix => inbox.messages.len() <= MOST_MESSAGES,
            _ => {
                // A small message takes more room than its bytes.   [Linux include/linux/skbuff.h, SKB_TRUESIZE]
                let used = inbox.bytes.saturating_add(inbox.messages.len() * 512);
                used.saturating_add(bytes) <= self.options.borrow().receive_buffer.max(4096)
                    || inbox.messages.is_empty()
            }
        }
    }

    /// What came is put where it is waited for. `false` when it has no room.
    pub(super) fn deliver(&self, message: Message) -> bool {
        if self.net.take_room(message.bytes.len()).is_err() {
            return false;
        }
        let mut inbox = self.inbox.borrow_mut();
        match self.kind {
            Kind::Stream => inbox.append(message),
            _ => inbox.push(message),
        }
        drop(inbox);
        self.queue.wake();
        true
    }

    /// Bytes from outside.
    pub fn arrived(&self, bytes: &[u8]) -> bool {
        let message = Message {
            bytes: bytes.iter().copied().collect(),
            ..Message::default()
        };
        bytes.is_empty() || self.deliver(message)
    }

    /// A message from outside.
    pub fn arrived_from(&self, from: Address, bytes: &[u8]) -> bool {
        let to = self.local.borrow().clone();
        if !self.takes(bytes.len()) {
            return false;
        }
        self.deliver(Message {
            bytes: bytes.iter().copied().collect(),
            from: Some(from),
            to,
            ..Message::default()
        })
    }

    /// Nothing more comes from outside.
    pub fn ended(&self) {
        if !std::mem::replace(&mut self.inbox.borrow_mut().ended, true) {
            self.queue.wake();
        }
    }

    /// The connection is gone, with an error that is told once.
    pub fn failed(&self, error: NetError) {
        self.error.set(Some(error));
        self.state.set(State::Ended);
        self.inbox.borrow_mut().ended = true;
        self.shut_read.set(true);
        self.shut_write.set(true);
        self.queue.wake();
    }

    /// An error that is told once; the socket goes on.
    pub fn told(&self, error: NetError) {
        self.error.set(Some(error));
        self.queue.wake();
    }

    /// Bytes that wait here.
    pub fn held(&self) -> usize {
        self.inbox.borrow().bytes
    }

    /// When something happens to it by itself, in nanoseconds of guest time since the start.
    pub(super) fn due(&self) -> Option<u64> {
        self.far()?.due()
    }

    /// A connection to outside is made at last.
    pub fn made(&self) {
        if self.state.get() == State::Connecting {
            self.state.set(State::Connected);
            self.queue.wake();
        }
    }

    /// Room that others wait for: they are told.
    pub(super) fn tell_starved(&self) {
        let starved = std::mem::take(&mut self.inbox.borrow_mut().starved);
        for other in starved.iter().filter_map(Weak::upgrade) {
            other.queue.wake();
        }
    }

    /// Whether sending would not wait. Who finds no room is told of some later.
    fn is_writable(self: &Rc<Endpoint>) -> bool {
        if self.shut_write.get() {
            return true;
        }
        if let Some(far) = self.far() {
            return far.is_writable();
        }
        let Some(peer) = self.peer() else {
            return true;
        };
        let writable = match (self.kind, self.is_internet()) {
            (Kind::Datagram, _) => peer.takes(1),
            (_, true) => self.room_at(&peer) > 0,
            // A quarter of the buffer may be full.   [Linux net/unix/af_unix.c, unix_writable]
            (_, false) => peer.inbox.borrow().bytes * 4 <= self.options.borrow().send_buffer,
        };
        if !writable {
            peer.inbox.borrow_mut().starve(self);
        }
        writable
    }

    /// What it is ready for.   [Linux net/ipv4/tcp.c, tcp_poll; net/unix/af_unix.c, unix_poll; net/core/datagram.c,
    /// datagram_poll]
    pub fn ready(self: &Rc<Endpoint>) -> Ready {
        self.pump();
        let mut ready = Ready::empty();
        let state = self.state.get();
        ready.set(Ready::ERROR, self.error.get().is_some());
        if state == State::Listening {
            ready.set(Ready::READ, !self.listen.borrow().ready.is_empty());
            return ready;
        }
        if state == State::Connecting {
            return ready;
        }
        let inbox = self.inbox.borrow();
        let no_more = self.shut_read.get() || inbox.ended;
        let low = match self.kind {
            Kind::Stream => inbox.bytes >= self.options.borrow().low_water.max(1),
            _ => !inbox.messages.is_empty(),
        };
        drop(inbox);
        ready.set(Ready::READ, low || no_more);
        ready.set(Ready::READ_HANGUP, no_more);
        let unconnected = self.kind.is_connected() && matches!(state, State::Idle | State::Ended);
        let hangup = no_more && self.shut_write.get() || unconnected;
        ready.set(Ready::HANGUP, hangup);
        ready.set(Ready::WRITE, self.is_writable());
        ready
    }
}
