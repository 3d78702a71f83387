//! Which frame is at a page now?
//!
//! Two levels of 512 below a sorted map, so that 32-bit spaces have at most four entries in it and 64-bit ones cost only
//! what they touch. Levels are shared after a fork and copied when one side changes them.

use std::collections::{BTreeMap, btree_map};
use std::ops::Range;
use std::rc::Rc;

use super::frames::Charge;
use super::{Frame, Memory, Prot};

const FAN: usize = 512;
const LEAF_BITS: u32 = 9;
const DIRECTORY_BITS: u32 = 18;

/// An entry: a frame with what the mapping allows. A present entry owns one reference to its frame.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry(u64);

const PRESENT: u64 = 1 << 32;
const PROT_SHIFT: u32 = 33;
const PROT_MASK: u64 = 7 << PROT_SHIFT;
const OBJECT: u64 = 1 << 36;
const SHARED: u64 = 1 << 37;

/// Whose page a frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// The address space's, perhaps shared with forks of it until one writes.
    Private,
    /// An object's, seen through a private mapping: to be copied at the first write.
    Object,
    /// An object's, seen through a shared mapping: written in place.
    Shared,
}

impl Entry {
    pub(super) const ABSENT: Entry = Entry(0);

    pub(super) fn new(frame: Frame, prot: Prot, owner: Owner) -> Entry {
        let owner = match owner {
            Owner::Private => 0,
            Owner::Object => OBJECT,
            Owner::Shared => OBJECT | SHARED,
        };
        Entry(u64::from(frame.index()) | PRESENT | u64::from(prot.bits()) << PROT_SHIFT | owner)
    }

    pub(super) fn is_present(self) -> bool {
        self.0 & PRESENT != 0
    }

    pub(super) fn frame(self) -> Frame {
        Frame::from_entry(self.0)
    }

    pub(super) fn prot(self) -> Prot {
        Prot::from_bits_truncate(((self.0 & PROT_MASK) >> PROT_SHIFT) as u8)
    }

    pub(super) fn owner(self) -> Owner {
        match self.0 & (OBJECT | SHARED) {
            0 => Owner::Private,
            OBJECT => Owner::Object,
            _ => Owner::Shared,
        }
    }

    fn with_prot(self, prot: Prot) -> Entry {
        Entry(self.0 & !PROT_MASK | u64::from(prot.bits()) << PROT_SHIFT)
    }

    pub(super) fn is_resident(self) -> bool {
        self.is_present() && self.frame() != Frame::ZERO
    }
}

struct Leaf {
    entries: [Entry; FAN],
    present: usize,
    charge: Charge,
}

impl Leaf {
    /// The leaf itself when nobody else has it, otherwise a copy in its place.
    fn own(leaf: &mut Rc<Leaf>, copying: Copying) -> Result<&mut Leaf, NoMemory> {
        if Rc::strong_count(leaf) > 1 {
            let charge = copying.charge(leaf.charge.memory())?;
            for entry in leaf.entries.iter().filter(|entry| entry.is_present()) {
                charge.memory().retain(entry.frame());
            }
            *leaf = Rc::new(Leaf {
                entries: leaf.entries,
                present: leaf.present,
                charge,
            });
        }
        Ok(Rc::get_mut(leaf).expect("the count is one and there are no weak references"))
    }
}

impl Drop for Leaf {
    fn drop(&mut self) {
        if self.present > 0 {
            for entry in self.entries.iter().filter(|entry| entry.is_present()) {
                self.charge.memory().release(entry.frame());
            }
        }
    }
}

struct Directory {
    leaves: [Option<Rc<Leaf>>; FAN],
    used: usize,
    charge: Charge,
}

impl Directory {
    /// The directory itself when nobody else has it, otherwise a copy in its place.
    fn own(directory: &mut Rc<Directory>, copying: Copying) -> Result<&mut Directory, NoMemory> {
        if Rc::strong_count(directory) > 1 {
            let charge = copying.charge(directory.charge.memory())?;
            let leaves = directory.leaves.clone();
            *directory = Rc::new(Directory {
                leaves,
                used: directory.used,
                charge,
            });
        }
        Ok(Rc::get_mut(directory).expect("the count is one and there are no weak references"))
    }
}

/// The guest's memory is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoMemory;

/// How a level that is shared with a fork may be copied.
#[derive(Clone, Copy)]
enum Copying {
    WithinLimit,
    Anyway,
}

impl Copying {
    fn charge(self, memory: &Memory) -> Result<Charge, NoMemory> {
        match self {
            Copying::WithinLimit => memory.charge(1).ok_or(NoMemory),
            Copying::Anyway => Ok(memory.charge_anyway(1)),
        }
    }
}

/// What is at a page.
pub(super) struct Found {
    pub(super) entry: Entry,
    /// Whether no fork looks at the same entry.
    pub(super) unshared: bool,
}

/// A page table. Cloning shares all levels.
pub(super) struct Table {
    memory: Memory,
    top: BTreeMap<u64, Rc<Directory>>,
    resident: u64,
    /// An empty leaf kept for the next use, so that mapping and unmapping one page again and again stays cheap.
    spare: Option<Rc<Leaf>>,
}

