//! Calls about memory that are seldom made: pages are locked and flushed, sections grow, files that are mapped are
//! compared; and the later forms of the common calls.

use emu_cpu::GuestMemory;
use emu_cpu::memory::PAGE;
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::tag::{Kind, State, Tag};
use crate::kernel::nt::Outcome;
use crate::kernel::nt::handles::Object;
use crate::kernel::{Cx, Kernel};

/// `MapType`: in the working set, in physical memory.   [the headers of the crate phnt, ntmmapi.h]
const MAP_PROCESS: u32 = 1;
const MAP_SYSTEM: u32 = 2;
/// Pages that a process can lock at most.
const MAX_LOCKED: u64 = 0x1_0000;

impl Kernel {
    /// A range that a call names by two pointers, in whole pages.
    fn pages_named(cx: &mut Cx<'_>, base: u64, size: u64) -> Result<(u64, u64), NtStatus> {
        let start = cx.read_word(base)?;
        let len = cx.read_word(size)?;
        cx.target().range(start, len, PAGE)
    }

    /// Serves `NtLockVirtualMemory`.
    pub(super) fn lock(&mut self, cx: &mut Cx<'_>, call: &nt::NtLockVirtualMemory) -> Outcome {
        let (base, size) = (call.BaseAddress.address, call.RegionSize.address);
        self.own_process(cx, call.ProcessHandle)?;
        lockable(call.MapType)?;
        let (start, len) = Self::pages_named(cx, base, size)?;
        let there = cx.mem.is_mapped(start, len)
            && cx.mem.regions_in(start, len).all(|region| {
                let tag = Tag::of(region);
                tag.state == State::Committed && !tag.prot(false).is_empty()
            });
        if len == 0 || !there {
            return Err(NtStatus::ACCESS_VIOLATION.into());
        }
        let locked = &mut self.nt_process(cx).locked;
        let pages = (start..start + len).step_by(PAGE as usize);
        if len / PAGE > MAX_LOCKED || locked.len() as u64 + len / PAGE > MAX_LOCKED {
            return Err(NtStatus::WORKING_SET_QUOTA.into());
        }
        let fresh = pages.fold(false, |fresh, page| locked.insert(page) | fresh);
        cx.write_word(base, start)?;
        cx.write_word(size, len)?;
        Ok(match fresh {
            true => 0,
            false => NtStatus::WAS_LOCKED.0.into(),
        })
    }

    /// Serves `NtUnlockVirtualMemory`: all or nothing.
    pub(super) fn unlock(&mut self, cx: &mut Cx<'_>, call: &nt::NtUnlockVirtualMemory) -> Outcome {
        let (base, size) = (call.BaseAddress.address, call.RegionSize.address);
        self.own_process(cx, call.ProcessHandle)?;
        lockable(call.MapType)?;
        let (start, len) = Self::pages_named(cx, base, size)?;
        let locked = &mut self.nt_process(cx).locked;
        let held = locked.range(start..start + len).count() as u64;
        if held == 0 || held != len / PAGE {
            return Err(NtStatus::NOT_LOCKED.into());
        }
        locked.retain(|page| !(start..start + len).contains(page));
        cx.write_word(base, start)?;
        cx.write_word(size, len)?;
        Ok(0)
    }

    /// Serves `NtFlushVirtualMemory`. What is written to a view is in its file at once.
    pub(super) fn flush(&mut self, cx: &mut Cx<'_>, call: &nt::NtFlushVirtualMemory) -> Outcome {
        let (base, size) = (call.BaseAddress.address, call.RegionSize.address);
        self.own_process(cx, call.ProcessHandle)?;
        let (start, mut len) = Self::pages_named(cx, base, size)?;
        let tag = cx.mem.region_at(start).map(Tag::of);
        let tag = tag.filter(|tag| tag.kind == Kind::Mapped);
        let view = tag.ok_or(NtStatus::NOT_MAPPED_DATA)?.base;
        let end = super::end_of(cx.mem, view);
        if len == 0 {
            len = end - start;
        }
        if start + len > end {
            return Err(NtStatus::INVALID_PARAMETER_2.into());
        }
        cx.io_status(call.IoStatus.address, NtStatus(0), 0)?;
        cx.write_word(base, start)?;
        cx.write_word(size, len)?;
        Ok(0)
    }

