//! Processes and threads end, and are asked about.

use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus, services};

use super::handles::Object;
use super::{Outcome, client_id};
use crate::event::ExitStatus;
use crate::kernel::{Cx, Fate, Kernel};

/// `PROCESSINFOCLASS`: `ProcessBasicInformation`.
const BASIC: i32 = 0;
/// What is said of a process that runs.   [winnt.h, STILL_ACTIVE]
const STILL_ACTIVE: u64 = 0x103;
/// `NORMAL_PRIORITY_CLASS` is this base priority.
const NORMAL_PRIORITY: u64 = 8;

impl services::Process<Cx<'_>> for Kernel {
    fn nt_terminate_process(&mut self, cx: &mut Cx<'_>, call: &nt::NtTerminateProcess) -> Outcome {
        // Without a handle all threads but the one that asks end.
        if call.ProcessHandle == 0 {
            let others = self.other_threads(cx.task);
            return if others.is_empty() {
                Ok(0)
            } else {
                Err(Stop::Missing)
            };
        }
        self.own_process(cx, call.ProcessHandle)?;
        let status = ExitStatus::Status(call.ExitStatus.cast_unsigned());
        let pid = cx.process().pid;
        self.nt.processes.remove(&pid);
        cx.fate = Some(Fate::ExitGroup(status));
        Err(Stop::Never)
    }

    fn nt_terminate_thread(&mut self, cx: &mut Cx<'_>, call: &nt::NtTerminateThread) -> Outcome {
        let last = self.other_threads(cx.task).is_empty();
        match call.ThreadHandle {
            0 if last => return Err(NtStatus::CANT_TERMINATE_SELF.into()),
            0 => {}
            handle => match self.nt_object(cx, handle)? {
                Object::Thread(tid) if tid == cx.task.tid => {}
                Object::Thread(_) => return Err(Stop::Missing),
                _ => return Err(NtStatus::OBJECT_TYPE_MISMATCH.into()),
            },
        }
        let status = ExitStatus::Status(call.ExitStatus.cast_unsigned());
        cx.fate = Some(Fate::Exit(status));
        Err(Stop::Never)
    }

    fn nt_query_information_process(
        &mut self,
        cx: &mut Cx<'_>,
        call: &nt::NtQueryInformationProcess,
    ) -> Outcome {
        if call.ProcessInformationClass != BASIC {
            return Err(Stop::Missing);
        }
        self.own_process(cx, call.ProcessHandle)?;
        // PROCESS_BASIC_INFORMATION: six words.
        let word = cx.word();
        let size = 6 * word;
        if u64::from(call.ProcessInformationLength) != size {
            return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
        }
        let pid = cx.process().pid;
        let (_, peb) = super::blocks(word);
        let (process, _) = client_id(pid, pid);
        let values = [STILL_ACTIVE, peb, 1, NORMAL_PRIORITY, process, 0];
        for (index, value) in values.into_iter().enumerate() {
            let at = call
                .ProcessInformation
                .address
                .wrapping_add(index as u64 * word);
            cx.write_word(at, value)?;
        }
        cx.returned_length(call.ReturnLength.address, size)?;
        Ok(0)
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
