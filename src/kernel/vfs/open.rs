//! What can be done with an open file?

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use emu_cpu::Object;

use super::content::Content;
use super::content::Seals;
use super::device::Device;
use super::directory;
use super::entry::Entry;
use super::error::FsError;
use super::generated::{Generator, Key};
use super::locks::Owner;
use super::node::{Attributes, FileType, Node};
use super::object::FileObject;
use super::pipe::{Pipe, PipeEnd};
use super::walk::Walker;
use super::watch::Change;
use crate::kernel::host::{Host, HostFile, Stream};
use crate::kernel::wait::{WaitQueue, Wake};

bitflags::bitflags! {
    /// How a file is opened, and what stays known of that.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct OpenFlags: u32 {
        /// For reading.
        const READ = 1;
        /// For writing.
        const WRITE = 2;
        /// Writes go to the end.
        const APPEND = 4;
        /// Nothing waits.
        const NONBLOCK = 8;
        /// It is made when it is not there.
        const CREATE = 1 << 4;
        /// It must not be there.
        const EXCLUSIVE = 1 << 5;
        /// It becomes empty.
        const TRUNCATE = 1 << 6;
        /// It must be a directory.
        const DIRECTORY = 1 << 7;
        /// A symbolic link at the end is not followed.
        const NOFOLLOW = 1 << 8;
        /// It is only pointed at.
        const PATH = 1 << 9;
        /// A file without a name is made.
        const UNNAMED = 1 << 10;
        /// Times of access stay.
        const NOATIME = 1 << 11;
        /// `O_DIRECT`, kept for `F_GETFL`.
        const DIRECT = 1 << 12;
        /// `O_SYNC`, kept for `F_GETFL`.
        const SYNC = 1 << 13;
        /// `O_DSYNC`, kept for `F_GETFL`.
        const DSYNC = 1 << 14;
        /// `O_ASYNC`, kept for `F_GETFL`.
        const ASYNC = 1 << 15;
        /// `O_LARGEFILE`: offsets of 64 bits.
        const LARGE = 1 << 16;
        /// `O_NOCTTY`.
        const NOCTTY = 1 << 17;
        /// What `F_SETFL` may change.
        const CHANGEABLE = Self::APPEND.bits() | Self::NONBLOCK.bits() | Self::NOATIME.bits()
            | Self::DIRECT.bits() | Self::ASYNC.bits();
        /// What `F_GETFL` does not tell.
        const ONCE = Self::CREATE.bits() | Self::EXCLUSIVE.bits() | Self::TRUNCATE.bits()
            | Self::NOCTTY.bits();
    }
}

/// What reading and writing need besides the file.
pub struct Environment<'a> {
    /// The host, for standard streams.
    pub host: &'a dyn Host,
    /// Makes `/proc`.
    pub generator: &'a dyn Generator,
    /// The wall clock, in nanoseconds since 1970-01-01 00:00:00 UTC.
    pub now: i64,
    /// Guest time in nanoseconds since the start.
    pub time: u64,
}

/// An open file. Descriptors share it.
pub struct OpenFile {
    /// Its number: no other open file has it.
    pub id: u64,
    /// Where it is.
    pub entry: Rc<Entry>,
    /// What is behind it.
    pub handle: Handle,
    /// Where the next read or write happens.
    pub position: Cell<u64>,
    flags: Cell<OpenFlags>,
    listing: RefCell<Option<Vec<Rc<Entry>>>>,
    /// Whether it keeps its file from being run.
    writes: Cell<bool>,
    /// Who gets SIGIO, and the signal it is (`F_SETOWN`, `F_SETSIG`), kept and shown only.
    pub owner: Cell<(i32, u32)>,
    /// Requests that are not over yet, for who counts them.
    pub under_way: Cell<u32>,
}

