//! Which sockets are there? `/proc/PID/net/tcp`, `udp`, `unix` and their like.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::rc::Rc;

use emu_cpu::Endian;

use super::subject::Subject;
use crate::kernel::net::{Address, Endpoint, Family, Kind, Place, State, UnixName};

/// States of a TCP connection.   [Linux include/net/tcp_states.h]
const ESTABLISHED: u8 = 1;
const SYN_SENT: u8 = 2;
const FIN_WAIT2: u8 = 5;
const CLOSE: u8 = 7;
const CLOSE_WAIT: u8 = 8;
const LISTEN: u8 = 10;

/// A socket that accepts.   [Linux include/linux/net.h, __SO_ACCEPTCON]
const ACCEPTS: u32 = 1 << 16;

/// A column that says where something is: the words of the address as the CPU reads them.
fn place(family: Family, place: Place, endian: Endian) -> String {
    let mut text = String::new();
    let bytes = match (family, place.ip) {
        (Family::Inet6, IpAddr::V4(ip)) if !ip.is_unspecified() => {
            ip.to_ipv6_mapped().octets().to_vec()
        }
        (Family::Inet6, IpAddr::V4(_)) => vec![0; 16],
        (_, IpAddr::V4(ip)) => ip.octets().to_vec(),
        (_, IpAddr::V6(ip)) => ip.octets().to_vec(),
    };
    for word in bytes.chunks_exact(4) {
        let word: [u8; 4] = word.try_into().expect("four bytes");
        let word = match endian {
            Endian::Little => u32::from_le_bytes(word),
            Endian::Big => u32::from_be_bytes(word),
        };
        let _ = write!(text, "{word:08X}");
    }
    let _ = write!(text, ":{:04X}", place.port);
    text
}

impl Subject<'_> {
    /// The sockets of a family and kind that have a place, those that listen first.
    fn sockets(&self, family: Family, kind: Kind) -> Vec<Rc<Endpoint>> {
        let mut all = self.proc.kernel.net.sockets();
        all.retain(|socket| socket.family == family && socket.kind == kind);
        all.sort_by_key(|socket| (socket.state() != State::Listening, socket.cookie));
        all
    }

    /// The first columns of all internet sockets. What was sent has been acknowledged.
    fn row(&self, socket: &Endpoint, state: u8) -> String {
        let endian = self.proc.profile.arch.endian();
        let nowhere = Place::any(socket.family);
        let remote = match socket.remote() {
            Ok(Address::Ip(remote)) => remote,
            _ => nowhere,
        };
        let waiting = match socket.state() {
            State::Listening => socket.unaccepted(),
            _ => socket.waiting(),
        };
        format!(
            "{} {} {state:02X} 00000000:{waiting:08X} 00:00000000 00000000 {:5}        0 {}",
            place(socket.family, socket.place().unwrap_or(nowhere), endian),
            place(socket.family, remote, endian),
            socket.owner.get().uid,
            socket.inode.get(),
        )
    }

    fn pointer_text(&self) -> String {
        "0".repeat(2 * self.proc.profile.arch.pointer() as usize)
    }

    /// [Linux net/ipv4/tcp_ipv4.c, tcp4_seq_show; net/ipv6/tcp_ipv6.c, tcp6_seq_show]
    pub(super) fn tcp(&self, family: Family) -> String {
        let mut text = String::new();
        for socket in self.sockets(family, Kind::Stream) {
            let state = match socket.state() {
                State::Listening => LISTEN,
                State::Connecting => SYN_SENT,
                State::Connected => match socket.half_closed() {
                    (false, false) => ESTABLISHED,
                    (true, false) => FIN_WAIT2,
                    (false, true) => CLOSE_WAIT,
                    (true, true) => continue,
                },
                // What is only bound is in none of the tables that this one is made of.
                State::Idle | State::Ended => continue,
            };
            // The time until it is sent again and until it is told of, and the windows.
            let rest = match state {
                LISTEN => "100 0 0 10 0",
                _ => "20 4 30 10 -1",
            };
            let index = text.lines().count();
            let row = self.row(&socket, state);
            let line = format!("{index:4}: {row} 1 {} {rest}", self.pointer_text());
            let width = if family == Family::Inet { 149 } else { 0 };
            let _ = writeln!(text, "{line:<width$}");
        }
        text
    }

    /// [Linux net/ipv4/udp.c, udp4_seq_show; net/ipv6/udp.c, udp6_seq_show]
    pub(super) fn udp(&self, family: Family) -> String {
        let mut text = String::new();
        for socket in self.sockets(family, Kind::Datagram) {
            if socket.place().is_none_or(|place| place.port == 0) {
                continue;
            }
            let state = match socket.state() {
                State::Connected => ESTABLISHED,
                _ => CLOSE,
            };
            let index = text.lines().count();
            let row = self.row(&socket, state);
            let line = format!("{index:5}: {row} 2 {} 0", self.pointer_text());
            let width = if family == Family::Inet { 127 } else { 0 };
            let _ = writeln!(text, "{line:<width$}");
        }
        text
    }

    /// [Linux net/unix/af_unix.c, unix_seq_show]
    pub(super) fn unix(&self) -> Vec<u8> {
        let k = self.proc.k;
        let mut text = Vec::new();
        for socket in self.proc.kernel.net.sockets() {
            if socket.family != Family::Unix {
                continue;
            }
            let kind = match socket.kind {
                Kind::Stream => k.SOCK_STREAM,
                Kind::Datagram => k.SOCK_DGRAM,
                Kind::Sequence => k.SOCK_SEQPACKET,
            };
            let listens = socket.state() == State::Listening;
            // SS_UNCONNECTED, SS_CONNECTING, SS_CONNECTED: what is not accepted yet has no socket.
            let state = match (socket.inode.get(), socket.state()) {
                (0, _) => 2,
                (_, State::Connected) if socket.kind != Kind::Datagram => 3,
                _ => 1,
            };
            let flags = if listens { ACCEPTS } else { 0 };
            let line = format!(
                "{}: {:08X} {:08X} {flags:08X} {kind:04X} {state:02X} {:5}",
                self.pointer_text(),
                if state == 3 { 3 } else { 2 },
                0,
                socket.inode.get()
            );
            text.extend(line.bytes());
            if let Address::Unix(name) = socket.local() {
                match name {
                    UnixName::Unnamed => {}
                    UnixName::Path(path, _) => text.extend([b" ", &path[..]].concat()),
                    UnixName::Abstract(name) => {
                        text.extend(b" @");
                        text.extend(name.iter().map(|byte| match byte {
                            0 => b'@',
                            byte => *byte,
                        }));
                    }
                }
            }
            text.push(b'\n');
        }
        text
    }
}
