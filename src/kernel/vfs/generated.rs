//! Names and contents that are made when somebody asks: `/proc` and the like.
//!
//! The tree knows *that* there is such a directory; what is in it the OS's side tells, through [`Generator`], from the
//! view of the task that asks.

use std::rc::Rc;

use super::entry::Entry;
use super::error::FsError;

/// A thing of a generator: whatever number it likes, but 0. The top directory of each generated file system is [`Key::PROC`] or another of the constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(pub u64);

impl Key {
    /// The top of `/proc`.
    pub const PROC: Key = Key(1);
    /// The top of `/sys`.
    pub const SYSTEM: Key = Key(2);

    /// The inode number: the key itself when it is small, and else one of 32 bits, as programs of 32 bits want it.
    pub fn inode(self) -> u64 {
        match u32::try_from(self.0) {
            Ok(small) if small < 1 << 20 => self.0,
            // The odd factor spreads the bits; what is left out is the lower half, where products repeat.
            _ => 1 << 31 | self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33,
        }
    }
}

/// What a generated name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MadeKind {
    /// A directory: [`Generator::lookup`] and [`Generator::list`] know it.
    Directory,
    /// A file: [`Generator::content`] knows it.
    File,
    /// A symbolic link: [`Generator::link`] knows it.
    Link,
}

/// A generated thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    /// Which one.
    pub key: Key,
    /// What it is.
    pub kind: MadeKind,
    /// Permission bits.
    pub mode: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
}

impl Made {
    /// A directory that everybody may look at, of root.
    pub fn directory(key: Key) -> Made {
        Made {
            key,
            kind: MadeKind::Directory,
            mode: 0o555,
            uid: 0,
            gid: 0,
        }
    }

    /// A file that everybody may read, of root.
    pub fn file(key: Key) -> Made {
        Made {
            key,
            kind: MadeKind::File,
            mode: 0o444,
            uid: 0,
            gid: 0,
        }
    }

    /// A link, of root.
    pub fn link(key: Key) -> Made {
        Made {
            key,
            kind: MadeKind::Link,
            mode: 0o777,
            uid: 0,
            gid: 0,
        }
    }
}

/// Where a generated link leads.
pub enum Target {
    /// To what this text names, as any symbolic link does.
    Text(Vec<u8>),
    /// To this very thing, whatever its name is by now (`/proc/self/exe`, `/proc/self/fd/0`). Reading the link gives
    /// [`Entry::path`] of it.
    Entry(Rc<Entry>),
}

/// Makes `/proc`. One is put together for each call, with the view of the task that makes the call.
pub trait Generator {
    /// What `name` is in a directory, when it is there.
    fn lookup(&self, directory: Key, name: &[u8]) -> Result<Option<Made>, FsError>;
    /// All names of a directory, in the order in which a reader gets them.
    fn list(&self, directory: Key) -> Result<Vec<(Vec<u8>, Made)>, FsError>;
    /// The bytes of a file. Made once, when it is opened.
    fn content(&self, file: Key) -> Result<Vec<u8>, FsError>;
    /// Where a link leads.
    fn link(&self, link: Key) -> Result<Target, FsError>;
    /// The number of the terminal that `/dev/tty` is to who asks.
    fn terminal(&self) -> Option<u32> {
        None
    }
}

/// Generates nothing: for walks without a task, such as the loader's first.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nothing;

impl Generator for Nothing {
    fn lookup(&self, _: Key, _: &[u8]) -> Result<Option<Made>, FsError> {
        Ok(None)
    }

    fn list(&self, _: Key) -> Result<Vec<(Vec<u8>, Made)>, FsError> {
        Ok(Vec::new())
    }

    fn content(&self, _: Key) -> Result<Vec<u8>, FsError> {
        Err(FsError::NotFound)
    }

    fn link(&self, _: Key) -> Result<Target, FsError> {
        Err(FsError::NotFound)
    }
}
