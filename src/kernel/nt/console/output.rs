//! What is asked of a screen buffer?   [Wine's wine/condrv.h: condrv_output_params and following]

use std::rc::Rc;

use emu_prototypes::nt::NtStatus;

use super::input::mode;
use super::keys::Record;
use super::requests::{
    Answer, GET_MODE, IS_UNIX, READ, Request, SET_MODE, WRITE, WRITE_FILE, code,
};
use super::screen::{self, Cell};
use super::{Buffer, Console};
use crate::kernel::Kernel;

const WRITE_CONSOLE: u32 = code(30, WRITE);
const READ_OUTPUT: u32 = code(32, READ);
const WRITE_OUTPUT: u32 = code(33, WRITE);
const GET_OUTPUT_INFO: u32 = code(34, READ);
const SET_OUTPUT_INFO: u32 = code(35, WRITE);
const ACTIVATE: u32 = code(36, WRITE);
const FILL_OUTPUT: u32 = code(37, WRITE);
const SCROLL: u32 = code(38, WRITE);

/// Bytes of `condrv_output_info`.
const OUTPUT_INFO: usize = 100;

/// Serves what is asked of a screen buffer.
pub(super) fn output(
    kernel: &mut Kernel,
    console: &Rc<Console>,
    buffer: &Rc<Buffer>,
    request: &Request,
) -> Answer {
    let invalid = || Err(NtStatus::INVALID_PARAMETER.into());
    match request.code {
        GET_MODE => {
            request.has(0, 4)?;
            Ok(buffer.screen.borrow().mode.to_le_bytes().to_vec())
        }
        SET_MODE => {
            request.has(4, 0)?;
            let wanted = request.word(0);
            if wanted & !screen::mode::ALL != 0 {
                return invalid();
            }
            buffer.screen.borrow_mut().mode = wanted;
            Ok(Vec::new())
        }
        IS_UNIX => Err(NtStatus::NOT_SUPPORTED.into()),
        WRITE_CONSOLE if request.room == 0 => {
            kernel.write_units(console, buffer, &request.units(0)?);
            Ok(Vec::new())
        }
        WRITE_FILE if request.room == 0 => {
            let units = console.state.borrow_mut().pages.1.decode(&request.told);
            kernel.write_units(console, buffer, &units);
            Ok(Vec::new())
        }
        READ_OUTPUT => {
            if request.told.len() != 16 {
                return invalid();
            }
            read_cells(buffer, request)
        }
        WRITE_OUTPUT => {
            let told = write_cells(buffer, request)?;
            kernel.redraw(console, buffer);
            Ok(told)
        }
        GET_OUTPUT_INFO => {
            if !request.told.is_empty() || request.room < OUTPUT_INFO {
                return invalid();
            }
            Ok(information(buffer))
        }
        SET_OUTPUT_INFO => {
            if request.told.len() < 4 + OUTPUT_INFO || request.room != 0 {
                return invalid();
            }
            set_information(kernel, console, buffer, request)
        }
        ACTIVATE => {
            request.has(0, 0)?;
            console.state.borrow_mut().active = buffer.clone();
            kernel.redraw(console, buffer);
            Ok(Vec::new())
        }
        FILL_OUTPUT => {
            request.has(24, 4)?;
            let count = fill_cells(buffer, request)?;
            kernel.redraw(console, buffer);
            Ok((count as u32).to_le_bytes().to_vec())
        }
        SCROLL => {
            request.has(24, 0)?;
            let to = (i32::from(request.short(8)), i32::from(request.short(10)));
            let fill = Cell {
                unit: request.half(20),
                colours: request.half(22),
            };
            let (from, clip) = (request.rect(0), request.rect(12));
            buffer.screen.borrow_mut().scroll(from, to, clip, fill)?;
            kernel.redraw(console, buffer);
            Ok(Vec::new())
        }
        WRITE_CONSOLE | WRITE_FILE => invalid(),
        _ => Err(NtStatus::INVALID_HANDLE.into()),
    }
}

/// `condrv_output_info`.
fn information(buffer: &Buffer) -> Vec<u8> {
    let screen = buffer.screen.borrow();
    let (width, height) = screen.size();
    let (x, y) = screen.seen_cursor();
    let window = screen.window;
    let [font_width, font_height, weight, family] = screen.font;
    let halves = [
        screen.cursor_size,
        screen.cursor_visible.into(),
        x as u16,
        y as u16,
        width as u16,
        height as u16,
        screen.colours,
        screen.popup,
        window.left as u16,
        window.top as u16,
        window.right as u16,
        window.bottom as u16,
        screen.most.0,
        screen.most.1,
        font_width,
        font_height,
        weight,
        family,
    ];
    let colours = screen.table.iter().flat_map(|colour| colour.to_le_bytes());
    let halves = halves.iter().flat_map(|half| half.to_le_bytes());
    halves.chain(colours).collect()
}

