//! Time, and what is made to be waited for.

use std::cell::Cell;
use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus, services};

use super::handles::Object;
use super::sync::{Dispatcher, State};
use super::{Outcome, nls, system};
use crate::kernel::{Cx, Kernel};

/// From 1601-01-01 to 1970-01-01, in units of 100 ns.   [FILETIME]
const TO_1970: u64 = 116_444_736_000_000_000;
/// Performance counts a second.   [Microsoft Learn, Acquiring high-resolution time stamps: 10 MHz]
const FREQUENCY: u64 = 10_000_000;
/// `EVENT_TYPE`.
const NOTIFICATION: i32 = 0;
const SYNCHRONIZATION: i32 = 1;

/// The wall clock in units of 100 ns since 1601.
pub(super) fn system_time(kernel: &Kernel) -> u64 {
    (kernel.clock.wall() / 100).saturating_add(TO_1970)
}

impl services::Executive<Cx<'_>> for Kernel {
    fn nt_delay_execution(&mut self, cx: &mut Cx<'_>, call: &nt::NtDelayExecution) -> Outcome {
        self.delay(cx, call)
    }

    fn nt_query_system_time(&mut self, cx: &mut Cx<'_>, call: &nt::NtQuerySystemTime) -> Outcome {
        let now = system_time(self);
        cx.mem.write_u64(call.SystemTime.address, now)?;
        Ok(0)
    }

    fn nt_query_performance_counter(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryPerformanceCounter,
    ) -> Outcome {
        let count = self.clock.monotonic() / (1_000_000_000 / FREQUENCY);
        cx.mem.write_u64(call.PerformanceCounter.address, count)?;
        if call.PerformanceFrequency.address != 0 {
            cx.mem
                .write_u64(call.PerformanceFrequency.address, FREQUENCY)?;
        }
        Ok(0)
    }

    fn nt_query_system_information(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQuerySystemInformation,
    ) -> Outcome {
        system::query(self, cx, call)
    }

    fn nt_initialize_nls_files(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtInitializeNlsFiles,
    ) -> Outcome {
        nls::initialize(self, cx, call)
    }

    fn nt_get_nls_section_ptr(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtGetNlsSectionPtr,
    ) -> Outcome {
        nls::section(self, cx, call)
    }

    fn nt_query_default_locale(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryDefaultLocale,
    ) -> Outcome {
        cx.mem
            .write_u32(call.DefaultLocaleId.address, nls::LANGUAGE)?;
        Ok(0)
    }

    fn nt_query_default_ui_language(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryDefaultUILanguage,
    ) -> Outcome {
        cx.mem
            .write_u16(call.DefaultUILanguageId.address, nls::LANGUAGE as u16)?;
        Ok(0)
    }

    fn nt_query_install_ui_language(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryInstallUILanguage,
    ) -> Outcome {
        cx.mem
            .write_u16(call.InstallUILanguageId.address, nls::LANGUAGE as u16)?;
        Ok(0)
    }

    fn nt_create_event(&mut self, cx: &mut Cx<'_>, call: &nt::NtCreateEvent) -> Outcome {
        let manual = match call.EventType {
            NOTIFICATION => true,
            SYNCHRONIZATION => false,
            _ => return Err(NtStatus::INVALID_PARAMETER.into()),
        };
        let set = Cell::new(call.InitialState != 0);
        let attributes = call.ObjectAttributes.address;
        self.nt_new(
            cx,
            call.EventHandle.address,
            attributes,
            State::Event { manual, set },
        )
    }

    fn nt_set_event(&mut self, cx: &mut Cx<'_>, call: &nt::NtSetEvent) -> Outcome {
        self.change_event(cx, call.EventHandle, true, call.PreviousState.address)
    }

    fn nt_reset_event(&mut self, cx: &mut Cx<'_>, call: &nt::NtResetEvent) -> Outcome {
        self.change_event(cx, call.EventHandle, false, call.PreviousState.address)
    }

    fn nt_clear_event(&mut self, cx: &mut Cx<'_>, call: &nt::NtClearEvent) -> Outcome {
        self.change_event(cx, call.EventHandle, false, 0)
    }

    fn nt_create_mutant(&mut self, cx: &mut Cx<'_>, call: &nt::NtCreateMutant) -> Outcome {
        let owned = call.InitialOwner != 0;
        let state = State::Mutant {
            owner: Cell::new(owned.then_some(cx.task.tid)),
            count: Cell::new(owned.into()),
        };
        self.nt_new(
            cx,
            call.MutantHandle.address,
            call.ObjectAttributes.address,
            state,
        )
    }

    fn nt_release_mutant(&mut self, cx: &mut Cx<'_>, call: &nt::NtReleaseMutant) -> Outcome {
        let dispatcher = self.dispatcher(cx, call.MutantHandle)?;
        let State::Mutant { owner, count } = &dispatcher.state else {
            return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
        };
        if owner.get() != Some(cx.task.tid) {
            return Err(NtStatus::MUTANT_NOT_OWNED.into());
        }
        let before = count.get();
        if call.PreviousCount.address != 0 {
            // 1 is free, 0 owned once, less owned more often.
            let told = 1u32.wrapping_sub(before);
            cx.mem.write_u32(call.PreviousCount.address, told)?;
        }
        count.set(before.saturating_sub(1));
        if before <= 1 {
            owner.set(None);
            dispatcher.queue.wake();
        }
        Ok(0)
    }

    fn nt_create_semaphore(&mut self, cx: &mut Cx<'_>, call: &nt::NtCreateSemaphore) -> Outcome {
        if call.MaximumCount <= 0 || !(0..=call.MaximumCount).contains(&call.InitialCount) {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        let state = State::Semaphore {
            count: Cell::new(call.InitialCount),
            most: call.MaximumCount,
        };
        self.nt_new(
            cx,
            call.SemaphoreHandle.address,
            call.ObjectAttributes.address,
            state,
        )
    }

    fn nt_release_semaphore(&mut self, cx: &mut Cx<'_>, call: &nt::NtReleaseSemaphore) -> Outcome {
        let dispatcher = self.dispatcher(cx, call.SemaphoreHandle)?;
        let State::Semaphore { count, most } = &dispatcher.state else {
            return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
        };
        let before = count.get();
        if call.ReleaseCount <= 0 {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        let after = before
            .checked_add(call.ReleaseCount)
            .filter(|after| after <= most);
        let after = after.ok_or(NtStatus::SEMAPHORE_LIMIT_EXCEEDED)?;
        if call.PreviousCount.address != 0 {
            cx.mem
                .write_u32(call.PreviousCount.address, before.cast_unsigned())?;
        }
        count.set(after);
        dispatcher.queue.wake();
        Ok(0)
    }
}

impl Kernel {
    /// A new object without a name.
    fn nt_new(&mut self, cx: &mut Cx<'_>, handle: u64, attributes: u64, state: State) -> Outcome {
        let named = cx.attributes(attributes)?;
        if named.is_some_and(|named| !named.name.is_empty()) {
            return Err(emu_prototypes::Stop::Missing);
        }
        self.nt_give(
            cx,
            handle,
            Object::Dispatcher(Rc::new(Dispatcher::new(state))),
        )?;
        Ok(0)
    }

    pub(super) fn dispatcher(
        &mut self,
        cx: &Cx<'_>,
        handle: u64,
    ) -> Result<Rc<Dispatcher>, NtStatus> {
        match self.nt_object(cx, handle)? {
            Object::Dispatcher(dispatcher) => Ok(dispatcher),
            _ => Err(NtStatus::OBJECT_TYPE_MISMATCH),
        }
    }

    /// A transfer that an event was to tell of is over.
    pub(super) fn signal_event(&mut self, cx: &mut Cx<'_>, handle: u64) -> Outcome {
        self.change_event(cx, handle, true, 0)
    }

    fn change_event(&mut self, cx: &mut Cx<'_>, handle: u64, to: bool, previous: u64) -> Outcome {
        let dispatcher = self.dispatcher(cx, handle)?;
        let State::Event { set, .. } = &dispatcher.state else {
            return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
        };
        if previous != 0 {
            cx.mem.write_u32(previous, set.get().into())?;
        }
        set.set(to);
        if to {
            dispatcher.queue.wake();
        }
        Ok(0)
    }
}
