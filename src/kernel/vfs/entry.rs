//! Where is a node in the tree? An [`Entry`] is a name in a directory and the node that has it.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use super::error::FsError;
use super::node::Node;
use super::space::NodeCharge;

/// A name and its node. Directories have exactly one, other nodes one for each of their names. It follows renames, and
/// stays usable when the name is removed.
pub struct Entry {
    /// What is there.
    pub node: Rc<Node>,
    name: RefCell<Rc<[u8]>>,
    parent: RefCell<Parent>,
    /// For a further name of a node: the first comes with the node.
    _charge: Option<NodeCharge>,
}

enum Parent {
    /// The top of a tree.
    Top,
    /// Reachable by name.
    Live(Weak<Entry>),
    /// Reachable by name, in a directory that nobody else keeps (generated ones).
    Held(Rc<Entry>),
    /// The name was removed; the directory it was in is kept for `..`.
    Removed(Rc<Entry>),
    /// It never had a place: a pipe, a memory file. The name is all there is to show.
    Nowhere,
    /// A stream of a file, and whether it was removed.
    Stream(Weak<Entry>, bool),
}

impl Entry {
    /// The top of a tree.
    pub(super) fn top(node: Rc<Node>) -> Rc<Entry> {
        Entry::make(node, b"", Parent::Top)
    }

    /// A name in a directory that keeps it.
    pub(super) fn within(parent: &Rc<Entry>, name: &[u8], node: Rc<Node>) -> Rc<Entry> {
        Entry::make(node, name, Parent::Live(Rc::downgrade(parent)))
    }

    /// A further name of a node that has one.
    pub(super) fn another(
        parent: &Rc<Entry>,
        name: &[u8],
        node: Rc<Node>,
    ) -> Result<Rc<Entry>, FsError> {
        let charge = NodeCharge::take(&node.fs.space)?;
        Ok(Entry::charged(
            node,
            name,
            Parent::Live(Rc::downgrade(parent)),
            Some(charge),
        ))
    }

    /// A name in a directory that does not keep it.
    pub(super) fn held(parent: &Rc<Entry>, name: &[u8], node: Rc<Node>) -> Rc<Entry> {
        Entry::make(node, name, Parent::Held(parent.clone()))
    }

    /// A node without a place; `name` is what is shown for it.
    pub(super) fn nowhere(name: &[u8], node: Rc<Node>) -> Rc<Entry> {
        Entry::make(node, name, Parent::Nowhere)
    }

    /// A stream of a file, which keeps it.
    pub(super) fn stream(base: &Rc<Entry>, name: &[u8], node: Rc<Node>) -> Rc<Entry> {
        Entry::make(node, name, Parent::Stream(Rc::downgrade(base), false))
    }

    fn make(node: Rc<Node>, name: &[u8], parent: Parent) -> Rc<Entry> {
        Entry::charged(node, name, parent, None)
    }

    fn charged(
        node: Rc<Node>,
        name: &[u8],
        parent: Parent,
        charge: Option<NodeCharge>,
    ) -> Rc<Entry> {
        Rc::new(Entry {
            node,
            name: RefCell::new(name.into()),
            parent: RefCell::new(parent),
            _charge: charge,
        })
    }

    /// The last part of its path; empty for the top.
    pub fn name(&self) -> Rc<[u8]> {
        self.name.borrow().clone()
    }

    /// The directory it is in, for a stream the file it is of; `None` for the top and for what has no place.
    pub fn parent(&self) -> Option<Rc<Entry>> {
        match &*self.parent.borrow() {
            Parent::Top | Parent::Nowhere => None,
            Parent::Live(parent) | Parent::Stream(parent, _) => parent.upgrade(),
            Parent::Held(parent) | Parent::Removed(parent) => Some(parent.clone()),
        }
    }

    /// The file that it is a stream of, by the name that it was last reached by.
    pub fn stream_of(&self) -> Option<Rc<Entry>> {
        match &*self.parent.borrow() {
            Parent::Stream(base, _) => base.upgrade(),
            _ => None,
        }
    }

