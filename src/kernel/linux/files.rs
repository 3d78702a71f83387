//! Which files does a task have open? Its table of descriptors.

use std::collections::BTreeMap;
use std::rc::Rc;

use emu_prototypes::Stop;
use emu_prototypes::linux::Errno;

use crate::kernel::task::Tid;
use crate::kernel::vfs::locks::Owner;
use crate::kernel::vfs::{FsError, Handle, OpenFlags};

pub use crate::kernel::vfs::OpenFile;

/// The most descriptors a limit can allow.   [Linux fs/file.c, sysctl_nr_open]
pub const NR_OPEN: u64 = 1 << 20;

/// A table of descriptors.
#[derive(Default)]
pub struct Files {
    slots: Vec<Option<Slot>>,
    /// No descriptor below is free.
    lowest: usize,
    /// FIFOs that are being opened and wait for their other side: how often that had been opened before, by task.
    pub(super) opening: BTreeMap<Tid, (Rc<OpenFile>, (u64, u64))>,
}

/// A descriptor.
#[derive(Clone)]
pub struct Slot {
    /// The open file.
    pub file: Rc<OpenFile>,
    /// Whether `execve` closes it.
    pub close_on_exec: bool,
}

impl Files {
    /// A table with these as the first descriptors.
    pub fn new(files: impl IntoIterator<Item = Rc<OpenFile>>) -> Files {
        let slot = |file| {
            Some(Slot {
                file,
                close_on_exec: false,
            })
        };
        let slots: Vec<_> = files.into_iter().map(slot).collect();
        Files {
            lowest: slots.len(),
            slots,
            ..Files::default()
        }
    }

    /// A descriptor.
    pub fn slot(&self, fd: i32) -> Result<&Slot, Errno> {
        let slot = usize::try_from(fd)
            .ok()
            .and_then(|fd| self.slots.get(fd)?.as_ref());
        slot.ok_or(Errno::EBADF)
    }

    /// The open file of a descriptor, also when it is only pointed at (`O_PATH`).
    pub fn any(&self, fd: i32) -> Result<&Rc<OpenFile>, Errno> {
        Ok(&self.slot(fd)?.file)
    }

    /// The open file of a descriptor; one that is only pointed at counts as none.
    pub fn get(&self, fd: i32) -> Result<&Rc<OpenFile>, Errno> {
        let file = self.any(fd)?;
        if file.flags().contains(OpenFlags::PATH) {
            Err(Errno::EBADF)
        } else {
            Ok(file)
        }
    }

    /// The path of what a descriptor is open on, for those who show it.
    pub fn path(&self, fd: i32) -> Option<Vec<u8>> {
        Some(self.any(fd).ok()?.path())
    }

    /// All descriptors, lowest first.
    pub fn iter(&self) -> impl Iterator<Item = (i32, &Slot)> {
        let numbered =
            |(fd, slot): (usize, _)| Some((i32::try_from(fd).ok()?, Option::as_ref(slot)?));
        self.slots.iter().enumerate().filter_map(numbered)
    }

    /// How many descriptors there is room for now.
    pub fn capacity(&self) -> usize {
        self.slots.len()
    }

    /// Takes the lowest free descriptor from `from` on and below `limit`.
    pub fn insert(
        &mut self,
        file: Rc<OpenFile>,
        close_on_exec: bool,
        from: u64,
        limit: u64,
    ) -> Result<i32, Errno> {
        let fd = self.next(from, limit)?;
        if from <= self.lowest as u64 {
            self.lowest = fd + 1;
        }
        self.put(
            fd,
            Slot {
                file,
                close_on_exec,
            },
        );
        i32::try_from(fd).map_err(|_| Errno::EMFILE)
    }

    /// Whether there is a free descriptor from `from` on and below `limit`.
    pub fn room(&self, from: u64, limit: u64) -> Result<(), Errno> {
        self.next(from, limit).map(|_| ())
    }

    fn next(&self, from: u64, limit: u64) -> Result<usize, Errno> {
        let mut fd = usize::try_from(from).unwrap_or(usize::MAX).max(self.lowest);
        while self.slots.get(fd).is_some_and(Option::is_some) {
            fd += 1;
        }
        if fd as u64 >= limit.min(NR_OPEN) {
            Err(Errno::EMFILE)
        } else {
            Ok(fd)
        }
    }

    /// Makes `fd`, which is below the limit, another name of an open file, and gives what it was before.
    pub fn replace(&mut self, fd: i32, file: Rc<OpenFile>, close_on_exec: bool) -> Option<Slot> {
        let at = usize::try_from(fd).ok()?;
        let before = self.slots.get_mut(at).and_then(Option::take);
        self.put(
            at,
            Slot {
                file,
                close_on_exec,
            },
        );
        before
    }

