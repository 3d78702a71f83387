//! How are bytes of a file moved to and from many pages at once?
//! [Microsoft Learn, ReadFileScatter, WriteFileGather; winnt.h: FILE_SEGMENT_ELEMENT, 8 bytes whatever the width]

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus};

use super::access;
use super::transfer::{Transfer, transfer};
use crate::kernel::nt::Outcome;
use crate::kernel::nt::reply::{Asked, asked};
use crate::kernel::{Cx, Kernel};

/// Bytes of a page, and so of an element.
const PAGE: u64 = 0x1000;
/// `FILE_NO_INTERMEDIATE_BUFFERING`, without which there is none of this.
const UNBUFFERED: u32 = 8;

/// What a call says.
struct Scattered {
    handle: u64,
    asked: Asked,
    segments: u64,
    length: u32,
    offset: u64,
    key: u64,
}

/// Serves `NtReadFileScatter`.
pub(super) fn read(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtReadFileScatter) -> Outcome {
    let scattered = Scattered {
        handle: call.FileHandle,
        asked: asked!(call),
        segments: call.SegmentArray.address,
        length: call.Length,
        offset: call.ByteOffset.address,
        key: call.Key.address,
    };
    scatter(kernel, cx, &scattered, false)
}

/// Serves `NtWriteFileGather`.
pub(super) fn write(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtWriteFileGather) -> Outcome {
    let scattered = Scattered {
        handle: call.FileHandle,
        asked: asked!(call),
        segments: call.SegmentArray.address,
        length: call.Length,
        offset: call.ByteOffset.address,
        key: call.Key.address,
    };
    scatter(kernel, cx, &scattered, true)
}

fn scatter(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &Scattered, writes: bool) -> Outcome {
    let needed = match writes {
        true => access::WRITE_DATA,
        false => access::READ_DATA,
    };
    let file = kernel.file_for(cx, call.handle, needed)?;
    if kernel.nt.opened.options(&file) & UNBUFFERED == 0 || file.content().is_none() {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let places = (call.asked.io_status, call.offset);
    let whole = transfer(cx, file.clone(), places, (0, call.length))?;
    kernel.look_at_locks(cx, &whole, call.key, writes)?;
    let start = whole.at.unwrap_or(file.position.get());
    let mut done = 0;
    while done < whole.length {
        let at = call.segments.wrapping_add(done / PAGE * 8);
        let part = Transfer {
            file: file.clone(),
            buffer: cx.mem.read_u64(at)?,
            length: PAGE.min(whole.length - done),
            at: Some(start.saturating_add(done)),
        };
        let moved = match writes {
            true => kernel.write_file(cx, &part)?,
            false => kernel.read_file(cx, &part)?,
        };
        done += moved;
        if moved < part.length {
            break;
        }
    }
    if done == 0 && whole.length > 0 {
        return Err(NtStatus::END_OF_FILE.into());
    }
    if writes {
        kernel.tell_written(&file);
    }
    let whole = Transfer {
        at: Some(start),
        ..whole
    };
    kernel.transferred(cx, &whole, call.asked, done)
}
