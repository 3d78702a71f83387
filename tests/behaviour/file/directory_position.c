/* telldir(3), seekdir(3), rewinddir(3): places in a directory. */
#include "../tasks.h"
#include <dirent.h>
#include <sys/stat.h>

int main(void)
{
    enum { count = 30 };
    char name[32], third[256], other[256];
    mkdir("dir", 0755);
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "dir/file%02d", i);
        put(name, "");
    }
    DIR *dir = opendir("dir");
    struct dirent *entry;
    int total = 0, dots = 0, files = 0;
    long place = 0;
    while ((entry = readdir(dir))) {
        if (++total == 3)
            strcpy(third, entry->d_name);
        if (total == 2)
            place = telldir(dir);
        dots += entry->d_name[0] == '.';
        files += entry->d_type == DT_REG;
    }
    say("entries", total);
    say("dots", dots);
    say("files", files);
    seekdir(dir, place);
    strcpy(other, readdir(dir)->d_name);
    check("the third again", !strcmp(third, other));
    rewinddir(dir);
    int again = 0;
    while (readdir(dir))
        again++;
    say("again", again);
    put("dir/new", "");
    rewinddir(dir);
    int seen = 0;
    while ((entry = readdir(dir)))
        seen += !strcmp(entry->d_name, "new");
    say("a new one is seen after rewinddir", seen);
    closedir(dir);
    unlink("dir/new");
    for (int i = 0; i < count; i++) {
        snprintf(name, sizeof name, "dir/file%02d", i);
        unlink(name);
    }
    say("rmdir", rmdir("dir"));
    return 0;
}
