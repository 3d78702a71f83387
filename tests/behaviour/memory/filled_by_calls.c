/* read(2), recv(2), readv(2), getcwd(2): a page that the program has only read so far shows what a call puts there. */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 16384
static char pages[8][PAGE];

static int seen(int page) { return ((volatile char *)pages[page])[PAGE / 2]; }

static char *place(int page) {
  printf("page %d before: %d\n", page, seen(page));
  return pages[page] + PAGE / 2;
}

static void all(int first, int pipe_in, int socket_in) {
  char *at = place(first);
  printf("read: %d", (int)read(pipe_in, at, 1));
  printf(" %d\n", seen(first));
  at = place(first + 1);
  printf("recv: %d", (int)recv(socket_in, at, 1, 0));
  printf(" %d\n", seen(first + 1));
  at = place(first + 2);
  struct iovec part = {at, 1};
  printf("readv: %d", (int)readv(pipe_in, &part, 1));
  printf(" %d\n", seen(first + 2));
  at = place(first + 3);
  printf("getcwd: %d", getcwd(at, 100) == at);
  printf(" %d\n", seen(first + 3) == '/');
  fflush(stdout);
}

int main(void) {
  int pipes[2], sockets[2];
  if (pipe(pipes) || socketpair(AF_UNIX, SOCK_STREAM, 0, sockets)) return 1;
  if (write(pipes[1], "abcd", 4) != 4 || write(sockets[1], "ef", 2) != 2) return 1;
  setvbuf(stdout, 0, _IONBF, 0);
  all(0, pipes[0], sockets[0]);
  /* The same in a child, whose pages are those of its parent. */
  memset(pages[4], 0, sizeof pages[4]);
  memset(pages[5], 0, sizeof pages[5]);
  if (fork() == 0) {
    all(4, pipes[0], sockets[0]);
    _exit(0);
  }
  wait(0);
  printf("the parent: %d %d\n", seen(4), seen(5));
  return 0;
}
