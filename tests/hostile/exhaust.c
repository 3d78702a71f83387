/* Takes as much as it gets of what its argument names, and says how it ended. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static char megabyte[1 << 20];

static void deeper(volatile char *above)
{
    volatile char here[4096];
    here[0] = above[0];
    deeper(here);
    above[0] = here[0];
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    long count = 0;
    memset(megabyte, 'x', sizeof megabyte);
    errno = 0;
    if (!strcmp(what, "memory")) {
        char *piece;
        while ((piece = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) != MAP_FAILED) {
            memset(piece, 1, 1 << 20);
            count++;
        }
    } else if (!strcmp(what, "terabyte")) {
        for (int shift = 62; shift >= 32; shift--) {
            size_t size = shift < 8 * (int)sizeof(size_t) ? (size_t)1 << shift : (size_t)-4096;
            char *piece = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
            if (piece != MAP_FAILED) {
                piece[0] = piece[size - 1] = 1;
                count++;
                munmap(piece, size);
            }
        }
    } else if (!strcmp(what, "mappings")) {
        while (mmap(NULL, 4096, count % 2 ? PROT_READ : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED && count < 200000)
            count++;
    } else if (!strcmp(what, "brk")) {
        while (sbrk(1 << 20) != (void *)-1) {
            memset((char *)sbrk(0) - (1 << 20), 1, 1 << 20);
            count++;
        }
    } else if (!strcmp(what, "file")) {
        int fd = open("/tmp/file", O_RDWR | O_CREAT, 0644);
        printf("far %zd\n", pwrite(fd, "x", 1, (1LL << 62) - 2));
        printf("sparse %d\n", ftruncate(fd, 1LL << 40));
        printf("sparse %zd\n", pwrite(fd, "x", 1, 1LL << 41));
        errno = 0;
        while (write(fd, megabyte, sizeof megabyte) == sizeof megabyte)
            count++;
    } else if (!strcmp(what, "files")) {
        char name[64];
        mkdir("/tmp/many", 0755);
        do {
            snprintf(name, sizeof name, "/tmp/many/%ld", count);
        } while (count < 100000 && mknod(name, S_IFREG | 0644, 0) == 0 && ++count);
    } else if (!strcmp(what, "deep")) {
        while (count < 20000 && mkdir("d", 0755) == 0 && chdir("d") == 0)
            count++;
        static char path[70000];
        getcwd(path, sizeof path);
    } else if (!strcmp(what, "descriptors")) {
        while (open("/dev/null", O_RDONLY) >= 0 && count < 2000000)
            count++;
    } else if (!strcmp(what, "pipe")) {
        int ends[2];
        pipe(ends);
        fcntl(ends[1], F_SETFL, O_NONBLOCK);
        while (write(ends[1], megabyte, sizeof megabyte) > 0)
            count++;
    } else if (!strcmp(what, "stack")) {
        deeper(megabyte);
    } else if (!strcmp(what, "links")) {
        char old[64] = "/tmp/l0", new[64];
        close(open(old, O_CREAT | O_WRONLY, 0644));
        for (; count < 100000; count++) {
            snprintf(new, sizeof new, "/tmp/l%ld", count + 1);
            if (link(old, new) < 0)
                break;
        }
    } else if (!strcmp(what, "loops")) {
        for (; count < 50; count++) {
            char old[64], new[64];
            snprintf(old, sizeof old, "/tmp/s%ld", (count + 1) % 50);
            snprintf(new, sizeof new, "/tmp/s%ld", count);
            symlink(old, new);
        }
        open("/tmp/s0", O_RDONLY);
    } else if (!strcmp(what, "buffers")) {
        /* Counts that are far too large for what is there, which a hole follows. */
        char *piece = mmap(NULL, 1 << 21, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        munmap(piece + (1 << 20), 1 << 20);
        size_t huge = (size_t)-1 / 4;
        printf("%zd\n", write(1, (char *)8, (size_t)-1 / 2));
        int zero = open("/dev/zero", O_RDONLY), file = open("/tmp/x", O_RDWR | O_CREAT, 0600);
        ssize_t done = read(zero, piece, huge);
        printf("%d %s\n", done > 0, done < 0 ? strerror(errno) : "read");
        done = write(file, piece, huge);
        printf("%d %s\n", done > 0, done < 0 ? strerror(errno) : "written");
        errno = 0;
    }
    printf("%s %s\n", what, errno ? strerror(errno) : "taken");
    fprintf(stderr, "%ld\n", count);
    return 0;
}
