//! Virtual memory: allocations are reserved, committed, protected, asked about, and freed.
//!
//! What NT knows of a page, and the address space doesn't, is in the label of its region ([`Tag`]).

mod more;
mod private;
mod query;
mod section;
mod tag;
mod target;
mod view;

use private::end_of;
pub(super) use private::take_away;
pub(super) use section::Section;
pub(crate) use tag::{Kind, State, Tag, page};
pub(super) use target::{Target, access, failed};
pub(super) use view::{hide, show};

use emu_prototypes::nt::{self, NtStatus, services};

use super::Outcome;
use crate::kernel::{Cx, Kernel};

/// Reservations begin at multiples of this.   [SYSTEM_BASIC_INFORMATION, AllocationGranularity]
const GRANULARITY: u64 = 0x1_0000;

impl services::Memory<Cx<'_>> for Kernel {
    fn nt_allocate_virtual_memory(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtAllocateVirtualMemory,
    ) -> Outcome {
        private::allocate(self, cx, call)
    }

    fn nt_free_virtual_memory(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtFreeVirtualMemory,
    ) -> Outcome {
        private::free(self, cx, call)
    }

    fn nt_protect_virtual_memory(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtProtectVirtualMemory,
    ) -> Outcome {
        private::protect(self, cx, call)
    }

    fn nt_query_virtual_memory(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryVirtualMemory,
    ) -> Outcome {
        query::query(self, cx, call)
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
        if let Some(outcome) = self.after_debugger(cx) {
            return outcome;
        }
        let (status, image) = view::map(self, cx, call)?;
        match image {
            Some(base) => self.report_image(cx, base, status),
            None => Ok(status),
        }
    }

    fn nt_unmap_view_of_section(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtUnmapViewOfSection,
    ) -> Outcome {
        if let Some(outcome) = self.after_debugger(cx) {
            return outcome;
        }
        match view::unmap(self, cx, call)? {
            Some(base) => self.report_unmapped(cx, base),
            None => Ok(0),
        }
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
        self.process_of(cx, call.ProcessHandle)?;
        Ok(0)
    }

    fn nt_flush_write_buffer(&mut self, _: &mut Cx<'_>, _: &nt::NtFlushWriteBuffer) -> Outcome {
        Ok(0)
    }

    fn nt_create_paging_file(&mut self, _: &mut Cx<'_>, _: &nt::NtCreatePagingFile) -> Outcome {
        Err(NtStatus::PRIVILEGE_NOT_HELD.into())
    }
}
