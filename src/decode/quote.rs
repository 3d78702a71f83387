//! Bytes between quotation marks.

use emu_cpu::GuestMemory;

use super::settings::Strings;
use super::{Printer, number};

/// The longest path Linux takes, its NUL included.
const PATH_MAX: usize = 4096;
/// How much is read at once.
const CHUNK: usize = 256;

/// Whether a byte makes a string one that is not ASCII: it is neither printable nor white space.
fn strange(byte: &u8) -> bool {
    !matches!(byte, 0x20..=0x7e | 0x09..=0x0d)
}

/// The form of a string, all of whose bytes are known.
fn settled(form: Strings, bytes: &[u8]) -> Strings {
    match form {
        Strings::NonAscii if bytes.iter().any(strange) => Strings::Hex,
        Strings::NonAscii => Strings::Octal,
        form => form,
    }
}

/// Appends `bytes`, escaped, without quotation marks. An octal escape takes three digits when `next`, or the byte that
/// follows, is a digit.
fn escape(out: &mut Vec<u8>, bytes: &[u8], next: u8, form: Strings) {
    if form == Strings::Hex {
        for byte in bytes {
            hex(out, *byte);
        }
        return;
    }
    // What stands for itself is appended in one piece.
    let mut plain = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if matches!(byte, 0x20..=0x7e) && !matches!(byte, b'"' | b'\\') {
            continue;
        }
        out.extend_from_slice(&bytes[plain..at]);
        plain = at + 1;
        let short = match byte {
            b'"' | b'\\' => byte,
            b'\n' => b'n',
            b'\t' => b't',
            b'\r' => b'r',
            0x0b => b'v',
            0x0c => b'f',
            _ if form != Strings::Octal => {
                hex(out, byte);
                continue;
            }
            _ => {
                let next = bytes.get(at + 1).copied().unwrap_or(next);
                out.push(b'\\');
                let three = next.is_ascii_digit() && next < b'8';
                if three || byte >= 0o100 {
                    out.push(b'0' + (byte >> 6));
                }
                if three || byte >= 0o10 {
                    out.push(b'0' + (byte >> 3 & 7));
                }
                out.push(b'0' + (byte & 7));
                continue;
            }
        };
        out.extend_from_slice(&[b'\\', short]);
    }
    out.extend_from_slice(&bytes[plain..]);
}

fn hex(out: &mut Vec<u8>, byte: u8) {
    let digit = |nibble: u8| b"0123456789abcdef"[usize::from(nibble & 15)];
    out.extend_from_slice(&[b'\\', b'x', digit(byte >> 4), digit(byte)]);
}

/// Appends `bytes` for angle brackets around them.
pub(crate) fn inside(out: &mut Vec<u8>, bytes: &[u8], form: Strings) {
    let form = settled(form, bytes);
    if form == Strings::Hex {
        return escape(out, bytes, 0, form);
    }
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'<' | b'>')) {
        escape(out, &rest[..at], 0, form);
        let (angle, next) = (rest[at], rest.get(at + 1));
        match (form, next) {
            (Strings::NonAsciiBytes, _) => hex(out, angle),
            (_, Some(b'0'..=b'7')) => {
                out.extend_from_slice(&[b'\\', b'0', b'7', b'0' + (angle & 7)])
            }
            // `\74` and `\76`
            _ => out.extend_from_slice(&[b'\\', b'7', b'0' + (angle & 7)]),
        }
        rest = &rest[at + 1..];
    }
    escape(out, rest, 0, form);
}

/// Appends `bytes` in quotation marks.
pub(crate) fn bytes(out: &mut Vec<u8>, bytes: &[u8], form: Strings) {
    out.push(b'"');
    escape(out, bytes, 0, settled(form, bytes));
    out.push(b'"');
}

/// Appends at most `limit` of the `len` bytes at `address`, in quotation marks, and `...` when there are more. The plain
/// address when they can't be read.
pub(crate) fn buffer(
    out: &mut Vec<u8>,
    memory: &mut dyn GuestMemory,
    address: u64,
    len: u64,
    limit: usize,
    form: Strings,
) {
    if address == 0 {
        out.extend_from_slice(b"NULL");
        return;
    }
    let start = out.len();
    let shown = usize::try_from(len).unwrap_or(usize::MAX).min(limit);
    out.push(b'"');
    let mut buf = [0; CHUNK];
    let form = match form {
        Strings::NonAscii => {
            let mut any = false;
            for done in (0..shown).step_by(CHUNK) {
                let part = &mut buf[..(shown - done).min(CHUNK)];
                if memory
                    .read(address.wrapping_add(done as u64), part)
                    .is_err()
                {
                    break;
                }
                any |= part.iter().any(strange);
            }
            if any { Strings::Hex } else { Strings::Octal }
        }
        form => form,
    };
    let mut done = 0;
    while done < shown {
        // One byte more, when it is there: it decides how the last escape of the chunk is written.
        let take = (shown - done).min(CHUNK - 1);
        let more = usize::from(done + take < shown);
        let at = address.wrapping_add(done as u64);
        if memory.read(at, &mut buf[..take + more]).is_err() {
            out.truncate(start);
            number::address(out, address);
            return;
        }
        let next = if more == 1 { buf[take] } else { 0 };
        escape(out, &buf[..take], next, form);
        done += take;
    }
    out.push(b'"');
    if (shown as u64) < len {
        out.extend_from_slice(b"...");
    }
}

