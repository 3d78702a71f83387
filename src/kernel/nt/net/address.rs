//! How does Windows write addresses of the internet?   [winsock2.h, ws2tcpip.h: SOCKADDR_IN, SOCKADDR_IN6]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use emu_prototypes::nt::NtStatus;

use crate::kernel::net::{Address, Family, Place};

/// `AF_INET`, `AF_INET6`.
pub(super) const INET: u32 = 2;
pub(super) const INET6: u32 = 23;

/// The family of a number.
pub(super) fn family(number: u32) -> Option<Family> {
    match number {
        INET => Some(Family::Inet),
        INET6 => Some(Family::Inet6),
        _ => None,
    }
}

/// How addresses stand in requests and answers. [System Informer's ntafd.h: AFD_ADDRESS; tdi.h: TRANSPORT_ADDRESS]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Form {
    /// As Winsock has them: of sockets that leave the choice of a transport to the device.
    #[default]
    Socket,
    /// Each in a list of one, with its length: of sockets that name the device of their transport, as all did before Vista.
    Transport,
}

/// How many addresses there are, and the length of the first, without its family.
const LIST: usize = 6;

impl Form {
    /// The place that an address tells.
    pub(super) fn parse(self, bytes: &[u8]) -> Result<Place, NtStatus> {
        match self {
            Form::Socket => parse(bytes),
            Form::Transport => parse(bytes.get(LIST..).unwrap_or(&[])),
        }
    }

    /// An address of a socket of a family.
    pub(super) fn bytes(self, family: Family, address: &Address) -> Vec<u8> {
        let plain = bytes(family, address);
        if self == Form::Socket {
            return plain;
        }
        let mut out = 1u32.to_le_bytes().to_vec();
        out.extend((plain.len() as u16 - 2).to_le_bytes());
        out.extend(plain);
        out
    }

    /// The same where a count of users stands in front of such a list.   [tdi.h: TDI_ADDRESS_INFO]
    pub(super) fn info(self, family: Family, address: &Address) -> Vec<u8> {
        let out = self.bytes(family, address);
        match self {
            Form::Socket => out,
            Form::Transport => [&1u32.to_le_bytes()[..], &out].concat(),
        }
    }
}

fn take<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// The place that an address tells.
pub(super) fn parse(bytes: &[u8]) -> Result<Place, NtStatus> {
    let parse = || {
        let port = u16::from_be_bytes(take(bytes, 2)?);
        let ip = match u32::from(u16::from_le_bytes(take(bytes, 0)?)) {
            INET if bytes.len() >= 16 => IpAddr::V4(Ipv4Addr::from(take::<4>(bytes, 4)?)),
            INET6 => IpAddr::V6(Ipv6Addr::from(take::<16>(bytes, 8)?)),
            _ => return None,
        };
        Some(Place::new(ip, port))
    };
    parse().ok_or(NtStatus::INVALID_ADDRESS)
}

/// An address of a socket of a family.
pub(super) fn bytes(family: Family, address: &Address) -> Vec<u8> {
    let place = match address {
        Address::Ip(place) => *place,
        _ => Place::any(family),
    };
    let ip = match (family, place.ip) {
        (Family::Inet6, IpAddr::V4(ip)) => IpAddr::V6(ip.to_ipv6_mapped()),
        (_, ip) => ip,
    };
    let number = if ip.is_ipv4() { INET } else { INET6 };
    let mut out = (number as u16).to_le_bytes().to_vec();
    out.extend_from_slice(&place.port.to_be_bytes());
    match ip {
        IpAddr::V4(ip) => {
            out.extend_from_slice(&ip.octets());
            out.resize(16, 0);
        }
        IpAddr::V6(ip) => {
            out.extend_from_slice(&[0; 4]);
            out.extend_from_slice(&ip.octets());
            out.extend_from_slice(&[0; 4]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_back_as_they_were_and_short_ones_are_refused() {
        for text in ["127.0.0.1:80", "[::1]:443"] {
            let at: std::net::SocketAddr = text.parse().expect("an address");
            let place = Place::new(at.ip(), at.port());
            let kind = if at.is_ipv4() {
                Family::Inet
            } else {
                Family::Inet6
            };
            let written = bytes(kind, &Address::Ip(place));
            assert_eq!(parse(&written), Ok(place), "{text}");
            for short in 0..if at.is_ipv4() { 16 } else { 24 } {
                assert_eq!(parse(&written[..short]), Err(NtStatus::INVALID_ADDRESS));
            }
        }
    }
}
