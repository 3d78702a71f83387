//! What is known of the device that a file is on?   [wdm.h: FILE_FS_DEVICE_INFORMATION; ntifs.h]

use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::ids;
use crate::kernel::nt::Outcome;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::path::status;
use crate::kernel::vfs::{FileType, OpenFile};
use crate::kernel::{Cx, Kernel};

/// `FS_INFORMATION_CLASS`.
const VOLUME: i32 = 1;
const SIZE: i32 = 3;
const DEVICE: i32 = 4;
const ATTRIBUTE: i32 = 5;
const FULL_SIZE: i32 = 7;

/// What a volume's number is, and that of units it has and has free: 16 GiB, half of them.
pub(super) const SERIAL: u32 = 0x656d_7500;
const UNITS: u64 = 4 << 20;
/// Sectors of a unit, bytes of a sector.
const UNIT: [u32; 2] = [8, 512];
/// Names keep the case of their letters, and are of Unicode; files have descriptors of their own, object IDs, streams, several
/// names, and extended attributes, and are opened by their numbers, too.   [winnt.h: FILE_CASE_PRESERVED_NAMES,
/// FILE_UNICODE_ON_DISK, FILE_PERSISTENT_ACLS, FILE_SUPPORTS_OBJECT_IDS, FILE_NAMED_STREAMS, FILE_SUPPORTS_HARD_LINKS,
/// FILE_SUPPORTS_EXTENDED_ATTRIBUTES, FILE_SUPPORTS_OPEN_BY_FILE_ID]
const CAN: u32 = 0x1c5_000e;

/// `DeviceType`.   [winioctl.h: FILE_DEVICE_DISK and following]
const DISK: u32 = 7;
const MAILSLOT: u32 = 0xc;
const NAMED_PIPE: u32 = 0x11;
const NULL: u32 = 0x15;
const CONSOLE: u32 = 0x50;
/// `FILE_DEVICE_IS_MOUNTED`.
const MOUNTED: u32 = 0x20;

/// The type of a file's device, and its characteristics.
fn device(file: &OpenFile) -> Result<(u32, u32), NtStatus> {
    Ok(match file.attributes().map_err(status)?.file_type {
        FileType::Regular | FileType::Directory => (DISK, MOUNTED),
        FileType::CharDevice => (NULL, 0),
        _ => (NAMED_PIPE, 0),
    })
}

/// Serves `NtQueryVolumeInformationFile`.
pub(super) fn query(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtQueryVolumeInformationFile,
) -> Outcome {
    let (kind, characteristics) = match kernel.nt_object(cx, call.FileHandle)? {
        Object::Pipe(_) | Object::PipeDevice => (NAMED_PIPE, 0),
        Object::Mailslot(_) | Object::Writer(_) => (MAILSLOT, 0),
        Object::Console(_) => (CONSOLE, 0),
        _ => device(&*kernel.open_file(cx, call.FileHandle)?)?,
    };
    let class = call.FsInformationClass;
    if kind != DISK && class != DEVICE {
        return Err(NtStatus::INVALID_DEVICE_REQUEST.into());
    }
    let mut out = Vec::new();
    match class {
        DEVICE => out.extend(
            [kind, characteristics]
                .iter()
                .flat_map(|word| word.to_le_bytes()),
        ),
        VOLUME => {
            // When it was made, its number, and no label.
            out.resize(8, 0);
            out.extend_from_slice(&SERIAL.to_le_bytes());
            out.resize(24, 0);
        }
        SIZE | FULL_SIZE => {
            // Those that the user may have stand by themselves in the longer one.
            let free = if class == SIZE { 1 } else { 2 };
            out.extend_from_slice(&UNITS.to_le_bytes());
            for _ in 0..free {
                out.extend_from_slice(&(UNITS / 2).to_le_bytes());
            }
            out.extend(UNIT.iter().flat_map(|word| word.to_le_bytes()));
        }
        ATTRIBUTE => {
            let name = b"N\0T\0F\0S\0";
            for word in [CAN, 255, name.len() as u32] {
                out.extend_from_slice(&word.to_le_bytes());
            }
            out.extend_from_slice(name);
        }
        _ => return Err(Stop::Missing),
    }
    // What comes last may be a name, of which as much is given as fits.
    let least = if class == ATTRIBUTE { 12 } else { out.len() };
    let room = call.Length as usize;
    if room < least {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    let status = if room < out.len() {
        NtStatus::BUFFER_OVERFLOW
    } else {
        NtStatus::SUCCESS
    };
    out.truncate(room);
    cx.mem.write(call.FsInformation.address, &out)?;
    cx.io_status(call.IoStatusBlock.address, status, out.len() as u64)?;
    Ok(status.0.into())
}

/// Serves `NtFsControlFile`.
pub(super) fn control(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtFsControlFile) -> Outcome {
    kernel.open_file(cx, call.FileHandle)?;
    match ids::is_about(call.FsControlCode) {
        true => ids::control(kernel, cx, call),
        false => Err(Stop::Missing),
    }
}

/// Serves `NtDeviceIoControlFile`. What only a console can do, nothing else does.
pub(super) fn device_control(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtDeviceIoControlFile,
) -> Outcome {
    if let Object::Pipe(_) = kernel.nt_object(cx, call.FileHandle)? {
        return Err(NtStatus::INVALID_DEVICE_REQUEST.into());
    }
    let file = kernel.open_file(cx, call.FileHandle)?;
    // The upper half of a code is the type of device it is for.   [winioctl.h, CTL_CODE]
    let (kind, _) = device(&file)?;
    match call.IoControlCode >> 16 {
        CONSOLE if kind != CONSOLE => Err(NtStatus::INVALID_DEVICE_REQUEST.into()),
        _ => Err(Stop::Missing),
    }
}
