//! What do programs tell the device that ask as Windows' own library does?
//!
//! Its structures are documented by nobody but those who read them.   [System Informer's ntafd.h: AFD_OPEN_PACKET,
//! AFD_CONNECT_JOIN_INFO, AFD_ACCEPT_INFO and following; ReactOS's drivers/network/afd, shared.h]

use std::rc::Rc;

use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::address::Form;
use super::afd::Afd;
use super::operation::{self, Work};
use super::option;
use super::status::status;
use super::transfer::{self, Accept, Receive, Send};
use super::transmit::Transmit;
use super::{Input, connect, peer_name};
use crate::kernel::net::{Address, How, Kind};
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
const QUERY_RECEIVE_INFO: u32 = 0x12033;
const SET_INFORMATION: u32 = 0x1203b;
const GET_REMOTE_ADDRESS: u32 = 0x1203f;
const GET_CONTEXT: u32 = 0x12043;
const SET_CONTEXT: u32 = 0x12047;
const GET_INFORMATION: u32 = 0x1207b;
const DEFER_ACCEPT: u32 = 0x1208c;
const WAIT_FOR_LISTEN_LIFO: u32 = 0x12090;
const TRANSPORT_IOCTL: u32 = 0x120bf;
const TRANSMIT_FILE: u32 = 0x1207f;

/// `AFD_RECV_INFO`, `TdiFlags`.   [tdi.h: TDI_RECEIVE_PEEK]
const PEEK: u32 = 0x80;
/// `AfdFlags`: it may be pending, whatever the socket's mode.   [AFD_OVERLAPPED]
const OVERLAPPED: u32 = 2;
/// What a library keeps at a socket at most.
const MOST_CONTEXT: usize = 4096;
/// Bytes of an extended attribute at most.
const MOST_ATTRIBUTE: u32 = 4096;
const PACKET: &[u8] = b"AfdOpenPacketXX";

/// `AFD_PARTIAL_DISCONNECT_INFO`, `DisconnectMode`.
const END_SENDING: u32 = 1;
const END_RECEIVING: u32 = 2;
const ABORT: u32 = 4;
const UNCONNECT: u32 = 8;

/// `AFD_INFORMATION`, `InformationType`.
mod information {
    pub(super) const INLINE_MODE: u32 = 1;
    pub(super) const NONBLOCKING_MODE: u32 = 2;
    pub(super) const RECEIVE_WINDOW_SIZE: u32 = 6;
    pub(super) const SEND_WINDOW_SIZE: u32 = 7;
    pub(super) const CIRCULAR_QUEUEING: u32 = 9;
    pub(super) const REPORT_PORT_UNREACHABLE: u32 = 11;
    /// Those are asked for, and are not here.
    pub(super) const LATER: [u32; 7] = [3, 4, 5, 8, 10, 12, 14];
}

/// Devices of transports: names, family, type and protocol.   [System Informer's ntafd.h: DD_TCP_DEVICE_NAME and following]
const DEVICES: [(&str, [u32; 3]); 4] = [
    ("\\Device\\Tcp", [2, 1, 6]),
    ("\\Device\\Udp", [2, 2, 17]),
    ("\\Device\\Tcp6", [23, 1, 6]),
    ("\\Device\\Udp6", [23, 2, 17]),
];

/// Family, type and protocol of a device, by the bytes of its name.
fn device(name: &[u8]) -> Option<[u32; 3]> {
    let units = name.chunks_exact(2);
    let units: Vec<u16> = units
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    let name = String::from_utf16_lossy(&units);
    let name = name.trim_end_matches('\0');
    let found = DEVICES
        .iter()
        .find(|(own, _)| name.eq_ignore_ascii_case(own));
    found.map(|(_, sort)| *sort)
}

