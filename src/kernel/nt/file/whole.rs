//! Files that the kernel itself reads and writes, for who has asked it to.

use std::rc::Rc;

use emu_prototypes::nt::NtStatus;

use super::access;
use super::opened::Sharing;
use crate::kernel::nt::path::{self, Named, status};
use crate::kernel::vfs::{Limits, OpenFile, OpenFlags};
use crate::kernel::{Cx, Kernel};

impl Kernel {
    /// Opens the file that attributes name, or makes it, to be read and written by nobody else until it is closed.
    pub(in crate::kernel::nt) fn open_hive_file(
        &mut self,
        cx: &mut Cx<'_>,
        attributes: u64,
    ) -> Result<Rc<OpenFile>, NtStatus> {
        let attributes = cx.attributes(attributes)?;
        let attributes = attributes.ok_or(NtStatus::INVALID_PARAMETER)?;
        let Named::File(path) = self.named(cx, &attributes)? else {
            return Err(NtStatus::OBJECT_NAME_INVALID);
        };
        let sharing = Sharing {
            access: access::READ_DATA | access::WRITE_DATA,
            share: 0,
        };
        let file = self.nt_walk(|walker| {
            let path = path::spelled(walker, &path)?;
            let root = &walker.context.root;
            if let Ok(entry) = walker.find(root, &path, true) {
                self.nt.opened.may_open(&entry, sharing)?;
            }
            let how = OpenFlags::READ | OpenFlags::WRITE | OpenFlags::CREATE | OpenFlags::LARGE;
            let file = walker.open(root, &path, how, 0o666, Limits::empty());
            file.map_err(status)
        })?;
        self.nt.opened.insert(&file, sharing, 0);
        Ok(file)
    }

    /// All that is in a file, when that is no more than so many bytes.
    pub(in crate::kernel::nt) fn read_whole(
        &mut self,
        file: &OpenFile,
        most: u64,
    ) -> Result<Vec<u8>, NtStatus> {
        let size = file.attributes().map_err(status)?.size;
        if !file.has_positions() || size > most {
            return Err(NtStatus::INSUFFICIENT_RESOURCES);
        }
        let host = self.host.clone();
        let environment = self.nt_environment(host.as_ref());
        let mut out = vec![0; size as usize];
        let mut done = 0;
        while done < out.len() {
            let read = file.read(&environment, Some(done as u64), &mut out[done..]);
            match read.map_err(status)? {
                0 => break,
                count => done += count,
            }
        }
        out.truncate(done);
        Ok(out)
    }

    /// Has a file be these bytes, and no others.
    pub(in crate::kernel::nt) fn write_whole(
        &mut self,
        file: &OpenFile,
        bytes: &[u8],
    ) -> Result<(), NtStatus> {
        if !file.has_positions() {
            return Err(NtStatus::INVALID_DEVICE_REQUEST);
        }
        let now = self.nt_file_time();
        file.truncate(0, now).map_err(status)?;
        let host = self.host.clone();
        let environment = self.nt_environment(host.as_ref());
        let mut done = 0;
        while done < bytes.len() {
            let left = &bytes[done..];
            let written = file.write(&environment, Some(done as u64), left, left.len());
            match written.map_err(status)? {
                0 => return Err(NtStatus::DISK_FULL),
                count => done += count,
            }
        }
        self.tell_written(file);
        Ok(())
    }
}
