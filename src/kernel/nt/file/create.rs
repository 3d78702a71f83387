//! How does a file come to be open?

use std::rc::Rc;

use emu_prototypes::nt::NtStatus;

use super::flags::{self, ARCHIVE, DIRECTORY, HIDDEN, READONLY, SYSTEM};
use super::notify::{Action, filter};
use super::opened::{Opened, Sharing};
use super::{access, deletion, extended};
use crate::kernel::nt::Outcome;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::kinds::{Kind, MAXIMUM_ALLOWED};
use crate::kernel::nt::path::{self, Named};
use crate::kernel::nt::pipe;
use crate::kernel::nt::{console, mailslot, named, net};
use crate::kernel::vfs::{Entry, FileType, FsError, Limits, OpenFile, OpenFlags, Walker};
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
pub(super) const DELETE_ON_CLOSE: u32 = 0x1000;
/// `FILE_SYNCHRONOUS_IO_ALERT` and `FILE_SYNCHRONOUS_IO_NONALERT`.
pub(super) const SYNCHRONOUS: u32 = 0x30;
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
    /// What others may do meanwhile, and attributes of what is made.
    pub(super) share: u32,
    pub(super) flags: u32,
    /// Where extended attributes are, and how long.
    pub(super) extended: (u64, u32),
}

/// Serves `NtCreateFile` and `NtOpenFile`.
pub(super) fn create(kernel: &mut Kernel, cx: &mut Cx<'_>, wish: &Wish) -> Outcome {
    let access = Kind::File.granted(wish.access);
    if wish.disposition > OVERWRITE_IF
        || wish.options & DIRECTORY_FILE != 0 && wish.options & NON_DIRECTORY_FILE != 0
        || wish.options & DELETE_ON_CLOSE != 0 && access & access::DELETE == 0
        || wish.flags & !flags::VALID != 0
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
        let object = pipe::open(kernel, &name, wish.options)?;
        return give(kernel, cx, wish, object, OPENED);
    }
    if attributes.root == 0
        && let Some(name) = mailslot::name(&attributes.name)
    {
        let object = mailslot::open(kernel, &name, wish.share)?;
        return give(kernel, cx, wish, object, OPENED);
    }
    if let Some(object) = console::open(kernel, cx, &attributes, wish.access)? {
        return give(kernel, cx, wish, object, OPENED);
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
    let (at, length) = wish.extended;
    let list = extended::read_list(cx, at, length)?;
    let (file, outcome) = kernel.nt_walk(|walker| {
        let path = path::spelled(walker, &wished)?;
        let root = &walker.context.root;
        let found = match walker.find(root, &path, true) {
            Ok(entry) => Some(entry),
            Err(FsError::NotFound) => None,
            Err(error) => return Err(path::status(error)),
        };
        match (found, wish.disposition) {
            (Some(entry), _) if kernel.nt.opened.is_doomed(&entry) => Err(NtStatus::DELETE_PENDING),
            (None, OPEN | OVERWRITE) => Err(NtStatus::OBJECT_NAME_NOT_FOUND),
            (Some(_), CREATE) => Err(NtStatus::OBJECT_NAME_COLLISION),
            (Some(entry), _) => open(walker, &entry, &kernel.nt.opened, (wish, access)),
            (None, _) => make(walker, &path, &kernel.nt.opened, (wish, access)),
        }
    })?;
    if outcome != OPENED && !list.is_empty() {
        kernel.nt_walk(|walker| extended::set_list(walker, file.node(), &list))?;
    }
    let share = wish.share;
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
    give(kernel, cx, wish, Object::File(file), outcome)
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
    (wish, access): (&Wish, u32),
) -> Result<(Rc<OpenFile>, u64), NtStatus> {
    let outcome = match wish.disposition {
        OPEN | OPEN_IF => OPENED,
        SUPERSEDE => SUPERSEDED,
        _ => OVERWRITTEN,
    };
    let directory = entry.node.is_directory();
    match directory {
        true if wish.options & NON_DIRECTORY_FILE != 0 => {
            return Err(NtStatus::FILE_IS_A_DIRECTORY);
        }
        false if wish.options & DIRECTORY_FILE != 0 => return Err(NtStatus::NOT_A_DIRECTORY),
        true if outcome != OPENED => return Err(NtStatus::INVALID_PARAMETER),
        _ => {}
    }
    // What becomes of it is wished for, too.   [MS-FSA 2.1.5.1.2: supersede deletes, overwriting writes]
    let needs = match outcome {
        SUPERSEDED => access::DELETE,
        OVERWRITTEN => access::WRITE_DATA,
        _ => 0,
    };
    let sharing = Sharing {
        access: access | needs,
        share: wish.share,
    };
    let own = flags::of(walker, &entry.node);
    let changes = access::WRITE_DATA | access::APPEND_DATA;
    let mut how = open_flags(access);
    if !directory && own & READONLY != 0 {
        // Who wants all that is allowed gets no more than that.
        let wants = match wish.access & MAXIMUM_ALLOWED {
            0 => access,
            _ => Kind::File.granted(wish.access & !MAXIMUM_ALLOWED),
        };
        how -= OpenFlags::WRITE;
        if (wants | needs) & changes != 0 || outcome != OPENED {
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
    }
    Ok((file, outcome))
}

/// Makes what is not there.
fn make(
    walker: &Walker<'_>,
    path: &[u8],
    opened: &Opened,
    (wish, access): (&Wish, u32),
) -> Result<(Rc<OpenFile>, u64), NtStatus> {
    let root = &walker.context.root;
    let end = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
    let parent = walker.find(root, &path[..end.max(1)], true);
    if parent.is_ok_and(|parent| opened.is_doomed(&parent)) {
        return Err(NtStatus::DELETE_PENDING);
    }
    let directory = wish.options & DIRECTORY_FILE != 0;
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
    Ok((file, CREATED))
}

/// What a file of the tree is opened for.
fn open_flags(access: u32) -> OpenFlags {
    let mut flags = OpenFlags::LARGE;
    if access & access::READ_DATA != 0 {
        flags |= OpenFlags::READ;
    }
    if access & (access::WRITE_DATA | access::APPEND_DATA) != 0 {
        flags |= OpenFlags::WRITE;
    }
    flags
}
