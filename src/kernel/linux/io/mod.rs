//! Descriptors and the bytes behind them: section `io`.

mod copy;
mod deadlock;
mod directory;
mod fcntl;
mod ioctl;
mod progress;
#[cfg(test)]
mod tests;
mod transfer;

use emu_cpu::GuestMemory;
use emu_prototypes::linux::services::Io;
use emu_prototypes::linux::{self, Errno, Outcome};
use emu_prototypes::{Ptr, Stop};

use self::copy::Offset;
pub(super) use self::deadlock::LockWaits;
use self::directory::Form;
pub(super) use self::progress::Progress;
pub(super) use self::transfer::{Range, range, ranges};
use super::file::ask::descriptor;
use super::files::NR_OPEN;
use super::process::Resource;
use crate::kernel::vfs::{FileType, FsError, Handle, OpenFlags, Whence};
use crate::kernel::{Cx, Kernel};

/// Bytes of the name of a memory file at most, its end not counted.   [Linux mm/memfd.c, MFD_NAME_MAX_LEN]
const MEMORY_NAME_MAX: usize = 249;

impl Io<Cx<'_>> for Kernel {
    fn read(&mut self, cx: &mut Cx<'_>, call: &linux::Read) -> Outcome {
        let file = cx.file(descriptor(call.fd.into()))?;
        let range = range(cx, call.buf.address, call.count)?;
        self.read_ranges(cx, &file, None, &[range])
    }

    fn write(&mut self, cx: &mut Cx<'_>, call: &linux::Write) -> Outcome {
        let file = cx.file(descriptor(call.fd.into()))?;
        let range = range(cx, call.buf.address, call.count)?;
        self.write_ranges(cx, &file, None, &[range])
    }

    fn pread64(&mut self, cx: &mut Cx<'_>, call: &linux::Pread64) -> Outcome {
        let at = position(call.pos)?;
        let file = cx.file(descriptor(call.fd.into()))?;
        seekable(&file)?;
        let range = range(cx, call.buf.address, call.count)?;
        self.read_ranges(cx, &file, Some(at), &[range])
    }

    fn pwrite64(&mut self, cx: &mut Cx<'_>, call: &linux::Pwrite64) -> Outcome {
        let at = position(call.pos)?;
        let file = cx.file(descriptor(call.fd.into()))?;
        seekable(&file)?;
        let range = range(cx, call.buf.address, call.count)?;
        self.write_ranges(cx, &file, Some(at), &[range])
    }

    fn readv(&mut self, cx: &mut Cx<'_>, call: &linux::Readv) -> Outcome {
        let file = cx.file(descriptor(call.fd))?;
        let ranges = ranges(cx, call.vec.address, call.vlen)?;
        self.read_ranges(cx, &file, None, &ranges)
    }

    fn writev(&mut self, cx: &mut Cx<'_>, call: &linux::Writev) -> Outcome {
        let file = cx.file(descriptor(call.fd))?;
        let ranges = ranges(cx, call.vec.address, call.vlen)?;
        self.write_ranges(cx, &file, None, &ranges)
    }

    fn preadv(&mut self, cx: &mut Cx<'_>, call: &linux::Preadv) -> Outcome {
        let at = position(wide_position(cx, call.pos_l, call.pos_h))?;
        self.vector(cx, call.fd, (call.vec.address, call.vlen), Some(at), false)
    }

    fn pwritev(&mut self, cx: &mut Cx<'_>, call: &linux::Pwritev) -> Outcome {
        let at = position(wide_position(cx, call.pos_l, call.pos_h))?;
        self.vector(cx, call.fd, (call.vec.address, call.vlen), Some(at), true)
    }

    fn preadv2(&mut self, cx: &mut Cx<'_>, call: &linux::Preadv2) -> Outcome {
        check_rwf(cx, i64::from(call.flags).cast_unsigned(), false)?;
        let at = wide_position(cx, call.pos_l, call.pos_h);
        let at = if at == -1 { None } else { Some(position(at)?) };
        self.vector(cx, call.fd, (call.vec.address, call.vlen), at, false)
    }

    fn pwritev2(&mut self, cx: &mut Cx<'_>, call: &linux::Pwritev2) -> Outcome {
        let flags = i64::from(call.flags).cast_unsigned();
        check_rwf(cx, flags, true)?;
        let at = wide_position(cx, call.pos_l, call.pos_h);
        let mut at = if at == -1 { None } else { Some(position(at)?) };
        if flags & cx.k.RWF_APPEND != 0 {
            let file = cx.file(descriptor(call.fd))?;
            if file.content().is_some() {
                at = Some(file.attributes()?.size);
            }
        }
        self.vector(cx, call.fd, (call.vec.address, call.vlen), at, true)
    }

    fn lseek(&mut self, cx: &mut Cx<'_>, call: &linux::Lseek) -> Outcome {
        let position = seek(cx, call.fd, call.offset, call.whence)?;
        // N32 has the kernel's own `lseek`, of 64 bits.   [Linux arch/mips/kernel/syscalls/syscall_n32.tbl]
        let narrow = cx.word() == 4 && !cx.abi.name.starts_with("mips64");
        if narrow && position > i32::MAX as u64 {
            return Err(Errno::EOVERFLOW.into());
        }
        Ok(position)
    }

    fn llseek(&mut self, cx: &mut Cx<'_>, call: &linux::Llseek) -> Outcome {
        let offset = (call.offset_high << 32 | call.offset_low & 0xffff_ffff).cast_signed();
        let position = seek(cx, call.fd, offset, call.whence)?;
        cx.mem.write_u64(call.result.address, position)?;
        Ok(0)
    }

    fn close(&mut self, cx: &mut Cx<'_>, call: &linux::Close) -> Outcome {
        let pid = cx.process().pid;
        cx.task
            .linux
            .files
            .borrow_mut()
            .close(descriptor(call.fd.into()), pid)?;
        Ok(0)
    }

    fn close_range(&mut self, cx: &mut Cx<'_>, call: &linux::CloseRange) -> Outcome {
        let k = cx.k;
        let flags = u64::from(call.flags);
        if flags & !(k.CLOSE_RANGE_CLOEXEC | k.CLOSE_RANGE_UNSHARE) != 0 || call.fd > call.max_fd {
            return Err(Errno::EINVAL.into());
        }
        let pid = cx.process().pid;
        if flags & k.CLOSE_RANGE_UNSHARE != 0 && std::rc::Rc::strong_count(&cx.task.linux.files) > 1
        {
            let own = cx.task.linux.files.borrow().duplicate();
            cx.task.linux.files = std::rc::Rc::new(std::cell::RefCell::new(own));
        }
        let mut files = cx.task.linux.files.borrow_mut();
        let within =
            |fd: i32| u32::try_from(fd).is_ok_and(|fd| (call.fd..=call.max_fd).contains(&fd));
        if flags & k.CLOSE_RANGE_CLOEXEC != 0 {
            let fds: Vec<i32> = files
                .iter()
                .map(|(fd, _)| fd)
                .filter(|fd| within(*fd))
                .collect();
            for fd in fds {
                files.set_close_on_exec(fd, true)?;
            }
        } else {
            files.close_if(pid, |fd, _| within(fd));
        }
        Ok(0)
    }

    fn dup(&mut self, cx: &mut Cx<'_>, call: &linux::Dup) -> Outcome {
        let file = cx.any_file(descriptor(call.fildes.into()))?;
        cx.install(file, false)
    }

    fn dup2(&mut self, cx: &mut Cx<'_>, call: &linux::Dup2) -> Outcome {
        if call.oldfd == call.newfd {
            cx.any_file(descriptor(call.oldfd.into()))?;
            return Ok(call.newfd.into());
        }
        duplicate_to(cx, call.oldfd, call.newfd, false)
    }

    fn dup3(&mut self, cx: &mut Cx<'_>, call: &linux::Dup3) -> Outcome {
        let flags = u64::from(call.flags.cast_unsigned());
        if flags & !cx.k.O_CLOEXEC != 0 || call.oldfd == call.newfd {
            return Err(Errno::EINVAL.into());
        }
        duplicate_to(cx, call.oldfd, call.newfd, flags != 0)
    }

    fn fcntl(&mut self, cx: &mut Cx<'_>, call: &linux::Fcntl) -> Outcome {
        fcntl::fcntl(self, cx, descriptor(call.fd.into()), call.cmd, call.arg)
    }

    fn fcntl64(&mut self, cx: &mut Cx<'_>, call: &linux::Fcntl64) -> Outcome {
        fcntl::fcntl(self, cx, descriptor(call.fd.into()), call.cmd, call.arg)
    }

    fn flock(&mut self, cx: &mut Cx<'_>, call: &linux::Flock) -> Outcome {
        fcntl::flock(cx, descriptor(call.fd.into()), call.cmd)
    }

    fn ioctl(&mut self, cx: &mut Cx<'_>, call: &linux::Ioctl) -> Outcome {
        ioctl::ioctl(self, cx, descriptor(call.fd.into()), call.cmd, call.arg)
    }

    fn getdents(&mut self, cx: &mut Cx<'_>, call: &linux::Getdents) -> Outcome {
        let buffer = (call.dirent.address, call.count.into());
        Ok(directory::read(
            self,
            cx,
            descriptor(call.fd.into()),
            buffer,
            Form::Plain,
        )?)
    }

    fn getdents64(&mut self, cx: &mut Cx<'_>, call: &linux::Getdents64) -> Outcome {
        let buffer = (call.dirent.address, call.count.into());
        Ok(directory::read(
            self,
            cx,
            descriptor(call.fd.into()),
            buffer,
            Form::Large,
        )?)
    }

    fn readdir(&mut self, cx: &mut Cx<'_>, call: &linux::Readdir) -> Outcome {
        Ok(directory::read_one(
            self,
            cx,
            descriptor(call.fd.into()),
            call.dirent.address,
        )?)
    }

    fn ftruncate(&mut self, cx: &mut Cx<'_>, call: &linux::Ftruncate) -> Outcome {
        self.truncate_file(cx, call.fd, call.length)
    }

    fn ftruncate64(&mut self, cx: &mut Cx<'_>, call: &linux::Ftruncate64) -> Outcome {
        self.truncate_file(cx, call.fd, call.length)
    }

    fn fallocate(&mut self, cx: &mut Cx<'_>, call: &linux::Fallocate) -> Outcome {
        self.allocate(cx, call)
    }

    fn fadvise64(&mut self, cx: &mut Cx<'_>, call: &linux::Fadvise64) -> Outcome {
        let k = cx.k;
        let file = cx.file(call.fd)?;
        if file.node().file_type() == FileType::Fifo {
            return Err(Errno::ESPIPE.into());
        }
        let known = [
            k.POSIX_FADV_NORMAL,
            k.POSIX_FADV_RANDOM,
            k.POSIX_FADV_SEQUENTIAL,
            k.POSIX_FADV_WILLNEED,
            k.POSIX_FADV_DONTNEED,
            k.POSIX_FADV_NOREUSE,
        ];
        if call.len < 0 || !known.contains(&u64::from(call.advice.cast_unsigned())) {
            return Err(Errno::EINVAL.into());
        }
        Ok(0)
    }

    fn readahead(&mut self, cx: &mut Cx<'_>, call: &linux::Readahead) -> Outcome {
        let file = cx.file(call.fd)?;
        if !file.flags().contains(OpenFlags::READ) {
            return Err(Errno::EBADF.into());
        }
        if file.content().is_none() {
            return Err(Errno::EINVAL.into());
        }
        Ok(0)
    }

    fn fsync(&mut self, cx: &mut Cx<'_>, call: &linux::Fsync) -> Outcome {
        cx.file(descriptor(call.fd.into()))?.sync()?;
        Ok(0)
    }

    fn fdatasync(&mut self, cx: &mut Cx<'_>, call: &linux::Fdatasync) -> Outcome {
        cx.file(descriptor(call.fd.into()))?.sync()?;
        Ok(0)
    }

    fn sync(&mut self, _: &mut Cx<'_>, _: &linux::Sync) -> Outcome {
        // It has no errors to tell.   [sync(2)]
        let _ = self.vfs.write_back();
        Ok(0)
    }

    fn syncfs(&mut self, cx: &mut Cx<'_>, call: &linux::Syncfs) -> Outcome {
        cx.file(call.fd)?;
        self.vfs.write_back()?;
        Ok(0)
    }

    fn sync_file_range(&mut self, cx: &mut Cx<'_>, call: &linux::SyncFileRange) -> Outcome {
        let k = cx.k;
        let known =
            k.SYNC_FILE_RANGE_WAIT_BEFORE | k.SYNC_FILE_RANGE_WRITE | k.SYNC_FILE_RANGE_WAIT_AFTER;
        let file = cx.file(call.fd)?;
        let end = call.offset.checked_add(call.nbytes);
        if u64::from(call.flags) & !known != 0
            || call.offset < 0
            || end.is_none_or(|end| end < call.offset)
        {
            return Err(Errno::EINVAL.into());
        }
        match file.node().file_type() {
            FileType::Regular | FileType::Directory | FileType::Symlink => Ok(0),
            _ => Err(Errno::ESPIPE.into()),
        }
    }

    fn sendfile(&mut self, cx: &mut Cx<'_>, call: &linux::Sendfile) -> Outcome {
        let address = call.offset.address;
        let offset = if address == 0 {
            Offset::Position
        } else {
            Offset::Word(address)
        };
        copy::sendfile(self, cx, (call.out_fd, call.in_fd), offset, call.count)
    }

    fn sendfile64(&mut self, cx: &mut Cx<'_>, call: &linux::Sendfile64) -> Outcome {
        let offset = Offset::wide(call.offset.cast());
        copy::sendfile(self, cx, (call.out_fd, call.in_fd), offset, call.count)
    }

    fn copy_file_range(&mut self, cx: &mut Cx<'_>, call: &linux::CopyFileRange) -> Outcome {
        copy::copy_file_range(self, cx, call)
    }

    fn splice(&mut self, cx: &mut Cx<'_>, call: &linux::Splice) -> Outcome {
        copy::splice(self, cx, call)
    }

    fn vmsplice(&mut self, cx: &mut Cx<'_>, call: &linux::Vmsplice) -> Outcome {
        copy::vmsplice(self, cx, call)
    }

    fn tee(&mut self, cx: &mut Cx<'_>, call: &linux::Tee) -> Outcome {
        copy::tee(cx, call)
    }

    fn pipe(&mut self, cx: &mut Cx<'_>, call: &linux::Pipe) -> Outcome {
        // Where the call has no argument it has a second result.   [Linux arch/mips/kernel/syscall.c, sysm_pipe]
        if cx.row.params.is_empty() {
            let (reader, writer) = self.make_pipe(cx, 0)?;
            cx.second = Some(u64::from(writer.cast_unsigned()));
            return Ok(u64::from(reader.cast_unsigned()));
        }
        self.pipe_pair(cx, call.fildes.address, 0)
    }

    fn pipe2(&mut self, cx: &mut Cx<'_>, call: &linux::Pipe2) -> Outcome {
        self.pipe_pair(cx, call.fildes.address, call.flags.cast_unsigned().into())
    }

    fn memfd_create(&mut self, cx: &mut Cx<'_>, call: &linux::MemfdCreate) -> Outcome {
        let k = cx.k;
        let flags = u64::from(call.flags);
        // Huge pages are configured out.
        if flags & !(k.MFD_CLOEXEC | k.MFD_ALLOW_SEALING) != 0 {
            return Err(Errno::EINVAL.into());
        }
        let name = cx.mem.read_cstr(call.uname.address, MEMORY_NAME_MAX + 1)?;
        if name.len() > MEMORY_NAME_MAX {
            return Err(Errno::EINVAL.into());
        }
        let owner = owner(cx);
        let now = self.file_time();
        let sealable = flags & k.MFD_ALLOW_SEALING != 0;
        let file = self.vfs.memory_file(&name, sealable, owner, now)?;
        cx.install(file, flags & k.MFD_CLOEXEC != 0)
    }

    // Without `secretmem.enable`.
    fn memfd_secret(&mut self, _cx: &mut Cx<'_>, _call: &linux::MemfdSecret) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    // Newer than the kernel that this one is like.
    fn cachestat(&mut self, _cx: &mut Cx<'_>, _call: &linux::Cachestat) -> Outcome {
        Err(Errno::ENOSYS.into())
    }
}