/// Family, type and protocol of the socket that the extended attribute of an open call wants, and how its addresses are
/// written; `None` without one. Up to 2003 nothing but a device stands in it.   [ReactOS's shared.h: AFD_CREATE_PACKET]
pub(super) fn open_packet(
    cx: &mut Cx<'_>,
    (at, length): (u64, u32),
) -> Result<Option<([u32; 3], Form)>, NtStatus> {
    if at == 0 || length == 0 {
        return Ok(None);
    }
    let mut bytes = vec![0; length.min(MOST_ATTRIBUTE) as usize];
    cx.mem.read(at, &mut bytes)?;
    let input = Input(bytes);
    // The next one, flags, length of name and value, name, 0, value.   [wdm.h: FILE_FULL_EA_INFORMATION]
    let [_, name, low, high] = input.u32(4)?.to_le_bytes();
    if input.rest(8).get(..usize::from(name)) != Some(PACKET) {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let size = usize::from(u16::from_le_bytes([low, high]));
    let told = input.rest(8 + usize::from(name) + 1);
    let told = Input(told[..size.min(told.len())].to_vec());
    // Flags and group; then the length of a device's name and that itself.
    let older = told.rest(12).starts_with(b"\\\0D\0e\0v\0");
    if older {
        let length = told.u32(8)? as usize;
        let name = told.rest(12).get(..length);
        let sort = device(name.ok_or(NtStatus::INVALID_PARAMETER)?);
        let sort = sort.ok_or(NtStatus::NOT_SUPPORTED)?;
        return Ok(Some((sort, Form::Transport)));
    }
    // Or what it is, and then the device, which need not be there. The driver alone is asked for by nothing at all.
    let sort = [told.u32(8)?, told.u32(12)?, told.u32(16)?];
    let form = match told.u32(20) {
        Ok(0) | Err(_) => Form::Socket,
        Ok(length) => {
            let name = told.rest(24).get(..length as usize);
            let named = device(name.ok_or(NtStatus::INVALID_PARAMETER)?);
            let named = named.ok_or(NtStatus::NOT_SUPPORTED)?;
            if named != sort {
                return Err(NtStatus::INVALID_PARAMETER);
            }
            Form::Transport
        }
    };
    Ok((sort != [0; 3]).then_some((sort, form)))
}

/// Serves `IOCTL_AFD_RECV`.
pub(super) fn receive(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtDeviceIoControlFile,
    file: &Rc<OpenFile>,
    input: &Input,
) -> Outcome {
    let word = cx.program_word();
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
    transfer::receive(kernel, cx, (call, file), (receive, flags & OVERLAPPED != 0))
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
    let word = cx.program_word();
    let wide = word == 8;
    let waits = !afd.nonblocking.get();
    let out = match call.IoControlCode {
        CONNECT => {
            // Whether a SAN is used, and two handles.
            let place = input.rest(if wide { 24 } else { 12 });
            let place = afd.form.get().parse(place)?;
            return connect(kernel, cx, (call, file), (place, None));
        }
        WAIT_FOR_LISTEN | WAIT_FOR_LISTEN_LIFO => {
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
        DEFER_ACCEPT => {
            let number = input.u32(0)?;
            let mut waiting = afd.waiting.borrow_mut();
            let at = waiting.iter().position(|one| one.0 == number);
            let at = at.ok_or(NtStatus::INVALID_PARAMETER)?;
            // What is not rejected goes on to wait.
            if input.bytes::<1>(4)? != [0] {
                let (_, socket) = waiting.remove(at);
                socket.0.options.borrow_mut().linger = Some(0);
            }
            Vec::new()
        }
        QUERY_RECEIVE_INFO => {
            let waiting = u32::try_from(afd.endpoint()?.waiting()).unwrap_or(u32::MAX);
            // Nothing comes out of band.
            [waiting, 0]
                .iter()
                .flat_map(|count| count.to_le_bytes())
                .collect()
        }
        TRANSPORT_IOCTL => option::transport(cx, afd, input)?,
        TRANSMIT_FILE => {
            let transmit = transmit(kernel, cx, input)?;
            let work = Work::Transmit(transmit);
            return operation::begin(kernel, cx, (call, file), work, (true, None));
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
                    Some(Address::Ip(afd.form.get().parse(&bytes)?))
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
            disconnect(afd, input.u32(0)?)?;
            Vec::new()
        }
        SET_INFORMATION => {
            let value = || input.u32(8);
            match input.u32(0)? {
                information::NONBLOCKING_MODE => afd.nonblocking.set(value()? & 0xff != 0),
                information::RECEIVE_WINDOW_SIZE => {
                    option::set_buffers(afd, Some(value()?), None)?;
                }
                information::SEND_WINDOW_SIZE => option::set_buffers(afd, None, Some(value()?))?,
                // What comes out of band, what is dropped, and what a machine outside would say.
                information::INLINE_MODE
                | information::CIRCULAR_QUEUEING
                | information::REPORT_PORT_UNREACHABLE => {
                    value()?;
                }
                other if information::LATER.contains(&other) => return Err(Stop::Missing),
                _ => return Err(NtStatus::INVALID_PARAMETER.into()),
            }
            Vec::new()
        }
        GET_INFORMATION => {
            let options = afd.endpoint()?.options.borrow();
            let value = match input.u32(0)? {
                information::RECEIVE_WINDOW_SIZE => options.receive_buffer,
                information::SEND_WINDOW_SIZE => options.send_buffer,
                other if information::LATER.contains(&other) => return Err(Stop::Missing),
                _ => return Err(NtStatus::INVALID_PARAMETER.into()),
            };
            let mut out = input.u32(0)?.to_le_bytes().to_vec();
            out.resize(8, 0);
            out.extend_from_slice(&(value as u64).to_le_bytes());
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
    kernel.answer(cx, (call, file), &out)
}

/// Ends directions of a connection, the connection itself, or that a socket of messages has another side.
fn disconnect(afd: &Afd, mode: u32) -> Result<(), NtStatus> {
    let endpoint = afd.endpoint()?;
    if mode & UNCONNECT != 0 && endpoint.kind == Kind::Datagram {
        return endpoint.disconnect().map_err(status);
    }
    if mode & ABORT != 0 && endpoint.kind == Kind::Stream {
        endpoint.options.borrow_mut().linger = Some(0);
        return endpoint.disconnect().map_err(status);
    }
    let how = match mode & (END_SENDING | END_RECEIVING) {
        END_SENDING => How::Write,
        END_RECEIVING => How::Read,
        0 => return Err(NtStatus::INVALID_PARAMETER),
        _ => How::Both,
    };
    transfer::shut(afd, how)
}

/// What `AFD_TRANSMIT_FILE_INFO` wants sent.
fn transmit(kernel: &mut Kernel, cx: &Cx<'_>, input: &Input) -> Result<Transmit, NtStatus> {
    let word = cx.program_word();
    // The handle, and two buffers with their lengths, each where a pointer may be.
    let step = word as usize;
    let file = 24 - if word == 4 { 4 } else { 0 };
    let [head, head_length] = [file + step, file + 2 * step];
    let [tail, tail_length] = [file + 3 * step, file + 4 * step];
    let sent = match input.word(file, word)? {
        0 => None,
        handle => Some((kernel.any_file(cx, handle)?, input.u64(0)?, input.u64(8)?)),
    };
    let head = (input.word(head, word)?, input.u32(head_length)?);
    let tail = (input.word(tail, word)?, input.u32(tail_length)?);
    let flags = input.u32(tail_length + 4)?;
    Ok(Transmit::new(head, sent, tail, flags))
}
