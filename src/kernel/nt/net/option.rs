//! What can be set at a socket of Windows, and asked?
//!
//! Each option has a code of Wine's own to ask and one to set it.   [Wine's wine/afd.h: IOCTL_AFD_WINE_GET_SO_ACCEPTCONN
//! and following]

use emu_prototypes::Stop;
use emu_prototypes::nt::NtStatus;

use super::Input;
use super::afd::Afd;
use super::status::winsock;
use crate::kernel::net::State;
use crate::kernel::{Cx, Kernel};

/// Under which level options are kept that have no effect here.
const LEVEL: u64 = 0xafd;
/// Bytes of an option at most.
const MOST: usize = 64;

/// What has no effect here: the code that asks, the one that sets, and what it is at first.
const KEPT: [(u32, u32, u32); 29] = [
    (223, 224, 0),
    (227, 228, 0),
    (242, 243, 0),
    (246, 247, 0),
    (248, 249, 0),
    (250, 251, 1),
    (252, 253, 1),
    (256, 257, 0),
    (258, 259, 0),
    (260, 261, 64),
    (263, 264, 0),
    (266, 267, 0),
    (269, 270, 1),
    (271, 272, 0),
    (273, 274, 1),
    (275, 276, 64),
    (277, 278, 0),
    (284, 285, 0),
    (286, 287, 0),
    (288, 289, 0),
    (290, 291, 0),
    (293, 294, 0),
    (295, 296, 0),
    (297, 298, 0),
    (299, 300, 7200),
    (301, 302, 10),
    (303, 304, 1),
    (292, 0, 0),
    (281, 282, 0),
];

/// Serves an option's code.
pub(super) fn serve(afd: &Afd, function: u32, input: &Input) -> Result<Vec<u8>, Stop<NtStatus>> {
    let endpoint = afd.endpoint()?;
    let mut options = endpoint.options.borrow_mut();
    let told = |value: u32| Ok(value.to_le_bytes().to_vec());
    let nothing = Ok(Vec::new());
    let milliseconds = |time: Option<u64>| time.map_or(0, |time| (time / 1_000_000) as u32);
    let time = |input: &Input| -> Result<Option<u64>, NtStatus> {
        let time = input.u32(0)?;
        Ok((time != 0).then(|| u64::from(time) * 1_000_000))
    };
    match function {
        219 => told((endpoint.state() == State::Listening).into()),
        220 => told(options.broadcast.into()),
        221 => {
            options.broadcast = input.u32(0)? != 0;
            nothing
        }
        222 => {
            drop(options);
            told(afd.take_error().map_or(0, winsock))
        }
        225 => {
            let (on, seconds) = options.linger.map_or((0, 0), |seconds| (1, seconds));
            told(on | seconds << 16)
        }
        226 => {
            let told = input.u32(0)?;
            options.linger = (told & 0xffff != 0).then_some(told >> 16);
            nothing
        }
        229 => {
            drop(options);
            set_buffers(afd, Some(input.u32(0)?), None)?;
            nothing
        }
        230 => told(options.receive_buffer as u32),
        231 => {
            options.receive_timeout = time(input)?;
            nothing
        }
        232 => told(milliseconds(options.receive_timeout)),
        233 => told(options.reuse_address.into()),
        234 => {
            options.reuse_address = input.u32(0)? != 0;
            nothing
        }
        235 => {
            drop(options);
            set_buffers(afd, None, Some(input.u32(0)?))?;
            nothing
        }
        236 => told(options.send_buffer as u32),
        237 => told(milliseconds(options.send_timeout)),
        238 => {
            options.send_timeout = time(input)?;
            nothing
        }
        279 => told(options.only_v6.into()),
        280 => {
            options.only_v6 = input.u32(0)? != 0;
            nothing
        }
        _ => {
            let found = KEPT
                .iter()
                .find(|(asks, sets, _)| function == *asks || function == *sets);
            let (asks, _, first) = found.ok_or(Stop::Missing)?;
            let key = (LEVEL, u64::from(*asks));
            if function == *asks {
                let kept = options.stored.get(&key).cloned();
                return Ok(kept.unwrap_or_else(|| first.to_le_bytes().to_vec()));
            }
            // One byte is as good as four.
            let mut value = input.0.clone();
            value.truncate(MOST);
            value.resize(value.len().max(4), 0);
            options.stored.insert(key, value);
            nothing
        }
    }
}

