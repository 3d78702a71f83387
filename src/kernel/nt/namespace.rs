//! What do names of objects lead to?   [Windows Internals, Object directories and Symbolic links]
//!
//! A name is there as long as somebody has a handle of its object, or for good when it was made so.

mod directory;

use std::cell::Cell;
use std::rc::Rc;

use emu_prototypes::nt::NtStatus;

use super::handles::Object;
use super::path::VOLUME;
use super::pool::{Pool, Taken};
use super::sync::{Dispatcher, State};
pub(super) use directory::Directory;
use directory::{Held, Passing};

/// Links that a name may lead over.
const MAX_LINKS: u32 = 32;
/// Units of a name, and of what it becomes over links.
const MAX_NAME: usize = 0x7fff;
/// Names that stay for good.
const MAX_PERMANENT: usize = 1 << 14;
const SEPARATOR: u16 = b'\\' as u16;

/// A name that stands for another.
pub(super) struct Link {
    target: Vec<u16>,
    _taken: Option<Taken>,
}

impl Link {
    pub(super) fn new(pool: &Pool, target: Vec<u16>) -> Result<Link, NtStatus> {
        let taken = pool.take(2 * target.len())?;
        Ok(Link {
            target,
            _taken: Some(taken),
        })
    }

    pub(super) fn target(&self) -> &[u16] {
        &self.target
    }
}

/// What a name leads to.
pub(super) enum Found {
    /// An object, and its whole name.
    Object(Object, Vec<u16>),
    /// Nothing yet: the directory that it would be in, and its name there.
    Nothing(Rc<Directory>, Vec<u16>),
}

/// How a name is followed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Follow {
    /// Whatever the case of its letters.
    pub(super) insensitive: bool,
    /// To what a link at its end stands for.
    pub(super) last: bool,
}

/// All names.
pub(super) struct Namespace {
    root: Rc<Directory>,
    permanent: usize,
}

impl Default for Namespace {
    fn default() -> Namespace {
        let mut namespace = Namespace {
            root: Rc::new(Directory::new(Vec::new(), None)),
            permanent: 0,
        };
        for path in [
            "\\??",
            "\\BaseNamedObjects",
            "\\BaseNamedObjects\\Restricted",
            "\\Device",
            "\\Driver",
            "\\KernelObjects",
            "\\KnownDlls",
            "\\ObjectTypes",
            "\\RPC Control",
            "\\Security",
            "\\Sessions",
            "\\Sessions\\0",
            "\\Sessions\\1",
            "\\Sessions\\1\\BaseNamedObjects",
            "\\Windows",
        ] {
            let path: Vec<u16> = path.encode_utf16().collect();
            namespace.begin(
                &path,
                Object::Directory(Rc::new(Directory::new(path.clone(), None))),
            );
        }
        for (path, target) in [
            ("\\GLOBAL??", "\\??"),
            ("\\DosDevices", "\\??"),
            ("\\??\\C:", VOLUME),
            ("\\??\\NUL", "\\Device\\Null"),
            ("\\??\\Global", "\\??"),
            ("\\??\\GLOBALROOT", "\\"),
            ("\\BaseNamedObjects\\Global", "\\BaseNamedObjects"),
            ("\\BaseNamedObjects\\Local", "\\BaseNamedObjects"),
            ("\\BaseNamedObjects\\Session", "\\Sessions"),
            ("\\Sessions\\0\\BaseNamedObjects", "\\BaseNamedObjects"),
            (
                "\\Sessions\\1\\BaseNamedObjects\\Global",
                "\\BaseNamedObjects",
            ),
            (
                "\\Sessions\\1\\BaseNamedObjects\\Local",
                "\\Sessions\\1\\BaseNamedObjects",
            ),
            ("\\Sessions\\1\\BaseNamedObjects\\Session", "\\Sessions"),
        ] {
            let target = target.encode_utf16().collect();
            let path: Vec<u16> = path.encode_utf16().collect();
            let link = Link {
                target,
                _taken: None,
            };
            namespace.begin(&path, Object::Link(Rc::new(link)));
        }
        // Low memory never is here; there is enough of it.   [CreateMemoryResourceNotification]
        for (name, set) in [
            ("HighMemoryCondition", true),
            ("LowMemoryCondition", false),
            ("MemoryErrors", false),
        ] {
            let path: Vec<u16> = format!("\\KernelObjects\\{name}").encode_utf16().collect();
            let set = Cell::new(set);
            let event = Dispatcher::new(State::Event { manual: true, set });
            namespace.begin(&path, Object::Dispatcher(Rc::new(event)));
        }
        let path: Vec<u16> = "\\KernelObjects\\CritSecOutOfMemoryEvent"
            .encode_utf16()
            .collect();
        namespace.begin(&path, Object::KeyedEvent(Rc::default()));
        namespace
    }
}

impl Namespace {
    /// A name that is there from the start.
    fn begin(&mut self, path: &[u16], object: Object) {
        let follow = Follow {
            insensitive: false,
            last: false,
        };
        if let Ok(Found::Nothing(directory, name)) = self.find(None, path, follow) {
            let added = directory.insert(&Pool::default(), &name, Held::Always(object));
            debug_assert!(added.is_ok(), "there is room for a few names");
        }
    }

