//! What is special about single calls: arguments that depend on each other, that are left out, that are shown in another
//! order, or in another way than their meaning says.

mod fcntl;
mod file;
mod futex;
pub(super) mod group;
mod ioctl;
mod process;

use emu_prototypes::Meaning;
use emu_prototypes::linux::id;

use super::quote::{self, Style};
use super::{Asked, Phase, Printer, When, number};

/// The order in which arguments are shown, where that is not the profile's.
pub(super) fn order(asked: &Asked<'_>) -> Option<&'static [u8]> {
    match asked.info.id {
        // The stack comes first on each ABI; what follows the flags depends on them.
        id::CLONE => Some(&[1, 0, 2, 3, 4]),
        _ => None,
    }
}

/// A word before an argument.
pub(super) fn label(asked: &Asked<'_>, field: u8) -> Option<&'static str> {
    match (asked.info.id, field) {
        (id::CLONE, 0) => Some("flags="),
        (id::CLONE, 1) => Some("child_stack="),
        (id::CLONE, 2) => Some("parent_tid="),
        (id::CLONE, 3) => Some("tls="),
        (id::CLONE, 4) => Some("child_tidptr="),
        _ => None,
    }
}

/// Bits of `clone` flags, the same on every ABI.   [Linux include/uapi/linux/sched.h]
const CLONE_PIDFD: u64 = 0x1000;
const CLONE_SETTLS: u64 = 0x8_0000;
const CLONE_PARENT_SETTID: u64 = 0x10_0000;
const CLONE_CHILD_CLEARTID: u64 = 0x20_0000;
const CLONE_CHILD_SETTID: u64 = 0x100_0000;

fn name_of(asked: &Asked<'_>, field: u8, group: &str) -> Option<&'static str> {
    let value = asked.arg(field) & 0xffff_ffff;
    let members = asked.abi.group(group)?;
    members
        .iter()
        .find(|(_, v)| *v & 0xffff_ffff == value)
        .map(|(name, _)| *name)
}

/// Whether an argument is not shown, since the call does not look at it.
pub(crate) fn left_out(asked: &Asked<'_>, field: u8) -> bool {
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
        id::IOCTL => field == 2 && ioctl::of(asked) == ioctl::Argument::Nothing,
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
                3 => !(takes.timeout || takes.second_value),
                4 => !takes.address,
                5 => !takes.third,
                _ => false,
            }
        }
        // The position stands in both, low half first; it is shown once.
        id::PREADV | id::PREADV2 | id::PWRITEV | id::PWRITEV2 => field == 4,
        // One offset in two halves, shown with the upper one.
        id::LLSEEK => field == 2,
        // Only reading takes a buffer, only a level of the console the number behind it.
        id::SYSLOG => match asked.arg(0) {
            2..=4 => false,
            8 => field == 1,
            _ => field > 0,
        },
        id::PRCTL => field > process::prctl_arguments(name_of(asked, 0, group::PRCTL)),
        // Only MEMBARRIER_CMD_FLAG_CPU makes the third count.
        id::MEMBARRIER => field == 2 && asked.arg(1) & 1 == 0,
        _ => false,
    }
}

