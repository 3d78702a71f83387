//! The host that is really there.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Read};
use std::net::SocketAddr;
use std::os::fd::BorrowedFd;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fs::Timespec;
use rustix::stdio;
use rustix::termios::{
    self, ControlModes, InputModes, LocalModes, OptionalActions, OutputModes, QueueSelector,
    SpecialCodeIndex, Termios,
};

use super::line::Lines;
use super::store::{RealStore, Store};
use super::tree::RealTree;
use super::{Control, Flags, Host, Line, Stream, Terminal, Tree, When, Window};

/// How long a wait for input may go on before it looks whether the run was stopped.
const SLICE: Duration = Duration::from_millis(50);

/// The real host.
pub struct RealHost {
    start: Instant,
    stopped: Arc<AtomicBool>,
    /// Terminal settings as they were before the guest changed them.
    saved: RefCell<Vec<(Stream, Termios)>>,
    lines: Lines,
}

impl Default for RealHost {
    fn default() -> RealHost {
        RealHost::new()
    }
}

impl RealHost {
    /// The host.
    pub fn new() -> RealHost {
        RealHost {
            start: Instant::now(),
            stopped: Arc::new(AtomicBool::new(false)),
            saved: RefCell::default(),
            lines: Lines::default(),
        }
    }

    /// Set to true, it makes waits for input end within 50 ms, with [`io::ErrorKind::Interrupted`].
    pub fn stop_flag(&self) -> Arc<AtomicBool> {
        self.stopped.clone()
    }

    fn poll(&self, stream: Stream, flags: PollFlags, timeout: Option<Duration>) -> bool {
        let deadline = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let slice = left.map_or(SLICE, |left| left.min(SLICE));
            let time = Timespec {
                tv_sec: 0,
                tv_nsec: slice.subsec_nanos().into(),
            };
            let descriptor = fd(stream);
            let mut fds = [PollFd::new(&descriptor, flags)];
            match poll(&mut fds, Some(&time)) {
                Ok(0) => {}
                Ok(_) => return true,
                Err(rustix::io::Errno::INTR) => {}
                // Whoever reads learns why.
                Err(_) => return true,
            }
            if left.is_some_and(|left| left.is_zero()) || self.stopped.load(Ordering::Relaxed) {
                return false;
            }
        }
    }

    fn termios(&self, stream: Stream) -> Option<Termios> {
        termios::tcgetattr(fd(stream)).ok()
    }
}

impl Drop for RealHost {
    fn drop(&mut self) {
        for (stream, settings) in self.saved.get_mut().drain(..) {
            // The terminal may be gone; there is nobody to tell.
            let _ = termios::tcsetattr(fd(stream), OptionalActions::Drain, &settings);
        }
    }
}

impl Host for RealHost {
    fn tree(&self, path: &Path) -> io::Result<Rc<dyn Tree>> {
        Ok(Rc::new(RealTree::open(path)?))
    }

