//! A timer as a file: `timerfd`.   [timerfd_create(2); Linux fs/timerfd.c]

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::linux::{Errno, Outcome};

use crate::kernel::linux::Alarm;
use crate::kernel::linux::files::OpenFile;
use crate::kernel::linux::time::{Form, Which, which};
use crate::kernel::linux::timers::Spec;
use crate::kernel::timer::Ticket;
use crate::kernel::vfs::{FileObject, FsError, Handle, OpenFlags, Ready};
use crate::kernel::wait::{WaitQueue, Wake};
use crate::kernel::{Cx, Kernel};

/// A timer that is read.
pub(in crate::kernel::linux) struct TimerFile {
    /// Whether absolute times are the wall clock's.
    wall: bool,
    /// When it is due next, in nanoseconds of guest time since the start, and its interval.
    armed: Cell<Option<(u64, u64)>>,
    bell: Rc<Bell>,
    /// Its place in the kernel's table, which it leaves when it is closed.
    place: RefCell<Option<Ticket>>,
}

/// Who is told when it is due.
#[derive(Default)]
struct Bell(WaitQueue);

impl Wake for Bell {
    fn wake(&self) -> bool {
        self.0.wake_for(Ready::READ);
        false
    }
}

impl TimerFile {
    /// Takes the times it was due.
    fn take(&self, now: u64) -> Result<u64, FsError> {
        match self.armed.get() {
            Some((at, interval)) if at <= now => {
                let more = (now - at).checked_div(interval).unwrap_or(0);
                let next = at.saturating_add(interval.saturating_mul(more.saturating_add(1)));
                self.armed.set((interval != 0).then_some((next, interval)));
                Ok(more.saturating_add(1))
            }
            _ => Err(FsError::WouldBlock),
        }
    }

    fn left(&self, now: u64) -> Spec {
        match self.armed.get() {
            Some((at, interval)) => {
                // Of one that was due and comes again, the time until it does.
                let at = match (now.checked_sub(at), interval) {
                    (Some(late), interval) if interval > 0 => {
                        at.saturating_add(interval.saturating_mul(late / interval + 1))
                    }
                    _ => at,
                };
                Spec {
                    first: at.saturating_sub(now),
                    interval,
                }
            }
            None => Spec {
                first: 0,
                interval: 0,
            },
        }
    }
}

impl FileObject for TimerFile {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn ready(&self, now: u64) -> Ready {
        match self.armed.get() {
            Some((at, _)) if at <= now => Ready::READ,
            _ => Ready::empty(),
        }
    }

    fn queue(&self) -> &WaitQueue {
        &self.bell.0
    }
}

pub(super) fn create(kernel: &mut Kernel, cx: &mut Cx<'_>, clock: i32, flags: i32) -> Outcome {
    let k = cx.k;
    let flags = u64::from(flags as u32);
    let known = [
        k.CLOCK_REALTIME,
        k.CLOCK_MONOTONIC,
        k.CLOCK_BOOTTIME,
        k.CLOCK_REALTIME_ALARM,
        k.CLOCK_BOOTTIME_ALARM,
    ];
    if flags & !(k.TFD_CLOEXEC | k.TFD_NONBLOCK) != 0 || !known.contains(&u64::from(clock as u32)) {
        return Err(Errno::EINVAL.into());
    }
    // Waking a machine that sleeps is for those who may.
    let alarms = [k.CLOCK_REALTIME_ALARM, k.CLOCK_BOOTTIME_ALARM];
    if alarms.contains(&(clock as u64)) && !cx.capable(k.CAP_WAKE_ALARM) {
        return Err(Errno::EPERM.into());
    }
    let wall = matches!(which(kernel, cx, clock, false)?, Which::Real);
    let timer = TimerFile {
        wall,
        armed: Cell::new(None),
        bell: Rc::default(),
        place: RefCell::default(),
    };
    let mut open = OpenFlags::READ | OpenFlags::WRITE;
    open.set(OpenFlags::NONBLOCK, flags & k.TFD_NONBLOCK != 0);
    let now = kernel.file_time();
    let handle = Handle::Object(Rc::new(timer));
    let file = kernel
        .vfs
        .anonymous_file(b"anon_inode:[timerfd]", handle, open, now)?;
    cx.install(file, flags & k.TFD_CLOEXEC != 0)
}

/// The open file of a descriptor, which has to be a timer.
fn file(cx: &Cx<'_>, fd: i32) -> Result<Rc<OpenFile>, Errno> {
    let file = cx.file(fd)?;
    match file.object_of::<TimerFile>() {
        Some(_) => Ok(file),
        None => Err(Errno::EINVAL),
    }
}

/// Has the kernel ring when the timer is due.
fn ring(kernel: &mut Kernel, timer: &TimerFile) {
    timer.place.replace(None);
    if let Some((at, _)) = timer.armed.get() {
        let alarm = Alarm::Wake(timer.bell.clone());
        let ticket = kernel.linux.timers.keep(at, alarm);
        timer.place.replace(Some(ticket));
    }
}

pub(super) fn set(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    (fd, flags): (i32, i32),
    new: u64,
    old: u64,
    form: Form,
) -> Outcome {
    let k = cx.k;
    let flags = u64::from(flags as u32);
    let spec = cx.get_itimerspec(new, form)?;
    if flags & !(k.TFD_TIMER_ABSTIME | k.TFD_TIMER_CANCEL_ON_SET) != 0 {
        return Err(Errno::EINVAL.into());
    }
    let file = file(cx, fd)?;
    let Some(timer) = file.object_of::<TimerFile>() else {
        return Err(Errno::EINVAL.into());
    };
    let now = kernel.clock.now();
    let before = timer.left(now);
    let at = match (spec.first, flags & k.TFD_TIMER_ABSTIME != 0) {
        (0, _) => None,
        (first, false) => Some(now.saturating_add(first)),
        (first, true) => {
            let clock = if timer.wall {
                kernel.clock.wall()
            } else {
                kernel.clock.monotonic()
            };
            Some(now.saturating_add(first.saturating_sub(clock)))
        }
    };
    timer.armed.set(at.map(|at| (at, spec.interval)));
    ring(kernel, timer);
    timer.bell.0.wake_for(Ready::READ);
    if old != 0 {
        cx.put_itimerspec(old, form, before)?;
    }
    Ok(0)
}

pub(super) fn get(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    fd: i32,
    address: u64,
    form: Form,
) -> Outcome {
    let file = file(cx, fd)?;
    let left = file
        .object_of::<TimerFile>()
        .map(|timer| timer.left(kernel.clock.now()));
    cx.put_itimerspec(address, form, left.ok_or(Errno::EINVAL)?)?;
    Ok(0)
}

/// Reads how often it was due, as a number of 64 bits.
pub(in crate::kernel::linux) fn read(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    file: &OpenFile,
    timer: &TimerFile,
    address: u64,
) -> Outcome {
    let now = kernel.clock.now();
    match timer.take(now) {
        Ok(times) => {
            ring(kernel, timer);
            cx.mem.write_u64(address, times)?;
            Ok(8)
        }
        Err(FsError::WouldBlock) if !file.nonblocking() => Err(cx.wait_for_file(file)),
        Err(error) => Err(error.into()),
    }
}
