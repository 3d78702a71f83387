/* What documents say of files and Wine does not do: what is read-only, hidden or about to go; times. */
#include <stdio.h>
#include <windows.h>

static HANDLE open_as(const char *name, DWORD access, DWORD share, DWORD how, DWORD flags)
{
    return CreateFileA(name, access, share, 0, how, flags, 0);
}

static void tell(const char *what, HANDLE file)
{
    printf("%s %d", what, file != INVALID_HANDLE_VALUE);
    if (file == INVALID_HANDLE_VALUE) printf(", error %lu", GetLastError());
    else CloseHandle(file);
    printf("\n");
}

static void attributes(void)
{
    WIN32_FIND_DATAA found;
    HANDLE file;
    CloseHandle(open_as("a", GENERIC_WRITE, 0, CREATE_NEW, 0));
    file = open_as("a", GENERIC_READ, 7, OPEN_EXISTING, 0);
    printf("cut by a reader %d", SetEndOfFile(file));
    printf(" %lu\n", GetLastError());
    CloseHandle(file);
    SetFileAttributesA("a", FILE_ATTRIBUTE_READONLY);
    printf("read-only %lx\n", GetFileAttributesA("a"));
    tell("to be read", open_as("a", GENERIC_READ, 7, OPEN_EXISTING, 0));
    tell("to be written", open_as("a", GENERIC_WRITE, 7, OPEN_EXISTING, 0));
    tell("over it", open_as("a", GENERIC_WRITE, 7, CREATE_ALWAYS, 0));
    tell("to go", open_as("a", DELETE, 7, OPEN_EXISTING, FILE_FLAG_DELETE_ON_CLOSE));
    SetFileAttributesA("a", FILE_ATTRIBUTE_NORMAL);
    printf("normal %lx\n", GetFileAttributesA("a"));
    CloseHandle(open_as("h", GENERIC_WRITE, 0, CREATE_NEW, FILE_ATTRIBUTE_HIDDEN));
    FindClose(FindFirstFileA("h", &found));
    printf("hidden %lx %lx\n", GetFileAttributesA("h"), found.dwFileAttributes);
    tell("over it", open_as("h", GENERIC_WRITE, 7, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL));
    tell("over it, hidden", open_as("h", GENERIC_WRITE, 7, CREATE_ALWAYS, FILE_ATTRIBUTE_HIDDEN));
    SetFileAttributesA("h", FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM);
    printf("the system's %lx\n", GetFileAttributesA("h"));
    CreateDirectoryA("d", 0);
    SetFileAttributesA("d", FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_READONLY);
    printf("directory %lx", GetFileAttributesA("d"));
    printf(" removed %d", RemoveDirectoryA("d"));
    printf(" %lu\n", GetLastError());
    SetFileAttributesA("d", FILE_ATTRIBUTE_NORMAL);
    printf("directory %lx removed %d\n", GetFileAttributesA("d"), RemoveDirectoryA("d"));
}

static void times(void)
{
    FILETIME set[3] = { { 10, 0x1d00000 }, { 20, 0x1d10000 }, { 30, 0x1d20000 } }, told[3];
    HANDLE file = open_as("a", GENERIC_READ | GENERIC_WRITE, 7, OPEN_EXISTING, 0);
    printf("times %d", SetFileTime(file, &set[0], &set[1], &set[2]));
    GetFileTime(file, &told[0], &told[1], &told[2]);
    for (int i = 0; i < 3; i++) printf(" %lx:%lu", told[i].dwHighDateTime, told[i].dwLowDateTime);
    printf("\n");
    CloseHandle(file);
}

static void deletion(void)
{
    HANDLE first = open_as("a", GENERIC_READ, 7, OPEN_EXISTING, 0), second, third;
    BY_HANDLE_FILE_INFORMATION told;
    FILE_STANDARD_INFO standard;
    printf("removed while open %d\n", DeleteFileA("a"));
    tell("opened again", open_as("a", GENERIC_READ, 7, OPEN_EXISTING, 0));
    tell("made again", open_as("a", GENERIC_READ, 7, CREATE_NEW, 0));
    GetFileInformationByHandleEx(first, FileStandardInfo, &standard, sizeof standard);
    printf("goes %d, names %lu\n", standard.DeletePending, standard.NumberOfLinks);
    CloseHandle(first);
    tell("made then", open_as("a", GENERIC_READ, 7, CREATE_NEW, 0));

    /* The last of three handles, the second of which was to remove it. */
    first = open_as("a", GENERIC_READ, 7, OPEN_EXISTING, 0);
    second = open_as("a", DELETE, 7, OPEN_EXISTING, FILE_FLAG_DELETE_ON_CLOSE);
    third = open_as("a", GENERIC_READ, 7, OPEN_EXISTING, 0);
    tell("before", open_as("a", GENERIC_READ, 7, OPEN_EXISTING, 0));
    CloseHandle(second);
    tell("after", open_as("a", GENERIC_READ, 7, OPEN_EXISTING, 0));
    CloseHandle(third);
    CloseHandle(first);
    printf("gone %d\n", GetFileAttributesA("a") == INVALID_FILE_ATTRIBUTES);

    CreateDirectoryA("d", 0);
    first = open_as("d", GENERIC_READ, 7, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS);
    printf("directory removed %d\n", RemoveDirectoryA("d"));
    tell("made in it", open_as("d\\x", GENERIC_READ, 7, CREATE_NEW, 0));
    CloseHandle(first);
    printf("gone %d\n", GetFileAttributesA("d") == INVALID_FILE_ATTRIBUTES);

    CreateDirectoryA("d", 0);
    first = open_as("d\\x", GENERIC_WRITE, 7, CREATE_NEW, FILE_FLAG_DELETE_ON_CLOSE);
    printf("moved with something open %d", MoveFileA("d", "e"));
    printf(" %lu\n", GetLastError());
    CloseHandle(first);
    printf("moved then %d", MoveFileA("d", "e"));
    printf(" removed %d\n", RemoveDirectoryA("e"));
}

/* A port is not told of what is over at once, once that was said: Wine tells it all the same. */
static void ports(void)
{
    BOOL (WINAPI *modes)(HANDLE, UCHAR) = (void *)GetProcAddress(GetModuleHandleA("kernel32"), "SetFileCompletionNotificationModes");
    HANDLE file = open_as("p", GENERIC_WRITE | DELETE, 7, CREATE_NEW, FILE_FLAG_OVERLAPPED | FILE_FLAG_DELETE_ON_CLOSE);
    HANDLE port = CreateIoCompletionPort(file, 0, 1, 1);
    OVERLAPPED at = { 0 }, *which;
    DWORD count;
    ULONG_PTR key;
    WriteFile(file, "x", 1, 0, &at);
    printf("told %d", GetQueuedCompletionStatus(port, &count, &key, &which, 0));
    printf(" silenced %d", modes(file, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS));
    WriteFile(file, "x", 1, 0, &at);
    printf(" told %d\n", GetQueuedCompletionStatus(port, &count, &key, &which, 0));
    CloseHandle(file);
}

int main(void)
{
    char path[MAX_PATH];
    setvbuf(stdout, 0, _IONBF, 0);
    GetTempPathA(MAX_PATH, path);
    SetCurrentDirectoryA(path);
    CreateDirectoryA("emu-documented", 0);
    SetCurrentDirectoryA("emu-documented");
    attributes();
    times();
    deletion();
    ports();
    return 0;
}
