//! Timers of a process and its limit of CPU time, on every profile.

use emu_cpu::GuestMemory;
use emu_prototypes::linux::Errno;

use crate::kernel::layout::Image;
use crate::kernel::linux::signals::{Extra, SigSet};
use crate::kernel::linux::trial::{Came, SCRATCH, Trial};
use crate::kernel::time::{CALLING, QUANTUM, SECOND};
use crate::kernel::wait::Wait;

const NUMBER: u64 = SCRATCH + 0x800;

fn put_spec(t: &mut Trial, first: u64, interval: u64) {
    let at = t.layouts().itimerspec;
    let mut image = Image::new(at.size, t.space.endian());
    image
        .put(at.it_value_tv_sec, first / SECOND)
        .put(at.it_value_tv_nsec, first % SECOND)
        .put(at.it_interval_tv_sec, interval / SECOND)
        .put(at.it_interval_tv_nsec, interval % SECOND);
    image.store(&mut t.space, SCRATCH).expect("scratch");
}

/// The rest and the interval.
fn spec(t: &mut Trial) -> (u64, u64) {
    let at = t.layouts().itimerspec;
    let image = Image::load(&mut t.space, SCRATCH, at.size).expect("scratch");
    (
        image.get(at.it_value_tv_sec) * SECOND + image.get(at.it_value_tv_nsec),
        image.get(at.it_interval_tv_sec) * SECOND + image.get(at.it_interval_tv_nsec),
    )
}

fn number(t: &mut Trial) -> u64 {
    t.space.read_u32(NUMBER).expect("scratch").into()
}

fn blocked(t: &mut Trial, signal: u64) {
    t.task.linux.mask = SigSet::of(signal as u32);
}

/// A quantum of guest code of the task.
fn work(t: &mut Trial, quanta: u64) {
    for _ in 0..quanta {
        t.kernel.clock.tick_quantum();
        t.kernel.look_at_cpu_timers(&mut t.task);
    }
}

#[test]
fn timers_are_numbered_from_0_and_tell_how_often_they_were_due() {
    for mut t in Trial::all() {
        let k = t.k();
        blocked(&mut t, k.SIGALRM);
        t.ok("timer_create", &[k.CLOCK_MONOTONIC, 0, NUMBER]);
        assert_eq!(number(&mut t), 0, "{}", t.name());
        put_spec(&mut t, 1000, 500);
        t.ok("timer_settime", &[0, 0, SCRATCH, 0]);
        let at = t.kernel.clock.now() + 1000;
        t.kernel.clock.wait_until(at + 1700);
        t.kernel.catch_up(Some(&mut t.task));
        let info = t.task.linux.process.borrow().pending.peek(k.SIGALRM as u32);
        let info = info.expect("a signal");
        assert_eq!(info.code as u64, k.SI_TIMER);
        // At 0, and at 500, 1000 and 1500 besides.
        assert_eq!(info.extra, Extra::Timer { id: 0, overrun: 3 });
        assert_eq!(t.ok("timer_getoverrun", &[0]), 3);
        t.ok("timer_gettime", &[0, SCRATCH]);
        assert_eq!(spec(&mut t).1, 500);
        t.ok("timer_delete", &[0]);
        assert_eq!(t.err("timer_delete", &[0]), Errno::EINVAL);
        assert_eq!(t.kernel.next_due(), None);
        // A number is not given again at once.
        t.ok("timer_create", &[k.CLOCK_MONOTONIC, 0, NUMBER]);
        assert_eq!(number(&mut t), 1);
        let raw = [k.CLOCK_MONOTONIC_RAW, 0, NUMBER];
        assert_eq!(t.err("timer_create", &raw), Errno::EOPNOTSUPP);
        assert_eq!(t.err("timer_create", &[77, 0, NUMBER]), Errno::EINVAL);
        assert_eq!(t.err("timer_create", &[0, 0, 8]), Errno::EFAULT);
    }
}

#[test]
fn a_timer_of_cpu_time_does_not_run_while_the_task_sleeps() {
    for mut t in Trial::all() {
        let k = t.k();
        blocked(&mut t, k.SIGALRM);
        let cpu = k.CLOCK_THREAD_CPUTIME_ID;
        t.ok("timer_create", &[cpu, 0, NUMBER]);
        put_spec(&mut t, 3 * QUANTUM, 0);
        t.ok("timer_settime", &[0, 0, SCRATCH, 0]);
        t.kernel.clock.wait_until(60 * SECOND);
        t.kernel.look_at_cpu_timers(&mut t.task);
        work(&mut t, 2);
        let came = |t: &Trial| t.task.linux.waiting().contains(k.SIGALRM as u32);
        assert!(!came(&t), "{}", t.name());
        work(&mut t, 1);
        assert!(came(&t), "{}", t.name());
        // It was for once: nobody has to watch any more.
        assert!(t.kernel.linux.cpu_watched.is_empty());
    }
}

