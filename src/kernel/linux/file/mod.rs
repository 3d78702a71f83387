//! Paths and what is known of files: section `file`.

pub(super) mod ask;
mod attributes;
mod names;
pub(super) mod open;
pub(super) mod stat;
mod statfs;
#[cfg(test)]
mod tests;
mod times;

use emu_prototypes::linux::services::File;
use emu_prototypes::linux::{self, Errno, Outcome};
use emu_prototypes::{CStr, Ptr, Stop};

use self::ask::{descriptor, who, who_really};
use self::attributes::Of;
use self::stat::{Form, attributes_at, store};
use self::times::Form as TimeForm;
use crate::kernel::vfs::{FileType, FsError};
use crate::kernel::{Cx, Kernel};

impl File<Cx<'_>> for Kernel {
    fn open(&mut self, cx: &mut Cx<'_>, call: &linux::Open) -> Outcome {
        open::open(
            self,
            cx,
            (cwd(cx), call.filename),
            flags(call.flags),
            call.mode,
        )
    }

    fn openat(&mut self, cx: &mut Cx<'_>, call: &linux::Openat) -> Outcome {
        open::open(
            self,
            cx,
            (call.dfd, call.filename),
            flags(call.flags),
            call.mode,
        )
    }

    fn openat2(&mut self, cx: &mut Cx<'_>, call: &linux::Openat2) -> Outcome {
        open::openat2(self, cx, call)
    }

    fn creat(&mut self, cx: &mut Cx<'_>, call: &linux::Creat) -> Outcome {
        let flags = cx.k.O_CREAT | cx.k.O_WRONLY | cx.k.O_TRUNC;
        open::open(self, cx, (cwd(cx), call.pathname), flags, call.mode)
    }

    fn stat(&mut self, cx: &mut Cx<'_>, call: &linux::Stat) -> Outcome {
        self.stat_path(
            cx,
            (cwd(cx), call.filename),
            0,
            (call.statbuf.address, Form::Plain),
        )
    }

    fn lstat(&mut self, cx: &mut Cx<'_>, call: &linux::Lstat) -> Outcome {
        let flags = cx.k.AT_SYMLINK_NOFOLLOW;
        self.stat_path(
            cx,
            (cwd(cx), call.filename),
            flags,
            (call.statbuf.address, Form::Plain),
        )
    }

    fn fstat(&mut self, cx: &mut Cx<'_>, call: &linux::Fstat) -> Outcome {
        self.stat_file(cx, call.fd.into(), (call.statbuf.address, Form::Plain))
    }

    fn stat64(&mut self, cx: &mut Cx<'_>, call: &linux::Stat64) -> Outcome {
        self.stat_path(
            cx,
            (cwd(cx), call.filename),
            0,
            (call.statbuf.address, Form::Large),
        )
    }

    fn lstat64(&mut self, cx: &mut Cx<'_>, call: &linux::Lstat64) -> Outcome {
        let flags = cx.k.AT_SYMLINK_NOFOLLOW;
        self.stat_path(
            cx,
            (cwd(cx), call.filename),
            flags,
            (call.statbuf.address, Form::Large),
        )
    }

    fn fstat64(&mut self, cx: &mut Cx<'_>, call: &linux::Fstat64) -> Outcome {
        self.stat_file(cx, call.fd, (call.statbuf.address, Form::Large))
    }

    fn fstatat64(&mut self, cx: &mut Cx<'_>, call: &linux::Fstatat64) -> Outcome {
        let flags = stat_flags(cx, call.flag)?;
        self.stat_path(
            cx,
            (call.dfd, call.filename),
            flags,
            (call.statbuf.address, Form::Large),
        )
    }

    fn newfstatat(&mut self, cx: &mut Cx<'_>, call: &linux::Newfstatat) -> Outcome {
        let flags = stat_flags(cx, call.flag)?;
        self.stat_path(
            cx,
            (call.dfd, call.filename),
            flags,
            (call.statbuf.address, Form::Plain),
        )
    }

    fn oldstat(&mut self, cx: &mut Cx<'_>, call: &linux::Oldstat) -> Outcome {
        self.stat_path(
            cx,
            (cwd(cx), call.filename),
            0,
            (call.statbuf.address, Form::Old),
        )
    }

    fn oldlstat(&mut self, cx: &mut Cx<'_>, call: &linux::Oldlstat) -> Outcome {
        let flags = cx.k.AT_SYMLINK_NOFOLLOW;
        self.stat_path(
            cx,
            (cwd(cx), call.filename),
            flags,
            (call.statbuf.address, Form::Old),
        )
    }

    fn oldfstat(&mut self, cx: &mut Cx<'_>, call: &linux::Oldfstat) -> Outcome {
        self.stat_file(cx, call.fd.into(), (call.statbuf.address, Form::Old))
    }

    fn statx(&mut self, cx: &mut Cx<'_>, call: &linux::Statx) -> Outcome {
        Ok(stat::statx(self, cx, call)?)
    }

    fn statfs(&mut self, cx: &mut Cx<'_>, call: &linux::Statfs) -> Outcome {
        let entry = cx.find(self, cwd(cx), call.pathname, 0)?;
        Ok(statfs::store(self, cx, &entry, call.buf.address, false)?)
    }

    fn fstatfs(&mut self, cx: &mut Cx<'_>, call: &linux::Fstatfs) -> Outcome {
        let entry = cx.any_file(descriptor(call.fd.into()))?.entry.clone();
        Ok(statfs::store(self, cx, &entry, call.buf.address, false)?)
    }

    fn statfs64(&mut self, cx: &mut Cx<'_>, call: &linux::Statfs64) -> Outcome {
        let entry = cx.find(self, cwd(cx), call.pathname, 0)?;
        statfs64_size(cx, call.sz)?;
        Ok(statfs::store(self, cx, &entry, call.buf.address, true)?)
    }

    fn fstatfs64(&mut self, cx: &mut Cx<'_>, call: &linux::Fstatfs64) -> Outcome {
        statfs64_size(cx, call.sz)?;
        let entry = cx.any_file(descriptor(call.fd.into()))?.entry.clone();
        Ok(statfs::store(self, cx, &entry, call.buf.address, true)?)
    }

    fn readlink(&mut self, cx: &mut Cx<'_>, call: &linux::Readlink) -> Outcome {
        self.read_link(cx, (cwd(cx), call.path), (call.buf.address, call.bufsiz))
    }

    fn readlinkat(&mut self, cx: &mut Cx<'_>, call: &linux::Readlinkat) -> Outcome {
        self.read_link(
            cx,
            (call.dfd, call.pathname),
            (call.buf.address, call.bufsiz),
        )
    }

    fn access(&mut self, cx: &mut Cx<'_>, call: &linux::Access) -> Outcome {
        self.may(cx, (cwd(cx), call.filename), call.mode, 0)
    }

    fn faccessat(&mut self, cx: &mut Cx<'_>, call: &linux::Faccessat) -> Outcome {
        self.may(cx, (call.dfd, call.filename), call.mode, 0)
    }

    fn faccessat2(&mut self, cx: &mut Cx<'_>, call: &linux::Faccessat2) -> Outcome {
        self.may(cx, (call.dfd, call.filename), call.mode, flags(call.flags))
    }

    fn rename(&mut self, cx: &mut Cx<'_>, call: &linux::Rename) -> Outcome {
        let (old, new) = ((cwd(cx), call.oldname), (cwd(cx), call.newname));
        self.rename_paths(cx, old, new, 0)
    }

    fn renameat(&mut self, cx: &mut Cx<'_>, call: &linux::Renameat) -> Outcome {
        let (old, new) = ((call.olddfd, call.oldname), (call.newdfd, call.newname));
        self.rename_paths(cx, old, new, 0)
    }

    fn renameat2(&mut self, cx: &mut Cx<'_>, call: &linux::Renameat2) -> Outcome {
        let (old, new) = ((call.olddfd, call.oldname), (call.newdfd, call.newname));
        self.rename_paths(cx, old, new, call.flags.into())
    }

    fn link(&mut self, cx: &mut Cx<'_>, call: &linux::Link) -> Outcome {
        let (old, new) = ((cwd(cx), call.oldname), (cwd(cx), call.newname));
        self.link_paths(cx, old, new, 0)
    }

    fn linkat(&mut self, cx: &mut Cx<'_>, call: &linux::Linkat) -> Outcome {
        let (old, new) = ((call.olddfd, call.oldname), (call.newdfd, call.newname));
        self.link_paths(cx, old, new, flags(call.flags))
    }

    fn symlink(&mut self, cx: &mut Cx<'_>, call: &linux::Symlink) -> Outcome {
        self.symlink_path(cx, call.oldname, (cwd(cx), call.newname))
    }

    fn symlinkat(&mut self, cx: &mut Cx<'_>, call: &linux::Symlinkat) -> Outcome {
        self.symlink_path(cx, call.oldname, (call.newdfd, call.newname))
    }

    fn unlink(&mut self, cx: &mut Cx<'_>, call: &linux::Unlink) -> Outcome {
        self.unlink_path(cx, (cwd(cx), call.pathname), 0)
    }

    fn unlinkat(&mut self, cx: &mut Cx<'_>, call: &linux::Unlinkat) -> Outcome {
        self.unlink_path(cx, (call.dfd, call.pathname), flags(call.flag))
    }

    fn rmdir(&mut self, cx: &mut Cx<'_>, call: &linux::Rmdir) -> Outcome {
        let flags = cx.k.AT_REMOVEDIR;
        self.unlink_path(cx, (cwd(cx), call.pathname), flags)
    }

    fn mkdir(&mut self, cx: &mut Cx<'_>, call: &linux::Mkdir) -> Outcome {
        self.mkdir_path(cx, (cwd(cx), call.pathname), call.mode)
    }

    fn mkdirat(&mut self, cx: &mut Cx<'_>, call: &linux::Mkdirat) -> Outcome {
        self.mkdir_path(cx, (call.dfd, call.pathname), call.mode)
    }

    fn mknod(&mut self, cx: &mut Cx<'_>, call: &linux::Mknod) -> Outcome {
        self.mknod_path(cx, (cwd(cx), call.filename), call.mode, call.dev)
    }

    fn mknodat(&mut self, cx: &mut Cx<'_>, call: &linux::Mknodat) -> Outcome {
        self.mknod_path(cx, (call.dfd, call.filename), call.mode, call.dev)
    }

    fn chdir(&mut self, cx: &mut Cx<'_>, call: &linux::Chdir) -> Outcome {
        let entry = cx.find(self, cwd(cx), call.filename, 0)?;
        change_directory(cx, entry)
    }

    fn fchdir(&mut self, cx: &mut Cx<'_>, call: &linux::Fchdir) -> Outcome {
        let entry = cx.any_file(descriptor(call.fd.into()))?.entry.clone();
        change_directory(cx, entry)
    }

    fn chroot(&mut self, cx: &mut Cx<'_>, call: &linux::Chroot) -> Outcome {
        let entry = cx.find(self, cwd(cx), call.filename, 0)?;
        if !entry.node.is_directory() {
            return Err(Errno::ENOTDIR.into());
        }
        if !who(cx).may(&entry.node, 1) {
            return Err(Errno::EACCES.into());
        }
        if !cx.capable(cx.k.CAP_SYS_CHROOT) {
            return Err(Errno::EPERM.into());
        }
        cx.task.linux.fs.borrow_mut().root = entry;
        Ok(0)
    }

    fn getcwd(&mut self, cx: &mut Cx<'_>, call: &linux::Getcwd) -> Outcome {
        let mut path = {
            let context = cx.task.linux.fs.borrow();
            if context.cwd.is_removed() {
                return Err(Errno::ENOENT.into());
            }
            let path = context.path_of(&context.cwd);
            if context.cwd.is_within(&context.root) {
                path
            } else {
                unreachable_path(path)
            }
        };
        path.push(0);
        if path.len() as u64 > call.size {
            return Err(Errno::ERANGE.into());
        }
        cx.mem.write(call.buf.address, &path)?;
        Ok(path.len() as u64)
    }

    fn chmod(&mut self, cx: &mut Cx<'_>, call: &linux::Chmod) -> Outcome {
        self.chmod_path(cx, (cwd(cx), call.filename), call.mode, 0)
    }

    fn fchmodat(&mut self, cx: &mut Cx<'_>, call: &linux::Fchmodat) -> Outcome {
        self.chmod_path(cx, (call.dfd, call.filename), call.mode, 0)
    }

    fn fchmodat2(&mut self, cx: &mut Cx<'_>, call: &linux::Fchmodat2) -> Outcome {
        self.chmod_path(cx, (call.dfd, call.filename), call.mode, call.flags.into())
    }

    fn fchmod(&mut self, cx: &mut Cx<'_>, call: &linux::Fchmod) -> Outcome {
        let entry = cx.file(descriptor(call.fd.into()))?.entry.clone();
        self.walk(cx, |walker| walker.set_mode(&entry, call.mode))?;
        Ok(0)
    }

    fn chown(&mut self, cx: &mut Cx<'_>, call: &linux::Chown) -> Outcome {
        self.chown_path(cx, (cwd(cx), call.filename), (call.user, call.group), 0)
    }

    fn lchown(&mut self, cx: &mut Cx<'_>, call: &linux::Lchown) -> Outcome {
        let flags = cx.k.AT_SYMLINK_NOFOLLOW;
        self.chown_path(cx, (cwd(cx), call.filename), (call.user, call.group), flags)
    }

    fn fchownat(&mut self, cx: &mut Cx<'_>, call: &linux::Fchownat) -> Outcome {
        let at = (call.dfd, call.filename);
        self.chown_path(cx, at, (call.user, call.group), flags(call.flag))
    }

    fn fchown(&mut self, cx: &mut Cx<'_>, call: &linux::Fchown) -> Outcome {
        let entry = cx.file(descriptor(call.fd.into()))?.entry.clone();
        let (uid, gid) = owner(cx, call.user, call.group);
        self.walk(cx, |walker| walker.set_owner(&entry, uid, gid))?;
        Ok(0)
    }

    fn umask(&mut self, cx: &mut Cx<'_>, call: &linux::Umask) -> Outcome {
        let mask = (call.mask & 0o777) as u16;
        let before = std::mem::replace(&mut cx.task.linux.fs.borrow_mut().umask, mask);
        Ok(before.into())
    }

    fn utime(&mut self, cx: &mut Cx<'_>, call: &linux::Utime) -> Outcome {
        let times = times::read(cx, call.times.address, TimeForm::Seconds)?;
        Ok(times::set(
            self,
            cx,
            (cwd(cx), call.filename.cast()),
            times,
            0,
        )?)
    }

    fn utimes(&mut self, cx: &mut Cx<'_>, call: &linux::Utimes) -> Outcome {
        let times = times::read(cx, call.utimes.address, TimeForm::Microseconds)?;
        Ok(times::set(
            self,
            cx,
            (cwd(cx), call.filename.cast()),
            times,
            0,
        )?)
    }

    fn futimesat(&mut self, cx: &mut Cx<'_>, call: &linux::Futimesat) -> Outcome {
        let times = times::read(cx, call.utimes.address, TimeForm::Microseconds)?;
        Ok(times::set(self, cx, (call.dfd, call.filename), times, 0)?)
    }

    fn utimensat(&mut self, cx: &mut Cx<'_>, call: &linux::Utimensat) -> Outcome {
        let times = times::read(cx, call.utimes.address, TimeForm::Nanoseconds)?;
        Ok(times::set(
            self,
            cx,
            (call.dfd, call.filename),
            times,
            flags(call.flags),
        )?)
    }

    fn utimensat_time64(&mut self, cx: &mut Cx<'_>, call: &linux::UtimensatTime64) -> Outcome {
        let times = times::read(cx, call.utimes.address, TimeForm::Nanoseconds64)?;
        Ok(times::set(
            self,
            cx,
            (call.dfd, call.filename),
            times,
            flags(call.flags),
        )?)
    }

    fn truncate(&mut self, cx: &mut Cx<'_>, call: &linux::Truncate) -> Outcome {
        self.truncate_path(cx, call.path, call.length)
    }

    fn truncate64(&mut self, cx: &mut Cx<'_>, call: &linux::Truncate64) -> Outcome {
        self.truncate_path(cx, call.path, call.length)
    }

    fn getxattr(&mut self, cx: &mut Cx<'_>, call: &linux::Getxattr) -> Outcome {
        let of = Of::Path(call.pathname, true);
        Ok(attributes::get(
            self,
            cx,
            of,
            call.name,
            (call.value.address, call.size),
        )?)
    }

    fn lgetxattr(&mut self, cx: &mut Cx<'_>, call: &linux::Lgetxattr) -> Outcome {
        let of = Of::Path(call.pathname, false);
        Ok(attributes::get(
            self,
            cx,
            of,
            call.name,
            (call.value.address, call.size),
        )?)
    }

    fn fgetxattr(&mut self, cx: &mut Cx<'_>, call: &linux::Fgetxattr) -> Outcome {
        let of = Of::File(call.fd);
        Ok(attributes::get(
            self,
            cx,
            of,
            call.name,
            (call.value.address, call.size),
        )?)
    }

    fn listxattr(&mut self, cx: &mut Cx<'_>, call: &linux::Listxattr) -> Outcome {
        let of = Of::Path(call.pathname, true);
        Ok(attributes::list(
            self,
            cx,
            of,
            (call.list.address, call.size),
        )?)
    }

    fn llistxattr(&mut self, cx: &mut Cx<'_>, call: &linux::Llistxattr) -> Outcome {
        let of = Of::Path(call.pathname, false);
        Ok(attributes::list(
            self,
            cx,
            of,
            (call.list.address, call.size),
        )?)
    }

    fn flistxattr(&mut self, cx: &mut Cx<'_>, call: &linux::Flistxattr) -> Outcome {
        let of = Of::File(call.fd);
        Ok(attributes::list(
            self,
            cx,
            of,
            (call.list.address, call.size),
        )?)
    }

    fn setxattr(&mut self, cx: &mut Cx<'_>, call: &linux::Setxattr) -> Outcome {
        let (of, value) = (
            Of::Path(call.pathname, true),
            (call.value.address, call.size),
        );
        Ok(attributes::set(self, cx, of, call.name, value, call.flags)?)
    }

    fn lsetxattr(&mut self, cx: &mut Cx<'_>, call: &linux::Lsetxattr) -> Outcome {
        let (of, value) = (
            Of::Path(call.pathname, false),
            (call.value.address, call.size),
        );
        Ok(attributes::set(self, cx, of, call.name, value, call.flags)?)
    }

    fn fsetxattr(&mut self, cx: &mut Cx<'_>, call: &linux::Fsetxattr) -> Outcome {
        let (of, value) = (Of::File(call.fd), (call.value.address, call.size));
        Ok(attributes::set(self, cx, of, call.name, value, call.flags)?)
    }

    fn removexattr(&mut self, cx: &mut Cx<'_>, call: &linux::Removexattr) -> Outcome {
        Ok(attributes::remove(
            self,
            cx,
            Of::Path(call.pathname, true),
            call.name,
        )?)
    }

    fn lremovexattr(&mut self, cx: &mut Cx<'_>, call: &linux::Lremovexattr) -> Outcome {
        Ok(attributes::remove(
            self,
            cx,
            Of::Path(call.pathname, false),
            call.name,
        )?)
    }

    fn fremovexattr(&mut self, cx: &mut Cx<'_>, call: &linux::Fremovexattr) -> Outcome {
        Ok(attributes::remove(self, cx, Of::File(call.fd), call.name)?)
    }

    /// File systems of layers have no handles.   [name_to_handle_at(2); Linux fs/overlayfs/super.c, nfs_export]
    fn name_to_handle_at(&mut self, cx: &mut Cx<'_>, call: &linux::NameToHandleAt) -> Outcome {
        let k = cx.k;
        let flag = u64::from(call.flag as u32);
        // AT_HANDLE_FID, which has AT_REMOVEDIR's number, is of later kernels.
        if flag & !(k.AT_SYMLINK_FOLLOW | k.AT_EMPTY_PATH) != 0 {
            return Err(Errno::EINVAL.into());
        }
        let follow = match flag & k.AT_SYMLINK_FOLLOW {
            0 => k.AT_SYMLINK_NOFOLLOW,
            _ => 0,
        };
        cx.find(self, call.dfd, call.name, flag & k.AT_EMPTY_PATH | follow)?;
        Err(Errno::EOPNOTSUPP.into())
    }

    fn open_by_handle_at(&mut self, cx: &mut Cx<'_>, _call: &linux::OpenByHandleAt) -> Outcome {
        cx.administrator(cx.k.CAP_DAC_READ_SEARCH)?;
        Err(Errno::EOPNOTSUPP.into())
    }

    fn ustat(&mut self, cx: &mut Cx<'_>, call: &linux::Ustat) -> Outcome {
        statfs::ustat(self, cx, call.dev, call.ubuf.address)
    }

    // Without CONFIG_USELIB.
    fn uselib(&mut self, _cx: &mut Cx<'_>, _call: &linux::Uselib) -> Outcome {
        Err(Errno::ENOSYS.into())
    }
}