    fn read(&self, stream: Stream, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            if !self.poll(stream, PollFlags::IN, None) {
                return Err(io::ErrorKind::Interrupted.into());
            }
            match rustix::io::read(fd(stream), &mut *buf) {
                Ok(count) => return Ok(count),
                Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn write(&self, stream: Stream, bytes: &[u8]) -> io::Result<usize> {
        let mut done = 0;
        while done < bytes.len() {
            match rustix::io::write(fd(stream), &bytes[done..]) {
                Ok(count) => done += count,
                Err(rustix::io::Errno::INTR) => {}
                // The descriptor is shared with somebody who made it non-blocking.
                Err(rustix::io::Errno::AGAIN) => {
                    if !self.poll(stream, PollFlags::OUT, None) {
                        return Err(io::ErrorKind::Interrupted.into());
                    }
                }
                Err(_) if done > 0 => break,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(done)
    }

    fn readable(&self, stream: Stream, timeout: Option<Duration>) -> bool {
        self.poll(stream, PollFlags::IN, timeout)
    }

    fn available(&self, stream: Stream) -> u64 {
        rustix::io::ioctl_fionread(fd(stream)).unwrap_or(0)
    }

    fn is_terminal(&self, stream: Stream) -> bool {
        termios::isatty(fd(stream))
    }

    fn window(&self, stream: Stream) -> Option<Window> {
        let size = termios::tcgetwinsize(fd(stream)).ok()?;
        Some(Window {
            rows: size.ws_row,
            columns: size.ws_col,
            width: size.ws_xpixel,
            height: size.ws_ypixel,
        })
    }

    fn terminal(&self, stream: Stream) -> Option<Terminal> {
        let termios = self.termios(stream)?;
        let mut flags = Flags::empty();
        for (flag, bits) in INPUT {
            flags.set(*flag, termios.input_modes.contains(*bits));
        }
        for (flag, bits) in OUTPUT {
            flags.set(*flag, termios.output_modes.contains(*bits));
        }
        for (flag, bits) in CONTROL {
            flags.set(*flag, termios.control_modes.contains(*bits));
        }
        for (flag, bits) in LOCAL {
            flags.set(*flag, termios.local_modes.contains(*bits));
        }
        let mut controls = [0; Control::ALL.len()];
        for (control, value) in Control::ALL.iter().zip(&mut controls) {
            *value = termios.special_codes[code(*control)];
        }
        Some(Terminal {
            flags,
            controls,
            ..Terminal::default()
        })
    }

    fn set_terminal(&self, stream: Stream, settings: &Terminal, when: When) -> io::Result<()> {
        let before = termios::tcgetattr(fd(stream))?;
        let mut termios = before.clone();
        for (flag, bits) in INPUT {
            termios
                .input_modes
                .set(*bits, settings.flags.contains(*flag));
        }
        for (flag, bits) in OUTPUT {
            termios
                .output_modes
                .set(*bits, settings.flags.contains(*flag));
        }
        for (flag, bits) in CONTROL {
            termios
                .control_modes
                .set(*bits, settings.flags.contains(*flag));
        }
        for (flag, bits) in LOCAL {
            termios
                .local_modes
                .set(*bits, settings.flags.contains(*flag));
        }
        for (control, value) in Control::ALL.iter().zip(&settings.controls) {
            termios.special_codes[code(*control)] = *value;
        }
        let mut saved = self.saved.borrow_mut();
        if saved.iter().all(|(known, _)| *known != stream) {
            saved.push((stream, before));
        }
        let action = match when {
            When::Now => OptionalActions::Now,
            When::Drain => OptionalActions::Drain,
            When::Flush => OptionalActions::Flush,
        };
        Ok(termios::tcsetattr(fd(stream), action, &termios)?)
    }

    fn flush_terminal(&self, stream: Stream, input: bool, output: bool) -> io::Result<()> {
        let queue = match (input, output) {
            (true, true) => QueueSelector::IOFlush,
            (true, false) => QueueSelector::IFlush,
            (false, true) => QueueSelector::OFlush,
            (false, false) => return Ok(()),
        };
        Ok(termios::tcflush(fd(stream), queue)?)
    }

    fn store(&self, path: &Path) -> io::Result<Rc<dyn Store>> {
        Ok(Rc::new(RealStore::open(path)?))
    }

    fn new_tree(&self, path: &Path) -> io::Result<Rc<dyn Tree>> {
        std::fs::create_dir_all(path)?;
        if std::fs::read_dir(path)?.next().is_some() {
            return Err(io::Error::new(
                io::ErrorKind::DirectoryNotEmpty,
                "the directory is not empty; name a new one",
            ));
        }
        self.tree(path)
    }

    fn connect(&self, to: SocketAddr) -> io::Result<Rc<dyn Line>> {
        self.lines.connect(to)
    }

    fn messages(&self, six: bool) -> io::Result<Rc<dyn Line>> {
        self.lines.messages(six)
    }

    fn news(&self, timeout: Duration) -> bool {
        !self.stopped.load(Ordering::Relaxed) && self.lines.news(timeout)
    }

    fn wall(&self) -> u64 {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }

    fn monotonic(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn sleep(&self, time: Duration) {
        let end = Instant::now().checked_add(time);
        while !self.stopped.load(Ordering::Relaxed) {
            let left = end.map(|end| end.saturating_duration_since(Instant::now()));
            match left {
                Some(left) if left.is_zero() => break,
                left => std::thread::sleep(left.map_or(SLICE, |left| left.min(SLICE))),
            }
        }
    }

    fn entropy(&self, buf: &mut [u8]) -> io::Result<()> {
        File::open("/dev/urandom")?.read_exact(buf)
    }
}

fn fd(stream: Stream) -> BorrowedFd<'static> {
    match stream {
        Stream::Input => stdio::stdin(),
        Stream::Output => stdio::stdout(),
        Stream::Error => stdio::stderr(),
    }
}

fn code(control: Control) -> SpecialCodeIndex {
    match control {
        Control::Intr => SpecialCodeIndex::VINTR,
        Control::Quit => SpecialCodeIndex::VQUIT,
        Control::Erase => SpecialCodeIndex::VERASE,
        Control::Kill => SpecialCodeIndex::VKILL,
        Control::Eof => SpecialCodeIndex::VEOF,
        Control::Time => SpecialCodeIndex::VTIME,
        Control::Min => SpecialCodeIndex::VMIN,
        Control::Start => SpecialCodeIndex::VSTART,
        Control::Stop => SpecialCodeIndex::VSTOP,
        Control::Susp => SpecialCodeIndex::VSUSP,
        Control::Eol => SpecialCodeIndex::VEOL,
        Control::Reprint => SpecialCodeIndex::VREPRINT,
        Control::Discard => SpecialCodeIndex::VDISCARD,
        Control::Werase => SpecialCodeIndex::VWERASE,
        Control::Lnext => SpecialCodeIndex::VLNEXT,
        Control::Eol2 => SpecialCodeIndex::VEOL2,
        Control::Swtc => SpecialCodeIndex::VSWTC,
    }
}

const INPUT: &[(Flags, InputModes)] = &[
    (Flags::IGNBRK, InputModes::IGNBRK),
    (Flags::BRKINT, InputModes::BRKINT),
    (Flags::IGNPAR, InputModes::IGNPAR),
    (Flags::PARMRK, InputModes::PARMRK),
    (Flags::INPCK, InputModes::INPCK),
    (Flags::ISTRIP, InputModes::ISTRIP),
    (Flags::INLCR, InputModes::INLCR),
    (Flags::IGNCR, InputModes::IGNCR),
    (Flags::ICRNL, InputModes::ICRNL),
    (Flags::IUCLC, InputModes::IUCLC),
    (Flags::IXON, InputModes::IXON),
    (Flags::IXANY, InputModes::IXANY),
    (Flags::IXOFF, InputModes::IXOFF),
    (Flags::IMAXBEL, InputModes::IMAXBEL),
    (Flags::IUTF8, InputModes::IUTF8),
];

const OUTPUT: &[(Flags, OutputModes)] = &[
    (Flags::OPOST, OutputModes::OPOST),
    (Flags::OLCUC, OutputModes::OLCUC),
    (Flags::ONLCR, OutputModes::ONLCR),
    (Flags::OCRNL, OutputModes::OCRNL),
    (Flags::ONOCR, OutputModes::ONOCR),
    (Flags::ONLRET, OutputModes::ONLRET),
    (Flags::OFILL, OutputModes::OFILL),
    (Flags::OFDEL, OutputModes::OFDEL),
];

const CONTROL: &[(Flags, ControlModes)] = &[
    (Flags::CS6, ControlModes::CS6),
    (Flags::CS7, ControlModes::CS7),
    (Flags::CSTOPB, ControlModes::CSTOPB),
    (Flags::CREAD, ControlModes::CREAD),
    (Flags::PARENB, ControlModes::PARENB),
    (Flags::PARODD, ControlModes::PARODD),
    (Flags::HUPCL, ControlModes::HUPCL),
    (Flags::CLOCAL, ControlModes::CLOCAL),
    (Flags::CRTSCTS, ControlModes::CRTSCTS),
];

const LOCAL: &[(Flags, LocalModes)] = &[
    (Flags::ISIG, LocalModes::ISIG),
    (Flags::ICANON, LocalModes::ICANON),
    (Flags::ECHO, LocalModes::ECHO),
    (Flags::ECHOE, LocalModes::ECHOE),
    (Flags::ECHOK, LocalModes::ECHOK),
    (Flags::ECHONL, LocalModes::ECHONL),
    (Flags::NOFLSH, LocalModes::NOFLSH),
    (Flags::TOSTOP, LocalModes::TOSTOP),
    (Flags::ECHOCTL, LocalModes::ECHOCTL),
    (Flags::ECHOPRT, LocalModes::ECHOPRT),
    (Flags::ECHOKE, LocalModes::ECHOKE),
    (Flags::FLUSHO, LocalModes::FLUSHO),
    (Flags::PENDIN, LocalModes::PENDIN),
    (Flags::IEXTEN, LocalModes::IEXTEN),
    (Flags::EXTPROC, LocalModes::EXTPROC),
];
