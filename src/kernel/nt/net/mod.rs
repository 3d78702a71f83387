//! Sockets of Windows: the device `Afd`, which Winsock asks, and what Wine's library asks besides.

mod accept_into;
mod address;
mod afd;
mod native;
mod operation;
mod option;
mod select;
mod status;
mod transfer;
mod transmit;
mod unix_half;

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::Outcome;
use super::handles::Object;
use crate::kernel::net::{Address, Family, How, Kind, NetError, Place, Sender};
use crate::kernel::vfs::OpenFile;
use crate::kernel::{Cx, Kernel};
use accept_into::AcceptInto;
use afd::Afd;
use operation::{Connect, Work};
use transfer::{Accept, Receive, Send};
use transmit::Transmit;

pub(super) use operation::Network;
pub(super) use unix_half::{call as call_unix_half, handle as unix_half};

/// Bytes that a call tells at most, apart from what it sends.
const MOST_INPUT: u32 = 1 << 17;

/// Codes of Windows that Wine's library uses, too.   [Wine's wine/afd.h: IOCTL_AFD_BIND and following]
const BIND: u32 = 0x12003;
const LISTEN: u32 = 0x1200b;
const RECEIVE: u32 = 0x12017;
const POLL: u32 = 0x12024;
const GET_SOCK_NAME: u32 = 0x1202f;
const EVENT_SELECT: u32 = 0x12087;
const GET_EVENTS: u32 = 0x1208b;
/// Those of Wine's own: a number in the place of a function.   [Wine's wine/afd.h: WINE_AFD_IOC]
const WINE: u32 = 0x12_0000;
const CREATE: u32 = 200;
const ACCEPT: u32 = 201;
const ACCEPT_INTO: u32 = 202;
const CONNECT: u32 = 203;
const SHUTDOWN: u32 = 204;
const RECEIVE_MESSAGE: u32 = 205;
const SEND_MESSAGE: u32 = 206;
const TRANSMIT: u32 = 207;
const ADDRESS_LIST_CHANGE: u32 = 208;
const FIONBIO: u32 = 209;
const COMPLETE_ASYNC: u32 = 210;
const FIONREAD: u32 = 211;
const AT_MARK: u32 = 212;
const KEEPALIVE: u32 = 214;
const GET_PEER_NAME: u32 = 216;
const GET_INFO: u32 = 218;
const FIRST_OPTION: u32 = 219;

/// What a call tells.
struct Input(Vec<u8>);

impl Input {
    fn bytes<const N: usize>(&self, at: usize) -> Result<[u8; N], NtStatus> {
        let end = at.checked_add(N).ok_or(NtStatus::INVALID_PARAMETER)?;
        let bytes = self.0.get(at..end).and_then(|bytes| bytes.try_into().ok());
        bytes.ok_or(NtStatus::INVALID_PARAMETER)
    }

    fn u32(&self, at: usize) -> Result<u32, NtStatus> {
        Ok(u32::from_le_bytes(self.bytes(at)?))
    }

    fn u64(&self, at: usize) -> Result<u64, NtStatus> {
        Ok(u64::from_le_bytes(self.bytes(at)?))
    }

    fn word(&self, at: usize, word: u64) -> Result<u64, NtStatus> {
        match word {
            4 => Ok(self.u32(at)?.into()),
            _ => self.u64(at),
        }
    }

    fn rest(&self, at: usize) -> &[u8] {
        self.0.get(at..).unwrap_or(&[])
    }
}

/// Opens the device. What a program tells with it may say which socket it shall be.
pub(super) fn open(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    options: u32,
    extended: (u64, u32),
) -> Result<Rc<OpenFile>, NtStatus> {
    // [wdm.h: FILE_SYNCHRONOUS_IO_ALERT, FILE_SYNCHRONOUS_IO_NONALERT]
    let afd = Afd::new(options & 0x30 != 0);
    if let Some((sort, form)) = native::open_packet(cx, extended)? {
        make(kernel, cx, &afd, sort)?;
        afd.form.set(form);
    }
    kernel.afd_file(afd)
}

