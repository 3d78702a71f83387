//! What can be set of a process?   [the headers of the crate phnt, ntpsapi.h: PROCESSINFOCLASS]

use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::super::Outcome;
use crate::kernel::{Cx, Kernel};

pub(super) const BASE_PRIORITY: i32 = 5;
pub(super) const HARD_ERROR_MODE: i32 = 12;
pub(super) const PRIORITY_CLASS: i32 = 18;
pub(super) const AFFINITY: i32 = 21;
pub(super) const PRIORITY_BOOST: i32 = 22;
pub(super) const EXECUTE_FLAGS: i32 = 34;

/// The highest of the priority classes, `PROCESS_PRIORITY_CLASS_ABOVE_NORMAL`.
const HIGHEST: u8 = 6;
/// The highest base priority.
const MAX_PRIORITY: u32 = 31;

/// What has been set.
#[derive(Debug, Clone, Copy)]
pub(in crate::kernel::nt) struct Settings {
    pub(super) hard_error_mode: u32,
    pub(super) class: u8,
    pub(super) no_boost: u32,
    pub(super) execute_flags: u32,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            hard_error_mode: 1,
            // PROCESS_PRIORITY_CLASS_NORMAL.
            class: 2,
            no_boost: 0,
            // MEM_EXECUTE_OPTION_DISABLE and MEM_EXECUTE_OPTION_PERMANENT.
            execute_flags: 9,
        }
    }
}

impl Settings {
    /// The base priority of its class: idle, normal, high, realtime, below and above normal.
    pub(super) fn priority(&self) -> u64 {
        match self.class {
            1 => 4,
            3 => 13,
            4 => 24,
            5 => 6,
            6 => 10,
            _ => 8,
        }
    }
}

/// Serves `NtSetInformationProcess`.
pub(super) fn set(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtSetInformationProcess,
) -> Outcome {
    let word = cx.word();
    let size = match call.ProcessInformationClass {
        BASE_PRIORITY | HARD_ERROR_MODE | PRIORITY_BOOST | EXECUTE_FLAGS => 4,
        PRIORITY_CLASS => 2,
        AFFINITY => word,
        _ => return Err(Stop::Missing),
    };
    let process = kernel.process_of(cx, call.ProcessHandle)?;
    let pid = process.borrow().pid;
    if u64::from(call.ProcessInformationLength) != size {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    let at = call.ProcessInformation.address;
    let mut bytes = [0; 8];
    cx.mem.read(at, &mut bytes[..size as usize])?;
    let value = u64::from_le_bytes(bytes);
    let settings = match kernel.nt.processes.get_mut(&pid) {
        Some(process) => &mut process.settings,
        None => return Err(NtStatus::PROCESS_IS_TERMINATING.into()),
    };
    match call.ProcessInformationClass {
        BASE_PRIORITY if value as u32 > MAX_PRIORITY => {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        BASE_PRIORITY => {}
        HARD_ERROR_MODE => settings.hard_error_mode = value as u32,
        PRIORITY_BOOST => settings.no_boost = u32::from(value as u32 != 0),
        // Once it is permanent, it stays.
        EXECUTE_FLAGS if settings.execute_flags & 8 != 0 && word == 8 => {
            return Err(NtStatus::ACCESS_DENIED.into());
        }
        EXECUTE_FLAGS => settings.execute_flags = value as u32,
        // In front of the class is whether the process is in the foreground.
        PRIORITY_CLASS => match (value >> 8) as u8 {
            class @ 1..=HIGHEST => settings.class = class,
            _ => return Err(NtStatus::INVALID_PARAMETER.into()),
        },
        // There is one processor.
        _ if value & 1 == 0 => return Err(NtStatus::INVALID_PARAMETER.into()),
        _ => {}
    }
    Ok(0)
}
