//! Processes and threads end, and are asked about.

mod create;
mod information;
mod other;
mod settings;

pub(super) use other::{ended, read as read_memory, write as write_memory};
pub(super) use settings::Settings;

use emu_prototypes::nt::{self, NtStatus, services};

use super::{Outcome, job, thread};
use crate::event::ExitStatus;
use crate::kernel::wait::Wake;
use crate::kernel::{Cx, Kernel};

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

    fn nt_set_information_process(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtSetInformationProcess,
    ) -> Outcome {
        settings::set(self, cx, call)
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
        thread::terminate(self, cx, call)
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
        thread::query(self, cx, call)
    }

    fn nt_query_information_process(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryInformationProcess,
    ) -> Outcome {
        information::query(self, cx, call)
    }

    fn nt_get_current_processor_number(
        &mut self,
        _: &mut Cx<'_>,
        _: &nt::NtGetCurrentProcessorNumber,
    ) -> Outcome {
        Ok(0)
    }

    fn nt_test_alert(&mut self, _: &mut Cx<'_>, _: &nt::NtTestAlert) -> Outcome {
        Ok(0)
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
}
