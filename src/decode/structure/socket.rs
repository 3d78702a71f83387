//! Socket addresses.

use emu_cpu::GuestMemory;

use super::super::particular::group;
use super::super::{Printer, number};

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
            2 if len >= 16 => {
                self.text(", sin_port=");
                self.network(&bytes[2..4], |printer| printer.port(port));
                self.text(", sin_addr=");
                self.inet(&bytes[4..8]);
            }
            10 if len >= 24 => {
                self.text(", sin6_port=");
                self.network(&bytes[2..4], |printer| printer.port(port));
                self.text(", sin6_flowinfo=");
                self.network(&bytes[4..8], |printer| {
                    printer.text("htonl(");
                    printer.decimal(u64::from(big(4)));
                    printer.out.push(b')');
                });
                self.text(", ");
                self.inet6_field("sin6_addr", &bytes[8..24]);
                if len >= 28 {
                    self.text(", sin6_scope_id=");
                    let scope = self.memory.read_u32(address.wrapping_add(24)).unwrap_or(0);
                    self.decimal(u64::from(scope));
                }
            }
            16 if len >= 12 => {
                // What is there for alignment is told when it is not as it should be.
                let pad = self.memory.read_u16(address.wrapping_add(2)).unwrap_or(0);
                if pad != 0 {
                    self.text(", nl_pad=");
                    self.hex(u64::from(pad));
                }
                self.text(", nl_pid=");
                let pid = self.memory.read_u32(address.wrapping_add(4)).unwrap_or(0);
                let groups = self.memory.read_u32(address.wrapping_add(8)).unwrap_or(0);
                number::decimal(self.out, u64::from(pid));
                self.text(", nl_groups=");
                self.wide_hex(u64::from(groups), 8);
            }
            17 if len >= 12 => {
                self.text(", sll_protocol=");
                self.network(&bytes[2..4], |printer| {
                    printer.text("htons(");
                    printer.value("ethernet_protocol", port);
                    printer.out.push(b')');
                });
                self.text(", sll_ifindex=");
                let index = self.memory.read_u32(address.wrapping_add(4)).unwrap_or(0);
                let kind = self.memory.read_u16(address.wrapping_add(8)).unwrap_or(0);
                self.interface_index(u64::from(index));
                self.text(", sll_hatype=");
                self.value("hardware", u64::from(kind));
                self.text(", sll_pkttype=");
                self.value("packet_type", u64::from(bytes[10]));
                self.text(", sll_halen=");
                self.decimal(u64::from(bytes[11]));
                if bytes[11] != 0 && len > 12 {
                    self.text(", sll_addr=");
                    let end = (12 + usize::from(bytes[11])).min(len);
                    self.byte_list(&bytes[12..end]);
                }
            }
            40 if len >= 16 => {
                if let Some(image) = self.load("sockaddr_vm", address) {
                    self.text(", svm_cid=");
                    let cid = image.get("svm_cid").unwrap_or(0);
                    match self.names.name(self.abi, "vsock_cid", cid) {
                        Some(name) => self.hex_or(cid, |printer| printer.text(name)),
                        None => self.hex(cid),
                    }
                    self.text(", ");
                    self.hex_field(&image, "svm_port");
                    self.text(", svm_flags=");
                    self.hex(image.get("svm_flags").unwrap_or(0));
                }
            }
            _ if len == 2 => {}
            _ => {
                self.text(", sa_data=");
                self.quoted(&bytes[2..len]);
            }
        }
        self.out.push(b'}');
    }

    pub(in super::super) fn port(&mut self, port: u64) {
        self.text("htons(");
        self.decimal(port);
        self.out.push(b')');
    }

    fn unix(&mut self, path: &[u8]) {
        match path {
            [] => {}
            // A name that is not in the file system: its first byte is NUL, the others count all.
            [0, name @ ..] => {
                self.text(", sun_path=@");
                self.quoted(name);
            }
            _ => {
                let end = path
                    .iter()
                    .position(|byte| *byte == 0)
                    .unwrap_or(path.len());
                self.text(", sun_path=");
                self.quoted(&path[..end]);
            }
        }
    }
}
