/* Requests to descriptors. */
#include "cases.h"
#include <asm/fcntl.h>
#include <linux/types.h>
#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <linux/blkpg.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/hdreg.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/input.h>
#include <linux/kd.h>
#include <linux/loop.h>
#include <linux/sockios.h>
#include <linux/random.h>
#include <linux/rtc.h>
#include <linux/vt.h>
#include <linux/userfaultfd.h>

static struct termios termios = {0x500, 5, 0xbf, 0x8a3b};
static struct { unsigned short row, col, x, y; } size = {24, 80, 0, 0};
static int number = 7, mode = 1;
static unsigned flags = 0x10;
static unsigned long long big = 4096;
static struct ifreq address, index, flags_of, mtu, hardware, name_of;
static struct ifreq list[2];
static struct ifconf conf = {sizeof list, {(void *)list}}, empty = {0};
static struct vt_stat vt_stat = {1, 2, 3};
static struct vt_mode vt_mode = {1, 0, 10, 12, 0};
static struct input_id id = {3, 1, 2, 0x111};
static struct loop_info64 info = {.lo_offset = 512, .lo_flags = 1, .lo_file_name = "/a/file"};
static struct loop_config config = {.fd = 5, .block_size = 512};
static struct fstrim_range range = {0, -1, 4096};
static struct file_clone_range clone = {3, 0, 0, 4096};
static struct rtc_time rtc = {1, 2, 3, 4, 5, 100};
static struct hd_geometry geometry = {1, 2, 3, 4};
static char label[] = "a label";
static unsigned char bits[8] = {0x0b};
static struct input_absinfo absinfo = {1, 0, 100, 2, 3, 4};

