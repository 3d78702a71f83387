/* How a program enables a privilege of its own, and tells whether it could. */
#include <stdio.h>
#include <windows.h>

static void enable(const char *name)
{
    TOKEN_PRIVILEGES wish = { 1, { { { 0, 0 }, SE_PRIVILEGE_ENABLED } } };
    HANDLE token;
    OpenProcessToken(GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES, &token);
    LookupPrivilegeValueA(0, name, &wish.Privileges[0].Luid);
    AdjustTokenPrivileges(token, FALSE, &wish, 0, 0, 0);
    printf("%s: error %lu\n", name, GetLastError());
    CloseHandle(token);
}
