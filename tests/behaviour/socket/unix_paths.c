/* unix(7): bind(2), listen(2), connect(2), accept(2) by a path. */
#include "../tasks.h"
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

int main(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"}, peer;
    socklen_t size = sizeof peer;
    char text[16] = "";
    int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
    say("connect to nothing", connect(client, (void *)&address, sizeof address));
    say("bind", bind(server, (void *)&address, sizeof address));
    struct stat st;
    stat("socket", &st);
    check("S_ISSOCK", S_ISSOCK(st.st_mode));
    say("connect before listen", connect(client, (void *)&address, sizeof address));
    say("open", open("socket", O_RDWR));
    say("listen", listen(server, 5));
    say("connect", connect(client, (void *)&address, sizeof address));
    say("again", connect(client, (void *)&address, sizeof address));
    int other = accept(server, (void *)&peer, &size);
    check("accept", other >= 0);
    say("a client without a name", size);
    size = sizeof peer;
    say("getpeername", getpeername(client, (void *)&peer, &size));
    say("size", size - offsetof(struct sockaddr_un, sun_path));
    puts(peer.sun_path);
    write(client, "to the server", 13);
    say("read", read(other, text, 15));
    puts(text);
    close(other);
    say("the end", read(client, text, 15));
    int second = socket(AF_UNIX, SOCK_STREAM, 0);
    say("bind again", bind(second, (void *)&address, sizeof address));
    close(server);
    say("nobody listens", connect(second, (void *)&address, sizeof address));
    say("the name is still there", access("socket", F_OK));
    unlink("socket");
    say("bind anew", bind(second, (void *)&address, sizeof address));
    unlink("socket");
    say("a socket twice", bind(second, (void *)&address, sizeof address));
    say("accept of one that does not listen", accept(second, NULL, NULL));
    put("plain", "");
    strcpy(address.sun_path, "plain");
    say("connect to a file", connect(client = socket(AF_UNIX, SOCK_STREAM, 0), (void *)&address, sizeof address));
    unlink("plain");
    return 0;
}
