//! What the arguments behind a command are, of calls that are many in one.

use emu_prototypes::linux::id;

use super::super::Asked;
use super::how::How::{
    self, Address, AddressOut, Bytes, BytesOut, Descriptor, Descriptors, Flags, Hex, HexBytes, Id,
    In, IntOut, Name, NameOut, Named, Number, Out, Path, Signal, Text, Unsigned, Value, ValueOut,
    WordOut,
};
use super::{group, ioctl, name_of};

/// The first argument that hangs on the command, and how it and those behind it are shown. `None` when all is as the
/// meanings have it.
#[inline]
pub(super) fn arguments(asked: &Asked<'_>) -> Option<(u8, &'static [How])> {
    // This is asked for each argument of each call, and few calls have a command.
    match asked.info.id {
        id::PRCTL
        | id::KEYCTL
        | id::FSCONFIG
        | id::PTRACE
        | id::REBOOT
        | id::KCMP
        | id::SECCOMP
        | id::IO_URING_REGISTER
        | id::QUOTACTL
        | id::QUOTACTL_FD => of_command(asked),
        _ => None,
    }
}

fn of_command(asked: &Asked<'_>) -> Option<(u8, &'static [How])> {
    Some(match asked.info.id {
        id::PRCTL => (1, prctl(asked)),
        id::KEYCTL => (1, keyctl(name_of(asked, 0, "keyctl")?)),
        id::FSCONFIG => (2, fsconfig(name_of(asked, 1, "fsconfig")?)?),
        id::PTRACE => (1, ptrace(name_of(asked, 0, "ptrace")?)?),
        id::REBOOT => match name_of(asked, 2, "reboot") {
            Some("LINUX_REBOOT_CMD_RESTART2") => (3, &[Text]),
            _ => (3, &[]),
        },
        id::KCMP => match name_of(asked, 2, "kcmp")? {
            "KCMP_FILE" => (3, &[Number, Number]),
            "KCMP_EPOLL_TFD" => (3, &[Number, Address]),
            _ => (3, &[]),
        },
        id::SECCOMP => match name_of(asked, 0, "seccomp")? {
            "SECCOMP_SET_MODE_FILTER" => (2, &[How::Filter]),
            "SECCOMP_GET_ACTION_AVAIL" => (2, &[How::ValueIn("seccomp_action")]),
            _ => return None,
        },
        id::IO_URING_REGISTER => match name_of(asked, 1, "io_uring_register")? {
            "IORING_REGISTER_FILES" => (2, &[Descriptors(3), Unsigned]),
            "IORING_REGISTER_EVENTFD" | "IORING_REGISTER_EVENTFD_ASYNC" => {
                (2, &[How::IntIn, Unsigned])
            }
            "IORING_REGISTER_BUFFERS" => (2, &[How::RawVectors(3), Unsigned]),
            "IORING_REGISTER_RING_FDS" => {
                (2, &[How::Structures("io_uring_rsrc_update", 3), Unsigned])
            }
            _ => return None,
        },
        id::QUOTACTL | id::QUOTACTL_FD => {
            let command = super::name(asked.abi, "quota", asked.arg(quota_command(asked)) >> 8)?;
            (2, quota(command)?)
        }
        _ => return None,
    })
}

/// Where the command of a quota call is.
pub(super) fn quota_command(asked: &Asked<'_>) -> u8 {
    u8::from(asked.info.id == id::QUOTACTL_FD)
}

/// What the argument of an `ioctl` is, as one of a command's.
pub(super) fn of(asked: &Asked<'_>, field: u8) -> Option<How> {
    if (asked.info.id, field) == (id::IOCTL, 2) {
        return ioctl::argument(asked);
    }
    let (first, all) = arguments(asked)?;
    all.get(usize::from(field.checked_sub(first)?)).copied()
}

