//! Who is at the other end of a socket, and whose address is asked for?

use std::net::{Ipv4Addr, Ipv6Addr};

use emu_prototypes::linux::Abi;

use super::Name;
use crate::view::Guest;

/// The most bytes of a socket address that are read (`struct sockaddr_storage`).
const MAX_ADDRESS: u64 = 128;
/// A question for a name without more is not longer.   [RFC 1035, 4.2.1]
const MAX_QUESTION: u64 = 512;
/// A header takes that much.   [RFC 1035, 4.1.1]
const HEADER: usize = 12;

/// The address at a place: `1.2.3.4:80`, `[::1]:80`, `unix:/path`. FreeBSD's has its length in the first byte.
pub(super) fn read(guest: &mut dyn Guest, at: u64, length: u64) -> Option<Name> {
    let length = (length & 0xffff_ffff).min(MAX_ADDRESS);
    if at == 0 || length < 2 {
        return None;
    }
    let mut bytes = vec![0; length as usize];
    guest.read(at, &mut bytes).ok()?;
    let family = guest.read_u16(at).ok()?;
    let port = u16::from_be_bytes([*bytes.get(2)?, *bytes.get(3)?]);
    // [Linux include/linux/socket.h; FreeBSD sys/sys/socket.h]
    let family = if family > 255 {
        u16::from(bytes[1])
    } else {
        family
    };
    Some(match family {
        1 => {
            let path = &bytes[2..];
            let (mark, path): (&[u8], _) = match path {
                [0, name @ ..] => (b"unix:@", name),
                path => (b"unix:", path),
            };
            let end = path.iter().position(|byte| *byte == 0);
            [mark, &path[..end.unwrap_or(path.len())]].concat()
        }
        2 if bytes.len() >= 8 => {
            let ip = Ipv4Addr::new(bytes[4], bytes[5], bytes[6], bytes[7]);
            format!("{ip}:{port}").into_bytes()
        }
        10 | 28 if bytes.len() >= 24 => {
            let mut ip = [0; 16];
            ip.copy_from_slice(&bytes[8..24]);
            format!("[{}]:{port}", Ipv6Addr::from(ip)).into_bytes()
        }
        16 => b"netlink".to_vec(),
        17 => b"packet".to_vec(),
        other => format!("family {other}").into_bytes(),
    })
}

/// What a socket of this family and type is.
pub(super) fn kind(abi: &Abi, family: u64, kind: u64) -> &'static str {
    let kind = kind & 0xf;
    match family {
        1 => "unix",
        2 | 10 | 28 if kind == abi.k.SOCK_STREAM => "tcp",
        2 | 10 | 28 if kind == abi.k.SOCK_DGRAM => "udp",
        2 | 10 | 28 if kind == abi.k.SOCK_RAW => "raw",
        16 => "netlink",
        17 => "packet",
        _ => "socket",
    }
}

/// The name that a question for an address names; `None` when the bytes are no such question.   [RFC 1035, 4.1]
pub(super) fn question(guest: &mut dyn Guest, at: u64, length: u64) -> Option<Name> {
    if !(HEADER as u64..=MAX_QUESTION).contains(&length) {
        return None;
    }
    let mut bytes = vec![0; length as usize];
    guest.read(at, &mut bytes).ok()?;
    name(&bytes)
}

fn name(bytes: &[u8]) -> Option<Name> {
    let word = |at: usize| Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]));
    // A standard query, one question, no answers.
    if word(2)? & 0xf800 != 0 || word(4)? != 1 || word(6)? != 0 || word(8)? != 0 {
        return None;
    }
    let (mut at, mut name) = (HEADER, Name::new());
    loop {
        let length = usize::from(*bytes.get(at)?);
        if length == 0 {
            break;
        }
        let label = bytes.get(at + 1..at + 1 + length).filter(|_| length < 64)?;
        if !name.is_empty() {
            name.push(b'.');
        }
        name.extend_from_slice(label);
        at += 1 + length;
    }
    // Of the Internet.
    (word(at + 3)? == 1 && !name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_question_is_read() {
        // `dig +noedns example.org`
        let bytes = b"\x12\x34\x01\x20\0\x01\0\0\0\0\0\0\x07example\x03org\0\0\x01\0\x01";
        assert_eq!(name(bytes), Some(b"example.org".to_vec()));
        assert_eq!(name(&bytes[..20]), None, "cut");
        assert_eq!(name(b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"), None);
    }
}
