//! Which extended attributes does a file have?   [Microsoft Learn, NtQueryEaFile, NtSetEaFile; ntifs.h:
//! FILE_FULL_EA_INFORMATION, FILE_GET_EA_INFORMATION; MS-FSCC 2.4.16]
//!
//! They are kept among those of the tree, by their names in capital letters: a byte of flags, then the value.

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus};

use super::streams;
use crate::kernel::nt::Outcome;
use crate::kernel::nt::path::status;
use crate::kernel::vfs::{FsError, Node, SetAttribute, Walker};
use crate::kernel::{Cx, Kernel};

/// `FILE_READ_EA` and `FILE_WRITE_EA`.
const READ: u32 = 8;
const WRITE: u32 = 0x10;
/// Where they are kept.
const PREFIX: &[u8] = b"user.NTEA.";
/// Bytes of a list at most, and of a name, which is kept with the prefix.
const MOST: u32 = 0x1_0000;
const MOST_NAME: usize = 255 - PREFIX.len();
/// What is in front of a name: where the next one is, flags, lengths of name and value.
const HEAD: usize = 8;

/// An extended attribute.
struct Extended {
    name: Vec<u8>,
    flags: u8,
    value: Vec<u8>,
}

impl Extended {
    fn size(&self) -> usize {
        HEAD + self.name.len() + 1 + self.value.len()
    }

    fn append_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[0, 0, 0, 0, self.flags, self.name.len() as u8]);
        out.extend_from_slice(&(self.value.len() as u16).to_le_bytes());
        out.extend_from_slice(&self.name);
        out.push(0);
        out.extend_from_slice(&self.value);
    }
}

/// Those of a file, by name.
fn all(walker: &Walker<'_>, node: &Node) -> Vec<Extended> {
    let names = walker.attribute_names(node).unwrap_or_default();
    let own = names
        .split(|byte| *byte == 0)
        .filter_map(|whole| Some((whole, whole.strip_prefix(PREFIX)?)));
    own.filter_map(|(whole, name)| {
        let kept = walker.attribute(node, whole).ok()?;
        let (flags, value) = kept.split_first()?;
        Some(Extended {
            name: name.to_vec(),
            flags: *flags,
            value: value.to_vec(),
        })
    })
    .collect()
}

/// How long all of them are, one behind the other.
pub(super) fn size(walker: &Walker<'_>, node: &Node) -> u32 {
    let sizes = all(walker, node);
    let size: usize = sizes.iter().map(|own| own.size().next_multiple_of(4)).sum();
    u32::try_from(size).unwrap_or(u32::MAX)
}

/// Capital letters of a name that may be one.   [MS-FSCC 2.4.16: characters that names can't have]
fn capital(name: &[u8]) -> Result<Vec<u8>, NtStatus> {
    let bad = |byte: &u8| *byte < 0x20 || b"\"*+,/:;<=>?[\\]|".contains(byte);
    if name.is_empty() || name.len() > MOST_NAME || name.iter().any(bad) {
        return Err(NtStatus::INVALID_EA_NAME);
    }
    Ok(name.to_ascii_uppercase())
}

/// The attributes of a list, each of which has to be inside of it.
fn parse(list: &[u8]) -> Result<Vec<Extended>, NtStatus> {
    let mut out = Vec::new();
    let mut rest = list;
    loop {
        let head = rest.get(..HEAD).ok_or(NtStatus::EA_LIST_INCONSISTENT)?;
        let next = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let (name, value) = (usize::from(head[5]), [head[6], head[7]]);
        let value = usize::from(u16::from_le_bytes(value));
        let bytes = rest.get(HEAD..HEAD + name + 1 + value);
        let bytes = bytes.ok_or(NtStatus::EA_LIST_INCONSISTENT)?;
        out.push(Extended {
            name: capital(&bytes[..name])?,
            flags: head[4],
            value: bytes[name + 1..].to_vec(),
        });
        if next == 0 {
            return Ok(out);
        }
        if !next.is_multiple_of(4) || next < HEAD {
            return Err(NtStatus::EA_LIST_INCONSISTENT);
        }
        rest = rest.get(next..).ok_or(NtStatus::EA_LIST_INCONSISTENT)?;
    }
}

/// The names of a list, each with a length in front.
fn names(list: &[u8]) -> Result<Vec<Vec<u8>>, NtStatus> {
    let mut out = Vec::new();
    let mut rest = list;
    loop {
        let head = rest.get(..5).ok_or(NtStatus::EA_LIST_INCONSISTENT)?;
        let next = u32::from_le_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let name = rest.get(5..5 + usize::from(head[4]));
        out.push(capital(name.ok_or(NtStatus::EA_LIST_INCONSISTENT)?)?);
        if next == 0 {
            return Ok(out);
        }
        if !next.is_multiple_of(4) || next < 5 {
            return Err(NtStatus::EA_LIST_INCONSISTENT);
        }
        rest = rest.get(next..).ok_or(NtStatus::EA_LIST_INCONSISTENT)?;
    }
}

