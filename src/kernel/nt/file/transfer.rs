//! How do bytes get into a file, and out of it?

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::access;
use super::locks::Owner;
use super::notify::{Action, filter};
use crate::kernel::nt::Outcome;
use crate::kernel::nt::console;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::mailslot;
use crate::kernel::nt::path::status;
use crate::kernel::nt::pipe;
use crate::kernel::nt::reply::{Asked, asked};
use crate::kernel::vfs::{BUFFER, FsError, OpenFile, Whence};
use crate::kernel::{Cx, Kernel};

/// Offsets that stand for the end, and for the file's own position.   [wdm.h]
const WRITE_TO_END_OF_FILE: i64 = -1;
const USE_FILE_POINTER_POSITION: i64 = -2;

/// What a transfer is about.
pub(super) struct Transfer {
    pub(super) file: Rc<OpenFile>,
    pub(super) buffer: u64,
    pub(super) length: u64,
    pub(super) at: Option<u64>,
}

/// What a call says of a transfer.
struct Said {
    handle: u64,
    asked: Asked,
    buffer: u64,
    length: u32,
    offset: u64,
    key: u64,
}

/// The `Said` of a call's arguments, which have the same names in both calls.
macro_rules! said {
    ($call:expr) => {
        Said {
            handle: $call.FileHandle,
            asked: asked!($call),
            buffer: $call.Buffer.address,
            length: $call.Length,
            offset: $call.ByteOffset.address,
            key: $call.Key.address,
        }
    };
}

/// Serves `NtWriteFile`.
pub(super) fn write(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtWriteFile) -> Outcome {
    let said = said!(call);
    if let Some(status) = elsewhere(kernel, cx, &said, true)? {
        return Ok(status);
    }
    let changes = access::WRITE_DATA | access::APPEND_DATA;
    let file = kernel.file_for_any(cx, said.handle, changes)?;
    let mut transfer = said.transfer(cx, file)?;
    // Who may only append does nothing else, wherever it is to go.
    let appends = kernel.granted(cx, said.handle)? & access::WRITE_DATA == 0;
    if appends && transfer.file.has_positions() {
        transfer.at = Some(transfer.file.attributes().map_err(status)?.size);
    }
    kernel.look_at_locks(cx, &transfer, said.key, true)?;
    let done = kernel.write_file(cx, &transfer)?;
    if done > 0 {
        kernel.tell_written(&transfer.file);
    }
    kernel.transferred(cx, &transfer, said.asked, done)
}

/// Serves `NtReadFile`.
pub(super) fn read(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtReadFile) -> Outcome {
    let said = said!(call);
    if let Some(status) = elsewhere(kernel, cx, &said, false)? {
        return Ok(status);
    }
    let file = kernel.file_for(cx, said.handle, access::READ_DATA)?;
    let transfer = said.transfer(cx, file)?;
    kernel.look_at_locks(cx, &transfer, said.key, false)?;
    let done = kernel.read_file(cx, &transfer)?;
    if done == 0 && transfer.length > 0 {
        return Err(NtStatus::END_OF_FILE.into());
    }
    kernel.transferred(cx, &transfer, said.asked, done)
}

/// A transfer of what is no file of the tree; `None` when it is one.
fn elsewhere(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    said: &Said,
    writes: bool,
) -> Result<Option<u64>, Stop<NtStatus>> {
    let moved = pipe::Moved {
        asked: said.asked,
        buffer: said.buffer,
        length: said.length.into(),
    };
    let place = (said.buffer, said.length);
    let told = (said.asked.io_status, said.asked.event);
    let object = kernel.nt_object(cx, said.handle)?;
    let needed = match (&object, writes) {
        (Object::Pipe(_) | Object::Writer(_), true) => access::WRITE_DATA,
        (Object::Pipe(_) | Object::Mailslot(_), false) => access::READ_DATA,
        (Object::Console(_), _) => 0,
        _ => return Ok(None),
    };
    kernel.nt_object_for(cx, said.handle, needed)?;
    let outcome = match (&object, writes) {
        (Object::Pipe(end), true) => kernel.write_end(cx, end, &moved),
        (Object::Pipe(end), false) => kernel.read_end(cx, end, &moved),
        (Object::Writer(writer), _) => mailslot::write(kernel, cx, writer, &moved),
        (Object::Mailslot(slot), _) => mailslot::read(kernel, cx, slot, &moved),
        (Object::Console(part), true) => console::write_file(kernel, cx, part, place, told),
        (Object::Console(part), false) => console::read_file(kernel, cx, part, place, told),
        _ => return Ok(None),
    };
    outcome.map(Some)
}

impl Said {
    fn transfer(&self, cx: &mut Cx<'_>, file: Rc<OpenFile>) -> Result<Transfer, NtStatus> {
        let places = (self.asked.io_status, self.offset);
        transfer(cx, file, places, (self.buffer, self.length))
    }
}

