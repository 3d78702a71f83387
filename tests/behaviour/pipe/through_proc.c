/* proc(5): a pipe is opened again by its name in /proc/self/fd. */
#include "../tasks.h"

int main(void)
{
    int fds[2];
    char name[64], text[16] = "";
    pipe(fds);
    snprintf(name, sizeof name, "/proc/self/fd/%d", fds[0]);
    int writer = open(name, O_WRONLY);
    check("the other way round", writer >= 0);
    say("write", write(writer, "text", 4));
    int reader = open(name, O_RDONLY | O_NONBLOCK);
    say("read", read(reader, text, 15));
    puts(text);
    say("empty", read(reader, text, 15));
    close(writer);
    close(fds[1]);
    say("no writers", read(reader, text, 15));
    memset(text, 0, sizeof text);
    readlink(name, text, 6);
    puts(text);
    return 0;
}
