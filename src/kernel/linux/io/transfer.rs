//! Bytes between guest memory and open files: how `read` and `write` in all their forms move them.

use std::rc::Rc;
use std::time::Duration;

use emu_cpu::memory::PAGE;
use emu_prototypes::Stop;
use emu_prototypes::linux::{Errno, Outcome};

use crate::kernel::linux::files::OpenFile;
use crate::kernel::linux::net::endpoint;
use crate::kernel::linux::poll::{InotifyFile, SignalFile, TimerFile, inotify, signalfd, timerfd};
use crate::kernel::linux::process::Resource;
use crate::kernel::linux::procfs::{self, Proc};
use crate::kernel::linux::signal;
use crate::kernel::linux::signals::Info;
use crate::kernel::vfs::{Counter, Device, Environment, FsError, Handle, Node, OpenFlags};
use crate::kernel::{Cx, Kernel};

/// Bytes that one call moves at most.   [Linux include/linux/fs.h, MAX_RW_COUNT]
pub(super) const MAX_COUNT: u64 = 0x7fff_f000;
/// Ranges of an `iovec` array at most.   [UIO_MAXIOV]
const MAX_RANGES: u64 = 1024;
/// The largest size of a file that was not opened for large sizes.
const MAX_NON_LFS: u64 = 0x7fff_ffff;

/// A range of guest memory: address and length.
pub(in crate::kernel::linux) type Range = (u64, u64);

/// A range that a call gives as such.
pub(in crate::kernel::linux) fn range(
    cx: &Cx<'_>,
    address: u64,
    count: u64,
) -> Result<Range, Errno> {
    in_user_space(cx, address, count)?;
    if count > most(cx) {
        return Err(Errno::EINVAL);
    }
    Ok((address, count.min(MAX_COUNT)))
}

/// A range that can't be in user space as a whole is refused before anything is moved.   [Linux access_ok]
fn in_user_space(cx: &Cx<'_>, address: u64, count: u64) -> Result<(), Errno> {
    match address.checked_add(count) {
        Some(end) if end <= cx.profile.process.high => Ok(()),
        _ => Err(Errno::EFAULT),
    }
}

/// What `ssize_t` can hold.
fn most(cx: &Cx<'_>) -> u64 {
    if cx.word() == 4 {
        i32::MAX as u64
    } else {
        i64::MAX as u64
    }
}

/// The ranges of an `iovec` array.
pub(in crate::kernel::linux) fn ranges(
    cx: &mut Cx<'_>,
    address: u64,
    count: u64,
) -> Result<Vec<Range>, Errno> {
    if count > MAX_RANGES {
        return Err(Errno::EINVAL);
    }
    let layout = &cx.layouts.iovec;
    let most = most(cx);
    let mut ranges = Vec::with_capacity(count as usize);
    let mut left = MAX_COUNT;
    for index in 0..count {
        let at = address.wrapping_add(index * u64::from(layout.size));
        let image = cx.load(at, layout.size)?;
        let len = image.get(layout.iov_len);
        if len > most {
            return Err(Errno::EINVAL);
        }
        let base = image.get(layout.iov_base);
        in_user_space(cx, base, len)?;
        let len = len.min(left);
        left -= len;
        ranges.push((base, len));
    }
    Ok(ranges)
}

impl Kernel {
    /// Reads from an open file into ranges of memory, at an offset or at the position.
    pub(super) fn read_ranges(
        &mut self,
        cx: &mut Cx<'_>,
        file: &Rc<OpenFile>,
        at: Option<u64>,
        ranges: &[Range],
    ) -> Outcome {
        if !file.flags().contains(OpenFlags::READ) {
            return Err(Errno::EBADF.into());
        }
        if let Handle::Counter(counter) = &file.handle {
            return read_counter(cx, file, counter, ranges);
        }
        if let Some(timer) = file.object_of::<TimerFile>() {
            let address = whole_number(ranges)?;
            return timerfd::read(self, cx, file, timer, address);
        }
        if let Some(signals) = file.object_of::<SignalFile>() {
            let range = ranges.first().copied().unwrap_or((0, 0));
            return signalfd::read(cx, file, signals, range);
        }
        if let Some(inotify) = file.object_of::<InotifyFile>() {
            let range = ranges.first().copied().unwrap_or((0, 0));
            return inotify::read(cx, file, inotify, range);
        }
        if let Some(pipe) = file.pipe()
            && !takes(cx, ranges, pipe.len())
        {
            return Err(Errno::EFAULT.into());
        }
        if let Some(socket) = endpoint(file) {
            return self.read_socket(cx, file, socket, ranges);
        }
        self.before_reading(cx, file)?;
        let mut buffer = self.vfs.take_buffer();
        let outcome = self.read_through(cx, file, at, ranges, &mut buffer);
        self.vfs.give_buffer(buffer);
        match outcome {
            Err(Stop::Block) => self.wait_for_typing(cx, file),
            outcome => outcome,
        }
    }