/// A directory's descriptor and a path.
type At = (i32, Ptr<CStr>);

impl Kernel {
    fn stat_path(
        &mut self,
        cx: &mut Cx<'_>,
        (dfd, path): At,
        flags: u64,
        (address, form): (u64, Form),
    ) -> Outcome {
        let attributes = attributes_at(self, cx, dfd, path, flags)?;
        Ok(store(cx, address, attributes, form)?)
    }

    fn stat_file(&mut self, cx: &mut Cx<'_>, fd: u64, (address, form): (u64, Form)) -> Outcome {
        let attributes = cx.any_file(descriptor(fd))?.attributes()?;
        Ok(store(cx, address, attributes, form)?)
    }

    fn may(&mut self, cx: &mut Cx<'_>, (dfd, path): At, mode: i32, flags: u64) -> Outcome {
        let k = cx.k;
        let mode = self::flags(mode);
        if mode & !(k.R_OK | k.W_OK | k.X_OK) != 0
            || flags & !(k.AT_EACCESS | k.AT_SYMLINK_NOFOLLOW | k.AT_EMPTY_PATH) != 0
        {
            return Err(Errno::EINVAL.into());
        }
        let who = if flags & k.AT_EACCESS != 0 {
            who(cx)
        } else {
            who_really(cx)
        };
        let path = cx.path(path)?;
        let entry = if path.is_empty() && flags & k.AT_EMPTY_PATH != 0 {
            cx.itself(dfd)?
        } else {
            let start = cx.start(dfd, &path)?;
            let follow = flags & k.AT_SYMLINK_NOFOLLOW == 0;
            self.walk_as(cx, who.clone(), |walker| walker.find(&start, &path, follow))?
        };
        let mut access = 0;
        for (flag, bit) in [(k.R_OK, 4), (k.W_OK, 2), (k.X_OK, 1)] {
            if mode & flag != 0 {
                access |= bit;
            }
        }
        if who.may(&entry.node, access) {
            Ok(0)
        } else {
            Err(Errno::EACCES.into())
        }
    }

