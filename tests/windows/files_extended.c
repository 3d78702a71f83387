/* Extended attributes, which Wine does not keep. */
#include <stdio.h>
#include <string.h>
#include <windows.h>
#include <winternl.h>

typedef struct { ULONG Next; UCHAR Flags, NameLength; USHORT ValueLength; char Name[1]; } Full;

static LONG (NTAPI *NtQueryEaFile)(HANDLE, IO_STATUS_BLOCK *, void *, ULONG, BOOLEAN, void *, ULONG, ULONG *, BOOLEAN);
static LONG (NTAPI *NtSetEaFile)(HANDLE, IO_STATUS_BLOCK *, void *, ULONG);
static LONG (NTAPI *NtQueryInformation)(HANDLE, IO_STATUS_BLOCK *, void *, ULONG, int);
static IO_STATUS_BLOCK block;
static HANDLE file;

static Full *put(Full *at, const char *name, const char *value, int last)
{
    at->Flags = 0;
    at->NameLength = strlen(name);
    at->ValueLength = strlen(value);
    strcpy(at->Name, name);
    memcpy(at->Name + at->NameLength + 1, value, at->ValueLength);
    ULONG size = (8 + at->NameLength + 1 + at->ValueLength + 3) & ~3u;
    at->Next = last ? 0 : size;
    return (Full *)((char *)at + size);
}

static void query(const char *what, ULONG room, BOOLEAN one, void *list, ULONG length, ULONG *index, BOOLEAN again)
{
    ULONG space[64];
    char *at = (char *)space;
    LONG status = NtQueryEaFile(file, &block, space, room, one, list, length, index, again);
    printf("%s %08lx", what, status);
    if (status == 0 || status == (LONG)0x80000005) for (;;) {
        Full *own = (Full *)at;
        printf(" %s=%.*s", own->Name, own->ValueLength, own->Name + own->NameLength + 1);
        if (!own->Next) break;
        at += own->Next;
    }
    printf("\n");
}

int main(void)
{
    char path[MAX_PATH];
    ULONG space[64], two = 2, size = 0;
    Full *list = (Full *)space, *end;
    HMODULE ntdll = GetModuleHandleA("ntdll");
    setvbuf(stdout, 0, _IONBF, 0);
    NtQueryEaFile = (void *)GetProcAddress(ntdll, "NtQueryEaFile");
    NtSetEaFile = (void *)GetProcAddress(ntdll, "NtSetEaFile");
    NtQueryInformation = (void *)GetProcAddress(ntdll, "NtQueryInformationFile");
    GetTempPathA(MAX_PATH, path);
    SetCurrentDirectoryA(path);
    file = CreateFileA("emu-extended", GENERIC_READ | GENERIC_WRITE, 7, 0, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, 0);

    query("none", sizeof space, FALSE, 0, 0, 0, TRUE);
    end = put(put(list, "Colour", "red", 0), "animal", "cat", 1);
    printf("set %08lx\n", NtSetEaFile(file, &block, list, (char *)end - (char *)list));
    NtQueryInformation(file, &block, &size, sizeof size, 7);
    printf("size %lu\n", size);
    query("all", sizeof space, FALSE, 0, 0, 0, TRUE);
    query("one", sizeof space, TRUE, 0, 0, 0, TRUE);
    query("next", sizeof space, TRUE, 0, 0, 0, FALSE);
    query("end", sizeof space, TRUE, 0, 0, 0, FALSE);
    query("from the second", sizeof space, FALSE, 0, 0, &two, FALSE);
    char wished[32] = { 12, 0, 0, 0, 6, 'c', 'o', 'l', 'o', 'u', 'r', 0, 0, 0, 0, 0, 4, 'n', 'o', 'n', 'e', 0 };
    query("named", sizeof space, FALSE, wished, 22, 0, TRUE);
    query("little room", 24, FALSE, 0, 0, 0, TRUE);
    query("no room", 8, FALSE, 0, 0, 0, TRUE);
    end = put(list, "ANIMAL", "", 1);
    NtSetEaFile(file, &block, list, (char *)end - (char *)list);
    query("removed", sizeof space, FALSE, 0, 0, 0, TRUE);
    end = put(list, "a*b", "x", 1);
    printf("bad name %08lx\n", NtSetEaFile(file, &block, list, (char *)end - (char *)list));
    end = put(list, "fine", "x", 1);
    printf("bad list %08lx\n", NtSetEaFile(file, &block, list, 9));
    HANDLE reader = CreateFileA("emu-extended", GENERIC_READ, 7, 0, OPEN_EXISTING, 0, 0);
    printf("by a reader %08lx\n", NtSetEaFile(reader, &block, list, (char *)end - (char *)list));
    return 0;
}
