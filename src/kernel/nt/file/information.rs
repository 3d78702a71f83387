//! What is known of a file, as structures.   [wdm.h, ntifs.h: FILE_BASIC_INFORMATION and following]

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::names;
use crate::kernel::nt::path::{self, Named, status};
use crate::kernel::nt::{Outcome, completion, executive, file::units};
use crate::kernel::vfs::{Attributes, FileType, OpenFile, Whence};
use crate::kernel::{Cx, Kernel};

/// `FILE_INFORMATION_CLASS`.
const BASIC: i32 = 4;
const STANDARD: i32 = 5;
const INTERNAL: i32 = 6;
const NAME: i32 = 9;
const POSITION: i32 = 14;
const COMPLETION: i32 = 30;
const END_OF_FILE: i32 = 20;
const NETWORK_OPEN: i32 = 34;

/// `FILE_ATTRIBUTE_DIRECTORY` and `FILE_ATTRIBUTE_ARCHIVE`.
const DIRECTORY: u32 = 0x10;
const ARCHIVE: u32 = 0x20;

/// From 1601 to 1970, in units of 100 ns.
const TO_1970: i64 = executive::TO_1970.cast_signed();

/// Nanoseconds since 1970 of units of 100 ns since 1601.
pub(super) fn unix_time(time: i64) -> i64 {
    time.saturating_sub(TO_1970).saturating_mul(100)
}

fn is_directory(attributes: &Attributes) -> bool {
    attributes.file_type == FileType::Directory
}

pub(super) fn kind(attributes: &Attributes) -> u32 {
    if is_directory(attributes) {
        DIRECTORY
    } else {
        ARCHIVE
    }
}

/// When it was made, read, written, changed.
pub(super) fn times(attributes: &Attributes) -> Vec<u8> {
    let meta = &attributes.meta;
    let all = [meta.born, meta.accessed, meta.modified, meta.changed];
    let time = |time: i64| (time / 100).saturating_add(TO_1970).to_le_bytes();
    all.into_iter().flat_map(time).collect()
}

pub(super) fn sizes(attributes: &Attributes) -> [u64; 2] {
    match is_directory(attributes) {
        true => [0, 0],
        false => [attributes.allocated, attributes.size],
    }
}

fn network_open(attributes: &Attributes) -> Vec<u8> {
    let mut out = times(attributes);
    for size in sizes(attributes) {
        out.extend_from_slice(&size.to_le_bytes());
    }
    out.extend_from_slice(&kind(attributes).to_le_bytes());
    out.resize(56, 0);
    out
}

fn basic(attributes: &Attributes) -> Vec<u8> {
    let mut out = times(attributes);
    out.extend_from_slice(&kind(attributes).to_le_bytes());
    out.resize(40, 0);
    out
}

/// The structure of a class, and how much of it has to fit.
fn told(file: &OpenFile, class: i32) -> Result<Option<(Vec<u8>, usize)>, NtStatus> {
    let attributes = file.attributes().map_err(status)?;
    let whole = |bytes: Vec<u8>| {
        let least = bytes.len();
        Some((bytes, least))
    };
    Ok(match class {
        BASIC => whole(basic(&attributes)),
        STANDARD => {
            let mut out: Vec<u8> = sizes(&attributes)
                .into_iter()
                .flat_map(u64::to_le_bytes)
                .collect();
            out.extend_from_slice(&attributes.meta.links.to_le_bytes());
            out.resize(20, 0);
            out.extend_from_slice(&[0, is_directory(&attributes).into(), 0, 0]);
            whole(out)
        }
        INTERNAL => whole(attributes.ino.to_le_bytes().to_vec()),
        POSITION => whole(file.position.get().to_le_bytes().to_vec()),
        NETWORK_OPEN => whole(network_open(&attributes)),
        NAME => {
            let backslash = |byte: &u8| if *byte == b'/' { b'\\' } else { *byte };
            let name = units(&file.path().iter().map(backslash).collect::<Vec<u8>>());
            let mut out = (2 * name.len() as u32).to_le_bytes().to_vec();
            out.extend(name.iter().flat_map(|unit| unit.to_le_bytes()));
            Some((out, 8))
        }
        _ => None,
    })
}

