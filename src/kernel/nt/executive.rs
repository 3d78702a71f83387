//! Serves time, and what is made to be waited for.

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::nt::{self, NtStatus, services};

use super::handles::Object;
use super::keyed::{self, KeyedEvent, Meets};
use super::kinds::Kind;
use super::named::Wish;
use super::{Outcome, dispatchers, nls, query, system, timer};
use crate::kernel::{Cx, Kernel};

/// From 1601-01-01 to 1970-01-01, in units of 100 ns.   [FILETIME]
pub(super) const TO_1970: u64 = 116_444_736_000_000_000;
/// Performance counts a second.   [Microsoft Learn, Acquiring high-resolution time stamps: 10 MHz]
const FREQUENCY: u64 = 10_000_000;
/// `HARDERROR_RESPONSE_OPTION`.   [the headers of the crate phnt, ntexapi.h]
const OPTION_SHUTDOWN: u32 = 6;
const OPTION_CANCEL_TRY_CONTINUE: u32 = 8;

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

    fn nt_query_system_information_ex(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQuerySystemInformationEx,
    ) -> Outcome {
        system::query_of(self, cx, call)
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

    fn nt_allocate_locally_unique_id(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtAllocateLocallyUniqueId,
    ) -> Outcome {
        let id = self.luid();
        cx.mem.write_u64(call.Luid.address, id.into())?;
        Ok(0)
    }

    fn nt_create_event(&mut self, cx: &mut Cx<'_>, call: &nt::NtCreateEvent) -> Outcome {
        dispatchers::create_event(self, cx, call)
    }

    fn nt_open_event(&mut self, cx: &mut Cx<'_>, call: &nt::NtOpenEvent) -> Outcome {
        let wish = Wish::new(call.EventHandle, call.DesiredAccess, call.ObjectAttributes);
        self.nt_open_named(cx, wish, Kind::Event)
    }

    fn nt_set_event(&mut self, cx: &mut Cx<'_>, call: &nt::NtSetEvent) -> Outcome {
        self.change_event(cx, call.EventHandle, true, call.PreviousState.address)
    }

    fn nt_set_event_boost_priority(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtSetEventBoostPriority,
    ) -> Outcome {
        self.change_event(cx, call.EventHandle, true, 0)
    }

    fn nt_reset_event(&mut self, cx: &mut Cx<'_>, call: &nt::NtResetEvent) -> Outcome {
        self.change_event(cx, call.EventHandle, false, call.PreviousState.address)
    }

    fn nt_clear_event(&mut self, cx: &mut Cx<'_>, call: &nt::NtClearEvent) -> Outcome {
        self.change_event(cx, call.EventHandle, false, 0)
    }

    fn nt_pulse_event(&mut self, cx: &mut Cx<'_>, call: &nt::NtPulseEvent) -> Outcome {
        query::pulse(self, cx, call)
    }

    fn nt_query_event(&mut self, cx: &mut Cx<'_>, call: &nt::NtQueryEvent) -> Outcome {
        query::event(self, cx, call)
    }

    fn nt_create_mutant(&mut self, cx: &mut Cx<'_>, call: &nt::NtCreateMutant) -> Outcome {
        dispatchers::create_mutant(self, cx, call)
    }

    fn nt_open_mutant(&mut self, cx: &mut Cx<'_>, call: &nt::NtOpenMutant) -> Outcome {
        let wish = Wish::new(call.MutantHandle, call.DesiredAccess, call.ObjectAttributes);
        self.nt_open_named(cx, wish, Kind::Mutant)
    }

    fn nt_release_mutant(&mut self, cx: &mut Cx<'_>, call: &nt::NtReleaseMutant) -> Outcome {
        dispatchers::release_mutant(self, cx, call)
    }

    fn nt_query_mutant(&mut self, cx: &mut Cx<'_>, call: &nt::NtQueryMutant) -> Outcome {
        query::mutant(self, cx, call)
    }

    fn nt_create_semaphore(&mut self, cx: &mut Cx<'_>, call: &nt::NtCreateSemaphore) -> Outcome {
        dispatchers::create_semaphore(self, cx, call)
    }

    fn nt_open_semaphore(&mut self, cx: &mut Cx<'_>, call: &nt::NtOpenSemaphore) -> Outcome {
        let wish = Wish::new(
            call.SemaphoreHandle,
            call.DesiredAccess,
            call.ObjectAttributes,
        );
        self.nt_open_named(cx, wish, Kind::Semaphore)
    }

    fn nt_release_semaphore(&mut self, cx: &mut Cx<'_>, call: &nt::NtReleaseSemaphore) -> Outcome {
        dispatchers::release_semaphore(self, cx, call)
    }

    fn nt_get_tick_count(&mut self, _: &mut Cx<'_>, _: &nt::NtGetTickCount) -> Outcome {
        Ok(self.tick_count().into())
    }

    fn nt_query_timer_resolution(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryTimerResolution,
    ) -> Outcome {
        self.query_resolution(cx, call)
    }

    fn nt_set_timer_resolution(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtSetTimerResolution,
    ) -> Outcome {
        self.set_resolution(cx, call)
    }

    fn nt_add_atom(&mut self, cx: &mut Cx<'_>, call: &nt::NtAddAtom) -> Outcome {
        let name = (call.AtomName.address, call.Length);
        self.add_atom(cx, name, call.Atom.address)
    }

    fn nt_add_atom_ex(&mut self, cx: &mut Cx<'_>, call: &nt::NtAddAtomEx) -> Outcome {
        let name = (call.AtomName.address, call.Length);
        self.add_atom(cx, name, call.Atom.address)
    }

    fn nt_find_atom(&mut self, cx: &mut Cx<'_>, call: &nt::NtFindAtom) -> Outcome {
        self.find_atom(cx, call)
    }

    fn nt_delete_atom(&mut self, _: &mut Cx<'_>, call: &nt::NtDeleteAtom) -> Outcome {
        self.delete_atom(call)
    }

    fn nt_query_information_atom(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryInformationAtom,
    ) -> Outcome {
        self.query_atom(cx, call)
    }

    // There is nobody to show an error to: the caller goes on, unless the system was to go down.
    fn nt_raise_hard_error(&mut self, cx: &mut Cx<'_>, call: &nt::NtRaiseHardError) -> Outcome {
        if call.ValidResponseOptions > OPTION_CANCEL_TRY_CONTINUE || call.NumberOfParameters > 5 {
            return Err(NtStatus::INVALID_PARAMETER.into());
        }
        if call.ValidResponseOptions == OPTION_SHUTDOWN {
            return Err(NtStatus::PRIVILEGE_NOT_HELD.into());
        }
        cx.mem.write_u32(call.Response.address, 0)?;
        Ok(0)
    }

    // Privileges that users don't hold, or that are not enabled.
    fn nt_set_system_time(&mut self, _: &mut Cx<'_>, _: &nt::NtSetSystemTime) -> Outcome {
        Err(NtStatus::PRIVILEGE_NOT_HELD.into())
    }

    fn nt_shutdown_system(&mut self, _: &mut Cx<'_>, _: &nt::NtShutdownSystem) -> Outcome {
        Err(NtStatus::PRIVILEGE_NOT_HELD.into())
    }

    fn nt_display_string(&mut self, _: &mut Cx<'_>, _: &nt::NtDisplayString) -> Outcome {
        Err(NtStatus::PRIVILEGE_NOT_HELD.into())
    }

    fn nt_query_system_environment_value(
        &mut self,
        _: &mut Cx<'_>,
        _: &nt::NtQuerySystemEnvironmentValue,
    ) -> Outcome {
        Err(NtStatus::PRIVILEGE_NOT_HELD.into())
    }

    fn nt_query_system_environment_value_ex(
        &mut self,
        _: &mut Cx<'_>,
        _: &nt::NtQuerySystemEnvironmentValueEx,
    ) -> Outcome {
        Err(NtStatus::PRIVILEGE_NOT_HELD.into())
    }

    fn nt_system_debug_control(&mut self, _: &mut Cx<'_>, _: &nt::NtSystemDebugControl) -> Outcome {
        Err(NtStatus::ACCESS_DENIED.into())
    }

    // Nothing is licensed.
    fn nt_query_license_value(&mut self, _: &mut Cx<'_>, _: &nt::NtQueryLicenseValue) -> Outcome {
        Err(NtStatus::OBJECT_NAME_NOT_FOUND.into())
    }

    fn nt_query_semaphore(&mut self, cx: &mut Cx<'_>, call: &nt::NtQuerySemaphore) -> Outcome {
        query::semaphore(self, cx, call)
    }

    fn nt_create_timer(&mut self, cx: &mut Cx<'_>, call: &nt::NtCreateTimer) -> Outcome {
        dispatchers::create_timer(self, cx, call)
    }

    fn nt_create_timer2(&mut self, cx: &mut Cx<'_>, call: &nt::NtCreateTimer2) -> Outcome {
        dispatchers::create_timer_2(self, cx, call)
    }

    fn nt_open_timer(&mut self, cx: &mut Cx<'_>, call: &nt::NtOpenTimer) -> Outcome {
        let wish = Wish::new(call.TimerHandle, call.DesiredAccess, call.ObjectAttributes);
        self.nt_open_named(cx, wish, Kind::Timer)
    }

    fn nt_set_timer(&mut self, cx: &mut Cx<'_>, call: &nt::NtSetTimer) -> Outcome {
        timer::set(self, cx, call)
    }

    fn nt_set_timer_ex(&mut self, cx: &mut Cx<'_>, call: &nt::NtSetTimerEx) -> Outcome {
        timer::set_ex(self, cx, call)
    }

    fn nt_set_timer2(&mut self, cx: &mut Cx<'_>, call: &nt::NtSetTimer2) -> Outcome {
        timer::set_2(self, cx, call)
    }

    fn nt_cancel_timer(&mut self, cx: &mut Cx<'_>, call: &nt::NtCancelTimer) -> Outcome {
        timer::cancel(self, cx, call)
    }

    fn nt_query_timer(&mut self, cx: &mut Cx<'_>, call: &nt::NtQueryTimer) -> Outcome {
        timer::query(self, cx, call)
    }

    fn nt_create_keyed_event(&mut self, cx: &mut Cx<'_>, call: &nt::NtCreateKeyedEvent) -> Outcome {
        if call.Flags != 0 {
            return Err(NtStatus::INVALID_PARAMETER_4.into());
        }
        let wish = Wish::new(
            call.KeyedEventHandle,
            call.DesiredAccess,
            call.ObjectAttributes,
        );
        self.nt_make(cx, wish, Object::KeyedEvent(Rc::new(KeyedEvent::default())))?
            .outcome()
    }

    fn nt_open_keyed_event(&mut self, cx: &mut Cx<'_>, call: &nt::NtOpenKeyedEvent) -> Outcome {
        let wish = Wish::new(
            call.KeyedEventHandle,
            call.DesiredAccess,
            call.ObjectAttributes,
        );
        self.nt_open_named(cx, wish, Kind::KeyedEvent)
    }

    fn nt_wait_for_keyed_event(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtWaitForKeyedEvent,
    ) -> Outcome {
        let meets = Meets {
            handle: call.KeyedEventHandle,
            key: call.KeyValue.address,
            releases: false,
            alertable: call.Alertable != 0,
            timeout: call.Timeout.address,
        };
        keyed::meet(self, cx, &meets)
    }

    fn nt_release_keyed_event(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtReleaseKeyedEvent,
    ) -> Outcome {
        let meets = Meets {
            handle: call.KeyedEventHandle,
            key: call.KeyValue.address,
            releases: true,
            alertable: call.Alertable != 0,
            timeout: call.Timeout.address,
        };
        keyed::meet(self, cx, &meets)
    }
}
