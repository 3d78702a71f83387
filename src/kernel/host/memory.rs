//! No host at all: input from a buffer, output into one. For tests, and for runs that must depend on nothing.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use super::image::Image;
use super::{Host, Stream, Terminal, Tree, When, Window};

/// A host without files but those that it was given, whose clock stands still.
#[derive(Debug, Default)]
pub struct MemoryHost {
    input: RefCell<Vec<u8>>,
    position: Cell<usize>,
    output: RefCell<Vec<u8>>,
    error: RefCell<Vec<u8>>,
    terminal: RefCell<Option<Terminal>>,
    files: BTreeMap<PathBuf, Rc<[u8]>>,
}

impl MemoryHost {
    /// One that gives `input` to who reads.
    pub fn new(input: &[u8]) -> MemoryHost {
        MemoryHost {
            input: RefCell::new(input.to_vec()),
            ..MemoryHost::default()
        }
    }

    /// Makes its streams a terminal.
    pub fn with_terminal(self) -> MemoryHost {
        *self.terminal.borrow_mut() = Some(Terminal::default());
        self
    }

    /// Gives it a file that can be read.
    pub fn with_file(mut self, path: impl Into<PathBuf>, bytes: &[u8]) -> MemoryHost {
        self.files.insert(path.into(), bytes.into());
        self
    }

    /// What was written to standard output so far.
    pub fn output(&self) -> Vec<u8> {
        self.output.borrow().clone()
    }

    /// What was written to standard error so far.
    pub fn error(&self) -> Vec<u8> {
        self.error.borrow().clone()
    }
}

impl Host for MemoryHost {
    fn tree(&self, path: &Path) -> io::Result<Rc<dyn Tree>> {
        let file = self.files.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(Rc::new(Image(file.clone())))
    }

    fn read(&self, _: Stream, buf: &mut [u8]) -> io::Result<usize> {
        let input = self.input.borrow();
        let left = &input[self.position.get()..];
        let count = left.len().min(buf.len());
        buf[..count].copy_from_slice(&left[..count]);
        self.position.set(self.position.get() + count);
        Ok(count)
    }

    fn write(&self, stream: Stream, bytes: &[u8]) -> io::Result<usize> {
        match stream {
            Stream::Error => self.error.borrow_mut().extend_from_slice(bytes),
            _ => self.output.borrow_mut().extend_from_slice(bytes),
        }
        Ok(bytes.len())
    }

    fn readable(&self, _: Stream, _: Option<Duration>) -> bool {
        true
    }

    fn available(&self, _: Stream) -> u64 {
        (self.input.borrow().len() - self.position.get()) as u64
    }

    fn is_terminal(&self, _: Stream) -> bool {
        self.terminal.borrow().is_some()
    }

    fn window(&self, _: Stream) -> Option<Window> {
        self.terminal.borrow().as_ref()?;
        Some(Window {
            rows: 24,
            columns: 80,
            width: 0,
            height: 0,
        })
    }

    fn terminal(&self, _: Stream) -> Option<Terminal> {
        self.terminal.borrow().clone()
    }

    fn set_terminal(&self, _: Stream, settings: &Terminal, _: When) -> io::Result<()> {
        *self.terminal.borrow_mut() = Some(settings.clone());
        Ok(())
    }

    fn flush_terminal(&self, _: Stream, _: bool, _: bool) -> io::Result<()> {
        Ok(())
    }

    fn wall(&self) -> u64 {
        0
    }

    fn monotonic(&self) -> u64 {
        0
    }

    fn sleep(&self, _: Duration) {}

    fn entropy(&self, buf: &mut [u8]) -> io::Result<()> {
        buf.fill(0);
        Ok(())
    }
}
