//! Arguments of calls on mounts and swap space.

use super::super::{Asked, Printer, number};

/// What makes `mount` look at neither type nor data: MS_BIND, MS_MOVE, MS_UNBINDABLE, MS_PRIVATE, MS_SLAVE, MS_SHARED.
/// [mount(2); Linux include/uapi/linux/mount.h]
const NO_DATA: u64 = 0x1000 | 0x2000 | 0x2_0000 | 0x4_0000 | 0x8_0000 | 0x10_0000;
const MS_REMOUNT: u64 = 0x20;

impl Printer<'_> {
    /// Flags of a mount, with the magic number that old programs put into the upper half.
    pub(super) fn mount_flags(&mut self, value: u64) {
        let magic = value & 0xffff_0000 == self.abi.k.MS_MGC_VAL;
        let rest = if magic { value & 0xffff } else { value };
        if magic {
            self.hex_or(self.abi.k.MS_MGC_VAL, |printer| printer.text("MS_MGC_VAL"));
            if rest == 0 {
                return;
            }
            self.out.push(b'|');
        }
        self.flags("mount", rest);
    }

    /// The type of a mount, or its data, when the call looks at it.
    pub(super) fn mount_text(&mut self, asked: &Asked<'_>, field: u8, value: u64) {
        let mut flags = asked.arg(3);
        if flags & 0xffff_0000 == self.abi.k.MS_MGC_VAL {
            flags &= 0xffff;
        }
        let unused = match field {
            2 => NO_DATA | MS_REMOUNT,
            _ => NO_DATA,
        };
        if flags & unused != 0 {
            self.address(value);
        } else {
            self.string(value);
        }
    }

    /// Flags of `swapon`, and the priority in the low bits.
    pub(super) fn swap_flags(&mut self, value: u64) {
        let (flags, priority) = (value & 0xffff_8000, value & 0x7fff);
        if flags != 0 {
            self.flags("swap", flags);
            self.out.push(b'|');
        }
        self.decimal(priority);
    }

    /// A quota command and whose quotas: `QCMD(Q_SYNC, GRPQUOTA)`.   [Linux include/uapi/linux/quota.h]
    pub(super) fn quota_command(&mut self, value: u64) {
        let value = value & 0xffff_ffff;
        let words = |printer: &mut Self| {
            printer.text("QCMD(");
            printer.value("quota", value >> 8);
            printer.text(", ");
            printer.value("quota_type", value & 0xff);
            printer.out.push(b')');
        };
        self.constant(|out| number::decimal(out, value), words);
    }
}
