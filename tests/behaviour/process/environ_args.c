/* environ(7), execve(2): the arguments and the environment as the program finds them, and changes them. */
#include "../say.h"

int main(int argc, char **argv)
{
    say("argc", argc);
    for (int i = 1; i < argc; i++)
        printf("argv[%d] \"%s\"\n", i, argv[i]);
    check("the list ends", argv[argc] == NULL);
    check("the environment follows it", environ == argv + argc + 1);
    const char *value = getenv("BEHAVIOUR");
    printf("BEHAVIOUR %s\n", value ? value : "is not set");
    say("setenv", setenv("NEW", "one", 1));
    say("setenv, not over", setenv("NEW", "two", 0));
    puts(getenv("NEW"));
    say("putenv", putenv("NEW=three"));
    puts(getenv("NEW"));
    say("unsetenv", unsetenv("NEW"));
    check("gone", getenv("NEW") == NULL);
    say("a name with =", setenv("A=B", "x", 1));
    clearenv();
    check("none left", environ == NULL || environ[0] == NULL);
    return 0;
}
