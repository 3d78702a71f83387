/* readdir(3), telldir(3): 500 entries, each once; back to a place, and back to the start. */
#include "../say.h"
#include <dirent.h>
#include <sys/stat.h>

int main(void)
{
    char name[32], after[256] = "";
    static int seen[500];
    mkdir("dir", 0755);
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "dir/%03d-some-more-text", i);
        close(open(name, O_CREAT | O_WRONLY, 0644));
    }
    DIR *dir = opendir("dir");
    struct dirent *entry;
    long place = 0;
    int count = 0, twice = 0;
    while ((entry = readdir(dir))) {
        count++;
        if (entry->d_name[0] != '.')
            twice += seen[atoi(entry->d_name)]++;
        if (count == 250)
            place = telldir(dir);
        if (count == 251)
            strcpy(after, entry->d_name);
    }
    say("entries", count);
    say("seen twice", twice);
    seekdir(dir, place);
    check("the entry after the place", !strcmp(readdir(dir)->d_name, after));
    rewinddir(dir);
    for (count = 0; (entry = readdir(dir)); count++)
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(dir), entry->d_name, 0);
    say("entries once more, each removed", count);
    closedir(dir);
    say("rmdir", rmdir("dir"));
    return 0;
}
