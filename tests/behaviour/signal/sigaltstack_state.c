/* sigaltstack(2): none at first, one set, one taken away. */
#include "../say.h"
#include <signal.h>

int main(void)
{
    static char space[65536];
    stack_t stack = {.ss_sp = space, .ss_size = sizeof space}, old;
    say("read", sigaltstack(NULL, &old));
    check("none", old.ss_flags == SS_DISABLE);
    say("set", sigaltstack(&stack, NULL));
    say("read", sigaltstack(NULL, &old));
    check("the same", old.ss_sp == space && old.ss_size == sizeof space && old.ss_flags == 0);
    stack.ss_size = 100;
    say("too small", sigaltstack(&stack, NULL));
    stack.ss_size = sizeof space;
    stack.ss_flags = 0x77;
    say("a flag that isn't one", sigaltstack(&stack, NULL));
    stack.ss_flags = SS_DISABLE;
    say("taken away", sigaltstack(&stack, &old));
    check("it was there", old.ss_sp == space);
    sigaltstack(NULL, &old);
    check("none", old.ss_flags == SS_DISABLE);
    return 0;
}
