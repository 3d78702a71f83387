/* fopen(3), fgets(3), fprintf(3), fseek(3): a file written, read back by lines, and updated in place. */
#include "../say.h"

int main(void)
{
    char line[64];
    FILE *file = fopen("stdio.txt", "w+");
    for (int i = 0; i < 1000; i++)
        fprintf(file, "line %04d %s\n", i, i % 2 ? "odd" : "even");
    say("size", ftell(file));
    fseek(file, 20, SEEK_SET);
    while (fgets(line, sizeof line, file))
        if (strstr(line, "0500") || strstr(line, "0999"))
            fputs(line, stdout);
    check("end of file", feof(file) && !ferror(file));
    fseek(file, -9, SEEK_END);
    fputs("LAST", file);
    fseek(file, -14, SEEK_END);
    check("read after write", fgets(line, sizeof line, file) != NULL);
    fputs(line, stdout);
    rewind(file);
    int number = 0;
    char word[16];
    say("fields", fscanf(file, "line %d %15s", &number, word));
    printf("%d %s\n", number, word);
    ungetc('!', file);
    putchar(fgetc(file));
    putchar('\n');
    fclose(file);

    file = fopen("stdio.txt", "a");
    setvbuf(file, NULL, _IONBF, 0);
    fputs("appended\n", file);
    say("appended at", ftell(file));
    fclose(file);
    say("remove", remove("stdio.txt"));
    check("fopen of what is gone", fopen("stdio.txt", "r") == NULL && errno == ENOENT);
    return 0;
}
