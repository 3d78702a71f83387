//! The guest as sinks see it at the time of an event. They read and change nothing.

use std::rc::Rc;

use emu_cpu::{AddressSpace, GuestMemory};
use emu_prototypes::linux;

/// What a sink may look at.
pub struct View<'a> {
    /// The task's memory, and what is known of numbers in it.
    pub guest: &'a mut dyn Guest,
    /// Constants and structures of the ABI the call came by.
    pub abi: &'static linux::Abi,
    /// When it is.
    pub now: Now,
}

/// When an event happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Now {
    /// Nanoseconds of guest time since the start of the run.
    pub time: u64,
    /// What the guest's clock said at the start of the run: nanoseconds since 1970-01-01 00:00:00 UTC.
    pub epoch: u64,
    /// Guest instructions run so far, when they are counted.
    pub instructions: Option<u64>,
}

/// The guest's memory, and what the kernel knows of numbers in it. Whoever keeps events for later keeps what was asked.
pub trait Guest: GuestMemory {
    /// What a descriptor of the task is open on: a path, `socket:[3]`, `pipe:[4]`.
    fn descriptor(&mut self, _fd: i32) -> Option<Vec<u8>> {
        None
    }

    /// What a handle of the task's process stands for, on Windows: its kind, and its name if it has one.
    fn handle(&mut self, _handle: u64) -> Option<Vec<u8>> {
        None
    }

    /// What a descriptor of the task is open on, in more detail than its path.
    fn opened(&mut self, _fd: i32) -> Option<Opened> {
        None
    }

    /// The task's working directory.
    fn directory(&mut self) -> Option<Vec<u8>> {
        None
    }

    /// Which file is mapped at an address.
    fn place(&mut self, _address: u64) -> Option<Place> {
        None
    }

    /// Who called whom, the innermost first; empty when that is not known.
    fn stack(&mut self) -> Vec<Frame> {
        Vec::new()
    }
}

/// What a descriptor is open on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// Nothing of which more is known than a path.
    Other,
    /// A device of characters.
    Character {
        /// Its driver.
        major: u32,
        /// Its number.
        minor: u32,
    },
    /// A device of blocks.
    Block {
        /// Its driver.
        major: u32,
        /// Its number.
        minor: u32,
    },
    /// A process: its number.
    Process(i32),
    /// A socket.
    Socket(SocketAbout),
}

/// What a socket is, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SocketAbout {
    /// The kernel's name of its protocol: `TCP`, `UNIX-STREAM`.
    pub protocol: String,
    /// The number of its protocol.
    pub number: u32,
    /// The number of its file.
    pub inode: u64,
    /// Where it is: an address and a port, or a port of netlink's.
    pub local: Option<String>,
    /// Where the other side is; of a socket of this machine, the number of its file.
    pub remote: Option<String>,
    /// Its name on this machine; behind a NUL when that is not in the file tree.
    pub name: Vec<u8>,
}

/// Memory alone.
impl Guest for AddressSpace {}

/// An address in a file that is mapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's path, or the name of what is no file: `[vdso]`.
    pub module: Rc<[u8]>,
    /// The address relative to where the file's address 0 is.
    pub offset: u64,
    /// The place of its byte in the file, which strace tells; in an image of Windows relative to where that is.
    pub in_file: u64,
}

/// A function that was called and has not returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Where it goes on; of the innermost, where it is.
    pub address: u64,
    /// Where that is in a file.
    pub place: Option<Place>,
    /// The function and the offset in it.
    pub function: Option<(String, u64)>,
    /// Source file and line.
    pub line: Option<(String, u32)>,
    /// Whether it is certain, or only likely.
    pub certain: bool,
}
