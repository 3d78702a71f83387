/* Files and descriptors. */
#include "cases.h"
#include <asm/stat.h>
#include <asm/statfs.h>
#include <linux/aio_abi.h>
#include <linux/close_range.h>
#include <linux/falloc.h>
#include <linux/fadvise.h>
#include <linux/fanotify.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/inotify.h>
#include <linux/memfd.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/quota.h>
#include <linux/stat.h>
#include <linux/time.h>
#include <linux/uio.h>
#include <linux/xattr.h>

#define UTIME_NOW 0x3fffffff

static char text[] = "some text of forty bytes, of which 32 are shown";
static struct iovec vector[2] = {{text, 9}, {text + 5, 4}};
static struct open_how how = {.flags = O_RDWR | O_CREAT, .mode = 0640, .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
static struct open_how plain = {.flags = O_RDONLY};
static struct { unsigned size; int type; unsigned char bytes[8]; } handle = {8, 1, {1, 2, 3, 4, 5, 6, 7, 255}};
static int mount_id = 77;
static struct stat regular = {.st_mode = 0100644, .st_size = 1234, .st_nlink = 1};
static struct stat directory = {.st_mode = 0042755, .st_size = 4096};
static struct stat device = {.st_mode = 0020666};
static struct statx more = {.stx_mask = STATX_BASIC_STATS | STATX_BTIME, .stx_mode = 0104755, .stx_size = 99, .stx_attributes = STATX_ATTR_IMMUTABLE};
static struct statfs fs;
static struct flock lock = {.l_type = F_WRLCK, .l_whence = 2, .l_start = 7, .l_len = 9, .l_pid = 44};
static struct f_owner_ex owner = {F_OWNER_PGRP, 55};
static int pair[2] = {7, 8};
static struct __kernel_old_timeval times[2] = {{1000000000, 5}, {0, 7}};
static struct __kernel_old_timespec spec[2] = {{0, UTIME_NOW}, {1500000000, 123456789}};
static long long offset = 12;
static unsigned long hint = 3;
static struct { unsigned long long ino; long long off; unsigned short len; unsigned char type; char name[5]; } entry = {5, 6, 24, 8, "abcd"};
static char list[] = "user.a\0user.b";
static struct mount_attr attr = {MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC, MOUNT_ATTR_NOSUID, MS_SHARED, 5};

static void cases(long answer) {
    if (answer == 0) {
        call(open, "a", O_RDONLY);
        call(open, "a\n\1", O_WRONLY | O_CREAT | O_APPEND, 0600);
        call(openat, 5, "b", O_RDWR | O_DIRECTORY | O_NOFOLLOW | O_PATH | O_CLOEXEC);
        call(openat, AT_FDCWD, "b", O_TMPFILE | O_RDWR, 0777);
        call(openat, AT_FDCWD, NULL, O_ACCMODE);
        call(openat2, AT_FDCWD, "b", &how, sizeof how);
        call(openat2, 3, "b", &plain, sizeof plain);
        call(creat, "c", 0);
        call(name_to_handle_at, AT_FDCWD, "d", &handle, &mount_id, AT_EMPTY_PATH);
        call(open_by_handle_at, 3, &handle, O_RDWR);
        call(access, "e", 7);
        call(access, "e", 0x18);
        call(faccessat, AT_FDCWD, "e", 4);
        call(faccessat2, AT_FDCWD, "e", 0, AT_EACCESS | AT_SYMLINK_NOFOLLOW);
        call(newfstatat, AT_FDCWD, "f", &regular, AT_SYMLINK_NOFOLLOW);
        call(newfstatat, 3, "", &directory, AT_EMPTY_PATH);
        call(fstat, 4, &device);
        call(statx, 3, "g", AT_STATX_DONT_SYNC | AT_EMPTY_PATH, STATX_ALL, &more);
        call(statx, 3, "g", 0, STATX_SIZE | 0x40000000, &more);
        call(statfs, "h", &fs);
        call(fstatfs, 4, &fs);
        call(mkdirat, AT_FDCWD, "i", 01777);
        call(mknodat, AT_FDCWD, "j", 0020600, 0x105);
        call(mknodat, AT_FDCWD, "j", 0010644, 0);
        call(mknodat, AT_FDCWD, "j", 0600, 0);
        call(mknodat, AT_FDCWD, "j", 0170600, 5);
        call(linkat, 3, "k", AT_FDCWD, "l", AT_SYMLINK_FOLLOW | AT_EMPTY_PATH);
        call(symlinkat, "m", 5, "n");
        call(unlinkat, AT_FDCWD, "o", 0);
        call(unlinkat, AT_FDCWD, "o", AT_REMOVEDIR | 0x10);
        call(renameat2, AT_FDCWD, "p", 4, "q", RENAME_EXCHANGE | RENAME_WHITEOUT);
        call(fchmodat, AT_FDCWD, "r", 07777);
        call(fchmod, 3, 0);
        call(fchownat, AT_FDCWD, "s", -1, 1000, AT_EMPTY_PATH); // unlike strace with -e raw: words are those of the argument's type
        call(fchown, 3, 0, -1); // unlike strace with -e raw: words are those of the argument's type
        call(utimensat, AT_FDCWD, "t", spec, 0);
        call(utimensat, AT_FDCWD, "t", NULL, AT_SYMLINK_NOFOLLOW);
        call(futimesat, AT_FDCWD, "u", times);
        call(utimes, "u", times);
        call(setxattr, "v", "user.a", text, 5, XATTR_CREATE);
        call(lsetxattr, "v", "user.a", NULL, 0, 0);
        call(fsetxattr, 3, "user.a", "a\0b", 3, XATTR_REPLACE);
        call(removexattr, "v", "user.a");
        call(fremovexattr, 3, "user.a");
        call(lseek, 3, 5, 3);
        call(lseek, 3, -5, 4);
        call(dup3, 3, 4, O_CLOEXEC);
        call(pipe2, pair, O_CLOEXEC | O_NONBLOCK | O_DIRECT);
        call(close_range, 3, ~0u, CLOSE_RANGE_UNSHARE | CLOSE_RANGE_CLOEXEC);
        call(flock, 3, 6);
        call(flock, 3, 8);
        call(fallocate, 3, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0, 0); // unlike strace with -e raw: one offset, not its halves // by CPU: pairs of registers
        call(fsync, 3);
        call(syncfs, 3);
        call(sync, 0);
        call(memfd_create, "name", MFD_CLOEXEC | MFD_ALLOW_SEALING);
        call(memfd_create, "name", MFD_HUGETLB | (21 << 26));
        call(memfd_secret, O_CLOEXEC);
        call(fcntl, 3, F_DUPFD, 5);
        call(fcntl, 3, F_GETFD);
        call(fcntl, 3, F_GETFL);
        call(fcntl, 3, F_SETFL, O_APPEND | O_NONBLOCK | O_DIRECT);
        call(fcntl, 3, F_SETLK, &lock);
        call(fcntl, 3, F_GETLK, &lock);
        call(fcntl, 3, F_SETLK, 0);
        call(fcntl, 3, F_SETOWN, -5);
        call(fcntl, 3, F_GETOWN);
        call(fcntl, 3, F_SETSIG, 10); // by CPU: numbers of signals
        call(fcntl, 3, F_GETSIG);
        call(fcntl, 3, F_SETOWN_EX, &owner);
        call(fcntl, 3, F_GETOWN_EX, &owner);
        call(fcntl, 3, F_SETLEASE, F_UNLCK);
        call(fcntl, 3, F_GETLEASE);
        call(fcntl, 3, F_NOTIFY, DN_ACCESS | DN_MULTISHOT);
        call(fcntl, 3, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK);
        call(fcntl, 3, F_SET_RW_HINT, &hint); // unlike strace: its version 6.1 has no name for it
        call(fcntl, 3, F_GET_FILE_RW_HINT, &hint); // unlike strace: its version 6.1 has no name for it
        call(fcntl, 3, F_DUPFD_CLOEXEC, 10);
        call(fcntl, 3, 0x777, 10);
        call(fcntl64, 3, F_OFD_SETLK, &lock); // by CPU: another layout
        call(inotify_init1, IN_CLOEXEC | IN_NONBLOCK);
        call(inotify_add_watch, 3, "w", IN_CREATE | IN_DELETE | IN_ONLYDIR);
        call(inotify_add_watch, 3, "w", IN_ALL_EVENTS);
        call(inotify_rm_watch, 3, 1);
        call(fanotify_init, FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_UNLIMITED_QUEUE, O_RDONLY | O_LARGEFILE);
        call(mount, "/dev/x", "/mnt", "ext4", MS_RDONLY | MS_NOEXEC, "data=ordered");
        call(mount, "a", "/mnt", NULL, MS_BIND | MS_REC, NULL);
        call(mount, "none", "/mnt", "tmpfs", MS_MGC_VAL | MS_NOSUID | MS_NODEV, "size=5");
        call(mount, NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL);
        call(umount2, "/mnt", 2 | 8);
        call(pivot_root, "a", "b");
        call(open_tree, AT_FDCWD, "x", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
        call(move_mount, 3, "", AT_FDCWD, "/y", MOVE_MOUNT_F_EMPTY_PATH);
        call(fsopen, "ext4", FSOPEN_CLOEXEC);
        call(fsconfig, 3, FSCONFIG_SET_STRING, "source", "/dev/x", 0);
        call(fsconfig, 3, FSCONFIG_SET_FLAG, "ro", NULL, 0);
        call(fsconfig, 3, FSCONFIG_SET_BINARY, "key", text, 5);
        call(fsconfig, 3, FSCONFIG_SET_PATH, "key", "/a", AT_FDCWD);
        call(fsconfig, 3, FSCONFIG_SET_FD, "key", NULL, 5);
        call(fsconfig, 3, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
        call(fsmount, 3, FSMOUNT_CLOEXEC, MOUNT_ATTR_NODEV | MOUNT_ATTR_NOATIME);
        call(fspick, AT_FDCWD, "z", FSPICK_CLOEXEC | FSPICK_NO_AUTOMOUNT);
        call(mount_setattr, AT_FDCWD, "z", AT_RECURSIVE, &attr, sizeof attr);
        call(swapon, "/swap", 0x8000 | 5);
        call(swapoff, "/swap");
        call(chroot, "/a");
        call(acct, NULL);
        call(umask, 0777);
        call(truncate, "a", 5);
        call(readahead, 3, 0, 0, 0, 0); // unlike strace with -e raw: one offset, not its halves // by CPU: pairs of registers
        call(sync_file_range, 3, 0, 0, 0, 0); // unlike strace with -e raw: one offset, not its halves // by CPU: pairs of registers
        call(ustat, 0x801, 0);
    }
    if (answer == 5) {
        call(write, 1, text, 5);
        call(write, 1, text, 47);
        call(write, 1, "\0\1\2\3\177\200\3771", 8);
        call(read, 0, text, 100);
        call(pread64, 3, text, 100); // unlike strace with -e raw: one offset, not its halves // by CPU: pairs of registers
        call(writev, 1, vector, 2);
        call(readv, 0, vector, 2);
        call(readv, 0, vector, 0);
        call(writev, 1, NULL, 1);
        call(preadv2, 3, vector, 2, 7, 0, 5);
        call(pwritev2, 3, vector, 1, -1, -1, 1);
        call(vmsplice, 3, vector, 2, 8);
        call(getxattr, "v", "user.a", text, 40);
        call(fgetxattr, 3, "user.a", text, 0); // unlike strace: it shows bytes that the call did not give
        call(listxattr, "v", list, 14);
        call(flistxattr, 3, list, 14);
        call(readlinkat, AT_FDCWD, "x", text, 40);
        call(sendfile, 1, 3, NULL, 99);
        call(splice, 3, &offset, 4, NULL, 100, 5);
        call(tee, 3, 4, 100, 2);
        call(copy_file_range, 3, &offset, 4, NULL, 100, 0);
        call(fcntl, 3, F_GETFD);
        call(fcntl, 3, F_GETFL);
        call(fcntl, 3, F_GETLEASE);
        call(fcntl, 3, F_GETSIG); // by CPU: numbers of signals
        call(fcntl, 3, F_GETOWN);
        call(fcntl, 3, F_GET_SEALS);
        call(fcntl, 3, F_GETPIPE_SZ);
        call(fcntl, 3, F_DUPFD, 4);
        call(dup, 4);
        call(umask, 022);
        call(inotify_add_watch, 3, "w", IN_MODIFY);
        call(open, "a", O_RDONLY);
    }
    if (answer == 24) {
        call(getdents64, 3, &entry, 100);
        call(getcwd, "/some/where", 100);
        call(lseek, 3, 0, 1);
    }
    if (answer == -22) {
        call(read, 0, text, 100);
        call(readv, 0, vector, 2);
        call(getcwd, text, 100);
        call(getdents64, 3, &entry, 100);
        call(fstat, 4, &device);
        call(statx, 3, "g", 0, STATX_TYPE, &more);
        call(statfs, "h", &fs);
        call(fcntl, 3, F_GETLK, &lock);
        call(fcntl, 3, F_GETOWN_EX, &owner);
        call(name_to_handle_at, AT_FDCWD, "d", &handle, &mount_id, 0);
        call(pipe2, pair, 0);
        call(readlinkat, AT_FDCWD, "x", text, 40);
        call(getxattr, "v", "user.a", text, 40);
        call(openat2, 3, "b", 8, sizeof plain);
        call(openat2, 3, "b", &how, 8);
    }
}
