/* Sends itself signals that it ignores or handles. */

#include <signal.h>
#include <unistd.h>

static void nothing(int signal)
{
}

int main(void)
{
	signal(SIGUSR1, SIG_IGN);
	signal(SIGUSR2, nothing);
	signal(SIGALRM, nothing);
	signal(34, nothing);
	kill(getpid(), SIGUSR1);
	kill(getpid(), SIGUSR2);
	kill(getpid(), SIGALRM);
	return 0;
}
