/* Where `emu-prototypes-gen constants` finds the constants of constants.txt: in the kernel's user-space headers, and
 * below them those that only the kernel spells out, after the file named. What is in none of these is looked for in
 * constants_libc.h. */

#include <linux/types.h>
#include <asm/auxvec.h>
#include <asm/errno.h>
#include <asm/fcntl.h>
#include <asm/ioctls.h>
#include <asm/mman.h>
#include <asm/poll.h>
#include <asm/ptrace.h>
#include <asm/siginfo.h>
#include <asm/signal.h>
#include <asm/socket.h>
#include <asm/termbits.h>
#include <asm/termios.h>
#include <linux/aio_abi.h>
#include <linux/auxvec.h>
#include <linux/blktrace_api.h>
#include <linux/bpf.h>
#include <linux/btrfs.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/dqblk_xfs.h>
#include <linux/elf.h>
#include <linux/eventpoll.h>
#include <linux/fadvise.h>
#include <linux/falloc.h>
#include <linux/fanotify.h>
#include <linux/fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/if_addr.h>
#include <linux/hdreg.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/inotify.h>
#include <linux/io_uring.h>
#include <linux/ioprio.h>
#include <linux/ipc.h>
#include <linux/kcmp.h>
#include <linux/kd.h>
#include <linux/kexec.h>
#include <linux/keyctl.h>
#include <linux/landlock.h>
#include <linux/limits.h>
#include <linux/loop.h>
#include <linux/magic.h>
#include <linux/membarrier.h>
#include <linux/memfd.h>
#include <linux/lwtunnel.h>
#include <linux/mempolicy.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/mqueue.h>
#include <linux/msg.h>
#include <linux/net.h>
#include <linux/net_tstamp.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <linux/perf_event.h>
#include <linux/personality.h>
#include <linux/poll.h>
#include <linux/prctl.h>
#include <linux/ptrace.h>
#include <linux/quota.h>
#include <linux/random.h>
#include <linux/reboot.h>
#include <linux/resource.h>
#include <linux/rseq.h>
#include <linux/rtc.h>
#include <linux/rtnetlink.h>
#include <linux/fib_rules.h>
#include <linux/filter.h>
#include <linux/genetlink.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/neighbour.h>
#include <linux/nsfs.h>
#include <linux/soundcard.h>
/* The C library's structures would stand beside those of the kernel. */
#define _SYS_TIME_H 1
#include <linux/videodev2.h>
#include <linux/watchdog.h>
/* What this one takes from the C library it gets from here. */
#include <stddef.h>
#define time_t __kernel_old_time_t
#define _SYS_IOCTL_H 1
#define _STDLIB_H 1
#define _TIME_H 1
#include <sound/asound.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <linux/sem.h>
#include <linux/serial.h>
#include <linux/shm.h>
#include <linux/signal.h>
#include <linux/signalfd.h>
#include <linux/sockios.h>
#include <linux/stat.h>
#include <linux/tcp.h>
#include <linux/time.h>
#include <linux/timerfd.h>
#include <linux/timex.h>
#include <linux/tty.h>
#include <linux/udp.h>
#include <linux/uio.h>
#include <linux/userfaultfd.h>
#include <linux/vt.h>
#include <linux/wait.h>
#include <linux/xattr.h>
#if defined(__i386__) || defined(__x86_64__)
#include <asm/prctl.h>
#endif
#if defined(__mips__)
#include <asm/cachectl.h>
#include <asm/sysmips.h>
#endif

/* include/linux/errno.h */
#define ERESTARTSYS 512
#define ERESTARTNOINTR 513
#define ERESTARTNOHAND 514
#define ENOIOCTLCMD 515
#define ERESTART_RESTARTBLOCK 516

/* arch/.../include/asm/signal.h */
#undef _NSIG
#if defined(__mips__)
#define _NSIG 128
#else
#define _NSIG 64
#endif

/* include/linux/splice.h */
#define SPLICE_F_MOVE 0x01
#define SPLICE_F_NONBLOCK 0x02
#define SPLICE_F_MORE 0x04
#define SPLICE_F_GIFT 0x08

/* include/linux/fs.h */
#define MNT_FORCE 0x01
#define MNT_DETACH 0x02
#define MNT_EXPIRE 0x04
#define UMOUNT_NOFOLLOW 0x08

