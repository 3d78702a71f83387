//! Sets of files, timers, signals and changes as files, on every profile.

use emu_cpu::GuestMemory;
use emu_prototypes::linux::Errno;

use crate::kernel::layout::Image;
use crate::kernel::linux::trial::{Came, SCRATCH, Trial};
use crate::kernel::time::CALL;
use crate::kernel::wait::Wait;

/// Where events come to.
const EVENTS: u64 = SCRATCH + 0x1000;
const DATA: u64 = 0x1234_5678_9abc_def0;
const MILLISECOND: u64 = 1_000_000;

fn add(t: &mut Trial, set: u64, fd: u64, events: u64) {
    control(t, set, t.k().EPOLL_CTL_ADD, fd, events);
}

fn control(t: &mut Trial, set: u64, op: u64, fd: u64, events: u64) {
    let at = t.layouts().epoll_event;
    let mut image = Image::new(at.size, t.space.endian());
    image.put(at.events, events).put(at.data, DATA + fd);
    image.store(&mut t.space, SCRATCH).expect("scratch");
    t.ok("epoll_ctl", &[set, op, fd, SCRATCH]);
}

/// What a set tells at once: the descriptors, by their data, and their events.
fn told(t: &mut Trial, set: u64) -> Vec<(u64, u64)> {
    // arm64 has no epoll_wait.
    let count = t.ok("epoll_pwait", &[set, EVENTS, 8, 0, 0, 0]);
    let at = t.layouts().epoll_event;
    (0..count)
        .map(|index| {
            let place = EVENTS + index * u64::from(at.size);
            let image = Image::load(&mut t.space, place, at.size).expect("scratch");
            (image.get(at.data) - DATA, image.get(at.events))
        })
        .collect()
}

fn counter(t: &mut Trial, value: u64) -> u64 {
    t.ok("eventfd2", &[value, t.k().EFD_NONBLOCK])
}

fn count_up(t: &mut Trial, fd: u64) {
    t.space.write_u64(SCRATCH, 1).expect("scratch");
    t.ok("write", &[fd, SCRATCH, 8]);
}

#[test]
fn an_event_has_a_gap_where_64_bits_are_aligned() {
    for t in Trial::all() {
        let at = t.layouts().epoll_event;
        // Packed on x86-64, so that 32-bit programs have the same.   [Linux include/uapi/linux/eventpoll.h, EPOLL_PACKED]
        let packed = ["linux_x86", "linux_x64"].contains(&t.name());
        let expected = if packed { (12, 4) } else { (16, 8) };
        assert_eq!((at.size, at.data.offset), expected, "{}", t.name());
    }
}

#[test]
fn levels_stay_and_edges_pass() {
    for mut t in Trial::all() {
        let k = t.k();
        let set = t.ok("epoll_create1", &[0]);
        let (level, edge, once) = (counter(&mut t, 1), counter(&mut t, 1), counter(&mut t, 1));
        add(&mut t, set, level, k.EPOLLIN);
        add(&mut t, set, edge, k.EPOLLIN | k.EPOLLET);
        add(&mut t, set, once, k.EPOLLIN | k.EPOLLONESHOT);
        let all = [level, edge, once].map(|fd| (fd, k.EPOLLIN));
        assert_eq!(told(&mut t, set), all, "{}", t.name());
        assert_eq!(told(&mut t, set), [(level, k.EPOLLIN)]);
        for fd in [edge, once] {
            count_up(&mut t, fd);
        }
        // Those that were told and stay are behind those that came.
        assert_eq!(
            told(&mut t, set),
            [(level, k.EPOLLIN), (edge, k.EPOLLIN)],
            "{}",
            t.name()
        );
        control(&mut t, set, k.EPOLL_CTL_MOD, once, k.EPOLLIN);
        assert!(told(&mut t, set).contains(&(once, k.EPOLLIN)));
        t.ok("read", &[edge, SCRATCH, 8]);
        t.ok("close", &[level]);
        assert_eq!(told(&mut t, set), [(once, k.EPOLLIN)]);
    }
}

