//! How is what the guest changed kept on the host?
//!
//! As a layer of a container's image: what was made or changed as it is, and for what is gone an empty file
//! `.wh.NAME`; `.wh..wh..opq` says that a directory shows nothing of what was there before.   [OCI image-spec, layer.md]

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Vfs;
use super::changes::{Difference, DifferenceKind};
use super::entry::Entry;
use super::error::FsError;
use super::node::{Body, Meta, Node};
use crate::kernel::host::{HostFile, Tree};

/// What begins the name of a mark.
const MARK: &[u8] = b".wh.";
/// The mark of a directory that shows nothing of another.
const OPAQUE: &[u8] = b".wh..wh..opq";
/// Rights that are kept: not those by which a program of the guest would run as somebody else on the host.
const RIGHTS: u16 = 0o1777;

/// What is kept, and where.
struct Saving<'a> {
    vfs: &'a Vfs,
    to: &'a dyn Tree,
    /// Directories made so far, with what they get when all is in them.
    directories: BTreeMap<Vec<u8>, Meta>,
    /// Files of several names: where the first is.
    names: BTreeMap<(u32, u64), Vec<u8>>,
    left_out: Vec<Vec<u8>>,
}

impl Vfs {
    /// Keeps changes in an empty directory. Answers the paths that could not be kept: devices, pipes and sockets, and
    /// names that are those of marks.
    pub fn save(&self, changes: &[Difference], to: &dyn Tree) -> Result<Vec<Vec<u8>>, FsError> {
        let mut saving = Saving {
            vfs: self,
            to,
            directories: BTreeMap::new(),
            names: BTreeMap::new(),
            left_out: Vec::new(),
        };
        for change in changes {
            saving.change(change)?;
        }
        // The deepest first: who made them may not write to them any more afterwards.
        for (path, meta) in saving.directories.iter().rev() {
            to.chmod(path, meta.mode & RIGHTS)?;
            to.set_times(path, (Some(meta.accessed), Some(meta.modified)))?;
        }
        Ok(saving.left_out)
    }
}

impl Saving<'_> {
    fn change(&mut self, change: &Difference) -> Result<(), FsError> {
        // As the host's tree has it: no slash at either end.
        let path = change.path.strip_prefix(b"/").unwrap_or(&change.path);
        let at = path.iter().rposition(|byte| *byte == b'/');
        let (parent, name) = match at {
            Some(at) => (&path[..at], &path[at + 1..]),
            None => (&b""[..], path),
        };
        if path.is_empty()
            || path
                .split(|byte| *byte == b'/')
                .any(|name| name.starts_with(MARK))
        {
            self.left_out.push(change.path.clone());
            return Ok(());
        }
        self.parents(parent)?;
        let beside = |name: &[u8]| match parent {
            b"" => name.to_vec(),
            _ => [parent, b"/", name].concat(),
        };
        let Some(entry) = &change.entry else {
            let mark = beside(&[MARK, name].concat());
            return Ok(self.to.create(&mark, 0o600)?);
        };
        let node = &entry.node;
        match &node.body {
            Body::Directory(_) => {
                self.make_directory(path, node.meta())?;
                if change.replaces && change.kind == DifferenceKind::Modified {
                    self.to.create(&[path, b"/", OPAQUE].concat(), 0o600)?;
                }
            }
            Body::Symlink(text) => {
                self.to.symlink(text, path)?;
                let meta = node.meta();
                self.to
                    .set_times(path, (Some(meta.accessed), Some(meta.modified)))?;
            }
            Body::File(_) => self.file(path, entry)?,
            _ => self.left_out.push(change.path.clone()),
        }
        Ok(())
    }

    fn make_directory(&mut self, path: &[u8], meta: Meta) -> Result<(), FsError> {
        if self.directories.insert(path.to_vec(), meta).is_none() {
            self.to.mkdir(path, 0o700)?;
        }
        Ok(())
    }

    /// Makes the directories on the way to a path, with what they are in the guest's tree.
    fn parents(&mut self, path: &[u8]) -> Result<(), FsError> {
        let ends = (path.iter().enumerate()).filter(|(_, byte)| **byte == b'/');
        let ends: Vec<usize> = ends.map(|(at, _)| at).chain([path.len()]).collect();
        for end in ends.into_iter().filter(|end| *end > 0) {
            let part = &path[..end];
            if self.directories.contains_key(part) {
                continue;
            }
            let guest = [b"/", part].concat();
            let root = self.vfs.root();
            let found = self.vfs.walk(|walker| walker.find(root, &guest, false))?;
            self.make_directory(part, found.node.meta())?;
        }
        Ok(())
    }

    fn file(&mut self, path: &[u8], entry: &Rc<Entry>) -> Result<(), FsError> {
        let node: &Node = &entry.node;
        let meta = node.meta();
        let key = (node.fs.device, node.ino);
        if let Some(first) = self.names.get(&key) {
            return Ok(self.to.link(first, path)?);
        }
        if meta.links > 1 {
            self.names.insert(key, path.to_vec());
        }
        self.to.create(path, 0o600)?;
        let file: Rc<dyn HostFile> = self.to.open(path, true)?;
        if let Some(content) = node.content() {
            content.copy_to(&node.fs, file.as_ref())?;
        }
        file.chmod(meta.mode & RIGHTS)?;
        file.set_times((Some(meta.accessed), Some(meta.modified)))?;
        Ok(())
    }
}
