//! Are structures laid out as compilers lay out those of the C library?
//!
//! Our places come from the kernel's headers; here the C library's headers, written independently, must agree, for each
//! architecture whose compiler is installed.

use std::io::Write;
use std::process::{Command, Stdio};

use emu_prototypes::linux::{self, Abi};

const HEADERS: &str = "
#define _GNU_SOURCE
#include <stddef.h>
#include <sys/types.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/ioctl.h>
#include <dirent.h>
#include <fcntl.h>
#include <mqueue.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <time.h>
#include <utime.h>
";

/// A structure of ours, the C library's type, and fields that have other names there.
type Same = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

/// Structures of ours, and the C library's type where it is the same on every architecture. Fields of other names are
/// given; of what is told apart by `.` here, ours has `_`.
const SAME: &[Same] = &[
    ("timespec", "struct timespec", &[]),
    ("timeval", "struct timeval", &[]),
    ("timezone", "struct timezone", &[]),
    (
        "itimerval",
        "struct itimerval",
        &[
            ("it_interval_tv_sec", "it_interval.tv_sec"),
            ("it_interval_tv_usec", "it_interval.tv_usec"),
            ("it_value_tv_sec", "it_value.tv_sec"),
            ("it_value_tv_usec", "it_value.tv_usec"),
        ],
    ),
    (
        "itimerspec",
        "struct itimerspec",
        &[
            ("it_interval_tv_sec", "it_interval.tv_sec"),
            ("it_interval_tv_nsec", "it_interval.tv_nsec"),
            ("it_value_tv_sec", "it_value.tv_sec"),
            ("it_value_tv_nsec", "it_value.tv_nsec"),
        ],
    ),
    (
        "timex",
        "struct timex",
        &[
            ("time_tv_sec", "time.tv_sec"),
            ("time_tv_usec", "time.tv_usec"),
        ],
    ),
    ("tms", "struct tms", &[]),
    ("utimbuf", "struct utimbuf", &[]),
    (
        "rusage",
        "struct rusage",
        &[
            ("ru_utime_tv_sec", "ru_utime.tv_sec"),
            ("ru_utime_tv_usec", "ru_utime.tv_usec"),
            ("ru_stime_tv_sec", "ru_stime.tv_sec"),
            ("ru_stime_tv_usec", "ru_stime.tv_usec"),
        ],
    ),
    ("rlimit", "struct rlimit", &[]),
    ("rlimit64", "struct rlimit64", &[]),
    ("utsname", "struct utsname", &[]),
    ("sysinfo", "struct sysinfo", &[]),
    ("iovec", "struct iovec", &[]),
    ("pollfd", "struct pollfd", &[]),
    ("epoll_event", "struct epoll_event", &[]),
    ("inotify_event", "struct inotify_event", &[]),
    ("flock", "struct flock", &[]),
    ("f_owner_ex", "struct f_owner_ex", &[]),
    ("statfs", "struct statfs", &[]),
    ("statfs64", "struct statfs64", &[]),
    (
        "stat64",
        "struct stat64",
        &[
            ("st_atime", "st_atim.tv_sec"),
            ("st_atime_nsec", "st_atim.tv_nsec"),
            ("st_mtime", "st_mtim.tv_sec"),
            ("st_mtime_nsec", "st_mtim.tv_nsec"),
            ("st_ctime", "st_ctim.tv_sec"),
            ("st_ctime_nsec", "st_ctim.tv_nsec"),
        ],
    ),
    ("dirent64", "struct dirent64", &[]),
    ("winsize", "struct winsize", &[]),
    ("stack_t", "stack_t", &[]),
    (
        "siginfo",
        "siginfo_t",
        &[("si_tid", "_sifields._timer.si_tid")],
    ),
    ("sched_param", "struct sched_param", &[]),
    ("sockaddr", "struct sockaddr", &[]),
    ("sockaddr_in", "struct sockaddr_in", &[]),
    ("sockaddr_in6", "struct sockaddr_in6", &[]),
    ("sockaddr_un", "struct sockaddr_un", &[]),
    ("msghdr", "struct msghdr", &[]),
    ("mmsghdr", "struct mmsghdr", &[]),
    ("cmsghdr", "struct cmsghdr", &[]),
    ("ucred", "struct ucred", &[]),
    ("linger", "struct linger", &[]),
    ("ifreq", "struct ifreq", &[]),
    ("ifconf", "struct ifconf", &[]),
    ("sembuf", "struct sembuf", &[]),
    ("mq_attr", "struct mq_attr", &[]),
    ("signalfd_siginfo", "struct signalfd_siginfo", &[]),
];

