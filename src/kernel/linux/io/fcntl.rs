//! `fcntl`: descriptors, flags, locks, pipes' sizes and seals.

use emu_prototypes::linux::{Constants, Errno, Outcome};

use crate::kernel::layout::Image;
use crate::kernel::linux::file::open::{changeable_from, flags_to};
use crate::kernel::linux::files::OpenFile;
use crate::kernel::linux::process::Resource;
use crate::kernel::vfs::locks::{Owner, Range};
use crate::kernel::vfs::{Content, FsError, OpenFlags, Seals};
use crate::kernel::wait::Wait;
use crate::kernel::{Cx, Kernel};

pub(super) fn fcntl(kernel: &mut Kernel, cx: &mut Cx<'_>, fd: i32, cmd: u32, arg: u64) -> Outcome {
    let k = cx.k;
    let file = cx.any_file(fd)?;
    let cmd = u64::from(cmd);
    let pointed_at = file.flags().contains(OpenFlags::PATH);
    let harmless = [
        k.F_DUPFD,
        k.F_DUPFD_CLOEXEC,
        k.F_GETFD,
        k.F_SETFD,
        k.F_GETFL,
    ];
    if pointed_at && !harmless.contains(&cmd) {
        return Err(Errno::EBADF.into());
    }
    // The argument of most commands is an int.
    let number = arg as u32;
    match cmd {
        c if c == k.F_DUPFD || c == k.F_DUPFD_CLOEXEC => {
            let limit = cx.process().limits.soft(Resource::Nofile);
            if u64::from(number) >= limit {
                return Err(Errno::EINVAL.into());
            }
            let mut files = cx.task.linux.files.borrow_mut();
            let fd = files.insert(file, cmd == k.F_DUPFD_CLOEXEC, number.into(), limit)?;
            Ok(u64::from(fd.cast_unsigned()))
        }
        c if c == k.F_GETFD => {
            let closes = cx.task.linux.files.borrow().slot(fd)?.close_on_exec;
            Ok(if closes { k.FD_CLOEXEC } else { 0 })
        }
        c if c == k.F_SETFD => {
            let closes = arg & k.FD_CLOEXEC != 0;
            cx.task
                .linux
                .files
                .borrow_mut()
                .set_close_on_exec(fd, closes)?;
            Ok(0)
        }
        c if c == k.F_GETFL => Ok(flags_to(k, file.flags())),
        c if c == k.F_SETFL => {
            let flags = changeable_from(k, arg);
            if flags.contains(OpenFlags::NOATIME)
                && !file.flags().contains(OpenFlags::NOATIME)
                && !kernel.walk(cx, |walker| Ok(walker.who.owns(file.node())))?
            {
                return Err(Errno::EPERM.into());
            }
            file.set_flags(flags);
            Ok(0)
        }
        c if c == k.F_GETOWN => Ok(i64::from(file.owner.get().0).cast_unsigned()),
        c if c == k.F_SETOWN => {
            let (_, signal) = file.owner.get();
            file.owner.set((number.cast_signed(), signal));
            Ok(0)
        }
        c if c == k.F_GETSIG => Ok(file.owner.get().1.into()),
        c if c == k.F_SETSIG => {
            if u64::from(number) > k._NSIG {
                return Err(Errno::EINVAL.into());
            }
            let (owner, _) = file.owner.get();
            file.owner.set((owner, number));
            Ok(0)
        }
        c if c == k.F_GETPIPE_SZ => {
            let pipe = file.pipe().ok_or(Errno::EBADF)?;
            Ok(pipe.capacity() as u64)
        }
        c if c == k.F_SETPIPE_SZ => {
            let pipe = file.pipe().ok_or(Errno::EBADF)?;
            if number > i32::MAX as u32 {
                return Err(Errno::EINVAL.into());
            }
            Ok(pipe.set_capacity(number as usize)? as u64)
        }
        c if c == k.F_GET_SEALS => {
            let content = sealable(&file)?;
            Ok(seals_to(k, content.seals.get()))
        }
        c if c == k.F_ADD_SEALS => {
            let content = sealable(&file)?;
            let seals = seals_from(k, arg).ok_or(Errno::EINVAL)?;
            if !file.flags().contains(OpenFlags::WRITE) || content.seals.get().contains(Seals::SEAL)
            {
                return Err(Errno::EPERM.into());
            }
            // [Linux mm/memfd.c, memfd_add_seals, mapping_deny_writable]
            let writes =
                seals.contains(Seals::WRITE) && !content.seals.get().contains(Seals::WRITE);
            if writes && kernel.is_mapped_to_write(cx, &file) {
                return Err(Errno::EBUSY.into());
            }
            content.seals.set(content.seals.get() | seals);
            Ok(0)
        }
        c if c == k.F_GETLEASE => Ok(k.F_UNLCK),
        c if c == k.F_SETLEASE => {
            // Nobody else could break it; Linux gives none on file systems that can't tell.
            Err(Errno::EAGAIN.into())
        }
        c => match lock_command(k, cx.word(), c) {
            Some(command) => lock(kernel, cx, &file, command, arg),
            None => Err(Errno::EINVAL.into()),
        },
    }
}

