//! Times and the system.

use emu_prototypes::linux::{Errno, MIPS_O32, X64};

use super::{A, AT_FDCWD, B, case};

#[test]
fn times_are_told() {
    let now = 0x3fff_ffff;
    case(&X64, "utimensat", &[AT_FDCWD, A, B, 0])
        .bytes(A, b"f\0")
        .numbers(B, &[(8, 0), (8, now), (8, 0), (8, now - 1)])
        .gives(Ok(0), r#"AT_FDCWD, "f", [UTIME_NOW, UTIME_OMIT], 0) = 0"#);
    case(&X64, "utimensat", &[AT_FDCWD, A, B, 0x100])
        .bytes(A, b"f\0")
        .numbers(B, &[(8, 1_000_000_000), (8, 5), (8, 0), (8, now - 1)])
        .gives(
            Ok(0),
            "AT_FDCWD, \"f\", [{tv_sec=1000000000, tv_nsec=5} /* 2001-09-09T01:46:40.000000005+0000 */, UTIME_OMIT], \
             AT_SYMLINK_NOFOLLOW) = 0",
        );
    case(&X64, "utimensat", &[3, 0, 0, 0]).gives(Ok(0), "3, NULL, NULL, 0) = 0");
    case(&X64, "utime", &[A, B]).bytes(A, b"f\0").numbers(B, &[(8, 1), (8, 2)]).gives(
        Ok(0),
        "\"f\", {actime=1 /* 1970-01-01T00:00:01+0000 */, modtime=2 /* 1970-01-01T00:00:02+0000 */}) = 0",
    );
    case(&X64, "clock_gettime", &[1, A])
        .numbers(A, &[(8, 2144), (8, 543_491_834)])
        .gives(
            Ok(0),
            "CLOCK_MONOTONIC, {tv_sec=2144, tv_nsec=543491834}) = 0",
        );
    case(&X64, "clock_gettime", &[99, A]).gives(
        Err(Errno::EINVAL),
        "0x63 /* CLOCK_??? */, 0x10000) = -1 EINVAL (Invalid argument)",
    );
    case(&MIPS_O32, "clock_gettime64", &[0, A])
        .numbers(A, &[(8, 1), (8, 2)])
        .gives(Ok(0), "CLOCK_REALTIME, {tv_sec=1, tv_nsec=2}) = 0");
    case(&MIPS_O32, "gettimeofday", &[A, 0])
        .numbers(A, &[(4, 1), (4, 2)])
        .gives(Ok(0), "{tv_sec=1, tv_usec=2}, NULL) = 0");
    case(&X64, "time", &[0]).gives(
        Ok(1_795_246_177),
        "NULL) = 1795246177 (2026-11-21T07:29:37+0000)",
    );
    case(&X64, "nanosleep", &[A, B])
        .numbers(A, &[(8, 0), (8, 1000)])
        .gives(Ok(0), "{tv_sec=0, tv_nsec=1000}, 0x20000) = 0");
    case(&X64, "clock_nanosleep", &[1, 1, A, 0])
        .numbers(A, &[(8, 0), (8, 1000)])
        .gives(
            Ok(0),
            "CLOCK_MONOTONIC, TIMER_ABSTIME, {tv_sec=0, tv_nsec=1000}, NULL) = 0",
        );
    case(&X64, "setitimer", &[0, A, B])
        .numbers(A, &[(8, 0), (8, 0), (8, 5), (8, 0)])
        .numbers(B, &[(8, 0), (8, 0), (8, 0), (8, 0)])
        .gives(
            Ok(0),
            "ITIMER_REAL, {it_interval={tv_sec=0, tv_usec=0}, it_value={tv_sec=5, tv_usec=0}}, \
             {it_interval={tv_sec=0, tv_usec=0}, it_value={tv_sec=0, tv_usec=0}}) = 0",
        );
}

#[test]
fn the_system_is_described() {
    let mut uname = vec![0; 390];
    uname[..5].copy_from_slice(b"Linux");
    uname[65..67].copy_from_slice(b"vm");
    case(&X64, "uname", &[A])
        .bytes(A, &uname)
        .gives(Ok(0), r#"{sysname="Linux", nodename="vm", ...}) = 0"#);
    case(&X64, "prlimit64", &[0, 3, 0, A])
        .numbers(A, &[(8, 8192 * 1024), (8, u64::MAX)])
        .gives(
            Ok(0),
            "0, RLIMIT_STACK, NULL, {rlim_cur=8192*1024, rlim_max=RLIM64_INFINITY}) = 0",
        );
    // RLIM_INFINITY is 0x7fffffff, RLIMIT_NOFILE 5 on MIPS.   [Linux arch/mips asm/resource.h]
    case(&MIPS_O32, "getrlimit", &[5, A])
        .numbers(A, &[(4, 20000), (4, 0x7fff_ffff)])
        .gives(
            Ok(0),
            "RLIMIT_NOFILE, {rlim_cur=20000, rlim_max=RLIM_INFINITY}) = 0",
        );
    case(&X64, "getrusage", &[0, A])
        .numbers(A, &[(8, 0), (8, 0), (8, 0), (8, 6433)])
        .gives(Ok(0), "RUSAGE_SELF, {ru_utime={tv_sec=0, tv_usec=0}, ru_stime={tv_sec=0, tv_usec=6433}, ...}) = 0");
    case(&X64, "times", &[A])
        .numbers(A, &[(8, 1), (8, 2), (8, 3), (8, 4)])
        .gives(
            Ok(1_718_171_347),
            "{tms_utime=1 /* 0.01 s */, tms_stime=2 /* 0.02 s */, tms_cutime=3 /* 0.03 s */, tms_cstime=4 /* 0.04 s */}) = 1718171347",
        );
}