/// The structure in which a request is asked and answered, when it is such a one.
pub(in super::super) fn answers(asked: &Asked<'_>, field: u8) -> Option<&'static str> {
    match of(asked, field) {
        Some(How::Question(shape)) => Some(shape),
        _ => None,
    }
}

/// Whether an argument is none of the command's.
pub(super) fn leaves_out(asked: &Asked<'_>, field: u8) -> bool {
    match arguments(asked) {
        Some((first, all)) => usize::from(field) >= usize::from(first) + all.len(),
        None => false,
    }
}

fn prctl(asked: &Asked<'_>) -> &'static [How] {
    match name_of(asked, 0, group::PRCTL).unwrap_or("") {
        "PR_GET_DUMPABLE" | "PR_GET_KEEPCAPS" | "PR_GET_SECCOMP" | "PR_GET_SECUREBITS" => &[],
        "PR_GET_TIMERSLACK" | "PR_GET_TIMING" => &[],
        "PR_SET_NAME" => &[Name(15)],
        "PR_GET_NAME" => &[NameOut(16)],
        "PR_SET_PDEATHSIG" => &[Signal],
        "PR_GET_PDEATHSIG" | "PR_GET_CHILD_SUBREAPER" | "PR_GET_ENDIAN" | "PR_GET_UNALIGN" => {
            &[IntOut]
        }
        "PR_GET_FPEMU" | "PR_GET_FPEXC" => &[IntOut],
        "PR_SET_DUMPABLE" => &[Value("dumpable")],
        "PR_SET_KEEPCAPS" | "PR_SET_TIMERSLACK" | "PR_SET_CHILD_SUBREAPER" => &[Unsigned],
        "PR_SET_NO_NEW_PRIVS" | "PR_GET_NO_NEW_PRIVS" => &[Unsigned, Unsigned, Unsigned, Unsigned],
        "PR_SET_THP_DISABLE" | "PR_GET_THP_DISABLE" => &[Unsigned, Unsigned, Unsigned, Unsigned],
        "PR_SET_IO_FLUSHER" | "PR_GET_IO_FLUSHER" => &[Unsigned, Unsigned, Unsigned, Unsigned],
        "PR_SET_SECCOMP" => match asked.arg(1) {
            2 => &[Value("seccomp_mode"), How::Filter],
            _ => &[Value("seccomp_mode")],
        },
        "PR_CAPBSET_READ" | "PR_CAPBSET_DROP" => &[Value(group::CAPABILITY)],
        "PR_CAP_AMBIENT" => match super::name(asked.abi, "cap_ambient", asked.arg(1)) {
            Some("PR_CAP_AMBIENT_CLEAR_ALL") | None => &[Value("cap_ambient"), Hex, Hex, Hex],
            Some(_) => &[Value("cap_ambient"), Value(group::CAPABILITY), Hex, Hex],
        },
        "PR_SET_SECUREBITS" => &[Flags("securebits")],
        "PR_SET_PTRACER" => &[Named("prctl_tracer")],
        "PR_SET_MM" => &[Value("prctl_mm"), Address, Unsigned, Unsigned],
        "PR_SET_VMA" => match asked.arg(1) {
            0 => &[Value("prctl_vma"), Address, Unsigned, Text],
            _ => &[Value("prctl_vma"), Address, Unsigned, Hex],
        },
        "PR_SET_TIMING" => &[Unsigned],
        "PR_GET_TID_ADDRESS" => &[AddressOut],
        "PR_SET_SPECULATION_CTRL" => &[Value("speculation"), Value("speculation_control")],
        "PR_GET_SPECULATION_CTRL" => &[Value("speculation")],
        "PR_MCE_KILL" => match super::name(asked.abi, "prctl_mce", asked.arg(1)) {
            Some("PR_MCE_KILL_SET") => &[Value("prctl_mce"), Value("prctl_mce_policy"), Hex, Hex],
            _ => &[Value("prctl_mce"), Hex, Hex, Hex],
        },
        "PR_MCE_KILL_GET" => &[Hex, Hex, Hex, Hex],
        "PR_GET_TSC" => &[ValueOut("prctl_tsc")],
        "PR_SET_TSC" => &[Value("prctl_tsc")],
        "PR_SET_UNALIGN" | "PR_SET_FP_MODE" | "PR_SVE_SET_VL" => &[Address],
        "" => &[Hex, Hex, Hex, Hex],
        _ => &[Address, Hex, Hex, Hex],
    }
}

fn keyctl(command: &str) -> &'static [How] {
    const KEY: How = Named("key");
    match command {
        "KEYCTL_GET_KEYRING_ID" => &[KEY, Number],
        "KEYCTL_JOIN_SESSION_KEYRING" => &[Text],
        "KEYCTL_REVOKE" | "KEYCTL_CLEAR" | "KEYCTL_INVALIDATE" | "KEYCTL_ASSUME_AUTHORITY" => {
            &[KEY]
        }
        "KEYCTL_UPDATE" => &[KEY, Bytes(3), Unsigned],
        "KEYCTL_CHOWN" => &[KEY, Id, Id],
        "KEYCTL_SETPERM" => &[KEY, Flags("key_permissions")],
        "KEYCTL_DESCRIBE" | "KEYCTL_READ" | "KEYCTL_GET_SECURITY" => &[KEY, BytesOut(3), Unsigned],
        "KEYCTL_LINK" | "KEYCTL_UNLINK" => &[KEY, KEY],
        "KEYCTL_SEARCH" => &[KEY, Text, Text, KEY],
        "KEYCTL_INSTANTIATE" => &[KEY, Bytes(3), Unsigned, KEY],
        "KEYCTL_NEGATE" => &[KEY, Unsigned, KEY],
        "KEYCTL_REJECT" => &[KEY, Unsigned, How::Error, KEY],
        "KEYCTL_SET_REQKEY_KEYRING" => &[Named("reqkey")],
        "KEYCTL_DH_COMPUTE" => &[In("keyctl_dh_params"), BytesOut(3), Unsigned, Address],
        "KEYCTL_MOVE" => &[KEY, KEY, KEY, Flags("keyctl_move")],
        "KEYCTL_SET_TIMEOUT" => &[KEY, Unsigned],
        "KEYCTL_SESSION_TO_PARENT" => &[],
        "KEYCTL_GET_PERSISTENT" => &[Id, KEY],
        "KEYCTL_RESTRICT_KEYRING" => &[KEY, Text, Text],
        _ => &[Hex, Hex, Hex, Hex],
    }
}

fn fsconfig(command: &str) -> Option<&'static [How]> {
    Some(match command {
        "FSCONFIG_SET_FLAG" => &[Text, Address, Number],
        "FSCONFIG_SET_STRING" => &[Text, Text, Number],
        "FSCONFIG_SET_BINARY" => &[Text, HexBytes(4), Number],
        "FSCONFIG_SET_PATH" | "FSCONFIG_SET_PATH_EMPTY" => &[Text, Path, Descriptor],
        "FSCONFIG_SET_FD" => &[Text, Address, Number],
        "FSCONFIG_CMD_CREATE" | "FSCONFIG_CMD_RECONFIGURE" => &[Address, Address, Number],
        _ => return None,
    })
}

