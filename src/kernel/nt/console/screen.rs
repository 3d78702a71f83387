//! What does a screen buffer show, and what changes it?
//!
//! Cells of a unit of UTF-16 and its colours, a cursor, and the window through which some of them are seen.
//! [Microsoft, Console Screen Buffers; Scrolling the Screen Buffer]

use std::collections::VecDeque;

use emu_prototypes::nt::NtStatus;

/// The most cells of a screen buffer.
pub(super) const MOST_CELLS: usize = 1_200_000;
/// Colours that a new screen buffer has: white on black; and those of windows above it.   [Wine's conhost.c]
pub(super) const COLOURS: u16 = 0x07;
const POPUP: u16 = 0xf5;
/// The table of colours, as `COLORREF`.   [Microsoft, CONSOLE_SCREEN_BUFFER_INFOEX; the values of Windows 7]
const TABLE: [u32; 16] = [
    0x00_0000, 0x80_0000, 0x00_8000, 0x80_8000, 0x00_0080, 0x80_0080, 0x00_8080, 0xc0_c0c0,
    0x80_8080, 0xff_0000, 0x00_ff00, 0xff_ff00, 0x00_00ff, 0xff_00ff, 0x00_ffff, 0xff_ffff,
];

/// Modes of a screen buffer.   [Microsoft, SetConsoleMode]
pub(super) mod mode {
    /// `ENABLE_PROCESSED_OUTPUT`.
    pub(in super::super) const PROCESSED: u32 = 1;
    /// `ENABLE_WRAP_AT_EOL_OUTPUT`.
    pub(in super::super) const WRAP: u32 = 2;
    /// `ENABLE_VIRTUAL_TERMINAL_PROCESSING`.
    pub(in super::super) const SEQUENCES: u32 = 4;
    /// `DISABLE_NEWLINE_AUTO_RETURN`.
    pub(in super::super) const NO_RETURN: u32 = 8;
    /// All that there are, with `ENABLE_LVB_GRID_WORLDWIDE`.
    pub(in super::super) const ALL: u32 = 0x1f;
}

/// What is at a place: `CHAR_INFO`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) unit: u16,
    pub(super) colours: u16,
}

/// What nothing was written to.
pub(super) const EMPTY: Cell = Cell {
    unit: b' ' as u16,
    colours: COLOURS,
};

/// A rectangle with its last column and row: `SMALL_RECT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rect {
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) right: i32,
    pub(super) bottom: i32,
}

impl Rect {
    /// What two have in common; it may be nothing.
    fn and(self, other: Rect) -> Rect {
        Rect {
            left: self.left.max(other.left),
            top: self.top.max(other.top),
            right: self.right.min(other.right),
            bottom: self.bottom.min(other.bottom),
        }
    }

    fn has(self, x: i32, y: i32) -> bool {
        (self.left..=self.right).contains(&x) && (self.top..=self.bottom).contains(&y)
    }

    pub(super) fn is_nothing(self) -> bool {
        self.left > self.right || self.top > self.bottom
    }
}

/// A screen buffer.
#[derive(Debug, Clone)]
pub(super) struct Screen {
    /// Rows; one that nothing was written to has no cells yet.
    rows: VecDeque<Vec<Cell>>,
    width: usize,
    /// Column and row. The column may be the width: the next unit begins a line.
    pub(super) cursor: (usize, usize),
    /// How much of its cell the cursor fills, in hundredths, and whether it is seen.
    pub(super) cursor_size: u16,
    pub(super) cursor_visible: bool,
    /// Colours of what is written, and of windows above.
    pub(super) colours: u16,
    pub(super) popup: u16,
    pub(super) mode: u32,
    /// What of it is seen, and the most that can be.
    pub(super) window: Rect,
    pub(super) most: (u16, u16),
    pub(super) table: [u32; 16],
    /// Width, height, weight, pitch and family of its letters.
    pub(super) font: [u16; 4],
    /// How often its rows have moved up.
    pub(super) scrolled: usize,
    /// Where the cursor was saved by a sequence.
    pub(super) saved: (usize, usize),
}

