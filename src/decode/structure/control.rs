//! Messages of sockets, and the control messages beside their data.

use emu_cpu::GuestMemory;

use super::super::particular::group;
use super::super::{Printer, number};
use super::{Image, Protocol};

/// The most control messages that are shown.
const MAX_CONTROL: usize = 64;

impl Printer<'_> {
    pub(super) fn msghdr(&mut self, image: &Image) {
        self.message(image, u64::MAX, None);
    }

    /// A message of which `left` bytes are there, of a netlink socket when `whose` says so.
    pub(in super::super) fn message(&mut self, image: &Image, left: u64, whose: Option<Protocol>) {
        self.text("{msg_name=");
        let namelen = image.get("msg_namelen").unwrap_or(0);
        self.sockaddr(image.get("msg_name").unwrap_or(0), namelen);
        self.text(", msg_namelen=");
        number::signed(self.out, i64::from(namelen as i32));
        self.text(", msg_iov=");
        let count = image.get("msg_iovlen").unwrap_or(0);
        let address = image.get("msg_iov").unwrap_or(0);
        if self.is_netlink(image.get("msg_name").unwrap_or(0)) {
            self.netlink_vectors(address, count, left, whose.unwrap_or(Protocol::Other));
        } else {
            self.iovec(address, count, left);
        }
        self.text(", msg_iovlen=");
        self.decimal(count);
        let control = image.get("msg_controllen").unwrap_or(0);
        if control != 0 {
            self.text(", msg_control=");
            self.controls(image.get("msg_control").unwrap_or(0), control);
        }
        self.text(", msg_controllen=");
        self.decimal(control);
        self.text(", msg_flags=");
        self.flags(group::MSG, image.get("msg_flags").unwrap_or(0));
        self.out.push(b'}');
    }

    pub(super) fn mmsghdr(&mut self, image: &Image) {
        self.one_of_several(image, true, true, None);
    }

    /// One message of several; when they were sent or received, with the length it has.
    pub(in super::super) fn one_of_several(
        &mut self,
        image: &Image,
        done: bool,
        received: bool,
        whose: Option<Protocol>,
    ) {
        self.text("{msg_hdr=");
        let len = image.get("msg_len").unwrap_or(0);
        let header = image.place("msg_hdr").unwrap_or(0);
        match self.load("msghdr", header) {
            Some(header) => self.message(&header, if received { len } else { u64::MAX }, whose),
            None => self.address(header),
        }
        if done {
            self.text(", ");
            self.number_field(image, "msg_len");
        }
        self.out.push(b'}');
    }

    /// Control messages. Each begins at a whole word.   [Linux include/linux/socket.h, CMSG_ALIGN]
    fn controls(&mut self, address: u64, len: u64) {
        let word = self.word_size();
        let head = self
            .abi
            .structure("cmsghdr")
            .map_or(0, |shape| u64::from(shape.size));
        let start = self.out.len();
        self.out.push(b'[');
        let mut at = 0u64;
        for count in 0..MAX_CONTROL {
            if len.saturating_sub(at) < head || head == 0 {
                break;
            }
            let Some(image) = self.load("cmsghdr", address.wrapping_add(at)) else {
                break;
            };
            if count > 0 {
                self.text(", ");
            }
            let whole = image.get("cmsg_len").unwrap_or(0);
            self.control(
                &image,
                address.wrapping_add(at + head),
                whole.min(len - at).saturating_sub(head),
            );
            if whole < head {
                break;
            }
            at = at.saturating_add(whole.saturating_add(word - 1) / word * word);
        }
        if self.out.len() == start + 1 {
            self.out.truncate(start);
            self.address(address);
        } else {
            self.out.push(b']');
        }
    }

    fn control(&mut self, image: &Image, data: u64, len: u64) {
        self.out.push(b'{');
        self.number_field(image, "cmsg_len");
        self.text(", cmsg_level=");
        let level = image.get("cmsg_level").unwrap_or(0);
        let kind = image.get("cmsg_type").unwrap_or(0);
        match self.names.name(self.abi, group::LEVEL, level) {
            Some(name) => self.hex_or(level, |printer| printer.text(name)),
            None => {
                self.hex(level);
                if self.has_words() {
                    self.text(" /* SOL_??? */");
                }
            }
        }
        self.text(", cmsg_type=");
        let level = self.names.name(self.abi, group::LEVEL, level);
        let group = match level {
            Some("SOL_SOCKET") => match self.names.name(self.abi, "socket_control", kind) {
                Some(_) => "socket_control",
                None => group::SOCKET_OPTION,
            },
            Some("SOL_IP") => "ip_option",
            _ => "",
        };
        if group.is_empty() {
            self.hex(kind);
        } else {
            self.value(group, kind);
        }
        let kind = self.names.name(self.abi, group, kind).unwrap_or("");
        let before = self.out.len();
        self.text(", cmsg_data=");
        let empty = self.out.len();
        match (level, kind) {
            (Some("SOL_SOCKET"), "SCM_RIGHTS") => self.descriptors(data, len / 4),
            (Some("SOL_SOCKET"), "SCM_CREDENTIALS") if len >= 12 => self.structure("ucred", data),
            (Some("SOL_SOCKET"), "SO_TIMESTAMP_OLD") => self.structure("timeval", data),
            (Some("SOL_SOCKET"), "SO_TIMESTAMPNS_OLD") => self.structure("timespec", data),
            (Some("SOL_IP"), "IP_PKTINFO") if len >= 12 => self.packet_info(data),
            (Some("SOL_IP"), "IP_TTL") if len >= 4 => self.int_at(data),
            (Some("SOL_IP"), "IP_TOS") if len >= 1 => {
                let service = self.memory.read_u8(data).unwrap_or(0);
                self.byte_list(&[service]);
            }
            _ => {}
        }
        if self.out.len() == empty {
            self.out.truncate(before);
        }
        self.out.push(b'}');
    }

    fn packet_info(&mut self, address: u64) {
        let Some(image) = self.load("in_pktinfo", address) else {
            self.address(address);
            return;
        };
        self.text("{ipi_ifindex=");
        self.interface_index(image.get("ipi_ifindex").unwrap_or(0));
        for name in ["ipi_spec_dst", "ipi_addr"] {
            self.text(", ");
            self.text(name);
            self.out.push(b'=');
            self.inet(image.raw(name));
        }
        self.out.push(b'}');
    }
}
