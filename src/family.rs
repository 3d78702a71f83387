//! Which calls are the same one under other names?
//!
//! What one ABI has as `open`, another has only as `openat`; 32-bit ones have wider twins; FreeBSD's arguments have other
//! names. A family is named by the Linux call that says the most, and its parameters are that call's.
//! [man-pages, the pages of the calls; Linux include/uapi/asm-generic/unistd.h]

use emu_cpu::GuestMemory;
use emu_prototypes::linux::{self, Abi};
use emu_prototypes::{Args, CallInfo, MAX_ARGS, Os};

/// How a call stands for another.
struct Alias {
    name: &'static str,
    family: &'static str,
    /// Parameters by the names that they have in the family.
    renamed: &'static [(&'static str, &'static str)],
    /// What the family's parameters are when this call is made.
    fixed: &'static [(&'static str, &'static str)],
    /// How its arguments are to be read where that is not as they are.
    reads: Reads,
}

/// How a call's arguments become those of its family.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reads {
    /// As they are.
    Plain,
    /// All of them are words of 32 bits in memory at the only one, in the family's order.
    Block,
    /// A parameter of the family is another in units of so many bytes.
    Scaled(&'static str, &'static str, u64),
    /// A parameter of the family has its upper and its lower half in two others.
    Halves(&'static str, &'static str, &'static str),
}

const fn alias(name: &'static str, family: &'static str) -> Alias {
    Alias {
        name,
        family,
        renamed: &[],
        fixed: &[],
        reads: Reads::Plain,
    }
}

const fn renamed(
    name: &'static str,
    family: &'static str,
    renamed: &'static [(&'static str, &'static str)],
) -> Alias {
    Alias {
        renamed,
        ..alias(name, family)
    }
}

