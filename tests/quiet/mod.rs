//! A host whose files are real and whose streams are kept.

use std::io;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use emu::kernel::host::{Host, MemoryHost, RealHost, Stream, Terminal, Tree, When, Window};

/// Files of the real host, streams in memory.
pub(crate) struct Quiet {
    real: Rc<RealHost>,
    pub(crate) streams: MemoryHost,
}

impl Host for Quiet {
    fn tree(&self, path: &Path) -> io::Result<Rc<dyn Tree>> {
        self.real.tree(path)
    }
    fn read(&self, stream: Stream, buf: &mut [u8]) -> io::Result<usize> {
        self.streams.read(stream, buf)
    }
    fn write(&self, stream: Stream, bytes: &[u8]) -> io::Result<usize> {
        self.streams.write(stream, bytes)
    }
    fn readable(&self, stream: Stream, timeout: Option<Duration>) -> bool {
        self.streams.readable(stream, timeout)
    }
    fn available(&self, stream: Stream) -> u64 {
        self.streams.available(stream)
    }
    fn is_terminal(&self, stream: Stream) -> bool {
        self.streams.is_terminal(stream)
    }
    fn window(&self, stream: Stream) -> Option<Window> {
        self.streams.window(stream)
    }
    fn terminal(&self, stream: Stream) -> Option<Terminal> {
        self.streams.terminal(stream)
    }
    fn set_terminal(&self, stream: Stream, settings: &Terminal, when: When) -> io::Result<()> {
        self.streams.set_terminal(stream, settings, when)
    }
    fn flush_terminal(&self, stream: Stream, input: bool, output: bool) -> io::Result<()> {
        self.streams.flush_terminal(stream, input, output)
    }
    fn wall(&self) -> u64 {
        self.streams.wall()
    }
    fn monotonic(&self) -> u64 {
        self.streams.monotonic()
    }
    fn sleep(&self, time: Duration) {
        self.streams.sleep(time);
    }
    fn entropy(&self, buf: &mut [u8]) -> io::Result<()> {
        self.streams.entropy(buf)
    }
}

/// Such a host, with nothing to read.
pub(crate) fn quiet() -> Rc<Quiet> {
    Rc::new(Quiet {
        real: Rc::new(RealHost::new()),
        streams: MemoryHost::new(b""),
    })
}
