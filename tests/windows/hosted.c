/* What a program of C does with its library: arguments, standard output, an exit status. */

#include <stdio.h>

int main(int argc, char **argv)
{
    printf("hosted: %d arguments, the last one %s\n", argc, argv[argc - 1]);
    return 7;
}
