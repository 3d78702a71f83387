/* statfs(2), statvfs(3): a file system with a block size and longest names. */
#include "../say.h"
#include <sys/statfs.h>
#include <sys/statvfs.h>

int main(void)
{
    struct statfs fs;
    struct statvfs vfs;
    say("statfs", statfs(".", &fs));
    check("block size", fs.f_bsize >= 512);
    say("longest name", fs.f_namelen);
    check("blocks", fs.f_bfree <= fs.f_blocks);
    int fd = open(".", O_RDONLY);
    say("fstatfs", fstatfs(fd, &fs));
    say("statvfs", statvfs(".", &vfs));
    check("fragment size", vfs.f_frsize >= 512);
    say("of nothing", statfs("absent", &fs));
    say("of no descriptor", fstatfs(999, &fs));
    say("pathconf", pathconf(".", _PC_NAME_MAX));
    statfs("/proc", &fs);
    printf("/proc is %lx\n", (long)fs.f_type);
    say("sync", fsync(fd));
    return 0;
}
