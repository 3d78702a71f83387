// Dies three calls deep, in the way its argument says.
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define APART __attribute__((noinline, noclone))

static volatile int depth;

APART int innermost(volatile int *where, int value)
{
	*where = value;
	return value + depth;
}

APART int middle(volatile int *where, int value)
{
	char room[64];
	snprintf(room, sizeof room, "%d", value);
	depth += innermost(where, value) + room[0];
	return depth * 3;
}

APART int outer(volatile int *where, int value)
{
	int result = middle(where, value + 1);
	return result + depth;
}

APART int jump(void (*volatile to)(void))
{
	to();
	return depth;
}

APART int aborts(int value)
{
	if (value)
		abort();
	return depth;
}

static void handler(int signal)
{
	(void)signal;
	outer((volatile int *)16, 3);
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "store";
	int result = 0;
	if (!strcmp(how, "store"))
		result = outer((volatile int *)16, 3);
	else if (!strcmp(how, "jump"))
		result = jump((void (*)(void))0);
	else if (!strcmp(how, "abort"))
		result = aborts(argc);
	else if (!strcmp(how, "handler")) {
		signal(SIGUSR1, handler);
		raise(SIGUSR1);
	}
	return result & 1;
}
