//! What is mounted where when a run starts?

use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use emu_cpu::Memory;

use super::Vfs;
use super::content::Content;
use super::directory::{self, Directory};
use super::entry::Entry;
use super::error::FsError;
use super::generated::Nothing;
use super::node::{Body, Meta, Node};
use super::space::{FileSystem, FsKind, Pool, Shared, Space};
use super::walk::{FsContext, Walker, Who};
use crate::Error;
use crate::kernel::host::{Host, Kind};
use crate::kernel::tty::Terminals;

/// Nodes the guest may make.
const NODES: u64 = 200_000;
/// Where programs of the host are seen.
const PROGRAMS: &[u8] = b"/emu";

/// What the tree is made of.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// The host's directory that is `/`. Without one the tree starts nearly empty.
    pub root: Option<PathBuf>,
    /// What else is to be seen.
    pub binds: Vec<Bind>,
    /// Directories of the host with libraries of Windows, which are seen in `C:\\Windows\\System32`.
    pub libraries: Vec<PathBuf>,
    /// Bytes the guest may store; half of guest memory when not given.
    pub disk: Option<u64>,
    /// How many files may be open at once.
    pub files: Option<u64>,
    /// Bytes the guest may write to the standard streams of the host.
    pub output: Option<u64>,
    /// The wall clock at the start, in nanoseconds since 1970-01-01 00:00:00 UTC.
    pub now: i64,
}

/// A directory or file of the host that the guest sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bind {
    /// Where it is on the host.
    pub host: PathBuf,
    /// Where the guest sees it.
    pub guest: Vec<u8>,
    /// Whether changes go to the host. Otherwise they stay in memory.
    pub write: bool,
}

/// A file system and its place.
#[derive(Clone)]
pub struct Mount {
    /// Where it is.
    pub path: Vec<u8>,
    /// Its top.
    pub entry: Rc<Entry>,
    /// What stands for the device.
    pub source: &'static str,
}

impl Mount {
    /// What `/proc/mounts` calls its type.
    pub fn type_name(&self) -> &'static str {
        match self.entry.node.fs.kind {
            FsKind::Overlay => "overlay",
            FsKind::Memory => "tmpfs",
            FsKind::Live => "hostfs",
            FsKind::Devices => "devtmpfs",
            FsKind::Processes => "proc",
            FsKind::System => "sysfs",
            FsKind::Terminals => "devpts",
            FsKind::Anonymous => "none",
        }
    }
}

impl Vfs {
    /// Puts the tree together.
    pub fn new(host: Rc<dyn Host>, memory: &Memory, setup: &Setup) -> Result<Vfs, Error> {
        let disk = setup.disk.unwrap_or(memory.limit() / 2);
        let shared = Shared {
            memory: memory.clone(),
            space: Space::new(disk, NODES, setup.files, setup.output),
            pool: Rc::new(Pool::default()),
            born: setup.now,
        };
        let anonymous = FileSystem::new(1, FsKind::Anonymous, None, &shared);
        let (fs, body, meta) = match &setup.root {
            Some(path) => {
                let failed = |error| Error::io(format!("--root {}", path.display()), error);
                let tree = host.tree(path).map_err(failed)?;
                let stat = tree.stat(b"").map_err(failed)?;
                if stat.kind != Kind::Directory {
                    return Err(Error::Usage(format!(
                        "--root {} is no directory",
                        path.display()
                    )));
                }
                let fs = FileSystem::new(2, FsKind::Overlay, Some(tree), &shared);
                (
                    fs,
                    Body::Directory(Directory::of_host(b"")),
                    Meta::of_host(&stat),
                )
            }
            None => {
                let fs = FileSystem::new(2, FsKind::Memory, None, &shared);
                let meta = Meta {
                    links: 2,
                    ..Meta::new(0o755, 0, 0, setup.now)
                };
                (fs, Body::Directory(Directory::empty()), meta)
            }
        };
        let root = Entry::top(Node::found(&fs, body, meta));
        let source = if setup.root.is_some() {
            "overlay"
        } else {
            "tmpfs"
        };
        let mount = Mount {
            path: b"/".to_vec(),
            entry: root.clone(),
            source,
        };
        let vfs = Vfs {
            root,
            host,
            shared,
            anonymous,
            mounts: RefCell::new(vec![mount]),
            last_device: Cell::new(2),
            last_file: Cell::new(0),
            last_cookie: Cell::new(0),
            baseline: RefCell::default(),
            buffer: RefCell::default(),
            terminal: RefCell::default(),
            terminals: Terminals::default(),
            slaves: RefCell::default(),
        };
        let standard =
            |error| Error::Usage(format!("--root can't take the standard mounts: {error:?}"));
        vfs.mount_standard(setup.root.is_none()).map_err(standard)?;
        for bind in &setup.binds {
            vfs.bind(bind)?;
        }
        vfs.add_libraries(&setup.libraries)?;
        Ok(vfs)
    }

