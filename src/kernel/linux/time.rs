//! Section `time`: clocks, and waiting for them.

use emu_prototypes::Stop;
use emu_prototypes::linux::{self, Errno, Outcome, layout, services};

use super::timers::cpu::{self, CpuClock, Part, Whose};
use crate::kernel::time::{SECOND, TICKS};
use crate::kernel::wait::Wait;
use crate::kernel::{Cx, Kernel};

/// Resolution of the coarse clocks and of the timer tick, in nanoseconds: CONFIG_HZ=250.
const TICK: u64 = SECOND / 250;

/// Which form of `struct timespec` a call takes: the ABI's own or the one of 64 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Own,
    Wide,
}

impl Cx<'_> {
    fn timespec(&self, form: Form) -> layout::Timespec {
        match form {
            Form::Own => self.layouts.timespec,
            Form::Wide => {
                let wide = self.layouts.timespec64;
                layout::Timespec {
                    size: wide.size,
                    tv_sec: wide.tv_sec,
                    tv_nsec: wide.tv_nsec,
                }
            }
        }
    }

    /// Writes a time in nanoseconds as a `struct timespec`.
    pub(super) fn put_timespec(
        &mut self,
        address: u64,
        form: Form,
        nanoseconds: u64,
    ) -> Result<(), Stop<Errno>> {
        let at = self.timespec(form);
        let mut image = self.image(at.size);
        image
            .put(at.tv_sec, nanoseconds / SECOND)
            .put(at.tv_nsec, nanoseconds % SECOND);
        Ok(image.store(self.mem, address)?)
    }

    /// Reads a `struct timespec` in nanoseconds; `EINVAL` for a negative time or more than 999,999,999 ns.
    pub(super) fn get_timespec(&mut self, address: u64, form: Form) -> Result<u64, Stop<Errno>> {
        let at = self.timespec(form);
        let image = self.load(address, at.size)?;
        let seconds = image.get_signed(at.tv_sec);
        // A 32-bit call's nanoseconds are 32 bits with padding behind them.   [Linux kernel/time/time.c, get_timespec64]
        let nanoseconds = match self.word() {
            4 => image.get(at.tv_nsec) & 0xffff_ffff,
            _ => image.get(at.tv_nsec),
        };
        match u64::try_from(seconds) {
            Ok(seconds) if nanoseconds < SECOND => {
                Ok(seconds.saturating_mul(SECOND).saturating_add(nanoseconds))
            }
            _ => Err(Errno::EINVAL.into()),
        }
    }

    /// Blocks until `deadline`, in nanoseconds of guest time since the start. `Ok` when it is over.
    pub(super) fn wait_until(&mut self, now: u64, deadline: u64) -> Result<(), Stop<Errno>> {
        if now >= deadline {
            return Ok(());
        }
        Err(self.block(Wait::Until(deadline)))
    }

    /// The same for a sleep, which a signal ends: what is left of it is written to `left`, unless that is 0.
    fn sleep_until(
        &mut self,
        now: u64,
        deadline: u64,
        left: u64,
        form: Form,
    ) -> Result<(), Stop<Errno>> {
        if now < deadline && self.is_interrupted() {
            if left != 0 {
                self.put_timespec(left, form, deadline - now)?;
            }
            return Err(Errno::EINTR.into());
        }
        self.wait_until(now, deadline)
    }

    /// The deadline of the call that is being made: what `first` says when it is made, the same when it is asked again.
    pub(super) fn deadline(
        &mut self,
        first: impl FnOnce(&mut Self) -> Result<u64, Stop<Errno>>,
    ) -> Result<u64, Stop<Errno>> {
        if let (true, Some(deadline)) = (self.again, self.task.linux.deadline) {
            return Ok(deadline);
        }
        let deadline = first(self)?;
        self.task.linux.deadline = Some(deadline);
        Ok(deadline)
    }
}

/// Nanoseconds of CPU time as `clock_t` counts them.
pub(super) fn ticks(nanoseconds: u64) -> u64 {
    nanoseconds / (SECOND / TICKS)
}

/// What a clock's number means.
pub(super) enum Which {
    Real,
    Monotonic,
    Coarse(bool),
    Cpu(CpuClock),
}

