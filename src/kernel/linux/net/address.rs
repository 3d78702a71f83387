//! How do addresses stand in guest memory?   [unix(7), ip(7), ipv6(7), netlink(7)]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use emu_cpu::{Endian, GuestMemory};
use emu_prototypes::Ptr;
use emu_prototypes::linux::Errno;

use crate::kernel::linux::file::ask;
use crate::kernel::net::{Address, Family, Kind, Place, UnixName};
use crate::kernel::vfs::FileType;
use crate::kernel::{Cx, Kernel};

/// Bytes of an address at most (`struct sockaddr_storage`).
const MOST: usize = 128;
/// Bytes of a path at most.
const MOST_PATH: usize = 108;
/// The first bytes are the family.
const FAMILY: usize = 2;
/// An IPv6 address without its scope is long enough.   [Linux include/net/ipv6.h, SIN6_LEN_RFC2133]
const SHORT_INET6: usize = 24;
const INET: usize = 16;
const INET6: usize = 28;

impl Cx<'_> {
    /// The bytes of an address.
    pub(super) fn take_address(&mut self, (at, len): (u64, i32)) -> Result<Vec<u8>, Errno> {
        let len = usize::try_from(len).map_err(|_| Errno::EINVAL)?;
        if len > MOST {
            return Err(Errno::EINVAL);
        }
        let mut bytes = vec![0; len];
        self.mem.read(at, &mut bytes)?;
        Ok(bytes)
    }

    /// The family that the bytes of an address begin with.
    pub(super) fn family_of(&self, bytes: &[u8]) -> Result<u64, Errno> {
        let start: [u8; 2] = bytes
            .get(..FAMILY)
            .and_then(|start| start.try_into().ok())
            .ok_or(Errno::EINVAL)?;
        Ok(match self.mem.endian() {
            Endian::Little => u16::from_le_bytes(start),
            Endian::Big => u16::from_be_bytes(start),
        }
        .into())
    }

    /// A place in the internet, for a socket of a family. `either` says that one of version 6 may be told one of version 4.
    /// [Linux net/ipv6/tcp_ipv6.c, tcp_v6_connect; net/ipv6/datagram.c, __ip6_datagram_connect]
    pub(super) fn place_from(
        &self,
        bytes: &[u8],
        family: Family,
        either: bool,
    ) -> Result<Place, Errno> {
        let k = self.k;
        let named = self.family_of(bytes)?;
        let port = |bytes: &[u8]| u16::from_be_bytes([bytes[2], bytes[3]]);
        match family {
            Family::Inet6 if named == k.AF_INET6 => {
                if bytes.len() < SHORT_INET6 {
                    return Err(Errno::EINVAL);
                }
                let mut ip = [0; 16];
                ip.copy_from_slice(&bytes[8..24]);
                Ok(Place::new(IpAddr::V6(Ipv6Addr::from(ip)), port(bytes)))
            }
            Family::Inet6 if !either => Err(match bytes.len() < SHORT_INET6 {
                true => Errno::EINVAL,
                false => Errno::EAFNOSUPPORT,
            }),
            _ => {
                if bytes.len() < INET {
                    return Err(Errno::EINVAL);
                }
                if named != k.AF_INET {
                    return Err(Errno::EAFNOSUPPORT);
                }
                let ip = Ipv4Addr::new(bytes[4], bytes[5], bytes[6], bytes[7]);
                Ok(Place::new(IpAddr::V4(ip), port(bytes)))
            }
        }
    }

    /// An address as the guest reads it.
    pub(super) fn socket_address(&self, address: &Address, family: Family) -> Vec<u8> {
        let k = self.k;
        let endian = self.mem.endian();
        let start = |family: u64| match endian {
            Endian::Little => (family as u16).to_le_bytes(),
            Endian::Big => (family as u16).to_be_bytes(),
        };
        match address {
            Address::Unix(name) => {
                let mut bytes = start(k.AF_UNIX).to_vec();
                match name {
                    UnixName::Unnamed => {}
                    UnixName::Path(path, _) => {
                        bytes.extend_from_slice(path);
                        bytes.push(0);
                    }
                    UnixName::Abstract(name) => {
                        bytes.push(0);
                        bytes.extend_from_slice(name);
                    }
                }
                bytes
            }
            Address::Ip(place) if family == Family::Inet6 => {
                let ip = match place.ip {
                    IpAddr::V6(ip) => ip,
                    IpAddr::V4(ip) => ip.to_ipv6_mapped(),
                };
                let mut bytes = start(k.AF_INET6).to_vec();
                bytes.extend_from_slice(&place.port.to_be_bytes());
                bytes.extend_from_slice(&[0; 4]);
                bytes.extend_from_slice(&ip.octets());
                bytes.resize(INET6, 0);
                bytes
            }
            Address::Ip(place) => {
                let ip = match place.ip {
                    IpAddr::V4(ip) => ip,
                    IpAddr::V6(_) => Ipv4Addr::UNSPECIFIED,
                };
                let mut bytes = start(k.AF_INET).to_vec();
                bytes.extend_from_slice(&place.port.to_be_bytes());
                bytes.extend_from_slice(&ip.octets());
                bytes.resize(INET, 0);
                bytes
            }
            Address::Kernel(port, groups) => {
                let mut bytes = start(k.AF_NETLINK).to_vec();
                bytes.extend_from_slice(&[0; 2]);
                for word in [*port, *groups] {
                    bytes.extend_from_slice(&match endian {
                        Endian::Little => word.to_le_bytes(),
                        Endian::Big => word.to_be_bytes(),
                    });
                }
                bytes
            }
        }
    }

    /// Gives the guest an address: as much as there is room for, and how long it is.   [Linux net/socket.c,
    /// move_addr_to_user]
    pub(super) fn give_address(&mut self, at: u64, len_at: u64, bytes: &[u8]) -> Result<(), Errno> {
        let len_at = Ptr::<i32>::new(len_at);
        let room = len_at.read(self.mem)?;
        let room = usize::try_from(room).map_err(|_| Errno::EINVAL)?;
        self.mem.write(at, &bytes[..bytes.len().min(room)])?;
        let len = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
        len_at.write(self.mem, len)?;
        Ok(())
    }
}

