//! The two ends of a terminal: what can be done with each, and what each is ready for.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use super::line::Line;
use super::output::LIMIT;
use super::{News, Outbox};
use crate::kernel::host::{Control, Flags, Terminal, Window};
use crate::kernel::vfs::{FileObject, FsError, OpenFlags, Ready};
use crate::kernel::wait::WaitQueue;

/// Nanoseconds in a tenth of a second, which `VTIME` counts.
const TENTH: u64 = 100_000_000;

bitflags::bitflags! {
    /// What a master in packet mode is told.   [ioctl_tty(2), TIOCPKT: the same bits on every ABI]
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct Packet: u8 {
        /// Input was thrown away.
        const FLUSH_READ = 1;
        /// Output was thrown away.
        const FLUSH_WRITE = 2;
        /// Output is stopped.
        const STOP = 4;
        /// Output goes on.
        const START = 8;
        /// The keys that stop and start are not `^S` and `^Q`.
        const NO_STOP = 16;
        /// They are.
        const DO_STOP = 32;
        /// Settings changed.
        const IOCTL = 64;
    }
}

/// What `tcflow` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Output stops.
    OutputOff,
    /// Output goes on.
    OutputOn,
    /// The other side is asked to stop.
    InputOff,
    /// The other side is asked to go on.
    InputOn,
}

/// A pair.
pub struct Pair {
    /// Its number: `/dev/pts/NUMBER`.
    pub number: u32,
    line: RefCell<Line>,
    /// What the master wrote and the line had no room for.
    arriving: RefCell<VecDeque<u8>>,
    window: Cell<Window>,
    /// Whether the slave can't be opened yet.
    locked: Cell<bool>,
    /// Whether nobody else may open the slave.
    exclusive: Cell<bool>,
    packets: Cell<bool>,
    status: Cell<Packet>,
    has_master: Cell<bool>,
    slaves: Cell<usize>,
    /// The last slave was closed, and none opened since.
    closed: Cell<bool>,
    /// How often it was hung up: who opened it before has it no more.
    hangups: Cell<u32>,
    /// When something was typed last, in nanoseconds of guest time since the start.
    typed: Cell<u64>,
    master_queue: WaitQueue,
    slave_queue: WaitQueue,
    news: Rc<Outbox>,
}

impl Pair {
    pub(super) fn new(number: u32, news: &Rc<Outbox>) -> Rc<Pair> {
        let mut line = Line::default();
        let mut settings = Terminal::default();
        // [Linux drivers/tty/pty.c, unix98_pty_init]
        settings.flags -= Flags::HUPCL;
        line.set(settings);
        Rc::new(Pair {
            number,
            line: RefCell::new(line),
            arriving: RefCell::default(),
            window: Cell::default(),
            locked: Cell::new(true),
            exclusive: Cell::new(false),
            packets: Cell::new(false),
            status: Cell::default(),
            has_master: Cell::new(true),
            slaves: Cell::new(0),
            closed: Cell::new(false),
            hangups: Cell::new(0),
            typed: Cell::new(0),
            master_queue: WaitQueue::default(),
            slave_queue: WaitQueue::default(),
            news: news.clone(),
        })
    }

    /// Whether its master is open.
    pub fn has_master(&self) -> bool {
        self.has_master.get()
    }

    /// Whether its slave can't be opened (`TIOCSPTLCK`).
    pub fn is_locked(&self) -> bool {
        self.locked.get()
    }

    /// Changes that.
    pub fn lock(&self, locked: bool) {
        self.locked.set(locked);
    }

    /// Whether nobody else may open the slave (`TIOCEXCL`).
    pub fn is_exclusive(&self) -> bool {
        self.exclusive.get()
    }

    /// Changes that.
    pub fn set_exclusive(&self, exclusive: bool) {
        self.exclusive.set(exclusive);
    }

    /// Whether the master reads packets (`TIOCPKT`).
    pub fn has_packets(&self) -> bool {
        self.packets.get()
    }

    /// Changes that.
    pub fn set_packets(&self, packets: bool) {
        if packets && !self.packets.get() {
            self.status.set(Packet::empty());
        }
        self.packets.set(packets);
    }

