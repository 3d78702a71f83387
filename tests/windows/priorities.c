// Priorities and processors of processes and threads: what is set is told.
#include <stdio.h>
#include <windows.h>

int main(void)
{
    HANDLE process = GetCurrentProcess(), thread = GetCurrentThread();
    DWORD_PTR own = 0, all = 0;

    printf("class %lx, thread %d\n", GetPriorityClass(process), GetThreadPriority(thread));
    for (DWORD class = IDLE_PRIORITY_CLASS; class <= ABOVE_NORMAL_PRIORITY_CLASS; class <<= 1)
        if (class != REALTIME_PRIORITY_CLASS && class < 0x200 || class > 0x2000)
            printf("set %d, class %lx\n", SetPriorityClass(process, class), GetPriorityClass(process));
    printf("set %d", SetPriorityClass(process, 0x7777));
    printf(" %lu\n", GetLastError());
    SetPriorityClass(process, NORMAL_PRIORITY_CLASS);
    for (int priority = THREAD_PRIORITY_LOWEST; priority <= THREAD_PRIORITY_HIGHEST; priority++)
        printf("set %d, thread %d\n", SetThreadPriority(thread, priority), GetThreadPriority(thread));
    SetThreadPriority(thread, THREAD_PRIORITY_IDLE);
    printf("idle %d\n", GetThreadPriority(thread));
    SetThreadPriority(thread, THREAD_PRIORITY_NORMAL);
    printf("affinity %d", GetProcessAffinityMask(process, &own, &all));
    printf(" %d %d\n", (own & 1) != 0, (all & own) == own);
    printf("none %d", SetThreadAffinityMask(thread, 0) != 0);
    printf(" %lu\n", GetLastError());
    printf("first %d\n", SetThreadAffinityMask(thread, 1) != 0);
    printf("ideal %ld\n", SetThreadIdealProcessor(thread, MAXIMUM_PROCESSORS));
    return 0;
}
