//! How does a call name a file? Paths, directory descriptors, and the walk from them.

use std::rc::Rc;

use emu_prototypes::linux::{Constants, Errno};
use emu_prototypes::{CStr, Ptr};

use crate::kernel::linux::files::OpenFile;
use crate::kernel::linux::process::Credentials;
use crate::kernel::linux::procfs::Proc;
use crate::kernel::vfs::{Entry, FsError, PATH_MAX, Walker, Who};
use crate::kernel::{Cx, Kernel};

impl Kernel {
    /// Wall-clock time, in nanoseconds since 1970-01-01 00:00:00 UTC, as files keep it.
    pub(in crate::kernel::linux) fn file_time(&self) -> i64 {
        i64::try_from(self.clock.wall()).unwrap_or(i64::MAX)
    }

    /// Walks the tree as the task that asks.
    pub(in crate::kernel::linux) fn walk<T>(
        &self,
        cx: &Cx<'_>,
        walk: impl FnOnce(&Walker<'_>) -> Result<T, FsError>,
    ) -> Result<T, Errno> {
        self.walk_as(cx, who(cx), walk)
    }

    /// Walks the tree as somebody.
    pub(in crate::kernel::linux) fn walk_as<T>(
        &self,
        cx: &Cx<'_>,
        who: Who,
        walk: impl FnOnce(&Walker<'_>) -> Result<T, FsError>,
    ) -> Result<T, Errno> {
        let context = cx.task.linux.fs.borrow();
        let walker = Walker {
            vfs: &self.vfs,
            context: &context,
            who: &who,
            generator: &Proc::new(self, cx),
            now: self.file_time(),
        };
        Ok(walk(&walker)?)
    }
}

/// The task's rights to files, as its file-system user has them.
pub(in crate::kernel::linux) fn who(cx: &Cx<'_>) -> Who {
    let credentials = &cx.task.linux.credentials;
    rights(credentials, cx.k, credentials.fsuid, credentials.fsgid)
}

/// The task's rights to files, as its real user has them: for `access`.
pub(super) fn who_really(cx: &Cx<'_>) -> Who {
    let credentials = &cx.task.linux.credentials;
    let mut who = rights(credentials, cx.k, credentials.uid, credentials.gid);
    // A task that is not really root has no more than the bits give.   [Linux fs/open.c, access_override_creds]
    who.all = credentials.uid == 0;
    who
}

fn rights(credentials: &Credentials, k: &Constants, uid: u32, gid: u32) -> Who {
    let capable = |capability: u64| {
        u32::try_from(capability).is_ok_and(|capability| credentials.capable(capability))
    };
    Who {
        uid,
        gid,
        groups: credentials.groups.clone(),
        all: capable(k.CAP_DAC_OVERRIDE),
        owner: capable(k.CAP_FOWNER),
        chown: capable(k.CAP_CHOWN),
        keep_ids: capable(k.CAP_FSETID),
        mknod: capable(k.CAP_MKNOD),
    }
}

impl Cx<'_> {
    /// The path at a pointer.
    pub(in crate::kernel::linux) fn path(&mut self, path: Ptr<CStr>) -> Result<Vec<u8>, Errno> {
        let path = self.mem.read_cstr(path.address, PATH_MAX)?;
        if path.len() >= PATH_MAX {
            Err(Errno::ENAMETOOLONG)
        } else {
            Ok(path)
        }
    }

    /// Where a path starts: at a directory's descriptor, or at the working directory.
    pub(in crate::kernel::linux) fn start(
        &self,
        dfd: i32,
        path: &[u8],
    ) -> Result<Rc<Entry>, Errno> {
        if path.is_empty() {
            return Err(Errno::ENOENT);
        }
        if self.is_cwd(dfd) || path[0] == b'/' {
            return Ok(self.cwd());
        }
        Ok(self.task.linux.files.borrow().any(dfd)?.entry.clone())
    }

    /// What an empty path names, with `AT_EMPTY_PATH`.
    pub(in crate::kernel::linux) fn itself(&self, dfd: i32) -> Result<Rc<Entry>, Errno> {
        if self.is_cwd(dfd) {
            return Ok(self.cwd());
        }
        Ok(self.task.linux.files.borrow().any(dfd)?.entry.clone())
    }

    /// The working directory.
    pub(in crate::kernel::linux) fn cwd(&self) -> Rc<Entry> {
        self.task.linux.fs.borrow().cwd.clone()
    }

    /// Whether a directory's descriptor stands for the working directory.
    pub(in crate::kernel::linux) fn is_cwd(&self, dfd: i32) -> bool {
        i64::from(dfd).cast_unsigned() == self.k.AT_FDCWD
    }

    /// The open file of a descriptor.
    pub(in crate::kernel::linux) fn file(&self, fd: i32) -> Result<Rc<OpenFile>, Errno> {
        self.task.linux.files.borrow().get(fd).cloned()
    }

    /// The open file of a descriptor, also when it is only pointed at.
    pub(in crate::kernel::linux) fn any_file(&self, fd: i32) -> Result<Rc<OpenFile>, Errno> {
        self.task.linux.files.borrow().any(fd).cloned()
    }

    /// What a path and the `AT_` flags of a call name.
    pub(in crate::kernel::linux) fn find(
        &mut self,
        kernel: &Kernel,
        dfd: i32,
        path: Ptr<CStr>,
        flags: u64,
    ) -> Result<Rc<Entry>, Errno> {
        let path = self.path(path)?;
        self.find_path(kernel, dfd, &path, flags)
    }

    /// The same for a path that was read already.
    pub(in crate::kernel::linux) fn find_path(
        &self,
        kernel: &Kernel,
        dfd: i32,
        path: &[u8],
        flags: u64,
    ) -> Result<Rc<Entry>, Errno> {
        if path.is_empty() && flags & self.k.AT_EMPTY_PATH != 0 {
            return self.itself(dfd);
        }
        let start = self.start(dfd, path)?;
        let follow = flags & self.k.AT_SYMLINK_NOFOLLOW == 0;
        kernel.walk(self, |walker| walker.find(&start, path, follow))
    }
}

/// A descriptor, of which Linux looks at 32 bits whatever its type.
pub(in crate::kernel::linux) fn descriptor(fd: u64) -> i32 {
    (fd & 0xffff_ffff) as u32 as i32
}
