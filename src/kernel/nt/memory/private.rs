//! How is memory of a process's own allocated, protected and freed?

use emu_cpu::memory::{Backing, PAGE, RegionFlags};
use emu_cpu::{AddressSpace, GuestMemory};
use emu_prototypes::nt::{self, NtStatus};

use super::target::{Target, access, limit};
use super::{GRANULARITY, Kind, State, Tag, failed, page};
use crate::kernel::nt::Outcome;
use crate::kernel::{Cx, Kernel};

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

/// Serves `NtAllocateVirtualMemory`.
pub(super) fn allocate(
    kernel: &mut Kernel,
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
    kernel.process_of(cx, call.ProcessHandle)?;
    let wish = cx.read_word(call.BaseAddress.address)?;
    let size = cx.read_word(call.RegionSize.address)?;
    if size == 0 {
        return Err(NtStatus::INVALID_PARAMETER_4.into());
    }
    let (handle, protect) = (call.ProcessHandle, call.PageProtection);
    let top = limit(call.ZeroBits, cx.word())?;
    let (start, size) = kernel.in_memory_of(cx, handle, access::OPERATION, |target| {
        let reserves = wish == 0 || way & kind::RESERVE != 0;
        let unit = if reserves { GRANULARITY } else { PAGE };
        let (start, size) = target.range(wish, size, unit)?;
        if reserves {
            let start = reserve(target, wish, (start, size, top), (way, protect))?;
            return Ok((start, size));
        }
        if way & kind::RESET == 0 {
            commit(target, start, size, protect)?;
        }
        Ok((start, size))
    })?;
    cx.write_word(call.BaseAddress.address, start)?;
    cx.write_word(call.RegionSize.address, size)?;
    Ok(0)
}

/// Serves `NtFreeVirtualMemory`.
pub(super) fn free(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtFreeVirtualMemory,
) -> Outcome {
    if !matches!(call.FreeType, kind::DECOMMIT | kind::RELEASE) {
        return Err(NtStatus::INVALID_PARAMETER_4.into());
    }
    kernel.process_of(cx, call.ProcessHandle)?;
    let start = cx.read_word(call.BaseAddress.address)? & !(PAGE - 1);
    let size = cx.read_word(call.RegionSize.address)?;
    let (handle, way) = (call.ProcessHandle, call.FreeType);
    let (start, size) = kernel.in_memory_of(cx, handle, access::OPERATION, |target| {
        let tag = target.space.region_at(start).map(Tag::of);
        let tag = tag.ok_or(NtStatus::MEMORY_NOT_ALLOCATED)?;
        if tag.kind != Kind::Private {
            return Err(NtStatus::UNABLE_TO_DELETE_SECTION);
        }
        let end = end_of(target.space, tag.base);
        let (start, size) = match size {
            0 if start != tag.base => return Err(NtStatus::FREE_VM_NOT_AT_BASE),
            0 => (start, end - start),
            size => target.range(start, size, PAGE)?,
        };
        if start + size > end {
            return Err(NtStatus::UNABLE_TO_FREE_VM);
        }
        if sealed(target.space, start, size) {
            return Err(NtStatus::INVALID_PAGE_PROTECTION);
        }
        if way == kind::RELEASE {
            // What is left behind the hole is an allocation of its own.
            if start > tag.base && start + size < end {
                rebase(target.space, start + size, end)?;
            }
            target.space.unmap(start, size).map_err(failed)?;
        } else {
            let reserved = tag.reserved();
            let label = Some(reserved.label(b""));
            let flags = RegionFlags::NO_RESERVE;
            let prot = reserved.prot(false);
            target
                .space
                .map_with(start, size, prot, Backing::Anonymous, label, flags)
                .map_err(failed)?;
        }
        Ok((start, size))
    })?;
    cx.write_word(call.BaseAddress.address, start)?;
    cx.write_word(call.RegionSize.address, size)?;
    Ok(0)
}

/// Takes away the whole allocation that an address is in.
pub(in crate::kernel::nt) fn take_away(space: &mut AddressSpace, at: u64) {
    if let Some(tag) = space.region_at(at).map(Tag::of) {
        let end = end_of(space, tag.base);
        let _ = space.unmap(tag.base, end - tag.base);
    }
}

