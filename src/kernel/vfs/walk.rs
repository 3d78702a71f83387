//! Where does a path lead? Linux's rules: `..` at the root stays there, a trailing slash wants a directory, at most 40
//! symbolic links are followed.

use std::rc::Rc;

use super::Vfs;
use super::directory;
use super::entry::Entry;
use super::error::FsError;
use super::generated::{Generator, Target};
use super::node::{Body, Meta, Node};

/// Bytes of a name at most.
pub const NAME_MAX: usize = 255;
/// Bytes of a path at most, its end included.
pub const PATH_MAX: usize = 4096;
/// Symbolic links on a path at most.
const LINKS_MAX: u32 = 40;

/// What a task shares with the tree: where paths start, and which permission bits new files don't get.
#[derive(Debug, Clone)]
pub struct FsContext {
    /// Where `/` is.
    pub root: Rc<Entry>,
    /// Where relative paths start.
    pub cwd: Rc<Entry>,
    /// Permission bits that new files don't get.
    pub umask: u16,
}

impl FsContext {
    /// The path of an entry as this task sees it.
    pub fn path_of(&self, entry: &Rc<Entry>) -> Vec<u8> {
        entry.path_from(&self.root)
    }
}

/// Who asks, for permissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// User.
    pub uid: u32,
    /// Group.
    pub gid: u32,
    /// Further groups.
    pub groups: Vec<u32>,
    /// Permission bits don't count (CAP_DAC_OVERRIDE).
    pub all: bool,
    /// Ownership does not count (CAP_FOWNER).
    pub owner: bool,
    /// Owners can be changed (CAP_CHOWN).
    pub chown: bool,
    /// Set-group-id bits stay (CAP_FSETID).
    pub keep_ids: bool,
    /// Device nodes can be made (CAP_MKNOD).
    pub mknod: bool,
}

impl Who {
    /// Everything is allowed.
    pub fn root() -> Who {
        Who {
            uid: 0,
            gid: 0,
            groups: Vec::new(),
            all: true,
            owner: true,
            chown: true,
            keep_ids: true,
            mknod: true,
        }
    }

    /// Whether it is in a group.
    pub fn in_group(&self, gid: u32) -> bool {
        self.gid == gid || self.groups.contains(&gid)
    }

    /// Whether it owns a node, or is as good as its owner.
    pub fn owns(&self, node: &Node) -> bool {
        self.owner || self.uid == node.meta().uid
    }

    /// Whether the permission bits of a node allow what is asked for: a sum of 4 (read), 2 (write), 1 (execute, search).
    pub fn may(&self, node: &Node, access: u8) -> bool {
        let Meta { mode, uid, gid, .. } = node.meta();
        if self.all {
            // Executing takes an x for somebody.
            return access & 1 == 0 || node.is_directory() || mode & 0o111 != 0;
        }
        let shift = if self.uid == uid {
            6
        } else if self.in_group(gid) {
            3
        } else {
            0
        };
        let access = u16::from(access & 7);
        mode >> shift & access == access
    }
}

bitflags::bitflags! {
    /// Limits on a walk, as `openat2` has them.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct Limits: u8 {
        /// Nothing outside of the start.
        const BENEATH = 1;
        /// The start is the root.
        const IN_ROOT = 2;
        /// No symbolic links at all.
        const NO_SYMLINKS = 4;
        /// No links that lead to a thing rather than to a name.
        const NO_MAGIC = 8;
        /// No other file systems.
        const NO_MOUNTS = 16;
    }
}

/// A walker: who walks, and from where.
pub struct Walker<'a> {
    /// The tree.
    pub vfs: &'a Vfs,
    /// Root, working directory and umask.
    pub context: &'a FsContext,
    /// For permissions.
    pub who: &'a Who,
    /// Makes `/proc`.
    pub generator: &'a dyn Generator,
    /// The wall clock, in nanoseconds since 1970-01-01 00:00:00 UTC: what changes now gets this time.
    pub now: i64,
}