impl Screen {
    /// An empty one of a size, through whose upper left a window of another is seen.
    pub(super) fn new((width, height): (u16, u16), window: (u16, u16)) -> Screen {
        let (width, height) = (width.max(1), height.max(1));
        let window = (window.0.clamp(1, width), window.1.clamp(1, height));
        Screen {
            rows: vec![Vec::new(); height.into()].into(),
            width: width.into(),
            cursor: (0, 0),
            cursor_size: 25,
            cursor_visible: true,
            colours: COLOURS,
            popup: POPUP,
            mode: mode::PROCESSED | mode::WRAP,
            window: Rect {
                left: 0,
                top: 0,
                right: i32::from(window.0) - 1,
                bottom: i32::from(window.1) - 1,
            },
            most: window,
            table: TABLE,
            // A raster font of 8 by 12 in a family that has no serifs, all letters of one width.   [wingdi.h]
            font: [8, 12, 400, 0x30],
            scrolled: 0,
            saved: (0, 0),
        }
    }

    /// Another one as large as this.
    pub(super) fn sibling(&self) -> Screen {
        let size = |from: i32, to: i32| u16::try_from(to - from + 1).unwrap_or(1);
        let window = self.window;
        let window = (
            size(window.left, window.right),
            size(window.top, window.bottom),
        );
        let (width, height) = self.size();
        Screen {
            most: self.most,
            ..Screen::new((width as u16, height as u16), window)
        }
    }

