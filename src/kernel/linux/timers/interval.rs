//! `alarm`, `getitimer` and `setitimer`.   [getitimer(2), alarm(2); Linux kernel/time/itimer.c]

use emu_prototypes::Stop;
use emu_prototypes::linux::{Errno, Outcome};

use super::cpu::{CpuClock, Part};
use super::{Counts, Name, Timer, left, signal_of};
use crate::kernel::time::SECOND;
use crate::kernel::{Cx, Kernel};

/// Nanoseconds in a microsecond.
const MICROSECOND: u64 = 1000;

/// Which of the three.
fn which(cx: &Cx<'_>, which: i32) -> Result<(u8, Counts, u64), Errno> {
    let k = cx.k;
    let which = u64::from(which as u32);
    if which == k.ITIMER_REAL {
        Ok((0, Counts::Time, k.SIGALRM))
    } else if which == k.ITIMER_VIRTUAL {
        Ok((1, Counts::Cpu(CpuClock::own(cx, Part::User)), k.SIGVTALRM))
    } else if which == k.ITIMER_PROF {
        Ok((2, Counts::Cpu(CpuClock::own(cx, Part::Ticks)), k.SIGPROF))
    } else {
        Err(Errno::EINVAL)
    }
}

/// The timer, which is there from the first time on that somebody asks.
fn named(cx: &mut Cx<'_>, number: i32) -> Result<Name, Errno> {
    let (index, counts, signal) = which(cx, number)?;
    let name = Name::Interval(index);
    let signal = signal_of(cx.abi, signal, cx.k.SI_KERNEL);
    cx.process().timers.all.entry(name).or_insert(Timer {
        counts,
        wall: false,
        armed: None,
        signal: Some(signal),
        target: None,
        overrun: 0,
    });
    Ok(name)
}

fn put(cx: &mut Cx<'_>, address: u64, (left, interval): (u64, u64)) -> Result<(), Stop<Errno>> {
    let at = cx.layouts.itimerval;
    let mut image = cx.image(at.size);
    // Never 0 while it is set.
    let left = left.next_multiple_of(MICROSECOND);
    image
        .put(at.it_value_tv_sec, left / SECOND)
        .put(at.it_value_tv_usec, left % SECOND / MICROSECOND)
        .put(at.it_interval_tv_sec, interval / SECOND)
        .put(at.it_interval_tv_usec, interval % SECOND / MICROSECOND);
    image.store(cx.mem, address)?;
    Ok(())
}

impl Kernel {
    pub(in crate::kernel::linux) fn get_interval(
        &mut self,
        cx: &mut Cx<'_>,
        number: i32,
        value: u64,
    ) -> Outcome {
        let name = named(cx, number)?;
        let timer = cx.process().timers.all.get(&name).copied();
        let left = timer.and_then(|timer| Some(left(&timer, self.counted(timer.counts, cx.task)?)));
        let left = left.unwrap_or((0, 0));
        put(cx, value, left)?;
        Ok(0)
    }

    pub(in crate::kernel::linux) fn set_interval(
        &mut self,
        cx: &mut Cx<'_>,
        number: i32,
        new: u64,
        old: u64,
    ) -> Outcome {
        let at = cx.layouts.itimerval;
        let (mut first, mut interval) = (0, 0);
        if new != 0 {
            let image = cx.load(new, at.size)?;
            let time = |seconds: i64, micros: u64| {
                let seconds = u64::try_from(seconds).map_err(|_| Errno::EINVAL)?;
                if micros >= 1_000_000 {
                    return Err(Errno::EINVAL);
                }
                Ok(seconds
                    .saturating_mul(SECOND)
                    .saturating_add(micros * MICROSECOND))
            };
            first = time(
                image.get_signed(at.it_value_tv_sec),
                image.get(at.it_value_tv_usec),
            )?;
            interval = time(
                image.get_signed(at.it_interval_tv_sec),
                image.get(at.it_interval_tv_usec),
            )?;
        }
        let name = named(cx, number)?;
        let before = self.set_timer(cx.task, name, first, interval);
        if old != 0 {
            put(cx, old, before)?;
        }
        Ok(0)
    }

    pub(in crate::kernel::linux) fn set_alarm(&mut self, cx: &mut Cx<'_>, seconds: u32) -> Outcome {
        let real = cx.k.ITIMER_REAL as i32;
        let name = named(cx, real)?;
        let first = u64::from(seconds).saturating_mul(SECOND);
        let (left, _) = self.set_timer(cx.task, name, first, 0);
        // Rounded, but never to nothing while it was set.   [Linux kernel/time/itimer.c, alarm_setitimer]
        Ok(match left {
            0 => 0,
            left => ((left + SECOND / 2) / SECOND).max(1),
        })
    }
}
