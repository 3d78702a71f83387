//! What becomes of a thread of Windows that the CPU reports something of?

use emu_cpu::{AddressSpace, Cpu, Exit};

use super::{Emulator, Turn};
use crate::Error;
use crate::event::{Event, ExitStatus};
use crate::kernel::nt::exception;
use crate::kernel::task::Task;

impl Emulator {
    /// Nobody in the process handles it: the process ends with its code.
    #[inline(never)]
    pub(super) fn exception(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        exit: Exit,
    ) -> Result<Turn, Error> {
        let process = task.linux.process.clone();
        let executes = process.borrow().executes_data();
        let record = exception::record(cpu, memory, executes, &exit);
        let event = Event::Exception {
            task: task.tid,
            record: &record,
        };
        self.told(task, Some(cpu), memory, &event)?;
        let status = ExitStatus::Status(record.code.0);
        self.kernel.end_process(&process, status);
        Ok(Turn::Ends(status))
    }
}
