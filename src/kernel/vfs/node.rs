//! What is a file, whatever its names are?

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::content::Content;
use super::device::Device;
use super::directory::Directory;
use super::entry::Entry;
use super::error::FsError;
use super::generated::{Key, Made, MadeKind};
use super::locks::Locks;
use super::pipe::Pipe;
use super::space::{FileSystem, NodeCharge};
use super::watch::Watch;
use crate::kernel::host::{self, Stream};

/// A file of any kind.
pub struct Node {
    /// The file system it belongs to.
    pub fs: Rc<FileSystem>,
    /// Its number there.
    pub ino: u64,
    /// What it is, with what belongs to that kind.
    pub body: Body,
    meta: Cell<Meta>,
    /// Extended attributes.
    pub(super) attributes: RefCell<BTreeMap<Vec<u8>, Vec<u8>>>,
    /// Contents besides its own, which have names.
    pub(super) streams: RefCell<Vec<Rc<Entry>>>,
    /// Locks on its bytes and on the whole.
    pub locks: RefCell<Locks>,
    /// Whether it may get its first name although it has none (`O_TMPFILE`).
    pub(super) unnamed: Cell<bool>,
    /// Open files that can write to it; below 0 how many processes run it.
    pub(super) writers: Cell<i32>,
    /// Who wants to know what happens to it.
    pub(super) watches: RefCell<Vec<Rc<dyn Watch>>>,
    /// For a node that the guest made.
    _charge: Option<NodeCharge>,
}

/// What a node is.
pub enum Body {
    /// A regular file.
    File(Content),
    /// A directory.
    Directory(Directory),
    /// A symbolic link and its text.
    Symlink(Rc<[u8]>),
    /// A character device.
    Device(Device),
    /// A block device: there is nothing behind it.
    BlockDevice {
        /// Major number.
        major: u32,
        /// Minor number.
        minor: u32,
    },
    /// A pipe, with a name or without.
    Pipe(Rc<Pipe>),
    /// A standard stream that is no terminal.
    Stream(Stream),
    /// A socket's name.
    Socket,
    /// A FIFO, socket or device of the host: it is seen and never opened.
    Foreign(FileType),
    /// Made when asked for.
    Made(Made),
    /// A counter or the like, without a name; who made it knows more.
    Anonymous,
}

/// The type of a file, as `stat` tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileType {
    /// A regular file.
    Regular,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A character device.
    CharDevice,
    /// A block device.
    BlockDevice,
    /// A pipe.
    Fifo,
    /// A socket.
    Socket,
    /// None of these (an event counter).
    Unknown,
}

impl From<host::Kind> for FileType {
    fn from(kind: host::Kind) -> FileType {
        match kind {
            host::Kind::File => FileType::Regular,
            host::Kind::Directory => FileType::Directory,
            host::Kind::Symlink => FileType::Symlink,
            host::Kind::Fifo => FileType::Fifo,
            host::Kind::Socket => FileType::Socket,
            host::Kind::CharDevice => FileType::CharDevice,
            host::Kind::BlockDevice => FileType::BlockDevice,
        }
    }
}

/// What can be changed about a node besides its content. Times are nanoseconds since 1970-01-01 00:00:00 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meta {
    /// Permission bits, 07777.
    pub mode: u16,
    /// Owner.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Number of names.
    pub links: u32,
    /// Last access.
    pub accessed: i64,
    /// Last change of the content.
    pub modified: i64,
    /// Last change of anything.
    pub changed: i64,
    /// When it came to be.
    pub born: i64,
}

impl Meta {
    /// A new node of somebody's.
    pub(super) fn new(mode: u16, uid: u32, gid: u32, now: i64) -> Meta {
        let mode = mode & 0o7777;
        Meta {
            mode,
            uid,
            gid,
            links: 1,
            accessed: now,
            modified: now,
            changed: now,
            born: now,
        }
    }

    /// What comes from the host belongs to root, and all its times are that of its last change: the others depend on
    /// who looked at it.
    pub(super) fn of_host(stat: &host::Stat) -> Meta {
        Meta {
            links: stat.links,
            ..Meta::new(stat.mode, 0, 0, stat.modified)
        }
    }
}

/// All that `stat` tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attributes {
    /// Number of the file system.
    pub device: (u32, u32),
    /// Number in the file system.
    pub ino: u64,
    /// What it is.
    pub file_type: FileType,
    /// Device that it stands for: major and minor number.
    pub rdev: (u32, u32),
    /// Size in bytes.
    pub size: u64,
    /// Bytes that are stored.
    pub allocated: u64,
    /// Everything else.
    pub meta: Meta,
}

impl Node {
    /// A node that the guest made: it is charged to the file system's account.
    pub(super) fn charged(
        fs: &Rc<FileSystem>,
        body: Body,
        meta: Meta,
    ) -> Result<Rc<Node>, FsError> {
        let charge = NodeCharge::take(&fs.space)?;
        if let Body::Symlink(text) = &body {
            fs.space.take(text.len() as u64)?;
        }
        let ino = fs.next_inode();
        Ok(Rc::new(Node::make(fs, ino, body, meta, Some(charge))))
    }