/// `reads` says that the clock is only read.
pub(super) fn which(kernel: &Kernel, cx: &Cx<'_>, clock: i32, reads: bool) -> Result<Which, Errno> {
    let k = cx.k;
    if clock < 0 {
        return cpu::clock_of(kernel, cx, clock, reads).map(Which::Cpu);
    }
    let clock = clock as u64;
    Ok(
        if [k.CLOCK_REALTIME, k.CLOCK_REALTIME_ALARM, k.CLOCK_TAI].contains(&clock) {
            Which::Real
        } else if [
            k.CLOCK_MONOTONIC,
            k.CLOCK_MONOTONIC_RAW,
            k.CLOCK_BOOTTIME,
            k.CLOCK_BOOTTIME_ALARM,
        ]
        .contains(&clock)
        {
            Which::Monotonic
        } else if clock == k.CLOCK_REALTIME_COARSE {
            Which::Coarse(true)
        } else if clock == k.CLOCK_MONOTONIC_COARSE {
            Which::Coarse(false)
        } else if clock == k.CLOCK_PROCESS_CPUTIME_ID {
            Which::Cpu(CpuClock::own(cx, Part::All))
        } else if clock == k.CLOCK_THREAD_CPUTIME_ID {
            Which::Cpu(CpuClock {
                whose: Whose::Thread(cx.task.tid),
                part: Part::All,
            })
        } else {
            return Err(Errno::EINVAL);
        },
    )
}

impl Kernel {
    fn read_clock(&self, cx: &Cx<'_>, clock: i32) -> Result<u64, Errno> {
        let coarse = |time: u64| time - time % TICK;
        Ok(match which(self, cx, clock, true)? {
            Which::Real => self.clock.wall(),
            Which::Monotonic => self.clock.monotonic(),
            Which::Coarse(true) => coarse(self.clock.wall()),
            Which::Coarse(false) => coarse(self.clock.monotonic()),
            Which::Cpu(clock) => self.cpu_time(cx.task, clock).ok_or(Errno::EINVAL)?,
        })
    }

    fn clock_get(&mut self, cx: &mut Cx<'_>, clock: i32, at: u64, form: Form) -> Outcome {
        let time = self.read_clock(cx, clock)?;
        cx.put_timespec(at, form, time)?;
        Ok(0)
    }

    fn clock_resolution(&mut self, cx: &mut Cx<'_>, clock: i32, at: u64, form: Form) -> Outcome {
        let resolution = match which(self, cx, clock, false)? {
            Which::Coarse(_) => TICK,
            Which::Cpu(clock) if clock.part != Part::All => TICK,
            _ => 1,
        };
        if at != 0 {
            cx.put_timespec(at, form, resolution)?;
        }
        Ok(0)
    }

    fn clock_set(&mut self, cx: &mut Cx<'_>, clock: i32, at: u64, form: Form) -> Outcome {
        // Others have nothing to set them by, but the CPU clocks of a number below 0, which nobody may.
        if clock >= 0 && clock as u64 != cx.k.CLOCK_REALTIME {
            return Err(Errno::EINVAL.into());
        }
        cx.get_timespec(at, form)?;
        which(self, cx, clock, false)?;
        Err(Errno::EPERM.into())
    }

    /// `left` is where the time goes that is left when a signal ends the sleep, or 0.
    fn sleep(&mut self, cx: &mut Cx<'_>, request: u64, left: u64, form: Form) -> Outcome {
        let now = self.clock.now();
        let deadline = cx.deadline(|cx| Ok(now.saturating_add(cx.get_timespec(request, form)?)))?;
        cx.sleep_until(now, deadline, left, form)?;
        Ok(0)
    }

    fn clock_sleep(
        &mut self,
        cx: &mut Cx<'_>,
        clock: i32,
        flags: i32,
        (request, left): (u64, u64),
        form: Form,
    ) -> Outcome {
        // [Linux kernel/time/posix-timers.c: those without nsleep]
        let sleepless = [cx.k.CLOCK_THREAD_CPUTIME_ID, cx.k.CLOCK_MONOTONIC_RAW];
        let absolute = flags as u64 & cx.k.TIMER_ABSTIME != 0;
        let at = match which(self, cx, clock, false)? {
            _ if clock >= 0 && sleepless.contains(&(clock as u64)) => {
                return Err(Errno::EOPNOTSUPP.into());
            }
            Which::Coarse(_) => return Err(Errno::EOPNOTSUPP.into()),
            Which::Cpu(clock) => {
                return self.sleep_by_cpu_time(cx, clock, absolute, (request, left), form);
            }
            Which::Monotonic => self.clock.monotonic(),
            Which::Real => self.clock.wall(),
        };
        let now = self.clock.now();
        let deadline = cx.deadline(|cx| {
            let time = cx.get_timespec(request, form)?;
            Ok(now.saturating_add(if absolute {
                time.saturating_sub(at)
            } else {
                time
            }))
        })?;
        // Who sleeps until a point of time knows what is left.
        let left = if absolute { 0 } else { left };
        cx.sleep_until(now, deadline, left, form)?;
        Ok(0)
    }
}

