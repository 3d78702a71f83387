/* Keys by the calls of ntdll and advapi32: volatile ones, links, classes, rights of handles, news of changes, several
   values at once, and what is there from the start. */
#include <windows.h>
#include <winternl.h>
#include <stdio.h>
#include <string.h>

NTSTATUS NTAPI NtCreateKey(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, ULONG, UNICODE_STRING *, ULONG, ULONG *);
NTSTATUS NTAPI NtOpenKey(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *);
NTSTATUS NTAPI NtOpenKeyEx(HANDLE *, ACCESS_MASK, OBJECT_ATTRIBUTES *, ULONG);
NTSTATUS NTAPI NtDeleteKey(HANDLE);
NTSTATUS NTAPI NtSetValueKey(HANDLE, UNICODE_STRING *, ULONG, ULONG, const void *, ULONG);
NTSTATUS NTAPI NtQueryValueKey(HANDLE, UNICODE_STRING *, int, void *, ULONG, ULONG *);
NTSTATUS NTAPI NtDeleteValueKey(HANDLE, UNICODE_STRING *);
NTSTATUS NTAPI NtQueryKey(HANDLE, int, void *, ULONG, ULONG *);
NTSTATUS NTAPI NtEnumerateKey(HANDLE, ULONG, int, void *, ULONG, ULONG *);
NTSTATUS NTAPI NtFlushKey(HANDLE);
NTSTATUS NTAPI NtNotifyChangeKey(HANDLE, HANDLE, void *, void *, IO_STATUS_BLOCK *, ULONG, BOOLEAN, void *, ULONG, BOOLEAN);

static HANDLE top;

static OBJECT_ATTRIBUTES *named(HANDLE root, const WCHAR *name, ULONG flags)
{
    static OBJECT_ATTRIBUTES attributes;
    static UNICODE_STRING string;

    RtlInitUnicodeString(&string, name);
    InitializeObjectAttributes(&attributes, &string, OBJ_CASE_INSENSITIVE | flags, root, NULL);
    return &attributes;
}

static NTSTATUS set(HANDLE key, const WCHAR *name, ULONG type, const void *data, ULONG size)
{
    UNICODE_STRING string;

    RtlInitUnicodeString(&string, name);
    return NtSetValueKey(key, &string, 0, type, data, size);
}

static void volatiles(void)
{
    HANDLE above, below;
    ULONG made = 0;

    printf("volatile %lx", NtCreateKey(&above, KEY_ALL_ACCESS, named(top, L"volatile", 0), 0, NULL, REG_OPTION_VOLATILE, &made));
    printf(" %lu", made);
    printf(" other %lx", NtCreateKey(&below, KEY_ALL_ACCESS, named(above, L"below", 0), 0, NULL, 0, &made));
    printf(" same %lx", NtCreateKey(&below, KEY_ALL_ACCESS, named(above, L"below", 0), 0, NULL, REG_OPTION_VOLATILE, &made));
    printf(" deep %lx\n", NtCreateKey(&below, KEY_ALL_ACCESS, named(top, L"no\\such", 0), 0, NULL, 0, &made));
}

static void links(void)
{
    static const WCHAR target[] = L"\\Registry\\Machine\\Software\\emu native\\target";
    HANDLE there, link, found, nowhere;
    ULONG made, size, number = 5;
    char buffer[256];
    UNICODE_STRING name;

    NtCreateKey(&there, KEY_ALL_ACCESS, named(top, L"target", 0), 0, NULL, 0, &made);
    set(there, L"number", REG_DWORD, &number, 4);
    printf("link %lx", NtCreateKey(&link, KEY_ALL_ACCESS, named(top, L"link", 0), 0, NULL, REG_OPTION_CREATE_LINK, &made));
    printf(" empty %lx", NtOpenKey(&nowhere, KEY_ALL_ACCESS, named(top, L"link", 0)));
    printf(" other %lx", set(link, L"number", REG_DWORD, &number, 4));
    printf(" set %lx", set(link, L"SymbolicLinkValue", REG_LINK, target, sizeof target - sizeof(WCHAR)));
    printf(" again %lx\n", NtCreateKey(&found, KEY_ALL_ACCESS, named(top, L"link", 0), 0, NULL, REG_OPTION_CREATE_LINK, &made));
    printf("open %lx", NtOpenKey(&found, KEY_ALL_ACCESS, named(top, L"link", 0)));
    RtlInitUnicodeString(&name, L"number");
    printf(" value %lx", NtQueryValueKey(found, &name, 2, buffer, sizeof buffer, &size));
    printf(" %lu", *(ULONG *)(buffer + 12));
    NtClose(found);
    NtCreateKey(&found, KEY_ALL_ACCESS, named(top, L"link\\below", 0), 0, NULL, 0, &made);
    NtClose(found);
    printf(" below %lx", NtOpenKey(&found, KEY_ALL_ACCESS, named(top, L"target\\below", 0)));
    NtDeleteKey(found);
    NtClose(found);
    printf(" itself %lx", NtOpenKey(&found, KEY_ALL_ACCESS, named(top, L"link", OBJ_OPENLINK)));
    printf(" value %lx", NtQueryValueKey(found, &name, 2, buffer, sizeof buffer, &size));
    printf(" delete %lx", NtDeleteKey(found));
    NtClose(found);
    NtClose(link);
    printf(" gone %lx", NtOpenKey(&found, KEY_ALL_ACCESS, named(top, L"link", 0)));
    printf(" there %lx\n", NtOpenKey(&found, KEY_ALL_ACCESS, named(top, L"target", 0)));
}

