//! Virtual memory: allocations are reserved, committed, protected, asked about, and freed.
//!
//! What NT knows of a page, and the address space doesn't, is in the label of its region ([`Tag`]).

mod more;
mod query;
mod section;
mod tag;

pub(super) use section::Section;
pub(crate) use tag::{Kind, State, Tag, page};

use emu_cpu::memory::{Backing, MapError, PAGE, RegionFlags};
use emu_cpu::{AddressSpace, GuestMemory};
use emu_prototypes::nt::{self, NtStatus, services};

use super::Outcome;
use crate::kernel::{Cx, Kernel};

/// Reservations begin at multiples of this.   [SYSTEM_BASIC_INFORMATION, AllocationGranularity]
const GRANULARITY: u64 = 0x1_0000;

/// `AllocationType` and `FreeType`.   [winnt.h]
mod kind {
    pub(super) const COMMIT: u32 = 0x1000;
    pub(super) const RESERVE: u32 = 0x2000;
    pub(super) const DECOMMIT: u32 = 0x4000;
    pub(super) const RELEASE: u32 = 0x8000;
    pub(super) const RESET: u32 = 0x8_0000;
    pub(super) const TOP_DOWN: u32 = 0x10_0000;
    pub(super) const WRITE_WATCH: u32 = 0x20_0000;
}

