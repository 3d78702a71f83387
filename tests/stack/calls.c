#include <stdlib.h>
#include <unistd.h>

__attribute__((noinline)) void g(int x)
{
    chdir("/nonexistent");
    write(1, "x", x);
}

__attribute__((noinline)) void f(void)
{
    g(1);
    asm("");
}

int main(void)
{
    f();
    exit(3);
}
