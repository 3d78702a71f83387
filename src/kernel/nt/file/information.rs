//! What is known of a file, as structures.   [wdm.h, ntifs.h: FILE_BASIC_INFORMATION and following]

use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::flags::Known;
use super::streams;
use crate::kernel::nt::path::{self, Named, status};
use crate::kernel::nt::{Outcome, executive, file::units};
use crate::kernel::vfs::{Attributes, FileType, OpenFile};
use crate::kernel::{Cx, Kernel};

/// `FILE_INFORMATION_CLASS`.
const BASIC: i32 = 4;
const STANDARD: i32 = 5;
const INTERNAL: i32 = 6;
const EA: i32 = 7;
const ACCESS: i32 = 8;
const NAME: i32 = 9;
const POSITION: i32 = 14;
const MODE: i32 = 16;
const ALIGNMENT: i32 = 17;
const ALL: i32 = 18;
const STREAM: i32 = 22;
const NETWORK_OPEN: i32 = 34;
const ATTRIBUTE_TAG: i32 = 35;
const STANDARD_LINK: i32 = 54;
const ID: i32 = 59;

/// Options that stay known: how transfers are made, and what goes with the last handle.   [wdm.h: FILE_WRITE_THROUGH,
/// FILE_SEQUENTIAL_ONLY, FILE_NO_INTERMEDIATE_BUFFERING, FILE_SYNCHRONOUS_IO_ALERT, FILE_SYNCHRONOUS_IO_NONALERT,
/// FILE_DELETE_ON_CLOSE]
const MODES: u32 = 0x103e;

/// From 1601 to 1970, in units of 100 ns.
const TO_1970: i64 = executive::TO_1970.cast_signed();

/// Nanoseconds since 1970 of units of 100 ns since 1601.
pub(super) fn unix_time(time: i64) -> i64 {
    time.saturating_sub(TO_1970).saturating_mul(100)
}

fn is_directory(attributes: &Attributes) -> bool {
    attributes.file_type == FileType::Directory
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

fn network_open(known: &Known) -> Vec<u8> {
    let mut out = times(&known.stat);
    for size in sizes(&known.stat) {
        out.extend_from_slice(&size.to_le_bytes());
    }
    out.extend_from_slice(&known.flags.to_le_bytes());
    out.resize(56, 0);
    out
}

fn basic(known: &Known) -> Vec<u8> {
    let mut out = times(&known.stat);
    out.extend_from_slice(&known.flags.to_le_bytes());
    out.resize(40, 0);
    out
}

/// Room and size, names, whether it goes with its last handle, whether it is a directory. A name that goes is none any more.
fn standard(stat: &Attributes, goes: bool) -> Vec<u8> {
    let mut out: Vec<u8> = sizes(stat).into_iter().flat_map(u64::to_le_bytes).collect();
    let names = match is_directory(stat) {
        true => 1,
        false => stat.meta.links,
    };
    let names = names.saturating_sub(goes.into());
    out.extend_from_slice(&names.to_le_bytes());
    out.extend_from_slice(&[goes.into(), is_directory(stat).into(), 0, 0]);
    out
}

/// Bytes of a name, and the name.
fn name(file: &OpenFile) -> Vec<u8> {
    let backslash = |byte: &u8| if *byte == b'/' { b'\\' } else { *byte };
    let name = units(&file.path().iter().map(backslash).collect::<Vec<u8>>());
    let mut out = (2 * name.len() as u32).to_le_bytes().to_vec();
    out.extend(name.iter().flat_map(|unit| unit.to_le_bytes()));
    out
}

/// What is asked about: an open file, the access of its handle, and whether its name goes.
struct Subject<'a> {
    file: &'a OpenFile,
    known: Known,
    access: u32,
    mode: u32,
    goes: bool,
}

/// The structure of a class, and how much of it has to fit.
fn told(subject: &Subject<'_>, class: i32) -> Option<(Vec<u8>, usize)> {
    let Subject {
        file,
        known,
        access,
        mode,
        goes,
    } = subject;
    let stat = &known.stat;
    let links = if is_directory(stat) {
        1
    } else {
        stat.meta.links
    };
    let out = match class {
        BASIC => basic(known),
        STANDARD => standard(stat, *goes),
        INTERNAL => stat.ino.to_le_bytes().to_vec(),
        EA => known.extended.to_le_bytes().to_vec(),
        // Buffers may be anywhere.
        ALIGNMENT => vec![0; 4],
        MODE => mode.to_le_bytes().to_vec(),
        ACCESS => access.to_le_bytes().to_vec(),
        POSITION => file.position.get().to_le_bytes().to_vec(),
        NETWORK_OPEN => network_open(known),
        ATTRIBUTE_TAG => [known.flags, 0].map(u32::to_le_bytes).concat(),
        STANDARD_LINK => {
            let mut out = [links - u32::from(*goes), links]
                .map(u32::to_le_bytes)
                .concat();
            out.extend_from_slice(&[(*goes).into(), is_directory(stat).into(), 0, 0]);
            out
        }
        ID => {
            let mut out = u64::from(super::volume::SERIAL).to_le_bytes().to_vec();
            out.extend_from_slice(&stat.ino.to_le_bytes());
            out.resize(24, 0);
            out
        }
        NAME => return Some((name(file), 8)),
        STREAM => {
            let out = streams::all(&streams::base(&file.entry));
            let least = out.len().min(24);
            return Some((out, least));
        }
        ALL => {
            let parts = [
                BASIC, STANDARD, INTERNAL, EA, ACCESS, POSITION, MODE, ALIGNMENT,
            ];
            let mut out = Vec::new();
            for part in parts {
                out.extend(told(subject, part)?.0);
            }
            let least = out.len() + 8;
            out.extend(name(file));
            return Some((out, least));
        }
        _ => return None,
    };
    let least = out.len();
    Some((out, least))
}

/// Serves `NtQueryInformationFile`.
pub(super) fn query(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtQueryInformationFile,
) -> Outcome {
    let class = call.FileInformationClass;
    // FILE_READ_ATTRIBUTES would be needed for some. Wine's MoveFileW asks without it.
    let file = kernel.file_for(cx, call.FileHandle, 0)?;
    let subject = Subject {
        known: kernel.nt_walk(|walker| Known::of_open(walker, &file))?,
        access: kernel.granted(cx, call.FileHandle)?,
        mode: kernel.nt.opened.options(&file) & MODES,
        goes: kernel.nt.opened.is_doomed(&file.entry),
        file: &file,
    };
    let (bytes, least) = told(&subject, class).ok_or(Stop::Missing)?;
    if matches!(class, INTERNAL | ALL | ID) {
        kernel.nt.ids.tell(&file.entry);
    }
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
    let (path, stream) = match kernel.named(cx, &named)? {
        Named::File(path) => (path, None),
        Named::Stream(path, stream) => (path, Some(stream)),
        Named::Null => (b"/dev/null".to_vec(), None),
        Named::Network => return Err(NtStatus::INVALID_DEVICE_REQUEST.into()),
    };
    let known = kernel.nt_walk(|walker| {
        let path = path::spelled(walker, &path)?;
        let mut entry = walker
            .find(&walker.context.root, &path, true)
            .map_err(status)?;
        if let Some(stream) = &stream {
            entry = streams::named(&entry, stream)?;
        }
        match kernel.nt.opened.is_doomed(&entry) {
            true => Err(NtStatus::DELETE_PENDING),
            false => Known::of(walker, &entry),
        }
    })?;
    let bytes = match full {
        true => network_open(&known),
        false => basic(&known),
    };
    cx.mem.write(information, &bytes)?;
    Ok(0)
}