/// The last part of a path and the directory it is in.
#[derive(Debug, Clone)]
pub struct Place {
    /// The directory.
    pub directory: Rc<Entry>,
    /// The name in it.
    pub last: Last,
    /// Whether a slash was behind it.
    pub slash: bool,
    /// What is there now; when the walk did not look, nothing.
    pub found: Option<Rc<Entry>>,
}

/// The last part of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Last {
    /// A name.
    Name(Vec<u8>),
    /// `.`
    Dot,
    /// `..`
    DotDot,
    /// There is none: the path is `/`.
    Root,
}

/// How far a walk goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Goal {
    /// To what is there.
    Thing { follow: bool },
    /// To the last name, without looking at it.
    Place,
    /// To the last name, through symbolic links that have it, whether it is there or not.
    Create { follow: bool },
}

impl Walker<'_> {
    /// What a path leads to. `start` is where a relative path starts; a symbolic link at the end is followed if `follow`.
    pub fn find(&self, start: &Rc<Entry>, path: &[u8], follow: bool) -> Result<Rc<Entry>, FsError> {
        self.find_within(start, path, follow, Limits::empty())
    }

    /// The same, within limits.
    pub fn find_within(
        &self,
        start: &Rc<Entry>,
        path: &[u8],
        follow: bool,
        limits: Limits,
    ) -> Result<Rc<Entry>, FsError> {
        let place = self.walk(start, path, Goal::Thing { follow }, limits)?;
        place.found.ok_or(FsError::NotFound)
    }

    /// The directory and the name a path ends in. What has that name is not looked at.
    pub fn place(&self, start: &Rc<Entry>, path: &[u8]) -> Result<Place, FsError> {
        self.walk(start, path, Goal::Place, Limits::empty())
    }

    /// The place where a file would be created, and what is there.
    pub fn place_to_create(
        &self,
        start: &Rc<Entry>,
        path: &[u8],
        follow: bool,
        limits: Limits,
    ) -> Result<Place, FsError> {
        self.walk(start, path, Goal::Create { follow }, limits)
    }

    /// What has a name in a directory.
    pub fn child(&self, directory: &Rc<Entry>, name: &[u8]) -> Result<Option<Rc<Entry>>, FsError> {
        if name.len() > NAME_MAX {
            return Err(FsError::NameTooLong);
        }
        directory::lookup(directory, name, self.generator)
    }

    /// All names of a directory.
    pub fn children(&self, directory: &Rc<Entry>) -> Result<Vec<Rc<Entry>>, FsError> {
        directory::list(directory, self.generator)
    }

    fn walk(
        &self,
        start: &Rc<Entry>,
        path: &[u8],
        goal: Goal,
        limits: Limits,
    ) -> Result<Place, FsError> {
        if path.is_empty() {
            return Err(FsError::NotFound);
        }
        if path.len() >= PATH_MAX {
            return Err(FsError::NameTooLong);
        }
        let bounded = limits.intersects(Limits::BENEATH | Limits::IN_ROOT);
        let root = if bounded { start } else { &self.context.root };
        let mut links = 0;
        let mut rest = path.to_vec();
        let mut at = start.clone();
        if rest[0] == b'/' {
            if limits.contains(Limits::BENEATH) {
                return Err(FsError::CrossDevice);
            }
            at = self.step(&at, root.clone(), limits)?;
        }
        let mut slash = false;
        let mut last = Last::Root;
        let mut directory = at.clone();
        loop {
            let begin = rest.iter().position(|b| *b != b'/').unwrap_or(rest.len());
            if begin == rest.len() {
                // The end: of `/`, of a path that ends in `.` or `..`, or of what a symbolic link said.
                if slash && !at.node.is_directory() {
                    return Err(FsError::NotDirectory);
                }
                return Ok(Place {
                    directory,
                    last,
                    slash,
                    found: Some(at),
                });
            }
            let end = rest[begin..]
                .iter()
                .position(|b| *b == b'/')
                .map_or(rest.len(), |n| begin + n);
            let name = rest[begin..end].to_vec();
            let after = rest.split_off(end);
            let is_last = after.iter().all(|b| *b == b'/');
            slash = is_last && !after.is_empty();
            if !at.node.is_directory() {
                return Err(FsError::NotDirectory);
            }
            if !self.who.may(&at.node, 1) {
                return Err(FsError::Access);
            }
            if name.len() > NAME_MAX {
                return Err(FsError::NameTooLong);
            }
            rest = after;
            directory = at.clone();
            match name.as_slice() {
                b"." => {
                    last = Last::Dot;
                    continue;
                }
                b".." => {
                    last = Last::DotDot;
                    if Rc::ptr_eq(&at, root) {
                        if limits.contains(Limits::BENEATH) {
                            return Err(FsError::CrossDevice);
                        }
                    } else if let Some(parent) = at.parent() {
                        at = self.step(&at, parent, limits)?;
                    }
                    continue;
                }
                _ => {}
            }
            if is_last && goal == Goal::Place {
                return Ok(Place {
                    directory,
                    last: Last::Name(name),
                    slash,
                    found: None,
                });
            }
            if slash && matches!(goal, Goal::Create { .. }) {
                return Err(FsError::IsDirectory);
            }
            let Some(child) = directory::lookup(&at, &name, self.generator)? else {
                if is_last && matches!(goal, Goal::Create { .. }) {
                    return Ok(Place {
                        directory,
                        last: Last::Name(name),
                        slash,
                        found: None,
                    });
                }
                return Err(FsError::NotFound);
            };
            let follow = match goal {
                Goal::Thing { follow } | Goal::Create { follow } => follow,
                Goal::Place => false,
            };
            if !child.node.is_symlink() || is_last && !slash && !follow {
                at = self.step(&at, child, limits)?;
                last = Last::Name(name);
                if is_last {
                    let creates = matches!(goal, Goal::Create { .. });
                    if slash && !creates && !at.node.is_directory() {
                        return Err(FsError::NotDirectory);
                    }
                    return Ok(Place {
                        directory,
                        last,
                        slash,
                        found: Some(at),
                    });
                }
                continue;
            }
            links += 1;
            if links > LINKS_MAX || limits.contains(Limits::NO_SYMLINKS) {
                return Err(FsError::Loop);
            }
            let text = match self.target(&child)? {
                Target::Text(text) => text,
                Target::Entry(entry) => {
                    if limits.contains(Limits::NO_MAGIC) {
                        return Err(FsError::Loop);
                    }
                    if bounded {
                        return Err(FsError::CrossDevice);
                    }
                    at = self.step(&at, entry, limits)?;
                    directory = at.parent().unwrap_or_else(|| at.clone());
                    last = Last::Name(name);
                    continue;
                }
            };
            if text.is_empty() {
                return Err(FsError::NotFound);
            }
            if text[0] == b'/' {
                if limits.contains(Limits::BENEATH) {
                    return Err(FsError::CrossDevice);
                }
                at = self.step(&at, root.clone(), limits)?;
                last = Last::Root;
                directory = at.clone();
            }
            let after = std::mem::replace(&mut rest, text);
            rest.extend_from_slice(&after);
        }
    }

    /// Goes from one entry to another, if it may leave the file system.
    fn step(&self, from: &Rc<Entry>, to: Rc<Entry>, limits: Limits) -> Result<Rc<Entry>, FsError> {
        if limits.contains(Limits::NO_MOUNTS) && !Rc::ptr_eq(&from.node.fs, &to.node.fs) {
            return Err(FsError::CrossDevice);
        }
        Ok(to)
    }

    fn target(&self, link: &Rc<Entry>) -> Result<Target, FsError> {
        match &link.node.body {
            Body::Symlink(text) => Ok(Target::Text(text.to_vec())),
            Body::Made(made) => self.generator.link(made.key),
            _ => Err(FsError::Invalid),
        }
    }

    /// The text of a symbolic link.
    pub fn read_link(&self, link: &Rc<Entry>) -> Result<Vec<u8>, FsError> {
        match self.target(link)? {
            Target::Text(text) => Ok(text),
            Target::Entry(entry) => Ok(self.context.path_of(&entry)),
        }
    }
}
