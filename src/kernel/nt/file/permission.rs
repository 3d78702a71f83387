//! May a file be opened so, as its descriptor and its directory's say? What does a new one have?
//! [MS-FSA 2.1.5.1.1, 2.1.5.1.2.1; Microsoft Learn, File Security and Access Rights]

use std::cell::Cell;
use std::rc::Rc;

use emu_prototypes::nt::NtStatus;

use super::access;
use super::create::Wish;
use crate::kernel::nt::kinds::Kind;
use crate::kernel::nt::path::status;
use crate::kernel::nt::security::{self, Descriptor};
use crate::kernel::nt::token::{Token, privilege};
use crate::kernel::vfs::{Entry, Walker};

/// What a directory lets be made in it, and be done with what is in it.   [winnt.h: FILE_ADD_FILE, FILE_ADD_SUBDIRECTORY,
/// FILE_DELETE_CHILD, FILE_LIST_DIRECTORY]
const ADD_FILE: u32 = 2;
const ADD_SUBDIRECTORY: u32 = 4;
const DELETE_CHILD: u32 = 0x40;
const LIST: u32 = 1;
const READ_ATTRIBUTES: u32 = 0x80;
/// `FILE_OPEN_FOR_BACKUP_INTENT`.   [wdm.h]
const FOR_BACKUP: u32 = 0x4000;
/// `FILE_GENERIC_READ`, and what restoring takes besides `FILE_GENERIC_WRITE`: `WRITE_DAC`, `WRITE_OWNER`.
const READING: u32 = 0x12_0089;
const RESTORING: u32 = 0x1d_0116;

/// Who wants a file, and how.
pub(super) struct Asks<'a> {
    pub(super) wish: &'a Wish,
    pub(super) token: Rc<Token>,
    /// What a new one shall have.
    pub(super) given: Option<Descriptor>,
    /// The access that is granted, by its own names.
    pub(super) access: Cell<u32>,
}

impl Asks<'_> {
    /// Whether what is there may be opened so, and `needs` be done with it. The access is granted then.
    pub(super) fn may_open(
        &self,
        walker: &Walker<'_>,
        entry: &Rc<Entry>,
        needs: u32,
    ) -> Result<(), NtStatus> {
        let Some(own) = security::of_file(walker, entry) else {
            return Ok(());
        };
        let mut more = 0;
        let parent = entry.parent();
        if let Some(parent) = parent.filter(|_| entry.stream_of().is_none()) {
            let lets = |wanted: u32| {
                let security = security::of_file(walker, &parent);
                let allowed = security.map(|security| security.allowed(Kind::File.mapping()));
                allowed.is_none_or(|allowed| allowed & wanted != 0)
            };
            if lets(DELETE_CHILD) {
                more |= access::DELETE;
            }
            if lets(LIST) {
                more |= READ_ATTRIBUTES;
            }
        }
        if self.wish.options & FOR_BACKUP != 0 {
            for (privilege, gets) in [
                (privilege::BACKUP, READING),
                (privilege::RESTORE, RESTORING),
            ] {
                if self.token.has_enabled(privilege) {
                    more |= gets;
                }
            }
        }
        let decide = |wish| security::decide(&self.token, Kind::File, (Some(&own), more), wish);
        decide(needs)?;
        self.access.set(decide(self.wish.access)?);
        Ok(())
    }

    /// Whether something may be made in a directory.
    pub(super) fn may_add(
        &self,
        walker: &Walker<'_>,
        parent: &Rc<Entry>,
        directory: bool,
    ) -> Result<(), NtStatus> {
        let Some(security) = security::of_file(walker, parent) else {
            return Ok(());
        };
        let needs = if directory {
            ADD_SUBDIRECTORY
        } else {
            ADD_FILE
        };
        security::decide(&self.token, Kind::File, (Some(&security), 0), needs).map(drop)
    }

    /// Gives what was made its descriptor: its own, or what it inherits.
    pub(super) fn made(&self, walker: &Walker<'_>, entry: &Rc<Entry>) -> Result<(), NtStatus> {
        let parent = entry.parent();
        let parent = parent.and_then(|parent| security::of_file(walker, &parent));
        let kind = (Kind::File, entry.node.is_directory());
        match Descriptor::of_new(self.given.clone(), parent.as_ref(), kind) {
            Some(own) => security::set_of_file(walker, entry, &own),
            None => Ok(()),
        }
    }
}

/// The directory that a path is in.
pub(super) fn parent_of(walker: &Walker<'_>, path: &[u8]) -> Result<Rc<Entry>, NtStatus> {
    let end = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
    let found = walker.find(&walker.context.root, &path[..end.max(1)], true);
    found.map_err(status)
}