impl Kernel {
    fn vector(
        &mut self,
        cx: &mut Cx<'_>,
        fd: u64,
        (address, count): (u64, u64),
        at: Option<u64>,
        write: bool,
    ) -> Outcome {
        let file = cx.file(descriptor(fd))?;
        if at.is_some() {
            seekable(&file)?;
        }
        let ranges = ranges(cx, address, count)?;
        if write {
            self.write_ranges(cx, &file, at, &ranges)
        } else {
            self.read_ranges(cx, &file, at, &ranges)
        }
    }

    fn truncate_file(&mut self, cx: &mut Cx<'_>, fd: u32, length: i64) -> Outcome {
        let length = u64::try_from(length).map_err(|_| Errno::EINVAL)?;
        let file = cx.file(descriptor(fd.into()))?;
        self.check_size(cx, length, file.node())?;
        file.truncate(length, self.file_time())?;
        Ok(0)
    }

    fn allocate(&mut self, cx: &mut Cx<'_>, call: &linux::Fallocate) -> Outcome {
        let k = cx.k;
        let file = cx.file(call.fd)?;
        let mode = u64::from(call.mode.cast_unsigned());
        let (Ok(offset), Ok(len)) = (u64::try_from(call.offset), u64::try_from(call.len)) else {
            return Err(Errno::EINVAL.into());
        };
        if len == 0 {
            return Err(Errno::EINVAL.into());
        }
        let keep = mode & k.FALLOC_FL_KEEP_SIZE != 0;
        let (punch, zero) = (k.FALLOC_FL_PUNCH_HOLE, k.FALLOC_FL_ZERO_RANGE);
        let what = mode & !k.FALLOC_FL_KEEP_SIZE;
        if what != 0 && what != punch && what != zero || what == punch && !keep {
            return Err(Errno::EOPNOTSUPP.into());
        }
        if !file.flags().contains(OpenFlags::WRITE) {
            return Err(Errno::EBADF.into());
        }
        match file.node().file_type() {
            FileType::Regular => {}
            FileType::Fifo => return Err(Errno::ESPIPE.into()),
            FileType::Directory => return Err(Errno::EISDIR.into()),
            _ => return Err(Errno::ENODEV.into()),
        }
        let end = call
            .offset
            .checked_add(call.len)
            .ok_or(Errno::EFBIG)?
            .cast_unsigned();
        let size = file.attributes()?.size;
        let now = self.file_time();
        if what != 0 {
            file.punch(offset, len, now)?;
        } else if len > self.vfs.space().free().saturating_add(size) {
            return Err(Errno::ENOSPC.into());
        }
        if !keep && end > size {
            self.check_size(cx, end, file.node())?;
            file.truncate(end, now)?;
        }
        Ok(0)
    }

