//! What `stat` tells, in each of its forms.

use emu_prototypes::linux::{Constants, Errno, Statx};
use emu_prototypes::{CStr, Field, Ptr};

use crate::kernel::layout::Image;
use crate::kernel::vfs::{Attributes, FileType};
use crate::kernel::{Cx, Kernel};

/// The user or group that stands for one that a 16-bit field can't hold.   [/proc/sys/kernel/overflowuid]
const OVERFLOW_ID: u32 = 65_534;
/// The size of what is best read at once.
const BLOCK: u64 = 4096;

/// The largest size that 32-bit forms tell, whatever their field could hold.   [Linux fs/stat.c, MAX_NON_LFS]
const MAX_NON_LFS: u64 = 0x7fff_ffff;

/// The form of a `stat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `struct __old_kernel_stat`
    Old,
    /// `struct stat`
    Plain,
    /// `struct stat64`
    Large,
}

/// Fields that every form has, by their names in the kernel's headers.
macro_rules! fill {
    ($image:ident, $layout:expr, $values:expr) => {{
        let (layout, values) = ($layout, $values);
        $image.put_checked(layout.st_dev, values.device)?;
        $image.put_checked(layout.st_ino, values.attributes.ino)?;
        $image.put(layout.st_mode, values.mode);
        $image.put_checked(layout.st_nlink, u64::from(values.attributes.meta.links))?;
        $image.put(layout.st_uid, id(layout.st_uid, values.attributes.meta.uid));
        $image.put(layout.st_gid, id(layout.st_gid, values.attributes.meta.gid));
        $image.put_checked(layout.st_rdev, values.rdev)?;
        $image.put_checked(layout.st_size, values.attributes.size)?;
        let meta = &values.attributes.meta;
        $image.put(layout.st_atime, seconds(meta.accessed));
        $image.put(layout.st_mtime, seconds(meta.modified));
        $image.put(layout.st_ctime, seconds(meta.changed));
    }};
}

/// Fields that the newer forms have.
macro_rules! fill_more {
    ($image:ident, $layout:expr, $values:expr) => {{
        let (layout, values) = ($layout, $values);
        $image.put(layout.st_blksize, BLOCK);
        $image.put(layout.st_blocks, values.attributes.allocated / 512);
        let meta = &values.attributes.meta;
        $image.put(layout.st_atime_nsec, nanoseconds(meta.accessed));
        $image.put(layout.st_mtime_nsec, nanoseconds(meta.modified));
        $image.put(layout.st_ctime_nsec, nanoseconds(meta.changed));
    }};
}

struct Values {
    attributes: Attributes,
    mode: u64,
    device: u64,
    rdev: u64,
}

/// Stores what is known of a file.
pub(super) fn store(
    cx: &mut Cx<'_>,
    address: u64,
    attributes: Attributes,
    form: Form,
) -> Result<u64, Errno> {
    let values = Values {
        attributes,
        mode: mode(cx.k, &attributes),
        device: device_number(attributes.device),
        rdev: device_number(attributes.rdev),
    };
    let layouts = cx.layouts;
    let size = match form {
        Form::Old => layouts.old_stat.st_size,
        Form::Plain => layouts.stat.st_size,
        Form::Large => layouts.stat64.st_size,
    };
    if size.size == 4 && attributes.size > MAX_NON_LFS {
        return Err(Errno::EOVERFLOW);
    }
    let image = match form {
        Form::Old => {
            let layout = &layouts.old_stat;
            let mut image = cx.image(layout.size);
            fill!(image, layout, &values);
            image
        }
        Form::Plain => {
            let layout = &layouts.stat;
            let mut image = cx.image(layout.size);
            fill!(image, layout, &values);
            fill_more!(image, layout, &values);
            image
        }
        Form::Large => {
            let layout = &layouts.stat64;
            let mut image = cx.image(layout.size);
            fill!(image, layout, &values);
            fill_more!(image, layout, &values);
            image.put(layout.__st_ino, attributes.ino);
            image
        }
    };
    image.store(cx.mem, address)?;
    Ok(0)
}

impl Image {
    /// Sets a field to a value that must fit.
    fn put_checked(&mut self, field: Field, value: u64) -> Result<(), Errno> {
        let bits = 8 * u32::from(field.size) - u32::from(field.signed && field.size > 0);
        if field.size > 0 && field.size < 8 && value >> bits != 0
            || field.size == 8 && field.signed && value > i64::MAX as u64
        {
            return Err(Errno::EOVERFLOW);
        }
        self.put(field, value);
        Ok(())
    }
}

