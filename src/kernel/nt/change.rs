//! What becomes signaled, and whose waits does that end?

use std::rc::Rc;

use emu_prototypes::nt::NtStatus;

use super::Outcome;
use super::handles::Object;
use super::sync::{Dispatcher, State};
use crate::kernel::task::Tid;
use crate::kernel::{Cx, Kernel};

/// `EVENT_MODIFY_STATE` and `SEMAPHORE_MODIFY_STATE`.   [winnt.h]
const MODIFY: u32 = 2;

impl Dispatcher {
    /// How often a thread owns a mutant.
    pub(super) fn owned_by(&self, task: Tid) -> Result<u32, NtStatus> {
        match &self.state {
            State::Mutant { owner, count, .. } if owner.get() == Some(task) => Ok(count.get()),
            State::Mutant { .. } => Err(NtStatus::MUTANT_NOT_OWNED),
            _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
        }
    }

    /// The count of a semaphore that can be raised by so much.
    pub(super) fn semaphore_count(&self, by: i32) -> Result<u32, NtStatus> {
        let State::Semaphore { count, most } = &self.state else {
            return Err(NtStatus::OBJECT_TYPE_MISMATCH);
        };
        if by <= 0 {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        match count.get().checked_add(by) {
            Some(after) if after <= *most => Ok(count.get().cast_unsigned()),
            _ => Err(NtStatus::SEMAPHORE_LIMIT_EXCEEDED),
        }
    }
}

impl Kernel {
    /// The event, mutant or semaphore of a handle with an access.
    pub(super) fn dispatcher(
        &mut self,
        cx: &Cx<'_>,
        handle: u64,
        access: u32,
    ) -> Result<Rc<Dispatcher>, NtStatus> {
        match self.nt_object_for(cx, handle, access)? {
            Object::Dispatcher(dispatcher) => Ok(dispatcher),
            _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
        }
    }

    /// A transfer that an event was to tell of is over.
    pub(super) fn signal_event(&mut self, cx: &mut Cx<'_>, handle: u64) -> Outcome {
        self.change_event(cx, handle, true, 0)
    }

    /// Sets or resets an event, and tells how it was.
    pub(super) fn change_event(
        &mut self,
        cx: &mut Cx<'_>,
        handle: u64,
        to: bool,
        previous: u64,
    ) -> Outcome {
        let dispatcher = self.dispatcher(cx, handle, MODIFY)?;
        let State::Event { set, .. } = &dispatcher.state else {
            return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
        };
        cx.returned_length(previous, set.get().into())?;
        set.set(to);
        if to {
            self.signal(&Object::Dispatcher(dispatcher.clone()));
        }
        Ok(0)
    }

    /// The thread that asks gives up a mutant of its own, once.
    pub(super) fn release(&mut self, cx: &Cx<'_>, mutant: &Rc<Dispatcher>) {
        let State::Mutant { owner, count, .. } = &mutant.state else {
            return;
        };
        count.set(count.get().saturating_sub(1));
        if count.get() == 0 {
            owner.set(None);
            self.nt_thread(cx, cx.task.tid).disowns(mutant);
            self.signal(&Object::Dispatcher(mutant.clone()));
        }
    }

    /// Raises the count of a semaphore, which can be.
    pub(super) fn raise_semaphore(&mut self, semaphore: &Rc<Dispatcher>, by: i32) {
        if let State::Semaphore { count, .. } = &semaphore.state {
            count.set(count.get().saturating_add(by));
            self.signal(&Object::Dispatcher(semaphore.clone()));
        }
    }

    /// The first half of `NtSignalAndWaitForSingleObject`. What the second half needs is asked for before.
    pub(super) fn signal_first(
        &mut self,
        cx: &mut Cx<'_>,
        signaled: u64,
        waited: u64,
    ) -> Result<(), NtStatus> {
        let object = self.nt_object_for(cx, waited, super::kinds::SYNCHRONIZE)?;
        if !object.is_waitable() {
            return Err(NtStatus::OBJECT_TYPE_MISMATCH);
        }
        let dispatcher = self.dispatcher(cx, signaled, 0)?;
        match &dispatcher.state {
            State::Event { set, .. } => {
                set.set(true);
                self.signal(&Object::Dispatcher(dispatcher.clone()));
            }
            State::Mutant { .. } => {
                dispatcher.owned_by(cx.task.tid)?;
                self.release(cx, &dispatcher);
            }
            State::Semaphore { .. } => {
                dispatcher.semaphore_count(1)?;
                self.raise_semaphore(&dispatcher, 1);
            }
        }
        Ok(())
    }

    /// A thread has ended: its mutants are nobody's, and who gets them next is told.
    pub(super) fn abandon(&mut self, mutants: Vec<Rc<Dispatcher>>) {
        for mutant in mutants {
            if let State::Mutant {
                owner,
                count,
                abandoned,
            } = &mutant.state
            {
                owner.set(None);
                count.set(0);
                abandoned.set(true);
            }
            self.signal(&Object::Dispatcher(mutant));
        }
    }
}
