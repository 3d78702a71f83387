//! How is the line that somebody types changed by keys?   [Microsoft, ENABLE_LINE_INPUT; the editing keys of cmd.exe]

use std::collections::VecDeque;

use super::keys::{CTRL, Record, vk};

/// The most units of a line.
const MOST: usize = 1 << 14;

/// A line that is being typed.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) units: Vec<u16>,
    /// Where in it the next unit goes.
    pub(super) at: usize,
    /// Where on the screen it begins, once it has been shown: column, row, and how often the screen had scrolled then.
    pub(super) home: Option<(usize, usize, usize)>,
    /// What of it has been shown, and where the cursor was in that.
    pub(super) shown: (Vec<u16>, usize),
    /// Whether a unit takes the place of another.
    overwrites: bool,
    /// Which line of those before is shown.
    back: usize,
}

impl Line {
    pub(super) fn new(initial: &[u16], overwrites: bool) -> Line {
        Line {
            overwrites,
            units: initial.to_vec(),
            at: initial.len(),
            ..Line::default()
        }
    }

    /// A control character ends the read, and stands where the cursor is.
    pub(super) fn wake(&mut self, unit: u16) {
        self.units.insert(self.at, unit);
    }

    pub(super) fn end(&mut self) {
        self.at = self.units.len();
    }

    /// A key was pressed.
    pub(super) fn press(&mut self, record: &Record, history: &VecDeque<Vec<u16>>) {
        let by_word = record.state() & CTRL != 0;
        match record.code() {
            vk::BACK => {
                if self.at > 0 {
                    self.at -= 1;
                    self.units.remove(self.at);
                }
            }
            vk::DELETE => {
                if self.at < self.units.len() {
                    self.units.remove(self.at);
                }
            }
            vk::INSERT => self.overwrites = !self.overwrites,
            vk::LEFT if by_word => self.at = self.word_before(),
            vk::RIGHT if by_word => self.at = self.word_behind(),
            vk::LEFT => self.at = self.at.saturating_sub(1),
            vk::RIGHT => self.at = self.units.len().min(self.at + 1),
            vk::HOME if by_word => self.replace(self.units[self.at..].to_vec(), 0),
            vk::END if by_word => self.units.truncate(self.at),
            vk::HOME => self.at = 0,
            vk::END => self.at = self.units.len(),
            vk::ESCAPE => self.replace(Vec::new(), 0),
            vk::UP => self.recall(history, self.back + 1),
            vk::DOWN => self.recall(history, self.back.saturating_sub(1)),
            _ if record.unit() == 0 => {}
            _ => {
                let mut repeats = 0..record.repeats().max(1);
                while repeats.next().is_some() && self.put(record.unit()) {}
            }
        }
    }

    /// Puts a unit where the cursor is; `false` when there is no room for it.
    fn put(&mut self, unit: u16) -> bool {
        if self.overwrites && self.at < self.units.len() {
            self.units[self.at] = unit;
        } else if self.units.len() < MOST {
            self.units.insert(self.at, unit);
        } else {
            return false;
        }
        self.at += 1;
        true
    }

    fn replace(&mut self, units: Vec<u16>, at: usize) {
        self.at = at.min(units.len());
        self.units = units;
    }

    /// Puts a line of before into its place; none leaves it empty.
    fn recall(&mut self, history: &VecDeque<Vec<u16>>, back: usize) {
        if back > history.len() {
            return;
        }
        self.back = back;
        let line = match back {
            0 => Vec::new(),
            _ => history[history.len() - back].clone(),
        };
        let end = line.len();
        self.replace(line, end);
    }

    fn word_before(&self) -> usize {
        let is_word = |at: usize| self.units[at] != u16::from(b' ');
        let mut at = self.at;
        while at > 0 && !is_word(at - 1) {
            at -= 1;
        }
        while at > 0 && is_word(at - 1) {
            at -= 1;
        }
        at
    }

    fn word_behind(&self) -> usize {
        let is_word = |at: usize| self.units[at] != u16::from(b' ');
        let mut at = self.at;
        while at < self.units.len() && is_word(at) {
            at += 1;
        }
        while at < self.units.len() && !is_word(at) {
            at += 1;
        }
        at
    }
}

/// Units as they are shown: a control character as `^` and a letter.
pub(super) fn displayed(units: &[u16]) -> Vec<u16> {
    let mut shown = Vec::with_capacity(units.len());
    for unit in units {
        match unit {
            0..32 => shown.extend([u16::from(b'^'), unit + 64]),
            _ => shown.push(*unit),
        }
    }
    shown
}
