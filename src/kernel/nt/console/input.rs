//! What has come in at a console, and which line is being typed?
//!
//! [Microsoft, Low-Level Console Input Functions; High-Level Console Input and Output Functions]

use std::collections::VecDeque;

use emu_prototypes::nt::NtStatus;

use super::keys::{CTRL, RECORD, Record, take, vk};
use super::line::Line;

/// Modes of input.   [Microsoft, SetConsoleMode]
pub(super) mod mode {
    /// `ENABLE_PROCESSED_INPUT`.
    pub(in super::super) const PROCESSED: u32 = 0x1;
    /// `ENABLE_LINE_INPUT`.
    pub(in super::super) const LINE: u32 = 0x2;
    /// `ENABLE_ECHO_INPUT`.
    pub(in super::super) const ECHO: u32 = 0x4;
    /// `ENABLE_WINDOW_INPUT`.
    pub(in super::super) const WINDOW: u32 = 0x8;
    /// `ENABLE_INSERT_MODE`, and `ENABLE_EXTENDED_FLAGS`, without which that says nothing.
    pub(super) const INSERT: u32 = 0x20;
    pub(super) const EXTENDED: u32 = 0x80;
    /// What a new console has: those but of windows, with `ENABLE_MOUSE_INPUT`, `ENABLE_QUICK_EDIT_MODE` and
    /// `ENABLE_AUTO_POSITION`.
    pub(super) const USUAL: u32 = PROCESSED | LINE | ECHO | INSERT | EXTENDED | 0x150;
    /// All that there are, up to `ENABLE_VIRTUAL_TERMINAL_INPUT`.
    pub(in super::super) const ALL: u32 = 0x3ff;
}

/// The most records that wait.
const MOST_RECORDS: usize = 1 << 16;
/// The most units that wait to be read.
const MOST_UNITS: usize = 1 << 16;
/// The most lines that are remembered.   [Wine's conhost.c; HistoryBufferSize of Windows]
const MOST_HISTORY: usize = 50;

/// How a read of characters shall be.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wish<'a> {
    /// Control characters that end it, by their bits (`dwCtrlWakeupMask`), and what the line begins with.
    pub(super) wakes: u32,
    pub(super) initial: &'a [u16],
}

/// What a look at the keys gave.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The line has changed, and shall be seen.
    pub(super) echo: bool,
    /// The line is over and was left.
    pub(super) left: bool,
}

/// What has come in.
#[derive(Debug, Default)]
pub(super) struct Input {
    records: VecDeque<Record>,
    pub(super) mode: u32,
    /// Whether what is typed into a line moves what is behind it, or takes its place.
    overwrites: bool,
    /// Bytes of the terminal that are no key yet.
    typed: Vec<u8>,
    /// Whether nothing more comes from the terminal.
    pub(super) ended: bool,
    /// The line that a read waits for.
    pub(super) line: Option<Line>,
    /// Which keys were held with the control character that ended the last line.
    pub(super) woken: u32,
    /// What a line had more than a read took.
    rest: VecDeque<u16>,
    history: VecDeque<Vec<u16>>,
}

impl Input {
    pub(super) fn new() -> Input {
        Input {
            mode: mode::USUAL,
            ..Input::default()
        }
    }

    pub(super) fn set_mode(&mut self, mode: u32) {
        self.mode = mode;
        if mode & mode::EXTENDED != 0 {
            self.overwrites = mode & mode::INSERT == 0;
        }
    }

    pub(super) fn count(&self) -> usize {
        self.records.len()
    }

    /// Adds records. Answers how often Ctrl+C was pressed, which is no input while it is processed.
    pub(super) fn add(&mut self, records: impl IntoIterator<Item = Record>) -> usize {
        let mut interrupts = 0;
        for record in records {
            let is_interrupt = record.is_key() && record.unit() == 3 && record.state() & CTRL != 0;
            if is_interrupt && self.mode & mode::PROCESSED != 0 {
                interrupts += usize::from(record.is_down());
            } else if self.records.len() < MOST_RECORDS {
                self.records.push_back(record);
            }
        }
        interrupts
    }

    /// Adds what a terminal has sent.
    pub(super) fn type_in(&mut self, bytes: &[u8]) -> usize {
        self.typed.extend_from_slice(bytes);
        let records = take(&mut self.typed);
        self.add(records)
    }

    /// The records that wait, as many as there is room for; they stay when they are only looked at.
    pub(super) fn records(&mut self, room: usize, stay: bool) -> Vec<u8> {
        let count = (room / RECORD).min(self.records.len());
        let told = self.records.iter().take(count);
        let bytes = told.flat_map(|record| record.0).collect();
        if !stay {
            self.records.drain(..count);
        }
        bytes
    }

