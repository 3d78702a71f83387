/* Who may use an object: descriptors that are given at its making, told and changed, and what is opened by them.
 * [Microsoft Learn, DACLs and ACEs; SetSecurityInfo; SetFileSecurity; DACL for a New Object; How AccessCheck Works] */
#include <stdio.h>
#include <string.h>
#include <windows.h>
#include <winternl.h>
#include <aclapi.h>
#include <sddl.h>
#include "privilege.h"

static SECURITY_DESCRIPTOR *from(const char *text)
{
    PSECURITY_DESCRIPTOR own = 0;
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorA(text, SDDL_REVISION_1, &own, 0)) printf("no descriptor: %s\n", text);
    return own;
}

static SECURITY_ATTRIBUTES *given(const char *text)
{
    static SECURITY_ATTRIBUTES attributes = { sizeof attributes };
    attributes.lpSecurityDescriptor = from(text);
    return &attributes;
}

/* What is known of an object that is opened. */
static void tell(const char *what, HANDLE object, DWORD parts)
{
    ULONGLONG space[64];
    DWORD length = 0;
    char *text = 0;
    SetLastError(0);
    if (!GetKernelObjectSecurity(object, parts, space, sizeof space, &length)) printf("%s: error %lu\n", what, GetLastError());
    else if (ConvertSecurityDescriptorToStringSecurityDescriptorA(space, SDDL_REVISION_1, parts, &text, 0)) printf("%s: %s\n", what, text);
}

static void result(const char *what, HANDLE object)
{
    DWORD error = GetLastError();
    if (object && object != INVALID_HANDLE_VALUE) {
        printf("%s: opened\n", what);
        CloseHandle(object);
    } else printf("%s: error %lu\n", what, error);
}

static HANDLE file(DWORD access)
{
    SetLastError(0);
    return CreateFileA("emu-secured", access, 7, 0, OPEN_EXISTING, 0, 0);
}

