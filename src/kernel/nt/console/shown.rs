//! How does a terminal show what is in a screen buffer?
//!
//! As long as a program does no more than write one line after the other, so does the terminal, wherever its cursor is. Once it
//! writes to places of its own choice, the whole window is drawn, and from then on what has changed in it.

use super::screen::{COLOURS, Cell, EMPTY, Screen};

/// What code page 437 shows in the place of control characters.   [Unicode, IBMGRAPH.TXT]
const GLYPHS: [u16; 32] = [
    0x20, 0x263a, 0x263b, 0x2665, 0x2666, 0x2663, 0x2660, 0x2022, 0x25d8, 0x25cb, 0x25d9, 0x2642,
    0x2640, 0x266a, 0x266b, 0x263c, 0x25ba, 0x25c4, 0x2195, 0x203c, 0xb6, 0xa7, 0x25ac, 0x21a8,
    0x2191, 0x2193, 0x2192, 0x2190, 0x221f, 0x2194, 0x25b2, 0x25bc,
];

/// What a terminal shows.
#[derive(Debug)]
pub(super) struct Shown {
    /// Cells of the window, row after row, once it has been drawn; and how wide it is.
    cells: Option<(Vec<Cell>, usize)>,
    colours: u16,
    visible: bool,
}

impl Default for Shown {
    fn default() -> Shown {
        Shown {
            cells: None,
            colours: COLOURS,
            visible: true,
        }
    }
}

/// A unit as a terminal can show it: it must not take it for the start of a sequence.
fn glyph(unit: u16) -> u16 {
    match unit {
        0..32 => GLYPHS[usize::from(unit)],
        0x7f => 0x2302,
        0x80..0xa0 => 0x20,
        unit => unit,
    }
}

/// Text that a terminal shows and nothing else.
pub(super) fn plain(text: &[u16]) -> String {
    let shown: Vec<u16> = text.iter().map(|unit| glyph(*unit)).collect();
    String::from_utf16_lossy(&shown)
}

/// The sequence for colours.   [ECMA-48, SGR; aixterm's bright ones]
fn colours(colours: u16) -> String {
    let turned = |colour: u16| (colour & 1) << 2 | colour & 2 | (colour & 4) >> 2;
    let one = |colour: u16, plain: u16, bright: u16| match colour & 8 {
        0 => plain + turned(colour),
        _ => bright + turned(colour),
    };
    let (letters, behind) = (colours & 0xf, colours >> 4 & 0xf);
    let mut codes = vec!["0".to_owned()];
    if letters != COLOURS {
        codes.push(one(letters, 30, 90).to_string());
    }
    if behind != 0 {
        codes.push(one(behind, 40, 100).to_string());
    }
    // COMMON_LVB_REVERSE_VIDEO and COMMON_LVB_UNDERSCORE.
    for (bit, code) in [(0x4000, "7"), (0x8000, "4")] {
        if colours & bit != 0 {
            codes.push(code.to_owned());
        }
    }
    format!("\x1b[{}m", codes.join(";"))
}

impl Shown {
    /// Whether the terminal follows what is written.
    pub(super) fn follows(&self) -> bool {
        self.cells.is_none()
    }

    fn colour(&mut self, out: &mut String, wanted: u16) {
        if self.colours != wanted {
            self.colours = wanted;
            out.push_str(&colours(wanted));
        }
    }

    /// Text that is written where the cursor is. `control` units do something.
    pub(super) fn follow(&mut self, text: &[u16], wanted: u16, processed: bool) -> String {
        let mut out = String::new();
        self.colour(&mut out, wanted);
        let shown = text.iter().map(|unit| match unit {
            7..=10 | 13 if processed => *unit,
            unit => glyph(*unit),
        });
        let shown: Vec<u16> = shown.collect();
        out.push_str(&String::from_utf16_lossy(&shown));
        out
    }

    /// Draws what has changed in a window.
    pub(super) fn draw(&mut self, screen: &Screen) -> String {
        let mut out = String::new();
        let window = screen.window;
        let (left, top) = (window.left as usize, window.top as usize);
        let width = (window.right - window.left + 1) as usize;
        let height = (window.bottom - window.top + 1) as usize;
        let same = self
            .cells
            .take()
            .filter(|(cells, wide)| *wide == width && cells.len() == width * height);
        let mut cells = match same {
            Some((cells, _)) => cells,
            None => {
                self.colour(&mut out, COLOURS);
                out.push_str("\x1b[2J");
                vec![EMPTY; width * height]
            }
        };
        for y in 0..height {
            let mut x = 0;
            while x < width {
                let wanted = screen.cell(left + x, top + y);
                if cells[y * width + x] == wanted {
                    x += 1;
                    continue;
                }
                out.push_str(&format!("\x1b[{};{}H", y + 1, x + 1));
                let mut run: Vec<u16> = Vec::new();
                while x < width {
                    let cell = screen.cell(left + x, top + y);
                    if cells[y * width + x] == cell || cell.colours != wanted.colours {
                        break;
                    }
                    run.push(glyph(cell.unit));
                    cells[y * width + x] = cell;
                    x += 1;
                }
                self.colour(&mut out, wanted.colours);
                out.push_str(&String::from_utf16_lossy(&run));
            }
        }
        let (x, y) = screen.seen_cursor();
        let row = y.saturating_sub(top).min(height - 1);
        let column = x.saturating_sub(left).min(width - 1);
        out.push_str(&format!("\x1b[{};{}H", row + 1, column + 1));
        if self.visible != screen.cursor_visible {
            self.visible = screen.cursor_visible;
            out.push_str(if self.visible {
                "\x1b[?25h"
            } else {
                "\x1b[?25l"
            });
        }
        self.cells = Some((cells, width));
        out
    }

    /// The terminal is somebody else's again: below what was drawn, in its own colours.
    pub(super) fn leave(&mut self) -> String {
        let mut out = String::new();
        self.colour(&mut out, COLOURS);
        if !std::mem::replace(&mut self.visible, true) {
            out.push_str("\x1b[?25h");
        }
        if let Some((cells, width)) = self.cells.take() {
            out.push_str(&format!("\x1b[{};1H\n", cells.len() / width));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_can_not_become_a_sequence() {
        let mut shown = Shown::default();
        let text: Vec<u16> = "a\x1b[2J\r\n\u{9b}".encode_utf16().collect();
        assert_eq!(shown.follow(&text, COLOURS, true), "a\u{2190}[2J\r\n ");
        assert_eq!(shown.follow(&[13], COLOURS, false), "\u{266a}");
    }

    #[test]
    fn colours_are_told_when_they_change() {
        let mut shown = Shown::default();
        let red = 0x0c;
        assert_eq!(shown.follow(&[0x61], red, true), "\x1b[0;91ma");
        assert_eq!(shown.follow(&[0x61], red, true), "a");
        assert_eq!(shown.leave(), "\x1b[0m");
    }

    #[test]
    fn only_what_has_changed_is_drawn() {
        let mut screen = Screen::new((4, 2), (4, 2));
        let mut shown = Shown::default();
        screen.set(
            1,
            1,
            Cell {
                unit: 0x78,
                colours: COLOURS,
            },
        );
        assert_eq!(shown.draw(&screen), "\x1b[2J\x1b[2;2Hx\x1b[1;1H");
        assert_eq!(shown.draw(&screen), "\x1b[1;1H");
        screen.cursor_visible = false;
        assert_eq!(shown.draw(&screen), "\x1b[1;1H\x1b[?25l");
        assert_eq!(shown.leave(), "\x1b[?25h\x1b[2;1H\n");
    }
}
