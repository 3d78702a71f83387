//! Files lose their names, and get others: by what is set of an open file, and when it is closed.
//! [wdm.h, ntifs.h: FILE_DISPOSITION_INFORMATION, FILE_DISPOSITION_INFORMATION_EX, FILE_RENAME_INFORMATION]

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::information::unix_time;
use crate::kernel::nt::attributes::Attributes;
use crate::kernel::nt::path::{self, Named, status};
use crate::kernel::vfs::{FsError, OpenFile, Rename, Time, Times, Walker};
use crate::kernel::{Cx, Kernel};

/// `FILE_INFORMATION_CLASS`.
pub(super) const BASIC: i32 = 4;
pub(super) const RENAME: i32 = 10;
pub(super) const DISPOSITION: i32 = 13;
pub(super) const DISPOSITION_EX: i32 = 64;
pub(super) const RENAME_EX: i32 = 65;

/// Bytes of a `FILE_BASIC_INFORMATION`.
const BASIC_SIZE: u32 = 40;
/// Attributes that say nothing: `FILE_ATTRIBUTE_DIRECTORY`, `FILE_ATTRIBUTE_ARCHIVE`, `FILE_ATTRIBUTE_NORMAL`.
const PLAIN: u32 = 0xb0;

/// Bytes of a name at most.
const MOST: u32 = 0xfffe;

/// Removes a file, or a directory with nothing in it.
pub(super) fn remove(walker: &Walker<'_>, path: &[u8]) -> Result<(), NtStatus> {
    let root = &walker.context.root;
    let entry = walker.find(root, path, false).map_err(status)?;
    match entry.node.is_directory() {
        true => walker.rmdir(root, path),
        false => walker.unlink(root, path),
    }
    .map_err(status)
}

impl Kernel {
    /// Says whether an open file loses its name when it is closed. A directory loses it at once, so that one with
    /// something in it is told of.
    pub(super) fn set_disposition(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtSetInformationFile,
        file: &Rc<OpenFile>,
    ) -> Result<(), NtStatus> {
        let at = call.FileInformation.address;
        let gone = match call.FileInformationClass {
            DISPOSITION if call.Length < 1 => return Err(NtStatus::INFO_LENGTH_MISMATCH),
            DISPOSITION => cx.mem.read_u8(at)? != 0,
            _ if call.Length < 4 => return Err(NtStatus::INFO_LENGTH_MISMATCH),
            _ => cx.mem.read_u32(at)? & 1 != 0,
        };
        if !gone {
            self.nt.doomed.remove(&file.id);
            return Ok(());
        }
        self.doom(cx, file)
    }

    /// Sets times: when it was read and written last. Those of 0 and below stay; that of its making and that of its last
    /// change are the kernel's own. An attribute other than those that say nothing is not served.
    pub(super) fn set_basic(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtSetInformationFile,
        file: &Rc<OpenFile>,
    ) -> Result<(), Stop<NtStatus>> {
        if call.Length < BASIC_SIZE {
            return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
        }
        let at = call.FileInformation.address;
        if cx.mem.read_u32(at.wrapping_add(32))? & !PLAIN != 0 {
            return Err(Stop::Missing);
        }
        let mut times = [Time::Keep; 2];
        for (index, time) in times.iter_mut().enumerate() {
            let told = cx.mem.read_u64(at.wrapping_add(8 + 8 * index as u64))?;
            if told.cast_signed() > 0 {
                *time = Time::At(unix_time(told.cast_signed()));
            }
        }
        let [accessed, modified] = times;
        let path = file.path();
        self.nt_walk(cx, |walker| {
            let entry = walker
                .find(&walker.context.root, &path, false)
                .map_err(status)?;
            let times = Times { accessed, modified };
            walker.set_times(&entry, times).map_err(status)
        })?;
        Ok(())
    }

    /// A file that loses its name when its last handle is closed.
    pub(in crate::kernel::nt) fn doom(
        &mut self,
        cx: &mut Cx<'_>,
        file: &Rc<OpenFile>,
    ) -> Result<(), NtStatus> {
        let path = file.path();
        let directory = self.nt_walk(cx, |walker| {
            let entry = walker.find(&walker.context.root, &path, false);
            Ok(entry.map_err(status)?.node.is_directory())
        })?;
        match directory {
            true => self.take_name(cx, &path),
            false => {
                self.nt.doomed.insert(file.id);
                Ok(())
            }
        }
    }

    /// The last handle of a file was closed.
    pub(in crate::kernel::nt) fn file_closed(&mut self, cx: &mut Cx<'_>, file: &OpenFile) {
        if self.nt.doomed.remove(&file.id) {
            // What has no name any more has lost it already.
            let _ = self.take_name(cx, &file.path());
        }
    }

    fn take_name(&mut self, cx: &mut Cx<'_>, path: &[u8]) -> Result<(), NtStatus> {
        self.nt_walk(cx, |walker| remove(walker, path))
    }

    /// Gives an open file another name: whether one that is there is replaced, a directory, bytes of the name, the name.
    pub(super) fn set_name(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtSetInformationFile,
        file: &Rc<OpenFile>,
    ) -> Result<(), NtStatus> {
        let (at, word) = (call.FileInformation.address, cx.word());
        if u64::from(call.Length) < 2 * word + 4 {
            return Err(NtStatus::INFO_LENGTH_MISMATCH);
        }
        let replaces = match call.FileInformationClass {
            RENAME => cx.mem.read_u8(at)? != 0,
            _ => cx.mem.read_u32(at)? & 1 != 0,
        };
        let root = cx.read_word(at.wrapping_add(word))?;
        let bytes = cx.mem.read_u32(at.wrapping_add(2 * word))?;
        if bytes == 0 || bytes > MOST || bytes % 2 != 0 {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        let name = cx.units(at.wrapping_add(2 * word + 4), bytes as usize)?;
        let old = file.path();
        // A name alone stays where the file is.
        let target = match root == 0 && !name.contains(&u16::from(b'\\')) {
            true => {
                let end = old.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
                path::relative(&old[..end], &name)?
            }
            false => self.named(
                cx,
                &Attributes {
                    root,
                    name,
                    flags: 0,
                },
            )?,
        };
        let Named::File(target) = target else {
            return Err(NtStatus::INVALID_PARAMETER);
        };
        self.nt_walk(cx, |walker| {
            let target = path::spelled(walker, &target)?;
            let root = &walker.context.root;
            match walker.find(root, &target, false) {
                Ok(found) => {
                    let itself = walker
                        .find(root, &old, false)
                        .is_ok_and(|own| Rc::ptr_eq(&own, &found));
                    if !replaces && !itself {
                        return Err(NtStatus::OBJECT_NAME_COLLISION);
                    }
                    if found.node.is_directory() && !itself {
                        return Err(NtStatus::ACCESS_DENIED);
                    }
                }
                Err(FsError::NotFound) => {}
                Err(error) => return Err(status(error)),
            }
            walker
                .rename((root, &old), (root, &target), Rename::Replace)
                .map_err(status)
        })
    }
}
