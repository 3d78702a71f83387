//! Which language does the guest speak, and where are the tables for it?
//!
//! Tables are files of `C:\\Windows\\System32`, which the guest's tree has or lacks. Each is mapped once.

use emu_cpu::memory::{Backing, RegionFlags};
use emu_prototypes::nt::{self, NtStatus};

use super::Outcome;
use super::memory::{Kind, State, Tag, failed, page};
use crate::kernel::{Cx, Kernel};

/// English of the United States.   [MS-LCID]
pub(super) const LANGUAGE: u32 = 0x409;

/// `SectionType`.   [the headers of the crate phnt, ntnls.h and ntexapi.h: NLS_SECTION_SORTKEYS and following]
const SORTKEYS: u32 = 9;
const CASEMAP: u32 = 10;
const CODEPAGE: u32 = 11;
const NORMALIZE: u32 = 12;

/// The file of a table.
fn file(kind: u32, data: u32) -> Result<String, NtStatus> {
    Ok(match kind {
        SORTKEYS => "sortdefault.nls".to_owned(),
        CASEMAP => "l_intl.nls".to_owned(),
        CODEPAGE => format!("c_{data:03}.nls"),
        // `NORM_FORM`.   [winnls.h]
        NORMALIZE => match data {
            1 => "normnfc.nls",
            2 => "normnfd.nls",
            5 => "normnfkc.nls",
            6 => "normnfkd.nls",
            13 => "normidna.nls",
            _ => return Err(NtStatus::OBJECT_NAME_NOT_FOUND),
        }
        .to_owned(),
        _ => return Err(NtStatus::INVALID_PARAMETER_1),
    })
}

/// Serves `NtInitializeNlsFiles`. The version, which older libraries don't ask for, is not told.
pub(super) fn initialize(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtInitializeNlsFiles,
) -> Outcome {
    use emu_cpu::GuestMemory;
    let (base, size) = map(kernel, cx, "locale.nls")?;
    cx.write_word(call.BaseAddress.address, base)?;
    cx.mem.write_u32(call.DefaultLocaleId.address, LANGUAGE)?;
    cx.mem
        .write_u64(call.DefaultCasingTableSize.address, size)?;
    Ok(0)
}

/// Serves `NtGetNlsSectionPtr`.
pub(super) fn section(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtGetNlsSectionPtr,
) -> Outcome {
    let (base, size) = map(kernel, cx, &file(call.SectionType, call.SectionData)?)?;
    cx.write_word(call.SectionPointer.address, base)?;
    cx.returned_length(call.SectionSize.address, size)?;
    Ok(0)
}

/// Where a table is and how long.
fn map(kernel: &mut Kernel, cx: &mut Cx<'_>, name: &str) -> Result<(u64, u64), NtStatus> {
    let path = [b"/windows/system32/", name.as_bytes()].concat();
    if let Some((base, size)) = kernel.nt_process(cx).tables.get(name).copied()
        && cx.mem.is_mapped(base, size)
    {
        return Ok((base, size));
    }
    let opened = kernel.nt_open(&path)?;
    let object = opened.object(false).map_err(super::path::status)?;
    let size = object.len();
    if size == 0 {
        return Err(NtStatus::FILE_INVALID);
    }
    let base = cx.target().place(size, false).ok_or(NtStatus::NO_MEMORY)?;
    let tag = Tag {
        base,
        state: State::Committed,
        kind: Kind::Mapped,
        protect: page::READONLY,
        initial: page::READONLY,
    };
    let (prot, label) = (tag.prot(cx.process().executes_data()), Some(tag.label(b"")));
    let backing = Backing::Shared { object, offset: 0 };
    let pages = size.next_multiple_of(emu_cpu::memory::PAGE);
    cx.mem
        .map_with(base, pages, prot, backing, label, RegionFlags::NEVER_WRITE)
        .map_err(failed)?;
    kernel
        .nt_process(cx)
        .tables
        .insert(name.to_owned(), (base, size));
    Ok((base, size))
}