#[test]
fn reading_is_no_edge_for_readers() {
    for mut t in Trial::all() {
        let k = t.k();
        let set = t.ok("epoll_create1", &[0]);
        let flags = k.EFD_NONBLOCK | k.EFD_SEMAPHORE;
        let fd = t.ok("eventfd2", &[3, flags]);
        add(&mut t, set, fd, k.EPOLLIN | k.EPOLLET);
        assert_eq!(told(&mut t, set), [(fd, k.EPOLLIN)]);
        t.ok("read", &[fd, SCRATCH, 8]);
        assert_eq!(told(&mut t, set), [], "{}", t.name());
        count_up(&mut t, fd);
        assert_eq!(told(&mut t, set), [(fd, k.EPOLLIN)]);
    }
}

#[test]
fn a_set_refuses_what_makes_no_sense() {
    for mut t in Trial::all() {
        let k = t.k();
        let set = t.ok("epoll_create1", &[k.EPOLL_CLOEXEC]);
        let inner = t.ok("epoll_create1", &[0]);
        let fd = counter(&mut t, 0);
        let here = k.AT_FDCWD;
        t.space.write(SCRATCH, b"/file\0").expect("scratch");
        let create = k.O_CREAT | k.O_RDWR;
        let file = t.ok("openat", &[here, SCRATCH, create, 0o600]);
        let (add_op, change, delete) = (k.EPOLL_CTL_ADD, k.EPOLL_CTL_MOD, k.EPOLL_CTL_DEL);
        t.space.write(SCRATCH, &[0; 16]).expect("scratch");
        for (args, error) in [
            ([set, add_op, 99, SCRATCH], Errno::EBADF),
            ([99, add_op, fd, SCRATCH], Errno::EBADF),
            ([fd, add_op, set, SCRATCH], Errno::EINVAL),
            ([set, add_op, set, SCRATCH], Errno::EINVAL),
            ([set, add_op, file, SCRATCH], Errno::EPERM),
            ([set, add_op, fd, 8], Errno::EFAULT),
            ([set, change, fd, SCRATCH], Errno::ENOENT),
            ([set, delete, fd, 0], Errno::ENOENT),
            ([set, 9, fd, SCRATCH], Errno::EINVAL),
        ] {
            assert_eq!(t.err("epoll_ctl", &args), error, "{} {args:?}", t.name());
        }
        add(&mut t, set, inner, k.EPOLLIN);
        assert_eq!(
            t.err("epoll_ctl", &[inner, add_op, set, SCRATCH]),
            Errno::ELOOP
        );
        add(&mut t, set, fd, k.EPOLLIN);
        assert_eq!(
            t.err("epoll_ctl", &[set, add_op, fd, SCRATCH]),
            Errno::EEXIST
        );
        assert_eq!(t.err("epoll_create1", &[1]), Errno::EINVAL);
        for most in [0, u64::MAX] {
            let args = [set, EVENTS, most, 0, 0, 0];
            assert_eq!(t.err("epoll_pwait", &args), Errno::EINVAL);
        }
    }
}

#[test]
fn who_waits_for_a_set_is_woken_by_a_member_of_a_member() {
    for mut t in Trial::all() {
        let k = t.k();
        let (outer, inner) = (t.ok("epoll_create1", &[0]), t.ok("epoll_create1", &[0]));
        let fd = counter(&mut t, 0);
        add(&mut t, inner, fd, k.EPOLLIN);
        add(&mut t, outer, inner, k.EPOLLIN);
        let args = [outer, EVENTS, 4, u64::MAX, 0, 0];
        assert_eq!(t.call("epoll_pwait", &args), Came::Waits(Wait::File));
        t.task.waker.arm();
        count_up(&mut t, fd);
        assert!(!t.task.waker.is_armed(), "{}", t.name());
        assert_eq!(t.again("epoll_pwait", &args), Came::Ok(1));
        let args = [outer, EVENTS, 4, 5, 0, 0];
        t.ok("read", &[fd, SCRATCH, 8]);
        let Came::Waits(Wait::Until(until)) = t.call("epoll_pwait", &args) else {
            panic!("{} does not wait", t.name())
        };
        t.kernel.clock.wait_until(until);
        assert_eq!(t.again("epoll_pwait", &args), Came::Ok(0));
    }
}

