//! What can be done to an address space as a whole?

use std::rc::Rc;

use super::access::Cache;
use super::regions::{Regions, page_down};
use super::table::{NoMemory, Table};
use super::{Access, Backing, Fault, Label, Memory, Object, PAGE, Prot, Region, RegionFlags};
use crate::Arch;

/// The most regions an address space may have: Linux's `vm.max_map_count`.
pub const MAX_REGIONS: usize = 65_530;

/// Why a mapping could not be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MapError {
    /// Not a multiple of the page size, empty, or ranges that must not overlap.
    #[error("not a valid range of pages")]
    Invalid,
    /// Beyond what the architecture can address.
    #[error("outside the address space")]
    Range,
    /// Something in the range is not mapped.
    #[error("the range has a hole")]
    Hole,
    /// Something is mapped there.
    #[error("the range is not free")]
    Occupied,
    /// The mapping can never have this right.
    #[error("the mapping does not allow it")]
    Denied,
    /// There are [`MAX_REGIONS`] already.
    #[error("too many mappings")]
    TooMany,
    /// More than [`AddressSpace::set_limit`] allows.
    #[error("beyond the limit of the address space")]
    Limit,
    /// The guest's memory is used up.
    #[error("guest memory is used up")]
    NoMemory,
}

impl From<NoMemory> for MapError {
    fn from(_: NoMemory) -> MapError {
        MapError::NoMemory
    }
}

/// What one or more tasks see as memory.
pub struct AddressSpace {
    pub(super) memory: Memory,
    pub(super) regions: Rc<Regions>,
    pub(super) table: Table,
    pub(super) cache: Cache,
    /// Whether an engine was told something since the generation last changed.
    pub(super) granted: bool,
    /// The memory's epoch up to which this space has let go of what objects lost.
    pub(super) seen: u64,
    arch: Arch,
    low: u64,
    high: u64,
    end: u64,
    id: u64,
    generation: u64,
    /// The engine that ran it last.
    home: u64,
    limit: Option<u64>,
}

impl AddressSpace {
    /// An empty one. [`AddressSpace::find_free`] stays in `low..high`, mappings at given addresses need not.
    pub fn new(memory: &Memory, arch: Arch, low: u64, high: u64) -> AddressSpace {
        // The last page of 64-bit spaces is never mapped, so that the end of a region is a number.
        let end = match arch.pointer() {
            4 => 1 << 32,
            _ => page_down(u64::MAX),
        };
        AddressSpace {
            memory: memory.clone(),
            regions: Rc::new(Regions::new(memory, end)),
            table: Table::new(memory),
            cache: Cache::default(),
            granted: false,
            seen: memory.epoch(),
            arch,
            low,
            high: high.min(end),
            end,
            id: memory.fresh_id(),
            generation: 0,
            home: 0,
            limit: None,
        }
    }

    /// Maps `len` bytes at `addr` in place of whatever is there. Both have to be multiples of the page size. On failure
    /// nothing has changed.
    pub fn map(
        &mut self,
        addr: u64,
        len: u64,
        prot: Prot,
        backing: Backing,
        label: Option<Rc<Label>>,
    ) -> Result<(), MapError> {
        self.map_with(addr, len, prot, backing, label, RegionFlags::empty())
    }

    /// The same with flags.
    pub fn map_with(
        &mut self,
        addr: u64,
        len: u64,
        prot: Prot,
        backing: Backing,
        label: Option<Rc<Label>>,
        flags: RegionFlags,
    ) -> Result<(), MapError> {
        let end = self.range(addr, len)?;
        let offset = backing.offset();
        if !offset.is_multiple_of(PAGE) || offset.checked_add(len).is_none() {
            return Err(MapError::Invalid);
        }
        let overlap = self.regions.overlap(addr, end);
        self.check_growth(len - overlap)?;
        self.check_room(self.regions.cuts(addr, end) + 1)?;
        Regions::own(&mut self.regions)?;
        if overlap > 0 {
            self.drop_pages(addr, end)?;
        }
        if let Some(object) = backing.object() {
            object.note_mapped();
        }
        let regions = Regions::own(&mut self.regions)?;
        if overlap > 0 {
            regions.remove(addr, end);
        }
        regions.insert(Region {
            start: addr,
            end,
            prot,
            backing,
            label,
            flags,
        });
        Ok(())
    }

