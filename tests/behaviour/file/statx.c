/* statx(2): what is asked for by a mask, and told by one. */
#include "../tasks.h"
#include <sys/stat.h>

int main(void)
{
    struct statx st;
    struct stat old;
    put("file", "twelve bytes");
    chmod("file", 0640);
    symlink("file", "link");
    say("statx", statx(AT_FDCWD, "file", 0, STATX_BASIC_STATS, &st));
    stat("file", &old);
    check("the mask", (st.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS);
    printf("mode %o, %d links, %lld bytes\n", st.stx_mode, (int)st.stx_nlink, (long long)st.stx_size);
    check("as of stat", st.stx_ino == old.st_ino && st.stx_uid == old.st_uid && st.stx_gid == old.st_gid &&
        st.stx_mtime.tv_sec == old.st_mtime && st.stx_mtime.tv_nsec == old.st_mtim.tv_nsec);
    say("a link", statx(AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW, STATX_TYPE, &st));
    check("itself", S_ISLNK(st.stx_mode));
    int fd = open("file", O_RDONLY);
    say("a descriptor", statx(fd, "", AT_EMPTY_PATH, STATX_SIZE, &st));
    say("size", st.stx_size);
    say("without the flag", statx(fd, "", 0, STATX_SIZE, &st));
    say("of nothing", statx(AT_FDCWD, "absent", 0, STATX_SIZE, &st));
    say("a flag that isn't one", statx(AT_FDCWD, "file", 0x40000000, STATX_SIZE, &st));
    say("a mask that isn't one", statx(AT_FDCWD, "file", 0, 0x80000000, &st));
    unlink("link");
    unlink("file");
    return 0;
}
