//! Names: making, linking, reading, moving and removing them.

use emu_prototypes::linux::{Errno, Outcome};
use emu_prototypes::{CStr, Ptr};

use super::At;
use super::stat::device_parts;
use crate::kernel::vfs::{Rename, Special};
use crate::kernel::{Cx, Kernel};

impl Kernel {
    pub(super) fn read_link(
        &mut self,
        cx: &mut Cx<'_>,
        (dfd, path): At,
        (buf, size): (u64, i32),
    ) -> Outcome {
        let size = usize::try_from(size)
            .ok()
            .filter(|size| *size > 0)
            .ok_or(Errno::EINVAL)?;
        let path = cx.path(path)?;
        let empty = path.is_empty();
        let entry = match empty {
            // A link opened with O_PATH and O_NOFOLLOW.
            true if !cx.is_cwd(dfd) => cx.itself(dfd)?,
            _ => cx.find_path(self, dfd, &path, cx.k.AT_SYMLINK_NOFOLLOW)?,
        };
        if !entry.node.is_symlink() {
            return Err(if empty { Errno::ENOENT } else { Errno::EINVAL }.into());
        }
        let mut text = self.walk(cx, |walker| walker.read_link(&entry))?;
        text.truncate(size);
        cx.mem.write(buf, &text)?;
        Ok(text.len() as u64)
    }

    pub(super) fn rename_paths(
        &mut self,
        cx: &mut Cx<'_>,
        old: At,
        new: At,
        flags: u64,
    ) -> Outcome {
        let k = cx.k;
        let how = match flags {
            0 => Rename::Replace,
            flags if flags == k.RENAME_NOREPLACE => Rename::Keep,
            flags if flags == k.RENAME_EXCHANGE => Rename::Exchange,
            // Whiteouts are for file systems that are part of an overlay.
            _ => return Err(Errno::EINVAL.into()),
        };
        let old_path = cx.path(old.1)?;
        let old_start = cx.start(old.0, &old_path)?;
        // What is wrong with the old path is told before anything about the new one.
        self.walk(cx, |walker| walker.place(&old_start, &old_path))?;
        let new_path = cx.path(new.1)?;
        let new_start = cx.start(new.0, &new_path)?;
        self.walk(cx, |walker| {
            walker.rename((&old_start, &old_path), (&new_start, &new_path), how)
        })?;
        Ok(0)
    }

    pub(super) fn link_paths(&mut self, cx: &mut Cx<'_>, old: At, new: At, flags: u64) -> Outcome {
        let k = cx.k;
        if flags & !(k.AT_SYMLINK_FOLLOW | k.AT_EMPTY_PATH) != 0 {
            return Err(Errno::EINVAL.into());
        }
        let old_path = cx.path(old.1)?;
        let entry = if old_path.is_empty() && flags & k.AT_EMPTY_PATH != 0 {
            if !cx.capable(k.CAP_DAC_READ_SEARCH) {
                return Err(Errno::ENOENT.into());
            }
            cx.itself(old.0)?
        } else {
            let start = cx.start(old.0, &old_path)?;
            let follow = flags & k.AT_SYMLINK_FOLLOW != 0;
            self.walk(cx, |walker| walker.find(&start, &old_path, follow))?
        };
        let new_path = cx.path(new.1)?;
        let start = cx.start(new.0, &new_path)?;
        self.walk(cx, |walker| walker.link(&entry, &start, &new_path))?;
        Ok(0)
    }

    pub(super) fn symlink_path(
        &mut self,
        cx: &mut Cx<'_>,
        text: Ptr<CStr>,
        (dfd, path): At,
    ) -> Outcome {
        let text = cx.path(text)?;
        let path = cx.path(path)?;
        if text.is_empty() {
            return Err(Errno::ENOENT.into());
        }
        let start = cx.start(dfd, &path)?;
        self.walk(cx, |walker| walker.symlink(&text, &start, &path))?;
        Ok(0)
    }

    pub(super) fn unlink_path(&mut self, cx: &mut Cx<'_>, (dfd, path): At, flags: u64) -> Outcome {
        if flags & !cx.k.AT_REMOVEDIR != 0 {
            return Err(Errno::EINVAL.into());
        }
        let directory = flags != 0;
        let path = cx.path(path)?;
        let start = cx.start(dfd, &path)?;
        self.walk(cx, |walker| {
            if directory {
                walker.rmdir(&start, &path)
            } else {
                walker.unlink(&start, &path)
            }
        })?;
        Ok(0)
    }

    pub(super) fn mkdir_path(&mut self, cx: &mut Cx<'_>, (dfd, path): At, mode: u16) -> Outcome {
        let path = cx.path(path)?;
        let start = cx.start(dfd, &path)?;
        self.walk(cx, |walker| walker.mkdir(&start, &path, mode))?;
        Ok(0)
    }

    pub(super) fn mknod_path(
        &mut self,
        cx: &mut Cx<'_>,
        (dfd, path): At,
        mode: u16,
        dev: u32,
    ) -> Outcome {
        let k = cx.k;
        let (major, minor) = device_parts(dev);
        let file_type = u64::from(mode) & k.S_IFMT;
        let special = match file_type {
            0 => Special::Regular,
            t if t == k.S_IFREG => Special::Regular,
            t if t == k.S_IFIFO => Special::Fifo,
            t if t == k.S_IFSOCK => Special::Socket,
            t if t == k.S_IFCHR => Special::CharDevice(major, minor),
            t if t == k.S_IFBLK => Special::BlockDevice(major, minor),
            t if t == k.S_IFDIR => return Err(Errno::EPERM.into()),
            _ => return Err(Errno::EINVAL.into()),
        };
        let path = cx.path(path)?;
        let start = cx.start(dfd, &path)?;
        self.walk(cx, |walker| walker.mknod(&start, &path, mode, special))?;
        Ok(0)
    }
}