/// When an argument can be shown.
pub(crate) fn when(asked: &Asked<'_>, field: u8) -> When {
    match (asked.info.id, field) {
        (id::FCNTL | id::FCNTL64, 2) => {
            return match fcntl::of(asked) {
                fcntl::Argument::Lock { get: true, .. } | fcntl::Argument::Owner { get: true } => {
                    When::Exit
                }
                _ => When::Enter,
            };
        }
        (id::IOCTL, 2) => {
            return match ioctl::of(asked) {
                ioctl::Argument::Out(_) | ioctl::Argument::IntOut => When::Exit,
                _ => When::Enter,
            };
        }
        (id::PRCTL, 1) => {
            return match name_of(asked, 0, group::PRCTL) {
                Some(
                    "PR_GET_NAME"
                    | "PR_GET_PDEATHSIG"
                    | "PR_GET_CHILD_SUBREAPER"
                    | "PR_GET_TSC"
                    | "PR_GET_ENDIAN"
                    | "PR_GET_UNALIGN",
                ) => When::Exit,
                _ => When::Enter,
            };
        }
        (id::ARCH_PRCTL, 1) => {
            return match name_of(asked, 0, "arch_prctl") {
                Some(name) if name.starts_with("ARCH_GET") => When::Exit,
                _ => When::Enter,
            };
        }
        // What was left to sleep is there only after an interruption.
        (id::NANOSLEEP, 1) | (id::CLOCK_NANOSLEEP | id::CLOCK_NANOSLEEP_TIME64, 3) => {
            return When::Exit;
        }
        (id::GETGROUPS | id::GETGROUPS16, 1) | (id::GETSOCKOPT, 3) | (id::MINCORE, 2) => {
            return When::Exit;
        }
        (id::COPY_FILE_RANGE | id::SPLICE, 1 | 3) => return When::Enter,
        _ => {}
    }
    match asked.meaning(field) {
        Meaning::Out { .. }
        | Meaning::OutStr { .. }
        | Meaning::IovecOut { .. }
        | Meaning::StructOut(_)
        | Meaning::ArrayOut { .. }
        | Meaning::Dirents { .. }
        | Meaning::SigSetOut { .. }
        | Meaning::SockaddrOut { .. }
        | Meaning::IntOut
        | Meaning::IdOut
        | Meaning::WaitStatusOut
        | Meaning::LongOut
        | Meaning::FdPairOut
        | Meaning::Int64Out
        | Meaning::HandleOut
        | Meaning::ByteOut
        | Meaning::ShortOut
        | Meaning::Filled { .. } => When::Exit,
        Meaning::IntInOut | Meaning::Int64InOut | Meaning::LongInOut => When::Both,
        // Times that count down and arrays of descriptors are told behind the result.
        Meaning::StructInOut(
            "timeval" | "timespec" | "timespec64" | "clone_args" | "timeval64",
        ) => When::Enter,
        Meaning::StructInOut(_) => When::Exit,
        Meaning::ArrayInOut { of: "pollfd", .. } => When::Enter,
        Meaning::ArrayInOut { .. } => When::Exit,
        _ => When::Enter,
    }
}

/// The options of a level of `setsockopt`.
fn socket_options(level: Option<&str>) -> Option<&'static str> {
    Some(match level? {
        "SOL_SOCKET" => "socket_option",
        "IPPROTO_IP" => "ip_option",
        "IPPROTO_IPV6" => "ipv6_option",
        "IPPROTO_TCP" => "tcp_option",
        _ => return None,
    })
}

/// Whether a pointer whose meaning says nothing is shown in a way of its own.
pub(super) fn shows(call: u16, field: u8) -> bool {
    matches!(
        (call, field),
        (
            id::GETGROUPS | id::GETGROUPS16 | id::SETGROUPS | id::SETGROUPS16,
            1
        ) | (id::MINCORE, 2)
            | (id::GETSOCKOPT, 3)
            | (id::PSELECT6 | id::PSELECT6_TIME64, 5)
            | (id::CLONE, _)
    )
}

