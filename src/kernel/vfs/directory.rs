//! Which names are in a directory?
//!
//! Names come from three places: what the guest made, what the host has (looked up when asked for, unless the guest
//! removed it), and generators.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::content::Content;
use super::entry::Entry;
use super::error::FsError;
use super::generated::{Generator, MadeKind};
use super::node::{Body, FileType, Meta, Node};
use super::space::FileSystem;
use crate::kernel::host::{self, Kind, Tree};

/// The names of a directory, as far as they are known.
pub struct Directory {
    children: RefCell<BTreeMap<Rc<[u8]>, Child>>,
    /// Where it is in the host's tree. It stays when the guest moves the directory: the host's is not moved.
    origin: Option<Rc<[u8]>>,
    /// Whether all names of the host are among `children`.
    complete: Cell<bool>,
}

/// What is known of a name.
pub(super) enum Known {
    /// It is there.
    Here(Rc<Entry>),
    /// The guest removed what the host has.
    Gone,
}

enum Child {
    Here(Rc<Entry>),
    /// The host has it, the guest removed it.
    Gone,
}

impl Directory {
    /// An empty one.
    pub(super) fn empty() -> Directory {
        Directory {
            children: RefCell::default(),
            origin: None,
            complete: Cell::new(true),
        }
    }

    /// One of the host's.
    pub(super) fn of_host(path: &[u8]) -> Directory {
        Directory {
            children: RefCell::default(),
            origin: Some(path.into()),
            complete: Cell::new(false),
        }
    }

    /// Where it was in the host's tree.
    pub(super) fn origin(&self) -> Option<&[u8]> {
        self.origin.as_deref()
    }

    /// Whether all names of the host are known.
    pub(super) fn is_complete(&self) -> bool {
        self.complete.get()
    }

    /// The names that are known, without asking the host.
    pub(super) fn known(&self) -> BTreeMap<Rc<[u8]>, Known> {
        let children = self.children.borrow();
        let known = children.iter().map(|(name, child)| {
            let child = match child {
                Child::Here(entry) => Known::Here(entry.clone()),
                Child::Gone => Known::Gone,
            };
            (name.clone(), child)
        });
        known.collect()
    }

    pub(super) fn origin_of(&self, name: &[u8]) -> Option<Vec<u8>> {
        self.origin.as_ref().map(|origin| join(origin, name))
    }
}

fn join(directory: &[u8], name: &[u8]) -> Vec<u8> {
    if directory.is_empty() {
        name.to_vec()
    } else {
        [directory, b"/", name].concat()
    }
}

/// Finds a name. `.` and `..` are not names.
pub(super) fn lookup(
    directory: &Rc<Entry>,
    name: &[u8],
    generator: &dyn Generator,
) -> Result<Option<Rc<Entry>>, FsError> {
    let node = &directory.node;
    let known = match &node.body {
        Body::Directory(known) => known,
        Body::Made(made) if made.kind == MadeKind::Directory => {
            let made = generator.lookup(made.key, name)?;
            return Ok(made.map(|made| Entry::held(directory, name, Node::made(&node.fs, made))));
        }
        _ => return Err(FsError::NotDirectory),
    };
    let child = match known.children.borrow().get(name) {
        Some(Child::Here(child)) => Some(child.clone()),
        Some(Child::Gone) => return Ok(None),
        None => None,
    };
    if !node.fs.is_live() {
        if child.is_some() || known.complete.get() {
            return Ok(child);
        }
        let (Some(tree), Some(path)) = (&node.fs.host, known.origin_of(name)) else {
            return Ok(None);
        };
        return match tree.stat(&path) {
            Ok(stat) => Ok(Some(adopt(directory, known, tree, name, &path, &stat)?)),
            Err(error) => absent(error.into()),
        };
    }
    // A live directory is as the host has it now; only mounts are ours.
    if let Some(child) = &child
        && child.is_mount()
    {
        return Ok(Some(child.clone()));
    }
    let tree = node.fs.host.as_ref().ok_or(FsError::Io)?;
    let path = join(&directory.tree_path(), name);
    match tree.stat(&path) {
        Ok(stat) => match child {
            Some(child) if is_still(&child.node, &stat, tree, &path) => {
                refresh(&child.node, &stat);
                Ok(Some(child))
            }
            _ => Ok(Some(adopt(directory, known, tree, name, &path, &stat)?)),
        },
        Err(error) => {
            if let Some(child) = child {
                known.children.borrow_mut().remove(name);
                child.remove();
            }
            absent(error.into())
        }
    }
}

/// What the host does not have, or does not let us see as a name, is not there.
fn absent(error: FsError) -> Result<Option<Rc<Entry>>, FsError> {
    match error {
        FsError::NotFound | FsError::NotDirectory => Ok(None),
        error => Err(error),
    }
}

/// Makes a node for what the host has.
fn adopt(
    directory: &Rc<Entry>,
    known: &Directory,
    tree: &Rc<dyn Tree>,
    name: &[u8],
    path: &[u8],
    stat: &host::Stat,
) -> Result<Rc<Entry>, FsError> {
    let node = of_host(&directory.node.fs, tree, path, stat)?;
    let entry = Entry::within(directory, name, node);
    known
        .children
        .borrow_mut()
        .insert(name.into(), Child::Here(entry.clone()));
    Ok(entry)
}

