/* timer_create(2): SIGEV_THREAD_ID sends the signal to one thread; SIGEV_THREAD makes one that runs a function. */
#include "../tasks.h"
#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid
#endif

static struct gate ready, done;
static volatile pid_t tid, handled_by;

static void note(int sig)
{
    handled_by = syscall(SYS_gettid);
    open_gate(done);
}

static void *run(void *argument)
{
    tid = syscall(SYS_gettid);
    open_gate(ready);
    pass(*(struct gate *)argument);
    return NULL;
}

static void notify(union sigval value)
{
    printf("notified of %d\n", value.sival_int);
    check("by another thread", syscall(SYS_gettid) != getpid());
    open_gate(done);
}

int main(void)
{
    pthread_t thread;
    timer_t timer;
    struct gate go = new_gate();
    ready = new_gate();
    done = new_gate();
    handle(SIGRTMIN + 2, note, SA_RESTART);
    pthread_create(&thread, NULL, run, &go);
    pass(ready);
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN + 2};
    event.sigev_notify_thread_id = tid;
    say("timer_create", timer_create(CLOCK_MONOTONIC, &event, &timer));
    struct itimerspec value = {{0, 0}, {0, 2000000}};
    timer_settime(timer, 0, &value, NULL);
    pass(done);
    check("handled by that thread", handled_by == tid);
    open_gate(go);
    pthread_join(thread, NULL);
    struct sigevent other = {.sigev_notify = SIGEV_THREAD, .sigev_notify_function = notify, .sigev_value.sival_int = 31};
    say("SIGEV_THREAD", timer_create(CLOCK_MONOTONIC, &other, &timer));
    timer_settime(timer, 0, &value, NULL);
    pass(done);
    return 0;
}