    fn make_pipe(&mut self, cx: &mut Cx<'_>, flags: u64) -> Result<(i32, i32), Stop<Errno>> {
        let k = cx.k;
        if flags & !(k.O_CLOEXEC | k.O_NONBLOCK | k.O_DIRECT) != 0 {
            return Err(Errno::EINVAL.into());
        }
        let mut open = OpenFlags::empty();
        open.set(OpenFlags::NONBLOCK, flags & k.O_NONBLOCK != 0);
        // Packets.
        open.set(OpenFlags::DIRECT, flags & k.O_DIRECT != 0);
        let (reader, writer) = self.vfs.pipe(open, owner(cx), self.file_time())?;
        let limit = cx.process().limits.soft(Resource::Nofile);
        let closes = flags & k.O_CLOEXEC != 0;
        let pid = cx.process().pid;
        let mut files = cx.task.linux.files.borrow_mut();
        let first = files.insert(reader, closes, 0, limit)?;
        match files.insert(writer, closes, 0, limit) {
            Ok(second) => Ok((first, second)),
            Err(error) => {
                files.close(first, pid)?;
                Err(error.into())
            }
        }
    }

    fn pipe_pair(&mut self, cx: &mut Cx<'_>, address: u64, flags: u64) -> Outcome {
        let (reader, writer) = self.make_pipe(cx, flags)?;
        let pair = Ptr::<i32>::new(address);
        let stored = pair
            .write(cx.mem, reader)
            .and_then(|()| pair.index(1).write(cx.mem, writer));
        if let Err(fault) = stored {
            let pid = cx.process().pid;
            let mut files = cx.task.linux.files.borrow_mut();
            files.close(reader, pid)?;
            files.close(writer, pid)?;
            return Err(fault.into());
        }
        Ok(0)
    }
}

