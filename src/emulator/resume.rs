//! How does a call go on that waited, and what does a signal do to it?

use emu_cpu::{AddressSpace, Cpu};
use emu_prototypes::linux::Errno;

use super::{Emulator, Flow, Turn};
use crate::Error;
use crate::event::End;
use crate::kernel::linux::signals::{self, Disposition, Effect};
use crate::kernel::task::{Pending, Restart, Task};
use crate::kernel::wait::Interrupted;

impl Emulator {
    /// Goes on with a call that waited: it is asked again. A signal may end its wait.
    #[inline(never)]
    pub(super) fn resume(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        pending: Pending,
    ) -> Result<Option<Turn>, Error> {
        let interrupted = task.linux.traced.as_ref();
        let interrupted = interrupted.filter(|traced| traced.interrupted);
        let (wait, interrupted) = match interrupted.map(|traced| traced.wait) {
            // Its end was told; whatever has come since, it is made again.
            Some(interrupted) => {
                task.pending = Some(Box::new(pending));
                (None, interrupted)
            }
            None => match self.serve(task, cpu, memory, pending, true)? {
                Flow::Waits(wait, interrupted) => (Some(wait), interrupted),
                flow => return self.after_flow(task, cpu, flow),
            },
        };
        let abi = task.profile.system().linux();
        while let Some(info) = task.linux.peek_signal(abi) {
            let kills = u64::from(info.signal) == abi.k.SIGKILL;
            if interrupted == Interrupted::Never && !kills {
                break;
            }
            if let Some(traced) = &mut task.linux.traced
                && !kills
            {
                traced.wait = interrupted;
                if let Some(turn) = self.interruption(task, cpu) {
                    return Ok(Some(turn));
                }
            }
            task.linux.next_signal(abi);
            if let Some(turn) = self.trap_signal(task, cpu, &info) {
                return Ok(Some(turn));
            }
            if let Some(turn) = self.cut_short(task, cpu, memory, &info, interrupted)? {
                return Ok(turn);
            }
        }
        if let Some(turn) = self.reentering(task, cpu) {
            return Ok(Some(turn));
        }
        match wait {
            Some(wait) => self.after_flow(task, cpu, Flow::Waits(wait, interrupted)),
            // It has not been asked since.
            None => match task.pending.take() {
                Some(pending) => self.resume(task, cpu, memory, *pending),
                None => Ok(None),
            },
        }
    }

    /// A signal comes to a task that waits in a call. `None` when the call goes on.
    pub(super) fn cut_short(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        info: &signals::Info,
        interrupted: Interrupted,
    ) -> Result<Option<Option<Turn>>, Error> {
        let abi = task.profile.system().linux();
        let action = task.linux.handlers.borrow().get(info.signal);
        let handled = matches!(action.disposition, Disposition::Handler(_));
        let dies = !handled
            && action.disposition == Disposition::Default
            && signals::kills(abi.k, info.signal);
        if !handled && !dies {
            let stops = action.disposition == Disposition::Default
                && signals::default_action(abi.k, info.signal) == Effect::Stop;
            if !(stops && interrupted == Interrupted::Fails) {
                // It is ignored, or stops the process: the call goes on afterwards.
                return Ok(self.act(task, cpu, memory, info)?.map(Some));
            }
        }
        self.kernel.linux.futexes.forget(task.tid);
        let pending = task.pending.take().expect("a call that waits is pending");
        if let Some(traced) = &mut task.linux.traced {
            traced.call = None;
            traced.interrupted = false;
        }
        if dies {
            if pending.observed {
                self.end(task, cpu, memory, &pending.event, End::Killed, false)?;
            }
        } else {
            let again =
                interrupted == Interrupted::Restarts && action.flags & abi.k.SA_RESTART != 0;
            // Where the signal is not among those that wait any more, the service is told otherwise that it is to end.
            if again || handled && task.linux.traced.is_none() {
                self.interrupt(task, cpu, memory, &pending, again)?;
            } else {
                self.halt(task, cpu, memory, *pending)?;
            }
        }
        if let Some(turn) = self.act(task, cpu, memory, info)? {
            return Ok(Some(Some(turn)));
        }
        Ok(Some(self.signals(task, cpu, memory)?))
    }

    /// A stop of its process ends the wait of a call that does not go on after one, even without a handler.   [signal(7),
    /// "Interruption of system calls and library functions by stop signals"]
    pub(super) fn halt(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        pending: Pending,
    ) -> Result<Option<Turn>, Error> {
        task.linux.halts = true;
        let flow = self.serve(task, cpu, memory, pending, true);
        task.linux.halts = false;
        let flow = flow?;
        if let Flow::Waits(..) = flow {
            let pending = task.pending.take().expect("a call that waits is pending");
            self.interrupt(task, cpu, memory, &pending, false)?;
            return Ok(None);
        }
        self.follow(task, flow)
    }

    /// A signal ends the wait of a call, whose handler runs next: the call fails, or is made again afterwards.
    fn interrupt(
        &mut self,
        task: &mut Task,
        cpu: &mut dyn Cpu,
        memory: &mut AddressSpace,
        pending: &Pending,
        again: bool,
    ) -> Result<(), Error> {
        let event = &pending.event;
        let abi = event.entry.system.linux();
        if again {
            if pending.observed {
                let end = End::Restarted(Errno::ERESTARTSYS);
                self.end(task, cpu, memory, event, end, false)?;
            }
            // The registers still are what they were at the call; whether it is Thumb code is none of the counter's.
            cpu.set_reg(cpu.arch().row().pc, event.pc);
            task.restart = Some(Restart {
                pc: event.pc,
                sp: event.sp,
                attempts: event.attempts,
            });
        } else if pending.observed {
            let end = End::Returned(Err(Errno::EINTR));
            self.end(task, cpu, memory, event, end, false)?;
        } else {
            let errno = Errno::EINTR.number(abi);
            event.entry.abi.write_result(cpu, Err(errno));
        }
        Ok(())
    }
}
