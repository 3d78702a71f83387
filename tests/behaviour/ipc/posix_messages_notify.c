/* mq_notify(3): a signal when a message comes to an empty queue, once. */
#include "../tasks.h"
#include <mqueue.h>

int main(void)
{
    char name[64], text[64];
    sigset_t set;
    siginfo_t info;
    struct timespec now = {0, 0};
    struct mq_attr attributes = {.mq_maxmsg = 3, .mq_msgsize = 32};
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    snprintf(name, sizeof name, "/emu-behaviour-%d", getpid());
    mqd_t queue = mq_open(name, O_RDWR | O_CREAT, 0600, &attributes);
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 321};
    say("mq_notify", mq_notify(queue, &event));
    say("again", mq_notify(queue, &event));
    mq_send(queue, "first", 5, 0);
    printf("%s\n", signame(sigwaitinfo(&set, &info)));
    check("SI_MESGQ", info.si_code == SI_MESGQ);
    say("value", info.si_value.sival_int);
    check("the sender", info.si_pid == getpid());
    mq_send(queue, "second", 6, 0);
    say("once", sigtimedwait(&set, &info, &now));
    say("mq_notify", mq_notify(queue, &event));
    mq_send(queue, "third", 5, 0);
    say("not empty before", sigtimedwait(&set, &info, &now));
    say("taken away", mq_notify(queue, NULL));
    while (mq_timedreceive(queue, text, sizeof text, NULL, &now) >= 0)
        ;
    mq_send(queue, "fourth", 6, 0);
    say("none", sigtimedwait(&set, &info, &now));
    mq_unlink(name);
    return 0;
}
