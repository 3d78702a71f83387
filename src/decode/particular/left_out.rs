//! Which arguments a call does not look at, so that they are not shown?

use emu_prototypes::linux::id;

use super::super::Asked;
use super::{command, fcntl, futex, ioctl};

/// Bits of `clone` flags, the same on every ABI.   [Linux include/uapi/linux/sched.h]
const CLONE_PIDFD: u64 = 0x1000;
const CLONE_SETTLS: u64 = 0x8_0000;
const CLONE_PARENT_SETTID: u64 = 0x10_0000;
const CLONE_CHILD_CLEARTID: u64 = 0x20_0000;
const CLONE_CHILD_SETTID: u64 = 0x100_0000;

/// Whether an argument is not shown, since the call does not look at it.
pub(crate) fn left_out(asked: &Asked<'_>, field: u8) -> bool {
    if asked.extent.raw {
        return false;
    }
    let creates = |flags: u64| {
        let (create, temporary) = (asked.abi.k.O_CREAT, asked.abi.k.O_TMPFILE);
        flags & create != 0 || flags & temporary == temporary
    };
    match asked.info.id {
        id::OPEN => field == 2 && !creates(asked.arg(1)),
        id::OPENAT => field == 3 && !creates(asked.arg(2)),
        id::MQ_OPEN => field >= 2 && !creates(asked.arg(1)),
        // S_IFCHR and S_IFBLK have a device.
        id::MKNOD => field == 2 && !matches!(asked.arg(1) & 0o170_000, 0o020_000 | 0o060_000),
        id::MKNODAT => field == 3 && !matches!(asked.arg(2) & 0o170_000, 0o020_000 | 0o060_000),
        id::FCNTL | id::FCNTL64 => field == 2 && fcntl::of(asked) == fcntl::Argument::Nothing,
        id::IOCTL => field == 2 && ioctl::argument(asked).is_none(),
        // MREMAP_FIXED, MREMAP_DONTUNMAP
        id::MREMAP => field == 4 && asked.arg(3) & 6 == 0,
        id::CLONE => {
            let flags = asked.arg(0);
            match field {
                2 => flags & (CLONE_PARENT_SETTID | CLONE_PIDFD) == 0,
                3 => flags & CLONE_SETTLS == 0,
                4 => flags & (CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID) == 0,
                _ => false,
            }
        }
        id::FUTEX | id::FUTEX_TIME64 => {
            let takes = futex::takes(asked.arg(1));
            match field {
                2 => !takes.value,
                3 => !(takes.timeout || takes.second_value),
                4 => !takes.address,
                5 => !takes.third,
                _ => false,
            }
        }
        // The position stands in both, low half first; it is shown once.
        id::PREADV | id::PREADV2 | id::PWRITEV | id::PWRITEV2 => field == 4,
        // The kernel looks at the last one only.
        id::SIGSUSPEND => field < 2,
        id::READDIR => field == 2,
        // One offset in two halves, shown with the upper one.
        id::LLSEEK => field == 2,
        // Only reading takes a buffer and its size, only the console's level a number.
        id::SYSLOG => match asked.arg(0) {
            2..=4 | 8 => false,
            _ => field > 0,
        },
        // Only MEMBARRIER_CMD_FLAG_CPU makes the third count.
        id::MEMBARRIER => field == 2 && asked.arg(1) & 1 == 0,
        _ => command::leaves_out(asked, field),
    }
}
