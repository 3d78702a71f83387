//! What becomes of the bytes that are typed at a terminal? The line discipline: lines that can be edited, echoes, and
//! characters that mean something.   [termios(3); Linux drivers/tty/n_tty.c]

use std::collections::VecDeque;

use super::News;
use super::output::{Output, is_control};
use crate::kernel::host::{Control, Flags, Terminal};

/// Bytes of input that are kept at most; one more place is kept for the end of a line.   [Linux N_TTY_BUF_SIZE]
const SIZE: usize = 4096;
/// What a control character is that there is none of.   [Linux __DISABLED_CHAR]
const DISABLED: u8 = 0;

/// A byte that can be read, and whether a line ends with it. The end of a line that is no byte is the end of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Typed {
    byte: u8,
    ends: bool,
}

/// A terminal's input and output with its settings.
#[derive(Default)]
pub struct Line {
    settings: Terminal,
    input: VecDeque<Typed>,
    /// How many bytes of input are in lines that are complete.
    complete: usize,
    /// The next character is taken as it is.
    literal: bool,
    /// A `\` was echoed for erased characters, and no `/` yet.
    erasing: bool,
    pub(super) output: Output,
}

impl Line {
    /// Its settings.
    pub fn settings(&self) -> &Terminal {
        &self.settings
    }

    fn has(&self, flag: Flags) -> bool {
        self.settings.flags.contains(flag)
    }

    /// A control character; none is [`DISABLED`].
    fn control(&self, control: Control) -> u8 {
        self.settings.controls[control as usize]
    }

    fn is_canonical(&self) -> bool {
        self.has(Flags::ICANON) && !self.has(Flags::EXTPROC)
    }

    /// Changes its settings.   [Linux drivers/tty/n_tty.c, n_tty_set_termios]
    pub fn set(&mut self, settings: Terminal) {
        let changed = self.settings.flags ^ settings.flags;
        self.settings = settings;
        if changed.intersects(Flags::ICANON | Flags::EXTPROC) {
            for typed in &mut self.input {
                typed.ends = false;
            }
            self.complete = 0;
            if self.has(Flags::ICANON)
                && let Some(last) = self.input.back_mut()
            {
                // What is there already is a line.
                last.ends = true;
                self.complete = self.input.len();
            }
            self.erasing = false;
            self.literal = false;
        }
        if changed.contains(Flags::IXON) && !self.has(Flags::IXON) {
            self.output.stop(false);
        }
    }

    /// How many bytes that are typed it takes.   [Linux drivers/tty/n_tty.c, receive_room]
    pub fn room(&self) -> usize {
        let mut room = SIZE.saturating_sub(self.input.len());
        if self.has(Flags::PARMRK) {
            room = room.div_ceil(3);
        }
        match room.saturating_sub(1) {
            // A line that gets too long is taken, and its end lost: it could never be ended else.
            0 if self.has(Flags::ICANON) && self.complete == 0 => 1,
            room => room,
        }
    }

    /// Whether a read would give something, when at least `least` bytes are wanted.
    pub fn is_available(&self, least: usize) -> bool {
        match self.is_canonical() {
            true => self.complete > 0,
            false => self.input.len() >= least.max(1),
        }
    }

    /// How many bytes can be read (`FIONREAD`).   [Linux drivers/tty/n_tty.c, inq_canon]
    pub fn available(&self) -> usize {
        if !self.is_canonical() {
            return self.input.len();
        }
        let line = self.input.iter().take(self.complete);
        line.filter(|typed| !(typed.ends && typed.byte == DISABLED))
            .count()
    }

    /// `VMIN` and `VTIME`, the latter in tenths of a second; `None` for lines.
    pub fn least(&self) -> Option<(usize, u64)> {
        let canonical = self.is_canonical();
        let (min, time) = (self.control(Control::Min), self.control(Control::Time));
        (!canonical).then_some((min.into(), time.into()))
    }

    /// Reads at most one line, or all that is there.
    pub fn read(&mut self, buf: &mut [u8]) -> usize {
        if !self.is_canonical() {
            let count = buf.len().min(self.input.len());
            for (place, typed) in buf.iter_mut().zip(self.input.drain(..count)) {
                *place = typed.byte;
            }
            self.complete = self.complete.saturating_sub(count);
            return count;
        }
        let mut done = 0;
        while self.complete > 0 {
            let Some(&Typed { byte, ends }) = self.input.front() else {
                break;
            };
            let is_end = ends && byte == DISABLED;
            if done == buf.len() && !is_end {
                break;
            }
            self.input.pop_front();
            self.complete -= 1;
            if is_end {
                break;
            }
            buf[done] = byte;
            done += 1;
            if ends {
                break;
            }
        }
        done
    }