    fn read_through(
        &mut self,
        cx: &mut Cx<'_>,
        file: &Rc<OpenFile>,
        at: Option<u64>,
        ranges: &[Range],
        buffer: &mut [u8],
    ) -> Outcome {
        let positions = file.has_positions();
        let mut offset = at.unwrap_or(file.position.get());
        let mut done = 0;
        let result = 'all: {
            for (address, len) in ranges.iter().copied() {
                let mut moved = 0;
                while moved < len {
                    let mut count = (len - moved).min(buffer.len() as u64) as usize;
                    let to = address.wrapping_add(moved);
                    if !positions {
                        // What is taken out of a pipe can't be put back.
                        if done > 0 && !self.more_input(file) {
                            break 'all Ok(());
                        }
                        count = writable(cx, to, count);
                        if count == 0 {
                            break 'all Err(FsError::Fault);
                        }
                    }
                    let part = &mut buffer[..count];
                    let at = if positions { Some(offset) } else { at };
                    let got = match self.read_part(cx, file, at, part) {
                        Ok(got) => got,
                        Err(error) => break 'all Err(error),
                    };
                    if got == 0 {
                        break 'all Ok(());
                    }
                    let stored = cx.mem.write_partial(to, &part[..got]).unwrap_or(0);
                    done += stored as u64;
                    moved += stored as u64;
                    offset = offset.saturating_add(stored as u64);
                    if stored < got {
                        break 'all Err(FsError::Fault);
                    }
                    if got < count {
                        break 'all Ok(());
                    }
                }
            }
            // A count of 0 finds errors, and nothing else.
            if done == 0 && ranges.iter().all(|(_, len)| *len == 0) && positions {
                break 'all self.read_part(cx, file, Some(offset), &mut []).map(|_| ());
            }
            Ok(())
        };
        if positions && at.is_none() && done > 0 {
            file.position.set(offset);
        }
        finish(cx, file, done, result)
    }

    pub(super) fn read_part(
        &mut self,
        cx: &mut Cx<'_>,
        file: &OpenFile,
        at: Option<u64>,
        buf: &mut [u8],
    ) -> Result<usize, FsError> {
        if let Handle::Device(Device::Random | Device::Urandom) = file.handle {
            self.random.fill(buf);
            return Ok(buf.len());
        }
        if let Some(key) = procfs::is_memory(file) {
            let address = at.unwrap_or(file.position.get());
            let count = procfs::read_memory(self, cx, key, address, buf)?;
            if at.is_none() {
                file.position.set(address.saturating_add(count as u64));
            }
            return Ok(count);
        }
        let host = self.host.clone();
        let environment = Environment {
            host: host.as_ref(),
            generator: &Proc::new(self, cx),
            now: self.file_time(),
            time: self.clock.now(),
        };
        file.read(&environment, at, buf)
    }

    /// Whether reading on from a stream gives something at once.
    fn more_input(&self, file: &OpenFile) -> bool {
        match file.input() {
            Some(stream) => {
                self.host.available(stream) > 0 && self.host.readable(stream, Some(Duration::ZERO))
            }
            None => true,
        }
    }

    /// Writes ranges of memory to an open file, at an offset or at the position.
    pub(super) fn write_ranges(
        &mut self,
        cx: &mut Cx<'_>,
        file: &Rc<OpenFile>,
        at: Option<u64>,
        ranges: &[Range],
    ) -> Outcome {
        if !file.flags().contains(OpenFlags::WRITE) {
            return Err(Errno::EBADF.into());
        }
        if let Handle::Counter(counter) = &file.handle {
            return write_counter(cx, file, counter, ranges);
        }
        if let Some(socket) = endpoint(file) {
            return self.write_socket(cx, file, socket, ranges);
        }
        self.before_writing(cx, file)?;
        let mut buffer = self.vfs.take_buffer();
        let outcome = match file.pipe() {
            Some(_) => self.write_pipe(cx, file, ranges, &mut buffer),
            None => self.write_through(cx, file, at, ranges, &mut buffer),
        };
        self.vfs.give_buffer(buffer);
        outcome
    }

    /// Writes to a pipe, which takes what it gets as a whole, however many ranges it comes from.
    fn write_pipe(
        &mut self,
        cx: &mut Cx<'_>,
        file: &Rc<OpenFile>,
        ranges: &[Range],
        buffer: &mut [u8],
    ) -> Outcome {
        let whole = ranges.iter().map(|(_, len)| *len).sum::<u64>();
        let mut done = self.begin_write(cx, whole);
        let result = 'all: {
            while done < whole {
                let (mut got, fault) = gather(cx, ranges, done, buffer);
                // Pages are filled as a whole, or not at all.   [Linux fs/pipe.c, pipe_write]
                if fault {
                    got -= got % PAGE as usize;
                }
                if got == 0 {
                    break 'all Err(FsError::Fault);
                }
                match self.write_part(cx, file, None, &buffer[..got], whole) {
                    Ok(written) => done += written as u64,
                    Err(error) => break 'all Err(error),
                }
            }
            Ok(())
        };
        self.end_write(cx, file, done, result)
    }

    /// What an earlier start of this call has written already.
    fn begin_write(&self, cx: &mut Cx<'_>, whole: u64) -> u64 {
        cx.take_progress().min(whole)
    }

    /// The answer of a write, or its wait for room for the rest.
    fn end_write(
        &self,
        cx: &mut Cx<'_>,
        file: &OpenFile,
        done: u64,
        result: Result<(), FsError>,
    ) -> Outcome {
        if result == Err(FsError::WouldBlock) && !file.nonblocking() {
            if done > 0 && cx.is_interrupted() {
                return Ok(done);
            }
            cx.keep_progress(done);
            return Err(cx.wait_for_file(file));
        }
        finish(cx, file, done, result)
    }

    fn write_through(
        &mut self,
        cx: &mut Cx<'_>,
        file: &Rc<OpenFile>,
        at: Option<u64>,
        ranges: &[Range],
        buffer: &mut [u8],
    ) -> Outcome {
        let whole = ranges.iter().map(|(_, len)| *len).sum::<u64>();
        let offset = if file.flags().contains(OpenFlags::APPEND) {
            file.content().map_or(0, |content| content.len())
        } else {
            at.unwrap_or(file.position.get())
        };
        let mut room = self.room(cx, file, offset, whole)?;
        let before = self.begin_write(cx, whole);
        let (mut done, mut skip) = (before, before);
        let mut next = at;
        let result = 'all: {
            for (address, len) in ranges.iter().copied() {
                let mut moved = skip.min(len);
                skip -= moved;
                while moved < len && room > 0 {
                    let count = (len - moved).min(buffer.len() as u64).min(room) as usize;
                    let from = address.wrapping_add(moved);
                    let part = &mut buffer[..count];
                    let got = cx.mem.read_partial(from, part).unwrap_or(0);
                    if got == 0 {
                        break 'all Err(FsError::Fault);
                    }
                    let written = match self.write_part(cx, file, next, &part[..got], whole) {
                        Ok(written) => written,
                        Err(error) => break 'all Err(error),
                    };
                    done += written as u64;
                    moved += written as u64;
                    room -= written as u64;
                    next = next.map(|at| at.saturating_add(written as u64));
                    if written == 0 {
                        break 'all Ok(());
                    }
                }
            }
            if whole == 0 && file.has_positions() {
                break 'all self.write_part(cx, file, next, &[], 0).map(|_| ());
            }
            Ok(())
        };
        self.end_write(cx, file, done, result)
    }

    pub(super) fn write_part(
        &mut self,
        cx: &mut Cx<'_>,
        file: &OpenFile,
        at: Option<u64>,
        bytes: &[u8],
        whole: u64,
    ) -> Result<usize, FsError> {
        if let Handle::Made(key, _) = file.handle {
            if procfs::is_memory(file).is_some() {
                return procfs::write_memory(self, cx, file, at, bytes);
            }
            return procfs::store(self, cx, key, bytes);
        }
        let host = self.host.clone();
        let environment = Environment {
            host: host.as_ref(),
            generator: &Proc::new(self, cx),
            now: self.file_time(),
            time: self.clock.now(),
        };
        let whole = usize::try_from(whole).unwrap_or(usize::MAX);
        file.write(&environment, at, bytes, whole)
    }

    /// How many of so many bytes the limits on sizes of files allow to be written at an offset.
    pub(super) fn room(
        &self,
        cx: &mut Cx<'_>,
        file: &OpenFile,
        offset: u64,
        count: u64,
    ) -> Outcome {
        if file.content().is_none() || count == 0 {
            return Ok(count);
        }
        let limit = cx.process().limits.soft(Resource::Fsize);
        if offset >= limit {
            cx.raise(cx.k.SIGXFSZ)?;
            return Err(Errno::EFBIG.into());
        }
        let large = file.flags().contains(OpenFlags::LARGE);
        let most = if large { i64::MAX as u64 } else { MAX_NON_LFS };
        if offset >= most {
            return Err(Errno::EFBIG.into());
        }
        Ok(count.min(limit.min(most) - offset))
    }

    /// Whether a file may become so long.
    pub(in crate::kernel::linux) fn check_size(
        &self,
        cx: &mut Cx<'_>,
        len: u64,
        node: &Node,
    ) -> Result<(), Stop<Errno>> {
        let limit = cx.process().limits.soft(Resource::Fsize);
        if node
            .content()
            .is_some_and(|content| len > content.len() && len > limit)
        {
            cx.raise(cx.k.SIGXFSZ)?;
            return Err(Errno::EFBIG.into());
        }
        Ok(())
    }
}