/// What of it is set.   [SET_CONSOLE_OUTPUT_INFO_CURSOR_GEOM and following]
fn set_information(
    kernel: &mut Kernel,
    console: &Rc<Console>,
    buffer: &Rc<Buffer>,
    request: &Request,
) -> Answer {
    let mask = request.word(0);
    // Behind the mask is the same as what is told.
    let half = |index: usize| request.half(4 + 2 * index);
    let short = |index: usize| request.short(4 + 2 * index);
    let mut screen = buffer.screen.borrow_mut();
    if mask & 0x1 != 0 {
        if !(1..=100).contains(&half(0)) {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        screen.cursor_size = half(0);
        screen.cursor_visible = half(1) != 0;
    }
    if mask & 0x2 != 0 {
        screen.move_to(short(2), short(3))?;
    }
    let mut resized = None;
    if mask & 0x4 != 0 {
        screen.resize(short(4), short(5))?;
        resized = Some(Record::size(half(4), half(5)));
    }
    if mask & 0x8 != 0 {
        screen.colours = half(6);
    }
    if mask & 0x40 != 0 {
        screen.popup = half(7);
    }
    if mask & 0x10 != 0 {
        screen.show(request.rect(4 + 16))?;
    }
    if mask & 0x20 != 0 {
        screen.most = (half(12), half(13));
    }
    if mask & 0x80 != 0 {
        screen.font = [half(14), half(15).max(1), half(16), half(17)];
    }
    drop(screen);
    let mut state = console.state.borrow_mut();
    let active = Rc::ptr_eq(&state.active, buffer);
    if active && state.input.mode & mode::WINDOW != 0 {
        state.input.add(resized);
    }
    let follows = state.shown.follows();
    drop(state);
    // Colours alone are shown with the next text.
    if mask & !0xc8 != 0 || !follows {
        kernel.redraw(console, buffer);
    }
    kernel.came_in(console);
    Ok(Vec::new())
}

/// What is told of cells, and what it makes of one.   [char_info_mode]
fn change(kind: u32, bytes: &[u8], cell: Cell) -> Cell {
    let half = |at: usize| u16::from_le_bytes([bytes[at], bytes[at + 1]]);
    match kind {
        0 => Cell {
            unit: half(0),
            ..cell
        },
        1 => Cell {
            colours: half(0),
            ..cell
        },
        _ => Cell {
            unit: half(0),
            colours: half(2),
        },
    }
}

/// Units, colours, or both, row after row, or in a rectangle, which is then told first.
fn read_cells(buffer: &Buffer, request: &Request) -> Answer {
    let [x, y, kind, width] = [0, 4, 8, 12].map(|at| request.word(at) as usize);
    let screen = buffer.screen.borrow();
    let (wide, high) = screen.size();
    match kind {
        0 | 1 => {
            let cells = screen.read((x, y), request.room / 2);
            let half = |cell: &Cell| if kind == 0 { cell.unit } else { cell.colours };
            Ok(cells
                .iter()
                .flat_map(|cell| half(cell).to_le_bytes())
                .collect())
        }
        2 if width > 0 && request.room >= 8 && x < wide && y < high => {
            let rows = ((request.room - 8) / (4 * width)).min(high - y);
            let width = width.min(wide - x);
            let region = [x, y, x + width - 1, (y + rows).saturating_sub(1)];
            let mut told: Vec<u8> = Vec::new();
            told.extend(region.iter().flat_map(|side| (*side as u16).to_le_bytes()));
            for row in 0..rows {
                for cell in screen.read((x, y + row), width) {
                    told.extend(cell.unit.to_le_bytes());
                    told.extend(cell.colours.to_le_bytes());
                }
            }
            Ok(told)
        }
        _ => Err(NtStatus::INVALID_PARAMETER.into()),
    }
}

fn write_cells(buffer: &Buffer, request: &Request) -> Answer {
    let invalid = || Err(NtStatus::INVALID_PARAMETER.into());
    if request.told.len() < 16 {
        return invalid();
    }
    let [x, y, kind, width] = [0, 4, 8, 12].map(|at| request.word(at) as usize);
    let size = match kind {
        0 | 1 => 2,
        2 => 4,
        _ => return invalid(),
    };
    // What it tells is a rectangle, or how many there were.
    if !(request.room == 8 && width > 0 || request.room == 4) {
        return invalid();
    }
    let mut screen = buffer.screen.borrow_mut();
    let (wide, high) = screen.size();
    if x >= wide {
        return Ok(Vec::new());
    }
    let told = &request.told[16..];
    let count = told.len() / size;
    let one = |index: usize| &told[index * size..(index + 1) * size];
    let mut done = 0;
    if width == 0 {
        done = screen.run((x, y), count, |index, cell| {
            change(kind as u32, one(index), cell)
        });
    } else {
        for index in 0..count {
            let (x, y) = (x + index % width, y.saturating_add(index / width));
            if y >= high {
                break;
            }
            let cell = change(kind as u32, one(index), screen.cell(x, y));
            screen.set(x, y, cell);
            done += 1;
        }
    }
    if request.room == 4 {
        return Ok((done as u32).to_le_bytes().to_vec());
    }
    let right = x.saturating_add(width).min(wide);
    let bottom = y.saturating_add(count / width).min(high);
    let region = [x, y, right.wrapping_sub(1), bottom.wrapping_sub(1)];
    Ok(region
        .iter()
        .flat_map(|side| (*side as u16).to_le_bytes())
        .collect())
}

fn fill_cells(buffer: &Buffer, request: &Request) -> Result<usize, NtStatus> {
    let [x, y, kind, count] = [0, 4, 8, 12].map(|at| request.word(at) as usize);
    if kind > 2 {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let bytes = match kind {
        1 => &request.told[22..24],
        _ => &request.told[20..24],
    };
    let mut screen = buffer.screen.borrow_mut();
    if y >= screen.size().1 {
        return Ok(0);
    }
    Ok(screen.run((x, y), count, |_, cell| change(kind as u32, bytes, cell)))
}
