/* sendmmsg(2), recvmmsg(2): several datagrams in one call. */
#include "../tasks.h"
#include <sys/socket.h>

int main(void)
{
    int fds[2];
    socketpair(AF_UNIX, SOCK_DGRAM, 0, fds);
    static char *const texts[] = {"one", "second", "the third"};
    char buffers[4][16];
    struct iovec parts[4];
    struct mmsghdr messages[4];
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < 3; i++) {
        parts[i] = (struct iovec){texts[i], strlen(texts[i])};
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    say("sendmmsg", sendmmsg(fds[0], messages, 3, 0));
    printf("%u %u %u\n", messages[0].msg_len, messages[1].msg_len, messages[2].msg_len);
    memset(messages, 0, sizeof messages);
    for (int i = 0; i < 4; i++) {
        parts[i] = (struct iovec){buffers[i], i == 1 ? 4 : 15};
        messages[i].msg_hdr.msg_iov = &parts[i];
        messages[i].msg_hdr.msg_iovlen = 1;
    }
    say("recvmmsg", recvmmsg(fds[1], messages, 4, MSG_DONTWAIT, NULL));
    for (int i = 0; i < 3; i++)
        printf("%.*s%s\n", (int)messages[i].msg_len, buffers[i], messages[i].msg_hdr.msg_flags & MSG_TRUNC ? ", cut" : "");
    say("none", recvmmsg(fds[1], messages, 4, MSG_DONTWAIT, NULL));
    send(fds[0], "x", 1, 0);
    say("MSG_WAITFORONE", recvmmsg(fds[1], messages, 4, MSG_WAITFORONE, NULL));
    struct timespec limit = {0, 2000000};
    send(fds[0], "y", 1, 0);
    send(fds[0], "z", 1, 0);
    say("two asked for", recvmmsg(fds[1], messages, 2, 0, &limit));
    return 0;
}