/// What a transfer answers: what it did, or why it did nothing.
pub(super) fn finish(
    cx: &mut Cx<'_>,
    file: &OpenFile,
    done: u64,
    result: Result<(), FsError>,
) -> Outcome {
    match result {
        Err(FsError::BrokenPipe) if done == 0 => {
            cx.raise(cx.k.SIGPIPE)?;
            Err(Errno::EPIPE.into())
        }
        Err(_) if done > 0 => Ok(done),
        Err(FsError::WouldBlock) if !file.nonblocking() => Err(cx.wait_for_file(file)),
        Err(error) => Err(error.into()),
        Ok(()) => Ok(done),
    }
}

/// Bytes of ranges of memory from the `skip`th on, as many as there are and the buffer holds, and whether there would have
/// been more but for a fault.
fn gather(cx: &mut Cx<'_>, ranges: &[Range], mut skip: u64, buffer: &mut [u8]) -> (usize, bool) {
    let mut got = 0;
    for (address, len) in ranges.iter().copied() {
        let moved = skip.min(len);
        skip -= moved;
        let count = (len - moved).min((buffer.len() - got) as u64) as usize;
        if count == 0 {
            continue;
        }
        let part = &mut buffer[got..got + count];
        let from = address.wrapping_add(moved);
        let read = cx.mem.read_partial(from, part).unwrap_or(0);
        got += read;
        if read < count {
            return (got, true);
        }
    }
    (got, false)
}

