//! Bytes between quotation marks.

use emu_cpu::GuestMemory;

use super::number;

/// The longest path Linux takes, its NUL included.
const PATH_MAX: usize = 4096;
/// How much is read at once.
const CHUNK: usize = 256;

/// How bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// Printable ASCII as it is, `\n` and its like, the rest in octal.
    Text,
    /// All in hexadecimal: `\x7f`.
    Hex,
}

/// Appends `bytes`, escaped, without quotation marks. An octal escape takes three digits when `next`, or the byte that
/// follows, is a digit.
fn escape(out: &mut Vec<u8>, bytes: &[u8], next: u8) {
    for (at, &byte) in bytes.iter().enumerate() {
        let short = match byte {
            b'"' | b'\\' => byte,
            b'\n' => b'n',
            b'\t' => b't',
            b'\r' => b'r',
            0x0b => b'v',
            0x0c => b'f',
            0x20..=0x7e => {
                out.push(byte);
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
}

fn hex(out: &mut Vec<u8>, bytes: &[u8]) {
    for byte in bytes {
        let digit = |nibble: u8| b"0123456789abcdef"[usize::from(nibble & 15)];
        out.extend_from_slice(&[b'\\', b'x', digit(byte >> 4), digit(*byte)]);
    }
}

/// Appends `bytes` for angle brackets around them.
pub(crate) fn inside(out: &mut Vec<u8>, bytes: &[u8]) {
    for part in bytes.split_inclusive(|byte| matches!(byte, b'<' | b'>')) {
        let (text, angle) = match part.split_last() {
            Some((angle @ (b'<' | b'>'), text)) => (text, Some(*angle)),
            _ => (part, None),
        };
        escape(out, text, 0);
        // `\74` and `\76`
        if let Some(angle) = angle {
            out.extend_from_slice(&[b'\\', b'7', b'0' + (angle & 7)]);
        }
    }
}

/// Appends `bytes` in quotation marks.
pub(crate) fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    escape(out, bytes, 0);
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
    style: Style,
) {
    if address == 0 {
        out.extend_from_slice(b"NULL");
        return;
    }
    let start = out.len();
    let shown = usize::try_from(len).unwrap_or(usize::MAX).min(limit);
    out.push(b'"');
    let mut buf = [0; CHUNK];
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
        match style {
            Style::Text => escape(out, &buf[..take], if more == 1 { buf[take] } else { 0 }),
            Style::Hex => hex(out, &buf[..take]),
        }
        done += take;
    }
    out.push(b'"');
    if (shown as u64) < len {
        out.extend_from_slice(b"...");
    }
}

/// Appends a name of at most `len` bytes, up to its NUL, in quotation marks.
pub(crate) fn name(out: &mut Vec<u8>, memory: &mut dyn GuestMemory, address: u64, len: usize) {
    let mut buf = [0; CHUNK];
    let len = len.min(CHUNK);
    if memory.read(address, &mut buf[..len]).is_err() {
        number::address(out, address);
        return;
    }
    let end = buf[..len].iter().position(|byte| *byte == 0).unwrap_or(len);
    bytes(out, &buf[..end]);
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
pub(crate) fn string(out: &mut Vec<u8>, memory: &mut dyn GuestMemory, address: u64, limit: usize) {
    if address == 0 {
        out.extend_from_slice(b"NULL");
        return;
    }
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
        escape(out, shown, next);
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

/// Appends the path at `address`, whole.
pub(crate) fn path(out: &mut Vec<u8>, memory: &mut dyn GuestMemory, address: u64) {
    string(out, memory, address, PATH_MAX - 1);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &[u8], expected: &str) {
        let mut out = Vec::new();
        bytes(&mut out, input);
        assert_eq!(String::from_utf8(out).expect("escapes are ASCII"), expected);
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
