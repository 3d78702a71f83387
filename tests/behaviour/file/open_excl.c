/* open(2): O_CREAT|O_EXCL makes a file once, and doesn't follow a symbolic link. */
#include "../say.h"

int main(void)
{
    int fd = open("made", O_CREAT | O_EXCL | O_WRONLY, 0644);
    check("first", fd >= 0);
    close(fd);
    say("again", open("made", O_CREAT | O_EXCL | O_WRONLY, 0644));
    say("symlink", symlink("absent", "link"));
    say("through a dangling link", open("link", O_CREAT | O_EXCL | O_WRONLY, 0644));
    say("absent stays so", access("absent", F_OK));
    fd = open("link", O_CREAT | O_WRONLY, 0644);
    check("without O_EXCL the link is followed", fd >= 0);
    close(fd);
    say("now it is there", access("absent", F_OK));
    unlink("made");
    unlink("link");
    unlink("absent");
    return 0;
}
