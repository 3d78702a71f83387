//! Waiting for files: section `poll`.

mod epoll;
pub(super) mod inotify;
mod select;
pub(super) mod signalfd;
#[cfg(test)]
mod tests;
pub(super) mod timerfd;
mod wait;

pub(super) use inotify::InotifyFile;
pub(super) use signalfd::SignalFile;
pub(super) use timerfd::TimerFile;

use emu_prototypes::Stop;
use emu_prototypes::linux::services::Poll;
use emu_prototypes::linux::{self, Errno, Outcome};

use self::wait::{Deadline, Mask};
use crate::kernel::vfs::{Counter, Handle, OpenFlags};
use crate::kernel::{Cx, Kernel};

/// Nanoseconds in a millisecond.
const MILLISECOND: u64 = 1_000_000;

impl Poll<Cx<'_>> for Kernel {
    fn poll(&mut self, cx: &mut Cx<'_>, call: &linux::Poll) -> Outcome {
        let deadline = self.deadline_milliseconds(cx, call.timeout_msecs)?;
        self.poll_files(cx, (call.ufds.address, call.nfds), deadline)
    }

    fn ppoll(&mut self, cx: &mut Cx<'_>, call: &linux::Ppoll) -> Outcome {
        let deadline = self.deadline_timespec(cx, call.tsp.address, super::time::Form::Own)?;
        let mask = Mask {
            address: call.sigmask.address,
            size: call.sigsetsize,
        };
        cx.with_mask(mask, |cx| {
            self.poll_files(cx, (call.ufds.address, call.nfds), deadline)
        })
    }

    fn ppoll_time64(&mut self, cx: &mut Cx<'_>, call: &linux::PpollTime64) -> Outcome {
        let deadline = self.deadline_timespec(cx, call.tsp.address, super::time::Form::Wide)?;
        let mask = Mask {
            address: call.sigmask.address,
            size: call.sigsetsize,
        };
        cx.with_mask(mask, |cx| {
            self.poll_files(cx, (call.ufds.address, call.nfds), deadline)
        })
    }

    fn select(&mut self, cx: &mut Cx<'_>, call: &linux::Select) -> Outcome {
        let deadline = self.deadline_timeval(cx, call.tvp.address)?;
        let sets = [call.inp.address, call.outp.address, call.exp.address];
        self.select_files(cx, call.n, sets, deadline)
    }

    fn old_select(&mut self, cx: &mut Cx<'_>, call: &linux::OldSelect) -> Outcome {
        let layout = &cx.layouts.sel_arg_struct;
        let arguments = cx.load(call.arg.address, layout.size)?;
        let deadline = self.deadline_timeval(cx, arguments.get(layout.tvp))?;
        let sets = [layout.inp, layout.outp, layout.exp].map(|field| arguments.get(field));
        let count = super::file::ask::descriptor(arguments.get(layout.n));
        self.select_files(cx, count, sets, deadline)
    }

    fn pselect6(&mut self, cx: &mut Cx<'_>, call: &linux::Pselect6) -> Outcome {
        let deadline = self.deadline_timespec(cx, call.tsp.address, super::time::Form::Own)?;
        let mask = Mask::of_pselect(cx, call.sig.address)?;
        let sets = [call.inp.address, call.outp.address, call.exp.address];
        cx.with_mask(mask, |cx| self.select_files(cx, call.n, sets, deadline))
    }

    fn pselect6_time64(&mut self, cx: &mut Cx<'_>, call: &linux::Pselect6Time64) -> Outcome {
        let deadline = self.deadline_timespec(cx, call.tsp.address, super::time::Form::Wide)?;
        let mask = Mask::of_pselect(cx, call.sig.address)?;
        let sets = [call.inp.address, call.outp.address, call.exp.address];
        cx.with_mask(mask, |cx| self.select_files(cx, call.n, sets, deadline))
    }

    fn epoll_create(&mut self, cx: &mut Cx<'_>, call: &linux::EpollCreate) -> Outcome {
        if call.size <= 0 {
            return Err(Errno::EINVAL.into());
        }
        epoll::create(self, cx, 0)
    }

    fn epoll_create1(&mut self, cx: &mut Cx<'_>, call: &linux::EpollCreate1) -> Outcome {
        epoll::create(self, cx, call.flags)
    }

    fn epoll_ctl(&mut self, cx: &mut Cx<'_>, call: &linux::EpollCtl) -> Outcome {
        let what = (call.epfd, call.op, call.fd);
        epoll::control(self, cx, what, call.event.address)
    }

    fn epoll_wait(&mut self, cx: &mut Cx<'_>, call: &linux::EpollWait) -> Outcome {
        let deadline = self.deadline_milliseconds(cx, call.timeout)?;
        let events = (call.events.address, call.maxevents);
        self.epoll_files(cx, call.epfd, events, deadline)
    }

    fn epoll_pwait(&mut self, cx: &mut Cx<'_>, call: &linux::EpollPwait) -> Outcome {
        let deadline = self.deadline_milliseconds(cx, call.timeout)?;
        let mask = Mask {
            address: call.sigmask.address,
            size: call.sigsetsize,
        };
        let events = (call.events.address, call.maxevents);
        cx.with_mask(mask, |cx| self.epoll_files(cx, call.epfd, events, deadline))
    }

    fn epoll_pwait2(&mut self, cx: &mut Cx<'_>, call: &linux::EpollPwait2) -> Outcome {
        let form = super::time::Form::Wide;
        let mut deadline = self.deadline_timespec(cx, call.timeout.address, form)?;
        deadline.keep();
        let mask = Mask {
            address: call.sigmask.address,
            size: call.sigsetsize,
        };
        let events = (call.events.address, call.maxevents);
        cx.with_mask(mask, |cx| self.epoll_files(cx, call.epfd, events, deadline))
    }

    fn signalfd(&mut self, cx: &mut Cx<'_>, call: &linux::Signalfd) -> Outcome {
        signalfd::open(
            self,
            cx,
            call.ufd,
            (call.user_mask.address, call.sizemask),
            0,
        )
    }

    fn signalfd4(&mut self, cx: &mut Cx<'_>, call: &linux::Signalfd4) -> Outcome {
        let flags = u64::from(call.flags as u32);
        signalfd::open(
            self,
            cx,
            call.ufd,
            (call.user_mask.address, call.sizemask),
            flags,
        )
    }

    fn timerfd_create(&mut self, cx: &mut Cx<'_>, call: &linux::TimerfdCreate) -> Outcome {
        timerfd::create(self, cx, call.clockid, call.flags)
    }

    fn timerfd_settime(&mut self, cx: &mut Cx<'_>, call: &linux::TimerfdSettime) -> Outcome {
        let (new, old) = (call.utmr.address, call.otmr.address);
        timerfd::set(
            self,
            cx,
            (call.ufd, call.flags),
            new,
            old,
            super::time::Form::Own,
        )
    }

    fn timerfd_settime64(&mut self, cx: &mut Cx<'_>, call: &linux::TimerfdSettime64) -> Outcome {
        let (new, old) = (call.utmr.address, call.otmr.address);
        timerfd::set(
            self,
            cx,
            (call.ufd, call.flags),
            new,
            old,
            super::time::Form::Wide,
        )
    }

    fn timerfd_gettime(&mut self, cx: &mut Cx<'_>, call: &linux::TimerfdGettime) -> Outcome {
        timerfd::get(
            self,
            cx,
            call.ufd,
            call.otmr.address,
            super::time::Form::Own,
        )
    }

    fn timerfd_gettime64(&mut self, cx: &mut Cx<'_>, call: &linux::TimerfdGettime64) -> Outcome {
        timerfd::get(
            self,
            cx,
            call.ufd,
            call.otmr.address,
            super::time::Form::Wide,
        )
    }

    fn inotify_init(&mut self, cx: &mut Cx<'_>, _call: &linux::InotifyInit) -> Outcome {
        inotify::create(self, cx, 0)
    }

    fn inotify_init1(&mut self, cx: &mut Cx<'_>, call: &linux::InotifyInit1) -> Outcome {
        inotify::create(self, cx, call.flags)
    }

    fn inotify_add_watch(&mut self, cx: &mut Cx<'_>, call: &linux::InotifyAddWatch) -> Outcome {
        let path = cx.path(call.pathname)?;
        inotify::add(self, cx, call.fd, &path, call.mask)
    }

    fn inotify_rm_watch(&mut self, cx: &mut Cx<'_>, call: &linux::InotifyRmWatch) -> Outcome {
        inotify::remove(cx, call.fd, call.wd)
    }

    fn eventfd(&mut self, cx: &mut Cx<'_>, call: &linux::Eventfd) -> Outcome {
        self.make_counter(cx, call.count, 0)
    }

    fn eventfd2(&mut self, cx: &mut Cx<'_>, call: &linux::Eventfd2) -> Outcome {
        self.make_counter(cx, call.count, call.flags.cast_unsigned().into())
    }

    // Without CONFIG_FANOTIFY.
    fn fanotify_init(&mut self, _cx: &mut Cx<'_>, _call: &linux::FanotifyInit) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn fanotify_mark(&mut self, _cx: &mut Cx<'_>, _call: &linux::FanotifyMark) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    // Without CONFIG_AIO.
    fn io_setup(&mut self, _cx: &mut Cx<'_>, _call: &linux::IoSetup) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn io_destroy(&mut self, _cx: &mut Cx<'_>, _call: &linux::IoDestroy) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn io_submit(&mut self, _cx: &mut Cx<'_>, _call: &linux::IoSubmit) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn io_cancel(&mut self, _cx: &mut Cx<'_>, _call: &linux::IoCancel) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn io_getevents(&mut self, _cx: &mut Cx<'_>, _call: &linux::IoGetevents) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn io_pgetevents(&mut self, _cx: &mut Cx<'_>, _call: &linux::IoPgetevents) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn io_pgetevents_time64(
        &mut self,
        _cx: &mut Cx<'_>,
        _call: &linux::IoPgeteventsTime64,
    ) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    // Without CONFIG_IO_URING.
    fn io_uring_setup(&mut self, _cx: &mut Cx<'_>, _call: &linux::IoUringSetup) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn io_uring_enter(&mut self, _cx: &mut Cx<'_>, _call: &linux::IoUringEnter) -> Outcome {
        Err(Errno::ENOSYS.into())
    }

    fn io_uring_register(&mut self, _cx: &mut Cx<'_>, _call: &linux::IoUringRegister) -> Outcome {
        Err(Errno::ENOSYS.into())
    }
}