    /// Serves `NtExtendSection`. Only a section of a file can grow.
    pub(super) fn extend(&mut self, cx: &mut Cx<'_>, call: &nt::NtExtendSection) -> Outcome {
        let Object::Section(section) = self.nt_object(cx, call.SectionHandle)? else {
            return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
        };
        let asked = cx.mem.read_u64(call.NewSectionSize.address)?;
        let size = section.grow(asked, i64::try_from(self.clock.wall()).unwrap_or(i64::MAX))?;
        cx.mem.write_u64(call.NewSectionSize.address, size)?;
        Ok(0)
    }

    /// Serves `NtAreMappedFilesTheSame`.
    pub(super) fn same_files(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtAreMappedFilesTheSame,
    ) -> Outcome {
        let mut names = Vec::new();
        for at in [call.File1MappedAsAnImage, call.File2MappedAsFile] {
            let region = cx.mem.region_at(at.address);
            let region = region.ok_or(NtStatus::INVALID_ADDRESS)?;
            if Tag::of(region).kind == Kind::Private {
                return Err(NtStatus::CONFLICTING_ADDRESSES.into());
            }
            names.push(region.label.as_ref().map(|label| label.name.clone()));
        }
        let same = names[0] == names[1] && names[0].as_ref().is_some_and(|name| !name.is_empty());
        Ok(match same {
            true => 0,
            false => NtStatus::NOT_SAME_DEVICE.0.into(),
        })
    }

    /// Serves `NtAllocateVirtualMemoryEx`, without any of the parameters that it could have.
    pub(super) fn allocate_ex(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtAllocateVirtualMemoryEx,
    ) -> Outcome {
        plain(call.ExtendedParameterCount)?;
        let older = nt::NtAllocateVirtualMemory {
            ProcessHandle: call.ProcessHandle,
            BaseAddress: call.BaseAddress,
            ZeroBits: 0,
            RegionSize: call.RegionSize,
            AllocationType: call.AllocationType,
            PageProtection: call.PageProtection,
        };
        nt::services::Memory::nt_allocate_virtual_memory(self, cx, &older)
    }

    /// Serves `NtCreateSectionEx`.
    pub(super) fn create_section_ex(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtCreateSectionEx,
    ) -> Outcome {
        plain(call.ExtendedParameterCount)?;
        let older = nt::NtCreateSection {
            SectionHandle: call.SectionHandle,
            DesiredAccess: call.DesiredAccess,
            ObjectAttributes: call.ObjectAttributes,
            MaximumSize: call.MaximumSize,
            SectionPageProtection: call.SectionPageProtection,
            AllocationAttributes: call.AllocationAttributes,
            FileHandle: call.FileHandle,
        };
        nt::services::Memory::nt_create_section(self, cx, &older)
    }

    /// Serves `NtMapViewOfSectionEx`.
    pub(super) fn map_ex(&mut self, cx: &mut Cx<'_>, call: &nt::NtMapViewOfSectionEx) -> Outcome {
        plain(call.ExtendedParameterCount)?;
        let older = nt::NtMapViewOfSection {
            SectionHandle: call.SectionHandle,
            ProcessHandle: call.ProcessHandle,
            BaseAddress: call.BaseAddress,
            ZeroBits: 0,
            CommitSize: 0,
            SectionOffset: call.SectionOffset,
            ViewSize: call.ViewSize,
            // Nobody inherits the view.   [ViewUnmap]
            InheritDisposition: 2,
            AllocationType: call.AllocationType,
            PageProtection: call.PageProtection,
        };
        nt::services::Memory::nt_map_view_of_section(self, cx, &older)
    }

    /// Serves `NtUnmapViewOfSectionEx`.
    pub(super) fn unmap_ex(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtUnmapViewOfSectionEx,
    ) -> Outcome {
        let older = nt::NtUnmapViewOfSection {
            ProcessHandle: call.ProcessHandle,
            BaseAddress: call.BaseAddress,
        };
        nt::services::Memory::nt_unmap_view_of_section(self, cx, &older)
    }
}

/// Parameters of the later forms are not served.
fn plain(parameters: u32) -> Result<(), Stop<NtStatus>> {
    match parameters {
        0 => Ok(()),
        _ => Err(Stop::Missing),
    }
}

/// Locking into physical memory is a privilege.
fn lockable(way: u32) -> Result<(), NtStatus> {
    match way {
        MAP_PROCESS => Ok(()),
        0 => Err(NtStatus::INVALID_PARAMETER),
        way if way & !(MAP_PROCESS | MAP_SYSTEM) != 0 => Err(NtStatus::INVALID_PARAMETER),
        _ => Err(NtStatus::PRIVILEGE_NOT_HELD),
    }
}
