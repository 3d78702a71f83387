/* sem_open(3): a semaphore with a name, for processes that know it. */
#include "../tasks.h"
#include <semaphore.h>

int main(void)
{
    char name[64];
    int value;
    snprintf(name, sizeof name, "/emu-behaviour-%d", getpid());
    check("absent", sem_open(name, 0) == SEM_FAILED && errno == ENOENT);
    sem_t *semaphore = sem_open(name, O_CREAT | O_EXCL, 0600, 2);
    check("made", semaphore != SEM_FAILED);
    check("O_EXCL", sem_open(name, O_CREAT | O_EXCL, 0600, 1) == SEM_FAILED && errno == EEXIST);
    check("opened again, the same", sem_open(name, 0) == semaphore);
    sem_getvalue(semaphore, &value);
    say("value", value);
    struct gate go = new_gate();
    pid_t pid = fork();
    if (pid == 0) {
        sem_t *own = sem_open(name, 0);
        sem_wait(own);
        sem_wait(own);
        open_gate(go);
        say("third", sem_wait(own));
        return 0;
    }
    pass(go);
    sem_getvalue(semaphore, &value);
    say("value", value);
    say("sem_trywait", sem_trywait(semaphore));
    sem_post(semaphore);
    reap("child", pid);
    say("sem_unlink", sem_unlink(name));
    say("again", sem_unlink(name));
    say("still there", sem_post(semaphore));
    say("sem_close", sem_close(semaphore));
    return 0;
}
