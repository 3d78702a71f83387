//! How do bytes and connections come through a socket of Windows?

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus};

use super::address;
use super::afd::{Afd, Selected, poll};
use super::operation::{self, Done, Work};
use super::option;
use super::status::status;
use crate::kernel::net::{Address, How, Kind, NetError, Outgoing, Socket, State};
use crate::kernel::nt::Outcome;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::path;
use crate::kernel::vfs::{OpenFile, OpenFlags};
use crate::kernel::{Cx, Kernel};

/// Buffers of a call at most.
const MOST_BUFFERS: u32 = 1024;
/// Bytes that one step moves at most. No message is longer.
const STEP: u64 = 1 << 17;
/// Connections that wait for a socket of their own at most.
const MOST_WAITING: usize = 256;

/// Where a new connection goes.
pub(super) enum Accept {
    /// To a socket that is made for it, whose handle is written.
    Handle(u64),
    /// To nobody yet; a number and the address of the other side are written.
    Number(u64, u32),
}

/// Where bytes are received.
pub(super) struct Receive {
    pub(super) buffers: Vec<(u64, u64)>,
    pub(super) peek: bool,
    /// All of it, not what is there.
    pub(super) whole: bool,
    pub(super) done: u64,
    /// Where the sender's address goes, and its length.
    pub(super) from: (u64, u64),
    /// Where flags go.
    pub(super) flags: u64,
}

/// What is sent, and where to.
pub(super) struct Send {
    pub(super) buffers: Vec<(u64, u64)>,
    pub(super) to: Option<Address>,
    pub(super) done: u64,
}

