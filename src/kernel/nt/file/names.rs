//! How do files get other names, and further ones?   [ntifs.h: FILE_RENAME_INFORMATION, FILE_LINK_INFORMATION; MS-FSA 2.1.5.15.11]

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus};

use super::flags;
use super::notify::{Action, filter};
use crate::kernel::nt::attributes::Attributes;
use crate::kernel::nt::path::{self, Named, status};
use crate::kernel::vfs::{Entry, FsError, OpenFile, Rename, Walker};
use crate::kernel::{Cx, Kernel};

/// `FILE_INFORMATION_CLASS`.
pub(super) const RENAME: i32 = 10;
pub(super) const LINK: i32 = 11;
pub(super) const RENAME_EX: i32 = 65;
pub(super) const LINK_EX: i32 = 72;

/// Bytes of a name at most.
const MOST: u32 = 0xfffe;

impl Kernel {
    /// Gives an open file another name, or a further one: whether one that is there is replaced, a directory, bytes of the
    /// name, the name.
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
        let class = call.FileInformationClass;
        let replaces = match class {
            RENAME | LINK => cx.mem.read_u8(at)? != 0,
            _ => cx.mem.read_u32(at)? & 1 != 0,
        };
        let root = cx.read_word(at.wrapping_add(word))?;
        let bytes = cx.mem.read_u32(at.wrapping_add(2 * word))?;
        if bytes == 0 || bytes > MOST || bytes % 2 != 0 {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        let name = cx.units(at.wrapping_add(2 * word + 4), bytes as usize)?;
        if file.entry.stream_of().is_some() {
            return match class {
                RENAME | RENAME_EX => self.rename_stream(&file.entry, &name, replaces),
                _ => Err(NtStatus::INVALID_PARAMETER),
            };
        }
        let target = self.new_place(cx, root, name, &file.path())?;
        match class {
            RENAME | RENAME_EX => self.rename_entry(&file.entry, &target, replaces),
            _ => self.link_entry(&file.entry, &target, replaces),
        }
    }

    /// Where a new name is. A name alone stays where the file is.
    fn new_place(
        &mut self,
        cx: &Cx<'_>,
        root: u64,
        name: Vec<u16>,
        old: &[u8],
    ) -> Result<Vec<u8>, NtStatus> {
        let target = match root == 0 && !name.contains(&u16::from(b'\\')) {
            true => {
                let end = old.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
                path::relative(&old[..end], &name)?
            }
            false => {
                let flags = 0;
                self.named(cx, &Attributes { root, name, flags })?
            }
        };
        match target {
            Named::File(target) => Ok(target),
            _ => Err(NtStatus::INVALID_PARAMETER),
        }
    }

    fn rename_entry(
        &mut self,
        entry: &Rc<Entry>,
        target: &[u8],
        replaces: bool,
    ) -> Result<(), NtStatus> {
        // A directory stays where it is as long as anything below it is open.
        if entry.node.is_directory() && self.nt.opened.has_below(entry) {
            return Err(NtStatus::ACCESS_DENIED);
        }
        let (old, before, parent) = (entry.path(), self.watched(entry), entry.parent());
        let replaced = self.nt_walk(|walker| {
            let target = path::spelled(walker, target)?;
            let root = &walker.context.root;
            let found = at(walker, &target)?.filter(|found| !Rc::ptr_eq(found, entry));
            if let Some(found) = &found {
                self.may_replace(walker, found, replaces)?;
            }
            let replaced = found.map(|found| self.watched(&found));
            walker
                .rename((root, &old), (root, &target), Rename::Replace)
                .map_err(status)?;
            Ok(replaced)
        })?;
        // What goes to another directory is gone from the one, and new in the other.
        let stays = match (&parent, &entry.parent()) {
            (Some(old), Some(new)) => Rc::ptr_eq(old, new),
            _ => false,
        };
        let (from, to) = match stays {
            true => (Action::RenamedFrom, Action::RenamedTo),
            false => (Action::Removed, Action::Added),
        };
        let kind = filter::name_of(entry);
        if let Some(replaced) = replaced {
            self.tell_change(&replaced, kind, Action::Removed);
        }
        self.tell_change(&before, kind, from);
        self.tell_changed(entry, kind, to);
        Ok(())
    }

    fn link_entry(
        &mut self,
        entry: &Rc<Entry>,
        target: &[u8],
        replaces: bool,
    ) -> Result<(), NtStatus> {
        if entry.node.is_directory() {
            return Err(NtStatus::FILE_IS_A_DIRECTORY);
        }
        let (entry, action) = self.nt_walk(|walker| {
            let target = path::spelled(walker, target)?;
            let root = &walker.context.root;
            let mut action = Action::Added;
            if let Some(found) = at(walker, &target)? {
                self.may_replace(walker, &found, replaces)?;
                if found.node.is(&entry.node) {
                    return Ok((found, Action::Modified));
                }
                walker.unlink(root, &target).map_err(status)?;
                action = Action::Modified;
            }
            match walker.link(entry, root, &target) {
                Err(FsError::TooManyLinks) => return Err(NtStatus::TOO_MANY_LINKS),
                done => done.map_err(status)?,
            }
            let made = walker.find(root, &target, false).map_err(status)?;
            Ok((made, action))
        })?;
        self.tell_changed(&entry, filter::FILE_NAME, action);
        Ok(())
    }

    /// Whether what has a name may lose it to another file: nobody has it open, and it may be written to.
    fn may_replace(
        &self,
        walker: &Walker<'_>,
        found: &Rc<Entry>,
        replaces: bool,
    ) -> Result<(), NtStatus> {
        if !replaces {
            return Err(NtStatus::OBJECT_NAME_COLLISION);
        }
        if found.node.is_directory()
            || self.nt.opened.has(&found.node)
            || flags::is_readonly(walker, &found.node)
        {
            return Err(NtStatus::ACCESS_DENIED);
        }
        Ok(())
    }
}

fn at(walker: &Walker<'_>, path: &[u8]) -> Result<Option<Rc<Entry>>, NtStatus> {
    match walker.find(&walker.context.root, path, false) {
        Ok(found) => Ok(Some(found)),
        Err(FsError::NotFound) => Ok(None),
        Err(error) => Err(status(error)),
    }
}
