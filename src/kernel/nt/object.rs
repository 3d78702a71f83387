//! Handles are closed, and waited for.

use std::rc::Rc;

use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus, services};

use super::Outcome;
use super::handles::{Flags, Object};
use crate::kernel::{Cx, Kernel};

/// `Options`.   [winnt.h: DUPLICATE_CLOSE_SOURCE]
const CLOSE_SOURCE: u32 = 1;
/// [the headers of the crate phnt, ntobapi.h: DUPLICATE_SAME_ATTRIBUTES]
const SAME_ATTRIBUTES: u32 = 4;
/// `HandleAttributes`.   [ntdef.h: OBJ_INHERIT]
const INHERIT: u32 = 2;
/// `ObjectHandleFlagInformation` of `OBJECT_INFORMATION_CLASS`.
const HANDLE_FLAGS: i32 = 4;

impl services::Object<Cx<'_>> for Kernel {
    fn nt_close(&mut self, cx: &mut Cx<'_>, call: &nt::NtClose) -> Outcome {
        // Closing what stands for oneself does nothing.
        if cx.pseudo(call.Handle).is_some() {
            return Ok(0);
        }
        let handles = &mut self.nt_process(cx).handles;
        if handles
            .flags(call.Handle)
            .is_some_and(|flags| flags.protect)
        {
            return Err(NtStatus::HANDLE_NOT_CLOSABLE.into());
        }
        let object = handles.remove(call.Handle);
        match object.ok_or(NtStatus::INVALID_HANDLE)? {
            // With the last handle goes what it was being listed for.
            Object::File(file) if Rc::strong_count(&file) == 1 => {
                self.nt_process(cx).scans.remove(&file.id);
            }
            Object::Job(job) if Rc::strong_count(&job) == 1 => super::job::closed(self, &job),
            _ => {}
        }
        Ok(0)
    }

    fn nt_duplicate_object(&mut self, cx: &mut Cx<'_>, call: &nt::NtDuplicateObject) -> Outcome {
        let source = self.process_of(cx, call.SourceProcessHandle)?.borrow().pid;
        let own = source == cx.process().pid;
        let pseudo = cx.pseudo(call.SourceHandle).is_some();
        let object = match own || pseudo {
            true => self.nt_object(cx, call.SourceHandle)?,
            false => {
                let process = self.nt.processes.get(&source);
                let object = process.and_then(|process| process.handles.get(call.SourceHandle));
                object.ok_or(NtStatus::INVALID_HANDLE)?
            }
        };
        let before = match self.nt.processes.get_mut(&source) {
            Some(process) if !pseudo => process.handles.flags(call.SourceHandle).copied(),
            _ => None,
        };
        if call.TargetHandle.address != 0 {
            let target = self.process_of(cx, call.TargetProcessHandle)?.borrow().pid;
            let inherit = match call.Options & SAME_ATTRIBUTES {
                0 => call.HandleAttributes & INHERIT != 0,
                _ => before.is_some_and(|flags| flags.inherit),
            };
            if target == cx.process().pid {
                self.nt.inherits = inherit;
                self.nt_give(cx, call.TargetHandle.address, object)?;
            } else {
                let process = self.nt.processes.get_mut(&target);
                let process = process.ok_or(NtStatus::PROCESS_IS_TERMINATING)?;
                let handle = process.handles.insert(object);
                let handle = handle.ok_or(NtStatus::INSUFFICIENT_RESOURCES)?;
                if let Some(flags) = process.handles.flags(handle) {
                    flags.inherit = inherit;
                }
                cx.write_word(call.TargetHandle.address, handle)?;
            }
        }
        if call.Options & CLOSE_SOURCE != 0
            && !pseudo
            && let Some(process) = self.nt.processes.get_mut(&source)
        {
            process.handles.remove(call.SourceHandle);
        }
        Ok(0)
    }

    fn nt_query_object(&mut self, cx: &mut Cx<'_>, call: &nt::NtQueryObject) -> Outcome {
        if call.ObjectInformationClass != HANDLE_FLAGS {
            return Err(Stop::Missing);
        }
        self.nt_object(cx, call.Handle)?;
        if call.ObjectInformationLength != 2 {
            return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
        }
        let flags = self.nt_process(cx).handles.flags(call.Handle);
        let flags = flags.map(|flags| *flags).unwrap_or_default();
        let bytes = [flags.inherit.into(), flags.protect.into()];
        cx.mem.write(call.ObjectInformation.address, &bytes)?;
        cx.returned_length(call.ReturnLength.address, 2)?;
        Ok(0)
    }

    fn nt_set_information_object(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtSetInformationObject,
    ) -> Outcome {
        if call.ObjectInformationClass != HANDLE_FLAGS {
            return Err(Stop::Missing);
        }
        if call.ObjectInformationLength != 2 {
            return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
        }
        let mut bytes = [0; 2];
        cx.mem.read(call.ObjectInformation.address, &mut bytes)?;
        let flags = self.nt_process(cx).handles.flags(call.Handle);
        *flags.ok_or(NtStatus::INVALID_HANDLE)? = Flags {
            inherit: bytes[0] != 0,
            protect: bytes[1] != 0,
        };
        Ok(0)
    }

    fn nt_query_security_object(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQuerySecurityObject,
    ) -> Outcome {
        super::token::query_security(self, cx, call)
    }

    fn nt_wait_for_single_object(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtWaitForSingleObject,
    ) -> Outcome {
        let object = self.nt_object(cx, call.Handle)?;
        self.wait_for_any(cx, &[object], call.Timeout.address)
    }

    fn nt_wait_for_multiple_objects(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtWaitForMultipleObjects,
    ) -> Outcome {
        self.wait_for_multiple(cx, call)
    }
}
