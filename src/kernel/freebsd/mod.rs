//! FreeBSD's calls, in terms of what the kernel inside does for Linux on the same CPU.
//!
//! Most are the same call under another number; others have other numbers for the same flags, signals, clocks and
//! structures. What is neither is not served.

mod files;
mod memory;
mod process;
mod system;

use emu_prototypes::freebsd::{self, X64, id};
use emu_prototypes::linux::{self, Errno, Outcome, id as linux_id};
use emu_prototypes::{Args, Call, MAX_ARGS, Stop};

use super::{Cx, Kernel};

/// Calls that mean the same, with the same arguments in the same order.   [the manual pages of both systems]
static SAME: &[(u16, u16)] = &[
    (id::ACCESS, linux_id::ACCESS),
    (id::CHDIR, linux_id::CHDIR),
    (id::CHMOD, linux_id::CHMOD),
    (id::CHOWN, linux_id::CHOWN),
    (id::CHROOT, linux_id::CHROOT),
    (id::CLOSE, linux_id::CLOSE),
    (id::DUP, linux_id::DUP),
    (id::DUP2, linux_id::DUP2),
    (id::EXECVE, linux_id::EXECVE),
    (id::EXIT, linux_id::EXIT_GROUP),
    (id::FCHDIR, linux_id::FCHDIR),
    (id::FCHMOD, linux_id::FCHMOD),
    (id::FCHOWN, linux_id::FCHOWN),
    (id::FDATASYNC, linux_id::FDATASYNC),
    (id::FLOCK, linux_id::FLOCK),
    (id::FORK, linux_id::FORK),
    (id::FSYNC, linux_id::FSYNC),
    (id::FTRUNCATE, linux_id::FTRUNCATE),
    (id::GETEGID, linux_id::GETEGID),
    (id::GETEUID, linux_id::GETEUID),
    (id::GETGID, linux_id::GETGID),
    (id::GETGROUPS, linux_id::GETGROUPS),
    (id::GETPGID, linux_id::GETPGID),
    (id::GETPGRP, linux_id::GETPGRP),
    (id::GETPID, linux_id::GETPID),
    (id::GETPPID, linux_id::GETPPID),
    (id::GETRANDOM, linux_id::GETRANDOM),
    (id::GETRESGID, linux_id::GETRESGID),
    (id::GETRESUID, linux_id::GETRESUID),
    (id::GETSID, linux_id::GETSID),
    (id::GETTIMEOFDAY, linux_id::GETTIMEOFDAY),
    (id::GETUID, linux_id::GETUID),
    (id::LCHOWN, linux_id::LCHOWN),
    (id::LINK, linux_id::LINK),
    (id::LSEEK, linux_id::LSEEK),
    (id::MKDIR, linux_id::MKDIR),
    (id::MKDIRAT, linux_id::MKDIRAT),
    (id::MLOCK, linux_id::MLOCK),
    (id::MPROTECT, linux_id::MPROTECT),
    (id::MUNLOCK, linux_id::MUNLOCK),
    (id::MUNMAP, linux_id::MUNMAP),
    (id::NANOSLEEP, linux_id::NANOSLEEP),
    (id::POLL, linux_id::POLL),
    (id::PREAD, linux_id::PREAD64),
    (id::PWRITE, linux_id::PWRITE64),
    (id::READ, linux_id::READ),
    (id::READLINKAT, linux_id::READLINKAT),
    (id::READV, linux_id::READV),
    (id::RENAME, linux_id::RENAME),
    (id::RENAMEAT, linux_id::RENAMEAT),
    (id::RMDIR, linux_id::RMDIR),
    (id::SCHED_YIELD, linux_id::SCHED_YIELD),
    (id::SETGID, linux_id::SETGID),
    (id::SETGROUPS, linux_id::SETGROUPS),
    (id::SETPGID, linux_id::SETPGID),
    (id::SETRESGID, linux_id::SETRESGID),
    (id::SETRESUID, linux_id::SETRESUID),
    (id::SETSID, linux_id::SETSID),
    (id::SETUID, linux_id::SETUID),
    (id::SYMLINK, linux_id::SYMLINK),
    (id::SYMLINKAT, linux_id::SYMLINKAT),
    (id::SYNC, linux_id::SYNC),
    (id::TRUNCATE, linux_id::TRUNCATE),
    (id::UMASK, linux_id::UMASK),
    (id::UNLINK, linux_id::UNLINK),
    (id::VFORK, linux_id::VFORK),
    (id::WRITE, linux_id::WRITE),
    (id::WRITEV, linux_id::WRITEV),
    (id::YIELD, linux_id::SCHED_YIELD),
];

