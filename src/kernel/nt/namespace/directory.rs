//! Which names does a directory of objects have?

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use emu_prototypes::nt::NtStatus;

use super::{Link, SEPARATOR};
use crate::kernel::nt::completion::Completion;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::keyed::KeyedEvent;
use crate::kernel::nt::memory::Section;
use crate::kernel::nt::pool::{Kept, Pool, Taken};
use crate::kernel::nt::port::Port;
use crate::kernel::nt::sync::Dispatcher;
use crate::kernel::nt::timer::Timer;

/// Names that one directory has at most.
const MAX_NAMES: usize = 1 << 16;

type Names = BTreeMap<Vec<u16>, Kept<Held>>;

/// A directory of names.
pub(in crate::kernel::nt) struct Directory {
    /// Its own whole name; of the root none.
    path: Vec<u16>,
    _taken: Option<Taken>,
    /// By names as they are compared without regard to case, those that differ by case only.
    names: RefCell<BTreeMap<Vec<u16>, Names>>,
    count: Cell<usize>,
    /// How many names there may be until those that lead nowhere are removed.
    room: Cell<usize>,
}

/// What a name keeps.
pub(super) enum Held {
    /// An object that stays.
    Always(Object),
    /// An object as long as there is a handle.
    While(Passing),
}

/// An object that a name does not keep.
pub(super) enum Passing {
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
    pub(super) fn new(object: &Object) -> Option<Passing> {
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
    pub(super) fn new(path: Vec<u16>, taken: Option<Taken>) -> Directory {
        Directory {
            path,
            _taken: taken,
            names: RefCell::default(),
            count: Cell::new(0),
            room: Cell::new(64),
        }
    }

    pub(super) fn find(&self, name: &[u16], insensitive: bool) -> Option<(Vec<u16>, Object)> {
        let names = self.names.borrow();
        let same = names.get(&folded(name))?;
        if let Some(object) = same.get(name).and_then(|held| held.object()) {
            return Some((name.to_vec(), object));
        }
        if !insensitive {
            return None;
        }
        let mut same = same.iter();
        same.find_map(|(own, held)| Some((own.clone(), held.object()?)))
    }

    /// Whether a name stays for good.
    pub(super) fn keeps(&self, name: &[u16]) -> bool {
        let names = self.names.borrow();
        let held = names.get(&folded(name)).and_then(|same| same.get(name));
        held.is_some_and(|held| matches!(**held, Held::Always(_)))
    }

    /// What is in it, by name.
    pub(in crate::kernel::nt) fn list(&self) -> Vec<(Vec<u16>, Object)> {
        let names = self.names.borrow();
        let all = names.values().flatten();
        let mut all: Vec<_> = all
            .filter_map(|(name, held)| Some((name.clone(), held.object()?)))
            .collect();
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        all
    }

    pub(super) fn insert(&self, pool: &Pool, name: &[u16], held: Held) -> Result<(), NtStatus> {
        // The name is there twice.
        let held = pool.keep(held, 4 * name.len())?;
        if self.count.get() >= self.room.get() {
            self.remove_dead();
            self.room.set(2 * self.count.get().max(32));
        }
        if self.count.get() >= MAX_NAMES {
            return Err(NtStatus::INSUFFICIENT_RESOURCES);
        }
        let mut names = self.names.borrow_mut();
        let same = names.entry(folded(name)).or_default();
        if same.insert(name.to_vec(), held).is_none() {
            self.count.set(self.count.get() + 1);
        }
        Ok(())
    }

    fn remove_dead(&self) {
        let mut names = self.names.borrow_mut();
        names.retain(|_, same| {
            same.retain(|_, held| held.object().is_some());
            !same.is_empty()
        });
        self.count.set(names.values().map(BTreeMap::len).sum());
    }

    /// The whole name of what is in it.
    pub(in crate::kernel::nt) fn path_of(&self, name: &[u16]) -> Vec<u16> {
        [&self.path[..], &[SEPARATOR], name].concat()
    }

    /// Its own whole name.
    pub(in crate::kernel::nt) fn path(&self) -> Vec<u16> {
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
