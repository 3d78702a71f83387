/* Keys and values through advapi32: made, set, enumerated, asked for, renamed and removed. */
#include <windows.h>
#include <stdio.h>
#include <string.h>

static const char own[] = "Software\\emu test";

int main(void)
{
    HKEY key, child, again;
    DWORD made, type, size, keys, values, longest, index, number = 0x12345678;
    unsigned long long wide = 0x1122334455667788ull;
    char name[64], data[64];
    LONG error;

    RegDeleteTreeA(HKEY_LOCAL_MACHINE, own);
    error = RegCreateKeyExA(HKEY_LOCAL_MACHINE, own, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, &made);
    printf("create %ld %lu\n", error, made);
    error = RegCreateKeyExA(HKEY_LOCAL_MACHINE, own, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &again, &made);
    printf("again %ld %lu\n", error, made);
    RegCloseKey(again);
    printf("set %ld", RegSetValueExA(key, "text", 0, REG_SZ, (BYTE *)"hello", 6));
    printf(" %ld", RegSetValueExA(key, "number", 0, REG_DWORD, (BYTE *)&number, 4));
    printf(" %ld", RegSetValueExA(key, "wide", 0, REG_QWORD, (BYTE *)&wide, 8));
    printf(" %ld", RegSetValueExA(key, "bytes", 0, REG_BINARY, (BYTE *)"\1\2\3", 3));
    printf(" %ld", RegSetValueExA(key, "many", 0, REG_MULTI_SZ, (BYTE *)"a\0b\0", 5));
    printf(" %ld\n", RegSetValueExA(key, NULL, 0, REG_SZ, (BYTE *)"default", 8));
    size = sizeof data;
    error = RegQueryValueExA(key, "TEXT", NULL, &type, (BYTE *)data, &size);
    printf("text %ld %lu %lu %s\n", error, type, size, data);
    size = 2;
    error = RegQueryValueExA(key, "text", NULL, &type, (BYTE *)data, &size);
    printf("short %ld %lu\n", error, size);
    size = sizeof data;
    printf("nothing %ld\n", RegQueryValueExA(key, "nothing", NULL, NULL, (BYTE *)data, &size));
    for (index = 0; index < 3; index++) {
        sprintf(name, "child %lu", index);
        RegCreateKeyA(key, name, &child);
        RegCloseKey(child);
    }
    error = RegQueryInfoKeyA(key, NULL, NULL, NULL, &keys, &longest, NULL, &values, NULL, NULL, NULL, NULL);
    printf("info %ld: %lu keys, %lu, %lu values\n", error, keys, longest, values);
    for (index = 0; size = sizeof name, !RegEnumKeyExA(key, index, name, &size, NULL, NULL, NULL, NULL); index++)
        printf("key %s\n", name);
    printf("rename %ld\n", RegRenameKey(key, L"child 1", L"renamed"));
    printf("old %ld\n", RegOpenKeyA(key, "child 1", &child));
    printf("new %ld\n", RegOpenKeyA(key, "RENAMED", &child));
    RegCloseKey(child);
    printf("delete %ld", RegDeleteValueA(key, "many"));
    printf(" %ld", RegDeleteValueA(key, "many"));
    printf(" %ld\n", RegDeleteKeyA(key, "child 0"));
    printf("full %ld\n", RegDeleteKeyA(HKEY_LOCAL_MACHINE, own) != 0);
    RegCloseKey(key);
    printf("tree %ld", RegDeleteTreeA(HKEY_LOCAL_MACHINE, own));
    printf(" %ld\n", RegOpenKeyA(HKEY_LOCAL_MACHINE, own, &key));
    return 0;
}
