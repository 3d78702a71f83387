//! What `statfs` tells of a file system.

use emu_prototypes::linux::{Constants, Errno, Outcome};

use crate::kernel::vfs::{Entry, FsKind, NAME_MAX};
use crate::kernel::{Cx, Kernel};

/// The unit of what is counted.
const BLOCK: u64 = 4096;

macro_rules! fill {
    ($image:ident, $layout:expr, $values:expr) => {{
        let (layout, values) = ($layout, $values);
        $image.put(layout.f_type, values.magic);
        $image.put(layout.f_bsize, BLOCK);
        $image.put(layout.f_frsize, BLOCK);
        $image.put(layout.f_blocks, values.blocks);
        $image.put(layout.f_bfree, values.free);
        $image.put(layout.f_bavail, values.free);
        $image.put(layout.f_files, values.files);
        $image.put(layout.f_ffree, values.files_free);
        $image.put(layout.f_namelen, NAME_MAX as u64);
        $image.put(layout.f_flags, values.flags);
    }};
}

struct Values {
    magic: u64,
    blocks: u64,
    free: u64,
    files: u64,
    files_free: u64,
    flags: u64,
}

/// Stores what is known of the file system of an entry; `large` chooses `struct statfs64`.
pub(super) fn store(
    kernel: &Kernel,
    cx: &mut Cx<'_>,
    entry: &Entry,
    address: u64,
    large: bool,
) -> Result<u64, Errno> {
    let fs = &entry.node.fs;
    let space = kernel.vfs.space();
    let stores = matches!(fs.kind, FsKind::Overlay | FsKind::Memory | FsKind::Live);
    let count = |value: u64| if stores { value } else { 0 };
    let values = Values {
        magic: magic(cx.k, fs.kind),
        blocks: count(space.limit / BLOCK),
        free: count(space.free() / BLOCK),
        files: count(space.node_limit),
        files_free: count(space.node_limit.saturating_sub(space.nodes())),
        flags: cx.k.MS_NOATIME,
    };
    let layouts = cx.layouts;
    let image = if large {
        let layout = &layouts.statfs64;
        let mut image = cx.image(layout.size);
        fill!(image, layout, &values);
        image.put(layout.f_fsid, u64::from(fs.device));
        image
    } else {
        let layout = &layouts.statfs;
        let mut image = cx.image(layout.size);
        fill!(image, layout, &values);
        image.put(layout.f_fsid, u64::from(fs.device));
        image
    };
    image.store(cx.mem, address)?;
    Ok(0)
}

/// What little `ustat` tells of a mounted file system, by its device.   [ustat(2)]
pub(super) fn ustat(kernel: &Kernel, cx: &mut Cx<'_>, device: u32, address: u64) -> Outcome {
    let found = kernel.vfs.mounts().into_iter().find(|mount| {
        let fs = &mount.entry.node.fs;
        fs.device == device
    });
    let fs = found.ok_or(Errno::EINVAL)?.entry.node.fs.clone();
    let space = kernel.vfs.space();
    let stores = matches!(fs.kind, FsKind::Overlay | FsKind::Memory | FsKind::Live);
    let count = |value: u64| if stores { value } else { 0 };
    let at = cx.layouts.ustat;
    let mut image = cx.image(at.size);
    image.put(at.f_tfree, count(space.free() / BLOCK)).put(
        at.f_tinode,
        count(space.node_limit.saturating_sub(space.nodes())),
    );
    image.store(cx.mem, address)?;
    Ok(0)
}

fn magic(k: &Constants, kind: FsKind) -> u64 {
    match kind {
        FsKind::Overlay => k.OVERLAYFS_SUPER_MAGIC,
        FsKind::Memory | FsKind::Devices => k.TMPFS_MAGIC,
        FsKind::Live => k.HOSTFS_SUPER_MAGIC,
        FsKind::Processes => k.PROC_SUPER_MAGIC,
        FsKind::System => k.SYSFS_MAGIC,
        FsKind::Terminals => k.DEVPTS_SUPER_MAGIC,
        FsKind::Anonymous => k.PIPEFS_MAGIC,
    }
}
