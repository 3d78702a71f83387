/* termios(3): what is written below comes up processed, or as it is without OPOST; echo shows keys as ^X. */
#include "../tasks.h"
#include <poll.h>
#include <termios.h>

static int master, slave;

/* So many bytes come up, and no more. */
static void tell(const char *what, int expected)
{
    char text[64];
    struct pollfd poll_fd = {master, POLLIN, 0};
    int size = 0;
    while (size < expected) {
        ssize_t more = read(master, text + size, sizeof text - size);
        if (more <= 0) {
            say(what, -1);
            return;
        }
        size += more;
    }
    if (poll(&poll_fd, 1, 20))
        puts("more than that:");
    printf("%s: ", what);
    for (int i = 0; i < size; i++)
        printf(text[i] < 32 ? "<%d>" : "%c", text[i]);
    puts("");
}

int main(void)
{
    struct termios mode;
    master = posix_openpt(O_RDWR | O_NOCTTY);
    grantpt(master);
    unlockpt(master);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    write(slave, "a line\n", 7);
    tell("ONLCR", 8);
    tcgetattr(slave, &mode);
    mode.c_oflag &= ~OPOST;
    tcsetattr(slave, TCSANOW, &mode);
    write(slave, "a line\n", 7);
    tell("without OPOST", 7);
    mode.c_oflag |= OPOST;
    tcsetattr(slave, TCSANOW, &mode);
    write(master, "ab", 2);
    tell("echo", 2);
    write(master, "\1\33", 2);
    tell("echo of keys", 4);
    write(master, "\177", 1);
    tell("echo of an erase", 6);
    write(master, "\n", 1);
    tell("echo of a newline", 2);
    mode.c_lflag &= ~ECHO;
    tcsetattr(slave, TCSANOW, &mode);
    write(master, "hidden\n", 7);
    tell("without ECHO", 0);
    mode.c_lflag |= ECHONL;
    tcsetattr(slave, TCSANOW, &mode);
    write(master, "hidden\n", 7);
    tell("with ECHONL", 2);
    struct termios other;
    tcgetattr(master, &other);
    check("one mode for both ends", other.c_lflag == mode.c_lflag && other.c_oflag == mode.c_oflag);
    return 0;
}
