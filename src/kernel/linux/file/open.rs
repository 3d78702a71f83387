//! `open`, `openat`, `openat2`, `creat`.

use std::rc::Rc;

use emu_prototypes::linux::{self, Constants, Errno, Outcome};
use emu_prototypes::{CStr, DataModel, Ptr};

use crate::kernel::linux::files::OpenFile;
use crate::kernel::linux::process::Resource;
use crate::kernel::vfs::{Limits, OpenFlags};
use crate::kernel::wait::Wait;
use crate::kernel::{Cx, Kernel};

/// The largest file that a program can open without saying that it knows about large ones.
const MAX_NON_LFS: u64 = 0x7fff_ffff;

pub(super) fn open(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    (dfd, path): (i32, Ptr<CStr>),
    flags: u64,
    mode: u16,
) -> Outcome {
    let (mut flags, close_on_exec) = flags_from(cx.k, flags)?;
    if forces_large(cx) {
        flags |= OpenFlags::LARGE;
    }
    let path = cx.path(path)?;
    open_path(
        kernel,
        cx,
        (dfd, &path),
        (flags, close_on_exec),
        mode,
        Limits::empty(),
    )
}

/// The kernel of a 64-bit machine takes it for granted, also where N32 calls it without `compat_`.
/// [Linux include/linux/fcntl.h, force_o_largefile; arch/mips/kernel/syscalls/syscall_n32.tbl]
fn forces_large(cx: &Cx<'_>) -> bool {
    cx.abi.model != DataModel::Ilp32 || cx.abi.name.starts_with("mips64")
}

pub(super) fn openat2(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &linux::Openat2) -> Outcome {
    let k = cx.k;
    let layout = &cx.layouts.open_how;
    let size = u32::try_from(call.usize).map_err(|_| Errno::E2BIG)?;
    if size < layout.size {
        return Err(Errno::EINVAL.into());
    }
    if size > 4096 {
        return Err(Errno::E2BIG.into());
    }
    let how = cx.load(call.how.address, size)?;
    if how.bytes()[layout.size as usize..]
        .iter()
        .any(|byte| *byte != 0)
    {
        return Err(Errno::E2BIG.into());
    }
    let (flags, mode) = (how.get(layout.flags), how.get(layout.mode));
    let resolve = how.get(layout.resolve);
    let mut limits = Limits::empty();
    let mut unknown = resolve;
    for (flag, limit) in [
        (k.RESOLVE_BENEATH, Limits::BENEATH),
        (k.RESOLVE_IN_ROOT, Limits::IN_ROOT),
        (
            k.RESOLVE_NO_SYMLINKS,
            Limits::NO_SYMLINKS | Limits::NO_MAGIC,
        ),
        (k.RESOLVE_NO_MAGICLINKS, Limits::NO_MAGIC),
        (k.RESOLVE_NO_XDEV, Limits::NO_MOUNTS),
        (k.RESOLVE_CACHED, Limits::empty()),
    ] {
        if resolve & flag != 0 {
            limits |= limit;
        }
        unknown &= !flag;
    }
    if unknown != 0
        || limits.contains(Limits::BENEATH | Limits::IN_ROOT)
        || flags & !known_flags(k) != 0
    {
        return Err(Errno::EINVAL.into());
    }
    let creates = flags & k.O_CREAT != 0 || flags & k.O_TMPFILE == k.O_TMPFILE;
    if mode & !0o7777 != 0 || mode != 0 && !creates {
        return Err(Errno::EINVAL.into());
    }
    if resolve & k.RESOLVE_CACHED != 0 {
        // Nothing is cached, as far as anybody can tell: the caller tries again without.
        return Err(Errno::EAGAIN.into());
    }
    let (mut flags, close_on_exec) = flags_from(k, flags)?;
    if forces_large(cx) {
        flags |= OpenFlags::LARGE;
    }
    let path = cx.path(call.filename)?;
    open_path(
        kernel,
        cx,
        (call.dfd, &path),
        (flags, close_on_exec),
        mode as u16,
        limits,
    )
}

fn open_path(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    (dfd, path): (i32, &[u8]),
    (flags, close_on_exec): (OpenFlags, bool),
    mode: u16,
    limits: Limits,
) -> Outcome {
    if cx.again {
        return go_on(cx, close_on_exec);
    }
    let limit = cx.process().limits.soft(Resource::Nofile);
    cx.task.linux.files.borrow().room(0, limit)?;
    let start = if limits.intersects(Limits::BENEATH | Limits::IN_ROOT) && !path.is_empty() {
        cx.itself(dfd)?
    } else {
        cx.start(dfd, path)?
    };
    let file = kernel.walk(cx, |walker| walker.open(&start, path, flags, mode, limits))?;
    if !file.flags().intersects(OpenFlags::LARGE | OpenFlags::PATH)
        && file
            .content()
            .is_some_and(|content| content.len() > MAX_NON_LFS)
    {
        return Err(Errno::EOVERFLOW.into());
    }
    if let Some(opened) = before_opening(&file) {
        let tid = cx.task.tid;
        cx.task
            .linux
            .files
            .borrow_mut()
            .opening
            .insert(tid, (file, opened));
        return go_on(cx, close_on_exec);
    }
    kernel.terminal_opened(cx, &file, flags);
    cx.install(file, close_on_exec)
}