/// Serves `NtProtectVirtualMemory`.
pub(super) fn protect(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtProtectVirtualMemory,
) -> Outcome {
    let protect = call.NewProtection;
    let copies = matches!(protect, page::WRITECOPY | page::EXECUTE_WRITECOPY);
    if !page::is_valid(protect) && !copies {
        return Err(NtStatus::INVALID_PAGE_PROTECTION.into());
    }
    kernel.process_of(cx, call.ProcessHandle)?;
    let start = cx.read_word(call.BaseAddress.address)?;
    let size = cx.read_word(call.RegionSize.address)?;
    if size == 0 {
        return Err(NtStatus::INVALID_PARAMETER_3.into());
    }
    let handle = call.ProcessHandle;
    let (start, size, old) = kernel.in_memory_of(cx, handle, access::OPERATION, |target| {
        let (start, size) = target.range(start, size, PAGE)?;
        let space = &*target.space;
        if !space.is_mapped(start, size) {
            return Err(NtStatus::CONFLICTING_ADDRESSES);
        }
        if sealed(space, start, size) {
            return Err(NtStatus::INVALID_PAGE_PROTECTION);
        }
        let tags: Vec<Tag> = space.regions_in(start, size).map(Tag::of).collect();
        if tags.iter().any(|tag| tag.base != tags[0].base) {
            return Err(NtStatus::CONFLICTING_ADDRESSES);
        }
        if tags.iter().any(|tag| tag.state == State::Reserved) {
            return Err(NtStatus::NOT_COMMITTED);
        }
        // Memory of one's own is nobody's to be copied from.
        if copies && tags[0].kind == Kind::Private {
            return Err(NtStatus::INVALID_PAGE_PROTECTION);
        }
        Ok((start, size, tags[0].protect))
    })?;
    // Where the guest can't have the old protection, nothing changes.
    cx.mem.write_u32(call.OldProtection.address, old)?;
    kernel.in_memory_of(cx, handle, access::OPERATION, |target| {
        set(target, start, size, |tag| tag.committed(protect))
    })?;
    cx.write_word(call.BaseAddress.address, start)?;
    cx.write_word(call.RegionSize.address, size)?;
    Ok(0)
}

fn reserve(
    target: &mut Target<'_>,
    wish: u64,
    (start, size, top): (u64, u64, u64),
    (way, protect): (u32, u32),
) -> Result<u64, NtStatus> {
    let start = match wish {
        0 => {
            let top_down = way & kind::TOP_DOWN != 0;
            let place = target.place_below(size, top_down, top);
            place.ok_or(NtStatus::NO_MEMORY)?
        }
        _ if start < target.profile.process.low => return Err(NtStatus::INVALID_PARAMETER_2),
        _ if target.space.is_free(start, size) => start,
        _ => return Err(NtStatus::CONFLICTING_ADDRESSES),
    };
    let tag = Tag::private(start, protect);
    let tag = match way & kind::COMMIT {
        0 => tag.reserved(),
        _ => tag,
    };
    target.fresh(tag, size)?;
    Ok(start)
}

fn commit(target: &mut Target<'_>, start: u64, size: u64, protect: u32) -> Result<(), NtStatus> {
    let space = &*target.space;
    if !space.is_mapped(start, size) {
        return Err(NtStatus::CONFLICTING_ADDRESSES);
    }
    let mut tags = space.regions_in(start, size).map(Tag::of);
    let first = tags.next().ok_or(NtStatus::CONFLICTING_ADDRESSES)?;
    let mixed = tags.any(|tag| tag.base != first.base);
    drop(tags);
    if first.kind != Kind::Private || mixed || sealed(space, start, size) {
        return Err(NtStatus::CONFLICTING_ADDRESSES);
    }
    set(target, start, size, |tag| tag.committed(protect))
}

/// Gives pages another tag, and the rights that it means.
fn set(
    target: &mut Target<'_>,
    start: u64,
    size: u64,
    change: impl Fn(Tag) -> Tag,
) -> Result<(), NtStatus> {
    let end = start + size;
    let parts: Vec<_> = target
        .space
        .regions_in(start, size)
        .map(|region| {
            let name = region.label.as_ref().map(|label| label.name.clone());
            let part = (region.start.max(start), region.end.min(end));
            (part, change(Tag::of(region)), name.unwrap_or_default())
        })
        .collect();
    for ((from, to), tag, name) in parts {
        let space = &mut *target.space;
        space
            .protect(from, to - from, tag.prot(target.executes))
            .map_err(failed)?;
        space
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
pub(super) fn end_of(space: &AddressSpace, base: u64) -> u64 {
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
            let part = (region.start.max(start), region.end.min(end));
            (part, Tag::of(region))
        })
        .collect();
    for ((from, to), tag) in parts {
        let tag = Tag { base: start, ..tag };
        space
            .set_label(from, to - from, Some(tag.label(b"")))
            .map_err(failed)?;
    }
    Ok(())
}
