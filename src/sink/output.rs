//! Where a sink writes: a file in large pieces, or standard error line by line.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use super::binary::Packed;

/// Bytes that are kept before they are written to a file.
const BUFFER: usize = 64 * 1024;

/// The receiver of a trace.
pub struct Output(To);

enum To {
    /// Line by line.
    Lines(Box<dyn Write>),
    /// In large pieces.
    Pieces(Rescue),
    /// Not at all.
    Nowhere,
}

/// What a trace has not written yet. Another thread may write it when the process is about to be killed.
#[derive(Clone)]
pub struct Rescue(Arc<Mutex<Pieces>>);

struct Pieces {
    to: Box<dyn Write + Send>,
    buffer: Vec<u8>,
}

/// Memory that others look at, too.
struct Written(Rc<RefCell<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output {
    /// Standard error. Each line is written at once, so that it stands where it belongs among the guest's output.
    pub fn stderr() -> Self {
        Output::lines(Box::new(io::stderr()))
    }

    /// A file, made or emptied, in large pieces.
    pub fn file(path: &std::path::Path) -> io::Result<Self> {
        Ok(Output::pieces(Box::new(File::create(path)?)))
    }

    /// A file, made or emptied, for the binary form.
    pub fn binary(path: &std::path::Path) -> io::Result<Self> {
        let to = Packed::new(Box::new(File::create(path)?))?;
        Ok(Output::pieces(Box::new(to)))
    }

    /// Anything, in large pieces.
    pub fn pieces(to: Box<dyn Write + Send>) -> Self {
        let pieces = Pieces {
            to,
            buffer: Vec::with_capacity(BUFFER + 4096),
        };
        Output(To::Pieces(Rescue(Arc::new(Mutex::new(pieces)))))
    }

    /// Nothing at all: what is written is gone.
    pub fn nowhere() -> Self {
        Output(To::Nowhere)
    }

    /// Anything, line by line.
    pub fn lines(to: Box<dyn Write>) -> Self {
        Output(To::Lines(to))
    }

    /// Memory, and what was written into it so far.
    pub fn memory() -> (Self, Rc<RefCell<Vec<u8>>>) {
        let written = Rc::default();
        let output = Output::lines(Box::new(Written(Rc::clone(&written))));
        (output, written)
    }

    /// A handle on what is not written yet; nothing when each line is written at once.
    pub fn rescue(&self) -> Option<Rescue> {
        match &self.0 {
            To::Lines(_) | To::Nowhere => None,
            To::Pieces(rescue) => Some(rescue.clone()),
        }
    }

    /// Appends a line, its end included.
    #[inline]
    pub(crate) fn line(&mut self, line: &[u8]) -> io::Result<()> {
        match &mut self.0 {
            To::Lines(to) => to.write_all(line),
            To::Nowhere => Ok(()),
            To::Pieces(rescue) => {
                let mut pieces = rescue.0.lock().unwrap_or_else(PoisonError::into_inner);
                pieces.buffer.extend_from_slice(line);
                if pieces.buffer.len() >= BUFFER {
                    pieces.write()
                } else {
                    Ok(())
                }
            }
        }
    }

    /// Writes all that waits.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        match &mut self.0 {
            To::Lines(to) => to.flush(),
            To::Nowhere => Ok(()),
            To::Pieces(rescue) => rescue.write(),
        }
    }
}

impl Pieces {
    fn write(&mut self) -> io::Result<()> {
        let written = self.to.write_all(&self.buffer);
        self.buffer.clear();
        written.and_then(|()| self.to.flush())
    }
}

impl Rescue {
    /// Writes all that waits.
    pub fn write(&self) -> io::Result<()> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .write()
    }
}

impl Drop for Output {
    /// A run that ends by a panic leaves what it saw so far.
    fn drop(&mut self) {
        if let To::Pieces(rescue) = &self.0 {
            let _ = rescue.write();
        }
    }
}
