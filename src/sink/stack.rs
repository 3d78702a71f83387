//! Lines that tell who called whom, in strace's form.   [strace(1), -k]

use crate::decode::number;
use crate::view::Frame;

/// What is told of the functions that led to a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Stack {
    /// Nothing.
    #[default]
    None,
    /// Their names, and where they go on.
    Symbols,
    /// The lines of their source as well, where the file tells.
    Source,
}

/// ` > /lib/libc.so.6(__write+0x14) [0x10e5a4]`, and the source behind it; `?` behind what is only likely.
pub(super) fn line(out: &mut Vec<u8>, frame: &Frame, source: bool) {
    out.extend_from_slice(b" > ");
    if let Some(place) = &frame.place {
        out.extend_from_slice(&place.module);
    }
    out.push(b'(');
    if let Some((name, offset)) = &frame.function {
        out.extend_from_slice(name.as_bytes());
        out.push(b'+');
        number::hex0(out, *offset);
    }
    out.extend_from_slice(b") [");
    let at = frame
        .place
        .as_ref()
        .map_or(frame.address, |place| place.in_file);
    number::hex0(out, at);
    out.push(b']');
    if let (true, Some((file, line))) = (source, &frame.line) {
        out.push(b' ');
        out.extend_from_slice(file.as_bytes());
        out.push(b':');
        number::decimal(out, u64::from(*line));
    }
    if !frame.certain {
        out.extend_from_slice(b" ?");
    }
    out.push(b'\n');
}