    /// Takes away what is mapped in `len` bytes from `addr` on. Holes in the range are no error.
    pub fn unmap(&mut self, addr: u64, len: u64) -> Result<(), MapError> {
        let end = self.range(addr, len)?;
        if self.regions.is_free(addr, end) {
            return Ok(());
        }
        // A cut at one end only leaves as many as there were.
        self.check_room(self.regions.cuts(addr, end).saturating_sub(1))?;
        Regions::own(&mut self.regions)?;
        self.drop_pages(addr, end)?;
        Regions::own(&mut self.regions)?.remove(addr, end);
        Ok(())
    }

    /// Sets the protection of `len` bytes from `addr` on. On failure nothing has changed.
    pub fn protect(&mut self, addr: u64, len: u64, prot: Prot) -> Result<(), MapError> {
        let end = self.range(addr, len)?;
        if !self.regions.is_covered(addr, end) {
            return Err(MapError::Hole);
        }
        let denied = |region: &Region| {
            prot.contains(Prot::WRITE) && region.flags.contains(RegionFlags::NEVER_WRITE)
        };
        if self.regions.within(addr, end).any(denied) {
            return Err(MapError::Denied);
        }
        if self
            .regions
            .within(addr, end)
            .all(|region| region.prot == prot)
        {
            return Ok(());
        }
        self.check_room(self.regions.cuts(addr, end))?;
        let regions = Regions::own(&mut self.regions)?;
        let narrowed = self
            .table
            .protect(addr / PAGE..end / PAGE, prot.effective())?;
        regions.change(addr, end, |region| region.prot = prot);
        self.cache.clear();
        if narrowed {
            self.invalidate();
        }
        Ok(())
    }

    /// Sets and clears flags of `len` bytes from `addr` on, which must not have a hole.
    pub fn set_flags(
        &mut self,
        addr: u64,
        len: u64,
        set: RegionFlags,
        clear: RegionFlags,
    ) -> Result<(), MapError> {
        let end = self.range(addr, len)?;
        if !self.regions.is_covered(addr, end) {
            return Err(MapError::Hole);
        }
        self.check_room(self.regions.cuts(addr, end))?;
        let change = |region: &mut Region| region.flags = region.flags.difference(clear) | set;
        Regions::own(&mut self.regions)?.change(addr, end, change);
        Ok(())
    }

    /// Names `len` bytes from `addr` on, which must not have a hole.
    pub fn set_label(
        &mut self,
        addr: u64,
        len: u64,
        label: Option<Rc<Label>>,
    ) -> Result<(), MapError> {
        let end = self.range(addr, len)?;
        if !self.regions.is_covered(addr, end) {
            return Err(MapError::Hole);
        }
        self.check_room(self.regions.cuts(addr, end))?;
        let change = |region: &mut Region| region.label.clone_from(&label);
        Regions::own(&mut self.regions)?.change(addr, end, change);
        Ok(())
    }

    /// The highest free address below `below` (and in the range given to [`AddressSpace::new`]) for `len` bytes, a
    /// multiple of `align`, which is a power of two.
    pub fn find_free(&self, len: u64, below: u64, align: u64) -> Option<u64> {
        self.find_free_in(len, self.low, below.min(self.high), align)
    }

