/* open(2): O_DIRECTORY wants a directory; a directory can't be opened for writing. */
#include "../say.h"
#include <sys/stat.h>

int main(void)
{
    put("file", "text");
    say("mkdir", mkdir("dir", 0755));
    say("O_DIRECTORY of a file", open("file", O_RDONLY | O_DIRECTORY));
    int fd = open("dir", O_RDONLY | O_DIRECTORY);
    check("O_DIRECTORY of a directory", fd >= 0);
    char byte;
    say("read of a directory", read(fd, &byte, 1));
    close(fd);
    say("writing", open("dir", O_WRONLY));
    say("O_CREAT on it", open("dir", O_RDONLY | O_CREAT, 0644));
    say("a file with a slash behind", open("file/", O_RDONLY));
    fd = open("dir/", O_RDONLY);
    check("a directory with a slash behind", fd >= 0);
    close(fd);
    fd = open("dir", O_PATH);
    check("O_PATH", fd >= 0);
    say("read of O_PATH", read(fd, &byte, 1));
    close(fd);
    rmdir("dir");
    unlink("file");
    return 0;
}