/// User and group of what the task makes.
pub(super) fn owner(cx: &Cx<'_>) -> (u32, u32) {
    let credentials = &cx.task.linux.credentials;
    (credentials.fsuid, credentials.fsgid)
}

fn seek(cx: &mut Cx<'_>, fd: u32, offset: i64, whence: u32) -> Result<u64, Errno> {
    let k = cx.k;
    let file = cx.file(descriptor(fd.into()))?;
    let whence = match u64::from(whence) {
        w if w == k.SEEK_SET => Whence::Start,
        w if w == k.SEEK_CUR => Whence::Here,
        w if w == k.SEEK_END => Whence::End,
        w if w == k.SEEK_DATA => Whence::Data,
        w if w == k.SEEK_HOLE => Whence::Hole,
        _ => return Err(Errno::EINVAL),
    };
    Ok(file.seek(whence, offset)?)
}

fn duplicate_to(cx: &mut Cx<'_>, old: u32, new: u32, close_on_exec: bool) -> Outcome {
    let limit = cx.process().limits.soft(Resource::Nofile).min(NR_OPEN);
    if u64::from(new) >= limit {
        return Err(Errno::EBADF.into());
    }
    let file = cx.any_file(descriptor(old.into()))?;
    let pid = cx.process().pid;
    let before =
        cx.task
            .linux
            .files
            .borrow_mut()
            .replace(descriptor(new.into()), file, close_on_exec);
    if let Some(slot) = before {
        slot.release(pid);
    }
    Ok(new.into())
}

