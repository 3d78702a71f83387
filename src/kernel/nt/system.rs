//! What is known of the machine and of the system?   [winternl.h: SYSTEM_BASIC_INFORMATION; the headers of the crate phnt, ntexapi.h]

mod processes;

use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::Outcome;
use super::executive::system_time;
use crate::kernel::{Cx, Kernel};

/// `SYSTEM_INFORMATION_CLASS`. What a 32-bit process on a 64-bit system is told instead is the same here.
const BASIC: i32 = 0;
const PROCESSOR: i32 = 1;
const TIME_OF_DAY: i32 = 3;
const PROCESSES: i32 = 5;
const KERNEL_DEBUGGER: i32 = 35;
const TIME_ZONE: i32 = 44;
const DYNAMIC_TIME_ZONE: i32 = 102;
const EMULATION_BASIC: i32 = 62;
const EMULATION_PROCESSOR: i32 = 63;
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
    let bytes = match call.SystemInformationClass {
        BASIC | EMULATION_BASIC => basic(kernel, cx),
        PROCESSOR | EMULATION_PROCESSOR => processor(cx.word()),
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
    cx.returned_length(call.ReturnLength.address, bytes.len() as u64)?;
    if (call.SystemInformationLength as usize) < bytes.len() {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    cx.mem.write(call.SystemInformation.address, &bytes)?;
    Ok(0)
}

fn basic(kernel: &Kernel, cx: &Cx<'_>) -> Vec<u8> {
    let word = cx.word() as usize;
    let process = &cx.profile.process;
    let pages = (kernel.memory.limit() / u64::from(PAGE)) as u32;
    let mut out = Vec::new();
    // Memory begins with its first page.
    for value in [0, RESOLUTION, PAGE, pages, 1, pages, GRANULARITY] {
        out.extend_from_slice(&value.to_le_bytes());
    }
    out.resize(out.len().next_multiple_of(word), 0);
    for value in [process.low, process.high - 1, 1] {
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
