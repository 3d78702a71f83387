//! How does a connection end?

use std::rc::{Rc, Weak};

use super::address::{Address, Family, Kind};
use super::endpoint::{Endpoint, State};
use super::error::NetError;

/// Which directions end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Receiving.
    Read,
    /// Sending.
    Write,
    /// Both.
    Both,
}

impl Endpoint {
    /// Ends one direction, or both.   [Linux net/ipv4/af_inet.c, inet_shutdown; net/unix/af_unix.c, unix_shutdown]
    pub fn shutdown(self: &Rc<Endpoint>, how: How) -> Result<(), NetError> {
        let (read, write) = (how != How::Write, how != How::Read);
        let state = self.state.get();
        if self.is_internet() {
            if self.kind == Kind::Stream && state == State::Listening {
                if read {
                    self.stop_listening();
                    self.state.set(State::Idle);
                    self.queue.wake();
                }
                return Ok(());
            }
            if state == State::Connecting {
                self.hang_up();
                self.state.set(State::Ended);
                self.queue.wake();
                return Ok(());
            }
        }
        if self.family == Family::Kernel {
            return Err(NetError::NotSupported);
        }
        self.shut_read.set(self.shut_read.get() | read);
        self.shut_write.set(self.shut_write.get() | write);
        if let Some(far) = self.far().filter(|_| write) {
            far.shut(self);
        }
        if let Some(peer) = self.peer().filter(|_| self.kind.is_connected()) {
            if write {
                peer.inbox.borrow_mut().ended = true;
            }
            if read && self.family == Family::Unix {
                peer.shut_write.set(true);
            }
            peer.queue.wake();
        }
        self.queue.wake();
        self.tell_starved();
        // It has no connection to end, though it does what was asked.   [inet_shutdown, TCP_CLOSE]
        if self.is_internet() && state != State::Connected {
            return Err(NetError::NotConnected);
        }
        Ok(())
    }

    /// The last descriptor is gone.
    pub(super) fn close(self: &Rc<Endpoint>) {
        if self.state.get() == State::Listening {
            self.stop_listening();
        } else {
            self.hang_up();
        }
        self.state.set(State::Ended);
        self.net.forget(self);
        self.queue.wake();
        self.tell_starved();
    }

    /// A connection that nobody accepted.
    pub(super) fn hang_up_rudely(self: &Rc<Endpoint>) {
        self.options.borrow_mut().linger = Some(0);
        if let Some(peer) = self.peer()
            && self.family == Family::Unix
        {
            peer.error.set(Some(NetError::Reset));
        }
        self.hang_up();
        self.net.forget(self);
    }

    /// Leaves the connection, and tells the other side: that nothing more comes, or that it is lost when something was
    /// not received here.   [Linux net/ipv4/tcp.c, __tcp_close; net/unix/af_unix.c, unix_release_sock]
    pub(super) fn hang_up(self: &Rc<Endpoint>) {
        let mut inbox = std::mem::take(&mut *self.inbox.borrow_mut());
        let unread = !inbox.messages.is_empty();
        self.inbox.borrow_mut().starved = std::mem::take(&mut inbox.starved);
        let bytes = inbox
            .messages
            .iter()
            .map(|message| message.bytes.len())
            .sum();
        self.net.give_room(bytes);
        let peer = std::mem::replace(&mut *self.peer.borrow_mut(), Weak::new()).upgrade();
        if let Some(far) = self.far.take() {
            far.close(self);
        }
        if let Some(peer) = peer.filter(|_| self.kind.is_connected()) {
            *peer.peer.borrow_mut() = Weak::new();
            let thrown = self.options.borrow().linger == Some(0);
            match self.is_internet() {
                true if unread || thrown => {
                    let told = peer.inbox.borrow().ended;
                    // [Linux net/ipv4/tcp_input.c, tcp_reset]
                    peer.failed(match told {
                        true => NetError::BrokenPipe,
                        false => NetError::Reset,
                    });
                }
                true => {
                    peer.inbox.borrow_mut().ended = true;
                }
                false => {
                    if unread {
                        peer.error.set(Some(NetError::Reset));
                    }
                    peer.inbox.borrow_mut().ended = true;
                    peer.shut_read.set(true);
                    peer.shut_write.set(true);
                }
            }
            peer.queue.wake();
        }
        self.net.bury(inbox.messages);
    }

    /// Whether it sends nothing more, and whether the other side does not.
    pub fn half_closed(&self) -> (bool, bool) {
        (self.shut_write.get(), self.inbox.borrow().ended)
    }

    /// The name it had, when it is given up.
    pub(super) fn take_local(&self) -> Option<Address> {
        self.local.borrow_mut().take()
    }
}