/// What is behind an open file.
pub enum Handle {
    /// Nothing: the file is only pointed at.
    Path,
    /// A directory.
    Directory,
    /// A regular file; with the host's file when it is live.
    File(Option<Rc<dyn HostFile>>),
    /// A generated file and what it says.
    Made(Key, RefCell<Vec<u8>>),
    /// A device without a terminal.
    Device(Device),
    /// A pipe's end.
    Pipe(PipeEnd),
    /// A standard stream.
    Stream(Stream),
    /// The terminal: where it reads from and where it writes to.
    Terminal(Stream, Stream),
    /// A counter (`eventfd`).
    Counter(Counter),
    /// Another object of the kernel.
    Object(Rc<dyn FileObject>),
}

/// A counter that can be waited for.
#[derive(Debug)]
pub struct Counter {
    /// How much was added and not taken.
    pub value: Cell<u64>,
    /// Whether it is taken one by one.
    pub semaphore: bool,
    /// Who waits for a change.
    pub queue: WaitQueue,
}

impl Counter {
    /// The most it can hold.
    pub const MOST: u64 = u64::MAX - 1;

    /// Takes what is there, or one of it.
    pub fn take(&self) -> Result<u64, FsError> {
        let value = self.value.get();
        let taken = if self.semaphore { value.min(1) } else { value };
        if taken == 0 {
            return Err(FsError::WouldBlock);
        }
        self.value.set(value - taken);
        self.queue.wake_for(Ready::WRITE);
        Ok(taken)
    }

    /// Adds.
    pub fn add(&self, more: u64) -> Result<(), FsError> {
        if more == u64::MAX {
            return Err(FsError::Invalid);
        }
        match self.value.get().checked_add(more) {
            Some(sum) if sum <= Counter::MOST => {
                self.value.set(sum);
                self.queue.wake_for(Ready::READ);
                Ok(())
            }
            _ => Err(FsError::WouldBlock),
        }
    }
}

bitflags::bitflags! {
    /// What an open file is ready for.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct Ready: u8 {
        /// A read would not wait.
        const READ = 1;
        /// A write would not wait.
        const WRITE = 2;
        /// The other side is gone.
        const HANGUP = 4;
        /// The other side does not read any more.
        const ERROR = 8;
        /// The other side does not write any more (`POLLRDHUP`).
        const READ_HANGUP = 1 << 4;
        /// Something urgent (`POLLPRI`).
        const PRIORITY = 1 << 5;
    }
}

/// A name in a directory, as a reader gets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The name.
    pub name: Vec<u8>,
    /// Number of the node.
    pub ino: u64,
    /// What it is.
    pub file_type: FileType,
    /// Position of the next one.
    pub next: u64,
}

impl OpenFile {
    pub(super) fn new(
        id: u64,
        entry: &Rc<Entry>,
        handle: Handle,
        flags: OpenFlags,
    ) -> Rc<OpenFile> {
        entry.node.fs.space.file_opens();
        Rc::new(OpenFile {
            id,
            entry: entry.clone(),
            handle,
            position: Cell::new(0),
            flags: Cell::new(flags),
            listing: RefCell::default(),
            writes: Cell::new(false),
            owner: Cell::new((0, 0)),
            under_way: Cell::new(0),
        })
    }

    /// How it is open.
    pub fn flags(&self) -> OpenFlags {
        self.flags.get()
    }

    /// Changes what may be changed.
    pub fn set_flags(&self, flags: OpenFlags) {
        let kept = self.flags.get() - OpenFlags::CHANGEABLE;
        self.flags.set(kept | flags & OpenFlags::CHANGEABLE);
    }

    /// Whether reads and writes that would have to wait fail instead.
    pub fn nonblocking(&self) -> bool {
        self.flags.get().contains(OpenFlags::NONBLOCK)
    }

    /// Its node.
    pub fn node(&self) -> &Rc<Node> {
        &self.entry.node
    }

    /// Its path from the top of the tree, or what is shown instead.
    pub fn path(&self) -> Vec<u8> {
        self.entry.path()
    }

    /// Whether it has positions.
    pub fn has_positions(&self) -> bool {
        matches!(
            self.handle,
            Handle::File(_) | Handle::Made(..) | Handle::Directory | Handle::Device(_)
        )
    }

