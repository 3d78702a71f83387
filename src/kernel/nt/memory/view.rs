//! Where are sections seen?

use std::rc::Rc;

use emu_cpu::memory::{Backing, PAGE, RegionFlags};
use emu_cpu::{AddressSpace, GuestMemory};
use emu_prototypes::nt::{self, NtStatus};

use super::section::{Section, is_protection};
use super::tag::{Kind, State, Tag, page};
use super::target::{Target, access, limit};
use super::{GRANULARITY, end_of, failed};
use crate::kernel::nt::handles::Object;
use crate::kernel::{Cx, Kernel};

/// Access to a section that a view takes.   [winnt.h, SECTION_MAP_WRITE, SECTION_MAP_READ]
const MAP_WRITE: u32 = 2;
const MAP_READ: u32 = 4;

/// `SECTION_INHERIT`: copies of the process do not have the view.   [wdm.h: ViewUnmap]
const VIEW_UNMAP: i32 = 2;

/// Where a view shall be, how much of the section it shows, and from where on.
struct Wish {
    at: u64,
    size: u64,
    offset: u64,
    protect: u32,
    /// The address below which it has to end.
    top: u64,
    /// Whether copies of the process do not have it.
    alone: bool,
}

/// Serves `NtMapViewOfSection`; gives its status, and where an image is that the process that asks has got.
pub(super) fn map(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtMapViewOfSection,
) -> Result<(u64, Option<u64>), NtStatus> {
    let Object::Section(section) = kernel.nt_object(cx, call.SectionHandle)? else {
        return Err(NtStatus::OBJECT_TYPE_MISMATCH);
    };
    let process = kernel.process_of(cx, call.ProcessHandle)?;
    let own = Rc::ptr_eq(&process, &cx.task.linux.process);
    // Both have to be there before anything is mapped.
    let mut wish = Wish {
        at: cx.read_word(call.BaseAddress.address)?,
        size: cx.read_word(call.ViewSize.address)?,
        offset: 0,
        protect: call.PageProtection & 0xff,
        top: limit(call.ZeroBits, cx.word())?,
        alone: call.InheritDisposition == VIEW_UNMAP,
    };
    let handle = call.ProcessHandle;
    if let Some(image) = &section.image {
        let (base, wished) = kernel.in_memory_of(cx, handle, access::OPERATION, |target| {
            let mapped = image.map(target.space, target.profile);
            mapped.map_err(|_| NtStatus::CONFLICTING_ADDRESSES)
        })?;
        cx.write_word(call.BaseAddress.address, base)?;
        cx.write_word(call.ViewSize.address, image.size().next_multiple_of(PAGE))?;
        let narrow = kernel.blocks_of(cx, &process).1.is_some();
        let status = match wished {
            // It is of no use to a 64-bit program as code.
            _ if !image.is_wide() && cx.word() == 8 && !narrow => {
                NtStatus::IMAGE_MACHINE_TYPE_MISMATCH.0
            }
            true => 0,
            // Where it can't be where it wants to be, it has been moved.
            false => NtStatus::IMAGE_NOT_AT_BASE.0,
        };
        let status = status.into();
        return Ok((status, own.then_some(base)));
    }
    if !is_protection(call.PageProtection) {
        return Err(NtStatus::INVALID_PAGE_PROTECTION);
    }
    let writes = wish.protect & (page::READWRITE | page::EXECUTE_READWRITE) != 0;
    let needs = if writes { MAP_WRITE } else { MAP_READ };
    kernel.nt_object_for(cx, call.SectionHandle, needs)?;
    if !section.allows(wish.protect) {
        return Err(NtStatus::SECTION_PROTECTION);
    }
    if call.SectionOffset.address != 0 {
        wish.offset = cx.mem.read_u64(call.SectionOffset.address)?;
    }
    let (base, size) = kernel.in_memory_of(cx, handle, access::OPERATION, |target| {
        data(target, &section, &wish)
    })?;
    cx.write_word(call.BaseAddress.address, base)?;
    cx.write_word(call.ViewSize.address, size)?;
    if call.SectionOffset.address != 0 {
        cx.mem.write_u64(call.SectionOffset.address, wish.offset)?;
    }
    Ok((0, None))
}

