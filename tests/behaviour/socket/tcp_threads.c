/* tcp(7): server and clients are threads of one process. */
#include "../tasks.h"
#include <netinet/in.h>
#include <sys/socket.h>

enum { clients = 6 };
static struct sockaddr_in address;
static int server;

static void *serve(void *argument)
{
    for (int i = 0; i < clients; i++) {
        int fd = accept(server, NULL, NULL), numbers[2], sum;
        if (recv(fd, numbers, sizeof numbers, MSG_WAITALL) != sizeof numbers)
            say("recv", -1);
        sum = numbers[0] + numbers[1];
        send(fd, &sum, sizeof sum, 0);
        close(fd);
    }
    return NULL;
}

static void *ask(void *argument)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0), numbers[2] = {(long)argument, 1000}, sum = 0;
    if (connect(fd, (void *)&address, sizeof address))
        say("connect", -1);
    send(fd, numbers, sizeof numbers, 0);
    recv(fd, &sum, sizeof sum, MSG_WAITALL);
    close(fd);
    return (void *)(long)sum;
}

int main(void)
{
    pthread_t threads[clients], acceptor;
    address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    server = socket(AF_INET, SOCK_STREAM, 0);
    bind(server, (void *)&address, size);
    listen(server, clients);
    getsockname(server, (void *)&address, &size);
    pthread_create(&acceptor, NULL, serve, NULL);
    for (long i = 0; i < clients; i++)
        pthread_create(&threads[i], NULL, ask, (void *)i);
    for (int i = 0; i < clients; i++) {
        void *sum;
        pthread_join(threads[i], &sum);
        say("sum", (long)sum);
    }
    pthread_join(acceptor, NULL);
    return 0;
}