    /// The streams of the terminal that it is.
    pub fn terminal(&self) -> Option<(Stream, Stream)> {
        match self.handle {
            Handle::Terminal(input, output) => Some((input, output)),
            _ => None,
        }
    }

    /// The pipe that it is an end of.
    pub fn pipe(&self) -> Option<&Rc<Pipe>> {
        match &self.handle {
            Handle::Pipe(end) => Some(&end.pipe),
            _ => None,
        }
    }

    /// The object of the kernel that it is.
    pub fn object_of<T: FileObject>(&self) -> Option<&T> {
        match &self.handle {
            Handle::Object(object) => object.as_any().downcast_ref(),
            _ => None,
        }
    }

    /// Its content, when it is a regular file that is not generated.
    pub fn content(&self) -> Option<&Content> {
        match self.handle {
            Handle::File(_) => self.entry.node.content(),
            _ => None,
        }
    }

    /// From now on it keeps its file from being run.
    pub(super) fn begin_writing(&self) -> Result<(), FsError> {
        self.entry.node.begin_writing()?;
        self.writes.set(true);
        Ok(())
    }

    fn host_file(&self) -> Option<&Rc<dyn HostFile>> {
        match &self.handle {
            Handle::File(file) => file.as_ref(),
            _ => None,
        }
    }

    /// Reads at an offset, or at the position, which then moves on. 0 is the end.
    pub fn read(
        &self,
        environment: &Environment<'_>,
        at: Option<u64>,
        buf: &mut [u8],
    ) -> Result<usize, FsError> {
        if !self.flags().contains(OpenFlags::READ) {
            return Err(FsError::BadDescriptor);
        }
        if at.is_some() && !self.has_positions() {
            return Err(FsError::IllegalSeek);
        }
        let offset = at.unwrap_or(self.position.get());
        let count = match &self.handle {
            Handle::Path => return Err(FsError::BadDescriptor),
            Handle::Directory => return Err(FsError::IsDirectory),
            Handle::File(file) => {
                let node = &self.entry.node;
                let content = node.content().ok_or(FsError::Io)?;
                content.read(&node.fs, file.as_ref(), offset, buf)?
            }
            Handle::Made(key, content) => {
                if offset == 0 {
                    // Who reads again from the start sees what is true now.
                    *content.borrow_mut() = environment.generator.content(*key)?;
                }
                let content = content.borrow();
                let rest = usize::try_from(offset)
                    .ok()
                    .and_then(|at| content.get(at..));
                let rest = rest.unwrap_or(&[]);
                let count = rest.len().min(buf.len());
                buf[..count].copy_from_slice(&rest[..count]);
                count
            }
            Handle::Device(Device::Zero | Device::Full) => {
                buf.fill(0);
                buf.len()
            }
            Handle::Device(Device::Kmsg) => return Err(FsError::WouldBlock),
            // Who has the seed fills in random bytes.
            Handle::Device(_) => 0,
            Handle::Pipe(end) => end.pipe.read(buf)?,
            Handle::Stream(stream) | Handle::Terminal(stream, _) => {
                if !environment.host.readable(*stream, Some(Duration::ZERO)) {
                    return Err(FsError::WouldBlock);
                }
                environment.host.read(*stream, buf)?
            }
            Handle::Counter(_) => return Err(FsError::Invalid),
            Handle::Object(object) => object.read(self.flags(), environment.time, buf)?,
        };
        if at.is_none() && self.has_positions() {
            self.position.set(offset.saturating_add(count as u64));
        }
        if count > 0 {
            self.entry.tell(Change::READ);
        }
        Ok(count)
    }