    /// Forgets what waits.
    pub(super) fn flush(&mut self) {
        self.records.clear();
        self.typed.clear();
    }

    /// A look at the keys for a read of characters. Answers whether there are some now, or never will be.
    pub(super) fn read(&mut self, wish: Wish<'_>) -> (Progress, bool) {
        let mut progress = Progress::default();
        if !self.rest.is_empty() {
            return (progress, true);
        }
        match self.mode & mode::LINE {
            0 => self.take_characters(),
            _ => self.edit(wish, &mut progress),
        }
        let over = self.ended && self.records.is_empty();
        if over
            && self.rest.is_empty()
            && let Some(line) = &self.line
        {
            // The terminal was closed in the middle of a line.
            self.rest.extend(line.units.iter());
        }
        (progress, over || !self.rest.is_empty())
    }

    fn take_characters(&mut self) {
        for record in self.records.drain(..) {
            if record.is_down() && record.unit() != 0 {
                let room = MOST_UNITS.saturating_sub(self.rest.len());
                let repeats = usize::from(record.repeats().max(1)).min(room);
                self.rest
                    .extend(std::iter::repeat_n(record.unit(), repeats));
            }
        }
    }

    fn edit(&mut self, wish: Wish<'_>, progress: &mut Progress) {
        let fresh = || Line::new(wish.initial, self.overwrites);
        let mut line = self.line.take().unwrap_or_else(fresh);
        while let Some(record) = self.records.pop_front() {
            if !record.is_down() {
                continue;
            }
            let unit = record.unit();
            if unit < 32 && wish.wakes & 1 << unit != 0 && (unit != 0 || record.code() == 0) {
                line.wake(unit);
                self.woken = record.state();
                self.rest.extend(line.units.iter());
                self.line = Some(line);
                return;
            }
            self.woken = 0;
            progress.echo = true;
            let ends = record.code() == vk::RETURN || unit == 13;
            if ends && record.state() & CTRL == 0 {
                self.finish(line, progress);
                return;
            }
            line.press(&record, &self.history);
        }
        self.line = Some(line);
    }

    /// The line is over.
    fn finish(&mut self, mut line: Line, progress: &mut Progress) {
        if !line.units.is_empty() && self.history.back() != Some(&line.units) {
            self.history.push_back(line.units.clone());
            if self.history.len() > MOST_HISTORY {
                self.history.pop_front();
            }
        }
        line.end();
        self.rest.extend(line.units.iter());
        if self.mode & mode::PROCESSED != 0 {
            self.rest.extend([13, 10]);
        } else {
            self.rest.push_back(13);
        }
        progress.left = true;
        self.line = Some(line);
    }

    /// Up to so many units of what was read.
    pub(super) fn units(&mut self, most: usize) -> Vec<u16> {
        self.rest.drain(..most.min(self.rest.len())).collect()
    }

    /// The same, which stay.
    pub(super) fn peek(&self, most: usize) -> Vec<u16> {
        self.rest.iter().take(most).copied().collect()
    }

    /// The next unit of what was read.
    pub(super) fn next(&self) -> Option<u16> {
        self.rest.front().copied()
    }
}

/// Records as a call tells them.
pub(super) fn records_of(bytes: &[u8]) -> Result<Vec<Record>, NtStatus> {
    let records = bytes.chunks_exact(RECORD);
    if !records.remainder().is_empty() {
        return Err(NtStatus::INVALID_PARAMETER);
    }
    let whole = |bytes: &[u8]| <[u8; RECORD]>::try_from(bytes).ok().map(Record);
    Ok(records.filter_map(whole).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key that was pressed as often as a record can say.
    fn held(unit: u8) -> Record {
        let mut bytes = [0; RECORD];
        (bytes[0], bytes[4], bytes[14]) = (1, 1, unit);
        bytes[8..10].copy_from_slice(&[0xff, 0xff]);
        Record(bytes)
    }

    #[test]
    fn what_is_typed_without_an_end_has_one() {
        let records = || std::iter::repeat_n(held(b'x'), 2 * MOST_RECORDS);
        let mut input = Input::new();
        input.set_mode(0);
        input.add(records());
        assert_eq!(input.count(), MOST_RECORDS);
        assert!(input.read(Wish::default()).1);
        assert_eq!(input.units(usize::MAX).len(), MOST_UNITS);
        input.set_mode(mode::LINE);
        input.add(records());
        assert!(!input.read(Wish::default()).1);
        assert_eq!(input.line.map(|line| line.units.len()), Some(1 << 14));
    }
}
