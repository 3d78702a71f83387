//! Who has a file open, and what may others do with it meanwhile?
//! [wdm.h: IoCheckShareAccess; Microsoft Learn, Creating and Opening Files; MS-FSA 2.1.5.1.2.2]

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use emu_prototypes::nt::NtStatus;

use super::access;
use super::create::{DELETE_ON_CLOSE, SYNCHRONOUS};
use super::streams;
use crate::kernel::vfs::{Entry, FileType, Node, OpenFile};

/// `ShareAccess`: what others may do.   [winnt.h: FILE_SHARE_READ, FILE_SHARE_WRITE, FILE_SHARE_DELETE]
const SHARE: [(u32, u32); 3] = [
    (1, access::READ_DATA | access::EXECUTE),
    (2, access::WRITE_DATA | access::APPEND_DATA),
    (4, access::DELETE),
];

/// What a file is opened for, and what others may do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sharing {
    pub(super) access: u32,
    pub(super) share: u32,
}

impl Sharing {
    /// Whether it is about what is in the file, or its name: only then it is looked at.
    fn counts(self) -> bool {
        SHARE.iter().any(|(_, access)| self.access & access != 0)
    }

    /// Whether it does nothing that another one forbids.
    fn fits(self, other: Sharing) -> bool {
        let allows =
            |(share, access): &(u32, u32)| self.access & access == 0 || other.share & share != 0;
        SHARE.iter().all(allows)
    }
}

/// How an open file goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It stays.
    Stays,
    /// Its name is doomed when its last handle is closed.
    Doomed,
    /// Its name goes when its last handle is closed, whoever else has it open.
    Goes,
}

struct Open {
    entry: Rc<Entry>,
    /// The file that it is a stream of, or the same.
    base: Rc<Entry>,
    sharing: Sharing,
    end: End,
    /// `CreateOptions`.
    options: u32,
    /// Extended attributes that have been told.
    scanned: usize,
}

/// All open files that have handles, by number, and by what they are of.
#[derive(Default)]
pub(in crate::kernel::nt) struct Opened {
    files: BTreeMap<u64, Open>,
    nodes: BTreeMap<Key, BTreeSet<u64>>,
    /// Names that go with their last open file: nobody opens them any more. Few.
    doomed: Vec<Rc<Entry>>,
}

/// What distinguishes a file from all others: numbers of its file system and there.
pub(super) type Key = (u32, u64);

pub(super) fn key(node: &Node) -> Key {
    (node.fs.device, node.ino)
}

impl Opened {
    /// Whether a file may be opened so.
    fn check(&self, node: &Node, wish: Sharing) -> Result<(), NtStatus> {
        let shared = matches!(node.file_type(), FileType::Regular | FileType::Directory);
        if !wish.counts() || !shared {
            return Ok(());
        }
        let fits = self
            .of(node)
            .filter(|open| open.sharing.counts())
            .all(|open| wish.fits(open.sharing) && open.sharing.fits(wish));
        match fits {
            true => Ok(()),
            false => Err(NtStatus::SHARING_VIOLATION),
        }
    }

    /// Whether a name may be opened so: it has to be there for as long as somebody wishes.
    pub(super) fn may_open(&self, entry: &Rc<Entry>, wish: Sharing) -> Result<(), NtStatus> {
        match self.is_doomed(entry) || self.is_doomed(&streams::base(entry)) {
            true => Err(NtStatus::DELETE_PENDING),
            false => self.check(&entry.node, wish),
        }
    }

    fn of(&self, node: &Node) -> impl Iterator<Item = &Open> {
        let ids = self.nodes.get(&key(node)).into_iter().flatten();
        ids.filter_map(|id| self.files.get(id))
    }

    /// Whether anybody has a file open, or a stream of it.
    pub(super) fn has(&self, node: &Node) -> bool {
        let own = key(node);
        self.nodes.contains_key(&own) || self.files.values().any(|open| key(&open.base.node) == own)
    }

    /// Whether anything below a directory is open.
    pub(super) fn has_below(&self, directory: &Rc<Entry>) -> bool {
        self.files
            .values()
            .any(|open| !Rc::ptr_eq(&open.base, directory) && open.base.is_within(directory))
    }

