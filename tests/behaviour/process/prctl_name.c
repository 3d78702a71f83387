/* prctl(2): the name of the thread, cut to 15 bytes; the dumpable flag. */
#include "../say.h"
#include <sys/prctl.h>

int main(void)
{
    char name[17] = "";
    say("PR_SET_NAME", prctl(PR_SET_NAME, "short"));
    say("PR_GET_NAME", prctl(PR_GET_NAME, name));
    puts(name);
    say("PR_SET_NAME", prctl(PR_SET_NAME, "a name of more than fifteen bytes"));
    prctl(PR_GET_NAME, name);
    printf("%s %d\n", name, (int)strlen(name));
    say("PR_GET_DUMPABLE", prctl(PR_GET_DUMPABLE));
    say("PR_SET_DUMPABLE", prctl(PR_SET_DUMPABLE, 0));
    say("PR_GET_DUMPABLE", prctl(PR_GET_DUMPABLE));
    say("PR_SET_DUMPABLE to 7", prctl(PR_SET_DUMPABLE, 7));
    say("PR_SET_NO_NEW_PRIVS", prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    say("PR_GET_NO_NEW_PRIVS", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    say("no such option", prctl(999999, 0, 0, 0, 0));
    say("name from nowhere", prctl(PR_SET_NAME, 8));
    return 0;
}
