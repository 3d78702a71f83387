/*
 * Calls of any number with arguments that make sense half of the time. Only calls that would end or block the program, or
 * take away the ground it stands on, are left out. It prints how many it made, at its end.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static uint64_t state;

static uint32_t next(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 16);
}

/* Numbers this ABI has; a missing one is no call. */
static const int left_out[] = {
    SYS_exit, SYS_exit_group, SYS_execve, SYS_execveat, SYS_clone, SYS_kill, SYS_tkill, SYS_tgkill,
    SYS_rt_sigreturn, SYS_rt_sigsuspend, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_setitimer,
    SYS_timer_create, SYS_timer_settime, SYS_clone3, SYS_pidfd_send_signal, SYS_mlockall,
    SYS_rt_sigaction, SYS_seccomp, SYS_ptrace,
#ifdef SYS_fork
    SYS_fork, SYS_pause,
#endif
#ifdef SYS_vfork
    SYS_vfork,
#endif
#ifdef SYS_alarm
    SYS_alarm,
#endif
#ifdef SYS_sigreturn
    SYS_sigreturn, SYS_sigsuspend, SYS_sigaction,
#endif
#ifdef SYS_set_thread_area
    SYS_set_thread_area,
#endif
#ifdef SYS_arch_prctl
    SYS_arch_prctl,
#endif
#ifdef SYS_modify_ldt
    SYS_modify_ldt,
#endif
#ifdef SYS_cacheflush
    SYS_cacheflush,
#endif
};

/* Calls that change mappings: their first two arguments stay within the arena. */
static const int mappings[] = {
    SYS_munmap, SYS_mprotect, SYS_mremap, SYS_madvise, SYS_remap_file_pages, SYS_pkey_mprotect, SYS_brk, SYS_shmat,
#ifdef SYS_mmap
    SYS_mmap,
#endif
#ifdef SYS_mmap2
    SYS_mmap2,
#endif
};

#define ARENA (64 * 4096)
static unsigned char *arena;

static int among(int number, const int *list, size_t count)
{
    for (size_t at = 0; at < count; at++)
        if (list[at] == number)
            return 1;
    return 0;
}

static long value(void)
{
    static const long odd[] = {
        0, 1, 2, 3, 4, 7, 8, 16, 64, 100, 255, 256, 512, 1000, 4095, 4096, 4097, 65536, 1 << 20, 0x7ffff000, 0x7fffffff,
        -1, -2, -100, -4096, -2147483647 - 1, 0x5401, 0x5413, 0x541b, 0x80000, 0x40000000,
    };
    switch (next() % 8) {
    case 0: return odd[next() % (sizeof odd / sizeof *odd)];
    case 1: return next() % 8;
    case 2: return (long)(1UL << next() % (8 * sizeof(long)));
    case 3: return (long)((unsigned long)next() << next() % 32);
    case 4: return (long)(arena + ARENA - 1 - next() % 64); /* runs over the end */
    default: return (long)(arena + next() % ARENA / 8 * 8);
    }
}

/* What is in the arena: paths, small numbers, pointers into itself. */
static void fill(void)
{
    static const char *paths[] = {
        "/tmp", "/tmp/a", "/tmp/b", "a", "..", ".", "", "/proc/self/maps", "/proc/self/fd/0", "/dev/zero", "/dev/full",
        "/proc/self/exe", "/tmp/dir", "/tmp/dir/../a", "/", "/proc/self/fd", "/dev/urandom", "/proc/1", "/proc/self/root/tmp",
    };
    for (size_t at = 0; at + 64 <= ARENA; at += 64) {
        unsigned char *line = arena + at;
        switch (next() % 4) {
        case 0: strcpy((char *)line, paths[next() % (sizeof paths / sizeof *paths)]); break;
        case 1:
            for (int word = 0; word < 16; word++) {
                uint32_t number = next() % 16;
                memcpy(line + 4 * word, &number, 4);
            }
            break;
        case 2:
            for (size_t word = 0; word < 64 / sizeof(long); word++) {
                long pointer = value();
                memcpy(line + sizeof pointer * word, &pointer, sizeof pointer);
            }
            break;
        default:
            for (int byte = 0; byte < 64; byte++)
                line[byte] = (unsigned char)next();
        }
    }
}

int main(int argc, char **argv)
{
    state = 88172645463325252ULL ^ strtoull(argc > 1 ? argv[1] : "1", NULL, 10) * 0x9e3779b97f4a7c15ULL;
    int count = argc > 2 ? atoi(argv[2]) : 1000, made = 0;
    int out = fcntl(1, F_DUPFD, 200);
    int base = SYS_read < 4000 ? 0 : 4000;
    for (int round = 0; round < count; round++) {
        if (round % 100 == 0) {
            arena = mmap((void *)0x20000000, ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
            if (arena == MAP_FAILED)
                break;
            fill();
        }
        int number = base + (int)(next() % 470);
        long a[6];
        for (int at = 0; at < 6; at++)
            a[at] = value();
        if (next() % 2)
            a[0] = next() % 12;
        if (among(number, left_out, sizeof left_out / sizeof *left_out))
            continue;
        if (among(number, mappings, sizeof mappings / sizeof *mappings)) {
            a[0] = number == SYS_brk ? 0 : (long)arena + (long)(next() % 60) * 4096;
            a[1] = next() % (4 * 4096);
            if (number == SYS_mremap)
                a[4] = a[0];
        }
        if (argc > 3) {
            char line[200];
            int size = snprintf(line, sizeof line, "%d %d %lx %lx %lx %lx %lx %lx\n", round, number, a[0], a[1], a[2], a[3], a[4], a[5]);
            if (write(out, line, size) != size)
                return 2;
        }
        syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
        made++;
    }
    char text[32];
    int size = snprintf(text, sizeof text, "made %d\n", made);
    return write(out, text, size) != size;
}
