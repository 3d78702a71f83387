//! How does a socket send?

use std::rc::Rc;

use super::Net;
use super::address::{Address, Family, Kind, Place, Sender, UnixName};
use super::endpoint::{Endpoint, State};
use super::error::NetError;
use super::inbox::{Marks, Message, Rights};

/// Bytes of a datagram over the internet at most.   [udp(7): 65535 less the headers]
const MOST_DATAGRAM: usize = 65_507;

/// What is sent.
#[derive(Default)]
pub struct Outgoing<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// Where to, when that is not where the socket is connected to.
    pub to: Option<Address>,
    /// Files that go with it. What was sent takes them.
    pub rights: Option<Rights>,
    /// Who sends it, when that is not the socket's owner.
    pub sender: Option<Sender>,
    /// When, in nanoseconds since 1970-01-01 00:00:00 UTC.
    pub time: i64,
    /// What its packets say.
    pub marks: Marks,
}

impl<'a> Outgoing<'a> {
    /// Nothing but bytes.
    pub fn plain(bytes: &'a [u8]) -> Outgoing<'a> {
        Outgoing {
            bytes,
            ..Outgoing::default()
        }
    }

    fn message(&mut self, count: usize, from: &Endpoint) -> Message {
        let local = from.local.borrow().clone();
        Message {
            bytes: self.bytes[..count].iter().copied().collect(),
            from: match from.kind {
                Kind::Datagram => Some(local.unwrap_or(Address::Unix(UnixName::Unnamed))),
                Kind::Stream | Kind::Sequence => None,
            },
            to: None,
            rights: self.rights.take(),
            sender: match from.family {
                Family::Unix => Some(self.sender.unwrap_or(from.owner.get())),
                _ => None,
            },
            time: self.time,
            marks: self.marks,
        }
    }
}

impl Endpoint {
    /// Sends, and tells how many bytes: less than all of them only where they are a stream.
    pub fn send(self: &Rc<Endpoint>, out: &mut Outgoing<'_>) -> Result<usize, NetError> {
        self.pump();
        match (self.kind, self.family) {
            (Kind::Stream, Family::Inet | Family::Inet6) => self.send_internet(out),
            (Kind::Stream | Kind::Sequence, _) => self.send_unix(out),
            (Kind::Datagram, Family::Unix) => self.send_unix_datagram(out),
            (Kind::Datagram, Family::Inet | Family::Inet6) => self.send_datagram(out),
            (Kind::Datagram, Family::Kernel) => Err(NetError::NotSupported),
        }
    }

    /// The errors of a stream come in this order.   [Linux net/ipv4/tcp.c, tcp_sendmsg_locked, sk_stream_error]
    fn send_internet(self: &Rc<Endpoint>, out: &mut Outgoing<'_>) -> Result<usize, NetError> {
        if self.error.get().is_some() || self.shut_write.get() {
            return Err(self.error.take().unwrap_or(NetError::BrokenPipe));
        }
        match self.state.get() {
            State::Connected => {}
            State::Connecting => return Err(NetError::WouldBlock),
            State::Idle | State::Listening | State::Ended => return Err(NetError::BrokenPipe),
        }
        if let Some(far) = self.far() {
            return far.send(self, out.bytes);
        }
        let Some(peer) = self.peer() else {
            // It is gone, and says so when it gets something. Who knew its end gets another error than who did not.
            // [Linux net/ipv4/tcp_input.c, tcp_reset]
            self.failed(NetError::BrokenPipe);
            return Ok(out.bytes.len());
        };
        self.send_stream(&peer, out)
    }

    fn send_stream(
        self: &Rc<Endpoint>,
        peer: &Rc<Endpoint>,
        out: &mut Outgoing<'_>,
    ) -> Result<usize, NetError> {
        let count = self.room_at(peer).min(out.bytes.len());
        if out.bytes.is_empty() {
            return Ok(0);
        }
        if count == 0 {
            peer.inbox.borrow_mut().starve(self);
            return Err(NetError::WouldBlock);
        }
        let message = out.message(count, self);
        match peer.deliver(message) {
            true => Ok(count),
            false => Err(NetError::NoBuffers),
        }
    }

    /// [Linux net/unix/af_unix.c, unix_stream_sendmsg, unix_seqpacket_sendmsg]
    fn send_unix(self: &Rc<Endpoint>, out: &mut Outgoing<'_>) -> Result<usize, NetError> {
        if self.kind == Kind::Sequence
            && let Some(error) = self.error.take()
        {
            return Err(error);
        }
        if !matches!(self.state.get(), State::Connected | State::Ended) {
            return Err(NetError::NotConnected);
        }
        let Some(peer) = self.peer().filter(|peer| !peer.shut_read.get()) else {
            return Err(NetError::BrokenPipe);
        };
        if self.shut_write.get() {
            return Err(NetError::BrokenPipe);
        }
        if self.kind == Kind::Stream {
            return self.send_stream(&peer, out);
        }
        self.send_whole(&peer, out)
    }

