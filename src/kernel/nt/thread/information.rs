//! What is known of a thread, and what is said of it?   [winternl.h; the headers of the crate phnt, ntpsapi.h: THREADINFOCLASS]

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::Thread;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::{Outcome, client_id, query as queries, wow64};
use crate::kernel::{Cx, Kernel};

const BASIC: i32 = 0;
const TIMES: i32 = 1;
const PRIORITY: i32 = 2;
const BASE_PRIORITY: i32 = 3;
const AFFINITY: i32 = 4;
const START: i32 = 9;
const ZERO_TLS_CELL: i32 = 10;
const AM_I_LAST: i32 = 12;
const IDEAL_PROCESSOR: i32 = 13;
const PRIORITY_BOOST: i32 = 14;
const IMPERSONATION_TOKEN: i32 = 5;
const BREAK_ON_TERMINATION: i32 = 18;
const IDEAL_PROCESSOR_EX: i32 = 33;
const IS_IO_PENDING: i32 = 16;
const HIDE: i32 = 17;
const IS_TERMINATED: i32 = 20;
const IO_PRIORITY: i32 = 22;
const PAGE_PRIORITY: i32 = 24;
const GROUP: i32 = 30;
const WOW64_CONTEXT: i32 = 29;
const SUSPEND_COUNT: i32 = 35;
const NAME: i32 = 38;

/// What a thread is told to be.
#[derive(Debug)]
pub(super) struct Said {
    name: Vec<u16>,
    /// Its base priority beside that of the process.
    above: i32,
    priority: i32,
    /// Whether its priority is not raised by itself.
    steady: bool,
    io_priority: u32,
    page_priority: u32,
    pub(super) hidden: bool,
}

/// The base priority of a process, and that of transfers and of pages.   [winnt.h, NORMAL_PRIORITY_CLASS; IoPriorityNormal]
const NORMAL: i32 = 8;
const HIGHEST: i32 = 31;

impl Default for Said {
    fn default() -> Said {
        Said {
            name: Vec::new(),
            above: 0,
            priority: NORMAL,
            steady: false,
            io_priority: 2,
            page_priority: 5,
            hidden: false,
        }
    }
}

fn thread(kernel: &mut Kernel, cx: &Cx<'_>, handle: u64) -> Result<Rc<Thread>, NtStatus> {
    match kernel.nt_object(cx, handle)? {
        Object::Thread(thread) => Ok(thread),
        _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
    }
}

/// Serves `NtQueryInformationThread`.
pub(in crate::kernel::nt) fn query(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtQueryInformationThread,
) -> Outcome {
    let word = cx.word() as usize;
    let thread = thread(kernel, cx, call.ThreadHandle)?;
    if call.ThreadInformationClass == WOW64_CONTEXT {
        return wow64::context::get(kernel, cx, call, &thread);
    }
    let said = thread.said.borrow();
    let flag = |flag: bool| u32::from(flag).to_le_bytes().to_vec();
    let bytes = match call.ThreadInformationClass {
        BASIC => basic(cx, &thread, &said),
        TIMES => {
            let times = times(kernel, cx, &thread);
            times.iter().flat_map(|time| time.to_le_bytes()).collect()
        }
        START => thread.start.get().to_le_bytes()[..word].to_vec(),
        AM_I_LAST => flag(kernel.other_threads(cx.task).is_empty()),
        PRIORITY_BOOST => flag(said.steady),
        // The system does not depend on it; it is on the first processor of the first group.
        IS_IO_PENDING | BREAK_ON_TERMINATION | IDEAL_PROCESSOR_EX => flag(false),
        HIDE => vec![said.hidden.into()],
        IS_TERMINATED => flag(thread.ended.get().is_some()),
        IO_PRIORITY => said.io_priority.to_le_bytes().to_vec(),
        PAGE_PRIORITY => said.page_priority.to_le_bytes().to_vec(),
        SUSPEND_COUNT => thread.suspended.get().to_le_bytes().to_vec(),
        GROUP => {
            // GROUP_AFFINITY: one processor of the first group.
            let mut bytes = 1u64.to_le_bytes()[..word].to_vec();
            bytes.resize(word + 8, 0);
            bytes.resize(bytes.len().next_multiple_of(word), 0);
            bytes
        }
        NAME => return name(cx, call, &said.name),
        _ => return Err(Stop::Missing),
    };
    let at = call.ThreadInformation.address;
    let length = call.ThreadInformationLength;
    queries::tell(cx, &bytes, at, length, call.ReturnLength.address)
}

/// `THREAD_BASIC_INFORMATION`: five words, among them the numbers of process and thread, and two priorities.
fn basic(cx: &Cx<'_>, thread: &Thread, said: &Said) -> Vec<u8> {
    let word = cx.word() as usize;
    let (process, own) = client_id(thread.pid, thread.tid);
    let status = thread.ended.get().unwrap_or(NtStatus::PENDING.0);
    let mut bytes = Vec::new();
    for value in [status.into(), thread.teb, process, own, 1] {
        bytes.extend_from_slice(&value.to_le_bytes()[..word]);
    }
    // Wine's libraries take the first for the second.   [Wine's kernelbase, GetThreadPriority]
    let own = match cx.is_wine() {
        true => said.above,
        false => said.priority,
    };
    for priority in [own, said.above] {
        bytes.extend_from_slice(&priority.to_le_bytes());
    }
    bytes
}

