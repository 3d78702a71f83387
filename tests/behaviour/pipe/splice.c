/* splice(2): bytes go between a pipe and a file, without a buffer. */
#include "../tasks.h"

int main(void)
{
    int fds[2];
    pipe(fds);
    put("from", "abcdefghijklmnop");
    int from = open("from", O_RDONLY), to = open("to", O_RDWR | O_CREAT | O_TRUNC, 0644);
    say("file to pipe", splice(from, NULL, fds[1], NULL, 5, 0));
    say("the file's offset", lseek(from, 0, SEEK_CUR));
    off64_t offset = 10;
    say("from an offset", splice(from, &offset, fds[1], NULL, 3, 0));
    say("which moved", offset);
    say("the file's did not", lseek(from, 0, SEEK_CUR));
    say("pipe to file", splice(fds[0], NULL, to, NULL, 100, 0));
    show("to");
    offset = 2;
    write(fds[1], "XY", 2);
    say("to an offset", splice(fds[0], NULL, to, &offset, 2, 0));
    show("to");
    say("empty, SPLICE_F_NONBLOCK", splice(fds[0], NULL, to, NULL, 1, SPLICE_F_NONBLOCK));
    say("no pipe", splice(from, NULL, to, NULL, 1, 0));
    say("an offset of a pipe", splice(fds[0], &offset, to, NULL, 1, 0));
    lseek(from, 0, SEEK_END);
    say("the end of the file", splice(from, NULL, fds[1], NULL, 5, 0));
    int others[2];
    char text[8] = "";
    pipe(others);
    write(fds[1], "pipe", 4);
    say("pipe to pipe", splice(fds[0], NULL, others[1], NULL, 3, 0));
    read(others[0], text, 7);
    puts(text);
    close(fds[1]);
    splice(fds[0], NULL, others[1], NULL, 3, 0);
    say("the end of the pipe", splice(fds[0], NULL, others[1], NULL, 3, 0));
    unlink("from");
    unlink("to");
    return 0;
}
