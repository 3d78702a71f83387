//! What is special about single calls: arguments that depend on each other, that are left out, that are shown in another
//! order, or in another way than their meaning says.

use emu_prototypes::linux::id;
use emu_prototypes::Meaning;

use super::quote::{self, Style};
use super::{Asked, Phase, Printer, When, number};

/// Names of the groups of constants that are used beside those that meanings name.
pub(super) mod group {
    pub(in super::super) const CLONE: &str = "clone";
    pub(in super::super) const EPOLL: &str = "epoll";
    pub(in super::super) const FAMILY: &str = "socket_family";
    pub(in super::super) const FCNTL: &str = "fcntl";
    pub(in super::super) const FD_FLAGS: &str = "fd";
    pub(in super::super) const FUTEX: &str = "futex";
    pub(in super::super) const IOCTL: &str = "ioctl";
    pub(in super::super) const LOCK_TYPE: &str = "flock_type";
    pub(in super::super) const MSG: &str = "msg";
    pub(in super::super) const OPEN: &str = "open";
    pub(in super::super) const POLL: &str = "poll";
    pub(in super::super) const PRCTL: &str = "prctl";
    pub(in super::super) const RESOLVE: &str = "resolve";
    pub(in super::super) const SA: &str = "sigaction";
    pub(in super::super) const SCHED: &str = "sched_policy";
    pub(in super::super) const SEALS: &str = "seals";
    pub(in super::super) const SI: &str = "si_code";
    pub(in super::super) const SIGEV: &str = "sigev_notify";
    pub(in super::super) const SS: &str = "sigaltstack";
    pub(in super::super) const STATX_ATTR: &str = "statx_attributes";
    pub(in super::super) const STATX_MASK: &str = "statx";
    pub(in super::super) const WHENCE: &str = "whence";
    pub(in super::super) const IFLAG: &str = "termios_iflag";
    pub(in super::super) const OFLAG: &str = "termios_oflag";
    pub(in super::super) const CFLAG: &str = "termios_cflag";
    pub(in super::super) const LFLAG: &str = "termios_lflag";
    pub(in super::super) const CAPABILITY: &str = "capability";
    pub(in super::super) const CAP_VERSION: &str = "cap_version";
    pub(in super::super) const CLONE3: &str = "clone3";
    pub(in super::super) const CSIZE: &str = "termios_csize";
    pub(in super::super) const SPEED: &str = "termios_speed";
    pub(in super::super) const FILE_SYSTEM: &str = "filesystem";
    pub(in super::super) const TCFLUSH: &str = "tcflush";
    pub(in super::super) const TCFLOW: &str = "tcflow";
    pub(in super::super) const OWNER: &str = "owner_type";
    pub(in super::super) const STATX_FLAGS: &str = "at_statx";
    pub(in super::super) const PERSONALITY: &str = "personality";
}

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

/// What an argument of `fcntl` is, by the command.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fcntl {
    Nothing,
    Number,
    Signal,
    FdFlags,
    OpenFlags,
    Lock { wide: bool, ofd: bool, get: bool },
    Owner { get: bool },
    Lease,
    Seals,
    Other,
}

/// By the numbers that are the same on every ABI, and by those of the ABI.
fn fcntl(command: Option<&'static str>) -> Fcntl {
    match command {
        Some("F_GETFD" | "F_GETFL" | "F_GETOWN" | "F_GETSIG" | "F_GETLEASE") => Fcntl::Nothing,
        Some("F_GETPIPE_SZ" | "F_GET_SEALS") => Fcntl::Nothing,
        Some("F_DUPFD" | "F_DUPFD_CLOEXEC" | "F_SETOWN" | "F_SETPIPE_SZ") => Fcntl::Number,
        Some("F_SETSIG") => Fcntl::Signal,
        Some("F_SETFD") => Fcntl::FdFlags,
        Some("F_SETFL") => Fcntl::OpenFlags,
        Some("F_SETLK" | "F_SETLKW") => Fcntl::Lock { wide: false, ofd: false, get: false },
        Some("F_GETLK") => Fcntl::Lock { wide: false, ofd: false, get: true },
        Some("F_SETLK64" | "F_SETLKW64") => Fcntl::Lock { wide: true, ofd: false, get: false },
        Some("F_GETLK64") => Fcntl::Lock { wide: true, ofd: false, get: true },
        Some("F_OFD_SETLK" | "F_OFD_SETLKW") => Fcntl::Lock { wide: true, ofd: true, get: false },
        Some("F_OFD_GETLK") => Fcntl::Lock { wide: true, ofd: true, get: true },
        Some("F_SETOWN_EX") => Fcntl::Owner { get: false },
        Some("F_GETOWN_EX") => Fcntl::Owner { get: true },
        Some("F_SETLEASE") => Fcntl::Lease,
        Some("F_ADD_SEALS") => Fcntl::Seals,
        _ => Fcntl::Other,
    }
}

