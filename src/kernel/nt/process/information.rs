//! What is known of a process, as structures?   [winternl.h; the headers of the crate phnt, ntpsapi.h: PROCESSINFOCLASS]

use std::rc::Rc;

use emu_cpu::memory::Label;
use emu_cpu::{AddressSpace, GuestMemory};
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::{ended, settings};
use crate::kernel::linux::process::{INIT, Process};
use crate::kernel::nt::executive::system_time;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::{Outcome, client_id, path};
use crate::kernel::{Cx, Kernel};
use crate::load::{Image, Parameters, Program};

const BASIC: i32 = 0;
const IO_COUNTERS: i32 = 2;
const VM_COUNTERS: i32 = 3;
const TIMES: i32 = 4;
const DEBUG_PORT: i32 = 7;
const HANDLE_COUNT: i32 = 20;
const SESSION: i32 = 24;
const WOW64: i32 = 26;
const IMAGE_FILE_NAME: i32 = 27;
const DEBUG_OBJECT: i32 = 30;
const DEBUG_FLAGS: i32 = 31;
const COOKIE: i32 = 36;
const IMAGE: i32 = 37;
const IMAGE_FILE_NAME_WIN32: i32 = 43;
const COMMAND_LINE: i32 = 60;

/// What is said of a process that runs.   [winnt.h, STILL_ACTIVE]
const STILL_ACTIVE: u32 = 0x103;
/// Interactive users work in session 1; services in 0.
const FIRST_SESSION: u32 = 1;

