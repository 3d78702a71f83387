/* Sockets, and waiting for several things. */
#include "cases.h"
#include <asm/fcntl.h>
#include <linux/types.h>
#include <linux/socket.h>
#include <linux/time.h>
#include <asm/poll.h>
#include <asm/signal.h>
#include <asm/socket.h>
#include <linux/eventpoll.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/net.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/tcp.h>
#include <linux/uio.h>
#include <linux/un.h>
#include <linux/if_ether.h>

#if defined(__mips__)
#define SOCK_DGRAM 1
#define SOCK_STREAM 2
#define SOCK_NONBLOCK 0x80
#else
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_NONBLOCK 04000
#endif
#define SOCK_RAW 3
#define SOCK_SEQPACKET 5
#define SOCK_CLOEXEC 02000000
#define SOL_RAW 255
#define SOL_PACKET 263
#define SOL_NETLINK 270
#define MSG_DONTROUTE 4
#define MSG_TRUNC 0x20
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define network(port) (port)
#else
#define network(port) __builtin_bswap16(port)
#endif

typedef unsigned int socklen_t;
typedef long time_t;
struct user_msghdr { void *msg_name; int msg_namelen; struct iovec *msg_iov; size_t msg_iovlen; void *msg_control; size_t msg_controllen; unsigned msg_flags; };
struct mmsg { struct user_msghdr header; unsigned length; };
struct control { size_t cmsg_len; int cmsg_level, cmsg_type; };

static char text[] = "some text of forty bytes, of which 32 are shown";
static struct sockaddr_un named = {1, "/run/socket"}, abstract = {1, "\0hidden"};
static struct sockaddr_in in = {2};
static struct sockaddr_in6 in6 = {10};
static struct sockaddr_nl nl = {16, 0, 77, 1};
static struct sockaddr_ll ll = {17};
static struct { unsigned short family; unsigned char channel, rest[13]; } strange = {99, 5, "bytes"};
static struct { unsigned short family; unsigned char zero[6]; } unspecified = {0};
static struct { unsigned short family, reserved; unsigned port, cid; unsigned char rest[4]; } vm = {40, 0, 5000, 2};
static socklen_t length = sizeof(struct sockaddr_in), room = 110, four = 4, eight = 8, twelve = 12, sixteen = 16, zero = 0;
static socklen_t time_size = sizeof(struct __kernel_old_timeval);
static struct iovec vector[2] = {{text, 9}, {text + 5, 4}};
static struct { struct control head; int fds[2]; } rights = {{sizeof(struct control) + 8, SOL_SOCKET, 1}, {5, 6}};
static struct { struct control head; int pid, uid, gid; } credentials = {{sizeof(struct control) + 12, SOL_SOCKET, 2}, 7, 8, 9};
static struct { struct control head; struct __kernel_old_timeval time; } stamp = {{sizeof(struct control) + sizeof(struct __kernel_old_timeval), SOL_SOCKET, 29}, {1, 2}};
static struct { struct control head; int ttl; } ttl = {{sizeof(struct control) + 4, 0, 2}, 64};
static struct { struct control head; struct in_pktinfo info; } pktinfo = {{sizeof(struct control) + 12, 0, 8}, {1, {0x0100007f}, {0x0100007f}}};
static struct { struct control head; int strange; } other = {{sizeof(struct control) + 4, 99, 98}, 64};
static struct user_msghdr message = {&named, 14, vector, 2, &rights, sizeof rights, 0x40};
static struct user_msghdr messages[] = {
    {0, 0, vector, 1, &credentials, sizeof credentials, 0},
    {0, 0, vector, 1, &stamp, sizeof stamp, 0},
    {0, 0, vector, 1, &ttl, sizeof ttl, 0},
    {0, 0, vector, 1, &pktinfo, sizeof pktinfo, 0},
    {0, 0, vector, 1, &other, sizeof other, 0},
    {0, 0, 0, 0, 0, 0, 0},
};
static struct mmsg several[2] = {{{0, 0, vector, 1}, 9}, {{0, 0, vector + 1, 1}, 3}};
static struct __kernel_old_timespec spec = {5, 123};
static struct __kernel_timespec wide = {6, 7};
static struct __kernel_old_timeval timeval = {1, 2};
static struct { int onoff, linger; } linger = {1, 5};
static int one = 1, none = 0, three = 3;
static struct { unsigned char group[4], interface[4]; int index; } mreq = {{224, 0, 0, 1}}, mreqn = {{224, 0, 0, 1}, {0}, 2};
static struct ipv6_mreq mreq6;
static struct sock_filter filter[2] = {{0x20, 0, 0, 4}, {0x06, 0, 0, 0x7fff0000}};
static struct sock_fprog program = {2, filter};
static struct { int pid, uid, gid; } peer = {7, 8, 9};
static struct { struct nlmsghdr head; struct rtgenmsg body; char pad[3]; } link = {{20, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 5, 77}, {0}};
static struct nlmsghdr done = {16, NLMSG_DONE, NLM_F_MULTI, 5, 77};
static struct { struct nlmsghdr head; int error; struct nlmsghdr what; } refused = {{36, NLMSG_ERROR, 0, 5, 77}, -95, {20, RTM_GETLINK, 1, 5, 77}};
static struct pollfd polled[2] = {{3, POLLIN | POLLRDHUP, POLLIN}, {4, POLLOUT, POLLERR | POLLHUP}};
static struct epoll_event event = {EPOLLIN | EPOLLET | EPOLLONESHOT}, events[2] = {{EPOLLIN | EPOLLHUP}, {EPOLLOUT}};
static unsigned long reads[1024 / 8 / sizeof(long)] = {1 << 3 | 1 << 5}, writes[1024 / 8 / sizeof(long)] = {1 << 4};
static unsigned long set[2] = {1 << (SIGINT - 1)};
static struct { void *set; size_t size; } pack = {set, 8};
static int pair[2] = {7, 8};