const fn read(name: &'static str, family: &'static str, reads: Reads) -> Alias {
    Alias {
        reads,
        ..alias(name, family)
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
const STAT: &[(&str, &str)] = &[("dfd", "AT_FDCWD"), ("flag", "0")];
const LINK_ITSELF: &[(&str, &str)] = &[("dfd", "AT_FDCWD"), ("flag", "AT_SYMLINK_NOFOLLOW")];
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
    at("unlink", "unlinkat", &[("dfd", "AT_FDCWD"), ("flag", "0")]),
    at(
        "rmdir",
        "unlinkat",
        &[("dfd", "AT_FDCWD"), ("flag", "AT_REMOVEDIR")],
    ),
    at("rename", "renameat2", BOTH_HERE),
    at("renameat", "renameat2", NO_FLAGS),
    at("link", "linkat", BOTH_HERE),
    at("symlink", "symlinkat", &[("newdfd", "AT_FDCWD")]),
    Alias {
        renamed: &[("path", "pathname")],
        ..at("readlink", "readlinkat", HERE)
    },
    at("chmod", "fchmodat", HERE),
    at("chown", "fchownat", &[("dfd", "AT_FDCWD"), ("flag", "0")]),
    at("chown32", "fchownat", &[("dfd", "AT_FDCWD"), ("flag", "0")]),
    alias("fchown32", "fchown"),
    at("lchown", "fchownat", LINK_ITSELF),
    at("lchown32", "fchownat", LINK_ITSELF),
    at("stat", "newfstatat", STAT),
    at("stat64", "newfstatat", STAT),
    at("lstat", "newfstatat", LINK_ITSELF),
    at("lstat64", "newfstatat", LINK_ITSELF),
    alias("fstatat64", "newfstatat"),
    renamed(
        "statx",
        "newfstatat",
        &[("flags", "flag"), ("buffer", "statbuf")],
    ),
    alias("fstat64", "fstat"),
    alias("statfs64", "statfs"),
    alias("fstatfs64", "fstatfs"),
    // [mmap2(2): units of 4096 bytes, whatever the size of a page]
    read("mmap2", "mmap", Reads::Scaled("off", "pgoff", 4096)),
    read("old_mmap", "mmap", Reads::Block),
    alias("llseek", "lseek"),
    read(
        "_llseek",
        "lseek",
        Reads::Halves("offset", "offset_high", "offset_low"),
    ),
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
    renamed("poll", "ppoll", &[("timeout_msecs", "")]),
    alias("ppoll_time64", "ppoll"),
    renamed("select", "pselect6", &[("tvp", "tsp")]),
    read("old_select", "pselect6", Reads::Block),
    alias("pselect6_time64", "pselect6"),
    at("accept", "accept4", NO_FLAGS),
    at("send", "sendto", &[("addr", "0"), ("addr_len", "0")]),
    at("recv", "recvfrom", &[("addr", "0"), ("addr_len", "0")]),
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
    Alias {
        renamed: &[("pid", "upid")],
        ..at("waitpid", "wait4", &[("ru", "0")])
    },
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
pub(crate) fn normalise(name: &str, args: &[(String, String)]) -> (String, Vec<(String, String)>) {
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

/// FreeBSD's calls that have another name than Linux's; the others have the same one, and the same order of arguments.
const FREEBSD: &[(&str, &str)] = &[
    ("fstatat", "newfstatat"),
    ("pselect", "pselect6"),
    ("pread", "pread64"),
    ("pwrite", "pwrite64"),
    ("__getcwd", "getcwd"),
];

/// A call as a member of its family.
pub(crate) struct Member {
    /// The call of Linux whose parameters the family has.
    family: &'static CallInfo,
    /// The call of Linux that it is like, argument by argument.
    like: &'static CallInfo,
    alias: Option<&'static Alias>,
}

impl Member {
    /// What a call is a member of. Nothing for calls that only Windows or a user's own system has.
    pub(crate) fn of(info: &CallInfo) -> Option<Member> {
        let name = match info.os {
            Os::Linux => info.name,
            Os::FreeBsd => {
                let mut other = FREEBSD.iter();
                other
                    .find(|(own, _)| *own == info.name)
                    .map_or(info.name, |(_, name)| name)
            }
            Os::Windows | Os::Own => return None,
        };
        let like = linux::by_name(name)?;
        let alias = ALIASES.iter().find(|alias| alias.name == name);
        let family = alias.map_or(Some(like), |alias| linux::by_name(alias.family))?;
        Some(Member {
            family,
            like,
            alias,
        })
    }

    /// Where a parameter of the family is among the arguments, as it is.
    fn place(&self, param: &str) -> Option<usize> {
        let renamed = self.alias.map_or(&[][..], |alias| alias.renamed);
        let own = match renamed.iter().find(|(_, to)| *to == param) {
            Some((from, _)) => from,
            None if renamed.iter().any(|(from, _)| *from == param) => return None,
            None => param,
        };
        self.argument(own)
    }

    fn argument(&self, name: &str) -> Option<usize> {
        self.like.params.iter().position(|param| param.name == name)
    }

    fn value(
        &self,
        param: &str,
        at: usize,
        args: &Args,
        memory: &mut dyn GuestMemory,
        abi: &Abi,
    ) -> Option<u64> {
        let fixed = self.alias.map_or(&[][..], |alias| alias.fixed);
        if let Some((_, text)) = fixed.iter().find(|(name, _)| *name == param) {
            return constant(abi, text);
        }
        match self.alias.map_or(Reads::Plain, |alias| alias.reads) {
            Reads::Block => {
                let word = memory.read_u32(args[0].wrapping_add(4 * at as u64));
                word.ok().map(u64::from)
            }
            Reads::Scaled(name, from, unit) if name == param => {
                Some(args[self.argument(from)?].wrapping_mul(unit))
            }
            Reads::Halves(name, high, low) if name == param => {
                let (high, low) = (args[self.argument(high)?], args[self.argument(low)?]);
                Some(high << 32 | low & 0xffff_ffff)
            }
            _ => self.place(param).map(|place| args[place]),
        }
    }
}

/// The value of names between `|`.
fn constant(abi: &Abi, text: &str) -> Option<u64> {
    let one = |name: &str| {
        let mut members = abi.groups.iter().flat_map(|group| group.members);
        let known = members.find(|(other, _)| *other == name);
        known.map(|(_, value)| *value).or_else(|| name.parse().ok())
    };
    text.split('|')
        .map(one)
        .try_fold(0, |all, value| Some(all | value?))
}

/// A call with the arguments of its family.
#[derive(Debug)]
pub struct FamilyCall<'a> {
    /// The call itself.
    pub info: &'static CallInfo,
    family: &'static CallInfo,
    values: [Option<u64>; MAX_ARGS],
    places: [Option<usize>; MAX_ARGS],
    args: &'a mut Args,
}

impl<'a> FamilyCall<'a> {
    /// `abi` has the names of the system that the call came by.
    pub(crate) fn new(
        member: &Member,
        info: &'static CallInfo,
        args: &'a mut Args,
        memory: &mut dyn GuestMemory,
        abi: &Abi,
    ) -> FamilyCall<'a> {
        let (mut values, mut places) = ([None; MAX_ARGS], [None; MAX_ARGS]);
        for (at, param) in member.family.params.iter().enumerate() {
            values[at] = member.value(param.name, at, args, memory, abi);
            let plain = values[at].is_some()
                && values[at] == member.place(param.name).map(|place| args[place]);
            places[at] = member.place(param.name).filter(|_| plain);
        }
        FamilyCall {
            info,
            family: member.family,
            values,
            places,
            args,
        }
    }

    /// The name of the family: the Linux call that says the most.
    pub fn family(&self) -> &'static str {
        self.family.name
    }

    fn index(&self, name: &str) -> Option<usize> {
        self.family
            .params
            .iter()
            .position(|param| param.name == name)
    }

    /// An argument by the family's name of it. `None` where the call has no such argument, and where it is not readable.
    pub fn arg(&self, name: &str) -> Option<u64> {
        self.values[self.index(name)?]
    }

    /// Changes an argument before the kernel sees it. False where the call does not have it as an argument of its own.
    pub fn set(&mut self, name: &str, value: u64) -> bool {
        let Some((at, place)) = self.index(name).and_then(|at| Some((at, self.places[at]?))) else {
            return false;
        };
        self.values[at] = Some(value);
        self.args[place] = value;
        true
    }
}

