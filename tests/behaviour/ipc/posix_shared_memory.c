/* shm_open(3): memory with a name, which two processes map. */
#include "../tasks.h"
#include <sys/mman.h>
#include <sys/stat.h>

int main(void)
{
    char name[64];
    snprintf(name, sizeof name, "/emu-behaviour-%d", getpid());
    say("absent", shm_open(name, O_RDWR, 0));
    int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
    check("made", fd >= 0);
    say("O_EXCL", shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600));
    say("FD_CLOEXEC", fcntl(fd, F_GETFD));
    struct stat st;
    fstat(fd, &st);
    say("size", st.st_size);
    say("ftruncate", ftruncate(fd, 8192));
    char *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    strcpy(map, "by the parent");
    pid_t pid = fork();
    if (pid == 0) {
        int other = shm_open(name, O_RDWR, 0);
        char *again = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, other, 0);
        puts(again);
        strcpy(again + 4096, "by the child");
        return 0;
    }
    reap("child", pid);
    puts(map + 4096);
    say("shm_unlink", shm_unlink(name));
    say("again", shm_unlink(name));
    say("open", shm_open(name, O_RDWR, 0));
    puts(map);
    return 0;
}
