/* eventfd(2): a counter that is read all at once, or by ones with EFD_SEMAPHORE; who reads 0 waits, and who would overflow it. */
#include "../tasks.h"
#include <stdint.h>
#include <poll.h>
#include <sys/eventfd.h>

static int fd;

static void *adds(void *argument)
{
    for (int i = 0; i < 3; i++) {
        sleep_ms(1);
        write(fd, &(uint64_t){2}, 8);
    }
    return NULL;
}

int main(void)
{
    uint64_t value = 0;
    pthread_t thread;
    fd = eventfd(3, EFD_SEMAPHORE);
    for (int i = 0; i < 3; i++) {
        say("read", read(fd, &value, 8));
        say("value", value);
    }
    pthread_create(&thread, NULL, adds, NULL);
    int total = 0;
    for (int i = 0; i < 6; i++) {
        read(fd, &value, 8);
        total += value;
    }
    pthread_join(thread, NULL);
    say("waited for", total);
    fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    say("FD_CLOEXEC", fcntl(fd, F_GETFD));
    say("0", read(fd, &value, 8));
    value = ~0ULL - 1;
    say("the most", write(fd, &value, 8));
    value = 1;
    say("one more", write(fd, &value, 8));
    struct pollfd poll_fd = {fd, POLLIN | POLLOUT, 0};
    poll(&poll_fd, 1, 0);
    printf("IN %d OUT %d\n", (poll_fd.revents & POLLIN) != 0, (poll_fd.revents & POLLOUT) != 0);
    value = ~0ULL;
    say("too much", write(fd, &value, 8));
    say("read", read(fd, &value, 8));
    check("all of it", value == ~0ULL - 1);
    say("too short", read(fd, &value, 7));
    say("a write too short", write(fd, &value, 4));
    value = 5;
    write(fd, &value, 8);
    pid_t pid = fork();
    if (pid == 0) {
        read(fd, &value, 8);
        say("child", value);
        return 0;
    }
    reap("child", pid);
    say("shared", read(fd, &value, 8));
    say("a flag that isn't one", eventfd(0, 0x10));
    return 0;
}
