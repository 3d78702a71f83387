//! What does a process have open? `/proc/PID/fd` and `fdinfo`.

use super::Place;
use super::subject::Subject;
use crate::kernel::linux::file::open::flags_to;
use crate::kernel::linux::files::Slot;
use crate::kernel::vfs::{FsError, Made, OpenFlags, Target};

/// The mode of a descriptor's link tells how it is open.   [Linux fs/proc/fd.c, tid_fd_update_inode]
fn link_mode(flags: OpenFlags) -> u16 {
    let read = if flags.contains(OpenFlags::READ) {
        0o500
    } else {
        0
    };
    let write = if flags.contains(OpenFlags::WRITE) {
        0o300
    } else {
        0
    };
    read | write
}

impl Subject<'_> {
    fn slot(&self, fd: i32) -> Option<Slot> {
        let files = self.task?.linux.files.clone();
        let files = files.borrow();
        files.slot(fd).ok().cloned()
    }

    /// The link of a descriptor.
    pub(super) fn descriptor(&self, fd: i32) -> Option<Made> {
        let slot = self.slot(fd)?;
        let made = Made::link(Place::Descriptor(self.whose, fd).key());
        Some(self.made_of_descriptor(Made {
            mode: link_mode(slot.file.flags()),
            ..made
        }))
    }

    /// The file that tells of a descriptor.
    pub(super) fn descriptor_info(&self, fd: i32) -> Option<Made> {
        self.slot(fd)?;
        let made = Made::file(Place::DescriptorInfo(self.whose, fd).key());
        Some(self.made_of_descriptor(made))
    }

    /// All descriptors, as links or otherwise.
    pub(super) fn descriptors(&self, make: fn(&Self, i32) -> Option<Made>) -> Vec<(Vec<u8>, Made)> {
        let Some(task) = self.task else {
            return Vec::new();
        };
        let fds: Vec<i32> = task.linux.files.borrow().iter().map(|(fd, _)| fd).collect();
        fds.into_iter()
            .filter_map(|fd| Some((fd.to_string().into(), make(self, fd)?)))
            .collect()
    }

    /// What a descriptor is open on.
    pub(super) fn descriptor_target(&self, fd: i32) -> Result<Target, FsError> {
        let slot = self.slot(fd).ok_or(FsError::NotFound)?;
        Ok(Target::Entry(slot.file.entry.clone()))
    }

    /// [proc(5), /proc/pid/fdinfo/; Linux fs/proc/fd.c, seq_show]
    pub(super) fn descriptor_text(&self, fd: i32) -> Result<Vec<u8>, FsError> {
        let slot = self.slot(fd).ok_or(FsError::NotFound)?;
        let k = self.proc.k;
        let mut flags = flags_to(k, slot.file.flags());
        if slot.close_on_exec {
            flags |= k.O_CLOEXEC;
        }
        let mut text = format!(
            "pos:\t{}\nflags:\t0{flags:o}\nmnt_id:\t{}\nino:\t{}\n",
            slot.file.position.get(),
            self.proc.mount_of(&slot.file.entry),
            slot.file.node().ino
        );
        if let crate::kernel::vfs::Handle::Counter(counter) = &slot.file.handle {
            text += &format!("eventfd-count: {:16x}\n", counter.value.get());
        }
        Ok(text.into_bytes())
    }
}
