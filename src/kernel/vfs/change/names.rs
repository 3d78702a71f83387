//! Names: making, linking, removing and moving them.

use std::rc::Rc;

use super::{SET_GID, live};
use crate::kernel::vfs::content::Content;
use crate::kernel::vfs::device::Device;
use crate::kernel::vfs::directory::{self, Directory};
use crate::kernel::vfs::entry::Entry;
use crate::kernel::vfs::error::FsError;
use crate::kernel::vfs::node::{Body, Meta, Node};
use crate::kernel::vfs::pipe::Pipe;
use crate::kernel::vfs::walk::{Last, PATH_MAX, Place, Walker};
use crate::kernel::vfs::watch::Change;

/// Names of a file at most.   [tmpfs has no limit, ext4 65000]
const LINKS_MAX: u32 = 65_000;

/// How `rename` treats what is at the new place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rename {
    /// It is replaced.
    Replace,
    /// It is an error.
    Keep,
    /// It goes to the old place.
    Exchange,
}

/// What `mknod` makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Special {
    /// A regular file.
    Regular,
    /// A pipe with a name.
    Fifo,
    /// The name of a socket.
    Socket,
    /// A character device.
    CharDevice(u32, u32),
    /// A block device.
    BlockDevice(u32, u32),
}

impl Walker<'_> {
    /// Makes a directory.
    pub fn mkdir(&self, start: &Rc<Entry>, path: &[u8], mode: u16) -> Result<(), FsError> {
        let place = self.vacancy(start, path)?;
        self.may_add(&place.directory)?;
        let name = name_of(&place)?;
        let mode = mode & 0o1777 & !self.context.umask;
        let parent = &place.directory;
        if let Some(tree) = live(parent) {
            tree.mkdir(&child_path(parent, name), mode)?;
            return self.appeared(parent, name);
        }
        let (gid, inherited) = self.group_in(parent);
        let meta = Meta::new(mode | inherited, self.who.uid, gid, self.now);
        let node = Node::charged(&parent.node.fs, Body::Directory(Directory::empty()), meta)?;
        self.add(parent, name, node);
        parent
            .node
            .change(|meta| meta.links = meta.links.saturating_add(1));
        Ok(())
    }

    /// Makes a node that is no directory and no symbolic link.
    pub fn mknod(
        &self,
        start: &Rc<Entry>,
        path: &[u8],
        mode: u16,
        special: Special,
    ) -> Result<(), FsError> {
        let place = self.vacancy(start, path)?;
        if place.slash {
            return Err(FsError::NotFound);
        }
        let device = matches!(special, Special::CharDevice(..) | Special::BlockDevice(..));
        if device && !self.who.mknod {
            return Err(FsError::NotPermitted);
        }
        self.may_add(&place.directory)?;
        let mode = mode & 0o7777 & !self.context.umask;
        self.make_node(&place, mode, special)?;
        Ok(())
    }

    /// Makes the name of a socket, which everybody may use that the mask does not forbid.   [unix(7)]
    pub fn make_socket(&self, start: &Rc<Entry>, path: &[u8]) -> Result<Rc<Node>, FsError> {
        let place = self.vacancy(start, path)?;
        if place.slash {
            return Err(FsError::NotFound);
        }
        self.may_add(&place.directory)?;
        let mode = 0o777 & !self.context.umask;
        let entry = self.make_node(&place, mode, Special::Socket)?;
        Ok(entry.node.clone())
    }

    /// Makes a node at a vacant place.
    pub(in crate::kernel::vfs) fn make_node(
        &self,
        place: &Place,
        mode: u16,
        special: Special,
    ) -> Result<Rc<Entry>, FsError> {
        let (parent, name) = (&place.directory, name_of(place)?);
        if let Some(tree) = live(parent) {
            if special != Special::Regular {
                return Err(FsError::NotPermitted);
            }
            tree.create(&child_path(parent, name), mode)?;
            self.appeared(parent, name)?;
            return self.child(parent, name)?.ok_or(FsError::NotFound);
        }
        let fs = &parent.node.fs;
        let body = match special {
            Special::Regular => Body::File(Content::empty(fs)),
            Special::Fifo => Body::Pipe(Rc::new(Pipe::default())),
            Special::Socket => Body::Socket,
            Special::CharDevice(major, minor) => Body::Device(Device::of_number(major, minor)),
            Special::BlockDevice(major, minor) => Body::BlockDevice { major, minor },
        };
        let (gid, _) = self.group_in(parent);
        let meta = Meta::new(mode, self.who.uid, gid, self.now);
        Ok(self.add(parent, name, Node::charged(fs, body, meta)?))
    }

    /// A file without a name, in the file system of a directory; whether it can get one is for the caller to say.
    pub(in crate::kernel::vfs) fn make_unnamed(
        &self,
        directory: &Rc<Entry>,
        mode: u16,
        linkable: bool,
    ) -> Result<Rc<Entry>, FsError> {
        self.may_add(directory)?;
        if live(directory).is_some() {
            return Err(FsError::NotSupported);
        }
        let fs = &directory.node.fs;
        let (gid, _) = self.group_in(directory);
        let mode = mode & 0o7777 & !self.context.umask;
        let meta = Meta {
            links: 0,
            ..Meta::new(mode, self.who.uid, gid, self.now)
        };
        let node = Node::charged(fs, Body::File(Content::empty(fs)), meta)?;
        node.unnamed.set(linkable);
        let mut name = self.context.path_of(directory);
        if name != b"/" {
            name.push(b'/');
        }
        name.extend_from_slice(format!("#{} (deleted)", node.ino).as_bytes());
        Ok(Entry::nowhere(&name, node))
    }

    /// Makes a symbolic link.
    pub fn symlink(&self, text: &[u8], start: &Rc<Entry>, path: &[u8]) -> Result<(), FsError> {
        if text.is_empty() {
            return Err(FsError::NotFound);
        }
        if text.len() >= PATH_MAX {
            return Err(FsError::NameTooLong);
        }
        let place = self.vacancy(start, path)?;
        if place.slash {
            return Err(FsError::NotFound);
        }
        self.may_add(&place.directory)?;
        let (parent, name) = (&place.directory, name_of(&place)?);
        if let Some(tree) = live(parent) {
            tree.symlink(text, &child_path(parent, name))?;
            return self.appeared(parent, name);
        }
        let (gid, _) = self.group_in(parent);
        let meta = Meta::new(0o777, self.who.uid, gid, self.now);
        let node = Node::charged(&parent.node.fs, Body::Symlink(text.into()), meta)?;
        self.add(parent, name, node);
        Ok(())
    }

    /// Gives a file another name.
    pub fn link(&self, old: &Rc<Entry>, start: &Rc<Entry>, path: &[u8]) -> Result<(), FsError> {
        let place = self.vacancy(start, path)?;
        if place.slash {
            return Err(FsError::NotFound);
        }
        let (parent, name) = (&place.directory, name_of(&place)?);
        let node = &old.node;
        if !Rc::ptr_eq(&node.fs, &parent.node.fs) || old.is_mount() {
            return Err(FsError::CrossDevice);
        }
        self.may_add(parent)?;
        if node.is_directory() {
            return Err(FsError::NotPermitted);
        }
        let links = node.meta().links;
        if links == 0 && !node.unnamed.get() {
            return Err(FsError::NotFound);
        }
        if links >= LINKS_MAX {
            return Err(FsError::TooManyLinks);
        }
        if let Some(tree) = live(parent) {
            if old.is_unnamed() {
                return Err(FsError::NotFound);
            }
            tree.link(&old.tree_path(), &child_path(parent, name))?;
            return self.appeared(parent, name);
        }
        let entry = Entry::another(parent, name, node.clone())?;
        directory::insert(parent, &entry);
        parent.node.touch(self.now);
        node.unnamed.set(false);
        node.change(|meta| {
            meta.links += 1;
            meta.changed = self.now;
        });
        node.tell(Change::ATTRIBUTES, None, 0);
        parent.tell_name(Change::MADE, node, name, 0);
        Ok(())
    }

    /// Removes a name of something that is no directory.
    pub fn unlink(&self, start: &Rc<Entry>, path: &[u8]) -> Result<(), FsError> {
        let place = self.place(start, path)?;
        let Last::Name(name) = &place.last else {
            return Err(FsError::IsDirectory);
        };
        let parent = &place.directory;
        let child = self.child(parent, name)?.ok_or(FsError::NotFound)?;
        if place.slash {
            let directory = child.node.is_directory();
            return Err(if directory {
                FsError::IsDirectory
            } else {
                FsError::NotDirectory
            });
        }
        self.may_remove(parent, &child)?;
        if child.node.is_directory() {
            return Err(FsError::IsDirectory);
        }
        if child.is_mount() {
            return Err(FsError::Busy);
        }
        if let Some(tree) = live(parent) {
            tree.unlink(&child_path(parent, name))?;
        }
        self.drop_name(parent, &child, true);
        Ok(())
    }

    /// Removes an empty directory.
    pub fn rmdir(&self, start: &Rc<Entry>, path: &[u8]) -> Result<(), FsError> {
        let place = self.place(start, path)?;
        let name = match &place.last {
            Last::Name(name) => name,
            Last::Dot => return Err(FsError::Invalid),
            Last::DotDot => return Err(FsError::NotEmpty),
            Last::Root => return Err(FsError::Busy),
        };
        let parent = &place.directory;
        let child = self.child(parent, name)?.ok_or(FsError::NotFound)?;
        self.may_remove(parent, &child)?;
        if !child.node.is_directory() {
            return Err(FsError::NotDirectory);
        }
        if child.is_mount() {
            return Err(FsError::Busy);
        }
        if !directory::is_empty(&child, self.generator)? {
            return Err(FsError::NotEmpty);
        }
        if let Some(tree) = live(parent) {
            tree.rmdir(&child_path(parent, name))?;
        }
        self.drop_name(parent, &child, true);
        Ok(())
    }

    /// Moves something to another place.
    pub fn rename(
        &self,
        (old_start, old_path): (&Rc<Entry>, &[u8]),
        (new_start, new_path): (&Rc<Entry>, &[u8]),
        how: Rename,
    ) -> Result<(), FsError> {
        let old = self.place(old_start, old_path)?;
        let new = self.place(new_start, new_path)?;
        if !Rc::ptr_eq(&old.directory.node.fs, &new.directory.node.fs) {
            return Err(FsError::CrossDevice);
        }
        let Last::Name(old_name) = &old.last else {
            return Err(FsError::Busy);
        };
        let Last::Name(new_name) = &new.last else {
            return Err(if how == Rename::Keep {
                FsError::Exists
            } else {
                FsError::Busy
            });
        };
        let (from, to) = (&old.directory, &new.directory);
        let source = self.child(from, old_name)?.ok_or(FsError::NotFound)?;
        let target = self.child(to, new_name)?;
        if how == Rename::Keep && target.is_some() {
            return Err(FsError::Exists);
        }
        let directory = source.node.is_directory();
        if how == Rename::Exchange {
            let target = target.as_ref().ok_or(FsError::NotFound)?;
            if !target.node.is_directory() && new.slash {
                return Err(FsError::NotDirectory);
            }
        }
        if !directory && (old.slash || how != Rename::Exchange && new.slash) {
            return Err(FsError::NotDirectory);
        }
        // A directory can't go into itself, nor replace one that it is in.
        if directory && to.is_within(&source) {
            return Err(FsError::Invalid);
        }
        if let Some(target) = &target
            && target.node.is_directory()
            && from.is_within(target)
        {
            return Err(if how == Rename::Exchange {
                FsError::Invalid
            } else {
                FsError::NotEmpty
            });
        }
        if let Some(target) = &target
            && target.node.is(&source.node)
        {
            return Ok(());
        }
        self.may_remove(from, &source)?;
        match &target {
            None => self.may_add(to)?,
            Some(target) => {
                self.may_remove(to, target)?;
                if how != Rename::Exchange {
                    match (directory, target.node.is_directory()) {
                        (true, false) => return Err(FsError::NotDirectory),
                        (false, true) => return Err(FsError::IsDirectory),
                        _ => {}
                    }
                }
            }
        }
        let moves = !Rc::ptr_eq(from, to);
        if directory && moves && !self.who.may(&source.node, 2) {
            return Err(FsError::Access);
        }
        if source.is_mount() || target.as_ref().is_some_and(|target| target.is_mount()) {
            return Err(FsError::Busy);
        }
        if let Some(target) = &target
            && how != Rename::Exchange
            && target.node.is_directory()
            && !directory::is_empty(target, self.generator)?
        {
            return Err(FsError::NotEmpty);
        }
        if let Some(tree) = live(from) {
            let (old, new) = (child_path(from, old_name), child_path(to, new_name));
            tree.rename(&old, &new, how == Rename::Exchange)?;
        }
        let mut replaced = None;
        let mut exchanged = None;
        if how == Rename::Exchange
            && let Some(target) = target
        {
            source.set_place(to, new_name);
            target.set_place(from, old_name);
            directory::insert(to, &source);
            directory::insert(from, &target);
            if moves {
                count_directory(from, to, directory);
                count_directory(to, from, target.node.is_directory());
            }
            target.node.change(|meta| meta.changed = self.now);
            exchanged = Some(target);
        } else {
            if let Some(target) = &target {
                self.drop_name(to, target, false);
                replaced = Some(target.node.clone());
            }
            directory::remove(from, old_name);
            source.set_place(to, new_name);
            directory::insert(to, &source);
            if moves {
                count_directory(from, to, directory);
            }
        }
        source.node.change(|meta| meta.changed = self.now);
        from.node.touch(self.now);
        to.node.touch(self.now);
        let cookie = self.vfs.next_cookie();
        from.tell_name(Change::MOVED_FROM, &source.node, old_name, cookie);
        to.tell_name(Change::MOVED_TO, &source.node, new_name, cookie);
        if let Some(replaced) = replaced {
            replaced.tell(Change::ATTRIBUTES, None, 0);
        }
        source.node.tell(Change::MOVED, None, 0);
        if let Some(target) = exchanged {
            let cookie = self.vfs.next_cookie();
            to.tell_name(Change::MOVED_FROM, &target.node, new_name, cookie);
            from.tell_name(Change::MOVED_TO, &target.node, old_name, cookie);
            target.node.tell(Change::MOVED, None, 0);
        }
        Ok(())
    }

    /// The place of something that is not there yet.
    fn vacancy(&self, start: &Rc<Entry>, path: &[u8]) -> Result<Place, FsError> {
        let place = self.place(start, path)?;
        let Last::Name(name) = &place.last else {
            return Err(FsError::Exists);
        };
        if self.child(&place.directory, name)?.is_some() {
            return Err(FsError::Exists);
        }
        Ok(place)
    }

    /// The group of what is made in a directory, and the bit that its directories inherit.
    fn group_in(&self, directory: &Rc<Entry>) -> (u32, u16) {
        let meta = directory.node.meta();
        if meta.mode & SET_GID != 0 {
            (meta.gid, SET_GID)
        } else {
            (self.who.gid, 0)
        }
    }

    fn add(&self, parent: &Rc<Entry>, name: &[u8], node: Rc<Node>) -> Rc<Entry> {
        let entry = Entry::within(parent, name, node);
        directory::insert(parent, &entry);
        parent.node.touch(self.now);
        parent.tell_name(Change::MADE, &entry.node, name, 0);
        entry
    }

    /// Takes notice of what was made in a live directory.
    fn appeared(&self, parent: &Rc<Entry>, name: &[u8]) -> Result<(), FsError> {
        let child = self.child(parent, name)?;
        parent.node.touch(self.now);
        if let Some(child) = child {
            parent.tell_name(Change::MADE, &child.node, name, 0);
        }
        Ok(())
    }

    /// A name is gone. A directory is told of that, unless another one takes its place.
    fn drop_name(&self, parent: &Rc<Entry>, child: &Rc<Entry>, told: bool) {
        directory::remove(parent, &child.name());
        child.remove();
        let directory = child.node.is_directory();
        child.node.change(|meta| {
            meta.links = if directory {
                0
            } else {
                meta.links.saturating_sub(1)
            };
            meta.changed = self.now;
        });
        if directory {
            count(parent, false);
        }
        parent.node.touch(self.now);
        if told {
            if !directory {
                child.node.tell(Change::ATTRIBUTES, None, 0);
            }
            // Unless somebody has it open by this name. By another name does not count.   [Linux fs/dcache.c, d_delete]
            if Rc::strong_count(child) == 1 {
                child.node.tell_gone();
            }
            parent.tell_name(Change::REMOVED, &child.node, &child.name(), 0);
        }
    }
}

fn child_path(parent: &Rc<Entry>, name: &[u8]) -> Vec<u8> {
    let mut path = parent.tree_path();
    if !path.is_empty() {
        path.push(b'/');
    }
    path.extend_from_slice(name);
    path
}

fn name_of(place: &Place) -> Result<&[u8], FsError> {
    match &place.last {
        Last::Name(name) => Ok(name),
        _ => Err(FsError::Exists),
    }
}

/// A directory that moves takes its `..` along.
fn count_directory(from: &Rc<Entry>, to: &Rc<Entry>, is_directory: bool) {
    if is_directory {
        count(from, false);
        count(to, true);
    }
}

/// One directory more or less in a directory. File systems that don't count them say 1.
fn count(directory: &Rc<Entry>, more: bool) {
    directory.node.change(|meta| match (meta.links, more) {
        (0 | 1, _) => {}
        (links, true) => meta.links = links.saturating_add(1),
        (links, false) => meta.links = (links - 1).max(2),
    });
}
