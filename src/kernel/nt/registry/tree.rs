//! Keys below keys, each with its values. Names are the same whatever the case of their letters. A key may be a link, whose
//! value `SymbolicLinkValue` says which other one is meant.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use emu_prototypes::nt::NtStatus;

use super::files::Mount;
use super::watch::{Filter, Watch};
use crate::kernel::nt::attributes::units_of;
use crate::kernel::task::Tid;
use crate::kernel::wait::WaitQueue;

/// Bytes that all keys and values may take together.
pub(super) const MAX_BYTES: u64 = 32 << 20;
/// What a key or a value takes besides its name and its data.
pub(super) const OVERHEAD: u64 = 128;
/// How deep keys are below each other at most.   [Microsoft, Registry element size limits]
pub(super) const MAX_DEPTH: usize = 512;

/// How many links a name may lead through.
const MAX_LINKS: u32 = 16;
/// The value of a link, and its type: `REG_LINK`.   [Windows Internals, The registry: symbolic links]
const LINK_VALUE: &str = "SymbolicLinkValue";
pub(super) const LINK: u32 = 6;

/// How a key is made.
#[derive(Default)]
pub(super) struct Making {
    pub(super) class: Vec<u16>,
    /// It is not kept when the machine goes down, and none below it is.
    pub(super) volatile: bool,
    pub(super) link: bool,
}

/// What a name is found by.
pub(super) fn folded(name: &[u16]) -> Vec<u16> {
    String::from_utf16_lossy(name)
        .to_uppercase()
        .encode_utf16()
        .collect()
}

/// A value.
#[derive(Clone)]
pub(super) struct Value {
    pub(super) name: Vec<u16>,
    pub(super) kind: u32,
    pub(super) data: Vec<u8>,
}

impl Value {
    fn bytes(&self) -> u64 {
        OVERHEAD + 4 * self.name.len() as u64 + self.data.len() as u64
    }
}

/// A key.
pub(in crate::kernel::nt) struct Key {
    name: RefCell<Vec<u16>>,
    parent: Weak<Key>,
    depth: usize,
    pub(super) making: Making,
    children: RefCell<BTreeMap<Vec<u16>, Rc<Key>>>,
    values: RefCell<BTreeMap<Vec<u16>, Value>>,
    /// When it was last changed, in units of 100 ns since 1601.
    pub(super) written: Cell<u64>,
    deleted: Cell<bool>,
}

impl Key {
    fn new(
        name: &[u16],
        (parent, depth): (&Weak<Key>, usize),
        making: Making,
        now: u64,
    ) -> Rc<Key> {
        Rc::new(Key {
            name: RefCell::new(name.to_vec()),
            parent: parent.clone(),
            depth,
            making,
            children: RefCell::default(),
            values: RefCell::default(),
            written: Cell::new(now),
            deleted: Cell::new(false),
        })
    }

    pub(super) fn name(&self) -> Vec<u16> {
        self.name.borrow().clone()
    }

    pub(super) fn is_deleted(&self) -> bool {
        self.deleted.get()
    }

    pub(super) fn value<T>(&self, name: &[u16], look: impl FnOnce(&Value) -> T) -> Option<T> {
        self.values.borrow().get(&folded(name)).map(look)
    }

    pub(super) fn nth_value<T>(&self, index: u32, look: impl FnOnce(&Value) -> T) -> Option<T> {
        self.values.borrow().values().nth(index as usize).map(look)
    }

    pub(super) fn nth_child(&self, index: u32) -> Option<Rc<Key>> {
        self.children.borrow().values().nth(index as usize).cloned()
    }

    pub(super) fn all_children(&self) -> Vec<Rc<Key>> {
        self.children.borrow().values().cloned().collect()
    }

    pub(super) fn all_values(&self) -> Vec<Value> {
        self.values.borrow().values().cloned().collect()
    }

    /// How many keys are above it.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// Whether it is a key, or below it.
    pub(super) fn is_within(self: &Rc<Key>, ancestor: &Rc<Key>) -> bool {
        let mut key = self.clone();
        while !Rc::ptr_eq(&key, ancestor) {
            let Some(parent) = key.parent() else {
                return false;
            };
            key = parent;
        }
        true
    }

    /// The key that it is below.
    pub(super) fn parent(&self) -> Option<Rc<Key>> {
        self.parent.upgrade()
    }

