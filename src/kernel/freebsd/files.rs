//! Files and descriptors.

use emu_prototypes::freebsd::{self, X64};
use emu_prototypes::linux::{self, Errno, Outcome, id};
use emu_prototypes::{Args, Field, Ptr, Stop};

use super::{Cx, Kernel, flags, instead, translated};

/// What `open` gets besides the way to access.   [FreeBSD sys/sys/fcntl.h]
fn open_flags(value: i32) -> Result<i32, Errno> {
    let k = X64.k;
    let value = value as u32 as u64;
    // A lock taken with the file would be lost.
    if value & (k.O_SHLOCK | k.O_EXLOCK) != 0 {
        return Err(Errno::EOPNOTSUPP);
    }
    let access = value & k.O_ACCMODE;
    let rest = value & !(k.O_ACCMODE | k.O_TTY_INIT | k.O_VERIFY);
    Ok((access | flags("open", "open", rest)?) as i32)
}

pub(super) fn open(kernel: &mut Kernel, cx: &mut Cx<'_>, own: &freebsd::Open) -> Outcome {
    let call = freebsd::Openat {
        fd: X64.k.AT_FDCWD as i32,
        path: own.path,
        flag: own.flags,
        mode: own.mode as u16,
    };
    openat(kernel, cx, &call)
}

pub(super) fn openat(kernel: &mut Kernel, cx: &mut Cx<'_>, own: &freebsd::Openat) -> Outcome {
    let call = linux::Openat {
        dfd: own.fd,
        filename: own.path,
        flags: open_flags(own.flag)?,
        mode: own.mode,
    };
    instead(kernel, cx, &call)
}

/// [FreeBSD fcntl(2), sys/sys/fcntl.h]
pub(super) fn fcntl(kernel: &mut Kernel, cx: &mut Cx<'_>, own: &freebsd::Fcntl) -> Outcome {
    let (k, theirs) = (X64.k, linux::X64.k);
    let own_command = own.cmd as u64;
    let (command, arg) = match own_command {
        c if c == k.F_DUPFD => (theirs.F_DUPFD, own.arg as u64),
        c if c == k.F_DUPFD_CLOEXEC => (theirs.F_DUPFD_CLOEXEC, own.arg as u64),
        c if c == k.F_GETFD => (theirs.F_GETFD, 0),
        c if c == k.F_SETFD => (theirs.F_SETFD, own.arg as u64),
        c if c == k.F_GETFL => (theirs.F_GETFL, 0),
        c if c == k.F_SETFL => (theirs.F_SETFL, open_flags(own.arg as i32)? as u64),
        _ => return Err(Stop::Missing),
    };
    let call = linux::Fcntl {
        fd: own.fd as u32,
        cmd: command as u32,
        arg,
    };
    let done = instead(kernel, cx, &call)?;
    if own_command != k.F_GETFL {
        return Ok(done);
    }
    let access = done & theirs.O_ACCMODE;
    let names = linux::X64.group("open").into_iter().flatten();
    let own = |name: &str| {
        let mut group = X64.group("open").into_iter().flatten();
        group
            .find(|(own, _)| *own == name)
            .map_or(0, |(_, bits)| *bits)
    };
    let set = names.filter(|(_, bits)| *bits != 0 && done & bits == *bits);
    Ok(set.fold(access, |all, (name, _)| all | own(name)))
}

pub(super) fn pipe2(kernel: &mut Kernel, cx: &mut Cx<'_>, own: &freebsd::Pipe2) -> Outcome {
    let call = linux::Pipe2 {
        fildes: own.fildes,
        flags: flags("pipe", "pipe", own.flags as u32 as u64)? as i32,
    };
    instead(kernel, cx, &call)
}

/// The flags of calls that end in `at`.
fn at(value: i32) -> Result<i32, Errno> {
    let (k, theirs) = (X64.k, linux::X64.k);
    let pairs = [
        (k.AT_EACCESS, theirs.AT_EACCESS),
        (k.AT_SYMLINK_NOFOLLOW, theirs.AT_SYMLINK_NOFOLLOW),
        (k.AT_SYMLINK_FOLLOW, theirs.AT_SYMLINK_FOLLOW),
        (k.AT_REMOVEDIR, theirs.AT_REMOVEDIR),
        (k.AT_EMPTY_PATH, theirs.AT_EMPTY_PATH),
    ];
    Ok(translated(&pairs, value as u32 as u64)? as i32)
}

pub(super) fn unlinkat(kernel: &mut Kernel, cx: &mut Cx<'_>, own: &freebsd::Unlinkat) -> Outcome {
    let call = linux::Unlinkat {
        dfd: own.fd,
        pathname: own.path,
        flag: at(own.flag)?,
    };
    instead(kernel, cx, &call)
}

