//! How does a file come to be open?

use std::cell::Cell;
use std::rc::Rc;

use emu_prototypes::nt::NtStatus;

use super::flags::{self, ARCHIVE, DIRECTORY, HIDDEN, READONLY, SYSTEM};
use super::notify::{Action, filter};
use super::opened::{Opened, Sharing};
use super::permission::Asks;
use super::{access, deletion, extended, permission, streams};
use crate::kernel::nt::Outcome;
use crate::kernel::nt::attributes::Attributes;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::kinds::{Kind, MAXIMUM_ALLOWED};
use crate::kernel::nt::path::{self, Named};
use crate::kernel::nt::pipe;
use crate::kernel::nt::token::Token;
use crate::kernel::nt::{console, mailslot, named, net, security};
use crate::kernel::vfs::{Entry, FileType, FsError, Limits, OpenFile, OpenFlags, Walker};
use crate::kernel::{Cx, Kernel};

/// `CreateDisposition`.   [wdm.h]
const SUPERSEDE: u32 = 0;
pub(super) const OPEN: u32 = 1;
pub(super) const CREATE: u32 = 2;
const OPEN_IF: u32 = 3;
pub(super) const OVERWRITE: u32 = 4;
const OVERWRITE_IF: u32 = 5;

/// `CreateOptions`.   [wdm.h]
pub(super) const DIRECTORY_FILE: u32 = 1;
const NON_DIRECTORY_FILE: u32 = 0x40;
pub(super) const DELETE_ON_CLOSE: u32 = 0x1000;
/// `FILE_SYNCHRONOUS_IO_ALERT` and `FILE_SYNCHRONOUS_IO_NONALERT`.
pub(super) const SYNCHRONOUS: u32 = 0x30;
const OPEN_BY_FILE_ID: u32 = 0x2000;
/// Access that changes what is in a file.
pub(super) const CHANGES: u32 = access::WRITE_DATA | access::APPEND_DATA;

/// `FILE_FLAG_BACKUP_SEMANTICS`.   [winbase.h]
const BACKUP_SEMANTICS: u32 = 0x0200_0000;

/// What the outcome tells.   [wdm.h: FILE_SUPERSEDED and following]
const SUPERSEDED: u64 = 0;
pub(super) const OPENED: u64 = 1;
pub(super) const CREATED: u64 = 2;
const OVERWRITTEN: u64 = 3;

/// What shall be opened, and how.
pub(super) struct Wish {
    pub(super) handle: u64,
    pub(super) access: u32,
    pub(super) attributes: u64,
    pub(super) io_status: u64,
    pub(super) disposition: u32,
    pub(super) options: u32,
    /// What others may do meanwhile, and attributes of what is made.
    pub(super) share: u32,
    pub(super) flags: u32,
    /// Where extended attributes are, and how long.
    pub(super) extended: (u64, u32),
}

