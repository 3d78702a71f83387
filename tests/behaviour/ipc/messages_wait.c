/* msgsnd(2), msgrcv(2): wait for a message of a type, for room, and are told when the queue is removed. */
#include "../tasks.h"
#include <sys/msg.h>

struct message {
    long type;
    char text[2000];
};

int main(void)
{
    int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    static struct message message;
    pid_t pid = fork();
    if (pid == 0) {
        say("msgrcv", msgrcv(id, &message, 100, 2, 0));
        puts(message.text);
        check("removed", msgrcv(id, &message, 100, 2, 0) == -1 && (errno == EIDRM || errno == EINVAL));
        return 0;
    }
    message.type = 1;
    strcpy(message.text, "not for it");
    msgsnd(id, &message, 11, 0);
    message.type = 2;
    strcpy(message.text, "for it");
    msgsnd(id, &message, 7, 0);
    struct msqid_ds state;
    do
        msgctl(id, IPC_STAT, &state);
    while (state.msg_qnum > 1);
    sleep_ms(3);
    msgctl(id, IPC_RMID, NULL);
    reap("child", pid);
    id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    message.type = 1;
    int count = 0;
    while (msgsnd(id, &message, 2000, IPC_NOWAIT) == 0)
        count++;
    say("full", msgsnd(id, &message, 2000, IPC_NOWAIT));
    msgctl(id, IPC_STAT, &state);
    check("as many as fit", count == (int)(state.msg_qbytes / 2000));
    pid = fork();
    if (pid == 0) {
        message.type = 9;
        say("waits for room", msgsnd(id, &message, 2000, 0));
        return 0;
    }
    sleep_ms(3);
    msgrcv(id, &message, 2000, 1, 0);
    reap("child", pid);
    say("its message", msgrcv(id, &message, 2000, 9, IPC_NOWAIT));
    msgctl(id, IPC_RMID, NULL);
    return 0;
}