pub(super) fn statx(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &Statx) -> Result<u64, Errno> {
    let k = cx.k;
    let flags = u64::from(call.flags);
    let mask = u64::from(call.mask);
    let known = k.AT_SYMLINK_NOFOLLOW | k.AT_NO_AUTOMOUNT | k.AT_EMPTY_PATH | k.AT_STATX_SYNC_TYPE;
    if mask & k.STATX__RESERVED != 0
        || flags & !known != 0
        || flags & k.AT_STATX_SYNC_TYPE == k.AT_STATX_SYNC_TYPE
    {
        return Err(Errno::EINVAL);
    }
    let (attributes, is_mount) = about(kernel, cx, call.dfd, call.filename, flags)?;
    let layout = &cx.layouts.statx;
    let mut image = cx.image(layout.size);
    let meta = &attributes.meta;
    image
        .put(
            layout.stx_mask,
            k.STATX_BASIC_STATS | k.STATX_BTIME | k.STATX_MNT_ID,
        )
        .put(layout.stx_blksize, BLOCK)
        .put(layout.stx_nlink, u64::from(meta.links))
        .put(layout.stx_uid, u64::from(meta.uid))
        .put(layout.stx_gid, u64::from(meta.gid))
        .put(layout.stx_mode, mode(k, &attributes))
        .put(layout.stx_ino, attributes.ino)
        .put(layout.stx_size, attributes.size)
        .put(layout.stx_blocks, attributes.allocated / 512)
        .put(layout.stx_attributes_mask, k.STATX_ATTR_MOUNT_ROOT)
        .put(
            layout.stx_attributes,
            if is_mount { k.STATX_ATTR_MOUNT_ROOT } else { 0 },
        )
        .put(layout.stx_atime_tv_sec, seconds(meta.accessed))
        .put(layout.stx_atime_tv_nsec, nanoseconds(meta.accessed))
        .put(layout.stx_btime_tv_sec, seconds(meta.born))
        .put(layout.stx_btime_tv_nsec, nanoseconds(meta.born))
        .put(layout.stx_ctime_tv_sec, seconds(meta.changed))
        .put(layout.stx_ctime_tv_nsec, nanoseconds(meta.changed))
        .put(layout.stx_mtime_tv_sec, seconds(meta.modified))
        .put(layout.stx_mtime_tv_nsec, nanoseconds(meta.modified))
        .put(layout.stx_rdev_major, u64::from(attributes.rdev.0))
        .put(layout.stx_rdev_minor, u64::from(attributes.rdev.1))
        .put(layout.stx_dev_major, u64::from(attributes.device.0))
        .put(layout.stx_dev_minor, u64::from(attributes.device.1))
        .put(layout.stx_mnt_id, u64::from(attributes.device.1));
    image.store(cx.mem, call.buffer.address)?;
    Ok(0)
}

/// What is known of the file that a path and `AT_` flags name.
pub(super) fn attributes_at(
    kernel: &Kernel,
    cx: &mut Cx<'_>,
    dfd: i32,
    path: Ptr<CStr>,
    flags: u64,
) -> Result<Attributes, Errno> {
    Ok(about(kernel, cx, dfd, path, flags)?.0)
}

/// The same, and whether a file system begins there.
fn about(
    kernel: &Kernel,
    cx: &mut Cx<'_>,
    dfd: i32,
    path: Ptr<CStr>,
    flags: u64,
) -> Result<(Attributes, bool), Errno> {
    let path = cx.path(path)?;
    if path.is_empty() && flags & cx.k.AT_EMPTY_PATH != 0 && !cx.is_cwd(dfd) {
        let file = cx.any_file(dfd)?;
        return Ok((file.attributes()?, file.entry.is_mount()));
    }
    let entry = cx.find_path(kernel, dfd, &path, flags)?;
    let attributes = kernel.walk(cx, |walker| walker.attributes(&entry))?;
    Ok((attributes, entry.is_mount()))
}

/// `st_mode`: the type and the permission bits.
pub(in crate::kernel::linux) fn mode(k: &Constants, attributes: &Attributes) -> u64 {
    let file_type = match attributes.file_type {
        FileType::Regular => k.S_IFREG,
        FileType::Directory => k.S_IFDIR,
        FileType::Symlink => k.S_IFLNK,
        FileType::CharDevice => k.S_IFCHR,
        FileType::BlockDevice => k.S_IFBLK,
        FileType::Fifo => k.S_IFIFO,
        FileType::Socket => k.S_IFSOCK,
        FileType::Unknown => 0,
    };
    file_type | u64::from(attributes.meta.mode)
}

/// A device number as user space has it.   [Linux include/linux/kdev_t.h, new_encode_dev]
pub(in crate::kernel::linux) fn device_number((major, minor): (u32, u32)) -> u64 {
    u64::from(minor & 0xff | major << 8 | (minor & !0xff) << 12)
}

/// Major and minor number of what user space says.   [new_decode_dev]
pub(super) fn device_parts(number: u32) -> (u32, u32) {
    (
        (number & 0xf_ff00) >> 8,
        number & 0xff | number >> 12 & 0xf_ff00,
    )
}

fn id(field: Field, id: u32) -> u64 {
    u64::from(if field.size == 2 && id > 0xffff {
        OVERFLOW_ID
    } else {
        id
    })
}

/// The whole seconds of a time.
pub(super) fn seconds(time: i64) -> u64 {
    time.div_euclid(1_000_000_000).cast_unsigned()
}

/// What is left of the last second of a time.
pub(super) fn nanoseconds(time: i64) -> u64 {
    time.rem_euclid(1_000_000_000).cast_unsigned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_numbers_come_back() {
        for device in [(0, 5), (136, 0), (5, 0), (4095, 0xf_ffff), (8, 300)] {
            let number = u32::try_from(device_number(device)).expect("32 bits");
            assert_eq!(device_parts(number), device);
        }
        assert_eq!(device_number((136, 0)), 0x8800);
    }

    #[test]
    fn times_before_1970_count_down_in_seconds_only() {
        assert_eq!((seconds(-1), nanoseconds(-1)), (u64::MAX, 999_999_999));
    }
}
