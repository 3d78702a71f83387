/* Messages of netlink. Real calls: socket bind. */
#include "cases.h"
#include <linux/types.h>
#include <linux/socket.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/uio.h>

struct user_msghdr { void *msg_name; int msg_namelen; struct iovec *msg_iov; size_t msg_iovlen; void *msg_control; size_t msg_controllen; unsigned msg_flags; };

static unsigned char message[4096] __attribute__((aligned(8)));
static int at, open_at[8], opened, previous;
static unsigned four[64];
static struct sockaddr_nl name = {16}, to = {16, 0, 0, 0};
static struct ifinfomsg link = {0, 0, 1, 1, 0x10049, 0xffffffff};
static struct ifaddrmsg inet = {2, 8, 0x80, 254, 1}, inet6 = {10, 64, 0x80, 253, 1};
static struct rtmsg route = {2, 24, 0, 0, 254, 2, 253, 1, 0x200}, route6 = {10, 64, 0, 0, 255, 4, 0, 2, 0};
static struct ndmsg neighbour = {2, 0, 0, 1, 2 | 0x80, 8, 1};
static struct fib_rule_hdr rule = {2, 8, 0, 0, 254, 0, 0, 1, 2};
static struct tcmsg traffic = {0, 0, 0, 1, 0x10000, 0xffffffff, 2};
static struct rtgenmsg general = {17};
static struct ifa_cacheinfo lifetime = {1, 2, 3, 4};
static struct rta_cacheinfo used = {1, 2, 3, 4, 5, 6, 7, 8};
static struct nda_cacheinfo seen = {1, 2, 3, 4};
static struct rtnexthop hop = {8, 1, 2, 1};
static struct rtnl_link_stats stats = {1, 2, 3, 4};
static struct rtnl_link_stats64 stats64 = {1, 2, 3, 4};
static struct rtnl_link_ifmap map = {1, 2, 3, 4, 5, 6};
static struct nlmsghdr done = {20, NLMSG_DONE, NLM_F_MULTI, 5, 77};
static struct { struct nlmsghdr head; int error; struct nlmsghdr what; } refused = {{36, NLMSG_ERROR, 0x100, 5, 77}, -95, {20, RTM_GETLINK, 1, 5, 77}};
static struct iovec vector = {message, 0};
static struct user_msghdr hello = {&to, 12, &vector, 1}, nowhere = {0, 0, &vector, 1};

static void put(const void *data, int len) {
    memcpy(message + at, data, len);
    for (at += len; at & 3; at++)
        message[at] = 0;
}

static void begin(int type, int flags, const void *body, int len) {
    struct nlmsghdr head = {0, type, flags, 5, 77};
    previous = at;
    put(&head, sizeof head);
    put(body, len);
}

static void attribute(int type, const void *data, int len) {
    struct nlattr head = {4 + len, type};
    put(&head, 4);
    put(data, len);
}

static void within(int type) {
    struct nlattr head = {0, type};
    open_at[opened++] = at;
    put(&head, 4);
}

static void without(void) {
    *(unsigned short *)(message + open_at[opened - 1]) = at - open_at[opened - 1];
    opened--;
}

/* The length of all messages; a new one comes from here on at the beginning. */
static int end(void) {
    int len = at;
    *(unsigned *)(message + previous) = at - previous;
    at = previous = 0;
    vector.iov_len = len;
    return len;
}

static void each(int first, int last, int len) {
    for (int type = first; type <= last; type++)
        attribute(type, four, len);
}

static int made(int protocol) {
    int fd = raw(__NR_socket, 16, 3, protocol, 0, 0, 0);
    raw(__NR_bind, fd, (long)&name, sizeof name, 0, 0, 0);
    return fd;
}

#define REQUEST (NLM_F_REQUEST | NLM_F_DUMP)

