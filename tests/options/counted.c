/* Makes calls, some of which fail. */

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void)
{
	for (int i = 0; i < 7; i++)
		close(77);
	for (int i = 0; i < 5; i++)
		getppid();
	for (int i = 0; i < 3; i++)
		sched_get_priority_max(i == 2 ? 77 : SCHED_OTHER);
	mkdir("/nonexistent/a", 0700);
	mkdir("/nonexistent/b", 0700);
	open("/nonexistent", O_RDONLY);
	return 0;
}
