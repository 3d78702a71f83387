/* fcntl(2): F_DUPFD takes the lowest number from a given one on. */
#include "../say.h"

int main(void)
{
    put("file", "text");
    int fd = open("file", O_RDONLY);
    say("from 30", fcntl(fd, F_DUPFD, 30));
    say("from 30 once more", fcntl(fd, F_DUPFD, 30));
    say("its flag", fcntl(31, F_GETFD));
    say("F_DUPFD_CLOEXEC", fcntl(fd, F_DUPFD_CLOEXEC, 30));
    say("its flag", fcntl(32, F_GETFD));
    close(30);
    say("the free one", fcntl(fd, F_DUPFD, 30));
    say("from less than nothing", fcntl(fd, F_DUPFD, -1));
    say("of none", fcntl(999, F_DUPFD, 0));
    say("no such command", fcntl(fd, 9999, 0));
    unlink("file");
    return 0;
}
