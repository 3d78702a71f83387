//! What may be done with a handle of a file?   [winnt.h: FILE_READ_DATA and following; Microsoft Learn, File Access Rights]

use std::rc::Rc;

use emu_prototypes::nt::NtStatus;

use crate::kernel::nt::handles::Object;
use crate::kernel::vfs::OpenFile;
use crate::kernel::{Cx, Kernel};

pub(super) const READ_DATA: u32 = 1;
pub(super) const WRITE_DATA: u32 = 2;
pub(super) const APPEND_DATA: u32 = 4;
pub(super) const EXECUTE: u32 = 0x20;
pub(super) const WRITE_ATTRIBUTES: u32 = 0x100;
pub(super) const DELETE: u32 = 0x1_0000;

impl Kernel {
    /// The access that a handle has been granted.
    pub(super) fn granted(&mut self, cx: &Cx<'_>, handle: u64) -> Result<u32, NtStatus> {
        let slot = self.nt_process(cx).handles.slot(handle);
        Ok(slot.ok_or(NtStatus::INVALID_HANDLE)?.access)
    }

    /// An open file whose handle has all of an access.
    pub(super) fn file_for(
        &mut self,
        cx: &Cx<'_>,
        handle: u64,
        access: u32,
    ) -> Result<Rc<OpenFile>, NtStatus> {
        match self.nt_object_for(cx, handle, access)? {
            Object::File(file) => Ok(file),
            _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
        }
    }

    /// An open file whose handle has any of some access.
    pub(super) fn file_for_any(
        &mut self,
        cx: &Cx<'_>,
        handle: u64,
        access: u32,
    ) -> Result<Rc<OpenFile>, NtStatus> {
        let file = self.file_for(cx, handle, 0)?;
        match self.granted(cx, handle)? & access {
            0 => Err(NtStatus::ACCESS_DENIED),
            _ => Ok(file),
        }
    }
}
