//! What is mounted? `/proc/PID/mounts`, `mountinfo` and `mountstats`.

use std::rc::Rc;

use super::Proc;
use crate::kernel::vfs::Entry;

/// The number of the first mount.
const FIRST: usize = 20;

/// A path as `/proc/mounts` shows it.   [Linux fs/proc_namespace.c, mangle]
fn escaped(path: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    for byte in path {
        match byte {
            b' ' | b'\t' | b'\n' | b'\\' | b'#' => text.extend(format!("\\{byte:03o}").bytes()),
            byte => text.push(*byte),
        }
    }
    text
}

impl Proc<'_> {
    /// The number of the mount that something is in.
    pub(super) fn mount_of(&self, entry: &Rc<Entry>) -> usize {
        let mounts = self.kernel.vfs.mounts();
        let fs = &entry.node.fs;
        let found = mounts
            .iter()
            .position(|mount| Rc::ptr_eq(&mount.entry.node.fs, fs));
        // What has no place is in none that is shown.
        FIRST + found.unwrap_or(mounts.len())
    }

    pub(super) fn mounts(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for mount in self.kernel.vfs.mounts() {
            text.extend(mount.source.bytes());
            text.push(b' ');
            text.extend(escaped(&mount.path));
            text.extend(format!(" {} rw,noatime 0 0\n", mount.type_name()).bytes());
        }
        text
    }

    pub(super) fn mountinfo(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for (index, mount) in self.kernel.vfs.mounts().iter().enumerate() {
            let parent = if index == 0 { 1 } else { FIRST };
            let (major, minor) = mount.entry.node.attributes().device;
            text.extend(format!("{} {parent} {major}:{minor} / ", FIRST + index).bytes());
            text.extend(escaped(&mount.path));
            let (kind, source) = (mount.type_name(), mount.source);
            text.extend(format!(" rw,noatime - {kind} {source} rw\n").bytes());
        }
        text
    }

    /// [Linux fs/proc_namespace.c, show_vfsstat]
    pub(super) fn mountstats(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for mount in self.kernel.vfs.mounts() {
            text.extend(format!("device {} mounted on ", mount.source).bytes());
            text.extend(escaped(&mount.path));
            text.extend(format!(" with fstype {}\n", mount.type_name()).bytes());
        }
        text
    }
}
