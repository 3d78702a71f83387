/* Streams of files besides what is in them, which Wine does not keep.
 * [Microsoft Learn, File Streams; Naming Files: streams; MS-FSA 2.1.5.1, 2.1.5.12.29; MS-FSCC 2.4.49] */
#include <stdio.h>
#include <string.h>
#include <windows.h>
#include <winternl.h>

static LONG (NTAPI *NtSetInformation)(HANDLE, IO_STATUS_BLOCK *, void *, ULONG, int);
static IO_STATUS_BLOCK block;

static HANDLE open(const char *name, DWORD access, DWORD share, DWORD how, DWORD flags)
{
    SetLastError(0);
    return CreateFileA(name, access, share, 0, how, flags, 0);
}

static void put(const char *name, const char *text, DWORD how)
{
    DWORD done = 0;
    HANDLE file = open(name, GENERIC_WRITE, 7, how, 0);
    DWORD error = GetLastError();
    if (file == INVALID_HANDLE_VALUE) {
        printf("%s: error %lu\n", name, error);
        return;
    }
    WriteFile(file, text, strlen(text), &done, 0);
    printf("%s: %lu, error %lu\n", name, done, error);
    CloseHandle(file);
}

static void get(const char *name)
{
    char text[64];
    DWORD done = 0;
    HANDLE file = open(name, GENERIC_READ, 7, OPEN_EXISTING, 0);
    if (file == INVALID_HANDLE_VALUE) {
        printf("%s: error %lu\n", name, GetLastError());
        return;
    }
    ReadFile(file, text, sizeof text, &done, 0);
    printf("%s: \"%.*s\", %lu bytes\n", name, (int)done, text, GetFileSize(file, 0));
    CloseHandle(file);
}

static void list(const char *name)
{
    ULONGLONG space[64];
    HANDLE file = open(name, 0, 7, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS);
    printf("%s:", name);
    if (!GetFileInformationByHandleEx(file, FileStreamInfo, space, sizeof space)) printf(" error %lu", GetLastError());
    else for (FILE_STREAM_INFO *own = (void *)space;;) {
        printf(" %.*ls %lld", (int)own->StreamNameLength / 2, own->StreamName, own->StreamSize.QuadPart);
        if (!own->NextEntryOffset) break;
        own = (void *)((char *)own + own->NextEntryOffset);
    }
    if (!GetFileInformationByHandleEx(file, FileStreamInfo, space, 40)) printf(", in little room error %lu", GetLastError());
    printf("\n");
    CloseHandle(file);
}

static void rename_stream(const char *name, const wchar_t *to, int replace)
{
    struct { BOOLEAN Replace; HANDLE Root; ULONG Length; WCHAR Name[32]; } info = { replace, 0, 2 * wcslen(to) };
    HANDLE file = open(name, DELETE | SYNCHRONIZE, 7, OPEN_EXISTING, 0);
    wcscpy(info.Name, to);
    printf("%s as %ls: %08lx\n", name, to, NtSetInformation(file, &block, &info, sizeof info, 10));
    CloseHandle(file);
}

