//! How do files lose their names?   [ntifs.h: FILE_DISPOSITION_INFORMATION, FILE_DISPOSITION_INFORMATION_EX; MS-FSA 2.1.5.15.3]
//!
//! A name goes when its last open file is closed; until then nobody opens it.

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus};

use super::flags;
use super::notify::{Action, filter};
use super::opened::{End, Sharing};
use super::streams;
use crate::kernel::nt::Outcome;
use crate::kernel::nt::kinds::Kind;
use crate::kernel::nt::path::{self, Named, status};
use crate::kernel::nt::security;
use crate::kernel::vfs::{Entry, FsError, OpenFile, Walker};
use crate::kernel::{Cx, Kernel};

/// `FILE_INFORMATION_CLASS`.
pub(super) const DISPOSITION: i32 = 13;
pub(super) const DISPOSITION_EX: i32 = 64;

/// `FILE_DISPOSITION_DELETE` and following.
const DELETE: u32 = 1;
const POSIX: u32 = 2;
const ON_CLOSE: u32 = 8;
const IGNORE_READONLY: u32 = 0x10;

/// Removes a name: of a file, or of a directory with nothing in it.
fn remove(walker: &Walker<'_>, path: &[u8]) -> Result<(), FsError> {
    let root = &walker.context.root;
    match walker.find(root, path, false)?.node.is_directory() {
        true => walker.rmdir(root, path),
        false => walker.unlink(root, path),
    }
}

/// Whether a name may be doomed.
pub(super) fn may_go(
    walker: &Walker<'_>,
    entry: &Rc<Entry>,
    readonly_too: bool,
) -> Result<(), NtStatus> {
    if !readonly_too && flags::is_readonly(walker, &streams::base(entry).node) {
        return Err(NtStatus::CANNOT_DELETE);
    }
    if entry.stream_of().is_some() {
        return Ok(());
    }
    if entry.parent().is_none() || entry.is_mount() {
        return Err(NtStatus::CANNOT_DELETE);
    }
    if entry.node.is_directory() && !walker.children(entry).map_err(status)?.is_empty() {
        return Err(NtStatus::DIRECTORY_NOT_EMPTY);
    }
    Ok(())
}

impl Kernel {
    /// Says whether an open file loses its name.
    pub(super) fn set_disposition(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtSetInformationFile,
        file: &Rc<OpenFile>,
    ) -> Result<(), NtStatus> {
        let at = call.FileInformation.address;
        let wish = match call.FileInformationClass {
            DISPOSITION if call.Length < 1 => return Err(NtStatus::INFO_LENGTH_MISMATCH),
            DISPOSITION => u32::from(cx.mem.read_u8(at)? != 0),
            _ if call.Length < 4 => return Err(NtStatus::INFO_LENGTH_MISMATCH),
            _ => cx.mem.read_u32(at)?,
        };
        if wish & ON_CLOSE != 0 {
            let end = if wish & DELETE != 0 {
                End::Doomed
            } else {
                End::Stays
            };
            self.nt.opened.set_end(file, end);
            return Ok(());
        }
        let gone = wish & DELETE != 0;
        if gone {
            let readonly_too = wish & IGNORE_READONLY != 0;
            self.nt_walk(|walker| may_go(walker, &file.entry, readonly_too))?;
        }
        if wish & POSIX != 0 {
            self.nt
                .opened
                .set_end(file, if gone { End::Goes } else { End::Stays });
        }
        self.nt.opened.doom(&file.entry, gone);
        if gone {
            self.watched_goes(&file.entry);
        }
        Ok(())
    }

    /// The last handle of a file was closed.
    pub(in crate::kernel::nt) fn file_closed(&mut self, file: &Rc<OpenFile>) {
        self.watch_closed(file);
        for entry in self.nt.opened.remove(file) {
            if !entry.is_removed() {
                self.take_name(&entry);
            }
        }
    }

    /// A name goes. What can't go stays: a directory may have got something in it since, a file may have become read-only.
    fn take_name(&mut self, entry: &Rc<Entry>) {
        let path = entry.path();
        let watched = self.watched(entry);
        let removed = self.nt_walk(|walker| match entry.stream_of() {
            Some(_) => {
                walker.remove_stream(entry);
                Ok(())
            }
            None => remove(walker, &path).map_err(status),
        });
        if removed.is_ok() {
            self.tell_change(&watched, filter::name_of(entry), Action::Removed);
        }
    }
}

/// Serves `NtDeleteFile`: as if it was opened to be removed, and closed.
pub(super) fn delete(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtDeleteFile) -> Outcome {
    let named = cx.attributes(call.ObjectAttributes.address)?;
    let named = named.ok_or(NtStatus::INVALID_PARAMETER)?;
    let (path, stream) = match kernel.named(cx, &named)? {
        Named::File(path) => (path, None),
        Named::Stream(path, stream) => (path, Some(stream)),
        _ => return Err(NtStatus::ACCESS_DENIED.into()),
    };
    let token = kernel.effective_token(cx);
    let entry = kernel.nt_walk(|walker| {
        let path = path::spelled(walker, &path)?;
        let mut entry = walker
            .find(&walker.context.root, &path, false)
            .map_err(status)?;
        if let Some(stream) = &stream {
            entry = streams::named(&entry, stream)?;
        }
        let sharing = Sharing {
            access: super::access::DELETE,
            share: 7,
        };
        if let Some(own) = security::of_file(walker, &entry) {
            security::decide(&token, Kind::File, (Some(&own), 0), sharing.access)?;
        }
        kernel.nt.opened.may_open(&entry, sharing)?;
        may_go(walker, &entry, false)?;
        Ok(entry)
    })?;
    match kernel.nt.opened.has(&entry.node) {
        true => kernel.nt.opened.doom(&entry, true),
        false => kernel.take_name(&entry),
    }
    Ok(0)
}
