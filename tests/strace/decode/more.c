/* More of what is shared, and of time. */
#include "cases.h"
#include <linux/types.h>
#include <asm/fcntl.h>
#include <asm/signal.h>
#include <linux/aio_abi.h>
#include <linux/time.h>
#include <linux/timex.h>
#include <linux/uio.h>

static char text[] = "some text of forty bytes, of which 32 are shown";
static struct __kernel_timex timex = {.modes = ADJ_OFFSET | ADJ_STATUS, .offset = 5, .status = STA_PLL | STA_UNSYNC, .constant = 3, .precision = 1, .tick = 10000, .tai = 37};
static struct iovec vector[2] = {{text, 9}, {text + 5, 4}};
static struct iocb pread = {.aio_data = 5, .aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = 3, .aio_buf = 0x5000, .aio_nbytes = 100, .aio_offset = 7};
static struct iocb pwrite = {.aio_lio_opcode = IOCB_CMD_PWRITE, .aio_fildes = 4, .aio_nbytes = 5, .aio_flags = IOCB_FLAG_RESFD, .aio_resfd = 9};
static struct iocb *blocks[2] = {&pread, &pwrite};
static struct io_event event = {1, 2, 3, 4};
static struct __kernel_old_timespec spec = {5, 123};
static unsigned long long numbers[2] = {1, 2};
static char *arguments[] = {"a", "b", "c", 0};

static void cases(long answer) {
    pwrite.aio_buf = (unsigned long)text;
    if (answer == 0) {
        call(clock_adjtime64, 0, &timex);
        call(io_submit, 0x5000, 2, blocks);
        call(io_submit, 0x5000, 0, blocks);
        call(io_cancel, 0x5000, &pread, &event);
        call(io_getevents, 0x5000, 1, 2, &event, &spec);
        call(inotify_init, 0);
        call(epoll_create, 5);
        call(eventfd, 5);
        call(sysfs, 3);
        call(getpgrp, 0);
        call(setpgid, 5, 6);
        call(getsid, 5);
        call(setuid, 1000);
        call(setreuid, -1, 5); // unlike strace with -e raw: words are those of the argument's type
        call(setfsuid, 5);
        call(sched_yield, 0);
        call(pause, 0);
        call(munlockall, 0);
        call(mlock, 0x10000, 4096);
        call(chdir, "/some/where");
        call(fchdir, 3);
        call(rmdir, "a");
        call(mkdir, "a", 0755);
        call(link, "a", "b");
        call(symlink, "a", "b");
        call(unlink, "a");
        call(rename, "a", "b");
        call(chmod, "a", 0644);
        call(lchown, "a", 5, -1); // unlike strace with -e raw: words are those of the argument's type
        call(mknod, "a", 0060600, 0x801);
        call(creat, "a", 0644);
        call(access, "a", 4);
        call(dup2, 3, 4);
        call(pipe, numbers); // by CPU: MIPS answers in registers
        call(fdatasync, 3);
        call(statx, 3, 0, 0x1000, 0xfff, 8);
        call(openat, -1, "a", 0x8000000);
        call(open, "a very long path, longer than strings are shown, since paths are shown whole", 0);
        call(write, 1, text, 0);
        call(write, 1, 0, 5);
        call(write, 1, 8, 5);
        call(write, -1, "\377\376", 2); // unlike strace with -e raw: words are those of the argument's type
        call(write, 1, "a\\b\"c\x7f", 6);
        call(tgkill, 1, 2, 0);
        call(kill, 0, -1);
    }
    if (answer == 1) {
        call(io_getevents, 0x5000, 1, 2, &event, &spec);
        call(io_submit, 0x5000, 2, blocks);
        call(sched_getaffinity, 0, 1, numbers); // by CPU: byte order
        call(read, 0, text, 1);
        call(dup, 3);
        call(lseek, 3, -1, 0);
        call(getppid, 0);
        call(nice, 5);
        call(mq_open, "a", O_RDWR | O_CREAT, 0600, 0);
    }
}
