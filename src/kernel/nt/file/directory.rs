//! What is in a directory, as structures?   [ntifs.h: FILE_DIRECTORY_INFORMATION and following]

use std::rc::Rc;

use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::access;
use super::flags::Known;
use super::information::{sizes, times};
use super::pattern::matches;
use super::units;
use crate::kernel::nt::Outcome;
use crate::kernel::nt::path::status;
use crate::kernel::vfs::{Entry, FileType, Item, NAME_MAX, OpenFile};
use crate::kernel::{Cx, Kernel};

/// A class: its number, where a name is, and where the file's number is if it has one.
struct Class {
    number: i32,
    name: usize,
    id: Option<usize>,
}

const CLASSES: [Class; 6] = [
    class(1, 64, None),
    class(2, 68, None),
    class(3, 94, None),
    class(12, 12, None),
    class(37, 104, Some(96)),
    class(38, 80, Some(72)),
];
/// `FileDirectoryInformation`.
const PLAIN: i32 = 1;
/// `FileNamesInformation`, which has names only.
const NAMES: i32 = 12;

const fn class(number: i32, name: usize, id: Option<usize>) -> Class {
    Class { number, name, id }
}

/// Serves `NtQueryDirectoryFile`.
pub(super) fn query(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtQueryDirectoryFile,
) -> Outcome {
    // FILE_LIST_DIRECTORY is the same as reading.
    let file = kernel.file_for(cx, call.FileHandle, access::READ_DATA)?;
    let class = CLASSES
        .iter()
        .find(|class| class.number == call.FileInformationClass);
    let class = class.ok_or(Stop::Missing)?;
    let room = call.Length as usize;
    if room < class.name + 2 {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    if file.position.get() == 0
        && file.attributes().map_err(status)?.file_type != FileType::Directory
    {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    // What is asked for first counts until it is asked for anew.
    let known = kernel.nt_process(cx).scans.contains_key(&file.id);
    let first = !known || call.RestartScan != 0;
    if first {
        let pattern = match call.FileName.address {
            0 => Vec::new(),
            at => cx.unicode(at)?,
        };
        if pattern.len() > NAME_MAX {
            return Err(NtStatus::OBJECT_NAME_INVALID.into());
        }
        file.position.set(0);
        kernel.nt_process(cx).scans.insert(file.id, pattern);
    }
    let pattern = kernel.nt_process(cx).scans[&file.id].clone();

    let mut out: Vec<u8> = Vec::new();
    let mut last = None;
    while let Some(item) = kernel.nt_walk(|walker| file.next_item(walker).map_err(status))? {
        let name = units(&item.name);
        // The top of a drive is in nothing.
        let hidden = file.path() == b"/" && matches!(&item.name[..], b"." | b"..");
        if hidden || !(pattern.is_empty() || matches(&pattern, &name)) {
            file.position.set(item.next);
            continue;
        }
        let start = out.len().next_multiple_of(8);
        if start + class.name + 2 * name.len() > room {
            if last.is_none() {
                return Err(NtStatus::BUFFER_OVERFLOW.into());
            }
            break;
        }
        let (about, found) = about(kernel, &file, &item)?;
        if class.id.is_some() {
            kernel.nt.ids.tell(&found);
        }
        out.resize(start, 0);
        if let Some(last) = last {
            let next = (start - last) as u32;
            out[last..last + 4].copy_from_slice(&next.to_le_bytes());
        }
        last = Some(start);
        out.extend(entry(class, &name, &about));
        file.position.set(item.next);
        if call.ReturnSingleEntry != 0 {
            break;
        }
    }
    if last.is_none() {
        let none = match first {
            true => NtStatus::NO_SUCH_FILE,
            false => NtStatus::NO_MORE_FILES,
        };
        return Err(none.into());
    }
    cx.mem.write(call.FileInformation.address, &out)?;
    cx.io_status(
        call.IoStatusBlock.address,
        NtStatus::SUCCESS,
        out.len() as u64,
    )?;
    Ok(0)
}

/// What is known of a file of a directory.
fn about(
    kernel: &Kernel,
    directory: &OpenFile,
    item: &Item,
) -> Result<(Known, Rc<Entry>), NtStatus> {
    let path = [&directory.path()[..], b"/", &item.name].concat();
    kernel.nt_walk(|walker| {
        let root = &walker.context.root;
        // A link that leads nowhere is shown as itself.
        let found = walker
            .find(root, &path, true)
            .or_else(|_| walker.find(root, &path, false));
        let found = found.map_err(status)?;
        Ok((Known::of(walker, &found)?, found))
    })
}

/// One structure, with nothing behind it.
fn entry(class: &Class, name: &[u16], known: &Known) -> Vec<u8> {
    // Where the next one is, and a number.
    let mut out = vec![0; 8];
    let length = 2 * name.len() as u32;
    if class.number != NAMES {
        out.extend(times(&known.stat));
        let [allocated, size] = sizes(&known.stat);
        out.extend_from_slice(&size.to_le_bytes());
        out.extend_from_slice(&allocated.to_le_bytes());
        out.extend_from_slice(&known.flags.to_le_bytes());
    }
    out.extend_from_slice(&length.to_le_bytes());
    // Only the first class has no place for the length of extended attributes.
    if !matches!(class.number, PLAIN | NAMES) {
        out.extend_from_slice(&known.extended.to_le_bytes());
    }
    out.resize(class.name, 0);
    if let Some(at) = class.id {
        out[at..at + 8].copy_from_slice(&known.stat.ino.to_le_bytes());
    }
    out.extend(name.iter().flat_map(|unit| unit.to_le_bytes()));
    out
}
