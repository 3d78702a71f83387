//! `timer_create` and what belongs to it.   [timer_create(2), timer_settime(2), timer_getoverrun(2)]

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::linux::{Errno, Outcome, layout};

use super::{Counts, Name, Timer, left, signal_of};
use crate::kernel::linux::process::Resource;
use crate::kernel::linux::signals::{Extra, Info};
use crate::kernel::linux::time::{Form, Which};
use crate::kernel::time::SECOND;
use crate::kernel::{Cx, Kernel};

/// A `struct itimerspec` in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::kernel::linux) struct Spec {
    /// `it_value`.
    pub(in crate::kernel::linux) first: u64,
    /// `it_interval`.
    pub(in crate::kernel::linux) interval: u64,
}

fn layout(cx: &Cx<'_>, form: Form) -> layout::Itimerspec {
    match form {
        Form::Own => cx.layouts.itimerspec,
        Form::Wide => {
            let wide = cx.layouts.itimerspec64;
            layout::Itimerspec {
                size: wide.size,
                it_interval_tv_sec: wide.it_interval_tv_sec,
                it_interval_tv_nsec: wide.it_interval_tv_nsec,
                it_value_tv_sec: wide.it_value_tv_sec,
                it_value_tv_nsec: wide.it_value_tv_nsec,
            }
        }
    }
}

impl Cx<'_> {
    /// Reads a `struct itimerspec`.
    pub(in crate::kernel::linux) fn get_itimerspec(
        &mut self,
        address: u64,
        form: Form,
    ) -> Result<Spec, Stop<Errno>> {
        let at = layout(self, form);
        let image = self.load(address, at.size)?;
        let narrow = self.word() == 4;
        let time = |seconds: i64, nanoseconds: u64| {
            // [Linux kernel/time/time.c, get_timespec64]
            let nanoseconds = if narrow {
                nanoseconds & 0xffff_ffff
            } else {
                nanoseconds
            };
            match u64::try_from(seconds) {
                Ok(seconds) if nanoseconds < SECOND => {
                    Ok(seconds.saturating_mul(SECOND).saturating_add(nanoseconds))
                }
                _ => Err(Errno::EINVAL),
            }
        };
        Ok(Spec {
            first: time(
                image.get_signed(at.it_value_tv_sec),
                image.get(at.it_value_tv_nsec),
            )?,
            interval: time(
                image.get_signed(at.it_interval_tv_sec),
                image.get(at.it_interval_tv_nsec),
            )?,
        })
    }

    /// Writes one.
    pub(in crate::kernel::linux) fn put_itimerspec(
        &mut self,
        address: u64,
        form: Form,
        spec: Spec,
    ) -> Result<(), Stop<Errno>> {
        let at = layout(self, form);
        let mut image = self.image(at.size);
        image
            .put(at.it_value_tv_sec, spec.first / SECOND)
            .put(at.it_value_tv_nsec, spec.first % SECOND)
            .put(at.it_interval_tv_sec, spec.interval / SECOND)
            .put(at.it_interval_tv_nsec, spec.interval % SECOND);
        image.store(self.mem, address)?;
        Ok(())
    }
}