    /// Everything that is mounted, in the order in which it was.
    pub fn mounts(&self) -> Vec<Mount> {
        self.mounts.borrow().clone()
    }

    /// Shows a program of the host to the guest, under its own name in `/emu`, and gives its path there.
    pub fn add_program(&self, path: &Path) -> Result<Vec<u8>, Error> {
        let failed = |error| Error::io(path.display().to_string(), error);
        let tree = self.host.tree(path).map_err(failed)?;
        let stat = tree.stat(b"").map_err(failed)?;
        if stat.kind != Kind::File {
            return Err(Error::Image(format!("{} is a directory", path.display())));
        }
        let name = path.file_name().map(std::os::unix::ffi::OsStrExt::as_bytes);
        let name = name.filter(|name| !name.is_empty()).unwrap_or(b"program");
        let fs = self.file_system(FsKind::Overlay, Some(tree.clone()));
        let node = directory::of_host(&fs, &tree, b"", &stat)
            .map_err(|error| Error::Image(format!("{}: {error:?}", path.display())))?;
        // It was named to be run; on the host it need not be executable for that.
        node.change(|meta| meta.mode |= 0o111);
        let mut guest = PROGRAMS.to_vec();
        guest.push(b'/');
        guest.extend_from_slice(name);
        self.mount(&guest, node, "program").map_err(|error| {
            Error::Usage(format!(
                "{} has no place in the tree: {error:?}",
                path.display()
            ))
        })?;
        Ok(guest)
    }

    fn bind(&self, bind: &Bind) -> Result<(), Error> {
        let shown = || {
            format!(
                "--bind {}:{}",
                bind.host.display(),
                String::from_utf8_lossy(&bind.guest)
            )
        };
        if bind.guest.first() != Some(&b'/') {
            return Err(Error::Usage(format!(
                "{}: the guest's path must begin with a slash",
                shown()
            )));
        }
        let failed = |error| Error::io(shown(), error);
        let tree = self.host.tree(&bind.host).map_err(failed)?;
        let stat = tree.stat(b"").map_err(failed)?;
        let kind = if bind.write {
            FsKind::Live
        } else {
            FsKind::Overlay
        };
        let fs = self.file_system(kind, Some(tree.clone()));
        let node = directory::of_host(&fs, &tree, b"", &stat)
            .map_err(|error| Error::Usage(format!("{}: {error:?}", shown())))?;
        self.mount(&bind.guest, node, "bind").map_err(|error| {
            Error::Usage(format!("{} has no place in the tree: {error:?}", shown()))
        })
    }

    pub(super) fn file_system(
        &self,
        kind: FsKind,
        tree: Option<Rc<dyn crate::kernel::host::Tree>>,
    ) -> Rc<FileSystem> {
        self.last_device.set(self.last_device.get() + 1);
        FileSystem::new(self.last_device.get(), kind, tree, &self.shared)
    }

