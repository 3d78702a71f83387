// The user: who that is, and what that one may do.
#include <stdio.h>
#include <windows.h>
#include <sddl.h>

static HANDLE token;
static char info[4000];

static BOOL ask(TOKEN_INFORMATION_CLASS class)
{
    DWORD len = 0;
    if (GetTokenInformation(token, class, info, sizeof info, &len)) return TRUE;
    printf("class %d: error %lu\n", class, GetLastError());
    return FALSE;
}

static void sid(const char *what, PSID sid)
{
    char *text;
    if (ConvertSidToStringSidA(sid, &text)) printf("%s %s\n", what, text);
    LocalFree(text);
}

int main(void)
{
    DWORD len;
    BOOL is;
    HANDLE other;
    OpenProcessToken(GetCurrentProcess(), TOKEN_ALL_ACCESS, &token);
    if (ask(TokenUser)) sid("user", ((TOKEN_USER *)info)->User.Sid);
    if (ask(TokenGroups)) {
        TOKEN_GROUPS *groups = (TOKEN_GROUPS *)info;
        for (DWORD i = 0; i < groups->GroupCount; i++) {
            sid("group", groups->Groups[i].Sid);
            printf("  %lx\n", groups->Groups[i].Attributes);
        }
    }
    if (ask(TokenPrivileges)) {
        TOKEN_PRIVILEGES *all = (TOKEN_PRIVILEGES *)info;
        for (DWORD i = 0; i < all->PrivilegeCount; i++)
            printf(" %lu:%lx", all->Privileges[i].Luid.LowPart, all->Privileges[i].Attributes);
        printf("\n");
    }
    if (ask(TokenIntegrityLevel)) sid("level", ((TOKEN_MANDATORY_LABEL *)info)->Label.Sid);
    if (ask(TokenElevation)) printf("elevated %lu\n", *(DWORD *)info);
    if (ask(TokenType)) printf("type %lu\n", *(DWORD *)info);
    ask(TokenImpersonationLevel);
    is = GetTokenInformation(token, TokenUser, info, 4, &len);
    printf("too small: %d, error %lu, %d\n", is, GetLastError(), len > 4);
    is = OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &other);
    printf("thread: %d, error %lu\n", is, GetLastError());
    TOKEN_PRIVILEGES wish = {1}, before;
    LookupPrivilegeValueA(NULL, SE_DEBUG_NAME, &wish.Privileges[0].Luid);
    PRIVILEGE_SET set = {1, PRIVILEGE_SET_ALL_NECESSARY};
    set.Privilege[0] = wish.Privileges[0];
    PrivilegeCheck(token, &set, &is);
    wish.Privileges[0].Attributes = SE_PRIVILEGE_ENABLED;
    printf("debug %d", is);
    is = AdjustTokenPrivileges(token, FALSE, &wish, sizeof before, &before, &len);
    printf(", set %d, error %lu, before %lx\n", is, GetLastError(), before.Privileges[0].Attributes);
    printf("copied %d\n", DuplicateToken(token, SecurityImpersonation, &other));
    PrivilegeCheck(other, &set, &is);
    printf("debug %d\n", is);
    wish.Privileges[0].Luid.LowPart = 99;
    AdjustTokenPrivileges(token, FALSE, &wish, 0, NULL, NULL);
    printf("error %lu\n", GetLastError());
    SID_IDENTIFIER_AUTHORITY nt = SECURITY_NT_AUTHORITY;
    PSID administrators;
    AllocateAndInitializeSid(&nt, 2, 32, 544, 0, 0, 0, 0, 0, 0, &administrators);
    CheckTokenMembership(NULL, administrators, &is);
    printf("administrator %d\n", is);
    is = GetKernelObjectSecurity(GetCurrentProcess(), OWNER_SECURITY_INFORMATION, info, sizeof info, &len);
    PSID owner;
    BOOL defaulted;
    if (is && GetSecurityDescriptorOwner(info, &owner, &defaulted)) sid("owner", owner);
    return 0;
}
