/* Pages of a file that are read to, and written from, several places. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

int main(void)
{
    char path[MAX_PATH], *pages;
    FILE_SEGMENT_ELEMENT segments[4] = { 0 };
    OVERLAPPED at = { 0 };
    DWORD count;
    HANDLE file;

    setvbuf(stdout, 0, _IONBF, 0);
    GetTempPathA(MAX_PATH, path);
    SetCurrentDirectoryA(path);
    pages = VirtualAlloc(0, 4 * 4096, MEM_COMMIT, PAGE_READWRITE);
    for (int i = 0; i < 4; i++) memset(pages + 4096 * i, '0' + i, 4096);
    file = CreateFileA("emu-scattered", GENERIC_READ | GENERIC_WRITE, 0, 0, CREATE_ALWAYS,
                       FILE_FLAG_NO_BUFFERING | FILE_FLAG_OVERLAPPED | FILE_FLAG_DELETE_ON_CLOSE, 0);
    at.hEvent = CreateEventA(0, TRUE, 0, 0);
    for (int i = 0; i < 3; i++) segments[i].Buffer = pages + 4096 * (2 - i);
    WriteFileGather(file, segments, 3 * 4096, 0, &at);
    printf("gathered %d", GetOverlappedResult(file, &at, &count, TRUE));
    printf(" %lu size %lu\n", count, GetFileSize(file, 0));
    memset(pages, 'x', 4 * 4096);
    segments[0].Buffer = pages + 3 * 4096;
    segments[1].Buffer = pages;
    at.Offset = 4096;
    ReadFileScatter(file, segments, 2 * 4096, 0, &at);
    printf("scattered %d", GetOverlappedResult(file, &at, &count, TRUE));
    printf(" %lu", count);
    for (int i = 0; i < 4; i++) printf(" %c%c", pages[4096 * i], pages[4096 * i + 4095]);
    printf("\n");
    CloseHandle(file);
    return 0;
}