/// Reads descriptions of buffers.   [winsock2.h: WSABUF]
pub(super) fn buffers(cx: &mut Cx<'_>, at: u64, count: u32) -> Result<Vec<(u64, u64)>, NtStatus> {
    if count > MOST_BUFFERS {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let word = cx.program_word();
    let mut all = Vec::new();
    for index in 0..u64::from(count) {
        let at = at.wrapping_add(index * 2 * word);
        let length = cx.mem.read_u32(at)?;
        let buffer = cx.mem.read_word(at.wrapping_add(word), word)?;
        all.push((buffer, length.into()));
    }
    Ok(all)
}

/// Begins to receive, for as long at most as the socket was told to wait. `must` says that it waits whatever its mode.
pub(super) fn receive(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    (call, file): (&nt::NtDeviceIoControlFile, &Rc<OpenFile>),
    (receive, must): (Receive, bool),
) -> Outcome {
    let afd = file.object_of::<Afd>().ok_or(NtStatus::INVALID_HANDLE)?;
    let waits = must || !afd.nonblocking.get();
    let deadline = option::receive_deadline(kernel, afd);
    operation::begin(
        kernel,
        cx,
        (call, file),
        Work::Receive(receive),
        (waits, deadline),
    )
}

fn total(buffers: &[(u64, u64)]) -> u64 {
    buffers.iter().map(|(_, length)| length).sum()
}

/// The pieces of buffers from an offset on, so many bytes at most.
fn pieces(buffers: &[(u64, u64)], skip: u64, most: u64) -> Vec<(u64, u64)> {
    let (mut skip, mut most) = (skip, most);
    let mut all = Vec::new();
    for (at, length) in buffers {
        let gone = skip.min(*length);
        skip -= gone;
        let piece = (length - gone).min(most);
        most -= piece;
        if piece > 0 {
            all.push((at.wrapping_add(gone), piece));
        }
    }
    all
}

impl Receive {
    pub(super) fn attempt(&mut self, cx: &mut Cx<'_>, afd: &Afd) -> Result<Done, NtStatus> {
        let endpoint = afd.endpoint()?;
        afd.told.set(afd.told.get() & !(poll::READ | poll::OOB));
        if endpoint.kind == Kind::Datagram && endpoint.place().is_none() {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        let room = total(&self.buffers);
        loop {
            let most = (room - self.done.min(room)).min(STEP);
            let got = match endpoint.receive(most as usize, self.peek) {
                Ok(got) => got,
                Err(NetError::WouldBlock) => return Ok(None),
                Err(error) => return Err(status(error)),
            };
            let mut rest = &got.bytes[..];
            for (at, length) in pieces(&self.buffers, self.done, most) {
                let (now, later) = rest.split_at(rest.len().min(length as usize));
                cx.mem.write(at, now)?;
                rest = later;
            }
            self.done += got.bytes.len() as u64;
            let more = self.whole && !self.peek && self.done < room && !got.bytes.is_empty();
            if more && endpoint.kind == Kind::Stream {
                continue;
            }
            let cut = endpoint.kind == Kind::Datagram && got.whole > got.bytes.len();
            if let (Some(from), (at, length)) = (&got.from, self.from)
                && at != 0
                && length != 0
            {
                let mut bytes = address::bytes(endpoint.family, from);
                let room = cx.mem.read_u32(length)?;
                cx.mem.write_u32(length, bytes.len() as u32)?;
                bytes.truncate(room as usize);
                cx.mem.write(at, &bytes)?;
            }
            if self.flags != 0 {
                // [winsock2.h: MSG_PARTIAL]
                cx.mem.write_u32(self.flags, if cut { 0x8000 } else { 0 })?;
            }
            let status = match cut {
                true => NtStatus::BUFFER_OVERFLOW,
                false => NtStatus::SUCCESS,
            };
            return Ok(Some((status, self.done)));
        }
    }
}

impl Send {
    pub(super) fn attempt(&mut self, cx: &mut Cx<'_>, afd: &Afd) -> Result<Done, NtStatus> {
        let endpoint = afd.endpoint()?;
        if endpoint.half_closed().0 {
            return Err(NtStatus::PIPE_DISCONNECTED);
        }
        if endpoint.kind == Kind::Stream && endpoint.state() == State::Idle {
            return Err(NtStatus::INVALID_CONNECTION);
        }
        let room = total(&self.buffers);
        if endpoint.kind == Kind::Datagram && room > STEP {
            return Err(NtStatus::BUFFER_OVERFLOW);
        }
        loop {
            let mut bytes = Vec::new();
            for (at, length) in pieces(&self.buffers, self.done, STEP) {
                let start = bytes.len();
                bytes.resize(start + length as usize, 0);
                cx.mem.read(at, &mut bytes[start..])?;
            }
            let mut out = Outgoing::plain(&bytes);
            if endpoint.kind == Kind::Datagram {
                out.to = self.to.clone();
            }
            match endpoint.send(&mut out) {
                Ok(count) => self.done += count as u64,
                Err(NetError::WouldBlock) => {
                    afd.told.set(afd.told.get() & !poll::WRITE);
                    return Ok(None);
                }
                Err(NetError::NoDestination) => return Err(NtStatus::INVALID_CONNECTION),
                Err(error) => return Err(status(error)),
            }
            if self.done >= room {
                return Ok(Some((NtStatus::SUCCESS, self.done)));
            }
        }
    }
}

impl Kernel {
    pub(super) fn accept(
        &mut self,
        cx: &mut Cx<'_>,
        afd: &Afd,
        accept: &Accept,
    ) -> Result<Done, NtStatus> {
        let listener = afd.endpoint()?;
        afd.told.set(afd.told.get() & !poll::ACCEPT);
        if afd.waiting.borrow().len() >= MOST_WAITING {
            return Err(NtStatus::INSUFFICIENT_RESOURCES);
        }
        let socket = match listener.accept() {
            Ok(endpoint) => Socket(endpoint),
            Err(NetError::WouldBlock) => return Ok(None),
            Err(error) => return Err(status(error)),
        };
        match accept {
            Accept::Handle(at) => {
                let fresh = Afd::new(afd.synchronous);
                fresh.sort.set(afd.sort.get());
                fresh.nonblocking.set(afd.nonblocking.get());
                fresh.take_in(socket)?;
                *fresh.selected.borrow_mut() =
                    afd.selected.borrow().as_ref().map(|selected| Selected {
                        event: Rc::clone(&selected.event),
                        mask: selected.mask,
                    });
                let chosen = fresh.selected.borrow().is_some();
                let file = self.afd_file(fresh)?;
                let process = self.nt_process(cx);
                if chosen {
                    process.network.select(&file)?;
                }
                let handle = process.handles.insert(Object::File(file));
                let handle = handle.ok_or(NtStatus::INSUFFICIENT_RESOURCES)?;
                if let Err(fault) = cx.mem.write_u32(*at, handle as u32) {
                    self.nt_process(cx).handles.remove(handle);
                    return Err(fault.into());
                }
                Ok(Some((NtStatus::SUCCESS, 4)))
            }
            Accept::Number(at, room) => {
                let remote = socket.0.remote().map_err(status)?;
                let mut waiting = afd.waiting.borrow_mut();
                let number = waiting.iter().map(|one| one.0).max().unwrap_or(0) + 1;
                let mut out = number.to_le_bytes().to_vec();
                out.extend(afd.form.get().bytes(listener.family, &remote));
                if out.len() > *room as usize {
                    return Err(NtStatus::BUFFER_TOO_SMALL);
                }
                cx.mem.write(*at, &out)?;
                waiting.push((number, socket));
                Ok(Some((NtStatus::SUCCESS, out.len() as u64)))
            }
        }
    }

    /// A new open file of the device.
    pub(super) fn afd_file(&mut self, afd: Afd) -> Result<Rc<OpenFile>, NtStatus> {
        let now = i64::try_from(self.clock.wall()).unwrap_or(i64::MAX);
        let file = self
            .vfs
            .socket_file(Rc::new(afd), OpenFlags::empty(), (0, 0), now);
        file.map_err(path::status)
    }
}

/// Ends a direction, or both.
pub(super) fn shut(afd: &Afd, how: How) -> Result<(), NtStatus> {
    let endpoint = afd.endpoint()?;
    endpoint.shutdown(how).map_err(status)
}