/// The same for `when` and `left_out`, which have no printer: by the numbers of the ABI's group.
fn fcntl_of(asked: &Asked<'_>) -> Fcntl {
    let command = asked.arg(1);
    let abi = asked.abi;
    let name = abi.group(group::FCNTL).and_then(|members| {
        members.iter().find(|(_, value)| *value & 0xffff_ffff == command & 0xffff_ffff)
    });
    fcntl(name.map(|(name, _)| *name))
}

/// What the argument of an `ioctl` is, by the request's name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ioctl {
    Nothing,
    Number,
    IntIn,
    IntOut,
    In(&'static str),
    Out(&'static str),
    Address,
}

fn ioctl(name: &str) -> Ioctl {
    match name {
        "TCGETS" => Ioctl::Out("termios"),
        "TCSETS" | "TCSETSW" | "TCSETSF" => Ioctl::In("termios"),
        "TIOCGWINSZ" => Ioctl::Out("winsize"),
        "TIOCSWINSZ" => Ioctl::In("winsize"),
        "TIOCGPGRP" | "TIOCGSID" | "TIOCGPTN" | "TIOCOUTQ" | "FIONREAD" | "TIOCINQ" | "TIOCGETD"
        | "TIOCMGET" | "TIOCGPTLCK" | "FIOQSIZE" | "FS_IOC_GETFLAGS" => Ioctl::IntOut,
        "TIOCSPGRP" | "TIOCSPTLCK" | "FIONBIO" | "FIOASYNC" | "TIOCPKT" | "TIOCSETD" | "TIOCMSET"
        | "TIOCMBIS" | "TIOCMBIC" | "FS_IOC_SETFLAGS" => Ioctl::IntIn,
        "TCSBRK" | "TCSBRKP" | "TCFLSH" | "TCXONC" | "TIOCSCTTY" => Ioctl::Number,
        "FIOCLEX" | "FIONCLEX" | "TIOCNOTTY" | "TIOCEXCL" | "TIOCNXCL" | "TIOCCONS" | "TIOCSBRK"
        | "TIOCCBRK" | "TIOCVHANGUP" | "FICLONE" => Ioctl::Nothing,
        _ => Ioctl::Address,
    }
}

fn ioctl_name(asked: &Asked<'_>) -> &'static str {
    let request = asked.arg(1) & 0xffff_ffff;
    let named = asked.abi.group(group::IOCTL).and_then(|members| {
        // Requests share numbers between drivers; those of terminals are the likely ones.
        let same = || members.iter().filter(|(_, value)| *value & 0xffff_ffff == request);
        let terminal = |name: &str| name.starts_with('T') || name.starts_with("FIO");
        same().find(|(name, _)| terminal(name)).or_else(|| same().next())
    });
    named.map_or("", |(name, _)| name)
}

/// How many arguments a `prctl` takes behind its option.
fn prctl_arguments(name: Option<&str>) -> u8 {
    match name {
        Some(
            "PR_GET_DUMPABLE" | "PR_GET_KEEPCAPS" | "PR_GET_SECCOMP" | "PR_GET_SECUREBITS"
            | "PR_GET_TIMERSLACK" | "PR_GET_TIMING",
        ) => 0,
        Some(
            "PR_SET_NAME" | "PR_GET_NAME" | "PR_SET_PDEATHSIG" | "PR_GET_PDEATHSIG"
            | "PR_SET_DUMPABLE" | "PR_SET_KEEPCAPS" | "PR_CAPBSET_READ" | "PR_CAPBSET_DROP"
            | "PR_SET_SECUREBITS" | "PR_SET_TIMERSLACK" | "PR_SET_PTRACER"
            | "PR_SET_CHILD_SUBREAPER" | "PR_GET_CHILD_SUBREAPER" | "PR_GET_TSC" | "PR_SET_TSC"
            | "PR_GET_ENDIAN" | "PR_GET_UNALIGN" | "PR_SET_UNALIGN" | "PR_GET_TID_ADDRESS"
            | "PR_SET_FP_MODE",
        ) => 1,
        Some("PR_SET_SECCOMP") => 2,
        _ => 4,
    }
}

fn name_of(asked: &Asked<'_>, field: u8, group: &str) -> Option<&'static str> {
    let value = asked.arg(field) & 0xffff_ffff;
    let members = asked.abi.group(group)?;
    members.iter().find(|(_, v)| *v & 0xffff_ffff == value).map(|(name, _)| *name)
}

/// What a `futex` operation takes behind its value: timeout or second number, second address, third value.
struct Futex {
    timeout: bool,
    second_value: bool,
    address: bool,
    third: bool,
}

fn futex(operation: u64) -> Futex {
    // [Linux include/uapi/linux/futex.h, FUTEX_CMD_MASK]
    let (timeout, second_value, address, third) = match operation & 0x7f {
        0 | 6 | 13 => (true, false, false, false),
        1 | 2 | 7 | 8 => (false, false, false, false),
        3 => (false, true, true, false),
        4 | 5 | 12 => (false, true, true, true),
        9 => (true, false, false, true),
        10 => (false, false, false, true),
        11 => (true, false, true, false),
        _ => (true, false, true, true),
    };
    Futex { timeout, second_value, address, third }
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
        id::FCNTL | id::FCNTL64 => field == 2 && fcntl_of(asked) == Fcntl::Nothing,
        id::IOCTL => field == 2 && ioctl(ioctl_name(asked)) == Ioctl::Nothing,
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
            let takes = futex(asked.arg(1));
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
        id::PRCTL => field > prctl_arguments(name_of(asked, 0, group::PRCTL)),
        // Only MEMBARRIER_CMD_FLAG_CPU makes the third count.
        id::MEMBARRIER => field == 2 && asked.arg(1) & 1 == 0,
        _ => false,
    }
}

/// When an argument can be shown.
pub(crate) fn when(asked: &Asked<'_>, field: u8) -> When {
    match (asked.info.id, field) {
        (id::FCNTL | id::FCNTL64, 2) => {
            return match fcntl_of(asked) {
                Fcntl::Lock { get: true, .. } | Fcntl::Owner { get: true } => When::Exit,
                _ => When::Enter,
            };
        }
        (id::IOCTL, 2) => {
            return match ioctl(ioctl_name(asked)) {
                Ioctl::Out(_) | Ioctl::IntOut => When::Exit,
                _ => When::Enter,
            };
        }
        (id::PRCTL, 1) => {
            return match name_of(asked, 0, group::PRCTL) {
                Some(
                    "PR_GET_NAME" | "PR_GET_PDEATHSIG" | "PR_GET_CHILD_SUBREAPER" | "PR_GET_TSC"
                    | "PR_GET_ENDIAN" | "PR_GET_UNALIGN",
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
        | Meaning::Int64Out => When::Exit,
        Meaning::IntInOut | Meaning::Int64InOut | Meaning::LongInOut => When::Both,
        // Times that count down and arrays of descriptors are told behind the result.
        Meaning::StructInOut("timeval" | "timespec" | "timespec64" | "clone_args" | "timeval64") => {
            When::Enter
        }
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
        (id::GETGROUPS | id::GETGROUPS16 | id::SETGROUPS | id::SETGROUPS16, 1)
            | (id::MINCORE, 2)
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
        (id::FUTEX | id::FUTEX_TIME64, 3 | 5) => return printer.futex_argument(asked, field, value),
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
            let high = if printer.word_size() == 4 { asked.arg(4) << 32 } else { 0 };
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

    fn fcntl_argument(&mut self, asked: &Asked<'_>, value: u64, phase: Phase) {
        let failed = matches!(phase, Phase::Exit(None) | Phase::Enter);
        match fcntl_of(asked) {
            Fcntl::Nothing => {}
            Fcntl::Number => number::signed(self.out, i64::from(value as i32)),
            Fcntl::Signal => self.signal(value & 0xffff_ffff),
            Fcntl::FdFlags => self.flags(group::FD_FLAGS, value & 0xffff_ffff),
            Fcntl::OpenFlags => self.open_flags(value),
            Fcntl::Lease => self.value(group::LOCK_TYPE, value),
            Fcntl::Seals => self.flags(group::SEALS, value),
            Fcntl::Lock { get: true, .. } | Fcntl::Owner { get: true } if failed => {
                self.address(value);
            }
            Fcntl::Lock { wide, ofd, get } => {
                let shape = if wide && self.abi.structure("flock64").is_some() { "flock64" } else { "flock" };
                match self.load(shape, value) {
                    Some(image) => self.flock_with(&image, get && !ofd),
                    None => self.address(value),
                }
            }
            Fcntl::Owner { .. } => {
                let kind = self.memory.read_u32(value);
                let pid = self.memory.read_u32(value.wrapping_add(4));
                let (Ok(kind), Ok(pid)) = (kind, pid) else {
                    self.address(value);
                    return;
                };
                self.text("{type=");
                self.value(group::OWNER, u64::from(kind));
                self.text(", pid=");
                number::signed(self.out, i64::from(pid as i32));
                self.out.push(b'}');
            }
            Fcntl::Other => self.hex(value),
        }
    }

    /// The request of an `ioctl`: its name, or its parts.
    pub(super) fn ioctl_command(&mut self, request: u64) {
        let request = request & 0xffff_ffff;
        let abi = self.abi;
        let members = abi.group(group::IOCTL).unwrap_or(&[]);
        let same = || members.iter().filter(|(_, value)| *value & 0xffff_ffff == request);
        let terminal = |name: &str| name.starts_with('T') || name.starts_with("FIO");
        if let Some((name, _)) = same().find(|(name, _)| terminal(name)).or_else(|| same().next()) {
            self.text(name);
            return;
        }
        // FS_IOC_GETFLAGS only reads, so its top bits show how the ABI says so.   [Linux asm/ioctl.h]
        let (shift, none, read, write) = match abi.k.FS_IOC_GETFLAGS >> 29 & 7 {
            2 => (29, 1, 2, 4),
            _ => (30, 0, 2, 1),
        };
        let direction = request >> shift;
        let names = [(none, "_IOC_NONE"), (read, "_IOC_READ"), (write, "_IOC_WRITE")];
        self.text("_IOC(");
        if direction == read | write {
            self.text("_IOC_READ|_IOC_WRITE");
        } else {
            match names.iter().find(|(bits, _)| *bits == direction) {
                Some((_, name)) => self.text(name),
                None => self.hex(direction),
            }
        }
        let size = request >> 16 & ((1 << (shift - 16)) - 1);
        for part in [request >> 8 & 0xff, request & 0xff, size] {
            self.text(", ");
            self.hex(part);
        }
        self.out.push(b')');
    }

    fn ioctl_argument(&mut self, asked: &Asked<'_>, value: u64, phase: Phase) {
        let name = ioctl_name(asked);
        let succeeded = matches!(phase, Phase::Exit(Some(_)));
        match ioctl(name) {
            Ioctl::Nothing => {}
            Ioctl::Number => match name {
                "TCFLSH" => self.value(group::TCFLUSH, value),
                "TCXONC" => self.value(group::TCFLOW, value),
                _ => number::signed(self.out, i64::from(value as i32)),
            },
            Ioctl::IntIn => self.int_at(value),
            Ioctl::IntOut if succeeded => self.int_at(value),
            Ioctl::In(shape) => self.structure(shape, value),
            Ioctl::Out(shape) if succeeded => self.structure(shape, value),
            Ioctl::IntOut | Ioctl::Out(_) => self.address(value),
            Ioctl::Address => number::hex(self.out, value),
        }
    }

    /// How fresh the answer must be comes first, even when it is nothing particular.
    fn statx_flags(&mut self, value: u64) {
        let sync = self.abi.k.AT_STATX_SYNC_TYPE & value;
        self.value(group::STATX_FLAGS, sync);
        let rest = value & 0xffff_ffff & !sync;
        if rest != 0 {
            let left = self.names.more_flags(self.out, self.abi, group::STATX_FLAGS, rest);
            if left != 0 {
                self.out.push(b'|');
                self.hex(left);
            }
        }
    }

    /// A domain of execution and its flags: `PER_LINUX|ADDR_NO_RANDOMIZE`.
    pub(super) fn personality(&mut self, value: u64) {
        self.value(group::PERSONALITY, value & 0xff);
        let rest = value & 0xffff_ff00;
        if rest != 0 {
            let left = self.names.more_flags(self.out, self.abi, "personality_flags", rest);
            if left != 0 {
                self.out.push(b'|');
                self.hex(left);
            }
        }
    }

    /// Sets of capabilities. Versions 2 and 3 of the header have the upper halves in a second structure.
    fn capabilities(&mut self, header: u64, address: u64) {
        let version = self.memory.read_u32(header).map_or(0, u64::from);
        let one = self.names.name(self.abi, group::CAP_VERSION, version);
        let size = self.abi.structure("cap_data").map_or(0, |shape| u64::from(shape.size));
        let Some(low) = self.load("cap_data", address) else {
            self.address(address);
            return;
        };
        let high = match one {
            Some("_LINUX_CAPABILITY_VERSION_1") => None,
            _ => self.load("cap_data", address.wrapping_add(size)),
        };
        for (separator, name) in [("{", "effective"), (", ", "permitted"), (", ", "inheritable")] {
            self.text(separator);
            self.text(name);
            self.out.push(b'=');
            let half = |image: Option<&super::structure::Image>| {
                image.and_then(|image| image.get(name)).unwrap_or(0) & 0xffff_ffff
            };
            let set = half(high.as_ref()) << 32 | half(Some(&low));
            let mut first = true;
            for number in (0..64).filter(|number| set >> number & 1 == 1) {
                self.text(if first { "1<<" } else { "|1<<" });
                first = false;
                self.value(group::CAPABILITY, number);
            }
            if first {
                self.out.push(b'0');
            }
        }
        self.out.push(b'}');
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

    fn futex_operation(&mut self, value: u64) {
        // FUTEX_CLOCK_REALTIME and FUTEX_PRIVATE_FLAG stand beside the operation.
        let (clock, operation) = (value & 0x100, value & 0xffff_feff);
        let private = operation & 0x80 != 0;
        match self.names.name(self.abi, group::FUTEX, operation) {
            Some(name) => self.text(name),
            None => match self.names.name(self.abi, group::FUTEX, operation & !0x80) {
                Some(name) if private => {
                    self.text(name);
                    self.text("_PRIVATE");
                }
                _ => self.value(group::FUTEX, operation),
            },
        }
        if clock != 0 {
            self.text("|FUTEX_CLOCK_REALTIME");
        }
    }

    fn futex_argument(&mut self, asked: &Asked<'_>, field: u8, value: u64) -> bool {
        let operation = asked.arg(1) & 0x7f;
        match field {
            3 if futex(operation).second_value => self.decimal(value & 0xffff_ffff),
            // Bit sets.
            5 if matches!(operation, 9 | 10) && value as u32 == u32::MAX => {
                self.text("FUTEX_BITSET_MATCH_ANY");
            }
            3 if !matches!(operation, 0..=13) => self.address(value),
            5 if operation == 4 || operation == 12 => self.decimal(value & 0xffff_ffff),
            5 => self.hex(value & 0xffff_ffff),
            _ => return false,
        }
        true
    }

    fn prctl_argument(&mut self, asked: &Asked<'_>, field: u8, value: u64, phase: Phase) {
        let succeeded = matches!(phase, Phase::Exit(Some(_)));
        let Some(name) = name_of(asked, 0, group::PRCTL) else {
            number::hex(self.out, value);
            return;
        };
        match (name, field) {
            ("PR_SET_NAME", 1) => quote::string(self.out, self.memory, value, 15),
            ("PR_GET_NAME", 1) if succeeded => quote::string(self.out, self.memory, value, 16),
            ("PR_SET_PDEATHSIG", 1) => self.signal(value),
            ("PR_GET_PDEATHSIG" | "PR_GET_CHILD_SUBREAPER", 1) if succeeded => self.int_at(value),
            ("PR_CAPBSET_READ" | "PR_CAPBSET_DROP", 1) => self.value(group::CAPABILITY, value),
            (
                "PR_SET_DUMPABLE" | "PR_SET_KEEPCAPS" | "PR_SET_NO_NEW_PRIVS" | "PR_GET_NO_NEW_PRIVS"
                | "PR_SET_TIMERSLACK" | "PR_SET_CHILD_SUBREAPER" | "PR_SET_THP_DISABLE"
                | "PR_GET_THP_DISABLE",
                _,
            ) => self.decimal(value),
            (_, 1) => number::address(self.out, value),
            _ => number::hex(self.out, value),
        }
    }

    /// Two times of a file, or `NULL`.
    fn file_times(&mut self, address: u64, shape: &str, part: &str) {
        let size = self.abi.structure(shape).map_or(0, |shape| u64::from(shape.size));
        let both = (self.load(shape, address), self.load(shape, address.wrapping_add(size)));
        let (Some(access), Some(change)) = both else {
            self.address(address);
            return;
        };
        self.out.push(b'[');
        for (index, image) in [access, change].iter().enumerate() {
            if index > 0 {
                self.text(", ");
            }
            let seconds = image.get("tv_sec").unwrap_or(0);
            let fraction = image.get(part).unwrap_or(0);
            // [Linux include/linux/stat.h]
            match (part, fraction) {
                ("tv_nsec", 0x3fff_ffff) => self.text("UTIME_NOW"),
                ("tv_nsec", 0x3fff_fffe) => self.text("UTIME_OMIT"),
                _ => {
                    self.text("{tv_sec=");
                    self.signed(seconds);
                    self.text(", ");
                    self.text(part);
                    self.out.push(b'=');
                    self.signed(fraction);
                    self.out.push(b'}');
                    let digits = if part == "tv_nsec" { 9 } else { 6 };
                    self.date_comment(seconds as i64, fraction, digits);
                }
            }
        }
        self.out.push(b']');
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
