//! Which interfaces does the machine have?

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Net;
use super::address::Place;

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its name.
    pub name: &'static str,
    /// Bytes of a packet at most.
    pub mtu: u32,
    /// Its hardware address.
    pub hardware: [u8; 6],
    /// Its addresses.
    pub networks: Vec<Network>,
    /// Whether it leads to this machine only.
    pub loopback: bool,
}

/// An address of an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    /// The address.
    pub ip: IpAddr,
    /// How many of its bits name the network.
    pub bits: u8,
}

/// This machine's address outside, where there is an outside.
const OWN: Ipv4Addr = Ipv4Addr::new(192, 168, 76, 2);

impl Interface {
    /// The one that leads back.
    pub fn loopback() -> Interface {
        let four = Network {
            ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            bits: 8,
        };
        let six = Network {
            ip: IpAddr::V6(Ipv6Addr::LOCALHOST),
            bits: 128,
        };
        Interface {
            name: "lo",
            mtu: 65536,
            hardware: [0; 6],
            networks: vec![four, six],
            loopback: true,
        }
    }

    /// The one that leads outside. Its hardware address is one of those that nobody owns.
    pub fn ethernet() -> Interface {
        let four = Network {
            ip: IpAddr::V4(OWN),
            bits: 24,
        };
        Interface {
            name: "eth0",
            mtu: 1500,
            hardware: [0x02, 0x65, 0x6d, 0x75, 0x00, 0x02],
            networks: vec![four],
            loopback: false,
        }
    }

    /// The address of version 4.
    pub fn four(&self) -> Option<(Ipv4Addr, u8)> {
        self.networks.iter().find_map(|network| match network.ip {
            IpAddr::V4(ip) => Some((ip, network.bits)),
            IpAddr::V6(_) => None,
        })
    }
}

impl Net {
    /// Whether an address is this machine's own.
    pub(super) fn is_here(&self, ip: IpAddr) -> bool {
        ip.is_loopback()
            || self.interfaces.borrow().iter().any(|interface| {
                let mut networks = interface.networks.iter();
                networks.any(|network| network.ip == ip)
            })
    }

    /// Whether a socket may have an address.
    pub(super) fn may_bind(&self, ip: IpAddr) -> bool {
        ip.is_unspecified() || ip.is_multicast() || self.is_here(ip)
    }

    /// The address from which something is sent: the one that was chosen, or the one that leads there.
    pub(super) fn source(&self, own: IpAddr, to: IpAddr) -> IpAddr {
        if !own.is_unspecified() {
            return own;
        }
        match to {
            IpAddr::V4(ip) if ip.is_loopback() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(ip) if ip.is_loopback() => to,
            IpAddr::V4(_) => {
                let interfaces = self.interfaces.borrow();
                let outside = interfaces.iter().find(|interface| !interface.loopback);
                let four = outside.and_then(Interface::four);
                IpAddr::V4(four.map_or(Ipv4Addr::LOCALHOST, |(ip, _)| ip))
            }
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        }
    }

    /// The server of names outside.
    pub fn name_server() -> Place {
        Place {
            ip: IpAddr::V4(Ipv4Addr::new(192, 168, 76, 1)),
            port: 53,
        }
    }
}
