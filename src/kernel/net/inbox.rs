//! What has come to a socket and was not taken yet?

use std::cell::Cell;
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use super::address::{Address, Sender};
use super::endpoint::Endpoint;
use crate::kernel::vfs::OpenFile;

/// Open files on their way. The network counts them.
pub struct Rights {
    /// The files.
    pub files: Vec<Rc<OpenFile>>,
    count: Rc<Cell<usize>>,
}

impl Rights {
    pub(super) fn new(files: Vec<Rc<OpenFile>>, count: &Rc<Cell<usize>>) -> Rights {
        count.set(count.get() + files.len());
        Rights {
            files,
            count: count.clone(),
        }
    }
}

impl Drop for Rights {
    fn drop(&mut self) {
        self.count
            .set(self.count.get().saturating_sub(self.files.len()));
    }
}

/// What the headers of a datagram's packets say besides addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    /// How many hops it had left: none are taken here.
    pub hops: u8,
    /// Type of service, or traffic class.
    pub class: u8,
}

impl Default for Marks {
    fn default() -> Marks {
        Marks { hops: 64, class: 0 }
    }
}

/// A message, or a piece of a stream whose bytes have all to do with the same.
#[derive(Default)]
pub struct Message {
    /// The bytes that were not taken yet.
    pub bytes: VecDeque<u8>,
    /// Whom it is from.
    pub from: Option<Address>,
    /// Where it was sent to.
    pub to: Option<Address>,
    /// Files that come with it.
    pub rights: Option<Rights>,
    /// Who sent it.
    pub sender: Option<Sender>,
    /// When it was sent, in nanoseconds since 1970-01-01 00:00:00 UTC.
    pub time: i64,
    /// What its packets say.
    pub marks: Marks,
}

/// What has come.
#[derive(Default)]
pub(super) struct Inbox {
    /// Messages, the first one first.
    pub messages: VecDeque<Message>,
    /// All their bytes.
    pub bytes: usize,
    /// Nothing more will come.
    pub ended: bool,
    /// Who found no room and wants to be told of some.
    pub starved: Vec<Weak<Endpoint>>,
}

impl Inbox {
    /// Adds a message.
    pub(super) fn push(&mut self, message: Message) {
        self.bytes += message.bytes.len();
        self.messages.push_back(message);
    }

    /// Adds bytes of a stream, to the last piece where that is one with them.
    pub(super) fn append(&mut self, message: Message) {
        match self.messages.back_mut() {
            Some(last)
                if last.rights.is_none()
                    && message.rights.is_none()
                    && last.sender == message.sender
                    && last.from == message.from =>
            {
                self.bytes += message.bytes.len();
                last.bytes.extend(message.bytes);
            }
            _ => self.push(message),
        }
    }

    /// Somebody wants to be told of room.
    pub(super) fn starve(&mut self, who: &Rc<Endpoint>) {
        let same = |other: &Weak<Endpoint>| std::ptr::eq(other.as_ptr(), Rc::as_ptr(who));
        if !self.starved.iter().any(same) {
            self.starved.retain(|other| other.strong_count() > 0);
            self.starved.push(Rc::downgrade(who));
        }
    }
}