/// The calls that are in the same family as the one with that name. None when no call of Linux has it.
pub(crate) fn members(name: &str) -> Vec<&'static CallInfo> {
    let alias = ALIASES.iter().find(|alias| alias.name == name);
    let wanted = alias.map_or(name, |alias| alias.family);
    let is_member =
        |info: &&CallInfo| Member::of(info).is_some_and(|member| member.family.name == wanted);
    Os::all_calls().filter(is_member).collect()
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
    fn families_and_their_parameters_are_calls_of_linux() {
        for alias in ALIASES {
            // Some names are those of a single ABI's numbers.
            let mut rows = linux::ABIS.iter().flat_map(|abi| abi.table.rows);
            let is_row = rows.any(|row| row.name == alias.name);
            let other = ["llseek", "arm_set_tls", "newuname"].contains(&alias.name);
            assert!(
                is_row || other || linux::by_name(alias.name).is_some(),
                "{}",
                alias.name
            );
            let Some(family) = linux::by_name(alias.family) else {
                continue;
            };
            let has = |name: &str| family.params.iter().any(|param| param.name == name);
            for (param, text) in alias.fixed {
                assert!(
                    has(param) || *param == "dfd",
                    "{} has no {param}",
                    family.name
                );
                assert!(constant(&linux::X64, text).is_some(), "{text}");
            }
            for (_, to) in alias.renamed {
                assert!(to.is_empty() || has(to), "{} has no {to}", family.name);
            }
        }
    }

    /// [llseek(2); mmap2(2)]
    #[test]
    fn halves_and_units_are_put_together() {
        let memory = emu_cpu::Memory::new(1 << 20).expect("there is room");
        let arch = emu_cpu::Arch::X86;
        let mut space = emu_cpu::AddressSpace::new(&memory, arch, 0x1000, 0xc000_0000);
        let mut value = |name: &str, args: &[u64], param: &str| {
            let mut all: Args = [0; MAX_ARGS];
            all[..args.len()].copy_from_slice(args);
            let info = linux::by_name(name).expect("it is a call");
            let member = Member::of(info).expect("it has a family");
            FamilyCall::new(&member, info, &mut all, &mut space, &linux::X86).arg(param)
        };
        let offset = value("_llseek", &[3, 1, 0x2345_6789, 0x1000, 0], "offset");
        assert_eq!(offset, Some(0x1_2345_6789));
        assert_eq!(value("mmap2", &[0, 4096, 3, 2, 5, 2], "off"), Some(8192));
        assert_eq!(value("creat", &[0x1000, 0o644], "flags"), Some(0o1101));
        assert_eq!(value("lstat", &[0x1000, 0x2000], "flag"), Some(0x100));
        assert_eq!(
            value("old_select", &[0x5000], "n"),
            None,
            "it can't be read"
        );
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
