/* proc(5): files about the system, with the names that programs look for. */
#include "../tasks.h"

static char text[1 << 16];

static int slurp(const char *name)
{
    int fd = open(name, O_RDONLY);
    if (fd < 0)
        return -1;
    size_t size = 0;
    ssize_t got;
    while ((got = read(fd, text + size, sizeof text - 1 - size)) > 0)
        size += got;
    close(fd);
    text[size] = 0;
    return got < 0 ? -1 : 0;
}

static void has(const char *file, const char *what)
{
    text[0] = 0;
    if (slurp(file))
        say(file, -1);
    printf("%s, %s: %s\n", file, what, strstr(text, what) ? "yes" : "NO");
}

static void number(const char *file, long least)
{
    char *end;
    text[0] = 0;
    if (slurp(file))
        say(file, -1);
    long long value = strtoll(text, &end, 10);
    check(file, value >= least && *end == '\n');
}

int main(void)
{
    has("/proc/meminfo", "MemTotal:");
    has("/proc/meminfo", "MemFree:");
    has("/proc/meminfo", "MemAvailable:");
    has("/proc/meminfo", "SwapTotal:");
    has("/proc/cpuinfo", "processor");
    has("/proc/stat", "cpu ");
    has("/proc/stat", "cpu0 ");
    has("/proc/stat", "btime ");
    has("/proc/version", "Linux version ");
    has("/proc/filesystems", "nodev\tproc\n");
    has("/proc/mounts", "proc /proc proc");
    has("/proc/self/mounts", " / ");
    has("/proc/self/mountinfo", " /proc ");
    has("/proc/self/limits", "Max open files");
    has("/proc/self/cgroup", ":");
    number("/proc/sys/kernel/pid_max", 300);
    number("/proc/sys/kernel/threads-max", 20);
    number("/proc/sys/fs/pipe-max-size", 65536);
    number("/proc/sys/fs/nr_open", 1024);
    number("/proc/sys/fs/file-max", 1024);
    number("/proc/sys/vm/overcommit_memory", 0);
    number("/proc/sys/net/core/somaxconn", 1);
    slurp("/proc/sys/kernel/ostype");
    fputs(text, stdout);
    check("hostname", slurp("/proc/sys/kernel/hostname") == 0 && strlen(text) > 1);
    double up, idle;
    slurp("/proc/uptime");
    check("uptime", sscanf(text, "%lf %lf\n", &up, &idle) == 2 && up > 0 && strchr(text, '.'));
    double one, five, fifteen;
    int running, all, last;
    slurp("/proc/loadavg");
    check("loadavg", sscanf(text, "%lf %lf %lf %d/%d %d", &one, &five, &fifteen, &running, &all, &last) == 6 && all > 0);
    slurp("/proc/sys/kernel/random/boot_id");
    check("boot_id", strlen(text) == 37 && text[8] == '-' && text[36] == '\n');
    return 0;
}