/// An offset into a file.
fn position(position: i64) -> Result<u64, Errno> {
    u64::try_from(position).map_err(|_| Errno::EINVAL)
}

/// An offset in two words, of which the first is the lower on every ABI.   [Linux fs/read_write.c, pos_from_hilo]
fn wide_position(cx: &Cx<'_>, low: u64, high: u64) -> i64 {
    if cx.word() == 4 {
        (high << 32 | low & 0xffff_ffff).cast_signed()
    } else {
        low.cast_signed()
    }
}

/// Only what has positions can be read and written at one.
fn seekable(file: &super::files::OpenFile) -> Result<(), FsError> {
    match file.handle {
        Handle::Path => Err(FsError::BadDescriptor),
        _ if file.has_positions() => Ok(()),
        _ => Err(FsError::IllegalSeek),
    }
}

fn check_rwf(cx: &Cx<'_>, flags: u64, write: bool) -> Result<(), Errno> {
    let k = cx.k;
    let known = k.RWF_HIPRI | k.RWF_DSYNC | k.RWF_SYNC | k.RWF_NOWAIT | k.RWF_APPEND;
    if flags & !known != 0 || !write && flags & k.RWF_APPEND != 0 {
        return Err(Errno::EOPNOTSUPP);
    }
    Ok(())
}
