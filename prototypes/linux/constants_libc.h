/* Where `emu-prototypes-gen constants` finds what constants.h does not have: the C library's headers. */

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <linux/icmp.h>
#include <linux/if_arp.h>
#include <linux/input.h>
#include <sys/eventfd.h>
#include <sys/personality.h>
#include <sys/quota.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>
#include <linux/vm_sockets.h>

/* The library has them for its own use where the kernel has not. */
#undef F_GETLK64
#undef F_SETLK64
#undef F_SETLKW64