impl Kernel {
    /// Tells how the clock runs: by itself, not synchronised with any other.   [Linux kernel/time/ntp.c, __do_adjtimex]
    fn adjust(&mut self, cx: &mut Cx<'_>, address: u64, form: Form) -> Outcome {
        let k = cx.k;
        let now = self.clock.wall();
        let (seconds, microseconds) = (now / SECOND, now % SECOND / 1000);
        // A maximum error of 16 seconds, and a tick of 10 ms with USER_HZ.
        let (error, tolerance, tick) = (16_000_000, 32_768_000, 10_000);
        macro_rules! fill {
            ($at:expr) => {{
                let at = $at;
                let mut image = cx.load(address, at.size)?;
                if image.get(at.modes) != 0 {
                    return Err(Errno::EPERM.into());
                }
                image
                    .put(at.status, k.STA_UNSYNC)
                    .put(at.maxerror, error)
                    .put(at.esterror, error)
                    .put(at.constant, 2)
                    .put(at.precision, 1)
                    .put(at.tolerance, tolerance)
                    .put(at.tick, tick)
                    .put(at.time_tv_sec, seconds)
                    .put(at.time_tv_usec, microseconds);
                image.store(cx.mem, address)?;
            }};
        }
        match form {
            Form::Own => fill!(cx.layouts.timex),
            Form::Wide => fill!(cx.layouts.timex64),
        }
        Ok(k.TIME_ERROR)
    }
}

/// Only the wall clock can be asked how it runs.
fn may_adjust(kernel: &Kernel, cx: &Cx<'_>, clock: i32) -> Result<(), Errno> {
    if clock >= 0 && clock as u64 == cx.k.CLOCK_REALTIME {
        return Ok(());
    }
    which(kernel, cx, clock, false)?;
    Err(Errno::EOPNOTSUPP)
}

