/* What ABIs of 32 bits have beside, or instead of, calls of the others. */
#include "cases.h"
#include <asm/fcntl.h>
#include <asm/poll.h>
#include <asm/signal.h>
#include <asm/stat.h>
#include <asm/statfs.h>
#include <linux/falloc.h>
#include <linux/fadvise.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/sem.h>
#include <linux/time.h>
#include <linux/types.h>
#include <linux/uio.h>
#include <linux/utime.h>
#include <linux/utsname.h>

#if defined(__i386__) || defined(__arm__) || (defined(__mips__) && _MIPS_SIM == _ABIO32)
static char text[] = "some text of forty bytes, of which 32 are shown";
static struct stat64 stat = {.st_mode = 0100644, .st_size = 1234567890123};
static struct stat64 device = {.st_mode = 0020666};
static struct statfs64 fs = {.f_type = 0x01021994, .f_bsize = 4096, .f_blocks = 5};
static struct flock64 lock = {.l_type = 1, .l_whence = 0, .l_start = 5000000000, .l_len = 6, .l_pid = 7};
static struct rlimit limit = {1 << 20, 2 << 20};
static struct rlimit endless = {1025, RLIM_INFINITY};
static struct __kernel_timespec spec = {5, 123}, two[2] = {{0, 0x3fffffff}, {1500000000, 5}};
static struct { struct __kernel_timespec a, b; } itimer = {{1, 2}, {3, 4}};
static struct pollfd polled[2] = {{3, POLLIN, POLLIN}, {4, POLLOUT, 0}};
static unsigned long reads[32] = {1 << 3}, writes[32] = {1 << 4}, set[4] = {1 << (SIGINT - 1)}, other[4] = {1 << (SIGUSR1 - 1)};
static struct { void *set; unsigned long size; } pack = {set, 8};
static struct { unsigned long n; void *in, *out, *except, *time; } old_select = {8, reads, writes, 0, 0};
static struct { unsigned long address, length, protection, flags, fd, offset; } old_mmap = {0, 4096, 3, 0x22, -1, 0};
static unsigned short family[] = {1, 0};
static unsigned long socket_words[6] = {2, 2, 0}, connect_words[6] = {3, (unsigned long)family, 2}, send_words[4] = {3, (unsigned long)text, 5, 0x40};
static long long offset = 12;
static unsigned word = 1;
static int pair[2] = {7, 8}, status = 0x300;
static unsigned short small[2] = {7, 8};
static struct sembuf ops[1] = {{0, -1, 0}};
static struct { unsigned entry, base, limit, flags; } segment = {-1, 0x1000, 0xfffff, 0x51};
static struct utimbuf utimbuf = {1000000000, 0};
static struct old_utsname names = {"Linux", "host", "6.1", "#1", "machine"};
static long seconds = 1000000000;