    fn chmod_path(&mut self, cx: &mut Cx<'_>, (dfd, path): At, mode: u16, flags: u64) -> Outcome {
        if flags & !(cx.k.AT_SYMLINK_NOFOLLOW | cx.k.AT_EMPTY_PATH) != 0 {
            return Err(Errno::EINVAL.into());
        }
        let entry = cx.find(self, dfd, path, flags)?;
        self.walk(cx, |walker| walker.set_mode(&entry, mode))?;
        Ok(0)
    }

    fn chown_path(
        &mut self,
        cx: &mut Cx<'_>,
        (dfd, path): At,
        (user, group): (u32, u32),
        flags: u64,
    ) -> Outcome {
        if flags & !(cx.k.AT_SYMLINK_NOFOLLOW | cx.k.AT_EMPTY_PATH) != 0 {
            return Err(Errno::EINVAL.into());
        }
        let entry = cx.find(self, dfd, path, flags)?;
        let (uid, gid) = owner(cx, user, group);
        self.walk(cx, |walker| walker.set_owner(&entry, uid, gid))?;
        Ok(0)
    }

    fn truncate_path(&mut self, cx: &mut Cx<'_>, path: Ptr<CStr>, length: i64) -> Outcome {
        let length = u64::try_from(length).map_err(|_| Errno::EINVAL)?;
        let entry = cx.find(self, cwd(cx), path, 0)?;
        self.check_size(cx, length, &entry.node)?;
        self.walk(cx, |walker| walker.truncate(&entry, length))?;
        Ok(0)
    }
}

