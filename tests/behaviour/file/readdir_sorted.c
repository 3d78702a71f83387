/* readdir(3), getdents64(2): every entry once, with . and .., of the right type. */
#include "../say.h"
#include <dirent.h>
#include <sys/stat.h>

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

int main(void)
{
    struct dirent **names;
    mkdir("dir", 0755);
    mkdir("dir/sub", 0755);
    put("dir/file", "");
    put("dir/.hidden", "");
    put("dir/a longer name, with spaces", "");
    symlink("file", "dir/link");
    int count = scandir("dir", &names, NULL, by_name);
    say("entries", count);
    for (int i = 0; i < count; i++) {
        struct stat st;
        fstatat(open("dir", O_PATH), names[i]->d_name, &st, AT_SYMLINK_NOFOLLOW);
        unsigned type = names[i]->d_type == DT_UNKNOWN ? IFTODT(st.st_mode) : names[i]->d_type;
        printf("%s %u %s\n", names[i]->d_name, type, type == IFTODT(st.st_mode) ? "right" : "WRONG");
    }
    const char *const all[] = {"dir/file", "dir/.hidden", "dir/a longer name, with spaces", "dir/link"};
    for (int i = 0; i < 4; i++)
        unlink(all[i]);
    rmdir("dir/sub");
    say("entries left", scandir("dir", &names, NULL, NULL));
    rmdir("dir");
    return 0;
}
