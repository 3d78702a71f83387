//! Where does a thread's stack end?   [Microsoft Learn, Thread Stack Size; Creating Guard Pages]
//!
//! Its last page never is there. The pages above it guard it: who comes there has run out of stack, is told so once, and has
//! these pages to act on it.

use emu_cpu::AddressSpace;
use emu_cpu::memory::PAGE;
use emu_prototypes::nt::{self, NtStatus};

use crate::kernel::nt::Outcome;
use crate::kernel::nt::memory::{Tag, failed, page};
use crate::kernel::{Cx, Kernel};

/// Bytes that never are there, and those that guard.
pub(crate) const END: u64 = PAGE;
const GUARD: u64 = 5 * PAGE;
/// What stacks are made of: a multiple of this.
const GRANULARITY: u64 = 0x1_0000;

/// Guards the end of a stack that is mapped whole. `executes` says that what is readable can be executed.
pub(crate) fn guard(space: &mut AddressSpace, low: u64, executes: bool) -> Result<(), NtStatus> {
    let Some(region) = space.region_at(low) else {
        return Ok(());
    };
    let tag = Tag::of(region);
    let guards = tag.committed(tag.protect | page::GUARD);
    for (at, size, tag) in [(low, END, tag.reserved()), (low + END, GUARD, guards)] {
        space
            .protect(at, size, tag.prot(executes))
            .map_err(failed)?;
        space
            .set_label(at, size, Some(tag.label(b"")))
            .map_err(failed)?;
    }
    Ok(())
}

/// Serves `ProcessThreadStackAllocation` of `NtSetInformationProcess`: reserves a stack. The structure has a size, bits that
/// have to be 0, and gets the address; there may be a node and three reserved fields before these.
/// [the headers of the crate phnt, ntpsapi.h: PROCESS_STACK_ALLOCATION_INFORMATION]
pub(in crate::kernel::nt) fn reserve(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtSetInformationProcess,
) -> Outcome {
    kernel.own_process(cx, call.ProcessHandle)?;
    let word = cx.word();
    let at = match u64::from(call.ProcessInformationLength) {
        length if length == 3 * word => call.ProcessInformation.address,
        length if length == 16 + 3 * word => call.ProcessInformation.address.wrapping_add(16),
        _ => return Err(NtStatus::INFO_LENGTH_MISMATCH.into()),
    };
    let size = cx.read_word(at)?;
    if size == 0 || size > kernel.memory.limit() / 2 {
        return Err(NtStatus::NO_MEMORY.into());
    }
    let size = size.next_multiple_of(GRANULARITY);
    let mut target = cx.target();
    let start = target.place(size, false).ok_or(NtStatus::NO_MEMORY)?;
    target.fresh(Tag::private(start, page::READWRITE).reserved(), size)?;
    cx.write_word(at.wrapping_add(2 * word), start)?;
    Ok(0)
}
