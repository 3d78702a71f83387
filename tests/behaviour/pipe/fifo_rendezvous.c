/* fifo(7): open(2) for reading waits for a writer, for writing waits for a reader. */
#include "../tasks.h"
#include <sys/stat.h>

int main(void)
{
    char text[16] = "";
    say("mkfifo", mkfifo("fifo", 0600));
    say("again", mkfifo("fifo", 0600));
    for (int round = 0; round < 2; round++) {
        pid_t pid = fork();
        if (pid == 0) {
            if (round)
                sleep_ms(5);
            int fd = open("fifo", O_WRONLY);
            say("write", write(fd, "hello", 5));
            return 0;
        }
        if (!round)
            sleep_ms(5);
        int fd = open("fifo", O_RDONLY);
        reap("writer", pid);
        say("read", read(fd, text, 15));
        puts(text);
        say("and the end", read(fd, text, 15));
        pid = fork();
        if (pid == 0) {
            int out = open("fifo", O_WRONLY);
            write(out, "again", 5);
            return 0;
        }
        reap("another writer", pid);
        say("read", read(fd, text, 15));
        close(fd);
    }
    unlink("fifo");
    return 0;
}