int main(int argc, char **argv)
{
    char path[MAX_PATH];
    ULONGLONG space[64];
    DWORD length;
    HANDLE object, other;
    HKEY key, below;
    setvbuf(stdout, 0, _IONBF, 0);

    puts("events");
    object = CreateEventA(given("D:(D;;0x2;;;WD)(A;;0x1f0003;;;WD)"), 0, 0, "emu secured");
    tell("made", object, DACL_SECURITY_INFORMATION);
    result("wait", OpenEventA(SYNCHRONIZE, 0, "emu secured"));
    result("set", OpenEventA(EVENT_MODIFY_STATE, 0, "emu secured"));
    printf("by its maker %d\n", SetEvent(object));
    SetLastError(0);
    printf("little room %d", GetKernelObjectSecurity(object, DACL_SECURITY_INFORMATION, space, 8, &length));
    printf(" error %lu needs %lu\n", GetLastError(), length);
    other = OpenEventA(SYNCHRONIZE, 0, "emu secured");
    tell("by one that only waits", other, DACL_SECURITY_INFORMATION);
    printf("changed by it %d", SetKernelObjectSecurity(other, DACL_SECURITY_INFORMATION, from("D:(A;;0x1f0003;;;WD)")));
    printf(" error %lu\n", GetLastError());
    HANDLE twin = 0;
    SetLastError(0);
    printf("doubled for less %d", DuplicateHandle(GetCurrentProcess(), other, GetCurrentProcess(), &twin, SYNCHRONIZE, 0, 0));
    printf(" error %lu\n", GetLastError());
    CloseHandle(twin);
    printf("doubled for more %d", DuplicateHandle(GetCurrentProcess(), other, GetCurrentProcess(), &twin, EVENT_MODIFY_STATE, 0, 0));
    printf(" error %lu\n", GetLastError());
    CloseHandle(other);
    other = OpenEventA(WRITE_DAC | READ_CONTROL, 0, "emu secured");
    printf("changed %lu\n", SetSecurityInfo(other, SE_KERNEL_OBJECT, DACL_SECURITY_INFORMATION, 0, 0, 0, 0));
    CloseHandle(other);
    result("set by all", OpenEventA(EVENT_MODIFY_STATE, 0, "emu secured"));
    /* What comes now Wine does in other ways. */
    if (argc > 1) return 0;
    printf("emptied %d\n", SetKernelObjectSecurity(object, DACL_SECURITY_INFORMATION, from("D:")));
    tell("empty", object, DACL_SECURITY_INFORMATION);
    result("wait", OpenEventA(SYNCHRONIZE, 0, "emu secured"));
    result("made again", CreateEventA(0, 0, 0, "emu secured"));
    result("the owner changes it", OpenEventA(WRITE_DAC | READ_CONTROL, 0, "emu secured"));
    result("as much as there is", OpenEventA(MAXIMUM_ALLOWED, 0, "emu secured"));
    CloseHandle(object);

    puts("generic access");
    object = CreateMutexA(given("D:(A;;GA;;;WD)(A;;GR;;;SY)"), 0, 0);
    tell("mutex", object, DACL_SECURITY_INFORMATION);
    CloseHandle(object);

    puts("files");
    GetTempPathA(MAX_PATH, path);
    SetCurrentDirectoryA(path);
    DeleteFileA("emu-secured");
    object = CreateFileA("emu-secured", GENERIC_READ | GENERIC_WRITE, 7, given("D:(A;;FR;;;WD)"), CREATE_ALWAYS, 0, 0);
    CloseHandle(object);
    result("read", file(GENERIC_READ));
    result("write", file(GENERIC_WRITE));
    result("written over", CreateFileA("emu-secured", GENERIC_READ, 7, 0, TRUNCATE_EXISTING, 0, 0));
    printf("set %d\n", SetFileSecurityA("emu-secured", DACL_SECURITY_INFORMATION, from("D:P(D;;0x1;;;WD)(A;;FA;;;WD)")));
    result("read", file(FILE_READ_DATA));
    result("write", file(FILE_WRITE_DATA | SYNCHRONIZE));
    printf("asked %d", GetFileSecurityA("emu-secured", DACL_SECURITY_INFORMATION, space, sizeof space, &length));
    printf(" error %lu\n", GetLastError());
    printf("set %d\n", SetFileSecurityA("emu-secured", DACL_SECURITY_INFORMATION, from("D:P(A;;FA;;;WD)")));
    result("read", file(GENERIC_READ));
    MoveFileA("emu-secured", "emu-moved");
    printf("asked %d\n", GetFileSecurityA("emu-moved", DACL_SECURITY_INFORMATION, space, sizeof space, &length));
    char *text = 0;
    ConvertSecurityDescriptorToStringSecurityDescriptorA(space, SDDL_REVISION_1, DACL_SECURITY_INFORMATION, &text, 0);
    printf("moved %s\n", text);
    DeleteFileA("emu-moved");

    puts("directories");
    CreateDirectoryA("emu-folder", given("D:P(A;OICI;FA;;;WD)"));
    object = CreateFileA("emu-folder\\in", GENERIC_ALL, 7, 0, CREATE_NEW, 0, 0);
    tell("in it", object, DACL_SECURITY_INFORMATION);
    CloseHandle(object);
    object = CreateFileA("emu-folder\\given", GENERIC_ALL, 7, given("D:(A;;FR;;;WD)"), CREATE_NEW, FILE_FLAG_DELETE_ON_CLOSE, 0);
    tell("with its own", object, DACL_SECURITY_INFORMATION);
    CloseHandle(object);
    object = CreateFileA("emu-folder\\given", GENERIC_ALL, 7, given("D:P(A;;FR;;;WD)"), CREATE_NEW, FILE_FLAG_DELETE_ON_CLOSE, 0);
    tell("with no others", object, DACL_SECURITY_INFORMATION);
    CloseHandle(object);
    CreateDirectoryA("emu-folder\\sub", 0);
    object = CreateFileA("emu-folder\\sub", READ_CONTROL, 7, 0, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, 0);
    tell("below it", object, DACL_SECURITY_INFORMATION);
    CloseHandle(object);
    RemoveDirectoryA("emu-folder\\sub");
    SetFileSecurityA("emu-folder", DACL_SECURITY_INFORMATION, from("D:P(D;;0x42;;;WD)(A;;FA;;;WD)"));
    result("made in it", CreateFileA("emu-folder\\more", GENERIC_READ, 7, 0, CREATE_NEW, 0, 0));
    SetFileSecurityA("emu-folder\\in", DACL_SECURITY_INFORMATION, from("D:P(A;;FR;;;WD)"));
    printf("removed %d", DeleteFileA("emu-folder\\in"));
    printf(" error %lu\n", GetLastError());
    SetFileSecurityA("emu-folder", DACL_SECURITY_INFORMATION, from("D:P(A;;FA;;;WD)"));
    printf("removed %d\n", DeleteFileA("emu-folder\\in"));
    printf("removed %d\n", RemoveDirectoryA("emu-folder"));

    puts("keys");
    RegDeleteKeyA(HKEY_CURRENT_USER, "emu-secured");
    RegCreateKeyExA(HKEY_CURRENT_USER, "emu-secured", 0, 0, 0, KEY_ALL_ACCESS, 0, &key, 0);
    printf("set %ld\n", RegSetKeySecurity(key, DACL_SECURITY_INFORMATION, from("D:P(D;;0x6;;;WD)(A;CI;KA;;;WD)")));
    printf("write %ld\n", RegOpenKeyExA(HKEY_CURRENT_USER, "emu-secured", 0, KEY_WRITE, &below));
    printf("below %ld\n", RegCreateKeyExA(key, "below", 0, 0, 0, KEY_READ, 0, &below, 0));
    length = sizeof space;
    printf("asked %ld\n", RegGetKeySecurity(key, DACL_SECURITY_INFORMATION, space, &length));
    printf("set %ld\n", RegSetKeySecurity(key, DACL_SECURITY_INFORMATION, from("D:P(A;CI;KA;;;WD)")));
    printf("below %ld\n", RegCreateKeyExA(key, "below", 0, 0, 0, KEY_ALL_ACCESS, 0, &below, 0));
    tell("inherited", below, DACL_SECURITY_INFORMATION);
    RegCloseKey(below);
    RegDeleteKeyA(key, "below");
    RegCloseKey(key);
    RegDeleteKeyA(HKEY_CURRENT_USER, "emu-secured");

    puts("pipes, mailslots, threads");
    object = CreateNamedPipeA("\\\\.\\pipe\\emu secured", PIPE_ACCESS_DUPLEX, 0, 4, 64, 64, 0, given("D:(A;;FR;;;WD)"));
    tell("pipe", object, DACL_SECURITY_INFORMATION);
    result("write", CreateFileA("\\\\.\\pipe\\emu secured", GENERIC_WRITE, 0, 0, OPEN_EXISTING, 0, 0));
    result("read", CreateFileA("\\\\.\\pipe\\emu secured", GENERIC_READ, 0, 0, OPEN_EXISTING, 0, 0));
    result("another", CreateNamedPipeA("\\\\.\\pipe\\emu secured", PIPE_ACCESS_DUPLEX, 0, 4, 64, 64, 0, 0));
    CloseHandle(object);
    object = CreateMailslotA("\\\\.\\mailslot\\emu secured", 0, 0, given("D:(A;;FR;;;WD)"));
    result("message", CreateFileA("\\\\.\\mailslot\\emu secured", GENERIC_WRITE, 7, 0, OPEN_EXISTING, 0, 0));
    CloseHandle(object);
    DWORD number;
    object = CreateThread(given("D:(A;;0x800;;;WD)"), 0, (void *)ExitThread, 0, CREATE_SUSPENDED, &number);
    result("to end it", OpenThread(THREAD_TERMINATE, 0, number));
    result("to ask it", OpenThread(THREAD_QUERY_LIMITED_INFORMATION, 0, number));
    ResumeThread(object);
    CloseHandle(object);

    puts("processes");
    DWORD id = GetCurrentProcessId();
    PACL list;
    BOOL there, usual;
    GetSecurityDescriptorDacl(from("D:(D;;0x1;;;WD)(A;;0x1fffff;;;WD)"), &there, &list, &usual);
    printf("set %lu\n", SetSecurityInfo(GetCurrentProcess(), SE_KERNEL_OBJECT, DACL_SECURITY_INFORMATION, 0, 0, list, 0));
    result("to end it", OpenProcess(PROCESS_TERMINATE, 0, id));
    result("to ask it", OpenProcess(PROCESS_QUERY_INFORMATION, 0, id));
    enable("SeDebugPrivilege");
    result("to end it", OpenProcess(PROCESS_TERMINATE, 0, id));

    puts("owners");
    object = CreateEventA(0, 0, 0, 0);
    printf("given away %d", SetKernelObjectSecurity(object, OWNER_SECURITY_INFORMATION, from("O:SY")));
    printf(" error %lu\n", GetLastError());
    printf("own %d\n", SetKernelObjectSecurity(object, OWNER_SECURITY_INFORMATION, from("O:BA")));
    enable("SeRestorePrivilege");
    printf("given away %d\n", SetKernelObjectSecurity(object, OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION, from("O:SYG:BU")));
    tell("then", object, OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION);
    tell("recorded", object, SACL_SECURITY_INFORMATION);
    CloseHandle(object);

    puts("what is recorded");
    object = CreateEventA(0, 0, 0, "emu recorded");
    result("by everybody", OpenEventA(ACCESS_SYSTEM_SECURITY, 0, "emu recorded"));
    enable("SeSecurityPrivilege");
    other = OpenEventA(ACCESS_SYSTEM_SECURITY, 0, "emu recorded");
    printf("set %d\n", SetKernelObjectSecurity(other, SACL_SECURITY_INFORMATION, from("S:(AU;SAFA;0x1f0003;;;WD)")));
    tell("then", other, SACL_SECURITY_INFORMATION);
    return 0;
}