/// Makes a file a socket of a family, a type and a protocol.   [winsock2.h: SOCK_STREAM, IPPROTO_TCP and following]
fn make(
    kernel: &Kernel,
    cx: &Cx<'_>,
    afd: &Afd,
    [number, kind, protocol]: [u32; 3],
) -> Result<(), NtStatus> {
    let family = address::family(number).ok_or(NtStatus::NOT_SUPPORTED)?;
    let (kind, own) = match (kind, protocol) {
        (0 | 1, 6) | (1, 0) => (Kind::Stream, 6),
        (0 | 2, 17) | (2, 0) => (Kind::Datagram, 17),
        (3, _) => return Err(NtStatus::ACCESS_DENIED),
        _ => return Err(NtStatus::NOT_SUPPORTED),
    };
    let sender = Sender {
        pid: cx.process().pid,
        ..Sender::default()
    };
    let endpoint = kernel.net.endpoint(family, kind, own, sender);
    endpoint.options.borrow_mut().only_v6 = family == Family::Inet6;
    let number_of_kind = if kind == Kind::Stream { 1 } else { 2 };
    afd.make(endpoint, [number, number_of_kind, own])
}

/// Serves `NtDeviceIoControlFile` of an open file of the device; `None` when it is another's.
pub(super) fn control(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtDeviceIoControlFile,
) -> Option<Outcome> {
    let file = kernel.open_afd(cx, call.FileHandle).ok()?;
    Some(serve(kernel, cx, call, &file))
}

fn serve(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtDeviceIoControlFile,
    file: &Rc<OpenFile>,
) -> Outcome {
    let afd = file.object_of::<Afd>().ok_or(NtStatus::INVALID_HANDLE)?;
    let mut bytes = vec![0; call.InputBufferLength.min(MOST_INPUT) as usize];
    cx.mem.read(call.InputBuffer.address, &mut bytes)?;
    let input = Input(bytes);
    let out = match call.IoControlCode {
        BIND => bind(afd, &input)?,
        LISTEN => {
            let endpoint = afd.endpoint()?;
            if endpoint.place().is_none_or(|place| place.port == 0) {
                return Err(NtStatus::INVALID_PARAMETER.into());
            }
            let backlog = input.u32(4)?.cast_signed();
            endpoint.listen(backlog).map_err(status::status)?;
            Vec::new()
        }
        RECEIVE => return native::receive(kernel, cx, call, file, &input),
        POLL => return select::poll(kernel, cx, call, file, &input),
        GET_SOCK_NAME => {
            let endpoint = afd.endpoint()?;
            endpoint.place().ok_or(NtStatus::INVALID_PARAMETER)?;
            afd.form.get().info(endpoint.family, &endpoint.local())
        }
        EVENT_SELECT => {
            select::choose(kernel, cx, file, &input)?;
            Vec::new()
        }
        GET_EVENTS => select::news(kernel, cx, afd, call.InputBuffer.address)?,
        code if code & 0xffff_0003 == WINE => {
            return wine(kernel, cx, call, file, ((code & 0xffff) >> 2, &input));
        }
        _ => return native::serve(kernel, cx, call, file, &input),
    };
    kernel.answer(cx, (call, file), &out)
}

