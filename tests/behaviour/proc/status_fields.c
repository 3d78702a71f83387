/* proc_pid_status(5): a process's status, in words. */
#include "../tasks.h"

static char value[256];

static const char *field(const char *file, const char *name)
{
    FILE *status = fopen(file, "r");
    char line[512];
    strcpy(value, "absent");
    while (status && fgets(line, sizeof line, status))
        if (!strncmp(line, name, strlen(name)) && line[strlen(name)] == ':') {
            char *text = line + strlen(name) + 1;
            text += strspn(text, " \t");
            text[strcspn(text, "\n")] = 0;
            snprintf(value, sizeof value, "%s", text);
        }
    if (status)
        fclose(status);
    return value;
}

static int bit(const char *file, const char *name, int sig)
{
    unsigned long long low = 0;
    const char *text = field(file, name);
    size_t length = strlen(text);
    sscanf(length > 16 ? text + length - 16 : text, "%llx", &low);
    return low >> (sig - 1) & 1;
}

static void nothing(int sig)
{
}

int main(void)
{
    const char *self = "/proc/self/status";
    check("Name", !strncmp(field(self, "Name"), program_invocation_short_name, 15));
    check("Pid", atoi(field(self, "Pid")) == getpid());
    check("Tgid", atoi(field(self, "Tgid")) == getpid());
    check("PPid", atoi(field(self, "PPid")) == getppid());
    printf("State %s\n", field(self, "State"));
    printf("Threads %s\n", field(self, "Threads"));
    unsigned r, e, s, f;
    check("Uid", sscanf(field(self, "Uid"), "%u %u %u %u", &r, &e, &s, &f) == 4 && r == getuid() && e == geteuid());
    check("Gid", sscanf(field(self, "Gid"), "%u %u %u %u", &r, &e, &s, &f) == 4 && r == getgid());
    unsigned long size = 0;
    check("VmRSS", sscanf(field(self, "VmRSS"), "%lu kB", &size) == 1 && size > 0);
    check("VmSize", sscanf(field(self, "VmSize"), "%lu kB", &size) == 1 && size > 0);
    signal(SIGUSR1, SIG_IGN);
    handle(SIGUSR2, nothing, 0);
    mask(SIG_BLOCK, SIGTERM);
    kill(getpid(), SIGTERM);
    printf("ignored %d %d, caught %d %d, blocked %d %d\n", bit(self, "SigIgn", SIGUSR1), bit(self, "SigIgn", SIGUSR2),
        bit(self, "SigCgt", SIGUSR1), bit(self, "SigCgt", SIGUSR2), bit(self, "SigBlk", SIGTERM), bit(self, "SigBlk", SIGHUP));
    say("pending for the process", bit(self, "ShdPnd", SIGTERM));
    say("for the thread", bit(self, "SigPnd", SIGTERM));
    char file[64];
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    snprintf(file, sizeof file, "/proc/%d/status", pid);
    check("a child's PPid", atoi(field(file, "PPid")) == getpid());
    check("a child's Pid", atoi(field(file, "Pid")) == pid);
    say("a child has no signal pending", bit(file, "ShdPnd", SIGTERM));
    kill(pid, SIGKILL);
    siginfo_t info;
    waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
    printf("State %s\n", field(file, "State"));
    reap("child", pid);
    printf("Pid %s\n", field(file, "Pid"));
    return 0;
}