/// Appends an argument that is shown in a way of its own. False when its meaning says all.
pub(super) fn argument(
    printer: &mut Printer<'_>,
    asked: &Asked<'_>,
    field: u8,
    phase: Phase,
) -> bool {
    let value = asked.arg(field);
    match (asked.info.id, field) {
        (id::MKNOD, 1) | (id::MKNODAT, 2) => printer.file_mode(value & 0xffff),
        (id::FCNTL | id::FCNTL64, 2) => printer.fcntl_argument(asked, value, phase),
        (id::IOCTL, 2) => printer.ioctl_argument(asked, value, phase),
        (id::FUTEX | id::FUTEX_TIME64, 1) => printer.futex_operation(value),
        (id::FUTEX | id::FUTEX_TIME64, 3 | 5) => {
            return printer.futex_argument(asked, field, value);
        }
        (id::PRCTL, 1..) => printer.prctl_argument(asked, field, value, phase),
        (id::ARCH_PRCTL, 1) if when(asked, field) == When::Exit => match phase {
            Phase::Exit(Some(_)) => match printer.word(value) {
                Some(word) => {
                    printer.out.push(b'[');
                    printer.hex(word);
                    printer.out.push(b']');
                }
                None => printer.address(value),
            },
            _ => printer.address(value),
        },
        (id::ARCH_PRCTL, 1) => printer.address(value),
        (id::MMAP | id::MMAP2, 3) if value == 0 => printer.text("MAP_FILE"),
        // In units of 4096 bytes on every ABI; told in bytes like that of `mmap`.   [mmap2(2)]
        (id::MMAP2, 5) => printer.hex((value & 0xffff_ffff) << 12),
        (id::STATX, 2) => printer.statx_flags(value),
        (id::SOCKET | id::SOCKETPAIR, 2) => match name_of(asked, 0, group::FAMILY) {
            Some("AF_INET" | "AF_INET6") => printer.value("ip_protocol", value),
            Some("AF_NETLINK") => printer.value("netlink_protocol", value),
            _ => return false,
        },
        (id::SETSOCKOPT | id::GETSOCKOPT, 1) => match name_of(asked, 1, "socket_level") {
            // The levels of protocols have their numbers.   [ip(7), tcp(7)]
            Some(name) => {
                let protocol = name.strip_prefix("IPPROTO_");
                if protocol.is_some() {
                    printer.text("SOL_");
                }
                printer.text(protocol.unwrap_or(name));
            }
            None => return false,
        },
        (id::SETSOCKOPT | id::GETSOCKOPT, 2) => {
            match socket_options(name_of(asked, 1, "socket_level")) {
                Some(group) => printer.value(group, value),
                None => printer.hex(value),
            }
        }
        (id::PERSONALITY, 0) if value as u32 == u32::MAX => printer.text("0xffffffff"),
        (id::PERSONALITY, 0) => printer.personality(value),
        (id::GETRANDOM, 0) => match phase {
            Phase::Exit(Some(done)) => printer.buffer(value, done.min(asked.arg(1)), Style::Hex),
            _ => printer.address(value),
        },
        // The result counts the NUL.
        (id::GETCWD, 0) => match phase {
            Phase::Exit(Some(_)) => quote::path(printer.out, printer.memory, value),
            _ => printer.address(value),
        },
        (id::NANOSLEEP, 1) | (id::CLOCK_NANOSLEEP | id::CLOCK_NANOSLEEP_TIME64, 3) => {
            printer.address(value);
        }
        (id::UTIMENSAT, 2) => printer.file_times(value, "timespec", "tv_nsec"),
        (id::UTIMENSAT_TIME64, 2) => printer.file_times(value, "timespec64", "tv_nsec"),
        (id::UTIMES, 1) | (id::FUTIMESAT, 2) => printer.file_times(value, "timeval", "tv_usec"),
        (id::PREADV | id::PREADV2 | id::PWRITEV | id::PWRITEV2, 3) => {
            let high = if printer.word_size() == 4 {
                asked.arg(4) << 32
            } else {
                0
            };
            printer.signed(high | value);
        }
        (id::LLSEEK, 1) => printer.signed(value << 32 | asked.arg(2) & 0xffff_ffff),
        (id::SYSLOG, 0) => {
            number::signed(printer.out, i64::from(value as i32));
            if let Some(name) = printer.names.name(printer.abi, "syslog", value) {
                printer.text(" /* ");
                printer.text(name);
                printer.text(" */");
            }
        }
        (id::CAPGET, 1) => match phase {
            Phase::Exit(Some(_)) => printer.capabilities(asked.arg(0), value),
            _ => printer.address(value),
        },
        (id::CAPSET, 1) => printer.capabilities(asked.arg(0), value),
        (id::RSEQ, 1) => printer.hex(value),
        (id::SHMGET, 2) => printer.ipc_flags("shmget", value),
        (id::SEMGET, 2) | (id::MSGGET, 1) => printer.ipc_flags("ipc_get", value),
        (id::SHMGET | id::SEMGET | id::MSGGET, 0) if value == 0 => printer.text("IPC_PRIVATE"),
        (id::PSELECT6 | id::PSELECT6_TIME64, 5) => printer.structure("sigset_argpack", value),
        (id::SCHED_GETAFFINITY, 2) => match phase {
            Phase::Exit(Some(done)) => printer.cpu_set(value, done),
            _ => printer.address(value),
        },
        (id::SCHED_SETAFFINITY, 2) => printer.cpu_set(value, asked.arg(1)),
        (id::MINCORE, 2) => match phase {
            Phase::Exit(Some(_)) => {
                let pages = asked.arg(1).saturating_add(4095) / 4096;
                printer.elements(value, pages, 1, |printer, at| {
                    let byte = printer.memory.read_u8(at).unwrap_or(0);
                    printer.decimal(u64::from(byte));
                });
            }
            _ => printer.address(value),
        },
        (id::SETSOCKOPT, 3) if asked.arg(4) == 4 => printer.int_at(value),
        (id::GETSOCKOPT, 3) => match phase {
            Phase::Exit(Some(_)) if printer.memory.read_u32(asked.arg(4)) == Ok(4) => {
                printer.int_at(value);
            }
            _ => printer.address(value),
        },
        (id::SETGROUPS, 1) => printer.ids(value, asked.arg(0), 4),
        (id::SETGROUPS16, 1) => printer.ids(value, asked.arg(0), 2),
        (id::GETGROUPS, 1) => match phase {
            Phase::Exit(Some(done)) if asked.arg(0) != 0 => printer.ids(value, done, 4),
            _ => printer.address(value),
        },
        (id::GETGROUPS16, 1) => match phase {
            Phase::Exit(Some(done)) if asked.arg(0) != 0 => printer.ids(value, done, 2),
            _ => printer.address(value),
        },
        (id::RECVMSG, 1) => match phase {
            Phase::Exit(Some(done)) => match printer.load("msghdr", value) {
                Some(image) => printer.message(&image, done),
                None => printer.address(value),
            },
            _ => printer.address(value),
        },
        _ => return false,
    }
    true
}

