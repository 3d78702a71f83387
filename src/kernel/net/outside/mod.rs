//! What is outside of the machine?

mod dns;
mod hosted;
mod pretend;
mod script;

use std::rc::Rc;

use super::address::Place;
use super::endpoint::Endpoint;
use super::error::NetError;

pub use hosted::Hosted;
pub use pretend::Pretended;
pub use script::Script;

/// The world outside. What leaves the machine goes to it.
pub trait Outside {
    /// Whether there is a way to a place.
    fn leads_to(&self, to: Place) -> bool;
    /// Makes a connection.
    fn connect(&self, from: Place, to: Place) -> Result<Rc<dyn Far>, NetError>;
    /// Makes the other side of a socket that sends messages.
    fn open(&self, from: Place) -> Result<Rc<dyn Far>, NetError>;
    /// What happened since the last time, for those who watch.
    fn take_notes(&self) -> Vec<String> {
        Vec::new()
    }
}

/// The other side of a socket, when it is outside.
pub trait Far {
    /// Takes bytes of a stream, and tells how many.
    fn send(&self, near: &Endpoint, bytes: &[u8]) -> Result<usize, NetError>;
    /// Takes a message.
    fn send_to(&self, near: &Endpoint, to: Place, bytes: &[u8]) -> Result<usize, NetError>;
    /// The stream from the machine ends.
    fn shut(&self, near: &Endpoint);
    /// The socket is closed.
    fn close(&self, near: &Endpoint);
    /// Brings what has come.
    fn pump(&self, near: &Endpoint) {
        let _ = near;
    }
    /// When it does something by itself, in nanoseconds of guest time since the start.
    fn due(&self) -> Option<u64> {
        None
    }
    /// Whether sending would not wait.
    fn is_writable(&self) -> bool {
        true
    }
    /// Whether the connection is not made yet.
    fn is_pending(&self) -> bool {
        false
    }
    /// Whether only the host knows when there is news.
    fn is_hosted(&self) -> bool {
        false
    }
}

/// Nothing is outside.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing;

impl Outside for Nothing {
    fn leads_to(&self, _: Place) -> bool {
        false
    }

    fn connect(&self, _: Place, _: Place) -> Result<Rc<dyn Far>, NetError> {
        Err(NetError::Unreachable)
    }

    fn open(&self, _: Place) -> Result<Rc<dyn Far>, NetError> {
        Err(NetError::Unreachable)
    }
}
