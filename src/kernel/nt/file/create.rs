//! How does a file come to be open?

use emu_prototypes::nt::NtStatus;

use crate::kernel::nt::Outcome;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::path::{self, Named};
use crate::kernel::nt::pipe;
use crate::kernel::nt::{console, named, net};
use crate::kernel::vfs::{FsError, Limits, OpenFlags};
use crate::kernel::{Cx, Kernel};

/// `CreateDisposition`.   [wdm.h]
const SUPERSEDE: u32 = 0;
pub(super) const OPEN: u32 = 1;
const CREATE: u32 = 2;
const OPEN_IF: u32 = 3;
const OVERWRITE: u32 = 4;
const OVERWRITE_IF: u32 = 5;

/// `CreateOptions`.   [wdm.h]
const DIRECTORY_FILE: u32 = 1;
const NON_DIRECTORY_FILE: u32 = 0x40;
const DELETE_ON_CLOSE: u32 = 0x1000;
const OPEN_BY_FILE_ID: u32 = 0x2000;

/// What the outcome tells.   [wdm.h: FILE_SUPERSEDED and following]
const SUPERSEDED: u64 = 0;
const OPENED: u64 = 1;
const CREATED: u64 = 2;
const OVERWRITTEN: u64 = 3;

/// What shall be opened, and how.
pub(super) struct Wish {
    pub(super) handle: u64,
    pub(super) access: u32,
    pub(super) attributes: u64,
    pub(super) io_status: u64,
    pub(super) disposition: u32,
    pub(super) options: u32,
    /// Where extended attributes are, and how long.
    pub(super) extended: (u64, u32),
}

/// Serves `NtCreateFile` and `NtOpenFile`.
pub(super) fn create(kernel: &mut Kernel, cx: &mut Cx<'_>, wish: &Wish) -> Outcome {
    if wish.disposition > OVERWRITE_IF
        || wish.options & DIRECTORY_FILE != 0 && wish.options & NON_DIRECTORY_FILE != 0
    {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    if wish.options & OPEN_BY_FILE_ID != 0 {
        return Err(NtStatus::NOT_SUPPORTED.into());
    }
    let attributes = cx.attributes(wish.attributes)?;
    let attributes = attributes.ok_or(NtStatus::INVALID_PARAMETER)?;
    let pipe = match attributes.root {
        0 => pipe::name(&attributes.name),
        _ => None,
    };
    if let Some(name) = pipe {
        let object = pipe::open(kernel, cx, &name, wish.options)?;
        cx.io_status(wish.io_status, NtStatus::SUCCESS, OPENED)?;
        kernel.nt_give(cx, (wish.handle, wish.attributes), object)?;
        return Ok(0);
    }
    if let Some(object) = console::open(kernel, cx, &attributes, wish.access)? {
        cx.io_status(wish.io_status, NtStatus::SUCCESS, OPENED)?;
        let asked = named::Wish {
            handle: wish.handle,
            access: wish.access,
            attributes: wish.attributes,
        };
        kernel.nt_hand(cx, asked, attributes.flags, object, None)?;
        return Ok(0);
    }
    let wished = match kernel.named(cx, &attributes)? {
        Named::File(path) => path,
        Named::Null => b"/dev/null".to_vec(),
        Named::Network => {
            let file = net::open(kernel, cx, wish.options, wish.extended)?;
            cx.io_status(wish.io_status, NtStatus::SUCCESS, OPENED)?;
            kernel.nt_give(cx, (wish.handle, wish.attributes), Object::File(file))?;
            return Ok(0);
        }
    };
    let (file, outcome) = kernel.nt_walk(cx, |walker| {
        let path = path::spelled(walker, &wished)?;
        let found = match walker.find(&walker.context.root, &path, true) {
            Ok(entry) => Some(entry),
            Err(FsError::NotFound) => None,
            Err(error) => return Err(path::status(error)),
        };
        let directory = found
            .as_ref()
            .is_some_and(|entry| entry.node.is_directory());
        let mut flags = wish.flags();
        let outcome = match (&found, wish.disposition) {
            (None, OPEN | OVERWRITE) => return Err(NtStatus::OBJECT_NAME_NOT_FOUND),
            (Some(_), CREATE) => return Err(NtStatus::OBJECT_NAME_COLLISION),
            (Some(_), OPEN | OPEN_IF) => OPENED,
            (Some(_), SUPERSEDE) => SUPERSEDED,
            (Some(_), _) => OVERWRITTEN,
            (None, _) => CREATED,
        };
        if found.is_some() {
            match directory {
                true if wish.options & NON_DIRECTORY_FILE != 0 => {
                    return Err(NtStatus::FILE_IS_A_DIRECTORY);
                }
                false if wish.options & DIRECTORY_FILE != 0 => {
                    return Err(NtStatus::NOT_A_DIRECTORY);
                }
                true if outcome != OPENED => return Err(NtStatus::INVALID_PARAMETER),
                _ => {}
            }
        }
        match outcome {
            CREATED if wish.options & DIRECTORY_FILE != 0 => {
                walker
                    .mkdir(&walker.context.root, &path, 0o777)
                    .map_err(path::status)?;
                flags = OpenFlags::READ | OpenFlags::DIRECTORY;
            }
            CREATED => flags |= OpenFlags::CREATE,
            OPENED if directory => flags = OpenFlags::READ | OpenFlags::DIRECTORY,
            OPENED => {}
            _ => flags |= OpenFlags::TRUNCATE,
        }
        let root = &walker.context.root;
        let file = walker
            .open(root, &path, flags, 0o666, Limits::empty())
            .map_err(path::status)?;
        Ok((file, outcome))
    })?;
    if wish.options & DELETE_ON_CLOSE != 0 {
        kernel.doom(cx, &file)?;
    }
    cx.io_status(wish.io_status, NtStatus::SUCCESS, outcome)?;
    kernel.nt_give(cx, (wish.handle, wish.attributes), Object::File(file))?;
    Ok(0)
}
