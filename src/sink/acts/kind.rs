//! What is a call about?

use emu_prototypes::{CallInfo, Meaning, Os};

/// What a call is about. Calls of one kind have their arguments in the same places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// `open`, and the argument with the flags.
    Open(u8),
    /// `creat`
    Creat,
    /// `openat2`
    Openat2,
    Read,
    Write,
    /// From one descriptor to another.
    Copy {
        from: u8,
        to: u8,
    },
    Delete,
    Rename,
    Make(&'static str),
    Link(&'static str),
    Change(&'static str),
    /// And the argument with the strings.
    Execute(u8),
    /// By a descriptor alone.
    ExecuteFile,
    Socket,
    Connect,
    Bind,
    Listen,
    Accept,
    /// To an address, in the fifth argument.
    SendTo,
    SendMessage,
    SendMessages,
    /// The arguments with the target and the signal.
    Kill(u8, u8),
    Ptrace,
    Prctl,
    Map,
    OldMap,
    Protect,
    Rule(&'static str),
    /// Of Windows.
    Windows,
    /// Nothing is known but the paths it takes.
    Paths,
    Other,
}

/// The kind of a call.
pub(super) fn of(info: &CallInfo) -> Kind {
    if info.os == Os::Windows {
        return Kind::Windows;
    }
    match info.name {
        "open" => Kind::Open(1),
        "openat" => Kind::Open(2),
        "creat" => Kind::Creat,
        "openat2" => Kind::Openat2,
        "read" | "pread" | "pread64" | "readv" | "preadv" | "preadv2" | "recv" | "recvfrom"
        | "recvmsg" => Kind::Read,
        "write" | "pwrite" | "pwrite64" | "writev" | "pwritev" | "pwritev2" | "send" => Kind::Write,
        "sendfile" | "sendfile64" if info.os == Os::Linux => Kind::Copy { from: 1, to: 0 },
        "splice" | "copy_file_range" => Kind::Copy { from: 0, to: 2 },
        "unlink" | "unlinkat" | "rmdir" => Kind::Delete,
        "rename" | "renameat" | "renameat2" => Kind::Rename,
        "mkdir" | "mkdirat" => Kind::Make("directory"),
        "mknod" | "mknodat" | "mkfifo" | "mkfifoat" => Kind::Make("node"),
        "symlink" | "symlinkat" => Kind::Link("symbolic link"),
        "link" | "linkat" => Kind::Link("link"),
        "chmod" | "fchmodat" | "fchmodat2" => Kind::Change("mode"),
        "chown" | "chown32" | "lchown" | "lchown32" | "fchownat" => Kind::Change("owner"),
        "truncate" | "truncate64" => Kind::Change("length"),
        "execve" => Kind::Execute(1),
        "execveat" => Kind::Execute(2),
        "fexecve" => Kind::ExecuteFile,
        "socket" => Kind::Socket,
        "connect" => Kind::Connect,
        "bind" => Kind::Bind,
        "listen" => Kind::Listen,
        "accept" | "accept4" => Kind::Accept,
        "sendto" => Kind::SendTo,
        "sendmsg" => Kind::SendMessage,
        "sendmmsg" => Kind::SendMessages,
        "kill" | "rt_sigqueueinfo" | "tkill" => Kind::Kill(0, 1),
        "tgkill" | "rt_tgsigqueueinfo" => Kind::Kill(1, 2),
        "ptrace" => Kind::Ptrace,
        "prctl" => Kind::Prctl,
        "mmap" | "mmap2" => Kind::Map,
        "old_mmap" => Kind::OldMap,
        "mprotect" | "pkey_mprotect" => Kind::Protect,
        "init_module" | "finit_module" => Kind::Rule("loads a module into the kernel"),
        "delete_module" => Kind::Rule("removes a module of the kernel"),
        "reboot" => Kind::Rule("reboots, or sets what Ctrl-Alt-Del does"),
        "mount" => Kind::Rule("mounts"),
        "umount" | "umount2" => Kind::Rule("unmounts"),
        "swapoff" | "swapon" => Kind::Rule("changes the swap space"),
        "sethostname" => Kind::Rule("sets the name of the machine"),
        "settimeofday" | "clock_settime" | "clock_settime64" | "stime" => {
            Kind::Rule("sets the clock")
        }
        _ if info
            .params
            .iter()
            .any(|param| param.meaning == Meaning::Path) =>
        {
            Kind::Paths
        }
        _ => Kind::Other,
    }
}
