//! Processes and signals.

use emu_prototypes::linux::{Errno, MIPS_O32, X64};

use super::{A, B, C, Case, D, case};

#[test]
fn signals_have_names() {
    let action =
        |handler, flags, restorer, mask| [(8, handler), (8, flags), (8, restorer), (8, mask)];
    case(&X64, "rt_sigaction", &[10, A, 0, 8])
        .numbers(A, &action(0x40_1635, 0x1400_0004, 0x40_aa30, 1 << 1 | 1 << 14))
        .gives(
            Ok(0),
            "SIGUSR1, {sa_handler=0x401635, sa_mask=[INT TERM], sa_flags=SA_RESTORER|SA_RESTART|SA_SIGINFO, \
             sa_restorer=0x40aa30}, NULL, 8) = 0",
        );
    case(&X64, "rt_sigaction", &[36, A, 0, 8])
        .numbers(A, &action(0, 0x400_0000, 0x40_aa30, !(3 << 31)))
        .gives(
            Ok(0),
            "SIGRT_4, {sa_handler=SIG_DFL, sa_mask=~[RTMIN RT_1], sa_flags=SA_RESTORER, sa_restorer=0x40aa30}, NULL, 8) = 0",
        );
    case(&X64, "rt_sigaction", &[17, 0, A, 8])
        .numbers(A, &action(0, 0, 0, 0))
        .gives(
            Ok(0),
            "SIGCHLD, NULL, {sa_handler=SIG_DFL, sa_mask=[], sa_flags=0}, 8) = 0",
        );
    // The flags come first, there is no restorer, a set has 128 signals and SIGUSR1 is 16.
    // [Linux arch/mips asm/signal.h]
    case(&MIPS_O32, "rt_sigaction", &[16, A, 0, 16])
        .numbers(A, &[(4, 0x1000_0008), (4, 0x40_1000), (4, 2), (4, 0), (4, 0), (4, 0)])
        .gives(
            Ok(0),
            "SIGUSR1, {sa_handler=0x401000, sa_mask=[INT], sa_flags=SA_RESTART|SA_SIGINFO}, NULL, 16) = 0",
        );
    case(&X64, "rt_sigprocmask", &[2, A, B, 8])
        .numbers(A, &[(8, !(3 << 31 | 1 << 8))])
        .numbers(B, &[(8, 1 << 11)])
        .gives(Ok(0), "SIG_SETMASK, ~[KILL RTMIN RT_1], [USR2], 8) = 0");
    case(&X64, "rt_sigprocmask", &[0, A, 0, 8])
        .numbers(A, &[(8, 1 << 36 | 1 << 39)])
        .gives(Ok(0), "SIG_BLOCK, [RT_5 RT_8], NULL, 8) = 0");
    case(&X64, "rt_sigprocmask", &[77, 0, A, 8])
        .numbers(A, &[(8, 0)])
        .gives(Ok(0), "0x4d /* SIG_??? */, NULL, [], 8) = 0");
    // SIG_SETMASK is 3, signal 33 stands in the second word.
    case(&MIPS_O32, "rt_sigprocmask", &[3, A, 0, 16])
        .numbers(A, &[(4, 1 << 1), (4, 1 << 2), (4, 0), (4, 0)])
        .gives(Ok(0), "SIG_SETMASK, [INT RT_3], NULL, 16) = 0");
    case(&X64, "kill", &[21409, 10]).gives(Ok(0), "21409, SIGUSR1) = 0");
    case(&X64, "kill", &[0, 0]).gives(Ok(0), "0, 0) = 0");
    case(&X64, "kill", &[21409, 99]).gives(
        Err(Errno::EINVAL),
        "21409, 99) = -1 EINVAL (Invalid argument)",
    );
    case(&X64, "sigaltstack", &[A, 0])
        .numbers(A, &[(8, 0xef8_a6d0), (4, 0), (4, 0), (8, 8192)])
        .gives(
            Ok(0),
            "{ss_sp=0xef8a6d0, ss_flags=0, ss_size=8192}, NULL) = 0",
        );
}

