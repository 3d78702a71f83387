//! What did the guest change in its tree?

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Vfs;
use super::directory::{self, Known};
use super::entry::Entry;
use super::error::FsError;
use super::generated::Nothing;
use super::node::{Body, Meta, Node};
use super::space::FsKind;
use crate::kernel::host::Tree;

/// How a path differs from what it was at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DifferenceKind {
    /// Nothing was there.
    Added,
    /// Something else was there, or it had other bytes, rights or times.
    Modified,
    /// It is gone.
    Deleted,
}

impl DifferenceKind {
    /// Its letter: `A`, `M` or `D`.
    pub fn letter(self) -> char {
        match self {
            DifferenceKind::Added => 'A',
            DifferenceKind::Modified => 'M',
            DifferenceKind::Deleted => 'D',
        }
    }
}

/// A path that is not what it was.
#[derive(Debug, Clone)]
pub struct Difference {
    /// How it differs.
    pub kind: DifferenceKind,
    /// Its path.
    pub path: Vec<u8>,
    /// What is there now.
    pub entry: Option<Rc<Entry>>,
    /// Whether it is a directory in place of another directory, whose names are not in it.
    pub replaces: bool,
}

/// `A PATH`; bytes of the path that could be taken for something else are escaped.
impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind.letter(), self.path.escape_ascii())
    }
}

/// What the tree was made of at the start, besides what is the host's: paths, and what was there.
#[derive(Default)]
pub(super) struct Baseline(BTreeMap<Vec<u8>, Start>);

#[derive(Clone, Copy, PartialEq, Eq)]
struct Start {
    device: u32,
    ino: u64,
    directory: bool,
    len: u64,
    meta: Meta,
}

impl Start {
    fn of(node: &Node) -> Start {
        Start {
            device: node.fs.device,
            ino: node.ino,
            directory: node.is_directory(),
            len: node.content().map_or(0, |content| content.len()),
            meta: node.meta(),
        }
    }

    fn is(&self, node: &Node) -> bool {
        (self.device, self.ino) == (node.fs.device, node.ino)
    }
}

/// Whether a file system keeps what the guest writes.
fn keeps(node: &Node) -> bool {
    matches!(node.fs.kind, FsKind::Overlay | FsKind::Memory)
}

/// Whether rights and owners differ.
fn rights_differ(a: &Meta, b: &Meta) -> bool {
    (a.mode, a.uid, a.gid) != (b.mode, b.uid, b.gid)
}

fn join(directory: &[u8], name: &[u8]) -> Vec<u8> {
    match directory {
        b"/" | b"" => [b"/", name].concat(),
        _ => [directory, b"/", name].concat(),
    }
}

impl Vfs {
    /// Notes what is there now: changes are what differs from it.
    pub fn note_start(&self) {
        let mut baseline = Baseline::default();
        for mount in self.mounts() {
            if keeps(&mount.entry.node) {
                note(&mut baseline, &mount.entry, &mount.path);
            }
        }
        self.baseline.replace(baseline);
    }

    /// All paths that are not what they were, sorted. Below a new directory each path is told, of a directory that is
    /// gone only itself. What is on file systems of the host, whose changes go there, is not told.
    pub fn changes(&self) -> Result<Vec<Difference>, FsError> {
        let baseline = self.baseline.borrow();
        let mut search = Search {
            baseline: &baseline,
            found: Vec::new(),
        };
        for mount in self.mounts() {
            let Some(parent) = keeps(&mount.entry.node).then(|| mount.entry.parent()) else {
                continue;
            };
            // One that was covered, or is not in the tree any more, is nobody's.
            if parent.is_some() && mount.entry.is_removed() {
                continue;
            }
            match mount.entry.node.is_directory() {
                true => search.directory(&mount.entry, &mount.path, false)?,
                false => search.top(&mount.entry, &mount.path)?,
            }
        }
        let mut gone: Vec<Difference> = Vec::new();
        for path in baseline.0.keys() {
            let there = self.walk(|walker| walker.find(&self.root, path, false));
            let below = |change: &Difference| path.starts_with(&join(&change.path, b""));
            if there.is_err() && !gone.iter().any(below) {
                gone.push(deleted(path.clone()));
            }
        }
        let mut found = search.found;
        found.extend(gone);
        found.sort_by(|a, b| a.path.cmp(&b.path));
        found.dedup_by(|a, b| a.path == b.path);
        Ok(found)
    }
}

/// Notes what is not the host's.
fn note(baseline: &mut Baseline, entry: &Rc<Entry>, path: &[u8]) {
    let node = &entry.node;
    if !node.is_of_host() {
        baseline.0.insert(path.to_vec(), Start::of(node));
    }
    if let Body::Directory(known) = &node.body {
        for (name, child) in known.known() {
            if let Known::Here(child) = child
                && !child.is_mount()
            {
                note(baseline, &child, &join(path, &name));
            }
        }
    }
}

