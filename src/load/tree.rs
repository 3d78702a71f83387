//! Where in the guest's tree is a program?

use std::rc::Rc;

use emu_cpu::memory::Label;
use emu_prototypes::linux::Errno;

use super::{Program, Programs};
use crate::kernel::nt;
use crate::kernel::vfs::{Entry, FileType, OpenFlags, Walker};

/// The right to execute, as [`crate::kernel::vfs::Who::may`] counts.
const EXECUTE: u8 = 1;

impl Programs for Walker<'_> {
    fn open(&mut self, path: &[u8]) -> Result<Program, Errno> {
        Tree(self).open(path)
    }

    fn open_any_case(&mut self, path: &[u8]) -> Result<Program, Errno> {
        let path = nt::path::spelled(self, path).map_err(|_| Errno::ENOENT)?;
        let entry = self.find(&self.context.root, &path, true)?;
        // Windows knows of no right to execute in the bits of a mode.
        open_file(self, &entry)
    }
}

/// The guest's tree, as somebody walks it.
pub(crate) struct Tree<'a>(pub(crate) &'a Walker<'a>);

impl Programs for Tree<'_> {
    fn open(&mut self, path: &[u8]) -> Result<Program, Errno> {
        let entry = self.0.find(&self.0.context.cwd, path, true)?;
        open_entry(self.0, &entry)
    }
}

/// Opens what is at an entry, to execute it.   [Linux fs/exec.c, do_open_execat]
pub(crate) fn open_entry(walker: &Walker<'_>, entry: &Rc<Entry>) -> Result<Program, Errno> {
    if !walker.who.may(&entry.node, EXECUTE) {
        return Err(Errno::EACCES);
    }
    open_file(walker, entry)
}

/// Opens the regular file at an entry.
fn open_file(walker: &Walker<'_>, entry: &Rc<Entry>) -> Result<Program, Errno> {
    let node = &entry.node;
    if node.file_type() != FileType::Regular {
        return Err(Errno::EACCES);
    }
    // What may be executed need not be readable.
    let file = walker.open_entry(entry, OpenFlags::READ, true)?;
    let object = file.object(false).map_err(|_| Errno::EACCES)?;
    let (major, minor) = node.attributes().device;
    let device = u64::from(major) << 8 | u64::from(minor);
    Ok(Program {
        object,
        label: Label::file(
            walker.context.path_of(entry),
            device,
            node.ino,
            Some(Rc::new(entry.clone())),
        ),
        entry: Some(entry.clone()),
    })
}
