/* umask(2): takes bits away from new files and directories, not from chmod(2). */
#include "../say.h"
#include <sys/stat.h>

int main(void)
{
    struct stat st;
    umask(022);
    printf("%03o\n", umask(027));
    printf("%03o\n", umask(027));
    close(open("file", O_CREAT | O_WRONLY, 0666));
    mkdir("dir", 0777);
    stat("file", &st);
    printf("file %o\n", (unsigned)st.st_mode);
    stat("dir", &st);
    printf("dir %o\n", (unsigned)st.st_mode);
    chmod("file", 0666);
    stat("file", &st);
    printf("chmod %o\n", (unsigned)st.st_mode);
    close(open("file", O_CREAT | O_WRONLY, 0600));
    stat("file", &st);
    printf("as it was %o\n", (unsigned)st.st_mode);
    unlink("file");
    umask(0);
    close(open("file", O_CREAT | O_WRONLY, 01751));
    stat("file", &st);
    printf("without a mask %o\n", (unsigned)st.st_mode);
    printf("%03o\n", umask(07777));
    printf("%03o\n", umask(022));
    unlink("file");
    rmdir("dir");
    return 0;
}