impl services::Memory<Cx<'_>> for Kernel {
    fn nt_allocate_virtual_memory(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtAllocateVirtualMemory,
    ) -> Outcome {
        let known = kind::COMMIT | kind::RESERVE | kind::RESET | kind::TOP_DOWN | kind::WRITE_WATCH;
        let way = call.AllocationType;
        if way & !known != 0 || way & (kind::COMMIT | kind::RESERVE | kind::RESET) == 0 {
            return Err(NtStatus::INVALID_PARAMETER_5.into());
        }
        if !page::is_valid(call.PageProtection) {
            return Err(NtStatus::INVALID_PAGE_PROTECTION.into());
        }
        self.own_process(cx, call.ProcessHandle)?;
        let wish = cx.read_word(call.BaseAddress.address)?;
        let size = cx.read_word(call.RegionSize.address)?;
        if size == 0 {
            return Err(NtStatus::INVALID_PARAMETER_4.into());
        }
        let reserves = wish == 0 || way & kind::RESERVE != 0;
        let unit = if reserves { GRANULARITY } else { PAGE };
        let (start, size) = self.range(cx, wish, size, unit)?;
        let (start, size) = match reserves {
            true => reserve(cx, wish, (start, size), call)?,
            false if way & kind::RESET != 0 => (start, size),
            false => {
                commit(cx, start, size, call.PageProtection)?;
                (start, size)
            }
        };
        cx.write_word(call.BaseAddress.address, start)?;
        cx.write_word(call.RegionSize.address, size)?;
        Ok(0)
    }

    fn nt_free_virtual_memory(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtFreeVirtualMemory,
    ) -> Outcome {
        if !matches!(call.FreeType, kind::DECOMMIT | kind::RELEASE) {
            return Err(NtStatus::INVALID_PARAMETER_4.into());
        }
        self.own_process(cx, call.ProcessHandle)?;
        let start = cx.read_word(call.BaseAddress.address)? & !(PAGE - 1);
        let size = cx.read_word(call.RegionSize.address)?;
        let tag = cx.mem.region_at(start).map(Tag::of);
        let tag = tag.ok_or(NtStatus::MEMORY_NOT_ALLOCATED)?;
        if tag.kind != Kind::Private {
            return Err(NtStatus::UNABLE_TO_DELETE_SECTION.into());
        }
        let end = end_of(cx.mem, tag.base);
        let (start, size) = match size {
            0 if start != tag.base => return Err(NtStatus::FREE_VM_NOT_AT_BASE.into()),
            0 => (start, end - start),
            size => self.range(cx, start, size, PAGE)?,
        };
        if start + size > end {
            return Err(NtStatus::UNABLE_TO_FREE_VM.into());
        }
        if sealed(cx.mem, start, size) {
            return Err(NtStatus::INVALID_PAGE_PROTECTION.into());
        }
        if call.FreeType == kind::RELEASE {
            // What is left behind the hole is an allocation of its own.
            if start > tag.base && start + size < end {
                rebase(cx.mem, start + size, end)?;
            }
            cx.mem.unmap(start, size).map_err(failed)?;
        } else {
            let reserved = tag.reserved();
            let label = Some(reserved.label(b""));
            let flags = RegionFlags::NO_RESERVE;
            let prot = reserved.prot(false);
            cx.mem
                .map_with(start, size, prot, Backing::Anonymous, label, flags)
                .map_err(failed)?;
        }
        cx.write_word(call.BaseAddress.address, start)?;
        cx.write_word(call.RegionSize.address, size)?;
        Ok(0)
    }

    fn nt_protect_virtual_memory(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtProtectVirtualMemory,
    ) -> Outcome {
        let copies = matches!(
            call.NewProtection,
            page::WRITECOPY | page::EXECUTE_WRITECOPY
        );
        if !page::is_valid(call.NewProtection) && !copies {
            return Err(NtStatus::INVALID_PAGE_PROTECTION.into());
        }
        self.own_process(cx, call.ProcessHandle)?;
        let start = cx.read_word(call.BaseAddress.address)?;
        let size = cx.read_word(call.RegionSize.address)?;
        if size == 0 {
            return Err(NtStatus::INVALID_PARAMETER_3.into());
        }
        let (start, size) = self.range(cx, start, size, PAGE)?;
        if !cx.mem.is_mapped(start, size) {
            return Err(NtStatus::CONFLICTING_ADDRESSES.into());
        }
        if sealed(cx.mem, start, size) {
            return Err(NtStatus::INVALID_PAGE_PROTECTION.into());
        }
        let tags: Vec<Tag> = cx.mem.regions_in(start, size).map(Tag::of).collect();
        if tags.iter().any(|tag| tag.base != tags[0].base) {
            return Err(NtStatus::CONFLICTING_ADDRESSES.into());
        }
        if tags.iter().any(|tag| tag.state == State::Reserved) {
            return Err(NtStatus::NOT_COMMITTED.into());
        }
        // Memory of one's own is nobody's to be copied from.
        if copies && tags[0].kind == Kind::Private {
            return Err(NtStatus::INVALID_PAGE_PROTECTION.into());
        }
        let old = tags[0].protect;
        // Where the guest can't have the old protection, nothing changes.
        cx.mem.write_u32(call.OldProtection.address, old)?;
        set(cx, start, size, |tag| tag.committed(call.NewProtection))?;
        cx.write_word(call.BaseAddress.address, start)?;
        cx.write_word(call.RegionSize.address, size)?;
        Ok(0)
    }

    fn nt_query_virtual_memory(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryVirtualMemory,
    ) -> Outcome {
        self.own_process(cx, call.ProcessHandle)?;
        query::query(cx, call)
    }

    fn nt_read_virtual_memory(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtReadVirtualMemory,
    ) -> Outcome {
        super::process::read_memory(self, cx, call)
    }

    fn nt_write_virtual_memory(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtWriteVirtualMemory,
    ) -> Outcome {
        super::process::write_memory(self, cx, call)
    }

    fn nt_create_section(&mut self, cx: &mut Cx<'_>, call: &nt::NtCreateSection) -> Outcome {
        section::create(self, cx, call)
    }

    fn nt_open_section(&mut self, cx: &mut Cx<'_>, call: &nt::NtOpenSection) -> Outcome {
        let wish = super::named::Wish::new(
            call.SectionHandle,
            call.DesiredAccess,
            call.ObjectAttributes,
        );
        self.nt_open_named(cx, wish, super::kinds::Kind::Section)
    }

    fn nt_query_section(&mut self, cx: &mut Cx<'_>, call: &nt::NtQuerySection) -> Outcome {
        section::query(self, cx, call)
    }

    fn nt_map_view_of_section(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtMapViewOfSection,
    ) -> Outcome {
        section::map(self, cx, call)
    }

    fn nt_unmap_view_of_section(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtUnmapViewOfSection,
    ) -> Outcome {
        section::unmap(self, cx, call)
    }

    fn nt_lock_virtual_memory(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtLockVirtualMemory,
    ) -> Outcome {
        self.lock(cx, call)
    }

    fn nt_unlock_virtual_memory(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtUnlockVirtualMemory,
    ) -> Outcome {
        self.unlock(cx, call)
    }

    fn nt_flush_virtual_memory(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtFlushVirtualMemory,
    ) -> Outcome {
        self.flush(cx, call)
    }

    fn nt_extend_section(&mut self, cx: &mut Cx<'_>, call: &nt::NtExtendSection) -> Outcome {
        self.extend(cx, call)
    }

    fn nt_are_mapped_files_the_same(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtAreMappedFilesTheSame,
    ) -> Outcome {
        self.same_files(cx, call)
    }

    fn nt_allocate_virtual_memory_ex(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtAllocateVirtualMemoryEx,
    ) -> Outcome {
        self.allocate_ex(cx, call)
    }

    fn nt_create_section_ex(&mut self, cx: &mut Cx<'_>, call: &nt::NtCreateSectionEx) -> Outcome {
        self.create_section_ex(cx, call)
    }

    fn nt_map_view_of_section_ex(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtMapViewOfSectionEx,
    ) -> Outcome {
        self.map_ex(cx, call)
    }

    fn nt_unmap_view_of_section_ex(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtUnmapViewOfSectionEx,
    ) -> Outcome {
        self.unmap_ex(cx, call)
    }

    // What is executed is what is in memory, at once.
    fn nt_flush_instruction_cache(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtFlushInstructionCache,
    ) -> Outcome {
        self.own_process(cx, call.ProcessHandle)?;
        Ok(0)
    }

    fn nt_flush_write_buffer(&mut self, _: &mut Cx<'_>, _: &nt::NtFlushWriteBuffer) -> Outcome {
        Ok(0)
    }

    fn nt_create_paging_file(&mut self, _: &mut Cx<'_>, _: &nt::NtCreatePagingFile) -> Outcome {
        Err(NtStatus::PRIVILEGE_NOT_HELD.into())
    }
}