    /// The highest free address for `len` bytes within `low..high`, a multiple of `align`, which is a power of two.
    pub fn find_free_in(&self, len: u64, low: u64, high: u64, align: u64) -> Option<u64> {
        if len == 0 {
            return None;
        }
        let len = len.checked_next_multiple_of(PAGE)?;
        let align = align.checked_next_power_of_two()?.max(PAGE);
        let low = low.checked_next_multiple_of(PAGE)?;
        self.regions.highest_gap(len, low, page_down(high), align)
    }

    /// Whether nothing is mapped in `len` bytes from `addr` on. False for a range that can't be mapped at all.
    pub fn is_free(&self, addr: u64, len: u64) -> bool {
        let end = addr.checked_add(len).filter(|&end| end <= self.end);
        end.is_some_and(|end| self.regions.is_free(addr, end))
    }

    /// Whether every byte of `len` bytes from `addr` on is mapped.
    pub fn is_mapped(&self, addr: u64, len: u64) -> bool {
        addr.checked_add(len)
            .is_some_and(|end| self.regions.is_covered(addr, end))
    }

    /// Lengthens the mapping of `old_len` bytes at `addr`, which is one region, to `new_len` bytes where it is.
    pub fn extend(&mut self, addr: u64, old_len: u64, new_len: u64) -> Result<(), MapError> {
        let old_end = self.range(addr, old_len)?;
        let new_end = self.range(addr, new_len)?;
        if new_end <= old_end {
            return Err(MapError::Invalid);
        }
        let region = self.single(addr, old_end)?;
        region
            .offset_of(addr)
            .checked_add(new_len)
            .ok_or(MapError::Invalid)?;
        if !self.regions.is_free(old_end, new_end) {
            return Err(MapError::Occupied);
        }
        self.check_growth(new_end - old_end)?;
        Regions::own(&mut self.regions)?.extend(old_end, new_end);
        Ok(())
    }

    /// Moves a mapping of `old_len` bytes at `old`, which is one region, to `new`, in place of whatever is there, and
    /// gives it `new_len` bytes. With `keep` the old range stays mapped, without its pages (`MREMAP_DONTUNMAP`).
    pub fn move_pages(
        &mut self,
        old: u64,
        old_len: u64,
        new: u64,
        new_len: u64,
        keep: bool,
    ) -> Result<(), MapError> {
        let old_end = self.range(old, old_len)?;
        let new_end = self.range(new, new_len)?;
        if old < new_end && new < old_end {
            return Err(MapError::Invalid);
        }
        let mut region = self.single(old, old_end)?.clone();
        region.backing = region.backing.skip(old - region.start);
        region
            .backing
            .offset()
            .checked_add(new_len)
            .ok_or(MapError::Invalid)?;
        region.start = new;
        region.end = new_end;
        let overlap = self.regions.overlap(new, new_end);
        let gone = if keep { overlap } else { overlap + old_len };
        self.check_growth(new_len.saturating_sub(gone))?;
        self.check_room(self.regions.cuts(old, old_end) + self.regions.cuts(new, new_end) + 1)?;
        let regions = Regions::own(&mut self.regions)?;
        // Pages beyond either length stay behind and are dropped; that needs no memory any more, as the levels that
        // hold them are our own by then.
        let moved = self
            .table
            .relocate(old / PAGE..old_end / PAGE, new / PAGE, new_end / PAGE)?;
        regions.remove(new, new_end);
        if !keep {
            regions.remove(old, old_end);
        }
        regions.insert(region);
        self.cache.clear();
        if moved > 0 {
            self.invalidate();
        }
        Ok(())
    }

    /// Forgets the pages of `len` bytes from `addr` on; what was private is zero, or as in the object, the next time
    /// (`MADV_DONTNEED`). Holes are skipped.
    pub fn discard(&mut self, addr: u64, len: u64) -> Result<(), MapError> {
        let end = self.range(addr, len)?;
        Ok(self.drop_pages(addr, end)?)
    }