#[test]
fn sets_in_sets_are_looked_at_in_little_time() {
    for mut t in Trial::all() {
        let k = t.k();
        let leaf = counter(&mut t, 0);
        let mut below = vec![leaf];
        let mut refused = 0;
        for _ in 0..4 {
            let layer: Vec<u64> = (0..60).map(|_| t.ok("epoll_create1", &[0])).collect();
            for outer in &layer {
                for inner in &below {
                    t.space.write(SCRATCH, &[0; 16]).expect("scratch");
                    let at = t.layouts().epoll_event;
                    let mut image = Image::new(at.size, t.space.endian());
                    image.put(at.events, k.EPOLLIN);
                    image.store(&mut t.space, SCRATCH).expect("scratch");
                    match t.call("epoll_ctl", &[*outer, k.EPOLL_CTL_ADD, *inner, SCRATCH]) {
                        Came::Ok(0) => {}
                        came => {
                            assert_eq!(came, Came::Err(Errno::EINVAL), "{}", t.name());
                            refused += 1;
                        }
                    }
                }
            }
            below = layer;
        }
        assert!(refused > 0, "{} takes them all", t.name());
        for _ in 0..20 {
            count_up(&mut t, leaf);
            t.ok("read", &[leaf, SCRATCH, 8]);
            assert_eq!(t.ok("epoll_pwait", &[below[0], EVENTS, 8, 0, 0, 0]), 0);
        }
    }
}

/// Sets `it_value` and `it_interval`, in milliseconds.
fn put_spec(t: &mut Trial, first: u64, interval: u64) {
    let at = t.layouts().itimerspec;
    let mut image = Image::new(at.size, t.space.endian());
    image
        .put(at.it_value_tv_nsec, first * MILLISECOND)
        .put(at.it_interval_tv_nsec, interval * MILLISECOND);
    image.store(&mut t.space, SCRATCH).expect("scratch");
}

#[test]
fn a_timer_is_read_as_often_as_it_was_due() {
    for mut t in Trial::all() {
        let k = t.k();
        let fd = t.ok("timerfd_create", &[k.CLOCK_MONOTONIC, k.TFD_NONBLOCK]);
        let set = t.ok("epoll_create1", &[0]);
        add(&mut t, set, fd, k.EPOLLIN);
        put_spec(&mut t, 10, 4);
        t.ok("timerfd_settime", &[fd, 0, SCRATCH, 0]);
        let set_at = t.kernel.clock.now();
        assert_eq!(t.err("read", &[fd, SCRATCH, 8]), Errno::EAGAIN);
        assert_eq!(t.err("read", &[fd, SCRATCH, 7]), Errno::EINVAL);
        t.kernel.clock.wait_until(set_at + 19 * MILLISECOND);
        t.kernel.catch_up(None);
        assert_eq!(told(&mut t, set), [(fd, k.EPOLLIN)], "{}", t.name());
        assert_eq!(t.ok("read", &[fd, SCRATCH, 8]), 8);
        // At 10, 14 and 18 ms.
        assert_eq!(t.space.read_u64(SCRATCH), Ok(3));
        assert_eq!(told(&mut t, set), []);
        t.ok("timerfd_gettime", &[fd, SCRATCH]);
        let at = t.layouts().itimerspec;
        let image = Image::load(&mut t.space, SCRATCH, at.size).expect("scratch");
        let now = t.kernel.clock.now();
        let left = set_at + 22 * MILLISECOND - now;
        assert_eq!(image.get(at.it_value_tv_nsec), left);
        // Nothing keeps guest time going for a timer that is closed.
        t.ok("close", &[fd]);
        t.kernel.catch_up(None);
        assert_eq!(t.kernel.next_due(), None);
    }
}

#[test]
fn an_absolute_timer_in_the_past_is_due_at_once() {
    for mut t in Trial::all() {
        let k = t.k();
        for clock in [k.CLOCK_REALTIME, k.CLOCK_MONOTONIC, k.CLOCK_BOOTTIME] {
            let fd = t.ok("timerfd_create", &[clock, 0]);
            put_spec(&mut t, 1, 0);
            t.ok("timerfd_settime", &[fd, k.TFD_TIMER_ABSTIME, SCRATCH, 0]);
            assert_eq!(t.ok("read", &[fd, SCRATCH, 8]), 8);
            assert_eq!(t.space.read_u64(SCRATCH), Ok(1));
            assert_eq!(t.call("read", &[fd, SCRATCH, 8]), Came::Waits(Wait::File));
        }
        let cpu = k.CLOCK_PROCESS_CPUTIME_ID;
        assert_eq!(t.err("timerfd_create", &[cpu, 0]), Errno::EINVAL);
        let wakes = k.CLOCK_BOOTTIME_ALARM;
        assert_eq!(t.err("timerfd_create", &[wakes, 0]), Errno::EPERM);
    }
}

