/* What a signal brings with it, and the state of what is shared. */
#include "cases.h"
#include <linux/types.h>
#include <asm/signal.h>
#include <asm/siginfo.h>
#include <linux/ipc.h>
#include <linux/msg.h>
#include <linux/sem.h>
#include <linux/shm.h>

static siginfo_t info[24];
static struct shmid64_ds shm;
static struct msqid64_ds msg;
static struct semid64_ds sem;
static unsigned short values[3] = {1, 2, 3};

static siginfo_t *of(int at, int signal, int code) {
    info[at].si_signo = signal, info[at].si_code = code;
    return &info[at];
}

static void cases(long answer) {
    info[0].si_pid = 7, info[0].si_uid = 8;
    info[1].si_pid = 7, info[1].si_uid = 8, info[1].si_status = SIGKILL, info[1].si_utime = 5, info[1].si_stime = 6;
    info[2].si_addr = (void *)0x5000;
    info[3].si_band = 0x41, info[3].si_fd = 9;
    info[4].si_tid = 3, info[4].si_overrun = 4, info[4].si_ptr = 0;
    info[5].si_call_addr = (void *)0x5000, info[5].si_syscall = 39, info[5].si_arch = 0xc000003e;
    info[6].si_addr = (void *)0x5000, info[6].si_pkey = 3;
    info[7].si_pid = 7, info[7].si_errno = 11;
    shm.shm_perm.key = 0x1234, shm.shm_perm.uid = 1, shm.shm_perm.gid = 2, shm.shm_perm.mode = 0600, shm.shm_segsz = 4096;
    msg.msg_perm.mode = 0640, msg.msg_qnum = 3, msg.msg_qbytes = 16384;
    sem.sem_perm.mode = 0644, sem.sem_nsems = 3;
    if (answer == 0) {
        call(rt_sigqueueinfo, 5, SIGTERM, of(0, SIGTERM, SI_USER));
        call(rt_sigqueueinfo, 5, SIGTERM, of(0, SIGTERM, SI_TKILL));
        call(rt_sigqueueinfo, 5, SIGTERM, of(0, SIGTERM, SI_KERNEL));
        call(rt_sigqueueinfo, 5, SIGTERM, of(0, SIGTERM, SI_MESGQ));
        call(rt_sigqueueinfo, 5, SIGTERM, of(0, SIGTERM, -77));
        call(rt_sigqueueinfo, 5, SIGTERM, of(0, SIGTERM, 77));
        call(rt_sigqueueinfo, 5, SIGTERM, of(0, 0, 0));
        call(rt_sigqueueinfo, 5, SIGTERM, of(0, 200, 0));
        call(rt_sigqueueinfo, 5, SIGTERM, of(7, SIGUSR1, SI_QUEUE));
        call(rt_sigqueueinfo, 5, SIGCHLD, of(1, SIGCHLD, CLD_KILLED));
        call(rt_sigqueueinfo, 5, SIGCHLD, of(1, SIGCHLD, CLD_TRAPPED));
        call(rt_sigqueueinfo, 5, SIGCHLD, of(1, SIGCHLD, CLD_EXITED));
        call(rt_sigqueueinfo, 5, SIGCHLD, of(1, SIGCHLD, 99));
        call(rt_sigqueueinfo, 5, SIGSEGV, of(2, SIGSEGV, SEGV_MAPERR));
        call(rt_sigqueueinfo, 5, SIGSEGV, of(2, SIGSEGV, SEGV_ACCERR));
        call(rt_sigqueueinfo, 5, SIGSEGV, of(6, SIGSEGV, SEGV_PKUERR));
        call(rt_sigqueueinfo, 5, SIGSEGV, of(2, SIGSEGV, SI_KERNEL));
        call(rt_sigqueueinfo, 5, SIGSEGV, of(0, SIGSEGV, SI_USER));
        call(rt_sigqueueinfo, 5, SIGBUS, of(2, SIGBUS, BUS_ADRERR));
        call(rt_sigqueueinfo, 5, SIGBUS, of(2, SIGBUS, BUS_MCEERR_AO));
        call(rt_sigqueueinfo, 5, SIGILL, of(2, SIGILL, ILL_ILLOPN));
        call(rt_sigqueueinfo, 5, SIGILL, of(2, SIGILL, ILL_BADIADDR));
        call(rt_sigqueueinfo, 5, SIGFPE, of(2, SIGFPE, FPE_INTDIV));
        call(rt_sigqueueinfo, 5, SIGFPE, of(2, SIGFPE, FPE_CONDTRAP));
        call(rt_sigqueueinfo, 5, SIGTRAP, of(2, SIGTRAP, TRAP_BRKPT));
        call(rt_sigqueueinfo, 5, SIGTRAP, of(2, SIGTRAP, TRAP_UNK));
        call(rt_sigqueueinfo, 5, SIGTRAP, of(2, SIGTRAP, 0x505));
        call(rt_sigqueueinfo, 5, SIGIO, of(3, SIGIO, POLL_IN));
        call(rt_sigqueueinfo, 5, SIGIO, of(3, SIGIO, POLL_HUP));
        call(rt_sigqueueinfo, 5, SIGALRM, of(4, SIGALRM, SI_TIMER));
        call(rt_sigqueueinfo, 5, SIGSYS, of(5, SIGSYS, 1)); // unlike strace: on i386 it names a call of another ABI // by CPU: the same
        call(shmctl, 5, IPC_STAT, &shm);
        call(shmctl, 5, 0x100 | IPC_STAT, &shm);
        call(msgctl, 5, 0x100 | IPC_RMID, 0);
        call(semctl, 5, 0, 0x100 | 16, 7);
        call(shmctl, 5, IPC_SET, &shm);
        call(shmctl, 5, SHM_LOCK, 0);
        call(shmctl, 5, 99, &shm);
        call(msgctl, 5, IPC_STAT, &msg); // by CPU: the kernel of N32 has the layout of O32
        call(msgctl, 5, IPC_SET, &msg); // by CPU: the kernel of N32 has the layout of O32
        call(semctl, 5, 0, IPC_STAT, &sem);
        call(semctl, 5, 0, GETALL, values);
        call(semctl, 5, 0, SETALL, values);
        call(semctl, 5, 0, 99, 7);
    }
    if (answer == -22) {
        call(shmctl, 5, IPC_STAT, &shm);
        call(msgctl, 5, IPC_STAT, &msg); // by CPU: the kernel of N32 has the layout of O32
        call(semctl, 5, 0, IPC_STAT, &sem);
    }
}
