/* A session on a terminal of its own: who is in the foreground, and what happens to those who are not.
 * [credentials(7); termios(3); tcsetpgrp(3)] */
#include "../tasks.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

static int master;
static volatile sig_atomic_t got;

static void note(int sig)
{
    got = sig;
}

static void type(const char *text)
{
    if (write(master, text, strlen(text)) < 0)
        say("typing", -1);
}

/* A child in a group of its own that does this when it is told to go on through its gate. */
static pid_t job(int gate[2], void (*what)(void))
{
    if (pipe(gate) < 0)
        say("pipe", -1);
    pid_t pid = fork();
    if (pid == 0) {
        char c;
        setpgid(0, 0);
        close(gate[1]);
        if (read(gate[0], &c, 1) < 0)
            say("gate", -1);
        what();
        _exit(0);
    }
    setpgid(pid, pid);
    close(gate[0]);
    return pid;
}

static void go(int gate[2])
{
    if (write(gate[1], "g", 1) != 1)
        say("gate", -1);
}

static void read_line(void)
{
    char text[64];
    ssize_t size = read(0, text, sizeof text - 1);
    if (size < 0) {
        say("  job reads", -1);
        return;
    }
    text[size] = 0;
    printf("  job reads %zd bytes: %s", size, text);
}

static void write_line(void)
{
    say("  job writes", write(0, "x", 1));
}

static void set_modes(void)
{
    struct termios t;
    say("  job gets settings", tcgetattr(0, &t));
    say("  job sets settings", tcsetattr(0, TCSANOW, &t));
}

static void ignore_and_read(void)
{
    signal(SIGTTIN, SIG_IGN);
    read_line();
}

static void wait_for_ever(void)
{
    for (;;)
        pause();
}

static pid_t state(const char *what, pid_t pid)
{
    int status;
    pid_t found = waitpid(pid, &status, WUNTRACED | WCONTINUED);
    if (found == pid)
        ended(what, status);
    else
        say(what, -1);
    return found;
}

