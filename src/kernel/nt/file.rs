//! Files and the console: opened by their names, read and written.

mod create;
mod directory;
mod information;
mod names;
mod pattern;
mod volume;

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus, services};

use super::Outcome;
use super::attributes::Attributes;
use super::completion::{self, Told};
use super::handles::Object;
use super::path::{self, Named, status};
use super::pipe;
use crate::kernel::vfs::{
    BUFFER, Environment, FsError, Nothing, OpenFile, OpenFlags, Walker, Whence, Who,
};
use crate::kernel::{Cx, Kernel};

/// Offsets that stand for the end, and for the file's own position.   [wdm.h]
const WRITE_TO_END_OF_FILE: i64 = -1;
const USE_FILE_POINTER_POSITION: i64 = -2;

/// What a transfer is about.
struct Transfer {
    file: Rc<OpenFile>,
    io_status: u64,
    buffer: u64,
    length: u64,
    at: Option<u64>,
}

impl services::File<Cx<'_>> for Kernel {
    // Drivers are for administrators.
    fn nt_load_driver(&mut self, _: &mut Cx<'_>, _: &nt::NtLoadDriver) -> Outcome {
        Err(NtStatus::PRIVILEGE_NOT_HELD.into())
    }

    fn nt_unload_driver(&mut self, _: &mut Cx<'_>, _: &nt::NtUnloadDriver) -> Outcome {
        Err(NtStatus::PRIVILEGE_NOT_HELD.into())
    }

    fn nt_create_file(&mut self, cx: &mut Cx<'_>, call: &nt::NtCreateFile) -> Outcome {
        let wish = create::Wish {
            handle: call.FileHandle.address,
            access: call.DesiredAccess,
            attributes: call.ObjectAttributes.address,
            io_status: call.IoStatusBlock.address,
            disposition: call.CreateDisposition,
            options: call.CreateOptions,
            extended: (call.EaBuffer.address, call.EaLength),
        };
        create::create(self, cx, &wish)
    }

    fn nt_open_file(&mut self, cx: &mut Cx<'_>, call: &nt::NtOpenFile) -> Outcome {
        let wish = create::Wish {
            handle: call.FileHandle.address,
            access: call.DesiredAccess,
            attributes: call.ObjectAttributes.address,
            io_status: call.IoStatusBlock.address,
            disposition: create::OPEN,
            options: call.OpenOptions,
            extended: (0, 0),
        };
        create::create(self, cx, &wish)
    }

    fn nt_create_named_pipe_file(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtCreateNamedPipeFile,
    ) -> Outcome {
        pipe::create(self, cx, call)
    }

    fn nt_cancel_io_file(&mut self, cx: &mut Cx<'_>, call: &nt::NtCancelIoFile) -> Outcome {
        let told = (call.IoStatusBlock.address, false);
        self.cancel_io(cx, call.FileHandle, 0, told)
    }

    fn nt_cancel_io_file_ex(&mut self, cx: &mut Cx<'_>, call: &nt::NtCancelIoFileEx) -> Outcome {
        let told = (call.IoStatusBlock.address, true);
        self.cancel_io(cx, call.FileHandle, call.IoRequestToCancel.address, told)
    }

    fn nt_create_io_completion(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtCreateIoCompletion,
    ) -> Outcome {
        completion::create(self, cx, call)
    }

    fn nt_open_io_completion(&mut self, cx: &mut Cx<'_>, call: &nt::NtOpenIoCompletion) -> Outcome {
        completion::open(self, cx, call)
    }

    fn nt_set_io_completion(&mut self, cx: &mut Cx<'_>, call: &nt::NtSetIoCompletion) -> Outcome {
        completion::set(self, cx, call)
    }

    fn nt_remove_io_completion(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtRemoveIoCompletion,
    ) -> Outcome {
        completion::remove(self, cx, call)
    }

    fn nt_remove_io_completion_ex(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtRemoveIoCompletionEx,
    ) -> Outcome {
        completion::remove_ex(self, cx, call)
    }

    fn nt_query_io_completion(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryIoCompletion,
    ) -> Outcome {
        completion::query(self, cx, call)
    }

    fn nt_write_file(&mut self, cx: &mut Cx<'_>, call: &nt::NtWriteFile) -> Outcome {
        if let Object::Pipe(end) = self.nt_object(cx, call.FileHandle)? {
            let moved = pipe::Moved {
                io_status: call.IoStatusBlock.address,
                event: call.Event,
                buffer: call.Buffer.address,
                length: call.Length.into(),
            };
            return self.write_end(cx, &end, &moved);
        }
        if let Object::Console(part) = self.nt_object(cx, call.FileHandle)? {
            let place = (call.Buffer.address, call.Length);
            let told = (call.IoStatusBlock.address, call.Event);
            return super::console::write_file(self, cx, &part, place, told);
        }
        let transfer = self.transfer(
            cx,
            call.FileHandle,
            (call.IoStatusBlock.address, call.ByteOffset.address),
            (call.Buffer.address, call.Length),
        )?;
        let done = self.write_file(cx, &transfer)?;
        let told = Told {
            function: call.ApcRoutine.address,
            context: call.ApcContext.address,
            io_status: call.IoStatusBlock.address,
        };
        self.transferred(cx, &transfer, call.Event, done)?;
        completion::transferred(self, cx, transfer.file.id, &told, done)?;
        Ok(0)
    }

    fn nt_read_file(&mut self, cx: &mut Cx<'_>, call: &nt::NtReadFile) -> Outcome {
        if let Object::Pipe(end) = self.nt_object(cx, call.FileHandle)? {
            let moved = pipe::Moved {
                io_status: call.IoStatusBlock.address,
                event: call.Event,
                buffer: call.Buffer.address,
                length: call.Length.into(),
            };
            return self.read_end(cx, &end, &moved);
        }
        if let Object::Console(part) = self.nt_object(cx, call.FileHandle)? {
            let place = (call.Buffer.address, call.Length);
            let told = (call.IoStatusBlock.address, call.Event);
            return super::console::read_file(self, cx, &part, place, told);
        }
        let transfer = self.transfer(
            cx,
            call.FileHandle,
            (call.IoStatusBlock.address, call.ByteOffset.address),
            (call.Buffer.address, call.Length),
        )?;
        let done = self.read_file(cx, &transfer)?;
        if done == 0 && transfer.length > 0 {
            return Err(NtStatus::END_OF_FILE.into());
        }
        let told = Told {
            function: call.ApcRoutine.address,
            context: call.ApcContext.address,
            io_status: call.IoStatusBlock.address,
        };
        self.transferred(cx, &transfer, call.Event, done)?;
        completion::transferred(self, cx, transfer.file.id, &told, done)?;
        Ok(0)
    }

    fn nt_query_information_file(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryInformationFile,
    ) -> Outcome {
        match self.nt_object(cx, call.FileHandle)? {
            Object::Pipe(end) => pipe::query(cx, &end, call),
            _ => information::query(self, cx, call),
        }
    }

    fn nt_set_information_file(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtSetInformationFile,
    ) -> Outcome {
        match self.nt_object(cx, call.FileHandle)? {
            Object::Pipe(end) => pipe::set(cx, &end, call),
            _ => information::set(self, cx, call),
        }
    }

    fn nt_query_attributes_file(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryAttributesFile,
    ) -> Outcome {
        let places = (call.ObjectAttributes.address, call.FileInformation.address);
        information::by_name(self, cx, places, false)
    }

    fn nt_query_full_attributes_file(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryFullAttributesFile,
    ) -> Outcome {
        let places = (call.ObjectAttributes.address, call.FileInformation.address);
        information::by_name(self, cx, places, true)
    }

    fn nt_query_volume_information_file(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryVolumeInformationFile,
    ) -> Outcome {
        volume::query(self, cx, call)
    }

    fn nt_query_directory_file(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryDirectoryFile,
    ) -> Outcome {
        directory::query(self, cx, call)
    }

    fn nt_device_io_control_file(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtDeviceIoControlFile,
    ) -> Outcome {
        let own = super::console::control(self, cx, call);
        match own.or_else(|| super::net::control(self, cx, call)) {
            Some(outcome) => outcome,
            None => volume::device_control(self, cx, call),
        }
    }

    fn nt_fs_control_file(&mut self, cx: &mut Cx<'_>, call: &nt::NtFsControlFile) -> Outcome {
        match self.nt_object(cx, call.FileHandle)? {
            Object::Pipe(end) => pipe::control(self, cx, &end, call),
            Object::PipeDevice => pipe::device(self, cx, call),
            _ => volume::control(self, cx, call),
        }
    }

    fn nt_delete_file(&mut self, cx: &mut Cx<'_>, call: &nt::NtDeleteFile) -> Outcome {
        information::delete(self, cx, call)
    }

    fn nt_flush_buffers_file(&mut self, cx: &mut Cx<'_>, call: &nt::NtFlushBuffersFile) -> Outcome {
        if let Object::Pipe(_) = self.nt_object(cx, call.FileHandle)? {
            cx.io_status(call.IoStatusBlock.address, NtStatus::SUCCESS, 0)?;
            return Ok(0);
        }
        if let Object::Console(part) = self.nt_object(cx, call.FileHandle)? {
            self.flush_console(cx, &part)?;
            cx.io_status(call.IoStatusBlock.address, NtStatus::SUCCESS, 0)?;
            return Ok(0);
        }
        let file = self.open_file(cx, call.FileHandle)?;
        file.sync().map_err(status)?;
        cx.io_status(call.IoStatusBlock.address, NtStatus::SUCCESS, 0)?;
        Ok(0)
    }
}