/// Serves the codes of Wine's own.
fn wine(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtDeviceIoControlFile,
    file: &Rc<OpenFile>,
    (function, input): (u32, &Input),
) -> Outcome {
    let afd = file.object_of::<Afd>().ok_or(NtStatus::INVALID_HANDLE)?;
    let waits = !afd.nonblocking.get();
    let out = match function {
        CREATE => {
            let sort = [input.u32(0)?, input.u32(4)?, input.u32(8)?];
            make(kernel, cx, afd, sort)?;
            Vec::new()
        }
        ACCEPT => {
            if call.OutputBufferLength < 4 {
                return Err(NtStatus::BUFFER_TOO_SMALL.into());
            }
            let work = Work::Accept(Accept::Handle(call.OutputBuffer.address));
            return operation::begin(kernel, cx, (call, file), work, (waits, None));
        }
        CONNECT => {
            let length = input.u32(0)? as usize;
            let told = input.rest(8).split_at_checked(length);
            let (place, first) = told.ok_or(NtStatus::BUFFER_TOO_SMALL)?;
            let place = address::parse(place)?;
            let endpoint = afd.endpoint()?;
            // It is ConnectEx that goes on by itself, of a socket that has an address.
            if input.u32(4)? == 0 && endpoint.place().is_none() {
                return Err(NtStatus::INVALID_PARAMETER.into());
            }
            let at = call.InputBuffer.address.wrapping_add(8 + length as u64);
            let first = (!first.is_empty()).then(|| Send {
                buffers: vec![(at, first.len() as u64)],
                to: None,
                done: 0,
            });
            return connect(kernel, cx, (call, file), (place, first));
        }
        ACCEPT_INTO => {
            let (bytes, local) = (input.u32(4)?, input.u32(8)?);
            let remote = call.OutputBufferLength.checked_sub(bytes);
            let remote = remote.and_then(|left| left.checked_sub(local));
            let remote = remote.ok_or(NtStatus::BUFFER_TOO_SMALL)?;
            if remote < 4 {
                return Err(NtStatus::INVALID_PARAMETER.into());
            }
            let accept = AcceptInto {
                socket: kernel.open_afd(cx, input.u32(0)?.into())?,
                to: call.OutputBuffer.address,
                bytes,
                local,
                remote,
            };
            let work = Work::AcceptInto(accept);
            return operation::begin(kernel, cx, (call, file), work, (true, None));
        }
        TRANSMIT => {
            let file_told = match input.u32(32)? {
                0 => None,
                handle => {
                    let sent = kernel.any_file(cx, handle.into())?;
                    Some((sent, input.u64(0)?, input.u32(36)?.into()))
                }
            };
            let head = (input.u64(8)?, input.u32(24)?);
            let tail = (input.u64(16)?, input.u32(28)?);
            let transmit = Transmit::new(head, file_told, tail, input.u32(44)?);
            let work = Work::Transmit(transmit);
            return operation::begin(kernel, cx, (call, file), work, (true, None));
        }
        // No address of the machine changes.
        ADDRESS_LIST_CHANGE => {
            let waits = waits || input.u32(0)? != 0;
            return operation::begin(kernel, cx, (call, file), Work::Never, (waits, None));
        }
        // Nothing comes out of band: what is next is where that would be.
        AT_MARK => 1u32.to_le_bytes().to_vec(),
        SHUTDOWN => {
            let how = match input.u32(0)? {
                0 => How::Read,
                1 => How::Write,
                2 => How::Both,
                _ => return Err(NtStatus::INVALID_PARAMETER.into()),
            };
            transfer::shut(afd, how)?;
            Vec::new()
        }
        RECEIVE_MESSAGE => {
            let flags_at = input.u64(24)?;
            let flags = match flags_at {
                0 => 0,
                at => cx.mem.read_u32(at)?,
            };
            let receive = Receive {
                buffers: transfer::buffers(cx, input.u64(40)?, input.u32(36)?)?,
                // [winsock2.h: MSG_PEEK, MSG_WAITALL]
                peek: flags & 2 != 0,
                whole: flags & 8 != 0,
                done: 0,
                from: (input.u64(8)?, input.u64(16)?),
                flags: flags_at,
            };
            let must = input.u32(32)? != 0;
            return transfer::receive(kernel, cx, (call, file), (receive, must));
        }
        SEND_MESSAGE => {
            let to = match (input.u64(0)?, input.u32(8)?) {
                (0, _) | (_, 0) => None,
                (at, length) => {
                    let mut bytes = vec![0; length.min(128) as usize];
                    cx.mem.read(at, &mut bytes)?;
                    Some(Address::Ip(address::parse(&bytes)?))
                }
            };
            let send = Send {
                buffers: transfer::buffers(cx, input.u64(24)?, input.u32(20)?)?,
                to,
                done: 0,
            };
            let waits = waits || input.u32(16)? != 0;
            let work = Work::Send(send);
            return operation::begin(kernel, cx, (call, file), work, (waits, None));
        }
        FIONBIO => {
            let on = input.u32(0)? != 0;
            if !on && afd.selected.borrow().is_some() {
                return Err(NtStatus::INVALID_PARAMETER.into());
            }
            afd.nonblocking.set(on);
            Vec::new()
        }
        COMPLETE_ASYNC => {
            let status = NtStatus(input.u32(0)?);
            return kernel.finish(cx, (call, file), (status, 0));
        }
        FIONREAD => {
            let waiting = u32::try_from(afd.endpoint()?.waiting()).unwrap_or(u32::MAX);
            waiting.to_le_bytes().to_vec()
        }
        KEEPALIVE => {
            option::keep_alive(afd, input)?;
            Vec::new()
        }
        GET_PEER_NAME => peer_name(afd)?,
        GET_INFO => afd
            .sort
            .get()
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect(),
        FIRST_OPTION.. => {
            let mut value = option::serve(afd, function, input)?;
            // Who has room for less wants less.
            value.truncate(call.OutputBufferLength as usize);
            value
        }
        _ => return Err(Stop::Missing),
    };
    kernel.answer(cx, (call, file), &out)
}

