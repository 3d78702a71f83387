/* mknod(2), mkfifo(3): a named pipe, opened at both ends by one process. */
#include "../say.h"
#include <sys/stat.h>

int main(void)
{
    struct stat st;
    char text[8] = "";
    umask(022);
    say("mkfifo", mkfifo("fifo", 0666));
    say("again", mkfifo("fifo", 0666));
    stat("fifo", &st);
    printf("%o\n", (unsigned)st.st_mode);
    say("O_WRONLY with no reader", open("fifo", O_WRONLY | O_NONBLOCK));
    int reader = open("fifo", O_RDONLY | O_NONBLOCK);
    check("O_RDONLY", reader >= 0);
    say("no writer: the end", read(reader, text, 8));
    int writer = open("fifo", O_WRONLY);
    check("O_WRONLY", writer >= 0);
    say("nothing yet", read(reader, text, 8));
    say("write", write(writer, "hello", 5));
    say("read", read(reader, text, 8));
    puts(text);
    close(writer);
    say("the end", read(reader, text, 8));
    say("mknod of a file", mknod("node", S_IFREG | 0600, 0));
    stat("node", &st);
    printf("%o\n", (unsigned)st.st_mode);
    unlink("fifo");
    unlink("node");
    return 0;
}
