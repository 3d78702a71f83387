//! A file system: its number, where it comes from, and how much room it has.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::{Rc, Weak};

use emu_cpu::Memory;

use super::error::FsError;
use super::node::Node;
use crate::kernel::host::{HostFile, Tree};

/// What kind of file system it is, as `statfs` and `/proc/mounts` tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FsKind {
    /// A tree of the host with changes kept in memory.
    Overlay,
    /// In memory only.
    Memory,
    /// A tree of the host whose changes go to the host.
    Live,
    /// Devices.
    Devices,
    /// `/proc`.
    Processes,
    /// `/sys`.
    System,
    /// Terminals (`/dev/pts`).
    Terminals,
    /// Pipes and what else has no name.
    Anonymous,
}

/// A file system.
pub struct FileSystem {
    /// Its device number (the minor one; the major is 0).
    pub device: u32,
    /// What kind it is.
    pub kind: FsKind,
    /// When it came to be, in nanoseconds since 1970-01-01 00:00:00 UTC.
    pub born: i64,
    /// The tree of the host behind it.
    pub(super) host: Option<Rc<dyn Tree>>,
    /// Guest memory, for the pages of its files.
    pub(super) memory: Memory,
    /// Room for what the guest writes.
    pub space: Rc<Space>,
    /// Host files that are open.
    pub(super) pool: Rc<Pool>,
    /// Nodes of the host's files that have several names.
    pub(super) linked: RefCell<BTreeMap<(u64, u64), Weak<Node>>>,
    last_inode: Cell<u64>,
}

impl FileSystem {
    pub(super) fn new(
        device: u32,
        kind: FsKind,
        host: Option<Rc<dyn Tree>>,
        shared: &Shared,
    ) -> Rc<FileSystem> {
        Rc::new(FileSystem {
            device,
            kind,
            born: shared.born,
            host,
            memory: shared.memory.clone(),
            space: shared.space.clone(),
            pool: shared.pool.clone(),
            linked: RefCell::default(),
            last_inode: Cell::new(1),
        })
    }

    /// Whether changes go to the host.
    pub fn is_live(&self) -> bool {
        self.kind == FsKind::Live
    }

    pub(super) fn next_inode(&self) -> u64 {
        self.last_inode.set(self.last_inode.get() + 1);
        self.last_inode.get()
    }
}

/// What all file systems of a tree have in common.
pub(super) struct Shared {
    pub(super) memory: Memory,
    pub(super) space: Rc<Space>,
    pub(super) pool: Rc<Pool>,
    pub(super) born: i64,
}

/// How much the guest may store, in bytes and in nodes.
#[derive(Debug)]
pub struct Space {
    /// Bytes in use.
    used: Cell<u64>,
    /// Bytes at most.
    pub limit: u64,
    nodes: Cell<u64>,
    /// Nodes at most.
    pub node_limit: u64,
    files: Cell<u64>,
    /// Open files at most.
    pub file_limit: u64,
    /// Bytes that may still go to the standard streams of the host.
    output: Cell<u64>,
    spilled: Cell<bool>,
}

impl Space {
    /// `files` and `output` are how many files may be open and how many bytes may go out; `None` is without a limit.
    pub(super) fn new(
        limit: u64,
        node_limit: u64,
        files: Option<u64>,
        output: Option<u64>,
    ) -> Rc<Space> {
        Rc::new(Space {
            used: Cell::new(0),
            limit,
            nodes: Cell::new(0),
            node_limit,
            files: Cell::new(0),
            file_limit: files.unwrap_or(u64::MAX),
            output: Cell::new(output.unwrap_or(u64::MAX)),
            spilled: Cell::new(false),
        })
    }

    /// Open files.
    pub fn files(&self) -> u64 {
        self.files.get()
    }

    /// Whether one more file may be open.
    pub(super) fn room_for_file(&self) -> Result<(), FsError> {
        match self.files.get() < self.file_limit {
            true => Ok(()),
            false => Err(FsError::TooManyFiles),
        }
    }

    pub(super) fn file_opens(&self) {
        self.files.set(self.files.get() + 1);
    }

