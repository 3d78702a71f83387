//! A process as a file: `pidfd`.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use emu_prototypes::linux::{Errno, Outcome};

use super::Process;
use crate::kernel::linux::procfs;
use crate::kernel::vfs::{FileObject, Handle, OpenFile, OpenFlags, Ready};
use crate::kernel::wait::WaitQueue;
use crate::kernel::{Cx, Kernel};

/// What a `pidfd` stands for.
pub(in crate::kernel::linux) struct PidFile {
    /// The process.
    pub process: Rc<RefCell<Process>>,
    ended: Rc<WaitQueue>,
}

impl FileObject for PidFile {
    fn as_any(&self) -> &dyn Any {
        self
    }

    /// It can be read from when the process has ended, though reading gives nothing.   [pidfd_open(2)]
    fn ready(&self, _now: u64) -> Ready {
        match self.process.borrow().is_zombie() {
            true => Ready::READ,
            false => Ready::empty(),
        }
    }

    fn queue(&self) -> &WaitQueue {
        &self.ended
    }
}

/// The process that an open file stands for.
pub(crate) fn pid_of(file: &OpenFile) -> Option<i32> {
    let file = file.object_of::<PidFile>()?;
    Some(file.process.borrow().pid)
}

/// Opens one; it is always closed by `execve`.
pub(super) fn make(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    process: &Rc<RefCell<Process>>,
    nonblocking: bool,
) -> Outcome {
    let file = PidFile {
        process: process.clone(),
        ended: process.borrow().ended.clone(),
    };
    let mut flags = OpenFlags::READ | OpenFlags::WRITE;
    flags.set(OpenFlags::NONBLOCK, nonblocking);
    let now = kernel.file_time();
    let handle = Handle::Object(Rc::new(file));
    let file = kernel
        .vfs
        .anonymous_file(b"anon_inode:[pidfd]", handle, flags, now)?;
    cx.install(file, true)
}

/// The process behind a descriptor.
pub(in crate::kernel::linux) fn process(
    cx: &Cx<'_>,
    fd: i32,
) -> Result<Rc<RefCell<Process>>, Errno> {
    let file = cx.file(fd)?;
    let file = file.object_of::<PidFile>().ok_or(Errno::EBADF)?;
    Ok(file.process.clone())
}

/// The process behind a descriptor that a signal is sent to: a directory of `/proc` will do.
/// [Linux kernel/signal.c, pidfd_to_pid; fs/proc/base.c, tgid_pidfd_to_pid]
pub(in crate::kernel::linux) fn target(
    kernel: &Kernel,
    cx: &Cx<'_>,
    fd: i32,
) -> Result<Rc<RefCell<Process>>, Errno> {
    let file = cx.file(fd)?;
    match procfs::process_directory(&file) {
        Some(pid) => kernel.linux.processes.get(pid).cloned().ok_or(Errno::ESRCH),
        None => process(cx, fd),
    }
}

/// [pidfd_open(2)]
pub(super) fn open(kernel: &mut Kernel, cx: &mut Cx<'_>, pid: i32, flags: u32) -> Outcome {
    let nonblocking = u64::from(flags) & cx.k.O_NONBLOCK != 0;
    if u64::from(flags) & !cx.k.O_NONBLOCK != 0 || pid <= 0 {
        return Err(Errno::EINVAL.into());
    }
    let process = kernel.linux.processes.get(pid).cloned();
    let process = process.ok_or(Errno::ESRCH)?;
    make(kernel, cx, &process, nonblocking)
}

/// A descriptor of another process.   [pidfd_getfd(2)]
pub(super) fn get(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    pidfd: i32,
    fd: i32,
    flags: u32,
) -> Outcome {
    if flags != 0 {
        return Err(Errno::EINVAL.into());
    }
    let process = process(cx, pidfd)?;
    let first = process.borrow().threads.first().copied();
    let first = first.ok_or(Errno::ESRCH)?;
    let files = kernel.with_task(Some(cx.task), first, |task| task.linux.files.clone());
    let file = files.ok_or(Errno::ESRCH)?.borrow().any(fd)?.clone();
    cx.install(file, true)
}
