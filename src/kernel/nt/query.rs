//! How do events, mutants and semaphores stand?   [the headers of the crate phnt, ntexapi.h: EVENT_BASIC_INFORMATION and following]

use emu_prototypes::nt::{self, NtStatus};

use super::handles::Object;
use super::sync::State;
use super::{Outcome, client_id};
use crate::kernel::{Cx, Kernel};

/// `EVENT_QUERY_STATE`, and the same of mutants and semaphores.   [winnt.h]
const QUERY: u32 = 1;
/// `EVENT_MODIFY_STATE`
const MODIFY: u32 = 2;
const BASIC: i32 = 0;
/// `MutantOwnerInformation`
const OWNER: i32 = 1;

/// Gives a structure to who has room for exactly that.
pub(super) fn tell(cx: &mut Cx<'_>, bytes: &[u8], at: u64, length: u32, returned: u64) -> Outcome {
    if length as usize != bytes.len() {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    cx.mem.write(at, bytes)?;
    cx.returned_length(returned, bytes.len() as u64)?;
    Ok(0)
}

/// Serves `NtQueryEvent`: whether it is manual, and whether it is set.
pub(super) fn event(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtQueryEvent) -> Outcome {
    if call.EventInformationClass != BASIC {
        return Err(NtStatus::INVALID_INFO_CLASS.into());
    }
    let dispatcher = kernel.dispatcher(cx, call.EventHandle, QUERY)?;
    let State::Event { manual, set } = &dispatcher.state else {
        return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
    };
    let values = [u32::from(!manual), u32::from(set.get())];
    let bytes: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let (at, length) = (call.EventInformation.address, call.EventInformationLength);
    tell(cx, &bytes, at, length, call.ReturnLength.address)
}

/// Serves `NtQueryMutant`: its count, whether it is the asking thread's, whether it was abandoned; or whose it is.
pub(super) fn mutant(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtQueryMutant) -> Outcome {
    if !matches!(call.MutantInformationClass, BASIC | OWNER) {
        return Err(NtStatus::INVALID_INFO_CLASS.into());
    }
    let dispatcher = kernel.dispatcher(cx, call.MutantHandle, QUERY)?;
    let State::Mutant {
        owner,
        count,
        abandoned,
    } = &dispatcher.state
    else {
        return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
    };
    let bytes = match call.MutantInformationClass {
        BASIC => {
            let own = owner.get() == Some(cx.task.tid);
            let mut bytes = 1u32.wrapping_sub(count.get()).to_le_bytes().to_vec();
            bytes.extend([own.into(), abandoned.get().into(), 0, 0]);
            bytes
        }
        _ => {
            let word = cx.word() as usize;
            let pid = cx.process().pid;
            let (process, thread) = owner.get().map_or((0, 0), |tid| client_id(pid, tid));
            let values = [process, thread];
            let bytes = values.iter().map(|value| value.to_le_bytes());
            bytes
                .flat_map(|bytes| bytes.into_iter().take(word))
                .collect()
        }
    };
    let (at, length) = (call.MutantInformation.address, call.MutantInformationLength);
    tell(cx, &bytes, at, length, call.ReturnLength.address)
}

/// Serves `NtQuerySemaphore`: its count, and the highest.
pub(super) fn semaphore(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtQuerySemaphore,
) -> Outcome {
    if call.SemaphoreInformationClass != BASIC {
        return Err(NtStatus::INVALID_INFO_CLASS.into());
    }
    let dispatcher = kernel.dispatcher(cx, call.SemaphoreHandle, QUERY)?;
    let State::Semaphore { count, most } = &dispatcher.state else {
        return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
    };
    let values = [count.get(), *most];
    let bytes: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let at = call.SemaphoreInformation.address;
    let length = call.SemaphoreInformationLength;
    tell(cx, &bytes, at, length, call.ReturnLength.address)
}

/// Serves `NtPulseEvent`: who waits goes on, one of them or all, and the event is not set afterwards.
pub(super) fn pulse(kernel: &mut Kernel, cx: &mut Cx<'_>, call: &nt::NtPulseEvent) -> Outcome {
    let dispatcher = kernel.dispatcher(cx, call.EventHandle, MODIFY)?;
    let State::Event { set, .. } = &dispatcher.state else {
        return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
    };
    cx.returned_length(call.PreviousState.address, set.get().into())?;
    set.set(true);
    kernel.signal(&Object::Dispatcher(dispatcher.clone()));
    set.set(false);
    Ok(0)
}
