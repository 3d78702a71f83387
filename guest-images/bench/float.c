/* Doubles: 50,000,000 steps of the logistic map and a sum (argv[1]: another number). */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int steps = argc > 1 ? atoi(argv[1]) : 50000000;
    double x = 0.3, sum = 0;
    for (int i = 0; i < steps; i++) {
        x = 3.75 * x * (1 - x);
        sum += x;
    }
    printf("%s\n", sum / steps > 0.5 && sum / steps < 0.8 ? "within bounds" : "out of bounds");
    return 0;
}
