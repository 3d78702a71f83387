//! How is a file sent through a socket, with what goes before and behind it?
//! [Microsoft Learn, TransmitFile; System Informer's ntafd.h: AFD_TRANSMIT_FILE_INFO; Wine's wine/afd.h: afd_transmit_params]

use std::rc::Rc;

use emu_prototypes::nt::NtStatus;

use super::afd::{Afd, poll};
use super::operation::Done;
use super::status::status;
use super::transfer::shut;
use crate::kernel::net::{How, NetError, Outgoing, State};
use crate::kernel::nt::path;
use crate::kernel::vfs::OpenFile;
use crate::kernel::{Cx, Kernel};

/// Bytes that are read at once.
const STEP: u64 = 1 << 16;
/// `Flags`: it is the last that is sent.   [mswsock.h: TF_DISCONNECT]
const DISCONNECT: u32 = 1;

/// Where bytes come from.
pub(super) enum Part {
    /// An address and how many.
    Memory(u64, u64),
    /// A file; an offset, or its own position; how many, or all.
    File(Rc<OpenFile>, Option<u64>, Option<u64>),
}

/// What is sent.
pub(super) struct Transmit {
    /// What has not been read yet, the first part first.
    pub(super) parts: std::collections::VecDeque<Part>,
    /// What was read and is not sent yet.
    pub(super) rest: Vec<u8>,
    pub(super) done: u64,
    pub(super) flags: u32,
}

impl Transmit {
    /// In order: what is in front of the file, the file, and what is behind it. An offset of -2 stands for its own position.
    pub(super) fn new(
        head: (u64, u32),
        file: Option<(Rc<OpenFile>, u64, u64)>,
        tail: (u64, u32),
        flags: u32,
    ) -> Transmit {
        let memory = |(at, length): (u64, u32)| Part::Memory(at, length.into());
        let file = file.map(|(file, offset, length)| {
            let own = offset.cast_signed() == -2;
            let length = (length != 0).then_some(length);
            Part::File(file, (!own).then_some(offset), length)
        });
        let parts = [Some(memory(head)), file, Some(memory(tail))];
        Transmit {
            parts: parts.into_iter().flatten().collect(),
            rest: Vec::new(),
            done: 0,
            flags,
        }
    }
}

impl Kernel {
    pub(super) fn transmit_on(
        &mut self,
        cx: &mut Cx<'_>,
        afd: &Afd,
        all: &mut Transmit,
    ) -> Result<Done, NtStatus> {
        let endpoint = afd.endpoint()?;
        if endpoint.state() != State::Connected {
            return Err(NtStatus::INVALID_CONNECTION);
        }
        loop {
            if all.rest.is_empty() && !self.read_on(cx, all)? {
                break;
            }
            match endpoint.send(&mut Outgoing::plain(&all.rest)) {
                Ok(count) => {
                    all.done += count as u64;
                    all.rest.drain(..count.min(all.rest.len()));
                }
                Err(NetError::WouldBlock) => {
                    afd.told.set(afd.told.get() & !poll::WRITE);
                    return Ok(None);
                }
                Err(error) => return Err(status(error)),
            }
        }
        if all.flags & DISCONNECT != 0 {
            shut(afd, How::Write)?;
        }
        Ok(Some((NtStatus::SUCCESS, all.done)))
    }

    /// Reads what is sent next; `false` at the end.
    fn read_on(&mut self, cx: &mut Cx<'_>, all: &mut Transmit) -> Result<bool, NtStatus> {
        let host = self.host.clone();
        let environment = self.nt_environment(host.as_ref());
        while let Some(part) = all.parts.front_mut() {
            match part {
                Part::Memory(at, left) => {
                    let count = STEP.min(*left);
                    all.rest.resize(count as usize, 0);
                    cx.mem.read(*at, &mut all.rest)?;
                    *at = at.wrapping_add(count);
                    *left -= count;
                }
                Part::File(file, at, left) => {
                    let most = left.map_or(STEP, |left| left.min(STEP));
                    all.rest.resize(most as usize, 0);
                    let count = file.read(&environment, *at, &mut all.rest);
                    let count = count.map_err(path::status)?;
                    all.rest.truncate(count);
                    *at = at.map(|at| at.saturating_add(count as u64));
                    *left = left.map(|left| left - count as u64);
                }
            }
            if !all.rest.is_empty() {
                return Ok(true);
            }
            all.parts.pop_front();
        }
        Ok(false)
    }
}
