/* pty(7), ptsname(3): two ends of a terminal; what is written at one is read at the other. */
#include "../tasks.h"
#include <sys/stat.h>
#include <termios.h>

/* What comes in several parts. */
static int read_all(int fd, char *text, int size)
{
    int got = 0;
    while (got < size) {
        ssize_t more = read(fd, text + got, size - got);
        if (more <= 0)
            return -1;
        got += more;
    }
    return got;
}

int main(void)
{
    char text[32] = "", name[64];
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    check("posix_openpt", master >= 0);
    check("ptsname", ptsname_r(master, name, sizeof name) == 0 && !strncmp(name, "/dev/pts/", 9));
    say("open while it is locked", open(name, O_RDWR | O_NOCTTY));
    say("grantpt", grantpt(master));
    say("unlockpt", unlockpt(master));
    int slave = open(name, O_RDWR | O_NOCTTY);
    check("open", slave >= 0);
    say("isatty", isatty(slave) + isatty(master));
    char other[64];
    check("ttyname", ttyname_r(slave, other, sizeof other) == 0 && !strcmp(name, other));
    struct stat st;
    fstat(slave, &st);
    check("a character device", S_ISCHR(st.st_mode));
    say("write below", write(slave, "up\n", 3));
    say("read above", read_all(master, text, 4));
    printf("%s", text);
    say("write above", write(master, "down\n", 5));
    memset(text, 0, sizeof text);
    say("read below", read(slave, text, 31));
    printf("%s", text);
    memset(text, 0, sizeof text);
    say("echoed above", read_all(master, text, 6));
    printf("%s", text);
    close(slave);
    say("the other end is closed", read(master, text, 31));
    close(master);
    say("the name is gone", access(name, F_OK));
    return 0;
}
