//! What is known of the device that a file is on?   [wdm.h: FILE_FS_DEVICE_INFORMATION; ntifs.h]

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use crate::kernel::nt::Outcome;
use crate::kernel::nt::path::status;
use crate::kernel::vfs::{FileType, OpenFile};
use crate::kernel::{Cx, Kernel};

/// `FS_INFORMATION_CLASS`: `FileFsDeviceInformation`.
const DEVICE: i32 = 4;
/// `FSCTL_GET_OBJECT_ID`.
const GET_OBJECT_ID: u32 = 0x9009c;

/// `DeviceType`.   [winioctl.h: FILE_DEVICE_DISK and following]
const DISK: u32 = 7;
const NAMED_PIPE: u32 = 0x11;
const NULL: u32 = 0x15;
const CONSOLE: u32 = 0x50;
/// `FILE_DEVICE_IS_MOUNTED`.
const MOUNTED: u32 = 0x20;

/// The type of a file's device, and its characteristics.
fn device(file: &OpenFile) -> Result<(u32, u32), NtStatus> {
    if file.terminal().is_some() {
        return Ok((CONSOLE, 0));
    }
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
    let file = kernel.open_file(cx, call.FileHandle)?;
    if call.FsInformationClass != DEVICE {
        return Err(Stop::Missing);
    }
    if call.Length < 8 {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    let (kind, characteristics) = device(&file)?;
    let at = call.FsInformation.address;
    cx.mem.write_u32(at, kind)?;
    cx.mem.write_u32(at.wrapping_add(4), characteristics)?;
    cx.io_status(call.IoStatusBlock.address, NtStatus::SUCCESS, 8)?;
    Ok(0)
}

/// Serves `NtFsControlFile`.
pub(super) fn control(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtFsControlFile) -> Outcome {
    kernel.open_file(cx, call.FileHandle)?;
    match call.FsControlCode {
        // Nobody has given one to any file.
        GET_OBJECT_ID => Err(NtStatus::OBJECTID_NOT_FOUND.into()),
        _ => Err(Stop::Missing),
    }
}