#[test]
fn a_signal_is_read_instead_of_delivered() {
    for mut t in Trial::all() {
        let k = t.k();
        let word = u64::from(t.layouts().iovec.iov_len.size);
        let size = k._NSIG / 8;
        let set = 1u64 << (k.SIGUSR1 - 1);
        match word {
            4 => t.space.write_u32(SCRATCH, set as u32),
            _ => t.space.write_u64(SCRATCH, set),
        }
        .expect("scratch");
        let rest = SCRATCH + word;
        t.space.write(rest, &[0; 16]).expect("scratch");
        t.ok("rt_sigprocmask", &[k.SIG_BLOCK, SCRATCH, 0, size]);
        let fd = t.ok("signalfd4", &[u64::MAX, SCRATCH, size, 0]);
        assert_eq!(
            t.call("read", &[fd, EVENTS, 256]),
            Came::Waits(Wait::File),
            "{}",
            t.name()
        );
        t.task.waker.arm();
        t.ok("kill", &[1000, k.SIGUSR1]);
        assert!(!t.task.waker.is_armed(), "{}", t.name());
        assert_eq!(t.err("read", &[fd, EVENTS, 127]), Errno::EINVAL);
        assert_eq!(t.again("read", &[fd, EVENTS, 256]), Came::Ok(128));
        let at = t.layouts().signalfd_siginfo;
        let image = Image::load(&mut t.space, EVENTS, at.size).expect("scratch");
        let found = (image.get(at.ssi_signo), image.get(at.ssi_pid));
        assert_eq!(found, (k.SIGUSR1, 1000));
        assert!(!t.task.linux.has_signals());
        assert_eq!(
            t.err("signalfd4", &[u64::MAX, SCRATCH, 7, 0]),
            Errno::EINVAL
        );
        assert_eq!(t.err("signalfd4", &[0, SCRATCH, size, 0]), Errno::EINVAL);
    }
}

#[test]
fn what_happens_in_a_directory_is_told_by_name() {
    for mut t in Trial::all() {
        let k = t.k();
        let fd = t.ok("inotify_init1", &[k.IN_NONBLOCK]);
        t.space.write(SCRATCH, b"/\0/name\0").expect("scratch");
        let wanted = k.IN_CREATE | k.IN_CLOSE_WRITE;
        assert_eq!(t.ok("inotify_add_watch", &[fd, SCRATCH, wanted]), 1);
        let create = k.O_CREAT | k.O_WRONLY;
        let file = t.ok("openat", &[k.AT_FDCWD, SCRATCH + 2, create, 0o600]);
        t.ok("close", &[file]);
        assert_eq!(t.err("read", &[fd, EVENTS, 31]), Errno::EINVAL);
        assert_eq!(t.ok("read", &[fd, EVENTS, 256]), 64, "{}", t.name());
        let at = t.layouts().inotify_event;
        for (place, mask) in [(EVENTS, k.IN_CREATE), (EVENTS + 32, k.IN_CLOSE_WRITE)] {
            let image = Image::load(&mut t.space, place, at.size).expect("scratch");
            let found = (image.get(at.wd), image.get(at.mask), image.get(at.len));
            assert_eq!(found, (1, mask, 16));
            let mut name = [0; 16];
            t.space.read(place + 16, &mut name).expect("scratch");
            assert_eq!(&name, b"name\0\0\0\0\0\0\0\0\0\0\0\0");
        }
        t.ok("inotify_rm_watch", &[fd, 1]);
        assert_eq!(t.err("inotify_rm_watch", &[fd, 1]), Errno::EINVAL);
        assert_eq!(t.ok("read", &[fd, EVENTS, 256]), 16);
    }
}

#[test]
fn a_wait_takes_only_calls_worth_of_time_when_something_is_there() {
    for mut t in Trial::all() {
        let k = t.k();
        let set = t.ok("epoll_create1", &[0]);
        let fd = counter(&mut t, 1);
        add(&mut t, set, fd, k.EPOLLIN);
        let before = t.kernel.clock.now();
        assert_eq!(t.ok("epoll_pwait", &[set, EVENTS, 1, 1000, 0, 0]), 1);
        assert_eq!(t.kernel.clock.now() - before, CALL);
    }
}
