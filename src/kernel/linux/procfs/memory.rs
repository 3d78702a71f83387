//! How is another process's memory read and written through `/proc/PID/mem`?

use std::rc::Rc;

use emu_cpu::AddressSpace;

use super::subject::of_key;
use super::{Own, Proc, Subject};
use crate::kernel::linux::files::OpenFile;
use crate::kernel::vfs::{FsError, Handle, Key, OpenFlags};
use crate::kernel::{Cx, Kernel};
use emu_cpu::memory::PAGE;

/// The memory that an open file is, by its key.
pub(in crate::kernel::linux) fn is_memory(file: &OpenFile) -> Option<Key> {
    let Handle::Made(key, _) = file.handle else {
        return None;
    };
    let (_, name) = of_key(key)?;
    matches!(name.what, Own::Memory).then_some(key)
}

/// Does something with the memory. `None` when the process has none any more.
fn with_memory<R>(
    kernel: &Kernel,
    cx: &mut Cx<'_>,
    key: Key,
    what: impl FnOnce(&mut AddressSpace) -> R,
) -> Option<R> {
    let (whose, _) = of_key(key)?;
    let space = {
        let proc = Proc::new(kernel, cx);
        let subject = Subject::find(&proc, whose)?;
        subject.linux()?;
        subject.task?.space.clone()
    };
    if Rc::ptr_eq(&space, &cx.task.space) {
        return Some(what(cx.mem));
    }
    Some(what(&mut *space.try_borrow_mut().ok()?))
}

/// Goes page by page: what is before the first that is not there is done.
fn by_page(
    address: u64,
    len: usize,
    mut each: impl FnMut(u64, std::ops::Range<usize>) -> bool,
) -> Result<usize, FsError> {
    let mut done = 0;
    while done < len {
        let Some(at) = address.checked_add(done as u64) else {
            break;
        };
        let part = (PAGE - at % PAGE).min((len - done) as u64) as usize;
        if !each(at, done..done + part) {
            break;
        }
        done += part;
    }
    match (done, len) {
        (0, 1..) => Err(FsError::Io),
        _ => Ok(done),
    }
}

/// Reads memory, whatever its protection. What is not there is an error; a process that is gone has nothing.
/// [Linux fs/proc/base.c, mem_rw]
pub(in crate::kernel::linux) fn read_memory(
    kernel: &Kernel,
    cx: &mut Cx<'_>,
    key: Key,
    address: u64,
    buf: &mut [u8],
) -> Result<usize, FsError> {
    let len = buf.len();
    with_memory(kernel, cx, key, |memory| {
        by_page(address, len, |at, part| {
            memory.peek(at, &mut buf[part]).is_ok()
        })
    })
    .unwrap_or(Ok(0))
}

/// Writes memory, whatever its protection.
pub(in crate::kernel::linux) fn write_memory(
    kernel: &Kernel,
    cx: &mut Cx<'_>,
    file: &OpenFile,
    at: Option<u64>,
    bytes: &[u8],
) -> Result<usize, FsError> {
    let Some(key) = is_memory(file) else {
        return Err(FsError::Invalid);
    };
    if !file.flags().contains(OpenFlags::WRITE) {
        return Err(FsError::BadDescriptor);
    }
    let address = at.unwrap_or(file.position.get());
    let written = with_memory(kernel, cx, key, |memory| {
        by_page(address, bytes.len(), |at, part| {
            memory.poke(at, &bytes[part]).is_ok()
        })
    });
    let written = written.unwrap_or(Ok(0))?;
    if at.is_none() {
        file.position.set(address.saturating_add(written as u64));
    }
    Ok(written)
}
