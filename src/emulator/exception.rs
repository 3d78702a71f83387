//! What becomes of a thread of Windows that the CPU reports something of?

use emu_cpu::{AddressSpace, Cpu, Exit};

use emu_profiles::Symbol;

use super::{Emulator, Turn};
use crate::Error;
use crate::event::{Event, ExitStatus};
use crate::kernel::nt::exception;
use crate::kernel::task::{State, Task};

impl Emulator {
    /// What the process has to dispatch exceptions is told; `None` says that the thread goes on there. Without that, or when
    /// its stack can't take any more, the process ends with the exception's code.
    #[inline(never)]
    pub(super) fn exception(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        exit: Exit,
    ) -> Result<Option<Turn>, Error> {
        let process = task.linux.process.clone();
        let executes = process.borrow().executes_data();
        let record = exception::record(cpu, memory, executes, &exit);
        let event = Event::Exception {
            task: task.tid,
            record: &record,
        };
        self.told(task, Some(cpu), memory, &event)?;
        if self.kernel.reports_exception(task, cpu, &record, true) {
            task.state = State::Stopped;
            return Ok(Some(Turn::Over));
        }
        self.dispatch(task, cpu, memory, &record)
    }

    /// A thread is about to run whose exception its debugger has not handled: the process is told. What it has not handled
    /// either ends it.
    pub(super) fn after_debugger(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
    ) -> Result<Option<Turn>, Error> {
        match self.kernel.unhandled(task.tid, cpu) {
            Some((record, true)) => self.dispatch(task, cpu, memory, &record),
            Some((record, false)) => {
                let process = task.linux.process.clone();
                let status = ExitStatus::Status(record.code.0);
                self.kernel.end_process(&process, status);
                Ok(Some(Turn::Ends(status)))
            }
            None => Ok(None),
        }
    }

    fn dispatch(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        record: &exception::Record,
    ) -> Result<Option<Turn>, Error> {
        if let Some(dispatcher) = task.symbol(Symbol::ExceptionDispatcher)
            && exception::dispatch(cpu, memory, dispatcher, record).is_ok()
        {
            return Ok(None);
        }
        if self.kernel.reports_exception(task, cpu, record, false) {
            task.state = State::Stopped;
            return Ok(Some(Turn::Over));
        }
        let process = task.linux.process.clone();
        let status = ExitStatus::Status(record.code.0);
        self.kernel.end_process(&process, status);
        Ok(Some(Turn::Ends(status)))
    }
}
