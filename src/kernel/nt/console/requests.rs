//! Serves `NtDeviceIoControlFile` of consoles.   [Wine's wine/condrv.h: IOCTL_CONDRV_GET_MODE and following]

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::super::{Outcome, process};
use super::input::{Wish, mode, records_of};
use super::output::output;
use super::pages::Page;
use super::screen::Rect;
use super::{Console, Part, events, read};
use crate::kernel::nt::handles::Object;
use crate::kernel::{Cx, Kernel};

/// Bytes that a request tells or asks for at most.
const MOST: u32 = 1 << 24;

/// A code of the device: a function and the access that it needs.   [winioctl.h: CTL_CODE, FILE_DEVICE_CONSOLE]
pub(super) const fn code(function: u32, access: u32) -> u32 {
    0x50 << 16 | access << 14 | function << 2
}

pub(super) const ANY: u32 = 0;
pub(super) const READ: u32 = 1;
pub(super) const WRITE: u32 = 2;

pub(super) const GET_MODE: u32 = code(0, READ);
pub(super) const SET_MODE: u32 = code(1, WRITE);
pub(super) const IS_UNIX: u32 = code(2, ANY);
const READ_CONSOLE: u32 = code(10, READ);
const READ_FILE: u32 = code(11, READ);
const READ_INPUT: u32 = code(12, READ);
const WRITE_INPUT: u32 = code(13, WRITE);
const PEEK: u32 = code(14, READ);
const GET_INPUT_INFO: u32 = code(15, READ);
const SET_INPUT_INFO: u32 = code(16, WRITE);
const GET_TITLE: u32 = code(17, READ);
const SET_TITLE: u32 = code(18, WRITE);
const CTRL_EVENT: u32 = code(19, ANY);
const BEEP: u32 = code(20, ANY);
const FLUSH: u32 = code(21, ANY);
const GET_WINDOW: u32 = code(22, ANY);
const GET_PROCESS_LIST: u32 = code(23, ANY);
const READ_CONSOLE_CONTROL: u32 = code(24, READ);
pub(super) const WRITE_FILE: u32 = code(31, WRITE);
const BIND_PID: u32 = code(51, ANY);

/// `ATTACH_PARENT_PROCESS`.
const PARENT: u32 = u32::MAX;
/// Bytes of `condrv_title_params`; the title is behind its first 4.
const TITLE: usize = 8;

/// What a request asks, and room for the answer.
pub(super) struct Request {
    pub(super) code: u32,
    pub(super) told: Vec<u8>,
    pub(super) room: usize,
    /// Where the answer goes.
    answer: u64,
}

impl Request {
    pub(super) fn half(&self, at: usize) -> u16 {
        let byte = |at: usize| self.told.get(at).copied().unwrap_or(0);
        u16::from_le_bytes([byte(at), byte(at + 1)])
    }

    pub(super) fn short(&self, at: usize) -> i16 {
        self.half(at).cast_signed()
    }

    pub(super) fn word(&self, at: usize) -> u32 {
        u32::from(self.half(at)) | u32::from(self.half(at + 2)) << 16
    }

    pub(super) fn rect(&self, at: usize) -> Rect {
        let side = |index: usize| i32::from(self.short(at + 2 * index));
        Rect {
            left: side(0),
            top: side(1),
            right: side(2),
            bottom: side(3),
        }
    }

    /// Fails unless it tells and has room for so many bytes.
    pub(super) fn has(&self, told: usize, room: usize) -> Result<(), NtStatus> {
        match self.told.len() == told && self.room == room {
            true => Ok(()),
            false => Err(NtStatus::INVALID_PARAMETER),
        }
    }

    /// Units of UTF-16 that it tells from a place on.
    pub(super) fn units(&self, at: usize) -> Result<Vec<u16>, NtStatus> {
        let bytes = self.told.get(at..).ok_or(NtStatus::INVALID_PARAMETER)?;
        match bytes.len() % 2 {
            0 => Ok(super::super::units_of(bytes)),
            _ => Err(NtStatus::INVALID_PARAMETER),
        }
    }
}

pub(super) type Answer = Result<Vec<u8>, Stop<NtStatus>>;