static void cases(long answer) {
    in.sin_port = network(80), in.sin_addr.s_addr = *(unsigned *)"\x0a\0\0\1";
    in6.sin6_port = network(443), in6.sin6_addr.s6_addr[0] = 0xfe, in6.sin6_addr.s6_addr[1] = 0x80, in6.sin6_addr.s6_addr[15] = 1, in6.sin6_scope_id = 0;
    ll.sll_protocol = network(3), ll.sll_halen = 6, ll.sll_hatype = 1, memcpy(ll.sll_addr, "\1\2\3\4\5\6", 6);
    events[0].data = 5, events[1].data = 0x500000007ull, event.data = 9;
    mreq6.ipv6mr_multiaddr = in6.sin6_addr, mreq6.ipv6mr_ifindex = 0;
    if (answer == 0) {
        call(socket, 1, SOCK_STREAM | SOCK_CLOEXEC, 0);
        call(socket, 2, SOCK_DGRAM, IPPROTO_UDP);
        call(socket, 10, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_ICMPV6);
        call(socket, 16, SOCK_RAW, NETLINK_ROUTE);
        call(socket, 17, SOCK_RAW, network(ETH_P_ALL));
        call(socket, 99, 77, 5);
        call(socketpair, 1, SOCK_SEQPACKET, 0, pair);
        call(bind, 3, &named, 14);
        call(bind, 3, &named, sizeof named);
        call(bind, 3, &abstract, 9);
        call(bind, 3, &nl, sizeof nl);
        call(bind, 3, &ll, sizeof ll);
        call(bind, 3, &strange, sizeof strange);
        call(bind, 3, &strange, 2);
        call(bind, 3, &strange, 1);
        call(connect, 3, &in, sizeof in);
        call(connect, 3, &in, 8);
        call(connect, 3, &in6, sizeof in6);
        call(connect, 3, &unspecified, 8);
        call(connect, 3, &vm, sizeof vm);
        call(connect, 3, NULL, 16);
        call(listen, 3, 128);
        call(accept, 3, &in, &length);
        call(accept, 3, NULL, NULL);
        call(accept4, 3, &in6, &room, SOCK_CLOEXEC);
        call(getsockname, 3, &named, &room);
        call(getpeername, 3, &in, &length);
        call(getpeername, 3, &in, &zero);
        call(shutdown, 3, 1);
        call(shutdown, 3, 5);
        call(setsockopt, 3, SOL_SOCKET, SO_REUSEADDR, &one, 4);
        call(setsockopt, 3, SOL_SOCKET, SO_KEEPALIVE, &one, 4);
        call(setsockopt, 3, SOL_SOCKET, SO_LINGER, &linger, 8);
        call(setsockopt, 3, SOL_SOCKET, SO_RCVTIMEO, &timeval, sizeof timeval); // by CPU: names of two sizes
        call(setsockopt, 3, SOL_SOCKET, SO_SNDTIMEO, &timeval, sizeof timeval); // by CPU: names of two sizes
        call(setsockopt, 3, SOL_SOCKET, SO_BINDTODEVICE, "eth0", 5);
        call(setsockopt, 3, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
        call(setsockopt, 3, SOL_SOCKET, SO_DETACH_FILTER, &none, 4);
        call(setsockopt, 3, SOL_SOCKET, SO_PASSCRED, &one, 4);
        call(setsockopt, 3, SOL_SOCKET, SO_RCVBUF, &one, 4);
        call(setsockopt, 3, SOL_SOCKET, SO_SNDBUFFORCE, &one, 4);
        call(setsockopt, 3, SOL_SOCKET, SO_MARK, &one, 4);
        call(setsockopt, 3, SOL_SOCKET, SO_REUSEPORT, &one, 2);
        call(setsockopt, 3, IPPROTO_TCP, TCP_NODELAY, &one, 4);
        call(setsockopt, 3, IPPROTO_TCP, TCP_KEEPIDLE, &one, 4);
        call(setsockopt, 3, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5);
        call(setsockopt, 3, IPPROTO_TCP, TCP_USER_TIMEOUT, &one, 4);
        call(setsockopt, 3, IPPROTO_IP, IP_TOS, &one, 4);
        call(setsockopt, 3, IPPROTO_IP, IP_ADD_MEMBERSHIP, &mreq, 8);
        call(setsockopt, 3, IPPROTO_IP, IP_ADD_MEMBERSHIP, &mreqn, sizeof mreqn);
        call(setsockopt, 3, IPPROTO_IP, IP_MULTICAST_TTL, &one, 4);
        call(setsockopt, 3, IPPROTO_IP, IP_RECVERR, &one, 4);
        call(setsockopt, 3, IPPROTO_IP, IP_PKTINFO, &one, 4);
        call(setsockopt, 3, IPPROTO_IP, IP_MTU_DISCOVER, &one, 4);
        call(setsockopt, 3, IPPROTO_IPV6, IPV6_V6ONLY, &one, 4);
        call(setsockopt, 3, IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, &mreq6, sizeof mreq6);
        call(setsockopt, 3, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &one, 4);
        call(setsockopt, 3, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &one, 4);
        call(setsockopt, 3, SOL_NETLINK, NETLINK_EXT_ACK, &one, 4);
        call(setsockopt, 3, SOL_PACKET, PACKET_VERSION, &one, 4);
        call(setsockopt, 3, IPPROTO_UDP, 1, &one, 4);
        call(setsockopt, 3, SOL_RAW, 2, &one, 4);
        call(setsockopt, 3, 0x123, 7, &one, 4);
        call(setsockopt, 3, SOL_SOCKET, 0x456, text, 8);
        call(getsockopt, 3, SOL_SOCKET, SO_ERROR, &none, &four);
        call(getsockopt, 3, SOL_SOCKET, SO_TYPE, &one, &four);
        call(getsockopt, 3, SOL_SOCKET, SO_PEERCRED, &peer, &twelve);
        call(getsockopt, 3, SOL_SOCKET, SO_LINGER, &linger, &eight);
        call(getsockopt, 3, SOL_SOCKET, SO_DOMAIN, &one, &four);
        call(getsockopt, 3, SOL_SOCKET, SO_PROTOCOL, &one, &four);
        call(getsockopt, 3, SOL_SOCKET, SO_ACCEPTCONN, &one, &four);
        call(getsockopt, 3, SOL_SOCKET, SO_RCVTIMEO, &timeval, &time_size); // by CPU: names of two sizes
        call(getsockopt, 3, IPPROTO_TCP, TCP_MAXSEG, &one, &four);
        call(getsockopt, 3, IPPROTO_TCP, TCP_CONGESTION, "cubic\0\0\0\0\0\0\0\0\0\0", &sixteen);
        call(getsockopt, 3, IPPROTO_TCP, TCP_INFO, text, &eight);
        call(getsockopt, 3, IPPROTO_IP, IP_TTL, &one, &four);
        call(getsockopt, 3, SOL_NETLINK, NETLINK_LIST_MEMBERSHIPS, &one, &four);
        call(sendto, 3, text, 5, MSG_DONTROUTE | 0x4000, &in, sizeof in);
        call(sendto, 3, text, 5, 0, NULL, 0);
        call(sendto, 3, &link, 20, 0, &nl, sizeof nl); // unlike strace: it asks the socket, not the address // by CPU: byte order
        call(sendmsg, 3, &message, 0x40);
        call(sendmsg, 3, &messages[0], 0);
        call(sendmsg, 3, &messages[1], 0);
        call(sendmsg, 3, &messages[2], 0);
        call(sendmsg, 3, &messages[3], 0); // by CPU: numbers in network order
        call(sendmsg, 3, &messages[4], 0);
        call(sendmsg, 3, &messages[5], 0);
        call(poll, polled, 2, 100);
        call(ppoll, polled, 2, &spec, set, 8);
        call(select, 8, reads, writes, NULL, &timeval);
        call(pselect6, 8, reads, NULL, NULL, &spec, &pack);
        call(epoll_create1, EPOLL_CLOEXEC);
        call(epoll_ctl, 3, EPOLL_CTL_ADD, 4, &event); // by CPU: data in the other order
        call(epoll_ctl, 3, EPOLL_CTL_DEL, 4, NULL);
        call(epoll_ctl, 3, EPOLL_CTL_DEL, 4, &event);
        call(epoll_wait, 3, events, 2, 100);
        call(epoll_pwait, 3, events, 2, 0, set, 8);
        call(eventfd2, 5, O_NONBLOCK | 02000000 | 1);
        call(signalfd4, -1, set, 8, 02000000);
    }
    if (answer == 2) {
        call(poll, polled, 2, -1);
        call(ppoll, polled, 2, NULL, NULL, 0);
        call(ppoll, polled, 2, &spec, NULL, 8);
        call(select, 8, reads, writes, NULL, &timeval);
        call(pselect6, 8, reads, NULL, writes, &spec, &pack);
        call(epoll_wait, 3, events, 2, 100); // by CPU: data in the other order
        call(epoll_pwait2, 3, events, 2, &wide, NULL, 8); // by CPU: data in the other order
        call(sendmmsg, 3, several, 2, 0);
        call(recvmmsg, 3, several, 2, 0x10000, &spec);
        call(recvmmsg, 3, several, 2, 0, NULL);
        call(accept4, 3, &in, &length, 0);
    }
    if (answer == 9) {
        call(sendto, 3, text, 9, 0, &in, sizeof in);
        call(recvfrom, 3, text, 47, 0x40, &in, &length);
        call(recvfrom, 3, text, 47, MSG_TRUNC, NULL, NULL);
        call(recvmsg, 3, &message, 0);
        call(recvmsg, 3, &messages[0], 0);
        call(recvmsg, 3, &messages[4], 0);
        call(sendmsg, 3, &message, 0x40);
    }
    if (answer == 20) {
        call(sendto, 3, &link, 20, 0, &nl, sizeof nl); // unlike strace: it asks the socket, not the address // by CPU: byte order
        call(recvfrom, 3, &link, 20, 0, &nl, &twelve); // unlike strace: it asks the socket, not the address // by CPU: byte order
        call(recvfrom, 3, &done, 16, 0, NULL, NULL); // by CPU: byte order
    }
    if (answer == -22) {
        call(accept, 3, &in, &length);
        call(recvfrom, 3, text, 47, 0, &in, &length);
        call(recvmsg, 3, &message, 0);
        call(recvmmsg, 3, several, 2, 0, &spec);
        call(getsockopt, 3, SOL_SOCKET, SO_ERROR, &none, &four);
        call(getsockname, 3, &named, &room);
        call(poll, polled, 2, -1);
        call(select, 8, reads, writes, NULL, &timeval);
        call(epoll_wait, 3, events, 2, 100);
        call(socketpair, 1, SOCK_SEQPACKET, 0, pair);
        call(sendmmsg, 3, several, 2, 0);
        call(epoll_ctl, 3, 7, 4, NULL);
        call(connect, 3, 8, 16);
    }
}
