//! What is known of an object and of its handle?   [the headers of the crate phnt, ntobapi.h: OBJECT_INFORMATION_CLASS]

use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::Outcome;
use super::handles::{Object, Slot};
use super::kinds::{KINDS, Kind};
use super::path::VOLUME;
use crate::kernel::{Cx, Kernel};

const BASIC: i32 = 0;
const NAME: i32 = 1;
const TYPE: i32 = 2;
const TYPES: i32 = 3;
const FLAGS: i32 = 4;
/// `OBJECT_BASIC_INFORMATION`, and `OBJECT_TYPE_INFORMATION` without its name.
const BASIC_SIZE: usize = 56;
/// Flags of handles.
const OBJ_PROTECT_CLOSE: u32 = 1;
const OBJ_INHERIT: u32 = 2;

/// Serves `NtQueryObject`.
pub(super) fn query(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtQueryObject) -> Outcome {
    let word = cx.word() as usize;
    let at = call.ObjectInformation.address;
    let length = call.ObjectInformationLength as usize;
    if call.ObjectInformationClass == TYPES {
        let bytes = types(kernel, at, word);
        return fill(cx, call, &bytes, NtStatus::INFO_LENGTH_MISMATCH);
    }
    let slot = slot(kernel, cx, call.Handle)?;
    let bytes = match call.ObjectInformationClass {
        BASIC => {
            let bytes = basic(kernel, &slot);
            if length != bytes.len() {
                cx.returned_length(call.ReturnLength.address, bytes.len() as u64)?;
                return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
            }
            bytes
        }
        NAME => {
            let bytes = string(&name(&slot), at, 2 * word, word);
            let short = match length < 2 * word {
                true => NtStatus::INFO_LENGTH_MISMATCH,
                false => NtStatus::BUFFER_OVERFLOW,
            };
            return fill(cx, call, &bytes, short);
        }
        TYPE => {
            let bytes = of_kind(kernel, Kind::of(&slot.object), at, word);
            return fill(cx, call, &bytes, NtStatus::INFO_LENGTH_MISMATCH);
        }
        FLAGS => vec![slot.inherited.into(), slot.protected.into()],
        _ => return Err(Stop::Missing),
    };
    fill(cx, call, &bytes, NtStatus::INFO_LENGTH_MISMATCH)
}

fn fill(cx: &mut Cx<'_>, call: &nt::NtQueryObject, bytes: &[u8], short: NtStatus) -> Outcome {
    cx.returned_length(call.ReturnLength.address, bytes.len() as u64)?;
    if (call.ObjectInformationLength as usize) < bytes.len() {
        return Err(short.into());
    }
    cx.mem.write(call.ObjectInformation.address, bytes)?;
    Ok(0)
}

fn slot(kernel: &mut Kernel, cx: &Cx<'_>, handle: u64) -> Result<Slot, NtStatus> {
    let object = kernel.nt_object(cx, handle)?;
    if cx.pseudo(handle).is_some() {
        return Ok(Slot::new(object));
    }
    let slot = kernel.nt_process(cx).handles.slot(handle).cloned();
    slot.ok_or(NtStatus::INVALID_HANDLE)
}