    /// Throws away what was typed.
    pub fn flush_input(&mut self) {
        self.input.clear();
        self.complete = 0;
        self.literal = false;
        self.erasing = false;
    }

    fn put(&mut self, byte: u8, ends: bool) {
        self.input.push_back(Typed { byte, ends });
        if ends {
            self.complete = self.input.len();
        }
    }

    fn echo(&mut self, c: u8) {
        self.output.echo(c, false, self.settings.flags);
    }

    fn echo_raw(&mut self, c: u8) {
        self.output.echo(c, true, self.settings.flags);
    }

    fn finish_erasing(&mut self) {
        if self.erasing {
            self.echo_raw(b'/');
            self.erasing = false;
        }
    }

    /// Whether a character means something.   [Linux drivers/tty/n_tty.c, n_tty_set_termios: char_map]
    fn is_special(&self, c: u8) -> bool {
        use Control::*;
        if c == DISABLED {
            return false;
        }
        let is = |controls: &[Control]| controls.iter().any(|control| self.control(*control) == c);
        c == b'\r' && (self.has(Flags::IGNCR) || self.has(Flags::ICRNL))
            || c == b'\n' && (self.has(Flags::INLCR) || self.has(Flags::ICANON))
            || self.has(Flags::IXON) && is(&[Start, Stop])
            || self.has(Flags::ISIG) && is(&[Intr, Quit, Susp])
            || self.has(Flags::ICANON)
                && (is(&[Erase, Kill, Eof, Eol])
                    || self.has(Flags::IEXTEN)
                        && (is(&[Werase, Lnext, Eol2]) || self.has(Flags::ECHO) && is(&[Reprint])))
    }

    /// A byte is typed.
    pub fn receive(&mut self, byte: u8, news: &mut Vec<News>) {
        let mut c = byte;
        if self.has(Flags::EXTPROC) {
            return self.put(c, false);
        }
        // The last place is for what may end the line.
        if self.input.len() >= SIZE - 1 && self.complete < self.input.len() {
            self.input.pop_back();
        }
        if self.has(Flags::ISTRIP) {
            c &= 0x7f;
        }
        if self.has(Flags::IUCLC) && self.has(Flags::IEXTEN) {
            c = c.to_ascii_lowercase();
        }
        if std::mem::take(&mut self.literal) {
            return self.receive_plain(c);
        }
        match self.is_special(c) {
            true => self.receive_special(c, news),
            false => self.receive_plain(c),
        }
    }

    fn go_on(&mut self) {
        if self.output.stopped && self.has(Flags::IXON) && self.has(Flags::IXANY) {
            self.output.stop(false);
        }
    }

    fn receive_plain(&mut self, c: u8) {
        self.go_on();
        if self.has(Flags::ECHO) {
            self.finish_erasing();
            self.echo_begin();
            self.echo(c);
        }
        self.put_marked(c);
    }

    /// The column of the first character of a line.
    fn echo_begin(&mut self) {
        if self.complete == self.input.len() {
            self.output.set_canon_column();
        }
    }

    /// A byte that could be taken for a mark is there twice.
    fn put_marked(&mut self, c: u8) {
        if c == 0xff && self.has(Flags::PARMRK) {
            self.put(c, false);
        }
        self.put(c, false);
    }

    fn receive_special(&mut self, mut c: u8, news: &mut Vec<News>) {
        use Control::*;
        if self.has(Flags::IXON) && (c == self.control(Start) || c == self.control(Stop)) {
            self.output.stop(c != self.control(Start));
            return;
        }
        if self.has(Flags::ISIG) {
            for (control, what) in [
                (Intr, News::Interrupt),
                (Quit, News::Quit),
                (Susp, News::Suspend),
            ] {
                if c == self.control(control) {
                    return self.receive_signal(c, what, news);
                }
            }
        }
        self.go_on();
        if c == b'\r' {
            if self.has(Flags::IGNCR) {
                return;
            }
            if self.has(Flags::ICRNL) {
                c = b'\n';
            }
        } else if c == b'\n' && self.has(Flags::INLCR) {
            c = b'\r';
        }
        if self.has(Flags::ICANON) && self.edit(c) {
            return;
        }
        if self.has(Flags::ECHO) {
            self.finish_erasing();
            if c == b'\n' {
                self.echo_raw(b'\n');
            } else {
                self.echo_begin();
                self.echo(c);
            }
        }
        self.put_marked(c);
    }

    fn receive_signal(&mut self, c: u8, what: News, news: &mut Vec<News>) {
        news.push(what);
        if !self.has(Flags::NOFLSH) {
            self.flush_input();
        }
        if self.has(Flags::IXON) {
            self.output.stop(false);
        }
        if self.has(Flags::ECHO) {
            self.echo(c);
        }
    }