#[test]
fn an_interval_timer_counts_guest_code_only_if_it_is_virtual() {
    for mut t in Trial::all() {
        let k = t.k();
        blocked(&mut t, k.SIGVTALRM);
        let at = t.layouts().itimerval;
        let mut image = Image::new(at.size, t.space.endian());
        image.put(at.it_value_tv_usec, 1500);
        image.store(&mut t.space, SCRATCH).expect("scratch");
        t.ok("setitimer", &[k.ITIMER_VIRTUAL, SCRATCH, 0]);
        // Of each call only what led to it.
        for _ in 0..1000 {
            t.ok("getpid", &[]);
        }
        t.kernel.look_at_cpu_timers(&mut t.task);
        t.ok("getitimer", &[k.ITIMER_VIRTUAL, SCRATCH]);
        let image = Image::load(&mut t.space, SCRATCH, at.size).expect("scratch");
        let left = 1500 - 1000 * CALLING / 1000;
        assert_eq!(image.get(at.it_value_tv_usec), left, "{}", t.name());
        work(&mut t, 2);
        assert!(t.task.linux.waiting().contains(k.SIGVTALRM as u32));
        assert_eq!(t.err("getitimer", &[3, SCRATCH]), Errno::EINVAL);
    }
}

#[test]
fn a_limit_of_cpu_time_warns_each_second_and_then_kills() {
    for mut t in Trial::all() {
        let k = t.k();
        blocked(&mut t, k.SIGXCPU);
        let at = t.layouts().rlimit64;
        let mut image = Image::new(at.size, t.space.endian());
        image.put(at.rlim_cur, 1).put(at.rlim_max, 3);
        image.store(&mut t.space, SCRATCH).expect("scratch");
        t.ok("prlimit64", &[0, k.RLIMIT_CPU, SCRATCH, 0]);
        let second = SECOND / QUANTUM;
        let (warned, killed) = (k.SIGXCPU as u32, k.SIGKILL as u32);
        work(&mut t, second - 1);
        assert!(t.task.linux.waiting().is_empty(), "{}", t.name());
        work(&mut t, 1);
        assert_eq!(t.task.linux.waiting(), SigSet::of(warned));
        t.ok("prlimit64", &[0, k.RLIMIT_CPU, 0, SCRATCH]);
        let image = Image::load(&mut t.space, SCRATCH, at.size).expect("scratch");
        assert_eq!(image.get(at.rlim_cur), 2);
        work(&mut t, second);
        assert!(!t.task.linux.waiting().contains(killed));
        work(&mut t, second);
        assert!(t.task.linux.waiting().contains(killed), "{}", t.name());
    }
}

#[test]
fn a_sleep_by_cpu_time_ends_with_that_time() {
    for mut t in Trial::all() {
        let k = t.k();
        let at = t.layouts().timespec;
        let mut image = Image::new(at.size, t.space.endian());
        image.put(at.tv_nsec, 5 * QUANTUM);
        image.store(&mut t.space, SCRATCH).expect("scratch");
        let args = [k.CLOCK_PROCESS_CPUTIME_ID, 0, SCRATCH, 0];
        let waits = Came::Waits(Wait::Signal);
        assert_eq!(t.call("clock_nanosleep", &args), waits, "{}", t.name());
        // Another thread works.
        t.task.waker.arm();
        work(&mut t, 4);
        assert!(t.task.waker.is_armed());
        work(&mut t, 1);
        assert!(!t.task.waker.is_armed(), "{}", t.name());
        assert_eq!(t.again("clock_nanosleep", &args), Came::Ok(0));
        assert!(t.kernel.linux.cpu_watched.is_empty());
    }
}

#[test]
fn a_thread_has_used_what_its_turns_were() {
    for mut t in Trial::all() {
        let k = t.k();
        // A turn of another thread of the process.
        t.kernel.clock.tick_quantum();
        let used = t.kernel.used(&t.task);
        t.task.linux.process.borrow_mut().used = used;
        t.kernel.begin_turn();
        let at = t.layouts().timespec;
        let mut read = |clock| {
            t.ok("clock_gettime", &[clock, SCRATCH]);
            let image = Image::load(&mut t.space, SCRATCH, at.size).expect("scratch");
            image.get(at.tv_nsec)
        };
        let all = read(k.CLOCK_PROCESS_CPUTIME_ID);
        let own = read(k.CLOCK_THREAD_CPUTIME_ID);
        assert!(all >= QUANTUM && own < QUANTUM, "{all} {own}");
        // Of guest code in the thread: what led to three calls, and to a fourth.
        assert_eq!(read(!0 << 3 | 4 | 1), 3 * CALLING);
        assert_eq!(read(!0 << 3 | 1), QUANTUM + 4 * CALLING);
    }
}

#[test]
fn an_alarm_is_told_in_whole_seconds() {
    for mut t in Trial::all() {
        let k = t.k();
        if !t.has("alarm") {
            continue;
        }
        assert_eq!(t.ok("alarm", &[10]), 0);
        t.kernel.clock.wait_until(4 * SECOND + SECOND / 4);
        assert_eq!(t.ok("alarm", &[1]), 6, "{}", t.name());
        t.kernel.clock.wait_until(6 * SECOND);
        blocked(&mut t, k.SIGALRM);
        t.kernel.catch_up(Some(&mut t.task));
        let waiting = t.task.linux.waiting();
        assert_eq!(waiting, SigSet::of(k.SIGALRM as u32));
        assert_eq!(t.ok("alarm", &[0]), 0);
    }
}
