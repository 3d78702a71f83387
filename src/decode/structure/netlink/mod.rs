//! Messages of netlink sockets: their headers, and what stands behind them.

mod attribute;
mod route;

use emu_cpu::GuestMemory;
use emu_prototypes::linux::Errno;

use super::super::Printer;
use super::Image;
use super::fields::As;
use crate::view::Opened;

/// The size of a header (`NLMSG_HDRLEN`).
const HEADER: u64 = 16;
/// The first type that is a protocol's own (`NLMSG_MIN_TYPE`).
const FIRST: u64 = 16;
/// What went wrong, or that nothing did (`NLMSG_ERROR`).
const ERROR: u64 = 2;
/// The family of addresses.   [Linux include/linux/socket.h]
const AF_NETLINK: u16 = 16;

/// Whose messages they are.   [Linux include/uapi/linux/netlink.h, NETLINK_ROUTE and following]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Protocol {
    Route,
    /// Another one, or none that is known.
    Other,
}

impl Printer<'_> {
    /// Whose messages a descriptor takes; `None` when it is no netlink socket, or not known as one.
    pub(in super::super) fn netlink_protocol(&mut self, fd: u64) -> Option<Protocol> {
        let Some(Opened::Socket(socket)) = self.memory.guest.opened(fd as i32) else {
            return None;
        };
        (socket.protocol == "NETLINK").then(|| match self.netlink_family(&socket) {
            Some("ROUTE") => Protocol::Route,
            _ => Protocol::Other,
        })
    }

    /// Whether an address is one of netlink's, so that data to and from there are messages.
    pub(in super::super) fn is_netlink(&mut self, address: u64) -> bool {
        address != 0 && self.memory.read_u16(address) == Ok(AF_NETLINK)
    }

    /// The messages in a buffer: `[{nlmsg_len=20, …}, payload]`, in one more pair of brackets when there are several.
    pub(in super::super) fn netlink(&mut self, address: u64, len: u64, whose: Protocol) {
        // What is not looked into is a string like any other.
        if self.memory.closed {
            return self.buffer(address, len);
        }
        let Some(first) = self.header(address, len) else {
            self.hex_buffer(address, len);
            return;
        };
        let whole = |image: &Image| image.get("nlmsg_len").unwrap_or(0);
        let several = len > align(whole(&first));
        if several {
            self.out.push(b'[');
        }
        let mut at = 0;
        let mut next = Some(first);
        let mut count = 0;
        while let Some(image) = next {
            if count > 0 {
                self.text(", ");
            }
            count += 1;
            if count > self.most() {
                self.text("...");
                break;
            }
            self.netlink_message(&image, address.wrapping_add(at), len - at, whose);
            let step = align(whole(&image));
            if step < HEADER {
                break;
            }
            at = at.saturating_add(step);
            next = match len.checked_sub(at) {
                None | Some(0) => None,
                Some(left) => self.header(address.wrapping_add(at), left),
            };
        }
        if several {
            self.out.push(b']');
        }
    }

    fn header(&mut self, address: u64, left: u64) -> Option<Image> {
        (left >= HEADER)
            .then(|| self.load("nlmsghdr", address))
            .flatten()
    }

    fn netlink_header(&mut self, image: &Image, whose: Protocol) {
        let kind = image.get("nlmsg_type").unwrap_or(0);
        self.out.push(b'{');
        self.number_field(image, "nlmsg_len");
        self.text(", nlmsg_type=");
        let own = (whose == Protocol::Route && kind >= FIRST)
            .then_some("netlink_route_type")
            .filter(|group| self.names.name(self.abi, group, kind).is_some());
        self.value(own.unwrap_or("netlink_type"), kind);
        self.text(", nlmsg_flags=");
        // What the upper flags say hangs on what is asked: types come in fours, new, delete, get, set.
        // [Linux include/uapi/linux/netlink.h, rtnetlink.h]
        let group = match (whose, kind & 3) {
            _ if kind == ERROR => "netlink_acknowledge",
            _ if kind < FIRST => "netlink_all",
            (Protocol::Route, 0) => "netlink_new",
            (Protocol::Route, 1) => "netlink_delete",
            (Protocol::Route, 2) => "netlink_get",
            _ => "netlink_all",
        };
        self.flags(group, image.get("nlmsg_flags").unwrap_or(0));
        for name in ["nlmsg_seq", "nlmsg_pid"] {
            self.text(", ");
            self.field(image, name, As::Number);
        }
        self.out.push(b'}');
    }

    fn netlink_message(&mut self, image: &Image, address: u64, left: u64, whose: Protocol) {
        let len = image.get("nlmsg_len").unwrap_or(0).min(left);
        if len <= HEADER {
            self.netlink_header(image, whose);
            return;
        }
        self.out.push(b'[');
        self.netlink_header(image, whose);
        self.text(", ");
        let payload = address.wrapping_add(HEADER);
        let word = self.memory.read_u32(payload);
        let kind = image.get("nlmsg_type").unwrap_or(0);
        match (self.names.name(self.abi, "netlink_type", kind), word) {
            (Some("NLMSG_ERROR"), Ok(error)) if len >= HEADER + 4 => {
                self.text("{error=");
                let number = (error as i32).unsigned_abs();
                let known = u16::try_from(number)
                    .ok()
                    .and_then(|number| Errno::from_number(self.abi, number));
                match known {
                    Some(errno) if number != 0 => {
                        self.signed_or(i64::from(error as i32), |printer| {
                            printer.out.push(b'-');
                            printer.text(errno.name());
                        });
                    }
                    _ => self.signed(i64::from(error as i32) as u64),
                }
                if let Some(about) = self.header(payload.wrapping_add(4), len - HEADER - 4) {
                    self.text(", msg=");
                    self.netlink_header(&about, whose);
                }
                self.out.push(b'}');
            }
            (Some("NLMSG_DONE"), Ok(status)) if len == HEADER + 4 => {
                self.signed(i64::from(status as i32) as u64);
            }
            _ => {
                let rest = len - HEADER;
                let shown = whose == Protocol::Route
                    && kind >= FIRST
                    && self.route_message(kind, payload, rest);
                if !shown {
                    self.hex_buffer(payload, rest);
                }
            }
        }
        self.out.push(b']');
    }
}

/// Messages begin at multiples of four bytes (`NLMSG_ALIGN`).
fn align(len: u64) -> u64 {
    len.saturating_add(3) & !3
}