impl Kernel {
    /// The name of a socket of this machine that shall be reached.   [Linux net/unix/af_unix.c, unix_find_other]
    pub(super) fn unix_target(&self, cx: &Cx<'_>, bytes: &[u8]) -> Result<UnixName, Errno> {
        let name = unix_name(cx, bytes)?;
        let UnixName::Path(path, _) = name else {
            return Ok(name);
        };
        let start = cx.cwd();
        let who = ask::who(cx);
        let entry = self.walk(cx, |walker| walker.find(&start, &path, true))?;
        if !who.may(&entry.node, 2) {
            return Err(Errno::EACCES);
        }
        if entry.node.file_type() != FileType::Socket {
            return Err(Errno::ECONNREFUSED);
        }
        Ok(UnixName::Path(path, Some(entry.node.clone())))
    }

    /// An address to which something is sent.
    pub(super) fn target(
        &self,
        cx: &Cx<'_>,
        bytes: &[u8],
        (family, kind): (Family, Kind),
    ) -> Result<Address, Errno> {
        let either = kind == Kind::Datagram;
        Ok(match family {
            Family::Unix => Address::Unix(self.unix_target(cx, bytes)?),
            Family::Inet | Family::Inet6 => Address::Ip(cx.place_from(bytes, family, either)?),
            Family::Kernel => cx.kernel_port(bytes)?,
        })
    }
}

/// A name of this machine, of which nobody has looked yet whether it is there.   [Linux net/unix/af_unix.c,
/// unix_validate_addr]
pub(super) fn unix_name(cx: &Cx<'_>, bytes: &[u8]) -> Result<UnixName, Errno> {
    let named = cx.family_of(bytes)?;
    if bytes.len() <= FAMILY || bytes.len() > FAMILY + MOST_PATH || named != cx.k.AF_UNIX {
        return Err(Errno::EINVAL);
    }
    let name = &bytes[FAMILY..];
    if let [0, name @ ..] = name {
        return Ok(UnixName::Abstract(name.into()));
    }
    let end = name
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(name.len());
    Ok(UnixName::Path(name[..end].into(), None))
}

impl Cx<'_> {
    /// A port of the kernel's own network.
    pub(super) fn kernel_port(&self, bytes: &[u8]) -> Result<Address, Errno> {
        if bytes.len() < 12 || self.family_of(bytes)? != self.k.AF_NETLINK {
            return Err(Errno::EINVAL);
        }
        let word = |at: usize| {
            let word = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
            match self.mem.endian() {
                Endian::Little => u32::from_le_bytes(word),
                Endian::Big => u32::from_be_bytes(word),
            }
        };
        Ok(Address::Kernel(word(4), word(8)))
    }
}