/// Flags of the handle, access, how many handles and users, two charges, sizes of name, type and security, when it was made.
fn basic(kernel: &Kernel, slot: &Slot) -> Vec<u8> {
    let flag = |on: bool, flag: u32| if on { flag } else { 0 };
    let flags = flag(slot.inherited, OBJ_INHERIT) | flag(slot.protected, OBJ_PROTECT_CLOSE);
    let handles = kernel.handles_of(&slot.object);
    let name = slot
        .name
        .as_ref()
        .map_or(0, |name| 2 * name.len() as u32 + 2);
    let kind = 2 * Kind::of(&slot.object).name().len() as u32 + 2;
    let mut bytes = Vec::new();
    for value in [flags, slot.access, handles, handles + 1, 0, 0, 0, 0, 0] {
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    for value in [name, kind, 0] {
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    bytes.resize(BASIC_SIZE, 0);
    bytes
}

/// Its whole name: of a file where it is on its volume, else that of its handle.
fn name(slot: &Slot) -> Vec<u16> {
    match &slot.object {
        Object::File(file) => match String::from_utf8_lossy(&file.path()) {
            path if path.starts_with('/') => {
                let path = path.replace('/', "\\");
                format!("{VOLUME}{path}").encode_utf16().collect()
            }
            _ => Vec::new(),
        },
        Object::Key(key) => key.path(),
        Object::Directory(directory) => directory.path(),
        _ => slot
            .name
            .as_ref()
            .map_or_else(Vec::new, |name| name.to_vec()),
    }
}

/// A `UNICODE_STRING` at an address, and its units with an end `behind` bytes later. An empty one has none.
fn string(units: &[u16], at: u64, behind: usize, word: usize) -> Vec<u8> {
    let mut bytes = vec![0; behind];
    if units.is_empty() {
        return bytes;
    }
    let units = &units[..units.len().min(0x7ffe)];
    let len = 2 * units.len() as u16;
    bytes[..2].copy_from_slice(&len.to_le_bytes());
    bytes[2..4].copy_from_slice(&(len + 2).to_le_bytes());
    let text = at.wrapping_add(behind as u64);
    bytes[word..2 * word].copy_from_slice(&text.to_le_bytes()[..word]);
    bytes.extend(units.iter().chain(&[0]).flat_map(|unit| unit.to_le_bytes()));
    bytes
}

/// `OBJECT_TYPE_INFORMATION`: the kind's name; how many objects and handles there are; what access stands for.
fn of_kind(kernel: &Kernel, kind: Kind, at: u64, word: usize) -> Vec<u8> {
    let units: Vec<u16> = kind.name().encode_utf16().collect();
    let mut bytes = string(&units, at, 2 * word + 0x58, word);
    let handles = kernel.nt.processes.values();
    let handles = handles
        .flat_map(|process| process.handles.iter())
        .filter(|slot| Kind::of(&slot.object) == kind)
        .count() as u32;
    let mut put = |offset: usize, value: u32| {
        let from = 2 * word + offset;
        bytes[from..from + 4].copy_from_slice(&value.to_le_bytes());
    };
    put(0, handles);
    put(4, handles);
    let [read, write, execute] = kind.generic();
    for (index, access) in [read, write, execute, kind.all()].into_iter().enumerate() {
        put(0x34 + 4 * index, access);
    }
    put(0x44, kind.all());
    // Whether there is security for it, whether handles are counted; the number of the kind, from 2.
    let number = KINDS.iter().position(|other| *other == kind).unwrap_or(0) as u8;
    bytes[2 * word + 0x48] = 1;
    bytes[2 * word + 0x4a] = number + 2;
    bytes
}

/// `OBJECT_TYPES_INFORMATION`: how many kinds there are, and each, aligned to words.
fn types(kernel: &Kernel, at: u64, word: usize) -> Vec<u8> {
    let mut bytes = (KINDS.len() as u32).to_le_bytes().to_vec();
    for kind in KINDS {
        bytes.resize(bytes.len().next_multiple_of(word), 0);
        let one = of_kind(kernel, kind, at.wrapping_add(bytes.len() as u64), word);
        bytes.extend(one);
    }
    bytes.resize(bytes.len().next_multiple_of(word), 0);
    bytes
}

/// Serves `NtSetInformationObject`: whether a handle is inherited, and whether it can be closed.
pub(super) fn set(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtSetInformationObject,
) -> Outcome {
    if call.ObjectInformationClass != FLAGS {
        return Err(Stop::Missing);
    }
    if call.ObjectInformationLength != 2 {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    let mut flags = [0; 2];
    cx.mem.read(call.ObjectInformation.address, &mut flags)?;
    let slot = kernel.nt_process(cx).handles.slot_mut(call.Handle);
    let slot = slot.ok_or(NtStatus::INVALID_HANDLE)?;
    (slot.inherited, slot.protected) = (flags[0] != 0, flags[1] != 0);
    Ok(0)
}

impl Kernel {
    /// How many handles of an object all processes have.
    pub(super) fn handles_of(&self, object: &Object) -> u32 {
        let processes = self.nt.processes.values();
        processes
            .flat_map(|process| process.handles.iter())
            .filter(|slot| slot.object.is(object))
            .count() as u32
    }
}