fn ptrace(request: &str) -> Option<&'static [How]> {
    Some(match request {
        "PTRACE_TRACEME" => &[],
        "PTRACE_ATTACH" | "PTRACE_INTERRUPT" | "PTRACE_KILL" | "PTRACE_LISTEN" => &[Number],
        "PTRACE_CONT"
        | "PTRACE_SYSCALL"
        | "PTRACE_SINGLESTEP"
        | "PTRACE_SYSEMU"
        | "PTRACE_DETACH"
        | "PTRACE_SINGLEBLOCK"
        | "PTRACE_SYSEMU_SINGLESTEP" => &[Number, Address, Signal],
        "PTRACE_SETOPTIONS" | "PTRACE_SEIZE" => &[Number, Address, Flags("ptrace_options")],
        "PTRACE_GETEVENTMSG" => &[Number, Address, WordOut],
        "PTRACE_GETSIGINFO" => &[Number, Address, Out("siginfo")],
        "PTRACE_SETSIGINFO" => &[Number, Address, In("siginfo")],
        "PTRACE_PEEKTEXT" | "PTRACE_PEEKDATA" | "PTRACE_PEEKUSER" => {
            &[Number, Address, How::WordHexOut]
        }
        "PTRACE_GETREGSET" => &[Number, Value("register_set"), How::Vector],
        "PTRACE_SETREGSET" => &[Number, Value("register_set"), How::Vector],
        _ => return None,
    })
}

fn quota(command: &str) -> Option<&'static [How]> {
    Some(match command {
        "Q_QUOTAON" => &[Value("quota_format"), Path],
        "Q_QUOTAOFF" => &[Id],
        "Q_SYNC" => &[],
        "Q_GETFMT" => &[ValueOut("quota_format")],
        _ => return None,
    })
}
