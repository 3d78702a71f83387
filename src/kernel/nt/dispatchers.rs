//! How are events, mutants, semaphores and timers made, and given back?

use std::cell::Cell;
use std::rc::Rc;

use emu_prototypes::nt::{self, NtStatus};

use super::Outcome;
use super::handles::Object;
use super::named::{Made, Wish};
use super::sync::{Dispatcher, State};
use super::timer::Timer;
use crate::kernel::{Cx, Kernel};

/// `NotificationEvent` and `NotificationTimer`, and the others.
const NOTIFICATION: i32 = 0;
const SYNCHRONIZATION: i32 = 1;
/// An attribute of a timer that is a `NotificationTimer`.   [the headers of the crate phnt, ntexapi.h: EX_TIMER_NOTIFICATION]
const MANUAL_TIMER: u32 = 1 << 31;
/// `SEMAPHORE_MODIFY_STATE`.   [winnt.h]
const MODIFY: u32 = 2;

/// Serves `NtCreateEvent`.
pub(super) fn create_event(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtCreateEvent,
) -> Outcome {
    let manual = is_manual(call.EventType)?;
    let set = Cell::new(call.InitialState != 0);
    let state = State::Event { manual, set };
    let wish = Wish::new(call.EventHandle, call.DesiredAccess, call.ObjectAttributes);
    kernel.nt_make(cx, wish, dispatcher(state))?.outcome()
}

/// Serves `NtCreateMutant`.
pub(super) fn create_mutant(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtCreateMutant,
) -> Outcome {
    let owned = call.InitialOwner != 0;
    let object = dispatcher(State::Mutant {
        owner: Cell::new(None),
        count: Cell::new(0),
        abandoned: Cell::new(false),
    });
    let wish = Wish::new(call.MutantHandle, call.DesiredAccess, call.ObjectAttributes);
    let made = kernel.nt_make(cx, wish, object.clone())?;
    if owned && made == Made::New {
        let thread = kernel.nt_thread(cx, cx.task.tid);
        object.take(&thread);
    }
    made.outcome()
}

/// Serves `NtReleaseMutant`.
pub(super) fn release_mutant(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtReleaseMutant,
) -> Outcome {
    let mutant = kernel.dispatcher(cx, call.MutantHandle, 0)?;
    let before = mutant.owned_by(cx.task.tid)?;
    // 1 is free, 0 owned once, less owned more often.
    let told = 1u32.wrapping_sub(before);
    cx.returned_length(call.PreviousCount.address, told.into())?;
    kernel.release(cx, &mutant);
    Ok(0)
}

/// Serves `NtCreateSemaphore`.
pub(super) fn create_semaphore(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtCreateSemaphore,
) -> Outcome {
    if call.MaximumCount <= 0 || !(0..=call.MaximumCount).contains(&call.InitialCount) {
        return Err(NtStatus::INVALID_PARAMETER.into());
    }
    let state = State::Semaphore {
        count: Cell::new(call.InitialCount),
        most: call.MaximumCount,
    };
    let wish = Wish::new(
        call.SemaphoreHandle,
        call.DesiredAccess,
        call.ObjectAttributes,
    );
    kernel.nt_make(cx, wish, dispatcher(state))?.outcome()
}

/// Serves `NtReleaseSemaphore`.
pub(super) fn release_semaphore(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtReleaseSemaphore,
) -> Outcome {
    let semaphore = kernel.dispatcher(cx, call.SemaphoreHandle, MODIFY)?;
    let before = semaphore.semaphore_count(call.ReleaseCount)?;
    cx.returned_length(call.PreviousCount.address, before.into())?;
    kernel.raise_semaphore(&semaphore, call.ReleaseCount);
    Ok(0)
}

/// Serves `NtCreateTimer`.
pub(super) fn create_timer(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtCreateTimer,
) -> Outcome {
    let manual = is_manual(call.TimerType)?;
    let wish = Wish::new(call.TimerHandle, call.DesiredAccess, call.ObjectAttributes);
    kernel
        .nt_make(cx, wish, Object::Timer(Rc::new(Timer::new(manual))))?
        .outcome()
}

/// Serves `NtCreateTimer2`.
pub(super) fn create_timer_2(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtCreateTimer2,
) -> Outcome {
    let manual = call.Attributes & MANUAL_TIMER != 0;
    let wish = Wish::new(call.TimerHandle, call.DesiredAccess, call.ObjectAttributes);
    kernel
        .nt_make(cx, wish, Object::Timer(Rc::new(Timer::new(manual))))?
        .outcome()
}

fn dispatcher(state: State) -> Object {
    Object::Dispatcher(Rc::new(Dispatcher::new(state)))
}

/// `EVENT_TYPE` and `TIMER_TYPE`.
fn is_manual(kind: i32) -> Result<bool, NtStatus> {
    match kind {
        NOTIFICATION => Ok(true),
        SYNCHRONIZATION => Ok(false),
        _ => Err(NtStatus::INVALID_PARAMETER),
    }
}
