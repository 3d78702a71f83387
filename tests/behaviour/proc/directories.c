/* proc(5): processes come and go as directories; self and thread-self; cwd, root and exe are links. */
#include "../tasks.h"
#include <dirent.h>
#include <sys/stat.h>

static int listed(pid_t pid)
{
    DIR *dir = opendir("/proc");
    struct dirent *entry;
    int found = 0;
    while ((entry = readdir(dir)))
        found += atoi(entry->d_name) == pid;
    closedir(dir);
    return found;
}

int main(void)
{
    char name[64], text[4096] = "", path[4096];
    struct gate go = new_gate(), ready = new_gate();
    check("oneself", listed(getpid()));
    readlink("/proc/self", text, sizeof text - 1);
    check("self", atoi(text) == getpid());
    memset(text, 0, sizeof text);
    readlink("/proc/thread-self", text, sizeof text - 1);
    snprintf(name, sizeof name, "%d/task/%d", getpid(), getpid());
    check("thread-self", !strcmp(text, name));
    mkdir("dir", 0755);
    getcwd(path, sizeof path);
    pid_t pid = fork();
    if (pid == 0) {
        chdir("dir");
        open_gate(ready);
        pass(go);
        return 0;
    }
    pass(ready);
    check("a child", listed(pid));
    snprintf(name, sizeof name, "/proc/%d/cwd", pid);
    memset(text, 0, sizeof text);
    say("readlink", readlink(name, text, sizeof text - 1) > 0);
    check("its directory", !strncmp(text, path, strlen(path)) && !strcmp(text + strlen(path), "/dir"));
    put("dir/file", "found");
    snprintf(name, sizeof name, "/proc/%d/cwd/file", pid);
    char word[8] = "";
    int fd = open(name, O_RDONLY);
    read(fd, word, 7);
    puts(word);
    snprintf(name, sizeof name, "/proc/%d/root", pid);
    memset(text, 0, sizeof text);
    readlink(name, text, sizeof text - 1);
    puts(text);
    snprintf(name, sizeof name, "/proc/%d", pid);
    struct stat st;
    say("stat", stat(name, &st));
    check("a directory of its user", S_ISDIR(st.st_mode) && st.st_uid == geteuid());
    open_gate(go);
    reap("child", pid);
    say("stat", stat(name, &st));
    say("listed", listed(pid));
    say("a file that isn't there", open("/proc/self/absent", O_RDONLY));
    say("mkdir", mkdir("/proc/dir", 0755) == -1);
    unlink("dir/file");
    rmdir("dir");
    return 0;
}