    /// Makes `len` bytes from `addr` on present, as if they had been read, or written where that is allowed
    /// (`MAP_POPULATE`, `mlock`). Stops at the first page that can't be.
    pub fn populate(&mut self, addr: u64, len: u64) -> Result<(), Fault> {
        let end = addr.saturating_add(len);
        let mut at = page_down(addr);
        while at < end {
            let mut access = Access::Read;
            let mut next = at.saturating_add(PAGE);
            if let Some(region) = self.region_at(at) {
                if region.prot.contains(Prot::WRITE) {
                    access = Access::Write;
                } else if region.backing.object().is_none() {
                    // Reading it takes no memory, so that nothing would end this soon in a large one.
                    next = region.end;
                }
            }
            self.page(at, access, super::resolve::By::Copy)?;
            at = next;
        }
        Ok(())
    }

    /// How many of `len` bytes from `addr` on can be written without a fault, their pages made present.
    pub fn writable(&mut self, addr: u64, len: u64) -> u64 {
        let mut good = 0;
        while good < len {
            let Some(at) = addr.checked_add(good) else {
                break;
            };
            if self
                .page(at, Access::Write, super::resolve::By::Copy)
                .is_err()
            {
                break;
            }
            good += PAGE - at % PAGE;
        }
        good.min(len)
    }

    /// Whether the page of `address` is in memory (`mincore`).
    pub fn is_present(&mut self, address: u64) -> bool {
        self.sync();
        self.table.get(address / PAGE).entry.is_present()
    }

    /// The regions, in order of their addresses.
    pub fn regions(&self) -> impl Iterator<Item = &Region> {
        self.regions.iter()
    }

    /// The regions with an address in `len` bytes from `addr` on, in order.
    pub fn regions_in(&self, addr: u64, len: u64) -> impl Iterator<Item = &Region> {
        self.regions.within(addr, addr.saturating_add(len))
    }

    /// The region of an address.
    pub fn region_at(&self, addr: u64) -> Option<&Region> {
        self.regions.at(addr)
    }

    /// The first region that ends after `addr`.
    pub fn region_from(&self, addr: u64) -> Option<&Region> {
        self.regions.from(addr).next()
    }

    /// The object and the offset in it of a *shared* mapping at `addr`: what makes two addresses the same futex.
    pub fn shared_at(&self, addr: u64) -> Option<(&Rc<Object>, u64)> {
        let region = self.regions.at(addr)?;
        match &region.backing {
            Backing::Shared { object, .. } => Some((object, region.offset_of(addr))),
            _ => None,
        }
    }

    /// Bytes mapped, which is what RLIMIT_AS counts.
    pub fn mapped_bytes(&self) -> u64 {
        self.regions.mapped()
    }

    /// Bytes of private writable mappings, which is what RLIMIT_DATA counts.
    pub fn data_bytes(&self) -> u64 {
        self.regions.data()
    }

    /// Bytes present in a range, the shared zero page not counted, and those of them that are this space's own.
    pub fn resident_in(&self, addr: u64, len: u64) -> (u64, u64) {
        let pages = addr / PAGE..addr.saturating_add(len).div_ceil(PAGE);
        let (mut present, mut own) = (0, 0);
        self.table.each(pages, |_, entry| {
            if entry.is_resident() {
                present += PAGE;
                own += PAGE * u64::from(entry.owner() == super::table::Owner::Private);
            }
        });
        (present, own)
    }

    /// Bytes present, the shared zero page not counted.
    pub fn resident(&self) -> u64 {
        self.table.resident() * PAGE
    }

    /// Bounds [`AddressSpace::mapped_bytes`] from now on (RLIMIT_AS). What is mapped stays.
    pub fn set_limit(&mut self, limit: Option<u64>) {
        self.limit = limit;
    }

