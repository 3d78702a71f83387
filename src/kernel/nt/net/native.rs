//! What do programs tell the device that ask as Windows' own library does?
//!
//! Its structures are documented by nobody but those who read them.   [the headers of the crate phnt, ntafd.h: AFD_OPEN_PACKET,
//! AFD_CONNECT_JOIN_INFO, AFD_ACCEPT_INFO, AFD_SENDTO_INFO and following; ReactOS's drivers/network/afd, shared.h]

use std::rc::Rc;

use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::address;
use super::afd::Afd;
use super::operation::{self, Work};
use super::option;
use super::transfer::{self, Accept, Receive, Send};
use super::{Input, connect, peer_name};
use crate::kernel::net::{Address, How};
use crate::kernel::nt::Outcome;
use crate::kernel::vfs::OpenFile;
use crate::kernel::{Cx, Kernel};

const CONNECT: u32 = 0x12007;
const WAIT_FOR_LISTEN: u32 = 0x1200c;
const ACCEPT: u32 = 0x12010;
const RECEIVE_DATAGRAM: u32 = 0x1201b;
const SEND: u32 = 0x1201f;
const SEND_DATAGRAM: u32 = 0x12023;
const DISCONNECT: u32 = 0x1202b;
const SET_INFORMATION: u32 = 0x1203b;
const GET_REMOTE_ADDRESS: u32 = 0x1203f;
const GET_CONTEXT: u32 = 0x12043;
const SET_CONTEXT: u32 = 0x12047;
const GET_INFORMATION: u32 = 0x1207b;

/// `AFD_RECV_INFO`, `TdiFlags`.   [tdi.h: TDI_RECEIVE_PEEK]
const PEEK: u32 = 0x80;
/// `AfdFlags`: it may be pending, whatever the socket's mode.   [AFD_OVERLAPPED]
const OVERLAPPED: u32 = 2;
/// What a library keeps at a socket at most.
const MOST_CONTEXT: usize = 4096;
/// Bytes of an extended attribute at most.
const MOST_ATTRIBUTE: u32 = 4096;
const PACKET: &[u8] = b"AfdOpenPacketXX";