    fn tell_master(&self, what: Packet, instead_of: Packet) {
        if self.packets.get() {
            self.status.set((self.status.get() - instead_of) | what);
        }
        self.master_queue.wake();
    }

    /// The settings of the slave; the master has no others.
    pub fn settings(&self) -> Terminal {
        self.line.borrow().settings().clone()
    }

    /// Changes them.   [Linux drivers/tty/pty.c, pty_set_termios]
    pub fn set(&self, mut settings: Terminal) {
        // What a wire would need.
        settings.flags -= Flags::CS8 | Flags::PARENB;
        settings.flags |= Flags::CS8 | Flags::CREAD;
        let keys = |settings: &Terminal| {
            settings.flags.contains(Flags::IXON)
                && settings.controls[Control::Stop as usize] == 0x13
                && settings.controls[Control::Start as usize] == 0x11
        };
        let before = self.settings();
        let (old, new) = (keys(&before), keys(&settings));
        let external = (before.flags | settings.flags).contains(Flags::EXTPROC);
        self.line.borrow_mut().set(settings);
        let both = Packet::DO_STOP | Packet::NO_STOP;
        match (old, new) {
            (false, true) => self.tell_master(Packet::DO_STOP, both),
            (true, false) => self.tell_master(Packet::NO_STOP, both),
            _ => {}
        }
        if external {
            self.tell_master(Packet::IOCTL, Packet::empty());
        }
        self.pump();
        self.wake();
    }

    /// Its window.
    pub fn window(&self) -> Window {
        self.window.get()
    }

    /// Changes it; those in the foreground learn of a change.
    pub fn set_window(&self, window: Window) {
        if self.window.replace(window) != window {
            self.tell(News::Window);
        }
    }

    /// Tells those in it.
    pub fn tell(&self, news: News) {
        self.news.borrow_mut().push((self.number, news));
    }

    /// Bytes that a program wrote and the master has not read.
    pub fn output_len(&self) -> usize {
        self.line.borrow().output.bytes.len()
    }

    /// Throws away what was typed and not read, and what was written and not read.
    pub fn flush(&self, input: bool, output: bool) {
        if input {
            self.line.borrow_mut().flush_input();
            self.arriving.borrow_mut().clear();
            self.tell_master(Packet::FLUSH_READ, Packet::empty());
        }
        if output {
            self.line.borrow_mut().output.bytes.clear();
            self.tell_master(Packet::FLUSH_WRITE, Packet::empty());
        }
        self.wake();
    }

    /// `tcflow` on the slave.
    pub fn flow(&self, flow: Flow) {
        match flow {
            Flow::OutputOff | Flow::OutputOn => {
                let stops = flow == Flow::OutputOff;
                self.line.borrow_mut().output.stop(stops);
                match stops {
                    true => self.tell_master(Packet::STOP, Packet::START),
                    false => self.tell_master(Packet::START, Packet::STOP),
                }
            }
            Flow::InputOff | Flow::InputOn => {
                let key = match flow {
                    Flow::InputOff => Control::Stop,
                    _ => Control::Start,
                };
                let mut line = self.line.borrow_mut();
                let key = line.settings().controls[key as usize];
                if key != 0 {
                    line.output.bytes.push_back(key);
                }
            }
        }
        self.wake();
    }

    /// The same for the master's side: what it has not read, and what has not arrived at the other.
    pub fn flush_master(&self, input: bool, output: bool) {
        if input {
            self.line.borrow_mut().output.bytes.clear();
        }
        if output {
            self.arriving.borrow_mut().clear();
        }
        self.wake();
    }

    fn wake(&self) {
        self.master_queue.wake();
        self.slave_queue.wake();
    }

