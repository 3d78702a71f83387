//! What is known of the machine and of the system?   [winternl.h: SYSTEM_BASIC_INFORMATION; the headers of the crate phnt, ntexapi.h]

mod processes;

use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::executive::system_time;
use super::{Outcome, wow64};
use crate::kernel::{Cx, Kernel};

/// `SYSTEM_INFORMATION_CLASS`.
const BASIC: i32 = 0;
const PROCESSOR: i32 = 1;
const TIME_OF_DAY: i32 = 3;
const PROCESSES: i32 = 5;
const KERNEL_DEBUGGER: i32 = 35;
const TIME_ZONE: i32 = 44;
const DYNAMIC_TIME_ZONE: i32 = 102;
const EMULATION_BASIC: i32 = 62;
const EMULATION_PROCESSOR: i32 = 63;
const ARCHITECTURES: i32 = 181;
const WINE_VERSION: i32 = 1000;

/// `PROCESSOR_ARCHITECTURE_INTEL` and `PROCESSOR_ARCHITECTURE_AMD64`.
const INTEL: u16 = 0;
const AMD64: u16 = 9;
/// Units of a timer's resolution: 15.625 ms in 100 ns.
pub(super) const RESOLUTION: u32 = 156_250;
const PAGE: u32 = 0x1000;
const GRANULARITY: u32 = 0x1_0000;

/// Serves `NtQuerySystemInformation`.
pub(super) fn query(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtQuerySystemInformation,
) -> Outcome {
    let class = call.SystemInformationClass;
    // A 32-bit program on a 64-bit system is told of what it sees.
    let emulated = matches!(class, EMULATION_BASIC | EMULATION_PROCESSOR);
    let (high, word) = match emulated && cx.task.is_narrow() {
        true => (wow64::HIGH, 4),
        false => (cx.profile.process.high, cx.word()),
    };
    let bytes = match class {
        BASIC | EMULATION_BASIC => basic(kernel, cx, high),
        PROCESSOR | EMULATION_PROCESSOR => processor(word),
        TIME_OF_DAY => time_of_day(kernel),
        PROCESSES => processes::list(kernel, cx, call.SystemInformation.address),
        // No debugger of the kernel is there.
        KERNEL_DEBUGGER => vec![0, 1],
        TIME_ZONE => time_zone(172),
        DYNAMIC_TIME_ZONE => time_zone(432),
        // Wine's own question for its version, which Windows does not know either.
        WINE_VERSION => return Err(NtStatus::INVALID_INFO_CLASS.into()),
        _ => return Err(Stop::Missing),
    };
    let at = call.SystemInformation.address;
    let room = (
        at,
        call.SystemInformationLength,
        NtStatus::INFO_LENGTH_MISMATCH,
    );
    tell(cx, &bytes, room, call.ReturnLength.address)
}

/// Tells all where there is room for that, or says with which status there isn't; and how much it is.
fn tell(
    cx: &mut Cx<'_>,
    bytes: &[u8],
    (at, length, short): (u64, u32, NtStatus),
    returned: u64,
) -> Outcome {
    cx.returned_length(returned, bytes.len() as u64)?;
    if (length as usize) < bytes.len() {
        return Err(short.into());
    }
    cx.mem.write(at, bytes)?;
    Ok(0)
}

/// Serves `NtQuerySystemInformationEx`, which asks for something of a process or a processor.
pub(super) fn query_of(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtQuerySystemInformationEx,
) -> Outcome {
    let bytes = match call.SystemInformationClass {
        ARCHITECTURES => {
            if u64::from(call.InputBufferLength) < cx.word() {
                return Err(NtStatus::INVALID_PARAMETER.into());
            }
            let handle = cx.read_word(call.InputBuffer.address)?;
            architectures(kernel, cx, handle)?
        }
        _ => return Err(Stop::Missing),
    };
    let at = call.SystemInformation.address;
    let room = (at, call.SystemInformationLength, NtStatus::BUFFER_TOO_SMALL);
    tell(cx, &bytes, room, call.ReturnLength.address)
}

/// Machines whose programs run here, and a 0: each with bits of the kernel, of programs, of the system's own machine, of the
/// process's, and of one that runs in a process of another.
/// [the headers of the crate phnt, ntexapi.h: SYSTEM_SUPPORTED_PROCESSOR_ARCHITECTURES_INFORMATION]
fn architectures(kernel: &mut Kernel, cx: &Cx<'_>, handle: u64) -> Result<Vec<u8>, NtStatus> {
    const KERNEL: u32 = 1 << 16;
    const USER: u32 = 1 << 17;
    const NATIVE: u32 = 1 << 18;
    const PROCESS: u32 = 1 << 19;
    const CONTAINER: u32 = 1 << 20;
    let (of_process, narrow) = match handle {
        0 => (false, false),
        handle => {
            let process = kernel.process_of(cx, handle)?;
            (true, kernel.blocks_of(cx, &process).1.is_some())
        }
    };
    let own = |is: bool| if of_process && is { PROCESS } else { 0 };
    let system = KERNEL | USER | NATIVE | own(!narrow);
    let all = match cx.word() {
        4 => vec![u32::from(wow64::I386) | system, 0],
        _ => vec![
            u32::from(wow64::AMD64) | system,
            u32::from(wow64::I386) | USER | CONTAINER | own(narrow),
            0,
        ],
    };
    Ok(all.iter().flat_map(|one| one.to_le_bytes()).collect())
}

fn basic(kernel: &Kernel, cx: &Cx<'_>, high: u64) -> Vec<u8> {
    let word = cx.word() as usize;
    let process = &cx.profile.process;
    let pages = (kernel.memory.limit() / u64::from(PAGE)) as u32;
    let mut out = Vec::new();
    // Memory begins with its first page.
    for value in [0, RESOLUTION, PAGE, pages, 1, pages, GRANULARITY] {
        out.extend_from_slice(&value.to_le_bytes());
    }
    out.resize(out.len().next_multiple_of(word), 0);
    for value in [process.low, high - 1, 1] {
        out.extend_from_slice(&value.to_le_bytes()[..word]);
    }
    out.push(1);
    out.resize(out.len().next_multiple_of(word), 0);
    out
}

/// Architecture, level, revision, processors at most, features.
fn processor(word: u64) -> Vec<u8> {
    let architecture = if word == 8 { AMD64 } else { INTEL };
    let mut out = Vec::new();
    for value in [architecture, 6, 0, 1] {
        out.extend_from_slice(&value.to_le_bytes());
    }
    out.resize(12, 0);
    out
}

/// When the system was started, what time it is, the bias of the time zone.
fn time_of_day(kernel: &Kernel) -> Vec<u8> {
    let now = system_time(kernel);
    let boot = now.saturating_sub(kernel.clock.monotonic() / 100);
    let mut out: Vec<u8> = [boot, now]
        .iter()
        .flat_map(|time| time.to_le_bytes())
        .collect();
    out.resize(48, 0);
    out
}

/// UTC all year: no bias, and its name for both halves of the year, 4 bytes and 88 behind the beginning; the name of its key
/// behind all that where there is room.   [timezoneapi.h: TIME_ZONE_INFORMATION, DYNAMIC_TIME_ZONE_INFORMATION]
fn time_zone(size: usize) -> Vec<u8> {
    let mut out = vec![0; size];
    for at in [4, 88, 172] {
        if let Some(name) = out.get_mut(at..at + 6) {
            name.copy_from_slice(b"U\0T\0C\0");
        }
    }
    out
}
