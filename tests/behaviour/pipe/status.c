/* pipe(2), fstat(2), fcntl(2): what a pipe is and can't. */
#include "../tasks.h"
#include <sys/mman.h>
#include <sys/stat.h>

int main(void)
{
    int fds[2], others[2];
    int *volatile nowhere = (int *)8;
    struct stat st, other;
    pipe(fds);
    fstat(fds[0], &st);
    fstat(fds[1], &other);
    check("S_ISFIFO", S_ISFIFO(st.st_mode));
    check("one inode", st.st_ino == other.st_ino && st.st_dev == other.st_dev);
    say("size", st.st_size);
    printf("mode %o\n", st.st_mode & 0777);
    pipe(others);
    fstat(others[0], &other);
    check("another inode", st.st_ino != other.st_ino);
    say("O_ACCMODE of the reader", fcntl(fds[0], F_GETFL) & O_ACCMODE);
    say("of the writer", fcntl(fds[1], F_GETFL) & O_ACCMODE);
    say("lseek", lseek(fds[0], 0, SEEK_CUR));
    say("pread", pread(fds[0], &st, 1, 0));
    say("pwrite", pwrite(fds[1], &st, 1, 0));
    say("ftruncate", ftruncate(fds[1], 0));
    say("fsync", fsync(fds[1]));
    check("mmap", mmap(NULL, 4096, PROT_READ, MAP_SHARED, fds[0], 0) == MAP_FAILED && errno == ENODEV);
    say("pipe2 with a flag that isn't one", pipe2(fds, O_APPEND));
    say("pipe to nowhere", pipe2(nowhere, 0));
    say("O_CLOEXEC", pipe2(fds, O_CLOEXEC | O_NONBLOCK));
    say("F_GETFD", fcntl(fds[0], F_GETFD));
    check("O_NONBLOCK", fcntl(fds[1], F_GETFL) & O_NONBLOCK);
    return 0;
}
