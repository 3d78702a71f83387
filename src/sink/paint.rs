//! Colours of a line on a terminal: where they begin and end is kept beside the text, so that the text stays as it is.

/// What is to be told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    /// The name of a call.
    Name,
    /// The result of a call that failed.
    Error,
    /// A signal, or an exception.
    Signal,
    /// The end of a task.
    End,
    /// What emu has to say.
    Note,
}

impl Paint {
    /// Its beginning.   [ECMA-48, 8.3.117 SGR]
    fn start(self) -> &'static [u8] {
        match self {
            Paint::Name => b"\x1b[1m",
            Paint::Error => b"\x1b[31m",
            Paint::Signal => b"\x1b[33m",
            Paint::End => b"\x1b[36m",
            Paint::Note => b"\x1b[35m",
        }
    }
}

/// Back to normal.
const END: &[u8] = b"\x1b[0m";

/// The colours of a line, in the order of its text.
#[derive(Debug, Clone, Default)]
pub(super) struct Painted(Vec<(usize, usize, Paint)>);

impl Painted {
    /// Forgets them.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// From `start` on to the end of the text so far.
    pub(super) fn add(&mut self, text: &[u8], start: usize, paint: Paint) {
        self.0.push((start, text.len(), paint));
    }

    /// The line with its colours in it; none without any.
    pub(super) fn apply(&self, line: &[u8]) -> Option<Vec<u8>> {
        if self.0.is_empty() {
            return None;
        }
        let mut out = Vec::with_capacity(line.len() + 16 * self.0.len());
        let mut done = 0;
        for &(start, end, paint) in &self.0 {
            let (Some(before), Some(inside)) = (line.get(done..start), line.get(start..end)) else {
                break;
            };
            out.extend_from_slice(before);
            out.extend_from_slice(paint.start());
            out.extend_from_slice(inside);
            out.extend_from_slice(END);
            done = end;
        }
        out.extend_from_slice(&line[done..]);
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_stand_around_the_text() {
        let mut painted = Painted::default();
        assert_eq!(painted.apply(b"x"), None);
        painted.add(b"read", 0, Paint::Name);
        painted.add(b"read() = -1", 9, Paint::Error);
        let line = painted.apply(b"read() = -1\n").expect("it has colours");
        assert_eq!(line, b"\x1b[1mread\x1b[0m() = \x1b[31m-1\x1b[0m\n");
    }
}
