//! Names of a directory, in the forms of `getdents`, `getdents64` and the old `readdir`.

use emu_cpu::GuestMemory;
use emu_prototypes::linux::{Constants, Errno};

use super::transfer::Range;
use crate::kernel::layout::Image;
use crate::kernel::vfs::{Change, FileType, Item};
use crate::kernel::{Cx, Kernel};

/// The form of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `struct linux_dirent`: the type is in the last byte.
    Plain,
    /// `struct linux_dirent64`
    Large,
}

/// Stores as many names as fit.
pub(super) fn read(
    kernel: &Kernel,
    cx: &mut Cx<'_>,
    fd: i32,
    (address, size): Range,
    form: Form,
) -> Result<u64, Errno> {
    let file = cx.file(fd)?;
    let mut done = 0;
    while let Some(item) = kernel.walk(cx, |walker| file.next_item(walker))? {
        let record = record(cx, &item, form)?;
        let bytes = record.bytes();
        if done + bytes.len() as u64 > size {
            if done == 0 {
                return Err(Errno::EINVAL);
            }
            break;
        }
        match cx.mem.write(address.wrapping_add(done), bytes) {
            Ok(()) => {}
            Err(_) if done > 0 => break,
            Err(fault) => return Err(fault.into()),
        }
        done += bytes.len() as u64;
        file.position.set(item.next);
    }
    // Also when there was nothing left.   [Linux fs/readdir.c, iterate_dir]
    file.entry.tell(Change::READ);
    Ok(done)
}

fn record(cx: &Cx<'_>, item: &Item, form: Form) -> Result<Image, Errno> {
    let kind = kind(cx.k, item.file_type);
    let name = item.name.len() as u32;
    let layouts = cx.layouts;
    Ok(match form {
        Form::Plain => {
            let layout = &layouts.dirent;
            // The name's zero, and the type.   [Linux fs/readdir.c, filldir]
            let size =
                (u32::from(layout.d_name.offset) + name + 2).next_multiple_of(cx.word() as u32);
            let mut image =
                Image::from_bytes(with_name(size, layout.d_name.offset, item), cx.mem.endian());
            if layout.d_ino.size < 8 && item.ino > u64::from(u32::MAX) {
                return Err(Errno::EOVERFLOW);
            }
            image
                .put(layout.d_ino, item.ino)
                .put(layout.d_off, item.next)
                .put(layout.d_reclen, u64::from(size));
            let mut bytes = image.bytes().to_vec();
            if let Some(last) = bytes.last_mut() {
                *last = kind as u8;
            }
            Image::from_bytes(bytes, cx.mem.endian())
        }
        Form::Large => {
            let layout = &layouts.dirent64;
            let size = (u32::from(layout.d_name.offset) + name + 1).next_multiple_of(8);
            let mut image =
                Image::from_bytes(with_name(size, layout.d_name.offset, item), cx.mem.endian());
            image
                .put(layout.d_ino, item.ino)
                .put(layout.d_off, item.next)
                .put(layout.d_reclen, u64::from(size))
                .put(layout.d_type, kind);
            image
        }
    })
}

/// Bytes of a record with nothing but the name in it.
fn with_name(size: u32, offset: u16, item: &Item) -> Vec<u8> {
    let mut bytes = vec![0; usize::from(offset)];
    bytes.extend_from_slice(&item.name);
    bytes.resize(size as usize, 0);
    bytes
}

/// Stores one name in the form of `readdir`. 1 when there was one.
pub(super) fn read_one(
    kernel: &Kernel,
    cx: &mut Cx<'_>,
    fd: i32,
    address: u64,
) -> Result<u64, Errno> {
    let file = cx.file(fd)?;
    let item = kernel.walk(cx, |walker| file.next_item(walker))?;
    file.entry.tell(Change::READ);
    let Some(item) = item else {
        return Ok(0);
    };
    let layout = &cx.layouts.old_dirent;
    let size = u32::from(layout.d_name.offset) + item.name.len() as u32 + 1;
    let mut image = Image::from_bytes(
        with_name(size, layout.d_name.offset, &item),
        cx.mem.endian(),
    );
    if layout.d_ino.size < 8 && item.ino > u64::from(u32::MAX) {
        return Err(Errno::EOVERFLOW);
    }
    image
        .put(layout.d_ino, item.ino)
        .put(layout.d_offset, item.next - 1)
        .put(layout.d_namlen, item.name.len() as u64);
    image.store(cx.mem, address)?;
    file.position.set(item.next);
    Ok(1)
}

fn kind(k: &Constants, file_type: FileType) -> u64 {
    match file_type {
        FileType::Regular => k.DT_REG,
        FileType::Directory => k.DT_DIR,
        FileType::Symlink => k.DT_LNK,
        FileType::CharDevice => k.DT_CHR,
        FileType::BlockDevice => k.DT_BLK,
        FileType::Fifo => k.DT_FIFO,
        FileType::Socket => k.DT_SOCK,
        FileType::Unknown => k.DT_UNKNOWN,
    }
}
