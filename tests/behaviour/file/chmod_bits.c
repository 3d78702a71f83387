/* chmod(2), fchmod(2), fchmodat(2): all twelve bits, through links. */
#include "../say.h"
#include <sys/stat.h>

int main(void)
{
    struct stat st;
    put("file", "");
    symlink("file", "link");
    static const unsigned modes[] = {0600, 0777, 0, 0644, 01755, 0400};
    for (int i = 0; i < 6; i++) {
        say("chmod", chmod("file", modes[i]));
        stat("file", &st);
        printf("%o\n", (unsigned)st.st_mode);
    }
    say("through the link", chmod("link", 0640));
    stat("file", &st);
    printf("%o\n", (unsigned)st.st_mode);
    int fd = open("file", O_RDONLY);
    say("fchmod", fchmod(fd, 0604));
    stat("file", &st);
    printf("%o\n", (unsigned)st.st_mode);
    say("fchmodat", fchmodat(AT_FDCWD, "file", 0700, 0));
    stat("file", &st);
    printf("%o\n", (unsigned)st.st_mode);
    mkdir("dir", 0755);
    say("a directory", chmod("dir", 01700));
    stat("dir", &st);
    printf("%o\n", (unsigned)st.st_mode);
    say("nothing", chmod("absent", 0600));
    say("no descriptor", fchmod(999, 0600));
    unlink("link");
    unlink("file");
    rmdir("dir");
    return 0;
}
