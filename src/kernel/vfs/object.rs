//! What is behind an open file that is neither in a tree nor a device: a socket, a timer, a set of files.

use std::any::Any;

use super::error::FsError;
use super::open::{OpenFlags, Ready};
use crate::kernel::task::Tid;
use crate::kernel::wait::WaitQueue;

/// An object of the kernel that is used through a descriptor. All of its descriptors gone, it is dropped.
///
/// Nothing here waits: what can't be done at once is [`FsError::WouldBlock`], and the caller waits in [`FileObject::queue`]
/// when the file is open for waiting.
pub trait FileObject: Any {
    /// For those that know the kind: `object.as_any().downcast_ref::<Kind>()`.
    fn as_any(&self) -> &dyn Any;

    /// Reads. `flags` are those of the open file; `now` is guest time in nanoseconds since the start.
    fn read(&self, flags: OpenFlags, now: u64, buf: &mut [u8]) -> Result<usize, FsError> {
        let _ = (flags, now, buf);
        Err(FsError::Invalid)
    }

    /// Writes.
    fn write(&self, flags: OpenFlags, now: u64, bytes: &[u8]) -> Result<usize, FsError> {
        let _ = (flags, now, bytes);
        Err(FsError::Invalid)
    }

    /// What it is ready for.
    fn ready(&self, now: u64) -> Ready;

    /// Where those wait who want to be told when [`FileObject::ready`] becomes more.
    fn queue(&self) -> &WaitQueue;

    /// When it becomes ready by itself, in nanoseconds of guest time since the start.
    fn due(&self) -> Option<u64> {
        None
    }

    /// Whether it may become ready by what only the host's network knows of.
    fn is_hosted(&self) -> bool {
        false
    }

    /// Bytes that a read would give at once (`FIONREAD`); `None` where that can't be asked.
    fn available(&self) -> Option<u64> {
        None
    }

    /// A process closes a descriptor of it, which may not be the last.
    fn closed(&self, pid: Tid) {
        let _ = pid;
    }
}