    /// Bytes that arrive go to the line while there is room.
    fn pump(&self) {
        let mut news = Vec::new();
        {
            let mut line = self.line.borrow_mut();
            let mut arriving = self.arriving.borrow_mut();
            let stopped = line.output.stopped;
            while line.room() > 0 {
                let Some(byte) = arriving.pop_front() else {
                    break;
                };
                line.receive(byte, &mut news);
            }
            if self.packets.get() && stopped != line.output.stopped {
                let (on, off) = match line.output.stopped {
                    true => (Packet::STOP, Packet::START),
                    false => (Packet::START, Packet::STOP),
                };
                self.status.set((self.status.get() - off) | on);
            }
        }
        for what in news {
            if !self.line.borrow().settings().flags.contains(Flags::NOFLSH) && self.packets.get() {
                self.status.set(self.status.get() | Packet::FLUSH_READ);
            }
            self.tell(what);
        }
    }

    /// Opens the slave. `again` says that locks don't count: the master asks.
    pub fn open_slave(self: &Rc<Pair>, again: bool) -> Result<Rc<Slave>, FsError> {
        if !self.has_master() || self.is_locked() && !again {
            return Err(FsError::Io);
        }
        if self.is_exclusive() && !again && self.slaves.get() > 0 {
            return Err(FsError::Busy);
        }
        self.slaves.set(self.slaves.get() + 1);
        self.closed.set(false);
        Ok(Rc::new(Slave {
            pair: self.clone(),
            hangups: self.hangups.get(),
        }))
    }

    /// All who have the slave open lose it.
    pub fn hang_up(&self) {
        self.hangups.set(self.hangups.get().wrapping_add(1));
        self.slaves.set(0);
        self.closed.set(true);
        self.exclusive.set(false);
        {
            let mut line = self.line.borrow_mut();
            line.flush_input();
            line.output.stop(false);
        }
        self.tell(News::Hangup);
        self.wake();
    }
}

/// The end of a terminal emulator.
pub struct Master {
    /// Both ends.
    pub pair: Rc<Pair>,
    on_close: RefCell<Option<Box<dyn FnOnce()>>>,
}

impl Master {
    /// The master of a fresh pair. `on_close` runs when it is closed.
    pub fn new(pair: &Rc<Pair>, on_close: impl FnOnce() + 'static) -> Master {
        Master {
            pair: pair.clone(),
            on_close: RefCell::new(Some(Box::new(on_close))),
        }
    }
}

impl Drop for Master {
    fn drop(&mut self) {
        self.pair.has_master.set(false);
        self.pair.hang_up();
        if let Some(on_close) = self.on_close.take() {
            on_close();
        }
    }
}

impl FileObject for Master {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn read(&self, _: OpenFlags, _: u64, buf: &mut [u8]) -> Result<usize, FsError> {
        let pair = &self.pair;
        let Some(first) = buf.first_mut() else {
            return Ok(0);
        };
        let status = pair.status.get();
        let packets = pair.packets.get();
        if packets && !status.is_empty() {
            *first = status.bits();
            pair.status.set(Packet::empty());
            return Ok(1);
        }
        let mut line = pair.line.borrow_mut();
        if line.output.bytes.is_empty() {
            return Err(match pair.closed.get() {
                true => FsError::Io,
                false => FsError::WouldBlock,
            });
        }
        let head = usize::from(packets);
        if packets {
            *first = 0;
        }
        let count = line.output.bytes.len().min(buf.len() - head);
        for (place, byte) in buf[head..].iter_mut().zip(line.output.bytes.drain(..count)) {
            *place = byte;
        }
        drop(line);
        pair.slave_queue.wake();
        Ok(head + count)
    }

    fn write(&self, _: OpenFlags, now: u64, bytes: &[u8]) -> Result<usize, FsError> {
        let pair = &self.pair;
        let room = LIMIT.saturating_sub(pair.arriving.borrow().len());
        if room == 0 {
            return Err(FsError::WouldBlock);
        }
        let count = room.min(bytes.len());
        pair.arriving.borrow_mut().extend(&bytes[..count]);
        pair.typed.set(now);
        pair.pump();
        pair.wake();
        Ok(count)
    }

    fn ready(&self, _: u64) -> Ready {
        let pair = &self.pair;
        let mut ready = Ready::empty();
        let status = pair.packets.get() && !pair.status.get().is_empty();
        ready.set(Ready::READ, pair.output_len() > 0 || status);
        ready.set(Ready::PRIORITY, status);
        ready.set(Ready::WRITE, pair.arriving.borrow().len() < LIMIT);
        ready.set(Ready::HANGUP, pair.closed.get());
        ready
    }

