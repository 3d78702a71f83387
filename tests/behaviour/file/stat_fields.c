/* stat(2), fstat(2), lstat(2), statx(2): what they say of files, directories, links and devices. */
#include "../say.h"
#include <sys/stat.h>
#include <sys/sysmacros.h>

int main(void)
{
    struct stat st, other;
    struct statx stx;
    umask(022);
    put("file", "12345");
    symlink("file", "link");
    stat("file", &st);
    printf("%o %lld %lld\n", (unsigned)st.st_mode, (long long)st.st_size, (long long)st.st_nlink);
    check("owner", st.st_uid == geteuid());
    check("block size", st.st_blksize >= 512);
    lstat("link", &other);
    printf("%o %lld\n", (unsigned)other.st_mode, (long long)other.st_size);
    check("another inode", st.st_ino != other.st_ino && st.st_dev == other.st_dev);
    int fd = open("link", O_RDONLY);
    fstat(fd, &other);
    check("the same inode", st.st_ino == other.st_ino);
    check("the same times", st.st_mtim.tv_sec == other.st_mtim.tv_sec && st.st_mtim.tv_nsec == other.st_mtim.tv_nsec);
    say("fstatat with AT_EMPTY_PATH", fstatat(fd, "", &other, AT_EMPTY_PATH));
    say("fstatat of nothing", fstatat(fd, "", &other, 0));
    stat(".", &st);
    check("a directory", S_ISDIR(st.st_mode));
    stat("/dev/null", &st);
    check("a character device", S_ISCHR(st.st_mode));
    printf("%d %d\n", (int)major(st.st_rdev), (int)minor(st.st_rdev));
    say("statx", statx(AT_FDCWD, "file", 0, STATX_BASIC_STATS, &stx));
    printf("%o %lld %d\n", stx.stx_mode, (long long)stx.stx_size, (stx.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS);
    check("statx, the same inode", stx.stx_ino == other.st_ino);
    unlink("file");
    unlink("link");
    return 0;
}
