//! What is mapped where, with what rights and from what?

use std::any::Any;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::frames::Charge;
use super::gaps::Gaps;
use super::table::NoMemory;
use super::{Memory, Object, PAGE, Prot};

/// Where the pages of a region come from.
#[derive(Debug, Clone)]
pub enum Backing {
    /// Zeros, private to the address space.
    Anonymous,
    /// An object's pages, until the guest writes one: then its own copy.
    Private {
        /// The object.
        object: Rc<Object>,
        /// Offset in it of the first byte mapped; a multiple of the page size.
        offset: u64,
    },
    /// An object's pages themselves. Shared anonymous memory is this with a fresh object.
    Shared {
        /// The object.
        object: Rc<Object>,
        /// Offset in it of the first byte mapped; a multiple of the page size.
        offset: u64,
    },
}

impl Backing {
    /// The object behind it.
    pub fn object(&self) -> Option<&Rc<Object>> {
        match self {
            Backing::Anonymous => None,
            Backing::Private { object, .. } | Backing::Shared { object, .. } => Some(object),
        }
    }

    /// Offset in the object of the first byte mapped; 0 without one.
    pub fn offset(&self) -> u64 {
        match self {
            Backing::Anonymous => 0,
            Backing::Private { offset, .. } | Backing::Shared { offset, .. } => *offset,
        }
    }

    /// Whether stores are seen by others.
    pub fn is_shared(&self) -> bool {
        matches!(self, Backing::Shared { .. })
    }

    /// The same, beginning `bytes` further.
    pub(super) fn skip(&self, bytes: u64) -> Backing {
        let mut backing = self.clone();
        match &mut backing {
            Backing::Anonymous => {}
            Backing::Private { offset, .. } | Backing::Shared { offset, .. } => *offset += bytes,
        }
        backing
    }

    /// Whether `next`, which begins `len` bytes later, goes on where this ends.
    fn continues(&self, len: u64, next: &Backing) -> bool {
        match (self, next) {
            (Backing::Anonymous, Backing::Anonymous) => true,
            (
                Backing::Private {
                    object: a,
                    offset: x,
                },
                Backing::Private {
                    object: b,
                    offset: y,
                },
            )
            | (
                Backing::Shared {
                    object: a,
                    offset: x,
                },
                Backing::Shared {
                    object: b,
                    offset: y,
                },
            ) => Rc::ptr_eq(a, b) && x.checked_add(len) == Some(*y),
            _ => false,
        }
    }
}

/// What `/proc/PID/maps` calls a region, and the file it names. Two with the same three are the same.
#[derive(Clone, Default)]
pub struct Label {
    /// A path, or a name like `[heap]`.
    pub name: Box<[u8]>,
    /// Device number of the file, in the guest's encoding; 0 without one.
    pub device: u64,
    /// Inode number of the file; 0 without one.
    pub inode: u64,
    /// The file itself, for whoever knows what it is: its name may have changed.
    pub file: Option<Rc<dyn Any>>,
}

impl Label {
    fn key(&self) -> (&[u8], u64, u64) {
        (&self.name, self.device, self.inode)
    }
}

impl PartialEq for Label {
    fn eq(&self, other: &Label) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Label {}

impl std::fmt::Debug for Label {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = String::from_utf8_lossy(&self.name);
        write!(f, "Label({name:?}, {}, {})", self.device, self.inode)
    }
}

impl Label {
    /// A name without a file behind it.
    pub fn named(name: &str) -> Rc<Label> {
        Rc::new(Label {
            name: name.as_bytes().into(),
            ..Label::default()
        })
    }

    /// A file.
    pub fn file(
        path: impl Into<Vec<u8>>,
        device: u64,
        inode: u64,
        file: Option<Rc<dyn Any>>,
    ) -> Rc<Label> {
        Rc::new(Label {
            name: path.into().into_boxed_slice(),
            device,
            inode,
            file,
        })
    }
}

bitflags::bitflags! {
    /// What else is known of a region.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct RegionFlags: u16 {
        /// `MAP_GROWSDOWN`. Growing is the caller's business.
        const GROWS_DOWN = 1;
        /// `MADV_DONTFORK`: a fork does not have it.
        const DONT_FORK = 2;
        /// `MADV_WIPEONFORK`: a fork has it with zeros.
        const WIPE_ON_FORK = 4;
        /// `mlock`.
        const LOCKED = 8;
        /// `MAP_NORESERVE`.
        const NO_RESERVE = 16;
        /// `MADV_DONTDUMP`.
        const DONT_DUMP = 32;
        /// A shared mapping of a file that is not open for writing: it never becomes writable.
        const NEVER_WRITE = 64;
        /// `mseal`, or pages of the kernel: it can't be unmapped, moved or protected by the guest. The caller checks.
        const SEALED = 128;
    }
}

