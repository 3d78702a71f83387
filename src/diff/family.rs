//! Which calls are the same one under other names?
//!
//! What one ABI has as `open`, another has only as `openat`; 32-bit ones have wider twins. [man-pages, the pages of the
//! calls; Linux include/uapi/asm-generic/unistd.h]

/// How a call stands for another.
struct Alias {
    name: &'static str,
    family: &'static str,
    /// Parameters by the names that they have in the family.
    renamed: &'static [(&'static str, &'static str)],
    /// What the family's parameters are when this call is made.
    fixed: &'static [(&'static str, &'static str)],
}

const fn alias(name: &'static str, family: &'static str) -> Alias {
    Alias {
        name,
        family,
        renamed: &[],
        fixed: &[],
    }
}

const fn at(
    name: &'static str,
    family: &'static str,
    fixed: &'static [(&'static str, &'static str)],
) -> Alias {
    Alias {
        fixed,
        ..alias(name, family)
    }
}

const HERE: &[(&str, &str)] = &[("dfd", "AT_FDCWD")];
const BOTH_HERE: &[(&str, &str)] = &[
    ("olddfd", "AT_FDCWD"),
    ("newdfd", "AT_FDCWD"),
    ("flags", "0"),
];
const NO_FLAGS: &[(&str, &str)] = &[("flags", "0")];

static ALIASES: &[Alias] = &[
    at("open", "openat", HERE),
    at(
        "creat",
        "openat",
        &[("dfd", "AT_FDCWD"), ("flags", "O_WRONLY|O_CREAT|O_TRUNC")],
    ),
    at("access", "faccessat", HERE),
    at("faccessat2", "faccessat", &[]),
    at("mkdir", "mkdirat", HERE),
    at("mknod", "mknodat", HERE),
    Alias {
        name: "unlink",
        family: "unlinkat",
        renamed: &[],
        fixed: &[("dfd", "AT_FDCWD"), ("flag", "0")],
    },
    Alias {
        name: "rmdir",
        family: "unlinkat",
        renamed: &[],
        fixed: &[("dfd", "AT_FDCWD"), ("flag", "AT_REMOVEDIR")],
    },
    at("rename", "renameat2", BOTH_HERE),
    at("renameat", "renameat2", NO_FLAGS),
    at("link", "linkat", BOTH_HERE),
    at("symlink", "symlinkat", &[("newdfd", "AT_FDCWD")]),
    Alias {
        name: "readlink",
        family: "readlinkat",
        renamed: &[("path", "pathname")],
        fixed: HERE,
    },
    at("chmod", "fchmodat", HERE),
    at("chown", "fchownat", &[("dfd", "AT_FDCWD"), ("flag", "0")]),
    at("chown32", "fchownat", &[("dfd", "AT_FDCWD"), ("flag", "0")]),
    alias("fchown32", "fchown"),
    alias("stat", "newfstatat"),
    alias("stat64", "newfstatat"),
    alias("lstat", "newfstatat"),
    alias("lstat64", "newfstatat"),
    alias("fstatat64", "newfstatat"),
    alias("statx", "newfstatat"),
    alias("fstat64", "fstat"),
    alias("statfs64", "statfs"),
    alias("fstatfs64", "fstatfs"),
    alias("mmap2", "mmap"),
    alias("old_mmap", "mmap"),
    alias("llseek", "lseek"),
    alias("_llseek", "lseek"),
    alias("truncate64", "truncate"),
    alias("ftruncate64", "ftruncate"),
    alias("sendfile64", "sendfile"),
    alias("getdents", "getdents64"),
    alias("fcntl64", "fcntl"),
    at("dup2", "dup3", NO_FLAGS),
    at("pipe", "pipe2", NO_FLAGS),
    alias("epoll_create", "epoll_create1"),
    alias("epoll_wait", "epoll_pwait"),
    alias("epoll_pwait2", "epoll_pwait"),
    alias("eventfd", "eventfd2"),
    alias("signalfd", "signalfd4"),
    alias("inotify_init", "inotify_init1"),
    alias("poll", "ppoll"),
    alias("ppoll_time64", "ppoll"),
    alias("select", "pselect6"),
    alias("_newselect", "pselect6"),
    alias("pselect6_time64", "pselect6"),
    at("accept", "accept4", NO_FLAGS),
    alias("send", "sendto"),
    alias("recv", "recvfrom"),
    alias("ugetrlimit", "prlimit64"),
    alias("getrlimit", "prlimit64"),
    alias("setrlimit", "prlimit64"),
    alias("getuid32", "getuid"),
    alias("geteuid32", "geteuid"),
    alias("getgid32", "getgid"),
    alias("getegid32", "getegid"),
    alias("setuid32", "setuid"),
    alias("setgid32", "setgid"),
    alias("setresuid32", "setresuid"),
    alias("setresgid32", "setresgid"),
    alias("getgroups32", "getgroups"),
    alias("setgroups32", "setgroups"),
    alias("fork", "clone"),
    alias("vfork", "clone"),
    alias("clone3", "clone"),
    alias("waitpid", "wait4"),
    alias("exit", "exit_group"),
    alias("sigreturn", "rt_sigreturn"),
    alias("sigaction", "rt_sigaction"),
    alias("sigprocmask", "rt_sigprocmask"),
    alias("time", "clock_gettime"),
    alias("gettimeofday", "clock_gettime"),
    alias("clock_gettime64", "clock_gettime"),
    alias("clock_getres_time64", "clock_getres"),
    alias("nanosleep", "clock_nanosleep"),
    alias("clock_nanosleep_time64", "clock_nanosleep"),
    alias("futex_time64", "futex"),
    alias("utimensat_time64", "utimensat"),
    alias("set_thread_area", "set_tls"),
    alias("arch_prctl", "set_tls"),
    alias("arm_set_tls", "set_tls"),
    alias("newuname", "uname"),
];

