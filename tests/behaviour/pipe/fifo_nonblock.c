/* fifo(7): with O_NONBLOCK a reader opens at once, a writer only if somebody reads; O_RDWR never waits. */
#include "../tasks.h"
#include <sys/stat.h>

int main(void)
{
    char text[8] = "";
    mkfifo("fifo", 0600);
    say("write", open("fifo", O_WRONLY | O_NONBLOCK));
    int in = open("fifo", O_RDONLY | O_NONBLOCK);
    check("read", in >= 0);
    say("nobody writes", read(in, text, 7));
    int out = open("fifo", O_WRONLY | O_NONBLOCK);
    check("write, with a reader", out >= 0);
    say("nothing written", read(in, text, 7));
    say("write", write(out, "abc", 3));
    say("read", read(in, text, 7));
    close(out);
    say("the writer closed", read(in, text, 7));
    close(in);
    int both = open("fifo", O_RDWR);
    check("both", both >= 0);
    say("write", write(both, "xyz", 3));
    say("read", read(both, text, 7));
    puts(text);
    close(both);
    in = open("fifo", O_RDONLY | O_NONBLOCK);
    say("nothing is kept", read(in, text, 7));
    struct stat st;
    fstat(in, &st);
    check("S_ISFIFO", S_ISFIFO(st.st_mode));
    say("lseek", lseek(in, 0, SEEK_SET));
    unlink("fifo");
    return 0;
}