impl services::Time<Cx<'_>> for Kernel {
    fn time(&mut self, cx: &mut Cx<'_>, call: &linux::Time) -> Outcome {
        let seconds = self.clock.wall() / SECOND;
        if call.tloc.address != 0 {
            cx.write_word(call.tloc.address, seconds)?;
        }
        Ok(seconds)
    }

    fn stime(&mut self, cx: &mut Cx<'_>, call: &linux::Stime) -> Outcome {
        cx.read_word(call.tptr.address)?;
        Err(Errno::EPERM.into())
    }

    fn gettimeofday(&mut self, cx: &mut Cx<'_>, call: &linux::Gettimeofday) -> Outcome {
        if call.tv.address != 0 {
            let (at, now) = (cx.layouts.timeval, self.clock.wall());
            let mut image = cx.image(at.size);
            image
                .put(at.tv_sec, now / SECOND)
                .put(at.tv_usec, now % SECOND / 1000);
            image.store(cx.mem, call.tv.address)?;
        }
        if call.tz.address != 0 {
            // UTC.
            cx.image(cx.layouts.timezone.size)
                .store(cx.mem, call.tz.address)?;
        }
        Ok(0)
    }

    fn settimeofday(&mut self, _cx: &mut Cx<'_>, _call: &linux::Settimeofday) -> Outcome {
        Err(Errno::EPERM.into())
    }

    fn clock_gettime(&mut self, cx: &mut Cx<'_>, call: &linux::ClockGettime) -> Outcome {
        self.clock_get(cx, call.which_clock, call.tp.address, Form::Own)
    }

    fn clock_gettime64(&mut self, cx: &mut Cx<'_>, call: &linux::ClockGettime64) -> Outcome {
        self.clock_get(cx, call.which_clock, call.tp.address, Form::Wide)
    }

    fn clock_getres(&mut self, cx: &mut Cx<'_>, call: &linux::ClockGetres) -> Outcome {
        self.clock_resolution(cx, call.which_clock, call.tp.address, Form::Own)
    }

    fn clock_getres_time64(&mut self, cx: &mut Cx<'_>, call: &linux::ClockGetresTime64) -> Outcome {
        self.clock_resolution(cx, call.which_clock, call.tp.address, Form::Wide)
    }

    fn clock_settime(&mut self, cx: &mut Cx<'_>, call: &linux::ClockSettime) -> Outcome {
        self.clock_set(cx, call.which_clock, call.tp.address, Form::Own)
    }

    fn clock_settime64(&mut self, cx: &mut Cx<'_>, call: &linux::ClockSettime64) -> Outcome {
        self.clock_set(cx, call.which_clock, call.tp.address, Form::Wide)
    }

    fn nanosleep(&mut self, cx: &mut Cx<'_>, call: &linux::Nanosleep) -> Outcome {
        self.sleep(cx, call.rqtp.address, call.rmtp.address, Form::Own)
    }

    fn clock_nanosleep(&mut self, cx: &mut Cx<'_>, call: &linux::ClockNanosleep) -> Outcome {
        self.clock_sleep(
            cx,
            call.which_clock,
            call.flags,
            (call.rqtp.address, call.rmtp.address),
            Form::Own,
        )
    }

    fn clock_nanosleep_time64(
        &mut self,
        cx: &mut Cx<'_>,
        call: &linux::ClockNanosleepTime64,
    ) -> Outcome {
        self.clock_sleep(
            cx,
            call.which_clock,
            call.flags,
            (call.rqtp.address, call.rmtp.address),
            Form::Wide,
        )
    }

    fn adjtimex(&mut self, cx: &mut Cx<'_>, call: &linux::Adjtimex) -> Outcome {
        self.adjust(cx, call.txc_p.address, Form::Own)
    }

    fn clock_adjtime(&mut self, cx: &mut Cx<'_>, call: &linux::ClockAdjtime) -> Outcome {
        may_adjust(self, cx, call.which_clock)?;
        self.adjust(cx, call.utx.address, Form::Own)
    }

    fn clock_adjtime64(&mut self, cx: &mut Cx<'_>, call: &linux::ClockAdjtime64) -> Outcome {
        may_adjust(self, cx, call.which_clock)?;
        self.adjust(cx, call.utx.address, Form::Wide)
    }

    fn alarm(&mut self, cx: &mut Cx<'_>, call: &linux::Alarm) -> Outcome {
        self.set_alarm(cx, call.seconds)
    }

    fn getitimer(&mut self, cx: &mut Cx<'_>, call: &linux::Getitimer) -> Outcome {
        self.get_interval(cx, call.which, call.value.address)
    }

    fn setitimer(&mut self, cx: &mut Cx<'_>, call: &linux::Setitimer) -> Outcome {
        self.set_interval(cx, call.which, call.value.address, call.ovalue.address)
    }

    fn timer_create(&mut self, cx: &mut Cx<'_>, call: &linux::TimerCreate) -> Outcome {
        let (event, created) = (call.timer_event_spec.address, call.created_timer_id.address);
        self.create_timer(cx, call.which_clock, event, created)
    }

    fn timer_settime(&mut self, cx: &mut Cx<'_>, call: &linux::TimerSettime) -> Outcome {
        let (new, old) = (call.new_setting.address, call.old_setting.address);
        self.set_posix_timer(cx, (call.timer_id, call.flags), new, old, Form::Own)
    }

    fn timer_settime64(&mut self, cx: &mut Cx<'_>, call: &linux::TimerSettime64) -> Outcome {
        let (new, old) = (call.new_setting.address, call.old_setting.address);
        self.set_posix_timer(cx, (call.timer_id, call.flags), new, old, Form::Wide)
    }

    fn timer_gettime(&mut self, cx: &mut Cx<'_>, call: &linux::TimerGettime) -> Outcome {
        self.get_posix_timer(cx, call.timer_id, call.setting.address, Form::Own)
    }

    fn timer_gettime64(&mut self, cx: &mut Cx<'_>, call: &linux::TimerGettime64) -> Outcome {
        self.get_posix_timer(cx, call.timer_id, call.setting.address, Form::Wide)
    }

    fn timer_getoverrun(&mut self, cx: &mut Cx<'_>, call: &linux::TimerGetoverrun) -> Outcome {
        self.timer_overrun(cx, call.timer_id)
    }

    fn timer_delete(&mut self, cx: &mut Cx<'_>, call: &linux::TimerDelete) -> Outcome {
        self.delete_timer(cx, call.timer_id)
    }

    fn times(&mut self, cx: &mut Cx<'_>, call: &linux::Times) -> Outcome {
        let used = self.used(cx.task);
        let children = cx.process().used_by_children;
        if call.tbuf.address != 0 {
            let at = cx.layouts.tms;
            let mut image = cx.image(at.size);
            image
                .put(at.tms_utime, ticks(used.0))
                .put(at.tms_stime, ticks(used.1))
                .put(at.tms_cutime, ticks(children.0))
                .put(at.tms_cstime, ticks(children.1));
            image.store(cx.mem, call.tbuf.address)?;
        }
        Ok(ticks(self.clock.monotonic()))
    }
}

#[cfg(test)]
mod tests {
    use emu_cpu::GuestMemory;

