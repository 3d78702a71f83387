/* full(4): no room, ever; zeroes to read. */
#include "../say.h"

int main(void)
{
    char text[4] = "xxx";
    int fd = open("/dev/full", O_RDWR);
    say("write", write(fd, "text", 4));
    say("write of nothing", write(fd, "", 0));
    say("read", read(fd, text, 3));
    printf("%d %d %d\n", text[0], text[1], text[2]);
    say("lseek", lseek(fd, 5, SEEK_SET));
    FILE *file = fopen("/dev/full", "w");
    say("fputs", fputs("text", file) >= 0);
    say("fflush", fflush(file));
    say("fclose", fclose(file));
    return 0;
}
