/* ptrace(2), PTRACE_ATTACH, PTRACE_DETACH: a task stops by a signal for who attaches itself to it; it goes on alone afterwards. */
#include "../traced.h"

static int tracer(pid_t pid, int tells)
{
    char name[64], line[256];
    snprintf(name, sizeof name, "/proc/%d/status", pid);
    FILE *file = fopen(name, "r");
    int found = -1;
    while (file && fgets(line, sizeof line, file)) {
        sscanf(line, "TracerPid: %d", &found);
        if (tells && strncmp(line, "State:", 6) == 0)
            printf("  %s", line);
    }
    if (file)
        fclose(file);
    return found;
}

int main(void)
{
    int gate;
    pid_t pid = reader(&gate);
    say("attached", ptrace(PTRACE_ATTACH, pid, 0, 0));
    say("again", ptrace(PTRACE_ATTACH, pid, 0, 0));
    await("it", pid);
    check("its tracer", tracer(pid, 1) == getpid());
    siginfo_t si;
    ptrace(PTRACE_GETSIGINFO, pid, 0, &si);
    printf("%s\n", signame(si.si_signo));
    say("detached", ptrace(PTRACE_DETACH, pid, 0, 0));
    say("no more", ptrace(PTRACE_CONT, pid, 0, 0));
    check("no tracer", tracer(pid, 0) == 0);
    (void)!write(gate, "x", 1);
    await("it", pid);
}
