/* proc(5): /proc/self/fd has a link for each open descriptor. */
#include "../say.h"
#include <dirent.h>

int main(void)
{
    char link[64], start[4096], path[4096] = "";
    getcwd(start, sizeof start);
    put("file", "through /proc");
    int fd = open("file", O_RDONLY);
    dup2(fd, 77);
    check("readlink", readlink("/proc/self/fd/77", path, sizeof path - 1) > 0);
    check("the file's path", !strncmp(path, start, strlen(start)) && !strcmp(path + strlen(start), "/file"));
    show("/proc/self/fd/77");
    say("one that isn't open", readlink("/proc/self/fd/78", path, sizeof path));
    DIR *dir = opendir("/proc/self/fd");
    struct dirent *entry;
    int found = 0, open_ones = 0, all = 0;
    while ((entry = readdir(dir)))
        if (entry->d_name[0] != '.') {
            all++;
            found += !strcmp(entry->d_name, "77");
            open_ones += fcntl(atoi(entry->d_name), F_GETFD) >= 0;
        }
    say("listed", found);
    check("all that are listed are open", all == open_ones && all >= 3);
    snprintf(link, sizeof link, "/dev/fd/%d", fd);
    show(link);
    unlink("file");
    memset(path, 0, sizeof path);
    readlink("/proc/self/fd/77", path, sizeof path - 1);
    puts(strrchr(path, '/'));
    close(77);
    say("closed", access("/proc/self/fd/77", F_OK));
    return 0;
}
