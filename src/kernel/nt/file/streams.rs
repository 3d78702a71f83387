//! Which streams does a file have besides what is in it?   [MS-FSCC 2.1.5 and 2.4.49; MS-FSA 2.1.5.1, 2.1.5.12.29; Microsoft
//! Learn, File Streams]
//!
//! A stream has bytes, locks and sharing of its own; names, times, attributes and all else are its file's. They are kept with
//! the file, as long as emu runs: in a folder of the host that a guest writes to, the file itself is all that arrives.

use std::rc::Rc;

use emu_prototypes::nt::NtStatus;

use super::create;
use super::notify::{Action, filter};
use super::opened::Opened;
use super::permission::Asks;
use super::{access, deletion, flags, units};
use crate::kernel::Kernel;
use crate::kernel::nt::path::{self, status};
use crate::kernel::vfs::{Entry, FileType, OpenFile, OpenFlags, Walker};

/// `FILE_STREAM_INFORMATION` up to the name.
const HEAD: usize = 24;

/// The file that something is a stream of; otherwise itself.
pub(super) fn base(entry: &Rc<Entry>) -> Rc<Entry> {
    entry.stream_of().unwrap_or_else(|| entry.clone())
}

fn folded(name: &[u8]) -> String {
    String::from_utf8_lossy(name).to_uppercase()
}

/// The stream of a name, if it is there. Names are the same whatever the case of their letters.
fn find(base: &Rc<Entry>, name: &[u8]) -> Option<Rc<Entry>> {
    let wanted = folded(name);
    let all = base.node.streams();
    let found = all.into_iter().find(|own| folded(&own.name()) == wanted)?;
    found.reached_by(base);
    Some(found)
}

/// What a name of a stream leads to: without a name, the file itself, which a directory is not.
pub(super) fn named(base: &Rc<Entry>, name: &[u8]) -> Result<Rc<Entry>, NtStatus> {
    match name {
        [] if base.node.is_directory() => Err(NtStatus::FILE_IS_A_DIRECTORY),
        [] => Ok(base.clone()),
        _ => find(base, name).ok_or(NtStatus::OBJECT_NAME_NOT_FOUND),
    }
}

/// All of a file, as `FILE_STREAM_INFORMATION`s: what is in it, and those with names. A directory has only those.
pub(super) fn all(base: &Rc<Entry>) -> Vec<u8> {
    let own = (!base.node.is_directory()).then(|| (String::new(), base.node.attributes()));
    let others = base.node.streams();
    let others = others.iter().map(|stream| {
        let name = String::from_utf8_lossy(&stream.name()).into_owned();
        (name, stream.node.attributes())
    });
    let mut out: Vec<u8> = Vec::new();
    let mut last: Option<usize> = None;
    for (name, stat) in own.into_iter().chain(others) {
        let start = out.len().next_multiple_of(8);
        out.resize(start, 0);
        if let Some(last) = last {
            let next = (start - last) as u32;
            out[last..last + 4].copy_from_slice(&next.to_le_bytes());
        }
        last = Some(start);
        let name = units(format!(":{name}:$DATA").as_bytes());
        let head = [0, 2 * name.len() as u32].map(u32::to_le_bytes);
        out.extend(head.concat());
        out.extend([stat.size, stat.allocated].map(u64::to_le_bytes).concat());
        debug_assert_eq!(out.len(), start + HEAD, "a name is behind its head");
        out.extend(name.iter().flat_map(|unit| unit.to_le_bytes()));
    }
    out
}

