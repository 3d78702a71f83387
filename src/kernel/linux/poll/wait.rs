//! What is waited for, how long, and with which signals blocked: `poll` and what all its relatives share.

use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::linux::{Constants, Errno, Outcome};

use super::SignalFile;
use crate::kernel::layout::Image;
use crate::kernel::linux::file::ask::descriptor;
use crate::kernel::linux::files::OpenFile;
use crate::kernel::linux::process::Resource;
use crate::kernel::linux::signals::SigSet;
use crate::kernel::linux::time::Form;
use crate::kernel::vfs::Ready;
use crate::kernel::wait::{Interrupted, Wait};
use crate::kernel::{Cx, Kernel};

/// When a wait is over, and where the guest wants to read how much of it was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Deadline {
    /// Guest time in nanoseconds since the start.
    at: Option<u64>,
    left: Option<(u64, Left)>,
}

/// The form of the time that is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    Timespec(Form),
    Timeval,
}

impl Deadline {
    /// Whether it is over at a point of guest time.
    pub(super) fn is_over(&self, now: u64) -> bool {
        self.at.is_some_and(|at| at <= now)
    }

    /// Its end, in nanoseconds of guest time since the start.
    pub(super) fn end(&self) -> Option<u64> {
        self.at
    }

    /// What is left of it is not told.
    pub(super) fn keep(&mut self) {
        self.left = None;
    }

    /// It is never over.
    pub(super) const NEVER: Deadline = Deadline {
        at: None,
        left: None,
    };
}

/// The blocked signals of `ppoll` and `pselect6`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mask {
    /// Where the set is; 0 when there is none.
    pub(super) address: u64,
    /// Its size in bytes.
    pub(super) size: u64,
}

impl Mask {
    /// `pselect6` has no argument left for the size: both are in memory.   [select(2)]
    pub(super) fn of_pselect(cx: &mut Cx<'_>, address: u64) -> Result<Mask, Errno> {
        if address == 0 {
            return Ok(Mask {
                address: 0,
                size: 0,
            });
        }
        let set = cx.read_word(address)?;
        let size = cx.read_word(address.wrapping_add(cx.word()))?;
        Ok(Mask { address: set, size })
    }
}

impl Cx<'_> {
    /// Makes a call with other signals blocked.
    pub(super) fn with_mask(
        &mut self,
        mask: Mask,
        call: impl FnOnce(&mut Self) -> Outcome,
    ) -> Outcome {
        if mask.address == 0 {
            return call(self);
        }
        if mask.size != self.set_size() {
            return Err(Errno::EINVAL.into());
        }
        if !self.again {
            let set = self.read_set(mask.address)?;
            let k = self.k;
            let kept = SigSet::of(k.SIGKILL as u32).with(SigSet::of(k.SIGSTOP as u32));
            self.task.linux.saved_mask = Some(self.task.linux.mask);
            self.task.linux.mask = set.without(kept);
        }
        let outcome = call(self);
        // After an interruption the handler runs first, and the mask is put back behind it.
        let waits = matches!(outcome, Err(Stop::Block) | Err(Stop::Fail(Errno::EINTR)));
        if !waits && let Some(mask) = self.task.linux.saved_mask.take() {
            self.task.linux.mask = mask;
        }
        outcome
    }
}

impl Kernel {
    /// A wait of so many nanoseconds.
    pub(super) fn deadline_in(&self, cx: &mut Cx<'_>, time: u64) -> Result<Deadline, Stop<Errno>> {
        let now = self.clock.now();
        let at = cx.deadline(|_| Ok(now.saturating_add(time)))?;
        Ok(Deadline {
            at: Some(at),
            left: None,
        })
    }

    /// A wait as a `struct timespec` says; without one it is never over.
    pub(super) fn deadline_timespec(
        &self,
        cx: &mut Cx<'_>,
        address: u64,
        form: Form,
    ) -> Result<Deadline, Stop<Errno>> {
        if address == 0 {
            return Ok(Deadline::NEVER);
        }
        let now = self.clock.now();
        let at = cx.deadline(|cx| Ok(now.saturating_add(cx.get_timespec(address, form)?)))?;
        Ok(Deadline {
            at: Some(at),
            left: Some((address, Left::Timespec(form))),
        })
    }

    /// A wait as a `struct timeval` says.
    pub(super) fn deadline_timeval(
        &self,
        cx: &mut Cx<'_>,
        address: u64,
    ) -> Result<Deadline, Stop<Errno>> {
        if address == 0 {
            return Ok(Deadline::NEVER);
        }
        let now = self.clock.now();
        let at = cx.deadline(|cx| {
            let layout = &cx.layouts.timeval;
            let image = cx.load(address, layout.size)?;
            let (seconds, micros) = (
                image.get_signed(layout.tv_sec),
                image.get_signed(layout.tv_usec),
            );
            // More than a second's worth is carried over.   [Linux fs/select.c, kern_select]
            let seconds = seconds.saturating_add(micros / 1_000_000);
            let (Ok(seconds), Ok(micros)) =
                (u64::try_from(seconds), u64::try_from(micros % 1_000_000))
            else {
                return Err(Errno::EINVAL.into());
            };
            let time = seconds
                .saturating_mul(1_000_000_000)
                .saturating_add(micros * 1000);
            Ok(now.saturating_add(time))
        })?;
        Ok(Deadline {
            at: Some(at),
            left: Some((address, Left::Timeval)),
        })
    }

