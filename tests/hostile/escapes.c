/* Prints what it can read by each path of its arguments, and by ways around from there. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void read_all(const char *what, int fd)
{
    char bytes[4096];
    ssize_t count;
    if (fd < 0)
        return;
    printf("%s:", what);
    while ((count = read(fd, bytes, sizeof bytes)) > 0)
        fwrite(bytes, 1, count, stdout);
    puts("");
    close(fd);
}

static void list(const char *what, int fd)
{
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir)
        return;
    for (struct dirent *entry; (entry = readdir(dir));)
        printf("%s/%s\n", what, entry->d_name);
    closedir(dir);
}

int main(int argc, char **argv)
{
    static const char *up[] = {
        "..", "../..", "../../../../../../../../../..", "../outside", "../secret", "../../secret", "../outside/secret",
        "../../../../../../../../../etc/hostname", "/proc/self/root/..", "/proc/self/cwd/..", "/proc/self/cwd/../secret",
        "/proc/self/root/../../secret", "/proc/self/fd/../cwd/../../secret", "/proc/1/root/etc/hostname", "/proc/self/exe/..",
        "/proc/thread-self/root/../secret", "/dev/fd/../../secret", "/proc/self/task/../root/../secret",
    };
    char path[8192];
    for (int at = 1; at < argc; at++) {
        read_all(argv[at], open(argv[at], O_RDONLY));
        read_all("nofollow", open(argv[at], O_RDONLY | O_NOFOLLOW));
        ssize_t size = readlink(argv[at], path, sizeof path - 1);
        if (size > 0) {
            path[size] = 0;
            read_all("target", open(path, O_RDONLY));
        }
        int dir = open(argv[at], O_RDONLY | O_DIRECTORY);
        int handle = open(argv[at], O_PATH);
        list(argv[at], dup(dir));
        for (size_t way = 0; way < sizeof up / sizeof *up; way++) {
            snprintf(path, sizeof path, "%s/%s", argv[at], up[way]);
            read_all(path, open(path, O_RDONLY));
            read_all(up[way], openat(dir, up[way], O_RDONLY));
            read_all(up[way], openat(handle, up[way], O_RDONLY));
            list(up[way], openat(dir, up[way], O_RDONLY | O_DIRECTORY));
            snprintf(path, sizeof path, "/proc/self/fd/%d/%s", dir, up[way]);
            read_all(path, open(path, O_RDONLY));
            list(path, open(path, O_RDONLY | O_DIRECTORY));
            snprintf(path, sizeof path, "/dev/fd/%d/%s", handle, up[way]);
            read_all(path, open(path, O_RDONLY));
            if (chdir(argv[at]) == 0) {
                read_all(up[way], open(up[way], O_RDONLY));
                if (chdir(up[way]) == 0)
                    read_all("secret", open("secret", O_RDONLY));
                chdir("/");
            }
            if (chroot(argv[at]) == 0) {
                read_all("chroot", open(up[way], O_RDONLY));
                if (fchdir(dir) == 0 && chdir("..") == 0 && chdir("..") == 0)
                    read_all("chroot", open("secret", O_RDONLY));
                chroot(".");
            }
        }
        /* Links that are made here, also where the host keeps the files. */
        snprintf(path, sizeof path, "%s/made", argv[at]);
        unlink(path);
        if (symlink("../secret", path) == 0)
            read_all("made", open(path, O_RDONLY));
        unlink(path);
        if (symlink("../../../../../../../../../../etc/hostname", path) == 0)
            read_all("made", open(path, O_RDONLY));
        unlink(path);
        if (symlink("/proc/self/root/../etc/hostname", path) == 0)
            read_all("made", open(path, O_RDONLY));
        unlink(path);
        /* A directory that is moved away while it is somebody's. */
        snprintf(path, sizeof path, "%s/moved", argv[at]);
        mkdir(path, 0755);
        int moved = open(path, O_RDONLY | O_DIRECTORY);
        if (moved >= 0 && rename(path, "/tmp/moved") == 0) {
            read_all("moved", openat(moved, "../secret", O_RDONLY));
            read_all("moved", openat(moved, "../../secret", O_RDONLY));
        }
        rmdir(path);
        rmdir("/tmp/moved");
        snprintf(path, sizeof path, "%s/../written", argv[at]);
        int written = open(path, O_WRONLY | O_CREAT, 0644);
        if (written >= 0 && write(written, "x", 1) == 1)
            printf("wrote %s\n", path);
        link(argv[at], "/tmp/linked");
        read_all("linked", open("/tmp/linked", O_RDONLY));
        unlink("/tmp/linked");
        /* Numbers of descriptors that are emu's own, if any are. */
        for (int fd = 3; fd < 40; fd++) {
            if (fd == dir || fd == handle)
                continue;
            struct stat stat;
            if (fstat(fd, &stat) == 0 && fd != moved && fd != written)
                printf("somebody's descriptor %d\n", fd);
        }
        close(dir);
        close(handle);
        close(moved);
        close(written);
    }
    puts("done");
    return 0;
}