impl Kernel {
    /// A wait of so many milliseconds; of a negative number for ever.
    fn deadline_milliseconds(&self, cx: &mut Cx<'_>, time: i32) -> Result<Deadline, Stop<Errno>> {
        match u64::try_from(time) {
            Ok(time) => self.deadline_in(cx, time * MILLISECOND),
            Err(_) => Ok(Deadline::NEVER),
        }
    }

    fn make_counter(&mut self, cx: &mut Cx<'_>, count: u32, flags: u64) -> Outcome {
        let k = cx.k;
        if flags & !(k.EFD_CLOEXEC | k.EFD_NONBLOCK | k.EFD_SEMAPHORE) != 0 {
            return Err(Errno::EINVAL.into());
        }
        let counter = Counter {
            value: std::cell::Cell::new(count.into()),
            semaphore: flags & k.EFD_SEMAPHORE != 0,
            queue: Default::default(),
        };
        let mut open = OpenFlags::READ | OpenFlags::WRITE;
        open.set(OpenFlags::NONBLOCK, flags & k.EFD_NONBLOCK != 0);
        let now = self.file_time();
        let file = self.vfs.anonymous_file(
            b"anon_inode:[eventfd]",
            Handle::Counter(counter),
            open,
            now,
        )?;
        cx.install(file, flags & k.EFD_CLOEXEC != 0)
    }
}
