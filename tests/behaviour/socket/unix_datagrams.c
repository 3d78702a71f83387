/* unix(7): datagrams to names; who sent is told. */
#include "../tasks.h"
#include <sys/socket.h>
#include <sys/un.h>

int main(void)
{
    struct sockaddr_un first = {.sun_family = AF_UNIX, .sun_path = "first"}, second = {.sun_family = AF_UNIX, .sun_path = "second"}, from;
    socklen_t size = sizeof from;
    char text[16] = "";
    int a = socket(AF_UNIX, SOCK_DGRAM, 0), b = socket(AF_UNIX, SOCK_DGRAM, 0);
    bind(a, (void *)&first, sizeof first);
    say("to nothing", sendto(a, "x", 1, 0, (void *)&second, sizeof second));
    bind(b, (void *)&second, sizeof second);
    say("sendto", sendto(a, "hello", 5, 0, (void *)&second, sizeof second));
    say("recvfrom", recvfrom(b, text, 15, 0, (void *)&from, &size));
    printf("\"%s\" from %s\n", text, from.sun_path);
    say("connect", connect(a, (void *)&second, sizeof second));
    say("send", send(a, "again", 5, 0));
    say("read", read(b, text, 15));
    say("not connected", send(b, "x", 1, 0));
    int c = socket(AF_UNIX, SOCK_DGRAM, 0);
    say("connect of a third", connect(c, (void *)&first, sizeof first));
    say("to one that is another's", send(c, "x", 1, 0));
    close(b);
    say("the other closed", send(a, "x", 1, 0));
    unlink("second");
    unlink("first");
    return 0;
}
