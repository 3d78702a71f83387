//! What can be set of an open file?   [wdm.h, ntifs.h: FILE_BASIC_INFORMATION and following]

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::information::unix_time;
use super::notify::{Action, filter};
use super::{access, deletion, flags, names, streams};
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::kinds::SYNCHRONIZE;
use crate::kernel::nt::path::status;
use crate::kernel::nt::{Outcome, completion};
use crate::kernel::vfs::{FileType, OpenFile, Time, Times, Whence};
use crate::kernel::{Cx, Kernel};

/// `FILE_INFORMATION_CLASS`.
const BASIC: i32 = 4;
const POSITION: i32 = 14;
const ALLOCATION: i32 = 19;
const END_OF_FILE: i32 = 20;
const COMPLETION: i32 = 30;
const COMPLETION_MODES: i32 = 41;

/// Bytes of a `FILE_BASIC_INFORMATION`.
const BASIC_SIZE: u32 = 40;

/// The access that setting a class takes.   [Microsoft Learn, NtSetInformationFile]
fn needed(class: i32) -> u32 {
    match class {
        deletion::DISPOSITION | deletion::DISPOSITION_EX => access::DELETE,
        names::RENAME | names::RENAME_EX => access::DELETE,
        ALLOCATION | END_OF_FILE => access::WRITE_DATA,
        _ => 0,
    }
}

/// Serves `NtSetInformationFile`.
pub(super) fn set(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtSetInformationFile,
) -> Outcome {
    let class = call.FileInformationClass;
    let file = kernel.file_for(cx, call.FileHandle, needed(class))?;
    let stored = matches!(
        file.node().file_type(),
        FileType::Regular | FileType::Directory
    );
    if !stored && !matches!(class, POSITION | COMPLETION | COMPLETION_MODES) {
        return Err(NtStatus::INVALID_DEVICE_REQUEST.into());
    }
    // Wine's SetFileAttributesW asks by a handle that can only be waited for; others need what the documents say.
    if class == BASIC && kernel.granted(cx, call.FileHandle)? & !SYNCHRONIZE != 0 {
        kernel.file_for(cx, call.FileHandle, access::WRITE_ATTRIBUTES)?;
    }
    match class {
        deletion::DISPOSITION | deletion::DISPOSITION_EX => {
            kernel.set_disposition(cx, call, &file)?;
        }
        BASIC => kernel.set_basic(cx, call, &file)?,
        names::RENAME | names::RENAME_EX | names::LINK | names::LINK_EX => {
            kernel.set_name(cx, call, &file)?;
        }
        COMPLETION => {
            let place = (call.FileInformation.address, call.Length);
            completion::associate(kernel, cx, &Object::File(file), place)?;
        }
        COMPLETION_MODES => {
            let place = (call.FileInformation.address, call.Length);
            completion::set_modes(kernel, cx, &Object::File(file), place)?;
        }
        POSITION | ALLOCATION | END_OF_FILE => set_size(kernel, cx, call, &file)?,
        _ => return Err(Stop::Missing),
    }
    cx.io_status(call.IoStatusBlock.address, NtStatus::SUCCESS, 0)?;
    Ok(0)
}

/// Sets where the next transfer is, or where the file ends. A file with less room than it needs ends where its room does.
fn set_size(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtSetInformationFile,
    file: &OpenFile,
) -> Result<(), NtStatus> {
    if call.Length < 8 {
        return Err(NtStatus::INFO_LENGTH_MISMATCH);
    }
    let value = cx.mem.read_u64(call.FileInformation.address)?.cast_signed();
    if value < 0 {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    if call.FileInformationClass == POSITION {
        return file.seek(Whence::Start, value).map(drop).map_err(status);
    }
    let size = value.cast_unsigned();
    let grows = size >= file.attributes().map_err(status)?.size;
    if call.FileInformationClass == ALLOCATION && grows {
        return Ok(());
    }
    let now = kernel.nt_file_time();
    file.truncate(size, now).map_err(status)?;
    let changed = filter::SIZE | filter::LAST_WRITE;
    kernel.tell_changed(&file.entry, changed, Action::Modified);
    Ok(())
}

impl Kernel {
    /// Sets when a file was made, read and written last, and its attributes. Times of 0 and below stay, and so do attributes
    /// of 0; the time of the last change is the kernel's own.
    fn set_basic(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtSetInformationFile,
        file: &Rc<OpenFile>,
    ) -> Result<(), NtStatus> {
        if call.Length < BASIC_SIZE {
            return Err(NtStatus::INFO_LENGTH_MISMATCH);
        }
        let at = call.FileInformation.address;
        let wished = cx.mem.read_u32(at.wrapping_add(32))?;
        let mut times = [Time::Keep; 3];
        for (index, time) in times.iter_mut().enumerate() {
            let told = cx.mem.read_u64(at.wrapping_add(8 * index as u64))?;
            if told.cast_signed() > 0 {
                *time = Time::At(unix_time(told.cast_signed()));
            }
        }
        let [born, accessed, modified] = times;
        let base = streams::base(&file.entry);
        self.nt_walk(|walker| {
            let entry = &base;
            if wished != 0 {
                flags::set(walker, entry, wished)?;
            }
            if let Time::At(born) = born {
                walker.set_born(entry, born).map_err(status)?;
            }
            let times = Times { accessed, modified };
            walker.set_times(entry, times).map_err(status)
        })?;
        let mut changed = if wished != 0 { filter::ATTRIBUTES } else { 0 };
        for (time, what) in [
            (born, filter::CREATION),
            (accessed, filter::LAST_ACCESS),
            (modified, filter::LAST_WRITE),
        ] {
            if time != Time::Keep {
                changed |= what;
            }
        }
        self.tell_changed(&base, changed, Action::Modified);
        Ok(())
    }
}