int main(void)
{
    char path[MAX_PATH];
    WIN32_FILE_ATTRIBUTE_DATA data;
    setvbuf(stdout, 0, _IONBF, 0);
    NtSetInformation = (void *)GetProcAddress(GetModuleHandleA("ntdll"), "NtSetInformationFile");
    GetTempPathA(MAX_PATH, path);
    SetCurrentDirectoryA(path);
    CreateDirectoryA("emu-streams", 0);
    SetCurrentDirectoryA("emu-streams");

    /* As a browser marks what it has fetched. */
    put("a.txt", "content", CREATE_NEW);
    put("a.txt:Zone.Identifier", "[ZoneTransfer]\r\nZoneId=3\r\n", CREATE_NEW);
    get("a.txt:zone.identifier:$data");
    get("a.txt");
    get("a.txt::$DATA");
    put("a.txt:Zone.Identifier", "x", CREATE_NEW);
    put("a.txt:Zone.Identifier", "[Zone]", CREATE_ALWAYS);
    put("a.txt:odd <name>*?", "odd", OPEN_ALWAYS);
    list("a.txt");
    get("a.txt:other");
    get("b.txt:other");
    GetFileAttributesExA("a.txt:Zone.Identifier", GetFileExInfoStandard, &data);
    printf("by name %lu, attributes %lx\n", data.nFileSizeLow, data.dwFileAttributes);

    puts("wrong names");
    get("a.txt:");
    get("a.txt:x:$OTHER");
    get("a.txt:x:$DATA:y");
    get("a.txt:x\\y");
    put("a.txt::", "x", OPEN_ALWAYS);

    puts("a new file by its stream");
    put("new.txt:first", "one", CREATE_ALWAYS);
    list("new.txt");
    get("new.txt");

    puts("directories");
    CreateDirectoryA("dir", 0);
    put("dir:notes", "of a directory", CREATE_NEW);
    get("dir:notes");
    list("dir");
    get("dir::$DATA");
    put("dir\\in:notes", "in it", CREATE_NEW);

    puts("shared apart");
    HANDLE all = open("a.txt", GENERIC_READ | GENERIC_WRITE, 0, OPEN_EXISTING, 0);
    get("a.txt");
    get("a.txt:Zone.Identifier");
    HANDLE one = open("a.txt:Zone.Identifier", GENERIC_READ, 0, OPEN_EXISTING, 0);
    printf("one %d\n", one != INVALID_HANDLE_VALUE);
    get("a.txt:Zone.Identifier");
    CloseHandle(one);
    CloseHandle(all);

    puts("moved");
    printf("%d\n", MoveFileA("a.txt", "c.txt"));
    get("c.txt:Zone.Identifier");
    get("a.txt:Zone.Identifier");
    rename_stream("c.txt:Zone.Identifier", L":zone", 0);
    rename_stream("c.txt:zone", L":odd <NAME>*?", 0);
    rename_stream("c.txt:zone", L":odd <NAME>*?", 1);
    rename_stream("c.txt:odd <name>*?", L"plain", 0);
    list("c.txt");

    puts("read-only");
    SetFileAttributesA("c.txt", FILE_ATTRIBUTE_READONLY);
    put("c.txt:odd <name>*?", "x", OPEN_ALWAYS);
    put("c.txt:more", "x", OPEN_ALWAYS);
    get("c.txt:odd <name>*?");
    SetFileAttributesA("c.txt", FILE_ATTRIBUTE_NORMAL);

    puts("sizes");
    one = open("c.txt:odd <name>*?", GENERIC_READ | GENERIC_WRITE, 7, OPEN_EXISTING, 0);
    SetFilePointer(one, 3, 0, FILE_BEGIN);
    SetEndOfFile(one);
    BY_HANDLE_FILE_INFORMATION about, whole;
    GetFileInformationByHandle(one, &about);
    CloseHandle(one);
    one = open("c.txt", 0, 7, OPEN_EXISTING, 0);
    GetFileInformationByHandle(one, &whole);
    printf("%lu of %lu, the same file %d\n", about.nFileSizeLow, whole.nFileSizeLow, about.nFileIndexLow == whole.nFileIndexLow);
    CloseHandle(one);

    puts("removed");
    one = open("c.txt:odd <name>*?", GENERIC_READ | DELETE, 7, OPEN_EXISTING, FILE_FLAG_DELETE_ON_CLOSE);
    CloseHandle(one);
    list("c.txt");
    put("c.txt:second", "2", CREATE_NEW);
    put("c.txt:third", "3", CREATE_NEW);
    printf("%d\n", DeleteFileA("c.txt:second"));
    list("c.txt");
    put("c.txt", "again", CREATE_ALWAYS);
    list("c.txt");
    put("c.txt:last", "4", CREATE_NEW);
    one = open("c.txt:last", GENERIC_READ, 7, OPEN_EXISTING, 0);
    printf("%d\n", DeleteFileA("c.txt"));
    get("c.txt");
    CloseHandle(one);
    get("c.txt");
    put("c.txt", "another", CREATE_NEW);
    list("c.txt");
    DeleteFileA("c.txt");
    DeleteFileA("new.txt");
    DeleteFileA("dir\\in");
    RemoveDirectoryA("dir");
    SetCurrentDirectoryA("..");
    printf("empty %d\n", RemoveDirectoryA("emu-streams"));
    return 0;
}