impl Kernel {
    /// Whole units that a range takes. A range that is not in user space is refused.
    fn range(&self, cx: &Cx<'_>, start: u64, size: u64, unit: u64) -> Result<(u64, u64), NtStatus> {
        let high = cx.profile.process.high;
        let first = start & !(unit - 1);
        if start >= high {
            return Err(NtStatus::INVALID_PARAMETER_2);
        }
        let end = start
            .checked_add(size)
            .and_then(|end| end.checked_next_multiple_of(PAGE))
            .filter(|end| *end <= high);
        match end {
            Some(end) => Ok((first, end - first)),
            None if size >= high => Err(NtStatus::INVALID_PARAMETER_4),
            None => Err(NtStatus::INVALID_PARAMETER_2),
        }
    }
}

/// Why the address space refused.
pub(super) fn failed(error: MapError) -> NtStatus {
    match error {
        MapError::NoMemory => NtStatus::NO_MEMORY,
        MapError::Denied => NtStatus::SECTION_PROTECTION,
        _ => NtStatus::INVALID_PARAMETER,
    }
}

/// The lowest free place, or the highest.
pub(super) fn place(cx: &Cx<'_>, size: u64, top_down: bool) -> Option<u64> {
    let process = &cx.profile.process;
    if top_down {
        return cx.mem.find_free(size, process.mmap_top, GRANULARITY);
    }
    let mut at = process.low.next_multiple_of(GRANULARITY);
    for region in cx.mem.regions() {
        if region.end <= at {
            continue;
        }
        if region.start >= at.checked_add(size)? {
            break;
        }
        at = region.end.checked_next_multiple_of(GRANULARITY)?;
    }
    (at.checked_add(size)? <= process.mmap_top).then_some(at)
}