/// Those that only 64-bit architectures have in common.
const SAME_64: &[Same] = &[(
    "stat",
    "struct stat",
    &[
        ("st_atime", "st_atim.tv_sec"),
        ("st_atime_nsec", "st_atim.tv_nsec"),
        ("st_mtime", "st_mtim.tv_sec"),
        ("st_mtime_nsec", "st_mtim.tv_nsec"),
        ("st_ctime", "st_ctim.tv_sec"),
        ("st_ctime_nsec", "st_ctim.tv_nsec"),
    ],
)];

/// What the C library has otherwise everywhere: it gives a name its full room, the kernel's entries are as long as theirs.
const DIFFER: &[&str] = &["dirent64.sizeof", "dirent64.d_name"];

/// Compiles assertions of what our tables say. `differ` are fields that the C library has otherwise, or not at all.
fn check(abi: &Abi, compilers: &[&[&str]], differ: &[&str]) {
    let mut source = HEADERS.to_owned();
    let more = if abi.name.ends_with("64") {
        SAME_64
    } else {
        &[]
    };
    for (name, ctype, renamed) in SAME.iter().chain(more) {
        let Some(known) = abi.structure(name) else {
            continue;
        };
        let differs = |path: &str| DIFFER.contains(&path) || differ.contains(&path);
        if !differs(&format!("{name}.sizeof")) {
            source += &format!(
                "_Static_assert(sizeof({ctype}) == {}, \"{name}\");\n",
                known.size
            );
        }
        for (field, place) in known.fields {
            let path = format!("{name}.{field}");
            if differs(&path) {
                continue;
            }
            let theirs = renamed
                .iter()
                .find(|(ours, _)| ours == field)
                .map_or(*field, |(_, theirs)| theirs);
            source += &format!(
                "_Static_assert(offsetof({ctype}, {theirs}) == {} && sizeof((({ctype} *)0)->{theirs}) == {}, \"{path}\");\n",
                place.offset, place.size
            );
        }
    }
    let asked = compilers.iter().find_map(|command| {
        let (program, options) = command.split_first().expect("a command has a program");
        Command::new(program)
            .args(options)
            .args(["-fsyntax-only", "-fmax-errors=0", "-x", "c", "-"])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .ok()
    });
    let Some(mut compiler) = asked else {
        eprintln!("skipped: none of {compilers:?} is installed");
        return;
    };
    let input = compiler.stdin.take().expect("it is piped");
    { input }
        .write_all(source.as_bytes())
        .expect("the compiler reads its input");
    let output = compiler.wait_with_output().expect("the compiler ends");
    let messages = String::from_utf8_lossy(&output.stderr);
    if messages.contains("No such file or directory") {
        eprintln!("skipped: {} lacks the C library's headers", abi.name);
        return;
    }
    assert!(output.status.success(), "{}:\n{messages}", abi.name);
}

#[test]
fn x64_as_the_c_library_has_it() {
    check(&linux::X64, &[&["x86_64-linux-gnu-gcc"], &["cc"]], &[]);
}

#[test]
fn x86_as_the_c_library_has_it() {
    check(
        &linux::X86,
        &[&["i686-linux-gnu-gcc"], &["gcc", "-m32"]],
        &[],
    );
}

#[test]
fn arm_as_the_c_library_has_it() {
    // The kernel's is packed, and takes the C library's size, too.   [arch/arm/include/uapi/asm/statfs.h]
    let differ = ["statfs64.sizeof"];
    check(
        &linux::ARM,
        &[&["arm-linux-gnueabihf-gcc"], &["arm-linux-gnueabi-gcc"]],
        &differ,
    );
}

#[test]
fn arm64_as_the_c_library_has_it() {
    check(&linux::ARM64, &[&["aarch64-linux-gnu-gcc"]], &[]);
}

/// The C library keeps room behind stat64. Since Linux 5.18 the kernel has l_pid before l_sysid, against its own past; the
/// C library asks with flock64 only.   [include/uapi/asm-generic/fcntl.h]
const DIFFER_MIPS: &[&str] = &["stat64.sizeof", "flock.l_pid"];

#[test]
fn mips_as_the_c_library_has_it() {
    check(&linux::MIPS_O32, &[&["mips-linux-gnu-gcc"]], DIFFER_MIPS);
}

#[test]
fn mipsel_as_the_c_library_has_it() {
    check(
        &linux::MIPSEL_O32,
        &[&["mipsel-linux-gnu-gcc"]],
        DIFFER_MIPS,
    );
}
