//! What comes from the host?
//!
//! Everything does so through [`Host`]: the trees and files that were named on the command line, the standard streams,
//! the network where it was asked for, the wall clock and entropy. Nothing else in the kernel touches the host, so a run without it is deterministic and a
//! run with it can be recorded.

mod clock;
mod image;
mod line;
mod memory;
mod real;
mod store;
mod terminal;
mod tree;

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

pub use clock::HostClock;
pub use line::Line;
pub use memory::MemoryHost;
pub use real::RealHost;
pub use store::Store;
pub use terminal::{Control, Flags, Terminal, Window};

/// The world outside.
pub trait Host {
    /// The tree of a directory, or of a single file, that was named on the command line. Symlinks in `path` itself are
    /// the user's own and are followed; whatever is reached through the tree later stays beneath it.
    fn tree(&self, path: &Path) -> io::Result<Rc<dyn Tree>>;

    /// Reads from a standard stream and waits for input; 0 at its end. [`io::ErrorKind::Interrupted`] when the run was
    /// stopped meanwhile.
    fn read(&self, stream: Stream, buf: &mut [u8]) -> io::Result<usize>;
    /// Writes to a standard stream. All of it is on its way when this returns.
    fn write(&self, stream: Stream, bytes: &[u8]) -> io::Result<usize>;
    /// Whether a read would return at once. Waits for that at most `timeout`; `None` waits as long as it takes.
    fn readable(&self, stream: Stream, timeout: Option<Duration>) -> bool;
    /// How many bytes a read would give at once, as far as it can be told.
    fn available(&self, stream: Stream) -> u64;
    /// Whether a stream is a terminal.
    fn is_terminal(&self, stream: Stream) -> bool;
    /// The size of a terminal; `None` when the stream is none.
    fn window(&self, stream: Stream) -> Option<Window>;
    /// A terminal's settings; `None` when the stream is none.
    fn terminal(&self, stream: Stream) -> Option<Terminal>;
    /// Changes a terminal's settings. They are put back when the host is dropped.
    fn set_terminal(&self, stream: Stream, settings: &Terminal, when: When) -> io::Result<()>;
    /// Throws away what a terminal has received, or has not sent yet.
    fn flush_terminal(&self, stream: Stream, input: bool, output: bool) -> io::Result<()>;

    /// A new directory, or an empty one, for what shall be kept of a run.
    fn store(&self, path: &Path) -> io::Result<Rc<dyn Store>> {
        let _ = path;
        Err(io::ErrorKind::Unsupported.into())
    }
    /// A new directory, or an empty one, as a tree to be filled.
    fn new_tree(&self, path: &Path) -> io::Result<Rc<dyn Tree>> {
        let _ = path;
        Err(io::ErrorKind::Unsupported.into())
    }
    /// Begins a connection over the host's network.
    fn connect(&self, to: SocketAddr) -> io::Result<Rc<dyn Line>> {
        let _ = to;
        Err(io::ErrorKind::NetworkUnreachable.into())
    }
    /// A socket for messages over the host's network.
    fn messages(&self, six: bool) -> io::Result<Rc<dyn Line>> {
        let _ = six;
        Err(io::ErrorKind::NetworkUnreachable.into())
    }
    /// Waits at most `timeout` for something that a line would not do the last time it was asked, and tells whether it
    /// would now.
    fn news(&self, timeout: Duration) -> bool {
        let _ = timeout;
        false
    }

    /// Nanoseconds since 1970-01-01 00:00:00 UTC.
    fn wall(&self) -> u64;
    /// Nanoseconds since some fixed point; never goes back.
    fn monotonic(&self) -> u64;
    /// Waits.
    fn sleep(&self, time: Duration);
    /// Random bytes, for a run without a seed.
    fn entropy(&self, buf: &mut [u8]) -> io::Result<()>;
}

/// A standard stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stream {
    /// Standard input.
    Input,
    /// Standard output.
    Output,
    /// Standard error.
    Error,
}

impl Stream {
    /// All of them, in the order of their descriptors.
    pub const ALL: [Stream; 3] = [Stream::Input, Stream::Output, Stream::Error];
}

/// When a change of terminal settings happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// At once.
    Now,
    /// When all output has been sent.
    Drain,
    /// The same, and pending input is thrown away.
    Flush,
}

/// What something in a tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A pipe with a name. It is never opened.
    Fifo,
    /// A socket. It is never opened.
    Socket,
    /// A character device. It is never opened.
    CharDevice,
    /// A block device. It is never opened.
    BlockDevice,
}

/// What is known of something in a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// What it is.
    pub kind: Kind,
    /// Permission bits, 07777.
    pub mode: u16,
    /// Number of names.
    pub links: u32,
    /// Size in bytes.
    pub size: u64,
    /// Time of the last change, in nanoseconds since 1970-01-01 00:00:00 UTC.
    pub modified: i64,
    /// Device and inode on the host: tells files apart, and is never shown to a guest.
    pub identity: (u64, u64),
}

/// A time to set: `None` leaves it as it is.
pub type Times = (Option<i64>, Option<i64>);

/// A directory of the host with all that is beneath it, or a single file. Paths are relative, without a slash at either
/// end; the empty path is the top. No symbolic link is ever followed, and nothing outside can be reached, whatever
/// happens on the host meanwhile.
pub trait Tree {
    /// What is there.
    fn stat(&self, path: &[u8]) -> io::Result<Stat>;
    /// The names in a directory, `.` and `..` excepted, sorted.
    fn list(&self, path: &[u8]) -> io::Result<Vec<Vec<u8>>>;
    /// The text of a symbolic link.
    fn readlink(&self, path: &[u8]) -> io::Result<Vec<u8>>;
    /// Opens a regular file, and nothing else.
    fn open(&self, path: &[u8], write: bool) -> io::Result<Rc<dyn HostFile>>;

    /// Creates a regular file that does not exist.
    fn create(&self, path: &[u8], mode: u16) -> io::Result<()>;
    /// Creates a directory.
    fn mkdir(&self, path: &[u8], mode: u16) -> io::Result<()>;
    /// Creates a symbolic link.
    fn symlink(&self, target: &[u8], path: &[u8]) -> io::Result<()>;
    /// Gives a file another name.
    fn link(&self, old: &[u8], new: &[u8]) -> io::Result<()>;
    /// Removes a name of something that is no directory.
    fn unlink(&self, path: &[u8]) -> io::Result<()>;
    /// Removes an empty directory.
    fn rmdir(&self, path: &[u8]) -> io::Result<()>;
    /// Moves, replacing what is at `new`; with `exchange` the two change places.
    fn rename(&self, old: &[u8], new: &[u8], exchange: bool) -> io::Result<()>;
    /// Changes permission bits. Not of symbolic links.
    fn chmod(&self, path: &[u8], mode: u16) -> io::Result<()>;
    /// Changes the times of the last access and of the last change.
    fn set_times(&self, path: &[u8], times: Times) -> io::Result<()>;
}

/// A regular file of the host.
pub trait HostFile {
    /// What is known of it.
    fn stat(&self) -> io::Result<Stat>;
    /// Reads at an offset; 0 at the end.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;
    /// Writes at an offset.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<usize>;
    /// Sets the length.
    fn set_len(&self, len: u64) -> io::Result<()>;
    /// Changes permission bits.
    fn chmod(&self, mode: u16) -> io::Result<()>;
    /// Changes the times of the last access and of the last change.
    fn set_times(&self, times: Times) -> io::Result<()>;
    /// Waits until it is on the disk.
    fn sync(&self) -> io::Result<()>;
}
