//! How does a socket receive?

use std::rc::Rc;

use super::address::{Address, Kind, Sender};
use super::endpoint::{Endpoint, State};
use super::error::NetError;
use super::inbox::Marks;
use crate::kernel::vfs::OpenFile;

/// What was received.
#[derive(Default)]
pub struct Received {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// How many the message had.
    pub whole: usize,
    /// Whom it is from.
    pub from: Option<Address>,
    /// Where it was sent to.
    pub to: Option<Address>,
    /// Files that came with it.
    pub files: Vec<Rc<OpenFile>>,
    /// Who sent it.
    pub sender: Option<Sender>,
    /// When it was sent, in nanoseconds since 1970-01-01 00:00:00 UTC.
    pub time: i64,
    /// What its packets say.
    pub marks: Marks,
    /// Whether there is something at all: an empty message is not the end.
    pub some: bool,
}

impl Endpoint {
    /// Receives so many bytes at most. With `peek` they stay, to be received again.
    pub fn receive(self: &Rc<Endpoint>, most: usize, peek: bool) -> Result<Received, NetError> {
        self.pump();
        let state = self.state.get();
        if self.kind.is_connected() {
            let never = matches!(state, State::Idle | State::Listening);
            if never && self.inbox.borrow().messages.is_empty() {
                return Err(match (self.is_internet(), self.kind) {
                    // [Linux net/unix/af_unix.c, unix_stream_read_generic, unix_seqpacket_recvmsg]
                    (false, Kind::Stream) => NetError::Invalid,
                    _ => NetError::NotConnected,
                });
            }
        }
        if self.kind != Kind::Stream
            && let Some(error) = self.error.take()
        {
            return Err(error);
        }
        let received = match self.kind {
            Kind::Stream => self.receive_stream(most, peek),
            Kind::Datagram | Kind::Sequence => self.receive_message(most, peek),
        };
        if received.some || self.kind == Kind::Stream && most == 0 {
            return Ok(received);
        }
        // The end was told before the error was known.   [Linux net/ipv4/tcp.c, tcp_recvmsg_locked: SOCK_DONE]
        let broken = self.error.get() == Some(NetError::BrokenPipe);
        if let Some(error) = self.error.get().filter(|_| !broken) {
            self.error.set(None);
            return Err(error);
        }
        if self.shut_read.get() || self.inbox.borrow().ended {
            return Ok(received);
        }
        Err(NetError::WouldBlock)
    }

    fn receive_stream(&self, most: usize, peek: bool) -> Received {
        let mut received = Received::default();
        let mut held = self.inbox.borrow_mut();
        let inbox = &mut *held;
        let tells_sender = self.options.borrow().pass_sender;
        let mut dead = None;
        let mut skip = 0;
        while received.bytes.len() < most {
            let Some(first) = inbox.messages.get_mut(skip) else {
                break;
            };
            let same = received.sender == first.sender;
            if received.some && tells_sender && !same {
                break;
            }
            let count = first.bytes.len().min(most - received.bytes.len());
            received.some = true;
            received.sender = first.sender;
            received.time = first.time;
            let (front, back) = first.bytes.as_slices();
            let early = front.len().min(count);
            received.bytes.extend_from_slice(&front[..early]);
            received.bytes.extend_from_slice(&back[..count - early]);
            let carries = first.rights.is_some();
            if let Some(rights) = &first.rights {
                received.files = rights.files.clone();
            }
            if peek {
                skip += 1;
            } else {
                first.bytes.drain(..count);
                inbox.bytes -= count;
                // The files come with the first of the bytes.
                dead = first.rights.take();
                if first.bytes.is_empty() {
                    inbox.messages.pop_front();
                }
            }
            if carries {
                break;
            }
        }
        received.whole = received.bytes.len();
        drop(held);
        drop(dead);
        if !peek {
            self.taken(received.bytes.len());
        }
        received
    }

    fn receive_message(&self, most: usize, peek: bool) -> Received {
        let mut received = Received::default();
        let mut inbox = self.inbox.borrow_mut();
        let Some(first) = inbox.messages.front_mut() else {
            return received;
        };
        let (whole, count) = (first.bytes.len(), first.bytes.len().min(most));
        received.some = true;
        received.whole = whole;
        received.bytes = first.bytes.range(..count).copied().collect();
        received.from = first.from.clone();
        received.to = first.to.clone();
        received.sender = first.sender;
        received.time = first.time;
        received.marks = first.marks;
        if let Some(rights) = &first.rights {
            received.files = rights.files.clone();
        }
        if !peek {
            inbox.bytes -= whole;
            let gone = inbox.messages.pop_front();
            drop(inbox);
            drop(gone);
            self.taken(whole);
        }
        received
    }

    /// Bytes were taken: there is room for others.
    fn taken(&self, bytes: usize) {
        self.net.give_room(bytes);
        self.tell_starved();
    }
}