/// Serves a request; `None` when the handle is of something else.
pub(in super::super) fn control(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtDeviceIoControlFile,
) -> Option<Outcome> {
    match kernel.nt_object(cx, call.FileHandle) {
        Ok(Object::Console(part)) => Some(serve(kernel, cx, &part, call)),
        _ => None,
    }
}

fn serve(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    part: &Part,
    call: &nt::NtDeviceIoControlFile,
) -> Outcome {
    kernel.nt_object_for(cx, call.FileHandle, call.IoControlCode >> 14 & 3)?;
    if call.InputBufferLength > MOST || call.OutputBufferLength > MOST {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let mut told = vec![0; call.InputBufferLength as usize];
    cx.mem.read(call.InputBuffer.address, &mut told)?;
    let request = Request {
        code: call.IoControlCode,
        told,
        room: call.OutputBufferLength as usize,
        answer: call.OutputBuffer.address,
    };
    let told = answer(kernel, cx, part, &request)?;
    cx.mem.write(call.OutputBuffer.address, &told)?;
    let count = match request.code {
        WRITE_FILE => request.told.len(),
        _ => told.len(),
    };
    let told = (call.IoStatusBlock.address, call.Event);
    read::finish(kernel, cx, told, count)
}

fn answer(kernel: &mut Kernel, cx: &mut Cx<'_>, part: &Part, request: &Request) -> Answer {
    match part {
        Part::Console(_) | Part::Input => {
            let console = kernel.input_of(cx, part)?;
            input(kernel, cx, &console, request)
        }
        Part::Screen(..) | Part::Output => {
            let (console, buffer) = kernel.screen_of(cx, part)?;
            output(kernel, &console, &buffer, request)
        }
        Part::Connection(_) if request.code == BIND_PID => bind(kernel, cx, request),
        Part::Connection(_) | Part::Server(_) => Err(NtStatus::INVALID_HANDLE.into()),
    }
}

/// Makes the process one of the console that another has.   [AttachConsole]
fn bind(kernel: &mut Kernel, cx: &mut Cx<'_>, request: &Request) -> Answer {
    request.has(4, 0)?;
    let pid = match request.word(0) {
        PARENT => cx.process().parent,
        number => process::pid(number.into()).ok_or(NtStatus::INVALID_CID)?,
    };
    if kernel.nt_process(cx).console.is_some() {
        return Err(NtStatus::INVALID_HANDLE.into());
    }
    let other = kernel.nt.processes.get(&pid).ok_or(NtStatus::INVALID_CID)?;
    let console = other.console.clone().ok_or(NtStatus::ACCESS_DENIED)?;
    kernel.nt_process(cx).console = Some(console);
    Ok(Vec::new())
}

fn input(kernel: &mut Kernel, cx: &mut Cx<'_>, console: &Rc<Console>, request: &Request) -> Answer {
    let invalid = || Err(NtStatus::INVALID_PARAMETER.into());
    let state = || console.state.borrow_mut();
    match request.code {
        GET_MODE => {
            request.has(0, 4)?;
            Ok(state().input.mode.to_le_bytes().to_vec())
        }
        SET_MODE => {
            request.has(4, 0)?;
            let wanted = request.word(0);
            // What is typed can be shown as far as it makes a line.   [Microsoft, SetConsoleMode]
            if wanted & !mode::ALL != 0 || wanted & (mode::LINE | mode::ECHO) == mode::ECHO {
                return invalid();
            }
            state().input.set_mode(wanted);
            Ok(Vec::new())
        }
        // Only the program's own host would do without the tables of keys.
        IS_UNIX => Err(NtStatus::NOT_SUPPORTED.into()),
        READ_CONSOLE if request.told.is_empty() && request.room.is_multiple_of(2) => {
            let wish = Wish::default();
            let units = read::read_units(kernel, cx, console, request.room / 2, wish)?;
            Ok(bytes_of(&units))
        }
        READ_CONSOLE_CONTROL if request.told.len() >= 4 && request.room >= 4 => {
            let initial = request.units(4)?;
            let wish = Wish {
                wakes: request.word(0),
                initial: &initial,
            };
            let most = (request.room - 4) / 2;
            let units = read::read_units(kernel, cx, console, most, wish)?;
            let keys = state().input.woken.to_le_bytes();
            Ok([&keys[..], &bytes_of(&units)].concat())
        }
        READ_FILE => read::read_bytes(kernel, cx, console, request.room),
        READ_INPUT | PEEK if request.told.is_empty() => {
            let typed = kernel.take_typed(console);
            kernel.interrupted(cx, console, typed);
            let stay = request.code == PEEK;
            if !stay && request.room > 0 && state().input.count() == 0 {
                return Err(kernel.wait_typed(cx, console));
            }
            Ok(state().input.records(request.room, stay))
        }
        WRITE_INPUT if request.room == 0 => {
            let records = records_of(&request.told)?;
            let interrupts = state().input.add(records);
            kernel.came_in(console);
            kernel.interrupted(cx, console, interrupts);
            Ok(Vec::new())
        }
        GET_INPUT_INFO => {
            request.has(0, 12)?;
            let typed = kernel.take_typed(console);
            kernel.interrupted(cx, console, typed);
            let state = state();
            let count = state.input.count() as u32;
            let words = [state.pages.0.number, state.pages.1.number, count];
            Ok(words.iter().flat_map(|word| word.to_le_bytes()).collect())
        }
        SET_INPUT_INFO => {
            request.has(16, 0)?;
            let page = |bit: u32, at: usize| match request.word(0) & bit {
                0 => Ok(None),
                _ => Page::new(request.word(at))
                    .map(Some)
                    .ok_or(NtStatus::INVALID_PARAMETER),
            };
            let (input, output) = (page(1, 4)?, page(2, 8)?);
            let pages = &mut state().pages;
            input.into_iter().for_each(|page| pages.0 = page);
            output.into_iter().for_each(|page| pages.1 = page);
            Ok(Vec::new())
        }
        GET_TITLE if request.told.is_empty() && request.room >= TITLE => {
            let title = &state().title;
            let mut told = (title.len() as u32).to_le_bytes().to_vec();
            let most = (request.room - TITLE) / 2;
            let text = bytes_of(&title[..title.len().min(most)]);
            told.extend_from_slice(&text);
            told.resize(TITLE + text.len(), 0);
            Ok(told)
        }
        SET_TITLE if request.room == 0 => {
            let title = request.units(0)?;
            state().title.clone_from(&title);
            kernel.show_title(console, &title);
            Ok(Vec::new())
        }
        CTRL_EVENT => {
            request.has(8, 0)?;
            let (event, group) = (request.word(0), request.word(4));
            events::send(kernel, cx, console, event, group)?;
            Ok(Vec::new())
        }
        BEEP => {
            request.has(0, 0)?;
            kernel.send(console, "\x07");
            Ok(Vec::new())
        }
        FLUSH => {
            request.has(0, 0)?;
            state().input.flush();
            Ok(Vec::new())
        }
        // There are no windows.
        GET_WINDOW => {
            request.has(0, 4)?;
            Ok(vec![0; 4])
        }
        GET_PROCESS_LIST => processes(kernel, cx, console, request),
        READ_CONSOLE | READ_CONSOLE_CONTROL | READ_INPUT | PEEK | WRITE_INPUT | GET_TITLE
        | SET_TITLE => invalid(),
        _ => Err(NtStatus::INVALID_HANDLE.into()),
    }
}

/// The numbers of a console's processes. Too little room gets how many there are.   [GetConsoleProcessList]
fn processes(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    console: &Rc<Console>,
    request: &Request,
) -> Answer {
    if request.room < 4 {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    kernel.nt_process(cx);
    let numbers = events::members(kernel, console, 0);
    let number = |pid: i32| super::super::client_id(pid, pid).0 as u32;
    let told: Vec<u8> = numbers
        .iter()
        .flat_map(|pid| number(*pid).to_le_bytes())
        .collect();
    if told.len() > request.room {
        cx.mem.write_u32(request.answer, numbers.len() as u32)?;
        return Err(NtStatus::BUFFER_TOO_SMALL.into());
    }
    Ok(told)
}

fn bytes_of(units: &[u16]) -> Vec<u8> {
    units.iter().flat_map(|unit| unit.to_le_bytes()).collect()
}
