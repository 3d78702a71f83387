/* Each call that takes a path, on each kind of path: what it answers, and in which order it looks for what is wrong. */
#include "../say.h"
#include <ftw.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/time.h>

static const char *const paths[] = {
    "file", "file/", "file/.", "file/..", "file/x", "dir", "dir/", "dir/.", "dir/..", "dir/in", "dir/in/",
    "empty", "empty/", "empty/.", "empty/..", "flink", "flink/", "dlink", "dlink/", "dlink/in", "dlink/..",
    "dangling", "dangling/", "none", "none/", "none/.", "none/x", "dir/none", "dir/none/", "loop", "loop/",
    "loop/x", "", ".", "..", "./", "/", "/..", "dir/sub/../in", "to_new", "to_new/", "slashed",
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
    mkdir("dir", 0755);
    mkdir("dir/sub", 0755);
    put("dir/in", "inside");
    mkdir("empty", 0755);
    symlink("file", "flink");
    symlink("dir", "dlink");
    symlink("nowhere", "dangling");
    symlink("loop", "loop");
    symlink("dir/new", "to_new");
    symlink("dir/", "slashed");
}

static void answer(const char *call, const char *path, long result)
{
    printf("%s %s: %s\n", call, path, result < 0 ? strerror(errno) : "ok");
}

static long try(int call, const char *path)
{
    struct stat st;
    struct statfs fs;
    char text[64];
    int fd = -1;
    switch (call) {
    case 0: return stat(path, &st);
    case 1: return lstat(path, &st);
    case 2: fd = open(path, O_RDONLY); break;
    case 3: fd = open(path, O_RDWR); break;
    case 4: fd = open(path, O_WRONLY | O_CREAT, 0600); break;
    case 5: fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600); break;
    case 6: fd = open(path, O_RDONLY | O_NOFOLLOW); break;
    case 7: fd = open(path, O_RDONLY | O_DIRECTORY); break;
    case 8: fd = open(path, O_PATH | O_NOFOLLOW); break;
    case 9: fd = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW, 0600); break;
    case 10: return mkdir(path, 0700);
    case 11: return rmdir(path);
    case 12: return unlink(path);
    case 13: return symlink("x", path);
    case 14: return readlink(path, text, sizeof text);
    case 15: return truncate(path, 2);
    case 16: return access(path, R_OK);
    case 17: return chmod(path, 0700);
    case 18: return mknod(path, S_IFREG | 0600, 0);
    case 19: return mkfifo(path, 0600);
    case 20: return utimes(path, NULL);
    case 21: return statfs(path, &fs);
    case 22: return chdir(path);
    case 23: return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
    case 24: fd = open(path, O_RDONLY | O_TRUNC); break;
    case 25: fd = open(path, O_PATH | O_DIRECTORY); break;
    case 26: return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW);
    case 27: return fchmodat(AT_FDCWD, path, 0700, 0);
    case 28: return utimensat(AT_FDCWD, path, NULL, AT_SYMLINK_NOFOLLOW);
    case 29: return chown(path, -1, -1);
    case 30: return lchown(path, -1, -1);
    }
    if (fd >= 0)
        close(fd);
    return fd;
}

static const char *const calls[] = {
    "stat", "lstat", "open", "open RDWR", "open CREAT", "open EXCL", "open NOFOLLOW", "open DIRECTORY",
    "open PATH|NOFOLLOW", "open CREAT|NOFOLLOW", "mkdir", "rmdir", "unlink", "symlink", "readlink", "truncate",
    "access", "chmod", "mknod", "mkfifo", "utimes", "statfs", "chdir", "unlinkat REMOVEDIR", "open TRUNC",
    "open PATH|DIRECTORY", "faccessat NOFOLLOW", "fchmodat", "utimensat NOFOLLOW", "chown", "lchown",
};

int main(void)
{
    getcwd(work, sizeof work - 9);
    strcat(work, "/work");
    for (unsigned call = 0; call < sizeof calls / sizeof *calls; call++)
        for (unsigned i = 0; i < sizeof paths / sizeof *paths; i++) {
            /* What would change the parent, or the root. */
            int outside = !strcmp(paths[i], "..") || paths[i][0] == '/' || strstr(paths[i], "/..") != NULL;
            if (outside && (call == 17 || call == 20 || call == 27 || call == 28))
                continue;
            fresh();
            answer(calls[call], paths[i], try(call, paths[i]));
        }
    fresh();
    nftw(".", forget, 8, FTW_DEPTH | FTW_PHYS);
    chdir("/");
    rmdir(work);
    return 0;
}
