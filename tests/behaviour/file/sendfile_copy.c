/* sendfile(2): from a file to a file, at an offset or at its own. */
#include "../say.h"
#include <sys/sendfile.h>

int main(void)
{
    put("from", "0123456789");
    int in = open("from", O_RDONLY), out = open("to", O_RDWR | O_CREAT | O_TRUNC, 0644);
    off_t offset = 2;
    say("sendfile", sendfile(out, in, &offset, 5));
    say("offset", offset);
    say("its own", lseek(in, 0, SEEK_CUR));
    show("to");
    say("without an offset", sendfile(out, in, NULL, 3));
    say("its own", lseek(in, 0, SEEK_CUR));
    say("more than there is", sendfile(out, in, NULL, 100));
    say("at the end", sendfile(out, in, NULL, 100));
    show("to");
    int ends[2];
    pipe(ends);
    offset = 0;
    say("to a pipe", sendfile(ends[1], in, &offset, 4));
    char text[8] = "";
    say("read", read(ends[0], text, 8));
    puts(text);
    say("to a reader", sendfile(in, in, NULL, 1));
    say("to nothing", sendfile(999, in, NULL, 1));
    unlink("from");
    unlink("to");
    return 0;
}
