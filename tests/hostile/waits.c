/* Waits for what never comes. */
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    char byte;
    int ends[2];
    if (!strcmp(what, "pipe") && pipe(ends) == 0)
        read(ends[0], &byte, 1);
    if (!strcmp(what, "pause"))
        pause();
    if (!strcmp(what, "sleep"))
        sleep(100000);
    while (!strcmp(what, "sleeps"))
        sleep(1);
    return 0;
}
