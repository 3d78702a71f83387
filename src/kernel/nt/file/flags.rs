//! Which attributes does a file have: read-only, hidden and the like?   [winnt.h: FILE_ATTRIBUTE_READONLY and following]
//!
//! A file that nobody may write to is read-only. The others are kept as Samba keeps them, in an extended attribute; without
//! it a file is one to be archived.

use std::rc::Rc;

use emu_prototypes::nt::NtStatus;

use super::{extended, streams};
use crate::kernel::nt::path::status;
use crate::kernel::vfs::{Attributes, Entry, FsError, Node, OpenFile, SetAttribute, Walker};

pub(super) const READONLY: u32 = 1;
pub(super) const HIDDEN: u32 = 2;
pub(super) const SYSTEM: u32 = 4;
pub(super) const DIRECTORY: u32 = 0x10;
pub(super) const ARCHIVE: u32 = 0x20;
const NORMAL: u32 = 0x80;
const TEMPORARY: u32 = 0x100;
/// Those that are kept: besides the ones above `FILE_ATTRIBUTE_TEMPORARY`, `FILE_ATTRIBUTE_OFFLINE`,
/// `FILE_ATTRIBUTE_NOT_CONTENT_INDEXED`.
const KEPT: u32 = HIDDEN | SYSTEM | ARCHIVE | TEMPORARY | 0x3000;
/// Those that may be asked for.   [ntifs.h, FILE_ATTRIBUTE_VALID_FLAGS]
pub(super) const VALID: u32 = 0x7fb7;

/// Where they are kept, as `0x` and digits.   [Samba, librpc/idl/xattr.idl: XATTR_DOSATTRIB_NAME]
const NAME: &[u8] = b"user.DOSATTRIB";
/// Permission to write, of anybody.
const WRITE: u16 = 0o222;

fn kept(walker: &Walker<'_>, node: &Node) -> Option<u32> {
    let text = walker.attribute(node, NAME).ok()?;
    let digits = std::str::from_utf8(&text).ok()?.strip_prefix("0x")?;
    u32::from_str_radix(digits.trim_end_matches('\0'), 16).ok()
}

/// Those of a file.
pub(super) fn of(walker: &Walker<'_>, node: &Node) -> u32 {
    let kept = kept(walker, node);
    let flags = match node.is_directory() {
        true => kept.unwrap_or(0) & (KEPT | READONLY) | DIRECTORY,
        false => {
            let readonly = node.meta().mode & WRITE == 0;
            kept.unwrap_or(ARCHIVE) & KEPT | if readonly { READONLY } else { 0 }
        }
    };
    if flags == 0 { NORMAL } else { flags }
}

/// Whether a file is read-only.
pub(super) fn is_readonly(walker: &Walker<'_>, node: &Node) -> bool {
    of(walker, node) & READONLY != 0
}

/// Gives a file these, and no others.
pub(super) fn set(walker: &Walker<'_>, entry: &Rc<Entry>, flags: u32) -> Result<(), NtStatus> {
    let node = &entry.node;
    let directory = node.is_directory();
    if flags & DIRECTORY != 0 && !directory || flags & TEMPORARY != 0 && directory {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let (kept, usual) = match directory {
        true => (flags & (KEPT | READONLY), 0),
        false => (flags & KEPT, ARCHIVE),
    };
    let done = match kept == usual {
        true => walker.remove_attribute(node, NAME),
        false => {
            let text = format!("{kept:#x}");
            walker.set_attribute(node, NAME, text.as_bytes(), SetAttribute::Any)
        }
    };
    match done {
        Ok(()) | Err(FsError::NoData) => {}
        Err(error) => return Err(status(error)),
    }
    let mode = node.meta().mode;
    let wished = match flags & READONLY != 0 {
        true => mode & !WRITE,
        false if mode & WRITE == 0 => mode | 0o200,
        false => mode,
    };
    if !directory && wished != mode {
        walker.set_mode(entry, wished).map_err(status)?;
    }
    Ok(())
}

/// What is known of a file: of the tree, and these.
pub(super) struct Known {
    pub(super) stat: Attributes,
    pub(super) flags: u32,
    /// Bytes of its extended attributes.
    pub(super) extended: u32,
}

impl Known {
    pub(super) fn of(walker: &Walker<'_>, entry: &Rc<Entry>) -> Result<Known, NtStatus> {
        let base = streams::base(entry);
        let stat = walker.attributes(&base).map_err(status)?;
        Ok(Known::joined(walker, (entry, &base), stat))
    }

    /// The same of an open file.
    pub(super) fn of_open(walker: &Walker<'_>, file: &OpenFile) -> Result<Known, NtStatus> {
        match file.entry.stream_of() {
            Some(_) => Known::of(walker, &file.entry),
            None => {
                let stat = file.attributes().map_err(status)?;
                Ok(Known::joined(walker, (&file.entry, &file.entry), stat))
            }
        }
    }

    /// What is known of a stream is what is known of its file, but for its sizes: it is no directory, whatever that is.
    fn joined(
        walker: &Walker<'_>,
        (entry, base): (&Rc<Entry>, &Rc<Entry>),
        mut stat: Attributes,
    ) -> Known {
        let mut flags = of(walker, &base.node);
        if !Rc::ptr_eq(entry, base) {
            let own = entry.node.attributes();
            (stat.size, stat.allocated) = (own.size, own.allocated);
            stat.file_type = own.file_type;
            flags &= !DIRECTORY;
        }
        Known {
            stat,
            flags: if flags == 0 { NORMAL } else { flags },
            extended: extended::size(walker, &base.node),
        }
    }
}
