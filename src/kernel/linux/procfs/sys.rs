//! How is the kernel set? `/proc/sys`. Nothing there can be changed.

use super::{Machine, Name, Proc};
use crate::kernel::linux::files::NR_OPEN;
use crate::kernel::linux::process::{LAST_CAPABILITY, PID_MAX};
use crate::kernel::linux::system::{DOMAINNAME, NODENAME, RELEASE, SYSNAME, VERSION};
use crate::kernel::random::Random;
use crate::kernel::time::EPOCH;
use crate::kernel::vfs::pipe;

const fn directory(path: &'static str) -> Name<Machine> {
    Name {
        path,
        mode: 0o555,
        what: Machine::Directory,
    }
}

const fn file(path: &'static str, make: fn(&Proc<'_>) -> String) -> Name<Machine> {
    Name {
        path,
        mode: 0o444,
        what: Machine::File(make),
    }
}

/// A value that never changes.
macro_rules! value {
    ($path:literal, $value:expr) => {
        file($path, |_| format!("{}\n", $value))
    };
}

pub(super) static NAMES: &[Name<Machine>] = &[
    directory("sys"),
    directory("sys/fs"),
    value!("sys/fs/aio-max-nr", 65_536),
    value!("sys/fs/aio-nr", 0),
    file("sys/fs/file-nr", |p| {
        let processes = p.kernel.linux.processes.iter();
        let threads = processes.flat_map(|process| process.borrow().threads.clone());
        let open: usize = threads
            .filter_map(|tid| p.task_of(tid))
            .map(|task| task.linux.files.borrow().iter().count())
            .sum();
        format!("{open}\t0\t{NR_OPEN}\n")
    }),
    value!("sys/fs/file-max", NR_OPEN),
    directory("sys/fs/inotify"),
    value!("sys/fs/inotify/max_queued_events", 16_384),
    value!("sys/fs/inotify/max_user_instances", 128),
    value!("sys/fs/inotify/max_user_watches", 65_536),
    directory("sys/fs/mqueue"),
    value!("sys/fs/mqueue/msg_default", 10),
    value!("sys/fs/mqueue/msg_max", 10),
    value!("sys/fs/mqueue/msgsize_default", 8192),
    value!("sys/fs/mqueue/msgsize_max", 8192),
    value!("sys/fs/mqueue/queues_max", 256),
    value!("sys/fs/nr_open", NR_OPEN),
    value!("sys/fs/overflowgid", 65_534),
    value!("sys/fs/overflowuid", 65_534),
    value!("sys/fs/pipe-max-size", pipe::MAX_CAPACITY),
    value!("sys/fs/protected_hardlinks", 0),
    value!("sys/fs/protected_symlinks", 0),
    value!("sys/fs/suid_dumpable", 0),
    directory("sys/kernel"),
    value!("sys/kernel/cap_last_cap", LAST_CAPABILITY),
    value!("sys/kernel/core_pattern", "core"),
    value!("sys/kernel/core_uses_pid", 0),
    value!("sys/kernel/dmesg_restrict", 1),
    value!("sys/kernel/domainname", DOMAINNAME),
    value!("sys/kernel/hostname", NODENAME),
    value!("sys/kernel/kptr_restrict", 2),
    value!("sys/kernel/msgmax", 8192),
    value!("sys/kernel/msgmnb", 16_384),
    value!("sys/kernel/msgmni", 32_000),
    file("sys/kernel/ngroups_max", |p| {
        format!("{}\n", p.k.NGROUPS_MAX)
    }),
    value!("sys/kernel/osrelease", RELEASE),
    value!("sys/kernel/ostype", SYSNAME),
    value!("sys/kernel/overflowgid", 65_534),
    value!("sys/kernel/overflowuid", 65_534),
    value!("sys/kernel/panic", 0),
    value!("sys/kernel/perf_event_paranoid", 4),
    value!("sys/kernel/pid_max", PID_MAX),
    value!("sys/kernel/printk", "4\t4\t1\t7"),
    directory("sys/kernel/pty"),
    value!("sys/kernel/pty/max", crate::kernel::tty::MAX),
    file("sys/kernel/pty/nr", |p| {
        format!("{}\n", p.kernel.vfs.terminals().count())
    }),
    directory("sys/kernel/random"),
    value!("sys/kernel/random/boot_id", Random::new(EPOCH).uuid()),
    value!("sys/kernel/random/entropy_avail", 256),
    value!("sys/kernel/random/poolsize", 256),
    file("sys/kernel/random/uuid", |p| p.uuid()),
    value!("sys/kernel/randomize_va_space", 0),
    value!("sys/kernel/rtsig-max", 32),
    value!("sys/kernel/sched_child_runs_first", 0),
    value!("sys/kernel/sem", "32000\t1024000000\t500\t32000"),
    // [Linux include/uapi/linux/shm.h, SHMALL, SHMMAX, SHMMNI]
    file("sys/kernel/shmall", |p| {
        format!("{}\n", p.profile.arch.address_mask() - (1 << 24))
    }),
    file("sys/kernel/shmmax", |p| {
        format!("{}\n", p.profile.arch.address_mask() - (1 << 24))
    }),
    value!("sys/kernel/shmmni", 4096),
    value!("sys/kernel/tainted", 0),
    value!("sys/kernel/threads-max", 4096),
    value!("sys/kernel/version", VERSION),
    directory("sys/kernel/yama"),
    value!("sys/kernel/yama/ptrace_scope", 0),
    directory("sys/net"),
    directory("sys/net/core"),
    value!("sys/net/core/rmem_default", 212_992),
    value!("sys/net/core/rmem_max", 212_992),
    value!("sys/net/core/somaxconn", 4096),
    value!("sys/net/core/wmem_default", 212_992),
    value!("sys/net/core/wmem_max", 212_992),
    directory("sys/net/ipv4"),
    value!("sys/net/ipv4/ip_forward", 0),
    value!("sys/net/ipv4/ip_local_port_range", "32768\t60999"),
    value!("sys/net/ipv4/ip_unprivileged_port_start", 1024),
    value!("sys/net/ipv4/tcp_syncookies", 1),
    directory("sys/net/ipv6"),
    directory("sys/net/ipv6/conf"),
    directory("sys/net/ipv6/conf/all"),
    value!("sys/net/ipv6/conf/all/disable_ipv6", 0),
    directory("sys/net/unix"),
    value!("sys/net/unix/max_dgram_qlen", 512),
    directory("sys/user"),
    value!("sys/user/max_user_namespaces", 0),
    directory("sys/vm"),
    value!("sys/vm/drop_caches", 0),
    value!("sys/vm/max_map_count", emu_cpu::memory::MAX_REGIONS),
    file("sys/vm/mmap_min_addr", |p| {
        format!("{}\n", p.profile.process.low)
    }),
    value!("sys/vm/nr_hugepages", 0),
    value!("sys/vm/overcommit_memory", 0),
    value!("sys/vm/overcommit_ratio", 50),
    value!("sys/vm/swappiness", 60),
    value!("sys/vm/unprivileged_userfaultfd", 0),
];

impl Proc<'_> {
    fn uuid(&self) -> String {
        let mixed = self.kernel.random.clone().next_u64() ^ self.kernel.clock.now();
        format!("{}\n", Random::new(mixed).uuid())
    }
}
