/* Wants too much of what its argument says, and tells what it got. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char *word(long result)
{
    return result == -1 ? strerrorname_np(errno) : "fine";
}

static void forks(void)
{
    int made = 0;
    pid_t child;
    while ((child = fork()) > 0)
        made++;
    if (child == 0) {
        pause();
        _exit(0);
    }
    printf("%d children, then %s\n", made, word(-1));
    signal(SIGTERM, SIG_IGN);
    kill(0, SIGTERM);
    while (wait(0) > 0)
        ;
}

/* Everybody forks for as long as it works. */
static void bomb(void)
{
    for (;;)
        fork();
}

static void files(void)
{
    int made = 0;
    for (;;) {
        int fd = open("/", O_RDONLY);
        if (fd < 0)
            break;
        made++;
    }
    printf("%s after more than 40: %d\n", word(-1), made > 40);
}

static void map(void)
{
    size_t size = sizeof(void *) == 8 ? (size_t)1 << 40 : (size_t)3 << 30;
    void *at = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    printf("so much at once: %s\n", word(at == MAP_FAILED ? -1 : 0));
}

static void touch(void)
{
    for (;;) {
        char *at = mmap(0, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (at == MAP_FAILED) {
            printf("bit by bit: %s\n", word(-1));
            return;
        }
        memset(at, 1, 1 << 20);
    }
}

static void disk(void)
{
    static char bytes[1 << 16];
    int fd = open("big", O_RDWR | O_CREAT, 0600);
    long long written = 0;
    ssize_t got;
    while (written < 1000000000 && (got = write(fd, bytes, sizeof bytes)) > 0)
        written += got;
    printf("%lld MiB, then %s\n", written >> 20, word(written < 1000000000 ? -1 : 0));
    printf("at once: %s\n", word(fallocate(fd, 0, 0, 1000000000)));
    printf("with a hole: %s\n", word(ftruncate(fd, 1000000000)));
}

static void output(void)
{
    static char bytes[1000];
    memset(bytes, 'x', sizeof bytes);
    for (int i = 0; i < 1000000; i++)
        write(1, bytes, sizeof bytes);
}

static void change(void)
{
    int fd = open("/tmp/new", O_WRONLY | O_CREAT, 0640);
    write(fd, "text", 4);
    mkdir("/tmp/folder", 0700);
    symlink("/tmp/new", "/tmp/folder/link");
    unlink("/old");
    rename("/first", "/second");
}

static void times(void)
{
    struct timespec begin, end, day = {86400, 0};
    clock_gettime(CLOCK_MONOTONIC, &begin);
    nanosleep(&day, 0);
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("a day has %ld seconds\n", (long)(end.tv_sec - begin.tv_sec));
}

static void now(void)
{
    printf("%lld\n", (long long)time(0));
}

static void *takes_turns(void *name)
{
    for (int i = 0; i < 40; i++) {
        write(1, name, 1);
        for (volatile int j = 0; j < 20000; j++)
            ;
        sched_yield();
    }
    return 0;
}

static void threads(void)
{
    pthread_t others[4];
    for (int i = 0; i < 4; i++)
        pthread_create(&others[i], 0, takes_turns, "abcd" + i);
    for (int i = 0; i < 4; i++)
        pthread_join(others[i], 0);
}

static void asks(char **words)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(words[1]))};
    inet_pton(AF_INET, words[0], &to.sin_addr);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char answer[100];
    int made = connect(fd, (struct sockaddr *)&to, sizeof to);
    printf("connect: %s\n", word(made));
    if (made == 0) {
        write(fd, "hello\n", 6);
        shutdown(fd, SHUT_WR);
        ssize_t got = read(fd, answer, sizeof answer);
        printf("answer: %.*s\n", got > 0 ? (int)got : 0, answer);
    }
}

int main(int argc, char **argv)
{
    setvbuf(stdout, 0, _IONBF, 0);
    const char *what = argc > 1 ? argv[1] : "";
    struct {
        const char *name;
        void (*call)(void);
    } all[] = {{"forks", forks}, {"bomb", bomb},     {"files", files},   {"map", map}, {"touch", touch},    {"disk", disk},
               {"output", output}, {"change", change}, {"times", times}, {"now", now}, {"threads", threads}};
    for (int i = 0; i < sizeof all / sizeof *all; i++)
        if (!strcmp(what, all[i].name))
            all[i].call();
    if (!strcmp(what, "loop"))
        for (;;)
            ;
    if (!strcmp(what, "asks"))
        asks(argv + 2);
    return 0;
}
