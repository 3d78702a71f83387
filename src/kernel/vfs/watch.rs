//! Who wants to know what happens to a node? Nobody, as a rule: then it costs a look at an empty list.

use std::rc::Rc;

use super::entry::Entry;
use super::node::Node;

bitflags::bitflags! {
    /// What happened.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct Change: u32 {
        /// It was read.
        const READ = 1;
        /// It was written to.
        const WRITTEN = 1 << 1;
        /// Permissions, owners, times, attributes or the number of names.
        const ATTRIBUTES = 1 << 2;
        /// It was opened.
        const OPENED = 1 << 3;
        /// It was closed by somebody who could write.
        const CLOSED_WRITER = 1 << 4;
        /// It was closed by somebody who could not.
        const CLOSED_READER = 1 << 5;
        /// A name appeared.
        const MADE = 1 << 6;
        /// A name disappeared.
        const REMOVED = 1 << 7;
        /// It moved away.
        const MOVED_FROM = 1 << 8;
        /// It moved to here.
        const MOVED_TO = 1 << 9;
        /// The node itself moved.
        const MOVED = 1 << 10;
        /// The node itself is gone.
        const GONE = 1 << 11;
        /// It concerns a directory.
        const DIRECTORY = 1 << 12;
        /// The name by which it happened is removed.
        const NAMELESS = 1 << 13;
    }
}

/// Somebody who watches a node.
pub trait Watch {
    /// Something happened to the node, or to the name in it. `cookie` joins the two halves of a move.
    fn tell(&self, change: Change, name: Option<&[u8]>, cookie: u32);
    /// Whether it still watches.
    fn is_alive(&self) -> bool;
}

impl Node {
    /// Watches the node.
    pub fn watch(&self, watch: Rc<dyn Watch>) {
        self.watches.borrow_mut().push(watch);
    }

    /// Forgets those who don't watch any more.
    pub fn unwatch(&self) {
        self.watches.borrow_mut().retain(|watch| watch.is_alive());
    }

    /// Tells those who watch it.
    #[inline]
    pub(super) fn tell(&self, change: Change, name: Option<&[u8]>, cookie: u32) {
        if self.watches.borrow().is_empty() {
            return;
        }
        // Who is told may change the list.
        let told = self.watches.borrow().clone();
        for watch in &told {
            watch.tell(change, name, cookie);
        }
        self.unwatch();
    }

    /// It is gone, and not only forgotten.
    pub(super) fn tell_gone(&self) {
        if !self.watches.borrow().is_empty() && self.meta().links == 0 {
            self.tell(Change::GONE, None, 0);
        }
    }

    fn kind(&self) -> Change {
        match self.is_directory() {
            true => Change::DIRECTORY,
            false => Change::empty(),
        }
    }
}

impl Entry {
    /// Something happened to what has this name: those who watch its directory are told, then those who watch itself. A
    /// name that is removed still has its directory.   [Linux fs/notify/fsnotify.c, __fsnotify_parent]
    #[inline]
    pub fn tell(self: &Rc<Entry>, mut change: Change) {
        let parent = self.watched_parent();
        if parent.is_none() && self.node.watches.borrow().is_empty() {
            return;
        }
        change |= self.node.kind();
        change.set(Change::NAMELESS, self.is_removed());
        if let Some(parent) = parent {
            parent.node.tell(change, Some(&self.name()), 0);
        }
        self.node.tell(change, None, 0);
    }

    /// The directory, when somebody watches it.
    fn watched_parent(&self) -> Option<Rc<Entry>> {
        self.parent()
            .filter(|parent| !parent.node.watches.borrow().is_empty())
    }

    /// Something happened to a name in this directory.
    pub(super) fn tell_name(&self, change: Change, child: &Node, name: &[u8], cookie: u32) {
        self.node.tell(change | child.kind(), Some(name), cookie);
    }
}
