/* The machine, its kernel, and what processes share. */
#include "cases.h"
#include <asm/fcntl.h>
#include <linux/types.h>
#include <asm/signal.h>
#include <asm/siginfo.h>
#include <linux/aio_abi.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/ipc.h>
#include <linux/keyctl.h>
#include <linux/landlock.h>
#include <linux/module.h>
#include <linux/mqueue.h>
#include <linux/msg.h>
#include <linux/perf_event.h>
#include <linux/quota.h>
#include <linux/reboot.h>
#include <linux/sem.h>
#include <linux/shm.h>
#include <linux/sysinfo.h>
#include <linux/time.h>
#include <linux/timex.h>
#include <linux/utsname.h>

static char text[] = "some text of forty bytes, of which 32 are shown";
static struct new_utsname names = {"Linux", "host", "6.1", "#1", "machine", "domain"};
static struct sysinfo info = {5, {1, 2, 3}, 100, 50, 0, 3, 7, 7, 9, 0, 0, 0, 1};
static union bpf_attr map = {.map_type = BPF_MAP_TYPE_HASH, .key_size = 4, .value_size = 8, .max_entries = 100};
static union bpf_attr element = {.map_fd = 3};
static union bpf_attr load = {.prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insn_cnt = 2};
static union bpf_attr get_id = {.prog_id = 5};
static struct perf_event_attr perf = {.type = PERF_TYPE_HARDWARE, .size = sizeof perf, .config = PERF_COUNT_HW_INSTRUCTIONS, .disabled = 1, .exclude_kernel = 1};
static struct { const char *base; size_t len; } data[2] = {{"abc", 3}, {"defg", 4}};
static struct keyctl_dh_params dh = {1, 2, 3};
static struct io_uring_rsrc_update update = {1, 0, 5};
static struct io_uring_params ring = {.flags = IORING_SETUP_SQPOLL | IORING_SETUP_CLAMP, .sq_thread_cpu = 1, .sq_thread_idle = 5};
static struct landlock_ruleset_attr ruleset = {LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE};
static struct landlock_path_beneath_attr beneath = {LANDLOCK_ACCESS_FS_READ_DIR, 5};
static struct mq_attr mq = {O_NONBLOCK, 10, 8192, 3};
static struct sembuf ops[2] = {{0, -1, IPC_NOWAIT | SEM_UNDO}, {1, 2, 0}};
static struct { long type; char text[16]; } message = {5, "a message"};
static struct __kernel_old_timespec spec = {5, 123};
static struct sigevent event;
static int fds[2] = {7, 8}, value = 5;
static unsigned priority = 3;
static unsigned long context;
static unsigned long long words[2] = {1, 2};

