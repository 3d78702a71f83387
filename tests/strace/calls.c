/* Calls whose lines strace and emu must write alike. What depends on the machine is left out. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

static void handler(int signal) { (void)signal; }

static void files(void) {
    char a[64], b[64];
    struct stat st;
    struct statx sx;
    struct statfs sf;
    int fd = open("f", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    write(fd, "hello \"w\"\\ \001\0019\033\t\n\r\v\f\377 abcdefghijklmnopqrstuvwxyz", 50);
    struct iovec out[2] = {{"abc", 3}, {"defgh", 5}}, in[2] = {{a, 10}, {b, 20}};
    writev(fd, out, 2);
    pwritev(fd, out, 2, 100);
    lseek(fd, 0, SEEK_SET);
    readv(fd, in, 2);
    pread(fd, a, 64, 3);
    pwrite(fd, "x", 1, 1LL << 20);
    preadv(fd, in, 2, 5);
    lseek(fd, -5, SEEK_END);
    lseek(99, 0, 77);
    fcntl(fd, F_SETFL, O_NONBLOCK | O_APPEND);
    fcntl(fd, F_GETFL);
    fcntl(fd, F_GETFD);
    fcntl(fd, F_SETFD, 0);
    fcntl(fd, F_GETFD);
    fcntl(fd, F_DUPFD_CLOEXEC, 30);
    fcntl(fd, F_DUPFD, 0);
    struct flock lock = {.l_type = F_WRLCK, .l_len = 5};
    fcntl(fd, F_SETLK, &lock);
    fcntl(fd, F_GETLK, &lock);
    fcntl(fd, F_GETPIPE_SZ);
    fcntl(fd, 1234, 5);
    stat("nonexistent", &st);
    lstat("f", &st);
    fstat(fd, &st);
    stat("/dev/null", &st);
    statx(AT_FDCWD, "nonexistent", AT_SYMLINK_NOFOLLOW | AT_STATX_FORCE_SYNC, STATX_ALL, &sx);
    statfs("nonexistent", &sf);
    access("x", R_OK | W_OK);
    access("/", F_OK);
    faccessat(AT_FDCWD, "x", X_OK, AT_EACCESS);
    chmod("f", 0755);
    fchmod(fd, 0600);
    fchmodat(AT_FDCWD, "f", 0644, 0);
    chown("nonexistent", -1, 5);
    fchownat(AT_FDCWD, "nonexistent", 0, -1, AT_SYMLINK_NOFOLLOW);
    link("f", "g");
    symlink("/a/b", "s");
    readlink("s", a, 64);
    readlink("s", a, 2);
    readlink("nope", a, 64);
    unlink("g");
    unlink("s");
    mkdir("d", 0700);
    rename("d", "e");
    rmdir("e");
    unlinkat(AT_FDCWD, "d", AT_REMOVEDIR);
    syscall(SYS_renameat2, AT_FDCWD, "q", 5, "r", 1);
    linkat(AT_FDCWD, "q", AT_FDCWD, "r", AT_SYMLINK_FOLLOW);
    mkfifo("p", 0600);
    unlink("p");
    truncate("f", 100);
    ftruncate(fd, 1000);
    umask(022);
    umask(077);
    struct timespec two[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}};
    utimensat(AT_FDCWD, "f", two, 0);
    two[0].tv_sec = 1000000000;
    two[0].tv_nsec = 5;
    utimensat(AT_FDCWD, "f", two, AT_SYMLINK_NOFOLLOW);
    futimens(fd, NULL);
    struct utimbuf old = {1, 2};
    syscall(SYS_utime, "f", &old);
    struct timeval times[2] = {{1, 2}, {3, 4}};
    syscall(SYS_utimes, "f", times);
    chdir("/nope");
    fsync(fd);
    fdatasync(fd);
    flock(fd, LOCK_EX | LOCK_NB);
    off_t offset = 3;
    int pipes[2];
    pipe2(pipes, O_CLOEXEC | O_NONBLOCK);
    sendfile(pipes[1], fd, &offset, 5);
    read(pipes[0], a, 10);
    read(pipes[0], a, 10);
    dup2(fd, 20);
    dup3(fd, 21, O_CLOEXEC);
    close(20);
    close(20);
    write(fd, (void *)1, 10);
    open((void *)8, O_RDONLY);
    read(fd, (void *)8, 10);
    ioctl(fd, TCGETS, a);
    ioctl(fd, TIOCGWINSZ, a);
    ioctl(fd, FIOCLEX);
    ioctl(fd, 0x12345678, 5);
    struct pollfd polled[2] = {{pipes[0], POLLIN | POLLPRI, 0}, {pipes[1], POLLOUT, 0}};
    poll(polled, 2, 0);
    poll(polled, 1, 0);
    poll(NULL, 0, 1);
    fd_set reads, writes;
    FD_ZERO(&reads);
    FD_ZERO(&writes);
    FD_SET(pipes[0], &reads);
    FD_SET(pipes[1], &writes);
    select(pipes[1] + 1, &reads, &writes, NULL, NULL);
    unlink("f");
}

static void memory(void) {
    char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    mprotect(p, 4096, PROT_NONE);
    mprotect(p, 4096, PROT_READ | PROT_EXEC | 0x100);
    madvise(p, 4096, MADV_DONTNEED);
    madvise(p, 4096, 77);
    msync(p, 4096, MS_SYNC);
    munmap(p, 8192);
    mmap(NULL, 0, PROT_READ, MAP_PRIVATE, -1, 4096);
    p = mmap((void *)0x20000000, 4096, PROT_READ, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    mremap(p, 4096, 8192, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)0x30000000);
}

static void signals(void) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART | SA_SIGINFO};
    sigaddset(&action.sa_mask, SIGINT);
    sigaddset(&action.sa_mask, SIGTERM);
    sigaction(SIGUSR1, &action, NULL);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, &action);
    action.sa_handler = SIG_DFL;
    sigfillset(&action.sa_mask);
    sigaction(SIGRTMIN + 2, &action, NULL);
    sigaction(SIGCHLD, NULL, &action);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    sigfillset(&set);
    sigprocmask(SIG_SETMASK, &set, &set);
    sigemptyset(&set);
    sigprocmask(SIG_SETMASK, &set, NULL);
    sigaddset(&set, SIGRTMIN + 3);
    sigprocmask(SIG_BLOCK, &set, NULL);
    syscall(SYS_rt_sigprocmask, 77, NULL, &set, 8);
    sigpending(&set);
    stack_t stack = {.ss_sp = (void *)0x40000000, .ss_size = 8192};
    sigaltstack(&stack, NULL);
    sigaltstack(NULL, &stack);
    kill(getpid(), 99);
    kill(getpid(), 0);
}

static void process(void) {
    char buffer[128];
    struct rusage usage;
    struct timespec time = {0, 1000};
    unsigned word = 0;
    struct sched_param param = {0};
    int status;
    getuid();
    getgroups(0, NULL);
    setpriority(PRIO_PROCESS, 0, 0);
    getpriority(PRIO_PROCESS, 0);
    prctl(PR_SET_NAME, "thename");
    prctl(PR_GET_NAME, buffer);
    prctl(PR_GET_DUMPABLE);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    prctl(9999, 1, 2, 3, 4);
    prctl(PR_GET_PDEATHSIG, buffer);
    sched_yield();
    sched_getparam(0, &param);
    sched_getscheduler(0);
    sched_get_priority_max(SCHED_FIFO);
    syscall(SYS_futex, &word, 1, 1);
    syscall(SYS_futex, &word, 0 | 128, 1, NULL);
    syscall(SYS_futex, &word, 9 | 128 | 256, 1, &time, NULL, -1);
    syscall(SYS_futex, &word, 1 | 128, 0x7fffffff);
    syscall(SYS_nanosleep, &time, NULL);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
    syscall(SYS_clock_gettime, 99, buffer);
    getrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, RLIM_INFINITY});
    syscall(SYS_wait4, -1, &status, WNOHANG, &usage);
    syscall(SYS_getrandom, buffer, 0, 1);
    syscall(999, 1, 2, 3, 4, 5, 6);
    char *argv[] = {"a", "b\n", NULL}, *envp[] = {"X=1", NULL};
    execve("/nope", argv, envp);
    execve("/nope", argv, NULL);
    syscall(SYS_execveat, AT_FDCWD, "nope", argv, envp, AT_EMPTY_PATH);
}

int main(void) {
    write(-1, "begin", 5);
    files();
    memory();
    signals();
    process();
    syscall(SYS_exit_group, 3);
}