#[test]
fn processes_are_made_and_awaited() {
    case(&X64, "execve", &[A, B, C])
        .bytes(A, b"/usr/bin/ls\0")
        .numbers(B, &[(8, D), (8, D + 4), (8, 0)])
        .bytes(D, b"ls\0\0b\n\0")
        .numbers(C, &[(8, D), (8, D), (8, 0)])
        .gives(Err(Errno::ENOENT), r#""/usr/bin/ls", ["ls", "b\n"], 0x30000 /* 2 vars */) = -1 ENOENT (No such file or directory)"#);
    case(&X64, "execve", &[A, 0, 0]).bytes(A, b"x\0").gives(
        Err(Errno::ENOENT),
        r#""x", NULL, NULL) = -1 ENOENT (No such file or directory)"#,
    );
    case(&X64, "clone", &[0x120_0011, 0, 0, 0xef8_9650, 0]).gives(
        Ok(21410),
        "child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0) = 21410"
            .replace("child_tidptr=0", "child_tidptr=NULL")
            .as_str(),
    );
    let status = |value| move |case: Case| case.numbers(A, &[(4, value)]);
    let wait =
        |status: &dyn Fn(Case) -> Case| status(case(&X64, "wait4", &[-1i64 as u64, A, 0, 0]));
    wait(&status(0x300)).gives(
        Ok(7),
        "-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 3}], 0, NULL) = 7",
    );
    wait(&status(9)).gives(
        Ok(7),
        "-1, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGKILL}], 0, NULL) = 7",
    );
    wait(&status(0x8b)).gives(
        Ok(7),
        "-1, [{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && WCOREDUMP(s)}], 0, NULL) = 7",
    );
    case(&X64, "wait4", &[-1i64 as u64, A, 1, 0]).gives(
        Err(Errno::ECHILD),
        "-1, 0x10000, WNOHANG, NULL) = -1 ECHILD (No child processes)",
    );
    case(&X64, "futex", &[A, 0x189, 1, B, 0, 0xffff_ffff])
        .numbers(B, &[(8, 0), (8, 1000)])
        .gives(
            Err(Errno::EAGAIN),
            "0x10000, FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME, 1, {tv_sec=0, tv_nsec=1000}, \
             FUTEX_BITSET_MATCH_ANY) = -1 EAGAIN (Resource temporarily unavailable)",
        );
    case(&X64, "futex", &[A, 0x81, 0x7fff_ffff, 1, 2, 3])
        .gives(Ok(0), "0x10000, FUTEX_WAKE_PRIVATE, 2147483647) = 0");
    case(&X64, "futex", &[A, 0x84, 1, 2, B, 0]).gives(
        Ok(0),
        "0x10000, FUTEX_CMP_REQUEUE_PRIVATE, 1, 2, 0x20000, 0) = 0",
    );
    case(&X64, "prctl", &[15, A])
        .bytes(A, b"thename\0")
        .gives(Ok(0), r#"PR_SET_NAME, "thename") = 0"#);
    case(&X64, "prctl", &[38, 1, 0, 0, 0]).gives(Ok(0), "PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) = 0");
    case(&X64, "prctl", &[9999, 1, 2, 3, 4]).gives(
        Err(Errno::EINVAL),
        "0x270f /* PR_??? */, 0x1, 0x2, 0x3, 0x4) = -1 EINVAL (Invalid argument)",
    );
    case(&X64, "prctl", &[23, 5]).gives(Ok(1), "PR_CAPBSET_READ, CAP_KILL) = 1");
    case(&X64, "arch_prctl", &[0x1002, 0x7f2c_6598_a800])
        .gives(Ok(0), "ARCH_SET_FS, 0x7f2c6598a800) = 0");
    case(&X64, "arch_prctl", &[0x1003, A])
        .numbers(A, &[(8, 0xef8_9380)])
        .gives(Ok(0), "ARCH_GET_FS, [0xef89380]) = 0");
    case(&X64, "sched_getaffinity", &[0, 128, A])
        .numbers(A, &[(8, 3), (8, 0)])
        .gives(Ok(16), "0, 128, [0 1]) = 16");
    case(&X64, "sched_getscheduler", &[0]).gives(Ok(0), "0) = 0 (SCHED_OTHER)");
    case(&X64, "prctl", &[3]).gives(Ok(1), "PR_GET_DUMPABLE) = 1 (SUID_DUMP_USER)");
    case(&X64, "personality", &[0xffff_ffff]).gives(Ok(0), "0xffffffff) = 0 (PER_LINUX)");
    case(&X64, "personality", &[0x40000])
        .gives(Ok(0), "PER_LINUX|ADDR_NO_RANDOMIZE) = 0 (PER_LINUX)");
    case(&X64, "membarrier", &[0, 0, 9]).gives(
        Ok(3),
        "MEMBARRIER_CMD_QUERY, 0) = 0x3 (MEMBARRIER_CMD_GLOBAL|MEMBARRIER_CMD_GLOBAL_EXPEDITED)",
    );
    case(&X64, "capget", &[A, B])
        .numbers(A, &[(4, 0x2008_0522), (4, 0)])
        .numbers(B, &[(4, 0x21), (4, 1), (4, 0), (4, 1 << 8), (4, 0), (4, 0)])
        .gives(
            Ok(0),
            "{version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=1<<CAP_CHOWN|1<<CAP_KILL|1<<CAP_CHECKPOINT_RESTORE, \
             permitted=1<<CAP_CHOWN, inheritable=0}) = 0",
        );
    case(&X64, "syslog", &[10, 0, 0]).gives(Ok(5), "10 /* SYSLOG_ACTION_SIZE_BUFFER */) = 5");
    case(&X64, "rseq", &[8, 32, 0, 0x5305_3053]).gives(Ok(0), "0x8, 0x20, 0, 0x53053053) = 0");
    case(&X64, "set_robust_list", &[A, 24]).gives(Ok(0), "0x10000, 24) = 0");
    case(&X64, "getgroups", &[64, A])
        .numbers(A, &[(4, 0), (4, 10)])
        .gives(Ok(2), "64, [0, 10]) = 2");
    case(&X64, "getgroups", &[0, 0]).gives(Ok(0), "0, NULL) = 0");
    case(&X64, "getresuid", &[A, A, A])
        .numbers(A, &[(4, 7)])
        .gives(Ok(0), "[7], [7], [7]) = 0");
}
