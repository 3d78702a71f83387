/* termios(3): lines are read whole, after erasing; ^D ends the input; raw mode gives bytes at once. */
#include "../tasks.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

static int master, slave;

static void type(const char *text)
{
    write(master, text, strlen(text));
}

static void nothing(const char *what)
{
    struct pollfd poll_fd = {slave, POLLIN, 0};
    say(what, poll(&poll_fd, 1, 20));
}

static void tell(const char *what)
{
    char text[64] = "";
    ssize_t size = read(slave, text, sizeof text - 1);
    printf("%s: %zd \"", what, size);
    for (ssize_t i = 0; i < size; i++)
        printf(text[i] < 32 ? "<%d>" : "%c", text[i]);
    puts("\"");
}

int main(void)
{
    struct termios mode;
    master = posix_openpt(O_RDWR | O_NOCTTY);
    grantpt(master);
    unlockpt(master);
    slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    say("tcgetattr", tcgetattr(slave, &mode));
    check("canonical, with echo and signals", (mode.c_lflag & (ICANON | ECHO | ISIG)) == (ICANON | ECHO | ISIG));
    check("its keys", mode.c_cc[VINTR] == 3 && mode.c_cc[VEOF] == 4 && mode.c_cc[VERASE] == 127 && mode.c_cc[VKILL] == 21);
    mode.c_lflag &= ~ECHO;
    say("tcsetattr", tcsetattr(slave, TCSANOW, &mode));
    type("par");
    nothing("no line");
    type("tial\nsecond\n");
    tell("a line");
    tell("another");
    type("wrnog\177\177\177ong\n");
    tell("erased");
    type("all of this\25only this\n");
    tell("killed");
    type("no newline\4");
    tell("ended by ^D");
    type("\4");
    tell("^D alone");
    type("carriage return\r");
    tell("ICRNL");
    type("a literal \26\3 key\n");
    tell("after ^V");
    int held = -1;
    type("123456\n");
    poll(&(struct pollfd){slave, POLLIN, 0}, 1, -1);
    ioctl(slave, FIONREAD, &held);
    say("FIONREAD", held);
    char two[3] = "";
    say("a part", read(slave, two, 2));
    puts(two);
    tell("the rest");
    cfmakeraw(&mode);
    mode.c_cc[VMIN] = 4;
    tcsetattr(slave, TCSANOW, &mode);
    type("x\3\177\r");
    tell("raw");
    mode.c_cc[VMIN] = 0;
    mode.c_cc[VTIME] = 0;
    tcsetattr(slave, TCSANOW, &mode);
    say("VMIN 0", read(slave, two, 2));
    mode.c_cc[VTIME] = 1;
    tcsetattr(slave, TCSANOW, &mode);
    say("VTIME 1", read(slave, two, 2));
    type("ab");
    say("tcflush", tcflush(slave, TCIFLUSH));
    mode.c_cc[VTIME] = 0;
    tcsetattr(slave, TCSANOW, &mode);
    say("flushed", read(slave, two, 2));
    return 0;
}
