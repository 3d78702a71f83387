/* tee(2): copies what a pipe holds to another, and leaves it. */
#include "../tasks.h"

int main(void)
{
    int first[2], second[2];
    char text[16] = "";
    pipe(first);
    pipe(second);
    write(first[1], "abcdef", 6);
    say("tee", tee(first[0], second[1], 4, 0));
    say("copied", read(second[0], text, 15));
    puts(text);
    say("left", read(first[0], text, 15));
    puts(text);
    say("empty, SPLICE_F_NONBLOCK", tee(first[0], second[1], 4, SPLICE_F_NONBLOCK));
    close(first[1]);
    say("the end", tee(first[0], second[1], 4, 0));
    say("to itself", tee(second[0], second[1], 4, 0));
    say("not a pipe", tee(open("/dev/null", O_RDONLY), second[1], 4, 0));
    return 0;
}
