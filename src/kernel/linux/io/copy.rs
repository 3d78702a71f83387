//! Bytes from one open file to another: `sendfile`, `copy_file_range`, `splice`, `tee`.

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::linux::{self, Errno, Outcome};
use emu_prototypes::{Ptr, Stop};

use super::transfer::{MAX_COUNT, finish, ranges};
use crate::kernel::linux::files::OpenFile;
use crate::kernel::linux::net::endpoint;
use crate::kernel::vfs::{FileType, FsError, Handle, OpenFlags};
use crate::kernel::{Cx, Kernel};

/// Where an offset is kept: in a variable of the guest, or in the open file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offset {
    /// The file's own position.
    Position,
    /// `off_t` at an address.
    Word(u64),
    /// `loff_t` at an address.
    Wide(u64),
}

impl Offset {
    /// `loff_t *`, null for the file's own position.
    pub(super) fn wide(pointer: Ptr<i64>) -> Offset {
        if pointer.is_null() {
            Offset::Position
        } else {
            Offset::Wide(pointer.address)
        }
    }

    fn load(self, cx: &mut Cx<'_>, file: &OpenFile) -> Result<u64, Errno> {
        let value = match self {
            Offset::Position => return Ok(file.position.get()),
            Offset::Word(address) if cx.word() == 4 => {
                i64::from(Ptr::<i32>::new(address).read(cx.mem)?)
            }
            Offset::Word(address) | Offset::Wide(address) => {
                Ptr::<i64>::new(address).read(cx.mem)?
            }
        };
        u64::try_from(value).map_err(|_| Errno::EINVAL)
    }

    fn store(self, cx: &mut Cx<'_>, file: &OpenFile, value: u64) -> Result<(), Errno> {
        match self {
            Offset::Position => file.position.set(value),
            Offset::Word(address) if cx.word() == 4 => cx.mem.write_u32(address, value as u32)?,
            Offset::Word(address) | Offset::Wide(address) => cx.mem.write_u64(address, value)?,
        }
        Ok(())
    }
}

/// One side of a copy.
struct Side {
    file: Rc<OpenFile>,
    /// Offset, for what has positions.
    at: Option<u64>,
    offset: Offset,
}

impl Side {
    fn new(cx: &mut Cx<'_>, file: Rc<OpenFile>, offset: Offset) -> Result<Side, Errno> {
        if !file.has_positions() {
            return if offset == Offset::Position {
                Ok(Side {
                    file,
                    at: None,
                    offset,
                })
            } else {
                Err(Errno::ESPIPE)
            };
        }
        let at = Some(offset.load(cx, &file)?);
        Ok(Side { file, at, offset })
    }

    fn advance(&mut self, count: usize) {
        self.at = self.at.map(|at| at.saturating_add(count as u64));
    }

    fn store(&self, cx: &mut Cx<'_>) -> Result<(), Errno> {
        match self.at {
            Some(at) => self.offset.store(cx, &self.file, at),
            None => Ok(()),
        }
    }
}

pub(super) fn sendfile(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    (out, input): (i32, i32),
    offset: Offset,
    count: u64,
) -> Outcome {
    let from = cx.file(input)?;
    let to = cx.file(out)?;
    if !from.flags().contains(OpenFlags::READ) || !to.flags().contains(OpenFlags::WRITE) {
        return Err(Errno::EBADF.into());
    }
    if !matches!(
        from.handle,
        Handle::File(_) | Handle::Made(..) | Handle::Device(_)
    ) {
        let pipe = offset != Offset::Position;
        return Err(if pipe { Errno::ESPIPE } else { Errno::EINVAL }.into());
    }
    if to.flags().contains(OpenFlags::APPEND) {
        return Err(Errno::EINVAL.into());
    }
    let from = Side::new(cx, from, offset)?;
    let to = Side::new(cx, to, Offset::Position)?;
    match endpoint(&to.file).is_some() {
        true => kernel.send_all(cx, from, to, count),
        false => kernel.copy(cx, from, to, count),
    }
}

