//! Which objects does a directory have?   [the headers of the crate phnt, ntobapi.h: OBJECT_DIRECTORY_INFORMATION]

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus};

use super::Outcome;
use super::handles::Object;
use super::kinds::Kind;
use crate::kernel::{Cx, Kernel};

/// `DIRECTORY_QUERY`.   [winnt.h]
const QUERY: u32 = 1;

/// Serves `NtQueryDirectoryObject`: two strings for each, a pair of empty ones behind the last, then what they consist of.
pub(super) fn query(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtQueryDirectoryObject,
) -> Outcome {
    let Object::Directory(directory) = kernel.nt_object_for(cx, call.DirectoryHandle, QUERY)?
    else {
        return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
    };
    let first = match call.RestartScan {
        0 => cx.mem.read_u32(call.Context.address)? as usize,
        _ => 0,
    };
    let word = cx.word();
    let pair = 4 * word;
    let room = u64::from(call.Length);
    let units = |text: &str| text.encode_utf16().collect::<Vec<u16>>();
    let mut entries = Vec::new();
    let (mut used, mut more) = (pair, false);
    let mut needed = 0;
    for (name, object) in directory.list().into_iter().skip(first) {
        let kind = units(Kind::of(&object).name());
        let size = pair + 2 * (name.len() + kind.len() + 2) as u64;
        if used + size > room {
            more = true;
            needed = used + size;
            break;
        }
        used += size;
        entries.push((name, kind));
        if call.ReturnSingleEntry != 0 {
            break;
        }
    }
    if entries.is_empty() && more {
        cx.returned_length(call.ReturnLength.address, needed)?;
        return Err(NtStatus::BUFFER_TOO_SMALL.into());
    }
    if entries.is_empty() {
        cx.returned_length(call.ReturnLength.address, 0)?;
        return Ok(NtStatus::NO_MORE_ENTRIES.0.into());
    }
    let mut head = Vec::new();
    let mut text = Vec::new();
    let start = call
        .Buffer
        .address
        .wrapping_add(pair * (entries.len() as u64 + 1));
    for string in entries.iter().flat_map(|(name, kind)| [name, kind]) {
        let at = start.wrapping_add(text.len() as u64);
        let len = u16::try_from(2 * string.len()).unwrap_or(u16::MAX);
        head.extend_from_slice(&len.to_le_bytes());
        head.extend_from_slice(&len.saturating_add(2).to_le_bytes());
        head.resize(head.len().next_multiple_of(word as usize), 0);
        head.extend_from_slice(&at.to_le_bytes()[..word as usize]);
        let units = string.iter().chain(&[0]);
        text.extend(units.flat_map(|unit| unit.to_le_bytes()));
    }
    head.resize(head.len() + pair as usize, 0);
    cx.mem.write(call.Buffer.address, &[head, text].concat())?;
    let next = (first + entries.len()) as u32;
    cx.mem.write_u32(call.Context.address, next)?;
    cx.returned_length(call.ReturnLength.address, used)?;
    Ok(match more {
        true => NtStatus::MORE_ENTRIES.0.into(),
        false => 0,
    })
}
