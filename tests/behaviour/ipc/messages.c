/* msgget(2), msgsnd(2), msgrcv(2): messages have a type, by which they are asked for. */
#include "../tasks.h"
#include <sys/msg.h>

struct message {
    long type;
    char text[32];
};

static int id;

static void send_one(long type, const char *text)
{
    struct message message = {type, ""};
    strcpy(message.text, text);
    if (msgsnd(id, &message, strlen(text), IPC_NOWAIT))
        say("msgsnd", -1);
}

static void take(const char *what, size_t size, long type, int flags)
{
    struct message message;
    memset(&message, 0, sizeof message);
    ssize_t got = msgrcv(id, &message, size, type, flags | IPC_NOWAIT);
    if (got < 0)
        say(what, -1);
    else
        printf("%s: type %ld, %zd bytes, %s\n", what, message.type, got, message.text);
}

int main(void)
{
    id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    check("msgget", id >= 0);
    take("empty", 31, 0, 0);
    send_one(3, "three");
    send_one(1, "one");
    send_one(2, "two");
    send_one(3, "another three");
    send_one(5, "five");
    take("the first", 31, 0, 0);
    take("of type 3", 31, 3, 0);
    take("of type 7", 31, 7, 0);
    take("the lowest up to 4", 31, -4, 0);
    take("any but 2", 31, 2, MSG_EXCEPT);
    take("too short", 2, 0, 0);
    take("cut", 2, 0, MSG_NOERROR);
    take("empty", 31, 0, 0);
    struct message message = {0, "x"};
    say("type 0", msgsnd(id, &message, 1, 0));
    message.type = -1;
    say("a type below 0", msgsnd(id, &message, 1, 0));
    message.type = 4;
    say("of nothing", msgsnd(id, &message, 0, 0));
    struct msqid_ds state;
    say("IPC_STAT", msgctl(id, IPC_STAT, &state));
    say("how many", state.msg_qnum);
    check("the last sender", state.msg_lspid == getpid());
    take("of nothing", 0, 0, 0);
    say("IPC_RMID", msgctl(id, IPC_RMID, NULL));
    say("gone", msgsnd(id, &message, 1, 0));
    return 0;
}
