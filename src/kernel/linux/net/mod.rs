//! Section `net`: sockets.

mod address;
mod control;
mod interface;
mod make;
mod message;
mod netlink;
mod option;
mod receive;
mod send;
mod socketcall;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use emu_prototypes::Stop;
use emu_prototypes::linux::{self, Errno, Outcome, services};

use crate::kernel::linux::files::OpenFile;
use crate::kernel::linux::time::Form;
use crate::kernel::net::{Endpoint, NetError, Sender, Socket};
use crate::kernel::wait::Interrupted;
use crate::kernel::{Cx, Kernel};

impl services::Net<Cx<'_>> for Kernel {
    fn socket(&mut self, cx: &mut Cx<'_>, call: &linux::Socket) -> Outcome {
        self.make_socket(cx, call.family, call.r#type, call.protocol)
    }

    fn socketpair(&mut self, cx: &mut Cx<'_>, call: &linux::Socketpair) -> Outcome {
        let wanted = (call.family, call.r#type, call.protocol);
        self.make_pair(cx, wanted, call.usockvec.address)
    }

    fn bind(&mut self, cx: &mut Cx<'_>, call: &linux::Bind) -> Outcome {
        self.bind_socket(cx, call.fd, (call.umyaddr.address, call.addrlen))
    }

    fn listen(&mut self, cx: &mut Cx<'_>, call: &linux::Listen) -> Outcome {
        let (_, socket) = cx.socket(call.fd)?;
        socket.listen(call.backlog)?;
        socket.owner.set(cx.sender());
        Ok(0)
    }

    fn accept(&mut self, cx: &mut Cx<'_>, call: &linux::Accept) -> Outcome {
        let to = (call.upeer_sockaddr.address, call.upeer_addrlen.address);
        self.accept_socket(cx, call.fd, to, 0)
    }

    fn accept4(&mut self, cx: &mut Cx<'_>, call: &linux::Accept4) -> Outcome {
        let to = (call.upeer_sockaddr.address, call.upeer_addrlen.address);
        self.accept_socket(cx, call.fd, to, call.flags)
    }

    fn connect(&mut self, cx: &mut Cx<'_>, call: &linux::Connect) -> Outcome {
        self.connect_socket(cx, call.fd, (call.uservaddr.address, call.addrlen))
    }

    fn getsockname(&mut self, cx: &mut Cx<'_>, call: &linux::Getsockname) -> Outcome {
        let (_, socket) = cx.socket(call.fd)?;
        let bytes = cx.socket_address(&socket.local(), socket.family);
        cx.give_address(call.usockaddr.address, call.usockaddr_len.address, &bytes)?;
        Ok(0)
    }

    fn getpeername(&mut self, cx: &mut Cx<'_>, call: &linux::Getpeername) -> Outcome {
        let (_, socket) = cx.socket(call.fd)?;
        let bytes = cx.socket_address(&socket.remote()?, socket.family);
        cx.give_address(call.usockaddr.address, call.usockaddr_len.address, &bytes)?;
        Ok(0)
    }

    fn send(&mut self, cx: &mut Cx<'_>, call: &linux::Send) -> Outcome {
        let bytes = (call.buff.address, call.len);
        self.send_to(cx, call.fd, bytes, call.flags, (0, 0))
    }

    fn sendto(&mut self, cx: &mut Cx<'_>, call: &linux::Sendto) -> Outcome {
        let bytes = (call.buff.address, call.len);
        let to = (call.addr.address, call.addr_len);
        self.send_to(cx, call.fd, bytes, call.flags, to)
    }

    fn sendmsg(&mut self, cx: &mut Cx<'_>, call: &linux::Sendmsg) -> Outcome {
        self.send_message(cx, call.fd, call.msg.address, call.flags)
    }

    fn sendmmsg(&mut self, cx: &mut Cx<'_>, call: &linux::Sendmmsg) -> Outcome {
        let messages = (call.mmsg.address, call.vlen);
        self.send_messages(cx, call.fd, messages, call.flags)
    }

    fn recv(&mut self, cx: &mut Cx<'_>, call: &linux::Recv) -> Outcome {
        let bytes = (call.ubuf.address, call.size);
        self.receive_from(cx, call.fd, bytes, call.flags, (0, 0))
    }

    fn recvfrom(&mut self, cx: &mut Cx<'_>, call: &linux::Recvfrom) -> Outcome {
        let bytes = (call.ubuf.address, call.size);
        let from = (call.addr.address, call.addr_len.address);
        self.receive_from(cx, call.fd, bytes, call.flags, from)
    }

    fn recvmsg(&mut self, cx: &mut Cx<'_>, call: &linux::Recvmsg) -> Outcome {
        self.receive_message(cx, call.fd, call.msg.address, call.flags)
    }

    fn recvmmsg(&mut self, cx: &mut Cx<'_>, call: &linux::Recvmmsg) -> Outcome {
        let messages = (call.mmsg.address, call.vlen);
        let timeout = (call.timeout.address, Form::Own);
        self.receive_messages(cx, call.fd, messages, call.flags, timeout)
    }

    fn recvmmsg_time64(&mut self, cx: &mut Cx<'_>, call: &linux::RecvmmsgTime64) -> Outcome {
        let messages = (call.mmsg.address, call.vlen);
        let timeout = (call.timeout.address, Form::Wide);
        self.receive_messages(cx, call.fd, messages, call.flags, timeout)
    }

    fn shutdown(&mut self, cx: &mut Cx<'_>, call: &linux::Shutdown) -> Outcome {
        self.shut_socket(cx, call.fd, call.how)
    }

    fn setsockopt(&mut self, cx: &mut Cx<'_>, call: &linux::Setsockopt) -> Outcome {
        let value = (call.optval.address, call.optlen);
        self.set_option(cx, call.fd, (call.level, call.optname), value)
    }

    fn getsockopt(&mut self, cx: &mut Cx<'_>, call: &linux::Getsockopt) -> Outcome {
        let value = (call.optval.address, call.optlen.address);
        self.get_option(cx, call.fd, (call.level, call.optname), value)
    }

    fn socketcall(&mut self, cx: &mut Cx<'_>, call: &linux::Socketcall) -> Outcome {
        self.call_socket(cx, call.call, call.args.address)
    }
}

impl Cx<'_> {
    /// The socket of a descriptor.
    fn socket(&self, fd: i32) -> Result<(Rc<OpenFile>, Rc<Endpoint>), Errno> {
        let file = self.file(fd)?;
        let socket = endpoint(&file).ok_or(Errno::ENOTSOCK)?.clone();
        Ok((file, socket))
    }

    /// Who the task is, as the other side of a socket may know it.
    fn sender(&self) -> Sender {
        let pid = self.process().pid;
        let credentials = &self.task.linux.credentials;
        Sender {
            pid,
            uid: credentials.euid,
            gid: credentials.egid,
        }
    }

    /// Waits for a socket, when its file is open for waiting and `time` is not over: `flags` are those of the call.
    fn wait_for_socket(
        &mut self,
        kernel: &Kernel,
        file: &OpenFile,
        flags: u64,
        time: Option<u64>,
    ) -> Stop<Errno> {
        if file.nonblocking() || flags & self.k.MSG_DONTWAIT != 0 {
            return Errno::EAGAIN.into();
        }
        let now = kernel.clock.now();
        let Some(time) = time else {
            let wait = self.wait_file(file, None);
            return self.block_as(wait, Interrupted::Restarts);
        };
        let deadline = match self.deadline(|_| Ok(now.saturating_add(time))) {
            Ok(deadline) => deadline,
            Err(stop) => return stop,
        };
        if now >= deadline {
            return Errno::EAGAIN.into();
        }
        let wait = self.wait_file(file, Some(deadline));
        // With a time it is not made again.   [signal(7)]
        self.block_as(wait, Interrupted::Fails)
    }

    /// How far an earlier start of this call has come.
    pub(super) fn take_progress(&mut self) -> u64 {
        let tid = self.task.tid;
        let before = self.task.linux.files.borrow_mut().progress.remove(&tid);
        match self.again {
            true => before.unwrap_or(0),
            false => 0,
        }
    }

    /// Keeps how far the call has come, for its next start.
    pub(super) fn keep_progress(&mut self, done: u64) {
        let tid = self.task.tid;
        self.task
            .linux
            .files
            .borrow_mut()
            .progress
            .insert(tid, done);
    }
}

