/* Files get other names and lose theirs; temporary ones, directories with something in them, views, locks. */
#include <stdio.h>
#include <windows.h>

static void there(const char *name)
{
    printf(" %s:%d", name, GetFileAttributesA(name) != INVALID_FILE_ATTRIBUTES);
}

int main(void)
{
    char path[MAX_PATH], bytes[16] = { 0 };
    HANDLE file, section;
    DWORD count;
    char *view;
    FILE *stream;

    GetTempPathA(MAX_PATH, path);
    SetCurrentDirectoryA(path);
    CreateDirectoryA("emu-files", 0);
    printf("inside %d\n", SetCurrentDirectoryA("emu-files"));
    stream = fopen("a.txt", "w");
    fprintf(stream, "line %d\n", 1);
    fclose(stream);
    printf("move %d", MoveFileA("a.txt", "b.txt"));
    there("a.txt");
    there("b.txt");
    printf("\ncopy %d", CopyFileA("b.txt", "c.txt", TRUE));
    printf(" %d", CopyFileA("b.txt", "c.txt", TRUE));
    printf(" %lu\n", GetLastError());
    printf("onto %d", MoveFileA("b.txt", "c.txt"));
    printf(" %lu", GetLastError());
    printf(" %d", MoveFileExA("b.txt", "c.txt", MOVEFILE_REPLACE_EXISTING));
    there("b.txt");
    printf("\nremove %d", remove("c.txt"));
    there("c.txt");
    printf(" %d", DeleteFileA("c.txt"));
    printf(" %lu\n", GetLastError());

    file = CreateFileA("d.txt", GENERIC_READ | GENERIC_WRITE | DELETE, FILE_SHARE_READ | FILE_SHARE_DELETE, 0, CREATE_NEW,
                       FILE_FLAG_DELETE_ON_CLOSE, 0);
    WriteFile(file, "0123456789", 10, &count, 0);
    SetFilePointer(file, 4, 0, FILE_BEGIN);
    ReadFile(file, bytes, 3, &count, 0);
    printf("read %lu %s", count, bytes);
    SetFilePointer(file, 6, 0, FILE_BEGIN);
    printf(" end %d", SetEndOfFile(file));
    printf(" %lu\n", GetFileSize(file, 0));
    section = CreateFileMappingA(file, 0, PAGE_READWRITE, 0, 0, 0);
    view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    view[0] = 'x';
    UnmapViewOfFile(view);
    CloseHandle(section);
    SetFilePointer(file, 0, 0, FILE_BEGIN);
    ReadFile(file, bytes, 3, &count, 0);
    printf("view %s\n", bytes);
    CloseHandle(file);
    printf("closed");
    there("d.txt");
    CreateDirectoryA("e", 0);
    fclose(fopen("e\\f", "w"));
    printf("\nfull %d", RemoveDirectoryA("e"));
    printf(" %lu", GetLastError());
    DeleteFileA("e\\f");
    printf(" %d", RemoveDirectoryA("e"));
    there("e");
    printf("\nrename %d\n", rename("none", "other"));
    SetCurrentDirectoryA("..");
    printf("gone %d\n", RemoveDirectoryA("emu-files"));
    return 0;
}
