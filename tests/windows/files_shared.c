/* Who may open a file meanwhile, what a handle allows, what a file's attributes do, when names go. */
#include <stdio.h>
#include <string.h>
#include <windows.h>

static HANDLE open_as(const char *name, DWORD access, DWORD share, DWORD how, DWORD flags)
{
    return CreateFileA(name, access, share, 0, how, flags, 0);
}

static void try_open(const char *name, DWORD access, DWORD share)
{
    HANDLE file = open_as(name, access, share, OPEN_EXISTING, 0);
    if (file == INVALID_HANDLE_VALUE) {
        printf(" %lu", GetLastError());
        return;
    }
    printf(" ok");
    CloseHandle(file);
}

static void sharing(void)
{
    static const DWORD access[] = { GENERIC_READ, GENERIC_WRITE, DELETE, FILE_APPEND_DATA, FILE_READ_ATTRIBUTES };
    for (DWORD share = 0; share < 8; share++) {
        HANDLE file = open_as("a", GENERIC_READ, share, OPEN_ALWAYS, 0);
        printf("reader shares %lu:", share);
        for (int i = 0; i < 5; i++) try_open("a", access[i], 7);
        try_open("a", GENERIC_READ, FILE_SHARE_WRITE);
        printf("\n");
        CloseHandle(file);
    }
    HANDLE file = open_as("a", FILE_READ_ATTRIBUTES, 0, OPEN_EXISTING, 0);
    printf("attributes only:");
    try_open("a", GENERIC_WRITE, 0);
    printf("\n");
    CloseHandle(file);
}

static void handles(void)
{
    char text[8] = "";
    DWORD count = 9;
    HANDLE reader = open_as("a", GENERIC_READ, 7, OPEN_EXISTING, 0);
    HANDLE writer = open_as("a", GENERIC_WRITE, 7, OPEN_EXISTING, 0);
    HANDLE adder = open_as("a", FILE_APPEND_DATA, 7, OPEN_EXISTING, 0);
    printf("write by reader %d", WriteFile(reader, "x", 1, &count, 0));
    printf(" %lu\n", GetLastError());
    WriteFile(writer, "0123", 4, &count, 0);
    printf("read by writer %d", ReadFile(writer, text, 4, &count, 0));
    printf(" %lu\n", GetLastError());
    SetFilePointer(adder, 0, 0, FILE_BEGIN);
    printf("append %d", WriteFile(adder, "45", 2, &count, 0));
    printf(" %d %s\n", ReadFile(reader, text, 7, &count, 0), text);
    CloseHandle(adder);
    CloseHandle(writer);
    CloseHandle(reader);
}

static void attributes(void)
{
    WIN32_FIND_DATAA found;
    printf("plain %lx", GetFileAttributesA("a"));
    printf(" set %d", SetFileAttributesA("a", FILE_ATTRIBUTE_READONLY));
    printf(" %lx\n", GetFileAttributesA("a") & FILE_ATTRIBUTE_READONLY);
    printf("read-only:");
    try_open("a", GENERIC_READ, 7);
    printf(" delete %d", DeleteFileA("a"));
    printf(" %lu\n", GetLastError());
    SetFileAttributesA("a", FILE_ATTRIBUTE_NORMAL);
    printf("again %lx:", GetFileAttributesA("a") & FILE_ATTRIBUTE_READONLY);
    try_open("a", GENERIC_WRITE, 7);
    HANDLE file = open_as("b", GENERIC_WRITE, 7, CREATE_NEW, FILE_ATTRIBUTE_READONLY);
    DWORD count;
    printf("\nmade read-only %d %lx", WriteFile(file, "x", 1, &count, 0), GetFileAttributesA("b") & FILE_ATTRIBUTE_READONLY);
    CloseHandle(file);
    FindClose(FindFirstFileA("b", &found));
    printf(" %lx\n", found.dwFileAttributes & FILE_ATTRIBUTE_READONLY);
    SetFileAttributesA("b", FILE_ATTRIBUTE_NORMAL);
}

static void names(void)
{
    HANDLE first, second;
    DeleteFileA("b");
    first = open_as("a", GENERIC_READ, FILE_SHARE_READ, OPEN_EXISTING, 0);
    printf("delete not shared %d", DeleteFileA("a"));
    printf(" %lu", GetLastError());
    printf(" move %d", MoveFileA("a", "b"));
    printf(" %lu\n", GetLastError());
    CloseHandle(first);
    CloseHandle(open_as("b", GENERIC_WRITE, 0, CREATE_NEW, 0));
    first = open_as("b", GENERIC_READ, 7, OPEN_EXISTING, 0);
    printf("onto open %d", MoveFileExA("a", "b", MOVEFILE_REPLACE_EXISTING));
    printf(" %lu\n", GetLastError());
    CloseHandle(first);
    printf("onto closed %d\n", MoveFileExA("a", "b", MOVEFILE_REPLACE_EXISTING));
    printf("link %d", CreateHardLinkA("c", "b", 0));
    BY_HANDLE_FILE_INFORMATION told = { 0 };
    first = open_as("c", GENERIC_READ, 7, OPEN_EXISTING, 0);
    GetFileInformationByHandle(first, &told);
    printf(" links %lu size %lu", told.nNumberOfLinks, told.nFileSizeLow);
    printf(" again %d", CreateHardLinkA("c", "b", 0));
    printf(" %lu\n", GetLastError());
    CloseHandle(first);
    DeleteFileA("b");
    printf("left %d", GetFileAttributesA("c") != INVALID_FILE_ATTRIBUTES);
    CreateDirectoryA("d", 0);
    first = open_as("d", GENERIC_READ | DELETE, 7, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS);
    second = open_as("d", GENERIC_READ, 7, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS);
    FILE_DISPOSITION_INFO gone = { TRUE };
    printf(" directory %d", SetFileInformationByHandle(first, FileDispositionInfo, &gone, sizeof gone));
    CloseHandle(second);
    CloseHandle(first);
    printf(" %lu\n", GetFileAttributesA("d"));
    DeleteFileA("c");
}

int main(void)
{
    char path[MAX_PATH];
    setvbuf(stdout, 0, _IONBF, 0);
    GetTempPathA(MAX_PATH, path);
    SetCurrentDirectoryA(path);
    CreateDirectoryA("emu-shared", 0);
    SetCurrentDirectoryA("emu-shared");
    DeleteFileA("a");
    DeleteFileA("b");
    DeleteFileA("c");
    sharing();
    handles();
    attributes();
    names();
    SetCurrentDirectoryA("..");
    printf("gone %d\n", RemoveDirectoryA("emu-shared"));
    return 0;
}
