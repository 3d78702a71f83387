//! What is known of a process, as structures?   [winternl.h; the headers of the crate phnt, ntpsapi.h: PROCESSINFOCLASS]

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use crate::kernel::nt::{Outcome, blocks, client_id, path};
use crate::kernel::{Cx, Kernel};
use crate::load::{Image, Program};
use emu_cpu::memory::Label;

const BASIC: i32 = 0;
const DEBUG_PORT: i32 = 7;
const WOW64: i32 = 26;
const IMAGE_FILE_NAME: i32 = 27;
const DEBUG_OBJECT: i32 = 30;
const DEBUG_FLAGS: i32 = 31;
const COOKIE: i32 = 36;
const IMAGE: i32 = 37;
const IMAGE_FILE_NAME_WIN32: i32 = 43;

/// What is said of a process that runs.   [winnt.h, STILL_ACTIVE]
const STILL_ACTIVE: u64 = 0x103;
/// `NORMAL_PRIORITY_CLASS` is this base priority.
const NORMAL_PRIORITY: u64 = 8;

/// Serves `NtQueryInformationProcess`.
pub(super) fn query(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtQueryInformationProcess,
) -> Outcome {
    let word = cx.word();
    let class = call.ProcessInformationClass;
    kernel.own_process(cx, call.ProcessHandle)?;
    let words = |values: &[u64]| {
        let bytes = values.iter().map(|value| value.to_le_bytes());
        bytes
            .flat_map(|bytes| bytes.into_iter().take(word as usize))
            .collect::<Vec<u8>>()
    };
    let bytes = match class {
        BASIC => {
            let pid = cx.process().pid;
            let (process, _) = client_id(pid, pid);
            words(&[STILL_ACTIVE, blocks(word).1, 1, NORMAL_PRIORITY, process, 0])
        }
        // Nobody debugs it, and it is as wide as its system.
        DEBUG_PORT | WOW64 => words(&[0]),
        DEBUG_OBJECT => return Err(NtStatus::PORT_NOT_SET.into()),
        DEBUG_FLAGS => 1u32.to_le_bytes().to_vec(),
        COOKIE => kernel.nt_cookie(cx).to_le_bytes().to_vec(),
        IMAGE => image(kernel, cx)?.information(),
        IMAGE_FILE_NAME | IMAGE_FILE_NAME_WIN32 => {
            let prefix = match class {
                IMAGE_FILE_NAME => path::VOLUME,
                _ => "C:",
            };
            return name(cx, call, prefix);
        }
        _ => return Err(Stop::Missing),
    };
    if call.ProcessInformationLength as usize != bytes.len() {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    cx.mem.write(call.ProcessInformation.address, &bytes)?;
    cx.returned_length(call.ReturnLength.address, bytes.len() as u64)?;
    Ok(0)
}

/// A `UNICODE_STRING` with the program's name behind it.
fn name(cx: &mut Cx<'_>, call: &nt::NtQueryInformationProcess, prefix: &str) -> Outcome {
    let path = String::from_utf8_lossy(&cx.process().exe).replace('/', "\\");
    let units: Vec<u16> = prefix.encode_utf16().chain(path.encode_utf16()).collect();
    let (word, len) = (cx.word(), 2 * units.len() as u64);
    let size = 2 * word + len + 2;
    cx.returned_length(call.ReturnLength.address, size)?;
    if u64::from(call.ProcessInformationLength) < size {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    let at = call.ProcessInformation.address;
    let text = at.wrapping_add(2 * word);
    cx.mem.write_u16(at, len as u16)?;
    cx.mem.write_u16(at.wrapping_add(2), len as u16 + 2)?;
    cx.write_word(at.wrapping_add(word), text)?;
    let bytes = units.iter().chain(&[0]).flat_map(|unit| unit.to_le_bytes());
    cx.mem.write(text, &bytes.collect::<Vec<u8>>())?;
    Ok(0)
}

/// The image of the program.
fn image(kernel: &mut Kernel, cx: &mut Cx<'_>) -> Result<Image, NtStatus> {
    let path = cx.process().exe.clone();
    let file = kernel.nt_open(cx, &path)?;
    let program = Program {
        object: file.object(false).map_err(path::status)?,
        label: Label::file(path, 0, 0, None),
        entry: None,
    };
    Image::new(program).map_err(|_| NtStatus::INVALID_IMAGE_FORMAT)
}
