//! Which keys have been pressed when a terminal sends these bytes?
//!
//! Terminals send characters and sequences, consoles hear of keys: those of a keyboard of the USA.
//! [Microsoft, KEY_EVENT_RECORD; Virtual-Key Codes; xterm, Control Sequences, PC-Style Function Keys]

/// Bytes of an `INPUT_RECORD`.
pub(super) const RECORD: usize = 20;
/// `EventType`: `KEY_EVENT`, `WINDOW_BUFFER_SIZE_EVENT`.
const KEY: u16 = 1;
const SIZE: u16 = 4;

/// Bits of `dwControlKeyState`.
const LEFT_ALT: u32 = 0x2;
const LEFT_CTRL: u32 = 0x8;
pub(super) const CTRL: u32 = 0x4 | LEFT_CTRL;
const SHIFT: u32 = 0x10;
const ENHANCED: u32 = 0x100;

/// `VK_BACK` and others.
pub(super) mod vk {
    pub(in super::super) const BACK: u16 = 0x08;
    pub(in super::super) const TAB: u16 = 0x09;
    pub(in super::super) const RETURN: u16 = 0x0d;
    pub(in super::super) const ESCAPE: u16 = 0x1b;
    pub(in super::super) const END: u16 = 0x23;
    pub(in super::super) const HOME: u16 = 0x24;
    pub(in super::super) const LEFT: u16 = 0x25;
    pub(in super::super) const UP: u16 = 0x26;
    pub(in super::super) const RIGHT: u16 = 0x27;
    pub(in super::super) const DOWN: u16 = 0x28;
    pub(in super::super) const INSERT: u16 = 0x2d;
    pub(in super::super) const DELETE: u16 = 0x2e;
}

/// What has happened: an `INPUT_RECORD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Record(pub(super) [u8; RECORD]);

impl Record {
    /// A key went down or came up.
    fn key(down: bool, key: Key, unit: u16, state: u32) -> Record {
        let mut bytes = [0; RECORD];
        bytes[..2].copy_from_slice(&KEY.to_le_bytes());
        bytes[4..8].copy_from_slice(&u32::from(down).to_le_bytes());
        for (at, half) in [(8, 1), (10, key.code), (12, key.scan), (14, unit)] {
            bytes[at..at + 2].copy_from_slice(&half.to_le_bytes());
        }
        bytes[16..].copy_from_slice(&state.to_le_bytes());
        Record(bytes)
    }

    /// The screen buffer has another size.
    pub(super) fn size(width: u16, height: u16) -> Record {
        let mut bytes = [0; RECORD];
        bytes[..2].copy_from_slice(&SIZE.to_le_bytes());
        bytes[4..6].copy_from_slice(&width.to_le_bytes());
        bytes[6..8].copy_from_slice(&height.to_le_bytes());
        Record(bytes)
    }

    fn half(&self, at: usize) -> u16 {
        u16::from_le_bytes([self.0[at], self.0[at + 1]])
    }

    fn word(&self, at: usize) -> u32 {
        u32::from(self.half(at)) | u32::from(self.half(at + 2)) << 16
    }

    /// Whether it is about a key, and one that went down.
    pub(super) fn is_key(&self) -> bool {
        self.half(0) == KEY
    }

    pub(super) fn is_down(&self) -> bool {
        self.is_key() && self.word(4) != 0
    }

    /// How often the key was pressed, its code, its unit of text or 0, and which others were down.
    pub(super) fn repeats(&self) -> u16 {
        self.half(8)
    }

    pub(super) fn code(&self) -> u16 {
        self.half(10)
    }

    pub(super) fn unit(&self) -> u16 {
        self.half(14)
    }

    pub(super) fn state(&self) -> u32 {
        self.word(16)
    }
}

/// A key: its code and what the keyboard sends for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    code: u16,
    scan: u16,
}

/// A key that was pressed, with which others.
#[derive(Debug, Clone, Copy)]
struct Press {
    key: Key,
    unit: u16,
    state: u32,
}