/// Sets how many bytes wait in a socket at most, of those that were received or of those that are sent.
pub(super) fn set_buffers(
    afd: &Afd,
    receive: Option<u32>,
    send: Option<u32>,
) -> Result<(), NtStatus> {
    let size = |size: u32| size.clamp(256, 16 << 20) as usize;
    let mut options = afd.endpoint()?.options.borrow_mut();
    options.receive_buffer = receive.map_or(options.receive_buffer, size);
    options.send_buffer = send.map_or(options.send_buffer, size);
    options.buffers_set = true;
    Ok(())
}

/// Options of the transport in Windows' own requests: level and name, and the codes above that ask and set the same.
/// [winsock2.h, ws2ipdef.h: SO_REUSEADDR and following, TCP_NODELAY, IP_TTL, IPV6_V6ONLY]
const TRANSPORT: [(u32, u32, u32, u32); 7] = [
    (0xffff, 0x4, 233, 234),
    (0xffff, 0x8, 223, 224),
    (0xffff, 0x20, 220, 221),
    (0xffff, 0x80, 225, 226),
    (6, 1, 284, 285),
    (0, 4, 260, 261),
    (41, 27, 279, 280),
];
/// `TL_IO_CONTROL_TYPE`: an option is set, or asked for.
const SET_OPTION: u32 = 1;
const GET_OPTION: u32 = 2;

/// Serves `IOCTL_AFD_TRANSPORT_IOCTL`: what kind, which level, which name, whether it is of the endpoint; where what it says
/// is, and how long.   [System Informer's ntafd.h: AFD_TL_IO_CONTROL_INFO]
pub(super) fn transport(
    cx: &mut Cx<'_>,
    afd: &Afd,
    input: &Input,
) -> Result<Vec<u8>, Stop<NtStatus>> {
    let word = cx.program_word();
    let (kind, level, name) = (input.u32(0)?, input.u32(4)?, input.u32(8)?);
    let (at, length) = (input.word(16, word)?, input.word(16 + word as usize, word)?);
    let known = TRANSPORT.iter().find(|one| (one.0, one.1) == (level, name));
    let (.., asks, sets) = known.ok_or(Stop::Missing)?;
    let mut bytes = vec![0; length.min(MOST as u64) as usize];
    cx.mem.read(at, &mut bytes)?;
    bytes.resize(bytes.len().max(4), 0);
    match kind {
        SET_OPTION => serve(afd, *sets, &Input(bytes)),
        GET_OPTION => serve(afd, *asks, &Input(bytes)),
        _ => Err(Stop::Missing),
    }
}

/// Serves `SIO_KEEPALIVE_VALS`: whether, after how many milliseconds, and how often. Connections here don't break silently.
pub(super) fn keep_alive(afd: &Afd, input: &Input) -> Result<(), NtStatus> {
    let values: [u8; 12] = input.bytes(0)?;
    let endpoint = afd.endpoint()?;
    let mut options = endpoint.options.borrow_mut();
    options.stored.insert((LEVEL, 223), values[..4].to_vec());
    Ok(())
}

/// When receiving that begins now is given up.
pub(super) fn receive_deadline(kernel: &Kernel, afd: &Afd) -> Option<u64> {
    let time = afd.endpoint().ok()?.options.borrow().receive_timeout?;
    Some(kernel.clock.now().saturating_add(time))
}
