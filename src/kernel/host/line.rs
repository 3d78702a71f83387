//! How are the host's sockets used? Never so that anybody waits in them.

use std::cell::{Cell, RefCell};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};
use std::rc::{Rc, Weak};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::Timespec;
use rustix::net::{AddressFamily, SocketFlags, SocketType, connect, socket_with};

/// A socket of the host. What can't be done at once is [`io::ErrorKind::WouldBlock`].
pub trait Line {
    /// Whether the connection is made, and what became of it; `None` while it is being made.
    fn made(&self) -> Option<io::Result<()>>;
    /// Sends bytes of a stream.
    fn send(&self, bytes: &[u8]) -> io::Result<usize>;
    /// Receives bytes of a stream; 0 at its end.
    fn receive(&self, buf: &mut [u8]) -> io::Result<usize>;
    /// Sends a message.
    fn send_to(&self, to: SocketAddr, bytes: &[u8]) -> io::Result<usize>;
    /// Receives a message.
    fn receive_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)>;
    /// Ends the stream from here.
    fn shut(&self) -> io::Result<()>;
    /// Whether sending would not wait.
    fn is_writable(&self) -> bool;
    /// Whether its addresses are of version 6.
    fn is_v6(&self) -> bool;
}

/// The lines that are open.
#[derive(Default)]
pub(super) struct Lines {
    open: RefCell<Vec<Weak<RealLine>>>,
}

enum Wire {
    Stream(TcpStream),
    Messages(UdpSocket),
}

struct RealLine {
    wire: Wire,
    six: bool,
    /// Something would have waited: receiving, sending.
    waits: Cell<(bool, bool)>,
}

impl AsFd for RealLine {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.wire {
            Wire::Stream(stream) => stream.as_fd(),
            Wire::Messages(socket) => socket.as_fd(),
        }
    }
}

impl Lines {
    pub(super) fn connect(&self, to: SocketAddr) -> io::Result<Rc<dyn Line>> {
        let family = match to {
            SocketAddr::V4(_) => AddressFamily::INET,
            SocketAddr::V6(_) => AddressFamily::INET6,
        };
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = socket_with(family, SocketType::STREAM, flags, None)?;
        match connect(&socket, &to) {
            Ok(()) | Err(rustix::io::Errno::INPROGRESS) => {}
            Err(error) => return Err(error.into()),
        }
        Ok(self.add(Wire::Stream(TcpStream::from(socket)), to.is_ipv6()))
    }

    pub(super) fn messages(&self, six: bool) -> io::Result<Rc<dyn Line>> {
        let any = match six {
            true => SocketAddr::from((Ipv6Addr::UNSPECIFIED, 0)),
            false => SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)),
        };
        let socket = UdpSocket::bind(any)?;
        socket.set_nonblocking(true)?;
        Ok(self.add(Wire::Messages(socket), six))
    }

    fn add(&self, wire: Wire, six: bool) -> Rc<dyn Line> {
        let line = Rc::new(RealLine {
            wire,
            six,
            waits: Cell::new((false, false)),
        });
        let mut open = self.open.borrow_mut();
        open.retain(|other| other.strong_count() > 0);
        open.push(Rc::downgrade(&line));
        line
    }

    /// Waits for what a line would not do the last time it was asked.
    pub(super) fn news(&self, timeout: Duration) -> bool {
        let open: Vec<_> = self
            .open
            .borrow()
            .iter()
            .filter_map(Weak::upgrade)
            .collect();
        let waiting: Vec<_> = open
            .iter()
            .filter(|line| line.waits.get() != (false, false))
            .collect();
        let mut fds: Vec<_> = waiting
            .iter()
            .map(|line| {
                let (reads, writes) = line.waits.get();
                let mut flags = PollFlags::empty();
                flags.set(PollFlags::IN, reads);
                flags.set(PollFlags::OUT, writes);
                PollFd::new(line.as_ref(), flags)
            })
            .collect();
        let time = Timespec {
            tv_sec: timeout.as_secs().try_into().unwrap_or(i64::MAX),
            tv_nsec: timeout.subsec_nanos().into(),
        };
        match poll(&mut fds, Some(&time)) {
            Ok(0) | Err(_) => false,
            Ok(_) => {
                for (line, fd) in waiting.iter().zip(&fds) {
                    if !fd.revents().is_empty() {
                        line.waits.set((false, false));
                    }
                }
                true
            }
        }
    }
}

