/* open(2): O_TRUNC empties a file at once, for others who have it open too. */
#include "../say.h"

int main(void)
{
    char text[8];
    put("file", "something");
    int reader = open("file", O_RDONLY);
    say("lseek", lseek(reader, 4, SEEK_SET));
    int fd = open("file", O_WRONLY | O_TRUNC);
    say("size", lseek(fd, 0, SEEK_END));
    say("reader reads", read(reader, text, sizeof text));
    say("write", write(fd, "anything", 8));
    say("reader reads", read(reader, text, sizeof text));
    printf("%.4s\n", text);
    say("reader writes", write(reader, "no", 2));
    close(fd);
    fd = open("file", O_WRONLY | O_CREAT, 0600);
    say("O_CREAT alone leaves it", lseek(fd, 0, SEEK_END));
    close(fd);
    close(reader);
    unlink("file");
    return 0;
}
