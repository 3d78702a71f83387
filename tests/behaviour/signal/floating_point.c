/* signal(7), sigreturn(2): a handler's arithmetic leaves the registers of the interrupted one as they were. */
#include "../tasks.h"

static volatile int count;
static volatile double sink;
static volatile float narrow;

static void disturb(int sig)
{
    double a = count, b = 3.25;
    for (int i = 0; i < 20; i++) {
        a = a * b + i;
        b = b / (a + 1.5);
        narrow = narrow * 0.5f + (float)a;
    }
    sink = a + b;
    count++;
}

int main(void)
{
    handle(SIGALRM, disturb, 0);
    alarms(1);
    long wrong = 0;
    volatile double start = 1.0;
    double expected = 0;
    for (int round = 0; count < 20; round++) {
        double a = start, b = start / 3, c = start / 7, d = start * 11, sum = 0;
        for (int i = 0; i < 1000; i++) {
            a = a * 0.999 + b;
            b = b * 1.001 - c * 0.001;
            c = c + d * 0.0001;
            d = d - a * 0.01;
            sum += a + b + c + d;
        }
        if (round == 0)
            expected = sum;
        wrong += sum != expected;
    }
    alarms(0);
    say("wrong sums", wrong);
    check("a number", expected == expected);
    return 0;
}
