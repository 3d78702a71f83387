//! Handles are closed, and waited for.

use std::rc::Rc;

use emu_prototypes::nt::{self, NtStatus, services};

use super::Outcome;
use super::handles::Object;
use crate::kernel::{Cx, Kernel};

/// `Options`.   [winnt.h: DUPLICATE_CLOSE_SOURCE]
const CLOSE_SOURCE: u32 = 1;

impl services::Object<Cx<'_>> for Kernel {
    fn nt_close(&mut self, cx: &mut Cx<'_>, call: &nt::NtClose) -> Outcome {
        // Closing what stands for oneself does nothing.
        if cx.pseudo(call.Handle).is_some() {
            return Ok(0);
        }
        let handles = &mut self.nt_process(cx).handles;
        let object = handles.remove(call.Handle);
        let object = object.ok_or(NtStatus::INVALID_HANDLE)?;
        if let Object::File(file) = &object {
            self.network_closed(cx, file);
        }
        match object {
            // With the last handle goes what it was being listed for.
            Object::File(file) if Rc::strong_count(&file) == 1 => {
                self.nt_process(cx).scans.remove(&file.id);
            }
            _ => {}
        }
        Ok(0)
    }

    fn nt_duplicate_object(&mut self, cx: &mut Cx<'_>, call: &nt::NtDuplicateObject) -> Outcome {
        self.own_process(cx, call.SourceProcessHandle)?;
        let object = self.nt_object(cx, call.SourceHandle)?;
        if call.TargetHandle.address != 0 {
            self.own_process(cx, call.TargetProcessHandle)?;
            self.nt_give(cx, call.TargetHandle.address, object)?;
        }
        if call.Options & CLOSE_SOURCE != 0 && cx.pseudo(call.SourceHandle).is_none() {
            self.nt_process(cx).handles.remove(call.SourceHandle);
        }
        Ok(0)
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
