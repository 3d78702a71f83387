/* memfd_create(2): a file with no place; sealed, it can't change. */
#include "../say.h"
#include <sys/mman.h>
#include <sys/stat.h>

int main(void)
{
    int fd = memfd_create("name", MFD_ALLOW_SEALING | MFD_CLOEXEC);
    check("made", fd >= 0);
    say("FD_CLOEXEC", fcntl(fd, F_GETFD));
    say("write", write(fd, "text", 4));
    say("size", lseek(fd, 0, SEEK_END));
    say("ftruncate", ftruncate(fd, 8192));
    char *map = mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0);
    printf("%s\n", map);
    struct stat st;
    fstat(fd, &st);
    check("a file", S_ISREG(st.st_mode));
    say("links", st.st_nlink);
    say("seals", fcntl(fd, F_GET_SEALS));
    say("F_SEAL_SHRINK", fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
    say("shrink", ftruncate(fd, 10));
    say("grow", ftruncate(fd, 9000));
    say("seals", fcntl(fd, F_GET_SEALS));
    say("a flag that isn't one", memfd_create("name", 0x4000));
    return 0;
}
