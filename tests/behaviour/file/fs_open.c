/* open(2): every combination of flags on each kind of file. A letter stands for each answer. */
#include "../say.h"
#include <sys/stat.h>

static const int flags[] = { O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_NOFOLLOW, O_DIRECTORY, O_PATH, __O_TMPFILE };
static const char *const kinds[] = { "file", "dir", "link", "to_dir", "dangling", "missing", "fifo", "file/x" };

static void fresh(void)
{
    unlink("missing");
    unlink("nowhere");
    put("file", "text");
}

static char letter(int fd, int asked)
{
    struct stat st;
    if (fd >= 0) {
        int got = fcntl(fd, F_GETFL);
        int bits = O_ACCMODE | O_APPEND | O_NOFOLLOW | O_DIRECTORY | O_PATH;
        fstat(fd, &st);
        close(fd);
        if (asked & O_PATH)
            return got & O_PATH ? S_ISLNK(st.st_mode) ? 'L' : 'P' : '!';
        if (((got ^ asked) & bits) != 0)
            return '!';
        if (st.st_nlink == 0)
            return 'T';
        return S_ISREG(st.st_mode) ? st.st_size ? 'o' : 'e' : 'd';
    }
    switch (errno) {
    case ENOENT: return 'n';
    case EEXIST: return 'x';
    case EISDIR: return 'D';
    case ENOTDIR: return 'N';
    case ELOOP: return 'l';
    case EINVAL: return 'i';
    case ENXIO: return 'X';
    case EBADF: return 'b';
    }
    return '?';
}

int main(void)
{
    mkdir("dir", 0755);
    symlink("file", "link");
    symlink("dir", "to_dir");
    symlink("nowhere", "dangling");
    mkfifo("fifo", 0644);
    umask(0);
    for (unsigned kind = 0; kind < sizeof kinds / sizeof *kinds; kind++)
        for (int access = O_RDONLY; access <= O_RDWR; access++) {
            char line[257];
            for (int set = 0; set < 256; set++) {
                int asked = access | O_NONBLOCK;
                for (int bit = 0; bit < 8; bit++)
                    if (set >> bit & 1)
                        asked |= flags[bit];
                fresh();
                /* Kernels before 6.4 made a file of O_CREAT|O_DIRECTORY; __O_TMPFILE alone was let through. */
                if ((asked & O_DIRECTORY && asked & O_CREAT) || (asked & __O_TMPFILE && !(asked & O_DIRECTORY)))
                    line[set] = '.';
                else
                    line[set] = letter(open(kinds[kind], asked, 0666), asked);
            }
            line[256] = 0;
            printf("%s %d\n", kinds[kind], access);
            for (int part = 0; part < 256; part += 64)
                printf("  %.64s\n", line + part);
        }
    fresh();
    unlink("file");
    unlink("link");
    unlink("to_dir");
    unlink("dangling");
    unlink("fifo");
    rmdir("dir");
    return 0;
}
