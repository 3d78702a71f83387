/* Works on the file `here`, by its name and by descriptors, and on others. Argument: the directory it is in. */

#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char here[4096], other[4096];

int main(int argc, char **argv)
{
	char bytes[8];
	struct stat facts;
	if (argc < 2)
		return 1;
	snprintf(here, sizeof here, "%s/here", argv[1]);
	snprintf(other, sizeof other, "%s/other", argv[1]);
	close(open(other, O_RDWR | O_CREAT, 0600));
	int fd = open(here, O_RDWR | O_CREAT, 0600);
	int unlike = open(other, O_RDONLY);
	read(unlike, bytes, 8);
	read(fd, bytes, 8);
	int twin = dup(fd);
	lseek(twin, 0, SEEK_SET);
	fstat(fd, &facts);
	stat(here, &facts);
	stat(other, &facts);
	link(other, here);
	rename("/nonexistent/x", here);
	symlink(here, "/nonexistent/y");
	void *page = mmap(0, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	munmap(page, 4096);
	struct pollfd two[2] = { { unlike, POLLIN, 0 }, { twin, POLLIN, 0 } };
	poll(two, 2, 0);
	poll(two, 1, 0);
	fd_set set;
	FD_ZERO(&set);
	FD_SET(unlike, &set);
	struct timeval none = { 0, 0 };
	select(unlike + 1, &set, 0, 0, &none);
	FD_ZERO(&set);
	FD_SET(fd, &set);
	select(fd + 1, 0, &set, 0, &none);
	int many = epoll_create1(0);
	struct epoll_event event = { 0 };
	epoll_ctl(many, EPOLL_CTL_DEL, fd, &event);
	epoll_ctl(many, EPOLL_CTL_DEL, unlike, &event);
	syscall(SYS_openat, 77, here, O_RDONLY);
	syscall(SYS_openat, -100, -1, O_RDONLY);
	close(fd);
	close(unlike);
	chdir(argv[1]);
	access("./here", R_OK);
	int place = open(".", O_RDONLY);
	faccessat(place, "here", R_OK, 0);
	close(twin);
	getppid();
	return 0;
}