    /// It has been opened.
    pub(super) fn insert(&mut self, file: &OpenFile, sharing: Sharing, options: u32) {
        let end = match options & DELETE_ON_CLOSE {
            0 => End::Stays,
            _ => End::Doomed,
        };
        let entry = file.entry.clone();
        let ids = self.nodes.entry(key(&entry.node)).or_default();
        ids.insert(file.id);
        let open = Open {
            base: streams::base(&entry),
            entry,
            sharing,
            end,
            options,
            scanned: 0,
        };
        self.files.insert(file.id, open);
    }

    /// How it was opened: `CreateOptions`.
    pub(super) fn options(&self, file: &OpenFile) -> u32 {
        self.files.get(&file.id).map_or(0, |open| open.options)
    }

    /// How many extended attributes have been told of it.
    pub(super) fn scanned(&self, file: &OpenFile) -> usize {
        self.files.get(&file.id).map_or(0, |open| open.scanned)
    }

    /// So many have been by now.
    pub(super) fn set_scanned(&mut self, file: &OpenFile, count: usize) {
        if let Some(open) = self.files.get_mut(&file.id) {
            open.scanned = count;
        }
    }

    /// Whether its calls wait, and not those who made them.
    pub(super) fn is_synchronous(&self, file: &OpenFile) -> bool {
        self.options(file) & SYNCHRONOUS != 0
    }

    /// It goes another way.
    pub(super) fn set_end(&mut self, file: &OpenFile, end: End) {
        if let Some(open) = self.files.get_mut(&file.id) {
            open.end = end;
        }
    }

    /// Its last handle is closed. Answers which names go now: its own, and that of the file that it is a stream of.
    pub(super) fn remove(&mut self, file: &OpenFile) -> Vec<Rc<Entry>> {
        let Some(open) = self.files.remove(&file.id) else {
            return Vec::new();
        };
        let key = key(&open.entry.node);
        if let Some(ids) = self.nodes.get_mut(&key) {
            ids.remove(&file.id);
            if ids.is_empty() {
                self.nodes.remove(&key);
            }
        }
        match open.end {
            End::Stays => {}
            End::Doomed => self.doom(&open.entry, true),
            End::Goes => {
                self.doom(&open.entry, false);
                return vec![open.entry];
            }
        }
        let mut gone = Vec::new();
        for entry in [&open.entry, &open.base] {
            if self.is_doomed(entry) && !self.is_open(entry) {
                self.doom(entry, false);
                gone.push(entry.clone());
            }
        }
        gone
    }

    /// Whether anybody has a name open, or a stream of what it is of.
    fn is_open(&self, entry: &Rc<Entry>) -> bool {
        let mut files = self.files.values();
        files.any(|open| Rc::ptr_eq(&open.entry, entry) || Rc::ptr_eq(&open.base, entry))
    }

    /// Whether a name goes with its last open file.
    pub(super) fn is_doomed(&self, entry: &Rc<Entry>) -> bool {
        self.doomed.iter().any(|doomed| Rc::ptr_eq(doomed, entry))
    }

    /// Has a name go with its last open file, or not.
    pub(super) fn doom(&mut self, entry: &Rc<Entry>, goes: bool) {
        self.doomed.retain(|doomed| !Rc::ptr_eq(doomed, entry));
        if goes {
            self.doomed.push(entry.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Sharing;

    fn check(first: (u32, u32), second: (u32, u32), fits: bool) {
        let [first, second] = [first, second].map(|(access, share)| Sharing { access, share });
        let both = first.fits(second) && second.fits(first);
        assert_eq!(both, fits, "{first:?} {second:?}");
    }

    #[test]
    fn each_allows_what_the_other_does() {
        // Reading, sharing reading; writing needs both to say so.
        check((1, 1), (1, 1), true);
        check((1, 1), (2, 3), false);
        check((1, 3), (2, 1), true);
        check((1, 3), (2, 2), false);
        // Execution counts as reading, appending as writing.
        check((0x20, 1), (4, 7), false);
        check((0x20, 7), (4, 1), true);
        check((1, 7), (0x1_0000, 3), true);
        check((1, 3), (0x1_0000, 7), false);
    }
}