pub(super) fn copy_file_range(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &linux::CopyFileRange,
) -> Outcome {
    let from = cx.file(call.fd_in)?;
    let to = cx.file(call.fd_out)?;
    if call.flags != 0 {
        return Err(Errno::EINVAL.into());
    }
    for file in [&from, &to] {
        match file.node().file_type() {
            FileType::Regular => {}
            FileType::Directory => return Err(Errno::EISDIR.into()),
            _ => return Err(Errno::EINVAL.into()),
        }
    }
    if !from.flags().contains(OpenFlags::READ)
        || !to.flags().contains(OpenFlags::WRITE)
        || to.flags().contains(OpenFlags::APPEND)
    {
        return Err(Errno::EBADF.into());
    }
    let from = Side::new(cx, from, Offset::wide(call.off_in.cast()))?;
    let to = Side::new(cx, to, Offset::wide(call.off_out.cast()))?;
    let count = call.len.min(MAX_COUNT);
    if let (Some(a), Some(b)) = (from.at, to.at)
        && from.file.node().is(to.file.node())
        && a < b.saturating_add(count)
        && b < a.saturating_add(count)
    {
        return Err(Errno::EINVAL.into());
    }
    kernel.copy(cx, from, to, count)
}

pub(super) fn splice(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &linux::Splice) -> Outcome {
    let from = cx.file(call.fd_in)?;
    let to = cx.file(call.fd_out)?;
    if !known_splice_flags(cx, call.flags) {
        return Err(Errno::EINVAL.into());
    }
    if call.len == 0 {
        return Ok(0);
    }
    if !from.flags().contains(OpenFlags::READ) || !to.flags().contains(OpenFlags::WRITE) {
        return Err(Errno::EBADF.into());
    }
    if from.pipe().is_none() && to.pipe().is_none() {
        return Err(Errno::EINVAL.into());
    }
    if let (Some(a), Some(b)) = (from.pipe(), to.pipe())
        && Rc::ptr_eq(a, b)
    {
        return Err(Errno::EINVAL.into());
    }
    if to.flags().contains(OpenFlags::APPEND) {
        return Err(Errno::EINVAL.into());
    }
    let from = Side::new(cx, from, Offset::wide(call.off_in.cast()))?;
    let to = Side::new(cx, to, Offset::wide(call.off_out.cast()))?;
    // Never more than a pipe has room for: what was taken out of one must go into the other.
    let mut count = call.len.min(MAX_COUNT);
    if let Some(pipe) = to.file.pipe() {
        let room = pipe.room() as u64;
        if pipe.readers() > 0 && room == 0 {
            let nonblocking = u64::from(call.flags) & cx.k.SPLICE_F_NONBLOCK != 0;
            if nonblocking || to.file.nonblocking() {
                return Err(Errno::EAGAIN.into());
            }
            return Err(cx.wait_for_file(&to.file));
        }
        count = count.min(room.max(1));
    }
    if let Some(pipe) = from.file.pipe() {
        let nonblocking = u64::from(call.flags) & cx.k.SPLICE_F_NONBLOCK != 0;
        if pipe.is_empty() && pipe.writers() > 0 && nonblocking {
            return Err(Errno::EAGAIN.into());
        }
        if !pipe.is_empty() {
            count = count.min(pipe.len() as u64);
        }
    }
    kernel.copy(cx, from, to, count)
}

/// Memory into a pipe, or a pipe into memory. Pages are copied, which a program can't tell unless it changes them
/// meanwhile.   [vmsplice(2)]
pub(super) fn vmsplice(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &linux::Vmsplice) -> Outcome {
    let file = cx.file(call.fd)?;
    if !known_splice_flags(cx, call.flags) {
        return Err(Errno::EINVAL.into());
    }
    let writes = file.flags().contains(OpenFlags::WRITE);
    if file.pipe().is_none() {
        return Err(Errno::EBADF.into());
    }
    let ranges = ranges(cx, call.uiov.address, call.nr_segs)?;
    let nonblocking = u64::from(call.flags) & cx.k.SPLICE_F_NONBLOCK != 0;
    let outcome = match writes {
        true => kernel.write_ranges(cx, &file, None, &ranges),
        false => kernel.read_ranges(cx, &file, None, &ranges),
    };
    match outcome {
        Err(Stop::Block) if nonblocking => Err(Errno::EAGAIN.into()),
        outcome => outcome,
    }
}