/// Opens a stream of a file, or makes it; the file, too, when it is not there. Answers whether that was made.
pub(super) fn open(
    walker: &Walker<'_>,
    (path, name): (&[u8], &[u8]),
    opened: &Opened,
    asks: &Asks<'_>,
) -> Result<(Rc<OpenFile>, u64, bool), NtStatus> {
    let wish = asks.wish;
    if wish.options & create::DIRECTORY_FILE != 0 {
        return Err(NtStatus::NOT_A_DIRECTORY);
    }
    let root = &walker.context.root;
    let found = create::there(walker, path)?;
    let (base, fresh) = match found {
        Some(base) => (base, false),
        None if matches!(wish.disposition, create::OPEN | create::OVERWRITE) => {
            return Err(NtStatus::OBJECT_NAME_NOT_FOUND);
        }
        None => {
            create::make(walker, path, opened, asks)?;
            (walker.find(root, path, true).map_err(status)?, true)
        }
    };
    if opened.is_doomed(&base) {
        return Err(NtStatus::DELETE_PENDING);
    }
    let kind = base.node.file_type();
    if !matches!(kind, FileType::Regular | FileType::Directory) {
        return Err(NtStatus::OBJECT_NAME_INVALID);
    }
    let stream = find(&base, name);
    let outcome = match (&stream, wish.disposition) {
        (None, create::OPEN | create::OVERWRITE) => return Err(NtStatus::OBJECT_NAME_NOT_FOUND),
        (Some(_), create::CREATE) => return Err(NtStatus::OBJECT_NAME_COLLISION),
        (None, _) => create::CREATED,
        (Some(_), disposition) => create::outcome(disposition),
    };
    if !fresh {
        // A new one changes its file.
        let needs = match outcome {
            create::CREATED => access::WRITE_DATA,
            outcome => create::needs(outcome),
        };
        asks.may_open(walker, &base, needs)?;
    }
    let access = asks.access.get();
    let sharing = create::sharing((wish, access), outcome);
    let readonly = kind == FileType::Regular && flags::is_readonly(walker, &base.node);
    if readonly && (create::wants(wish, access) & create::CHANGES != 0 || outcome != create::OPENED)
    {
        return Err(NtStatus::ACCESS_DENIED);
    }
    let stream = match stream {
        Some(stream) => {
            opened.may_open(&stream, sharing)?;
            if wish.options & create::DELETE_ON_CLOSE != 0 {
                deletion::may_go(walker, &stream, false)?;
            }
            stream
        }
        None => walker.make_stream(&base, name).map_err(status)?,
    };
    let mut how = create::open_flags(access);
    if readonly {
        how -= OpenFlags::WRITE;
    }
    if !matches!(outcome, create::OPENED | create::CREATED) {
        how |= OpenFlags::TRUNCATE;
    }
    let file = walker.open_entry(&stream, how, false).map_err(status)?;
    Ok((file, outcome, fresh))
}

/// All streams with names go, when a file gets a new content.   [MS-FSA 2.1.5.1.2, overwriting and superseding]
pub(super) fn clear(walker: &Walker<'_>, base: &Rc<Entry>) {
    for stream in base.node.streams() {
        walker.remove_stream(&stream);
    }
}

impl Kernel {
    /// Gives a stream another name, which begins with a colon.   [MS-FSA 2.1.5.15.11, stream rename]
    pub(super) fn rename_stream(
        &mut self,
        stream: &Rc<Entry>,
        name: &[u16],
        replaces: bool,
    ) -> Result<(), NtStatus> {
        let name = String::from_utf16(name).map_err(|_| NtStatus::OBJECT_NAME_INVALID)?;
        let name = name.strip_prefix(':').ok_or(NtStatus::INVALID_PARAMETER)?;
        let name = path::stream_name(name)?;
        let base = base(stream);
        if name.is_empty() {
            return Err(NtStatus::OBJECT_NAME_COLLISION);
        }
        let other = find(&base, &name).filter(|other| !Rc::ptr_eq(other, stream));
        if let Some(other) = &other {
            if !replaces {
                return Err(NtStatus::OBJECT_NAME_COLLISION);
            }
            if self.nt.opened.has(&other.node) {
                return Err(NtStatus::ACCESS_DENIED);
            }
        }
        let before = self.watched(stream);
        self.nt_walk(|walker| {
            if let Some(other) = &other {
                walker.remove_stream(other);
            }
            walker.rename_stream(stream, &name);
            Ok(())
        })?;
        self.tell_change(&before, filter::FILE_NAME, Action::RenamedFrom);
        self.tell_changed(stream, filter::FILE_NAME, Action::RenamedTo);
        Ok(())
    }
}
