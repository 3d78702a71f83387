//! Which sockets have ports?

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::rc::{Rc, Weak};

use super::Net;
use super::address::{Address, Kind, Place};
use super::endpoint::{Endpoint, State};
use super::error::NetError;

/// Ports that the network chooses from.   [/proc/sys/net/ipv4/ip_local_port_range]
const CHOSEN: std::ops::RangeInclusive<u16> = 32768..=60999;

/// Ports that are taken, of streams and of datagrams.
pub(super) struct Ports {
    taken: BTreeMap<(Kind, u16), Vec<Weak<Endpoint>>>,
    next: u16,
    /// How many connections were made to sockets that share a port.
    turns: usize,
}

impl Default for Ports {
    fn default() -> Ports {
        Ports {
            taken: BTreeMap::new(),
            next: *CHOSEN.start(),
            turns: 0,
        }
    }
}

impl Ports {
    fn at(&self, kind: Kind, port: u16) -> Vec<Rc<Endpoint>> {
        let all = self.taken.get(&(kind, port));
        all.into_iter()
            .flatten()
            .filter_map(Weak::upgrade)
            .collect()
    }
}

/// Whether an address of a socket is also one of another's.
fn overlap(one: &Endpoint, a: IpAddr, other: &Endpoint, b: IpAddr) -> bool {
    let takes_all = |endpoint: &Endpoint, ip: IpAddr, other: IpAddr| {
        ip.is_unspecified()
            && (ip.is_ipv4() == other.is_ipv4()
                || ip.is_ipv6() && !endpoint.options.borrow().only_v6)
    };
    a == b || takes_all(one, a, b) || takes_all(other, b, a)
}

impl Net {
    pub(super) fn claim(&self, endpoint: &Rc<Endpoint>, place: Place) {
        let mut ports = self.ports.borrow_mut();
        let all = ports.taken.entry((endpoint.kind, place.port)).or_default();
        all.retain(|other| other.strong_count() > 0);
        all.push(Rc::downgrade(endpoint));
    }

    /// A socket gives its names up.
    pub(super) fn forget(&self, endpoint: &Endpoint) {
        match endpoint.take_local() {
            Some(Address::Ip(place)) => {
                let mut ports = self.ports.borrow_mut();
                let key = (endpoint.kind, place.port);
                if let Some(all) = ports.taken.get_mut(&key) {
                    all.retain(|other| !std::ptr::eq(other.as_ptr(), endpoint));
                    if all.is_empty() {
                        ports.taken.remove(&key);
                    }
                }
            }
            Some(Address::Unix(name)) => self.forget_name(&name, endpoint),
            Some(Address::Kernel(..)) | None => {}
        }
    }

    /// Who forbids a socket an address.   [Linux net/ipv4/inet_connection_sock.c, inet_csk_bind_conflict; net/ipv4/udp.c,
    /// udp_lib_lport_inuse]
    fn conflicts(&self, endpoint: &Rc<Endpoint>, place: Place) -> bool {
        let own = endpoint.options.borrow();
        let others = self.ports.borrow().at(endpoint.kind, place.port);
        others.iter().any(|other| {
            if Rc::ptr_eq(other, endpoint) {
                return false;
            }
            let Some(taken) = other.place() else {
                return false;
            };
            if !overlap(endpoint, place.ip, other, taken.ip) {
                return false;
            }
            let theirs = other.options.borrow();
            let listens = endpoint.kind == Kind::Stream && other.state.get() == State::Listening;
            let same_user = endpoint.owner.get().uid == other.owner.get().uid;
            let shared = own.reuse_address && theirs.reuse_address && !listens
                || own.reuse_port && theirs.reuse_port && same_user;
            !shared
        })
    }

    /// Whether a socket may listen where it is bound.
    pub(super) fn may_listen(&self, endpoint: &Rc<Endpoint>) -> Result<(), NetError> {
        let Some(place) = endpoint.place() else {
            return Ok(());
        };
        match self.conflicts(endpoint, place) {
            true => Err(NetError::InUse),
            false => Ok(()),
        }
    }

    /// Who listens at a place.
    pub(super) fn listener(&self, to: Place) -> Option<Rc<Endpoint>> {
        let mut ports = self.ports.borrow_mut();
        let mut all = ports.at(Kind::Stream, to.port);
        all.retain(|endpoint| endpoint.state.get() == State::Listening);
        let best = best(&all, to, None)?;
        if best.len() > 1 {
            ports.turns = ports.turns.wrapping_add(1);
        }
        let turn = ports.turns % best.len();
        Some(best[turn].clone())
    }

