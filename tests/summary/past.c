/* A call that does not come from the C library, and one from memory that was written. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

extern const char code[], end[];
/* getpid and back */
__asm__(".globl code, end\ncode: mov $20, %eax\nint $0x80\nret\nend:\n");

int main(void)
{
    ((void (*)(void))code)();
    void *copy = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(copy, code, end - code);
    mprotect(copy, 4096, PROT_READ | PROT_EXEC);
    ((void (*)(void))copy)();
    return 0;
}
