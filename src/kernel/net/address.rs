//! How are sockets named?

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

use crate::kernel::vfs::Node;

/// What kind of addresses a socket has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Names of this machine.
    Unix,
    /// Internet, version 4.
    Inet,
    /// Internet, version 6; version 4, too, unless the socket says otherwise.
    Inet6,
    /// The kernel itself, by numbers of ports.
    Kernel,
}

/// How a socket moves bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// One stream, to one other socket.
    Stream,
    /// Messages, to anybody.
    Datagram,
    /// Messages, to one other socket, in their order.
    Sequence,
}

impl Kind {
    /// Whether two sockets are connected before anything is sent.
    pub fn is_connected(self) -> bool {
        self != Kind::Datagram
    }
}

/// A socket's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// A name of this machine.
    Unix(UnixName),
    /// A place in the internet.
    Ip(Place),
    /// A port of the kernel's own network, and the groups that are listened to.
    Kernel(u32, u32),
}

/// A name of this machine.
#[derive(Clone)]
pub enum UnixName {
    /// None.
    Unnamed,
    /// A path as it was given, and the node there.
    Path(Rc<[u8]>, Option<Rc<Node>>),
    /// A name outside the file tree.
    Abstract(Rc<[u8]>),
}

impl std::fmt::Debug for UnixName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
        match self {
            UnixName::Unnamed => f.write_str("Unnamed"),
            UnixName::Path(path, _) => write!(f, "Path({})", text(path)),
            UnixName::Abstract(name) => write!(f, "Abstract({})", text(name)),
        }
    }
}

impl PartialEq for UnixName {
    fn eq(&self, other: &UnixName) -> bool {
        match (self, other) {
            (UnixName::Unnamed, UnixName::Unnamed) => true,
            (UnixName::Path(a, _), UnixName::Path(b, _)) => a == b,
            (UnixName::Abstract(a), UnixName::Abstract(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for UnixName {}

/// An address and a port. An IPv6 address that stands for one of IPv4 is that one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The address.
    pub ip: IpAddr,
    /// The port.
    pub port: u16,
}

impl Place {
    /// A place; a mapped address becomes the one it stands for.
    pub fn new(ip: IpAddr, port: u16) -> Place {
        let ip = match ip {
            IpAddr::V6(six) => six.to_ipv4_mapped().map_or(ip, IpAddr::V4),
            IpAddr::V4(_) => ip,
        };
        Place { ip, port }
    }

    /// Any address of a family.
    pub fn any(family: Family) -> Place {
        let ip = match family {
            Family::Inet6 => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
            _ => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        };
        Place { ip, port: 0 }
    }

    /// Where a message to this place goes really: nowhere in particular is here.
    pub fn target(self) -> Place {
        let ip = match self.ip {
            IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            ip => ip,
        };
        Place { ip, ..self }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::net::SocketAddr::new(self.ip, self.port).fmt(f)
    }
}

/// Who a process is, as the other side of a socket may know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sender {
    /// Its number.
    pub pid: i32,
    /// Its user.
    pub uid: u32,
    /// Its group.
    pub gid: u32,
}
