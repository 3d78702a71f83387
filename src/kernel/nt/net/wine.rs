//! What does Wine's library ask of a socket that Windows' own does not?   [Wine's wine/afd.h: IOCTL_AFD_WINE_CREATE and following]

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::accept_into::AcceptInto;
use super::afd::Afd;
use super::operation::{self, Work};
use super::transfer::{self, Accept, Receive, Send};
use super::transmit::Transmit;
use super::{Input, address, connect, make, option, peer_name};
use crate::kernel::net::{Address, How};
use crate::kernel::nt::Outcome;
use crate::kernel::vfs::OpenFile;
use crate::kernel::{Cx, Kernel};

/// The numbers.
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

/// Serves the codes of Wine's own.
pub(super) fn serve(
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