/// Looks at what a transfer names before anything is moved.
pub(super) fn transfer(
    cx: &mut Cx<'_>,
    file: Rc<OpenFile>,
    (io_status, offset): (u64, u64),
    (buffer, length): (u64, u32),
) -> Result<Transfer, NtStatus> {
    // Where the outcome is told has to be there, or nothing is done.
    cx.io_status(io_status, NtStatus::PENDING, 0)?;
    let offset = match offset {
        0 => USE_FILE_POINTER_POSITION,
        at => cx.mem.read_u64(at)?.cast_signed(),
    };
    let at = match offset {
        _ if !file.has_positions() => None,
        USE_FILE_POINTER_POSITION => None,
        WRITE_TO_END_OF_FILE => Some(file.attributes().map_err(status)?.size),
        ..0 => return Err(NtStatus::INVALID_PARAMETER),
        at => Some(at.cast_unsigned()),
    };
    Ok(Transfer {
        file,
        buffer,
        length: length.into(),
        at,
    })
}

impl Kernel {
    /// Tells who watches of a file that was written to.
    pub(super) fn tell_written(&mut self, file: &OpenFile) {
        if file.content().is_some() {
            let changed = filter::SIZE | filter::LAST_WRITE;
            self.tell_changed(&file.entry, changed, Action::Modified);
        }
    }

    /// Whether nobody else has locked what is read or written.
    pub(super) fn look_at_locks(
        &mut self,
        cx: &mut Cx<'_>,
        transfer: &Transfer,
        key: u64,
        writes: bool,
    ) -> Result<(), NtStatus> {
        let key = match key {
            0 => 0,
            at => cx.mem.read_u32(at)?,
        };
        let owner = Owner {
            file: transfer.file.id,
            process: cx.process().pid,
            key,
        };
        let start = transfer.at.unwrap_or(transfer.file.position.get());
        let range = (start, transfer.length);
        self.nt.locks.check(&transfer.file, owner, range, writes)
    }

    pub(super) fn write_file(
        &mut self,
        cx: &mut Cx<'_>,
        transfer: &Transfer,
    ) -> Result<u64, Stop<NtStatus>> {
        let host = self.host.clone();
        let mut bytes = vec![0; BUFFER.min(transfer.length as usize)];
        let mut done = 0;
        while done < transfer.length {
            let piece = (transfer.length - done).min(BUFFER as u64) as usize;
            cx.mem
                .read(transfer.buffer.wrapping_add(done), &mut bytes[..piece])?;
            let environment = self.nt_environment(host.as_ref());
            let at = transfer.at.map(|at| at.saturating_add(done));
            let left = (transfer.length - done) as usize;
            match transfer.file.write(&environment, at, &bytes[..piece], left) {
                Ok(0) => break,
                Ok(count) => done += count as u64,
                Err(FsError::WouldBlock) if done == 0 => {
                    return Err(cx.wait_for_file(&transfer.file));
                }
                Err(FsError::WouldBlock) => break,
                Err(error) => return Err(status(error).into()),
            }
            if self.vfs.space().has_spilled() {
                break;
            }
        }
        Ok(done)
    }

    pub(super) fn read_file(
        &mut self,
        cx: &mut Cx<'_>,
        transfer: &Transfer,
    ) -> Result<u64, Stop<NtStatus>> {
        let host = self.host.clone();
        let mut bytes = vec![0; BUFFER.min(transfer.length as usize)];
        let mut done = 0;
        while done < transfer.length {
            let piece = (transfer.length - done).min(BUFFER as u64) as usize;
            let environment = self.nt_environment(host.as_ref());
            let at = transfer.at.map(|at| at.saturating_add(done));
            let count = match transfer.file.read(&environment, at, &mut bytes[..piece]) {
                Ok(0) => break,
                Ok(count) => count,
                Err(FsError::WouldBlock) if done == 0 => {
                    return Err(cx.wait_for_file(&transfer.file));
                }
                Err(FsError::WouldBlock) => break,
                Err(error) => return Err(status(error).into()),
            };
            let to = transfer.buffer.wrapping_add(done);
            cx.mem.write(to, &bytes[..count])?;
            done += count as u64;
            // A stream gives what it has.
            if count < piece || !transfer.file.has_positions() {
                break;
            }
        }
        Ok(done)
    }

    /// Tells how a transfer went. The position is then behind it, wherever it was.   [NtReadFile: synchronous I/O]
    pub(super) fn transferred(
        &mut self,
        cx: &mut Cx<'_>,
        transfer: &Transfer,
        asked: Asked,
        done: u64,
    ) -> Outcome {
        if let Some(at) = transfer.at {
            let end = i64::try_from(at.saturating_add(done)).unwrap_or(i64::MAX);
            let _ = transfer.file.seek(Whence::Start, end);
        }
        let source = Object::File(transfer.file.clone());
        self.nt_done(cx, &source, asked, (NtStatus::SUCCESS, done))
    }
}
