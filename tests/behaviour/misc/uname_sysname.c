/* uname(2): the system is Linux, its release two numbers or more. */
#include "../say.h"
#include <sys/utsname.h>

int main(void)
{
    struct utsname name;
    say("uname", uname(&name));
    puts(name.sysname);
    int major = 0, minor = -1;
    say("numbers", sscanf(name.release, "%d.%d", &major, &minor));
    check("release", major >= 3 && minor >= 0);
    check("node", name.nodename[0] != 0);
    check("machine", name.machine[0] != 0);
    char host[65];
    say("gethostname", gethostname(host, sizeof host));
    check("the same", !strcmp(host, name.nodename));
    say("into nowhere", uname((struct utsname *)8));
    return 0;
}
