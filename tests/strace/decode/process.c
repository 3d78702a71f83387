/* Processes, signals, time and memory. */
#include "cases.h"
#include <asm/fcntl.h>
#include <asm/signal.h>
#include <asm/siginfo.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <linux/ioprio.h>
#include <linux/kcmp.h>
#include <linux/membarrier.h>
#include <linux/mempolicy.h>
#include <linux/mman.h>
#include <linux/personality.h>
#include <linux/prctl.h>
#include <linux/ptrace.h>
#include <linux/resource.h>
#include <linux/rseq.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <linux/time.h>
#include <linux/timex.h>
#include <linux/times.h>
#include <linux/uio.h>
#include <linux/wait.h>

#if defined(__mips__)
#define _NSIG_HERE 128
#else
#define _NSIG_HERE 64
#endif

static char text[] = "some text of forty bytes, of which 32 are shown";
static struct clone_args args = {.flags = CLONE_VM | CLONE_PIDFD, .pidfd = 0x1000, .exit_signal = SIGCHLD, .stack = 0x2000, .stack_size = 0x3000, .tls = 0x4000};
static struct clone_args more_args = {.flags = CLONE_INTO_CGROUP | CLONE_NEWTIME, .set_tid = 0, .cgroup = 5};
static int status = 0x0300, killed = 0x8b, stopped = 0x7f | SIGSTOP << 8, continued = 0xffff;
static struct rusage usage = {{1, 2}, {3, 4}, 5};
static siginfo_t child = {.si_signo = SIGCHLD};
static siginfo_t queued = {.si_signo = SIGTERM};
static struct sched_param param = {5};
static struct sched_attr attr = {.size = 56, .sched_policy = SCHED_DEADLINE, .sched_flags = SCHED_FLAG_RESET_ON_FORK, .sched_runtime = 10, .sched_deadline = 20, .sched_period = 30};
static struct sched_attr nice_attr = {.size = 48, .sched_policy = SCHED_BATCH, .sched_nice = -5};
static struct rlimit limit = {1024 * 1024 * 8, ~0ul};
static struct rlimit64 limit64 = {1000, RLIM64_INFINITY};
static struct __kernel_old_timespec spec = {5, 123}, zero;
static struct __kernel_timespec wide = {6, 7};
static struct __kernel_old_timeval val = {1, 2};
static struct timezone zone = {-60, 0};
static struct __kernel_old_itimerval itimer = {{1, 2}, {3, 4}};
static struct __kernel_old_itimerval old_itimer = {{0, 0}, {0, 5}};
static struct { struct __kernel_old_timespec a, b; } itimerspec = {{1, 2}, {3, 4}};
static struct { struct __kernel_timespec a, b; } itimerspec64 = {{1, 2}, {3, 4}};
static struct tms times_of = {1, 2, 3, 4};
static struct sigevent event;
static int timer = 9;
static unsigned long cpus[2] = {5, 0};
static int cpu = 1, node = 0;
static unsigned word = 1;
static struct futex_waitv waitv[2] = {{1, 0x1000, FUTEX_32 | FUTEX_PRIVATE_FLAG, 0}, {2, 0x2000, FUTEX_32, 0}};
static struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 7};
static struct __user_cap_data_struct caps[2] = {{1 << CAP_CHOWN | 1 << CAP_SYS_ADMIN, 3, 0}, {1, 0, 0}};
#if defined(__mips__)
static struct { unsigned flags; void *handler; unsigned long mask[16 / sizeof(long)]; } action, ignore;
#else
static struct { void *handler; unsigned long flags; void *restorer; unsigned long mask[8 / sizeof(long)]; } action, ignore;
#endif
static stack_t stack = {.ss_sp = (void *)0x1000, .ss_flags = 1u << 31, .ss_size = 0x2000};
static stack_t off = {.ss_flags = 2};
static unsigned long set[(_NSIG_HERE) / 8 / sizeof(long)] = {1 << (SIGINT - 1) | 1 << (SIGTERM - 1)};
static int tid;
static struct iovec vector[2] = {{text, 9}, {text + 5, 4}};
static int which[2] = {7, 8};
static struct rseq rseq;
static char *argv[] = {"prog", "-x", 0}, *envp[] = {"A=b", "C=d", 0}, *empty[] = {0};
static struct sock_filter { unsigned short code; unsigned char jt, jf; unsigned k; } filter[2] = {{0x20, 0, 0, 4}, {0x06, 0, 0, 0x7fff0000}};
static struct sock_fprog { unsigned short len; struct sock_filter *filter; } prog = {2, filter};
static unsigned long head[3] = {0x5000, 0, 0}, *head_pointer = head, head_size = sizeof head;
static unsigned action_avail = SECCOMP_RET_TRAP;
static unsigned char in_core[3] = {1, 0, 1};
static int mode = 2;
static unsigned long mask[1] = {3};