static void cases(long answer) {
    int r = made(NETLINK_ROUTE), length;
    four[0] = 1;
    for (int i = 1; i < 64; i++)
        four[i] = i;
    if (answer == 0) {
        begin(RTM_GETLINK, REQUEST, &link, sizeof link), length = end();
        call(sendto, r, message, length, 0, NULL, 0); // by CPU: byte order
        call(sendto, r, message, 17, 0, NULL, 0); // by CPU: byte order
        call(sendto, r, message, 8, 0, NULL, 0); // by CPU: byte order
        call(sendmsg, r, &hello, 0); // by CPU: byte order
        call(sendmsg, r, &nowhere, 0); // by CPU: byte order
        begin(RTM_GETLINK, REQUEST, &general, 1), at -= 3, length = end();
        call(sendto, r, message, length, 0, NULL, 0); // by CPU: byte order
        begin(RTM_GETADDR, REQUEST, &general, 1), length = end();
        call(sendto, r, message, length, 0, NULL, 0); // by CPU: byte order
        begin(RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &link, sizeof link), attribute(IFLA_IFNAME, "eth7", 5), length = end();
        call(sendto, r, message, length, 0, NULL, 0); // unlike strace with -x: the NUL ends the text // unlike strace with -xx: the NUL ends the text // by CPU: byte order
        begin(RTM_NEWLINK, 0x801, &link, sizeof link), attribute(IFLA_ADDRESS, "\2\0\0\1\2\3", 6), attribute(IFLA_BROADCAST, "\2\0\0\1\2\3", 6), attribute(IFLA_IFALIAS, "alias", 6), attribute(IFLA_QDISC, "noop", 5), attribute(IFLA_PHYS_PORT_NAME, "p", 2), attribute(IFLA_PERM_ADDRESS, "\2\0\0\1\2\3", 6), attribute(IFLA_ALT_IFNAME, "x", 2), attribute(IFLA_PARENT_DEV_NAME, "y", 2), attribute(IFLA_PARENT_DEV_BUS_NAME, "z", 2), attribute(IFLA_MTU, 0, 0), length = end();
        call(sendto, r, message, length, 0, NULL, 0); // unlike strace with -x: the NUL ends the text // unlike strace with -xx: the NUL ends the text // by CPU: byte order
        begin(RTM_NEWLINK, 1, &link, sizeof link), attribute(IFLA_STATS, &stats, sizeof stats), attribute(IFLA_STATS64, &stats64, 24 * 8), attribute(IFLA_MAP, &map, sizeof map), attribute(IFLA_STATS, &stats, 12), length = end();
        call(sendto, r, message, length, 0, NULL, 0); // by CPU: byte order
        begin(RTM_NEWLINK, 1, &link, sizeof link), each(IFLA_MTU, IFLA_LINK, 4), each(IFLA_COST, IFLA_WIRELESS, 4), each(IFLA_TXQLEN, IFLA_TXQLEN, 4), each(IFLA_WEIGHT, IFLA_LINKMODE, 4), each(IFLA_NET_NS_PID, IFLA_NET_NS_PID, 4), each(IFLA_NUM_VF, IFLA_NUM_VF, 4), each(IFLA_GROUP, IFLA_NET_NS_FD, 4), each(IFLA_PROMISCUITY, IFLA_LINK_NETNSID, 4), length = end();
        call(sendto, r, message, length, 0, NULL, 0); // by CPU: byte order
        begin(RTM_NEWLINK, 1, &link, sizeof link), each(IFLA_PROTO_DOWN, IFLA_PAD, 4), each(IFLA_NEW_NETNSID, IFLA_MAX_MTU, 4), each(IFLA_GRO_MAX_SIZE, IFLA_ALLMULTI, 4), each(99, 100, 4), length = end();
        call(sendto, r, message, length, 0, NULL, 0); // by CPU: byte order
        begin(RTM_NEWLINK, 1, &link, sizeof link), within(IFLA_LINKINFO), attribute(IFLA_INFO_KIND, "veth", 5), without(), within(IFLA_XDP | NLA_F_NESTED), attribute(IFLA_XDP_FD, four, 4), attribute(IFLA_XDP_ATTACHED, "\2", 1), attribute(IFLA_XDP_PROG_ID, four, 4), without(), within(IFLA_PROP_LIST | NLA_F_NESTED), attribute(IFLA_ALT_IFNAME, "other", 6), without(), length = end();
        call(sendto, r, message, length, 0, NULL, 0); // unlike strace with -x: the NUL ends the text // unlike strace with -xx: the NUL ends the text // by CPU: byte order
        begin(RTM_NEWLINK, 1, &link, sizeof link), within(IFLA_AF_SPEC), within(2), attribute(IFLA_INET_CONF, four, 16), without(), within(10), attribute(IFLA_INET6_FLAGS, four, 4), attribute(IFLA_INET6_CONF, four, 12), attribute(IFLA_INET6_CACHEINFO, four, 16), without(), without(), length = end();
        call(sendto, r, message, length, 0, NULL, 0); // by CPU: byte order
        begin(RTM_NEWADDR, 0x601, &inet, sizeof inet), attribute(IFA_LOCAL, "\12\0\0\1", 4), attribute(IFA_ADDRESS, "\12\0\0\2", 4), attribute(IFA_BROADCAST, "\12\0\0\377", 4), attribute(IFA_LABEL, "lo", 3), attribute(IFA_FLAGS, four, 4), attribute(IFA_CACHEINFO, &lifetime, sizeof lifetime), attribute(IFA_RT_PRIORITY, four, 4), length = end();
        call(sendto, r, message, length, 0, NULL, 0); // unlike strace with -x: the NUL ends the text // unlike strace with -xx: the NUL ends the text // by CPU: byte order
        begin(RTM_DELADDR, 0x101, &inet6, sizeof inet6), attribute(IFA_ADDRESS, "\376\200\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16), length = end();
        call(sendto, r, message, length, 0, NULL, 0); // by CPU: byte order
        begin(RTM_GETROUTE, REQUEST, &route, sizeof route), attribute(RTA_DST, "\12\0\0\1", 4), attribute(RTA_SRC, "\12\0\0\2", 4), attribute(RTA_GATEWAY, "\12\0\0\3", 4), attribute(RTA_PREFSRC, "\12\0\0\4", 4), each(RTA_IIF, RTA_OIF, 4), each(RTA_PRIORITY, RTA_PRIORITY, 4), each(RTA_FLOW, RTA_FLOW, 4), attribute(RTA_TABLE, four, 4), each(RTA_MARK, RTA_MARK, 4), attribute(RTA_CACHEINFO, &used, sizeof used), attribute(RTA_PREF, "\1", 1), attribute(RTA_UID, four, 4), attribute(RTA_TTL_PROPAGATE, "\1", 1), attribute(RTA_IP_PROTO, "\6", 1), attribute(RTA_SPORT, "\0\120", 2), attribute(RTA_DPORT, "\0\120", 2), attribute(RTA_NH_ID, four, 4), length = end();
        call(sendto, r, message, length, 0, NULL, 0); // by CPU: byte order
        begin(RTM_NEWROUTE, 0x401, &route6, sizeof route6), attribute(RTA_DST, "\376\200\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16), within(RTA_METRICS), attribute(RTAX_MTU, four, 4), attribute(RTAX_HOPLIMIT, four, 4), attribute(RTAX_CC_ALGO, "cubic", 6), without(), attribute(RTA_EXPIRES, four, 8), attribute(RTA_ENCAP_TYPE, four, 2), attribute(RTA_VIA, "\2\0\12\0\0\1", 6), length = end();
        call(sendto, r, message, length, 0, NULL, 0); // unlike strace with -x: the NUL ends the text // unlike strace with -xx: the NUL ends the text // by CPU: byte order
        begin(RTM_NEWROUTE, 1, &route, sizeof route), within(RTA_MULTIPATH), put(&hop, 8), without(), length = end();
        call(sendto, r, message, length, 0, NULL, 0); // by CPU: byte order
        begin(RTM_NEWNEIGH, 0x101, &neighbour, sizeof neighbour), attribute(NDA_DST, "\12\0\0\1", 4), attribute(NDA_LLADDR, "\2\0\0\1\2\3", 6), attribute(NDA_CACHEINFO, &seen, sizeof seen), attribute(NDA_PROBES, four, 4), attribute(NDA_VLAN, four, 2), attribute(NDA_PORT, "\0\120", 2), each(NDA_VNI, NDA_SRC_VNI, 4), attribute(NDA_NH_ID, four, 4), length = end();
        call(sendto, r, message, length, 0, NULL, 0); // by CPU: byte order
        begin(RTM_NEWRULE, 0x601, &rule, sizeof rule), attribute(FRA_DST, "\12\0\0\1", 4), attribute(FRA_SRC, "\12\0\0\1", 4), attribute(FRA_IIFNAME, "lo", 3), attribute(FRA_PRIORITY, four, 4), attribute(FRA_FWMARK, four, 4), attribute(FRA_TABLE, four, 4), attribute(FRA_FWMASK, four, 4), attribute(FRA_OIFNAME, "lo", 3), attribute(FRA_PROTOCOL, "\2", 1), attribute(FRA_SUPPRESS_PREFIXLEN, four, 4), attribute(FRA_IP_PROTO, "\6", 1), length = end();
        call(sendto, r, message, length, 0, NULL, 0); // unlike strace with -x: the NUL ends the text // unlike strace with -xx: the NUL ends the text // by CPU: byte order
        begin(RTM_NEWQDISC, 1, &traffic, sizeof traffic), attribute(TCA_KIND, "pfifo", 6), attribute(TCA_CHAIN, four, 4), attribute(TCA_HW_OFFLOAD, "\1", 1), length = end();
        call(sendto, r, message, length, 0, NULL, 0); // unlike strace with -x: the NUL ends the text // unlike strace with -xx: the NUL ends the text // by CPU: byte order
    }
    if (answer == 20) {
        memcpy(message, &done, sizeof done), memset(message + 16, 0, 4), vector.iov_len = 4096;
        call(recvfrom, r, message, 4096, 0, NULL, NULL); // by CPU: byte order
        call(recvmsg, r, &hello, 0); // by CPU: byte order
    }
    if (answer == 36) {
        memcpy(message, &refused, sizeof refused);
        call(recvfrom, r, message, 4096, 0, NULL, NULL); // by CPU: byte order
    }
}