/// Serves `NtCreateFile` and `NtOpenFile`.
pub(super) fn create(kernel: &mut Kernel, cx: &mut Cx<'_>, wish: &Wish) -> Outcome {
    let token = kernel.effective_token(cx);
    let access = security::decide(&token, Kind::File, (None, 0), wish.access)?;
    // Wine's SetFileSecurityW has a flag of CreateFileW among the attributes.
    let wines = if cx.is_wine() { BACKUP_SEMANTICS } else { 0 };
    if wish.disposition > OVERWRITE_IF
        || wish.options & DIRECTORY_FILE != 0 && wish.options & NON_DIRECTORY_FILE != 0
        || wish.options & DELETE_ON_CLOSE != 0 && access & access::DELETE == 0
        || wish.flags & !(flags::VALID | wines) != 0
    {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let attributes = cx.attributes(wish.attributes)?;
    let attributes = attributes.ok_or(NtStatus::INVALID_PARAMETER)?;
    if wish.options & OPEN_BY_FILE_ID != 0 {
        return open_by_id(kernel, cx, &attributes, (wish, token, access));
    }
    let pipe = match attributes.root {
        0 => pipe::name(&attributes.name),
        _ => None,
    };
    if let Some(name) = pipe {
        let object = pipe::open(kernel, cx, &name, (wish.options, wish.access))?;
        return give_allowed(kernel, cx, wish, object);
    }
    if attributes.root == 0
        && let Some(name) = mailslot::name(&attributes.name)
    {
        let object = mailslot::open(kernel, &name, wish.share)?;
        return give_allowed(kernel, cx, wish, object);
    }
    if let Some(object) = console::open(kernel, cx, &attributes, wish.access)? {
        return give(kernel, cx, wish, object, OPENED);
    }
    let mut stream = None;
    let wished = match kernel.named(cx, &attributes)? {
        Named::File(path) => path,
        Named::Stream(path, name) => {
            stream = Some(name);
            path
        }
        Named::Null => b"/dev/null".to_vec(),
        Named::Network => {
            let file = net::open(kernel, cx, wish.options, wish.extended)?;
            cx.io_status(wish.io_status, NtStatus::SUCCESS, OPENED)?;
            kernel.nt_give(cx, (wish.handle, wish.attributes), Object::File(file))?;
            return Ok(0);
        }
    };
    let (at, length) = wish.extended;
    let list = extended::read_list(cx, at, length)?;
    let asks = Asks {
        wish,
        token,
        given: cx.security_given(wish.attributes)?,
        access: Cell::new(access),
    };
    let (file, outcome, fresh) = kernel.nt_walk(|walker| {
        let path = path::spelled(walker, &wished)?;
        let opened = &kernel.nt.opened;
        if let Some(name) = stream.as_ref().filter(|name| !name.is_empty()) {
            return streams::open(walker, (&path, name), opened, &asks);
        }
        let (file, outcome) = match (there(walker, &path)?, wish.disposition) {
            (Some(entry), _) if opened.is_doomed(&entry) => Err(NtStatus::DELETE_PENDING),
            (Some(_), _) if stream.is_some() && wish.options & DIRECTORY_FILE != 0 => {
                Err(NtStatus::NOT_A_DIRECTORY)
            }
            (Some(entry), _) if stream.is_some() && entry.node.is_directory() => {
                Err(NtStatus::FILE_IS_A_DIRECTORY)
            }
            (None, OPEN | OVERWRITE) => Err(NtStatus::OBJECT_NAME_NOT_FOUND),
            (Some(_), CREATE) => Err(NtStatus::OBJECT_NAME_COLLISION),
            (Some(entry), _) => open(walker, &entry, opened, &asks),
            (None, _) => make(walker, &path, opened, &asks),
        }?;
        Ok((file, outcome, false))
    })?;
    let base = streams::base(&file.entry);
    if outcome != OPENED && !list.is_empty() {
        kernel.nt_walk(|walker| extended::set_list(walker, &base.node, &list))?;
    }
    if fresh {
        let kind = filter::name_of(&base);
        kernel.tell_changed(&base, kind, Action::Added);
    }
    opened(kernel, cx, &asks, (file, outcome))
}

/// Opens what is there by its number, or by an object ID. The directory may be any file of the volume.
/// [wdm.h: FILE_OPEN_BY_FILE_ID]
fn open_by_id(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    attributes: &Attributes,
    (wish, token, access): (&Wish, Rc<Token>, u32),
) -> Outcome {
    if attributes.root != 0 {
        kernel.open_file(cx, attributes.root)?;
    }
    let entry = kernel.nt.ids.find(&attributes.name)?;
    if matches!(wish.disposition, CREATE) {
        return Err(NtStatus::OBJECT_NAME_COLLISION.into());
    }
    let asks = Asks {
        wish,
        token,
        given: None,
        access: Cell::new(access),
    };
    let file = kernel.nt_walk(|walker| open(walker, &entry, &kernel.nt.opened, &asks))?;
    opened(kernel, cx, &asks, file)
}

/// What has been opened is known from now on, told of, and given a handle.
fn opened(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    asks: &Asks<'_>,
    (file, outcome): (Rc<OpenFile>, u64),
) -> Outcome {
    let wish = asks.wish;
    let (access, share) = (asks.access.get(), wish.share);
    let sharing = Sharing { access, share };
    // A device stays.
    let stored = matches!(
        file.node().file_type(),
        FileType::Regular | FileType::Directory
    );
    let kept = if stored { 0 } else { DELETE_ON_CLOSE };
    kernel
        .nt
        .opened
        .insert(&file, sharing, wish.options & !kept);
    match outcome {
        OPENED => {}
        CREATED => {
            let kind = filter::name_of(&file.entry);
            kernel.tell_changed(&file.entry, kind, Action::Added);
        }
        _ => {
            let changed = filter::ATTRIBUTES | filter::SIZE | filter::LAST_WRITE;
            kernel.tell_changed(&file.entry, changed, Action::Modified);
        }
    }
    let wish = Wish { access, ..*wish };
    give(kernel, cx, &wish, Object::File(file), outcome)
}

/// A handle of what is there, and no file, when that may be used so.
fn give_allowed(kernel: &mut Kernel, cx: &mut Cx<'_>, wish: &Wish, object: Object) -> Outcome {
    let access = kernel.nt_allowed(cx, &object, wish.access)?;
    give(kernel, cx, &Wish { access, ..*wish }, object, OPENED)
}

fn give(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    wish: &Wish,
    object: Object,
    outcome: u64,
) -> Outcome {
    let flags = cx.handle_flags(wish.attributes);
    let told = cx.io_status(wish.io_status, NtStatus::SUCCESS, outcome);
    if let Err(fault) = told {
        let pid = cx.process().pid;
        kernel.nt_closed(pid, &object);
        return Err(fault.into());
    }
    let named = named::Wish {
        handle: wish.handle,
        access: wish.access,
        attributes: wish.attributes,
    };
    kernel.nt_hand(cx, named, flags, object, None)?;
    Ok(0)
}

/// Opens what is there.
fn open(
    walker: &Walker<'_>,
    entry: &Rc<Entry>,
    opened: &Opened,
    asks: &Asks<'_>,
) -> Result<(Rc<OpenFile>, u64), NtStatus> {
    let wish = asks.wish;
    let outcome = outcome(wish.disposition);
    let directory = entry.node.is_directory();
    match directory {
        true if wish.options & NON_DIRECTORY_FILE != 0 => {
            return Err(NtStatus::FILE_IS_A_DIRECTORY);
        }
        false if wish.options & DIRECTORY_FILE != 0 => return Err(NtStatus::NOT_A_DIRECTORY),
        true if outcome != OPENED => return Err(NtStatus::INVALID_PARAMETER),
        _ => {}
    }
    asks.may_open(walker, entry, needs(outcome))?;
    let access = asks.access.get();
    let sharing = sharing((wish, access), outcome);
    let own = flags::of(walker, &entry.node);
    let mut how = open_flags(access);
    if !directory && own & READONLY != 0 {
        how -= OpenFlags::WRITE;
        if wants(wish, access) & CHANGES != 0 || outcome != OPENED {
            return Err(NtStatus::ACCESS_DENIED);
        }
        if wish.options & DELETE_ON_CLOSE != 0 {
            return Err(NtStatus::CANNOT_DELETE);
        }
    }
    // What is hidden, or the system's, is only overwritten by who says so.
    if outcome != OPENED && own & !wish.flags & (HIDDEN | SYSTEM) != 0 {
        return Err(NtStatus::ACCESS_DENIED);
    }
    if wish.options & DELETE_ON_CLOSE != 0 && directory {
        deletion::may_go(walker, entry, false)?;
    }
    opened.may_open(entry, sharing)?;
    match (directory, outcome) {
        (true, _) => how = OpenFlags::READ | OpenFlags::DIRECTORY,
        (_, OPENED) => {}
        _ => how |= OpenFlags::TRUNCATE,
    }
    let file = walker.open_entry(entry, how, false).map_err(path::status)?;
    if outcome != OPENED {
        flags::set(walker, entry, wish.flags & !DIRECTORY | ARCHIVE)?;
        streams::clear(walker, entry);
    }
    Ok((file, outcome))
}

/// What is at a path, if anything.
pub(super) fn there(walker: &Walker<'_>, path: &[u8]) -> Result<Option<Rc<Entry>>, NtStatus> {
    match walker.find(&walker.context.root, path, true) {
        Ok(entry) => Ok(Some(entry)),
        Err(FsError::NotFound) => Ok(None),
        Err(error) => Err(path::status(error)),
    }
}

/// What becomes of what is there.
pub(super) fn outcome(disposition: u32) -> u64 {
    match disposition {
        OPEN | OPEN_IF => OPENED,
        SUPERSEDE => SUPERSEDED,
        _ => OVERWRITTEN,
    }
}

/// The access that what becomes of it takes.   [MS-FSA 2.1.5.1.2: supersede deletes, overwriting writes]
pub(super) fn needs(outcome: u64) -> u32 {
    match outcome {
        SUPERSEDED => access::DELETE,
        OVERWRITTEN => access::WRITE_DATA,
        _ => 0,
    }
}

/// What it is opened for. What becomes of it is wished for, too.
pub(super) fn sharing((wish, access): (&Wish, u32), outcome: u64) -> Sharing {
    Sharing {
        access: access | needs(outcome),
        share: wish.share,
    }
}

/// The access that has to be there: who wants all that is allowed gets no more than that.
pub(super) fn wants(wish: &Wish, access: u32) -> u32 {
    match wish.access & MAXIMUM_ALLOWED {
        0 => access,
        _ => Kind::File.granted(wish.access & !MAXIMUM_ALLOWED),
    }
}

/// Makes what is not there.
pub(super) fn make(
    walker: &Walker<'_>,
    path: &[u8],
    opened: &Opened,
    asks: &Asks<'_>,
) -> Result<(Rc<OpenFile>, u64), NtStatus> {
    let (wish, access) = (asks.wish, asks.access.get());
    let root = &walker.context.root;
    let directory = wish.options & DIRECTORY_FILE != 0;
    if let Ok(parent) = permission::parent_of(walker, path) {
        if opened.is_doomed(&parent) {
            return Err(NtStatus::DELETE_PENDING);
        }
        asks.may_add(walker, &parent, directory)?;
    }
    let how = match directory {
        true => {
            walker.mkdir(root, path, 0o777).map_err(path::status)?;
            OpenFlags::READ | OpenFlags::DIRECTORY
        }
        false => open_flags(access) | OpenFlags::CREATE,
    };
    let file = walker
        .open(root, path, how, 0o666, Limits::empty())
        .map_err(path::status)?;
    let archive = if directory { 0 } else { ARCHIVE };
    let wished = wish.flags & !DIRECTORY | archive;
    if wished != archive {
        flags::set(walker, &file.entry, wished)?;
    }
    asks.made(walker, &file.entry)?;
    Ok((file, CREATED))
}

/// What a file of the tree is opened for.
pub(super) fn open_flags(access: u32) -> OpenFlags {
    let mut flags = OpenFlags::LARGE;
    if access & access::READ_DATA != 0 {
        flags |= OpenFlags::READ;
    }
    if access & (access::WRITE_DATA | access::APPEND_DATA) != 0 {
        flags |= OpenFlags::WRITE;
    }
    flags
}