/// A range of addresses with one backing and one set of rights.
#[derive(Debug, Clone)]
pub struct Region {
    /// First address.
    pub start: u64,
    /// The address after the last.
    pub end: u64,
    /// What the guest asked for; [`Prot::effective`] is what it gets.
    pub prot: Prot,
    /// Where the pages come from.
    pub backing: Backing,
    /// What it is called.
    pub label: Option<Rc<Label>>,
    /// What else is known.
    pub flags: RegionFlags,
}

impl Region {
    /// Its length in bytes, never 0.
    #[expect(clippy::len_without_is_empty, reason = "no region is empty")]
    pub fn len(&self) -> u64 {
        self.end - self.start
    }

    /// Whether `address` is in it.
    pub fn contains(&self, address: u64) -> bool {
        (self.start..self.end).contains(&address)
    }

    /// Offset in the object behind it of what is at `address`.
    pub fn offset_of(&self, address: u64) -> u64 {
        self.backing
            .offset()
            .wrapping_add(address.wrapping_sub(self.start))
    }

    /// Private and writable: what RLIMIT_DATA counts.   [mm/mmap.c, is_data_mapping]
    pub fn is_data(&self) -> bool {
        self.prot.contains(Prot::WRITE) && !self.backing.is_shared()
    }

    /// Whether a fork treats it in its own way.
    pub(super) fn is_special(&self) -> bool {
        self.flags
            .intersects(RegionFlags::DONT_FORK | RegionFlags::WIPE_ON_FORK)
    }

    fn continues(&self, next: &Region) -> bool {
        self.end == next.start
            && self.prot == next.prot
            && self.flags == next.flags
            && self.label == next.label
            && self.backing.continues(self.len(), &next.backing)
    }
}

/// The regions of an address space with the holes between them.
pub(super) struct Regions {
    charge: Charge,
    map: BTreeMap<u64, Region>,
    gaps: Gaps,
    /// The address after the last that can be mapped.
    end: u64,
    mapped: u64,
    data: u64,
    /// How many are not simply shared with a fork.
    special: usize,
}

impl Regions {
    pub(super) fn new(memory: &Memory, end: u64) -> Regions {
        let mut gaps = Gaps::new();
        gaps.insert(0, end);
        let charge = memory.charge_anyway(pages_for(0));
        Regions {
            charge,
            map: BTreeMap::new(),
            gaps,
            end,
            mapped: 0,
            data: 0,
            special: 0,
        }
    }

    /// The regions themselves when nobody else has them, otherwise a copy in their place, which takes memory.
    pub(super) fn own(regions: &mut Rc<Regions>) -> Result<&mut Regions, NoMemory> {
        let pages = pages_for(regions.len());
        if Rc::strong_count(regions) > 1 {
            let charge = regions.charge.memory().charge(pages).ok_or(NoMemory)?;
            *regions = Rc::new(Regions {
                charge,
                map: regions.map.clone(),
                gaps: regions.gaps.clone(),
                ..**regions
            });
        }
        let own = Rc::get_mut(regions).expect("the count is one and there are no weak references");
        if pages != own.charge.pages() {
            // Whether there is room for more regions was asked before.
            own.charge = own.charge.memory().charge_anyway(pages);
        }
        Ok(own)
    }

    pub(super) fn len(&self) -> usize {
        self.map.len()
    }

    pub(super) fn mapped(&self) -> u64 {
        self.mapped
    }

    pub(super) fn data(&self) -> u64 {
        self.data
    }