    pub(super) fn file_closes(&self) {
        self.files.set(self.files.get().saturating_sub(1));
    }

    /// What may go out of these bytes. When it is not all of them, the guest has had its share.
    pub(super) fn let_out<'a>(&self, bytes: &'a [u8]) -> &'a [u8] {
        let left = self.output.get();
        let count = (bytes.len() as u64).min(left);
        self.output.set(left - count);
        if count < bytes.len() as u64 {
            self.spilled.set(true);
        }
        &bytes[..count as usize]
    }

    /// Whether the guest has tried to put out more than it may.
    pub fn has_spilled(&self) -> bool {
        self.spilled.get()
    }

    /// Bytes in use.
    pub fn used(&self) -> u64 {
        self.used.get()
    }

    /// Nodes in use.
    pub fn nodes(&self) -> u64 {
        self.nodes.get()
    }

    /// Bytes left.
    pub fn free(&self) -> u64 {
        self.limit.saturating_sub(self.used.get())
    }

    pub(super) fn take(&self, bytes: u64) -> Result<(), FsError> {
        if bytes > self.free() {
            return Err(FsError::NoSpace);
        }
        self.used.set(self.used.get() + bytes);
        Ok(())
    }

    /// Takes without regard to the limit, for what is there already.
    pub(super) fn owe(&self, bytes: u64) {
        self.used.set(self.used.get().saturating_add(bytes));
    }

    pub(super) fn give(&self, bytes: u64) {
        self.used.set(self.used.get().saturating_sub(bytes));
    }
}

/// One of the nodes, or further names of nodes, that the guest may make.
pub(super) struct NodeCharge(Rc<Space>);

impl NodeCharge {
    pub(super) fn take(space: &Rc<Space>) -> Result<NodeCharge, FsError> {
        if space.nodes.get() >= space.node_limit {
            return Err(FsError::NoSpace);
        }
        space.nodes.set(space.nodes.get() + 1);
        Ok(NodeCharge(space.clone()))
    }
}

impl Drop for NodeCharge {
    fn drop(&mut self) {
        self.0.nodes.set(self.0.nodes.get().saturating_sub(1));
    }
}

/// A host file that the guest may change through mappings, and its node.
type Changing = (Rc<Node>, Rc<dyn HostFile>);

/// Host files that are kept open.
#[derive(Default)]
pub(super) struct Pool {
    /// Those read last: the host has few descriptors, a guest may know many files.
    read: RefCell<VecDeque<Rc<dyn HostFile>>>,
    /// Those that the guest may change through mappings, each with its node.
    shared: RefCell<Vec<Changing>>,
}

impl Pool {
    const MOST: usize = 128;

    pub(super) fn keep(&self, file: &Rc<dyn HostFile>) {
        let mut files = self.read.borrow_mut();
        if files.len() >= Pool::MOST {
            files.pop_front();
        }
        files.push_back(file.clone());
    }

    /// Notes that the guest may change a file of the host through a mapping.
    pub(super) fn share(&self, node: &Rc<Node>, file: &Rc<dyn HostFile>) {
        let mut shared = self.shared.borrow_mut();
        if !shared.iter().any(|(known, _)| Rc::ptr_eq(known, node)) {
            shared.push((node.clone(), file.clone()));
        }
    }

    /// Writes what the guest changed through mappings to the host.
    pub(super) fn write_back(&self) -> Result<(), FsError> {
        let mut result = Ok(());
        for (node, file) in self.shared.borrow().iter() {
            if let Some(content) = node.content() {
                result = result.and(content.write_back(file.as_ref()));
            }
        }
        result
    }
}

/// Bytes that something outside the tree stores for the guest, given back when it is dropped.
#[derive(Debug)]
pub struct Stored {
    space: Rc<Space>,
    bytes: u64,
}

impl Stored {
    /// Takes room for some bytes.
    pub fn take(space: &Rc<Space>, bytes: u64) -> Result<Stored, FsError> {
        space.take(bytes)?;
        Ok(Stored {
            space: space.clone(),
            bytes,
        })
    }
}

impl Drop for Stored {
    fn drop(&mut self) {
        self.space.give(self.bytes);
    }
}
