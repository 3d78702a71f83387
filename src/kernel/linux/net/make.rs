//! How do sockets come to be, and to be connected?

use std::rc::Rc;

use emu_prototypes::linux::{Errno, Outcome};
use emu_prototypes::{Ptr, Stop};

use super::address::unix_name;
use crate::kernel::linux::files::OpenFile;
use crate::kernel::linux::io::owner;
use crate::kernel::net::{
    Address, Endpoint, Family, How, Kind, Made, NetError, Socket, State, UnixName,
};
use crate::kernel::vfs::{FsError, OpenFlags};
use crate::kernel::{Cx, Kernel};

/// Kinds of sockets that there may be.   [Linux include/linux/net.h, SOCK_MAX]
const KINDS: u64 = 11;
/// The bits of a kind.   [SOCK_TYPE_MASK]
const KIND_MASK: u64 = 15;
/// Families that there may be.   [Linux include/linux/socket.h, AF_MAX]
const FAMILIES: u64 = 46;
/// Protocols of the internet that there may be.   [Linux include/uapi/linux/in.h, IPPROTO_MAX]
const PROTOCOLS: u64 = 263;

impl Kernel {
    /// A kind with its flags: what `open` makes of them, and whether `execve` closes the socket.
    fn kind_flags(cx: &Cx<'_>, kind: i32) -> Result<(u64, OpenFlags, bool), Errno> {
        let k = cx.k;
        let kind = u64::from(kind.cast_unsigned());
        let flags = kind & !KIND_MASK;
        if flags & !(k.SOCK_CLOEXEC | k.SOCK_NONBLOCK) != 0 {
            return Err(Errno::EINVAL);
        }
        let mut open = OpenFlags::empty();
        open.set(OpenFlags::NONBLOCK, flags & k.SOCK_NONBLOCK != 0);
        Ok((kind & KIND_MASK, open, flags & k.SOCK_CLOEXEC != 0))
    }

    /// What a family, a kind and a protocol name.   [Linux net/socket.c, __sock_create; net/unix/af_unix.c, unix_create;
    /// net/ipv4/af_inet.c, inet_create; net/netlink/af_netlink.c, netlink_create]
    fn sort(
        cx: &Cx<'_>,
        family: i32,
        kind: u64,
        protocol: i32,
    ) -> Result<(Family, Kind, u32), Errno> {
        let k = cx.k;
        let family = u64::try_from(family)
            .ok()
            .filter(|family| *family < FAMILIES);
        let family = family.ok_or(Errno::EAFNOSUPPORT)?;
        if kind >= KINDS {
            return Err(Errno::EINVAL);
        }
        let wanted = u64::from(protocol.cast_unsigned());
        let (stream, datagram) = (kind == k.SOCK_STREAM, kind == k.SOCK_DGRAM);
        if family == k.AF_UNIX {
            if protocol != 0 && wanted != k.AF_UNIX {
                return Err(Errno::EPROTONOSUPPORT);
            }
            let kind = match kind {
                _ if stream => Kind::Stream,
                _ if datagram || kind == k.SOCK_RAW => Kind::Datagram,
                _ if kind == k.SOCK_SEQPACKET => Kind::Sequence,
                _ => return Err(Errno::ESOCKTNOSUPPORT),
            };
            return Ok((Family::Unix, kind, 0));
        }
        if family == k.AF_INET || family == k.AF_INET6 {
            let inet = match family == k.AF_INET {
                true => Family::Inet,
                false => Family::Inet6,
            };
            if wanted >= PROTOCOLS {
                return Err(Errno::EINVAL);
            }
            let (kind, own) = match kind {
                _ if stream => (Kind::Stream, k.IPPROTO_TCP),
                _ if datagram => (Kind::Datagram, k.IPPROTO_UDP),
                // Packets are not made here.
                _ if kind == k.SOCK_RAW => return Err(Errno::EPROTONOSUPPORT),
                _ => return Err(Errno::ESOCKTNOSUPPORT),
            };
            if protocol != 0 && wanted != own {
                return Err(Errno::EPROTONOSUPPORT);
            }
            return Ok((inet, kind, own as u32));
        }
        if family == k.AF_NETLINK {
            if kind != k.SOCK_RAW && !datagram {
                return Err(Errno::ESOCKTNOSUPPORT);
            }
            if wanted != k.NETLINK_ROUTE {
                return Err(Errno::EPROTONOSUPPORT);
            }
            return Ok((Family::Kernel, Kind::Datagram, protocol.cast_unsigned()));
        }
        Err(Errno::EAFNOSUPPORT)
    }

