/*
 * sendmmsg and recvmmsg on a stream that is full, or not full enough: they wait in the middle of a message, and go on where
 * they were.
 */
#include "../tasks.h"
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define COUNT 5
#define SIZE 100000

static char text[COUNT][SIZE];
static char back[COUNT][SIZE];

/* Whether a process sleeps in a call, as the third field of its /proc/PID/stat tells. */
static int asleep(pid_t pid)
{
    char path[64], state = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *stat = fopen(path, "r");
    if (stat) {
        fscanf(stat, "%*d (%*[^)]) %c", &state);
        fclose(stat);
    }
    return state == 'S';
}

static void fill(struct mmsghdr *messages, struct iovec *parts, char (*bytes)[SIZE])
{
    memset(messages, 0, COUNT * sizeof *messages);
    for (int i = 0; i < COUNT; i++) {
        parts[2 * i] = (struct iovec){bytes[i], SIZE / 3};
        parts[2 * i + 1] = (struct iovec){bytes[i] + SIZE / 3, SIZE - SIZE / 3};
        messages[i].msg_hdr.msg_iov = &parts[2 * i];
        messages[i].msg_hdr.msg_iovlen = 2;
    }
}

int main(void)
{
    struct mmsghdr messages[COUNT];
    struct iovec parts[2 * COUNT];
    int pair[2];
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    for (int i = 0; i < COUNT; i++)
        for (int j = 0; j < SIZE; j++)
            text[i][j] = i * 31 + j % 251;

    pid_t child = fork();
    if (child == 0) {
        close(pair[1]);
        fill(messages, parts, text);
        say("sent", sendmmsg(pair[0], messages, COUNT, 0));
        int whole = 1;
        for (int i = 0; i < COUNT; i++)
            whole &= messages[i].msg_len == SIZE;
        check("each of them whole", whole);
        _exit(0);
    }
    close(pair[0]);
    long all = 0;
    for (;;) {
        /* Slowly, so that the writer waits again and again. */
        ssize_t got = read(pair[1], (char *)back + all, 7777);
        if (got <= 0)
            break;
        all += got;
        if (all % 5 == 0)
            sleep_ms(2);
        if (all > sizeof back - 7777)
            break;
    }
    ssize_t rest;
    while (all < sizeof back && (rest = read(pair[1], (char *)back + all, sizeof back - all)) > 0)
        all += rest;
    say("read", all);
    char more;
    say("behind it", read(pair[1], &more, 1));
    check("what was sent", !memcmp(text, back, sizeof text));
    reap("the sender", child);
    close(pair[1]);

    memset(back, 0, sizeof back);
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    child = fork();
    if (child == 0) {
        close(pair[0]);
        for (long at = 0; at < sizeof text; at += 12500) {
            write(pair[1], (char *)text + at, 12500);
            if (at % 50000 == 0)
                sleep_ms(3);
        }
        _exit(0);
    }
    close(pair[1]);
    fill(messages, parts, back);
    say("received", recvmmsg(pair[0], messages, COUNT, MSG_WAITALL, 0));
    int whole = 1;
    for (int i = 0; i < COUNT; i++)
        whole &= messages[i].msg_len == SIZE;
    check("each of them whole", whole);
    check("what was sent", !memcmp(text, back, sizeof text));
    say("behind it", read(pair[0], &more, 1));
    reap("the sender", child);

    /* A signal ends it in the middle: what was sent is told. */
    socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
    child = fork();
    if (child == 0) {
        close(pair[1]);
        signal(SIGUSR1, SIG_DFL);
        struct sigaction action = {.sa_handler = (void (*)(int))fill};
        extern void nothing(int);
        action.sa_handler = nothing;
        sigaction(SIGUSR1, &action, 0);
        fill(messages, parts, text);
        long sent = sendmmsg(pair[0], messages, COUNT, 0), bytes = 0;
        for (int i = 0; i < sent; i++)
            bytes += messages[i].msg_len;
        check("some, and not all", sent > 0 && bytes < sizeof text);
        write(pair[0], &bytes, 0);
        shutdown(pair[0], SHUT_WR);
        char line[64];
        long total = 0;
        read(pair[0], &total, sizeof total);
        check("as many as came", total == bytes);
        _exit(0);
    }
    close(pair[0]);
    /* Until the queue has something and the sender sleeps: it waits, and has room neither for the rest nor for a part. */
    for (int now = 0; now == 0 || !asleep(child);) {
        sleep_ms(20);
        ioctl(pair[1], FIONREAD, &now);
    }
    kill(child, SIGUSR1);
    long total = 0;
    ssize_t got;
    while ((got = read(pair[1], back, SIZE)) > 0)
        total += got;
    write(pair[1], &total, sizeof total);
    reap("the interrupted one", child);
    return 0;
}

void nothing(int sig)
{
}
