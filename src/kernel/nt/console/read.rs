//! Reading and writing the characters of a console.   [Microsoft, High-Level Console Input and Output Functions]

use std::rc::Rc;

use emu_prototypes::Stop;
use emu_prototypes::nt::NtStatus;

use super::input::{Wish, mode};
use super::line::displayed;
use super::screen::{Cell, Screen};
use super::{Buffer, Console, Part};
use crate::kernel::nt::Outcome;
use crate::kernel::{Cx, Kernel};

/// Ctrl+Z, with which a line says that there is no more.
const NO_MORE: u16 = 26;

/// Bytes that a write has at most.
const MOST: u32 = 1 << 24;

/// Serves `NtReadFile`.
pub(in super::super) fn read_file(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    part: &Part,
    (buffer, length): (u64, u32),
    (io_status, event): (u64, u64),
) -> Outcome {
    let console = kernel.input_of(cx, part)?;
    let bytes = read_bytes(kernel, cx, &console, length as usize)?;
    cx.mem.write(buffer, &bytes)?;
    finish(kernel, cx, (io_status, event), bytes.len())
}

/// Serves `NtWriteFile`.
pub(in super::super) fn write_file(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    part: &Part,
    (buffer, length): (u64, u32),
    (io_status, event): (u64, u64),
) -> Outcome {
    let (console, screen) = kernel.screen_of(cx, part)?;
    if length > MOST {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let mut bytes = vec![0; length as usize];
    cx.mem.read(buffer, &mut bytes)?;
    let units = console.state.borrow_mut().pages.1.decode(&bytes);
    kernel.write_units(&console, &screen, &units);
    finish(kernel, cx, (io_status, event), bytes.len())
}

/// Tells how a request went that is over.
pub(super) fn finish(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    (io_status, event): (u64, u64),
    done: usize,
) -> Outcome {
    cx.io_status(io_status, NtStatus::SUCCESS, done as u64)?;
    if event != 0 {
        kernel.signal_event(cx, event)?;
    }
    Ok(0)
}

/// Characters as bytes of the code page of input.
pub(super) fn read_bytes(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    console: &Rc<Console>,
    room: usize,
) -> Result<Vec<u8>, Stop<NtStatus>> {
    wait(kernel, cx, console, Wish::default())?;
    let state = &mut *console.state.borrow_mut();
    let mut bytes = Vec::new();
    let whole = mode::LINE | mode::PROCESSED;
    if state.input.mode & whole == whole && state.input.next() == Some(NO_MORE) {
        state.input.units(usize::MAX);
        return Ok(bytes);
    }
    while let Some(unit) = state.input.next() {
        let pair = (0xd800..0xdc00).contains(&unit);
        let units = state.input.peek(if pair { 2 } else { 1 });
        let encoded = state.pages.0.encode(&units);
        if bytes.len() + encoded.len() > room {
            break;
        }
        bytes.extend(encoded);
        state.input.units(units.len());
    }
    Ok(bytes)
}

/// Characters.
pub(super) fn read_units(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    console: &Rc<Console>,
    most: usize,
    wish: Wish<'_>,
) -> Result<Vec<u16>, Stop<NtStatus>> {
    wait(kernel, cx, console, wish)?;
    Ok(console.state.borrow_mut().input.units(most))
}

/// Waits until there are characters to be read, and shows what is typed meanwhile.
fn wait(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    console: &Rc<Console>,
    wish: Wish<'_>,
) -> Result<(), Stop<NtStatus>> {
    let interrupts = kernel.take_typed(console);
    kernel.interrupted(cx, console, interrupts);
    let (progress, ready) = console.state.borrow_mut().input.read(wish);
    let echoes = console.state.borrow().input.mode & mode::ECHO != 0;
    if progress.echo && echoes {
        kernel.echo(console, progress.left);
    }
    if progress.left || ready {
        console.state.borrow_mut().input.line = None;
    }
    match ready {
        true => Ok(()),
        false => Err(kernel.wait_typed(cx, console)),
    }
}

impl Kernel {
    /// Serves `NtFlushBuffersFile`: what was typed is forgotten.   [FlushConsoleInputBuffer]
    pub(in super::super) fn flush_console(
        &mut self,
        cx: &Cx<'_>,
        part: &Part,
    ) -> Result<(), NtStatus> {
        let console = self.input_of(cx, part)?;
        self.take_typed(&console);
        console.state.borrow_mut().input.flush();
        Ok(())
    }

    /// The console whose input is meant.
    pub(super) fn input_of(&mut self, cx: &Cx<'_>, part: &Part) -> Result<Rc<Console>, NtStatus> {
        match part {
            Part::Console(console) => Ok(console.clone()),
            Part::Input => self.own_console(cx),
            _ => Err(NtStatus::INVALID_HANDLE),
        }
    }

    /// The screen buffer that is meant, and its console.
    pub(super) fn screen_of(
        &mut self,
        cx: &Cx<'_>,
        part: &Part,
    ) -> Result<(Rc<Console>, Rc<Buffer>), NtStatus> {
        match part {
            Part::Screen(console, buffer) => Ok((console.clone(), buffer.clone())),
            Part::Output => match self.active(cx)? {
                Part::Screen(console, buffer) => Ok((console, buffer)),
                _ => Err(NtStatus::INVALID_HANDLE),
            },
            _ => Err(NtStatus::INVALID_HANDLE),
        }
    }

    /// Shows the line that is being typed. What is added to its end, or taken from there, is written as text is; after other
    /// changes all of it is drawn again.
    fn echo(&mut self, console: &Rc<Console>, left: bool) {
        let mut state = console.state.borrow_mut();
        let buffer = state.active.clone();
        let Some(line) = &mut state.input.line else {
            return;
        };
        let (before, at_before) = std::mem::take(&mut line.shown);
        let now = displayed(&line.units);
        let at = displayed(&line.units[..line.at]).len();
        line.shown = (now.clone(), at);
        let screen = &buffer.screen;
        let cursor = screen.borrow().cursor;
        let scrolled = screen.borrow().scrolled;
        let home = *line.home.get_or_insert((cursor.0, cursor.1, scrolled));
        let at_ends = at_before == before.len() && at == now.len();
        let step = b"\x08 \x08".map(u16::from);
        drop(state);
        let text = match at_ends {
            true if now.starts_with(&before) => Some(now[before.len()..].to_vec()),
            true if before.starts_with(&now) && cursor.0 >= before.len() - now.len() => {
                Some(step.repeat(before.len() - now.len()))
            }
            _ => None,
        };
        let end = left.then_some([13, 10]);
        match text {
            Some(text) => {
                let text: Vec<u16> = text.into_iter().chain(end.into_iter().flatten()).collect();
                self.write_units(console, &buffer, &text);
            }
            None => {
                draw(&mut screen.borrow_mut(), home, (&now, before.len()), at);
                self.redraw(console, &buffer);
                self.write_units(console, &buffer, end.as_ref().map_or(&[], |end| &end[..]));
            }
        }
    }
}

/// Puts a line and blanks behind it, where it was longer, where it begins, and the cursor into it.
fn draw(
    screen: &mut Screen,
    (x, y, scrolled): (usize, usize, usize),
    (line, before): (&[u16], usize),
    at: usize,
) {
    let (width, height) = screen.size();
    let y = y.saturating_sub(screen.scrolled - scrolled);
    let first = y * width + x;
    let count = line.len().max(before);
    // Far enough down, it moves up with all else.
    let by = ((first + count) / width).saturating_sub(height - 1).min(y);
    screen.cursor = (0, height - 1);
    (0..by).for_each(|_| screen.line_feed());
    let first = first - by * width;
    let colours = screen.colours;
    screen.run((first % width, first / width), count, |index, _| Cell {
        unit: line.get(index).copied().unwrap_or(b' '.into()),
        colours,
    });
    let cursor = (first + at).min(width * height - 1);
    screen.cursor = (cursor % width, cursor / width);
    screen.follow();
}
