//! What becomes of the bytes that a program writes to its terminal, and of those that are echoed?

use std::collections::VecDeque;

use crate::kernel::host::Flags;

/// Bytes on their way to the other side at most.   [Linux drivers/tty/pty.c, tty_buffer_set_limit]
pub(super) const LIMIT: usize = 8192;
/// Echoes may exceed it: they come in the middle of something else.
const ECHO_LIMIT: usize = LIMIT + 4096;

/// The way out.
#[derive(Default)]
pub(super) struct Output {
    pub(super) bytes: VecDeque<u8>,
    /// Echoes of a terminal that is stopped.
    held: VecDeque<u8>,
    pub(super) stopped: bool,
    column: u32,
    /// The column where the line that is being typed began.
    canon_column: u32,
}

/// A control character, as the kernel counts them.   [Linux lib/ctype.c]
pub(super) fn is_control(c: u8) -> bool {
    c < 32 || c == 127
}

fn is_continuation(c: u8, flags: Flags) -> bool {
    flags.contains(Flags::IUTF8) && c & 0xc0 == 0x80
}

impl Output {
    /// How many more bytes a program may write.
    pub(super) fn room(&self) -> usize {
        match self.stopped {
            true => 0,
            false => LIMIT.saturating_sub(self.bytes.len()),
        }
    }

    /// Bytes of a program. How many there was room for.   [Linux drivers/tty/n_tty.c, n_tty_write]
    pub(super) fn write(&mut self, bytes: &[u8], flags: Flags) -> usize {
        let mut done = 0;
        for byte in bytes {
            let room = self.room();
            if room == 0 {
                break;
            }
            let mut out = Vec::with_capacity(8);
            let before = (self.column, self.canon_column);
            self.process(*byte, flags, &mut out);
            if out.len() > room {
                (self.column, self.canon_column) = before;
                break;
            }
            self.bytes.extend(out);
            done += 1;
        }
        done
    }

    /// A character that is echoed; `raw` ones as they are, others in a form that can be seen.
    pub(super) fn echo(&mut self, c: u8, raw: bool, flags: Flags) {
        let mut out = Vec::with_capacity(8);
        if !raw && flags.contains(Flags::ECHOCTL) && is_control(c) && c != b'\t' {
            out.extend([b'^', c ^ 0x40]);
            self.column += 2;
        } else {
            self.process(c, flags, &mut out);
        }
        self.put_echo(&out);
    }

    fn put_echo(&mut self, out: &[u8]) {
        let queue = match self.stopped {
            true => &mut self.held,
            false => &mut self.bytes,
        };
        if queue.len() + out.len() <= ECHO_LIMIT {
            queue.extend(out);
        }
    }

    /// The line that is being typed begins here.
    pub(super) fn set_canon_column(&mut self) {
        self.canon_column = self.column;
    }

    /// A continuation byte took no column.
    pub(super) fn back(&mut self) {
        self.column = self.column.saturating_sub(1);
    }

    /// Goes back over a tabulator; `columns` are before it, since the last one or since the start of the line.
    /// [Linux drivers/tty/n_tty.c, ECHO_OP_ERASE_TAB]
    pub(super) fn erase_tab(&mut self, columns: u32, after_tab: bool) {
        let columns = match after_tab {
            true => columns & 7,
            false => (columns & 7) + self.canon_column,
        };
        for _ in 0..8 - (columns & 7) {
            self.put_echo(b"\x08");
            self.back();
        }
    }

    /// Stops it, or lets it go on.
    pub(super) fn stop(&mut self, stopped: bool) {
        self.stopped = stopped;
        if !stopped {
            let held = std::mem::take(&mut self.held);
            self.bytes.extend(held);
        }
    }

    /// [Linux drivers/tty/n_tty.c, do_output_char]
    fn process(&mut self, mut c: u8, flags: Flags, out: &mut Vec<u8>) {
        let has = |flag| flags.contains(flag);
        if !has(Flags::OPOST) {
            out.push(c);
            return;
        }
        match c {
            b'\n' => {
                if has(Flags::ONLRET) {
                    self.column = 0;
                }
                if has(Flags::ONLCR) {
                    (self.column, self.canon_column) = (0, 0);
                    out.extend(b"\r\n");
                    return;
                }
                self.canon_column = self.column;
            }
            b'\r' => {
                if has(Flags::ONOCR) && self.column == 0 {
                    return;
                }
                if has(Flags::OCRNL) {
                    c = b'\n';
                    if has(Flags::ONLRET) {
                        (self.column, self.canon_column) = (0, 0);
                    }
                } else {
                    (self.column, self.canon_column) = (0, 0);
                }
            }
            b'\t' => {
                let spaces = 8 - (self.column & 7);
                self.column = self.column.wrapping_add(spaces);
                if has(Flags::XTABS) {
                    out.extend((0..spaces).map(|_| b' '));
                    return;
                }
            }
            8 => self.back(),
            c if is_control(c) => {}
            _ => {
                if has(Flags::OLCUC) {
                    c = c.to_ascii_uppercase();
                }
                if !is_continuation(c, flags) {
                    self.column = self.column.wrapping_add(1);
                }
            }
        }
        out.push(c);
    }
}
