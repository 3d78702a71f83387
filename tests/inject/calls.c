/* Calls to tamper with: what strace shows of them is compared. The first is a chdir. */
#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static void handler(int signal) { write(1, "h", 1); }

int main(void)
{
    char buffer[8] = "abc";
    struct timespec moment = {0, 1000000};
    for (int i = 0; i < 6; i++)
        chdir("/tmp");
    signal(SIGUSR1, handler);
    read(77, buffer, 3);
    read(0, buffer, 3);
    nanosleep(&moment, 0);
    write(2, "abc", 3);
    socket(AF_UNIX, SOCK_STREAM, 77);
    mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    umask(022);
    _exit(3);
}
