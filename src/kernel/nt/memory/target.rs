//! Whose memory does a call mean, and where is room in it?

use std::rc::Rc;

use emu_cpu::AddressSpace;
use emu_cpu::memory::{Backing, MapError, PAGE, RegionFlags};
use emu_profiles::Profile;
use emu_prototypes::nt::NtStatus;

use super::{GRANULARITY, Tag};
use crate::kernel::linux::process::Process;
use crate::kernel::nt::handles::Object;
use crate::kernel::{Cx, Kernel};

/// Access to a process whose memory is changed, and that of one that is asked about.
/// [winnt.h: PROCESS_VM_OPERATION, PROCESS_VM_READ, PROCESS_VM_WRITE, PROCESS_QUERY_INFORMATION]
pub(in crate::kernel::nt) mod access {
    pub(in crate::kernel::nt) const OPERATION: u32 = 8;
    pub(in crate::kernel::nt) const READ: u32 = 0x10;
    pub(in crate::kernel::nt) const WRITE: u32 = 0x20;
    pub(in crate::kernel::nt) const QUERY: u32 = 0x400;
}

/// The memory of a process, and what it depends on where things may be in it.
pub(in crate::kernel::nt) struct Target<'a> {
    pub(in crate::kernel::nt) space: &'a mut AddressSpace,
    pub(in crate::kernel::nt) profile: &'static Profile,
    /// Whether what is readable can be executed.
    pub(in crate::kernel::nt) executes: bool,
}

impl Target<'_> {
    /// Whole units that a range takes. A range that is not in user space is refused.
    pub(super) fn range(&self, start: u64, size: u64, unit: u64) -> Result<(u64, u64), NtStatus> {
        let high = self.profile.process.high;
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

    /// The lowest free place, or the highest.
    pub(in crate::kernel::nt) fn place(&self, size: u64, top_down: bool) -> Option<u64> {
        self.place_below(size, top_down, self.profile.process.mmap_top)
    }

    /// The same below an address.
    pub(in crate::kernel::nt) fn place_below(
        &self,
        size: u64,
        top_down: bool,
        top: u64,
    ) -> Option<u64> {
        let process = &self.profile.process;
        let top = top.min(process.mmap_top);
        if top_down {
            return self.space.find_free(size, top, GRANULARITY);
        }
        let mut at = process.low.next_multiple_of(GRANULARITY);
        for region in self.space.regions() {
            if region.end <= at {
                continue;
            }
            if region.start >= at.checked_add(size)? {
                break;
            }
            at = region.end.checked_next_multiple_of(GRANULARITY)?;
        }
        (at.checked_add(size)? <= top).then_some(at)
    }

    /// Maps memory of the process's own where nothing is.
    pub(in crate::kernel::nt) fn fresh(&mut self, tag: Tag, size: u64) -> Result<(), NtStatus> {
        let (prot, label) = (tag.prot(self.executes), Some(tag.label(b"")));
        let flags = RegionFlags::NO_RESERVE;
        let mapped = self
            .space
            .map_with(tag.base, size, prot, Backing::Anonymous, label, flags);
        mapped.map_err(failed)
    }

    /// Maps committed memory of the process's own at a free place.
    pub(in crate::kernel::nt) fn allocate(
        &mut self,
        size: u64,
        protect: u32,
        top_down: bool,
    ) -> Result<u64, NtStatus> {
        self.allocate_below(size, protect, top_down, self.profile.process.mmap_top)
    }

    /// The same below an address.
    pub(in crate::kernel::nt) fn allocate_below(
        &mut self,
        size: u64,
        protect: u32,
        top_down: bool,
        top: u64,
    ) -> Result<u64, NtStatus> {
        let size = size
            .checked_next_multiple_of(PAGE)
            .ok_or(NtStatus::NO_MEMORY)?;
        let at = self.place_below(size, top_down, top);
        let at = at.ok_or(NtStatus::NO_MEMORY)?;
        self.fresh(Tag::private(at, protect), size)?;
        Ok(at)
    }

    /// Writes a word as wide as the process's pointers.
    pub(in crate::kernel::nt) fn write_word(
        &mut self,
        at: u64,
        value: u64,
    ) -> Result<(), NtStatus> {
        let word = self.profile.pointer() as usize;
        Ok(self.space.write(at, &value.to_le_bytes()[..word])?)
    }
}

impl Cx<'_> {
    /// The memory of the process that asks.
    pub(in crate::kernel::nt) fn target(&mut self) -> Target<'_> {
        let executes = self.process().executes_data();
        Target {
            space: self.mem,
            profile: self.profile,
            executes,
        }
    }
}

impl Kernel {
    /// Does something with the memory of the process that a handle with this access stands for.
    pub(in crate::kernel::nt) fn in_memory_of<T>(
        &mut self,
        cx: &mut Cx<'_>,
        handle: u64,
        access: u32,
        act: impl FnOnce(&mut Target<'_>) -> Result<T, NtStatus>,
    ) -> Result<T, NtStatus> {
        match self.nt_object_for(cx, handle, access)? {
            Object::Process(process) => self.in_memory(cx, &process, act),
            _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
        }
    }

    /// The same of a process.
    pub(in crate::kernel::nt) fn in_memory<T>(
        &mut self,
        cx: &mut Cx<'_>,
        process: &Rc<std::cell::RefCell<Process>>,
        act: impl FnOnce(&mut Target<'_>) -> Result<T, NtStatus>,
    ) -> Result<T, NtStatus> {
        if Rc::ptr_eq(process, &cx.task.linux.process) {
            return act(&mut cx.target());
        }
        let task = self.task_of(&process.borrow());
        let task = task.ok_or(NtStatus::PROCESS_IS_TERMINATING)?;
        let executes = process.borrow().executes_data();
        let mut space = task.space.borrow_mut();
        act(&mut Target {
            space: &mut space,
            profile: task.profile,
            executes,
        })
    }
}

/// The address below which an allocation has to end that `ZeroBits` of a call limits: so many high bits of its address,
/// which has 32 bits, are 0; or, on 64 bits, all above the highest bit of a mask of more than 32.
/// [Microsoft Learn, NtAllocateVirtualMemory; Wine's ntdll, get_zero_bits_limit]
pub(in crate::kernel::nt) fn limit(zero_bits: u64, word: u64) -> Result<u64, NtStatus> {
    match zero_bits {
        0 => Ok(u64::MAX),
        1..=21 => Ok(1 << (32 - zero_bits)),
        22..=31 => Err(NtStatus::INVALID_PARAMETER_3),
        _ if word == 4 => Err(NtStatus::INVALID_PARAMETER_3),
        mask => Ok((u64::MAX >> mask.leading_zeros()).saturating_add(1)),
    }
}

/// Why the address space refused.
pub(in crate::kernel::nt) fn failed(error: MapError) -> NtStatus {
    match error {
        MapError::NoMemory => NtStatus::NO_MEMORY,
        MapError::Denied => NtStatus::SECTION_PROTECTION,
        _ => NtStatus::INVALID_PARAMETER,
    }
}