    /// Who gets a datagram.   [Linux net/ipv4/udp.c, compute_score]
    pub(super) fn datagram_target(&self, to: Place, from: Place) -> Option<Rc<Endpoint>> {
        let all = self.ports.borrow().at(Kind::Datagram, to.port);
        let best = best(&all, to, Some(from))?;
        // Of several, the last one gets it, unless they share the port.
        let shared = best.iter().all(|one| one.options.borrow().reuse_port);
        match shared {
            true => best.get(usize::from(from.port) % best.len()).cloned(),
            false => best.last().cloned(),
        }
    }
}

/// Those of the sockets of a port that a place names best.
fn best(all: &[Rc<Endpoint>], to: Place, from: Option<Place>) -> Option<Vec<Rc<Endpoint>>> {
    let score = |endpoint: &Rc<Endpoint>| -> Option<u32> {
        let own = endpoint.place()?;
        let mut score = 1;
        if own.ip == to.ip {
            score += 2;
        } else if !own.ip.is_unspecified()
            || own.ip.is_ipv4() && to.ip.is_ipv6()
            || own.ip.is_ipv6() && to.ip.is_ipv4() && endpoint.options.borrow().only_v6
        {
            return None;
        }
        // A socket of version 4 comes before one of both.
        score += u32::from(own.ip.is_ipv4() == to.ip.is_ipv4());
        if let Some(from) = from
            && endpoint.state.get() == State::Connected
        {
            if endpoint.remote_place() != Some(from) {
                return None;
            }
            score += 8;
        }
        Some(score)
    };
    let most = all.iter().filter_map(score).max()?;
    let best = all.iter().filter(|one| score(one) == Some(most));
    Some(best.cloned().collect())
}

impl Endpoint {
    /// Gets an address and a port; 0 is one that nobody has.
    pub fn bind(self: &Rc<Endpoint>, place: Place) -> Result<(), NetError> {
        if self.state.get() != State::Idle || self.place().is_some_and(|own| own.port != 0) {
            return Err(NetError::Invalid);
        }
        if !self.net.may_bind(place.ip) {
            return Err(NetError::NotAvailable);
        }
        let bound = place;
        let port = match place.port {
            0 => self.free_port(place.ip).ok_or(NetError::InUse)?,
            port => port,
        };
        let place = Place { port, ..place };
        if self.net.conflicts(self, place) {
            return Err(NetError::InUse);
        }
        *self.local.borrow_mut() = Some(Address::Ip(place));
        self.bound.set(Some(bound));
        self.net.claim(self, place);
        Ok(())
    }

    /// Gives up what connecting alone gave it of an address and a port.   [Linux net/ipv4/udp.c, __udp_disconnect]
    pub(super) fn unsettle(&self) {
        let bound = self.bound.get();
        match (bound, self.place()) {
            (Some(bound), Some(own)) if bound.port != 0 => {
                let place = Place {
                    ip: bound.ip,
                    ..own
                };
                *self.local.borrow_mut() = Some(Address::Ip(place));
            }
            (_, Some(_)) => {
                self.net.forget(self);
                *self.local.borrow_mut() = bound.map(Address::Ip);
            }
            (_, None) => {}
        }
    }

    /// Gets a port that nobody has, at any address, or at the one it has.
    pub(super) fn bind_somewhere(self: &Rc<Endpoint>) -> Result<(), NetError> {
        let ip = self.place().unwrap_or(Place::any(self.family)).ip;
        let port = self.free_port(ip).ok_or(NetError::NotAvailable)?;
        let place = Place { ip, port };
        *self.local.borrow_mut() = Some(Address::Ip(place));
        self.net.claim(self, place);
        Ok(())
    }

    fn free_port(self: &Rc<Endpoint>, ip: IpAddr) -> Option<u16> {
        let _ = ip;
        let mut ports = self.net.ports.borrow_mut();
        for _ in CHOSEN {
            let port = ports.next;
            ports.next = match port >= *CHOSEN.end() {
                true => *CHOSEN.start(),
                false => port + 1,
            };
            if ports.at(self.kind, port).is_empty() {
                return Some(port);
            }
        }
        None
    }
}
