//! Processes and threads end, and are asked about.

mod bare;
mod create;
mod information;
mod other;
mod settings;

pub(super) use bare::Unstarted;
pub(super) use other::{ended, open_number, pid, read as read_memory, write as write_memory};
pub(super) use settings::Settings;

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus, services};

use super::reserve::What;
use super::{Outcome, apc, job, reserve, thread};
use crate::event::ExitStatus;
use crate::kernel::wait::Wake;
use crate::kernel::{Cx, Kernel};

/// `ProcessThreadStackAllocation`.   [the headers of the crate phnt, ntpsapi.h: PROCESSINFOCLASS]
const STACK_ALLOCATION: i32 = 41;

impl services::Process<Cx<'_>> for Kernel {
    fn nt_terminate_process(&mut self, cx: &mut Cx<'_>, call: &nt::NtTerminateProcess) -> Outcome {
        // Without a handle all threads but the one that asks end.
        if call.ProcessHandle == 0 {
            let status = ExitStatus::Status(call.ExitStatus.cast_unsigned());
            for tid in self.other_threads(cx.task) {
                if let Some(task) = self.tasks.get_mut(tid) {
                    task.doom = Some(status);
                    task.waker.wake();
                }
            }
            return Ok(0);
        }
        other::terminate(
            self,
            cx,
            call.ProcessHandle,
            call.ExitStatus.cast_unsigned(),
        )
    }

    fn nt_create_user_process(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtCreateUserProcess,
    ) -> Outcome {
        create::create(self, cx, call)
    }

    fn nt_create_process(&mut self, cx: &mut Cx<'_>, call: &nt::NtCreateProcess) -> Outcome {
        bare::create(self, cx, call)
    }

    fn nt_create_process_ex(&mut self, cx: &mut Cx<'_>, call: &nt::NtCreateProcessEx) -> Outcome {
        bare::create_ex(self, cx, call)
    }

    fn nt_open_process(&mut self, cx: &mut Cx<'_>, call: &nt::NtOpenProcess) -> Outcome {
        other::open(self, cx, call)
    }

    fn nt_get_next_process(&mut self, cx: &mut Cx<'_>, call: &nt::NtGetNextProcess) -> Outcome {
        other::next(self, cx, call)
    }

    fn nt_suspend_process(&mut self, cx: &mut Cx<'_>, call: &nt::NtSuspendProcess) -> Outcome {
        other::suspend(self, cx, call.ProcessHandle, |count| count + 1)
    }

    fn nt_resume_process(&mut self, cx: &mut Cx<'_>, call: &nt::NtResumeProcess) -> Outcome {
        other::suspend(self, cx, call.ProcessHandle, |count| {
            count.saturating_sub(1)
        })
    }

    fn nt_create_job_object(&mut self, cx: &mut Cx<'_>, call: &nt::NtCreateJobObject) -> Outcome {
        job::create(self, cx, call)
    }

    fn nt_assign_process_to_job_object(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtAssignProcessToJobObject,
    ) -> Outcome {
        job::assign(self, cx, call)
    }

    fn nt_is_process_in_job(&mut self, cx: &mut Cx<'_>, call: &nt::NtIsProcessInJob) -> Outcome {
        job::contains(self, cx, call)
    }

    fn nt_terminate_job_object(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtTerminateJobObject,
    ) -> Outcome {
        job::terminate(self, cx, call)
    }

    fn nt_query_information_job_object(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryInformationJobObject,
    ) -> Outcome {
        job::query(self, cx, call)
    }

    fn nt_set_information_job_object(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtSetInformationJobObject,
    ) -> Outcome {
        job::set(self, cx, call)
    }

    fn nt_terminate_thread(&mut self, cx: &mut Cx<'_>, call: &nt::NtTerminateThread) -> Outcome {
        thread::control::terminate(self, cx, call)
    }

    fn nt_create_thread_ex(&mut self, cx: &mut Cx<'_>, call: &nt::NtCreateThreadEx) -> Outcome {
        thread::create_ex(self, cx, call)
    }

    fn nt_create_thread(&mut self, cx: &mut Cx<'_>, call: &nt::NtCreateThread) -> Outcome {
        thread::create_old(self, cx, call)
    }

    fn nt_resume_thread(&mut self, cx: &mut Cx<'_>, call: &nt::NtResumeThread) -> Outcome {
        let told = call.PreviousSuspendCount.address;
        self.suspend(cx, call.ThreadHandle, told, |count| count.saturating_sub(1))
    }

    fn nt_suspend_thread(&mut self, cx: &mut Cx<'_>, call: &nt::NtSuspendThread) -> Outcome {
        let told = call.PreviousSuspendCount.address;
        self.suspend(cx, call.ThreadHandle, told, |count| count + 1)
    }

    fn nt_query_information_thread(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryInformationThread,
    ) -> Outcome {
        thread::information::query(self, cx, call)
    }

    fn nt_set_information_thread(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtSetInformationThread,
    ) -> Outcome {
        thread::information::set(self, cx, call)
    }

    fn nt_open_thread(&mut self, cx: &mut Cx<'_>, call: &nt::NtOpenThread) -> Outcome {
        thread::control::open(self, cx, call)
    }

    fn nt_get_next_thread(&mut self, cx: &mut Cx<'_>, call: &nt::NtGetNextThread) -> Outcome {
        thread::control::next(self, cx, call)
    }

    fn nt_get_context_thread(&mut self, cx: &mut Cx<'_>, call: &nt::NtGetContextThread) -> Outcome {
        thread::registers::get(self, cx, call.ThreadHandle, call.ThreadContext.address)
    }

    fn nt_set_context_thread(&mut self, cx: &mut Cx<'_>, call: &nt::NtSetContextThread) -> Outcome {
        thread::registers::set(self, cx, call.ThreadHandle, call.ThreadContext.address)
    }

    fn nt_alert_thread(&mut self, cx: &mut Cx<'_>, call: &nt::NtAlertThread) -> Outcome {
        thread::control::alert(self, cx, call.ThreadHandle)
    }

    fn nt_alert_resume_thread(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtAlertResumeThread,
    ) -> Outcome {
        thread::control::alert(self, cx, call.ThreadHandle)?;
        let told = call.PreviousSuspendCount.address;
        self.suspend(cx, call.ThreadHandle, told, |count| count.saturating_sub(1))
    }

    fn nt_alert_thread_by_thread_id(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtAlertThreadByThreadId,
    ) -> Outcome {
        thread::control::tell(self, cx, call.ThreadId)
    }

    fn nt_wait_for_alert_by_thread_id(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtWaitForAlertByThreadId,
    ) -> Outcome {
        thread::control::wait_to_be_told(self, cx, call)
    }

    fn nt_queue_apc_thread(&mut self, cx: &mut Cx<'_>, call: &nt::NtQueueApcThread) -> Outcome {
        let later = nt::NtQueueApcThreadEx {
            ThreadHandle: call.ThreadHandle,
            ReserveHandle: 0,
            ApcRoutine: call.ApcRoutine,
            ApcArgument1: call.ApcArgument1,
            ApcArgument2: call.ApcArgument2,
            ApcArgument3: call.ApcArgument3,
        };
        self.nt_queue_apc_thread_ex(cx, &later)
    }

    fn nt_queue_apc_thread_ex(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueueApcThreadEx,
    ) -> Outcome {
        let used = match call.ReserveHandle {
            0 => None,
            // A call that does not wait for the thread to wait.
            1 => return Err(Stop::Missing),
            handle => Some(self.reserved(cx, handle, What::Call)?),
        };
        let arguments = [call.ApcArgument1, call.ApcArgument2, call.ApcArgument3];
        let arguments = arguments.map(|argument| argument.address);
        apc::queue(
            self,
            cx,
            call.ThreadHandle,
            call.ApcRoutine.address,
            arguments,
            used,
        )
    }

    // Flags would ask for a call that does not wait for the thread to wait, or for one that is told more.
    fn nt_queue_apc_thread_ex2(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueueApcThreadEx2,
    ) -> Outcome {
        if call.ApcFlags != 0 {
            return Err(Stop::Missing);
        }
        let older = nt::NtQueueApcThreadEx {
            ThreadHandle: call.ThreadHandle,
            ReserveHandle: call.ReserveHandle,
            ApcRoutine: call.ApcRoutine,
            ApcArgument1: call.ApcArgument1,
            ApcArgument2: call.ApcArgument2,
            ApcArgument3: call.ApcArgument3,
        };
        self.nt_queue_apc_thread_ex(cx, &older)
    }

    fn nt_allocate_reserve_object(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtAllocateReserveObject,
    ) -> Outcome {
        reserve::allocate(self, cx, call)
    }

    fn nt_query_information_process(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryInformationProcess,
    ) -> Outcome {
        information::query(self, cx, call)
    }

    fn nt_set_information_process(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtSetInformationProcess,
    ) -> Outcome {
        match call.ProcessInformationClass {
            STACK_ALLOCATION => thread::stack::reserve(self, cx, call),
            _ => settings::set(self, cx, call),
        }
    }

    fn nt_get_current_processor_number(
        &mut self,
        _: &mut Cx<'_>,
        _: &nt::NtGetCurrentProcessorNumber,
    ) -> Outcome {
        Ok(0)
    }

    fn nt_get_current_processor_number_ex(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtGetCurrentProcessorNumberEx,
    ) -> Outcome {
        if call.ProcessorNumber.address != 0 {
            cx.mem.write_u32(call.ProcessorNumber.address, 0)?;
        }
        Ok(0)
    }

    fn nt_register_thread_terminate_port(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtRegisterThreadTerminatePort,
    ) -> Outcome {
        super::port::tell_of_end(self, cx, call.PortHandle)
    }

    fn nt_test_alert(&mut self, cx: &mut Cx<'_>, _: &nt::NtTestAlert) -> Outcome {
        apc::test(self, cx)
    }
}

impl services::Processor<Cx<'_>> for Kernel {
    fn nt_yield_execution(&mut self, cx: &mut Cx<'_>, _: &nt::NtYieldExecution) -> Outcome {
        if self.tasks.run_queue().borrow().is_empty() {
            return Ok(NtStatus::NO_YIELD_PERFORMED.0.into());
        }
        cx.yields = true;
        Ok(0)
    }

    // One thread runs at a time, and sees what all have written.
    fn nt_flush_process_write_buffers(
        &mut self,
        _: &mut Cx<'_>,
        _: &nt::NtFlushProcessWriteBuffers,
    ) -> Outcome {
        Ok(0)
    }

    // Messages for a debugger of the kernel are off.
    fn nt_query_debug_filter_state(
        &mut self,
        _: &mut Cx<'_>,
        _: &nt::NtQueryDebugFilterState,
    ) -> Outcome {
        Ok(0)
    }

    fn nt_set_debug_filter_state(
        &mut self,
        _: &mut Cx<'_>,
        _: &nt::NtSetDebugFilterState,
    ) -> Outcome {
        Err(NtStatus::ACCESS_DENIED.into())
    }
}
