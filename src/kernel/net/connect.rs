//! How does a socket come to have another side?

use std::rc::Rc;

use super::address::{Address, Family, Kind, Place, UnixName};
use super::endpoint::{Endpoint, State};
use super::error::NetError;

/// What came of connecting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// It is connected.
    Done,
    /// It will be connected, or not, later.
    Later,
}

impl Endpoint {
    /// Connects. `waits` says that the caller waits for what comes of it, and comes again until it is done.
    pub fn connect(self: &Rc<Endpoint>, to: &Address, waits: bool) -> Result<Made, NetError> {
        self.pump();
        match (self.family, to) {
            (Family::Unix, Address::Unix(name)) => self.connect_unix(name, waits),
            (Family::Inet | Family::Inet6, Address::Ip(place)) => match self.kind {
                Kind::Datagram => self.connect_datagram(*place),
                _ => self.connect_stream(*place, waits),
            },
            (Family::Kernel, Address::Kernel(..)) => {
                self.state.set(State::Connected);
                *self.remote.borrow_mut() = Some(to.clone());
                Ok(Made::Done)
            }
            _ => Err(NetError::WrongFamily),
        }
    }

    /// Is connected no more.   [connect(2), AF_UNSPEC]
    pub fn disconnect(self: &Rc<Endpoint>) -> Result<(), NetError> {
        match (self.kind, self.family) {
            (Kind::Datagram, _) => self.unsettle(),
            (_, Family::Unix) => return Err(NetError::Invalid),
            _ => self.hang_up(),
        }
        self.state.set(State::Idle);
        self.attempted.set(false);
        *self.remote.borrow_mut() = None;
        *self.peer.borrow_mut() = std::rc::Weak::new();
        *self.far.borrow_mut() = None;
        self.queue.wake();
        Ok(())
    }

    /// [Linux net/unix/af_unix.c, unix_dgram_connect, unix_stream_connect]
    fn connect_unix(self: &Rc<Endpoint>, name: &UnixName, waits: bool) -> Result<Made, NetError> {
        if self.kind == Kind::Datagram {
            let peer = self.net.named(name, self.kind)?;
            let other = peer.peer();
            if peer.state.get() == State::Connected
                && !other.is_some_and(|other| Rc::ptr_eq(&other, self))
            {
                return Err(NetError::NotPermitted);
            }
            *self.remote.borrow_mut() = Some(Address::Unix(name.clone()));
            *self.peer.borrow_mut() = Rc::downgrade(&peer);
            self.state.set(State::Connected);
            return Ok(Made::Done);
        }
        match self.state.get() {
            State::Idle => {}
            State::Listening => return Err(NetError::Invalid),
            _ => return Err(NetError::Connected),
        }
        let listener = self.net.named(name, self.kind)?;
        if listener.state.get() != State::Listening || listener.shut_read.get() {
            return Err(NetError::Refused);
        }
        if listener.is_crowded() {
            if waits {
                listener.inbox.borrow_mut().starve(self);
            }
            return Err(NetError::WouldBlock);
        }
        *self.remote.borrow_mut() = Some(Address::Unix(name.clone()));
        listener.take_in(self)?;
        Ok(Made::Done)
    }

    fn connect_datagram(self: &Rc<Endpoint>, to: Place) -> Result<Made, NetError> {
        self.reachable(to)?;
        let to = to.target();
        if self.place().is_none_or(|place| place.port == 0) {
            self.bind_somewhere()?;
        }
        self.settle(to);
        *self.remote.borrow_mut() = Some(Address::Ip(to));
        *self.far.borrow_mut() = None;
        self.state.set(State::Connected);
        Ok(Made::Done)
    }

    /// Whether there is a way to a place.
    pub(super) fn reachable(&self, to: Place) -> Result<(), NetError> {
        let other_version = match self.family {
            Family::Inet => to.ip.is_ipv6(),
            _ => to.ip.is_ipv4() && self.options.borrow().only_v6,
        };
        if other_version {
            return Err(match self.family {
                Family::Inet => NetError::WrongFamily,
                _ => NetError::Unreachable,
            });
        }
        let everybody = match to.ip {
            std::net::IpAddr::V4(ip) => ip.is_broadcast(),
            std::net::IpAddr::V6(_) => false,
        };
        if everybody && !self.options.borrow().broadcast {
            return Err(NetError::Access);
        }
        let target = to.target();
        if self.net.is_here(target.ip) || self.net.outside().leads_to(target) {
            return Ok(());
        }
        Err(NetError::Unreachable)
    }

