/* setresuid(2), setuid(2): who has given up a user can't take it again. */
#include "../tasks.h"
#include <grp.h>

int main(void)
{
    pid_t pid = fork();
    if (pid == 0) {
        if (geteuid() == 0) {
            if (setgroups(0, NULL) || setresgid(1000, 1000, 1000) || setresuid(1000, 1000, 1000))
                say("dropping", -1);
        }
        uid_t r, e, s, uid = getuid();
        say("getresuid", getresuid(&r, &e, &s));
        check("all are one", r == uid && e == uid && s == uid && uid != 0);
        say("setuid(0)", setuid(0));
        say("seteuid(0)", seteuid(0));
        say("setreuid(-1, 0)", setreuid(-1, 0));
        say("setresuid(-1, -1, 0)", setresuid(-1, -1, 0));
        say("setgid(0)", setgid(0));
        say("setresgid(0, 0, 0)", setresgid(0, 0, 0));
        say("setgroups", setgroups(1, (gid_t[]){0}));
        say("setuid(oneself)", setuid(uid));
        say("setresuid(oneself)", setresuid(uid, -1, uid));
        say("setresuid(-1, -1, -1)", setresuid(-1, -1, -1));
        check("still", getuid() == uid && geteuid() == uid);
        pid = fork();
        if (pid == 0) {
            check("inherited", getuid() == uid && geteuid() == uid);
            return 0;
        }
        reap("grandchild", pid);
        say("chown", chown("/", 0, 0));
        return 0;
    }
    reap("child", pid);
    return 0;
}