    /// Writes at an offset, or at the position, which then moves on. `whole` is the size of the write that `bytes` are
    /// the next part of.
    pub fn write(
        &self,
        environment: &Environment<'_>,
        at: Option<u64>,
        bytes: &[u8],
        whole: usize,
    ) -> Result<usize, FsError> {
        if !self.flags().contains(OpenFlags::WRITE) {
            return Err(FsError::BadDescriptor);
        }
        if at.is_some() && !self.has_positions() {
            return Err(FsError::IllegalSeek);
        }
        let mut offset = at.unwrap_or(self.position.get());
        let count = match &self.handle {
            Handle::Path => return Err(FsError::BadDescriptor),
            Handle::Directory => return Err(FsError::IsDirectory),
            Handle::File(file) => {
                let node = &self.entry.node;
                let content = node.content().ok_or(FsError::Io)?;
                if self.flags().contains(OpenFlags::APPEND) {
                    if let Some(file) = file {
                        content.refresh(&file.stat()?);
                    }
                    offset = content.len();
                }
                if bytes.is_empty() {
                    return Ok(0);
                }
                let count = content.write(&node.fs, file.as_ref(), offset, bytes)?;
                node.touch(environment.now);
                count
            }
            // Who may change things takes it before.
            Handle::Made(..) => return Err(FsError::Access),
            Handle::Device(Device::Full) => return Err(FsError::NoSpace),
            Handle::Device(_) => bytes.len(),
            Handle::Pipe(end) => {
                let packets = self.flags().contains(OpenFlags::DIRECT);
                end.pipe.write(bytes, whole, packets)?
            }
            Handle::Stream(stream) | Handle::Terminal(_, stream) => {
                let bytes = self.entry.node.fs.space.let_out(bytes);
                environment.host.write(*stream, bytes)?
            }
            Handle::Counter(_) => return Err(FsError::Invalid),
            Handle::Object(object) => object.write(self.flags(), environment.time, bytes)?,
        };
        if at.is_none() && self.has_positions() {
            self.position.set(offset.saturating_add(count as u64));
        }
        if count > 0 {
            self.entry.tell(Change::WRITTEN);
        }
        Ok(count)
    }

    /// Moves the position: to an offset from the start, from the position, or from the end.
    pub fn seek(&self, whence: Whence, offset: i64) -> Result<u64, FsError> {
        if !self.has_positions() {
            let path = matches!(self.handle, Handle::Path);
            return Err(if path {
                FsError::BadDescriptor
            } else {
                FsError::IllegalSeek
            });
        }
        if matches!(self.handle, Handle::Device(_)) {
            // Devices accept it and stay where they are.   [Linux drivers/char/mem.c, null_lseek]
            self.position.set(0);
            return Ok(0);
        }
        let from = |base: u64| -> Result<u64, FsError> {
            let base = i64::try_from(base).map_err(|_| FsError::Overflow)?;
            let position = base.checked_add(offset).ok_or(FsError::Overflow)?;
            u64::try_from(position).map_err(|_| FsError::Invalid)
        };
        let position = match whence {
            Whence::Start => from(0)?,
            Whence::Here => from(self.position.get())?,
            Whence::End => match &self.handle {
                Handle::File(file) => {
                    let content = self.entry.node.content().ok_or(FsError::Io)?;
                    if let Some(file) = file {
                        content.refresh(&file.stat()?);
                    }
                    from(content.len())?
                }
                // Linux's generated files and directories don't know their ends.
                _ => return Err(FsError::Invalid),
            },
            Whence::Data | Whence::Hole => {
                let Handle::File(_) = &self.handle else {
                    return Err(FsError::Invalid);
                };
                let node = &self.entry.node;
                let content = node.content().ok_or(FsError::Io)?;
                let start = u64::try_from(offset).map_err(|_| FsError::NoDevice)?;
                if start >= content.len() {
                    return Err(FsError::NoDevice);
                }
                let found = content.seek(&node.fs, start, whence == Whence::Hole)?;
                found.ok_or(FsError::NoDevice)?
            }
        };
        self.position.set(position);
        Ok(position)
    }

    /// Sets the length.
    pub fn truncate(&self, len: u64, now: i64) -> Result<(), FsError> {
        let Handle::File(file) = &self.handle else {
            return Err(FsError::Invalid);
        };
        if !self.flags().contains(OpenFlags::WRITE) {
            return Err(FsError::Invalid);
        }
        let node = &self.entry.node;
        let content = node.content().ok_or(FsError::Invalid)?;
        content.truncate(&node.fs, file.as_ref(), len)?;
        node.touch(now);
        self.entry.tell(Change::WRITTEN);
        Ok(())
    }

