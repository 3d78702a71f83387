/* sendfile(2): into a socket that waits, all of it, however often there is no room meanwhile. */
#include "../tasks.h"
#include <sys/sendfile.h>
#include <sys/socket.h>

enum { SIZE = 3 << 20 };

int main(void)
{
    static char bytes[SIZE];
    int sockets[2];
    int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0644);
    for (int at = 0; at < SIZE; at++)
        bytes[at] = at * 2654435761u >> 24;
    say("written", write(fd, bytes, SIZE));
    socketpair(AF_UNIX, SOCK_STREAM, 0, sockets);
    pid_t pid = fork();
    if (pid == 0) {
        int at = 0, wrong = 0, count;
        char part[5000];
        close(sockets[0]);
        while ((count = read(sockets[1], part, sizeof part)) > 0) {
            for (int i = 0; i < count; i++)
                wrong += at + i + 5000 >= SIZE || part[i] != bytes[at + i + 5000];
            at += count;
        }
        return at != SIZE - 5000 || wrong;
    }
    close(sockets[1]);
    off_t offset = 5000;
    say("sent", sendfile(sockets[0], fd, &offset, 2 * SIZE));
    say("up to", offset);
    say("the file's own", lseek(fd, 0, SEEK_CUR));
    close(sockets[0]);
    reap("who read it", pid);

    socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets);
    offset = 0;
    long sent = sendfile(sockets[0], fd, &offset, SIZE);
    check("without waiting a part", sent > 0 && sent < SIZE && offset == sent);
    say("then none", sendfile(sockets[0], fd, &offset, SIZE));
    check("which moves nothing", offset == sent);
    unlink("file");
    return 0;
}
