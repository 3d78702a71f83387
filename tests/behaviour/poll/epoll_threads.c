/* epoll_wait(2): several threads wait at one epoll; with EPOLLET | EPOLLONESHOT each event is one thread's. */
#include "../tasks.h"
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

enum { sources = 8, each = 25 };
static int epoll, fds[sources], counts[sources], left = sources * each;
static struct gate done;

static void *work(void *argument)
{
    struct epoll_event event;
    for (;;) {
        if (epoll_wait(epoll, &event, 1, -1) != 1)
            continue;
        int which = event.data.u32;
        if (which == sources)
            return NULL;
        uint64_t value;
        if (read(fds[which], &value, sizeof value) == sizeof value) {
            counts[which]++;
            if (__atomic_sub_fetch(&left, 1, __ATOMIC_SEQ_CST) == 0)
                open_gate(done);
        }
        event.events = EPOLLIN | EPOLLET | EPOLLONESHOT;
        epoll_ctl(epoll, EPOLL_CTL_MOD, fds[which], &event);
    }
}

int main(void)
{
    pthread_t threads[4];
    done = new_gate();
    epoll = epoll_create1(0);
    struct epoll_event event;
    for (int i = 0; i < sources; i++) {
        fds[i] = eventfd(0, EFD_NONBLOCK | EFD_SEMAPHORE);
        event.events = EPOLLIN | EPOLLET | EPOLLONESHOT;
        event.data.u64 = 0;
        event.data.u32 = i;
        epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &event);
    }
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, work, NULL);
    for (int j = 0; j < each; j++)
        for (int i = 0; i < sources; i++)
            write(fds[i], &(uint64_t){1}, 8);
    pass(done);
    int stop = eventfd(1, 0);
    event.events = EPOLLIN;
    event.data.u32 = sources;
    epoll_ctl(epoll, EPOLL_CTL_ADD, stop, &event);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < sources; i++)
        printf("%d ", counts[i]);
    puts("");
    return 0;
}
