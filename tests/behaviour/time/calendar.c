/* gmtime(3), mktime(3), strftime(3): the calendar, and the time zone of the environment. */
#include "../tasks.h"

static void tell(const char *what, time_t at)
{
    char text[64];
    strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %a %j", gmtime(&at));
    printf("%s: %s\n", what, text);
}

int main(void)
{
    tell("the beginning", 0);
    tell("before it", -1);
    tell("a leap day", 951782400);
    tell("the end of one", 1078099199);
    tell("the last of 31 bits", 2147483647);
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    time_t winter = 1700000000, summer = 1690000000;
    char text[64];
    strftime(text, sizeof text, "%F %T %Z %z", localtime(&winter));
    puts(text);
    strftime(text, sizeof text, "%F %T %Z %z", localtime(&summer));
    puts(text);
    struct tm broken = {.tm_year = 123, .tm_mon = 1, .tm_mday = 30, .tm_hour = 25, .tm_isdst = -1};
    say("mktime", mktime(&broken));
    printf("%d-%d-%d %d, day %d\n", broken.tm_year + 1900, broken.tm_mon + 1, broken.tm_mday, broken.tm_hour, broken.tm_wday);
    setenv("TZ", "UTC0", 1);
    tzset();
    say("timegm", timegm(&(struct tm){.tm_year = 100, .tm_mday = 1}));
    say("strptime", strptime("2020-02-29", "%Y-%m-%d", &broken) != NULL && broken.tm_yday == 59);
    return 0;
}
