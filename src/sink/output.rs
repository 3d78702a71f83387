//! Where a sink writes: a file in large pieces, or standard error or a command line by line.

use std::cell::RefCell;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::binary::Packed;
use super::pipe::Pipe;

/// Bytes that are kept before they are written to a file.
const BUFFER: usize = 64 * 1024;

/// The receiver of a trace.
pub struct Output(To);

enum To {
    /// Line by line.
    Lines(Rc<RefCell<Box<dyn Write>>>),
    /// Line by line, to a command that is waited for.
    Command(Rc<RefCell<Pipe>>),
    /// In large pieces.
    Pieces(Arc<Mutex<Pieces>>),
    /// Not at all.
    Nowhere,
}

/// What outputs have not written yet. Another thread may write it when the process is about to be killed.
#[derive(Clone, Default)]
pub struct Rescue(Arc<Mutex<Vec<Weak<Mutex<Pieces>>>>>);

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
    pub fn file(path: &Path) -> io::Result<Self> {
        Ok(Output::pieces(Box::new(open(path, false)?)))
    }

    /// A file, in large pieces behind what it has already.
    pub fn append(path: &Path) -> io::Result<Self> {
        Ok(Output::pieces(Box::new(open(path, true)?)))
    }

    /// A file that is open only while a piece is written, so that there may be any number of them.
    pub(super) fn reopened(path: PathBuf, append: bool) -> io::Result<Self> {
        open(&path, append)?;
        Ok(Output::pieces(Box::new(Reopened(path))))
    }

    /// A command of the shell, line by line. When it reads no more, the rest of the trace is lost and nothing else happens.
    pub fn command(line: &str) -> io::Result<Self> {
        let pipe = Rc::new(RefCell::new(Pipe::open(line)?));
        Ok(Output(To::Command(pipe)))
    }

    /// A file, made or emptied, for the binary form.
    pub fn binary(path: &Path) -> io::Result<Self> {
        let to = Packed::new(Box::new(open(path, false)?))?;
        Ok(Output::pieces(Box::new(to)))
    }

    /// Nothing at all: what is written is gone.
    pub fn nowhere() -> Self {
        Output(To::Nowhere)
    }

    /// Anything, in large pieces.
    pub fn pieces(to: Box<dyn Write + Send>) -> Self {
        let buffer = Vec::with_capacity(BUFFER + 4096);
        Output(To::Pieces(Arc::new(Mutex::new(Pieces { to, buffer }))))
    }

    /// Anything, line by line.
    pub fn lines(to: Box<dyn Write>) -> Self {
        Output(To::Lines(Rc::new(RefCell::new(to))))
    }

    /// The same receiver once more.
    pub fn shared(&self) -> Self {
        Output(match &self.0 {
            To::Lines(to) => To::Lines(to.clone()),
            To::Command(pipe) => To::Command(pipe.clone()),
            To::Pieces(pieces) => To::Pieces(pieces.clone()),
            To::Nowhere => To::Nowhere,
        })
    }

    /// Memory, and what was written into it so far.
    pub fn memory() -> (Self, Rc<RefCell<Vec<u8>>>) {
        let written = Rc::default();
        let output = Output::lines(Box::new(Written(Rc::clone(&written))));
        (output, written)
    }

    /// A handle on what is not written yet; nothing when each line is written at once.
    pub fn rescue(&self) -> Option<Rescue> {
        let To::Pieces(_) = &self.0 else {
            return None;
        };
        let rescue = Rescue::default();
        rescue.add(self);
        Some(rescue)
    }

    /// Appends a line, its end included.
    #[inline]
    pub(crate) fn line(&mut self, line: &[u8]) -> io::Result<()> {
        match &mut self.0 {
            To::Lines(to) => to.borrow_mut().write_all(line),
            To::Command(pipe) => pipe.borrow_mut().write(line),
            To::Pieces(pieces) => {
                let mut pieces = pieces.lock().unwrap_or_else(PoisonError::into_inner);
                pieces.buffer.extend_from_slice(line);
                if pieces.buffer.len() >= BUFFER {
                    pieces.write()
                } else {
                    Ok(())
                }
            }
            To::Nowhere => Ok(()),
        }
    }

    /// Writes all that waits. A command has read its last line then, and has ended, unless another sink writes to it as well.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        match &mut self.0 {
            To::Lines(to) => to.borrow_mut().flush(),
            To::Pieces(pieces) => pieces
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .write(),
            To::Command(_) => match std::mem::replace(&mut self.0, To::Nowhere) {
                To::Command(pipe) => match Rc::try_unwrap(pipe) {
                    Ok(pipe) => pipe.into_inner().finish(),
                    Err(_) => Ok(()),
                },
                _ => Ok(()),
            },
            To::Nowhere => Ok(()),
        }
    }
}

fn open(path: &Path, append: bool) -> io::Result<std::fs::File> {
    let mut options = OpenOptions::new();
    match append {
        true => options.append(true).create(true).open(path),
        false => options.write(true).truncate(true).create(true).open(path),
    }
}

/// A file that is closed between writes.
struct Reopened(PathBuf);

impl Write for Reopened {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !bytes.is_empty() {
            open(&self.0, true)?.write_all(bytes)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
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
    /// Adds what an output has not written yet.
    pub(super) fn add(&self, output: &Output) {
        if let To::Pieces(pieces) = &output.0 {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.retain(|pieces| pieces.strong_count() > 0);
            all.push(Arc::downgrade(pieces));
        }
    }

    /// Writes all that waits.
    pub fn write(&self) -> io::Result<()> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut written = Ok(());
        for pieces in all.iter().filter_map(Weak::upgrade) {
            let mut pieces = pieces.lock().unwrap_or_else(PoisonError::into_inner);
            written = written.and(pieces.write());
        }
        written
    }
}

impl Drop for Output {
    /// A run that ends by a panic leaves what it saw so far.
    fn drop(&mut self) {
        if let To::Pieces(pieces) = &self.0 {
            let _ = pieces
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .write();
        }
    }
}
