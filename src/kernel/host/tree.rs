//! How is a directory of the host read and written without ever leaving it?
//!
//! A path is resolved by the host's kernel, from a held descriptor of the top: `openat2` with `RESOLVE_BENEATH`,
//! `RESOLVE_NO_SYMLINKS` and `RESOLVE_NO_MAGICLINKS`, or, where that is not to be had, component by component with
//! `O_NOFOLLOW`. What is found is held as an `O_PATH` descriptor, looked at, and only then opened, through that same
//! descriptor, so that nothing can be swapped in between.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;
use std::rc::Rc;

use rustix::fs::{
    self as host, AtFlags, CWD, FileType, Mode, OFlags, RenameFlags, ResolveFlags, Timespec,
    Timestamps, UTIME_OMIT,
};

use super::{HostFile, Kind, Stat, Times, Tree};

const HOLD: OFlags = OFlags::PATH.union(OFlags::NOFOLLOW).union(OFlags::CLOEXEC);

/// A tree of the real host.
pub(super) struct RealTree {
    top: OwnedFd,
    /// Whether the top is a directory.
    directory: bool,
}

impl RealTree {
    /// The tree at a path that the user named.
    pub(super) fn open(path: &Path) -> io::Result<RealTree> {
        let top = host::open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())?;
        let directory = match stat_of(&top)?.kind {
            Kind::Directory => true,
            Kind::File => false,
            _ => {
                let what = "neither a directory nor a regular file";
                return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
            }
        };
        Ok(RealTree { top, directory })
    }

    /// Holds what is at a path, without opening it.
    fn hold(&self, path: &[u8]) -> io::Result<OwnedFd> {
        if path.is_empty() {
            return self.top.as_fd().try_clone_to_owned();
        }
        if !self.directory {
            return Err(host_error(rustix::io::Errno::NOTDIR));
        }
        check(path)?;
        let resolve =
            ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
        match host::openat2(&self.top, path, HOLD, Mode::empty(), resolve) {
            Ok(fd) => Ok(fd),
            // Before Linux 5.6, and under seccomp filters that don't know the call.
            Err(rustix::io::Errno::NOSYS | rustix::io::Errno::PERM) => self.hold_stepwise(path),
            Err(error) => Err(error.into()),
        }
    }

    fn hold_stepwise(&self, path: &[u8]) -> io::Result<OwnedFd> {
        let mut at = self.top.as_fd().try_clone_to_owned()?;
        let mut names = path.split(|b| *b == b'/').peekable();
        while let Some(name) = names.next() {
            let step = if names.peek().is_some() {
                HOLD | OFlags::DIRECTORY
            } else {
                HOLD
            };
            at = host::openat(&at, name, step, Mode::empty())?;
        }
        Ok(at)
    }

    /// The directory that a path is in, held, and the last name.
    fn parent<'a>(&self, path: &'a [u8]) -> io::Result<(OwnedFd, &'a [u8])> {
        check(path)?;
        if path.is_empty() || !self.directory {
            return Err(host_error(rustix::io::Errno::BUSY));
        }
        Ok(match path.iter().rposition(|b| *b == b'/') {
            Some(slash) => (self.hold(&path[..slash])?, &path[slash + 1..]),
            None => (self.top.as_fd().try_clone_to_owned()?, path),
        })
    }
}

impl Tree for RealTree {
    fn stat(&self, path: &[u8]) -> io::Result<Stat> {
        if path.is_empty() {
            stat_of(&self.top)
        } else {
            stat_of(&self.hold(path)?)
        }
    }

