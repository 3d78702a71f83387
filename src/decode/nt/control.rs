//! What is a device asked to do?   [winioctl.h: CTL_CODE]

use emu_prototypes::nt;

use super::names;
use crate::decode::number;

const METHODS: [&str; 4] = [
    "METHOD_BUFFERED",
    "METHOD_IN_DIRECT",
    "METHOD_OUT_DIRECT",
    "METHOD_NEITHER",
];
const ACCESS: [&str; 4] = [
    "FILE_ANY_ACCESS",
    "FILE_READ_ACCESS",
    "FILE_WRITE_ACCESS",
    "FILE_READ_ACCESS|FILE_WRITE_ACCESS",
];

/// Appends `IOCTL_AFD_BIND`, or `CTL_CODE(FILE_DEVICE_DISK, 0x900, METHOD_BUFFERED, FILE_ANY_ACCESS)`.
pub(super) fn code(out: &mut Vec<u8>, value: u64) {
    let code = value as u32;
    if let Some(name) = nt::enumeration("CONTROL_CODE", code) {
        out.extend_from_slice(name.as_bytes());
        return;
    }
    let device = code >> 16;
    out.extend_from_slice(b"CTL_CODE(");
    match names::kind("FILE_DEVICE", device.into()) {
        Some(name) => out.extend_from_slice(name.as_bytes()),
        None => number::hex(out, device.into()),
    }
    out.extend_from_slice(b", ");
    number::hex(out, ((code >> 2) & 0xfff).into());
    let rest = [
        METHODS[code as usize & 3],
        ACCESS[(code >> 14) as usize & 3],
    ];
    for part in rest {
        out.extend_from_slice(b", ");
        out.extend_from_slice(part.as_bytes());
    }
    out.push(b')');
}
