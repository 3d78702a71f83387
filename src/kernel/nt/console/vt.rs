//! What do sequences do to a screen buffer that processes them?
//!
//! [Microsoft, Console Virtual Terminal Sequences; ECMA-48]

use vte::{Params, Parser, Perform};

use super::screen::{COLOURS, Cell, EMPTY, Screen};

/// Sequences that have begun and may go on in the next write.
#[derive(Default)]
pub(super) struct Sequences {
    parser: Parser,
    /// A title that one has set.
    title: Option<String>,
}

impl Sequences {
    /// Writes text with sequences; answers the last title that they set.
    pub(super) fn write(&mut self, screen: &mut Screen, text: &str) -> Option<String> {
        let mut performer = Performer {
            screen,
            title: &mut self.title,
        };
        self.parser.advance(&mut performer, text.as_bytes());
        self.title.take()
    }
}

struct Performer<'a> {
    screen: &'a mut Screen,
    title: &'a mut Option<String>,
}

/// A number of a sequence; 0 and none stand for `usual`.
fn number(params: &Params, at: usize, usual: u16) -> usize {
    let value = params.iter().nth(at).and_then(|one| one.first()).copied();
    value.filter(|value| *value != 0).unwrap_or(usual).into()
}

impl Performer<'_> {
    /// Moves the cursor, within the window's rows and the buffer's columns.
    fn go(&mut self, x: usize, y: usize) {
        let (width, height) = self.screen.size();
        self.screen.cursor = (x.min(width - 1), y.min(height - 1));
    }

    /// The window's first row, and how many it has.
    fn window(&self) -> (usize, usize) {
        let window = self.screen.window;
        let rows = window.bottom - window.top + 1;
        (window.top.max(0) as usize, rows.max(1) as usize)
    }

    fn erase(&mut self, from: (usize, usize), count: usize) {
        let colours = self.screen.colours;
        let blank = Cell { colours, ..EMPTY };
        self.screen.run(from, count, |_, _| blank);
    }

    /// [Microsoft, Text Formatting]
    fn colours(&mut self, params: &Params) {
        let mut codes = params.iter().flatten().copied().peekable();
        let mut colours = self.screen.colours;
        // The order of red and blue is another in Windows.
        let turned = |code: u16| (code & 1) << 2 | code & 2 | (code & 4) >> 2;
        if codes.peek().is_none() {
            colours = COLOURS;
        }
        while let Some(code) = codes.next() {
            colours = match code {
                0 => COLOURS,
                1 => colours | 0x8,
                // COMMON_LVB_UNDERSCORE and COMMON_LVB_REVERSE_VIDEO.
                4 => colours | 0x8000,
                7 => colours | 0x4000,
                22 => colours & !0x8,
                24 => colours & !0x8000,
                27 => colours & !0x4000,
                30..=37 => colours & !0x7 | turned(code - 30),
                39 => colours & !0xf | COLOURS,
                40..=47 => colours & !0x70 | turned(code - 40) << 4,
                49 => colours & !0xf0,
                90..=97 => colours & !0xf | 0x8 | turned(code - 90),
                100..=107 => colours & !0xf0 | 0x80 | turned(code - 100) << 4,
                // Colours of a larger table, which there are none of here: their numbers are passed over.
                38 | 48 => {
                    let more = if codes.next() == Some(2) { 3 } else { 1 };
                    codes.by_ref().take(more).for_each(|_| {});
                    colours
                }
                _ => colours,
            };
        }
        self.screen.colours = colours;
    }
}

