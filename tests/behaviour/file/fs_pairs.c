/* Each call that takes two paths, on pairs of each kind within one file system: rename with its flags, link, linkat. */
#include "../say.h"
#include <ftw.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static const char *const paths[] = {
    "file", "file/", "dir", "dir/", "dir/.", "dir/in", "dir/sub/new", "empty", "empty/", "flink", "dlink", "dlink/",
    "dangling", "none", "none/", "loop/x", "", ".", "hard", "dir/sub/..", "file/x", "dir2",
};

static char work[4096];

static int forget(const char *path, const struct stat *st, int flag, struct FTW *at)
{
    (void)st, (void)flag;
    return at->level == 0 ? 0 : remove(path);
}

static void fresh(void)
{
    if (chdir(work) == 0) {
        nftw(".", forget, 8, FTW_DEPTH | FTW_PHYS);
    } else {
        mkdir(work, 0755);
        chdir(work);
    }
    put("file", "text");
    put("file2", "text2");
    link("file", "hard");
    mkdir("dir", 0755);
    mkdir("dir/sub", 0755);
    put("dir/in", "inside");
    mkdir("dir2", 0755);
    mkdir("full", 0755);
    put("full/one", "");
    mkdir("empty", 0755);
    mkdir("empty2", 0755);
    symlink("file", "flink");
    symlink("dir", "dlink");
    symlink("nowhere", "dangling");
    symlink("loop", "loop");
}

/* All that is there afterwards, in few characters. */
static unsigned sum;

static int add(const char *path, const struct stat *st, int flag, struct FTW *at)
{
    (void)flag, (void)at;
    unsigned one = S_ISDIR(st->st_mode) ? 1 : S_ISLNK(st->st_mode) ? 2 : 3 + st->st_nlink + 10 * st->st_size;
    for (; *path; path++)
        one = one * 31 + (unsigned char)*path;
    sum += one * one;
    return 0;
}

static unsigned state(void)
{
    sum = 0;
    if (chdir(work) != 0)
        return 0;
    nftw(".", add, 8, FTW_PHYS);
    return sum;
}

int main(void)
{
    getcwd(work, sizeof work - 9);
    strcat(work, "/work");
    int changed = 1;
    for (int call = 0; call < 5; call++)
        for (unsigned i = 0; i < sizeof paths / sizeof *paths; i++)
            for (unsigned j = 0; j < sizeof paths / sizeof *paths; j++) {
                static const char *const names[] = {
                    "rename", "rename NOREPLACE", "rename EXCHANGE", "link", "linkat FOLLOW",
                };
                int result = -1;
                /* What fails changes nothing: if it did, the next lines would tell. */
                if (changed)
                    fresh();
                switch (call) {
                case 0: result = rename(paths[i], paths[j]); break;
                case 1: result = renameat2(AT_FDCWD, paths[i], AT_FDCWD, paths[j], RENAME_NOREPLACE); break;
                case 2: result = renameat2(AT_FDCWD, paths[i], AT_FDCWD, paths[j], RENAME_EXCHANGE); break;
                case 3: result = link(paths[i], paths[j]); break;
                case 4: result = linkat(AT_FDCWD, paths[i], AT_FDCWD, paths[j], AT_SYMLINK_FOLLOW); break;
                }
                int error = errno;
                changed = result == 0;
                printf("%s %s %s: %s %08x\n", names[call], paths[i], paths[j],
                       result < 0 ? strerror(error) : "ok", state());
            }
    fresh();
    nftw(".", forget, 8, FTW_DEPTH | FTW_PHYS);
    chdir("/");
    rmdir(work);
    return 0;
}