/// Whether ranges of memory can take the first page of so many bytes: a pipe hands a page out as a whole.
/// [Linux fs/pipe.c, pipe_read]
fn takes(cx: &mut Cx<'_>, ranges: &[Range], count: usize) -> bool {
    let mut left = count.min(PAGE as usize);
    for (address, len) in ranges.iter().copied() {
        let part = usize::try_from(len).unwrap_or(usize::MAX).min(left);
        if writable(cx, address, part) < part {
            return false;
        }
        left -= part;
    }
    true
}

/// How many bytes from an address on can be written without a fault.
fn writable(cx: &mut Cx<'_>, address: u64, count: usize) -> usize {
    cx.mem.writable(address, count as u64) as usize
}

fn read_counter(cx: &mut Cx<'_>, file: &OpenFile, counter: &Counter, ranges: &[Range]) -> Outcome {
    let address = whole_number(ranges)?;
    if writable(cx, address, 8) < 8 {
        return Err(Errno::EFAULT.into());
    }
    match counter.take() {
        Ok(value) => {
            emu_prototypes::Ptr::<u64>::new(address).write(cx.mem, value)?;
            Ok(8)
        }
        Err(error) => finish(cx, file, 0, Err(error)),
    }
}

fn write_counter(cx: &mut Cx<'_>, file: &OpenFile, counter: &Counter, ranges: &[Range]) -> Outcome {
    let address = whole_number(ranges)?;
    let value = emu_prototypes::Ptr::<u64>::new(address).read(cx.mem)?;
    match counter.add(value) {
        Ok(()) => Ok(8),
        Err(error) => finish(cx, file, 0, Err(error)),
    }
}

/// A counter is read and written as one number of 64 bits.
fn whole_number(ranges: &[Range]) -> Result<u64, Stop<Errno>> {
    match ranges {
        [(address, len), ..] if *len >= 8 => Ok(*address),
        _ => Err(Errno::EINVAL.into()),
    }
}

impl Cx<'_> {
    /// Sends the task a signal that its own call caused. It is delivered when the call is over.
    pub(in crate::kernel::linux) fn raise(&mut self, signal: u64) -> Result<(), Stop<Errno>> {
        let sender = (self.process().pid, self.task.linux.credentials.uid);
        let info = Info {
            sender: Some(sender),
            ..Info::new(self.abi, signal, self.k.SI_USER)
        };
        signal::send::to_task(self.task, self.abi, &info);
        Ok(())
    }
}