impl Table {
    pub(super) fn new(memory: &Memory) -> Table {
        Table {
            memory: memory.clone(),
            top: BTreeMap::new(),
            resident: 0,
            spare: None,
        }
    }

    /// A second table with the same entries. From now on a private frame is nobody's alone.
    pub(super) fn fork(&self) -> Table {
        Table {
            memory: self.memory.clone(),
            top: self.top.clone(),
            resident: self.resident,
            spare: None,
        }
    }

    /// Present pages other than the zero page.
    pub(super) fn resident(&self) -> u64 {
        self.resident
    }

    /// What is at `page`.
    #[inline]
    pub(super) fn get(&self, page: u64) -> Found {
        if let Some(directory) = self.top.get(&(page >> DIRECTORY_BITS))
            && let Some(leaf) = &directory.leaves[leaf_of(page)]
        {
            let unshared = Rc::strong_count(directory) == 1 && Rc::strong_count(leaf) == 1;
            return Found {
                entry: leaf.entries[slot_of(page)],
                unshared,
            };
        }
        Found {
            entry: Entry::ABSENT,
            unshared: true,
        }
    }

    /// Puts an entry in place of what is there, whose frame is released. On failure nothing has changed and the caller
    /// still owns the reference in `entry`.
    pub(super) fn set(&mut self, page: u64, entry: Entry) -> Result<(), NoMemory> {
        let leaf = self.make(page)?;
        let old = std::mem::replace(&mut leaf.entries[slot_of(page)], entry);
        leaf.present += usize::from(entry.is_present());
        leaf.present -= usize::from(old.is_present());
        self.resident += u64::from(entry.is_resident());
        self.resident -= u64::from(old.is_resident());
        if old.is_present() {
            self.memory.release(old.frame());
        }
        Ok(())
    }

    /// Makes sure that [`Table::set`] can't fail for `page`.
    pub(super) fn reserve(&mut self, page: u64) -> Result<(), NoMemory> {
        self.make(page).map(drop)
    }

    /// Calls `visit` for all present entries of `pages`, in order.
    pub(super) fn each(&self, pages: Range<u64>, mut visit: impl FnMut(u64, Entry)) {
        for first in self.leaves(&pages) {
            let Some(leaf) = self.leaf(first) else {
                continue;
            };
            for slot in slots(first, &pages) {
                if leaf.entries[slot].is_present() {
                    visit(first + slot as u64, leaf.entries[slot]);
                }
            }
        }
    }

    /// Takes all entries of `pages` away and says how many there were. On failure nothing has changed.
    pub(super) fn clear(&mut self, pages: Range<u64>) -> Result<u64, NoMemory> {
        self.clear_by(pages, Copying::WithinLimit)
    }

    /// The same for a caller that can't fail: levels shared with a fork are copied beyond the limit, if need be.
    pub(super) fn clear_anyway(&mut self, pages: Range<u64>) -> u64 {
        self.clear_by(pages, Copying::Anyway).unwrap_or(0)
    }

    fn clear_by(&mut self, pages: Range<u64>, copying: Copying) -> Result<u64, NoMemory> {
        let leaves = self.leaves(&pages);
        for &first in &leaves {
            // A leaf that goes as a whole need not be copied, its directory must.
            if slots(first, &pages).len() == FAN {
                self.own_directory(first, copying)?;
            } else {
                self.own_leaf(first, copying)?;
            }
        }
        let mut removed = 0;
        let memory = self.memory.clone();
        for first in leaves {
            let slots = slots(first, &pages);
            if slots.len() < FAN {
                let leaf = self.own_leaf(first, copying)?;
                let mut resident = 0;
                for entry in &mut leaf.entries[slots] {
                    if entry.is_present() {
                        removed += 1;
                        resident += u64::from(entry.is_resident());
                        leaf.present -= 1;
                        memory.release(entry.frame());
                        *entry = Entry::ABSENT;
                    }
                }
                let empty = leaf.present == 0;
                self.resident -= resident;
                if empty {
                    self.spare = self.remove(first);
                }
            } else if let Some(leaf) = self.remove(first) {
                removed += leaf.present as u64;
                self.resident -= leaf
                    .entries
                    .iter()
                    .filter(|entry| entry.is_resident())
                    .count() as u64;
            }
        }
        Ok(removed)
    }

    /// Takes away what is in `target..target_end` and moves the entries of `pages` to `target`, those that find room
    /// there; the others go. The ranges do not overlap. Says how many entries there were on either side. On failure
    /// nothing has changed.
    pub(super) fn relocate(
        &mut self,
        pages: Range<u64>,
        target: u64,
        target_end: u64,
    ) -> Result<u64, NoMemory> {
        let targets = target..target_end;
        for first in self.leaves(&pages).into_iter().chain(self.leaves(&targets)) {
            self.own_leaf(first, Copying::WithinLimit)?;
        }
        let mut moving = Vec::new();
        self.each(pages.clone(), |page, entry| {
            let page = target + (page - pages.start);
            if page < target_end {
                moving.push((page, entry));
            }
        });
        for (page, _) in &moving {
            self.make(*page)?;
        }
        // Nothing below needs memory: all leaves are there and our own.
        let mut gone = Vec::new();
        self.each(targets, |page, _| gone.push(page));
        for &page in &gone {
            self.set(page, Entry::ABSENT)?;
        }
        for &(page, entry) in &moving {
            self.memory.retain(entry.frame());
            self.set(page, entry)?;
        }
        let left = self.clear(pages)?;
        Ok(gone.len() as u64 + left)
    }