/// Goes on with the opening of a FIFO, which waits for the other side.
fn go_on(cx: &mut Cx<'_>, close_on_exec: bool) -> Outcome {
    let tid = cx.task.tid;
    let opening = cx.task.linux.files.borrow_mut().opening.remove(&tid);
    let (file, before) = opening.ok_or(Errno::EINTR)?;
    if let Some(pipe) = file.pipe() {
        let reads = file.flags().contains(OpenFlags::READ);
        let (readers, writers) = pipe.opened();
        let came = if reads {
            writers != before.1
        } else {
            readers != before.0
        };
        let there = if reads {
            pipe.writers() > 0
        } else {
            pipe.readers() > 0
        };
        if !came && !there {
            // Who is interrupted has not opened it: nobody shall find a reader or writer there.
            if !cx.is_interrupted() {
                cx.wait_in(pipe.filled());
                cx.wait_in(pipe.drained());
                let mut files = cx.task.linux.files.borrow_mut();
                files.opening.insert(tid, (file, before));
            }
            return Err(cx.block(Wait::File));
        }
    }
    cx.install(file, close_on_exec)
}

/// How often the FIFO that was just opened had been opened, when the opener has to wait for the other side: not for that
/// of a pipe without a name, opened by `/proc/self/fd`.   [Linux fs/pipe.c, fifo_open, is_pipe]
fn before_opening(file: &Rc<OpenFile>) -> Option<(u64, u64)> {
    let named = !file.entry.is_nowhere();
    let pipe = file.pipe().filter(|_| named && !file.nonblocking())?;
    let flags = file.flags();
    (flags.contains(OpenFlags::READ) != flags.contains(OpenFlags::WRITE)).then(|| pipe.opened())
}

impl Cx<'_> {
    /// Gives an open file the lowest free descriptor.
    pub(in crate::kernel::linux) fn install(
        &mut self,
        file: Rc<OpenFile>,
        close_on_exec: bool,
    ) -> Outcome {
        let limit = self.process().limits.soft(Resource::Nofile);
        let fd = self
            .task
            .linux
            .files
            .borrow_mut()
            .insert(file, close_on_exec, 0, limit)?;
        Ok(u64::from(fd.cast_unsigned()))
    }
}

/// The flags of `open`, and whether `execve` closes the descriptor.
pub(in crate::kernel::linux) fn flags_from(
    k: &Constants,
    flags: u64,
) -> Result<(OpenFlags, bool), Errno> {
    // Flags come as an int, constants may be sign-extended.
    let has = |flag: u64| flag != 0 && flags & flag == flag;
    let close_on_exec = has(k.O_CLOEXEC);
    let mut open = OpenFlags::empty();
    for (flag, meaning) in table(k) {
        open.set(meaning, has(flag));
    }
    if open.contains(OpenFlags::PATH) {
        return Ok((
            open & (OpenFlags::PATH | OpenFlags::DIRECTORY | OpenFlags::NOFOLLOW),
            close_on_exec,
        ));
    }
    let access = flags & k.O_ACCMODE;
    open.set(OpenFlags::READ, access == k.O_RDONLY || access == k.O_RDWR);
    open.set(OpenFlags::WRITE, access == k.O_WRONLY || access == k.O_RDWR);
    if open.contains(OpenFlags::UNNAMED) {
        if open.contains(OpenFlags::CREATE) || !open.contains(OpenFlags::WRITE) {
            return Err(Errno::EINVAL);
        }
        open -= OpenFlags::DIRECTORY;
    } else if open.contains(OpenFlags::CREATE | OpenFlags::DIRECTORY) {
        return Err(Errno::EINVAL);
    }
    Ok((open, close_on_exec))
}

/// The flags of an open file, as `F_GETFL` gives them.
pub(in crate::kernel::linux) fn flags_to(k: &Constants, open: OpenFlags) -> u64 {
    let read = open.contains(OpenFlags::READ);
    let write = open.contains(OpenFlags::WRITE);
    let mut flags = match (read, write) {
        (true, true) => k.O_RDWR,
        (false, true) => k.O_WRONLY,
        _ => k.O_RDONLY,
    };
    for (flag, meaning) in table(k) {
        if open.contains(meaning) {
            flags |= flag;
        }
    }
    flags
}

/// What `F_SETFL` may change, from the guest's flags.
pub(in crate::kernel::linux) fn changeable_from(k: &Constants, flags: u64) -> OpenFlags {
    let mut open = OpenFlags::empty();
    for (flag, meaning) in table(k) {
        open.set(meaning, flag != 0 && flags & flag == flag);
    }
    open & OpenFlags::CHANGEABLE
}

/// Each flag besides the access mode and `O_CLOEXEC`. `O_SYNC` contains `O_DSYNC`, `O_TMPFILE` contains `O_DIRECTORY`.
fn table(k: &Constants) -> [(u64, OpenFlags); 15] {
    [
        (k.O_CREAT, OpenFlags::CREATE),
        (k.O_EXCL, OpenFlags::EXCLUSIVE),
        (k.O_NOCTTY, OpenFlags::NOCTTY),
        (k.O_TRUNC, OpenFlags::TRUNCATE),
        (k.O_APPEND, OpenFlags::APPEND),
        (k.O_NONBLOCK, OpenFlags::NONBLOCK),
        (k.O_DSYNC, OpenFlags::DSYNC),
        (k.O_SYNC, OpenFlags::SYNC),
        (k.O_DIRECT, OpenFlags::DIRECT),
        (k.O_LARGEFILE, OpenFlags::LARGE),
        (k.O_DIRECTORY, OpenFlags::DIRECTORY),
        (k.O_NOFOLLOW, OpenFlags::NOFOLLOW),
        (k.O_NOATIME, OpenFlags::NOATIME),
        (k.O_PATH, OpenFlags::PATH),
        (k.O_TMPFILE, OpenFlags::UNNAMED),
    ]
}

fn known_flags(k: &Constants) -> u64 {
    table(k)
        .iter()
        .fold(k.O_ACCMODE | k.O_CLOEXEC, |all, (flag, _)| all | flag)
}
