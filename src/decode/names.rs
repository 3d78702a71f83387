//! Flags and values by the names of an ABI's constants.

use emu_prototypes::linux::Abi;

use super::number;
use super::settings::Constants;

/// One named value.
type Name = (&'static str, u64);

/// Which constants strace names first, where that is not the order of their values.
const FIRST: &[(&str, &[&str])] = &[
    ("access", &["R_OK", "W_OK", "X_OK"]),
    (
        "fanotify_init",
        &[
            "FAN_CLASS_PRE_CONTENT",
            "FAN_CLASS_CONTENT",
            "FAN_CLASS_NOTIF",
            "FAN_CLOEXEC",
        ],
    ),
    (
        "at_mount",
        &[
            "OPEN_TREE_CLONE",
            "OPEN_TREE_CLOEXEC",
            "AT_SYMLINK_NOFOLLOW",
        ],
    ),
    ("semop", &["SEM_UNDO", "IPC_NOWAIT"]),
    ("eventfd", &["EFD_SEMAPHORE", "EFD_CLOEXEC", "EFD_NONBLOCK"]),
    (
        "flock",
        &[
            "LOCK_SH",
            "LOCK_EX",
            "LOCK_NB",
            "LOCK_UN",
            "LOCK_MAND",
            "LOCK_RW",
        ],
    ),
    (
        "map",
        &[
            "MAP_SHARED_VALIDATE",
            "MAP_SHARED",
            "MAP_PRIVATE",
            "MAP_FIXED",
            "MAP_ANONYMOUS",
            "MAP_32BIT",
            "MAP_NORESERVE",
            "MAP_POPULATE",
            "MAP_NONBLOCK",
            "MAP_GROWSDOWN",
            "MAP_DENYWRITE",
            "MAP_EXECUTABLE",
            "MAP_LOCKED",
            "MAP_STACK",
            "MAP_HUGETLB",
            "MAP_SYNC",
            "MAP_FIXED_NOREPLACE",
        ],
    ),
    ("netlink_get", NETLINK_GET),
    ("msync", &["MS_SYNC", "MS_ASYNC", "MS_INVALIDATE"]),
    ("key_permissions", KEYS),
    ("open", OPEN),
    ("pipe", OPEN),
    (
        "sigaction",
        &[
            "SA_RESTORER",
            "SA_ONSTACK",
            "SA_RESTART",
            "SA_NODEFER",
            "SA_RESETHAND",
            "SA_SIGINFO",
            "SA_NOCLDSTOP",
            "SA_NOCLDWAIT",
        ],
    ),
    ("signalfd", &["SFD_CLOEXEC", "SFD_NONBLOCK"]),
    ("socket_flags", &["SOCK_CLOEXEC", "SOCK_NONBLOCK"]),
    (
        "socket_type",
        &[
            "SOCK_PACKET",
            "SOCK_DCCP",
            "SOCK_SEQPACKET",
            "SOCK_RAW",
            "SOCK_RDM",
            "SOCK_STREAM",
            "SOCK_DGRAM",
            "SOCK_CLOEXEC",
            "SOCK_NONBLOCK",
        ],
    ),
    (
        "termios_lflag",
        &[
            "ISIG", "ICANON", "XCASE", "ECHO", "ECHOE", "ECHOK", "ECHONL", "NOFLSH", "IEXTEN",
            "ECHOCTL", "ECHOPRT", "ECHOKE", "FLUSHO", "PENDIN", "TOSTOP", "EXTPROC",
        ],
    ),
    ("timerfd", &["TFD_CLOEXEC", "TFD_NONBLOCK"]),
    ("wait", WAIT),
    ("waitid", WAIT),
];

const OPEN: &[&str] = &[
    "O_CREAT",
    "O_EXCL",
    "O_NOCTTY",
    "O_TRUNC",
    "O_APPEND",
    "O_NONBLOCK",
    "O_SYNC",
    "O_DSYNC",
    "O_DIRECT",
    "O_LARGEFILE",
    "O_NOFOLLOW",
    "O_NOATIME",
    "O_CLOEXEC",
    "O_PATH",
    "O_TMPFILE",
    "O_DIRECTORY",
];

const NETLINK_GET: &[&str] = &[
    "NLM_F_REQUEST",
    "NLM_F_MULTI",
    "NLM_F_ACK",
    "NLM_F_ECHO",
    "NLM_F_DUMP_INTR",
    "NLM_F_DUMP_FILTERED",
    "NLM_F_DUMP",
    "NLM_F_ROOT",
    "NLM_F_MATCH",
    "NLM_F_ATOMIC",
];

const WAIT: &[&str] = &[
    "WNOHANG",
    "WEXITED",
    "WSTOPPED",
    "WCONTINUED",
    "WNOWAIT",
    "__WNOTHREAD",
    "__WCLONE",
    "__WALL",
];

const KEYS: &[&str] = &[
    "KEY_POS_VIEW",
    "KEY_POS_READ",
    "KEY_POS_WRITE",
    "KEY_POS_SEARCH",
    "KEY_POS_LINK",
    "KEY_POS_SETATTR",
    "KEY_USR_VIEW",
    "KEY_USR_READ",
    "KEY_USR_WRITE",
    "KEY_USR_SEARCH",
    "KEY_USR_LINK",
    "KEY_USR_SETATTR",
    "KEY_GRP_VIEW",
    "KEY_GRP_READ",
    "KEY_GRP_WRITE",
    "KEY_GRP_SEARCH",
    "KEY_GRP_LINK",
    "KEY_GRP_SETATTR",
];

/// Names that strace prefers to the kernel's.
const RENAMED: &[(&str, &str)] = &[("SCHED_NORMAL", "SCHED_OTHER"), ("WUNTRACED", "WSTOPPED")];

/// What strace puts behind values without a name, where that is not what the names begin with.
const UNKNOWN: &[(&str, &str)] = &[
    ("access", "?_OK"),
    ("link_inet6_flags", "IF_???"),
    ("bpf_lookup", "BPF_???"),
    ("raw_option", "RAW_???"),
    ("reboot_magic1", "LINUX_REBOOT_MAGIC_???"),
    ("reboot_magic2", "LINUX_REBOOT_MAGIC_???"),
    ("msgctl", "MSG_???"),
    ("semctl", "SEM_???"),
    ("shmctl", "SHM_???"),
    ("socket_level", "SOL_??"),
    ("wait", "W???"),
    ("waitid", "W???"),
];

/// Groups whose values are decimal numbers.
const DECIMAL: &[&str] = &["aio", "kb_mode"];

/// Named values of one group on one ABI.
struct Group {
    abi: *const Abi,
    name: &'static str,
    values: Box<[Name]>,
    /// What stands behind values without a name: `PROT_???`.
    unknown: String,
}

/// Groups that have been looked up.
#[derive(Default)]
pub(super) struct Names {
    groups: Vec<Group>,
    /// Whether names are shown, numbers, or both.
    pub(super) form: Constants,
}

/// A 32-bit value, however it was extended.
fn narrow(value: u64) -> u64 {
    if value >> 31 == 0x1_ffff_ffff {
        value & 0xffff_ffff
    } else {
        value
    }
}

/// What the names have in common, up to an underscore.
fn prefix(values: &[Name]) -> &'static str {
    let Some((first, _)) = values.first() else {
        return "";
    };
    let mut common = *first;
    for (name, _) in values {
        let same = common
            .bytes()
            .zip(name.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        common = &common[..same];
    }
    match common.rfind('_') {
        Some(at) => &common[..=at],
        None => first.find('_').map_or(first, |at| &first[..=at]),
    }
}

impl Names {
    /// No group has been looked up.
    pub(super) fn new(form: Constants) -> Self {
        Names {
            groups: Vec::new(),
            form,
        }
    }

    fn group(&mut self, abi: &'static Abi, name: &'static str) -> &Group {
        let known = self.groups.iter().position(|group| {
            std::ptr::eq(group.abi, abi) && (std::ptr::eq(group.name, name) || group.name == name)
        });
        let at = known.unwrap_or_else(|| {
            let mut values: Vec<Name> = abi.group(name).unwrap_or(&[]).to_vec();
            for value in &mut values {
                value.1 = narrow(value.1);
                if let Some((_, name)) = RENAMED.iter().find(|(name, _)| *name == value.0) {
                    value.0 = name;
                }
            }
            if let Some((_, first)) = FIRST.iter().find(|(group, _)| *group == name) {
                let place =
                    |name: &str| first.iter().position(|f| *f == name).unwrap_or(first.len());
                values.sort_by_key(|(name, _)| place(name));
            }
            let known = UNKNOWN.iter().find(|(group, _)| *group == name);
            let unknown = match (known, prefix(&values)) {
                (Some((_, words)), _) => (*words).to_owned(),
                (None, "") => String::new(),
                (None, prefix) => format!("{prefix}???"),
            };
            self.groups.push(Group {
                abi,
                name,
                values: values.into(),
                unknown,
            });
            self.groups.len() - 1
        });
        &self.groups[at]
    }

    /// The name of a value.
    pub(super) fn name(
        &mut self,
        abi: &'static Abi,
        group: &'static str,
        value: u64,
    ) -> Option<&'static str> {
        let value = narrow(value);
        let group = self.group(abi, group);
        group
            .values
            .iter()
            .find(|(_, v)| *v == value)
            .map(|(name, _)| *name)
    }

    /// The value of a name.
    pub(super) fn value(
        &mut self,
        abi: &'static Abi,
        group: &'static str,
        name: &str,
    ) -> Option<u64> {
        self.group(abi, group)
            .values
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, value)| *value)
    }

    /// One value: its name, or `0x4d /* SEEK_??? */`.
    pub(super) fn value_of(
        &mut self,
        out: &mut Vec<u8>,
        abi: &'static Abi,
        group: &'static str,
        value: u64,
    ) {
        let (value, form) = (narrow(value), self.form);
        let group = self.group(abi, group);
        let name = group.values.iter().find(|(_, v)| *v == value);
        match name {
            _ if form == Constants::Numbers => number(out, group.name, value),
            Some((name, _)) if form == Constants::Names => out.extend_from_slice(name.as_bytes()),
            Some((name, _)) => {
                number(out, group.name, value);
                comment(out, name);
            }
            None => unknown(out, group, value),
        }
    }

    /// A combination of flags: `PROT_READ|PROT_WRITE`, `PROT_READ|0x100`, `0x100 /* PROT_??? */`, `0`.
    pub(super) fn flags_of(
        &mut self,
        out: &mut Vec<u8>,
        abi: &'static Abi,
        group: &'static str,
        value: u64,
    ) {
        let (value, form) = (narrow(value), self.form);
        let group = self.group(abi, group);
        let known = group.values.iter().any(|(_, bits)| match value {
            0 => *bits == 0,
            _ => *bits != 0 && value & bits == *bits,
        });
        if form == Constants::Numbers || (!known && value == 0) {
            return number::hex(out, value);
        }
        if !known {
            return unknown(out, group, value);
        }
        if form == Constants::Both {
            number::hex(out, value);
            out.extend_from_slice(b" /* ");
        }
        if value == 0 {
            let zero = group.values.iter().find(|(_, v)| *v == 0);
            out.extend_from_slice(zero.map_or("0", |(name, _)| name).as_bytes());
        }
        let rest = append(out, &group.values, value, "");
        if rest != 0 {
            out.push(b'|');
            number::hex0(out, rest);
        }
        if form == Constants::Both {
            out.extend_from_slice(b" */");
        }
    }

    /// Appends the flags that `value` has, each after `|`, and gives the bits that have no name.
    pub(super) fn more_flags(
        &mut self,
        out: &mut Vec<u8>,
        abi: &'static Abi,
        group: &'static str,
        value: u64,
    ) -> u64 {
        let group = self.group(abi, group);
        append(out, &group.values, narrow(value), "|")
    }
}

fn append(out: &mut Vec<u8>, values: &[Name], value: u64, mut separator: &'static str) -> u64 {
    let mut rest = value;
    for (name, bits) in values {
        if *bits != 0 && rest & bits == *bits {
            out.extend_from_slice(separator.as_bytes());
            out.extend_from_slice(name.as_bytes());
            separator = "|";
            rest &= !bits;
            if rest == 0 {
                break;
            }
        }
    }
    rest
}

/// A number of a group, as it is shown without a name.
fn number(out: &mut Vec<u8>, group: &str, value: u64) {
    if DECIMAL.contains(&group) {
        number::signed(out, i64::from(value as i32));
    } else {
        number::hex(out, value);
    }
}

fn comment(out: &mut Vec<u8>, words: &str) {
    for part in [" /* ", words, " */"] {
        out.extend_from_slice(part.as_bytes());
    }
}

fn unknown(out: &mut Vec<u8>, group: &Group, value: u64) {
    number::hex(out, value);
    if !group.unknown.is_empty() {
        comment(out, &group.unknown);
    }
}
