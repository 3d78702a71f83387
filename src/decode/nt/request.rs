//! What do the commonest requests of sockets say, and what are they answered with?
//! [System Informer's ntafd.h: AFD_BIND_INFO_TL and following; Wine's wine/afd.h]

use emu_cpu::{Fault, GuestMemory};
use emu_prototypes::nt;

use super::names::{self, Table};
use crate::decode::{Printer, number};

/// What a member of a structure is. Each stands at a multiple of its size, addresses of sockets at one of 4.
enum Member {
    Truth,
    Number,
    Long,
    Handle,
    Bits(Table),
    OneOf(Table),
    /// A socket's address, to the end of the structure.
    Address,
    /// Descriptions of buffers, and how many there are: with their bytes, or without.
    Buffers(bool),
}

use Member::{Address, Bits, Buffers, Handle, Long, Number, OneOf, Truth};

const SHARES: Table = &[
    ("AFD_NORMALADDRUSE", 0),
    ("AFD_REUSEADDRESS", 1),
    ("AFD_WILDCARDADDRESS", 2),
    ("AFD_EXCLUSIVEADDRUSE", 3),
];
const FLAGS: Table = &[("AFD_NO_FAST_IO", 1), ("AFD_OVERLAPPED", 2)];
/// [tdi.h]
const RECEIVE: Table = &[
    ("TDI_RECEIVE_NORMAL", 0x20),
    ("TDI_RECEIVE_EXPEDITED", 0x40),
    ("TDI_RECEIVE_PEEK", 0x80),
];
const SEND: Table = &[("TDI_SEND_EXPEDITED", 0x20)];
const DISCONNECT: Table = &[
    ("AFD_PARTIAL_DISCONNECT_SEND", 1),
    ("AFD_PARTIAL_DISCONNECT_RECEIVE", 2),
    ("AFD_ABORTIVE_DISCONNECT", 4),
    ("AFD_UNCONNECT_DATAGRAM", 8),
];
const EVENTS: Table = &[
    ("AFD_POLL_RECEIVE", 0x1),
    ("AFD_POLL_RECEIVE_EXPEDITED", 0x2),
    ("AFD_POLL_SEND", 0x4),
    ("AFD_POLL_DISCONNECT", 0x8),
    ("AFD_POLL_ABORT", 0x10),
    ("AFD_POLL_LOCAL_CLOSE", 0x20),
    ("AFD_POLL_CONNECT", 0x40),
    ("AFD_POLL_ACCEPT", 0x80),
    ("AFD_POLL_CONNECT_FAIL", 0x100),
    ("AFD_POLL_QOS", 0x200),
    ("AFD_POLL_GROUP_QOS", 0x400),
    ("AFD_POLL_ROUTING_IF_CHANGE", 0x800),
    ("AFD_POLL_ADDRESS_LIST_CHANGE", 0x1000),
];