    /// Tells the guest how much of the wait was left. What can't be written is not told.
    pub(super) fn tell_left(&self, cx: &mut Cx<'_>, deadline: Deadline) {
        let (Some(at), Some((address, form))) = (deadline.at, deadline.left) else {
            return;
        };
        let left = at.saturating_sub(self.clock.now());
        let _ = match form {
            Left::Timespec(form) => cx.put_timespec(address, form, left).is_ok(),
            Left::Timeval => {
                let layout = &cx.layouts.timeval;
                let mut image = cx.image(layout.size);
                image
                    .put(layout.tv_sec, left / 1_000_000_000)
                    .put(layout.tv_usec, left % 1_000_000_000 / 1000);
                image.store(cx.mem, address).is_ok()
            }
        };
    }

    /// What a file is ready for, for a task for which these signals wait.
    pub(super) fn ready(&self, file: &OpenFile, signals: SigSet) -> Ready {
        match file.object_of::<SignalFile>() {
            Some(file) => file.ready_with(signals),
            None => file.ready(self.host.as_ref(), self.clock.now()),
        }
    }

    /// Waits until `ready` finds something: how many, or nothing when the time is over. `files` are those it asks, and
    /// whether it asks for input.
    pub(super) fn wait_for(
        &mut self,
        cx: &mut Cx<'_>,
        files: &[(Rc<OpenFile>, bool)],
        deadline: Deadline,
        ready: impl FnOnce(&Kernel) -> u64,
    ) -> Outcome {
        let count = ready(self);
        let now = self.clock.now();
        if count > 0 || deadline.at.is_some_and(|at| at <= now) {
            return Ok(count);
        }
        if cx.is_interrupted() {
            return Err(Errno::EINTR.into());
        }
        let mut wait = deadline.at.map_or(Wait::File, Wait::Until);
        for (file, input) in files {
            if file.object_of::<SignalFile>().is_some() {
                cx.wait_in(&cx.task.linux.signalled);
            }
            match cx.wait_file(file, wait.until()) {
                // Input that nobody asks for wakes nobody.
                Wait::Input(..) if !input => {}
                Wait::Input(stream, until) => {
                    wait = match wait {
                        Wait::Network(..) => Wait::Network(Some(stream), until),
                        _ => Wait::Input(stream, until),
                    };
                }
                Wait::Network(_, until) => {
                    wait = match wait {
                        Wait::Input(stream, _) | Wait::Network(Some(stream), _) => {
                            Wait::Network(Some(stream), until)
                        }
                        _ => Wait::Network(None, until),
                    };
                }
                Wait::Until(time) => {
                    wait = match wait {
                        Wait::Input(stream, _) => Wait::Input(stream, Some(time)),
                        Wait::Network(stream, _) => Wait::Network(stream, Some(time)),
                        _ => Wait::Until(time),
                    };
                }
                _ => {}
            }
        }
        Err(cx.block_as(wait, Interrupted::GoesOn))
    }

    /// `poll` in all its forms.
    pub(super) fn poll_files(
        &mut self,
        cx: &mut Cx<'_>,
        (address, count): (u64, u32),
        deadline: Deadline,
    ) -> Outcome {
        let limit = cx.process().limits.soft(Resource::Nofile);
        if u64::from(count) > limit {
            return Err(Errno::EINVAL.into());
        }
        let layout = &cx.layouts.pollfd;
        let size = u64::from(layout.size);
        let bytes = usize::try_from(size * u64::from(count)).map_err(|_| Errno::EINVAL)?;
        let mut all = vec![0; bytes];
        cx.mem.read(address, &mut all)?;
        let endian = cx.mem.endian();
        let k = cx.k;
        let table = cx.task.linux.files.clone();
        let mut files = Vec::new();
        let mut asked = Vec::with_capacity(count as usize);
        for part in all.chunks_exact(layout.size as usize) {
            let image = Image::from_bytes(part.to_vec(), endian);
            let fd = descriptor(image.get(layout.fd));
            let events = image.get(layout.events) & 0xffff;
            let file = if fd < 0 {
                None
            } else {
                Some(table.borrow().get(fd).ok().cloned())
            };
            if let Some(Some(file)) = &file {
                files.push((file.clone(), events & (k.POLLIN | k.POLLRDNORM) != 0));
            }
            asked.push((file, events));
        }
        let mut found = vec![0; asked.len()];
        let signals = cx.task.linux.waiting();
        let outcome = self.wait_for(cx, &files, deadline, |kernel| {
            let mut some = 0;
            for ((file, events), found) in asked.iter().zip(&mut found) {
                *found = match file {
                    None => 0,
                    Some(None) => k.POLLNVAL,
                    Some(Some(file)) => {
                        let always = k.POLLERR | k.POLLHUP | k.POLLNVAL;
                        events_of(k, kernel.ready(file, signals)) & (events | always)
                    }
                };
                some += u64::from(*found != 0);
            }
            some
        });
        if let Ok(_) | Err(Stop::Fail(_)) = &outcome {
            self.tell_left(cx, deadline);
        }
        let some = outcome?;
        for (index, found) in found.into_iter().enumerate() {
            let at = address.wrapping_add(size * index as u64 + u64::from(layout.revents.offset));
            cx.mem.write_u16(at, found as u16)?;
        }
        Ok(some)
    }
}

/// What a file is ready for, in the words of `poll`.
pub(super) fn events_of(k: &Constants, ready: Ready) -> u64 {
    let mut events = 0;
    for (what, bits) in [
        (Ready::READ, k.POLLIN | k.POLLRDNORM),
        (Ready::WRITE, k.POLLOUT | k.POLLWRNORM),
        (Ready::HANGUP, k.POLLHUP),
        (Ready::ERROR, k.POLLERR),
        (Ready::READ_HANGUP, k.POLLRDHUP),
        (Ready::PRIORITY, k.POLLPRI),
    ] {
        if ready.contains(what) {
            events |= bits;
        }
    }
    events
}