/// Parameters that say nothing of what a program wants.
const SILENT: &[&str] = &["mode", "sigsetsize", "sizemask", "dfd_unused"];

/// The family of a call, and its arguments by the family's names.
pub(super) fn normalise(name: &str, args: &[(String, String)]) -> (String, Vec<(String, String)>) {
    let alias = ALIASES.iter().find(|alias| alias.name == name);
    let family = alias.map_or(name, |alias| alias.family);
    let mut all: Vec<(String, String)> = args
        .iter()
        .map(|(param, text)| {
            let renamed = alias.and_then(|alias| {
                let mut pairs = alias.renamed.iter();
                pairs.find(|(from, _)| from == param)
            });
            let param = renamed.map_or(param.as_str(), |(_, to)| to);
            (param.to_owned(), meaning(text))
        })
        .collect();
    for (param, text) in alias.map_or(&[][..], |alias| alias.fixed) {
        all.push(((*param).to_owned(), (*text).to_owned()));
    }
    all.retain(|(param, text)| !text.is_empty() && !SILENT.contains(&param.as_str()));
    all.sort();
    (family.to_owned(), all)
}

/// What of an argument is the same on every architecture: no addresses, and no flag that only some have to give.
fn meaning(text: &str) -> String {
    let address = |text: &str| text.starts_with("0x") || text == "NULL";
    if address(text) || text.starts_with(['{', '[']) {
        return String::new();
    }
    let flags: Vec<&str> = text
        .split('|')
        .filter(|flag| *flag != "O_LARGEFILE")
        .collect();
    flags.join("|")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(all: &[(&str, &str)]) -> Vec<(String, String)> {
        let own = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        all.iter().map(own).collect()
    }

    #[test]
    fn open_is_openat_from_here() {
        let short = args(&[("filename", "\"/x\""), ("flags", "O_RDONLY|O_LARGEFILE")]);
        let long = args(&[
            ("dfd", "AT_FDCWD"),
            ("filename", "\"/x\""),
            ("flags", "O_RDONLY"),
        ]);
        assert_eq!(normalise("open", &short), normalise("openat", &long));
        let elsewhere = args(&[("dfd", "3"), ("filename", "\"/x\""), ("flags", "O_RDONLY")]);
        assert_ne!(normalise("open", &short), normalise("openat", &elsewhere));
    }

    #[test]
    fn addresses_say_nothing() {
        let one = args(&[("addr", "0x1000"), ("len", "4096")]);
        let other = args(&[("addr", "NULL"), ("len", "4096")]);
        assert_eq!(normalise("mmap2", &one), normalise("mmap", &other));
    }

    #[test]
    fn no_call_has_two_families() {
        for alias in ALIASES {
            let same = ALIASES.iter().filter(|other| other.name == alias.name);
            assert_eq!(same.count(), 1, "{}", alias.name);
            assert!(
                !ALIASES.iter().any(|other| other.name == alias.family),
                "{} leads on",
                alias.family
            );
        }
    }
}
