/* proc(5): cmdline, maps and status of the program itself. */
#include "../say.h"
#include <sys/stat.h>

int main(int argc, char **argv)
{
    (void)argc;
    char text[65536], *line;
    FILE *file = fopen("/proc/self/cmdline", "r");
    size_t size = fread(text, 1, sizeof text - 1, file);
    check("cmdline begins with argv[0]", size > strlen(argv[0]) && !strcmp(text, argv[0]));
    check("and ends with a zero", text[size - 1] == 0);
    fclose(file);

    int stack = 0, code = 0, lines = 0;
    unsigned long low, high, last = 0, here = (unsigned long)&main;
    char prot[8];
    int sorted = 1;
    file = fopen("/proc/self/maps", "r");
    while (fgets(text, sizeof text, file)) {
        lines++;
        stack += strstr(text, "[stack]") != NULL;
        if (sscanf(text, "%lx-%lx %7s", &low, &high, prot) != 3)
            printf("strange line: %s", text);
        sorted &= low >= last && high > low;
        last = high;
        code += here >= low && here < high && prot[2] == 'x';
    }
    fclose(file);
    check("maps, sorted", lines >= 3 && sorted);
    say("one stack", stack);
    say("one holds main, executable", code);

    file = fopen("/proc/self/status", "r");
    while ((line = fgets(text, sizeof text, file)))
        if (!strncmp(line, "Threads:", 8) || !strncmp(line, "State:", 6))
            fputs(line, stdout);
        else if (!strncmp(line, "Pid:", 4))
            check("Pid", atoi(line + 4) == getpid());
    fclose(file);
    say("a file that isn't", access("/proc/self/absent", F_OK));
    say("nobody's", access("/proc/999999999", F_OK));
    return 0;
}