    fn queue(&self) -> &WaitQueue {
        &self.pair.master_queue
    }

    fn available(&self) -> Option<u64> {
        Some(self.pair.output_len() as u64)
    }
}

/// The end of a program: its terminal, once for each time that it was opened.
pub struct Slave {
    /// Both ends.
    pub pair: Rc<Pair>,
    hangups: u32,
}

impl Slave {
    /// Whether it was hung up since it was opened.
    pub fn is_hung_up(&self) -> bool {
        self.hangups != self.pair.hangups.get()
    }

    /// How long a read waits for the first byte at most, in nanoseconds; `None` when it waits for as long as it takes.
    pub fn patience(&self) -> Option<u64> {
        match self.pair.line.borrow().least() {
            Some((0, time)) if !self.is_hung_up() => Some(time * TENTH),
            _ => None,
        }
    }

    /// When the wait for the next byte is over.
    fn between(&self) -> Option<u64> {
        let line = self.pair.line.borrow();
        match line.least() {
            Some((1.., time @ 1..)) if line.is_available(1) => {
                Some(self.pair.typed.get().saturating_add(time * TENTH))
            }
            _ => None,
        }
    }
}

impl Drop for Slave {
    fn drop(&mut self) {
        if self.is_hung_up() {
            return;
        }
        let pair = &self.pair;
        pair.slaves.set(pair.slaves.get().saturating_sub(1));
        if pair.slaves.get() == 0 {
            pair.closed.set(true);
            pair.exclusive.set(false);
            pair.master_queue.wake();
        }
    }
}

impl FileObject for Slave {
    fn as_any(&self) -> &dyn Any {
        self
    }

    /// What is there, when it is as much as `VMIN` wants, or comes too slowly.   [termios(3), "Canonical and noncanonical
    /// mode"]
    fn read(&self, flags: OpenFlags, now: u64, buf: &mut [u8]) -> Result<usize, FsError> {
        if self.is_hung_up() || buf.is_empty() {
            return Ok(0);
        }
        let slow = self.between().is_some_and(|time| time <= now);
        let pair = &self.pair;
        let mut line = pair.line.borrow_mut();
        let least = match line.least() {
            Some((min, _)) if !slow && !flags.contains(OpenFlags::NONBLOCK) => min.min(buf.len()),
            _ => 1,
        };
        if !line.is_available(least) {
            return match line.least() {
                Some((0, 0)) => Ok(0),
                _ => Err(FsError::WouldBlock),
            };
        }
        let count = line.read(buf);
        drop(line);
        pair.pump();
        pair.wake();
        Ok(count)
    }

    fn write(&self, _: OpenFlags, _: u64, bytes: &[u8]) -> Result<usize, FsError> {
        if self.is_hung_up() {
            return Err(FsError::Io);
        }
        let pair = &self.pair;
        let mut line = pair.line.borrow_mut();
        let flags = line.settings().flags;
        let count = line.output.write(bytes, flags);
        drop(line);
        if count == 0 && !bytes.is_empty() {
            return Err(FsError::WouldBlock);
        }
        pair.master_queue.wake();
        Ok(count)
    }

    fn ready(&self, _: u64) -> Ready {
        if self.is_hung_up() {
            return Ready::READ | Ready::WRITE | Ready::HANGUP | Ready::ERROR;
        }
        let line = self.pair.line.borrow();
        let least = match line.least() {
            Some((min, 0)) => min,
            _ => 1,
        };
        let mut ready = Ready::empty();
        ready.set(Ready::READ, line.is_available(least));
        ready.set(Ready::WRITE, line.output.room() > 0);
        ready
    }

    fn queue(&self) -> &WaitQueue {
        &self.pair.slave_queue
    }

    fn due(&self) -> Option<u64> {
        self.between()
    }

    fn available(&self) -> Option<u64> {
        match self.is_hung_up() {
            true => None,
            false => Some(self.pair.line.borrow().available() as u64),
        }
    }
}
