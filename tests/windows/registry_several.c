/* Several values of a key by one call, and where links of Windows lead, which Wine has neither of.
   [Microsoft Learn, RegQueryMultipleValues; Windows Internals, The registry: symbolic links] */
#include <windows.h>
#include <winternl.h>
#include <stdio.h>
#include <string.h>

NTSTATUS NTAPI NtQueryKey(HANDLE, int, void *, ULONG, ULONG *);

static void leads(HKEY root, const char *path)
{
    char buffer[512];
    ULONG size, length;
    HKEY key;

    RegOpenKeyExA(root, path, 0, KEY_READ, &key);
    printf("name %lx", NtQueryKey(key, 3, buffer, sizeof buffer, &size));
    length = *(ULONG *)buffer;
    printf(" %.*ls\n", (int)length / 2, (WCHAR *)(buffer + 4));
    RegCloseKey(key);
}

int main(void)
{
    UNICODE_STRING names[3];
    KEY_VALUE_ENTRY entries[3] = {{&names[0]}, {&names[1]}, {&names[2]}};
    ULONG number = 7, length = 64, needed = 0;
    char data[64];
    HKEY key;

    RtlInitUnicodeString(&names[0], L"text");
    RtlInitUnicodeString(&names[1], L"bytes");
    RtlInitUnicodeString(&names[2], L"number");
    RegCreateKeyW(HKEY_CURRENT_USER, L"several", &key);
    RegSetValueExA(key, "text", 0, REG_SZ, (BYTE *)"ab", 3);
    RegSetValueExA(key, "bytes", 0, REG_BINARY, (BYTE *)"xyzzy", 5);
    RegSetValueExA(key, "number", 0, REG_DWORD, (BYTE *)&number, 4);
    printf("all %lx", NtQueryMultipleValueKey(key, entries, 3, data, &length, &needed));
    printf(" %lu %lu: %lu %lu %lu", length, needed, entries[0].DataLength, entries[0].DataOffset, entries[0].Type);
    printf(", %lu %lu %lu", entries[1].DataLength, entries[1].DataOffset, entries[1].Type);
    printf(", %lu %lu %lu", entries[2].DataLength, entries[2].DataOffset, entries[2].Type);
    printf(" %ls %.5s %lu\n", (WCHAR *)data, data + entries[1].DataOffset, *(ULONG *)(data + entries[2].DataOffset));
    length = 14;
    printf("short %lx", NtQueryMultipleValueKey(key, entries, 3, data, &length, &needed));
    printf(" %lu %lu\n", length, needed);
    RtlInitUnicodeString(&names[1], L"nothing");
    length = 64;
    printf("missing %lx\n", NtQueryMultipleValueKey(key, entries, 3, data, &length, NULL));
    RegDeleteTreeW(HKEY_CURRENT_USER, L"several");
    leads(HKEY_LOCAL_MACHINE, "System\\CurrentControlSet\\Services");
    leads(HKEY_CURRENT_USER, "Software\\Classes");
    leads(HKEY_LOCAL_MACHINE, "System\\CurrentControlSet\\Hardware Profiles\\Current");
    return 0;
}
