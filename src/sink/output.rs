//! Where a sink writes: a file in large pieces, or standard error line by line.

use std::fs::File;
use std::io::{self, Write};

/// Bytes that are kept before they are written to a file.
const BUFFER: usize = 64 * 1024;

/// The receiver of a trace.
pub struct Output {
    to: Box<dyn Write>,
    /// Bytes that are not written yet.
    buffer: Vec<u8>,
    /// How many may wait: none where a person, or the guest's own output, is to see lines in their order.
    room: usize,
}

impl Output {
    /// Standard error. Each line is written at once, so that it stands where it belongs among the guest's output.
    pub fn stderr() -> Self {
        Output { to: Box::new(io::stderr()), buffer: Vec::new(), room: 0 }
    }

    /// A file, made or emptied.
    pub fn file(path: &std::path::Path) -> io::Result<Self> {
        Ok(Output::buffered(Box::new(File::create(path)?)))
    }

    /// Anything, in large pieces.
    pub fn buffered(to: Box<dyn Write>) -> Self {
        Output { to, buffer: Vec::with_capacity(BUFFER + 4096), room: BUFFER }
    }

    /// Anything, line by line.
    pub fn lines(to: Box<dyn Write>) -> Self {
        Output { to, buffer: Vec::new(), room: 0 }
    }

    /// Appends a line, its end included.
    #[inline]
    pub(crate) fn line(&mut self, line: &[u8]) -> io::Result<()> {
        if self.room == 0 {
            return self.to.write_all(line);
        }
        self.buffer.extend_from_slice(line);
        if self.buffer.len() >= self.room { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> io::Result<()> {
        let written = self.to.write_all(&self.buffer);
        self.buffer.clear();
        written
    }

    /// Writes all that waits.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        self.write()?;
        self.to.flush()
    }
}

impl Drop for Output {
    /// A run that ends by a panic leaves what it saw so far.
    fn drop(&mut self) {
        let _ = self.write();
    }
}