fn peer_name(afd: &Afd) -> Result<Vec<u8>, NtStatus> {
    let endpoint = afd.endpoint()?;
    let remote = endpoint.remote().map_err(status::status)?;
    Ok(afd.form.get().info(endpoint.family, &remote))
}

/// Gives a socket an address; answers which it has.
fn bind(afd: &Afd, input: &Input) -> Result<Vec<u8>, NtStatus> {
    let endpoint = afd.endpoint()?;
    let place = afd.form.get().parse(input.rest(4))?;
    if place.ip.is_ipv6() && endpoint.family == Family::Inet {
        return Err(NtStatus::INVALID_ADDRESS);
    }
    let bound = endpoint.bind(place);
    bound.map_err(|error| match error {
        NetError::Invalid => NtStatus::ADDRESS_ALREADY_ASSOCIATED,
        error => status::status(error),
    })?;
    Ok(afd.form.get().info(endpoint.family, &endpoint.local()))
}

/// Connects, or begins to; sends something through the connection at once.
fn connect(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    (call, file): (&nt::NtDeviceIoControlFile, &Rc<OpenFile>),
    (to, first): (Place, Option<Send>),
) -> Outcome {
    let afd = file.object_of::<Afd>().ok_or(NtStatus::INVALID_HANDLE)?;
    let to = Address::Ip(to);
    if afd.nonblocking.get() && first.is_none() {
        afd.connecting.set(true);
        return match afd.endpoint()?.connect(&to, false) {
            Ok(_) => kernel.finish(cx, (call, file), (NtStatus::SUCCESS, 0)),
            Err(error) => Err(status::status(error).into()),
        };
    }
    // A call that blocked comes again.
    let begun = afd.synchronous && cx.again;
    let work = Work::Connect(Connect { to, begun, first });
    operation::begin(kernel, cx, (call, file), work, (true, None))
}

impl Kernel {
    /// Answers at once, with what there is to tell.
    fn answer(
        &mut self,
        cx: &mut Cx<'_>,
        (call, file): (&nt::NtDeviceIoControlFile, &Rc<OpenFile>),
        out: &[u8],
    ) -> Outcome {
        // A bound address may be asked for or not.
        let unasked = call.OutputBufferLength == 0 && call.IoControlCode == BIND;
        if !unasked && out.len() > call.OutputBufferLength as usize {
            return Err(NtStatus::BUFFER_TOO_SMALL.into());
        }
        let out = if unasked { &[] } else { out };
        cx.mem.write(call.OutputBuffer.address, out)?;
        let done = (NtStatus::SUCCESS, out.len() as u64);
        self.finish(cx, (call, file), done)
    }

    /// An open file of any kind but a pipe.
    fn any_file(&mut self, cx: &Cx<'_>, handle: u64) -> Result<Rc<OpenFile>, NtStatus> {
        match self.nt_object(cx, handle)? {
            Object::File(file) => Ok(file),
            _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
        }
    }

    /// An open file of the device.
    fn open_afd(&mut self, cx: &Cx<'_>, handle: u64) -> Result<Rc<OpenFile>, NtStatus> {
        match self.nt_object(cx, handle)? {
            Object::File(file) if file.object_of::<Afd>().is_some() => Ok(file),
            _ => Err(NtStatus::INVALID_HANDLE),
        }
    }
}
