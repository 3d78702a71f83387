// Whether somebody may use something: a token, a descriptor, and what is wanted.
#include <stdio.h>
#include <windows.h>
#include <sddl.h>

static HANDLE token;

static void check(const char *text, DWORD wanted)
{
    GENERIC_MAPPING mapping = {0x120089, 0x120116, 0x1200a0, 0x1f01ff};
    PSECURITY_DESCRIPTOR descriptor = NULL;
    PRIVILEGE_SET set;
    DWORD size = sizeof set, granted = 7;
    BOOL allowed = 7;
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorA(text, SDDL_REVISION_1, &descriptor, NULL))
        printf("not converted: %lu\n", GetLastError());
    SetLastError(0);
    BOOL done = AccessCheck(descriptor, token, wanted, &mapping, &set, &size, &granted, &allowed);
    if (done) printf("%lx: %d, granted %lx\n", wanted, allowed, allowed ? granted : 0);
    else printf("%lx: error %lu\n", wanted, GetLastError());
    LocalFree(descriptor);
}

int main(void)
{
    HANDLE primary;
    OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY | TOKEN_DUPLICATE, &primary);
    DuplicateTokenEx(primary, TOKEN_ALL_ACCESS, NULL, SecurityImpersonation, TokenImpersonation, &token);
    printf("acts %d\n", SetThreadToken(NULL, token));
    printf("token %d\n", OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token));
    check("O:BAG:BAD:(A;;FR;;;WD)", 0x120089);
    check("O:BAG:BAD:(A;;FR;;;WD)", 0x2);
    check("O:BAG:BAD:(A;;GR;;;WD)", 0x1);
    check("O:SYG:SYD:(A;;FR;;;WD)", 0x40000);
    check("O:BAG:BAD:(A;;FR;;;WD)", 0x40000);
    check("O:SYG:SYD:(D;;0x1;;;BA)(A;;FA;;;WD)", 0x1);
    check("O:SYG:SYD:(D;;0x1;;;BA)(A;;FA;;;WD)", 0x2);
    check("O:SYG:SYD:(A;;0x1;;;WD)(D;;0x1;;;BA)", 0x1);
    check("O:SYG:SYD:(A;;FA;;;SY)", 0x1);
    check("O:SYG:SYD:(A;IOOI;FA;;;WD)", 0x1);
    check("O:SYG:SYD:", 0x1);
    check("O:SYG:SY", 0x1);
    check("O:SYG:SYD:(A;;FR;;;WD)", MAXIMUM_ALLOWED);
    check("O:SYG:SYD:(A;;FR;;;WD)", GENERIC_READ);
    check("D:(A;;FR;;;WD)", 0x1);
    token = primary;
    check("O:BAG:BAD:(A;;FR;;;WD)", 0x1);
    printf("reverted %d", RevertToSelf());
    printf(" %d", OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token));
    printf(" %lu\n", GetLastError());
    return 0;
}