/// A name as units of UTF-16.
fn units(name: &[u8]) -> Vec<u16> {
    String::from_utf8_lossy(name).encode_utf16().collect()
}

impl Kernel {
    /// What an object of the tree is named, from a directory or from the top on.
    fn named(&mut self, cx: &Cx<'_>, attributes: &Attributes) -> Result<Named, NtStatus> {
        match attributes.root {
            0 => path::absolute(&attributes.name),
            root => {
                let directory = self.open_file(cx, root)?.path();
                path::relative(&directory, &attributes.name)
            }
        }
    }

    fn cancel_io(
        &mut self,
        cx: &mut Cx<'_>,
        handle: u64,
        only: u64,
        (io_status, must): (u64, bool),
    ) -> Outcome {
        match self.nt_object(cx, handle)? {
            Object::Pipe(end) => pipe::cancel(self, cx, &end, only, (io_status, must)),
            Object::File(file) if self.cancel_in_network(cx, &file, (only, must)) => {
                cx.io_status(io_status, NtStatus::SUCCESS, 0)?;
                Ok(0)
            }
            // Transfers of files are over when their call is.
            Object::File(_) if must => Err(NtStatus::NOT_FOUND.into()),
            Object::File(_) => {
                cx.io_status(io_status, NtStatus::SUCCESS, 0)?;
                Ok(0)
            }
            _ => Err(NtStatus::OBJECT_TYPE_MISMATCH.into()),
        }
    }

