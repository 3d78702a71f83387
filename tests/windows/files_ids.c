/* Files that are opened by their numbers and by object IDs.
 * [Microsoft Learn, OpenFileById, FSCTL_CREATE_OR_GET_OBJECT_ID; MS-FSA 2.1.5.10] */
#include <stdio.h>
#include <string.h>
#include <windows.h>
#include <winioctl.h>
#include <winternl.h>

static HANDLE any;

static void get(const char *what, FILE_ID_DESCRIPTOR *id, DWORD access)
{
    char text[32];
    DWORD done = 0;
    SetLastError(0);
    HANDLE file = OpenFileById(any, id, access, 7, 0, 0);
    if (file == INVALID_HANDLE_VALUE) printf("%s: error %lu\n", what, GetLastError());
    else {
        ReadFile(file, text, sizeof text, &done, 0);
        printf("%s: \"%.*s\"\n", what, (int)done, text);
        CloseHandle(file);
    }
}

/* Wine's OpenFileById knows numbers only. */
static void by_object(const char *what, BYTE *id)
{
    char text[32];
    DWORD done = 0;
    HANDLE file;
    IO_STATUS_BLOCK block;
    UNICODE_STRING name = { 16, 16, (WCHAR *)id };
    OBJECT_ATTRIBUTES attributes;
    LONG (NTAPI *NtOpen)(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, IO_STATUS_BLOCK *, ULONG, ULONG);
    NtOpen = (void *)GetProcAddress(GetModuleHandleA("ntdll"), "NtOpenFile");
    InitializeObjectAttributes(&attributes, &name, 0, any, 0);
    LONG status = NtOpen(&file, FILE_READ_DATA | SYNCHRONIZE, &attributes, &block, 7, 0x2020);
    printf("%s: %08lx", what, status);
    if (!status) {
        ReadFile(file, text, sizeof text, &done, 0);
        printf(" \"%.*s\"", (int)done, text);
        CloseHandle(file);
    }
    printf("\n");
}

static void control(const char *what, HANDLE file, DWORD code, FILE_OBJECTID_BUFFER *in, FILE_OBJECTID_BUFFER *out)
{
    DWORD done = 0;
    SetLastError(0);
    DeviceIoControl(file, code, in, in ? sizeof *in : 0, out, out ? sizeof *out : 0, &done, 0);
    printf("%s: error %lu, %lu bytes\n", what, GetLastError(), done);
}

int main(int argc, char **argv)
{
    char path[MAX_PATH];
    DWORD done;
    BY_HANDLE_FILE_INFORMATION about;
    FILE_ID_DESCRIPTOR id = { sizeof id, FileIdType };
    FILE_OBJECTID_BUFFER first, again;
    BYTE object[16];
    setvbuf(stdout, 0, _IONBF, 0);
    GetTempPathA(MAX_PATH, path);
    SetCurrentDirectoryA(path);
    any = CreateFileA(".", GENERIC_READ, 7, 0, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, 0);
    HANDLE file = CreateFileA("emu-id", GENERIC_READ | GENERIC_WRITE, 7, 0, CREATE_ALWAYS, 0, 0);
    WriteFile(file, "content", 7, &done, 0);
    GetFileInformationByHandle(file, &about);
    id.FileId.LowPart = about.nFileIndexLow;
    id.FileId.HighPart = about.nFileIndexHigh;
    get("by number", &id, GENERIC_READ);
    MoveFileA("emu-id", "emu-id-moved");
    get("moved", &id, GENERIC_READ);
    if (argc > 1) {
        CloseHandle(file);
        DeleteFileA("emu-id-moved");
        return 0;
    }
    id.FileId.QuadPart ^= 0x7000000000000000;
    get("another", &id, GENERIC_READ);
    id.FileId.QuadPart ^= 0x7000000000000000;

    control("none", file, FSCTL_GET_OBJECT_ID, 0, &first);
    control("made", file, FSCTL_CREATE_OR_GET_OBJECT_ID, 0, &first);
    control("again", file, FSCTL_CREATE_OR_GET_OBJECT_ID, 0, &again);
    printf("the same %d, born so %d\n", !memcmp(&first, &again, sizeof first), !memcmp(first.ObjectId, first.BirthObjectId, 16));
    control("little room", file, FSCTL_GET_OBJECT_ID, 0, 0);
    memcpy(object, first.ObjectId, 16);
    by_object("by object ID", object);
    control("set", file, FSCTL_SET_OBJECT_ID, &first, 0);
    control("removed", file, FSCTL_DELETE_OBJECT_ID, 0, 0);
    control("once more", file, FSCTL_DELETE_OBJECT_ID, 0, 0);
    control("gone", file, FSCTL_GET_OBJECT_ID, 0, &first);
    by_object("by object ID", object);
    CloseHandle(file);
    DeleteFileA("emu-id-moved");
    get("removed", &id, GENERIC_READ);
    return 0;
}
