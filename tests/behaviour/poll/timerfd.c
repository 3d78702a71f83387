/* timerfd_create(2): a timer that is read: once, again and again, at a time; how often it ran out. */
#include "../tasks.h"
#include <stdint.h>
#include <poll.h>
#include <sys/timerfd.h>

int main(void)
{
    uint64_t value = 0;
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    check("open", fd >= 0);
    say("FD_CLOEXEC", fcntl(fd, F_GETFD));
    say("not set", read(fd, &value, 8));
    struct itimerspec once = {{0, 0}, {0, 5000000}}, left;
    say("set", timerfd_settime(fd, 0, &once, NULL));
    struct pollfd poll_fd = {fd, POLLIN, 0};
    say("poll", poll(&poll_fd, 1, -1));
    say("read", read(fd, &value, 8));
    say("once", value);
    say("again", read(fd, &value, 8));
    say("gettime", timerfd_gettime(fd, &left));
    say("nothing left", left.it_value.tv_sec + left.it_value.tv_nsec);
    fcntl(fd, F_SETFL, 0);
    struct itimerspec often = {{0, 1000000}, {0, 1000000}};
    timerfd_settime(fd, 0, &often, NULL);
    sleep_ms(20);
    say("read", read(fd, &value, 8));
    check("some fifteen times", value >= 15 && value < 1000000);
    timerfd_gettime(fd, &left);
    say("interval", left.it_interval.tv_nsec);
    struct itimerspec far = {{0, 0}, {1000, 0}}, none = {{0, 0}, {0, 0}};
    timerfd_settime(fd, 0, &far, &left);
    say("the old interval", left.it_interval.tv_nsec);
    timerfd_settime(fd, 0, &none, &left);
    check("what was left", left.it_value.tv_sec >= 990 && left.it_value.tv_sec <= 1000);
    say("poll after it was stopped", poll(&poll_fd, 1, 0));
    struct itimerspec past = {{0, 0}, {0, 1}};
    timerfd_settime(fd, TFD_TIMER_ABSTIME, &past, NULL);
    say("a time that is past", read(fd, &value, 8));
    say("once", value);
    say("too short", read(fd, &value, 4));
    say("write", write(fd, &value, 8));
    past.it_value.tv_nsec = 1000000000;
    say("a strange time", timerfd_settime(fd, 0, &past, NULL));
    say("not a timerfd", timerfd_settime(0, 0, &once, NULL));
    say("a clock that isn't one", timerfd_create(99, 0));
    say("a flag that isn't one", timerfd_create(CLOCK_MONOTONIC, 1));
    return 0;
}