impl Printer<'_> {
    /// Whether `open` flags make a file, so that there is a mode.
    pub(super) fn creates(&self, flags: u64) -> bool {
        let (create, temporary) = (self.abi.k.O_CREAT, self.abi.k.O_TMPFILE);
        flags & create != 0 || flags & temporary == temporary
    }

    /// Flags, and the permissions in the low bits: `IPC_CREAT|0600`.
    fn ipc_flags(&mut self, group: &'static str, value: u64) {
        let (mode, flags) = (value & 0o777, value & 0xffff_ffff & !0o777);
        if flags != 0 {
            self.flags(group, flags);
            self.out.push(b'|');
        }
        number::octal(self.out, mode, 3);
    }

    fn cpu_set(&mut self, address: u64, size: u64) {
        if address == 0 || self.memory.read_u8(address).is_err() {
            self.address(address);
            return;
        }
        let cpus = size.min(128) * 8;
        self.fd_set(address, cpus);
    }

    fn ids(&mut self, address: u64, count: u64, size: u64) {
        let count = count & 0xffff_ffff;
        self.elements(address, count, size, |printer, at| {
            let value = match size {
                2 => printer.memory.read_u16(at).map(u64::from),
                _ => printer.memory.read_u32(at).map(u64::from),
            };
            printer.decimal(value.unwrap_or(0));
        });
    }
}
