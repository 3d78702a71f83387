//! Which terminal is behind a device?

use std::rc::Rc;

use super::Vfs;
use super::device::Device;
use super::directory;
use super::entry::Entry;
use super::error::FsError;
use super::node::{Body, Meta, Node};
use super::open::{Handle, OpenFile, OpenFlags};
use super::walk::Walker;
use crate::kernel::tty::{Master, Pair};

/// The group that terminals belong to, as Debian numbers it.
const GROUP: u32 = 5;

impl Walker<'_> {
    /// Opens a terminal by its device.
    pub(super) fn open_terminal(&self, device: Device) -> Result<Handle, FsError> {
        match device {
            Device::Tty => {
                let number = self.generator.terminal().ok_or(FsError::NoDevice)?;
                self.vfs.open_numbered(number)
            }
            Device::Console => self.vfs.host_terminal().ok_or(FsError::NoSuchDevice),
            Device::Terminal(_) => self.vfs.host_terminal().ok_or(FsError::Io),
            Device::Ptmx => self.make_terminal(),
            Device::Slave(number) => {
                let pair = self.vfs.terminals.get(number).ok_or(FsError::Io)?;
                Ok(Handle::Object(pair.open_slave(false)?))
            }
            _ => Err(FsError::NoDevice),
        }
    }

    fn make_terminal(&self) -> Result<Handle, FsError> {
        let directory = self.vfs.slaves.borrow().clone();
        let directory = directory.ok_or(FsError::NoDevice)?;
        // The host's terminal is the first when there is one.
        let first = u32::from(self.vfs.terminal.borrow().is_some());
        let pair = self.vfs.terminals.make(first)?;
        let body = Body::Device(Device::Slave(pair.number));
        let meta = Meta::new(0o620, self.who.uid, GROUP, self.now);
        let name = pair.number.to_string().into_bytes();
        let node = Node::charged(&directory.node.fs, body, meta)?;
        let entry = Entry::within(&directory, &name, node);
        directory::insert(&directory, &entry);
        let master = Master::new(&pair, move || {
            directory::remove(&directory, &name);
            entry.remove();
        });
        Ok(Handle::Object(Rc::new(master)))
    }
}

impl Vfs {
    /// Whether a standard stream is a terminal.
    pub fn has_host_terminal(&self) -> bool {
        self.terminal.borrow().is_some()
    }

    fn host_terminal(&self) -> Option<Handle> {
        let (input, output) = self.terminal_streams()?;
        Some(Handle::Terminal(input, output))
    }

    /// Opens the terminal of a number: the host's is the first when there is one.
    fn open_numbered(&self, number: u32) -> Result<Handle, FsError> {
        if number == 0 && self.terminal.borrow().is_some() {
            return self.host_terminal().ok_or(FsError::Io);
        }
        let pair = self.terminals.get(number).ok_or(FsError::Io)?;
        Ok(Handle::Object(pair.open_slave(true)?))
    }

    /// Opens the slave of a pair for its master, whatever its path is (`TIOCGPTPEER`).
    pub fn open_peer(&self, pair: &Rc<Pair>, flags: OpenFlags) -> Result<Rc<OpenFile>, FsError> {
        let directory = self.slaves.borrow().clone().ok_or(FsError::Io)?;
        let name = pair.number.to_string().into_bytes();
        let entry = directory::lookup(&directory, &name, &super::generated::Nothing)?;
        let entry = entry.ok_or(FsError::Io)?;
        let slave = pair.open_slave(true)?;
        Ok(self.opened(&entry, Handle::Object(slave), flags))
    }
}
