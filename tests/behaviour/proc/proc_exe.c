/* proc(5): /proc/self/exe is the program itself, to read as a link and to open. */
#include "../say.h"
#include <sys/stat.h>

int main(int argc, char **argv)
{
    (void)argc;
    char path[4096] = "", magic[4];
    check("readlink", readlink("/proc/self/exe", path, sizeof path - 1) > 0);
    check("absolute", path[0] == '/');
    check("the name it was started by", !strcmp(basename(path), basename(argv[0])));
    int fd = open("/proc/self/exe", O_RDONLY);
    say("read", read(fd, magic, 4));
    check("ELF", !memcmp(magic, "\177ELF", 4));
    struct stat exe, file;
    say("stat", stat("/proc/self/exe", &exe));
    say("stat of its path", stat(path, &file));
    check("the same file", exe.st_ino == file.st_ino && exe.st_size == file.st_size);
    say("lstat", lstat("/proc/self/exe", &exe));
    check("a link", S_ISLNK(exe.st_mode));
    snprintf(path, sizeof path, "/proc/%d/exe", getpid());
    say("by its number", access(path, F_OK));
    say("written", unlink("/proc/self/exe") == -1 ? 0 : 1);
    return 0;
}