fn change_directory(cx: &mut Cx<'_>, entry: std::rc::Rc<crate::kernel::vfs::Entry>) -> Outcome {
    if entry.node.file_type() != FileType::Directory {
        return Err(Errno::ENOTDIR.into());
    }
    if !who(cx).may(&entry.node, 1) {
        return Err(FsError::Access.into());
    }
    cx.task.linux.fs.borrow_mut().cwd = entry;
    Ok(0)
}

/// What `getcwd` gives of a directory outside of the root.   [getcwd(2)]
fn unreachable_path(path: Vec<u8>) -> Vec<u8> {
    [b"(unreachable)".as_slice(), &path].concat()
}

/// The descriptor that stands for the working directory.
fn cwd(cx: &Cx<'_>) -> i32 {
    descriptor(cx.k.AT_FDCWD)
}

/// Flags in an `int`, as bits.
fn flags(flags: i32) -> u64 {
    u64::from(flags.cast_unsigned())
}

fn stat_flags(cx: &Cx<'_>, flag: i32) -> Result<u64, Stop<Errno>> {
    let k = cx.k;
    let known = k.AT_SYMLINK_NOFOLLOW | k.AT_NO_AUTOMOUNT | k.AT_EMPTY_PATH | k.AT_STATX_SYNC_TYPE;
    let flags = flags(flag);
    if flags & !known != 0 {
        Err(Errno::EINVAL.into())
    } else {
        Ok(flags)
    }
}

/// Whether a program knows the size of `struct statfs64`. ARM's C libraries may say 88, a size without the padding.
fn statfs64_size(cx: &Cx<'_>, size: u64) -> Result<(), Stop<Errno>> {
    let ours = u64::from(cx.layouts.statfs64.size);
    // arch/arm/kernel/sys_arm.c, sys_statfs64_wrapper
    if size == ours || size == ours.next_multiple_of(8) {
        Ok(())
    } else {
        Err(Errno::EINVAL.into())
    }
}

/// Owner and group of a call: -1 leaves them, and in a call with 16-bit ids that is 0xffff.
fn owner(cx: &Cx<'_>, user: u32, group: u32) -> (Option<u32>, Option<u32>) {
    let narrow = cx
        .row
        .params
        .iter()
        .any(|p| p.width.bytes(cx.abi.model) == 2);
    let none = if narrow { 0xffff } else { u32::MAX };
    let id = |id: u32| (id & none != none).then_some(id);
    (id(user), id(group))
}
