/* Asks a console for what chance gives, and looks whether it still answers. */
#include <windows.h>
#include <winternl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

NTSTATUS NTAPI NtDeviceIoControlFile(HANDLE, HANDLE, PIO_APC_ROUTINE, PVOID, PIO_STATUS_BLOCK, ULONG, PVOID, ULONG, PVOID, ULONG);

static unsigned state = 1;

static unsigned chance(unsigned below) {
    state = state * 1103515245 + 12345;
    return (state >> 8) % below;
}

int main(int argc, char **argv) {
    static unsigned char told[4096], answer[4096];
    HANDLE in = CreateFileA("CONIN$", GENERIC_READ | GENERIC_WRITE, 3, NULL, OPEN_EXISTING, 0, NULL);
    HANDLE out = CreateFileA("CONOUT$", GENERIC_READ | GENERIC_WRITE, 3, NULL, OPEN_EXISTING, 0, NULL);
    static const unsigned sizes[] = {0, 1, 2, 3, 4, 8, 12, 16, 20, 24, 40, 100, 104, 116, 200, 1000};
    /* Requests as they should be: function, access, how much is told and asked for. */
    static const unsigned short known[][4] = {
        {0, 1, 0, 4}, {1, 2, 4, 0}, {13, 2, 40, 0}, {14, 1, 0, 200}, {15, 1, 0, 12}, {16, 2, 16, 0},
        {17, 1, 0, 100}, {18, 2, 40, 0}, {21, 0, 0, 0}, {30, 2, 100, 0}, {31, 2, 100, 0}, {32, 1, 16, 1000},
        {33, 2, 116, 4}, {33, 2, 116, 8}, {34, 1, 0, 100}, {35, 2, 104, 0}, {36, 2, 0, 0}, {37, 2, 24, 4}, {38, 2, 24, 0},
    };
    int done = 0, failed = 0;
    state = argc > 1 ? atoi(argv[1]) : 1;
    for (int k = 0; k < 20000; k++) {
        unsigned function = chance(62), access = chance(4);
        /* Reads may wait for ever; events end the program. */
        if ((function >= 10 && function <= 12) || function == 19 || function == 24) continue;
        unsigned len = sizes[chance(16)], room = sizes[chance(16)], kind = chance(3);
        if (chance(4)) {
            const unsigned short *one = known[chance(sizeof known / sizeof *known)];
            function = one[0];
            access = one[1];
            len = one[2];
            room = one[3];
        }
        ULONG code = 0x50u << 16 | access << 14 | function << 2;
        for (unsigned i = 0; i < len; i++)
            told[i] = kind == 0 ? chance(256) : kind == 1 ? (i % 2 ? 0 : chance(100)) : (i % 4 ? 0 : chance(8));
        IO_STATUS_BLOCK io;
        HANDLE handle = chance(2) ? in : out;
        void *at = chance(50) ? answer : (void *)8;
        NTSTATUS status = NtDeviceIoControlFile(handle, NULL, NULL, NULL, &io, code, told, len, at, room);
        *(status ? &failed : &done) += 1;
    }
    CONSOLE_SCREEN_BUFFER_INFO i;
    printf("%d %d %d\n", done > 2000, failed > 2000, GetConsoleScreenBufferInfo(out, &i));
    return 0;
}
