//! A socket as an open file: when the last descriptor is gone, it is closed.

use std::any::Any;
use std::rc::Rc;

use super::endpoint::Endpoint;
use super::send::Outgoing;
use crate::kernel::vfs::{FileObject, FsError, OpenFlags, Ready};
use crate::kernel::wait::WaitQueue;

/// An open socket.
pub struct Socket(pub Rc<Endpoint>);

impl FileObject for Socket {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn read(&self, _: OpenFlags, _: u64, buf: &mut [u8]) -> Result<usize, FsError> {
        let received = self.0.receive(buf.len(), false)?;
        buf[..received.bytes.len()].copy_from_slice(&received.bytes);
        Ok(received.bytes.len())
    }

    fn write(&self, _: OpenFlags, _: u64, bytes: &[u8]) -> Result<usize, FsError> {
        Ok(self.0.send(&mut Outgoing::plain(bytes))?)
    }

    fn ready(&self, now: u64) -> Ready {
        self.0.net().tick(now);
        self.0.ready()
    }

    fn due(&self) -> Option<u64> {
        self.0.due()
    }

    fn is_hosted(&self) -> bool {
        self.0.is_hosted()
    }

    fn queue(&self) -> &WaitQueue {
        &self.0.queue
    }

    fn available(&self) -> Option<u64> {
        Some(self.0.waiting() as u64)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.0.close();
    }
}