    fn socket_file(
        &self,
        cx: &Cx<'_>,
        endpoint: Rc<Endpoint>,
        flags: OpenFlags,
    ) -> Result<Rc<OpenFile>, FsError> {
        let socket = Rc::new(Socket(endpoint.clone()));
        let file = self
            .vfs
            .socket_file(socket, flags, owner(cx), self.file_time())?;
        endpoint.inode.set(file.node().ino);
        Ok(file)
    }

    pub(super) fn make_socket(
        &mut self,
        cx: &mut Cx<'_>,
        family: i32,
        kind: i32,
        protocol: i32,
    ) -> Outcome {
        let (kind, flags, cloexec) = Kernel::kind_flags(cx, kind)?;
        let (family, kind, protocol) = Kernel::sort(cx, family, kind, protocol)?;
        let endpoint = self.net.endpoint(family, kind, protocol, cx.sender());
        let file = self.socket_file(cx, endpoint, flags)?;
        cx.install(file, cloexec)
    }

    /// Two that are connected with each other.
    pub(super) fn make_pair(
        &mut self,
        cx: &mut Cx<'_>,
        (family, kind, protocol): (i32, i32, i32),
        to: u64,
    ) -> Outcome {
        let (kind, flags, cloexec) = Kernel::kind_flags(cx, kind)?;
        let (family, kind, _) = Kernel::sort(cx, family, kind, protocol)?;
        if family != Family::Unix {
            return Err(Errno::EOPNOTSUPP.into());
        }
        let [one, two] = self.net.pair(kind, cx.sender());
        let one = self.socket_file(cx, one, flags)?;
        let two = self.socket_file(cx, two, flags)?;
        let one = cx.install(one, cloexec)? as i32;
        let pid = cx.process().pid;
        let two = match cx.install(two, cloexec) {
            Ok(two) => two as i32,
            Err(error) => {
                cx.task.linux.files.borrow_mut().close(one, pid)?;
                return Err(error);
            }
        };
        let pair = Ptr::<i32>::new(to);
        let stored = pair
            .write(cx.mem, one)
            .and_then(|()| pair.index(1).write(cx.mem, two));
        if let Err(fault) = stored {
            let mut files = cx.task.linux.files.borrow_mut();
            files.close(one, pid)?;
            files.close(two, pid)?;
            return Err(fault.into());
        }
        Ok(0)
    }

    pub(super) fn bind_socket(&mut self, cx: &mut Cx<'_>, fd: i32, at: (u64, i32)) -> Outcome {
        let (_, socket) = cx.socket(fd)?;
        let bytes = cx.take_address(at)?;
        let k = cx.k;
        match socket.family {
            Family::Unix => self.bind_unix(cx, &socket, &bytes)?,
            Family::Inet | Family::Inet6 => {
                let place = cx.place_from(&bytes, socket.family, false)?;
                let low = place.port != 0 && place.port < 1024;
                if low && !cx.capable(k.CAP_NET_BIND_SERVICE) {
                    return Err(Errno::EACCES.into());
                }
                let four = place.ip.is_ipv4() && socket.family == Family::Inet6;
                if four && socket.options.borrow().only_v6 {
                    return Err(Errno::EINVAL.into());
                }
                socket.bind(place)?;
            }
            Family::Kernel => {
                let Address::Kernel(port, groups) = cx.kernel_port(&bytes)? else {
                    return Err(Errno::EINVAL.into());
                };
                socket.bind_kernel(port, groups)?;
            }
        }
        Ok(0)
    }

    /// [Linux net/unix/af_unix.c, unix_bind]
    fn bind_unix(&self, cx: &mut Cx<'_>, socket: &Rc<Endpoint>, bytes: &[u8]) -> Result<(), Errno> {
        if bytes.len() == 2 && cx.family_of(bytes)? == cx.k.AF_UNIX {
            socket.name_somehow()?;
            return Ok(());
        }
        match unix_name(cx, bytes)? {
            UnixName::Path(path, _) => {
                socket.may_name()?;
                let start = cx.cwd();
                let node = self
                    .walk(cx, |walker| walker.make_socket(&start, &path))
                    .map_err(|errno| match errno {
                        Errno::EEXIST => Errno::EADDRINUSE,
                        other => other,
                    })?;
                socket.name(UnixName::Path(path, Some(node)))?;
            }
            name => socket.name(name)?,
        }
        Ok(())
    }

