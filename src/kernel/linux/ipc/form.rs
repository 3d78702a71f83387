//! Which form do the structures of a control call have?

use emu_prototypes::Field;

use super::table::{Change, Permissions};
use crate::kernel::Cx;
use crate::kernel::layout::Image;

/// The structures of old, with 16-bit owners, or those that all ABIs have now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Old,
    Wide,
}

impl Form {
    /// Whether a call's command tells the form by `IPC_64`, which is taken off it: that of ABIs with the old structures, and
    /// by those numbers that they had before there was one per call.   [Linux ipc/util.h, ipc_parse_version]
    pub(super) fn of(cx: &Cx<'_>, command: i32, tells: bool) -> (Form, u64) {
        let command = u64::from(command as u32);
        if !tells {
            return (Form::Wide, command);
        }
        match command & cx.k.IPC_64 {
            0 => (Form::Old, command),
            flag => (Form::Wide, command ^ flag),
        }
    }

    /// Whether the number by which the call came is one of those.
    pub(super) fn is_told(cx: &Cx<'_>) -> bool {
        cx.row.entry.contains("sys_old_")
    }
}

/// Where a structure has its permissions.
pub(super) struct Places {
    pub(super) key: Field,
    pub(super) uid: Field,
    pub(super) gid: Field,
    pub(super) cuid: Field,
    pub(super) cgid: Field,
    pub(super) mode: Field,
    pub(super) seq: Field,
}

/// The fields of a measured structure that begin with a prefix.
macro_rules! places {
    ($at:expr, $key:ident $uid:ident $gid:ident $cuid:ident $cgid:ident $mode:ident $seq:ident) => {
        $crate::kernel::linux::ipc::form::Places {
            key: $at.$key,
            uid: $at.$uid,
            gid: $at.$gid,
            cuid: $at.$cuid,
            cgid: $at.$cgid,
            mode: $at.$mode,
            seq: $at.$seq,
        }
    };
}
pub(super) use places;

impl Places {
    /// Writes permissions; owners that 16 bits can't hold become the overflow number.   [Linux include/linux/highuid.h]
    pub(super) fn put(&self, image: &mut Image, of: &Permissions, mode: u32) {
        let owner = |field: Field, owner: u32| match field.size {
            2 if owner > 0xffff => 0xfffe,
            _ => u64::from(owner),
        };
        image
            .put(self.key, of.key as u64)
            .put(self.uid, owner(self.uid, of.uid))
            .put(self.gid, owner(self.gid, of.gid))
            .put(self.cuid, owner(self.cuid, of.cuid))
            .put(self.cgid, owner(self.cgid, of.cgid))
            .put(self.mode, u64::from(mode))
            .put(self.seq, of.seq());
    }

    /// What `IPC_SET` wants.
    pub(super) fn get(&self, image: &Image) -> Change {
        let owner = |field: Field| image.get(field) as u32;
        Change {
            uid: owner(self.uid),
            gid: owner(self.gid),
            mode: image.get(self.mode) as u32,
        }
    }
}

/// Writes a time in seconds, its upper half too where it has a field of its own.
pub(super) fn put_time(image: &mut Image, low: Field, high: Field, seconds: u64) {
    image.put(low, seconds);
    image.put(high, seconds >> 32);
}