/// Codes and the members of what they have for input.
type Structure = (&'static str, &'static [(&'static str, Member)]);

const INPUTS: [Structure; 10] = [
    (
        "IOCTL_AFD_BIND",
        &[("ShareAccess", OneOf(SHARES)), ("Address", Address)],
    ),
    (
        "IOCTL_AFD_CONNECT",
        &[
            ("SanActive", Truth),
            ("RootEndpoint", Handle),
            ("ConnectEndpoint", Handle),
            ("RemoteAddress", Address),
        ],
    ),
    (
        "IOCTL_AFD_START_LISTEN",
        &[
            ("SanActive", Truth),
            ("MaximumConnectionQueue", Number),
            ("UseDelayedAcceptance", Truth),
        ],
    ),
    (
        "IOCTL_AFD_ACCEPT",
        &[
            ("SanActive", Truth),
            ("Sequence", Number),
            ("AcceptHandle", Handle),
        ],
    ),
    (
        "IOCTL_AFD_DEFER_ACCEPT",
        &[("Sequence", Number), ("Reject", Truth)],
    ),
    (
        "IOCTL_AFD_RECEIVE",
        &[
            ("BufferArray", Buffers(false)),
            ("AfdFlags", Bits(FLAGS)),
            ("TdiFlags", Bits(RECEIVE)),
        ],
    ),
    (
        "IOCTL_AFD_SEND",
        &[
            ("BufferArray", Buffers(true)),
            ("AfdFlags", Bits(FLAGS)),
            ("TdiFlags", Bits(SEND)),
        ],
    ),
    (
        "IOCTL_AFD_PARTIAL_DISCONNECT",
        &[("DisconnectMode", Bits(DISCONNECT)), ("Timeout", Long)],
    ),
    (
        "IOCTL_AFD_EVENT_SELECT",
        &[("Event", Handle), ("PollEvents", Bits(EVENTS))],
    ),
    (
        "IOCTL_AFD_WINE_CONNECT",
        &[
            ("addr_len", Number),
            ("synchronous", Number),
            ("addr", Address),
        ],
    ),
];

const OUTPUTS: [Structure; 2] = [
    (
        "IOCTL_AFD_WAIT_FOR_LISTEN",
        &[("Sequence", Number), ("RemoteAddress", Address)],
    ),
    (
        "IOCTL_AFD_WAIT_FOR_LISTEN_LIFO",
        &[("Sequence", Number), ("RemoteAddress", Address)],
    ),
];
/// Codes that are answered with an address.
const ADDRESSES: [&str; 4] = [
    "IOCTL_AFD_BIND",
    "IOCTL_AFD_GET_ADDRESS",
    "IOCTL_AFD_GET_REMOTE_ADDRESS",
    "IOCTL_AFD_WINE_GETPEERNAME",
];
/// Sockets, and buffers, that are shown at most.
const MOST: u64 = 32;

impl Printer<'_> {
    /// What a request has for input. False for one that is not known here.
    pub(super) fn control_input(&mut self, code: u64, address: u64, len: u64) -> bool {
        let Some(name) = nt::enumeration("CONTROL_CODE", code as u32) else {
            return false;
        };
        if name == "IOCTL_AFD_POLL" {
            self.or_address(address, |printer| printer.poll_info(address));
            return true;
        }
        self.one_of(&INPUTS, name, (address, len))
    }

    /// What a request was answered with.
    pub(super) fn control_output(&mut self, code: u64, address: u64, len: u64) -> bool {
        let Some(name) = nt::enumeration("CONTROL_CODE", code as u32) else {
            return false;
        };
        if ADDRESSES.contains(&name) {
            self.or_address(address, |printer| printer.socket_address(address, len));
            return true;
        }
        if name == "IOCTL_AFD_POLL" {
            self.or_address(address, |printer| printer.poll_info(address));
            return true;
        }
        self.one_of(&OUTPUTS, name, (address, len))
    }

    fn one_of(&mut self, all: &[Structure], name: &str, (address, len): (u64, u64)) -> bool {
        let Some((_, members)) = all.iter().find(|(own, _)| *own == name) else {
            return false;
        };
        self.or_address(address, |printer| printer.members(members, (address, len)));
        true
    }

    fn members(
        &mut self,
        members: &[(&str, Member)],
        (address, len): (u64, u64),
    ) -> Result<(), Fault> {
        let word = self.word_size();
        let mut offset = 0u64;
        for (index, (name, member)) in members.iter().enumerate() {
            let size = match member {
                Truth => 1,
                Number | Bits(_) | OneOf(_) | Address => 4,
                Long => 8,
                Handle | Buffers(_) => word,
            };
            offset = offset.next_multiple_of(size);
            let at = address.wrapping_add(offset);
            self.text(if index == 0 { "{" } else { ", " });
            self.text(name);
            self.text("=");
            match member {
                Truth => {
                    let value = self.memory.read_u8(at)?;
                    self.text(if value == 0 { "FALSE" } else { "TRUE" });
                }
                Number => {
                    let value = self.memory.read_u32(at)?;
                    self.decimal(value.into());
                }
                Long => {
                    let value = self.memory.read_u64(at)?;
                    number::signed(self.out, value.cast_signed());
                }
                Handle => {
                    let value = self.word_at(at)?;
                    self.handle(value, name);
                }
                Bits(table) => {
                    let value = self.memory.read_u32(at)?;
                    names::set(self.out, table, value.into());
                }
                OneOf(table) => {
                    let value = self.memory.read_u32(at)?;
                    match table.iter().find(|(_, own)| *own == u64::from(value)) {
                        Some((name, _)) => self.text(name),
                        None => self.hex(value.into()),
                    }
                }
                Address => self.socket_address(at, len.saturating_sub(offset))?,
                Buffers(shown) => {
                    let buffers = self.word_at(at)?;
                    let count = self.memory.read_u32(at.wrapping_add(word))?;
                    self.buffers((buffers, count.into()), *shown)?;
                    self.text(", BufferCount=");
                    self.decimal(count.into());
                    offset += 4;
                }
            }
            offset += size;
        }
        self.text("}");
        Ok(())
    }

    /// Each buffer's bytes, or its address and its length.   [winsock2.h: WSABUF]
    fn buffers(&mut self, (address, count): (u64, u64), shown: bool) -> Result<(), Fault> {
        let word = self.word_size();
        self.text("[");
        for index in 0..count.min(MOST) {
            let at = address.wrapping_add(2 * word * index);
            let length = self.memory.read_u32(at)?;
            let buffer = self.word_at(at.wrapping_add(word))?;
            self.text(if index == 0 { "{len=" } else { ", {len=" });
            self.decimal(length.into());
            self.text(", buf=");
            match shown {
                true => self.buffer(buffer, length.into()),
                false => self.address(buffer),
            }
            self.text("}");
        }
        self.text(if count > MOST { ", ...]" } else { "]" });
        Ok(())
    }

    /// An `AFD_POLL_INFO`.
    fn poll_info(&mut self, address: u64) -> Result<(), Fault> {
        let word = self.word_size();
        let timeout = self.memory.read_u64(address)?;
        let count = self.memory.read_u32(address.wrapping_add(8))?;
        let unique = self.memory.read_u8(address.wrapping_add(12))?;
        self.text("{Timeout=");
        number::signed(self.out, timeout.cast_signed());
        self.text(", NumberOfHandles=");
        self.decimal(count.into());
        self.text(if unique == 0 {
            ", Unique=FALSE"
        } else {
            ", Unique=TRUE"
        });
        self.text(", Handles=[");
        for index in 0..u64::from(count).min(MOST) {
            let at = address.wrapping_add(16 + index * (word + 8));
            let handle = self.word_at(at)?;
            let events = self.memory.read_u32(at.wrapping_add(word))?;
            let status = self.memory.read_u32(at.wrapping_add(word + 4))?;
            self.text(if index == 0 { "{Handle=" } else { ", {Handle=" });
            self.handle(handle, "");
            self.text(", PollEvents=");
            names::set(self.out, EVENTS, events.into());
            self.text(", Status=");
            super::status(self.out, status.into());
            self.text("}");
        }
        self.text("]}");
        Ok(())
    }

    /// `{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}`; with what stands in front of it where it
    /// names a transport's device: how many users, how many addresses, and its length.   [ws2def.h; tdi.h: TDI_ADDRESS_INFO]
    fn socket_address(&mut self, address: u64, len: u64) -> Result<(), Fault> {
        let mut bytes = [0; 40];
        let count = len.min(bytes.len() as u64) as usize;
        self.memory.read(address, &mut bytes[..count])?;
        let listed = |at: usize| bytes[at..at + 4] == [1, 0, 0, 0];
        let front = match (listed(0), listed(4)) {
            (true, true) => 10,
            (true, false) => 6,
            _ => 0,
        };
        let plain = &bytes[front..count.max(front)];
        match plain {
            [2, 0, ..] if plain.len() >= 8 => {
                self.text("{sa_family=AF_INET, sin_port=");
                self.network(&plain[2..4], |printer| {
                    printer.port(u16::from_be_bytes([plain[2], plain[3]]).into());
                });
                self.text(", sin_addr=");
                self.inet(&plain[4..8]);
                self.text("}");
            }
            [23, 0, ..] if plain.len() >= 24 => {
                self.text("{sa_family=AF_INET6, sin6_port=");
                self.network(&plain[2..4], |printer| {
                    printer.port(u16::from_be_bytes([plain[2], plain[3]]).into());
                });
                self.text(", ");
                self.inet6_field("sin6_addr", &plain[8..24]);
                self.text("}");
            }
            _ => self.buffer(address, len),
        }
        Ok(())
    }
}
