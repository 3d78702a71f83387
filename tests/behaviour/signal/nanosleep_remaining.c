/* nanosleep(2): interrupted by a handler, it tells what is left. */
#include "../tasks.h"

static void nothing(int sig)
{
}

int main(void)
{
    struct timespec request = {100, 0}, left = {0, 0};
    handle(SIGALRM, nothing, SA_RESTART);
    alarms(10);
    say("nanosleep", nanosleep(&request, &left));
    check("left", left.tv_sec >= 90 && left.tv_sec < 100);
    left.tv_sec = 0;
    printf("clock_nanosleep: %s\n", strerror(clock_nanosleep(CLOCK_MONOTONIC, 0, &request, &left)));
    check("left", left.tv_sec >= 90 && left.tv_sec < 100);
    clock_gettime(CLOCK_MONOTONIC, &request);
    request.tv_sec += 100;
    left.tv_sec = 77;
    printf("to a time: %s\n", strerror(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &request, &left)));
    say("left as it was", left.tv_sec);
    check("sleep", sleep(100) >= 90);
    alarms(0);
    return 0;
}