pub(super) fn tee(cx: &mut Cx<'_>, call: &linux::Tee) -> Outcome {
    let from = cx.file(call.fdin)?;
    let to = cx.file(call.fdout)?;
    if !known_splice_flags(cx, call.flags) {
        return Err(Errno::EINVAL.into());
    }
    if call.len == 0 {
        return Ok(0);
    }
    if !from.flags().contains(OpenFlags::READ) || !to.flags().contains(OpenFlags::WRITE) {
        return Err(Errno::EBADF.into());
    }
    let (Some(source), Some(target)) = (from.pipe(), to.pipe()) else {
        return Err(Errno::EINVAL.into());
    };
    if Rc::ptr_eq(source, target) {
        return Err(Errno::EINVAL.into());
    }
    if target.readers() == 0 {
        return finish(cx, &to, 0, Err(FsError::BrokenPipe));
    }
    let nonblocking = u64::from(call.flags) & cx.k.SPLICE_F_NONBLOCK != 0;
    if source.is_empty() && source.writers() == 0 {
        return Ok(0);
    }
    if source.is_empty() || target.room() == 0 {
        if nonblocking {
            return Err(Errno::EAGAIN.into());
        }
        cx.wait_in(source.filled());
        return Err(cx.wait_for_file(&to));
    }
    let count = usize::try_from(call.len).unwrap_or(usize::MAX);
    let mut bytes = vec![0; source.len().min(target.room()).min(count)];
    source.peek(&mut bytes);
    Ok(target.write(&bytes, usize::MAX, false)? as u64)
}

fn known_splice_flags(cx: &Cx<'_>, flags: u32) -> bool {
    let k = cx.k;
    let known = k.SPLICE_F_MOVE | k.SPLICE_F_NONBLOCK | k.SPLICE_F_MORE | k.SPLICE_F_GIFT;
    u64::from(flags) & !known == 0
}

impl Kernel {
    /// Copies until the count, the end, or something to wait for; moves both offsets.
    fn copy(&mut self, cx: &mut Cx<'_>, mut from: Side, mut to: Side, count: u64) -> Outcome {
        let mut buffer = self.vfs.take_buffer();
        let outcome = self.copy_through(cx, &mut from, &mut to, count, &mut buffer);
        self.vfs.give_buffer(buffer);
        let (done, result) = outcome?;
        if done > 0 {
            from.store(cx)?;
            to.store(cx)?;
        }
        let waits = if to.file.pipe().is_some() || endpoint(&to.file).is_some() {
            &to.file
        } else {
            &from.file
        };
        finish(cx, waits, done, result)
    }

    /// Sends until the count or the end, and waits as long as that takes.   [Linux fs/splice.c, splice_direct_to_actor]
    fn send_all(&mut self, cx: &mut Cx<'_>, mut from: Side, mut to: Side, count: u64) -> Outcome {
        let before = cx.take_progress().min(count);
        from.advance(before as usize);
        let mut buffer = self.vfs.take_buffer();
        let outcome = self.copy_through(cx, &mut from, &mut to, count - before, &mut buffer);
        self.vfs.give_buffer(buffer);
        let (done, result) = outcome?;
        let done = before + done;
        if result == Err(FsError::WouldBlock)
            && !to.file.nonblocking()
            && !(done > 0 && cx.is_interrupted())
        {
            cx.keep_progress(done);
            return Err(cx.wait_for_file(&to.file));
        }
        if done > 0 {
            from.store(cx)?;
        }
        finish(cx, &to.file, done, result)
    }

    fn copy_through(
        &mut self,
        cx: &mut Cx<'_>,
        from: &mut Side,
        to: &mut Side,
        count: u64,
        buffer: &mut [u8],
    ) -> Result<(u64, Result<(), FsError>), Stop<Errno>> {
        let count = count.min(MAX_COUNT);
        let count = match to.at {
            Some(at) => self.room(cx, &to.file, at, count)?,
            None => count,
        };
        let mut done = 0;
        while done < count {
            let mut part = (count - done).min(buffer.len() as u64) as usize;
            if let Some(pipe) = to.file.pipe() {
                if pipe.readers() == 0 {
                    return Ok((done, Err(FsError::BrokenPipe)));
                }
                part = part.min(pipe.room());
                if part == 0 {
                    return Ok((done, Err(FsError::WouldBlock)));
                }
            }
            let got = match self.read_part(cx, &from.file, from.at, &mut buffer[..part]) {
                Ok(0) => break,
                Ok(got) => got,
                Err(error) => return Ok((done, Err(error))),
            };
            let written = self.write_part(cx, &to.file, to.at, &buffer[..got], u64::MAX);
            let written = match written {
                Ok(written) => written,
                Err(error) => return Ok((done, Err(error))),
            };
            from.advance(written);
            to.advance(written);
            done += written as u64;
            // A socket that has no more room says so when it is asked again.
            let short = written < got && endpoint(&to.file).is_none();
            if short || from.file.pipe().is_some() {
                break;
            }
        }
        Ok((done, Ok(())))
    }
}
