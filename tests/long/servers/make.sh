# Four compilers at a time, and what they made.
for i in 1 2 3 4 5 6 7 8; do
  printf '#include <stdio.h>\nint part%d(int x) { return printf("") + x * %d; }\n' $i $i >part$i.c
done
cat >main.c <<'C'
#include <stdio.h>
#include <string.h>
int part1(int), part2(int), part3(int), part4(int), part5(int), part6(int), part7(int), part8(int);
int main(void)
{
    int (*all[])(int) = {part1, part2, part3, part4, part5, part6, part7, part8};
    int sum = 0;
    for (int i = 0; i < 8; i++)
        sum += all[i](10);
    printf("%d\n", sum);
    return strlen("three") - 2;
}
C
cat >Makefile <<'M'
objects := main.o $(patsubst %.c,%.o,$(wildcard part*.c))
program: $(objects)
	@tcc -o $@ $^ && echo linked
%.o: %.c
	@tcc -c -o $@ $< && echo $< >>compiled
M
make -j4
sort compiled | tr '\n' ' '; echo
./program; echo $?
touch part3.c
: >compiled
make -j4
cat compiled
make -j4
printf '#include <stdio.h>\nint main(void) { return puts("run at once") < 0; }\n' | tcc -run -