/// Shows a section of data where there is room, to be read and written; gives its address and size.
pub(in crate::kernel::nt) fn show(
    target: &mut Target<'_>,
    section: &Section,
    offset: u64,
    size: u64,
) -> Result<(u64, u64), NtStatus> {
    let protect = page::READWRITE;
    if section.image.is_some() || !section.allows(protect) {
        return Err(NtStatus::SECTION_PROTECTION);
    }
    let at = 0;
    let wish = Wish {
        at,
        size,
        offset,
        protect,
        top: u64::MAX,
        alone: true,
    };
    data(target, section, &wish)
}

/// Ends a view, if there is one.
pub(in crate::kernel::nt) fn hide(space: &mut AddressSpace, at: u64) {
    let tag = space.region_at(at).map(Tag::of);
    if let Some(tag) = tag.filter(|tag| tag.kind == Kind::Mapped) {
        let end = end_of(space, tag.base);
        let _ = space.unmap(tag.base, end - tag.base);
    }
}

/// Maps a view of data; gives its address and size.
fn data(target: &mut Target<'_>, section: &Section, wish: &Wish) -> Result<(u64, u64), NtStatus> {
    let (offset, protect) = (wish.offset, wish.protect);
    if !wish.at.is_multiple_of(GRANULARITY) || !offset.is_multiple_of(GRANULARITY) {
        return Err(NtStatus::MAPPED_ALIGNMENT);
    }
    let rest = section.size.get().checked_sub(offset);
    let rest = rest.filter(|rest| *rest > 0);
    let rest = rest.ok_or(NtStatus::INVALID_VIEW_SIZE)?;
    let size = match wish.size {
        0 => rest,
        size if size <= rest.next_multiple_of(PAGE) => size,
        _ => return Err(NtStatus::INVALID_VIEW_SIZE),
    };
    let size = size
        .checked_next_multiple_of(PAGE)
        .ok_or(NtStatus::INVALID_VIEW_SIZE)?;
    let base = match wish.at {
        0 => {
            let place = target.place_below(size, false, wish.top);
            place.ok_or(NtStatus::NO_MEMORY)?
        }
        at => target.range(at, size, PAGE)?.0,
    };
    if !target.space.is_free(base, size) {
        return Err(NtStatus::CONFLICTING_ADDRESSES);
    }
    let tag = Tag {
        base,
        state: State::Committed,
        kind: Kind::Mapped,
        protect,
        initial: protect,
    };
    let object = section.pages.clone();
    let copies = protect & (page::WRITECOPY | page::EXECUTE_WRITECOPY) != 0;
    let backing = match copies {
        true => Backing::Private { object, offset },
        false => Backing::Shared { object, offset },
    };
    // A view that may not write never may, since what is behind it could be a file that is only read.
    let flags = match section.allows(page::READWRITE) || copies {
        true => RegionFlags::empty(),
        false => RegionFlags::NEVER_WRITE,
    };
    let flags = match wish.alone {
        true => flags | RegionFlags::DONT_FORK,
        false => flags,
    };
    let prot = tag.prot(target.executes);
    let label = Some(tag.label(&section.name()));
    target
        .space
        .map_with(base, size, prot, backing, label, flags)
        .map_err(failed)?;
    Ok((base, size))
}

/// Serves `NtUnmapViewOfSection`; says where an image was that the process that asks has lost.
pub(super) fn unmap(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtUnmapViewOfSection,
) -> Result<Option<u64>, NtStatus> {
    let (handle, at) = (call.ProcessHandle, call.BaseAddress.address);
    let process = kernel.process_of(cx, handle)?;
    let own = Rc::ptr_eq(&process, &cx.task.linux.process);
    let (base, kind) = kernel.in_memory_of(cx, handle, access::OPERATION, |target| {
        let tag = target.space.region_at(at).map(Tag::of);
        let tag = tag.filter(|tag| tag.kind != Kind::Private);
        let Tag { base, kind, .. } = tag.ok_or(NtStatus::NOT_MAPPED_VIEW)?;
        let end = end_of(target.space, base);
        target.space.unmap(base, end - base).map_err(failed)?;
        Ok((base, kind))
    })?;
    Ok((own && kind == Kind::Image).then_some(base))
}