static void cases(long answer) {
    event.sigev_signo = SIGUSR1, event.sigev_value.sival_int = 5;
    element.key = 0x1000, element.value = 0x2000, element.flags = BPF_NOEXIST;
    load.insns = 0x1000, load.license = (unsigned long)"GPL";
    if (answer == 0) {
        call(uname, &names);
        call(sysinfo, &info); // by CPU: loads of the other size
        call(sethostname, "a name", 6);
        call(setdomainname, "a domain", 8);
        call(getrandom, text, 8, 1 | 2);
        call(getrandom, text, 8, 4 | 8);
        call(reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_POWER_OFF, 0); // unlike strace with -e raw: words are those of the argument's type
        call(reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2C, LINUX_REBOOT_CMD_RESTART2, "why"); // unlike strace with -e raw: words are those of the argument's type
        call(reboot, 1, 2, LINUX_REBOOT_CMD_CAD_OFF);
        call(syslog, 3, text, 5);
        call(syslog, 8, 0, 4);
        call(syslog, 10);
        call(vhangup, 0);
        call(init_module, text, 40, "a=b"); // unlike strace: it shows the address
        call(finit_module, 3, "a=b", MODULE_INIT_IGNORE_MODVERSIONS);
        call(delete_module, "name", O_NONBLOCK);
        call(kexec_load, 0x1000, 0, 0, 1);
        call(kexec_file_load, 3, 4, 5, "line", 2);
        call(quotactl, Q_QUOTAON << 8 | USRQUOTA, "/dev/x", 2, "/path"); // unlike strace with -e raw: words are those of the argument's type
        call(quotactl, Q_SYNC << 8 | GRPQUOTA, NULL, 0, 0); // unlike strace with -e raw: words are those of the argument's type
        call(add_key, "user", "name", "payload", 7, KEY_SPEC_PROCESS_KEYRING);
        call(request_key, "user", "name", NULL, KEY_SPEC_SESSION_KEYRING);
        call(request_key, "user", "name", "info", 5);
        call(keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
        call(keyctl, KEYCTL_JOIN_SESSION_KEYRING, "name");
        call(keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
        call(keyctl, KEYCTL_REVOKE, 5);
        call(keyctl, KEYCTL_CLEAR, KEY_SPEC_USER_KEYRING);
        call(keyctl, KEYCTL_CHOWN, 5, 1000, -1);
        call(keyctl, KEYCTL_SETPERM, 5, 0x3f010000);
        call(keyctl, KEYCTL_REJECT, 5, 60, 126, KEY_SPEC_SESSION_KEYRING); // by CPU: numbers of errors
        call(keyctl, KEYCTL_SET_REQKEY_KEYRING, KEY_REQKEY_DEFL_SESSION_KEYRING);
        call(keyctl, KEYCTL_MOVE, 5, KEY_SPEC_SESSION_KEYRING, KEY_SPEC_USER_KEYRING, KEYCTL_MOVE_EXCL);
        call(keyctl, KEYCTL_DH_COMPUTE, &dh, text, 20, NULL);
        call(keyctl, KEYCTL_LINK, 5, KEY_SPEC_USER_SESSION_KEYRING);
        call(keyctl, KEYCTL_UNLINK, 5, 6);
        call(keyctl, KEYCTL_SET_TIMEOUT, 5, 60);
        call(keyctl, KEYCTL_UPDATE, 5, "data", 4);
        call(keyctl, KEYCTL_SEARCH, 5, "user", "name", 6);
        call(keyctl, 99, 1, 2, 3, 4);
        call(bpf, BPF_MAP_CREATE, &map, 20);
        call(bpf, BPF_MAP_LOOKUP_ELEM, &element, 32);
        call(bpf, BPF_MAP_UPDATE_ELEM, &element, 32);
        call(bpf, BPF_MAP_DELETE_ELEM, &element, 32);
        call(bpf, BPF_PROG_LOAD, &load, 48);
        call(bpf, BPF_PROG_GET_FD_BY_ID, &get_id, 12);
        call(bpf, 77, &get_id, 12);
        call(bpf, BPF_MAP_CREATE, NULL, 0);
        call(perf_event_open, &perf, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
        call(perf_event_open, 8, 0, -1, 5, 0);
        call(io_uring_setup, 8, &ring);
        call(io_uring_enter, 3, 1, 2, IORING_ENTER_GETEVENTS, NULL, 8);
        call(io_uring_register, 3, IORING_REGISTER_FILES, fds, 2);
        call(io_uring_register, 3, IORING_UNREGISTER_BUFFERS, NULL, 0);
        call(io_uring_register, 3, IORING_REGISTER_BUFFERS, data, 2);
        call(io_uring_register, 3, IORING_REGISTER_RING_FDS, &update, 1);
        call(landlock_create_ruleset, &ruleset, 8, 0);
        call(landlock_create_ruleset, NULL, 0, 1);
        call(landlock_add_rule, 3, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
        call(landlock_restrict_self, 3, 0);
        call(mq_open, "name", 0102, 0600, &mq); // by CPU: other bits
        call(mq_open, "name", 0);
        call(mq_unlink, "name");
        call(mq_timedsend, 3, text, 5, 3, &spec);
        call(mq_notify, 3, &event); // by CPU: half a word, big-endian
        call(mq_notify, 3, NULL);
        call(mq_getsetattr, 3, &mq, &mq); // by CPU: other bits
        call(shmget, 0, 4096, 0600 | IPC_CREAT);
        call(shmget, 0x1234, 4096, IPC_CREAT | IPC_EXCL);
        call(shmat, 5, NULL, SHM_RDONLY);
        call(shmat, 5, 0x10000, SHM_RND | SHM_EXEC);
        call(shmdt, 0x10000);
        call(shmctl, 5, IPC_RMID, NULL);
        call(semget, 0x1234, 3, 0666 | IPC_CREAT);
        call(semop, 5, ops, 2);
        call(semtimedop, 5, ops, 1, &spec);
        call(semctl, 5, 0, SETVAL, 7);
        call(semctl, 5, 0, IPC_RMID, 0);
        call(semctl, 5, 1, GETPID);
        call(msgget, 0, 0600);
        call(msgsnd, 5, &message, 10, IPC_NOWAIT);
        call(msgctl, 5, IPC_RMID, NULL);
        call(io_setup, 5, &context);
        call(io_destroy, 0x5000);
        call(iopl, 3); // by CPU: x86 has it
        call(ioperm, 0x3c0, 5, 1); // by CPU: x86 has it
    }
    if (answer == 5) {
        call(mq_timedreceive, 3, text, 40, &priority, &spec);
        call(msgrcv, 5, &message, 10, -5, IPC_NOWAIT); // unlike strace: it shows bytes behind the message
        call(getrandom, text, 8, 0);
        call(shmget, 0x1234, 4096, 0600);
        call(add_key, "user", "name", "payload", 7, KEY_SPEC_PROCESS_KEYRING);
        call(keyctl, KEYCTL_READ, 5, text, 40);
        call(keyctl, KEYCTL_DESCRIBE, 5, text, 40);
        call(syslog, 3, text, 5);
        call(semctl, 5, 1, GETVAL);
    }
    if (answer == -22) {
        call(uname, &names);
        call(sysinfo, &info);
        call(io_uring_setup, 8, &ring);
        call(bpf, BPF_MAP_CREATE, &map, 20);
        call(msgrcv, 5, &message, 10, -5, IPC_NOWAIT);
        call(mq_timedreceive, 3, text, 40, &priority, &spec);
        call(keyctl, KEYCTL_READ, 5, text, 40);
        call(perf_event_open, &perf, 0, -1, -1, 0);
    }
}