    /// Makes a range zero and frees what it took.
    pub fn punch(&self, offset: u64, len: u64, now: i64) -> Result<(), FsError> {
        let content = self.content().ok_or(FsError::NoSuchDevice)?;
        content.punch(&self.entry.node.fs, offset, len)?;
        self.entry.node.touch(now);
        self.entry.tell(Change::WRITTEN);
        Ok(())
    }

    /// All that `stat` tells.
    pub fn attributes(&self) -> Result<Attributes, FsError> {
        if let Some(file) = self.host_file() {
            directory::refresh(&self.entry.node, &file.stat()?);
        }
        Ok(self.entry.node.attributes())
    }

    /// The pages, for a mapping. `changes` says that the guest may change the file through it.
    pub fn object(&self, changes: bool) -> Result<Rc<Object>, FsError> {
        let Handle::File(file) = &self.handle else {
            return Err(FsError::NoSuchDevice);
        };
        let node = &self.entry.node;
        let content = node.content().ok_or(FsError::NoSuchDevice)?;
        if changes {
            if content
                .seals
                .get()
                .intersects(Seals::WRITE | Seals::FUTURE_WRITE)
            {
                return Err(FsError::NotPermitted);
            }
            if let Some(file) = file {
                content.share();
                node.fs.pool.share(node, file);
            }
        }
        content.object(&node.fs, file.as_ref())
    }

    /// Brings what was written to where it stays.
    pub fn sync(&self) -> Result<(), FsError> {
        match &self.handle {
            Handle::File(Some(file)) => {
                if let Some(content) = self.entry.node.content() {
                    content.write_back(file.as_ref())?;
                }
                Ok(file.sync()?)
            }
            Handle::File(None) | Handle::Directory | Handle::Made(..) => Ok(()),
            Handle::Path => Err(FsError::BadDescriptor),
            _ => Err(FsError::Invalid),
        }
    }

    /// Has somebody told when it may be ready for more. `false` when it never changes, or only the host knows.
    pub fn watch(&self, waiter: Rc<dyn Wake>) -> bool {
        // Both sides of a FIFO that is open for reading and writing.
        if let (Handle::Pipe(end), true) = (&self.handle, self.flags().contains(OpenFlags::WRITE)) {
            end.pipe.drained().add(waiter.clone());
        }
        match self.queue() {
            Some(queue) => queue.add(waiter),
            None => return false,
        }
        true
    }

    /// Where those wait who want to know when it is ready for more.
    pub fn queue(&self) -> Option<&WaitQueue> {
        match &self.handle {
            Handle::Pipe(end) if self.flags().contains(OpenFlags::READ) => Some(end.pipe.filled()),
            Handle::Pipe(end) => Some(end.pipe.drained()),
            Handle::Counter(counter) => Some(&counter.queue),
            Handle::Object(object) => Some(object.queue()),
            _ => None,
        }
    }

    /// When it becomes ready by itself, in nanoseconds of guest time since the start.
    pub fn due(&self) -> Option<u64> {
        match &self.handle {
            Handle::Object(object) => object.due(),
            _ => None,
        }
    }

    /// Whether it may become ready by what only the host's network knows of.
    pub fn is_hosted(&self) -> bool {
        match &self.handle {
            Handle::Object(object) => object.is_hosted(),
            _ => false,
        }
    }

    /// What it is ready for, at a point of guest time in nanoseconds since the start.
    pub fn ready(&self, host: &dyn Host, now: u64) -> Ready {
        let (stream, ready) = match self.handle {
            Handle::Stream(stream @ Stream::Input) => (stream, Ready::empty()),
            Handle::Terminal(input, _) => (input, Ready::WRITE),
            _ => return self.ready_inside(now),
        };
        match host.readable(stream, Some(Duration::ZERO)) {
            true => ready | Ready::READ,
            false => ready,
        }
    }

