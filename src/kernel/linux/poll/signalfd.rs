//! Signals as a file: `signalfd`.   [signalfd(2); Linux fs/signalfd.c]

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::linux::{Errno, Outcome};

use crate::kernel::layout::Image;
use crate::kernel::linux::files::OpenFile;
use crate::kernel::linux::process::Process;
use crate::kernel::linux::signal::send::abi_of;
use crate::kernel::linux::signals::{Extra, Info, SigSet};
use crate::kernel::vfs::{FileObject, Handle, OpenFlags, Ready};
use crate::kernel::wait::{Interrupted, Wait, WaitQueue};
use crate::kernel::{Cx, Kernel};

/// A set of signals that are read instead of being delivered: those of whoever reads it, or waits for it. A set of files
/// that is itself waited for within another is told of those of the task that made this one.
pub(in crate::kernel::linux) struct SignalFile {
    mask: Cell<SigSet>,
    process: Rc<RefCell<Process>>,
    waiting: Rc<Cell<SigSet>>,
    queue: Rc<WaitQueue>,
}

impl FileObject for SignalFile {
    fn as_any(&self) -> &dyn Any {
        self
    }

    fn ready(&self, _now: u64) -> Ready {
        let waiting = self.waiting.get().with(self.process.borrow().pending.set());
        self.ready_with(waiting)
    }

    fn queue(&self) -> &WaitQueue {
        &self.queue
    }
}

impl SignalFile {
    /// What it is ready for, for a task for which these signals wait.
    pub(super) fn ready_with(&self, waiting: SigSet) -> Ready {
        match waiting.common(self.mask.get()).is_empty() {
            true => Ready::empty(),
            false => Ready::READ,
        }
    }
}

pub(super) fn open(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    fd: i32,
    (mask, size): (u64, u64),
    flags: u64,
) -> Outcome {
    let k = cx.k;
    if flags & !(k.SFD_CLOEXEC | k.SFD_NONBLOCK) != 0 || size != cx.set_size() {
        return Err(Errno::EINVAL.into());
    }
    let mask = cx
        .read_set(mask)?
        .without(SigSet::of(k.SIGKILL as u32))
        .without(SigSet::of(k.SIGSTOP as u32));
    if fd != -1 {
        let file = cx.file(fd)?;
        let known = file.object_of::<SignalFile>().ok_or(Errno::EINVAL)?;
        known.mask.set(mask);
        known.queue.wake();
        return Ok(u64::from(fd as u32));
    }
    let linux = &cx.task.linux;
    let file = SignalFile {
        mask: Cell::new(mask),
        process: linux.process.clone(),
        waiting: linux.pending.shared(),
        queue: linux.signalled.clone(),
    };
    let mut open = OpenFlags::READ | OpenFlags::WRITE;
    open.set(OpenFlags::NONBLOCK, flags & k.SFD_NONBLOCK != 0);
    let now = kernel.file_time();
    let handle = Handle::Object(Rc::new(file));
    let file = kernel
        .vfs
        .anonymous_file(b"anon_inode:[signalfd]", handle, open, now)?;
    cx.install(file, flags & k.SFD_CLOEXEC != 0)
}

/// Reads as many as are there, at least one.
pub(in crate::kernel::linux) fn read(
    cx: &mut Cx<'_>,
    file: &OpenFile,
    signals: &SignalFile,
    (address, len): (u64, u64),
) -> Outcome {
    let size = u64::from(cx.layouts.signalfd_siginfo.size);
    if len < size {
        return Err(Errno::EINVAL.into());
    }
    let own = abi_of(cx.task);
    let mut done = 0;
    while done + size <= len {
        let Some(info) = cx.task.linux.take_signal(signals.mask.get(), own) else {
            break;
        };
        let image = image(cx, &info);
        if image.store(cx.mem, address.wrapping_add(done)).is_err() {
            return if done > 0 {
                Ok(done)
            } else {
                Err(Errno::EFAULT.into())
            };
        }
        done += size;
    }
    if done > 0 {
        return Ok(done);
    }
    if file.nonblocking() {
        return Err(Errno::EAGAIN.into());
    }
    let queue = cx.task.linux.signalled.clone();
    cx.wait_in(&queue);
    Err::<u64, Stop<Errno>>(cx.block_as(Wait::File, Interrupted::Restarts))
}

/// `struct signalfd_siginfo`, which is the same on every ABI.
fn image(cx: &Cx<'_>, info: &Info) -> Image {
    let at = cx.layouts.signalfd_siginfo;
    let mut image = cx.image(at.size);
    image
        .put(at.ssi_signo, u64::from(info.signal))
        .put(at.ssi_code, info.code as u64);
    // One that a program made tells what it was made of.
    let made = info.raw.map(|_| info.image(cx.abi, cx.mem.endian()));
    let from = cx.layouts.siginfo;
    let (sender, value) = match &made {
        Some(made) => (
            Some((made.get(from.si_pid), made.get(from.si_uid))),
            made.get(from.si_value),
        ),
        None => (
            info.sender.map(|(pid, uid)| (pid as u64, u64::from(uid))),
            info.value,
        ),
    };
    if let Some((pid, uid)) = sender {
        image.put(at.ssi_pid, pid).put(at.ssi_uid, uid);
    }
    // A `union sigval`: its `int` is the first half of it in memory.
    let half = match (cx.word(), cx.mem.endian()) {
        (8, emu_cpu::Endian::Big) => value >> 32,
        _ => value & 0xffff_ffff,
    };
    image.put(at.ssi_int, half).put(at.ssi_ptr, value);
    if let Some(address) = info.address {
        image.put(at.ssi_addr, address);
    }
    match info.extra {
        Extra::None => {}
        Extra::Child {
            status,
            user,
            system,
        } => {
            image
                .put(at.ssi_status, status as u64)
                .put(at.ssi_utime, user)
                .put(at.ssi_stime, system);
        }
        Extra::Timer { id, overrun } => {
            image
                .put(at.ssi_tid, id as u64)
                .put(at.ssi_overrun, overrun as u64);
        }
        Extra::Poll { band, fd } => {
            image
                .put(at.ssi_band, band as u64)
                .put(at.ssi_fd, fd as u64);
        }
        // It is forced, and never waits to be read.
        Extra::Call { .. } => {}
    }
    image
}