impl RealLine {
    fn ready(&self, flags: PollFlags) -> bool {
        let mut fds = [PollFd::new(self, flags)];
        let now = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // Whoever uses it learns what is wrong.
        !matches!(poll(&mut fds, Some(&now)), Ok(0))
    }

    fn noting<T>(&self, writes: bool, result: io::Result<T>) -> io::Result<T> {
        if let Err(error) = &result
            && error.kind() == io::ErrorKind::WouldBlock
        {
            let (reading, writing) = self.waits.get();
            self.waits.set((reading || !writes, writing || writes));
        }
        result
    }
}

impl Line for RealLine {
    fn made(&self) -> Option<io::Result<()>> {
        if !self.is_writable() {
            return None;
        }
        let error = match &self.wire {
            Wire::Stream(stream) => stream.take_error(),
            Wire::Messages(socket) => socket.take_error(),
        };
        Some(match error {
            Ok(None) => Ok(()),
            Ok(Some(error)) | Err(error) => Err(error),
        })
    }

    fn send(&self, bytes: &[u8]) -> io::Result<usize> {
        self.noting(
            true,
            match &self.wire {
                Wire::Stream(stream) => (&mut &*stream).write(bytes),
                Wire::Messages(_) => Err(io::ErrorKind::NotConnected.into()),
            },
        )
    }

    fn receive(&self, buf: &mut [u8]) -> io::Result<usize> {
        self.noting(
            false,
            match &self.wire {
                Wire::Stream(stream) => (&mut &*stream).read(buf),
                Wire::Messages(_) => Err(io::ErrorKind::NotConnected.into()),
            },
        )
    }

    fn send_to(&self, to: SocketAddr, bytes: &[u8]) -> io::Result<usize> {
        self.noting(
            true,
            match &self.wire {
                Wire::Stream(_) => Err(io::ErrorKind::InvalidInput.into()),
                Wire::Messages(socket) => socket.send_to(bytes, to),
            },
        )
    }

    fn receive_from(&self, buf: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.noting(
            false,
            match &self.wire {
                Wire::Stream(_) => Err(io::ErrorKind::InvalidInput.into()),
                Wire::Messages(socket) => socket.recv_from(buf),
            },
        )
    }

    fn shut(&self) -> io::Result<()> {
        match &self.wire {
            Wire::Stream(stream) => stream.shutdown(Shutdown::Write),
            Wire::Messages(_) => Ok(()),
        }
    }

    fn is_writable(&self) -> bool {
        let writable = self.ready(PollFlags::OUT);
        if !writable {
            self.waits.set((self.waits.get().0, true));
        }
        writable
    }

    fn is_v6(&self) -> bool {
        self.six
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_would_wait_and_when_it_would_not_any_more() {
        let server = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a loopback");
        let lines = Lines::default();
        let to = server.local_addr().expect("it is bound");
        let line = lines.connect(to).expect("it begins");
        let (mut other, _) = server.accept().expect("it is connected");
        while line.made().is_none() {
            lines.news(Duration::from_millis(10));
        }
        let mut buf = [0; 8];
        let none = line.receive(&mut buf).expect_err("there is nothing");
        assert_eq!(none.kind(), io::ErrorKind::WouldBlock);
        assert!(!lines.news(Duration::ZERO));
        other.write_all(b"hello").expect("it is connected");
        assert!(lines.news(Duration::from_secs(5)));
        assert_eq!(line.receive(&mut buf).expect("it came"), 5);
        // Nobody has asked since.
        assert!(!lines.news(Duration::ZERO));
    }
}