    /// A node that was there before.
    pub(super) fn found(fs: &Rc<FileSystem>, body: Body, meta: Meta) -> Rc<Node> {
        let ino = fs.next_inode();
        Rc::new(Node::make(fs, ino, body, meta, None))
    }

    /// A node that is made when asked for.
    pub(super) fn made(fs: &Rc<FileSystem>, made: Made) -> Rc<Node> {
        let meta = Meta::new(made.mode, made.uid, made.gid, fs.born);
        Rc::new(Node::make(
            fs,
            made.key.inode(),
            Body::Made(made),
            meta,
            None,
        ))
    }

    /// What a generated node stands for.
    pub fn key(&self) -> Option<Key> {
        match &self.body {
            Body::Made(made) => Some(made.key),
            _ => None,
        }
    }

    fn make(
        fs: &Rc<FileSystem>,
        ino: u64,
        body: Body,
        mut meta: Meta,
        charge: Option<NodeCharge>,
    ) -> Node {
        if charge.is_some() && matches!(body, Body::Directory(_)) {
            meta.links = 2;
        }
        Node {
            fs: fs.clone(),
            ino,
            body,
            meta: Cell::new(meta),
            attributes: RefCell::default(),
            streams: RefCell::default(),
            locks: RefCell::default(),
            unnamed: Cell::new(false),
            writers: Cell::new(0),
            watches: RefCell::default(),
            _charge: charge,
        }
    }

    /// Whether it stands for something that the host has, or had.
    pub(super) fn is_of_host(&self) -> bool {
        match &self.body {
            Body::File(content) => content.origin().is_some(),
            Body::Directory(known) => known.origin().is_some(),
            Body::Foreign(_) => true,
            _ => false,
        }
    }

    /// Whether the guest made it.
    pub(super) fn charges(&self) -> bool {
        self._charge.is_some()
    }

    /// What can be changed about it.
    pub fn meta(&self) -> Meta {
        self.meta.get()
    }

    /// Changes it.
    pub(super) fn change(&self, change: impl FnOnce(&mut Meta)) {
        let mut meta = self.meta.get();
        change(&mut meta);
        self.meta.set(meta);
    }

    /// Notes that the content changed.
    pub(super) fn touch(&self, now: i64) {
        self.change(|meta| {
            meta.modified = now;
            meta.changed = now;
        });
    }

    /// What it is.
    pub fn file_type(&self) -> FileType {
        match &self.body {
            Body::File(_) => FileType::Regular,
            Body::Directory(_) => FileType::Directory,
            Body::Symlink(_) => FileType::Symlink,
            Body::Device(_) => FileType::CharDevice,
            Body::BlockDevice { .. } => FileType::BlockDevice,
            Body::Pipe(_) | Body::Stream(_) => FileType::Fifo,
            Body::Socket => FileType::Socket,
            Body::Foreign(file_type) => *file_type,
            Body::Made(made) => match made.kind {
                MadeKind::Directory => FileType::Directory,
                MadeKind::File => FileType::Regular,
                MadeKind::Link => FileType::Symlink,
            },
            Body::Anonymous => FileType::Unknown,
        }
    }

    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.file_type() == FileType::Directory
    }

    /// Whether it is a symbolic link.
    pub fn is_symlink(&self) -> bool {
        self.file_type() == FileType::Symlink
    }

    /// Its content, when it is a regular file that is not generated.
    pub fn content(&self) -> Option<&Content> {
        match &self.body {
            Body::File(content) => Some(content),
            _ => None,
        }
    }

    /// The directory that it is, when it is one that is not generated.
    pub(super) fn directory(&self) -> Option<&Directory> {
        match &self.body {
            Body::Directory(directory) => Some(directory),
            _ => None,
        }
    }

    /// All that `stat` tells, from what is known here. Files of a live file system ask the host first.
    pub fn attributes(&self) -> Attributes {
        let (size, allocated) = match &self.body {
            Body::File(content) => (content.len(), content.allocated()),
            // What tmpfs and ext4 say differs; a block is common, and does not depend on the host.
            Body::Directory(_) => (4096, 4096),
            Body::Symlink(text) => (text.len() as u64, 0),
            _ => (0, 0),
        };
        let rdev = match &self.body {
            Body::Device(device) => device.number(),
            Body::BlockDevice { major, minor } => (*major, *minor),
            _ => (0, 0),
        };
        let mut meta = self.meta();
        if let Body::Made(Made {
            kind: MadeKind::Directory,
            ..
        }) = self.body
        {
            meta.links = 2;
        }
        Attributes {
            device: (0, self.fs.device),
            ino: self.ino,
            file_type: self.file_type(),
            rdev,
            size,
            allocated,
            meta,
        }
    }

    /// Whether two are the same file.
    pub fn is(&self, other: &Node) -> bool {
        self.ino == other.ino && Rc::ptr_eq(&self.fs, &other.fs)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.tell_gone();
        let attributes = self.attributes.get_mut();
        let mut bytes: usize = attributes
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        if let (Body::Symlink(text), Some(_)) = (&self.body, &self._charge) {
            bytes += text.len();
        }
        if bytes != 0 {
            self.fs.space.give(bytes as u64);
        }
    }
}