/// Keys of a row from a scan code on: without and with shift.
const ROWS: [(u16, &str, &str); 5] = [
    (0x02, "1234567890-=", "!@#$%^&*()_+"),
    (0x10, "qwertyuiop[]", "QWERTYUIOP{}"),
    (0x1e, "asdfghjkl;'`", "ASDFGHJKL:\"~"),
    (0x2b, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (0x39, " ", ""),
];
/// Codes of keys that have neither a letter's nor a digit's: `VK_OEM_1` and following.
const OEM: [(char, u16); 12] = [
    (';', 0xba),
    ('=', 0xbb),
    (',', 0xbc),
    ('-', 0xbd),
    ('.', 0xbe),
    ('/', 0xbf),
    ('`', 0xc0),
    ('[', 0xdb),
    ('\\', 0xdc),
    (']', 0xdd),
    ('\'', 0xde),
    (' ', 0x20),
];

/// The key of a character, and whether shift goes with it.
fn key_of(character: char) -> Option<(Key, bool)> {
    ROWS.iter().find_map(|(first, plain, shifted)| {
        let at = |row: &str| row.chars().position(|own| own == character);
        let (index, shift) = match at(plain) {
            Some(index) => (index, false),
            None => (at(shifted)?, true),
        };
        let plain = plain.chars().nth(index)?;
        let code = match OEM.iter().find(|(own, _)| *own == plain) {
            Some((_, code)) => *code,
            None => plain.to_ascii_uppercase() as u16,
        };
        let scan = first + index as u16;
        Some((Key { code, scan }, shift))
    })
}

/// What is pressed for a character.
fn press_of(character: char) -> Vec<Press> {
    let press = |code, scan, unit, state| Press {
        key: Key { code, scan },
        unit,
        state,
    };
    let one = match character {
        '\r' | '\n' => press(vk::RETURN, 0x1c, 13, 0),
        '\t' => press(vk::TAB, 0x0f, 9, 0),
        '\x08' | '\x7f' => press(vk::BACK, 0x0e, 8, 0),
        '\x1b' => press(vk::ESCAPE, 0x01, 27, 0),
        '\0'..='\x1f' => {
            let plain = char::from(character as u8 | 0x40).to_ascii_lowercase();
            let key = key_of(plain).map_or(Key { code: 0, scan: 0 }, |(key, _)| key);
            press(key.code, key.scan, character as u16, LEFT_CTRL)
        }
        _ => match key_of(character) {
            Some((key, shift)) => {
                let state = if shift { SHIFT } else { 0 };
                press(key.code, key.scan, character as u16, state)
            }
            // Another keyboard's.
            None => {
                let mut units = [0; 2];
                let units = character.encode_utf16(&mut units).iter();
                return units.map(|unit| press(0, 0, *unit, 0)).collect();
            }
        },
    };
    vec![one]
}

/// A key that a sequence stands for, by its letter or its number.
fn named(last: u8, number: u16) -> Option<Key> {
    let key = |code, scan| Some(Key { code, scan });
    let function = |index: u16| {
        let scan = if index < 10 {
            0x3b + index
        } else {
            0x57 + index - 10
        };
        key(0x70 + index, scan)
    };
    match (last, number) {
        (b'A', _) => key(vk::UP, 0x48),
        (b'B', _) => key(vk::DOWN, 0x50),
        (b'C', _) => key(vk::RIGHT, 0x4d),
        (b'D', _) => key(vk::LEFT, 0x4b),
        (b'H', _) | (b'~', 1) => key(vk::HOME, 0x47),
        (b'F', _) | (b'~', 4) => key(vk::END, 0x4f),
        (b'~', 2) => key(vk::INSERT, 0x52),
        (b'~', 3) => key(vk::DELETE, 0x53),
        (b'~', 5) => key(0x21, 0x49),
        (b'~', 6) => key(0x22, 0x51),
        (b'P'..=b'S', _) => function(u16::from(last - b'P')),
        (b'~', 11..=15) => function(number - 11),
        (b'~', 17..=21) => function(number - 12),
        (b'~', 23 | 24) => function(number - 13),
        _ => None,
    }
}

/// The key of a sequence at the start of bytes, and how long that is.
fn sequence(bytes: &[u8]) -> Option<(Press, usize)> {
    let (head, rest) = bytes.split_at_checked(2)?;
    if !matches!(head, b"\x1b[" | b"\x1bO") {
        return None;
    }
    let len = rest
        .iter()
        .position(|byte| byte.is_ascii_alphabetic() || *byte == b'~')?;
    let text = std::str::from_utf8(&rest[..len]).ok()?;
    let mut numbers = text
        .split(';')
        .map(|number| number.parse::<u16>().unwrap_or(0));
    let key = named(rest[len], numbers.next().unwrap_or(0))?;
    let others = numbers.next().unwrap_or(1).saturating_sub(1);
    let mut state = if key.code < 0x70 { ENHANCED } else { 0 };
    for (bit, own) in [(1, SHIFT), (2, LEFT_ALT), (4, LEFT_CTRL)] {
        state |= if others & bit != 0 { own } else { 0 };
    }
    let press = Press {
        key,
        unit: 0,
        state,
    };
    Some((press, 2 + len + 1))
}

/// The first character of bytes, and how long it is; `None` when more is to come.
fn character(bytes: &[u8]) -> Option<(char, usize)> {
    let len = bytes.len().min(4);
    for end in 1..=len {
        match std::str::from_utf8(&bytes[..end]) {
            Ok(text) => return text.chars().next().map(|character| (character, end)),
            Err(error) if error.error_len().is_some() => break,
            Err(_) => {}
        }
    }
    match std::str::from_utf8(&bytes[..len]) {
        Err(error) if error.error_len().is_none() => None,
        _ => Some((char::REPLACEMENT_CHARACTER, 1)),
    }
}

/// Takes what is complete from the bytes of a terminal, as what happened to keys.
pub(super) fn take(bytes: &mut Vec<u8>) -> Vec<Record> {
    let mut records = Vec::new();
    let mut done = 0;
    while done < bytes.len() {
        let rest = &bytes[done..];
        let (presses, len) = match sequence(rest) {
            Some((press, len)) => (vec![press], len),
            None => match character(rest) {
                Some((character, len)) => (press_of(character), len),
                None => break,
            },
        };
        done += len;
        presses
            .into_iter()
            .for_each(|press| tell(&mut records, press));
    }
    bytes.drain(..done);
    records
}

/// A key goes down and comes up, after those that are held with it and before they are let go.
fn tell(records: &mut Vec<Record>, press: Press) {
    let held: Vec<_> = [
        (LEFT_CTRL, 0x11, 0x1d),
        (LEFT_ALT, 0x12, 0x38),
        (SHIFT, 0x10, 0x2a),
    ]
    .into_iter()
    .filter(|(bit, ..)| press.state & bit != 0)
    .map(|(bit, code, scan)| (bit, Key { code, scan }))
    .collect();
    let mut state = 0;
    for (bit, key) in &held {
        state |= bit;
        records.push(Record::key(true, *key, 0, state));
    }
    for down in [true, false] {
        records.push(Record::key(down, press.key, press.unit, press.state));
    }
    for (bit, key) in held.iter().rev() {
        state &= !bit;
        records.push(Record::key(false, *key, 0, state));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &[(bool, u16, u16, u32)]) {
        let mut left = bytes.to_vec();
        let records = take(&mut left);
        let told: Vec<_> = records
            .iter()
            .map(|record| {
                (
                    record.is_down(),
                    record.code(),
                    record.unit(),
                    record.state(),
                )
            })
            .collect();
        assert_eq!(told, expected, "{bytes:?}");
        assert!(left.is_empty(), "{left:?}");
    }

    #[test]
    fn characters_are_keys() {
        check(b"a", &[(true, 0x41, 97, 0), (false, 0x41, 97, 0)]);
        check(
            b"A",
            &[
                (true, 0x10, 0, SHIFT),
                (true, 0x41, 65, SHIFT),
                (false, 0x41, 65, SHIFT),
                (false, 0x10, 0, 0),
            ],
        );
        check(b"\r", &[(true, 0x0d, 13, 0), (false, 0x0d, 13, 0)]);
        check(b"\x7f", &[(true, 8, 8, 0), (false, 8, 8, 0)]);
        let control = [
            (true, 0x11, 0, LEFT_CTRL),
            (true, 0x5a, 26, LEFT_CTRL),
            (false, 0x5a, 26, LEFT_CTRL),
            (false, 0x11, 0, 0),
        ];
        check(b"\x1a", &control);
        check("é".as_bytes(), &[(true, 0, 0xe9, 0), (false, 0, 0xe9, 0)]);
    }

    #[test]
    fn sequences_are_keys() {
        check(
            b"\x1b[A",
            &[(true, 0x26, 0, ENHANCED), (false, 0x26, 0, ENHANCED)],
        );
        check(b"\x1bOP", &[(true, 0x70, 0, 0), (false, 0x70, 0, 0)]);
        check(
            b"\x1b[3~",
            &[(true, 0x2e, 0, ENHANCED), (false, 0x2e, 0, ENHANCED)],
        );
        let both = LEFT_CTRL | ENHANCED;
        let held = [
            (true, 0x11, 0, LEFT_CTRL),
            (true, 0x25, 0, both),
            (false, 0x25, 0, both),
            (false, 0x11, 0, 0),
        ];
        check(b"\x1b[1;5D", &held);
        check(b"\x1b", &[(true, 0x1b, 27, 0), (false, 0x1b, 27, 0)]);
    }

    #[test]
    fn a_character_may_come_in_two_parts() {
        let mut bytes = vec![0xc3];
        assert!(take(&mut bytes).is_empty());
        bytes.push(0xa9);
        assert_eq!(take(&mut bytes)[0].unit(), 0xe9);
        let mut wrong = vec![0xff];
        assert_eq!(take(&mut wrong)[0].unit(), 0xfffd);
    }
}