static void cases(long answer) {
    if (answer == 0) {
        call(stat64, "a", &stat);
        call(lstat64, "a", &stat);
        call(fstat64, 3, &device);
        call(fstatat64, -100, "a", &stat, 0x100);
        call(statfs64, "a", sizeof fs, &fs); // by CPU: another size
        call(fstatfs64, 3, sizeof fs, &fs); // by CPU: another size
        call(fcntl64, 3, F_SETLK64, &lock); // by CPU: the headers of MIPS name other numbers
        call(fcntl64, 3, F_GETLK64, &lock); // by CPU: the headers of MIPS name other numbers
        call(fcntl64, 3, F_SETLKW64, 0); // by CPU: the headers of MIPS name other numbers
        call(fcntl64, 3, F_GETFD);
        call(_llseek, 3, 1, 2, &offset, 0);
        call(getrlimit, 7, &limit); // by CPU: other numbers
        call(ugetrlimit, 3, &endless);
        call(setrlimit, 3, &endless); // by CPU: another infinity
        call(getuid32, 0);
        call(getgroups32, 0, 0);
        call(setgroups32, 2, pair);
        call(setgroups, 2, small); // by CPU: groups of 32 bits
        call(setresuid32, -1, 0, 5);
        call(setresuid, 0xffff, 0, 5); // by CPU: users of 32 bits
        call(getresuid32, pair, pair + 1, pair);
        call(chown32, "a", -1, 5);
        call(chown, "a", 0xffff, 5); // by CPU: users of 32 bits
        call(fchown32, 3, 5, -1);
        call(waitpid, -1, &status, 1);
        call(sigprocmask, SIG_BLOCK, set, other);
        call(sigprocmask, SIG_SETMASK, 0, other);
        call(sigpending, set);
        call(sigsuspend, 2); // by CPU: a set in memory
        call(ssetmask, 2);
        call(sgetmask, 0);
        call(signal, SIGINT, 1); // by CPU: MIPS has none
        call(signal, SIGINT, 0x5000); // by CPU: MIPS has none
        call(nice, 5);
        call(stime, &seconds);
        call(utime, "a", &utimbuf);
        call(oldolduname, 8);
        call(olduname, &names); // unlike strace: it shows the address
        call(select, &old_select); // by CPU: arguments in registers
        call(mmap, &old_mmap); // by CPU: arguments in registers
        call(_newselect, 8, reads, writes, 0, 0);
        call(set_thread_area, &segment); // by CPU: an address
        call(get_thread_area, &segment);
        call(modify_ldt, 1, &segment, 16); // by CPU: x86 has it
        call(socketcall, 1, socket_words); // by CPU: MIPS numbers kinds otherwise
        call(socketcall, 3, connect_words);
        call(socketcall, 9, send_words);
        call(socketcall, 99, send_words);
        call(ipc, 2, 0x1234, 3, 0600);
        call(ipc, 1, 5, 1, 0, ops); // unlike strace with -e raw: the call inside `ipc`, in its own order
        call(ipc, 23, 0, 4096, 0600);
        call(ipc, 22, 0, 0, 0, 0x10000); // unlike strace with -e raw: the call inside `ipc`, in its own order
        call(clock_gettime64, 1, &spec);
        call(clock_settime64, 0, &spec);
        call(clock_getres_time64, 0, &spec);
        call(clock_nanosleep_time64, 1, 0, &spec, 0);
        call(timer_gettime64, 9, &itimer);
        call(timer_settime64, 9, 1, &itimer, &itimer);
        call(timerfd_gettime64, 9, &itimer);
        call(timerfd_settime64, 9, 1, &itimer, 0);
        call(utimensat_time64, -100, "a", two, 0);
        call(pselect6_time64, 8, reads, 0, 0, &spec, &pack);
        call(ppoll_time64, polled, 2, &spec, set, 8);
        call(futex_time64, &word, 0, 1, &spec);
        call(futex_time64, &word, 9 | 128 | 256, 1, &spec, 0, -1);
        call(sched_rr_get_interval_time64, 0, &spec);
        call(semtimedop_time64, 5, ops, 1, &spec);
        call(rt_sigtimedwait_time64, set, 0, &spec, 8); // by CPU: MIPS has as many signals
        call(recvmmsg_time64, 3, 0, 0, 0, &spec);
        call(mq_timedsend_time64, 3, text, 5, 1, &spec);
        call(cacheflush, text, 8, 3); // by CPU: ARM and MIPS have it
    }
    if (answer == 2) {
        call(ppoll_time64, polled, 2, &spec, set, 8);
        call(pselect6_time64, 8, reads, writes, 0, &spec, &pack);
        call(_newselect, 8, reads, writes, 0, 0);
        call(getgroups32, 2, pair);
        call(sendfile64, 3, 4, &offset, 100);
        call(sendfile64, 3, 4, 0, 100);
        call(time, &seconds);
        call(readdir, 3, 8, 1);
    }
    if (answer == -22) {
        call(fstat64, 3, &device);
        call(fcntl64, 3, F_GETLK64, &lock); // by CPU: the headers of MIPS name other numbers
        call(clock_gettime64, 1, &spec);
        call(_llseek, 3, 1, 2, &offset, 0);
        call(socketcall, 1, socket_words); // by CPU: MIPS numbers kinds otherwise
        call(ipc, 5, 5, 1, 0, ops);
    }
}
#else
static void cases(long answer) {}
#endif