    pub(super) fn has_special(&self) -> bool {
        self.special > 0
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Region> {
        self.map.values()
    }

    pub(super) fn at(&self, address: u64) -> Option<&Region> {
        let (_, region) = self.map.range(..=address).next_back()?;
        region.contains(address).then_some(region)
    }

    /// The first region that ends after `address`.
    pub(super) fn from(&self, address: u64) -> impl Iterator<Item = &Region> {
        let start = self.at(address).map_or(address, |region| region.start);
        self.map.range(start..).map(|(_, region)| region)
    }

    /// The regions that have an address in `start..end`.
    pub(super) fn within(&self, start: u64, end: u64) -> impl Iterator<Item = &Region> {
        self.from(start)
            .take_while(move |region| region.start < end)
    }

    pub(super) fn is_free(&self, start: u64, end: u64) -> bool {
        self.within(start, end).next().is_none()
    }

    /// Whether there is no hole in `start..end`.
    pub(super) fn is_covered(&self, start: u64, end: u64) -> bool {
        let mut next = start;
        for region in self.within(start, end) {
            if region.start > next {
                return false;
            }
            next = region.end;
        }
        next >= end
    }

    pub(super) fn highest_gap(&self, len: u64, low: u64, high: u64, align: u64) -> Option<u64> {
        self.gaps.highest(len, low, high, align)
    }

    /// How many bytes of `start..end` are mapped.
    pub(super) fn overlap(&self, start: u64, end: u64) -> u64 {
        self.within(start, end)
            .map(|region| region.end.min(end) - region.start.max(start))
            .sum()
    }

    /// How many more regions there are after a change that cuts at both ends of `start..end`.
    pub(super) fn cuts(&self, start: u64, end: u64) -> usize {
        let cut = |address| {
            self.at(address)
                .is_some_and(|region| region.start < address)
        };
        usize::from(cut(start)) + usize::from(cut(end))
    }

    /// Adds a region where nothing is, joining it with its neighbours where they go together.
    pub(super) fn insert(&mut self, region: Region) {
        debug_assert!(region.start < region.end && region.end <= self.end);
        debug_assert!(self.is_free(region.start, region.end));
        let before = self.end_before(region.start);
        let after = self.start_after(region.end);
        self.gaps.remove(before);
        if before < region.start {
            self.gaps.insert(before, region.start);
        }
        if region.end < after {
            self.gaps.insert(region.end, after);
        }
        self.put(region);
    }

    /// Makes `start..end` a hole.
    pub(super) fn remove(&mut self, start: u64, end: u64) -> Vec<Region> {
        let mut removed = Vec::new();
        self.split(start);
        self.split(end);
        while let Some((&key, _)) = self.map.range(start..end).next() {
            if let Some(region) = self.take(key) {
                self.reopen(region.start, region.end);
                removed.push(region);
            }
        }
        removed
    }

    /// Changes all regions of `start..end`, which keep their range.
    pub(super) fn change(&mut self, start: u64, end: u64, mut change: impl FnMut(&mut Region)) {
        self.split(start);
        self.split(end);
        let mut next = start;
        while let Some((&key, _)) = self.map.range(next..end).next() {
            let Some(mut region) = self.take(key) else {
                break;
            };
            next = region.end;
            change(&mut region);
            self.put(region);
        }
        // The region after the range may go together with the last one now: `put` looked at it already.
    }

    /// Lengthens the region that ends at `end` to `new_end`; nothing may be there.
    pub(super) fn extend(&mut self, end: u64, new_end: u64) {
        if let Some(region) = end.checked_sub(1).and_then(|last| self.at(last)) {
            let mut more = region.clone();
            more.backing = region.backing.skip(region.len());
            more.start = end;
            more.end = new_end;
            self.insert(more);
        }
    }

    /// Puts a region whose range is not a gap, joining it with its neighbours where they go together.
    fn put(&mut self, mut region: Region) {
        if let Some((&key, previous)) = self.map.range(..region.start).next_back()
            && previous.continues(&region)
            && let Some(mut previous) = self.take(key)
        {
            previous.end = region.end;
            region = previous;
        }
        // Twice, when the next one was cut for this change.
        while let Some(next) = self.map.get(&region.end)
            && region.continues(next)
            && let Some(next) = self.take(region.end)
        {
            region.end = next.end;
        }
        self.mapped += region.len();
        self.data += if region.is_data() { region.len() } else { 0 };
        self.special += usize::from(region.is_special());
        self.map.insert(region.start, region);
    }

    fn take(&mut self, start: u64) -> Option<Region> {
        let region = self.map.remove(&start)?;
        self.mapped -= region.len();
        self.data -= if region.is_data() { region.len() } else { 0 };
        self.special -= usize::from(region.is_special());
        Some(region)
    }

    /// Cuts the region around `address` in two.
    fn split(&mut self, address: u64) {
        let Some(region) = self.at(address) else {
            return;
        };
        if region.start == address {
            return;
        }
        let mut high = region.clone();
        high.backing = region.backing.skip(address - region.start);
        high.start = address;
        let start = region.start;
        if let Some(low) = self.map.get_mut(&start) {
            low.end = address;
        }
        self.special += usize::from(high.is_special());
        self.map.insert(address, high);
    }

    fn reopen(&mut self, start: u64, end: u64) {
        let before = self.end_before(start);
        let after = self.start_after(end);
        if before < start {
            self.gaps.remove(before);
        }
        if end < after {
            self.gaps.remove(end);
        }
        self.gaps.insert(before, after);
    }

    fn end_before(&self, address: u64) -> u64 {
        self.map
            .range(..address)
            .next_back()
            .map_or(0, |(_, region)| region.end)
    }

    fn start_after(&self, address: u64) -> u64 {
        self.map
            .range(address..)
            .next()
            .map_or(self.end, |(_, region)| region.start)
    }
}

/// What a list of `count` regions, and some more, takes of the limit: a region with its nodes is about 200 bytes.
fn pages_for(count: usize) -> u64 {
    (count as u64 + 8).div_ceil(16)
}

/// Rounds down to a page.
pub(super) fn page_down(address: u64) -> u64 {
    address & !(PAGE - 1)
}
