/* null(4): reads end at once, writes are taken and lost. */
#include "../say.h"
#include <sys/stat.h>

int main(void)
{
    char text[8] = "kept";
    int fd = open("/dev/null", O_RDWR);
    say("read", read(fd, text, sizeof text));
    puts(text);
    say("write", write(fd, text, sizeof text));
    say("lseek", lseek(fd, 100, SEEK_SET));
    say("ftruncate", ftruncate(fd, 10));
    struct stat st;
    fstat(fd, &st);
    check("a character device", S_ISCHR(st.st_mode));
    say("size", st.st_size);
    check("O_TRUNC", open("/dev/null", O_WRONLY | O_TRUNC | O_CREAT, 0644) >= 0);
    say("below it", open("/dev/null/x", O_RDONLY));
    say("a terminal", isatty(fd));
    return 0;
}
