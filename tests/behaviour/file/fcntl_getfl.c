/* fcntl(2): F_GETFL tells how a file was opened, F_SETFL changes O_APPEND and O_NONBLOCK only. */
#include "../say.h"

int main(void)
{
    int mask = O_ACCMODE | O_APPEND | O_NONBLOCK, ends[2];
    put("file", "text");
    int fd = open("file", O_RDWR), reader = open("file", O_RDONLY), writer = open("file", O_WRONLY | O_APPEND | O_CREAT, 0644);
    check("O_RDWR", (fcntl(fd, F_GETFL) & mask) == O_RDWR);
    check("O_RDONLY", (fcntl(reader, F_GETFL) & mask) == O_RDONLY);
    check("O_WRONLY|O_APPEND, and no O_CREAT", (fcntl(writer, F_GETFL) & (mask | O_CREAT)) == (O_WRONLY | O_APPEND));
    say("F_SETFL", fcntl(fd, F_SETFL, O_APPEND | O_WRONLY | O_TRUNC));
    check("only O_APPEND came", (fcntl(fd, F_GETFL) & (mask | O_TRUNC)) == (O_RDWR | O_APPEND));
    say("write", write(fd, "+", 1));
    show("file");
    int copy = dup(fd);
    fcntl(copy, F_SETFL, 0);
    check("the copy shares it", (fcntl(fd, F_GETFL) & mask) == O_RDWR);
    pipe2(ends, O_NONBLOCK);
    char byte;
    check("O_NONBLOCK", (fcntl(ends[0], F_GETFL) & mask) == (O_RDONLY | O_NONBLOCK));
    say("nothing to read", read(ends[0], &byte, 1));
    say("of none", fcntl(999, F_GETFL));
    unlink("file");
    return 0;
}