    fn open_file(&mut self, cx: &Cx<'_>, handle: u64) -> Result<Rc<OpenFile>, NtStatus> {
        match self.nt_object(cx, handle)? {
            Object::File(file) => Ok(file),
            _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
        }
    }

    /// Looks at what a transfer names before anything is moved.
    fn transfer(
        &mut self,
        cx: &mut Cx<'_>,
        handle: u64,
        (io_status, offset): (u64, u64),
        (buffer, length): (u64, u32),
    ) -> Result<Transfer, NtStatus> {
        let file = self.open_file(cx, handle)?;
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
            io_status,
            buffer,
            length: length.into(),
            at,
        })
    }

    /// Tells how a transfer went. The position is then behind it, wherever it was.   [NtReadFile: synchronous I/O]
    fn transferred(
        &mut self,
        cx: &mut Cx<'_>,
        transfer: &Transfer,
        event: u64,
        done: u64,
    ) -> Outcome {
        if let Some(at) = transfer.at {
            let end = i64::try_from(at.saturating_add(done)).unwrap_or(i64::MAX);
            let _ = transfer.file.seek(Whence::Start, end);
        }
        if event != 0 {
            self.signal_event(cx, event)?;
        }
        cx.io_status(transfer.io_status, NtStatus::SUCCESS, done)?;
        Ok(0)
    }

    fn write_file(&mut self, cx: &mut Cx<'_>, transfer: &Transfer) -> Result<u64, Stop<NtStatus>> {
        let host = self.host.clone();
        let mut bytes = vec![0; BUFFER.min(transfer.length as usize)];
        let mut done = 0;
        while done < transfer.length {
            let piece = (transfer.length - done).min(BUFFER as u64) as usize;
            cx.mem
                .read(transfer.buffer.wrapping_add(done), &mut bytes[..piece])?;
            let environment = Environment {
                host: host.as_ref(),
                generator: &Nothing,
                now: self.nt_file_time(),
                time: self.clock.now(),
            };
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

    fn read_file(&mut self, cx: &mut Cx<'_>, transfer: &Transfer) -> Result<u64, Stop<NtStatus>> {
        let host = self.host.clone();
        let mut bytes = vec![0; BUFFER.min(transfer.length as usize)];
        let mut done = 0;
        while done < transfer.length {
            let piece = (transfer.length - done).min(BUFFER as u64) as usize;
            let environment = Environment {
                host: host.as_ref(),
                generator: &Nothing,
                now: self.nt_file_time(),
                time: self.clock.now(),
            };
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

    /// The wall clock, in nanoseconds since 1970.
    fn nt_file_time(&self) -> i64 {
        i64::try_from(self.clock.wall()).unwrap_or(i64::MAX)
    }

    /// Walks the tree. NT's own rules of access are not those of permission bits: a program may all.
    pub(super) fn nt_walk<T>(
        &self,
        cx: &Cx<'_>,
        walk: impl FnOnce(&Walker<'_>) -> Result<T, NtStatus>,
    ) -> Result<T, NtStatus> {
        let context = cx.task.linux.fs.borrow();
        walk(&Walker {
            vfs: &self.vfs,
            context: &context,
            who: &Who::root(),
            generator: &Nothing,
            now: self.nt_file_time(),
        })
    }
}

impl create::Wish {
    /// What a file is opened for.   [winnt.h: FILE_READ_DATA and following, GENERIC_ALL and following]
    fn flags(&self) -> OpenFlags {
        let has = |bits: u32| self.access & bits != 0;
        let mut flags = OpenFlags::LARGE;
        if has(0x1 | 0x8000_0000 | 0x1000_0000 | 0x0200_0000) {
            flags |= OpenFlags::READ;
        }
        if has(0x2 | 0x4 | 0x4000_0000 | 0x1000_0000) {
            flags |= OpenFlags::WRITE;
        }
        if has(0x4) && !has(0x2 | 0x4000_0000 | 0x1000_0000) {
            flags |= OpenFlags::APPEND;
        }
        flags
    }
}