    pub(super) fn new_directory(&self, fs: &Rc<FileSystem>, mode: u16) -> Rc<Node> {
        let meta = Meta {
            links: 2,
            ..Meta::new(mode, 0, 0, self.shared.born)
        };
        Node::found(fs, Body::Directory(Directory::empty()), meta)
    }

    /// Covers a path with the top of another file system. Directories on the way are made as needed.
    pub(super) fn mount(
        &self,
        path: &[u8],
        node: Rc<Node>,
        source: &'static str,
    ) -> Result<(), FsError> {
        let (parent, name) = self.parent(path)?;
        if let Some(covered) = self.walk(|walker| walker.child(&parent, &name))?
            && covered.node.is_directory() != node.is_directory()
            && !covered.node.is_symlink()
        {
            return Err(match node.is_directory() {
                true => FsError::NotDirectory,
                false => FsError::IsDirectory,
            });
        }
        let directory = node.is_directory();
        let entry = Entry::within(&parent, &name, node);
        directory::insert(&parent, &entry);
        if directory {
            parent
                .node
                .change(|meta| meta.links = meta.links.saturating_add(u32::from(meta.links > 1)));
        }
        let path = entry.path();
        self.mounts.borrow_mut().push(Mount {
            path,
            entry,
            source,
        });
        Ok(())
    }

    /// The directory that a path is in, made as needed, and the last name.
    fn parent(&self, path: &[u8]) -> Result<(Rc<Entry>, Vec<u8>), FsError> {
        let mut names: Vec<&[u8]> = path.split(|b| *b == b'/').collect();
        names.retain(|name| !name.is_empty() && *name != b".");
        let last = names
            .pop()
            .filter(|name| *name != b"..")
            .ok_or(FsError::Busy)?;
        let directory = self.directory(&names.join(&b'/'))?;
        Ok((directory, last.to_vec()))
    }

    /// The directory of a path, made as needed.
    pub(super) fn directory(&self, path: &[u8]) -> Result<Rc<Entry>, FsError> {
        let mut at = self.root.clone();
        for name in path
            .split(|b| *b == b'/')
            .filter(|name| !name.is_empty() && *name != b".")
        {
            at = match self.walk(|walker| walker.find(&at, name, true)) {
                Ok(found) if found.node.is_directory() => found,
                Ok(_) => return Err(FsError::NotDirectory),
                Err(FsError::NotFound) if !at.node.fs.is_live() => {
                    let entry = Entry::within(&at, name, self.new_directory(&at.node.fs, 0o755));
                    directory::insert(&at, &entry);
                    at.node
                        .change(|meta| meta.links += u32::from(meta.links > 1));
                    entry
                }
                Err(error) => return Err(error),
            };
        }
        Ok(at)
    }

    pub(super) fn put(&self, path: &[u8], body: Body, mode: u16) -> Result<Rc<Entry>, FsError> {
        let (parent, name) = self.parent(path)?;
        let meta = Meta::new(mode, 0, 0, self.shared.born);
        let entry = Entry::within(&parent, &name, Node::found(&parent.node.fs, body, meta));
        directory::insert(&parent, &entry);
        Ok(entry)
    }

    /// Puts a file into the tree, over whatever was there; directories on the way are made as needed.
    pub fn file(&self, path: &[u8], bytes: &[u8], mode: u16) -> Result<(), FsError> {
        let (parent, _) = self.parent(path)?;
        let fs = parent.node.fs.clone();
        let content = Content::empty(&fs);
        content.write(&fs, None, 0, bytes)?;
        self.put(path, Body::File(content), mode)?;
        Ok(())
    }

    pub(super) fn walk<T>(&self, walk: impl FnOnce(&Walker<'_>) -> T) -> T {
        let context: FsContext = self.context();
        let who = Who::root();
        walk(&Walker {
            vfs: self,
            context: &context,
            who: &who,
            generator: &Nothing,
            now: self.shared.born,
        })
    }
}
