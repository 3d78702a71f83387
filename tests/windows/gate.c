/* A 32-bit program on a 64-bit system: what it is told, and how it goes through the gate into 64-bit code by itself. */
#include <stdio.h>
#include <windows.h>

static const unsigned char gate[] = {
    0x8b, 0x54, 0x24, 0x04,                         /* mov edx,[esp+4] */
    0x6a, 0x33,                                     /* push 0x33 */
    0xe8, 0, 0, 0, 0,                               /* call next */
    0x83, 0x04, 0x24, 0x05,                         /* add dword [esp],5 */
    0xcb,                                           /* retf: 64 bits from here on */
    0x48, 0xb8, 0xf0, 0xde, 0xbc, 0x9a,             /* mov rax,0x123456789abcdef0 */
    0x78, 0x56, 0x34, 0x12,
    0x67, 0x48, 0x89, 0x02,                         /* mov [edx],rax */
    0x65, 0x48, 0x8b, 0x04, 0x25, 0x30, 0, 0, 0,    /* mov rax,gs:[0x30] */
    0x67, 0x48, 0x89, 0x42, 0x08,                   /* mov [edx+8],rax */
    0xe8, 0, 0, 0, 0,                               /* call next */
    0xc7, 0x44, 0x24, 0x04, 0x23, 0, 0, 0,          /* mov dword [rsp+4],0x23 */
    0x83, 0x04, 0x24, 0x0d,                         /* add dword [rsp],13 */
    0xcb,                                           /* retf: 32 bits again */
    0xc3,                                           /* ret */
};

int main(void)
{
    unsigned short cs, ds, fs;
    unsigned long long told[2] = { 0 };
    SYSTEM_INFO own, native;
    BOOL wow = 9;

    asm("mov %%cs,%0; mov %%ds,%1; mov %%fs,%2" : "=r"(cs), "=r"(ds), "=r"(fs));
    IsWow64Process(GetCurrentProcess(), &wow);
    GetSystemInfo(&own);
    GetNativeSystemInfo(&native);
    printf("cs %x ds %x fs %x\n", cs, ds, fs);
    printf("wow64 %d, %u of %u\n", wow, own.wProcessorArchitecture, native.wProcessorArchitecture);
    void *code = VirtualAlloc(NULL, 4096, MEM_COMMIT, PAGE_EXECUTE_READWRITE);
    memcpy(code, gate, sizeof gate);
    ((void (*)(unsigned long long *))code)(told);
    /* The program's block is behind that of 64 bits, which leads to itself. */
    unsigned long own_block;
    asm("mov %%fs:0x18,%0" : "=r"(own_block));
    printf("%llx, block %d\n", told[0], told[1] + 0x2000 == own_block);
    return 3;
}
