//! Extended attributes: copying their names and values.

use std::rc::Rc;

use emu_prototypes::linux::Errno;
use emu_prototypes::{CStr, Ptr};

use crate::kernel::vfs::{Entry, NAME_MAX, SetAttribute};
use crate::kernel::{Cx, Kernel};

/// Bytes of a value at most.
fn most(cx: &Cx<'_>) -> u64 {
    cx.k.XATTR_SIZE_MAX
}

/// Where the file is of which an attribute is asked.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of {
    /// A path, whose last symbolic link is followed or not.
    Path(Ptr<CStr>, bool),
    /// A descriptor.
    File(i32),
}

impl Of {
    fn entry(self, kernel: &Kernel, cx: &mut Cx<'_>) -> Result<Rc<Entry>, Errno> {
        match self {
            Of::Path(path, follow) => {
                let path = cx.path(path)?;
                let start = cx.cwd();
                kernel.walk(cx, |walker| walker.find(&start, &path, follow))
            }
            Of::File(fd) => Ok(cx.file(fd)?.entry.clone()),
        }
    }
}

pub(super) fn get(
    kernel: &Kernel,
    cx: &mut Cx<'_>,
    of: Of,
    name: Ptr<CStr>,
    (buffer, size): (u64, u64),
) -> Result<u64, Errno> {
    let name = read_name(cx, name)?;
    let entry = of.entry(kernel, cx)?;
    let value = kernel.walk(cx, |walker| walker.attribute(&entry.node, &name))?;
    give(cx, &value, buffer, size)
}

pub(super) fn list(
    kernel: &Kernel,
    cx: &mut Cx<'_>,
    of: Of,
    (buffer, size): (u64, u64),
) -> Result<u64, Errno> {
    let entry = of.entry(kernel, cx)?;
    let names = kernel.walk(cx, |walker| walker.attribute_names(&entry.node))?;
    give(cx, &names, buffer, size)
}

pub(super) fn set(
    kernel: &Kernel,
    cx: &mut Cx<'_>,
    of: Of,
    name: Ptr<CStr>,
    (buffer, size): (u64, u64),
    flags: i32,
) -> Result<u64, Errno> {
    let flags = i64::from(flags).cast_unsigned();
    let k = cx.k;
    let how = match flags {
        0 => SetAttribute::Any,
        flags if flags == k.XATTR_CREATE => SetAttribute::Create,
        flags if flags == k.XATTR_REPLACE => SetAttribute::Replace,
        _ => return Err(Errno::EINVAL),
    };
    let name = read_name(cx, name)?;
    if size > most(cx) {
        return Err(Errno::E2BIG);
    }
    let mut value = vec![0; size as usize];
    cx.mem.read(buffer, &mut value)?;
    let entry = of.entry(kernel, cx)?;
    kernel.walk(cx, |walker| {
        walker.set_attribute(&entry.node, &name, &value, how)
    })?;
    Ok(0)
}

pub(super) fn remove(
    kernel: &Kernel,
    cx: &mut Cx<'_>,
    of: Of,
    name: Ptr<CStr>,
) -> Result<u64, Errno> {
    let name = read_name(cx, name)?;
    let entry = of.entry(kernel, cx)?;
    kernel.walk(cx, |walker| walker.remove_attribute(&entry.node, &name))?;
    Ok(0)
}

fn read_name(cx: &mut Cx<'_>, name: Ptr<CStr>) -> Result<Vec<u8>, Errno> {
    let name = cx.mem.read_cstr(name.address, NAME_MAX + 1)?;
    if name.is_empty() || name.len() > NAME_MAX {
        Err(Errno::ERANGE)
    } else {
        Ok(name)
    }
}

fn give(cx: &mut Cx<'_>, value: &[u8], buffer: u64, size: u64) -> Result<u64, Errno> {
    if size != 0 {
        if value.len() as u64 > size {
            return Err(Errno::ERANGE);
        }
        cx.mem.write(buffer, value)?;
    }
    Ok(value.len() as u64)
}