    use super::super::trial::{Came, SCRATCH, Trial};
    use super::*;
    use crate::kernel::time::{CALL, EPOCH, UPTIME};

    fn put_time(t: &mut Trial, address: u64, seconds: u64, nanoseconds: u64) {
        let at = t.layouts().timespec;
        let mut image = crate::kernel::layout::Image::new(at.size, t.space.endian());
        image.put(at.tv_sec, seconds).put(at.tv_nsec, nanoseconds);
        image.store(&mut t.space, address).expect("scratch");
    }

    fn time(t: &mut Trial, address: u64) -> (u64, u64) {
        let at = t.layouts().timespec;
        let image = crate::kernel::layout::Image::load(&mut t.space, address, at.size);
        let image = image.expect("scratch");
        (image.get(at.tv_sec), image.get(at.tv_nsec))
    }

    #[test]
    fn a_run_starts_at_the_same_time_and_each_call_takes_a_microsecond() {
        for mut t in Trial::all() {
            let k = t.k();
            t.ok("clock_gettime", &[k.CLOCK_REALTIME, SCRATCH]);
            assert_eq!(
                time(&mut t, SCRATCH),
                (EPOCH / SECOND, CALL),
                "{}",
                t.name()
            );
            t.ok("clock_gettime", &[k.CLOCK_MONOTONIC, SCRATCH]);
            assert_eq!(time(&mut t, SCRATCH), (UPTIME / SECOND, 2 * CALL));
            t.ok("clock_gettime", &[k.CLOCK_PROCESS_CPUTIME_ID, SCRATCH]);
            assert_eq!(time(&mut t, SCRATCH), (0, 3 * CALL));
            let own = !1000u64 << 3 | 2;
            t.ok("clock_gettime", &[own, SCRATCH]);
            assert_eq!(
                t.err("clock_gettime", &[!5u64 << 3 | 2, SCRATCH]),
                Errno::EINVAL
            );
            assert_eq!(t.err("clock_gettime", &[77, SCRATCH]), Errno::EINVAL);
            assert_eq!(t.err("clock_gettime", &[0, 8]), Errno::EFAULT);
        }
    }

    #[test]
    fn a_sleep_waits_until_its_end_and_no_longer() {
        for mut t in Trial::all() {
            put_time(&mut t, SCRATCH, 3, 500);
            let until = 3 * SECOND + 500 + CALL;
            assert_eq!(
                t.call("nanosleep", &[SCRATCH, 0]),
                Came::Waits(Wait::Until(until))
            );
            assert_eq!(
                t.again("nanosleep", &[SCRATCH, 0]),
                Came::Waits(Wait::Until(until))
            );
            t.kernel.clock.wait_until(until);
            assert_eq!(t.again("nanosleep", &[SCRATCH, 0]), Came::Ok(0));
            put_time(&mut t, SCRATCH, 0, SECOND);
            assert_eq!(t.err("nanosleep", &[SCRATCH, 0]), Errno::EINVAL);
            put_time(&mut t, SCRATCH, u64::MAX, 0);
            assert_eq!(t.err("nanosleep", &[SCRATCH, 0]), Errno::EINVAL);
        }
    }

    #[test]
    fn an_absolute_sleep_in_the_past_is_none() {
        for mut t in Trial::all() {
            let k = t.k();
            put_time(&mut t, SCRATCH, 1, 0);
            let args = [k.CLOCK_MONOTONIC, k.TIMER_ABSTIME, SCRATCH, 0];
            assert_eq!(t.ok("clock_nanosleep", &args), 0);
            put_time(&mut t, SCRATCH, UPTIME / SECOND + 2, 0);
            assert_eq!(
                t.call("clock_nanosleep", &args),
                Came::Waits(Wait::Until(2 * SECOND))
            );
            let thread = [k.CLOCK_THREAD_CPUTIME_ID, 0, SCRATCH, 0];
            // The C library says EINVAL.
            assert_eq!(t.err("clock_nanosleep", &thread), Errno::EOPNOTSUPP);
        }
    }

    #[test]
    fn the_clock_is_nobodys_to_set() {
        for mut t in Trial::all() {
            put_time(&mut t, SCRATCH, 1, 0);
            assert_eq!(
                t.err("clock_settime", &[t.k().CLOCK_REALTIME, SCRATCH]),
                Errno::EPERM
            );
            assert_eq!(t.err("settimeofday", &[SCRATCH, 0]), Errno::EPERM);
            assert_eq!(t.ok("adjtimex", &[SCRATCH + 4096]), t.k().TIME_ERROR);
        }
    }
}