/// What is asked of the locks on a file.
#[derive(Debug, Clone, Copy)]
struct Command {
    what: What,
    /// Whether the lock belongs to the open file, not to the process.
    of_file: bool,
    /// Whether the structure has 64-bit offsets.
    large: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Get,
    Set,
    Wait,
}

fn lock_command(k: &Constants, word: u64, cmd: u64) -> Option<Command> {
    let wide = word == 4;
    let all = [
        (k.F_GETLK, What::Get, false, false),
        (k.F_SETLK, What::Set, false, false),
        (k.F_SETLKW, What::Wait, false, false),
        (k.F_OFD_GETLK, What::Get, true, wide),
        (k.F_OFD_SETLK, What::Set, true, wide),
        (k.F_OFD_SETLKW, What::Wait, true, wide),
        (k.F_GETLK64, What::Get, false, wide),
        (k.F_SETLK64, What::Set, false, wide),
        (k.F_SETLKW64, What::Wait, false, wide),
    ];
    let (_, what, of_file, large) = all.into_iter().find(|(number, ..)| *number == cmd)?;
    Some(Command {
        what,
        of_file,
        large,
    })
}

fn lock(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    file: &OpenFile,
    command: Command,
    address: u64,
) -> Outcome {
    let k = cx.k;
    let layouts = cx.layouts;
    let size = if command.large {
        layouts.flock64.size
    } else {
        layouts.flock.size
    };
    let mut image = cx.load(address, size)?;
    let get = |image: &Image| {
        if command.large {
            let at = &layouts.flock64;
            (
                image.get(at.l_type),
                image.get(at.l_whence),
                image.get_signed(at.l_start),
                image.get_signed(at.l_len),
                image.get_signed(at.l_pid),
            )
        } else {
            let at = &layouts.flock;
            (
                image.get(at.l_type),
                image.get(at.l_whence),
                image.get_signed(at.l_start),
                image.get_signed(at.l_len),
                image.get_signed(at.l_pid),
            )
        }
    };
    let (kind, whence, start, len, pid) = get(&image);
    if command.of_file && pid != 0 {
        return Err(Errno::EINVAL.into());
    }
    let (start, end) = extent(cx, file, whence, start, len)?;
    let owner = if command.of_file {
        Owner::File(file.id)
    } else {
        Owner::Process(cx.process().pid)
    };
    let exclusive = kind == k.F_WRLCK;
    if !exclusive && kind != k.F_RDLCK && (kind != k.F_UNLCK || command.what == What::Get) {
        return Err(Errno::EINVAL.into());
    }
    let wanted = Range {
        start,
        end,
        exclusive,
        owner,
    };
    let mut locks = file.node().locks.borrow_mut();
    if command.what == What::Get {
        let found = locks.conflict(&wanted);
        drop(locks);
        match found {
            None => put_type(cx, &mut image, command, k.F_UNLCK),
            Some(held) => {
                put_type(
                    cx,
                    &mut image,
                    command,
                    if held.exclusive { k.F_WRLCK } else { k.F_RDLCK },
                );
                let len = if held.end == u64::MAX {
                    0
                } else {
                    held.end - held.start
                };
                let pid = match held.owner {
                    Owner::Process(pid) => i64::from(pid),
                    Owner::File(_) => -1,
                };
                let values = [k.SEEK_SET, held.start, len, pid.cast_unsigned()];
                let fields = if command.large {
                    let at = &layouts.flock64;
                    [at.l_whence, at.l_start, at.l_len, at.l_pid]
                } else {
                    let at = &layouts.flock;
                    [at.l_whence, at.l_start, at.l_len, at.l_pid]
                };
                for (field, value) in fields.into_iter().zip(values) {
                    if field.size == 4 && value > i32::MAX as u64 && value < 1 << 63 {
                        return Err(Errno::EOVERFLOW.into());
                    }
                    image.put(field, value);
                }
            }
        }
        image.store(cx.mem, address)?;
        return Ok(0);
    }
    if kind == k.F_UNLCK {
        locks.unlock(owner, start, end)?;
        return Ok(0);
    }
    let needed = if exclusive {
        OpenFlags::WRITE
    } else {
        OpenFlags::READ
    };
    if !file.flags().contains(needed) {
        return Err(Errno::EBADF.into());
    }
    let waits = &mut kernel.linux.lock_waits;
    waits.forget(cx.task.tid);
    match locks.lock(wanted) {
        Ok(()) => Ok(0),
        Err(FsError::WouldBlock) if command.what == What::Wait => {
            let holder = locks.conflict(&wanted).map(|held| held.owner);
            if !command.of_file && waits.is_circle(holder, owner, (file.node(), &locks)) {
                return Err(Errno::EDEADLK.into());
            }
            if !cx.is_interrupted() {
                waits.add(cx.task.tid, file.node(), wanted);
            }
            cx.wait_in(&locks.queue);
            drop(locks);
            Err(cx.block(Wait::File))
        }
        Err(error) => Err(error.into()),
    }
}