    /// Follows a name, from a directory or from the root.
    pub(super) fn find(
        &self,
        from: Option<Rc<Directory>>,
        name: &[u16],
        follow: Follow,
    ) -> Result<Found, NtStatus> {
        let mut name = name.to_vec();
        let mut links = 0;
        let mut directory = match from {
            Some(directory) if name.is_empty() => {
                let path = directory.path();
                return Ok(Found::Object(Object::Directory(directory), path));
            }
            Some(_) if name[0] == SEPARATOR => return Err(NtStatus::OBJECT_PATH_SYNTAX_BAD),
            Some(directory) => directory,
            None if name.is_empty() => return Err(NtStatus::OBJECT_NAME_INVALID),
            None if name[0] != SEPARATOR => return Err(NtStatus::OBJECT_PATH_SYNTAX_BAD),
            None => {
                name.remove(0);
                self.root.clone()
            }
        };
        if name.is_empty() {
            let path = directory.path();
            return Ok(Found::Object(Object::Directory(directory), path));
        }
        loop {
            if name.len() > MAX_NAME {
                return Err(NtStatus::NAME_TOO_LONG);
            }
            let end = name.iter().position(|unit| *unit == SEPARATOR);
            let rest = end.map(|end| name[end + 1..].to_vec());
            let part = &name[..end.unwrap_or(name.len())];
            if part.is_empty() || part.contains(&0) {
                return Err(NtStatus::OBJECT_NAME_INVALID);
            }
            let Some((own, object)) = directory.find(part, follow.insensitive) else {
                return match rest {
                    None => Ok(Found::Nothing(directory, part.to_vec())),
                    Some(_) => Err(NtStatus::OBJECT_PATH_NOT_FOUND),
                };
            };
            match (object, rest) {
                (Object::Link(link), rest) if rest.is_some() || follow.last => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(NtStatus::OBJECT_NAME_INVALID);
                    }
                    name = link.target.clone();
                    if let Some(rest) = rest {
                        if name.last() != Some(&SEPARATOR) {
                            name.push(SEPARATOR);
                        }
                        name.extend(rest);
                    }
                    if name.first() != Some(&SEPARATOR) {
                        return Err(NtStatus::OBJECT_PATH_SYNTAX_BAD);
                    }
                    name.remove(0);
                    directory = self.root.clone();
                    if name.is_empty() {
                        let path = directory.path();
                        return Ok(Found::Object(Object::Directory(directory), path));
                    }
                }
                (Object::Directory(next), Some(rest)) => {
                    directory = next;
                    name = rest;
                }
                (object, None) => return Ok(Found::Object(object, directory.path_of(&own))),
                (_, Some(_)) => return Err(NtStatus::OBJECT_TYPE_MISMATCH),
            }
        }
    }

    /// Gives an object a name.
    pub(super) fn insert(
        &mut self,
        pool: &Pool,
        (directory, name): (&Directory, &[u16]),
        object: &Object,
        permanent: bool,
    ) -> Result<(), NtStatus> {
        if !permanent {
            let passing = Passing::new(object).ok_or(NtStatus::OBJECT_TYPE_MISMATCH)?;
            return directory.insert(pool, name, Held::While(passing));
        }
        if self.permanent >= MAX_PERMANENT {
            return Err(NtStatus::INSUFFICIENT_RESOURCES);
        }
        directory.insert(pool, name, Held::Always(object.clone()))?;
        self.permanent += 1;
        Ok(())
    }

    /// Has an object's name stay, or not. What has none stays as it is.
    pub(super) fn keep(
        &mut self,
        pool: &Pool,
        path: &[u16],
        permanent: bool,
    ) -> Result<(), NtStatus> {
        let exact = Follow {
            insensitive: false,
            last: false,
        };
        let Ok(Found::Object(object, _)) = self.find(None, path, exact) else {
            return Ok(());
        };
        let end = path.iter().rposition(|unit| *unit == SEPARATOR);
        let Some(end) = end.filter(|end| end + 1 < path.len()) else {
            return Ok(());
        };
        let from = if end == 0 { &path[..1] } else { &path[..end] };
        if let Ok(Found::Object(Object::Directory(directory), _)) = self.find(None, from, exact) {
            let name = &path[end + 1..];
            let stays = directory.keeps(name);
            if stays != permanent {
                self.insert(pool, (&directory, name), &object, permanent)?;
            }
            if stays && !permanent {
                self.permanent = self.permanent.saturating_sub(1);
            }
        }
        Ok(())
    }

    /// A new directory that will be in another.
    pub(super) fn directory(
        pool: &Pool,
        place: Option<(&Directory, &[u16])>,
    ) -> Result<Rc<Directory>, NtStatus> {
        let path = place.map_or_else(Vec::new, |(parent, name)| parent.path_of(name));
        let taken = pool.take(2 * path.len())?;
        Ok(Rc::new(Directory::new(path, Some(taken))))
    }
}
