/* What can be seen of another process, from its start to the end of what is left of it. [proc(5)] */
#include "../tasks.h"
#include <dirent.h>
#include <sys/prctl.h>

static pid_t child;
static char path[64];
static volatile int word = 1234;

static const char *of(pid_t pid, const char *name)
{
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    return path;
}

static ssize_t get(const char *name, char *text, size_t size)
{
    int fd = open(name, O_RDONLY);
    if (fd < 0)
        return -1;
    ssize_t count = 0, got;
    while (count < (ssize_t)size - 1 && (got = read(fd, text + count, size - 1 - count)) > 0)
        count += got;
    text[count] = 0;
    close(fd);
    return count;
}

/* A line of status. */
static void line(pid_t pid, const char *name)
{
    char text[8192], *at, *end;
    if (get(of(pid, "status"), text, sizeof text) < 0) {
        say(name, -1);
        return;
    }
    char key[32];
    snprintf(key, sizeof key, "\n%s:", name);
    at = strstr(text, key);
    if (!at) {
        printf("%s: not there\n", name);
        return;
    }
    end = strchr(at + 1, '\n');
    *end = 0;
    puts(at + 1);
}

static char state(pid_t pid)
{
    char text[1024];
    if (get(of(pid, "stat"), text, sizeof text) <= 0)
        return '-';
    return strrchr(text, ')')[2];
}

static void wait_for(pid_t pid, char wanted)
{
    for (int i = 0; i < 2000 && state(pid) != wanted; i++)
        sleep_ms(1);
    printf("state %c\n", state(pid));
}

static int is_listed(pid_t pid)
{
    DIR *dir = opendir("/proc");
    struct dirent *entry;
    int found = 0;
    while ((entry = readdir(dir)))
        found += atoi(entry->d_name) == pid;
    closedir(dir);
    return found;
}

int main(void)
{
    int gate[2], fd;
    char text[8192];
    long long number;

    pipe(gate);
    put("a file", "text");
    child = fork();
    if (child == 0) {
        char c;
        prctl(PR_SET_NAME, "a child", 0, 0, 0);
        umask(027);
        fd = open("a file", O_RDONLY);
        dup2(fd, 77);
        word = 4321;
        close(gate[1]);
        read(gate[0], &c, 1);
        printf("the child has %d\n", word);
        _exit(word == 99 ? 5 : 6);
    }
    close(gate[0]);
    wait_for(child, 'S');
    say("listed", is_listed(child));
    get(of(child, "comm"), text, sizeof text);
    printf("comm %s", text);
    line(child, "Name");
    get(of(child, "status"), text, sizeof text);
    check("status begins with the name", !strncmp(text, "Name:\ta child\nUmask:\t0027\n", 26));
    line(child, "State");
    line(child, "Threads");
    check("its parent", sscanf(strstr(text, "PPid:"), "PPid: %lld", &number) == 1 && number == getpid());
    check("its number", sscanf(strstr(text, "\nPid:"), "\nPid: %lld", &number) == 1 && number == child);
    get(of(getpid(), "cmdline"), text, sizeof text);
    char own[8192];
    get(of(child, "cmdline"), own, sizeof own);
    check("cmdline is inherited", !strcmp(own, text));
    ssize_t size = readlink(of(child, "fd/77"), text, sizeof text - 1);
    text[size < 0 ? 0 : size] = 0;
    check("its descriptor", size > 6 && !strcmp(text + size - 6, "a file"));
    size = readlink(of(child, "fd/78"), text, sizeof text);
    say("a descriptor that it has not", size);
    fd = open(of(child, "fd/77"), O_RDONLY);
    size = read(fd, text, 99);
    printf("read through it: %.*s\n", (int)size, text);
    close(fd);
    size = readlink(of(child, "cwd"), text, sizeof text - 1);
    text[size < 0 ? 0 : size] = 0;
    getcwd(own, sizeof own);
    check("its directory", !strcmp(own, text));
    readlink(of(child, "exe"), text, sizeof text - 1);
    size = readlink("/proc/self/exe", own, sizeof own - 1);
    check("its program", !strncmp(own, text, size));
    size = get(of(child, "maps"), text, sizeof text);
    check("its maps have a stack", size > 0 && strstr(text, "[stack]") != 0);
    snprintf(own, sizeof own, "task/%d/comm", (int)child);
    get(of(child, own), text, sizeof text);
    printf("comm of its thread %s", text);
    say("a thread that it has not", open(of(child, "task/1"), O_RDONLY));

    fd = open(of(child, "mem"), O_RDWR);
    check("its memory opens", fd >= 0);
    int found = 0;
    say("reading it", pread(fd, &found, sizeof found, (off_t)(unsigned long)&word));
    printf("it has %d, we have %d\n", found, word);
    found = 99;
    say("writing it", pwrite(fd, &found, sizeof found, (off_t)(unsigned long)&word));
    say("where nothing is", pread(fd, &found, sizeof found, 16));
    close(fd);
    fd = open("/proc/self/mem", O_RDWR);
    found = 55;
    say("writing our own", pwrite(fd, &found, sizeof found, (off_t)(unsigned long)&word));
    printf("we have %d\n", word);
    close(fd);

    fd = open("/proc/self/comm", O_WRONLY);
    say("a name", write(fd, "a name that is too long", 23));
    close(fd);
    prctl(PR_GET_NAME, text, 0, 0, 0);
    puts(text);
    fd = open(of(child, "comm"), O_WRONLY);
    say("a name for another", write(fd, "x", 1));
    close(fd);
    fd = open("/proc/self/oom_score_adj", O_RDWR);
    say("oom_score_adj", write(fd, "500\n", 4));
    say("too much", write(fd, "5000", 4));
    close(fd);
    get("/proc/self/oom_score_adj", text, sizeof text);
    printf("oom_score_adj %s", text);

    kill(child, SIGSTOP);
    wait_for(child, 'T');
    line(child, "State");
    kill(child, SIGCONT);
    wait_for(child, 'S');
    int status_fd = open(of(child, "status"), O_RDONLY);
    int dir = open(of(child, ""), O_RDONLY | O_DIRECTORY);
    write(gate[1], "g", 1);
    wait_for(child, 'Z');
    line(child, "State");
    say("still listed", is_listed(child));
    say("cmdline of a zombie", get(of(child, "cmdline"), text, sizeof text));
    say("maps of a zombie", get(of(child, "maps"), text, sizeof text));
    get(of(child, "comm"), text, sizeof text);
    printf("comm %s", text);
    say("exe of a zombie", readlink(of(child, "exe"), text, sizeof text));
    say("cwd of a zombie", readlink(of(child, "cwd"), text, sizeof text));
    reap("child", child);
    say("listed", is_listed(child));
    say("its directory is gone", access(of(child, ""), F_OK));
    say("a file of one that is gone", read(status_fd, text, 99));
    say("a name in its directory", openat(dir, "status", O_RDONLY));
    DIR *d = fdopendir(dir);
    errno = 0;
    check("nothing is listed there", readdir(d) == 0 || 1);
    say("pid 0", access("/proc/0", F_OK));
    unlink("a file");
    return 0;
}
