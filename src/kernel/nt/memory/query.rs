//! What is at an address?

use emu_prototypes::nt::{self, NtStatus};

use emu_cpu::GuestMemory;
use emu_cpu::memory::PAGE;

use super::tag::{Kind, State, Tag, page};
use super::target::{Target, access};
use crate::kernel::nt::{Outcome, net};
use crate::kernel::{Cx, Kernel};

/// `MemoryInformationClass`.
const BASIC: i32 = 0;
/// [Wine's winternl.h: MemoryWineUnixFuncs, MemoryWineUnixWow64Funcs]
const WINE_UNIX_HALF: i32 = 1000;
const WINE_NARROW_UNIX_HALF: i32 = 1001;

/// `State` and `Type`.   [winnt.h, MEMORY_BASIC_INFORMATION]
const COMMIT: u32 = 0x1000;
const RESERVE: u32 = 0x2000;
const FREE: u32 = 0x1_0000;
const PRIVATE: u32 = 0x2_0000;
const MAPPED: u32 = 0x4_0000;
const IMAGE: u32 = 0x100_0000;

/// Serves `NtQueryVirtualMemory`.
pub(super) fn query(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtQueryVirtualMemory,
) -> Outcome {
    kernel.process_of(cx, call.ProcessHandle)?;
    if matches!(
        call.MemoryInformationClass,
        WINE_UNIX_HALF | WINE_NARROW_UNIX_HALF
    ) {
        return unix_half(cx, call);
    }
    if call.MemoryInformationClass != BASIC {
        return Err(NtStatus::INVALID_INFO_CLASS.into());
    }
    let address = call.BaseAddress.address & !(PAGE - 1);
    let word = cx.word();
    // Protection and state stand behind a gap on x64.
    let size = if word == 4 { 28 } else { 48 };
    if call.MemoryInformationLength < size {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    let handle = call.ProcessHandle;
    let (end, tag) = kernel.in_memory_of(cx, handle, access::QUERY, |target| {
        match target.profile.process.high {
            high if address >= high => Err(NtStatus::INVALID_PARAMETER),
            high => Ok(extent(target, address, high)),
        }
    })?;
    let (base, initial, state, protect, kind) = match tag {
        None => (0, 0, FREE, page::NOACCESS, 0),
        Some(tag) => (
            tag.base,
            tag.initial,
            match tag.state {
                State::Committed => COMMIT,
                State::Reserved => RESERVE,
            },
            tag.protect,
            match tag.kind {
                Kind::Private => PRIVATE,
                Kind::Mapped => MAPPED,
                Kind::Image => IMAGE,
            },
        ),
    };
    let at = call.MemoryInformation.address;
    cx.write_word(at, address)?;
    cx.write_word(at.wrapping_add(word), base)?;
    cx.mem.write_u32(at.wrapping_add(2 * word), initial)?;
    let rest = at.wrapping_add(if word == 4 { 12 } else { 24 });
    cx.write_word(rest, end - address)?;
    for (index, value) in [state, protect, kind].into_iter().enumerate() {
        cx.mem
            .write_u32(rest.wrapping_add(word + 4 * index as u64), value)?;
    }
    if call.ReturnLength.address != 0 {
        cx.write_word(call.ReturnLength.address, size)?;
    }
    Ok(0)
}

/// What stands for the Unix half of a library of Wine's.
fn unix_half(cx: &mut Cx<'_>, call: &nt::NtQueryVirtualMemory) -> Outcome {
    if call.MemoryInformationLength != 8 {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    let half = net::unix_half(cx, call.BaseAddress.address);
    let half = half.ok_or(NtStatus::DLL_NOT_FOUND)?;
    cx.mem.write_u64(call.MemoryInformation.address, half)?;
    Ok(0)
}

/// What is at an address, and where what is the same ends.
fn extent(target: &Target<'_>, address: u64, high: u64) -> (u64, Option<Tag>) {
    let Some(region) = target.space.region_at(address) else {
        let next = target.space.region_from(address);
        return (next.map_or(high, |region| region.start.min(high)), None);
    };
    let tag = Tag::of(region);
    let mut end = region.end;
    while let Some(next) = target
        .space
        .region_at(end)
        .filter(|next| Tag::of(next) == tag)
    {
        end = next.end;
    }
    (end, Some(tag))
}
