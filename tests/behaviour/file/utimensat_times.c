/* utimensat(2), futimens(3): times set to the nanosecond, left alone, and set to now. */
#include "../say.h"
#include <sys/stat.h>

int main(void)
{
    struct stat st;
    put("file", "");
    symlink("file", "link");
    struct timespec times[2] = {{1000000000, 123456789}, {1234567890, 987654321}};
    say("utimensat", utimensat(AT_FDCWD, "file", times, 0));
    stat("file", &st);
    printf("%lld.%09ld %lld.%09ld\n", (long long)st.st_atim.tv_sec, (long)st.st_atim.tv_nsec, (long long)st.st_mtim.tv_sec, (long)st.st_mtim.tv_nsec);
    times[0].tv_nsec = UTIME_OMIT;
    times[1].tv_sec = 1500000000;
    say("UTIME_OMIT", utimensat(AT_FDCWD, "link", times, 0));
    stat("file", &st);
    printf("%lld.%09ld %lld.%09ld\n", (long long)st.st_atim.tv_sec, (long)st.st_atim.tv_nsec, (long long)st.st_mtim.tv_sec, (long)st.st_mtim.tv_nsec);
    times[0].tv_nsec = 5;
    say("the link itself", utimensat(AT_FDCWD, "link", times, AT_SYMLINK_NOFOLLOW));
    lstat("link", &st);
    printf("%lld.%09ld\n", (long long)st.st_mtim.tv_sec, (long)st.st_mtim.tv_nsec);
    int fd = open("file", O_RDWR);
    times[0].tv_nsec = times[1].tv_nsec = UTIME_NOW;
    say("UTIME_NOW", futimens(fd, times));
    fstat(fd, &st);
    check("later than 2017, and both the same", st.st_mtim.tv_sec > 1500000001 && st.st_atim.tv_sec == st.st_mtim.tv_sec);
    times[0].tv_nsec = 1000000000;
    say("too many nanoseconds", futimens(fd, times));
    say("nothing", utimensat(AT_FDCWD, "absent", NULL, 0));
    unlink("link");
    unlink("file");
    return 0;
}