pub(super) fn faccessat(kernel: &mut Kernel, cx: &mut Cx<'_>, own: &freebsd::Faccessat) -> Outcome {
    let call = linux::Faccessat2 {
        dfd: own.fd,
        filename: own.path,
        mode: own.amode,
        flags: at(own.flag)?,
    };
    instead(kernel, cx, &call)
}

pub(super) fn fchmodat(kernel: &mut Kernel, cx: &mut Cx<'_>, own: &freebsd::Fchmodat) -> Outcome {
    // Modes of symbolic links are FreeBSD's own.
    if own.flag != 0 {
        return Err(Stop::Missing);
    }
    let call = linux::Fchmodat {
        dfd: own.fd,
        filename: own.path,
        mode: own.mode,
    };
    instead(kernel, cx, &call)
}

pub(super) fn fchownat(kernel: &mut Kernel, cx: &mut Cx<'_>, own: &freebsd::Fchownat) -> Outcome {
    let call = linux::Fchownat {
        dfd: own.fd,
        filename: own.path,
        user: own.uid,
        group: own.gid,
        flag: at(own.flag)?,
    };
    instead(kernel, cx, &call)
}

pub(super) fn linkat(kernel: &mut Kernel, cx: &mut Cx<'_>, own: &freebsd::Linkat) -> Outcome {
    let call = linux::Linkat {
        olddfd: own.fd1,
        oldname: own.path1,
        newdfd: own.fd2,
        newname: own.path2,
        flags: at(own.flag)?,
    };
    instead(kernel, cx, &call)
}

/// It tells no length.   [FreeBSD sys/kern/vfs_cache.c, sys___getcwd]
pub(super) fn getcwd(kernel: &mut Kernel, cx: &mut Cx<'_>, args: &Args) -> Outcome {
    kernel.serve_as_linux(cx, id::GETCWD, args)?;
    Ok(0)
}

pub(super) fn fstat(kernel: &mut Kernel, cx: &mut Cx<'_>, own: &freebsd::Fstat) -> Outcome {
    let buffer = own.sb.address;
    let call = linux::Fstat {
        fd: own.fd as u32,
        statbuf: Ptr::new(buffer),
    };
    instead(kernel, cx, &call)?;
    stat_in_place(cx, buffer)
}

pub(super) fn fstatat(kernel: &mut Kernel, cx: &mut Cx<'_>, own: &freebsd::Fstatat) -> Outcome {
    let buffer = own.buf.address;
    let call = linux::Newfstatat {
        dfd: own.fd,
        filename: own.path,
        statbuf: Ptr::new(buffer),
        flag: at(own.flag)?,
    };
    instead(kernel, cx, &call)?;
    stat_in_place(cx, buffer)
}

/// Makes FreeBSD's `struct stat`, the longer one, of Linux's.
fn stat_in_place(cx: &mut Cx<'_>, buffer: u64) -> Outcome {
    let (from, to) = (&linux::X64.layouts.stat, &X64.layouts.stat);
    let mut theirs = vec![0; from.size as usize];
    cx.mem.read(buffer, &mut theirs)?;
    let mut own = vec![0; to.size as usize];
    let fields = [
        (from.st_dev, to.st_dev),
        (from.st_ino, to.st_ino),
        (from.st_nlink, to.st_nlink),
        (from.st_mode, to.st_mode),
        (from.st_uid, to.st_uid),
        (from.st_gid, to.st_gid),
        (from.st_rdev, to.st_rdev),
        (from.st_atime, to.st_atime),
        (from.st_atime_nsec, to.st_atime_nsec),
        (from.st_mtime, to.st_mtime),
        (from.st_mtime_nsec, to.st_mtime_nsec),
        (from.st_ctime, to.st_ctime),
        (from.st_ctime_nsec, to.st_ctime_nsec),
        // Nobody knows better when a file was made.
        (from.st_ctime, to.st_birthtime),
        (from.st_ctime_nsec, to.st_birthtime_nsec),
        (from.st_size, to.st_size),
        (from.st_blocks, to.st_blocks),
        (from.st_blksize, to.st_blksize),
    ];
    for (theirs_at, own_at) in fields {
        let mut value = [0; 8];
        let bytes = range(theirs_at);
        value[..bytes.len()].copy_from_slice(&theirs[bytes]);
        let place = range(own_at);
        let size = place.len();
        own[place].copy_from_slice(&value[..size]);
    }
    cx.mem.write(buffer, &own)?;
    Ok(0)
}

fn range(field: Field) -> std::ops::Range<usize> {
    let start = usize::from(field.offset);
    start..start + usize::from(field.size)
}
