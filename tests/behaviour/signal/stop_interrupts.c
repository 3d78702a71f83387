/*
 * signal(7): some calls fail with EINTR when their process stops while they wait, and goes on, though no handler runs;
 * others go on waiting.
 */
#include "../tasks.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>

static int set, queue, pipes[2], sockets[2], limited[2], epoll;

static long epolls(void)
{
    struct epoll_event event;
    return epoll_wait(epoll, &event, 1, -1);
}

static long epolls_for_a_while(void)
{
    struct epoll_event event;
    return epoll_wait(epoll, &event, 1, 60000);
}

static long waits_for_signal(void)
{
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGUSR2);
    return sigwaitinfo(&wanted, 0);
}

static long waits_for_signal_for_a_while(void)
{
    struct timespec time = {60, 0};
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGUSR2);
    return sigtimedwait(&wanted, 0, &time);
}

static long takes_semaphore(void)
{
    struct sembuf take = {0, -1, 0};
    return semop(set, &take, 1);
}

static long takes_semaphore_for_a_while(void)
{
    struct sembuf take = {0, -1, 0};
    struct timespec time = {60, 0};
    return semtimedop(set, &take, 1, &time);
}

static long receives_for_a_while(void)
{
    char byte;
    return recv(limited[0], &byte, 1, 0);
}

static long receives(void)
{
    char byte;
    return recv(sockets[0], &byte, 1, 0);
}

static long reads(void)
{
    char byte;
    return read(pipes[0], &byte, 1);
}

static long polls(void)
{
    struct pollfd one = {pipes[0], POLLIN};
    return poll(&one, 1, 60000);
}

static long selects(void)
{
    fd_set in;
    FD_ZERO(&in);
    FD_SET(pipes[0], &in);
    return select(pipes[0] + 1, &in, 0, 0, 0);
}

static long takes_message(void)
{
    struct {
        long type;
        char text[8];
    } message;
    return msgrcv(queue, &message, 8, 0, 0);
}

static void *by_thread(void *call)
{
    long result = ((long (*)(void))call)();
    say("    in a second thread", result);
    return 0;
}

static void try(const char *what, long (*call)(void), int thread)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        if (thread) {
            pthread_t other;
            pthread_create(&other, 0, by_thread, call);
            pthread_join(other, 0);
        } else {
            say(what, call());
        }
        _exit(0);
    }
    sleep_ms(60);
    kill(child, SIGSTOP);
    waitpid(child, &status, WUNTRACED);
    kill(child, SIGCONT);
    waitpid(child, &status, WCONTINUED);
    sleep_ms(60);
    if (waitpid(child, &status, WNOHANG) == 0) {
        printf("%s: still waits\n", what);
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
    }
}

int main(void)
{
    struct timeval minute = {60, 0};
    struct epoll_event event = {EPOLLIN};
    setvbuf(stdout, 0, _IONBF, 0);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    sigprocmask(SIG_BLOCK, &blocked, 0);
    set = semget(IPC_PRIVATE, 1, 0600);
    queue = msgget(IPC_PRIVATE, 0600);
    pipe(pipes);
    socketpair(AF_UNIX, SOCK_STREAM, 0, sockets);
    socketpair(AF_UNIX, SOCK_STREAM, 0, limited);
    setsockopt(limited[0], SOL_SOCKET, SO_RCVTIMEO, &minute, sizeof minute);
    epoll = epoll_create1(0);
    epoll_ctl(epoll, EPOLL_CTL_ADD, pipes[0], &event);

    try("epoll_wait", epolls, 0);
    try("epoll_wait with a time", epolls_for_a_while, 0);
    try("sigwaitinfo", waits_for_signal, 0);
    try("sigtimedwait", waits_for_signal_for_a_while, 0);
    try("semop", takes_semaphore, 0);
    try("semtimedop", takes_semaphore_for_a_while, 0);
    try("recv with a time", receives_for_a_while, 0);
    try("recv", receives, 0);
    try("read", reads, 0);
    try("poll", polls, 0);
    try("select", selects, 0);
    try("msgrcv", takes_message, 0);
    try("epoll_wait in a thread", epolls, 1);
    try("semop in a thread", takes_semaphore, 1);
    try("read in a thread", reads, 1);
    semctl(set, 0, IPC_RMID);
    msgctl(queue, IPC_RMID, 0);
    return 0;
}
