//! What do names of objects lead to?   [Windows Internals, Object directories and Symbolic links]
//!
//! A name is there as long as somebody has a handle of its object, or for good when it was made so.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use emu_prototypes::nt::NtStatus;

use super::completion::Completion;
use super::handles::Object;
use super::keyed::KeyedEvent;
use super::memory::Section;
use super::path::VOLUME;
use super::port::Port;
use super::sync::{Dispatcher, State};
use super::timer::Timer;

/// Links that a name may lead over.
const MAX_LINKS: u32 = 32;
/// Units of a name, and of what it becomes over links.
const MAX_NAME: usize = 0x7fff;
/// Names that one directory has at most, and that stay for good.
const MAX_NAMES: usize = 1 << 16;
const MAX_PERMANENT: usize = 1 << 14;
const SEPARATOR: u16 = b'\\' as u16;

/// A directory of names.
pub(super) struct Directory {
    /// Its own whole name; of the root none.
    path: Vec<u16>,
    names: RefCell<BTreeMap<Vec<u16>, Held>>,
    /// How many names there may be until those that lead nowhere are removed.
    room: Cell<usize>,
}

/// A name that stands for another.
pub(super) struct Link {
    pub(super) target: Vec<u16>,
}

/// What a name keeps.
enum Held {
    /// An object that stays.
    Always(Object),
    /// An object as long as there is a handle.
    While(Passing),
}

/// An object that a name does not keep.
enum Passing {
    Dispatcher(Weak<Dispatcher>),
    Section(Weak<Section>),
    Timer(Weak<Timer>),
    KeyedEvent(Weak<KeyedEvent>),
    Completion(Weak<Completion>),
    Directory(Weak<Directory>),
    Link(Weak<Link>),
    Port(Weak<Port>),
}

impl Passing {
    /// `None` of what has no name here.
    fn new(object: &Object) -> Option<Passing> {
        Some(match object {
            Object::Dispatcher(object) => Passing::Dispatcher(Rc::downgrade(object)),
            Object::Section(object) => Passing::Section(Rc::downgrade(object)),
            Object::Timer(object) => Passing::Timer(Rc::downgrade(object)),
            Object::KeyedEvent(object) => Passing::KeyedEvent(Rc::downgrade(object)),
            Object::Completion(object) => Passing::Completion(Rc::downgrade(object)),
            Object::Directory(object) => Passing::Directory(Rc::downgrade(object)),
            Object::Link(object) => Passing::Link(Rc::downgrade(object)),
            Object::Port(object) => Passing::Port(Rc::downgrade(object)),
            _ => return None,
        })
    }

    fn object(&self) -> Option<Object> {
        Some(match self {
            Passing::Dispatcher(object) => Object::Dispatcher(object.upgrade()?),
            Passing::Section(object) => Object::Section(object.upgrade()?),
            Passing::Timer(object) => Object::Timer(object.upgrade()?),
            Passing::KeyedEvent(object) => Object::KeyedEvent(object.upgrade()?),
            Passing::Completion(object) => Object::Completion(object.upgrade()?),
            Passing::Directory(object) => Object::Directory(object.upgrade()?),
            Passing::Link(object) => Object::Link(object.upgrade()?),
            Passing::Port(object) => Object::Port(object.upgrade()?),
        })
    }
}

impl Held {
    fn object(&self) -> Option<Object> {
        match self {
            Held::Always(object) => Some(object.clone()),
            Held::While(passing) => passing.object(),
        }
    }
}

impl Directory {
    fn new(path: Vec<u16>) -> Directory {
        Directory {
            path,
            names: RefCell::default(),
            room: Cell::new(64),
        }
    }

    fn find(&self, name: &[u16], insensitive: bool) -> Option<(Vec<u16>, Object)> {
        let names = self.names.borrow();
        if let Some(object) = names.get(name).and_then(Held::object) {
            return Some((name.to_vec(), object));
        }
        if !insensitive {
            return None;
        }
        let wanted = folded(name);
        let mut all = names.iter().filter(|(own, _)| folded(own) == wanted);
        all.find_map(|(own, held)| Some((own.clone(), held.object()?)))
    }

    /// What is in it, by name.
    pub(super) fn list(&self) -> Vec<(Vec<u16>, Object)> {
        let names = self.names.borrow();
        let all = names.iter();
        all.filter_map(|(name, held)| Some((name.clone(), held.object()?)))
            .collect()
    }

    fn insert(&self, name: &[u16], held: Held) -> Result<(), NtStatus> {
        let mut names = self.names.borrow_mut();
        if names.len() >= self.room.get() {
            names.retain(|_, held| held.object().is_some());
            self.room.set(2 * names.len().max(32));
        }
        if names.len() >= MAX_NAMES {
            return Err(NtStatus::INSUFFICIENT_RESOURCES);
        }
        names.insert(name.to_vec(), held);
        Ok(())
    }

    /// The whole name of what is in it.
    pub(super) fn path_of(&self, name: &[u16]) -> Vec<u16> {
        [&self.path[..], &[SEPARATOR], name].concat()
    }

    /// Its own whole name.
    pub(super) fn path(&self) -> Vec<u16> {
        match self.path.is_empty() {
            true => vec![SEPARATOR],
            false => self.path.clone(),
        }
    }
}

fn folded(name: &[u16]) -> Vec<u16> {
    let text = String::from_utf16_lossy(name).to_uppercase();
    text.encode_utf16().collect()
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
            root: Rc::new(Directory::new(Vec::new())),
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
                Object::Directory(Rc::new(Directory::new(path.clone()))),
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
            namespace.begin(&path, Object::Link(Rc::new(Link { target })));
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
            let added = directory.insert(&name, Held::Always(object));
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
        directory: &Rc<Directory>,
        name: &[u16],
        object: &Object,
        permanent: bool,
    ) -> Result<(), NtStatus> {
        if !permanent {
            let passing = Passing::new(object).ok_or(NtStatus::OBJECT_TYPE_MISMATCH)?;
            return directory.insert(name, Held::While(passing));
        }
        if self.permanent >= MAX_PERMANENT {
            return Err(NtStatus::INSUFFICIENT_RESOURCES);
        }
        directory.insert(name, Held::Always(object.clone()))?;
        self.permanent += 1;
        Ok(())
    }

    /// Has an object's name stay, or not. What has none stays as it is.
    pub(super) fn keep(&mut self, path: &[u16], permanent: bool) -> Result<(), NtStatus> {
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
            let stays = matches!(directory.names.borrow().get(name), Some(Held::Always(_)));
            if stays != permanent {
                self.insert(&directory, name, &object, permanent)?;
            }
            if stays && !permanent {
                self.permanent = self.permanent.saturating_sub(1);
            }
        }
        Ok(())
    }

    /// A new directory that will be in another.
    pub(super) fn directory(&self, place: Option<(&Directory, &[u16])>) -> Rc<Directory> {
        let path = place.map_or_else(Vec::new, |(parent, name)| parent.path_of(name));
        Rc::new(Directory::new(path))
    }
}
