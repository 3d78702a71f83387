//! What is special about single calls: arguments that depend on each other, that are left out, that are shown in another
//! order, or in another way than their meaning says.

mod command;
mod fcntl;
mod file;
mod futex;
pub(super) mod group;
mod how;
mod ioctl;
mod ipc;
mod left_out;
mod memory;
mod mount;
mod option;
mod process;
mod when;

use emu_cpu::{Endian, GuestMemory};
use emu_prototypes::linux::{Abi, id};

use how::How;

use super::structure::Protocol;
use super::{Asked, Phase, Printer, When, number};

pub(super) use command::answers;
pub(crate) use left_out::left_out;
pub(crate) use when::when;

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
    if asked.extent.raw {
        return None;
    }
    match (asked.info.id, field) {
        (id::CLONE, 0) => Some("flags="),
        (id::CLONE, 1) => Some("child_stack="),
        (id::CLONE, 2) => Some("parent_tid="),
        (id::CLONE, 3) => Some("tls="),
        (id::CLONE, 4) => Some("child_tidptr="),
        _ => None,
    }
}

/// The name of an argument's value.
fn name_of(asked: &Asked<'_>, field: u8, group: &str) -> Option<&'static str> {
    name(asked.abi, group, asked.arg(field))
}

/// The name of a value of 32 bits.
fn name(abi: &'static Abi, group: &str, value: u64) -> Option<&'static str> {
    let value = value & 0xffff_ffff;
    abi.group(group)?
        .iter()
        .find(|(_, v)| *v & 0xffff_ffff == value)
        .map(|(name, _)| *name)
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
            | (id::MODIFY_LDT, 1)
            | (id::IO_SUBMIT, 2)
            | (id::MOUNT, 4)
            | (id::FSCONFIG, 3)
            | (id::QUOTACTL, 3)
            | (id::SECCOMP, 2)
            | (id::REBOOT, 3)
            | (id::LANDLOCK_ADD_RULE, 2)
            | (id::MBIND, 3)
            | (id::SET_MEMPOLICY | id::GET_MEMPOLICY, 1)
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
    if let Some(how) = command::of(asked, field) {
        printer.shown(asked, value, how, phase);
        return true;
    }
    if printer.ipc_control(asked, field, phase) {
        return true;
    }
    let succeeded = matches!(phase, Phase::Exit(Some(_)));
    match (asked.info.id, field) {
        (id::SENDTO | id::SEND, 1) => match printer.netlink_of(asked) {
            Some(whose) => printer.netlink(value, asked.arg(2), whose),
            None => return false,
        },
        (id::RECVFROM | id::RECV, 1) => match (phase, printer.netlink_of(asked)) {
            (Phase::Exit(Some(done)), Some(whose)) => {
                printer.netlink(value, done.min(asked.arg(2)), whose);
            }
            _ => return false,
        },
        (id::SENDMSG, 1) => match printer.load("msghdr", value) {
            Some(image) => {
                let whose = printer.netlink_protocol(asked.arg(0));
                printer.message(&image, u64::MAX, whose);
            }
            None => printer.address(value),
        },
        (id::OLD_MMAP | id::OLD_SELECT, 0) => {
            match super::indirect::spread(asked, printer.memory.guest) {
                Some(inner) => {
                    let inner = inner.asked(asked);
                    for (index, param) in inner.row.params.iter().enumerate() {
                        if index > 0 {
                            printer.text(", ");
                        }
                        printer.argument(&inner, param.field, phase);
                    }
                }
                None => printer.address(value),
            }
        }
        (id::SIGSUSPEND, 2) | (id::SSETMASK, 0) => printer.sigset_value(u128::from(value), 32),
        (id::SIGNAL, 1) => printer.value_or("sighandler", value, number::hex),
        (id::STIME | id::TIME, 0) if succeeded || asked.info.id == id::STIME => {
            printer.seconds_at(value);
        }
        (id::SOCKETCALL, 0) => number::signed(printer.out, i64::from(value as i32)),
        (id::IO_SUBMIT, 2) => printer.requests(value, asked.arg(1)),
        (id::IO_CANCEL, 1) => printer.request(value, false),
        // Functions 1 and 17 take a descriptor.   [Linux arch/x86/kernel/ldt.c]
        (id::MODIFY_LDT, 1) if matches!(asked.arg(0), 1 | 0x11) && asked.arg(2) == 16 => {
            printer.structure("user_desc", value);
        }
        (id::MKNOD, 1) | (id::MKNODAT, 2) => printer.file_mode(value & 0xffff),
        (id::FCNTL | id::FCNTL64, 2) => printer.fcntl_argument(asked, value, phase),
        (id::FUTEX | id::FUTEX_TIME64, 1) => printer.futex_operation(value),
        (id::FUTEX | id::FUTEX_TIME64, 3 | 5) => {
            return printer.futex_argument(asked, field, value);
        }
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
        (id::MMAP | id::MMAP2, 3) | (id::REMAP_FILE_PAGES, 4) => printer.map_flags(value),
        (id::MEMFD_CREATE, 1) => printer.memfd_flags(value),
        (id::MBIND, 2) | (id::SET_MEMPOLICY, 0) => printer.policy(value),
        (id::MBIND, 3) => printer.nodes(value, asked.arg(4)),
        (id::SET_MEMPOLICY, 1) => printer.nodes(value, asked.arg(2)),
        (id::GET_MEMPOLICY, 0) if succeeded => {
            printer.shown(asked, value, How::ValueOut("mempolicy"), phase);
        }
        (id::GET_MEMPOLICY, 1) if succeeded => printer.nodes(value, asked.arg(2)),
        (id::GET_MEMPOLICY, 0 | 1) => printer.address(value),
        (id::MOUNT, 2 | 4) => printer.mount_text(asked, field, value),
        (id::MOUNT, 3) => printer.mount_flags(value),
        (id::SWAPON, 1) => printer.swap_flags(value),
        (id::QUOTACTL, 0) | (id::QUOTACTL_FD, 1) => printer.quota_command(value),
        (id::IOPRIO_SET, 2) => printer.io_priority(value),
        // The classes are two bits; the lowest has no bit at all.   [Linux include/uapi/linux/fanotify.h]
        (id::FANOTIFY_INIT, 0) => {
            printer.value("fanotify_init", value & 0xc);
            let rest = value & 0xffff_fff3;
            if rest != 0 {
                printer.out.push(b'|');
                printer.flags("fanotify_init", rest);
            }
        }
        (id::KEXEC_LOAD, 3) => {
            printer.value("kexec_arch", value & 0xffff_0000);
            if value & 0xffff != 0 {
                printer.out.push(b'|');
                printer.flags("kexec_load", value & 0xffff);
            }
        }
        (id::NAME_TO_HANDLE_AT, 2) if phase == Phase::Exit(None) => {
            match printer.memory.read_u32(value) {
                Ok(room) => {
                    printer.text("{handle_bytes=");
                    printer.decimal(u64::from(room));
                    printer.out.push(b'}');
                }
                Err(_) => printer.address(value),
            }
        }
        (id::OPENAT2, 2) => printer.sized("open_how", value, asked.arg(3)),
        (id::CLONE3, 0) => printer.sized("clone_args", value, asked.arg(1)),
        (id::BPF, 1) => printer.bpf(name_of(asked, 0, "bpf"), value, asked.arg(2) & 0xffff_ffff),
        (id::IO_URING_SETUP, 1) => printer.ring(value, succeeded),
        (id::LANDLOCK_CREATE_RULESET, 0) => printer.sized("landlock_ruleset", value, asked.arg(1)),
        (id::LANDLOCK_ADD_RULE, 2) => printer.structure("landlock_path_beneath", value),
        (id::MQ_OPEN, 3) => printer.shaped("mq_attr", "new_mq_attr", value, u64::MAX),
        (id::PROCESS_VM_READV | id::PROCESS_VM_WRITEV, 3) => printer.vectors(value, asked.arg(4)),
        (id::PROCESS_MADVISE, 1) => printer.vectors(value, asked.arg(2)),
        (id::IO_SETUP, 1) if succeeded => printer.bracketed_word(value, Printer::address),
        (id::IO_SETUP, 1) => printer.address(value),
        (id::EPOLL_CTL, 3) if name_of(asked, 1, "epoll_ctl") == Some("EPOLL_CTL_DEL") => {
            printer.address(value);
        }
        (id::ADD_KEY, 4) | (id::REQUEST_KEY, 3) => {
            printer.shown(asked, value, How::Named("key"), phase);
        }
        (id::SOCKET | id::SOCKETPAIR, 1) => printer.socket_type(value),
        // In units of 4096 bytes on every ABI; told in bytes like that of `mmap`.   [mmap2(2)]
        (id::MMAP2, 5) => printer.hex((value & 0xffff_ffff) << 12),
        (id::STATX, 2) => printer.statx_flags(value),
        (id::SOCKET | id::SOCKETPAIR, 2) => match name_of(asked, 0, group::FAMILY) {
            Some("AF_INET" | "AF_INET6") => printer.value("ip_protocol", value),
            Some("AF_NETLINK") => printer.value("netlink_protocol", value),
            Some("AF_PACKET") => {
                printer.text("htons(");
                // In network order.
                let order = match printer.memory.endian() {
                    Endian::Little => (value as u16).swap_bytes(),
                    Endian::Big => value as u16,
                };
                printer.value("ethernet_protocol", u64::from(order));
                printer.out.push(b')');
            }
            _ => return false,
        },
        (id::SETSOCKOPT | id::GETSOCKOPT, 2) => printer.option_name(asked, value),
        (id::SETSOCKOPT | id::GETSOCKOPT, 3) => printer.option_value(asked, value, phase),
        (id::PERSONALITY, 0) if value as u32 == u32::MAX => printer.text("0xffffffff"),
        (id::PERSONALITY, 0) => printer.personality(value),
        (id::GETRANDOM, 0) => match phase {
            Phase::Exit(Some(done)) => printer.hex_buffer(value, done.min(asked.arg(1))),
            _ => printer.address(value),
        },
        // The result counts the NUL.
        (id::GETCWD, 0) => match phase {
            Phase::Exit(Some(_)) => printer.path(value),
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
        (id::SHMGET | id::SEMGET | id::MSGGET, 0) if value == 0 => {
            printer.hex_or(0, |printer| printer.text("IPC_PRIVATE"));
        }
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
                Some(image) => {
                    let whose = printer.netlink_protocol(asked.arg(0));
                    printer.message(&image, done, whose);
                }
                None => printer.address(value),
            },
            // What was asked for is there.
            Phase::Exit(None) => match printer.load("msghdr", value) {
                Some(image) => {
                    printer.text("{msg_namelen=");
                    printer.signed(image.get("msg_namelen").unwrap_or(0));
                    printer.out.push(b'}');
                }
                None => printer.address(value),
            },
            Phase::Enter => printer.address(value),
        },
        (id::SENDMMSG, 1) => match phase {
            Phase::Exit(done) => {
                printer.messages(asked, asked.arg(2), done.unwrap_or(0), false);
            }
            Phase::Enter => printer.address(value),
        },
        (id::RECVMMSG | id::RECVMMSG_TIME64, 1) => match phase {
            Phase::Exit(Some(done)) => {
                printer.messages(asked, done.min(asked.arg(2)), done, true);
            }
            _ => printer.address(value),
        },
        (id::SYSLOG, 2) if asked.arg(0) == 8 => {
            // [Linux include/linux/kern_levels.h]
            let levels = [
                "EMERG", "ALERT", "CRIT", "ERR", "WARNING", "NOTICE", "INFO", "DEBUG",
            ];
            number::signed(printer.out, i64::from(value as i32));
            if let Some(name) = usize::try_from(value).ok().and_then(|at| levels.get(at)) {
                printer.text(" /* LOGLEVEL_");
                printer.text(name);
                printer.text(" */");
            }
        }
        (id::SYSLOG, 1) if asked.arg(0) == 8 => printer.address(value),
        (id::MSGSND, 1) => printer.message_buffer(value, asked.arg(2)),
        (id::MSGRCV, 1) => match phase {
            Phase::Exit(Some(done)) => printer.message_buffer(value, done),
            _ => printer.address(value),
        },
        _ => return false,
    }
    true
}

impl Printer<'_> {
    /// Whose messages the call sends or receives, when its socket or the address is one of netlink's.
    fn netlink_of(&mut self, asked: &Asked<'_>) -> Option<Protocol> {
        let addressed = matches!(asked.info.id, id::SENDTO | id::RECVFROM);
        self.netlink_protocol(asked.arg(0))
            .or_else(|| (addressed && self.is_netlink(asked.arg(4))).then_some(Protocol::Other))
    }

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

    /// A structure that must be there in full, by what the call says of its size.
    fn sized(&mut self, shape: &str, address: u64, len: u64) {
        // The first version of `clone_args` ends with `tls`.   [Linux include/uapi/linux/sched.h, CLONE_ARGS_SIZE_VER0]
        let least = match shape {
            "clone_args" => 64,
            _ => self
                .abi
                .structure(shape)
                .map_or(0, |known| u64::from(known.size)),
        };
        match self.load_part(shape, address, len).filter(|_| len >= least) {
            Some(image) => self.image(shape, &image),
            None => self.address(address),
        }
    }

    /// A kind of socket, and flags.
    fn socket_type(&mut self, value: u64) {
        let value = value & 0xffff_ffff;
        let kind = self.names.name(self.abi, "socket_kind", value & 0xf);
        if let Some(kind) = kind {
            self.hex_or(value & 0xf, |printer| printer.text(kind));
        }
        let rest = if kind.is_some() { value & !0xf } else { value };
        if kind.is_none() || rest != 0 {
            if kind.is_some() {
                self.out.push(b'|');
            }
            self.flags("socket_flags", rest);
        }
    }

    /// Several messages; `done` of them were sent or received.
    fn messages(&mut self, asked: &Asked<'_>, count: u64, done: u64, received: bool) {
        let (address, whose) = (asked.arg(1), self.netlink_protocol(asked.arg(0)));
        let size = self
            .abi
            .structure("mmsghdr")
            .map_or(0, |shape| u64::from(shape.size));
        let mut index = 0;
        self.elements(address, count & 0xffff_ffff, size, |printer, at| {
            match printer.load("mmsghdr", at) {
                Some(image) => printer.one_of_several(&image, index < done, received, whose),
                None => printer.address(at),
            }
            index += 1;
        });
    }

    /// A message of a queue: its type, and its text.
    fn message_buffer(&mut self, address: u64, len: u64) {
        let Some(kind) = self.word(address).filter(|_| address != 0) else {
            self.address(address);
            return;
        };
        self.text("{mtype=");
        let kind = if self.word_size() == 4 {
            i64::from(kind as i32)
        } else {
            kind as i64
        };
        number::signed(self.out, kind);
        self.text(", mtext=");
        let text = address.wrapping_add(self.word_size());
        self.buffer(text, len);
        self.out.push(b'}');
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
