/* sigaction(2), sigreturn(2): a handler's context holds the program counter; the program goes on where the handler puts it. */
#include "../tasks.h"
#include <ucontext.h>

static volatile int *volatile nowhere = (int *)8;

static void landing(void)
{
    puts("landed");
    exit(9);
}

static void move(int sig, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
#if defined __x86_64__
    uc->uc_mcontext.gregs[REG_RSP] = (uc->uc_mcontext.gregs[REG_RSP] - 256) / 16 * 16 - 8;
    uc->uc_mcontext.gregs[REG_RIP] = (long)landing;
#elif defined __i386__
    uc->uc_mcontext.gregs[REG_ESP] = ((unsigned)uc->uc_mcontext.gregs[REG_ESP] - 256) / 16 * 16 - 4;
    uc->uc_mcontext.gregs[REG_EIP] = (long)landing;
#elif defined __aarch64__
    uc->uc_mcontext.pc = (long)landing;
#elif defined __arm__
    uc->uc_mcontext.arm_pc = (long)landing & ~1;
    uc->uc_mcontext.arm_cpsr = (uc->uc_mcontext.arm_cpsr & ~0x20) | ((long)landing & 1 ? 0x20 : 0);
#elif defined __mips__
    uc->uc_mcontext.pc = (long)landing;
    uc->uc_mcontext.gregs[25] = (long)landing;
#endif
}

int main(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        handle_info(SIGSEGV, move, 0);
        *nowhere = 1;
        puts("not reached");
        return 1;
    }
    reap("child", pid);
    return 0;
}
