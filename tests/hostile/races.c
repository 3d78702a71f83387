/*
 * Two processes at once in directories that change: one moves directories and puts links in their places, the other opens
 * what it can through them. What it could read is printed, and "done".
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static void read_all(int fd)
{
    char bytes[256];
    ssize_t count;
    if (fd < 0)
        return;
    while ((count = read(fd, bytes, sizeof bytes)) > 0)
        fwrite(bytes, 1, count, stdout);
    close(fd);
}

static void attempt(const char *dir, const char *rest)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", dir, rest);
    read_all(open(path, O_RDONLY));
    read_all(open(path, O_RDONLY | O_NOFOLLOW));
    int handle = open(dir, O_PATH);
    read_all(openat(handle, rest, O_RDONLY));
    char again[64];
    snprintf(again, sizeof again, "/proc/self/fd/%d/%s", handle, rest);
    read_all(open(again, O_RDONLY));
    close(handle);
    snprintf(path, sizeof path, "%s/written", dir);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd >= 0) {
        if (write(fd, "x", 1) != 1)
            puts("not written");
        close(fd);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/made", dir);
    mkdir(path, 0755);
    rename(path, "/tmp/taken");
    link(path, "/tmp/linked");
    rmdir(path);
    rmdir("/tmp/taken");
    unlink("/tmp/linked");
}

int main(int argc, char **argv)
{
    /* Rounds, the directory of the races, and "host" when the host does the moving. */
    int rounds = argc > 1 ? atoi(argv[1]) : 100;
    const char *base = argc > 2 ? argv[2] : "/tmp";
    int host = argc > 3 && !strcmp(argv[3], "host");
    char flip[128], real[128], link_[128];
    snprintf(flip, sizeof flip, "%s/flip", base);
    snprintf(real, sizeof real, "%s/real", base);
    snprintf(link_, sizeof link_, "%s/link", base);
    setvbuf(stdout, NULL, _IONBF, 0);
    pid_t mover = 0;
    if (!host) {
        mkdir(real, 0755);
        mover = fork();
        if (mover == 0) {
            for (;;) {
                rename(real, flip);
                sched_yield();
                rename(flip, real);
                symlink("../../../../../../../../..", flip);
                sched_yield();
                unlink(flip);
                symlink("/proc/self/root/..", flip);
                sched_yield();
                unlink(flip);
                rename(real, "/tmp/elsewhere");
                rename("/tmp/elsewhere", real);
            }
        }
    }
    for (int round = 0; round < rounds; round++) {
        attempt(flip, "secret");
        attempt(flip, "../secret");
        attempt(flip, "../../secret");
        attempt(real, "../../secret");
        sched_yield();
    }
    if (mover) {
        kill(mover, SIGKILL);
        waitpid(mover, NULL, 0);
    }
    /* Paths that are too long, and devices of the host. */
    size_t size = 3 * PATH_MAX;
    char *huge = malloc(size + 32);
    for (size_t at = 0; at + 3 <= size; at += 3)
        memcpy(huge + at, "../", 3);
    strcpy(huge + size - size % 3, "secret");
    read_all(open(huge, O_RDONLY));
    memset(huge, 'a', size);
    read_all(open(huge, O_RDONLY));
    char device[128];
    snprintf(device, sizeof device, "%s/device", base);
    int kinds[] = {S_IFBLK, S_IFCHR};
    for (int kind = 0; kind < 2; kind++)
        for (int major_ = 0; major_ < 260; major_++) {
            unlink(device);
            if (mknod(device, kinds[kind] | 0600, makedev(major_, 0)) == 0 && kinds[kind] == S_IFBLK) {
                int fd = open(device, O_RDONLY);
                if (fd >= 0)
                    printf("a block device %d\n", major_);
                close(fd);
            }
        }
    unlink(device);
    puts("done");
    return 0;
}
