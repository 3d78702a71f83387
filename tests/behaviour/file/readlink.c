/* readlink(2): the text of a link, cut to the buffer and without a zero; EINVAL for what is no link. */
#include "../say.h"
#include <sys/stat.h>

int main(void)
{
    char text[64];
    memset(text, '#', sizeof text);
    say("symlink", symlink("some/where/else", "link"));
    say("readlink", readlink("link", text, sizeof text));
    printf("%.17s\n", text);
    memset(text, '#', sizeof text);
    say("cut", readlink("link", text, 4));
    printf("%.6s\n", text);
    struct stat st;
    lstat("link", &st);
    say("lstat's size", st.st_size);
    say("stat", stat("link", &st));
    put("file", "");
    say("of a file", readlink("file", text, sizeof text));
    say("of a directory", readlink(".", text, sizeof text));
    say("of nothing", readlink("absent", text, sizeof text));
    int dir = open(".", O_RDONLY | O_DIRECTORY);
    say("readlinkat", readlinkat(dir, "link", text, sizeof text));
    int link = open("link", O_PATH | O_NOFOLLOW);
    say("readlinkat of the descriptor itself", readlinkat(link, "", text, sizeof text));
    say("symlink once more", symlink("x", "link"));
    unlink("link");
    unlink("file");
    return 0;
}