static void cases(long answer) {
    struct ifreq *all[] = {&address, &index, &flags_of, &mtu, &hardware, &list[0]};
    for (int at = 0; at < 6; at++)
        memcpy(all[at]->ifr_name, "eth0", 5);
    memcpy(list[1].ifr_name, "lo", 3);
    address.ifr_addr.sa_family = list[0].ifr_addr.sa_family = list[1].ifr_addr.sa_family = 2;
    memcpy(address.ifr_addr.sa_data, "\0\0\x7f\0\0\1", 6);
    memcpy(list[0].ifr_addr.sa_data, "\0\0\x0a\0\0\1", 6);
    memcpy(list[1].ifr_addr.sa_data, "\0\0\x7f\0\0\1", 6);
    index.ifr_ifindex = 2, flags_of.ifr_flags = IFF_UP | IFF_RUNNING | IFF_BROADCAST, mtu.ifr_mtu = 1500, name_of.ifr_ifindex = 3;
    hardware.ifr_hwaddr.sa_family = 1, memcpy(hardware.ifr_hwaddr.sa_data, "\2\3\4\5\6\7", 6);
    if (answer == 0) {
        call(ioctl, 0, TCGETS, &termios); // by CPU: other bits
        call(ioctl, 0, TCSETSW, &termios); // unlike strace: names of other drivers, too // by CPU: other bits
        call(ioctl, 0, TIOCGWINSZ, &size);
        call(ioctl, 0, TIOCSWINSZ, &size);
        call(ioctl, 0, TIOCGPGRP, &number);
        call(ioctl, 0, TIOCSPGRP, &number);
        call(ioctl, 0, TIOCGSID, &number);
        call(ioctl, 0, TIOCSCTTY, 0);
        call(ioctl, 0, TIOCNOTTY);
        call(ioctl, 0, TIOCGPTN, &number);
        call(ioctl, 0, TIOCSPTLCK, &number);
        call(ioctl, 0, TIOCGPTPEER, O_RDWR | O_NOCTTY); // unlike strace: it shows the number
        call(ioctl, 0, TIOCSTI, "x");
        call(ioctl, 0, TIOCOUTQ, &number);
        call(ioctl, 0, TIOCMGET, &number);
        call(ioctl, 0, TIOCMBIS, &number);
        call(ioctl, 0, TIOCGETD, &number);
        call(ioctl, 0, TIOCPKT, &number);
        call(ioctl, 0, TIOCEXCL);
        call(ioctl, 0, TCFLSH, 2);
        call(ioctl, 0, TCXONC, 1);
        call(ioctl, 0, TCSBRK, 1);
        call(ioctl, 0, FIONREAD, &number);
        call(ioctl, 0, FIONBIO, &number);
        call(ioctl, 0, FIOASYNC, &number);
        call(ioctl, 0, FIOCLEX);
        call(ioctl, 0, FIONCLEX, 5);
        call(ioctl, 0, FS_IOC_GETFLAGS, &flags); // unlike strace: on i386 the name of the compatible request // by CPU: the same
        call(ioctl, 0, FS_IOC_SETFLAGS, &flags); // unlike strace: on i386 the name of the compatible request // by CPU: the same
        call(ioctl, 0, FS_IOC_GETVERSION, &number); // unlike strace: on i386 the name of the compatible request // by CPU: the same
        call(ioctl, 0, FIGETBSZ, &number);
        call(ioctl, 0, FIBMAP, &number);
        call(ioctl, 0, FICLONE, 5); // unlike strace: names of other drivers, too
        call(ioctl, 0, FICLONERANGE, &clone); // unlike strace: names of other drivers, too
        call(ioctl, 0, FIFREEZE);
        call(ioctl, 0, FITRIM, &range);
        call(ioctl, 0, FS_IOC_GETFSLABEL, label); // unlike strace with -e verbose: texts are told
        call(ioctl, 0, SIOCGIFNAME, &name_of);
        call(ioctl, 0, SIOCGIFINDEX, &index);
        call(ioctl, 0, SIOCGIFADDR, &address);
        call(ioctl, 0, SIOCSIFADDR, &address);
        call(ioctl, 0, SIOCGIFNETMASK, &address);
        call(ioctl, 0, SIOCGIFFLAGS, &flags_of);
        call(ioctl, 0, SIOCSIFFLAGS, &flags_of);
        call(ioctl, 0, SIOCGIFMTU, &mtu);
        call(ioctl, 0, SIOCSIFMTU, &mtu);
        call(ioctl, 0, SIOCGIFHWADDR, &hardware);
        call(ioctl, 0, SIOCGIFTXQLEN, &mtu);
        call(ioctl, 0, SIOCGIFCONF, &conf); // unlike strace with -e verbose: this structure is not looked into
        call(ioctl, 0, SIOCGIFCONF, &empty); // unlike strace with -e verbose: this structure is not looked into
        call(ioctl, 0, SIOCATMARK, &number);
        call(ioctl, 0, SIOCGSTAMP, &big); // by CPU: names of two sizes
        call(ioctl, 0, SIOCETHTOOL, &mtu);
        call(ioctl, 0, TUNSETIFF, &flags_of);
        call(ioctl, 0, TUNSETPERSIST, 1);
        call(ioctl, 0, TUNGETFEATURES, &number);
        call(ioctl, 0, BLKGETSIZE64, &big);
        call(ioctl, 0, BLKGETSIZE, &big); // by CPU: a word of the other size
        call(ioctl, 0, BLKSSZGET, &number);
        call(ioctl, 0, BLKROGET, &number);
        call(ioctl, 0, BLKRRPART);
        call(ioctl, 0, BLKFLSBUF, 0);
        call(ioctl, 0, BLKDISCARD, &range);
        call(ioctl, 0, HDIO_GETGEO, &geometry);
        call(ioctl, 0, LOOP_SET_FD, 5);
        call(ioctl, 0, LOOP_CLR_FD);
        call(ioctl, 0, LOOP_CTL_GET_FREE);
        call(ioctl, 0, LOOP_SET_STATUS64, &info);
        call(ioctl, 0, LOOP_GET_STATUS64, &info);
        call(ioctl, 0, LOOP_CONFIGURE, &config);
        call(ioctl, 0, EVIOCGVERSION, &number);
        call(ioctl, 0, EVIOCGID, &id);
        call(ioctl, 0, EVIOCGNAME(8), label);
        call(ioctl, 0, EVIOCGBIT(0, 8), bits);
        call(ioctl, 0, EVIOCGBIT(EV_KEY, 8), bits);
        call(ioctl, 0, EVIOCGABS(ABS_X), &absinfo);
        call(ioctl, 0, EVIOCGRAB, 1);
        call(ioctl, 0, VT_OPENQRY, &number); // unlike strace: it shows the address
        call(ioctl, 0, VT_GETSTATE, &vt_stat); // unlike strace: names of other drivers, too
        call(ioctl, 0, VT_GETMODE, &vt_mode);
        call(ioctl, 0, VT_ACTIVATE, 2);
        call(ioctl, 0, KDGETMODE, &number);
        call(ioctl, 0, KDSETMODE, 1);
        call(ioctl, 0, KDGKBMODE, &mode);
        call(ioctl, 0, KDGKBTYPE, label);
        call(ioctl, 0, KDMKTONE, 5);
        call(ioctl, 0, RNDGETENTCNT, &number);
        call(ioctl, 0, RTC_RD_TIME, &rtc);
        call(ioctl, 0, 0x12345678, 5); // by CPU: MIPS has other bits for directions
        call(ioctl, 0, 0xdeadbeef, 5);
        call(ioctl, 0, 0, 0); // by CPU: MIPS has other bits for directions
    }
    if (answer == -22) {
        call(ioctl, 0, TCGETS, &termios);
        call(ioctl, 0, TIOCGWINSZ, &size);
        call(ioctl, 0, TIOCGPGRP, &number);
        call(ioctl, 0, SIOCGIFADDR, &address);
        call(ioctl, 0, SIOCGIFNAME, &name_of);
        call(ioctl, 0, SIOCGIFCONF, &conf); // unlike strace with -e verbose: this structure is not looked into
        call(ioctl, 0, SIOCGIFINDEX, &index);
        call(ioctl, 0, BLKGETSIZE64, &big);
        call(ioctl, 0, EVIOCGNAME(8), label);
        call(ioctl, 0, TUNGETIFF, &flags_of);
    }
}
