/* The structures of Linux that `emu-prototypes-gen structs` measures with each architecture's compiler: those of the
 * user-space headers, and below them those that only the kernel spells out, after the file named. */

#define sigset_t headers_sigset_t
#include <linux/types.h>
#include <linux/posix_types.h>
#include <asm/signal.h>
#undef sigset_t
#undef sa_handler
#undef sa_sigaction

#if defined(__mips__)
#define KERNEL_NSIG 128
#else
#define KERNEL_NSIG 64
#endif
/* include/linux/signal_types.h: sigset_t is as wide as there are signals, whatever the headers say */
typedef struct {
	unsigned long sig[KERNEL_NSIG / 8 / sizeof(unsigned long)];
} sigset_t;

#include <linux/time.h>
#include <linux/time_types.h>
#include <linux/times.h>
#include <linux/timex.h>
#include <linux/utime.h>
#include <linux/resource.h>
#include <linux/utsname.h>
#include <linux/sysinfo.h>
#include <linux/uio.h>
#include <linux/stat.h>
#include <asm/stat.h>
#include <asm/statfs.h>
#include <asm/poll.h>
#include <asm/siginfo.h>
#include <asm/sigcontext.h>
#include <asm/termbits.h>
#include <asm/termios.h>
#include <linux/fcntl.h>
#include <linux/eventpoll.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <linux/sched/types.h>
#include <linux/openat2.h>
/* N32 gets these from its kernel as O32 does.   [arch/mips/include/asm/compat.h, compat_msqid64_ds and following] */
#if defined(_ABIN32) && _MIPS_SIM == _ABIN32
#pragma push_macro("__mips64")
#undef __mips64
#endif
#include <linux/ipc.h>
#include <linux/sem.h>
#include <linux/shm.h>
#include <linux/msg.h>
#if defined(_ABIN32) && _MIPS_SIM == _ABIN32
#pragma pop_macro("__mips64")
#endif
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/un.h>
#include <linux/netlink.h>
#include <linux/if_packet.h>
#include <linux/inotify.h>
#include <linux/signalfd.h>
#include <linux/aio_abi.h>
#include <linux/io_uring.h>
#include <linux/mount.h>
#include <linux/mqueue.h>
#include <linux/rseq.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/hdreg.h>
#include <linux/landlock.h>
#include <linux/loop.h>
#include <linux/perf_event.h>
#include <linux/rtc.h>
#include <linux/rtnetlink.h>
#include <linux/fib_rules.h>
#include <linux/filter.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/userfaultfd.h>
#include <linux/fiemap.h>
#include <linux/keyctl.h>
/* The C library's structures would stand beside those of the kernel. */
#define _SYS_TIME_H 1
#include <linux/videodev2.h>

/* include/linux/signal_types.h; arch/mips/include/uapi/asm/signal.h */
struct kernel_sigaction {
#if defined(__mips__)
	unsigned int sa_flags;
	void *sa_handler;
#else
	void *sa_handler;
	unsigned long sa_flags;
	void *sa_restorer;
#endif
	sigset_t sa_mask;
};

/* include/linux/signal_types.h; O32's sigaction(2) takes the same structure as rt_sigaction(2), and uses one word of the mask */
#if defined(__mips__)
struct kernel_old_sigaction {
	unsigned int sa_flags;
	void *sa_handler;
	sigset_t sa_mask;
};
#elif !defined(__LP64__)
struct kernel_old_sigaction {
	void *sa_handler;
	unsigned long sa_mask;
	unsigned long sa_flags;
	void *sa_restorer;
};
#endif

/* include/uapi/asm-generic/ucontext.h; arch/{arm,arm64,mips,x86}/include/…/ucontext.h */
struct kernel_ucontext {
	unsigned long uc_flags;
	struct kernel_ucontext *uc_link;
	stack_t uc_stack;
#if defined(__aarch64__)
	sigset_t uc_sigmask;
	unsigned char __unused[1024 / 8 - sizeof(sigset_t)];
	struct sigcontext uc_mcontext;
#else
	struct sigcontext uc_mcontext;
	sigset_t uc_sigmask;
#if defined(__arm__)
	int __unused[32 - (sizeof(sigset_t) / sizeof(int))];
	unsigned long uc_regspace[128] __attribute__((__aligned__(8)));
#endif
#endif
};