impl Kernel {
    pub(in crate::kernel::linux) fn create_timer(
        &mut self,
        cx: &mut Cx<'_>,
        clock: i32,
        event: u64,
        created: u64,
    ) -> Outcome {
        let k = cx.k;
        let (counts, wall) = match crate::kernel::linux::time::which(cx, clock)? {
            Which::Coarse(_) => return Err(Errno::EOPNOTSUPP.into()),
            Which::Real => (Counts::Time, true),
            Which::Monotonic if clock as u64 == k.CLOCK_MONOTONIC_RAW => {
                return Err(Errno::EOPNOTSUPP.into());
            }
            Which::Monotonic => (Counts::Time, false),
            Which::Cpu => (Counts::Cpu, false),
        };
        // The first one is 0.   [Linux kernel/time/posix-timers.c, posix_timer_add]
        let number = cx.process().timers.next;
        let (mut signal, mut value, mut target) = (Some(k.SIGALRM), number as u64, None);
        if event != 0 {
            let at = cx.layouts.sigevent;
            let image = cx.load(event, at.size)?;
            let notify = image.get(at.sigev_notify) & 0xffff_ffff;
            value = image.get(at.sigev_value);
            signal = Some(image.get(at.sigev_signo) & 0xffff_ffff);
            if notify == k.SIGEV_NONE {
                signal = None;
            } else if notify == k.SIGEV_THREAD_ID | k.SIGEV_SIGNAL {
                let tid = image.get(at.sigev_notify_thread_id) as u32 as i32;
                if !cx.process().threads.contains(&tid) {
                    return Err(Errno::EINVAL.into());
                }
                target = Some(tid);
            } else if notify != k.SIGEV_SIGNAL && notify != k.SIGEV_THREAD {
                return Err(Errno::EINVAL.into());
            }
            if signal.is_some_and(|signal| signal == 0 || signal > k._NSIG) {
                return Err(Errno::EINVAL.into());
            }
        }
        let most = cx.process().limits.soft(Resource::Sigpending);
        if cx.process().timers.all.len() as u64 >= most {
            return Err(Errno::EAGAIN.into());
        }
        let signal = signal.map(|signal| Info {
            value,
            extra: Extra::Timer {
                id: number,
                overrun: 0,
            },
            ..signal_of(cx.abi, signal, k.SI_TIMER)
        });
        // `timer_t` is an `int` in the kernel on every ABI.
        cx.mem.write_u32(created, number as u32)?;
        let mut process = cx.process();
        process.timers.next = number.wrapping_add(1).max(0);
        process.timers.all.insert(
            Name::Posix(number),
            Timer {
                counts,
                wall,
                armed: None,
                signal,
                target,
                overrun: 0,
            },
        );
        Ok(0)
    }

    fn timer(&self, cx: &Cx<'_>, id: i32) -> Result<Timer, Errno> {
        let process = cx.task.linux.process.borrow();
        let timer = process.timers.all.get(&Name::Posix(id));
        timer.copied().ok_or(Errno::EINVAL)
    }

    fn timer_left(&self, cx: &Cx<'_>, timer: &Timer) -> Spec {
        let now = self.counted(timer.counts, cx.task);
        let (first, interval) = left(timer, now);
        Spec { first, interval }
    }

    pub(in crate::kernel::linux) fn set_posix_timer(
        &mut self,
        cx: &mut Cx<'_>,
        (id, flags): (i32, i32),
        new: u64,
        old: u64,
        form: Form,
    ) -> Outcome {
        if new == 0 {
            return Err(Errno::EINVAL.into());
        }
        let spec = cx.get_itimerspec(new, form)?;
        let timer = self.timer(cx, id)?;
        let before = self.timer_left(cx, &timer);
        let absolute = flags as u64 & cx.k.TIMER_ABSTIME != 0;
        let first = match absolute {
            true if spec.first != 0 => {
                let now = match (timer.counts, timer.wall) {
                    (Counts::Time, true) => self.clock.wall(),
                    (Counts::Time, false) => self.clock.monotonic(),
                    (counts, _) => self.counted(counts, cx.task),
                };
                spec.first.saturating_sub(now).max(1)
            }
            _ => spec.first,
        };
        self.set_timer(cx.task, Name::Posix(id), first, spec.interval);
        if old != 0 {
            cx.put_itimerspec(old, form, before)?;
        }
        Ok(0)
    }

    pub(in crate::kernel::linux) fn get_posix_timer(
        &mut self,
        cx: &mut Cx<'_>,
        id: i32,
        setting: u64,
        form: Form,
    ) -> Outcome {
        let timer = self.timer(cx, id)?;
        let left = self.timer_left(cx, &timer);
        cx.put_itimerspec(setting, form, left)?;
        Ok(0)
    }

    pub(in crate::kernel::linux) fn timer_overrun(&mut self, cx: &mut Cx<'_>, id: i32) -> Outcome {
        // No more than an `int` can say.   [timer_getoverrun(2), DELAYTIMER_MAX]
        Ok(self.timer(cx, id)?.overrun.min(i32::MAX as u64))
    }

    pub(in crate::kernel::linux) fn delete_timer(&mut self, cx: &mut Cx<'_>, id: i32) -> Outcome {
        let process = cx.task.linux.process.clone();
        match self.drop_timer(&process, Name::Posix(id)) {
            true => Ok(0),
            false => Err(Errno::EINVAL.into()),
        }
    }
}