    /// Sets the protection of all entries of `pages`, and says whether any of them lost a right. On failure nothing has
    /// changed.
    pub(super) fn protect(&mut self, pages: Range<u64>, prot: Prot) -> Result<bool, NoMemory> {
        let leaves = self.leaves(&pages);
        for &first in &leaves {
            self.own_leaf(first, Copying::WithinLimit)?;
        }
        let mut narrowed = false;
        for first in leaves {
            let leaf = self.own_leaf(first, Copying::WithinLimit)?;
            for entry in &mut leaf.entries[slots(first, &pages)] {
                if entry.is_present() {
                    narrowed |= !prot.contains(entry.prot());
                    *entry = entry.with_prot(prot);
                }
            }
        }
        Ok(narrowed)
    }

    /// The first pages of all leaves that hold entries of `pages`, in order.
    fn leaves(&self, pages: &Range<u64>) -> Vec<u64> {
        let mut firsts = Vec::new();
        if pages.is_empty() {
            return firsts;
        }
        let last = pages.end - 1;
        for (&key, directory) in self
            .top
            .range(pages.start >> DIRECTORY_BITS..=last >> DIRECTORY_BITS)
        {
            let base = key << DIRECTORY_BITS;
            let from = leaf_of(pages.start.max(base));
            let to = leaf_of(last.min(base + (FAN * FAN) as u64 - 1));
            for index in from..=to {
                if directory.leaves[index].is_some() {
                    firsts.push(base + (index * FAN) as u64);
                }
            }
        }
        firsts
    }

    fn leaf(&self, page: u64) -> Option<&Leaf> {
        self.top.get(&(page >> DIRECTORY_BITS))?.leaves[leaf_of(page)].as_deref()
    }

    /// The leaf for a page, made when it is missing, our own when it was shared.
    fn make(&mut self, page: u64) -> Result<&mut Leaf, NoMemory> {
        let memory = &self.memory;
        let directory = match self.top.entry(page >> DIRECTORY_BITS) {
            btree_map::Entry::Occupied(slot) => slot.into_mut(),
            btree_map::Entry::Vacant(slot) => {
                let charge = memory.charge(1).ok_or(NoMemory)?;
                slot.insert(Rc::new(Directory {
                    leaves: [const { None }; FAN],
                    used: 0,
                    charge,
                }))
            }
        };
        let directory = Directory::own(directory, Copying::WithinLimit)?;
        let slot = &mut directory.leaves[leaf_of(page)];
        let leaf = match slot {
            Some(leaf) => leaf,
            None => {
                let leaf = match self.spare.take() {
                    Some(leaf) => leaf,
                    None => {
                        let charge = memory.charge(1).ok_or(NoMemory)?;
                        Rc::new(Leaf {
                            entries: [Entry::ABSENT; FAN],
                            present: 0,
                            charge,
                        })
                    }
                };
                directory.used += 1;
                slot.insert(leaf)
            }
        };
        Leaf::own(leaf, Copying::WithinLimit)
    }

    /// The directory for a page that has one, our own when it was shared.
    fn own_directory(&mut self, page: u64, copying: Copying) -> Result<&mut Directory, NoMemory> {
        let directory = self.top.get_mut(&(page >> DIRECTORY_BITS));
        Directory::own(directory.expect("the caller found a leaf there"), copying)
    }

    /// The leaf for a page that has one, our own when it was shared.
    fn own_leaf(&mut self, page: u64, copying: Copying) -> Result<&mut Leaf, NoMemory> {
        let leaf = self.own_directory(page, copying)?.leaves[leaf_of(page)].as_mut();
        Leaf::own(leaf.expect("the caller found it there"), copying)
    }

    /// Takes a leaf out of its directory, which has to be our own.
    fn remove(&mut self, page: u64) -> Option<Rc<Leaf>> {
        let key = page >> DIRECTORY_BITS;
        let directory = Rc::get_mut(self.top.get_mut(&key)?)?;
        let leaf = directory.leaves[leaf_of(page)].take()?;
        directory.used -= 1;
        if directory.used == 0 {
            self.top.remove(&key);
        }
        Some(leaf)
    }
}

fn leaf_of(page: u64) -> usize {
    (page >> LEAF_BITS) as usize % FAN
}

fn slot_of(page: u64) -> usize {
    page as usize % FAN
}

/// Which slots of the leaf that begins at page `first` lie in `pages`.
fn slots(first: u64, pages: &Range<u64>) -> Range<usize> {
    let from = pages.start.saturating_sub(first).min(FAN as u64);
    let to = pages.end.saturating_sub(first).min(FAN as u64);
    from as usize..to as usize
}
