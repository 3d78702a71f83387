/* Keys that go into files and come out of them. Wine has files of another kind, and asks for no privilege to restore.
 * [Microsoft Learn, RegSaveKeyEx, RegRestoreKey, RegLoadKey, RegUnLoadKey, Registry Hives] */
#include <stdio.h>
#include <string.h>
#include <windows.h>
#include <winternl.h>
#include "privilege.h"

static LONG (NTAPI *NtSaveKey)(HANDLE, HANDLE);
static LONG (NTAPI *NtRestoreKey)(HANDLE, HANDLE, ULONG);
static LONG (NTAPI *NtLoadKey)(OBJECT_ATTRIBUTES *, OBJECT_ATTRIBUTES *);
static LONG (NTAPI *NtLoadKeyEx)(OBJECT_ATTRIBUTES *, OBJECT_ATTRIBUTES *, ULONG, HANDLE, HANDLE, ACCESS_MASK, HANDLE *, void *);
static LONG (NTAPI *NtUnloadKey)(OBJECT_ATTRIBUTES *);
static LONG (NTAPI *NtFlushKey)(HANDLE);

static HANDLE file(const char *name, DWORD how)
{
    return CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 7, 0, how, 0, 0);
}

static OBJECT_ATTRIBUTES *named(UNICODE_STRING *string, OBJECT_ATTRIBUTES *own, const wchar_t *name)
{
    string->Buffer = (WCHAR *)name;
    string->Length = 2 * wcslen(name);
    string->MaximumLength = string->Length + 2;
    InitializeObjectAttributes(own, string, OBJ_CASE_INSENSITIVE, 0, 0);
    return own;
}

static LONG load(const wchar_t *key, const wchar_t *path)
{
    UNICODE_STRING first, second;
    OBJECT_ATTRIBUTES target, source;
    return NtLoadKey(named(&first, &target, key), named(&second, &source, path));
}

static LONG unload(const wchar_t *key)
{
    UNICODE_STRING string;
    OBJECT_ATTRIBUTES target;
    return NtUnloadKey(named(&string, &target, key));
}

static void tell(HKEY key, int depth)
{
    char name[64];
    BYTE data[64];
    DWORD length, size, kind;
    for (DWORD index = 0; length = sizeof name, size = sizeof data,
         !RegEnumValueA(key, index, name, &length, 0, &kind, data, &size); index++)
        printf("%*s%s: %lu, %lu bytes, %02x\n", depth, "", name, kind, size, size ? data[size - 1] : 0);
    for (DWORD index = 0; length = sizeof name, !RegEnumKeyExA(key, index, name, &length, 0, 0, 0, 0); index++) {
        HKEY below;
        printf("%*s%s\n", depth, "", name);
        if (!RegOpenKeyExA(key, name, 0, KEY_READ, &below)) tell(below, depth + 1);
        RegCloseKey(below);
    }
}

static void number(HKEY key, const char *name, DWORD value)
{
    RegSetValueExA(key, name, 0, REG_DWORD, (BYTE *)&value, sizeof value);
}

