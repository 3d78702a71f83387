//! Keys and values as structures.   [wdm.h: KEY_BASIC_INFORMATION and following, KEY_VALUE_BASIC_INFORMATION and following]

use emu_cpu::GuestMemory;
use emu_prototypes::nt::NtStatus;

use super::tree::{Key, Value};
use crate::kernel::Cx;
use crate::kernel::nt::Outcome;

/// A structure, and how much of it has to fit at least. `None` for a class that is unknown.
type Told = Option<(Vec<u8>, u32)>;

#[derive(Default)]
struct Bytes(Vec<u8>);

impl Bytes {
    fn words(&mut self, values: &[u32]) -> &mut Bytes {
        for value in values {
            self.0.extend_from_slice(&value.to_le_bytes());
        }
        self
    }

    fn units(&mut self, units: &[u16]) -> &mut Bytes {
        for unit in units {
            self.0.extend_from_slice(&unit.to_le_bytes());
        }
        self
    }

    fn told(&mut self, least: u32) -> Told {
        Some((std::mem::take(&mut self.0), least))
    }
}

/// A value: its name, its data, or both.
pub(super) fn value(value: &Value, class: i32) -> Told {
    let (name, data) = (2 * value.name.len() as u32, value.data.len() as u32);
    let mut out = Bytes::default();
    match class {
        0 => out
            .words(&[0, value.kind, name])
            .units(&value.name)
            .told(12),
        1 => {
            let offset = (20 + name).next_multiple_of(4);
            out.words(&[0, value.kind, offset, data, name])
                .units(&value.name);
            out.0.resize(offset as usize, 0);
            out.0.extend_from_slice(&value.data);
            out.told(20)
        }
        2 => {
            out.words(&[0, value.kind, data]);
            out.0.extend_from_slice(&value.data);
            out.told(12)
        }
        // The same, so that the data stand at multiples of 8.
        3 => {
            let offset = (20 + name).next_multiple_of(8);
            out.words(&[0, value.kind, offset, data, name])
                .units(&value.name);
            out.0.resize(offset as usize, 0);
            out.0.extend_from_slice(&value.data);
            out.told(20)
        }
        4 => {
            out.words(&[value.kind, data]);
            out.0.extend_from_slice(&value.data);
            out.told(8)
        }
        _ => None,
    }
}

/// A key: its name, or what there is below it.
pub(super) fn key(key: &Key, class: i32) -> Told {
    let own = key.name();
    let name = 2 * own.len() as u32;
    let own_class = &key.making.class[..];
    let class_length = 2 * own_class.len() as u32;
    let mut out = Bytes::default();
    out.0.extend_from_slice(&key.written.get().to_le_bytes());
    match class {
        0 => out.words(&[0, name]).units(&own).told(16),
        1 => {
            // The class stands behind the name. One that is none has no place.
            let at = match class_length {
                0 => u32::MAX,
                _ => (24 + name).next_multiple_of(4),
            };
            out.words(&[0, at, class_length, name]).units(&own);
            if class_length > 0 {
                out.0.resize(at as usize, 0);
                out.units(own_class);
            }
            out.told(24)
        }
        2 => {
            let (children, longest, longest_class) = key.children();
            let (values, value_name, data) = key.values();
            let at = if class_length == 0 { u32::MAX } else { 44 };
            let counts = [children, longest, longest_class, values, value_name, data];
            let head = out.words(&[0, at, class_length]).words(&counts);
            head.units(own_class).told(44)
        }
        4 => {
            let (children, longest, _) = key.children();
            let (values, value_name, data) = key.values();
            out.words(&[0, children, longest, values, value_name, data, name]);
            // It ends at a multiple of 8.
            out.words(&[0]).told(40)
        }
        3 => {
            let path = key.path();
            out.0.clear();
            out.words(&[2 * path.len() as u32]).units(&path).told(4)
        }
        _ => None,
    }
}

/// Gives the guest as much of it as there is room for, and says how much there is.
pub(super) fn give(cx: &mut Cx<'_>, (at, room, length): (u64, u32, u64), told: Told) -> Outcome {
    let (bytes, least) = told.ok_or(NtStatus::INVALID_PARAMETER)?;
    cx.mem.write_u32(length, bytes.len() as u32)?;
    if room < least {
        return Err(NtStatus::BUFFER_TOO_SMALL.into());
    }
    let count = bytes.len().min(room as usize);
    cx.mem.write(at, &bytes[..count])?;
    match count == bytes.len() {
        true => Ok(0),
        false => Err(NtStatus::BUFFER_OVERFLOW.into()),
    }
}