fn deleted(path: Vec<u8>) -> Difference {
    Difference {
        kind: DifferenceKind::Deleted,
        path,
        entry: None,
        replaces: false,
    }
}

struct Search<'a> {
    baseline: &'a Baseline,
    found: Vec<Difference>,
}

impl Search<'_> {
    fn tell(&mut self, kind: DifferenceKind, path: &[u8], entry: &Rc<Entry>, replaces: bool) {
        self.found.push(Difference {
            kind,
            path: path.to_vec(),
            entry: Some(entry.clone()),
            replaces,
        });
    }

    /// A file that is mounted by itself.
    fn top(&mut self, entry: &Rc<Entry>, path: &[u8]) -> Result<(), FsError> {
        if let (Some(tree), Some(content)) = (&entry.node.fs.host, entry.node.content())
            && content.differs(&entry.node.fs, tree)?
        {
            self.tell(DifferenceKind::Modified, path, entry, false);
        }
        Ok(())
    }

    /// What differs in a directory that is what it was, or all of it.
    fn directory(&mut self, at: &Rc<Entry>, path: &[u8], all: bool) -> Result<(), FsError> {
        let Body::Directory(known) = &at.node.body else {
            return Ok(());
        };
        if all {
            for child in directory::list(at, &Nothing)? {
                if !child.is_mount() {
                    let path = join(path, &child.name());
                    self.tell(DifferenceKind::Added, &path, &child, false);
                    self.directory(&child, &path, true)?;
                }
            }
            return Ok(());
        }
        let host = at.node.fs.host.as_ref();
        let origin = |name: &[u8]| host.zip(known.origin_of(name));
        let children = known.known();
        if let (true, Some((tree, origin))) = (known.is_complete(), host.zip(known.origin())) {
            for name in tree.list(origin)? {
                if !children.contains_key(&name[..]) {
                    self.found.push(deleted(join(path, &name)));
                }
            }
        }
        for (name, child) in children {
            let path = join(path, &name);
            let before = match origin(&name) {
                Some((tree, origin)) => tree.stat(&origin).ok().map(|stat| (tree, origin, stat)),
                None => None,
            };
            let child = match child {
                Known::Here(child) if child.is_mount() => continue,
                Known::Here(child) => child,
                Known::Gone if before.is_some() => {
                    self.found.push(deleted(path));
                    continue;
                }
                Known::Gone => continue,
            };
            let start = self.baseline.0.get(&path);
            if let Some(start) = start.filter(|start| start.is(&child.node)) {
                let now = Start::of(&child.node);
                let touched = !now.directory
                    && (start.len, start.meta.modified) != (now.len, now.meta.modified);
                if touched || rights_differ(&start.meta, &now.meta) {
                    self.tell(DifferenceKind::Modified, &path, &child, false);
                }
                self.directory(&child, &path, false)?;
                continue;
            }
            if let Some((tree, origin, stat)) = &before
                && is_from(&child.node, tree, origin)
            {
                let meta = Meta::of_host(stat);
                let now = child.node.meta();
                let written = match child.node.content() {
                    Some(content) => {
                        now.modified != meta.modified || content.differs(&child.node.fs, tree)?
                    }
                    None => false,
                };
                if written || rights_differ(&meta, &now) {
                    self.tell(DifferenceKind::Modified, &path, &child, false);
                }
                self.directory(&child, &path, false)?;
                continue;
            }
            let was_directory = match (&before, start) {
                (Some((_, _, stat)), _) => stat.kind == crate::kernel::host::Kind::Directory,
                (None, Some(start)) => start.directory,
                (None, None) => false,
            };
            let kind = match before.is_some() || start.is_some() {
                true => DifferenceKind::Modified,
                false => DifferenceKind::Added,
            };
            let replaces = was_directory && child.node.is_directory();
            self.tell(kind, &path, &child, replaces);
            self.directory(&child, &path, true)?;
        }
        Ok(())
    }
}

/// Whether a node is what the host has at a path of its tree.
fn is_from(node: &Node, tree: &Rc<dyn Tree>, path: &[u8]) -> bool {
    if !node.is_of_host() && node.charges() {
        return false;
    }
    match &node.body {
        Body::File(content) => content.origin() == Some(path),
        Body::Directory(known) => known.origin() == Some(path),
        Body::Symlink(text) => {
            !node.charges() && tree.readlink(path).is_ok_and(|now| now == **text)
        }
        Body::Foreign(_) => true,
        _ => false,
    }
}