/// Serves `NtQueryInformationFile`.
pub(super) fn query(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtQueryInformationFile,
) -> Outcome {
    let file = kernel.open_file(cx, call.FileHandle)?;
    let (bytes, least) = told(&file, call.FileInformationClass)?.ok_or(Stop::Missing)?;
    let room = call.Length as usize;
    if room < least {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    let count = bytes.len().min(room);
    cx.mem
        .write(call.FileInformation.address, &bytes[..count])?;
    let status = match count == bytes.len() {
        true => NtStatus::SUCCESS,
        false => NtStatus::BUFFER_OVERFLOW,
    };
    cx.io_status(call.IoStatusBlock.address, status, count as u64)?;
    Ok(status.0.into())
}

/// Serves `NtSetInformationFile`.
pub(super) fn set(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtSetInformationFile,
) -> Outcome {
    let file = kernel.open_file(cx, call.FileHandle)?;
    let class = call.FileInformationClass;
    if class == COMPLETION {
        let place = (call.FileInformation.address, call.Length);
        completion::associate(kernel, cx, file.id, place)?;
        cx.io_status(call.IoStatusBlock.address, NtStatus::SUCCESS, 0)?;
        return Ok(0);
    }
    match class {
        names::DISPOSITION | names::DISPOSITION_EX => kernel.set_disposition(cx, call, &file)?,
        names::BASIC => kernel.set_basic(cx, call, &file)?,
        names::RENAME | names::RENAME_EX => kernel.set_name(cx, call, &file)?,
        _ => return set_size(kernel, cx, call, &file),
    }
    cx.io_status(call.IoStatusBlock.address, NtStatus::SUCCESS, 0)?;
    Ok(0)
}

/// Sets where the next transfer is, or where the file ends.
fn set_size(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtSetInformationFile,
    file: &OpenFile,
) -> Outcome {
    let class = call.FileInformationClass;
    if !matches!(class, POSITION | END_OF_FILE) {
        return Err(Stop::Missing);
    }
    if call.Length < 8 {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    let value = cx.mem.read_u64(call.FileInformation.address)?.cast_signed();
    if value < 0 {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    match class {
        POSITION => {
            file.seek(Whence::Start, value).map_err(status)?;
        }
        _ => {
            let now = kernel.nt_file_time();
            file.truncate(value.cast_unsigned(), now).map_err(status)?;
        }
    }
    cx.io_status(call.IoStatusBlock.address, NtStatus::SUCCESS, 0)?;
    Ok(0)
}

/// Serves `NtQueryAttributesFile` and, with `full`, `NtQueryFullAttributesFile`.
pub(super) fn by_name(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    (attributes, information): (u64, u64),
    full: bool,
) -> Outcome {
    let named = cx
        .attributes(attributes)?
        .ok_or(NtStatus::INVALID_PARAMETER)?;
    let path = match kernel.named(cx, &named)? {
        Named::File(path) => path,
        Named::Null => b"/dev/null".to_vec(),
        Named::Network => return Err(NtStatus::INVALID_DEVICE_REQUEST.into()),
    };
    let attributes = kernel.nt_walk(cx, |walker| {
        let path = path::spelled(walker, &path)?;
        let entry = walker
            .find(&walker.context.root, &path, true)
            .map_err(status)?;
        walker.attributes(&entry).map_err(status)
    })?;
    let bytes = match full {
        true => network_open(&attributes),
        false => basic(&attributes),
    };
    cx.mem.write(information, &bytes)?;
    Ok(0)
}

/// Serves `NtDeleteFile`.
pub(super) fn delete(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtDeleteFile) -> Outcome {
    let named = cx.attributes(call.ObjectAttributes.address)?;
    let named = named.ok_or(NtStatus::INVALID_PARAMETER)?;
    let Named::File(path) = kernel.named(cx, &named)? else {
        return Err(NtStatus::ACCESS_DENIED.into());
    };
    kernel.nt_walk(cx, |walker| {
        let path = path::spelled(walker, &path)?;
        names::remove(walker, &path)
    })?;
    Ok(0)
}
