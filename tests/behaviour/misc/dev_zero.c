/* zero(4): as many zeroes as asked for, by read(2) and by mmap(2); writes are taken. */
#include "../say.h"
#include <sys/mman.h>

int main(void)
{
    char text[8] = "xxxxxxx", *many = malloc(1 << 20);
    int fd = open("/dev/zero", O_RDWR), sum = 0;
    say("read", read(fd, text, 4));
    for (int i = 0; i < 8; i++)
        printf("%d ", text[i]);
    puts("");
    memset(many, 1, 1 << 20);
    say("read 1 MB", read(fd, many, 1 << 20));
    for (int i = 0; i < 1 << 20; i++)
        sum |= many[i];
    say("all zero", sum);
    say("write", write(fd, text, 8));
    char *map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    check("mapped", map != MAP_FAILED);
    say("zero", map[0] | map[8191]);
    map[0] = 1;
    say("munmap", munmap(map, 8192));
    return 0;
}
