/* pipe(2): with O_DIRECT every write is a packet, and a read takes one; what doesn't fit is lost. */
#include "../tasks.h"

int main(void)
{
    int fds[2];
    char text[32] = "";
    say("pipe2", pipe2(fds, O_DIRECT | O_NONBLOCK));
    write(fds[1], "first", 5);
    write(fds[1], "second", 6);
    write(fds[1], "third", 5);
    say("read", read(fds[0], text, 31));
    puts(text);
    say("read of 3", read(fds[0], text, 3));
    say("read", read(fds[0], text, 31));
    printf("%.5s\n", text);
    say("empty", read(fds[0], text, 31));
    static char large[6000];
    say("a write of 6000", write(fds[1], large, sizeof large));
    say("comes as", read(fds[0], large, sizeof large));
    say("and", read(fds[0], large, sizeof large));
    pipe2(fds, O_NONBLOCK);
    say("F_SETFL O_DIRECT", fcntl(fds[1], F_SETFL, O_DIRECT | O_NONBLOCK));
    write(fds[1], "a", 1);
    write(fds[1], "b", 1);
    say("packets now", read(fds[0], text, 31));
    return 0;
}
