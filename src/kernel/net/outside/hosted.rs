//! How does a socket reach the host's network?

use std::cell::Cell;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

use super::super::address::{Address, Place};
use super::super::endpoint::Endpoint;
use super::super::error::NetError;
use super::{Far, Outside};
use crate::kernel::host::{Host, Line};

/// Bytes that are taken from the host before the guest has received them at most.
const MOST_AHEAD: usize = 256 << 10;
/// Bytes that are taken at once.
const PART: usize = 64 << 10;
/// Messages that are taken at once.
const PARTS: usize = 16;

/// The host's network.
pub struct Hosted(pub Rc<dyn Host>);

impl Outside for Hosted {
    /// The host knows it; who connects is told.
    fn leads_to(&self, _: Place) -> bool {
        true
    }

    fn connect(&self, _: Place, to: Place) -> Result<Rc<dyn Far>, NetError> {
        let line = self
            .0
            .connect(SocketAddr::new(to.ip, to.port))
            .map_err(told)?;
        Ok(Rc::new(Wire {
            line,
            pending: Cell::new(true),
            ended: Cell::new(false),
            stream: true,
        }))
    }

    fn open(&self, from: Place) -> Result<Rc<dyn Far>, NetError> {
        let line = self.0.messages(from.ip.is_ipv6()).map_err(told)?;
        Ok(Rc::new(Wire {
            line,
            pending: Cell::new(false),
            ended: Cell::new(false),
            stream: false,
        }))
    }
}

/// One socket of the host.
struct Wire {
    line: Rc<dyn Line>,
    pending: Cell<bool>,
    ended: Cell<bool>,
    stream: bool,
}

impl Far for Wire {
    fn send(&self, _: &Endpoint, bytes: &[u8]) -> Result<usize, NetError> {
        self.line.send(bytes).map_err(told)
    }

    fn send_to(&self, _: &Endpoint, to: Place, bytes: &[u8]) -> Result<usize, NetError> {
        // A socket of both versions speaks of version 4 in its own way.
        let ip = match (to.ip, self.line.is_v6()) {
            (IpAddr::V4(ip), true) => IpAddr::V6(ip.to_ipv6_mapped()),
            (ip, _) => ip,
        };
        let to = SocketAddr::new(ip, to.port);
        self.line.send_to(to, bytes).map_err(told)
    }

    fn shut(&self, _: &Endpoint) {
        // It may be gone already, and then it is told by what is received.
        let _ = self.line.shut();
    }

    fn close(&self, _: &Endpoint) {}

    fn pump(&self, near: &Endpoint) {
        if self.pending.get() {
            match self.line.made() {
                None => return,
                Some(Ok(())) => {
                    self.pending.set(false);
                    near.made();
                }
                Some(Err(error)) => {
                    self.pending.set(false);
                    self.ended.set(true);
                    near.failed(told(error));
                    return;
                }
            }
        }
        if self.ended.get() {
            return;
        }
        let mut buffer = vec![0; PART];
        for _ in 0..PARTS {
            if near.held() >= MOST_AHEAD {
                break;
            }
            if self.stream {
                match self.line.receive(&mut buffer) {
                    Ok(0) => {
                        self.ended.set(true);
                        near.ended();
                        break;
                    }
                    Ok(count) => {
                        near.arrived(&buffer[..count]);
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(error) => {
                        self.ended.set(true);
                        near.failed(told(error));
                        break;
                    }
                }
            } else {
                match self.line.receive_from(&mut buffer) {
                    Ok((count, from)) => {
                        let from = Place::new(from.ip(), from.port());
                        near.arrived_from(Address::Ip(from), &buffer[..count]);
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                    Err(error) => {
                        near.told(told(error));
                        break;
                    }
                }
            }
        }
    }

    fn is_writable(&self) -> bool {
        self.line.is_writable()
    }

    fn is_pending(&self) -> bool {
        self.pending.get()
    }

    fn is_hosted(&self) -> bool {
        !self.ended.get()
    }
}

/// What the host says is wrong.
fn told(error: io::Error) -> NetError {
    match error.kind() {
        io::ErrorKind::WouldBlock => NetError::WouldBlock,
        io::ErrorKind::ConnectionRefused => NetError::Refused,
        io::ErrorKind::ConnectionReset => NetError::Reset,
        io::ErrorKind::ConnectionAborted => NetError::Aborted,
        io::ErrorKind::BrokenPipe => NetError::BrokenPipe,
        io::ErrorKind::TimedOut => NetError::TimedOut,
        io::ErrorKind::NotConnected => NetError::NotConnected,
        io::ErrorKind::AddrNotAvailable => NetError::NotAvailable,
        io::ErrorKind::PermissionDenied => NetError::Access,
        io::ErrorKind::NetworkUnreachable => NetError::Unreachable,
        io::ErrorKind::HostUnreachable => NetError::HostUnreachable,
        _ => NetError::Io,
    }
}
