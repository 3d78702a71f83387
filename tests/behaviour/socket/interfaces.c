/* getifaddrs(3), netdevice(7): the loopback interface and its address. */
#include "../tasks.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int main(void)
{
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct ifreq request = {.ifr_name = "lo"};
    say("SIOCGIFFLAGS", ioctl(fd, SIOCGIFFLAGS, &request));
    check("up, loopback", (request.ifr_flags & (IFF_UP | IFF_LOOPBACK | IFF_RUNNING)) == (IFF_UP | IFF_LOOPBACK | IFF_RUNNING));
    say("SIOCGIFADDR", ioctl(fd, SIOCGIFADDR, &request));
    puts(inet_ntoa(((struct sockaddr_in *)&request.ifr_addr)->sin_addr));
    say("SIOCGIFNETMASK", ioctl(fd, SIOCGIFNETMASK, &request));
    puts(inet_ntoa(((struct sockaddr_in *)&request.ifr_netmask)->sin_addr));
    say("SIOCGIFMTU", ioctl(fd, SIOCGIFMTU, &request));
    say("MTU", request.ifr_mtu);
    say("SIOCGIFINDEX", ioctl(fd, SIOCGIFINDEX, &request));
    say("index", request.ifr_ifindex);
    struct ifreq all[32];
    struct ifconf config = {.ifc_len = sizeof all, .ifc_req = all};
    say("SIOCGIFCONF", ioctl(fd, SIOCGIFCONF, &config));
    int found = 0;
    for (unsigned i = 0; i < config.ifc_len / sizeof *all; i++)
        found |= !strcmp(all[i].ifr_name, "lo");
    check("lo is among them", found);
    strcpy(request.ifr_name, "absent0");
    say("of none", ioctl(fd, SIOCGIFFLAGS, &request));
    return 0;
}
