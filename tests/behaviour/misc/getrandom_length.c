/* getrandom(2): as many bytes as asked for, not twice the same. */
#include "../say.h"
#include <sys/random.h>

int main(void)
{
    unsigned char a[64] = {0}, b[64] = {0}, many[4096];
    say("getrandom", getrandom(a, sizeof a, 0));
    say("getrandom", getrandom(b, sizeof b, 0));
    check("different", memcmp(a, b, sizeof a) != 0);
    say("GRND_NONBLOCK", getrandom(a, 5, GRND_NONBLOCK));
    say("nothing", getrandom(a, 0, 0));
    say("much", getrandom(many, sizeof many, 0));
    int seen[256] = {0}, kinds = 0;
    for (int i = 0; i < 4096; i++)
        kinds += !seen[many[i]]++;
    check("of all kinds", kinds > 250);
    say("a flag that isn't one", getrandom(a, 5, 0x100));
    say("getentropy", getentropy(a, 64));
    int fd = open("/dev/urandom", O_RDONLY);
    say("/dev/urandom", read(fd, many, 100));
    return 0;
}