static void classes(void)
{
    UNICODE_STRING class;
    HANDLE key;
    ULONG made, size = 0, *words;
    char buffer[256];

    RtlInitUnicodeString(&class, L"a class");
    NtCreateKey(&key, KEY_ALL_ACCESS, named(top, L"classy", 0), 0, &class, 0, &made);
    memset(buffer, 0, sizeof buffer);
    words = (ULONG *)buffer;
    printf("full %lx", NtQueryKey(key, 2, buffer, sizeof buffer, &size));
    printf(" %lu: at %lu, %lu, %.*ls", size, words[3], words[4], (int)words[4] / 2, (WCHAR *)(buffer + words[3]));
    printf(" short %lx", NtQueryKey(key, 2, buffer, 46, &size));
    printf(" shorter %lx\n", NtQueryKey(key, 2, buffer, 20, &size));
    printf("cached %lx", NtQueryKey(top, 4, buffer, sizeof buffer, &size));
    printf(" %lu keys, longest %lu\n", words[3], words[4]);
}

static void rights(void)
{
    HANDLE key;
    ULONG size, number = 1;
    char buffer[256];
    UNICODE_STRING name;

    RtlInitUnicodeString(&name, L"number");
    NtOpenKey(&key, KEY_READ, named(top, L"target", 0));
    printf("read: set %lx", set(key, L"number", REG_DWORD, &number, 4));
    printf(" remove %lx", NtDeleteValueKey(key, &name));
    printf(" query %lx\n", NtQueryValueKey(key, &name, 2, buffer, sizeof buffer, &size));
    NtClose(key);
    NtOpenKey(&key, KEY_SET_VALUE, named(top, L"target", 0));
    printf("set: set %lx", set(key, L"number", REG_DWORD, &number, 4));
    printf(" query %lx", NtQueryValueKey(key, &name, 2, buffer, sizeof buffer, &size));
    printf(" keys %lx", NtEnumerateKey(key, 0, 0, buffer, sizeof buffer, &size));
    printf(" name %d\n", NtQueryKey(key, 3, buffer, sizeof buffer, &size) == 0);
    NtClose(key);
    NtOpenKey(&key, MAXIMUM_ALLOWED, named(top, L"target", 0));
    printf("most: set %lx flush %lx\n", set(key, L"number", REG_DWORD, &number, 4), NtFlushKey(key));
    NtClose(key);
}

static DWORD WINAPI changes(void *argument)
{
    HANDLE key;
    ULONG made;

    (void)argument;
    Sleep(50);
    NtCreateKey(&key, KEY_ALL_ACCESS, named(top, L"fresh", 0), 0, NULL, 0, &made);
    NtDeleteKey(key);
    NtClose(key);
    return 0;
}