    /// Columns and rows.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.width, self.rows.len())
    }

    /// Where the cursor is seen.
    pub(super) fn seen_cursor(&self) -> (usize, usize) {
        (self.cursor.0.min(self.width - 1), self.cursor.1)
    }

    pub(super) fn cell(&self, x: usize, y: usize) -> Cell {
        let row = self.rows.get(y);
        row.and_then(|row| row.get(x)).copied().unwrap_or(EMPTY)
    }

    pub(super) fn set(&mut self, x: usize, y: usize, cell: Cell) {
        let Some(row) = self.rows.get_mut(y).filter(|_| x < self.width) else {
            return;
        };
        if row.is_empty() {
            row.resize(self.width, EMPTY);
        }
        row[x] = cell;
    }

    /// A place by its number, row after row.
    fn place(&self, number: usize) -> (usize, usize) {
        (number % self.width, number / self.width)
    }

    /// Writes a unit where the cursor is, which goes on.
    pub(super) fn put(&mut self, unit: u16) {
        if self.cursor.0 >= self.width {
            match self.mode & mode::WRAP {
                0 => self.cursor.0 = self.width - 1,
                _ => {
                    self.cursor.0 = 0;
                    self.line_feed();
                }
            }
        }
        let (x, y) = self.cursor;
        let colours = self.colours;
        self.set(x, y, Cell { unit, colours });
        self.cursor.0 += 1;
    }

    /// The cursor goes down; what is above moves up when there is nothing below.
    pub(super) fn line_feed(&mut self) {
        if self.cursor.1 + 1 < self.rows.len() {
            self.cursor.1 += 1;
        } else {
            self.rows.pop_front();
            self.rows.push_back(Vec::new());
            self.scrolled += 1;
        }
    }

    /// What a control character does in a processed write; `false` when it is written as it is.
    /// [Microsoft, SetConsoleMode: ENABLE_PROCESSED_OUTPUT]
    pub(super) fn control(&mut self, unit: u16) -> bool {
        match unit {
            // The bell.
            7 => {}
            8 => self.cursor.0 = self.seen_cursor().0.saturating_sub(1),
            9 => {
                let (x, _) = self.cursor;
                let spaces = match (self.width.saturating_sub(x)).min(8 - x % 8) {
                    0 => 8,
                    spaces => spaces,
                };
                (0..spaces).for_each(|_| self.put(b' '.into()));
            }
            10 => {
                if self.mode & mode::NO_RETURN == 0 {
                    self.cursor.0 = 0;
                }
                self.line_feed();
            }
            13 => self.cursor.0 = 0,
            _ => return false,
        }
        true
    }

    /// A write is over: a full line is left, unless a sequence may still be about it; the window shows the cursor.
    pub(super) fn settle(&mut self) {
        if self.cursor.0 >= self.width {
            match self.mode & (mode::WRAP | mode::SEQUENCES) {
                mode::WRAP => {
                    self.cursor.0 = 0;
                    self.line_feed();
                }
                _ if self.mode & mode::WRAP == 0 => self.cursor.0 = self.width - 1,
                _ => {}
            }
        }
        self.follow();
    }

    /// Moves the window to where the cursor is.
    pub(super) fn follow(&mut self) {
        let (x, y) = self.seen_cursor();
        let moved = |from: &mut i32, to: &mut i32, at: usize| {
            let at = at as i32;
            let by = if at < *from {
                at - *from
            } else {
                (at - *to).max(0)
            };
            *from += by;
            *to += by;
        };
        let window = &mut self.window;
        moved(&mut window.left, &mut window.right, x);
        moved(&mut window.top, &mut window.bottom, y);
    }

    /// Moves the cursor.   [SetConsoleCursorPosition]
    pub(super) fn move_to(&mut self, x: i16, y: i16) -> Result<(), NtStatus> {
        match (usize::try_from(x), usize::try_from(y)) {
            (Ok(x), Ok(y)) if x < self.width && y < self.rows.len() => {
                self.cursor = (x, y);
                self.follow();
                Ok(())
            }
            _ => Err(NtStatus::INVALID_PARAMETER),
        }
    }

    /// Changes its size, which is not below that of the window.   [SetConsoleScreenBufferSize]
    pub(super) fn resize(&mut self, width: i16, height: i16) -> Result<(), NtStatus> {
        let window = self.window;
        if i32::from(width) < window.right - window.left + 1
            || i32::from(height) < window.bottom - window.top + 1
        {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        let (width, height) = (width as usize, height as usize);
        if width * height > MOST_CELLS {
            return Err(NtStatus::NO_MEMORY);
        }
        self.rows.resize(height, Vec::new());
        for row in self.rows.iter_mut().filter(|row| !row.is_empty()) {
            row.resize(width, EMPTY);
        }
        self.width = width;
        let window = &mut self.window;
        if window.right >= width as i32 {
            (window.left, window.right) = (0, window.right - window.left);
        }
        if window.bottom >= height as i32 {
            (window.top, window.bottom) = (0, window.bottom - window.top);
        }
        self.cursor = (self.cursor.0.min(width - 1), self.cursor.1.min(height - 1));
        Ok(())
    }

    /// Shows another part.   [SetConsoleWindowInfo]
    pub(super) fn show(&mut self, window: Rect) -> Result<(), NtStatus> {
        let all = self.all();
        if window.is_nothing() || window.and(all) != window {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        self.window = window;
        Ok(())
    }

    fn all(&self) -> Rect {
        Rect {
            left: 0,
            top: 0,
            right: self.width as i32 - 1,
            bottom: self.rows.len() as i32 - 1,
        }
    }

    /// Fills places from one on with what a function makes of what is there; answers how many.
    /// [FillConsoleOutputCharacter, WriteConsoleOutputCharacter]
    pub(super) fn run(
        &mut self,
        (x, y): (usize, usize),
        count: usize,
        mut change: impl FnMut(usize, Cell) -> Cell,
    ) -> usize {
        let places = self.width * self.rows.len();
        let first = y.saturating_mul(self.width).saturating_add(x).min(places);
        let count = count.min(places - first);
        for index in 0..count {
            let (x, y) = self.place(first + index);
            let cell = change(index, self.cell(x, y));
            self.set(x, y, cell);
        }
        count
    }

    /// What is in places from one on, `most` at most.
    pub(super) fn read(&self, (x, y): (usize, usize), most: usize) -> Vec<Cell> {
        if x >= self.width || y >= self.rows.len() {
            return Vec::new();
        }
        let first = y * self.width + x;
        let end = (self.width * self.rows.len()).min(first.saturating_add(most));
        let place = |number| {
            let (x, y) = self.place(number);
            self.cell(x, y)
        };
        (first..end).map(place).collect()
    }

    /// Moves a rectangle and fills what it leaves.   [ScrollConsoleScreenBuffer]
    pub(super) fn scroll(
        &mut self,
        from: Rect,
        (x, y): (i32, i32),
        clip: Rect,
        fill: Cell,
    ) -> Result<(), NtStatus> {
        let all = self.all();
        let clip = clip.and(all);
        if clip.is_nothing() || from.is_nothing() || from.and(all) != from || !all.has(x, y) {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        let width = (from.right - from.left + 1) as usize;
        let moved: Vec<_> = (from.top..=from.bottom)
            .flat_map(|y| self.read((from.left as usize, y as usize), width))
            .collect();
        let left = from.and(clip);
        for y in left.top..=left.bottom {
            for x in left.left..=left.right {
                self.set(x as usize, y as usize, fill);
            }
        }
        for (index, cell) in moved.into_iter().enumerate() {
            let (x, y) = (x + (index % width) as i32, y + (index / width) as i32);
            if clip.has(x, y) {
                self.set(x as usize, y as usize, cell);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
