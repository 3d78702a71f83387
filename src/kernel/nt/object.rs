//! Handles are closed, and waited for.

use emu_prototypes::nt::{self, NtStatus, services};

use super::Outcome;
use crate::kernel::{Cx, Kernel};

impl services::Object<Cx<'_>> for Kernel {
    fn nt_close(&mut self, cx: &mut Cx<'_>, call: &nt::NtClose) -> Outcome {
        // Closing what stands for oneself does nothing.
        if cx.pseudo(call.Handle).is_some() {
            return Ok(0);
        }
        let handles = &mut self.nt_process(cx).handles;
        let object = handles.remove(call.Handle);
        object.ok_or(NtStatus::INVALID_HANDLE)?;
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
