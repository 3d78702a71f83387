/* mq_overview(7): the message of the highest priority comes first; attributes, limits, waits. */
#include "../tasks.h"
#include <mqueue.h>

int main(void)
{
    char name[64], text[64];
    unsigned priority;
    struct mq_attr attributes = {.mq_maxmsg = 3, .mq_msgsize = 32};
    snprintf(name, sizeof name, "/emu-behaviour-%d", getpid());
    say("absent", mq_open(name, O_RDWR));
    mqd_t queue = mq_open(name, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 0600, &attributes);
    check("made", queue >= 0);
    say("O_EXCL", mq_open(name, O_RDWR | O_CREAT | O_EXCL, 0600, NULL));
    say("empty", mq_receive(queue, text, sizeof text, NULL));
    say("mq_send", mq_send(queue, "low", 3, 1));
    say("mq_send", mq_send(queue, "high", 4, 9));
    say("mq_send", mq_send(queue, "low too", 7, 1));
    say("full", mq_send(queue, "more", 4, 1));
    say("too large", mq_send(queue, text, 33, 1));
    say("a buffer too small", mq_receive(queue, text, 31, NULL));
    say("mq_getattr", mq_getattr(queue, &attributes));
    printf("%ld of %ld, of %ld bytes\n", attributes.mq_curmsgs, attributes.mq_maxmsg, attributes.mq_msgsize);
    for (int i = 0; i < 3; i++) {
        memset(text, 0, sizeof text);
        ssize_t size = mq_receive(queue, text, sizeof text, &priority);
        printf("%zd bytes, priority %u: %s\n", size, priority, text);
    }
    attributes.mq_flags = 0;
    say("mq_setattr", mq_setattr(queue, &attributes, NULL));
    pid_t pid = fork();
    if (pid == 0) {
        mqd_t own = mq_open(name, O_WRONLY);
        sleep_ms(2);
        say("read of a writer", mq_receive(own, text, sizeof text, NULL));
        mq_send(own, "from a child", 13, 0);
        return 0;
    }
    say("waits", mq_receive(queue, text, sizeof text, NULL));
    puts(text);
    reap("child", pid);
    struct timespec past = {1, 0};
    say("mq_timedreceive", mq_timedreceive(queue, text, sizeof text, NULL, &past));
    say("mq_unlink", mq_unlink(name));
    say("open", mq_open(name, O_RDWR));
    say("the queue is still there", mq_send(queue, "x", 1, 0));
    say("mq_close", mq_close(queue));
    return 0;
}
