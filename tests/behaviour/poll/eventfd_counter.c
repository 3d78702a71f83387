/* eventfd(2): a counter to read and write. */
#include "../say.h"
#include <stdint.h>
#include <sys/eventfd.h>

int main(void)
{
    uint64_t value = 5;
    int fd = eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC);
    check("made", fd >= 0);
    say("write", write(fd, &value, 8));
    say("read", read(fd, &value, 8));
    say("value", value);
    say("empty", read(fd, &value, 8));
    say("too short", read(fd, &value, 4));
    value = ~0ull;
    say("too much", write(fd, &value, 8));
    value = ~0ull - 1;
    say("as much as there is room for", write(fd, &value, 8));
    value = 1;
    say("full", write(fd, &value, 8));
    int semaphore = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
    say("read", read(semaphore, &value, 8));
    say("value", value);
    say("read", read(semaphore, &value, 8));
    say("read", read(semaphore, &value, 8));
    say("a flag that isn't one", eventfd(0, 0x77));
    return 0;
}
