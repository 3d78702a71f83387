//! Attributes of netlink messages: a length, a type, and what is behind them.

use emu_cpu::GuestMemory;

use super::super::super::settings::Strings;
use super::super::super::{Printer, number, quote};
use super::align;

/// The size of an attribute's header (`NLA_HDRLEN`).
const HEADER: u64 = 4;
/// Bits of a type that are none of its number.   [Linux include/uapi/linux/netlink.h, NLA_TYPE_MASK]
const FLAGS: u64 = 0xc000;
/// How deep attributes may stand within attributes.
const MAX_DEPTH: u32 = 6;

/// The attributes that may stand in one place.
pub(super) struct Table {
    /// Their names.
    pub(super) group: &'static str,
    /// What those are that are more than bytes.
    pub(super) known: &'static [(&'static str, What)],
}

/// What an attribute is.
#[derive(Clone, Copy)]
pub(super) enum What {
    /// A text, up to its NUL.
    Text,
    U8,
    U16,
    U32,
    U64,
    S32,
    /// The number of an interface.
    Index,
    /// An address of an interface: `02:00:00:00:00:01`.
    Hardware,
    /// An address of the message's family.
    Host,
    /// An address behind its own family.
    Via,
    /// A number of 16 bits in network order.
    Port,
    Value8(&'static str),
    Value16(&'static str),
    /// A name, or else only the number.
    Named32(&'static str),
    Flags32(&'static str),
    Structure(&'static str),
    /// Several of 32 bits, each behind the name of its place; the text behind that name.
    Settings(&'static str, &'static str),
    /// Attributes within.
    Nested(&'static Table),
    /// Attributes named by address families.
    Families,
    /// Several ways, each with attributes of its own.
    Ways,
}

impl Printer<'_> {
    /// Appends attributes, each of which is `[{nla_len=7, nla_type=IFLA_IFNAME}, "lo"]`, in one more pair of brackets when
    /// there are several.
    pub(super) fn attributes(
        &mut self,
        address: u64,
        len: u64,
        table: &Table,
        family: u64,
        depth: u32,
    ) {
        let first = self.attribute_header(address, len);
        let Some((first, _)) = first else {
            return self.hex_buffer(address, len);
        };
        let several = len >= align(first).saturating_add(HEADER);
        if several {
            self.out.push(b'[');
        }
        let (mut at, mut count) = (0, 0);
        while let Some((size, kind)) =
            self.attribute_header(address.wrapping_add(at), len.saturating_sub(at))
        {
            if count > 0 {
                self.text(", ");
            }
            if count >= self.most() {
                self.text("...");
                break;
            }
            count += 1;
            let data = (
                address.wrapping_add(at + HEADER),
                size.min(len - at) - HEADER,
            );
            self.attribute((size, kind), data, table, family, depth);
            at = at.saturating_add(align(size));
        }
        if several {
            self.out.push(b']');
        }
    }

    /// Length and type of an attribute; `None` when there is none that is whole.
    fn attribute_header(&mut self, address: u64, left: u64) -> Option<(u64, u64)> {
        if left < HEADER {
            return None;
        }
        let image = self.load("nlattr", address)?;
        let size = image.get("nla_len")?;
        (size >= HEADER).then(|| (size, image.get("nla_type").unwrap_or(0)))
    }

    fn attribute(
        &mut self,
        (size, kind): (u64, u64),
        (data, len): (u64, u64),
        table: &Table,
        family: u64,
        depth: u32,
    ) {
        if len > 0 {
            self.out.push(b'[');
        }
        self.text("{nla_len=");
        self.decimal(size);
        self.text(", nla_type=");
        if kind & FLAGS != 0 {
            self.flags("netlink_attribute", kind & FLAGS);
            self.out.push(b'|');
        }
        let number = kind & !FLAGS;
        self.value(table.group, number);
        self.out.push(b'}');
        if len == 0 {
            return;
        }
        self.text(", ");
        let name = self.names.name(self.abi, table.group, number);
        let what = table
            .known
            .iter()
            .find(|(known, _)| Some(*known) == name || *known == "*");
        let shown = what.is_some_and(|(_, what)| {
            depth < MAX_DEPTH && self.attribute_data(*what, (data, len), family, depth)
        });
        if !shown {
            self.hex_buffer(data, len);
        }
        self.out.push(b']');
    }

    /// What an attribute has behind its header; false when it is not what it should be.
    fn attribute_data(
        &mut self,
        what: What,
        (data, len): (u64, u64),
        family: u64,
        depth: u32,
    ) -> bool {
        let word = self.memory.read_u32(data).map(u64::from);
        let byte = self.memory.read_u8(data).map(u64::from);
        match (what, byte, word) {
            (What::Text, ..) => self.attribute_text(data, len),
            (What::U8, Ok(byte), _) if len >= 1 => self.decimal(byte),
            (What::Value8(group), Ok(byte), _) if len >= 1 => self.value(group, byte),
            (What::U16, ..) if len >= 2 => match self.memory.read_u16(data) {
                Ok(half) => self.decimal(half.into()),
                Err(_) => return false,
            },
            (What::Port, ..) if len >= 2 => {
                let mut bytes = [0; 2];
                if self.memory.read(data, &mut bytes).is_err() {
                    return false;
                }
                self.text("htons(");
                self.decimal(u16::from_be_bytes(bytes).into());
                self.out.push(b')');
            }
            (What::U32, _, Ok(word)) if len >= 4 => self.decimal(word),
            (What::S32, _, Ok(word)) if len >= 4 => {
                number::signed(self.out, i64::from(word as i32))
            }
            (What::Index, _, Ok(word)) if len >= 4 => self.interface_index(word),
            (What::Named32(group), _, Ok(word)) if len >= 4 => {
                self.value_or(group, word, number::hex);
            }
            (What::Value16(group), ..) if len >= 2 => match self.memory.read_u16(data) {
                Ok(half) => self.value(group, half.into()),
                Err(_) => return false,
            },
            (What::Flags32(group), _, Ok(word)) if len >= 4 => self.flags(group, word),
            (What::U64, ..) if len >= 8 => match self.memory.read_u64(data) {
                Ok(wide) => self.decimal(wide),
                Err(_) => return false,
            },
            (What::Hardware, ..) => return self.attribute_hardware(data, len),
            (What::Host, ..) => return self.host(data, len, family),
            (What::Via, ..) if len > 2 => {
                let own = self.memory.read_u16(data).map_or(0, u64::from);
                self.text("{rtvia_family=");
                self.value("socket_family", own);
                self.text(", rtvia_addr=");
                if !self.host(data.wrapping_add(2), len - 2, own) {
                    self.hex_buffer(data.wrapping_add(2), len - 2);
                }
                self.out.push(b'}');
            }
            (What::Structure(shape), ..) => {
                let size = self
                    .abi
                    .structure(shape)
                    .map_or(u64::MAX, |shape| shape.size.into());
                // Of counters the last ones came later.
                let least = match shape {
                    "link_stats" => size - 4,
                    "link_stats64" => size - 16,
                    _ => size,
                };
                if len < least {
                    return false;
                }
                // The last counter came later.
                match (shape, len) {
                    ("link_stats64", ..=199) => self.shaped_part(shape, data, 24),
                    _ => self.structure(shape, data),
                }
            }
            (What::Settings(group, behind), ..) => self.settings_of(group, behind, (data, len)),
            (What::Nested(table), ..) => self.attributes(data, len, table, family, depth + 1),
            (What::Families, ..) => self.families(data, len, depth),
            (What::Ways, ..) => self.ways(data, len, family, depth),
            _ => return false,
        }
        true
    }

    fn attribute_text(&mut self, data: u64, len: u64) {
        let len = usize::try_from(len).unwrap_or(0);
        self.string_of(data, len.min(self.settings.limit));
    }

    fn attribute_hardware(&mut self, data: u64, len: u64) -> bool {
        let mut bytes = [0; 32];
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        let Some(bytes) = bytes.get_mut(..len) else {
            return false;
        };
        if self.memory.read(data, bytes).is_err() {
            return false;
        }
        let bytes = &*bytes;
        self.constant(
            |out| quote::bytes(out, bytes, Strings::Hex),
            |printer| printer.hardware_address(bytes),
        );
        true
    }

    /// An address of a family: `inet_addr("127.0.0.1")`.
    pub(super) fn host(&mut self, data: u64, len: u64, family: u64) -> bool {
        let mut bytes = [0; 16];
        // [Linux include/linux/socket.h: the same on every ABI]
        let size = match family {
            2 => 4,
            10 => 16,
            _ => return false,
        };
        if len < size as u64 || self.memory.read(data, &mut bytes[..size]).is_err() {
            return false;
        }
        match family {
            2 => self.inet(&bytes[..4]),
            _ => self.inet6(&bytes),
        }
        true
    }

    /// `[[IPV4_DEVCONF_FORWARDING-1]=0, …]`
    fn settings_of(&mut self, group: &'static str, behind: &str, (data, len): (u64, u64)) {
        let mut index = 0;
        let whole = std::mem::replace(&mut self.whole, true);
        self.elements(data, len / 4, 4, |printer, at| {
            // Of version 4 they are counted from 1.
            let number = index + u64::from(!behind.is_empty());
            index += 1;
            printer.out.push(b'[');
            match printer.names.name(printer.abi, group, number) {
                Some(name) => {
                    printer.signed_or((index - 1) as i64, |printer| {
                        printer.text(name);
                        printer.text(behind);
                    });
                }
                None => printer.decimal(index - 1),
            }
            printer.text("]=");
            let value = printer.memory.read_u32(at).unwrap_or(0);
            number::signed(printer.out, i64::from(value as i32));
        });
        self.whole = whole;
    }
}
