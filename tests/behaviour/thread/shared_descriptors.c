/* pthreads(7): threads share descriptors, directory, umask and memory. */
#include "../tasks.h"
#include <sys/mman.h>
#include <sys/stat.h>

static char *map;

static void *run(void *argument)
{
    dup2(1, 50);
    close(51);
    chdir("dir");
    umask(045);
    map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    strcpy(map, "mapped by the thread");
    return NULL;
}

int main(void)
{
    pthread_t thread;
    char path[4096];
    mkdir("dir", 0755);
    dup2(1, 51);
    pthread_create(&thread, NULL, run, NULL);
    pthread_join(thread, NULL);
    say("opened", fcntl(50, F_GETFD));
    say("closed", fcntl(51, F_GETFD));
    puts(strrchr(getcwd(path, sizeof path), '/'));
    printf("umask %03o\n", umask(0));
    puts(map);
    chdir("..");
    rmdir("dir");
    return 0;
}
