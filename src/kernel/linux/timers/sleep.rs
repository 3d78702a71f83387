//! How does a task sleep until somebody has used so much CPU time?   [Linux kernel/time/posix-cpu-timers.c,
//! posix_cpu_nsleep]

use emu_prototypes::linux::{Errno, Outcome};

use super::cpu::{CpuClock, Whose};
use super::{Armed, Counts, Name, Timer};
use crate::kernel::linux::time::Form;
use crate::kernel::wait::{Interrupted, Wait};
use crate::kernel::{Cx, Kernel};

impl Kernel {
    pub(in crate::kernel::linux) fn sleep_by_cpu_time(
        &mut self,
        cx: &mut Cx<'_>,
        clock: CpuClock,
        absolute: bool,
        (request, left): (u64, u64),
        form: Form,
    ) -> Outcome {
        let tid = cx.task.tid;
        // Who sleeps uses none.
        if clock.whose == Whose::Thread(tid) {
            return Err(Errno::EINVAL.into());
        }
        let name = Name::Sleep(tid);
        let process = cx.task.linux.process.clone();
        let now = self.cpu_time(cx.task, clock);
        let deadline = cx.deadline(|cx| {
            let time = cx.get_timespec(request, form)?;
            let from = if absolute { 0 } else { now.unwrap_or(0) };
            Ok(from.saturating_add(time))
        })?;
        if now.is_some_and(|now| now >= deadline) {
            self.drop_timer(&process, name);
            return Ok(0);
        }
        if cx.is_interrupted() {
            self.drop_timer(&process, name);
            if left != 0 && !absolute {
                let rest = now.map_or(0, |now| deadline - now);
                cx.put_timespec(left, form, rest)?;
            }
            return Err(Errno::EINTR.into());
        }
        // Whoever is counted is gone: nothing ends the sleep but a signal.
        if now.is_some() {
            let armed = Armed {
                at: deadline,
                interval: 0,
                id: None,
            };
            let timer = Timer {
                counts: Counts::Cpu(clock),
                wall: false,
                armed: Some(armed),
                signal: None,
                target: None,
                overrun: 0,
            };
            process.borrow_mut().timers.all.insert(name, timer);
            self.linux.watch_cpu_timer(&process, name);
        }
        Err(cx.block_as(Wait::Signal, Interrupted::GoesOn))
    }
}