/* include/linux/socket.h */
struct kernel_msghdr {
	void *msg_name;
	int msg_namelen;
	struct iovec *msg_iov;
	unsigned long msg_iovlen;
	void *msg_control;
	unsigned long msg_controllen;
	unsigned int msg_flags;
};
struct kernel_mmsghdr {
	struct kernel_msghdr msg_hdr;
	unsigned int msg_len;
};
struct kernel_cmsghdr {
	unsigned long cmsg_len;
	int cmsg_level;
	int cmsg_type;
};
struct kernel_ucred {
	unsigned int pid, uid, gid;
};
struct kernel_linger {
	int l_onoff;
	int l_linger;
};
struct kernel_sockaddr {
	unsigned short sa_family;
	char sa_data[14];
};

/* include/uapi/linux/if.h */
struct kernel_ifmap {
	unsigned long mem_start, mem_end;
	unsigned short base_addr;
	unsigned char irq, dma, port;
};
struct kernel_ifreq {
	char ifr_name[16];
	union {
		struct kernel_sockaddr ifr_addr;
		short ifr_flags;
		int ifr_ifindex, ifr_mtu;
		struct kernel_ifmap ifr_map;
		void *ifr_data;
	};
};
struct kernel_ifconf {
	int ifc_len;
	void *ifc_buf;
};

/* fs/readdir.c, include/linux/dirent.h; entries are longer than their structure by the name */
struct kernel_dirent {
	unsigned long d_ino;
	unsigned long d_off;
	unsigned short d_reclen;
	char d_name[1];
};
struct kernel_dirent64 {
	__u64 d_ino;
	__s64 d_off;
	unsigned short d_reclen;
	unsigned char d_type;
	char d_name[1];
};
struct kernel_old_dirent {
	unsigned long d_ino;
	unsigned long d_offset;
	unsigned short d_namlen;
	char d_name[1];
};

/* include/linux/syscalls.h, arch/x86/kernel/sys_ia32.c */
struct kernel_mmap_arg_struct {
	unsigned long addr, len, prot, flags, fd, offset;
};
struct kernel_sel_arg_struct {
	unsigned long n;
	void *inp, *outp, *exp;
	void *tvp;
};
/* fs/select.c, the last argument of pselect6 */
struct kernel_sigset_argpack {
	void *p;
	unsigned long size;
};

/* arch/x86/include/uapi/asm/ldt.h: `flags` holds the bit fields from seg_32bit on */
struct kernel_user_desc {
	unsigned int entry_number;
	unsigned int base_addr;
	unsigned int limit;
	unsigned int flags;
};

/* include/linux/types.h */
struct kernel_ustat {
	__kernel_daddr_t f_tfree;
	unsigned long f_tinode;
	char f_fname[6];
	char f_fpack[6];
};

/* include/linux/exportfs.h */
struct kernel_file_handle {
	__u32 handle_bytes;
	int handle_type;
	unsigned char f_handle[0];
};

/* ipc/msgutil.c */
struct kernel_msgbuf {
	long mtype;
	char mtext[1];
};

/* include/uapi/linux/futex.h */
struct kernel_futex_waitv {
	__u64 val;
	__u64 uaddr;
	__u32 flags;
	__u32 __reserved;
};

/* include/uapi/linux/vm_sockets.h */
struct kernel_sockaddr_vm {
	unsigned short svm_family, svm_reserved1;
	unsigned int svm_port, svm_cid;
	unsigned char svm_flags, svm_zero[3];
};

/* include/uapi/linux/filter.h */
struct kernel_sock_fprog {
	unsigned short len;
	void *filter;
};

/* include/uapi/linux/loop.h */
struct kernel_loop_config {
	__u32 fd, block_size;
	struct loop_info64 info;
	__u64 __reserved[8];
};

/* include/uapi/linux/input.h */
struct kernel_input_id {
	__u16 bustype, vendor, product, version;
};
struct kernel_input_absinfo {
	__s32 value, minimum, maximum, fuzz, flat, resolution;
};

/* include/uapi/asm-generic/termios.h */
struct kernel_termio {
	unsigned short c_iflag, c_oflag, c_cflag, c_lflag;
	unsigned char c_line, c_cc[8];
};
