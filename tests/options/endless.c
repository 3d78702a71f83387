/* Two processes, one of which makes calls for ever. */

#include <sys/syscall.h>
#include <unistd.h>

int main(void)
{
	if (fork() == 0)
		pause();
	for (;;)
		syscall(SYS_getppid);
}
