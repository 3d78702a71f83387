// The environment: what is there, and how it is changed.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static void is(const char *name, const char *value)
{
    const char *own = getenv(name);
    printf("%s %s\n", name, own && !strcmp(own, value) ? "as expected" : "otherwise");
}

int main(void)
{
    char text[400];
    is("SystemRoot", "C:\\windows");
    is("windir", "C:\\windows");
    is("OS", "Windows_NT");
    is("SystemDrive", "C:");
    is("ComSpec", "C:\\windows\\system32\\cmd.exe");
    is("processor_architecture", sizeof(void *) == 8 ? "AMD64" : "x86");
    printf("PATH %d\n", !strncmp(getenv("PATH"), "C:\\windows\\system32;C:\\windows", 30));
    for (const char **name = (const char *[]){"TEMP", "TMP", "USERPROFILE", "PUBLIC", "APPDATA", NULL}; *name; name++)
        printf("%s %d\n", *name, GetFileAttributesA(getenv(*name)) == FILE_ATTRIBUTE_DIRECTORY);
    putenv("OWN=one");
    printf("OWN=%s\n", getenv("own"));
    SetEnvironmentVariableA("OTHER", "two");
    printf("%lu %s\n", GetEnvironmentVariableA("other", text, sizeof text), text);
    printf("%lu %s\n", ExpandEnvironmentStringsA("%SystemRoot%\\%OTHER%", text, sizeof text), text);
    SetEnvironmentVariableA("OTHER", NULL);
    DWORD len = GetEnvironmentVariableA("OTHER", text, sizeof text);
    printf("%lu %lu\n", len, GetLastError());
    SetCurrentDirectoryA("C:\\windows");
    GetCurrentDirectoryA(sizeof text, text);
    printf("%s\n", text);
    return 0;
}