static void shell(const char *name)
{
    int gate[2], fd;
    struct termios t;

    say("TIOCGSID without a terminal", tcgetsid(open(name, O_RDWR | O_NOCTTY)));
    say("/dev/tty without a terminal", open("/dev/tty", O_RDWR));
    check("setsid", setsid() == getpid());
    fd = open(name, O_RDWR);
    check("the slave opens", fd >= 0);
    dup2(fd, 0);
    check("the terminal's session", tcgetsid(0) == getpid());
    check("the foreground", tcgetpgrp(0) == getpgrp());
    fd = open("/dev/tty", O_RDWR);
    check("/dev/tty opens", fd >= 0);
    check("it is the same", tcgetpgrp(fd) == getpgrp() && isatty(fd));
    close(fd);
    say("TIOCSCTTY again", ioctl(0, TIOCSCTTY, 0));

    signal(SIGTTOU, SIG_IGN);
    say("a group that is not there", tcsetpgrp(0, 29999));
    say("a group of another session", tcsetpgrp(0, getpgid(getppid())));

    puts("a job in the background reads");
    pid_t pid = job(gate, read_line);
    go(gate);
    state("job", pid);
    say("to the foreground", tcsetpgrp(0, pid));
    kill(-pid, SIGCONT);
    state("job", pid);
    type("hello\n");
    state("job", pid);
    tcsetpgrp(0, getpgrp());

    puts("a job that ignores SIGTTIN");
    pid = job(gate, ignore_and_read);
    go(gate);
    state("job", pid);

    puts("a job in the background writes");
    signal(SIGTTOU, SIG_DFL);
    pid = job(gate, write_line);
    go(gate);
    state("job", pid);
    puts("with TOSTOP");
    tcgetattr(0, &t);
    t.c_lflag |= TOSTOP;
    tcsetattr(0, TCSANOW, &t);
    pid = job(gate, write_line);
    go(gate);
    state("job", pid);
    tcsetpgrp(0, pid);
    kill(pid, SIGCONT);
    state("job", pid);
    state("job", pid);
    signal(SIGTTOU, SIG_IGN);
    tcsetpgrp(0, getpgrp());
    t.c_lflag &= ~TOSTOP;
    tcsetattr(0, TCSANOW, &t);

    puts("a job in the background changes settings");
    signal(SIGTTOU, SIG_DFL);
    pid = job(gate, set_modes);
    go(gate);
    state("job", pid);
    kill(pid, SIGKILL);
    state("job", pid);
    signal(SIGTTOU, SIG_IGN);

    puts("keys");
    pid = job(gate, wait_for_ever);
    tcsetpgrp(0, pid);
    go(gate);
    type("\032");
    state("job after ^Z", pid);
    kill(-pid, SIGCONT);
    state("job", pid);
    type("\003");
    state("job after ^C", pid);
    pid = job(gate, wait_for_ever);
    tcsetpgrp(0, pid);
    go(gate);
    type("\034");
    int status;
    waitpid(pid, &status, 0);
    check("job after ^\\ is killed by SIGQUIT", WIFSIGNALED(status) && WTERMSIG(status) == SIGQUIT);
    tcsetpgrp(0, getpgrp());

    puts("the window");
    struct sigaction act = {.sa_handler = note};
    sigaction(SIGWINCH, &act, 0);
    struct winsize w = {10, 20, 0, 0};
    ioctl(master, TIOCSWINSZ, &w);
    say("window", got == SIGWINCH);
    got = 0;
    ioctl(0, TIOCSWINSZ, &w);
    say("the same again", got == SIGWINCH);

    puts("a session of its own has no terminal");
    pid = fork();
    if (pid == 0) {
        setsid();
        say("/dev/tty", open("/dev/tty", O_RDWR));
        say("foreground", tcgetpgrp(0));
        say("TIOCSCTTY of another's", ioctl(0, TIOCSCTTY, 0));
        _exit(0);
    }
    state("child", pid);

    puts("giving the terminal up");
    sigaction(SIGHUP, &act, 0);
    act.sa_handler = SIG_IGN;
    say("TIOCNOTTY", ioctl(0, TIOCNOTTY));
    say("hung up", got == SIGHUP);
    say("/dev/tty", open("/dev/tty", O_RDWR));
    say("taking it again", ioctl(0, TIOCSCTTY, 0));
    check("the foreground", tcgetpgrp(0) == getpgrp());

    puts("the master is closed");
    got = 0;
    close(master);
    say("hung up", got == SIGHUP);
    read_line();
    puts("");
    say("foreground", tcgetpgrp(0));
    say("/dev/tty", open("/dev/tty", O_RDWR));
}

/* A leader that ends takes its foreground with it. */
static void leader(const char *name)
{
    int gate[2], told[2];
    char c;
    pipe(told);
    pid_t pid = fork();
    if (pid == 0) {
        setsid();
        dup2(open(name, O_RDWR), 0);
        pid_t child = job(gate, wait_for_ever);
        signal(SIGTTOU, SIG_IGN);
        tcsetpgrp(0, child);
        go(gate);
        _exit(0);
    }
    close(told[1]);
    state("leader", pid);
    /* The job has the other end until it dies. */
    say("the job is gone", read(told[0], &c, 1));
    int fd = open(name, O_RDWR | O_NOCTTY);
    check("the slave still opens", fd >= 0);
    say("TIOCGSID", tcgetsid(fd));
}

int main(void)
{
    master = posix_openpt(O_RDWR | O_NOCTTY);
    grantpt(master);
    unlockpt(master);
    char name[64];
    strcpy(name, ptsname(master));
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        shell(name);
        _exit(0);
    }
    close(master);
    reap("shell", pid);

    master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    unlockpt(master);
    strcpy(name, ptsname(master));
    leader(name);
    return 0;
}