    /// How many children it has, the longest of their names and the longest of their classes, in bytes.
    pub(super) fn children(&self) -> (u32, u32, u32) {
        let children = self.children.borrow();
        let names = children.values().map(|child| 2 * child.name.borrow().len());
        let classes = children.values().map(|child| 2 * child.making.class.len());
        (
            children.len() as u32,
            names.max().unwrap_or(0) as u32,
            classes.max().unwrap_or(0) as u32,
        )
    }

    /// Where a link leads to.
    fn target(&self) -> Option<Vec<u16>> {
        let name: Vec<u16> = LINK_VALUE.encode_utf16().collect();
        let units = |value: &Value| (value.kind == LINK).then(|| units_of(&value.data));
        self.value(&name, units).flatten()
    }

    /// How many values it has, the longest of their names and the longest of their data, in bytes.
    pub(super) fn values(&self) -> (u32, u32, u32) {
        let values = self.values.borrow();
        let longest = values.values().map(|value| 2 * value.name.len()).max();
        let largest = values.values().map(|value| value.data.len()).max();
        (
            values.len() as u32,
            longest.unwrap_or(0) as u32,
            largest.unwrap_or(0) as u32,
        )
    }

    /// Its name from the top on: `\REGISTRY\Machine`.
    pub(in crate::kernel::nt) fn path(&self) -> Vec<u16> {
        let mut path = self
            .parent
            .upgrade()
            .map_or(Vec::new(), |parent| parent.path());
        path.push(u16::from(b'\\'));
        path.extend_from_slice(&self.name.borrow());
        path
    }
}

/// All keys.
pub(in crate::kernel::nt) struct Registry {
    root: Rc<Key>,
    used: u64,
    /// Who wants to know of changes, and who waits for one.
    pub(super) watches: Vec<Watch>,
    pub(super) changed: WaitQueue,
    /// Keys that come from files of their own.
    pub(super) mounts: Vec<Mount>,
    /// What handles were told to look for, by process and handle.
    pub(super) filters: BTreeMap<(Tid, u64), Filter>,
}

impl Default for Registry {
    fn default() -> Registry {
        let name: Vec<u16> = "REGISTRY".encode_utf16().collect();
        let mut registry = Registry {
            root: Key::new(&name, (&Weak::new(), 0), Making::default(), 0),
            used: 0,
            watches: Vec::new(),
            changed: WaitQueue::default(),
            mounts: Vec::new(),
            filters: BTreeMap::new(),
        };
        registry.begin().expect("there is room for a few keys");
        registry
    }
}

impl Registry {
    /// What all keys are below.
    pub(super) fn root(&self) -> Rc<Key> {
        self.root.clone()
    }

    /// Where a name without a directory starts, and the rest of it.
    pub(super) fn absolute(&self, name: &[u16]) -> Result<(Rc<Key>, Vec<u16>), NtStatus> {
        let text = String::from_utf16_lossy(name);
        let rest = text
            .strip_prefix('\\')
            .ok_or(NtStatus::OBJECT_PATH_SYNTAX_BAD)?;
        let (first, rest) = rest.split_once('\\').unwrap_or((rest, ""));
        if !first.eq_ignore_ascii_case("REGISTRY") {
            return Err(NtStatus::OBJECT_NAME_NOT_FOUND);
        }
        Ok((self.root.clone(), rest.encode_utf16().collect()))
    }

    /// The key of a name below another; the key itself for an empty one. Links stand for what they lead to.
    pub(super) fn find(&self, start: &Rc<Key>, name: &[u16]) -> Result<Rc<Key>, NtStatus> {
        self.walk(start, name, false)
    }

    /// The same; when the last part is a link, `open_link` has that itself found.
    pub(super) fn walk(
        &self,
        start: &Rc<Key>,
        name: &[u16],
        open_link: bool,
    ) -> Result<Rc<Key>, NtStatus> {
        let parts = |name: &[u16]| -> Vec<Vec<u16>> {
            let parts = name.rsplit(|unit| *unit == u16::from(b'\\'));
            parts
                .filter(|part| !part.is_empty())
                .map(<[u16]>::to_vec)
                .collect()
        };
        let mut key = start.clone();
        let mut left = parts(name);
        let mut links = MAX_LINKS;
        while let Some(part) = left.pop() {
            let found = key.children.borrow().get(&folded(&part)).cloned();
            key = found.ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?;
            if !key.making.link || open_link && left.is_empty() {
                continue;
            }
            links -= 1;
            let target = key.target().filter(|_| links > 0);
            let target = target.ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?;
            let (root, rest) = self.absolute(&target)?;
            left.extend(parts(&rest));
            key = root;
        }
        Ok(key)
    }