    fn put(&mut self, fd: usize, slot: Slot) {
        if self.slots.len() <= fd {
            self.slots.resize_with(fd + 1, || None);
        }
        self.slots[fd] = Some(slot);
    }

    /// Sets whether `execve` closes a descriptor.
    pub fn set_close_on_exec(&mut self, fd: i32, close_on_exec: bool) -> Result<(), Errno> {
        let slot = usize::try_from(fd)
            .ok()
            .and_then(|fd| self.slots.get_mut(fd)?.as_mut());
        slot.ok_or(Errno::EBADF)?.close_on_exec = close_on_exec;
        Ok(())
    }

    /// Closes a descriptor of a process, which gives its record locks on that file up.
    pub fn close(&mut self, fd: i32, pid: Tid) -> Result<(), Errno> {
        let at = usize::try_from(fd).map_err(|_| Errno::EBADF)?;
        let slot = self
            .slots
            .get_mut(at)
            .and_then(Option::take)
            .ok_or(Errno::EBADF)?;
        self.lowest = self.lowest.min(at);
        slot.release(pid);
        Ok(())
    }

    /// Closes all descriptors that `execve` closes.
    pub fn exec(&mut self, pid: Tid) {
        self.close_if(pid, |_, slot| slot.close_on_exec);
    }

    /// Closes the descriptors that `wanted` chooses.
    pub fn close_if(&mut self, pid: Tid, wanted: impl Fn(i32, &Slot) -> bool) {
        let fds: Vec<i32> = self
            .iter()
            .filter(|(fd, slot)| wanted(*fd, slot))
            .map(|(fd, _)| fd)
            .collect();
        for fd in fds {
            let _ = self.close(fd, pid);
        }
    }

    /// A table of its own with the same open files (`fork`).
    pub fn duplicate(&self) -> Files {
        Files {
            slots: self.slots.clone(),
            lowest: self.lowest,
            ..Files::default()
        }
    }
}

impl Slot {
    /// Gives up the record locks that a process has on the file.
    pub(super) fn release(&self, pid: Tid) {
        self.file
            .node()
            .locks
            .borrow_mut()
            .release(Owner::Process(pid));
        if let Handle::Object(object) = &self.file.handle {
            object.closed(pid);
        }
    }
}

impl From<FsError> for Errno {
    fn from(error: FsError) -> Errno {
        match error {
            FsError::NotFound => Errno::ENOENT,
            FsError::NotDirectory => Errno::ENOTDIR,
            FsError::IsDirectory => Errno::EISDIR,
            FsError::Exists => Errno::EEXIST,
            FsError::NotEmpty => Errno::ENOTEMPTY,
            FsError::Loop => Errno::ELOOP,
            FsError::NameTooLong => Errno::ENAMETOOLONG,
            FsError::Access => Errno::EACCES,
            FsError::NotPermitted => Errno::EPERM,
            FsError::ReadOnly => Errno::EROFS,
            FsError::CrossDevice => Errno::EXDEV,
            FsError::NoSpace => Errno::ENOSPC,
            FsError::TooManyFiles => Errno::ENFILE,
            FsError::TextBusy => Errno::ETXTBSY,
            FsError::Busy => Errno::EBUSY,
            FsError::Invalid => Errno::EINVAL,
            FsError::NoDevice => Errno::ENXIO,
            FsError::NoSuchDevice => Errno::ENODEV,
            FsError::Io => Errno::EIO,
            FsError::TooManyLinks => Errno::EMLINK,
            FsError::BadDescriptor => Errno::EBADF,
            FsError::IllegalSeek => Errno::ESPIPE,
            FsError::WouldBlock => Errno::EAGAIN,
            FsError::BrokenPipe => Errno::EPIPE,
            FsError::TooBig => Errno::EFBIG,
            FsError::Overflow => Errno::EOVERFLOW,
            FsError::NotSupported => Errno::EOPNOTSUPP,
            FsError::NoData => Errno::ENODATA,
            FsError::Range => Errno::ERANGE,
            FsError::NoLocks => Errno::ENOLCK,
            FsError::Deadlock => Errno::EDEADLK,
            FsError::NoMemory => Errno::ENOMEM,
            FsError::Interrupted => Errno::EINTR,
            FsError::Stale => Errno::ESTALE,
            FsError::Fault => Errno::EFAULT,
            FsError::NoProcess => Errno::ESRCH,
            FsError::Net(error) => error.into(),
        }
    }
}

impl From<FsError> for Stop<Errno> {
    fn from(error: FsError) -> Stop<Errno> {
        Stop::Fail(error.into())
    }
}
