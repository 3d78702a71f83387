/* rt_sigqueueinfo(2): what a process tells of a signal may not look like the kernel's own word. */
#include "../tasks.h"

int main(void)
{
    sigset_t set;
    siginfo_t info, got;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    pid_t pid = fork();
    if (pid == 0) {
        sigwaitinfo(&set, &got);
        check("the code", got.si_code == -77);
        say("the pid as it was told", got.si_pid);
        return 0;
    }
    memset(&info, 0, sizeof info);
    info.si_signo = SIGUSR1;
    info.si_code = SI_USER;
    info.si_pid = 4444;
    say("SI_USER", syscall(SYS_rt_sigqueueinfo, pid, SIGUSR1, &info));
    info.si_code = SI_TKILL;
    say("SI_TKILL", syscall(SYS_rt_sigqueueinfo, pid, SIGUSR1, &info));
    info.si_code = 1;
    say("a code above 0", syscall(SYS_rt_sigqueueinfo, pid, SIGUSR1, &info));
    info.si_code = -77;
    long result = syscall(SYS_rt_sigqueueinfo, pid, SIGUSR1, &info);
    reap("child", pid);
    say("one below", result);
    info.si_code = SI_USER;
    say("to oneself all is well", syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, &info));
    sigwaitinfo(&set, &got);
    say("the pid as it was told", got.si_pid);
    return 0;
}