    /// Whether there is room for so many bytes more.
    pub(super) fn has_room(&self, bytes: u64) -> bool {
        self.used.saturating_add(bytes) <= MAX_BYTES
    }

    fn take(&mut self, bytes: u64) -> Result<(), NtStatus> {
        if self.used + bytes > MAX_BYTES {
            return Err(NtStatus::INSUFFICIENT_RESOURCES);
        }
        self.used += bytes;
        Ok(())
    }

    /// A new key, of one name without backslashes.
    pub(super) fn create(
        &mut self,
        parent: &Rc<Key>,
        name: &[u16],
        making: Making,
        now: u64,
    ) -> Result<Rc<Key>, NtStatus> {
        if parent.depth >= MAX_DEPTH {
            return Err(NtStatus::OBJECT_NAME_INVALID);
        }
        if parent.making.volatile && !making.volatile {
            return Err(NtStatus::CHILD_MUST_BE_VOLATILE);
        }
        self.take(OVERHEAD + 4 * name.len() as u64 + 2 * making.class.len() as u64)?;
        let place = (&Rc::downgrade(parent), parent.depth + 1);
        let key = Key::new(name, place, making, now);
        parent
            .children
            .borrow_mut()
            .insert(folded(name), key.clone());
        parent.written.set(now);
        Ok(key)
    }

    /// The key of a name below another, which is made with all above it that is not there.
    pub(super) fn make(&mut self, start: &Rc<Key>, name: &str) -> Result<Rc<Key>, NtStatus> {
        let mut key = start.clone();
        for part in name.split('\\').filter(|part| !part.is_empty()) {
            let part: Vec<u16> = part.encode_utf16().collect();
            key = match self.find(&key, &part) {
                Ok(key) => key,
                Err(_) => self.create(&key, &part, Making::default(), 0)?,
            };
        }
        Ok(key)
    }

    /// Sets a value. A link has no other than where it leads to.
    pub(super) fn set(&mut self, key: &Key, value: Value, now: u64) -> Result<(), NtStatus> {
        let is_target = || String::from_utf16_lossy(&value.name).eq_ignore_ascii_case(LINK_VALUE);
        if key.making.link && (value.kind != LINK || !is_target()) {
            return Err(NtStatus::ACCESS_DENIED);
        }
        self.take(value.bytes())?;
        let mut values = key.values.borrow_mut();
        let before = values.insert(folded(&value.name), value);
        self.used -= before.map_or(0, |before| before.bytes());
        key.written.set(now);
        Ok(())
    }

    pub(super) fn remove_value(&mut self, key: &Key, name: &[u16]) -> Result<(), NtStatus> {
        let removed = key.values.borrow_mut().remove(&folded(name));
        let removed = removed.ok_or(NtStatus::OBJECT_NAME_NOT_FOUND)?;
        self.used -= removed.bytes();
        Ok(())
    }

    /// Gives a key another name.
    pub(super) fn rename(&mut self, key: &Rc<Key>, name: &[u16]) -> Result<(), NtStatus> {
        let Some(parent) = key.parent.upgrade().filter(|_| key.depth > 1) else {
            return Err(NtStatus::ACCESS_DENIED);
        };
        let mut children = parent.children.borrow_mut();
        let other = children.get(&folded(name));
        if other.is_some_and(|other| !Rc::ptr_eq(other, key)) {
            return Err(NtStatus::CANNOT_DELETE);
        }
        let before = 4 * key.name.borrow().len() as u64;
        self.take(4 * name.len() as u64)?;
        self.used -= before;
        children.remove(&folded(&key.name.borrow()));
        *key.name.borrow_mut() = name.to_vec();
        children.insert(folded(name), key.clone());
        Ok(())
    }

    /// Removes a key that has no others below it.
    pub(super) fn remove(&mut self, key: &Key) -> Result<(), NtStatus> {
        let Some(parent) = key.parent.upgrade().filter(|_| key.depth > 1) else {
            return Err(NtStatus::CANNOT_DELETE);
        };
        if !key.children.borrow().is_empty() {
            return Err(NtStatus::CANNOT_DELETE);
        }
        parent
            .children
            .borrow_mut()
            .remove(&folded(&key.name.borrow()));
        let values = std::mem::take(&mut *key.values.borrow_mut());
        self.used -= values.values().map(Value::bytes).sum::<u64>();
        self.used -= OVERHEAD + 4 * key.name.borrow().len() as u64;
        self.used -= 2 * key.making.class.len() as u64;
        key.deleted.set(true);
        Ok(())
    }
}
