/* open(2), access(2): a user who is not root may what the bits of modes let him. */
#include "../tasks.h"
#include <sys/stat.h>

int main(void)
{
    chmod(".", 0777);
    umask(0);
    pid_t pid = fork();
    if (pid == 0) {
        if (geteuid() == 0 && (setresgid(1000, 1000, 1000) || setresuid(1000, 1000, 1000)))
            say("dropping", -1);
        put("mine", "text");
        mkdir("dir", 0755);
        put("dir/file", "text");
        struct stat st;
        stat("mine", &st);
        check("its owner", st.st_uid == getuid());
        chmod("mine", 0);
        say("read 000", open("mine", O_RDONLY));
        say("access 000", access("mine", R_OK));
        say("F_OK", access("mine", F_OK));
        chmod("mine", 0400);
        check("read 400", open("mine", O_RDONLY) >= 0);
        say("write 400", open("mine", O_WRONLY));
        say("truncate 400", truncate("mine", 0));
        chmod("mine", 0077);
        say("the owner's bits count, not the others'", open("mine", O_RDONLY));
        chmod("dir", 0600);
        say("a directory without x", open("dir/file", O_RDONLY));
        say("chdir", chdir("dir"));
        chmod("dir", 0300);
        check("without r, a known name", open("dir/file", O_RDONLY) >= 0);
        say("the list of names", open("dir", O_RDONLY));
        chmod("dir", 0500);
        say("without w, a new name", open("dir/new", O_WRONLY | O_CREAT, 0644));
        say("unlink", unlink("dir/file"));
        say("rename", rename("dir/file", "dir/other"));
        check("write to an old name", open("dir/file", O_WRONLY) >= 0);
        say("mkdir in /proc", mkdir("/proc/x", 0755) == -1);
        chmod("dir", 0700);
        unlink("dir/file");
        rmdir("dir");
        unlink("mine");
        return 0;
    }
    reap("child", pid);
    return 0;
}
