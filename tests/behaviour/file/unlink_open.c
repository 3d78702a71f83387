/* unlink(2): a file without a name lives until it is closed. */
#include "../say.h"
#include <sys/stat.h>

int main(void)
{
    char text[16] = "";
    struct stat st;
    int fd = open("file", O_RDWR | O_CREAT, 0644);
    write(fd, "still here", 10);
    say("unlink", unlink("file"));
    say("again", unlink("file"));
    say("open", open("file", O_RDONLY));
    fstat(fd, &st);
    say("links", st.st_nlink);
    say("pread", pread(fd, text, sizeof text, 0));
    puts(text);
    say("write", write(fd, "!", 1));
    put("file", "another");
    fstat(fd, &st);
    say("size", st.st_size);
    show("file");
    close(fd);
    say("unlink of a directory", unlink("."));
    unlink("file");
    return 0;
}
