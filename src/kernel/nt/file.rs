//! Which call about files is served where?

mod access;
mod cancel;
mod create;
mod deletion;
mod directory;
mod extended;
mod flags;
mod ids;
mod information;
mod locks;
mod names;
mod notify;
mod opened;
mod pattern;
mod permission;
mod scatter;
mod settings;
mod streams;
mod transfer;
mod volume;
mod whole;

use std::rc::Rc;

use emu_prototypes::nt::{self, NtStatus, services};

use super::Outcome;
use super::attributes::Attributes;
use super::completion;
use super::handles::Object;
use super::mailslot;
use super::path::{self, Named, status};
use super::pipe;
use super::wait_packet;
use crate::kernel::host::Host;
use crate::kernel::vfs::{Environment, Nothing, OpenFile, Walker, Who};
use crate::kernel::{Cx, Kernel};
pub(super) use ids::Ids;
pub(super) use locks::AllLocks;
pub(super) use notify::Watches;
pub(super) use opened::Opened;

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
            share: call.ShareAccess,
            flags: call.FileAttributes,
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
            share: call.ShareAccess,
            flags: 0,
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

    fn nt_create_mailslot_file(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtCreateMailslotFile,
    ) -> Outcome {
        mailslot::create(self, cx, call)
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

    fn nt_set_io_completion_ex(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtSetIoCompletionEx,
    ) -> Outcome {
        completion::set_ex(self, cx, call)
    }

    fn nt_create_wait_completion_packet(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtCreateWaitCompletionPacket,
    ) -> Outcome {
        wait_packet::create(self, cx, call)
    }

    fn nt_associate_wait_completion_packet(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtAssociateWaitCompletionPacket,
    ) -> Outcome {
        wait_packet::associate(self, cx, call)
    }

    fn nt_cancel_wait_completion_packet(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtCancelWaitCompletionPacket,
    ) -> Outcome {
        wait_packet::cancel(self, cx, call)
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
        transfer::write(self, cx, call)
    }

    fn nt_read_file(&mut self, cx: &mut Cx<'_>, call: &nt::NtReadFile) -> Outcome {
        transfer::read(self, cx, call)
    }

    fn nt_read_file_scatter(&mut self, cx: &mut Cx<'_>, call: &nt::NtReadFileScatter) -> Outcome {
        scatter::read(self, cx, call)
    }

    fn nt_write_file_gather(&mut self, cx: &mut Cx<'_>, call: &nt::NtWriteFileGather) -> Outcome {
        scatter::write(self, cx, call)
    }

    fn nt_query_information_file(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryInformationFile,
    ) -> Outcome {
        match self.nt_object(cx, call.FileHandle)? {
            Object::Pipe(end) => pipe::query(cx, &end, call),
            Object::Mailslot(slot) => mailslot::query(cx, &slot, call),
            _ => information::query(self, cx, call),
        }
    }

    fn nt_set_information_file(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtSetInformationFile,
    ) -> Outcome {
        match self.nt_object(cx, call.FileHandle)? {
            Object::Pipe(end) => pipe::set(self, cx, &end, call),
            Object::Mailslot(slot) => mailslot::set(self, cx, &slot, call),
            _ => settings::set(self, cx, call),
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

    fn nt_notify_change_directory_file(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtNotifyChangeDirectoryFile,
    ) -> Outcome {
        notify::notify(self, cx, call)
    }

    fn nt_notify_change_directory_file_ex(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtNotifyChangeDirectoryFileEx,
    ) -> Outcome {
        notify::notify_ex(self, cx, call)
    }

    fn nt_query_ea_file(&mut self, cx: &mut Cx<'_>, call: &nt::NtQueryEaFile) -> Outcome {
        extended::query(self, cx, call)
    }

    fn nt_set_ea_file(&mut self, cx: &mut Cx<'_>, call: &nt::NtSetEaFile) -> Outcome {
        extended::set(self, cx, call)
    }

    fn nt_lock_file(&mut self, cx: &mut Cx<'_>, call: &nt::NtLockFile) -> Outcome {
        locks::lock(self, cx, call)
    }

    fn nt_unlock_file(&mut self, cx: &mut Cx<'_>, call: &nt::NtUnlockFile) -> Outcome {
        locks::unlock(self, cx, call)
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
        deletion::delete(self, cx, call)
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
        let changes = access::WRITE_DATA | access::APPEND_DATA;
        let file = self.file_for_any(cx, call.FileHandle, changes)?;
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

    fn open_file(&mut self, cx: &Cx<'_>, handle: u64) -> Result<Rc<OpenFile>, NtStatus> {
        match self.nt_object(cx, handle)? {
            Object::File(file) => Ok(file),
            _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
        }
    }

    /// Tells those who watch a file that others may use it now, or that somebody else owns it.
    pub(super) fn tell_security(&mut self, file: &OpenFile) {
        let base = streams::base(&file.entry);
        self.tell_changed(&base, notify::filter::SECURITY, notify::Action::Modified);
    }

    /// The wall clock, in nanoseconds since 1970.
    fn nt_file_time(&self) -> i64 {
        i64::try_from(self.clock.wall()).unwrap_or(i64::MAX)
    }

    /// What reading and writing an open file needs besides.
    pub(super) fn nt_environment<'a>(&self, host: &'a dyn Host) -> Environment<'a> {
        Environment {
            host,
            generator: &Nothing,
            now: self.nt_file_time(),
            time: self.clock.now(),
        }
    }

    /// Walks the tree. NT's own rules of access are not those of permission bits: a program may all.
    pub(super) fn nt_walk<T>(
        &self,
        walk: impl FnOnce(&Walker<'_>) -> Result<T, NtStatus>,
    ) -> Result<T, NtStatus> {
        let context = self.vfs.context();
        walk(&Walker {
            vfs: &self.vfs,
            context: &context,
            who: &Who::root(),
            generator: &Nothing,
            now: self.nt_file_time(),
        })
    }
}