    /// What edits or ends a line. False for a character that is one of the line.
    fn edit(&mut self, c: u8) -> bool {
        use Control::*;
        let extended = self.has(Flags::IEXTEN);
        if c == self.control(Erase)
            || c == self.control(Kill)
            || c == self.control(Werase) && extended
        {
            self.erase(c);
        } else if c == self.control(Lnext) && extended {
            self.literal = true;
            if self.has(Flags::ECHO) {
                self.finish_erasing();
                if self.has(Flags::ECHOCTL) {
                    self.echo_raw(b'^');
                    self.echo_raw(8);
                }
            }
        } else if c == self.control(Reprint) && self.has(Flags::ECHO) && extended {
            self.finish_erasing();
            self.echo(c);
            self.echo_raw(b'\n');
            let typed: Vec<u8> = self.unfinished().collect();
            for byte in typed {
                self.echo(byte);
            }
        } else if c == b'\n' {
            if self.has(Flags::ECHO) || self.has(Flags::ECHONL) {
                self.echo_raw(b'\n');
            }
            self.put(c, true);
        } else if c == self.control(Eof) {
            self.put(DISABLED, true);
        } else if c == self.control(Eol) || c == self.control(Eol2) && extended {
            if self.has(Flags::ECHO) {
                self.echo_begin();
                self.echo(c);
            }
            if c == 0xff && self.has(Flags::PARMRK) {
                self.put(c, false);
            }
            self.put(c, true);
        } else {
            return false;
        }
        true
    }

    /// The line that has no end yet.
    fn unfinished(&self) -> impl DoubleEndedIterator<Item = u8> + '_ {
        self.input
            .iter()
            .skip(self.complete)
            .map(|typed| typed.byte)
    }

    fn is_continuation(&self, c: u8) -> bool {
        self.has(Flags::IUTF8) && c & 0xc0 == 0x80
    }

    /// [Linux drivers/tty/n_tty.c, eraser]
    fn erase(&mut self, c: u8) {
        if self.input.len() == self.complete {
            return;
        }
        let word = c != self.control(Control::Erase) && c == self.control(Control::Werase);
        let all = c != self.control(Control::Erase) && !word;
        let echoes = self.has(Flags::ECHO);
        if all {
            let whole = self.has(Flags::ECHOK) && self.has(Flags::ECHOKE) && self.has(Flags::ECHOE);
            if !echoes || !whole {
                self.input.truncate(self.complete);
                if echoes {
                    self.finish_erasing();
                    self.echo(self.control(Control::Kill));
                    if self.has(Flags::ECHOK) {
                        self.echo_raw(b'\n');
                    }
                }
                return;
            }
        }
        let mut seen = false;
        while self.input.len() > self.complete {
            // One character, which may have several bytes.
            let bytes: Vec<u8> = {
                let mut rest = self.unfinished().rev();
                let mut bytes = Vec::new();
                for byte in rest.by_ref() {
                    bytes.push(byte);
                    if !self.is_continuation(byte) {
                        break;
                    }
                }
                bytes.reverse();
                bytes
            };
            let c = bytes[0];
            if self.is_continuation(c) {
                break;
            }
            if word {
                if c.is_ascii_alphanumeric() || c == b'_' || c >= 0xc0 {
                    seen = true;
                } else if seen {
                    break;
                }
            }
            let left = self.input.len() - bytes.len();
            self.input.truncate(left);
            if echoes {
                self.echo_erased(&bytes, word || all);
            }
            if !word && !all {
                break;
            }
        }
        if self.input.len() == self.complete && echoes {
            self.finish_erasing();
        }
    }

    /// A character has been erased.
    fn echo_erased(&mut self, bytes: &[u8], several: bool) {
        let c = bytes[0];
        if self.has(Flags::ECHOPRT) {
            if !self.erasing {
                self.echo_raw(b'\\');
                self.erasing = true;
            }
            self.echo(c);
            for byte in &bytes[1..] {
                self.echo_raw(*byte);
                self.output.back();
            }
        } else if !several && !self.has(Flags::ECHOE) {
            self.echo(self.control(Control::Erase));
        } else if c == b'\t' {
            let (mut columns, mut after_tab) = (0, false);
            for byte in self.unfinished().rev() {
                if byte == b'\t' {
                    after_tab = true;
                    break;
                }
                if is_control(byte) {
                    columns += 2 * u32::from(self.has(Flags::ECHOCTL));
                } else if !self.is_continuation(byte) {
                    columns += 1;
                }
            }
            self.output.erase_tab(columns, after_tab);
        } else {
            let shown = match (is_control(c), self.has(Flags::ECHOCTL)) {
                (true, true) => 2,
                (true, false) => 0,
                (false, _) => 1,
            };
            for _ in 0..shown {
                for c in [8, b' ', 8] {
                    self.echo_raw(c);
                }
            }
        }
    }
}
