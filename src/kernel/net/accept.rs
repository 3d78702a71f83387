//! How does a socket take connections?

use std::rc::{Rc, Weak};

use super::address::Family;
use super::endpoint::{Endpoint, State};
use super::error::NetError;
use super::inbox::Inbox;

/// Connections that wait to be accepted at most.   [/proc/sys/net/core/somaxconn]
const MOST_BACKLOG: usize = 4096;

impl Endpoint {
    /// Listens, or changes how many may wait.
    pub fn listen(self: &Rc<Endpoint>, backlog: i32) -> Result<(), NetError> {
        if !self.kind.is_connected() || self.family == Family::Kernel {
            return Err(NetError::NotSupported);
        }
        // A negative number is a large one.   [Linux net/socket.c, __sys_listen]
        let backlog = usize::try_from(backlog)
            .unwrap_or(MOST_BACKLOG)
            .min(MOST_BACKLOG);
        match self.state.get() {
            State::Listening => {}
            State::Idle | State::Ended => {
                if self.family == Family::Unix {
                    if self.local.borrow().is_none() {
                        return Err(NetError::Invalid);
                    }
                } else if self.place().is_none_or(|place| place.port == 0) {
                    self.bind_somewhere()?;
                }
                self.net.may_listen(self)?;
                *self.inbox.borrow_mut() = Inbox::default();
                self.state.set(State::Listening);
            }
            State::Connecting | State::Connected => return Err(NetError::Invalid),
        }
        self.listen.borrow_mut().backlog = backlog;
        self.let_in();
        Ok(())
    }

    /// Whether one more has to wait outside.   [Linux include/net/sock.h, sk_acceptq_is_full]
    pub(super) fn is_crowded(&self) -> bool {
        let listen = self.listen.borrow();
        listen.ready.len() > listen.backlog
    }

    /// Makes the other side of somebody's connection, which waits to be accepted.
    pub(super) fn take_in(self: &Rc<Endpoint>, client: &Rc<Endpoint>) -> Result<(), NetError> {
        let server = self
            .net
            .endpoint(self.family, self.kind, self.protocol, self.owner.get());
        *server.options.borrow_mut() = self.options.borrow().clone();
        if self.is_internet() {
            // Even a direction that was ended before listening is.   [Linux net/core/sock.c, sk_clone_lock]
            server.shut_read.set(self.shut_read.get());
            server.shut_write.set(self.shut_write.get());
        }
        let name = match client.remote.borrow().clone() {
            Some(to) if self.is_internet() => Some(to),
            _ => self.local.borrow().clone(),
        };
        *server.local.borrow_mut() = name;
        server.join(client);
        if let Some(place) = server.place() {
            self.net.claim(&server, place);
        }
        self.listen.borrow_mut().ready.push_back(server);
        self.queue.wake();
        client.queue.wake();
        Ok(())
    }

    /// Takes the connection that has waited longest.
    pub fn accept(self: &Rc<Endpoint>) -> Result<Rc<Endpoint>, NetError> {
        if !self.kind.is_connected() || self.family == Family::Kernel {
            return Err(NetError::NotSupported);
        }
        if self.state.get() != State::Listening {
            return Err(NetError::Invalid);
        }
        let next = self.listen.borrow_mut().ready.pop_front();
        let next = next.ok_or(NetError::WouldBlock)?;
        self.let_in();
        self.tell_starved();
        Ok(next)
    }

    /// Those who wait outside come in, as far as there is room.
    fn let_in(self: &Rc<Endpoint>) {
        while !self.is_crowded() {
            let next = self.listen.borrow_mut().waiting.pop_front();
            let Some(next) = next else { break };
            if let Some(client) = next.upgrade()
                && client.state.get() == State::Connecting
            {
                // Nothing was promised yet.
                let _ = self.take_in(&client);
            }
        }
    }

    /// Nobody will be accepted any more.
    pub(super) fn stop_listening(self: &Rc<Endpoint>) {
        let listen = std::mem::take(&mut *self.listen.borrow_mut());
        for server in listen.ready {
            server.hang_up_rudely();
        }
        for client in listen.waiting.iter().filter_map(Weak::upgrade) {
            if client.state.get() == State::Connecting {
                client.failed(NetError::Refused);
            }
        }
        self.tell_starved();
    }
}