    fn list(&self, path: &[u8]) -> io::Result<Vec<Vec<u8>>> {
        let held = self.hold(path)?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = host::openat(&held, ".", flags, Mode::empty())?;
        let mut names = Vec::new();
        for entry in host::Dir::new(directory)? {
            let entry = entry?;
            let name = entry.file_name().to_bytes();
            if name != b"." && name != b".." {
                names.push(name.to_vec());
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    fn readlink(&self, path: &[u8]) -> io::Result<Vec<u8>> {
        let held = self.hold(path)?;
        Ok(host::readlinkat(&held, "", Vec::new())?.into_bytes())
    }

    fn open(&self, path: &[u8], write: bool) -> io::Result<Rc<dyn HostFile>> {
        let held = self.hold(path)?;
        Ok(Rc::new(RealFile(reopen(&held, write)?)))
    }

    fn create(&self, path: &[u8], mode: u16) -> io::Result<()> {
        let (directory, name) = self.parent(path)?;
        let flags =
            OFlags::RDWR | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = host::openat(&directory, name, flags, mode_of(mode))?;
        // The guest's umask was applied already; emu's own may not take more.
        Ok(host::fchmod(&file, mode_of(mode))?)
    }

    fn mkdir(&self, path: &[u8], mode: u16) -> io::Result<()> {
        let (directory, name) = self.parent(path)?;
        host::mkdirat(&directory, name, mode_of(mode))?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match host::openat(&directory, name, flags, Mode::empty()) {
            Ok(made) => Ok(host::fchmod(&made, mode_of(mode))?),
            // A mode that denies reading to its owner.
            Err(rustix::io::Errno::ACCESS) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn symlink(&self, target: &[u8], path: &[u8]) -> io::Result<()> {
        let (directory, name) = self.parent(path)?;
        Ok(host::symlinkat(target, &directory, name)?)
    }

    fn link(&self, old: &[u8], new: &[u8]) -> io::Result<()> {
        let (from, old) = self.parent(old)?;
        let (to, new) = self.parent(new)?;
        Ok(host::linkat(&from, old, &to, new, AtFlags::empty())?)
    }

    fn unlink(&self, path: &[u8]) -> io::Result<()> {
        let (directory, name) = self.parent(path)?;
        Ok(host::unlinkat(&directory, name, AtFlags::empty())?)
    }

    fn rmdir(&self, path: &[u8]) -> io::Result<()> {
        let (directory, name) = self.parent(path)?;
        Ok(host::unlinkat(&directory, name, AtFlags::REMOVEDIR)?)
    }

    fn rename(&self, old: &[u8], new: &[u8], exchange: bool) -> io::Result<()> {
        let (from, old) = self.parent(old)?;
        let (to, new) = self.parent(new)?;
        let flags = if exchange {
            RenameFlags::EXCHANGE
        } else {
            RenameFlags::empty()
        };
        Ok(host::renameat_with(&from, old, &to, new, flags)?)
    }

    fn chmod(&self, path: &[u8], mode: u16) -> io::Result<()> {
        let held = self.hold(path)?;
        match stat_of(&held)?.kind {
            Kind::File | Kind::Directory => {}
            _ => return Err(host_error(rustix::io::Errno::OPNOTSUPP)),
        }
        // fchmod refuses O_PATH descriptors; their name under /proc does not follow anything else.
        Ok(host::chmodat(
            CWD,
            proc_name(&held),
            mode_of(mode),
            AtFlags::empty(),
        )?)
    }

    fn set_times(&self, path: &[u8], times: Times) -> io::Result<()> {
        let (directory, name) = self.parent(path)?;
        Ok(host::utimensat(
            &directory,
            name,
            &timestamps(times),
            AtFlags::SYMLINK_NOFOLLOW,
        )?)
    }
}

/// A regular file of the real host.
struct RealFile(OwnedFd);

impl HostFile for RealFile {
    fn stat(&self) -> io::Result<Stat> {
        stat_of(&self.0)
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        Ok(rustix::io::pread(&self.0, buf, offset)?)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::pwrite(&self.0, bytes, offset)?)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        Ok(host::ftruncate(&self.0, len)?)
    }

    fn chmod(&self, mode: u16) -> io::Result<()> {
        Ok(host::fchmod(&self.0, mode_of(mode))?)
    }

    fn set_times(&self, times: Times) -> io::Result<()> {
        Ok(host::futimens(&self.0, &timestamps(times))?)
    }

    fn sync(&self) -> io::Result<()> {
        Ok(host::fsync(&self.0)?)
    }
}

/// Opens a held regular file.
fn reopen(held: &OwnedFd, write: bool) -> io::Result<OwnedFd> {
    match stat_of(held)?.kind {
        Kind::File => {}
        Kind::Directory => return Err(host_error(rustix::io::Errno::ISDIR)),
        Kind::Symlink => return Err(host_error(rustix::io::Errno::LOOP)),
        _ => return Err(host_error(rustix::io::Errno::NXIO)),
    }
    let access = if write { OFlags::RDWR } else { OFlags::RDONLY };
    let flags = access | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    Ok(host::open(proc_name(held), flags, Mode::empty())?)
}

fn proc_name(held: &OwnedFd) -> String {
    use std::os::fd::AsRawFd;
    format!("/proc/self/fd/{}", held.as_raw_fd())
}

fn stat_of(fd: impl AsFd) -> io::Result<Stat> {
    fn stat(fd: BorrowedFd<'_>) -> io::Result<Stat> {
        let stat = host::fstat(fd)?;
        let kind = match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => Kind::File,
            FileType::Directory => Kind::Directory,
            FileType::Symlink => Kind::Symlink,
            FileType::Fifo => Kind::Fifo,
            FileType::Socket => Kind::Socket,
            FileType::BlockDevice => Kind::BlockDevice,
            FileType::CharacterDevice | FileType::Unknown => Kind::CharDevice,
        };
        let nanoseconds = i64::try_from(stat.st_mtime_nsec).unwrap_or(0);
        Ok(Stat {
            kind,
            mode: (stat.st_mode & 0o7777) as u16,
            links: u32::try_from(stat.st_nlink).unwrap_or(u32::MAX),
            size: u64::try_from(stat.st_size).unwrap_or(0),
            modified: stat
                .st_mtime
                .saturating_mul(1_000_000_000)
                .saturating_add(nanoseconds),
            identity: (stat.st_dev, stat.st_ino),
        })
    }
    stat(fd.as_fd())
}

fn mode_of(mode: u16) -> Mode {
    Mode::from_raw_mode(u32::from(mode & 0o7777))
}

fn timestamps((access, modification): Times) -> Timestamps {
    let time = |time: Option<i64>| match time {
        Some(time) => Timespec {
            tv_sec: time.div_euclid(1_000_000_000),
            tv_nsec: time.rem_euclid(1_000_000_000),
        },
        None => Timespec {
            tv_sec: 0,
            tv_nsec: UTIME_OMIT,
        },
    };
    Timestamps {
        last_access: time(access),
        last_modification: time(modification),
    }
}

/// Refuses what a path of a tree can't be. The tree's users never make one; this is the last door.
fn check(path: &[u8]) -> io::Result<()> {
    let bad = |name: &[u8]| name.is_empty() || name == b"." || name == b".." || name.contains(&0);
    if !path.is_empty() && path.split(|b| *b == b'/').any(bad) {
        return Err(host_error(rustix::io::Errno::INVAL));
    }
    Ok(())
}

fn host_error(errno: rustix::io::Errno) -> io::Error {
    errno.into()
}