/// The socket that an open file is.
pub(super) fn endpoint(file: &OpenFile) -> Option<&Rc<Endpoint>> {
    file.object_of::<Socket>().map(|socket| &socket.0)
}

impl From<NetError> for Errno {
    fn from(error: NetError) -> Errno {
        match error {
            NetError::InUse => Errno::EADDRINUSE,
            NetError::NotAvailable => Errno::EADDRNOTAVAIL,
            NetError::WrongFamily => Errno::EAFNOSUPPORT,
            NetError::WrongKind => Errno::EPROTOTYPE,
            NetError::NotConnected => Errno::ENOTCONN,
            NetError::Connected => Errno::EISCONN,
            NetError::Already => Errno::EALREADY,
            NetError::InProgress => Errno::EINPROGRESS,
            NetError::Refused => Errno::ECONNREFUSED,
            NetError::Reset => Errno::ECONNRESET,
            NetError::Aborted => Errno::ECONNABORTED,
            NetError::Unreachable => Errno::ENETUNREACH,
            NetError::HostUnreachable => Errno::EHOSTUNREACH,
            NetError::TimedOut => Errno::ETIMEDOUT,
            NetError::NoDestination => Errno::EDESTADDRREQ,
            NetError::TooLong => Errno::EMSGSIZE,
            NetError::WouldBlock => Errno::EAGAIN,
            NetError::BrokenPipe => Errno::EPIPE,
            NetError::Invalid => Errno::EINVAL,
            NetError::NotSupported => Errno::EOPNOTSUPP,
            NetError::Access => Errno::EACCES,
            NetError::NotPermitted => Errno::EPERM,
            NetError::NoBuffers => Errno::ENOBUFS,
            NetError::TooManyInFlight => Errno::ETOOMANYREFS,
            NetError::Io => Errno::EIO,
        }
    }
}

impl From<NetError> for Stop<Errno> {
    fn from(error: NetError) -> Stop<Errno> {
        Stop::Fail(error.into())
    }
}