/// When it began and ended, and CPU time in calls and in user code.   [KERNEL_USER_TIMES]
fn times(kernel: &Kernel, cx: &Cx<'_>, thread: &Thread) -> [u64; 4] {
    let [created, ended, ..] = thread.times.get();
    let used = match thread.tid {
        own if own == cx.task.tid => Some(kernel.used_by_thread(cx.task)),
        other => kernel.tasks.get(other).map(|task| task.linux.used),
    };
    match used {
        Some((user, system)) => [created, ended, system / 100, user / 100],
        None => thread.times.get(),
    }
}

/// A `UNICODE_STRING` with the thread's name behind it.
fn name(cx: &mut Cx<'_>, call: &nt::NtQueryInformationThread, units: &[u16]) -> Outcome {
    let word = cx.word() as usize;
    let (at, len) = (call.ThreadInformation.address, 2 * units.len());
    let size = 2 * word + len;
    cx.returned_length(call.ReturnLength.address, size as u64)?;
    if (call.ThreadInformationLength as usize) < size {
        return Err(NtStatus::BUFFER_TOO_SMALL.into());
    }
    let mut bytes = vec![0; 2 * word];
    bytes[..2].copy_from_slice(&(len as u16).to_le_bytes());
    bytes[2..4].copy_from_slice(&(len as u16).to_le_bytes());
    let text = at.wrapping_add(2 * word as u64);
    bytes[word..].copy_from_slice(&text.to_le_bytes()[..word]);
    bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    cx.mem.write(at, &bytes)?;
    Ok(0)
}

/// Serves `NtSetInformationThread`.
pub(in crate::kernel::nt) fn set(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtSetInformationThread,
) -> Outcome {
    let at = call.ThreadInformation.address;
    let length = u64::from(call.ThreadInformationLength);
    let thread = thread(kernel, cx, call.ThreadHandle)?;
    if call.ThreadInformationClass == WOW64_CONTEXT {
        return wow64::context::put(kernel, cx, call, &thread);
    }
    let word = cx.word();
    let wanted = match call.ThreadInformationClass {
        AFFINITY | IMPERSONATION_TOKEN => word,
        HIDE => 0,
        NAME => 2 * word,
        PRIORITY | BASE_PRIORITY | ZERO_TLS_CELL | IDEAL_PROCESSOR | PRIORITY_BOOST
        | IO_PRIORITY | PAGE_PRIORITY => 4,
        _ => return Err(Stop::Missing),
    };
    if length != wanted {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    let value = match call.ThreadInformationClass {
        HIDE | NAME => 0,
        AFFINITY | IMPERSONATION_TOKEN => cx.read_word(at)?,
        _ => cx.mem.read_u32(at)?.into(),
    };
    let number = value as u32;
    let signed = number.cast_signed();
    let mut said = thread.said.borrow_mut();
    match call.ThreadInformationClass {
        PRIORITY if !(1..=HIGHEST).contains(&signed) => {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        PRIORITY => said.priority = signed,
        // Between idle and time-critical, which stand for the ends of a class.
        BASE_PRIORITY if !matches!(signed, -2..=2 | -15 | 15) => {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        BASE_PRIORITY => {
            said.above = signed;
            said.priority = match signed {
                -15 => 1,
                15 => 15,
                above => NORMAL + above,
            };
        }
        // There is one processor.
        AFFINITY if value & 1 == 0 => return Err(NtStatus::INVALID_PARAMETER.into()),
        AFFINITY => {}
        IDEAL_PROCESSOR => return Ok(0),
        IMPERSONATION_TOKEN => {
            let token = match value {
                0 => None,
                handle => Some(kernel.token_to_act_as(cx, handle)?),
            };
            thread.acts_as.replace(token);
        }
        PRIORITY_BOOST => said.steady = number != 0,
        IO_PRIORITY => said.io_priority = number,
        PAGE_PRIORITY => said.page_priority = number,
        HIDE => said.hidden = true,
        NAME => said.name = cx.unicode(at)?,
        _ => {
            drop(said);
            return zero_cell(kernel, cx, number);
        }
    }
    Ok(0)
}

/// Where the first cells of storage are in a thread's block, how many, and where those behind them are.
/// [the headers of the crate phnt, ntpebteb.h: TlsSlots, TlsExpansionSlots]
const CELLS: u32 = 64;
const MORE_CELLS: u32 = 1024;

/// Clears a cell of storage in all threads.
fn zero_cell(kernel: &mut Kernel, cx: &mut Cx<'_>, cell: u32) -> Outcome {
    let word = cx.word();
    let (first, more) = if word == 4 {
        (0xe10, 0xf94)
    } else {
        (0x1480, 0x1780)
    };
    let tids: Vec<_> = cx.process().threads.iter().copied().collect();
    for tid in tids {
        let teb = kernel.nt_thread(cx, tid).teb;
        if cell < CELLS {
            cx.write_word(teb + first + word * u64::from(cell), 0)?;
        } else if cell < CELLS + MORE_CELLS {
            let cells = cx.read_word(teb + more)?;
            if cells != 0 {
                let at = cells.wrapping_add(word * u64::from(cell - CELLS));
                cx.write_word(at, 0)?;
            }
        } else {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
    }
    Ok(0)
}
