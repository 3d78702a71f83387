//! Which network does the guest see?
//!
//! A private one: sockets of this machine, a loopback interface, and whatever [`Outside`] makes of the rest of the world.
//! It knows no operating system: services translate addresses, options and errors.

mod accept;
mod address;
mod connect;
mod endpoint;
mod error;
mod inbox;
mod interface;
mod names;
mod options;
mod outside;
mod ports;
mod receive;
mod send;
mod shutdown;
mod socket;
#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

pub use address::{Address, Family, Kind, Place, Sender, UnixName};
pub use connect::Made;
pub use endpoint::{Endpoint, State};
pub use error::NetError;
pub use inbox::{Marks, Message, Rights};
pub use interface::{Interface, Network};
pub use options::Options;
pub use outside::{Far, Hosted, Nothing, Outside, Pretended, Script};
pub use receive::Received;
pub use send::Outgoing;
pub use shutdown::How;
pub use socket::Socket;

/// Bytes on their way in all sockets together at most.
const MOST_BUFFERED: usize = 256 << 20;
/// Open files on their way in all sockets together at most.
pub const MOST_IN_FLIGHT: usize = 16 << 10;

/// The network.
pub struct Net {
    ports: RefCell<ports::Ports>,
    names: RefCell<names::Names>,
    interfaces: RefCell<Vec<Interface>>,
    outside: RefCell<Rc<dyn Outside>>,
    /// Bytes on their way.
    buffered: Cell<usize>,
    /// Files on their way.
    in_flight: Rc<Cell<usize>>,
    /// What is thrown away, and whether somebody is at it: a message may hold the last descriptor of a socket in which
    /// there is a message, and so on.
    graves: RefCell<Vec<Message>>,
    burying: Cell<bool>,
    last_cookie: Cell<u64>,
    /// All sockets, by their cookies; some may be gone.
    sockets: RefCell<Vec<Weak<Endpoint>>>,
    /// How many there were when those that are gone were last sorted out.
    sorted: Cell<usize>,
    now: Cell<u64>,
}

impl Default for Net {
    fn default() -> Net {
        Net {
            ports: RefCell::default(),
            names: RefCell::default(),
            interfaces: RefCell::new(vec![Interface::loopback()]),
            outside: RefCell::new(Rc::new(Nothing)),
            buffered: Cell::new(0),
            in_flight: Rc::default(),
            graves: RefCell::default(),
            burying: Cell::new(false),
            last_cookie: Cell::new(0),
            sockets: RefCell::default(),
            sorted: Cell::new(0),
            now: Cell::new(0),
        }
    }
}

impl Net {
    /// From now on there is something outside, and an interface that leads there.
    pub fn connect_outside(&self, outside: Rc<dyn Outside>) {
        self.interfaces.borrow_mut().push(Interface::ethernet());
        *self.outside.borrow_mut() = outside;
    }

    /// Guest time, in nanoseconds since the start, when somebody last looked.
    pub fn now(&self) -> u64 {
        self.now.get()
    }

    /// It is so late now.
    pub fn tick(&self, now: u64) {
        self.now.set(now);
    }

    /// All sockets, in the order in which they were made.
    pub fn sockets(&self) -> Vec<Rc<Endpoint>> {
        self.sockets
            .borrow()
            .iter()
            .filter_map(Weak::upgrade)
            .collect()
    }

    fn keep(&self, endpoint: &Rc<Endpoint>) {
        let mut sockets = self.sockets.borrow_mut();
        if sockets.len() >= 64 + 2 * self.sorted.get() {
            sockets.retain(|socket| socket.strong_count() > 0);
            self.sorted.set(sockets.len());
        }
        sockets.push(Rc::downgrade(endpoint));
    }

    /// What is outside.
    pub fn outside(&self) -> Rc<dyn Outside> {
        self.outside.borrow().clone()
    }

    /// The interfaces, by their number, which starts at 1.
    pub fn interfaces(&self) -> Vec<Interface> {
        self.interfaces.borrow().clone()
    }

    /// How many open files are on their way.
    pub fn in_flight(&self) -> usize {
        self.in_flight.get()
    }

    /// Files to be sent, unless too many are on their way.
    pub fn rights(&self, files: Vec<Rc<crate::kernel::vfs::OpenFile>>) -> Result<Rights, NetError> {
        if self.in_flight.get().saturating_add(files.len()) > MOST_IN_FLIGHT {
            return Err(NetError::TooManyInFlight);
        }
        Ok(Rights::new(files, &self.in_flight))
    }

    fn take_room(&self, bytes: usize) -> Result<(), NetError> {
        let sum = self.buffered.get().saturating_add(bytes);
        if sum > MOST_BUFFERED {
            return Err(NetError::NoBuffers);
        }
        self.buffered.set(sum);
        Ok(())
    }

    fn give_room(&self, bytes: usize) {
        self.buffered.set(self.buffered.get().saturating_sub(bytes));
    }

    /// Throws messages away, one after the other.
    fn bury(&self, messages: impl IntoIterator<Item = Message>) {
        self.graves.borrow_mut().extend(messages);
        if self.burying.replace(true) {
            return;
        }
        loop {
            let next = self.graves.borrow_mut().pop();
            match next {
                Some(message) => drop(message),
                None => break,
            }
        }
        self.burying.set(false);
    }

    fn next_cookie(&self) -> u64 {
        self.last_cookie.set(self.last_cookie.get() + 1);
        self.last_cookie.get()
    }
}