    /// Whether its name was removed.
    pub fn is_removed(&self) -> bool {
        let parent = self.parent.borrow();
        matches!(&*parent, Parent::Removed(_) | Parent::Stream(_, true))
    }

    /// Whether it never had a place in the tree.
    pub fn is_nowhere(&self) -> bool {
        matches!(&*self.parent.borrow(), Parent::Nowhere)
    }

    /// Whether it, or a directory it is in, is `ancestor`.
    pub fn is_within(self: &Rc<Entry>, ancestor: &Rc<Entry>) -> bool {
        let mut at = self.clone();
        loop {
            if Rc::ptr_eq(&at, ancestor) {
                return true;
            }
            match at.parent() {
                Some(parent) => at = parent,
                None => return false,
            }
        }
    }

    /// The path as seen from `root`, with ` (deleted)` behind it when the name was removed. What is not beneath `root`
    /// is shown from the top of the tree.
    pub fn path_from(self: &Rc<Entry>, root: &Rc<Entry>) -> Vec<u8> {
        if self.is_nowhere() {
            return self.name().to_vec();
        }
        let mut names = Vec::new();
        let mut removed = false;
        let mut at = self.clone();
        while !Rc::ptr_eq(&at, root) {
            removed |= at.is_removed();
            let Some(parent) = at.parent() else { break };
            let mark = match at.stream_of() {
                Some(_) => b':',
                None => b'/',
            };
            names.push((mark, at.name()));
            at = parent;
        }
        let mut path = Vec::new();
        for (mark, name) in names.iter().rev() {
            path.push(*mark);
            path.extend_from_slice(name);
        }
        if path.first() != Some(&b'/') {
            path.insert(0, b'/');
        }
        if removed {
            path.extend_from_slice(b" (deleted)");
        }
        path
    }

    /// The path as seen from the top of the tree.
    pub fn path(self: &Rc<Entry>) -> Vec<u8> {
        let mut top = self.clone();
        while let Some(parent) = top.parent() {
            top = parent;
        }
        self.path_from(&top)
    }

    /// The path within its own file system, as the host's tree has it: no slash at either end.
    pub(super) fn tree_path(self: &Rc<Entry>) -> Vec<u8> {
        let mut names = Vec::new();
        let mut at = self.clone();
        while let Some(parent) = at.parent() {
            if !Rc::ptr_eq(&parent.node.fs, &at.node.fs) {
                break;
            }
            names.push(at.name());
            at = parent;
        }
        names.reverse();
        names.join(&b'/')
    }

    /// Whether another file system begins here.
    pub fn is_mount(&self) -> bool {
        match self.parent() {
            Some(parent) => !Rc::ptr_eq(&parent.node.fs, &self.node.fs),
            None => !self.is_nowhere(),
        }
    }

    /// Moves it.
    pub(super) fn set_place(&self, parent: &Rc<Entry>, name: &[u8]) {
        *self.parent.borrow_mut() = Parent::Live(Rc::downgrade(parent));
        *self.name.borrow_mut() = name.into();
    }

    /// Gives it another name where it is.
    pub(super) fn set_name(&self, name: &[u8]) {
        *self.name.borrow_mut() = name.into();
    }

    /// A stream was reached by this name of its file.
    pub fn reached_by(&self, base: &Rc<Entry>) {
        if let Parent::Stream(own, _) = &mut *self.parent.borrow_mut() {
            *own = Rc::downgrade(base);
        }
    }

    /// Its name is gone.
    pub(super) fn remove(&self) {
        if let Parent::Stream(_, removed) = &mut *self.parent.borrow_mut() {
            *removed = true;
            return;
        }
        if let Some(parent) = self.parent() {
            *self.parent.borrow_mut() = Parent::Removed(parent);
        }
    }

    /// A file without a name gets one (`linkat` of an `O_TMPFILE`).
    pub(super) fn is_unnamed(&self) -> bool {
        self.is_nowhere() || self.is_removed()
    }
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Entry({:?}, inode {})",
            String::from_utf8_lossy(&self.name.borrow()),
            self.node.ino
        )
    }
}