    pub(super) fn accept_socket(
        &mut self,
        cx: &mut Cx<'_>,
        fd: i32,
        (at, len_at): (u64, u64),
        flags: i32,
    ) -> Outcome {
        let k = cx.k;
        let flags = u64::from(flags.cast_unsigned());
        if flags & !(k.SOCK_CLOEXEC | k.SOCK_NONBLOCK) != 0 {
            return Err(Errno::EINVAL.into());
        }
        let (file, socket) = cx.socket(fd)?;
        let limit = cx
            .process()
            .limits
            .soft(crate::kernel::linux::process::Resource::Nofile);
        cx.task.linux.files.borrow().room(0, limit)?;
        let endpoint = match socket.accept() {
            Ok(endpoint) => endpoint,
            Err(NetError::WouldBlock) => {
                let time = socket.options.borrow().receive_timeout;
                return Err(cx.wait_for_socket(self, &file, 0, time));
            }
            Err(error) => return Err(error.into()),
        };
        let peer = endpoint
            .remote()
            .unwrap_or(Address::Unix(UnixName::Unnamed));
        let mut open = OpenFlags::empty();
        open.set(OpenFlags::NONBLOCK, flags & k.SOCK_NONBLOCK != 0);
        let family = endpoint.family;
        let new = self.socket_file(cx, endpoint, open)?;
        if at != 0 {
            // Whom it is from can't be told: the connection is closed again.
            let bytes = cx.socket_address(&peer, family);
            cx.give_address(at, len_at, &bytes)?;
        }
        cx.install(new, flags & k.SOCK_CLOEXEC != 0)
    }

    pub(super) fn connect_socket(&mut self, cx: &mut Cx<'_>, fd: i32, at: (u64, i32)) -> Outcome {
        let (file, socket) = cx.socket(fd)?;
        let bytes = cx.take_address(at)?;
        let nobody = bytes.len() >= 2 && cx.family_of(&bytes)? == cx.k.AF_UNSPEC;
        if nobody {
            socket.disconnect()?;
            return Ok(0);
        }
        if bytes.len() < 2 {
            return Err(Errno::EINVAL.into());
        }
        let waits = !file.nonblocking();
        self.net.tick(self.clock.now());
        socket.look();
        let time = socket.options.borrow().send_timeout;
        if cx.again && waits && socket.is_internet_stream() {
            match socket.state() {
                State::Connected => return Ok(0),
                State::Connecting => {
                    return match cx.wait_for_socket(self, &file, 0, time) {
                        Stop::Fail(Errno::EAGAIN) => Err(Errno::EINPROGRESS.into()),
                        stop => Err(stop),
                    };
                }
                _ => {
                    if let Some(error) = socket.take_error() {
                        return Err(error.into());
                    }
                }
            }
        }
        let to = match (socket.family, socket.state()) {
            // It is not looked where to.
            (Family::Unix, State::Connected) if socket.kind.is_connected() => {
                return Err(Errno::EISCONN.into());
            }
            _ => self.target(cx, &bytes, (socket.family, socket.kind))?,
        };
        socket.owner.set(cx.sender());
        match socket.connect(&to, waits) {
            Ok(Made::Done) => Ok(0),
            Ok(Made::Later) => {
                // The host tells only of what it was asked and would not do.
                socket.look();
                match socket.state() {
                    State::Connected => Ok(0),
                    State::Ended => Err(socket.take_error().unwrap_or(NetError::Refused).into()),
                    _ => Err(cx.wait_for_socket(self, &file, 0, time)),
                }
            }
            Err(NetError::WouldBlock) => Err(cx.wait_for_socket(self, &file, 0, time)),
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn shut_socket(&mut self, cx: &mut Cx<'_>, fd: i32, how: i32) -> Outcome {
        let k = cx.k;
        let (_, socket) = cx.socket(fd)?;
        let how = match u64::from(how.cast_unsigned()) {
            how if how == k.SHUT_RD => How::Read,
            how if how == k.SHUT_WR => How::Write,
            how if how == k.SHUT_RDWR => How::Both,
            _ => return Err(Errno::EINVAL.into()),
        };
        socket.shutdown(how)?;
        Ok(0)
    }
}