static void cases(long answer) {
    child.si_code = CLD_EXITED, child.si_pid = 77, child.si_uid = 5, child.si_status = 3;
    queued.si_code = SI_QUEUE, queued.si_pid = 7, queued.si_uid = 8, queued.si_int = 9;
    event.sigev_signo = SIGUSR1, event.sigev_value.sival_int = 5, event._sigev_un._tid = 77;
    action.handler = (void *)0x1234, action.flags = SA_RESTART | SA_SIGINFO;
    memcpy(action.mask, set, sizeof action.mask);
    ignore.handler = (void *)1;
    if (answer == 0) {
        call(clone, CLONE_VM | CLONE_FS | SIGCHLD, 0x1000, &tid, 0, 0); // by CPU: order of arguments
        call(clone3, &args, sizeof args);
        call(clone3, &more_args, sizeof more_args);
        call(clone3, &args, 64);
        call(execve, "/bin/x", argv, envp);
        call(execveat, 3, "", argv, empty, 0x1000);
        call(waitid, 0, 5, &child, 4, &usage);
        call(waitid, 1, 5, 0, 0x01000004 | 1, 0);
        call(waitid, 3, 5, &child, 4, 0);
        call(wait4, -1, &status, 1, 0);
        call(prctl, PR_SET_NAME, "a name", 0, 0, 0);
        call(prctl, PR_GET_NAME, text);
        call(prctl, PR_SET_DUMPABLE, 1);
        call(prctl, PR_GET_DUMPABLE);
        call(prctl, PR_SET_PDEATHSIG, SIGTERM);
        call(prctl, PR_GET_PDEATHSIG, &status);
        call(prctl, PR_SET_KEEPCAPS, 1);
        call(prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
        call(prctl, PR_SET_SECCOMP, SECCOMP_MODE_STRICT);
        call(prctl, PR_GET_SECCOMP);
        call(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        call(prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
        call(prctl, PR_CAPBSET_READ, CAP_NET_RAW);
        call(prctl, PR_CAPBSET_DROP, 77);
        call(prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_ADMIN, 0, 0);
        call(prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
        call(prctl, PR_SET_SECUREBITS, SECBIT_NOROOT | SECBIT_KEEP_CAPS);
        call(prctl, PR_SET_TIMERSLACK, 50000);
        call(prctl, PR_GET_TIMERSLACK);
        call(prctl, PR_SET_PTRACER, -1);
        call(prctl, PR_SET_PTRACER, 7);
        call(prctl, PR_SET_CHILD_SUBREAPER, 1);
        call(prctl, PR_GET_CHILD_SUBREAPER, &status);
        call(prctl, PR_SET_MM, PR_SET_MM_BRK, 0x1000, 0, 0);
        call(prctl, PR_SET_VMA, PR_SET_VMA_ANON_NAME, 0x1000, 0x2000, "heap");
        call(prctl, PR_SET_THP_DISABLE, 1, 0, 0, 0);
        call(prctl, PR_GET_THP_DISABLE, 0, 0, 0, 0);
        call(prctl, PR_SET_TIMING, PR_TIMING_STATISTICAL);
        call(prctl, PR_GET_TID_ADDRESS, &head_pointer);
        call(prctl, PR_SET_SPECULATION_CTRL, PR_SPEC_STORE_BYPASS, PR_SPEC_DISABLE, 0, 0);
        call(prctl, PR_GET_SPECULATION_CTRL, PR_SPEC_INDIRECT_BRANCH, 0, 0, 0);
        call(prctl, PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0);
        call(prctl, PR_MCE_KILL_GET, 0, 0, 0, 0);
        call(prctl, PR_GET_TSC, &mode);
        call(prctl, PR_SET_TSC, 2);
        call(prctl, PR_SET_IO_FLUSHER, 1, 0, 0, 0);
        call(prctl, PR_GET_IO_FLUSHER, 0, 0, 0, 0);
        call(prctl, 0x12345, 1, 2, 3, 4);
        call(personality, PER_LINUX32 | ADDR_NO_RANDOMIZE);
        call(personality, 0xffffffff);
        call(arch_prctl, 0x1002, 0x5000);
        call(arch_prctl, 0x1003, &head_pointer);
        call(sched_setscheduler, 0, SCHED_RR | SCHED_RESET_ON_FORK, &param);
        call(sched_setscheduler, 0, SCHED_NORMAL, &param);
        call(sched_getscheduler, 0);
        call(sched_setparam, 7, &param);
        call(sched_getparam, 7, &param);
        call(sched_setattr, 0, &attr, 0);
        call(sched_setattr, 0, &nice_attr, 0);
        call(sched_getattr, 0, &attr, 56, 0);
        call(sched_get_priority_max, SCHED_FIFO);
        call(sched_rr_get_interval, 0, &spec);
        call(sched_setaffinity, 0, 8, cpus);
        call(getpriority, 0, 0);
        call(setpriority, 1, 5, -5);
        call(ioprio_get, 1, 0);
        call(ioprio_set, 1, 0, 2 << 13 | 4);
        call(getcpu, &cpu, &node, 0);
        call(unshare, CLONE_NEWNS | CLONE_NEWUSER | CLONE_FILES);
        call(unshare, 0);
        call(setns, 3, CLONE_NEWNET);
        call(setns, 3, 0);
        call(kcmp, 1, 2, KCMP_FILE, 3, 4);
        call(kcmp, 1, 2, KCMP_VM, 3, 4);
        call(pidfd_open, 7, O_NONBLOCK);
        call(pidfd_getfd, 3, 4, 0);
        call(pidfd_send_signal, 3, SIGTERM, &queued, 0); // by CPU: half a word, big-endian
        call(set_tid_address, &tid);
        call(set_robust_list, head, sizeof head);
        call(get_robust_list, 0, &head_pointer, &head_size);
        call(rseq, &rseq, 32, 0, 0x53053053);
        call(rseq, &rseq, 32, 1, 0x53053053); // unlike strace: it shows the number
        call(membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
        call(seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG, &prog);
        call(seccomp, SECCOMP_SET_MODE_STRICT, 0, NULL);
        call(seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action_avail);
        call(capget, &header, caps);
        call(capset, &header, caps);
        call(capget, &header, NULL);
        call(setresuid, -1, 0, 1000); // unlike strace with -e raw: words are those of the argument's type
        call(getresuid, &cpu, &node, &tid);
        call(setgroups, 2, which); // by CPU: groups of 16 bits
        call(setgroups, 0, NULL);
        call(rt_sigaction, SIGUSR1, &action, &ignore, 8);
        call(rt_sigaction, SIGSEGV, NULL, &action, 8);
        call(rt_sigaction, 33, &ignore, NULL, 8);
        call(rt_sigprocmask, SIG_BLOCK, set, NULL, sizeof set); // by CPU: MIPS has as many signals
        call(rt_sigprocmask, SIG_BLOCK, set, NULL, 16); // by CPU: MIPS has as many signals
        call(rt_sigprocmask, SIG_UNBLOCK, set, set, 8);
        call(rt_sigpending, set, 8);
        call(sigaltstack, &stack, &off);
        call(kill, -1, SIGSTOP);
        call(kill, 5, 150);
        call(tgkill, 5, 6, SIGUSR2);
        call(tkill, 6, SIGRTMIN + 1);
        call(rt_sigqueueinfo, 5, SIGTERM, &queued); // by CPU: half a word, big-endian
        call(rt_tgsigqueueinfo, 5, 6, SIGTERM, &queued); // by CPU: half a word, big-endian
        call(gettimeofday, &val, &zone);
        call(settimeofday, &val, NULL);
        call(clock_gettime, CLOCK_MONOTONIC, &spec);
        call(clock_gettime, -6, &spec);
        call(clock_gettime, ~5 << 3 | 3, &spec);
        call(clock_gettime64, CLOCK_BOOTTIME, &wide);
        call(clock_settime, CLOCK_REALTIME, &spec);
        call(clock_getres, CLOCK_TAI, &spec);
        call(clock_nanosleep, CLOCK_REALTIME, 1, &spec, NULL);
        call(nanosleep, &spec, &zero);
        call(alarm, 5);
        call(getitimer, 1, &itimer);
        call(setitimer, 0, &itimer, &old_itimer);
        call(setitimer, 2, &itimer, NULL);
        call(timer_create, CLOCK_MONOTONIC, &event, &timer); // by CPU: half a word, big-endian
        call(timer_create, CLOCK_MONOTONIC, NULL, &timer);
        call(timer_settime, 9, 1, &itimerspec, &itimerspec);
        call(timer_gettime, 9, &itimerspec);
        call(timer_settime64, 9, 0, &itimerspec64, NULL);
        call(timer_getoverrun, 9);
        call(timer_delete, 9);
        call(times, &times_of);
        call(timerfd_create, CLOCK_REALTIME, 02000000 | O_NONBLOCK);
        call(timerfd_settime, 3, 3, &itimerspec, NULL);
        call(timerfd_gettime, 3, &itimerspec);
        call(mmap, 0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); // by CPU: i386 has the arguments in memory
        call(mmap, 0x10000, 4096, PROT_NONE, MAP_SHARED | MAP_FIXED_NOREPLACE | MAP_POPULATE, 3, 0); // by CPU: i386 has the arguments in memory
        call(mmap, 0, 4096, PROT_READ | PROT_GROWSDOWN, MAP_SHARED_VALIDATE, 3, 0x3000); // by CPU: i386 has the arguments in memory
        call(mmap, 0, 4096, PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | 21 << 26, -1, 0); // by CPU: i386 has the arguments in memory
        call(mmap2, 0, 4096, PROT_READ, MAP_PRIVATE, 3, 5);
        call(mprotect, 0x10000, 4096, PROT_READ | PROT_SEM);
        call(pkey_mprotect, 0x10000, 4096, PROT_READ, 5);
        call(pkey_alloc, 0, 3);
        call(mremap, 0x10000, 4096, 8192, MREMAP_MAYMOVE);
        call(mremap, 0x10000, 4096, 8192, MREMAP_MAYMOVE | MREMAP_FIXED, 0x20000);
        call(madvise, 0x10000, 4096, MADV_HUGEPAGE);
        call(madvise, 0x10000, 4096, MADV_FREE);
        call(msync, 0x10000, 4096, MS_ASYNC | MS_INVALIDATE);
        call(mincore, 0x10000, 3 * 4096, in_core);
        call(mlock2, 0x10000, 4096, 1);
        call(mlockall, MCL_CURRENT | MCL_ONFAULT);
        call(mbind, 0x10000, 4096, MPOL_BIND, mask, 8, MPOL_MF_MOVE);
        call(set_mempolicy, MPOL_INTERLEAVE | MPOL_F_STATIC_NODES, mask, 8);
        call(get_mempolicy, &mode, mask, 8, 0x1000, MPOL_F_ADDR);
        call(remap_file_pages, 0x10000, 4096, 0, 5, MAP_NONBLOCK);
        call(userfaultfd, 02000000 | O_NONBLOCK);
        call(brk, 0x10000);
        call(munmap, 0x10000, 4096);
        call(futex, &word, FUTEX_WAIT, 1, &spec);
        call(futex, &word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 1, NULL);
        call(futex, &word, FUTEX_WAKE_PRIVATE, 2147483647);
        call(futex, &word, FUTEX_REQUEUE, 1, 2, &tid, 0);
        call(futex, &word, FUTEX_CMP_REQUEUE_PRIVATE, 1, 2, &tid, 3);
        call(futex, &word, FUTEX_WAKE_OP, 1, 1, &tid, 0x4000001); // unlike strace with -X raw: no names where numbers are asked for
        call(futex, &word, FUTEX_WAKE_OP, 1, 1, &tid, 0xa1002003); // unlike strace with -X raw: no names where numbers are asked for
        call(futex, &word, FUTEX_LOCK_PI, 0, NULL);
        call(futex, &word, FUTEX_UNLOCK_PI_PRIVATE);
        call(futex, &word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 1, &spec, NULL, -1); // unlike strace with -e raw: words are those of the argument's type
        call(futex, &word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0x10);
        call(futex, &word, FUTEX_WAIT_REQUEUE_PI, 1, NULL, &tid, 0);
        call(futex, &word, FUTEX_CMP_REQUEUE_PI, 1, 2, &tid, 3);
        call(futex, &word, 99, 1, 2, &tid, 3);
        call(futex_waitv, waitv, 2, 0, &wide, CLOCK_MONOTONIC);
        call(getrlimit, RLIMIT_NOFILE, &limit); // by CPU: another infinity
        call(setrlimit, 3, &limit); // by CPU: another infinity
        call(prlimit64, 0, RLIMIT_NOFILE, &limit64, &limit64);
        call(prlimit64, 0, RLIMIT_NOFILE, NULL, &limit64);
        call(getrusage, 0, &usage);
        call(getrusage, -1, &usage);
        call(ptrace, 0, 0, 0, 0);
        call(ptrace, 16, 7, 0, 0);
        call(ptrace, 7, 7, 1, SIGSTOP);
        call(ptrace, 24, 7, 0, 0);
        call(ptrace, 0x4200, 7, 0, 1 | 8);
        call(ptrace, 0x4206, 7, 0, 1);
        call(ptrace, 0x4207, 7, 0, 0);
        call(ptrace, 0x4201, 7, 0, &head_size);
        call(ptrace, 0x4202, 7, 0, &queued); // by CPU: half a word, big-endian
        call(ptrace, 4, 7, 0x1000, 5);
        call(ptrace, 1, 7, 0x1000, &head_size);
        call(ptrace, 0x4204, 7, 1, vector);
        call(process_madvise, 3, vector, 2, MADV_COLD, 0);
        call(process_mrelease, 3, 0);
        call(exit, 3);
    }
    if (answer == 7) {
        call(wait4, -1, &status, 1, &usage);
        call(wait4, -1, &killed, 3, 0);
        call(wait4, -1, &stopped, 2, 0);
        call(wait4, -1, &continued, 8, 0);
        call(waitpid, 5, &status, 0x40000000);
        call(getpid, 0);
        call(gettid, 0);
        call(getuid, 0);
        call(getpgid, 0);
        call(setsid, 0);
        call(clone, CLONE_VM | CLONE_VFORK | SIGCHLD, 0x1000); // by CPU: order of arguments
        call(fork, 0);
        call(vfork, 0);
        call(personality, 0xffffffff);
        call(alarm, 5);
        call(time, 0);
        call(rt_sigtimedwait, set, &queued, &spec, 8); // by CPU: signal 7
        call(membarrier, MEMBARRIER_CMD_QUERY, 0, 0);
        call(prctl, PR_GET_SECUREBITS);
        call(prctl, PR_CAPBSET_READ, 5);
        call(ioprio_get, 1, 0);
        call(sched_getaffinity, 0, 8, cpus);
        call(sched_getscheduler, 0);
                call(process_vm_readv, 7, vector, 2, vector, 2, 0);
        call(process_vm_writev, 7, vector, 1, vector, 1, 0);
        call(futex, &word, FUTEX_WAKE, 10);
        call(mmap, 0, 4096, PROT_READ, MAP_SHARED, 3, 0); // by CPU: i386 has the arguments in memory
        call(brk, 0);
        call(times, NULL);
    }
    if (answer == 1) {
        call(wait4, -1, NULL, 0, NULL);
        call(sched_getscheduler, 0);
        call(ioprio_get, 1, 0);
        call(prctl, PR_GET_DUMPABLE);
        call(prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
        call(prctl, PR_GET_KEEPCAPS);
        call(prctl, PR_GET_SECCOMP);
        call(prctl, PR_GET_TIMING);
        call(umask, 0);
    }
    if (answer == -22) {
        call(wait4, -1, &status, 1, &usage);
        call(waitid, 0, 5, &child, 4, &usage);
        call(getrlimit, RLIMIT_NOFILE, &limit); // by CPU: another infinity
        call(prlimit64, 0, RLIMIT_NOFILE, &limit64, &limit64);
        call(sched_getparam, 7, &param);
        call(sched_getattr, 0, &attr, 56, 0);
        call(rt_sigprocmask, SIG_SETMASK, set, set, sizeof set); // by CPU: MIPS has as many signals
        call(rt_sigaction, SIGUSR1, &action, &ignore, 8);
        call(rt_sigaction, SIGUSR1, 8, 8, 8);
        call(clock_gettime, CLOCK_MONOTONIC, &spec);
        call(timer_create, CLOCK_MONOTONIC, &event, &timer); // by CPU: half a word, big-endian
        call(setitimer, 0, &itimer, &old_itimer);
        call(capget, &header, caps);
        call(prctl, PR_GET_NAME, text);
        call(clone3, &args, sizeof args);
        call(getcpu, &cpu, &node, 0);
        call(nanosleep, &spec, &zero);
        call(get_robust_list, 0, &head_pointer, &head_size);
        call(rt_sigqueueinfo, 5, SIGTERM, 8);
        call(sched_getaffinity, 0, 8, cpus);
    }
}
