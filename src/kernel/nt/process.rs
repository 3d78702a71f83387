//! Processes and threads end, and are asked about.

mod information;

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus, services};

use super::{Outcome, thread};
use crate::event::ExitStatus;
use crate::kernel::wait::Wake;
use crate::kernel::{Cx, Fate, Kernel};

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
        self.own_process(cx, call.ProcessHandle)?;
        let status = ExitStatus::Status(call.ExitStatus.cast_unsigned());
        let pid = cx.process().pid;
        self.nt.processes.remove(&pid);
        cx.fate = Some(Fate::ExitGroup(status));
        Err(Stop::Never)
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
