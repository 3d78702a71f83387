//! Messages of netlink sockets: their headers, and what stands behind them.

use emu_prototypes::linux::Errno;

use super::super::Printer;
use super::super::quote::{self, Style};
use super::Image;
use super::fields::As;

/// The size of a header (`NLMSG_HDRLEN`).
const HEADER: u64 = 16;
/// The family of addresses.   [Linux include/linux/socket.h]
const AF_NETLINK: u16 = 16;

impl Printer<'_> {
    /// Whether an address is one of netlink's, so that data to and from there are messages.
    pub(in super::super) fn is_netlink(&mut self, address: u64) -> bool {
        address != 0 && self.memory.read_u16(address) == Ok(AF_NETLINK)
    }

    /// The messages in a buffer: `[{nlmsg_len=20, …}, payload]`, in one more pair of brackets when there are several.
    pub(in super::super) fn netlink(&mut self, address: u64, len: u64) {
        let Some(first) = self.header(address, len) else {
            quote::buffer(self.out, self.memory, address, len, self.limit, Style::Hex);
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
            if count > self.limit {
                self.text("...");
                break;
            }
            self.netlink_message(&image, address.wrapping_add(at), len - at);
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

    fn netlink_header(&mut self, image: &Image) {
        let kind = image.get("nlmsg_type").unwrap_or(0);
        self.out.push(b'{');
        self.number_field(image, "nlmsg_len");
        self.text(", nlmsg_type=");
        match self.names.name(self.abi, "netlink_route_type", kind) {
            Some(name) => self.text(name),
            None => self.value("netlink_type", kind),
        }
        self.text(", nlmsg_flags=");
        // What the upper flags say hangs on what is asked: types come in fours, new, delete, get, set.
        // [Linux include/uapi/linux/netlink.h, rtnetlink.h]
        let group = match kind & 3 {
            0 if kind >= 16 => "netlink_new",
            2 if kind >= 16 => "netlink_get",
            _ => "netlink_all",
        };
        self.flags(group, image.get("nlmsg_flags").unwrap_or(0));
        for name in ["nlmsg_seq", "nlmsg_pid"] {
            self.text(", ");
            self.field(image, name, As::Number);
        }
        self.out.push(b'}');
    }

    fn netlink_message(&mut self, image: &Image, address: u64, left: u64) {
        let len = image.get("nlmsg_len").unwrap_or(0).min(left);
        if len <= HEADER {
            self.netlink_header(image);
            return;
        }
        self.out.push(b'[');
        self.netlink_header(image);
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
                        self.out.push(b'-');
                        self.text(errno.name());
                    }
                    _ => self.signed(i64::from(error as i32) as u64),
                }
                if let Some(about) = self.header(payload.wrapping_add(4), len - HEADER - 4) {
                    self.text(", msg=");
                    self.netlink_header(&about);
                }
                self.out.push(b'}');
            }
            (Some("NLMSG_DONE"), Ok(status)) if len == HEADER + 4 => {
                self.signed(i64::from(status as i32) as u64);
            }
            _ => {
                let rest = len - HEADER;
                quote::buffer(self.out, self.memory, payload, rest, self.limit, Style::Hex);
            }
        }
        self.out.push(b']');
    }
}

/// Messages begin at multiples of four bytes (`NLMSG_ALIGN`).
fn align(len: u64) -> u64 {
    len.saturating_add(3) & !3
}