    /// The same without what only the host knows: input of a stream.
    pub fn ready_inside(&self, now: u64) -> Ready {
        let both = Ready::READ | Ready::WRITE;
        match &self.handle {
            Handle::Path => Ready::ERROR,
            Handle::Directory | Handle::File(_) | Handle::Made(..) | Handle::Device(_) => both,
            Handle::Pipe(end) => {
                let mut ready = Ready::empty();
                if self.flags().contains(OpenFlags::READ) {
                    ready.set(Ready::READ, !end.pipe.is_empty());
                    let (_, writers) = end.pipe.opened();
                    ready.set(Ready::HANGUP, end.pipe.writers() == 0 && writers > 0);
                }
                if self.flags().contains(OpenFlags::WRITE) {
                    ready.set(Ready::WRITE, end.pipe.room() > 0);
                    ready.set(Ready::ERROR, end.pipe.readers() == 0);
                }
                ready
            }
            Handle::Stream(Stream::Input) => Ready::empty(),
            Handle::Stream(_) | Handle::Terminal(..) => Ready::WRITE,
            Handle::Counter(counter) => {
                let value = counter.value.get();
                let mut ready = Ready::empty();
                ready.set(Ready::READ, value > 0);
                ready.set(Ready::WRITE, value < Counter::MOST);
                ready
            }
            Handle::Object(object) => object.ready(now),
        }
    }

    /// The standard stream it reads from.
    pub fn input(&self) -> Option<Stream> {
        match self.handle {
            Handle::Stream(Stream::Input) => Some(Stream::Input),
            Handle::Terminal(input, _) => Some(input),
            _ => None,
        }
    }

    /// The next name of a directory; `None` at the end. The position does not move: [`Item::next`] says where to.
    pub fn next_item(&self, walker: &Walker<'_>) -> Result<Option<Item>, FsError> {
        if !matches!(self.handle, Handle::Directory) {
            return Err(FsError::NotDirectory);
        }
        let mut position = self.position.get();
        let mut listing = self.listing.borrow_mut();
        if position == 0 || listing.is_none() {
            if self.entry.is_removed() {
                return Err(FsError::NotFound);
            }
            *listing = Some(walker.children(&self.entry)?);
        }
        let names = listing.as_deref().unwrap_or(&[]);
        let item = |name: &[u8], node: &Node, next| Item {
            name: name.to_vec(),
            ino: node.ino,
            file_type: node.file_type(),
            next,
        };
        if position == 0 {
            return Ok(Some(item(b".", &self.entry.node, 1)));
        }
        if position == 1 {
            let parent = match self.entry.parent() {
                Some(parent) if !Rc::ptr_eq(&self.entry, &walker.context.root) => parent,
                _ => self.entry.clone(),
            };
            return Ok(Some(item(b"..", &parent.node, 2)));
        }
        while let Some(entry) = usize::try_from(position - 2)
            .ok()
            .and_then(|index| names.get(index))
        {
            position += 1;
            let here = entry
                .parent()
                .is_some_and(|parent| Rc::ptr_eq(&parent, &self.entry));
            if here && !entry.is_removed() {
                return Ok(Some(item(&entry.name(), &entry.node, position)));
            }
        }
        Ok(None)
    }
}

impl Drop for OpenFile {
    fn drop(&mut self) {
        self.entry.node.fs.space.file_closes();
        if !matches!(self.handle, Handle::Path) {
            let writer = self.flags.get().contains(OpenFlags::WRITE);
            self.entry.tell(match writer {
                true => Change::CLOSED_WRITER,
                false => Change::CLOSED_READER,
            });
        }
        if self.writes.get() {
            self.entry.node.end_writing();
        }
        self.entry
            .node
            .locks
            .borrow_mut()
            .release(Owner::File(self.id));
    }
}

/// What a position is counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whence {
    /// The start.
    Start,
    /// The position.
    Here,
    /// The end.
    End,
    /// The next data from an offset on.
    Data,
    /// The next hole from an offset on.
    Hole,
}
