//! Network interfaces, as `ioctl` asks about them.

use emu_cpu::GuestMemory;

use super::super::Printer;
use super::super::quote;
use super::super::settings::Strings;
use super::Image;

/// The length of an interface's name, its NUL included (`IFNAMSIZ`).
const NAME: u64 = 16;

/// What an interface is asked for or given, by the field of its structure.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Part {
    Index,
    Flags,
    Number(&'static str),
    Address(&'static str),
    Hardware,
}

impl Printer<'_> {
    fn interface_name(&mut self, address: u64) {
        self.text("ifr_name=");
        quote::name(
            self.out,
            &mut self.memory,
            address,
            NAME as usize,
            self.settings.strings,
        );
    }

    /// `{ifr_name="eth0", ifr_mtu=1500}`; without the part when that is not there yet.
    pub(in super::super) fn interface(&mut self, address: u64, part: Part, whole: bool) {
        let Some(image) = self.load("ifreq", address) else {
            self.address(address);
            return;
        };
        self.out.push(b'{');
        self.interface_name(address);
        if whole {
            self.text(", ");
            self.interface_part(&image, part);
        }
        self.out.push(b'}');
    }

    fn interface_part(&mut self, image: &Image, part: Part) {
        let place = image.place("ifr_addr").unwrap_or(0);
        match part {
            Part::Index => self.number_field(image, "ifr_ifindex"),
            Part::Flags => {
                self.text("ifr_flags=");
                let flags = image.get("ifr_flags").unwrap_or(0) & 0xffff;
                self.flags("interface", flags);
            }
            Part::Number(name) => {
                self.text(name);
                self.out.push(b'=');
                self.signed(image.get("ifr_mtu").unwrap_or(0));
            }
            Part::Address(name) => {
                self.text(name);
                self.out.push(b'=');
                self.sockaddr(place, 16);
            }
            Part::Hardware => {
                self.text("ifr_hwaddr={sa_family=");
                let family = self.memory.read_u16(place).unwrap_or(0);
                self.value("hardware", u64::from(family));
                self.text(", sa_data=");
                let mut bytes = [0; 14];
                let _ = self.memory.read(place.wrapping_add(2), &mut bytes);
                self.constant(
                    |out| quote::bytes(out, &bytes, Strings::Hex),
                    |printer| printer.hardware_address(&bytes[..6]),
                );
                self.out.push(b'}');
            }
        }
    }

    /// `02:03:04:05:06:07`
    pub(super) fn hardware_address(&mut self, bytes: &[u8]) {
        for (index, byte) in bytes.iter().enumerate() {
            if index > 0 {
                self.out.push(b':');
            }
            for nibble in [byte >> 4, byte & 15] {
                self.out.push(b"0123456789abcdef"[usize::from(nibble)]);
            }
        }
    }

    /// The name of an interface by its number: `{ifr_ifindex=1, ifr_name="lo"}`.
    pub(in super::super) fn interface_by_index(&mut self, address: u64, whole: bool) {
        let Some(image) = self.load("ifreq", address) else {
            self.address(address);
            return;
        };
        self.out.push(b'{');
        self.number_field(&image, "ifr_ifindex");
        if whole {
            self.text(", ");
            self.interface_name(address);
        }
        self.out.push(b'}');
    }

    /// All interfaces with an address.
    pub(in super::super) fn interfaces(&mut self, address: u64, whole: bool) {
        let size = self
            .abi
            .structure("ifreq")
            .map_or(0, |shape| u64::from(shape.size));
        let Some(image) = self.load("ifconf", address).filter(|_| size != 0) else {
            self.address(address);
            return;
        };
        let len = image.get("ifc_len").unwrap_or(0);
        let list = image.get("ifc_buf").unwrap_or(0);
        self.text("{ifc_len=");
        self.signed(len);
        let count = (len as i64).max(0) as u64 / size;
        if count > 0 && len % size == 0 {
            self.text(" /* ");
            if count > 1 {
                self.decimal(count);
                self.text(" * ");
            }
            self.text("sizeof(struct ifreq) */");
        }
        self.text(", ifc_buf=");
        if list == 0 || !whole {
            self.address(list);
        } else {
            self.elements(list, count, size, |printer, at| {
                printer.interface(at, Part::Address("ifr_addr"), true);
            });
        }
        self.out.push(b'}');
    }

    pub(super) fn ipv6_mreq(&mut self, image: &Image) {
        self.out.push(b'{');
        self.inet6_field("ipv6mr_multiaddr", image.raw("ipv6mr_multiaddr"));
        self.text(", ipv6mr_interface=");
        self.interface_index(image.get("ipv6mr_ifindex").unwrap_or(0));
        self.out.push(b'}');
    }

    /// The number of an interface; that of the loopback is 1 on every Linux.
    pub(super) fn interface_index(&mut self, index: u64) {
        if index == 1 {
            self.signed_or(1, |printer| {
                printer.text("if_nametoindex(");
                printer.quoted(b"lo");
                printer.out.push(b')');
            });
        } else {
            self.decimal(index);
        }
    }

    /// Bytes as a list: `[0x2, 0, 0x5e]`.
    pub(super) fn byte_list(&mut self, bytes: &[u8]) {
        self.out.push(b'[');
        for (index, byte) in bytes.iter().enumerate() {
            if index > 0 {
                self.text(", ");
            }
            self.hex(u64::from(*byte));
        }
        self.out.push(b']');
    }
}