/* include/linux/swap.h */
#define SWAP_FLAG_PREFER 0x8000
#define SWAP_FLAG_PRIO_MASK 0x7fff
#define SWAP_FLAG_DISCARD 0x10000
#define SWAP_FLAG_DISCARD_ONCE 0x20000
#define SWAP_FLAG_DISCARD_PAGES 0x40000

/* include/linux/syslog.h */
#define SYSLOG_ACTION_CLOSE 0
#define SYSLOG_ACTION_OPEN 1
#define SYSLOG_ACTION_READ 2
#define SYSLOG_ACTION_READ_ALL 3
#define SYSLOG_ACTION_READ_CLEAR 4
#define SYSLOG_ACTION_CLEAR 5
#define SYSLOG_ACTION_CONSOLE_OFF 6
#define SYSLOG_ACTION_CONSOLE_ON 7
#define SYSLOG_ACTION_CONSOLE_LEVEL 8
#define SYSLOG_ACTION_SIZE_UNREAD 9
#define SYSLOG_ACTION_SIZE_BUFFER 10

/* include/linux/shm.h */
#define SHM_DEST 01000
#define SHM_LOCKED 02000

/* arch/.../include/asm/shmparam.h */
#if defined(__mips__)
#define SHMLBA 0x40000
#elif defined(__arm__)
#define SHMLBA 0x4000
#else
#define SHMLBA 0x1000
#endif

/* arch/.../include/asm/syscall.h, syscall_get_arch */
#include <linux/audit.h>
#if defined(__x86_64__)
#define AUDIT_ARCH AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define AUDIT_ARCH AUDIT_ARCH_I386
#elif defined(__aarch64__)
#define AUDIT_ARCH AUDIT_ARCH_AARCH64
#elif defined(__arm__)
#define AUDIT_ARCH AUDIT_ARCH_ARM
#elif defined(__MIPSEB__) && _MIPS_SIM == _ABI64
#define AUDIT_ARCH AUDIT_ARCH_MIPS64
#elif defined(__MIPSEL__) && _MIPS_SIM == _ABI64
#define AUDIT_ARCH AUDIT_ARCH_MIPSEL64
#elif defined(__MIPSEB__) && _MIPS_SIM == _ABIN32
#define AUDIT_ARCH AUDIT_ARCH_MIPS64N32
#elif defined(__MIPSEL__) && _MIPS_SIM == _ABIN32
#define AUDIT_ARCH AUDIT_ARCH_MIPSEL64N32
#elif defined(__MIPSEB__)
#define AUDIT_ARCH AUDIT_ARCH_MIPS
#elif defined(__MIPSEL__)
#define AUDIT_ARCH AUDIT_ARCH_MIPSEL
#endif

/* include/net/if_inet6.h */
#define IF_RA_OTHERCONF 0x80
#define IF_RA_MANAGED 0x40
#define IF_RA_RCVD 0x20
#define IF_RS_SENT 0x10
#define IF_READY 0x80000000

/* include/linux/key.h */
#define KEY_PERMISSIONS(who, shift) \
	KEY_##who##_VIEW = 0x01 << shift, KEY_##who##_READ = 0x02 << shift, KEY_##who##_WRITE = 0x04 << shift, \
	KEY_##who##_SEARCH = 0x08 << shift, KEY_##who##_LINK = 0x10 << shift, KEY_##who##_SETATTR = 0x20 << shift
enum { KEY_PERMISSIONS(OTH, 0), KEY_PERMISSIONS(GRP, 8), KEY_PERMISSIONS(USR, 16), KEY_PERMISSIONS(POS, 24) };

/* include/uapi/linux/pidfd.h */
#define PIDFD_NONBLOCK O_NONBLOCK

/* include/linux/sched/coredump.h */
#define SUID_DUMP_DISABLE 0
#define SUID_DUMP_USER 1
#define SUID_DUMP_ROOT 2

/* include/uapi/linux/perf_event.h, of Linux 6.3 */
#ifndef PERF_ATTR_SIZE_VER7
#define PERF_ATTR_SIZE_VER7 128
#endif

/* include/linux/socket.h */
#define SOL_IP 0
#define SOL_ICMP 1
#define SOL_TCP 6
#define SOL_UDP 17
#define SOL_IPV6 41