    /// A second address space with the same content, of which each side sees only its own stores from now on, except in
    /// shared mappings. Costs table work only: pages, and most of the tables, are copied when one side writes.
    pub fn fork(&mut self) -> Result<AddressSpace, MapError> {
        self.sync();
        let mut child = AddressSpace {
            memory: self.memory.clone(),
            regions: Rc::clone(&self.regions),
            table: self.table.fork(),
            cache: Cache::default(),
            granted: false,
            seen: self.seen,
            id: self.memory.fresh_id(),
            generation: 0,
            home: 0,
            ..*self
        };
        self.cache.clear();
        // What the parent may write in place has to be copied first from now on.
        self.invalidate();
        if self.regions.has_special() {
            for region in self.regions.iter().filter(|region| region.is_special()) {
                child.table.clear(region.start / PAGE..region.end / PAGE)?;
                if region.flags.contains(RegionFlags::DONT_FORK) {
                    Regions::own(&mut child.regions)?.remove(region.start, region.end);
                }
            }
        }
        Ok(child)
    }

    /// Changes whenever something that an engine was told may be wrong: unmapping, narrowing, another frame. An engine
    /// flushes its TLB when `(id, generation)` is not what it was. Mapping into a hole and widening change nothing.
    pub fn generation(&self) -> u64 {
        // Both only grow, so the sum changes when one of them does.
        self.generation.wrapping_add(self.memory.epoch())
    }

    /// A number no other address space of the same memory has.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// An engine is about to run it. Whether that is another one than the last time: then what this one was told of it
    /// before may be wrong, although the generation is the same.
    #[cfg_attr(
        not(feature = "unicorn"),
        allow(dead_code, reason = "used by engines only")
    )]
    pub(crate) fn moves_to(&mut self, engine: u64) -> bool {
        std::mem::replace(&mut self.home, engine) != engine
    }

    /// The architecture.
    pub fn arch(&self) -> Arch {
        self.arch
    }

    /// The RAM behind it.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// The range for mappings whose address is free to choose.
    pub fn user_range(&self) -> std::ops::Range<u64> {
        self.low..self.high
    }

    pub(super) fn invalidate(&mut self) {
        if self.granted {
            self.granted = false;
            self.generation += 1;
        }
    }

    fn drop_pages(&mut self, addr: u64, end: u64) -> Result<(), NoMemory> {
        let dropped = self.table.clear(addr / PAGE..end / PAGE)?;
        self.cache.clear();
        if dropped > 0 {
            self.invalidate();
        }
        Ok(())
    }

    /// Whether there may be `more` regions.
    fn check_room(&self, more: usize) -> Result<(), MapError> {
        if self.regions.len() + more > MAX_REGIONS {
            Err(MapError::TooMany)
        } else if more > 0 && self.memory.available() == 0 {
            Err(MapError::NoMemory)
        } else {
            Ok(())
        }
    }

    /// The end of a range that may be mapped.
    fn range(&self, addr: u64, len: u64) -> Result<u64, MapError> {
        if !addr.is_multiple_of(PAGE) || !len.is_multiple_of(PAGE) || len == 0 {
            return Err(MapError::Invalid);
        }
        addr.checked_add(len)
            .filter(|&end| end <= self.end)
            .ok_or(MapError::Range)
    }

    fn check_growth(&self, more: u64) -> Result<(), MapError> {
        match self.limit {
            Some(limit) if more > 0 => match self.regions.mapped().checked_add(more) {
                Some(total) if total <= limit => Ok(()),
                _ => Err(MapError::Limit),
            },
            _ => Ok(()),
        }
    }

    /// The one region that holds all of `addr..end`.
    fn single(&self, addr: u64, end: u64) -> Result<&Region, MapError> {
        self.regions
            .at(addr)
            .filter(|region| end <= region.end)
            .ok_or(MapError::Hole)
    }
}

impl std::fmt::Debug for AddressSpace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AddressSpace")
            .field("id", &self.id)
            .field("arch", &self.arch)
            .field("regions", &self.regions.len())
            .finish_non_exhaustive()
    }
}
