/* math_functions(3): results to as many digits as all C libraries agree on, and exact ones exactly. */
#include "../say.h"
#include <math.h>

int main(void)
{
    for (int i = 1; i <= 6; i++) {
        volatile double x = i * 0.75 - 2;
        printf("%g: %.10g %.10g %.10g %.10g %.10g %.10g\n", x, sin(x), cos(x), exp(x), atan(x), sinh(x), cbrt(x));
        printf("  %.10g %.10g %.10g %.10g\n", log(fabs(x)), pow(fabs(x), 1.7), hypot(x, 3), atan2(x, -1));
    }
    volatile double two = 2, big = 1e300, nothing = 0, minus = -1;
    printf("%.17g %.17g %.17g\n", sqrt(two * 2), floor(-2.5), ceil(-2.5));
    printf("%.17g %.17g %.17g %.17g\n", trunc(-2.7), round(2.5), rint(2.5), nearbyint(-3.5));
    printf("%g %g %g %g\n", fmod(7, -3), remainder(7, 4), copysign(3, -0.0), fdim(5, 3));
    printf("%g %g %d\n", big * big, exp(-800), isnan(sqrt(minus)) != 0);
    printf("%g %g %d\n", log(nothing), tgamma(5), ilogb(1024.5));
    int exponent;
    double fraction = frexp(80, &exponent), whole, rest = modf(-3.25, &whole);
    printf("%g %d %g %g %g\n", fraction, exponent, whole, rest, ldexp(0.625, 7));
    printf("%.9g %.9g\n", nextafter(1, 2) - 1, (double)fmaf(2.0f, 3.0f, 4.0f));
    double sum = 0;
    for (int i = 1; i <= 1000000; i++)
        sum += 1.0 / ((double)i * i);
    printf("%.8f\n", sqrt(6 * sum));
    float single = 0;
    for (int i = 0; i < 1000; i++)
        single += 0.5f;
    printf("%g\n", single);
    return 0;
}
