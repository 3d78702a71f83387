//! How do two threads meet at a key?   [Windows Internals, Keyed events]
//!
//! Who waits for a key goes on when another releases it, and the other way round; whoever comes first waits. Only threads
//! of one process meet.

use std::rc::Rc;

use emu_prototypes::nt::NtStatus;

use super::Outcome;
use super::handles::Object;
use super::namespace::{Follow, Found};
use super::wait::What;
use crate::kernel::task::Tid;
use crate::kernel::{Cx, Kernel};

/// A place to meet at. What waits there is known by the threads.
#[derive(Debug, Default)]
pub(super) struct KeyedEvent {}

/// Who waits at a key.
pub(super) struct Meeting {
    pub(super) event: Rc<KeyedEvent>,
    pub(super) process: Tid,
    pub(super) key: u64,
    /// Whether it releases the key.
    pub(super) releases: bool,
}

/// A call: the handle, the key, whether it releases the key; whether alerts end its wait, and how long it lasts.
pub(super) struct Meets {
    pub(super) handle: u64,
    pub(super) key: u64,
    pub(super) releases: bool,
    pub(super) alertable: bool,
    pub(super) timeout: u64,
}

/// Serves `NtWaitForKeyedEvent` and `NtReleaseKeyedEvent`.
pub(super) fn meet(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &Meets) -> Outcome {
    if let Some(outcome) = kernel.wait_again(cx, call.timeout) {
        return outcome;
    }
    if call.key & 1 != 0 {
        return Err(NtStatus::INVALID_PARAMETER_1.into());
    }
    let event = event(kernel, cx, call.handle)?;
    let process = cx.process().pid;
    let other = kernel.first_waiting(|what| {
        matches!(what, What::Key(meeting) if Rc::ptr_eq(&meeting.event, &event)
            && meeting.process == process
            && meeting.key == call.key
            && meeting.releases != call.releases)
    });
    if let Some(thread) = other {
        kernel.end_wait(&thread, 0);
        return Ok(0);
    }
    let meeting = Meeting {
        event,
        process,
        key: call.key,
        releases: call.releases,
    };
    kernel.nt_wait_for(cx, What::Key(meeting), call.alertable, call.timeout)
}

/// What a handle stands for; without one, what all share.
fn event(kernel: &mut Kernel, cx: &Cx<'_>, handle: u64) -> Result<Rc<KeyedEvent>, NtStatus> {
    let object = match handle {
        0 => {
            let name: Vec<u16> = "\\KernelObjects\\CritSecOutOfMemoryEvent"
                .encode_utf16()
                .collect();
            let follow = Follow {
                insensitive: false,
                last: true,
            };
            match kernel.nt.names.find(None, &name, follow)? {
                Found::Object(object, _) => object,
                Found::Nothing(..) => return Err(NtStatus::OBJECT_NAME_NOT_FOUND),
            }
        }
        handle => kernel.nt_object(cx, handle)?,
    };
    match object {
        Object::KeyedEvent(event) => Ok(event),
        _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
    }
}