/// The node of something that the host has.
pub(super) fn of_host(
    fs: &Rc<FileSystem>,
    tree: &Rc<dyn Tree>,
    path: &[u8],
    stat: &host::Stat,
) -> Result<Rc<Node>, FsError> {
    let several = stat.kind == Kind::File && stat.links > 1;
    if several
        && let Some(node) = fs
            .linked
            .borrow()
            .get(&stat.identity)
            .and_then(|n| n.upgrade())
    {
        return Ok(node);
    }
    let body = match stat.kind {
        Kind::File if fs.is_live() => Body::File(Content::live(fs, stat)),
        Kind::File => Body::File(Content::of_host(fs, path, stat)),
        Kind::Directory => Body::Directory(Directory::of_host(path)),
        Kind::Symlink => Body::Symlink(tree.readlink(path)?.into()),
        kind => Body::Foreign(FileType::from(kind)),
    };
    let node = Node::found(fs, body, Meta::of_host(stat));
    if several {
        fs.linked
            .borrow_mut()
            .insert(stat.identity, Rc::downgrade(&node));
    }
    Ok(node)
}

/// Whether a live node is still what the host has under its name.
fn is_still(node: &Node, stat: &host::Stat, tree: &Rc<dyn Tree>, path: &[u8]) -> bool {
    if node.file_type() != FileType::from(stat.kind) {
        return false;
    }
    match &node.body {
        Body::File(content) => content.live_identity() == Some(stat.identity),
        Body::Symlink(text) => tree.readlink(path).is_ok_and(|now| now == **text),
        _ => true,
    }
}

/// Takes over what the host says of a live node now.
pub(super) fn refresh(node: &Node, stat: &host::Stat) {
    if let Body::File(content) = &node.body {
        content.refresh(stat);
    }
    node.change(|meta| {
        let new = Meta::of_host(stat);
        // Owners, and times that the host would not tell, are kept here.
        *meta = Meta {
            uid: meta.uid,
            gid: meta.gid,
            born: meta.born,
            accessed: meta.accessed,
            ..new
        };
    });
}

/// All names of a directory with their nodes, sorted; generated ones in the generator's order.
pub(super) fn list(
    directory: &Rc<Entry>,
    generator: &dyn Generator,
) -> Result<Vec<Rc<Entry>>, FsError> {
    let node = &directory.node;
    let known = match &node.body {
        Body::Directory(known) => known,
        Body::Made(made) if made.kind == MadeKind::Directory => {
            let held = |(name, made): (Vec<u8>, _)| {
                Entry::held(directory, &name, Node::made(&node.fs, made))
            };
            return Ok(generator.list(made.key)?.into_iter().map(held).collect());
        }
        _ => return Err(FsError::NotDirectory),
    };
    if let Some(tree) = &node.fs.host {
        let path = match &known.origin {
            _ if node.fs.is_live() => Some(directory.tree_path()),
            Some(origin) => Some(origin.to_vec()),
            None => None,
        };
        if let Some(path) = path
            && (node.fs.is_live() || !known.complete.get())
        {
            let names = tree.list(&path)?;
            for name in &names {
                // Also drops or replaces what the host has changed, and leaves out what vanishes meanwhile.
                match lookup(directory, name, generator) {
                    Ok(_) | Err(FsError::Access | FsError::Io) => {}
                    Err(error) => return Err(error),
                }
            }
            if node.fs.is_live() {
                known.children.borrow_mut().retain(|name, child| {
                    let mounted = matches!(child, Child::Here(child) if child.is_mount());
                    mounted || names.binary_search_by(|n| n.as_slice().cmp(name)).is_ok()
                });
            } else {
                known.complete.set(true);
            }
        }
    }
    let children = known.children.borrow();
    let here = children.values().filter_map(|child| match child {
        Child::Here(child) => Some(child.clone()),
        Child::Gone => None,
    });
    Ok(here.collect())
}

/// Puts an entry under its name, over whatever was there.
pub(super) fn insert(directory: &Rc<Entry>, entry: &Rc<Entry>) {
    if let Some(known) = directory.node.directory() {
        known
            .children
            .borrow_mut()
            .insert(entry.name(), Child::Here(entry.clone()));
    }
}

/// Takes a name away.
pub(super) fn remove(directory: &Rc<Entry>, name: &[u8]) {
    let Some(known) = directory.node.directory() else {
        return;
    };
    let mut children = known.children.borrow_mut();
    if known.origin.is_some() && !directory.node.fs.is_live() && !known.complete.get() {
        children.insert(name.into(), Child::Gone);
    } else {
        children.remove(name);
    }
}

/// Whether nothing is in it.
pub(super) fn is_empty(directory: &Rc<Entry>, generator: &dyn Generator) -> Result<bool, FsError> {
    Ok(list(directory, generator)?.is_empty())
}
