//! Keys and values of an object.

use crate::decode::number;
use crate::sink::Stack;
use crate::view::Frame;

pub(in crate::sink) fn key(line: &mut Vec<u8>, key: &str) {
    line.extend_from_slice(b",\"");
    line.extend_from_slice(key.as_bytes());
    line.extend_from_slice(b"\":");
}

pub(in crate::sink) fn text_field(line: &mut Vec<u8>, name: &str, value: &[u8]) {
    key(line, name);
    string_value(line, value);
}

pub(in crate::sink) fn number_field(out: &mut Vec<u8>, name: &str, value: i64) {
    key(out, name);
    number::signed(out, value);
}

pub(super) fn hex_field(line: &mut Vec<u8>, name: &str, value: u64) {
    key(line, name);
    line.push(b'"');
    number::hex0(line, value);
    line.push(b'"');
}

/// A JSON string. Bytes that are not UTF-8 don't come here; should they, they are replaced.
pub(in crate::sink) fn string_value(line: &mut Vec<u8>, value: &[u8]) {
    let clean;
    let value = match std::str::from_utf8(value) {
        Ok(_) => value,
        Err(_) => {
            clean = String::from_utf8_lossy(value).into_owned();
            clean.as_bytes()
        }
    };
    line.push(b'"');
    let mut rest = value;
    while let Some(at) = rest
        .iter()
        .position(|byte| matches!(byte, 0..=0x1f | b'"' | b'\\' | 0x7f))
    {
        line.extend_from_slice(&rest[..at]);
        match rest[at] {
            byte @ (b'"' | b'\\') => line.extend_from_slice(&[b'\\', byte]),
            b'\n' => line.extend_from_slice(b"\\n"),
            b'\t' => line.extend_from_slice(b"\\t"),
            b'\r' => line.extend_from_slice(b"\\r"),
            byte => {
                line.extend_from_slice(b"\\u00");
                for nibble in [byte >> 4, byte & 15] {
                    line.push(b"0123456789abcdef"[usize::from(nibble)]);
                }
            }
        }
        rest = &rest[at + 1..];
    }
    line.extend_from_slice(rest);
    line.push(b'"');
}

/// Who called whom.
pub(super) fn frames(line: &mut Vec<u8>, all: &[Frame], stack: Stack) {
    key(line, "stack");
    line.push(b'[');
    for (index, frame) in all.iter().enumerate() {
        if index > 0 {
            line.push(b',');
        }
        line.extend_from_slice(b"{\"address\":\"");
        number::hex0(line, frame.address);
        line.push(b'"');
        if let Some(place) = &frame.place {
            text_field(line, "module", &place.module);
            hex_field(line, "offset", place.offset);
        }
        if let Some((name, offset)) = &frame.function {
            text_field(line, "function", name.as_bytes());
            hex_field(line, "function_offset", *offset);
        }
        if let (Stack::Source, Some((file, number))) = (stack, &frame.line) {
            text_field(line, "file", file.as_bytes());
            key(line, "line");
            number::decimal(line, u64::from(*number));
        }
        if !frame.certain {
            key(line, "uncertain");
            line.extend_from_slice(b"true");
        }
        line.push(b'}');
    }
    line.push(b']');
}