fn reserve(
    cx: &mut Cx<'_>,
    wish: u64,
    (start, size): (u64, u64),
    call: &nt::NtAllocateVirtualMemory,
) -> Result<(u64, u64), NtStatus> {
    let start = match wish {
        0 => {
            let top_down = call.AllocationType & kind::TOP_DOWN != 0;
            place(cx, size, top_down).ok_or(NtStatus::NO_MEMORY)?
        }
        _ if start < cx.profile.process.low => return Err(NtStatus::INVALID_PARAMETER_2),
        _ if cx.mem.is_free(start, size) => start,
        _ => return Err(NtStatus::CONFLICTING_ADDRESSES),
    };
    let tag = Tag::private(start, call.PageProtection);
    let tag = match call.AllocationType & kind::COMMIT {
        0 => tag.reserved(),
        _ => tag,
    };
    let prot = tag.prot(cx.executes_data());
    let (label, flags) = (Some(tag.label(b"")), RegionFlags::NO_RESERVE);
    cx.mem
        .map_with(start, size, prot, Backing::Anonymous, label, flags)
        .map_err(failed)?;
    Ok((start, size))
}

fn commit(cx: &mut Cx<'_>, start: u64, size: u64, protect: u32) -> Result<(), NtStatus> {
    if !cx.mem.is_mapped(start, size) {
        return Err(NtStatus::CONFLICTING_ADDRESSES);
    }
    let mut tags = cx.mem.regions_in(start, size).map(Tag::of);
    let first = tags.next().ok_or(NtStatus::CONFLICTING_ADDRESSES)?;
    let mixed = tags.any(|tag| tag.base != first.base);
    drop(tags);
    if first.kind != Kind::Private || mixed {
        return Err(NtStatus::CONFLICTING_ADDRESSES);
    }
    if sealed(cx.mem, start, size) {
        return Err(NtStatus::CONFLICTING_ADDRESSES);
    }
    set(cx, start, size, |tag| tag.committed(protect))
}

/// Gives pages another tag, and the rights that it means.
pub(super) fn set(
    cx: &mut Cx<'_>,
    start: u64,
    size: u64,
    change: impl Fn(Tag) -> Tag,
) -> Result<(), NtStatus> {
    let executes = cx.executes_data();
    let end = start + size;
    let parts: Vec<_> = cx
        .mem
        .regions_in(start, size)
        .map(|region| {
            let name = region.label.as_ref().map(|label| label.name.clone());
            let part = (region.start.max(start), region.end.min(end));
            (part, change(Tag::of(region)), name.unwrap_or_default())
        })
        .collect();
    for ((from, to), tag, name) in parts {
        cx.mem
            .protect(from, to - from, tag.prot(executes))
            .map_err(failed)?;
        cx.mem
            .set_label(from, to - from, Some(tag.label(&name)))
            .map_err(failed)?;
    }
    Ok(())
}

/// Whether pages of the kernel are among them.
fn sealed(space: &AddressSpace, start: u64, size: u64) -> bool {
    let mut regions = space.regions_in(start, size);
    regions.any(|region| region.flags.contains(RegionFlags::SEALED))
}

/// Where the allocation with a base ends.
fn end_of(space: &AddressSpace, base: u64) -> u64 {
    let mut end = base;
    while let Some(region) = space
        .region_at(end)
        .filter(|region| Tag::of(region).base == base)
    {
        end = region.end;
    }
    end
}

fn rebase(space: &mut AddressSpace, start: u64, end: u64) -> Result<(), NtStatus> {
    let parts: Vec<_> = space
        .regions_in(start, end - start)
        .map(|region| {
            (
                region.start.max(start),
                region.end.min(end),
                Tag::of(region),
            )
        })
        .collect();
    for (from, to, tag) in parts {
        let tag = Tag { base: start, ..tag };
        space
            .set_label(from, to - from, Some(tag.label(b"")))
            .map_err(failed)?;
    }
    Ok(())
}

impl Cx<'_> {
    /// Whether what is readable can be executed in this process.
    fn executes_data(&self) -> bool {
        self.process().executes_data()
    }
}