/// Serves a call of FreeBSD.
pub(super) fn serve(kernel: &mut Kernel, cx: &mut Cx<'_>, args: &Args) -> Outcome {
    let call = cx.entry.system.info(cx.row).id;
    if let Some((_, same)) = SAME.iter().find(|(own, _)| *own == call) {
        return kernel.serve_as_linux(cx, *same, args);
    }
    match call {
        id::READLINK => {
            let own = freebsd::Readlink::from_args(args);
            instead(
                kernel,
                cx,
                &linux::Readlink {
                    path: own.path,
                    buf: own.buf,
                    bufsiz: i32::try_from(own.count).unwrap_or(i32::MAX),
                },
            )
        }
        id::OPEN => files::open(kernel, cx, &freebsd::Open::from_args(args)),
        id::OPENAT => files::openat(kernel, cx, &freebsd::Openat::from_args(args)),
        id::FCNTL => files::fcntl(kernel, cx, &freebsd::Fcntl::from_args(args)),
        id::PIPE2 => files::pipe2(kernel, cx, &freebsd::Pipe2::from_args(args)),
        id::FSTAT => files::fstat(kernel, cx, &freebsd::Fstat::from_args(args)),
        id::FSTATAT => files::fstatat(kernel, cx, &freebsd::Fstatat::from_args(args)),
        id::UNLINKAT => files::unlinkat(kernel, cx, &freebsd::Unlinkat::from_args(args)),
        id::FACCESSAT => files::faccessat(kernel, cx, &freebsd::Faccessat::from_args(args)),
        id::FCHMODAT => files::fchmodat(kernel, cx, &freebsd::Fchmodat::from_args(args)),
        id::FCHOWNAT => files::fchownat(kernel, cx, &freebsd::Fchownat::from_args(args)),
        id::LINKAT => files::linkat(kernel, cx, &freebsd::Linkat::from_args(args)),
        id::GETCWD => files::getcwd(kernel, cx, args),
        id::MMAP => memory::mmap(kernel, cx, &freebsd::Mmap::from_args(args)),
        id::MADVISE => memory::madvise(kernel, cx, &freebsd::Madvise::from_args(args)),
        id::MSYNC => memory::msync(kernel, cx, &freebsd::Msync::from_args(args)),
        id::BREAK => memory::set_break(kernel, cx, &freebsd::Break::from_args(args)),
        id::KILL => process::kill(kernel, cx, &freebsd::Kill::from_args(args)),
        id::WAIT4 => process::wait4(kernel, cx, &freebsd::Wait4::from_args(args)),
        id::SYSARCH => process::sysarch(kernel, cx, &freebsd::Sysarch::from_args(args)),
        id::THR_SELF => process::thr_self(cx, &freebsd::ThrSelf::from_args(args)),
        id::GETRLIMIT => process::getrlimit(kernel, cx, &freebsd::Getrlimit::from_args(args)),
        id::SETRLIMIT => process::setrlimit(cx, &freebsd::Setrlimit::from_args(args)),
        // Nobody's rights have changed since the program began.   [issetugid(2)]
        id::ISSETUGID => Ok(0),
        id::CLOCK_GETTIME => system::clock(kernel, cx, linux_id::CLOCK_GETTIME, args),
        id::CLOCK_GETRES => system::clock(kernel, cx, linux_id::CLOCK_GETRES, args),
        id::SYSCTL => system::sysctl(kernel, cx, &freebsd::Sysctl::from_args(args)),
        id::SYSCTLBYNAME => system::by_name(kernel, cx, &freebsd::Sysctlbyname::from_args(args)),
        _ => Err(Stop::Missing),
    }
}

/// Has a call of Linux made instead.
fn instead<C: Call>(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &C) -> Outcome {
    let mut args = [0; MAX_ARGS];
    call.to_args(&mut args);
    kernel.serve_as_linux(cx, C::INFO.id, &args)
}

/// Flags by the names that both systems have for them. The error is `EINVAL` for what Linux has no name for.
fn flags(own: &str, linux: &str, value: u64) -> Result<u64, Errno> {
    let groups = (X64.group(own), linux::X64.group(linux));
    let (Some(own), Some(linux)) = groups else {
        return Err(Errno::EINVAL);
    };
    let (mut flags, mut left) = (0, value);
    for (name, bits) in own {
        let known = linux.iter().find(|(other, _)| other == name);
        if let Some((_, known)) = known.filter(|_| *bits != 0 && value & bits == *bits) {
            flags |= known;
            left &= !bits;
        }
    }
    if left == 0 {
        Ok(flags)
    } else {
        Err(Errno::EINVAL)
    }
}

/// Flags by pairs of FreeBSD's and Linux's. The error is `EINVAL` for what is in no pair.
fn translated(pairs: &[(u64, u64)], value: u64) -> Result<u64, Errno> {
    let left = pairs.iter().fold(value, |left, (own, _)| left & !own);
    if left != 0 {
        return Err(Errno::EINVAL);
    }
    let set = pairs.iter().filter(|(own, _)| value & own != 0);
    Ok(set.fold(0, |all, (_, linux)| all | linux))
}
