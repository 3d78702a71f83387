//! How is a connection accepted into a socket that is there already, together with what comes through it first?
//! [Microsoft Learn, AcceptEx; Wine's wine/afd.h: afd_accept_into_params]

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::nt::NtStatus;

use super::address;
use super::afd::{Afd, poll};
use super::operation::Done;
use super::status::status;
use crate::kernel::Cx;
use crate::kernel::net::{NetError, Socket};
use crate::kernel::vfs::OpenFile;

/// In front of each address is its length.
const HEAD: u64 = 4;

/// Where a connection and its first bytes go.
pub(super) struct AcceptInto {
    /// The socket that becomes its end.
    pub(super) socket: Rc<OpenFile>,
    /// Where the bytes and the addresses go, and how much room each has.
    pub(super) to: u64,
    pub(super) bytes: u32,
    pub(super) local: u32,
    pub(super) remote: u32,
}

impl AcceptInto {
    pub(super) fn attempt(&mut self, cx: &mut Cx<'_>, listener: &Afd) -> Result<Done, NtStatus> {
        let afd = self.socket.object_of::<Afd>();
        let afd = afd.ok_or(NtStatus::INVALID_HANDLE)?;
        if !afd.is_accepted() {
            listener.told.set(listener.told.get() & !poll::ACCEPT);
            match listener.endpoint()?.accept() {
                Ok(endpoint) => afd.take_in(Socket(endpoint))?,
                Err(NetError::WouldBlock) => return Ok(None),
                Err(error) => return Err(status(error)),
            }
        }
        let endpoint = afd.endpoint()?;
        let mut count = 0;
        if self.bytes > 0 {
            match endpoint.receive(self.bytes as usize, false) {
                Ok(got) => {
                    cx.mem.write(self.to, &got.bytes)?;
                    count = got.bytes.len() as u64;
                }
                Err(NetError::WouldBlock) => return Ok(None),
                Err(error) => return Err(status(error)),
            }
        }
        let local = self.to.wrapping_add(self.bytes.into());
        let remote = local.wrapping_add(self.local.into());
        let places = [
            (local, self.local, endpoint.local()),
            (remote, self.remote, endpoint.remote().map_err(status)?),
        ];
        for (at, room, place) in places {
            let Some(room) = u64::from(room).checked_sub(HEAD) else {
                continue;
            };
            let bytes = address::bytes(endpoint.family, &place);
            if bytes.len() as u64 > room {
                return Err(NtStatus::BUFFER_TOO_SMALL);
            }
            cx.mem.write_u32(at, bytes.len() as u32)?;
            cx.mem.write(at.wrapping_add(HEAD), &bytes)?;
        }
        Ok(Some((NtStatus::SUCCESS, count)))
    }
}
