//! What does a server of names answer?   [RFC 1035, sections 3 and 4; RFC 3596]

use std::net::Ipv4Addr;

/// The header of a message.
const HEADER: usize = 12;
/// Types of records: an address, a pointer, an address of version 6, anything.
const A: u16 = 1;
const PTR: u16 = 12;
const ANY: u16 = 255;
/// The internet's class.
const IN: u16 = 1;
/// It is an answer, by somebody who asks others in turn; and the bit that is given back.
const ANSWER: u16 = 0x8080;
const RECURSION_WANTED: u16 = 0x0100;
/// There is no such name.
const NO_NAME: u16 = 3;
/// Seconds for which an answer holds.
const HOLDS: u32 = 300;
/// Bytes of a name at most.
const MOST_NAME: usize = 255;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    /// The name, in small letters.
    pub(super) name: String,
    kind: u16,
    /// Where the question ends in the message.
    end: usize,
}

fn word(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]))
}

/// The question of a message; `None` when it is no question.
pub(super) fn question(message: &[u8]) -> Option<Question> {
    let (flags, count) = (word(message, 2)?, word(message, 4)?);
    if flags & 0x8000 != 0 || count == 0 {
        return None;
    }
    let (mut at, mut name) = (HEADER, String::new());
    loop {
        let len = usize::from(*message.get(at)?);
        at += 1;
        if len == 0 {
            break;
        }
        // A question is not written in short.
        let label = message.get(at..at + len).filter(|_| len < 64)?;
        if !name.is_empty() {
            name.push('.');
        }
        for byte in label {
            match byte.to_ascii_lowercase() {
                byte @ (b'!'..=b'~') if byte != b'.' => name.push(byte.into()),
                byte => name.push_str(&format!("\\{byte:03}")),
            }
        }
        if name.len() > 4 * MOST_NAME {
            return None;
        }
        at += len;
    }
    let (kind, class) = (word(message, at)?, word(message, at + 2)?);
    if class != IN {
        return None;
    }
    Some(Question {
        name,
        kind,
        end: at + 4,
    })
}

impl Question {
    /// What is asked for, as people write it.
    pub(super) fn kind(&self) -> String {
        match self.kind {
            A => "A".into(),
            PTR => "PTR".into(),
            28 => "AAAA".into(),
            15 => "MX".into(),
            16 => "TXT".into(),
            33 => "SRV".into(),
            ANY => "ANY".into(),
            other => format!("TYPE{other}"),
        }
    }

    /// Whether an address of version 4 is an answer.
    pub(super) fn wants_address(&self) -> bool {
        matches!(self.kind, A | ANY)
    }

    /// The address whose name is asked for.
    pub(super) fn address(&self) -> Option<Ipv4Addr> {
        if self.kind != PTR {
            return None;
        }
        let mut parts = self.name.strip_suffix(".in-addr.arpa")?.split('.');
        let mut octets = [0; 4];
        for octet in octets.iter_mut().rev() {
            *octet = parts.next()?.parse().ok()?;
        }
        parts.next().is_none().then(|| Ipv4Addr::from(octets))
    }
}

/// The answer to a message with a question: an address, a name, or that there is nothing of the kind.
pub(super) fn answer(message: &[u8], question: &Question, found: &Found) -> Vec<u8> {
    let wanted = word(message, 2).unwrap_or(0) & RECURSION_WANTED;
    let missing = match found {
        Found::NoName => NO_NAME,
        _ => 0,
    };
    let data: Option<(u16, Vec<u8>)> = match found {
        Found::Address(ip) => Some((A, ip.octets().to_vec())),
        Found::Name(name) => Some((PTR, labels(name))),
        Found::Nothing | Found::NoName => None,
    };
    let mut answer = message[..2].to_vec();
    for word in [
        ANSWER | wanted | missing,
        1,
        u16::from(data.is_some()),
        0,
        0,
    ] {
        answer.extend_from_slice(&word.to_be_bytes());
    }
    answer.extend_from_slice(&message[HEADER..question.end]);
    if let Some((kind, data)) = data {
        // The name is the one behind the header.
        for word in [0xc000 | HEADER as u16, kind, IN] {
            answer.extend_from_slice(&word.to_be_bytes());
        }
        answer.extend_from_slice(&HOLDS.to_be_bytes());
        answer.extend_from_slice(&(data.len() as u16).to_be_bytes());
        answer.extend_from_slice(&data);
    }
    answer
}

/// What there is to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// An address.
    Address(Ipv4Addr),
    /// A name.
    Name(String),
    /// Nothing of the kind that was asked for.
    Nothing,
    /// No such name.
    NoName,
}

fn labels(name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for label in name.split('.').filter(|label| !label.is_empty()) {
        let label = &label.as_bytes()[..label.len().min(63)];
        bytes.push(label.len() as u8);
        bytes.extend_from_slice(label);
    }
    bytes.push(0);
    bytes
}

/// The address that a name has, as far as chance has it: one of 10.0.0.0/8, always the same.
pub(super) fn address_of(name: &str) -> Ipv4Addr {
    // FNV-1a.
    let hash = name.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    let [_, a, b, c] = (hash ^ hash >> 24).to_be_bytes();
    Ipv4Addr::new(10, a, b, c.clamp(1, 254))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(kind: u16) -> Vec<u8> {
        let mut query = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        query.extend_from_slice(b"\x03WWW\x07example\x03com\0");
        query.extend_from_slice(&kind.to_be_bytes());
        query.extend_from_slice(&[0, 1]);
        query
    }

    #[test]
    fn an_address_is_answered_behind_the_question() {
        let query = query(A);
        let asked = question(&query).expect("it is a question");
        assert_eq!(asked.name, "www.example.com");
        let answer = answer(&query, &asked, &Found::Address(Ipv4Addr::new(10, 1, 2, 3)));
        assert_eq!(
            answer[..12],
            [0x12, 0x34, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0]
        );
        assert_eq!(answer[12..query.len()], query[12..]);
        let record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 10, 1, 2, 3];
        assert_eq!(answer[query.len()..], record);
    }

    #[test]
    fn what_is_no_question_is_none() {
        let whole = query(A);
        for len in 0..whole.len() {
            assert_eq!(question(&whole[..len]), None, "{len} bytes");
        }
        let mut answered = whole.clone();
        answered[2] |= 0x80;
        assert_eq!(question(&answered), None);
        let mut short = whole;
        short[12] = 0xc0;
        assert_eq!(question(&short), None);
    }

    #[test]
    fn a_pointer_names_an_address() {
        let asked = Question {
            name: "3.2.1.10.in-addr.arpa".into(),
            kind: PTR,
            end: 0,
        };
        assert_eq!(asked.address(), Some(Ipv4Addr::new(10, 1, 2, 3)));
    }

    #[test]
    fn a_name_has_always_the_same_private_address() {
        let one = address_of("example.com");
        assert_eq!(one, address_of("example.com"));
        assert_ne!(one, address_of("example.org"));
        assert_eq!(one.octets()[0], 10);
    }
}
