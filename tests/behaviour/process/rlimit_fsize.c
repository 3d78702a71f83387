/* setrlimit(2): writing beyond RLIMIT_FSIZE raises SIGXFSZ, and fails with EFBIG where that is ignored. */
#include "../tasks.h"
#include <sys/resource.h>

int main(void)
{
    char text[100];
    memset(text, 'x', sizeof text);
    for (int ignore = 0; ignore < 2; ignore++) {
        pid_t pid = fork();
        if (pid == 0) {
            struct rlimit limit = {150, 150};
            setrlimit(RLIMIT_FSIZE, &limit);
            signal(SIGXFSZ, ignore ? SIG_IGN : SIG_DFL);
            int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0644);
            say("write", write(fd, text, 100));
            say("cut short", write(fd, text, 100));
            say("inside", pwrite(fd, text, 100, 50));
            if (ignore) {
                say("ftruncate", ftruncate(fd, 151));
                say("ftruncate within", ftruncate(fd, 149));
            }
            lseek(fd, 150, SEEK_SET);
            say("at the limit", write(fd, text, 1));
            say("of nothing", write(fd, text, 0));
            return 0;
        }
        reap("child", pid);
    }
    unlink("file");
    return 0;
}
