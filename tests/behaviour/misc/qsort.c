/* qsort(3), bsearch(3): 100,000 numbers, and words. */
#include "../say.h"
#include <stdint.h>

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int main(void)
{
    static uint32_t numbers[100000];
    uint32_t state = 12345;
    for (int i = 0; i < 100000; i++)
        numbers[i] = state = state * 1664525u + 1013904223u;
    qsort(numbers, 100000, sizeof *numbers, by_value);
    int sorted = 1;
    for (int i = 1; i < 100000; i++)
        sorted &= numbers[i - 1] <= numbers[i];
    check("sorted", sorted);
    printf("%u %u %u\n", numbers[0], numbers[50000], numbers[99999]);
    uint32_t key = numbers[777];
    say("found at", (uint32_t *)bsearch(&key, numbers, 100000, sizeof *numbers, by_value) - numbers);
    const char *words[] = {"pear", "apple", "fig", "quince", "date", "banana", "cherry"};
    qsort(words, 7, sizeof *words, by_text);
    for (int i = 0; i < 7; i++)
        printf("%s ", words[i]);
    puts("");
    return 0;
}