    /// One message, all of it or nothing.
    fn send_whole(
        self: &Rc<Endpoint>,
        peer: &Rc<Endpoint>,
        out: &mut Outgoing<'_>,
    ) -> Result<usize, NetError> {
        let count = out.bytes.len();
        if count > self.options.borrow().send_buffer.saturating_sub(32) {
            return Err(NetError::TooLong);
        }
        let full = match self.kind {
            Kind::Datagram => !peer.takes(count) && !Rc::ptr_eq(peer, self),
            _ => {
                let inbox = peer.inbox.borrow();
                let used = inbox.bytes.saturating_add(inbox.messages.len() * 512);
                used > 0 && used.saturating_add(count) > self.options.borrow().send_buffer
            }
        };
        if full {
            peer.inbox.borrow_mut().starve(self);
            return Err(NetError::WouldBlock);
        }
        let message = out.message(count, self);
        match peer.deliver(message) {
            true => Ok(count),
            false => Err(NetError::NoBuffers),
        }
    }

    /// [Linux net/unix/af_unix.c, unix_dgram_sendmsg]
    fn send_unix_datagram(self: &Rc<Endpoint>, out: &mut Outgoing<'_>) -> Result<usize, NetError> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        if self.shut_write.get() {
            return Err(NetError::BrokenPipe);
        }
        let peer = match &out.to {
            Some(Address::Unix(name)) => self.net.named(name, self.kind)?,
            Some(_) => return Err(NetError::WrongFamily),
            None if self.state.get() != State::Connected => return Err(NetError::NotConnected),
            None => match self.peer() {
                Some(peer) => peer,
                None => {
                    // The connection is forgotten.
                    self.state.set(State::Idle);
                    *self.remote.borrow_mut() = None;
                    return Err(NetError::Refused);
                }
            },
        };
        if peer.shut_read.get() {
            return Err(NetError::BrokenPipe);
        }
        // Who is connected hears nobody else.   [unix_may_send]
        let other = peer.peer();
        if peer.state.get() == State::Connected
            && !other.is_some_and(|other| Rc::ptr_eq(&other, self))
        {
            return Err(NetError::NotPermitted);
        }
        self.send_whole(&peer, out)
    }

    fn send_datagram(self: &Rc<Endpoint>, out: &mut Outgoing<'_>) -> Result<usize, NetError> {
        // It has a port from now on, whatever comes of it.   [Linux net/ipv4/af_inet.c, inet_send_prepare]
        if self.place().is_none_or(|place| place.port == 0) {
            self.bind_somewhere()?;
        }
        let to = match &out.to {
            Some(Address::Ip(place)) => *place,
            Some(_) => return Err(NetError::WrongFamily),
            None if self.state.get() != State::Connected => return Err(NetError::NoDestination),
            None => self.remote_place().ok_or(NetError::NoDestination)?,
        };
        if to.port == 0 {
            return Err(NetError::Invalid);
        }
        if out.bytes.len() > MOST_DATAGRAM {
            return Err(NetError::TooLong);
        }
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        if self.shut_write.get() {
            return Err(NetError::BrokenPipe);
        }
        self.reachable(to)?;
        let to = to.target();
        if !self.net.is_here(to.ip) {
            return self.send_outside(to, out.bytes);
        }
        let own = self.place().unwrap_or(Place::any(self.family));
        let from = Place {
            ip: self.net.source(own.ip, to.ip),
            port: own.port,
        };
        let Some(target) = self.net.datagram_target(to, from) else {
            // Where nobody says which server knows names, programs ask this machine.   [resolv.conf(5)]
            if to.port == Net::name_server().port && self.net.outside().leads_to(to) {
                return self.send_outside(to, out.bytes);
            }
            // The answer is that nobody is there; only who is connected can know what it belongs to.   [udp(7)]
            if self.state.get() == State::Connected {
                self.error.set(Some(NetError::Refused));
                self.queue.wake();
            }
            return Ok(out.bytes.len());
        };
        if target.takes(out.bytes.len()) {
            let mut message = out.message(out.bytes.len(), self);
            message.from = Some(Address::Ip(from));
            message.to = Some(Address::Ip(to));
            target.deliver(message);
        }
        // What has no room is lost, and nobody is told.
        Ok(out.bytes.len())
    }
}
