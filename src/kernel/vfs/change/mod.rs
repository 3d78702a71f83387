//! How does the tree change? Linux's rules for names, owners and permission bits.

mod attributes;
mod meta;
mod names;

use std::rc::Rc;

use super::entry::Entry;
use super::error::FsError;
use super::node::{Body, Node};
use super::space::FsKind;
use super::walk::Walker;
use crate::kernel::host::Tree;

pub use attributes::SetAttribute;
pub use meta::{Time, Times};
pub use names::{Rename, Special};

const SET_GID: u16 = 0o2000;
const STICKY: u16 = 0o1000;

impl Walker<'_> {
    /// Whether names can be added to a directory.
    pub(in crate::kernel::vfs) fn may_add(&self, directory: &Rc<Entry>) -> Result<(), FsError> {
        if directory.is_removed() {
            return Err(FsError::NotFound);
        }
        if !self.who.may(&directory.node, 3) {
            return Err(FsError::Access);
        }
        if directory.node.fs.kind == FsKind::Terminals {
            return Err(FsError::NotPermitted);
        }
        unmade(&directory.node)
    }

    /// Whether a name can be taken from a directory.
    pub(super) fn may_remove(
        &self,
        directory: &Rc<Entry>,
        child: &Rc<Entry>,
    ) -> Result<(), FsError> {
        if !self.who.may(&directory.node, 3) {
            return Err(FsError::Access);
        }
        let sticky = directory.node.meta().mode & STICKY != 0;
        if sticky && !self.who.owns(&child.node) && self.who.uid != directory.node.meta().uid {
            return Err(FsError::NotPermitted);
        }
        unmade(&directory.node)
    }
}

/// The tree of the host that takes the changes of what is at an entry.
pub(super) fn live(entry: &Rc<Entry>) -> Option<&Rc<dyn Tree>> {
    if entry.node.fs.is_live() {
        entry.node.fs.host.as_ref()
    } else {
        None
    }
}

/// Generated things are as they are.
pub(super) fn unmade(node: &Node) -> Result<(), FsError> {
    if matches!(node.body, Body::Made(_)) {
        Err(FsError::NotPermitted)
    } else {
        Ok(())
    }
}