/// A list in a process's memory; nothing where there is none.
pub(super) fn read_list(cx: &mut Cx<'_>, at: u64, length: u32) -> Result<Vec<u8>, NtStatus> {
    if length > MOST {
        return Err(NtStatus::EA_TOO_LARGE);
    }
    let mut list = vec![0; if at == 0 { 0 } else { length as usize }];
    cx.mem.read(at, &mut list)?;
    Ok(list)
}

/// Gives a file those of a list. One without a value goes.
pub(super) fn set_list(walker: &Walker<'_>, node: &Node, list: &[u8]) -> Result<(), NtStatus> {
    for own in parse(list)? {
        let whole = [PREFIX, &own.name].concat();
        let done = match own.value.is_empty() {
            true => walker.remove_attribute(node, &whole),
            false => {
                let kept = [&[own.flags], &own.value[..]].concat();
                walker.set_attribute(node, &whole, &kept, SetAttribute::Any)
            }
        };
        match done {
            Ok(()) | Err(FsError::NoData) => {}
            Err(FsError::Overflow | FsError::NoSpace) => return Err(NtStatus::EA_TOO_LARGE),
            Err(error) => return Err(status(error)),
        }
    }
    Ok(())
}

/// Serves `NtSetEaFile`.
pub(super) fn set(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtSetEaFile) -> Outcome {
    let file = kernel.file_for(cx, call.FileHandle, WRITE)?;
    let list = read_list(cx, call.Buffer.address, call.Length)?;
    let base = streams::base(&file.entry);
    kernel.nt_walk(|walker| set_list(walker, &base.node, &list))?;
    cx.io_status(call.IoStatusBlock.address, NtStatus::SUCCESS, 0)?;
    Ok(0)
}

/// Serves `NtQueryEaFile`: those of a list, or from a number on, or the next ones.
pub(super) fn query(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtQueryEaFile) -> Outcome {
    let file = kernel.file_for(cx, call.FileHandle, READ)?;
    let list = read_list(cx, call.EaList.address, call.EaListLength)?;
    let base = streams::base(&file.entry);
    let mut own = kernel.nt_walk(|walker| Ok(all(walker, &base.node)))?;
    let listed = !list.is_empty();
    let mut at = 0;
    if listed {
        let wished = names(&list)?.into_iter().map(|name| {
            let found = own.iter().position(|own| own.name == name);
            // What is not there has no value.
            found.map_or(
                Extended {
                    name,
                    flags: 0,
                    value: Vec::new(),
                },
                |found| own.remove(found),
            )
        });
        own = wished.collect();
    } else if own.is_empty() {
        return Err(NtStatus::NO_EAS_ON_FILE.into());
    } else if call.EaIndex.address != 0 {
        // They are counted from 1.
        at = cx.mem.read_u32(call.EaIndex.address)?.saturating_sub(1) as usize;
        if at > own.len() {
            return Err(NtStatus::NONEXISTENT_EA_ENTRY.into());
        }
    } else if call.RestartScan == 0 {
        at = kernel.nt.opened.scanned(&file);
    }
    if at >= own.len() {
        return Err(NtStatus::NO_MORE_EAS.into());
    }
    let mut out: Vec<u8> = Vec::new();
    let mut last: Option<usize> = None;
    let mut told = NtStatus::SUCCESS;
    while let Some(next) = own.get(at) {
        let start = out.len().next_multiple_of(4);
        if start + next.size() > call.Length as usize {
            told = NtStatus::BUFFER_OVERFLOW;
            break;
        }
        out.resize(start, 0);
        if let Some(last) = last {
            let offset = (start - last) as u32;
            out[last..last + 4].copy_from_slice(&offset.to_le_bytes());
        }
        last = Some(start);
        next.append_to(&mut out);
        at += 1;
        if call.ReturnSingleEntry != 0 {
            break;
        }
    }
    if last.is_none() {
        return Err(NtStatus::BUFFER_TOO_SMALL.into());
    }
    cx.mem.write(call.Buffer.address, &out)?;
    cx.io_status(call.IoStatusBlock.address, told, out.len() as u64)?;
    if !listed {
        kernel.nt.opened.set_scanned(&file, at);
    }
    Ok(told.0.into())
}