static void news(void)
{
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, NULL), below, watched, thread;
    ULONG made, number = 2;
    HKEY key;

    RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"Software\\emu native", 0, KEY_ALL_ACCESS, &key);
    NtOpenKey(&below, KEY_ALL_ACCESS, named(top, L"target", 0));
    printf("names %ld", RegNotifyChangeKeyValue(key, FALSE, REG_NOTIFY_CHANGE_NAME, event, TRUE));
    set(top, L"number", REG_DWORD, &number, 4);
    printf(" value %lu", WaitForSingleObject(event, 0));
    NtCreateKey(&watched, KEY_ALL_ACCESS, named(below, L"deep", 0), 0, NULL, 0, &made);
    printf(" deep %lu", WaitForSingleObject(event, 0));
    NtClose(watched);
    NtCreateKey(&watched, KEY_ALL_ACCESS, named(top, L"fresh", 0), 0, NULL, 0, &made);
    printf(" made %lu", WaitForSingleObject(event, 0));
    NtDeleteKey(watched);
    NtClose(watched);
    printf(" once %lu\n", WaitForSingleObject(event, 0));
    RegCloseKey(key);
    printf("cleanup %lu", WaitForSingleObject(event, 0));
    RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"Software\\emu native", 0, KEY_ALL_ACCESS, &key);
    printf(" tree %ld", RegNotifyChangeKeyValue(key, TRUE, REG_NOTIFY_CHANGE_LAST_SET, event, TRUE));
    set(below, L"number", REG_DWORD, &number, 4);
    printf(" %lu", WaitForSingleObject(event, 0));
    RegCloseKey(key);
    RegOpenKeyExW(HKEY_LOCAL_MACHINE, L"Software\\emu native", 0, KEY_ALL_ACCESS, &key);
    thread = CreateThread(NULL, 0, changes, NULL, 0, NULL);
    printf(" waits %ld", RegNotifyChangeKeyValue(key, TRUE, REG_NOTIFY_CHANGE_NAME, NULL, FALSE));
    WaitForSingleObject(thread, INFINITE);
    ResetEvent(event);
    RegNotifyChangeKeyValue(key, TRUE, REG_NOTIFY_CHANGE_NAME, event, TRUE);
    RegCloseKey(key);
    printf(" closed %lu\n", WaitForSingleObject(event, 0));
    NtOpenKey(&watched, KEY_READ & ~KEY_NOTIFY, named(top, L"target", 0));
    {
        IO_STATUS_BLOCK io;
        printf("no right %lx\n", NtNotifyChangeKey(watched, event, NULL, NULL, &io, 1, FALSE, NULL, 0, TRUE));
    }
    NtClose(watched);
}

static void text(HKEY root, const char *path, const char *name)
{
    char data[128] = "";
    DWORD size = sizeof data, type = 0;
    LONG error = RegGetValueA(root, path, name, RRF_RT_ANY | RRF_NOEXPAND, &type, data, &size);

    printf("%s %ld %lu %d\n", name, error, type, size > 0);
}

static void beginning(void)
{
    static const char nt[] = "Software\\Microsoft\\Windows NT\\CurrentVersion";
    HKEY key, other;

    text(HKEY_LOCAL_MACHINE, nt, "CurrentBuild");
    text(HKEY_LOCAL_MACHINE, nt, "ProductName");
    text(HKEY_LOCAL_MACHINE, "Hardware\\Description\\System\\CentralProcessor\\0", "VendorIdentifier");
    text(HKEY_LOCAL_MACHINE, "Hardware\\Description\\System\\CentralProcessor\\0", "~MHz");
    text(HKEY_LOCAL_MACHINE, "System\\CurrentControlSet\\Control\\Session Manager\\Environment", "ComSpec");
    text(HKEY_LOCAL_MACHINE, "System\\CurrentControlSet\\Control\\Nls\\CodePage", "ACP");
    printf("current config %ld\n", RegOpenKeyExA(HKEY_CURRENT_CONFIG, NULL, 0, KEY_READ, &key));
    printf("volatile %ld", RegCreateKeyExA(HKEY_LOCAL_MACHINE, "Hardware\\emu", 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, NULL));
    printf(" classes %ld", RegCreateKeyA(HKEY_CLASSES_ROOT, "emu.test", &key));
    printf(" there %ld", RegOpenKeyA(HKEY_LOCAL_MACHINE, "Software\\Classes\\emu.test", &other));
    printf(" gone %ld\n", RegDeleteKeyA(HKEY_CLASSES_ROOT, "emu.test"));
    /* Only Windows of 64 bits have another view for 32 bits. */
    RegCreateKeyExA(HKEY_LOCAL_MACHINE, "Software\\emu narrow", 0, NULL, 0, KEY_ALL_ACCESS | KEY_WOW64_32KEY, NULL, &key, NULL);
    printf("narrow %d", (RegOpenKeyA(HKEY_LOCAL_MACHINE, "Software\\emu narrow", &other) == 0) == (sizeof(void *) == 4));
    printf(" %d", (RegOpenKeyA(HKEY_LOCAL_MACHINE, "Software\\Wow6432Node\\emu narrow", &other) == 0) == (sizeof(void *) == 8));
    printf(" gone %ld\n", RegDeleteKeyExA(HKEY_LOCAL_MACHINE, "Software\\emu narrow", KEY_WOW64_32KEY, 0));
}

int main(void)
{
    HKEY key;

    setvbuf(stdout, NULL, _IONBF, 0);
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, L"Software\\emu native");
    RegCreateKeyW(HKEY_LOCAL_MACHINE, L"Software\\emu native", &key);
    NtOpenKey(&top, KEY_ALL_ACCESS, named(NULL, L"\\Registry\\Machine\\Software\\emu native", 0));
    volatiles();
    links();
    classes();
    rights();
    news();
    beginning();
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, L"Software\\emu native");
    return 0;
}