fn put_type(cx: &Cx<'_>, image: &mut Image, command: Command, kind: u64) {
    let layouts = cx.layouts;
    image.put(
        if command.large {
            layouts.flock64.l_type
        } else {
            layouts.flock.l_type
        },
        kind,
    );
}

/// The bytes that `l_whence`, `l_start` and `l_len` mean; the end is not among them.   [Linux fs/locks.c, flock64_to_posix_lock]
fn extent(
    cx: &Cx<'_>,
    file: &OpenFile,
    whence: u64,
    start: i64,
    len: i64,
) -> Result<(u64, u64), Errno> {
    let k = cx.k;
    let base = match whence {
        w if w == k.SEEK_SET => 0,
        w if w == k.SEEK_CUR => file.position.get(),
        w if w == k.SEEK_END => file.attributes()?.size,
        _ => return Err(Errno::EINVAL),
    };
    let base = i64::try_from(base).map_err(|_| Errno::EOVERFLOW)?;
    let start = base.checked_add(start).ok_or(Errno::EOVERFLOW)?;
    let (start, end) = match len {
        0 => (start, None),
        len if len > 0 => (start, Some(start.checked_add(len).ok_or(Errno::EOVERFLOW)?)),
        len => (start.checked_add(len).ok_or(Errno::EINVAL)?, Some(start)),
    };
    let start = u64::try_from(start).map_err(|_| Errno::EINVAL)?;
    let end = match end {
        Some(end) => u64::try_from(end).map_err(|_| Errno::EINVAL)?,
        None => u64::MAX,
    };
    Ok((start, end))
}

pub(super) fn flock(cx: &mut Cx<'_>, fd: i32, cmd: u32) -> Outcome {
    let k = cx.k;
    let file = cx.file(fd)?;
    let wait = u64::from(cmd) & k.LOCK_NB == 0;
    let exclusive = match u64::from(cmd) & !k.LOCK_NB {
        c if c == k.LOCK_SH => Some(false),
        c if c == k.LOCK_EX => Some(true),
        c if c == k.LOCK_UN => None,
        _ => return Err(Errno::EINVAL.into()),
    };
    let result = file.node().locks.borrow_mut().flock(file.id, exclusive);
    match result {
        Ok(()) => Ok(0),
        Err(FsError::WouldBlock) if wait => {
            cx.wait_in(&file.node().locks.borrow().queue);
            Err(cx.block(Wait::File))
        }
        Err(error) => Err(error.into()),
    }
}

fn sealable(file: &OpenFile) -> Result<&Content, Errno> {
    // Only files of memory file systems know seals.   [Linux mm/memfd.c, memfd_file_seals_ptr]
    file.content()
        .filter(|_| file.entry.is_nowhere())
        .ok_or(Errno::EINVAL)
}

fn seals(k: &Constants) -> [(u64, Seals); 5] {
    [
        (k.F_SEAL_SEAL, Seals::SEAL),
        (k.F_SEAL_SHRINK, Seals::SHRINK),
        (k.F_SEAL_GROW, Seals::GROW),
        (k.F_SEAL_WRITE, Seals::WRITE),
        (k.F_SEAL_FUTURE_WRITE, Seals::FUTURE_WRITE),
    ]
}

fn seals_to(k: &Constants, has: Seals) -> u64 {
    seals(k)
        .iter()
        .filter(|(_, seal)| has.contains(*seal))
        .fold(0, |all, (flag, _)| all | flag)
}

fn seals_from(k: &Constants, flags: u64) -> Option<Seals> {
    let known = seals(k).iter().fold(0, |all, (flag, _)| all | flag);
    if flags & !known != 0 {
        return None;
    }
    let mut all = Seals::empty();
    for (flag, seal) in seals(k) {
        all.set(seal, flags & flag != 0);
    }
    Some(all)
}
