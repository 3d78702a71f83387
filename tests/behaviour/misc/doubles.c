/* printf(3), strtod(3): doubles, with infinities, denormals and rounding. */
#include "../say.h"
#include <float.h>
#include <math.h>

int main(void)
{
    static const double values[] = {
        0.0, -0.0, 1.0, -1.5, 0.1, 1.0 / 3, 2.5, 3.5, 1e15, 1e16, 1e22, 1e23, 123456789.125, 6.02214076e23,
        DBL_MAX, DBL_MIN, DBL_EPSILON, 4.9406564584124654e-324, 2.2250738585072011e-308, 9007199254740993.0,
    };
    for (unsigned i = 0; i < sizeof values / sizeof *values; i++)
        printf("%.17g %g %.3e %.0f %a\n", values[i], values[i], values[i], fabs(values[i]) < 1e20 ? values[i] : 0, values[i]);
    printf("%f %e %g %F %5.1f|%-8g|%+g\n", INFINITY, -INFINITY, NAN, INFINITY, -INFINITY, NAN, INFINITY);
    printf("%.0f %.0f %.0f %.0f %.2f %.2f %.1f\n", 0.5, 1.5, 2.5, -0.5, 2.675, 1.005, 0.25);
    printf("%10.3f|%-10.3f|%+010.2f|% g|%#g\n", 3.14159, 3.14159, 3.14159, 3.0, 3.0);
    printf("%.50g\n", 0.1);
    printf("%.20f\n", ldexp(1, -30));

    static const char *const texts[] = {"1e400", "-1e400", "1e-400", "0x1.8p3", "  12abc", "inf", "nan", "4.9e-324", "1.7976931348623157e308",
        "2.4703282292062327e-324", "9007199254740993", "0.1e1"};
    for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
        char *end;
        errno = 0;
        double value = strtod(texts[i], &end);
        printf("\"%s\" = %g %s, %d read\n", texts[i], value, errno == ERANGE ? "out of range" : "", (int)(end - texts[i]));
    }
    volatile double zero = 0, tiny = DBL_MIN;
    printf("%g %g %d %d\n", 1 / zero, -1 / zero, isnan(zero / zero) != 0, signbit(-zero) != 0);
    volatile double denormal = tiny / 4;
    printf("%a %g\n", denormal, denormal * 4 - tiny);
    printf("%d %d %d\n", (int)-2.9, (int)2.9, (int)lrint(2.5));
    printf("%llu %lld\n", (unsigned long long)1.8e19, (long long)-9e18);
    volatile float narrow = 0.1f, thrice = narrow * 3.0f;
    printf("%.9g %.9g\n", narrow, thrice);
    return 0;
}