int main(int argc, char **argv)
{
    char path[MAX_PATH];
    wchar_t wide[MAX_PATH], whole[MAX_PATH] = L"\\??\\";
    static BYTE large[50000], back[50000];
    HKEY key, below, passing;
    DWORD done, size = sizeof back;
    HMODULE ntdll = GetModuleHandleA("ntdll");
    setvbuf(stdout, 0, _IONBF, 0);
    NtSaveKey = (void *)GetProcAddress(ntdll, "NtSaveKey");
    NtRestoreKey = (void *)GetProcAddress(ntdll, "NtRestoreKey");
    NtLoadKey = (void *)GetProcAddress(ntdll, "NtLoadKey");
    NtLoadKeyEx = (void *)GetProcAddress(ntdll, "NtLoadKeyEx");
    NtUnloadKey = (void *)GetProcAddress(ntdll, "NtUnloadKey");
    NtFlushKey = (void *)GetProcAddress(ntdll, "NtFlushKey");
    GetTempPathA(MAX_PATH, path);
    SetCurrentDirectoryA(path);
    GetTempPathW(MAX_PATH, wide);
    wcscat(wide, L"emu-hive");
    wcscat(whole, wide);
    DeleteFileA("emu-hive");

    RegCreateKeyExA(HKEY_CURRENT_USER, "emu-hives", 0, 0, 0, KEY_ALL_ACCESS, 0, &key, 0);
    number(key, "number", 0x12345678);
    RegSetValueExA(key, "text", 0, REG_SZ, (BYTE *)"some text", 10);
    RegSetValueExA(key, "none", 0, REG_NONE, 0, 0);
    RegCreateKeyExA(key, "first\\inner", 0, 0, 0, KEY_ALL_ACCESS, 0, &below, 0);
    number(below, "deep", 7);
    RegCloseKey(below);
    RegCreateKeyExA(key, "second", 0, 0, 0, KEY_ALL_ACCESS, 0, &below, 0);
    RegCloseKey(below);
    RegCreateKeyExA(key, "passing", 0, 0, REG_OPTION_VOLATILE, KEY_ALL_ACCESS, 0, &passing, 0);
    RegCloseKey(passing);

    HANDLE out = file("emu-hive", CREATE_NEW);
    printf("save %08lx\n", NtSaveKey(key, out));
    enable("SeBackupPrivilege");
    printf("save %08lx\n", NtSaveKey(key, out));
    SetFilePointer(out, 0, 0, FILE_BEGIN);
    ReadFile(out, back, 48, &done, 0);
    printf("%.4s version %d.%d, bins %ld of %ld\n", back, back[20], back[24], *(LONG *)(back + 40), GetFileSize(out, 0) - 4096);
    CloseHandle(out);
    /* For another run, which begins with it. */
    if (argc > 1) {
        CopyFileA("emu-hive", argv[1], FALSE);
        return 0;
    }

    number(key, "new", 1);
    number(key, "number", 1);
    RegDeleteKeyA(key, "second");
    HANDLE in = file("emu-hive", OPEN_EXISTING);
    printf("restore %08lx\n", NtRestoreKey(key, in, 0));
    enable("SeRestorePrivilege");
    RegOpenKeyExA(key, "first", 0, KEY_READ, &below);
    printf("restore %08lx\n", NtRestoreKey(key, in, 0));
    printf("by force %08lx\n", NtRestoreKey(key, in, 8));
    printf("its key %ld\n", RegQueryInfoKeyA(below, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    RegCloseKey(below);
    tell(key, 1);
    SetFilePointer(in, 4096 + 32, 0, FILE_BEGIN);
    WriteFile(in, "wrong", 5, &done, 0);
    printf("corrupt %08lx\n", NtRestoreKey(key, in, 0));
    SetFilePointer(in, 0, 0, FILE_BEGIN);
    WriteFile(in, "wrong", 5, &done, 0);
    printf("none %08lx\n", NtRestoreKey(key, in, 0));
    CloseHandle(in);
    DeleteFileA("emu-hive");

    puts("loaded");
    printf("load %08lx\n", load(L"\\Registry\\Machine\\emu-loaded", whole));
    printf("again %08lx\n", load(L"\\Registry\\Machine\\emu-loaded", whole));
    printf("below %08lx\n", load(L"\\Registry\\Machine\\Software\\emu-loaded", whole));
    printf("open %ld\n", RegOpenKeyExA(HKEY_LOCAL_MACHINE, "emu-loaded", 0, KEY_ALL_ACCESS, &below));
    for (DWORD index = 0; index < sizeof large; index++) large[index] = index / 7;
    RegSetValueExA(below, "large", 0, REG_BINARY, large, sizeof large);
    number(below, "small", 3);
    printf("file %d\n", file("emu-hive", OPEN_EXISTING) != INVALID_HANDLE_VALUE);
    printf("flush %08lx\n", NtFlushKey(below));
    printf("unload %08lx\n", unload(L"\\Registry\\Machine\\emu-loaded"));
    RegCloseKey(below);
    printf("unload %08lx\n", unload(L"\\Registry\\Machine\\emu-loaded"));
    printf("gone %ld\n", RegOpenKeyExA(HKEY_LOCAL_MACHINE, "emu-loaded", 0, KEY_READ, &below));
    printf("not loaded %08lx\n", unload(L"\\Registry\\Machine\\Software"));
    printf("elsewhere %08lx\n", load(L"\\Registry\\User\\emu-other", whole));
    RegOpenKeyExA(HKEY_USERS, "emu-other", 0, KEY_READ, &below);
    LONG error = RegQueryValueExA(below, "large", 0, 0, back, &size);
    printf("large %ld %d\n", error, size == sizeof large && !memcmp(large, back, size));
    RegCloseKey(below);
    printf("unload %08lx\n", unload(L"\\Registry\\User\\emu-other"));
    UNICODE_STRING first, second;
    OBJECT_ATTRIBUTES target, source;
    HANDLE root = 0;
    named(&first, &target, L"\\Registry\\Machine\\emu-loaded");
    printf("with a handle %08lx", NtLoadKeyEx(&target, named(&second, &source, whole), 0, 0, 0, KEY_READ, &root, 0));
    printf(" %ld\n", RegQueryValueExA(root, "small", 0, 0, 0, &size));
    printf("unload %08lx\n", NtUnloadKey(&target));
    RegCloseKey(root);
    printf("unload %08lx\n", NtUnloadKey(&target));
    printf("removed %d\n", DeleteFileA("emu-hive"));
    RegDeleteTreeA(HKEY_CURRENT_USER, "emu-hives");
    return 0;
}