/// Serves `NtQueryInformationProcess`.
pub(super) fn query(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtQueryInformationProcess,
) -> Outcome {
    let word = cx.word();
    let class = call.ProcessInformationClass;
    let process = kernel.process_of(cx, call.ProcessHandle)?;
    let own = Rc::ptr_eq(&process, &cx.task.linux.process);
    let pid = process.borrow().pid;
    kernel.nt_process(cx);
    let record = kernel.nt.processes.get(&pid);
    let settings = record.map(|record| record.settings).unwrap_or_default();
    let debugger = record.and_then(|record| record.debugger.clone());
    let words = |values: &[u64]| {
        let bytes = values.iter().map(|value| value.to_le_bytes());
        bytes
            .flat_map(|bytes| bytes.into_iter().take(word as usize))
            .collect::<Vec<u8>>()
    };
    let (block, narrow) = kernel.blocks_of(cx, &process);
    let bytes = match class {
        BASIC => {
            let process = process.borrow();
            let status = ended(&process).unwrap_or(STILL_ACTIVE).into();
            let (number, _) = client_id(pid, pid);
            // Wine's libraries take it for the class.   [Wine's kernelbase, GetPriorityClass]
            let base = match cx.is_wine() {
                true => settings.class.into(),
                false => settings.priority(),
            };
            let parent = match process.parent {
                INIT => 0,
                parent => client_id(parent, parent).0,
            };
            words(&[status, block, 1, base, number, parent])
        }
        // Transfers are not counted.
        IO_COUNTERS => vec![0; 48],
        VM_COUNTERS => counters(kernel, cx, call, &words)?,
        TIMES => times(kernel, &process.borrow()),
        HANDLE_COUNT => {
            let count = record.map_or(0, |record| record.handles.iter().count() as u32);
            count.to_le_bytes().to_vec()
        }
        SESSION => FIRST_SESSION.to_le_bytes().to_vec(),
        settings::HARD_ERROR_MODE => settings.hard_error_mode.to_le_bytes().to_vec(),
        settings::PRIORITY_CLASS => vec![0, settings.class],
        settings::PRIORITY_BOOST => settings.no_boost.to_le_bytes().to_vec(),
        settings::EXECUTE_FLAGS => settings.execute_flags.to_le_bytes().to_vec(),
        settings::AFFINITY => words(&[1]),
        // The program's block, where that is not as wide as the system.
        WOW64 => words(&[narrow.unwrap_or(0)]),
        DEBUG_PORT => words(&[if debugger.is_some() { u64::MAX } else { 0 }]),
        DEBUG_OBJECT => match debugger {
            None => return Err(NtStatus::PORT_NOT_SET.into()),
            Some(_) if u64::from(call.ProcessInformationLength) != word => Vec::new(),
            Some(debugger) => {
                let handles = &mut kernel.nt_process(cx).handles;
                let handle = handles.insert(Object::Debug(debugger));
                words(&[handle.ok_or(NtStatus::INSUFFICIENT_RESOURCES)?])
            }
        },
        // Whether its children are debugged with it, as they would be.
        DEBUG_FLAGS => {
            let alone = record.is_some_and(|record| record.debugged_alone);
            u32::from(!alone).to_le_bytes().to_vec()
        }
        COOKIE if !own => return Err(NtStatus::INVALID_PARAMETER.into()),
        COOKIE => kernel.nt_cookie(cx).to_le_bytes().to_vec(),
        IMAGE => {
            let made_of = record.and_then(|record| record.image.clone());
            match made_of.as_ref().and_then(|section| section.image()) {
                Some(image) => image.information(word),
                None => {
                    let path = process.borrow().exe.clone();
                    image(kernel, path)?.information(word)
                }
            }
        }
        IMAGE_FILE_NAME | IMAGE_FILE_NAME_WIN32 => {
            let prefix = match class {
                IMAGE_FILE_NAME => path::VOLUME,
                _ => "C:",
            };
            let path = String::from_utf8_lossy(&process.borrow().exe).replace('/', "\\");
            let units = prefix.encode_utf16().chain(path.encode_utf16());
            return name(cx, call, units.collect());
        }
        COMMAND_LINE => {
            let units = command_line(kernel, cx, call.ProcessHandle)?;
            return name(cx, call, units);
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

/// When it began and ended, and how long it has run in the kernel and outside.   [KERNEL_USER_TIMES]
fn times(kernel: &Kernel, process: &Process) -> Vec<u8> {
    let since = kernel.clock.now().saturating_sub(process.started) / 100;
    let began = system_time(kernel).saturating_sub(since);
    let (user, system) = process.used;
    let all = [began, 0, system / 100, user / 100];
    all.iter().flat_map(|time| time.to_le_bytes()).collect()
}

/// `VM_COUNTERS`: sizes of addresses and of memory, at most and now. What was most is not kept.
fn counters(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtQueryInformationProcess,
    words: &impl Fn(&[u64]) -> Vec<u8>,
) -> Result<Vec<u8>, NtStatus> {
    let other = kernel.space_of(cx, call.ProcessHandle)?;
    let of = |space: &AddressSpace| {
        let sizes = space.regions().map(|region| region.end - region.start);
        (sizes.sum::<u64>(), space.resident())
    };
    let (size, resident) = match &other {
        Some(space) => of(&space.borrow()),
        None => of(cx.mem),
    };
    let mut all = vec![size, size, 0, resident, resident];
    all.extend([0; 4]);
    all.extend([resident, resident]);
    // PrivateUsage is asked for by who gives it room.
    if u64::from(call.ProcessInformationLength) == 12 * cx.word() {
        all.push(resident);
    }
    Ok(words(&all))
}

/// The command line, as the process itself keeps it in its parameters.
fn command_line(kernel: &mut Kernel, cx: &mut Cx<'_>, handle: u64) -> Result<Vec<u16>, NtStatus> {
    let word = cx.word();
    let process = kernel.process_of(cx, handle)?;
    let (block, _) = kernel.blocks_of(cx, &process);
    let other = kernel.space_of(cx, handle)?;
    let read = |space: &mut AddressSpace| {
        let at = space.read_word(block + 4 * word, word)?;
        Parameters::read(space, word, at)
    };
    let parameters = match &other {
        Some(space) => read(&mut space.borrow_mut()),
        None => read(cx.mem),
    };
    Ok(parameters?.command)
}

/// A `UNICODE_STRING` with a text behind it.
fn name(cx: &mut Cx<'_>, call: &nt::NtQueryInformationProcess, units: Vec<u16>) -> Outcome {
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
fn image(kernel: &mut Kernel, path: Vec<u8>) -> Result<Image, NtStatus> {
    let file = kernel.nt_open(&path)?;
    let program = Program {
        object: file.object(false).map_err(path::status)?,
        label: Label::file(path, 0, 0, None),
        entry: None,
    };
    Image::new(program).map_err(|_| NtStatus::INVALID_IMAGE_FORMAT)
}
