//! Socket addresses and messages.

use super::super::particular::group;
use super::super::{Printer, number, quote};
use super::Image;

/// The most bytes of a socket address that are read (`struct sockaddr_storage`).
const MAX_ADDRESS: usize = 128;

impl Printer<'_> {
    /// A socket address of `len` bytes. Its contents are in network order, its family in the guest's.
    pub(in super::super) fn sockaddr(&mut self, address: u64, len: u64) {
        let mut bytes = [0; MAX_ADDRESS];
        let len = usize::try_from(len & 0xffff_ffff)
            .unwrap_or(0)
            .min(MAX_ADDRESS);
        if address == 0 || len < 2 || self.memory.read(address, &mut bytes[..len]).is_err() {
            self.address(address);
            return;
        }
        let family = match self.memory.endian() {
            emu_cpu::Endian::Little => u16::from_le_bytes([bytes[0], bytes[1]]),
            emu_cpu::Endian::Big => u16::from_be_bytes([bytes[0], bytes[1]]),
        };
        let big = |at: usize| {
            u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
        };
        let port = u64::from(u16::from_be_bytes([bytes[2], bytes[3]]));
        self.text("{sa_family=");
        self.value(group::FAMILY, u64::from(family));
        // Address families are the same on every ABI.   [Linux include/linux/socket.h]
        match family {
            1 => self.unix(&bytes[2..len]),
            2 if len >= 8 => {
                self.text(", sin_port=htons(");
                self.decimal(port);
                self.text("), sin_addr=inet_addr(\"");
                let ip = std::net::Ipv4Addr::from(big(4));
                self.text(&ip.to_string());
                self.text("\")");
            }
            10 if len >= 24 => {
                self.text(", sin6_port=htons(");
                self.decimal(port);
                self.text("), sin6_flowinfo=htonl(");
                self.decimal(u64::from(big(4)));
                self.text("), inet_pton(AF_INET6, \"");
                let mut ip = [0; 16];
                ip.copy_from_slice(&bytes[8..24]);
                self.text(&std::net::Ipv6Addr::from(ip).to_string());
                self.text("\", &sin6_addr)");
                if len >= 28 {
                    self.text(", sin6_scope_id=");
                    let scope = self.memory.read_u32(address.wrapping_add(24)).unwrap_or(0);
                    self.decimal(u64::from(scope));
                }
            }
            16 if len >= 12 => {
                self.text(", nl_pid=");
                let pid = self.memory.read_u32(address.wrapping_add(4)).unwrap_or(0);
                let groups = self.memory.read_u32(address.wrapping_add(8)).unwrap_or(0);
                number::decimal(self.out, u64::from(pid));
                self.text(", nl_groups=");
                number::hex(self.out, u64::from(groups));
                if groups == 0 {
                    self.out.truncate(self.out.len() - 1);
                    self.text("00000000");
                }
            }
            _ => {
                self.text(", sa_data=");
                quote::bytes(self.out, &bytes[2..len]);
            }
        }
        self.out.push(b'}');
    }

    fn unix(&mut self, path: &[u8]) {
        match path {
            [] => {}
            // A name that is not in the file system: its first byte is NUL, the others count all.
            [0, name @ ..] => {
                self.text(", sun_path=@");
                quote::bytes(self.out, name);
            }
            _ => {
                let end = path
                    .iter()
                    .position(|byte| *byte == 0)
                    .unwrap_or(path.len());
                self.text(", sun_path=");
                quote::bytes(self.out, &path[..end]);
            }
        }
    }

    pub(super) fn msghdr(&mut self, image: &Image) {
        self.message(image, u64::MAX);
    }

    /// A message of which `left` bytes are there.
    pub(in super::super) fn message(&mut self, image: &Image, left: u64) {
        self.text("{msg_name=");
        let namelen = image.get("msg_namelen").unwrap_or(0);
        self.sockaddr(image.get("msg_name").unwrap_or(0), namelen);
        self.text(", msg_namelen=");
        number::signed(self.out, i64::from(namelen as i32));
        self.text(", msg_iov=");
        let count = image.get("msg_iovlen").unwrap_or(0);
        self.iovec(image.get("msg_iov").unwrap_or(0), count, left);
        self.text(", msg_iovlen=");
        self.decimal(count);
        let control = image.get("msg_controllen").unwrap_or(0);
        if control != 0 {
            self.text(", ");
            self.address_field(image, "msg_control");
        }
        self.text(", msg_controllen=");
        self.decimal(control);
        self.text(", msg_flags=");
        self.flags(group::MSG, image.get("msg_flags").unwrap_or(0));
        self.out.push(b'}');
    }

    pub(super) fn mmsghdr(&mut self, image: &Image) {
        self.out.push(b'{');
        self.inner(image, "msg_hdr", "msg_hdr", "msghdr");
        self.text(", ");
        self.number_field(image, "msg_len");
        self.out.push(b'}');
    }
}
