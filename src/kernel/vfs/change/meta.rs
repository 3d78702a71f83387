//! What is known of a file besides its names: permission bits, owners, times, its length.

use crate::kernel::vfs::watch::Change;
use std::rc::Rc;

use super::{SET_GID, live, unmade};
use crate::kernel::vfs::directory;
use crate::kernel::vfs::entry::Entry;
use crate::kernel::vfs::error::FsError;
use crate::kernel::vfs::node::{Attributes, Node};
use crate::kernel::vfs::walk::Walker;

const SET_UID: u16 = 0o4000;
const GROUP_EXECUTE: u16 = 0o0010;

/// Times to set: the access and the modification time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// Of the last access.
    pub accessed: Time,
    /// Of the last change.
    pub modified: Time,
}

/// A time to set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Time {
    /// It stays as it is.
    Keep,
    /// The time of the call.
    Now,
    /// Nanoseconds since 1970-01-01 00:00:00 UTC.
    At(i64),
}

impl Walker<'_> {
    /// All that `stat` tells; what is live is asked of the host.
    pub fn attributes(&self, entry: &Rc<Entry>) -> Result<Attributes, FsError> {
        if let Some(tree) = live(entry)
            && !entry.is_removed()
        {
            directory::refresh(&entry.node, &tree.stat(&entry.tree_path())?);
        }
        Ok(entry.node.attributes())
    }

    /// Changes permission bits.
    pub fn set_mode(&self, entry: &Rc<Entry>, mode: u16) -> Result<(), FsError> {
        let node = &entry.node;
        unmade(node)?;
        if node.is_symlink() {
            return Err(FsError::NotSupported);
        }
        if !self.who.owns(node) {
            return Err(FsError::NotPermitted);
        }
        let mut mode = mode & 0o7777;
        if !self.who.keep_ids && !self.who.in_group(node.meta().gid) {
            mode &= !SET_GID;
        }
        if let Some(tree) = live(entry) {
            tree.chmod(&entry.tree_path(), mode)?;
        }
        node.change(|meta| {
            meta.mode = mode;
            meta.changed = self.now;
        });
        entry.tell(Change::ATTRIBUTES);
        Ok(())
    }

    /// Changes owner and group; `None` leaves them. Of live files they change in the guest's view only.
    pub fn set_owner(
        &self,
        entry: &Rc<Entry>,
        uid: Option<u32>,
        gid: Option<u32>,
    ) -> Result<(), FsError> {
        let node = &entry.node;
        unmade(node)?;
        let meta = node.meta();
        if !self.who.chown {
            let same_user = self.who.uid == meta.uid && uid.is_none_or(|uid| uid == meta.uid);
            let own_group = gid.is_none_or(|gid| gid == meta.gid || self.who.in_group(gid));
            if !(same_user && own_group) {
                return Err(FsError::NotPermitted);
            }
        }
        node.change(|meta| {
            meta.uid = uid.unwrap_or(meta.uid);
            meta.gid = gid.unwrap_or(meta.gid);
            meta.changed = self.now;
        });
        entry.tell(Change::ATTRIBUTES);
        if !node.is_directory() && (uid.is_some() || gid.is_some()) {
            drop_ids(node);
        }
        Ok(())
    }

    /// Changes times.
    pub fn set_times(&self, entry: &Rc<Entry>, times: Times) -> Result<(), FsError> {
        let node = &entry.node;
        let keeps = |time| time == Time::Keep;
        if keeps(times.accessed) && keeps(times.modified) {
            return Ok(());
        }
        unmade(node)?;
        if !self.who.owns(node) {
            if times.accessed != Time::Now || times.modified != Time::Now {
                return Err(FsError::NotPermitted);
            }
            if !self.who.may(node, 2) {
                return Err(FsError::Access);
            }
        }
        let new = |time, old| match time {
            Time::Keep => old,
            Time::Now => self.now,
            Time::At(time) => time,
        };
        let old = node.meta();
        let (accessed, modified) = (
            new(times.accessed, old.accessed),
            new(times.modified, old.modified),
        );
        if let Some(tree) = live(entry) {
            let set = |time, value| (!keeps(time)).then_some(value);
            tree.set_times(
                &entry.tree_path(),
                (set(times.accessed, accessed), set(times.modified, modified)),
            )?;
        }
        node.change(|meta| {
            meta.accessed = accessed;
            meta.modified = modified;
            meta.changed = self.now;
        });
        entry.tell(Change::ATTRIBUTES);
        Ok(())
    }

    /// Changes when it came to be, in nanoseconds since 1970-01-01 00:00:00 UTC. Of live files it changes in the guest's view
    /// only.
    pub fn set_born(&self, entry: &Rc<Entry>, born: i64) -> Result<(), FsError> {
        let node = &entry.node;
        unmade(node)?;
        if !self.who.owns(node) {
            return Err(FsError::NotPermitted);
        }
        node.change(|meta| {
            meta.born = born;
            meta.changed = self.now;
        });
        entry.tell(Change::ATTRIBUTES);
        Ok(())
    }

    /// Sets the length of a regular file.
    pub fn truncate(&self, entry: &Rc<Entry>, len: u64) -> Result<(), FsError> {
        let node = &entry.node;
        if node.is_directory() {
            return Err(FsError::IsDirectory);
        }
        if !self.who.may(node, 2) {
            return Err(FsError::Access);
        }
        let content = node.content().ok_or(FsError::Invalid)?;
        node.check_not_running()?;
        let file = match live(entry) {
            Some(tree) => Some(tree.open(&entry.tree_path(), true)?),
            None => None,
        };
        content.truncate(&node.fs, file.as_ref(), len)?;
        node.touch(self.now);
        entry.tell(Change::WRITTEN);
        if !self.who.keep_ids {
            drop_ids(node);
        }
        Ok(())
    }
}

fn drop_ids(node: &Node) {
    node.change(|meta| {
        meta.mode &= !SET_UID;
        if meta.mode & GROUP_EXECUTE != 0 {
            meta.mode &= !SET_GID;
        }
    });
}
