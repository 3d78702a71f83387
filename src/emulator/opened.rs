//! What is a descriptor open on, in detail?

use crate::kernel::linux::process;
use crate::kernel::net::{Address, Endpoint, Family, Kind, Socket, UnixName};
use crate::kernel::vfs::{FileType, OpenFile};
use crate::view::{Opened, SocketAbout};

/// What a file is more than its path.
pub(super) fn opened(file: &OpenFile) -> Opened {
    if let Some(Socket(endpoint)) = file.object_of::<Socket>() {
        return Opened::Socket(socket(endpoint));
    }
    if let Some(pid) = process::pid_of(file) {
        return Opened::Process(pid);
    }
    let attributes = file.node().attributes();
    let (major, minor) = attributes.rdev;
    match attributes.file_type {
        FileType::CharDevice => Opened::Character { major, minor },
        FileType::BlockDevice => Opened::Block { major, minor },
        _ => Opened::Other,
    }
}

fn socket(endpoint: &Endpoint) -> SocketAbout {
    // The names are those of `struct proto` and `struct proto_ops` in Linux, as an extended attribute tells them.
    // [Linux net/socket.c, sockfs_xattr_get]
    let protocol = match (endpoint.family, endpoint.kind) {
        (Family::Unix, Kind::Stream) => "UNIX-STREAM",
        (Family::Unix, _) => "UNIX",
        (Family::Inet, Kind::Stream) => "TCP",
        (Family::Inet, _) => "UDP",
        (Family::Inet6, Kind::Stream) => "TCPv6",
        (Family::Inet6, _) => "UDPv6",
        (Family::Kernel, _) => "NETLINK",
    };
    let place = |address: Address| match address {
        Address::Ip(place) if place.port != 0 => Some(match (endpoint.family, place.ip) {
            // An address of version 4 of a socket of version 6 is written as the latter has it.
            (Family::Inet6, std::net::IpAddr::V4(ip)) => {
                format!("[{}]:{}", ip.to_ipv6_mapped(), place.port)
            }
            _ => place.to_string(),
        }),
        Address::Kernel(port, _) if port != 0 => Some(port.to_string()),
        _ => None,
    };
    let name = match endpoint.local() {
        Address::Unix(UnixName::Path(path, _)) => path.to_vec(),
        Address::Unix(UnixName::Abstract(name)) => [b"\0", &name[..]].concat(),
        _ => Vec::new(),
    };
    let remote = match endpoint.family {
        Family::Unix => endpoint.peer_inode().map(|inode| inode.to_string()),
        _ => endpoint.remote().ok().and_then(place),
    };
    SocketAbout {
        protocol: protocol.to_owned(),
        number: endpoint.protocol,
        inode: endpoint.inode.get(),
        local: place(endpoint.local()),
        remote,
        name,
    }
}
