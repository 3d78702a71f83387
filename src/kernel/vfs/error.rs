//! Why does an operation on the tree fail? In the file system's own words; each OS translates them.

use std::io;

use emu_cpu::memory::ObjectError;

use crate::kernel::net::NetError;

/// Why an operation on the tree failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FsError {
    /// There is no such name.
    NotFound,
    /// Something on the way is no directory.
    NotDirectory,
    /// It is a directory.
    IsDirectory,
    /// The name is taken.
    Exists,
    /// The directory is not empty.
    NotEmpty,
    /// Too many symbolic links on the way, or one where none is wanted.
    Loop,
    /// A name or a path is too long.
    NameTooLong,
    /// The permission bits deny it.
    Access,
    /// It can't be done, or not by this user.
    NotPermitted,
    /// The file system is read-only.
    ReadOnly,
    /// The two places are on different file systems.
    CrossDevice,
    /// The disk is full.
    NoSpace,
    /// As many files are open as may be.
    TooManyFiles,
    /// Something depends on it.
    Busy,
    /// A program that runs can't be written to, and one that is written to can't be run.
    TextBusy,
    /// It makes no sense.
    Invalid,
    /// There is no device behind the node, or it can't be used.
    NoDevice,
    /// This kind of file can't do that.
    NoSuchDevice,
    /// The host failed.
    Io,
    /// A file has too many names.
    TooManyLinks,
    /// The file is not open for that.
    BadDescriptor,
    /// It has no positions.
    IllegalSeek,
    /// It would have to wait.
    WouldBlock,
    /// Nobody reads what is written.
    BrokenPipe,
    /// Beyond the largest size of a file.
    TooBig,
    /// A value does not fit.
    Overflow,
    /// The file system can't do that.
    NotSupported,
    /// There is no such attribute.
    NoData,
    /// The buffer is too small.
    Range,
    /// There are too many locks.
    NoLocks,
    /// Waiting would never end.
    Deadlock,
    /// Guest memory is used up.
    NoMemory,
    /// The wait was broken off.
    Interrupted,
    /// The file is no longer there.
    Stale,
    /// The bytes go to a place that can't be written.
    Fault,
    /// There is no such process.
    NoProcess,
    /// A socket's own trouble.
    Net(NetError),
}

impl From<io::Error> for FsError {
    /// What the host says. Its own symbolic links and mounts are no business of the guest's: a link that turned up in
    /// the middle of a path means that the thing looked for is not there any more.
    fn from(error: io::Error) -> FsError {
        use rustix::io::Errno;
        let Some(errno) = Errno::from_io_error(&error) else {
            return match error.kind() {
                io::ErrorKind::NotFound => FsError::NotFound,
                io::ErrorKind::Interrupted => FsError::Interrupted,
                _ => FsError::Io,
            };
        };
        match errno {
            Errno::NOENT | Errno::LOOP | Errno::XDEV | Errno::AGAIN => FsError::NotFound,
            Errno::NOTDIR => FsError::NotDirectory,
            Errno::ISDIR => FsError::IsDirectory,
            Errno::EXIST => FsError::Exists,
            Errno::NOTEMPTY => FsError::NotEmpty,
            Errno::NAMETOOLONG => FsError::NameTooLong,
            Errno::ACCESS => FsError::Access,
            Errno::PERM => FsError::NotPermitted,
            Errno::ROFS => FsError::ReadOnly,
            Errno::NOSPC | Errno::DQUOT => FsError::NoSpace,
            Errno::BUSY | Errno::TXTBSY => FsError::Busy,
            Errno::INVAL => FsError::Invalid,
            Errno::NXIO | Errno::NODEV => FsError::NoDevice,
            Errno::MLINK => FsError::TooManyLinks,
            Errno::FBIG => FsError::TooBig,
            Errno::PIPE => FsError::BrokenPipe,
            Errno::OPNOTSUPP => FsError::NotSupported,
            Errno::INTR => FsError::Interrupted,
            Errno::STALE => FsError::Stale,
            _ => FsError::Io,
        }
    }
}

impl From<ObjectError> for FsError {
    fn from(error: ObjectError) -> FsError {
        match error {
            ObjectError::NoMemory => FsError::NoSpace,
            ObjectError::TooBig => FsError::TooBig,
            _ => FsError::Io,
        }
    }
}
