/* EBADF: a descriptor that isn't open, or isn't open that way. */
#include "../say.h"
#include <sys/ioctl.h>
#include <sys/stat.h>

int main(void)
{
    char byte = 0;
    struct stat st;
    put("file", "x");
    int reader = open("file", O_RDONLY), writer = open("file", O_WRONLY);
    say("read", read(999, &byte, 1));
    say("write", write(999, &byte, 1));
    say("read of a writer", read(writer, &byte, 1));
    say("write of a reader", write(reader, &byte, 1));
    say("close", close(999));
    say("close of -1", close(-1));
    say("fstat", fstat(999, &st));
    say("lseek", lseek(999, 0, SEEK_SET));
    say("dup", dup(999));
    say("ftruncate", ftruncate(999, 0));
    say("fsync", fsync(999));
    say("fsync of a reader", fsync(reader));
    say("fchmod", fchmod(999, 0));
    say("ioctl", ioctl(999, 0));
    say("read of nothing, of nothing", read(999, NULL, 0));
    say("isatty", isatty(999) - 1);
    say("isatty of a file", isatty(reader) - 1);
    say("fdatasync", fdatasync(writer));
    unlink("file");
    return 0;
}
