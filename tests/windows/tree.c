/* Files and directories by their names, names of API sets, and time that passes. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* In the order of names with those of dots first, as systems list a directory in orders of their own. */
static void list(const char *pattern)
{
    WIN32_FIND_DATAA found;
    HANDLE search = FindFirstFileA(pattern, &found);
    char *names[16];
    int count = 0;
    if (search == INVALID_HANDLE_VALUE) {
        printf("none: %lu\n", GetLastError());
        return;
    }
    do
        names[count++] = strdup(found.cFileName);
    while (count < 16 && FindNextFileA(search, &found));
    FindClose(search);
    qsort(names, count, sizeof *names, by_name);
    for (int i = 0; i < count; i++)
        printf("%s%c", names[count > 2 && i < 2 ? 1 - i : i], i + 1 < count ? ' ' : '\n');
}

static void make(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    fputs(text, file);
    fclose(file);
}

/* Whether the library behind a name of an API set has a function. */
static int has(const char *set, const char *function)
{
    HMODULE library = LoadLibraryA(set);
    return library && GetProcAddress(library, function) != NULL;
}

int main(void)
{
    char line[64] = "";
    CreateDirectoryA("C:\\emu test", NULL);
    SetCurrentDirectoryA("C:\\emu test");
    make("a.txt", "line 1\n");
    make("b.TXT", "");
    make("c.dat", "");
    FILE *file = fopen("A.TXT", "r");
    if (!file || !fgets(line, sizeof line, file))
        return 1;
    fclose(file);
    printf("read: %s", line);
    list("*");
    list("*.txt");
    DWORD start = GetTickCount();
    Sleep(20);
    while (GetTickCount() - start < 40)
        ;
    printf("time passes\n");
    printf("stdio of kernelbase.dll: %d, of ucrtbase.dll: %d\n",
        has("api-ms-win-core-file-l1-2-0.dll", "puts"), has("api-ms-win-crt-stdio-l1-1-0.dll", "puts"));
    return 0;
}
