//! Options of sockets, and what their values are.

use emu_cpu::GuestMemory;
use emu_prototypes::linux::id;

use super::super::{Asked, Phase, Printer};
use super::{group, name_of};

/// The options of a level.
fn options(level: &str) -> Option<&'static str> {
    Some(match level {
        "SOL_SOCKET" => group::SOCKET_OPTION,
        "SOL_IP" => "ip_option",
        "SOL_IPV6" => "ipv6_option",
        "SOL_TCP" => "tcp_option",
        "SOL_UDP" => "udp_option",
        "SOL_RAW" => "raw_option",
        "SOL_NETLINK" => "netlink_option",
        "SOL_PACKET" => "packet_option",
        _ => return None,
    })
}

fn group_of(asked: &Asked<'_>) -> Option<&'static str> {
    options(name_of(asked, 1, group::LEVEL)?)
}

/// The structure that an option's value is.
fn shape(name: &str) -> Option<&'static str> {
    Some(match name {
        "SO_LINGER" => "linger",
        "SO_PEERCRED" => "ucred",
        "SO_ATTACH_FILTER" => "sock_fprog",
        "IP_ADD_MEMBERSHIP" | "IP_DROP_MEMBERSHIP" => "ip_mreq",
        "IPV6_ADD_MEMBERSHIP" | "IPV6_DROP_MEMBERSHIP" => "ipv6_mreq",
        _ => return None,
    })
}

impl Printer<'_> {
    /// The name of an option.
    pub(super) fn option_name(&mut self, asked: &Asked<'_>, value: u64) {
        match group_of(asked) {
            Some(group) => self.value(group, value),
            None if name_of(asked, 1, group::LEVEL).is_some() => self.hex(value),
            None => self.signed(i64::from(value as i32) as u64),
        }
    }

    /// The value of an option.
    pub(super) fn option_value(&mut self, asked: &Asked<'_>, value: u64, phase: Phase) {
        let get = asked.info.id == id::GETSOCKOPT;
        let len = match (get, phase) {
            (false, _) => asked.arg(4) & 0xffff_ffff,
            (true, Phase::Exit(Some(_))) => match self.memory.read_u32(asked.arg(4)) {
                Ok(len) => u64::from(len),
                Err(_) => return self.address(value),
            },
            (true, _) => return self.address(value),
        };
        let shape = group_of(asked).and_then(|group| shape(name_of(asked, 2, group)?));
        let size = shape.and_then(|shape| self.abi.structure(shape));
        match (shape, size) {
            (Some(shape), Some(known)) if len >= u64::from(known.size) => {
                self.structure(shape, value);
            }
            _ if len == 4 => self.int_at(value),
            _ if asked.extent.shallow && !get => self.address(value),
            _ if len < 4 && !get => self.address(value),
            _ => self.buffer(value, len),
        }
    }
}
