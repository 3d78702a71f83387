/* A pair of terminals: lines, keys that edit them, echoes, and all that is off in raw mode. [pty(7), termios(3)] */
#include "../tasks.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

static int master, slave;

static void print(const char *what, const char *text, ssize_t size)
{
    printf("%s: ", what);
    if (size < 0) {
        printf("%s\n", strerror(errno));
        return;
    }
    putchar('"');
    for (ssize_t i = 0; i < size; i++) {
        unsigned char c = text[i];
        if (c < 32 || c > 126)
            printf("\\x%02x", c);
        else
            putchar(c);
    }
    puts("\"");
}

/* What can be read within a moment. */
static void take(const char *what, int fd)
{
    char text[512];
    struct pollfd p = {fd, POLLIN, 0};
    if (poll(&p, 1, 200) == 0) {
        printf("%s: nothing\n", what);
        return;
    }
    print(what, text, read(fd, text, sizeof text));
}

static void type(const char *text)
{
    say("typed", write(master, text, strlen(text)));
}

int main(void)
{
    struct termios t, saved;
    struct winsize w = {24, 80, 0, 0};
    char name[64];
    int number = -1, available = -1;

    master = posix_openpt(O_RDWR | O_NOCTTY);
    check("the master opens", master >= 0);
    check("it has a number", ioctl(master, TIOCGPTN, &number) == 0 && number >= 0);
    snprintf(name, sizeof name, "/dev/pts/%d", number);
    say("opening the slave while it is locked", open(name, O_RDWR | O_NOCTTY));
    say("grantpt", grantpt(master));
    say("unlockpt", unlockpt(master));
    check("ptsname", !strcmp(ptsname(master), name));
    slave = open(name, O_RDWR | O_NOCTTY);
    check("the slave opens", slave >= 0);
    say("isatty of the slave", isatty(slave));
    say("isatty of the master", isatty(master));
    check("ttyname", !strcmp(ttyname(slave), name));

    say("tcgetattr", tcgetattr(slave, &t));
    saved = t;
    printf("modes: %d %d %d %d %d %d\n", !!(t.c_lflag & ICANON), !!(t.c_lflag & ECHO),
           !!(t.c_lflag & ISIG), !!(t.c_iflag & ICRNL), !!(t.c_oflag & OPOST), !!(t.c_oflag & ONLCR));
    printf("keys: %d %d %d %d %d\n", t.c_cc[VINTR], t.c_cc[VERASE], t.c_cc[VEOF], t.c_cc[VMIN],
           t.c_cc[VTIME]);
    check("speed", cfgetospeed(&t) == B38400 && cfgetispeed(&t) == B38400);
    t.c_cflag |= HUPCL;
    cfsetspeed(&t, B9600);
    say("tcsetattr", tcsetattr(slave, TCSANOW, &t));
    say("tcgetattr of the master", tcgetattr(master, &t));
    check("the speed was set", cfgetospeed(&t) == B9600);
    tcsetattr(slave, TCSANOW, &saved);

    say("the window", ioctl(slave, TIOCGWINSZ, &w));
    printf("rows %d columns %d\n", w.ws_row, w.ws_col);
    w.ws_row = 40;
    w.ws_col = 100;
    say("setting it", ioctl(master, TIOCSWINSZ, &w));
    memset(&w, 0, sizeof w);
    ioctl(slave, TIOCGWINSZ, &w);
    printf("rows %d columns %d\n", w.ws_row, w.ws_col);

    type("abc");
    take("an unfinished line", slave);
    take("its echo", master);
    type("\177d\r");
    struct pollfd p = {slave, POLLIN, 0};
    poll(&p, 1, 1000);
    say("FIONREAD", ioctl(slave, FIONREAD, &available));
    printf("available: %d\n", available);
    take("the line", slave);
    take("its echo", master);
    type("one\ntwo\nthree\004");
    take("a line", slave);
    take("a line", slave);
    take("what the end of the file ends", slave);
    type("\004");
    take("the end of the file", slave);
    take("echo", master);
    type("word and\027\027x\001\177\025done\n");
    take("after erasing words and all", slave);
    take("echo", master);
    type("a\tb\177\177c\026\003\n");
    take("a tab erased and a quoted key", slave);
    take("echo", master);
    print("a short read", name, read(slave, name, 0));
    type("longer\n");
    take("echo", master);
    print("three bytes", name, read(slave, name, 3));
    print("the rest", name, read(slave, name, 60));

    say("output", write(slave, "x\ty\nz", 5));
    take("it is seen", master);
    t = saved;
    t.c_lflag &= ~ECHO;
    t.c_oflag &= ~OPOST;
    tcsetattr(slave, TCSANOW, &t);
    say("output", write(slave, "x\ny", 3));
    take("it is seen", master);
    type("secret\n");
    take("no echo", master);
    take("line", slave);
    t.c_lflag |= ECHONL;
    tcsetattr(slave, TCSANOW, &t);
    type("secret\n");
    take("the echo of a line's end", master);
    tcflush(slave, TCIFLUSH);
    take("after tcflush", slave);

    cfmakeraw(&t);
    t.c_cc[VMIN] = 1;
    tcsetattr(slave, TCSAFLUSH, &t);
    type("\003\004\r\n\177");
    take("raw", slave);
    take("no echo", master);
    t.c_cc[VMIN] = 0;
    t.c_cc[VTIME] = 0;
    tcsetattr(slave, TCSANOW, &t);
    print("nothing and no wait", name, read(slave, name, 8));
    t.c_cc[VTIME] = 1;
    tcsetattr(slave, TCSANOW, &t);
    print("nothing within a tenth of a second", name, read(slave, name, 8));
    t.c_cc[VMIN] = 4;
    tcsetattr(slave, TCSANOW, &t);
    type("ab");
    print("too few, and no more come", name, read(slave, name, 8));
    t.c_cc[VTIME] = 0;
    tcsetattr(slave, TCSANOW, &t);
    type("ab");
    p = (struct pollfd){slave, POLLIN | POLLOUT, 0};
    say("poll with less than VMIN", poll(&p, 1, 0));
    printf("events %d %d\n", !!(p.revents & POLLIN), !!(p.revents & POLLOUT));
    type("cdef");
    print("enough", name, read(slave, name, 5));
    fcntl(slave, F_SETFL, O_NONBLOCK);
    print("without waiting", name, read(slave, name, 8));
    print("nothing there", name, read(slave, name, 8));
    fcntl(slave, F_SETFL, 0);

    int on = 1;
    say("packet mode", ioctl(master, TIOCPKT, &on));
    say("output", write(slave, "hi", 2));
    take("a packet", master);
    tcflush(slave, TCOFLUSH);
    take("a flush", master);
    on = 0;
    ioctl(master, TIOCPKT, &on);

    int peer = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
    check("TIOCGPTPEER", peer >= 0 && !strcmp(ttyname(peer), ttyname(slave)));
    close(peer);
    say("TIOCGPTN of the slave", ioctl(slave, TIOCGPTN, &number));
    say("TIOCSPGRP of another's terminal", tcsetpgrp(slave, getpgrp()));
    say("tcdrain", tcdrain(slave));
    say("tcsendbreak", tcsendbreak(slave, 0));
    say("a strange flush", tcflush(slave, 77));
    write(slave, "bye", 3);
    close(slave);
    p = (struct pollfd){master, POLLIN | POLLOUT, 0};
    say("poll of a master whose slave is closed", poll(&p, 1, 0));
    printf("events %d %d\n", !!(p.revents & POLLIN), !!(p.revents & POLLHUP));
    take("what was left", master);
    print("then", name, read(master, name, 8));
    snprintf(name, sizeof name, "/dev/pts/%d", number);
    slave = open(name, O_RDWR | O_NOCTTY);
    check("it opens again", slave >= 0);
    tcgetattr(slave, &t);
    close(master);
    print("reading without a master", name + 32, read(slave, name + 32, 8));
    print("writing without a master", "", write(slave, "x", 1));
    say("settings without a master", tcgetattr(slave, &t));
    p = (struct pollfd){slave, POLLIN | POLLOUT, 0};
    poll(&p, 1, 0);
    printf("events %d %d %d\n", !!(p.revents & POLLIN), !!(p.revents & POLLHUP), !!(p.revents & POLLERR));
    say("its name is gone", access(name, F_OK));
    return 0;
}
