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
mod unix_memory;
mod wine;

use std::rc::Rc;

use emu_prototypes::nt::{self, NtStatus};

use super::Outcome;
use super::handles::Object;
use crate::kernel::net::{Address, Family, Kind, NetError, Place, Sender};
use crate::kernel::vfs::OpenFile;
use crate::kernel::{Cx, Kernel};
use afd::Afd;
use operation::{Connect, Work};
use transfer::Send;

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
/// Those of Wine's own have a number in the place of a function.   [Wine's wine/afd.h: WINE_AFD_IOC]
const WINE: u32 = 0x12_0000;

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
            return wine::serve(kernel, cx, call, file, ((code & 0xffff) >> 2, &input));
        }
        _ => return native::serve(kernel, cx, call, file, &input),
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
