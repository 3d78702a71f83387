/* open(2): O_NOFOLLOW fails when the last part of the path is a symbolic link, and only the last. */
#include "../say.h"
#include <sys/stat.h>

int main(void)
{
    mkdir("dir", 0755);
    put("dir/file", "text");
    symlink("dir", "to_dir");
    symlink("dir/file", "to_file");
    say("link to a file", open("to_file", O_RDONLY | O_NOFOLLOW));
    say("link to a directory", open("to_dir", O_RDONLY | O_NOFOLLOW | O_DIRECTORY));
    int fd = open("to_dir/file", O_RDONLY | O_NOFOLLOW);
    check("link in the middle", fd >= 0);
    close(fd);
    fd = open("to_file", O_PATH | O_NOFOLLOW);
    check("O_PATH of the link itself", fd >= 0);
    struct stat st;
    say("fstat", fstat(fd, &st));
    check("it is a link", S_ISLNK(st.st_mode));
    close(fd);
    show("to_file");
    unlink("to_dir");
    unlink("to_file");
    unlink("dir/file");
    rmdir("dir");
    return 0;
}