impl Perform for Performer<'_> {
    fn print(&mut self, character: char) {
        let mut units = [0; 2];
        for unit in character.encode_utf16(&mut units) {
            self.screen.put(*unit);
        }
    }

    fn execute(&mut self, byte: u8) {
        self.screen.control(byte.into());
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], _: bool, action: char) {
        let (x, y) = self.screen.seen_cursor();
        let (top, rows) = self.window();
        let (width, _) = self.screen.size();
        let by = number(params, 0, 1);
        match (intermediates, action) {
            ([], 'A') => self.go(x, y.saturating_sub(by).max(top.min(y))),
            ([], 'B') => self.go(x, y.saturating_add(by).min((top + rows - 1).max(y))),
            ([], 'C') => self.go(x.saturating_add(by), y),
            ([], 'D') => self.go(x.saturating_sub(by), y),
            ([], 'E') => self.go(0, y.saturating_add(by).min((top + rows - 1).max(y))),
            ([], 'F') => self.go(0, y.saturating_sub(by).max(top.min(y))),
            ([], 'G' | '`') => self.go(by - 1, y),
            ([], 'd') => self.go(x, top + (by - 1).min(rows - 1)),
            ([], 'H' | 'f') => {
                let column = number(params, 1, 1);
                self.go(column - 1, top + (by - 1).min(rows - 1));
            }
            ([], 'J') => match number(params, 0, 0) {
                0 => self.erase(
                    (x, y),
                    (width - x) + (top + rows - 1).saturating_sub(y) * width,
                ),
                1 => self.erase((0, top), y.saturating_sub(top) * width + x + 1),
                2 => self.erase((0, top), rows * width),
                _ => {}
            },
            ([], 'K') => match number(params, 0, 0) {
                0 => self.erase((x, y), width - x),
                1 => self.erase((0, y), x + 1),
                2 => self.erase((0, y), width),
                _ => {}
            },
            ([], 'X') => self.erase((x, y), by.min(width - x)),
            ([], 'm') => self.colours(params),
            ([], 's') => self.screen.saved = (x, y),
            ([], 'u') => self.go(self.screen.saved.0, self.screen.saved.1),
            ([b'?'], 'h' | 'l') if by == 25 => self.screen.cursor_visible = action == 'h',
            _ => {}
        }
    }

    fn esc_dispatch(&mut self, _: &[u8], _: bool, byte: u8) {
        match byte {
            b'7' => self.screen.saved = self.screen.seen_cursor(),
            b'8' => self.go(self.screen.saved.0, self.screen.saved.1),
            _ => {}
        }
    }

    fn osc_dispatch(&mut self, params: &[&[u8]], _: bool) {
        if let [b"0" | b"2", title @ ..] = params {
            let title = title.join(&b';');
            *self.title = Some(String::from_utf8_lossy(&title).into_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(text: &str) -> (Screen, Option<String>) {
        let mut screen = Screen::new((10, 4), (10, 4));
        let mut sequences = Sequences::default();
        let (a, b) = text.split_at(text.len() / 2);
        let first = sequences.write(&mut screen, a);
        let second = sequences.write(&mut screen, b);
        (screen, second.or(first))
    }

    #[test]
    fn the_cursor_is_moved_and_text_is_erased() {
        let (screen, _) = after("abc\x1b[2;3Hx\x1b[1;2H\x1b[K");
        assert_eq!(screen.cell(0, 0).unit, u16::from(b'a'));
        assert_eq!(screen.cell(1, 0).unit, u16::from(b' '));
        assert_eq!(screen.cell(2, 1).unit, u16::from(b'x'));
        assert_eq!(screen.cursor, (1, 0));
        assert_eq!(after("\x1b[99;99H\x1b[99A\x1b[3D").0.cursor, (6, 0));
    }

    #[test]
    fn colours_are_those_of_windows() {
        // Red on blue, bright: FOREGROUND_RED is 4, BACKGROUND_BLUE 0x10.   [wincon.h]
        assert_eq!(after("\x1b[1;31;44m").0.colours, 0x1c);
        assert_eq!(after("\x1b[1;31;44m\x1b[m").0.colours, COLOURS);
        assert_eq!(after("\x1b[38;2;1;2;3;94m").0.colours, 0x9);
    }

    #[test]
    fn a_title_is_told_and_a_cursor_hidden() {
        let (screen, title) = after("\x1b]0;a;b\x07\x1b[?25l");
        assert_eq!(title.as_deref(), Some("a;b"));
        assert!(!screen.cursor_visible);
    }
}