/// Appends a name of at most `len` bytes, up to its NUL, in quotation marks.
pub(crate) fn name(
    out: &mut Vec<u8>,
    memory: &mut dyn GuestMemory,
    address: u64,
    len: usize,
    form: Strings,
) {
    let mut buf = [0; CHUNK];
    let len = len.min(CHUNK);
    if memory.read(address, &mut buf[..len]).is_err() {
        number::address(out, address);
        return;
    }
    let end = buf[..len].iter().position(|byte| *byte == 0).unwrap_or(len);
    bytes(out, &buf[..end], form);
}

/// Reads chunks up to a NUL or `limit` bytes, never across a page before it is needed. `None` when a byte before the
/// NUL can't be read; else whether the NUL was found. `chunk` is told whether its bytes are the last.
fn until_nul(
    memory: &mut dyn GuestMemory,
    address: u64,
    limit: usize,
    mut chunk: impl FnMut(&[u8], bool),
) -> Option<bool> {
    let mut done = 0;
    let mut buf = [0; CHUNK];
    while done < limit {
        let at = address.wrapping_add(done as u64);
        let page_left = usize::try_from(4096 - (at & 4095)).unwrap_or(CHUNK);
        let take = page_left.min(CHUNK).min(limit - done);
        memory.read(at, &mut buf[..take]).ok()?;
        match buf[..take].iter().position(|&byte| byte == 0) {
            Some(end) => {
                chunk(&buf[..end], true);
                return Some(true);
            }
            None => chunk(&buf[..take], false),
        }
        done += take;
    }
    Some(false)
}

/// Appends the string at `address` up to its NUL, in quotation marks, and `...` when it is longer than `limit`.
pub(crate) fn string(
    out: &mut Vec<u8>,
    memory: &mut dyn GuestMemory,
    address: u64,
    limit: usize,
    form: Strings,
) {
    if address == 0 {
        out.extend_from_slice(b"NULL");
        return;
    }
    let form = match form {
        Strings::NonAscii => {
            let mut any = false;
            until_nul(memory, address, limit, |bytes, _| {
                any |= bytes.iter().any(strange);
            });
            if any { Strings::Hex } else { Strings::Octal }
        }
        form => form,
    };
    let start = out.len();
    out.push(b'"');
    // One byte beyond the limit tells whether the string ends there; the text is cut back if not.
    let mut left = limit;
    let mut whole = true;
    let ended = until_nul(memory, address, limit.saturating_add(1), |bytes, last| {
        whole = bytes.len() <= left;
        let shown = &bytes[..bytes.len().min(left)];
        left -= shown.len();
        // What comes behind a chunk is not known yet: a digit, to be safe.
        let next = bytes
            .get(shown.len())
            .copied()
            .unwrap_or(if last { 0 } else { b'0' });
        escape(out, shown, next, form);
    });
    match ended {
        None => {
            out.truncate(start);
            number::address(out, address);
        }
        Some(ended) => {
            out.push(b'"');
            if !(ended && whole) {
                out.extend_from_slice(b"...");
            }
        }
    }
}

impl Printer<'_> {
    /// The string at an address, as much of it as is shown.
    pub(super) fn string(&mut self, address: u64) {
        self.string_of(address, self.settings.limit);
    }

    /// The same, with a limit of its own.
    pub(super) fn string_of(&mut self, address: u64, limit: usize) {
        let form = self.settings.strings;
        string(self.out, self.memory.guest, address, limit, form);
    }

    /// The path at an address, whole.
    pub(super) fn path(&mut self, address: u64) {
        self.string_of(address, PATH_MAX - 1);
    }

    /// Bytes that have been read, in quotation marks.
    pub(super) fn quoted(&mut self, text: &[u8]) {
        bytes(self.out, text, self.settings.strings);
    }

    /// The bytes at an address, as many of them as are shown.
    pub(super) fn buffer(&mut self, address: u64, len: u64) {
        let (limit, form) = (self.settings.limit, self.settings.strings);
        buffer(self.out, self.memory.guest, address, len, limit, form);
    }

    /// The same, in hexadecimal.
    pub(super) fn hex_buffer(&mut self, address: u64, len: u64) {
        let limit = self.settings.limit;
        buffer(
            self.out,
            self.memory.guest,
            address,
            len,
            limit,
            Strings::Hex,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_as(form: Strings, input: &[u8], expected: &str) {
        let mut out = Vec::new();
        bytes(&mut out, input, form);
        assert_eq!(String::from_utf8(out).expect("escapes are ASCII"), expected);
    }

    fn check(input: &[u8], expected: &str) {
        check_as(Strings::Octal, input, expected);
    }

    #[test]
    fn bytes_are_escaped_as_strace_does() {
        check(b"", r#""""#);
        check(b"hello \"w\"\\", r#""hello \"w\"\\""#);
        check(
            b"\x01\x019\x1b\t\n\r\x0b\x0c\xff ",
            r#""\1\19\33\t\n\r\v\f\377 ""#,
        );
        check(b"\x000\x007\x008", r#""\0000\0007\08""#);
        check(b"\x7fELF\x02\x01", r#""\177ELF\2\1""#);
        check("ä".as_bytes(), r#""\303\244""#);
    }
}
