/* copy_file_range(2): a part of one file into another. */
#include "../say.h"

int main(void)
{
    put("from", "abcdefghij");
    int in = open("from", O_RDONLY), out = open("to", O_RDWR | O_CREAT | O_TRUNC, 0644);
    off_t from = 3, to = 1;
    say("copy", copy_file_range(in, &from, out, &to, 4, 0));
    printf("%lld %lld\n", (long long)from, (long long)to);
    say("offsets", lseek(in, 0, SEEK_CUR) + lseek(out, 0, SEEK_CUR));
    char text[16] = "";
    say("pread", pread(out, text, 16, 0));
    printf("%d %s\n", text[0], text + 1);
    say("at their own offsets", copy_file_range(in, NULL, out, NULL, 3, 0));
    printf("%lld %lld\n", (long long)lseek(in, 0, SEEK_CUR), (long long)lseek(out, 0, SEEK_CUR));
    show("to");
    from = 100;
    say("past the end", copy_file_range(in, &from, out, NULL, 3, 0));
    say("a flag", copy_file_range(in, NULL, out, NULL, 3, 1));
    say("to a reader", copy_file_range(out, NULL, in, NULL, 3, 0));
    unlink("from");
    unlink("to");
    return 0;
}
