/* sendfile(2): from a file into a pipe or a socket, at the file's offset or another. */
#include "../tasks.h"
#include <sys/sendfile.h>
#include <sys/socket.h>

int main(void)
{
    int fds[2], sockets[2];
    char text[32] = "";
    put("file", "abcdefghijklmnop");
    int fd = open("file", O_RDONLY);
    pipe(fds);
    socketpair(AF_UNIX, SOCK_STREAM, 0, sockets);
    say("into a pipe", sendfile(fds[1], fd, NULL, 4));
    say("offset", lseek(fd, 0, SEEK_CUR));
    off_t offset = 10;
    say("into a socket", sendfile(sockets[0], fd, &offset, 100));
    say("moved", offset);
    say("the file's is not", lseek(fd, 0, SEEK_CUR));
    say("read", read(fds[0], text, 31));
    puts(text);
    memset(text, 0, sizeof text);
    say("read", read(sockets[1], text, 31));
    puts(text);
    say("at the end", sendfile(fds[1], fd, &offset, 1));
    say("from a pipe", sendfile(sockets[0], fds[0], NULL, 1) == -1);
    say("from a writer", sendfile(fds[1], open("file", O_WRONLY), NULL, 1));
    say("to a reader", sendfile(fd, fd, NULL, 1));
    unlink("file");
    return 0;
}
