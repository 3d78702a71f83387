//! Which files does the guest see?
//!
//! A private tree: nodes in memory, and trees of the host that were named on the command line, mounted into it. It knows
//! no operating system: services translate flags and errors.

mod change;
mod changes;
mod content;
mod device;
mod directory;
mod entry;
mod error;
mod generated;
mod libraries;
pub mod locks;
mod mount;
mod node;
mod object;
mod open;
mod opening;
pub mod pipe;
mod running;
mod save;
mod space;
mod standard;
mod stream;
mod terminal;
#[cfg(test)]
mod tests;
mod walk;
mod watch;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use emu_cpu::Memory;

use crate::kernel::host::Host;
use crate::kernel::tty::Terminals;

pub use change::{Rename, SetAttribute, Special, Time, Times};
pub use changes::{Difference, DifferenceKind};
pub use content::{Content, Seals};
pub use device::Device;
pub use entry::Entry;
pub use error::FsError;
pub use generated::{Generator, Key, Made, MadeKind, Nothing, Target};
pub use mount::{Bind, Mount, Setup};
pub use node::{Attributes, Body, FileType, Meta, Node};
pub use object::FileObject;
pub use open::{Counter, Environment, Handle, Item, OpenFile, OpenFlags, Ready, Whence};
pub use running::Running;
pub use space::{FileSystem, FsKind, Space, Stored};
pub use walk::{FsContext, Last, Limits, NAME_MAX, PATH_MAX, Place, Walker, Who};
pub use watch::{Change, Watch};

/// Bytes that are moved at once.
pub const BUFFER: usize = 0x1_0000;

/// The tree.
pub struct Vfs {
    root: Rc<Entry>,
    host: Rc<dyn Host>,
    shared: space::Shared,
    /// Where pipes and other things without a name belong.
    anonymous: Rc<FileSystem>,
    mounts: RefCell<Vec<Mount>>,
    last_device: Cell<u32>,
    last_file: Cell<u64>,
    last_cookie: Cell<u32>,
    /// What was there at the start.
    baseline: RefCell<changes::Baseline>,
    /// Room for bytes on their way, kept from call to call.
    buffer: RefCell<Vec<u8>>,
    /// The terminal's node, when a standard stream is one.
    terminal: RefCell<Option<Rc<Entry>>>,
    /// Terminals that the guest makes, and the directory in which they are seen.
    terminals: Terminals,
    slaves: RefCell<Option<Rc<Entry>>>,
}

impl Vfs {
    /// The top of the tree.
    pub fn root(&self) -> &Rc<Entry> {
        &self.root
    }

    /// A task's view from the top.
    pub fn context(&self) -> FsContext {
        FsContext {
            root: self.root.clone(),
            cwd: self.root.clone(),
            umask: 0o022,
        }
    }

    /// Guest memory.
    pub fn memory(&self) -> &Memory {
        &self.shared.memory
    }

    /// Room for what the guest stores.
    pub fn space(&self) -> &Rc<Space> {
        &self.shared.space
    }

    /// Terminals that the guest makes.
    pub fn terminals(&self) -> &Terminals {
        &self.terminals
    }

    /// The host.
    pub fn host(&self) -> &Rc<dyn Host> {
        &self.host
    }

    /// Brings what the guest changed through mappings of writable binds to the host. It also happens at the end.
    pub fn write_back(&self) -> Result<(), FsError> {
        self.shared.pool.write_back()
    }

    /// Room for bytes on their way: [`BUFFER`] of them.
    pub fn take_buffer(&self) -> Vec<u8> {
        let mut buffer = self.buffer.take();
        buffer.resize(BUFFER, 0);
        buffer
    }

    /// Gives the room back for the next call.
    pub fn give_buffer(&self, buffer: Vec<u8>) {
        self.buffer.replace(buffer);
    }

    /// A number that joins the two halves of a move.
    fn next_cookie(&self) -> u32 {
        self.last_cookie
            .set(self.last_cookie.get().wrapping_add(1).max(1));
        self.last_cookie.get()
    }

    /// A number that no other open file has.
    fn next_file(&self) -> u64 {
        self.last_file.set(self.last_file.get() + 1);
        self.last_file.get()
    }
}

impl Drop for Vfs {
    fn drop(&mut self) {
        // The run is over; there is nobody left to tell.
        let _ = self.write_back();
    }
}