    /// From now on the address is the one that leads to `to`.
    fn settle(&self, to: Place) {
        let own = self.place().unwrap_or(Place::any(self.family));
        let ip = self.net.source(own.ip, to.ip);
        let own = Place { ip, ..own };
        *self.local.borrow_mut() = Some(Address::Ip(own));
    }

    /// [Linux net/ipv4/af_inet.c, __inet_stream_connect]
    fn connect_stream(self: &Rc<Endpoint>, to: Place, waits: bool) -> Result<Made, NetError> {
        match self.state.get() {
            State::Connected if self.attempted.take() => return Ok(Made::Done),
            State::Connected | State::Listening => return Err(NetError::Connected),
            State::Connecting if waits => return Ok(Made::Later),
            State::Connecting => return Err(NetError::Already),
            State::Idle | State::Ended if self.attempted.take() => {
                self.reset_state();
                return Err(self.error.take().unwrap_or(NetError::Aborted));
            }
            State::Idle => {}
            State::Ended => self.reset_state(),
        }
        self.reachable(to)?;
        let to = to.target();
        if self.place().is_none_or(|place| place.port == 0) {
            self.bind_somewhere()?;
        }
        self.settle(to);
        *self.remote.borrow_mut() = Some(Address::Ip(to));
        let made = match self.net.is_here(to.ip) {
            true => self.connect_here(to),
            false => self.connect_far(to),
        };
        match (made, waits) {
            (Ok(made), true) => Ok(made),
            (Ok(_), false) => {
                self.attempted.set(true);
                Err(NetError::InProgress)
            }
            (Err(error), true) => {
                self.state.set(State::Idle);
                *self.remote.borrow_mut() = None;
                // A port of its own choice is free again.   [Linux net/ipv4/tcp.c, tcp_set_state]
                self.unsettle();
                Err(error)
            }
            (Err(error), false) => {
                self.attempted.set(true);
                self.failed(error);
                Err(NetError::InProgress)
            }
        }
    }

    /// What an earlier connection has left behind is gone.
    fn reset_state(&self) {
        self.state.set(State::Idle);
        self.shut_read.set(false);
        self.shut_write.set(false);
        self.inbox.borrow_mut().ended = false;
    }

    fn connect_here(self: &Rc<Endpoint>, to: Place) -> Result<Made, NetError> {
        let listener = self.net.listener(to).ok_or(NetError::Refused)?;
        if listener.is_crowded() {
            self.state.set(State::Connecting);
            let mut listen = listener.listen.borrow_mut();
            listen.waiting.retain(|other| other.strong_count() > 0);
            listen.waiting.push_back(Rc::downgrade(self));
            return Ok(Made::Later);
        }
        listener.take_in(self)?;
        Ok(Made::Done)
    }

    fn connect_far(self: &Rc<Endpoint>, to: Place) -> Result<Made, NetError> {
        let own = self.place().unwrap_or(Place::any(self.family));
        let far = self.net.outside().connect(own, to)?;
        let pending = far.is_pending();
        *self.far.borrow_mut() = Some(far);
        self.state.set(match pending {
            true => State::Connecting,
            false => State::Connected,
        });
        match pending {
            true => Ok(Made::Later),
            false => Ok(Made::Done),
        }
    }

    /// A message to outside.
    pub(super) fn send_outside(
        self: &Rc<Endpoint>,
        to: Place,
        bytes: &[u8],
    ) -> Result<usize, NetError> {
        let far = match self.far() {
            Some(far) => far,
            None => {
                let own = self.place().unwrap_or(Place::any(self.family));
                let far = self.net.outside().open(own)?;
                *self.far.borrow_mut() = Some(far.clone());
                far
            }
        };
        far.send_to(self, to, bytes)
    }
}