/// Family, type and protocol of the socket that the extended attribute of an open call wants; `None` without one.
pub(super) fn open_packet(
    cx: &mut Cx<'_>,
    (at, length): (u64, u32),
) -> Result<Option<[u32; 3]>, NtStatus> {
    if at == 0 || length == 0 {
        return Ok(None);
    }
    let mut bytes = vec![0; length.min(MOST_ATTRIBUTE) as usize];
    cx.mem.read(at, &mut bytes)?;
    let input = Input(bytes);
    // The next one, flags, length of name and value, name, 0, value.   [wdm.h: FILE_FULL_EA_INFORMATION]
    let [_, name, low, high] = input.u32(4)?.to_le_bytes();
    let value = 8 + usize::from(name) + 1;
    if input.rest(8).get(..usize::from(name)) != Some(PACKET) {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let size = usize::from(u16::from_le_bytes([low, high]));
    let told = input.rest(value);
    if told.len() < size.min(20) {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    // Flags and group; then what it is. A device alone is asked for without.
    let sort = [
        input.u32(value + 8)?,
        input.u32(value + 12)?,
        input.u32(value + 16)?,
    ];
    Ok((sort != [0; 3]).then_some(sort))
}

/// Serves `IOCTL_AFD_RECV`.
pub(super) fn receive(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtDeviceIoControlFile,
    file: &Rc<OpenFile>,
    input: &Input,
) -> Outcome {
    let afd = file.object_of::<Afd>().ok_or(NtStatus::INVALID_HANDLE)?;
    let word = cx.word();
    let rest = word as usize;
    let datagram = call.IoControlCode == RECEIVE_DATAGRAM;
    let (count, flags, kind) = (input.u32(rest)?, input.u32(rest + 4)?, input.u32(rest + 8)?);
    let from = match datagram {
        false => (0, 0),
        true => {
            let at = if word == 4 { 16 } else { 24 };
            (input.word(at, word)?, input.word(at + rest, word)?)
        }
    };
    let receive = Receive {
        buffers: transfer::buffers(cx, input.word(0, word)?, count)?,
        peek: kind & PEEK != 0,
        // [tdi.h: TDI_RECEIVE_ENTIRE_MESSAGE stands for all of it here]
        whole: kind & 0x4000 != 0,
        done: 0,
        from,
        flags: 0,
    };
    let waits = !afd.nonblocking.get() || flags & OVERLAPPED != 0;
    let deadline = option::receive_deadline(kernel, afd);
    let work = Work::Receive(receive);
    operation::begin(kernel, cx, (call, file), work, (waits, deadline))
}

/// Serves what Windows' library asks and Wine's does not.
pub(super) fn serve(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtDeviceIoControlFile,
    file: &Rc<OpenFile>,
    input: &Input,
) -> Outcome {
    let afd = file.object_of::<Afd>().ok_or(NtStatus::INVALID_HANDLE)?;
    let word = cx.word();
    let wide = word == 8;
    let waits = !afd.nonblocking.get();
    let out = match call.IoControlCode {
        CONNECT => {
            // Whether a SAN is used, and two handles.
            let place = address::parse(input.rest(if wide { 24 } else { 12 }))?;
            return connect(kernel, cx, (call, file), Address::Ip(place));
        }
        WAIT_FOR_LISTEN => {
            let to = (call.OutputBuffer.address, call.OutputBufferLength);
            let work = Work::Accept(Accept::Number(to.0, to.1));
            return operation::begin(kernel, cx, (call, file), work, (waits, None));
        }
        ACCEPT => {
            let number = input.u32(4)?;
            let other = kernel.open_afd(cx, input.word(8, word)?)?;
            let other = other.object_of::<Afd>().ok_or(NtStatus::INVALID_HANDLE)?;
            let mut waiting = afd.waiting.borrow_mut();
            let at = waiting.iter().position(|one| one.0 == number);
            let (_, socket) = waiting.remove(at.ok_or(NtStatus::INVALID_PARAMETER)?);
            other.take_in(socket)?;
            Vec::new()
        }
        RECEIVE_DATAGRAM => return receive(kernel, cx, call, file, input),
        SEND | SEND_DATAGRAM => {
            let rest = word as usize;
            let flags = input.u32(rest + 4)?;
            let to = match call.IoControlCode {
                SEND => None,
                _ => {
                    let (length, at) = if wide { (88, 96) } else { (48, 52) };
                    let length = input.u32(length)?;
                    let mut bytes = vec![0; length.min(128) as usize];
                    cx.mem.read(input.word(at, word)?, &mut bytes)?;
                    Some(Address::Ip(address::parse(&bytes)?))
                }
            };
            let send = Send {
                buffers: transfer::buffers(cx, input.word(0, word)?, input.u32(rest)?)?,
                to,
                done: 0,
            };
            let waits = waits || flags & OVERLAPPED != 0;
            let work = Work::Send(send);
            return operation::begin(kernel, cx, (call, file), work, (waits, None));
        }
        DISCONNECT => {
            // [AFD_PARTIAL_DISCONNECT_SEND, _RECEIVE, ABORTIVE_DISCONNECT]
            let how = match input.u32(0)? & 7 {
                1 => How::Write,
                2 => How::Read,
                3 | 4.. => How::Both,
                0 => return Err(NtStatus::INVALID_PARAMETER.into()),
            };
            transfer::shut(afd, how)?;
            Vec::new()
        }
        SET_INFORMATION => {
            match input.u32(0)? {
                // [AFD_NONBLOCKING_MODE]
                2 => afd.nonblocking.set(input.u32(8)? & 0xff != 0),
                _ => return Err(Stop::Missing),
            }
            Vec::new()
        }
        GET_INFORMATION => {
            let value = match input.u32(0)? {
                2 => u32::from(afd.nonblocking.get()),
                // [AFD_RECEIVE_WINDOW_SIZE, AFD_SEND_WINDOW_SIZE]
                6 => afd.endpoint()?.options.borrow().receive_buffer as u32,
                7 => afd.endpoint()?.options.borrow().send_buffer as u32,
                _ => return Err(Stop::Missing),
            };
            let mut out = input.u32(0)?.to_le_bytes().to_vec();
            out.resize(8, 0);
            out.extend_from_slice(&u64::from(value).to_le_bytes());
            out
        }
        GET_REMOTE_ADDRESS => peer_name(afd)?,
        GET_CONTEXT => afd.context.borrow().clone(),
        SET_CONTEXT => {
            if input.0.len() > MOST_CONTEXT {
                return Err(NtStatus::INVALID_BUFFER_SIZE.into());
            }
            *afd.context.borrow_mut() = input.0.clone();
            Vec::new()
        }
        _ => return Err(Stop::Missing),
    };
    kernel.answer(cx, call, &out)
}
