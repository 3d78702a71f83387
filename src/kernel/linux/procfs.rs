//! What does `/proc` say?
//!
//! Only what the asking task may know of itself and of the machine it believes to be on: nothing comes from the host.

use std::fmt::Write as _;
use std::rc::Rc;

use emu_cpu::AddressSpace;
use emu_cpu::memory::{PAGE, Prot, Region};
use emu_profiles::Profile;
use emu_prototypes::linux::Constants;

use super::files::Slot;
use super::process::{LAST_CAPABILITY, Process, Resource, UNLIMITED};
use super::signals::{Disposition, MAX_SIGNAL, SigSet};
use super::system::{DOMAINNAME, NODENAME, RELEASE, SYSNAME, VERSION};
use crate::kernel::random::Random;
use crate::kernel::task::{Task, Tid};
use crate::kernel::time::{EPOCH, SECOND, TICKS, UPTIME};
use crate::kernel::vfs::{Entry, FsError, Generator, Key, Made, OpenFlags, Target};
use crate::kernel::{Cx, Kernel};

/// `/proc` as a task sees it.
pub struct Proc<'a> {
    kernel: &'a Kernel,
    task: &'a Task,
    memory: &'a AddressSpace,
    profile: &'static Profile,
    k: &'static Constants,
}

/// What a name is and what it says.
enum What {
    Directory,
    File(fn(&Proc<'_>) -> String),
    Bytes(fn(&Proc<'_>) -> Vec<u8>),
    Text(fn(&Proc<'_>) -> String),
    Entry(fn(&Proc<'_>) -> Option<Rc<Entry>>),
}

/// A name that is always there: its directory among the same list, and what it is.
struct Name {
    within: u64,
    key: u64,
    name: &'static str,
    mode: u16,
    what: What,
}

/// Numbers of directories.
const TOP: u64 = Key::PROC.0;
const SYS: u64 = 2;
const SYS_KERNEL: u64 = 3;
const SYS_RANDOM: u64 = 4;
const SYS_VM: u64 = 5;
const SYS_FS: u64 = 6;

/// Of a process: what stands here, above it its number.
const PID_SHIFT: u32 = 24;
/// The directory itself, and the ones in it.
const SELF: u64 = 0;
const FDS: u64 = 1;
const FD_INFOS: u64 = 2;
const TASKS: u64 = 3;
/// Set for what stands below `task`.
const OF_THREAD: u64 = 1 << 22;
/// Descriptors, the number below it.
const FD: u64 = 1 << 20;
const FD_INFO: u64 = 1 << 21;

const fn name(within: u64, key: u64, name: &'static str, what: What) -> Name {
    let mode = match what {
        What::Directory => 0o555,
        What::File(_) | What::Bytes(_) => 0o444,
        What::Text(_) | What::Entry(_) => 0o777,
    };
    Name {
        within,
        key,
        name,
        mode,
        what,
    }
}

/// The machine.
static SYSTEM: &[Name] = &[
    name(
        TOP,
        16,
        "cgroups",
        What::File(|_| "#subsys_name\thierarchy\tnum_cgroups\tenabled\n".into()),
    ),
    name(TOP, 17, "cmdline", What::File(|_| "\n".into())),
    name(TOP, 18, "cpuinfo", What::File(|p| p.cpuinfo())),
    name(
        TOP,
        19,
        "devices",
        What::File(|_| {
            "Character devices:\n  1 mem\n  5 /dev/tty\n136 pts\n\nBlock devices:\n".into()
        }),
    ),
    name(
        TOP,
        20,
        "filesystems",
        What::File(|_| {
            "nodev\tproc\nnodev\ttmpfs\nnodev\tdevtmpfs\nnodev\tsysfs\nnodev\toverlay\n".into()
        }),
    ),
    name(
        TOP,
        21,
        "loadavg",
        What::File(|p| format!("0.00 0.00 0.00 1/1 {}\n", p.kernel.linux.processes.last())),
    ),
    name(TOP, 22, "meminfo", What::File(|p| p.meminfo())),
    name(TOP, 23, "mounts", What::Text(|_| "self/mounts".into())),
    name(
        TOP,
        24,
        "partitions",
        What::File(|_| "major minor  #blocks  name\n\n".into()),
    ),
    name(TOP, 25, "self", What::Text(|p| p.pid().to_string())),
    name(TOP, 26, "stat", What::File(|p| p.machine_stat())),
    name(
        TOP,
        27,
        "swaps",
        What::File(|_| "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n".into()),
    ),
    name(TOP, SYS, "sys", What::Directory),
    name(
        TOP,
        28,
        "thread-self",
        What::Text(|p| format!("{}/task/{}", p.pid(), p.task.tid)),
    ),
    name(TOP, 29, "uptime", What::File(|p| p.uptime())),
    name(
        TOP,
        30,
        "version",
        What::File(|_| format!("{SYSNAME} version {RELEASE} (emu) {VERSION}\n")),
    ),
    name(SYS, SYS_FS, "fs", What::Directory),
    name(SYS, SYS_KERNEL, "kernel", What::Directory),
    name(SYS, SYS_VM, "vm", What::Directory),
    name(SYS_FS, 32, "file-max", What::File(|_| "1048576\n".into())),
    name(
        SYS_FS,
        33,
        "nr_open",
        What::File(|_| format!("{}\n", super::files::NR_OPEN)),
    ),
    name(
        SYS_FS,
        34,
        "pipe-max-size",
        What::File(|_| "1048576\n".into()),
    ),
    name(
        SYS_KERNEL,
        35,
        "cap_last_cap",
        What::File(|_| format!("{LAST_CAPABILITY}\n")),
    ),
    name(
        SYS_KERNEL,
        36,
        "core_pattern",
        What::File(|_| "core\n".into()),
    ),
    name(
        SYS_KERNEL,
        37,
        "domainname",
        What::File(|_| format!("{DOMAINNAME}\n")),
    ),
    name(
        SYS_KERNEL,
        38,
        "hostname",
        What::File(|_| format!("{NODENAME}\n")),
    ),
    name(
        SYS_KERNEL,
        39,
        "ngroups_max",
        What::File(|p| format!("{}\n", p.k.NGROUPS_MAX)),
    ),
    name(
        SYS_KERNEL,
        40,
        "osrelease",
        What::File(|_| format!("{RELEASE}\n")),
    ),
    name(
        SYS_KERNEL,
        41,
        "ostype",
        What::File(|_| format!("{SYSNAME}\n")),
    ),
    name(SYS_KERNEL, 42, "pid_max", What::File(|_| "32768\n".into())),
    name(SYS_KERNEL, SYS_RANDOM, "random", What::Directory),
    name(
        SYS_KERNEL,
        43,
        "randomize_va_space",
        What::File(|_| "0\n".into()),
    ),
    name(
        SYS_KERNEL,
        44,
        "threads-max",
        What::File(|_| "4096\n".into()),
    ),
    name(
        SYS_KERNEL,
        45,
        "version",
        What::File(|_| format!("{VERSION}\n")),
    ),
    name(
        SYS_RANDOM,
        46,
        "boot_id",
        What::File(|_| format!("{}\n", Random::new(EPOCH).uuid())),
    ),
    name(
        SYS_RANDOM,
        47,
        "entropy_avail",
        What::File(|_| "256\n".into()),
    ),
    name(SYS_RANDOM, 48, "poolsize", What::File(|_| "256\n".into())),
    name(SYS_RANDOM, 49, "uuid", What::File(|p| p.uuid())),
    name(
        SYS_VM,
        50,
        "max_map_count",
        What::File(|_| format!("{}\n", emu_cpu::memory::MAX_REGIONS)),
    ),
    name(
        SYS_VM,
        51,
        "mmap_min_addr",
        What::File(|p| format!("{}\n", p.profile.process.low)),
    ),
    name(
        SYS_VM,
        52,
        "overcommit_memory",
        What::File(|_| "0\n".into()),
    ),
    name(
        SYS_VM,
        53,
        "overcommit_ratio",
        What::File(|_| "50\n".into()),
    ),
    name(SYS_VM, 54, "swappiness", What::File(|_| "60\n".into())),
];

/// A process. The same names stand below `task`, but for `task` itself.
static PROCESS: &[Name] = &[
    Name {
        mode: 0o400,
        ..name(
            SELF,
            16,
            "auxv",
            What::Bytes(|p| p.process().image.auxv.clone()),
        )
    },
    name(SELF, 17, "cgroup", What::File(|_| "0::/\n".into())),
    name(
        SELF,
        18,
        "cmdline",
        What::Bytes(|p| p.process().image.cmdline.clone()),
    ),
    name(
        SELF,
        19,
        "comm",
        What::Bytes(|p| [&p.task.linux.name[..], b"\n"].concat()),
    ),
    name(
        SELF,
        20,
        "cwd",
        What::Entry(|p| Some(p.task.linux.fs.borrow().cwd.clone())),
    ),
    Name {
        mode: 0o400,
        ..name(
            SELF,
            21,
            "environ",
            What::Bytes(|p| p.process().image.environ.clone()),
        )
    },
    name(
        SELF,
        22,
        "exe",
        What::Entry(|p| Some(p.process().exe_entry.as_ref()?.entry().clone())),
    ),
    Name {
        mode: 0o500,
        ..name(SELF, FDS, "fd", What::Directory)
    },
    name(SELF, FD_INFOS, "fdinfo", What::Directory),
    name(SELF, 23, "limits", What::File(|p| p.limits())),
    name(SELF, 24, "loginuid", What::File(|_| "4294967295".into())),
    name(SELF, 25, "maps", What::Bytes(|p| p.maps())),
    name(SELF, 26, "mountinfo", What::Bytes(|p| p.mountinfo())),
    name(SELF, 27, "mounts", What::Bytes(|p| p.mounts())),
    name(SELF, 28, "oom_score", What::File(|_| "0\n".into())),
    name(SELF, 29, "oom_score_adj", What::File(|_| "0\n".into())),
    Name {
        mode: 0o400,
        ..name(
            SELF,
            30,
            "personality",
            What::File(|p| format!("{:08x}\n", p.process().personality)),
        )
    },
    name(
        SELF,
        31,
        "root",
        What::Entry(|p| Some(p.task.linux.fs.borrow().root.clone())),
    ),
    name(SELF, 32, "sessionid", What::File(|_| "4294967295".into())),
    name(SELF, 33, "stat", What::Bytes(|p| p.stat())),
    name(SELF, 34, "statm", What::File(|p| p.statm())),
    name(SELF, 35, "status", What::Bytes(|p| p.status())),
    name(SELF, TASKS, "task", What::Directory),
    name(SELF, 36, "wchan", What::File(|_| "0".into())),
];

/// What a key stands for.
enum Place {
    System(u64),
    Process(u64),
    Descriptor(i32),
    DescriptorInfo(i32),
    /// Of a process that is not there.
    Nowhere,
}

impl<'a> Proc<'a> {
    /// The view of the task that makes a call.
    pub fn new(kernel: &'a Kernel, cx: &'a Cx<'_>) -> Proc<'a> {
        Proc {
            kernel,
            task: &*cx.task,
            memory: &*cx.mem,
            profile: cx.profile,
            k: cx.k,
        }
    }

    fn process(&self) -> std::cell::Ref<'_, Process> {
        self.task.linux.process.borrow()
    }

    fn pid(&self) -> Tid {
        self.process().pid
    }

    /// The key of something of a process.
    fn own(&self, item: u64) -> Key {
        Key((self.pid() as u64) << PID_SHIFT | item)
    }

    fn place(&self, key: Key) -> Place {
        let (pid, item) = (key.0 >> PID_SHIFT, key.0 & ((1 << PID_SHIFT) - 1));
        if pid == 0 {
            return Place::System(item);
        }
        if pid != self.pid() as u64 {
            return Place::Nowhere;
        }
        let item = item & !OF_THREAD;
        let number = (item & (FD - 1)) as i32;
        if item & FD_INFO != 0 {
            Place::DescriptorInfo(number)
        } else if item & FD != 0 {
            Place::Descriptor(number)
        } else {
            Place::Process(item)
        }
    }

    fn made(&self, name: &Name, key: Key) -> Made {
        let made = match name.what {
            What::Directory => Made::directory(key),
            What::File(_) | What::Bytes(_) => Made::file(key),
            What::Text(_) | What::Entry(_) => Made::link(key),
        };
        let (uid, gid) = match key.0 >> PID_SHIFT {
            0 => (0, 0),
            _ => (
                self.task.linux.credentials.euid,
                self.task.linux.credentials.egid,
            ),
        };
        Made {
            mode: name.mode,
            uid,
            gid,
            ..made
        }
    }

    /// All names of a directory.
    fn names(&self, directory: Key) -> Vec<(Vec<u8>, Made)> {
        let thread = directory.0 & OF_THREAD;
        let linux = &self.task.linux;
        let owned = |made: Made| Made {
            uid: linux.credentials.euid,
            gid: linux.credentials.egid,
            ..made
        };
        match self.place(directory) {
            Place::System(key) => {
                let named = SYSTEM
                    .iter()
                    .filter(|name| name.within == key)
                    .map(|name| (name.name.into(), self.made(name, Key(name.key))));
                let pid = (key == TOP).then(|| {
                    (
                        self.pid().to_string().into_bytes(),
                        owned(Made::directory(self.own(SELF))),
                    )
                });
                named.chain(pid).collect()
            }
            Place::Process(SELF) => PROCESS
                .iter()
                .filter(|name| thread == 0 || name.key != TASKS)
                .map(|name| {
                    (
                        name.name.into(),
                        self.made(name, self.own(name.key | thread)),
                    )
                })
                .collect(),
            Place::Process(TASKS) => {
                let tid = self.task.tid.to_string().into_bytes();
                vec![(tid, owned(Made::directory(self.own(SELF | OF_THREAD))))]
            }
            Place::Process(kind @ (FDS | FD_INFOS)) => linux
                .files
                .borrow()
                .iter()
                .map(|(fd, slot)| {
                    let made = match kind {
                        FDS => Made {
                            mode: link_mode(slot.file.flags()),
                            ..Made::link(self.own(FD | fd as u64 | thread))
                        },
                        _ => Made::file(self.own(FD_INFO | fd as u64 | thread)),
                    };
                    (fd.to_string().into_bytes(), owned(made))
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The name behind a key.
    fn known(&self, key: Key) -> Option<&'static Name> {
        match self.place(key) {
            Place::System(item) => SYSTEM.iter().find(|name| name.key == item),
            Place::Process(item) => PROCESS.iter().find(|name| name.key == item),
            _ => None,
        }
    }

    /// What a descriptor is.
    fn slot(&self, fd: i32) -> Result<Slot, FsError> {
        self.task
            .linux
            .files
            .borrow()
            .slot(fd)
            .cloned()
            .map_err(|_| FsError::NotFound)
    }

    fn uuid(&self) -> String {
        let mixed = self.kernel.random.clone().next_u64() ^ self.kernel.clock.now();
        format!("{}\n", Random::new(mixed).uuid())
    }

    fn cpuinfo(&self) -> String {
        format!(
            "processor\t: 0\nmodel name\t: emu {}\nBogoMIPS\t: 100.00\n\n",
            self.profile.machine
        )
    }

    fn uptime(&self) -> String {
        let hundredths = |nanoseconds: u64| {
            let all = nanoseconds / (SECOND / 100);
            format!("{}.{:02}", all / 100, all % 100)
        };
        format!(
            "{} {}\n",
            hundredths(self.kernel.clock.monotonic()),
            hundredths(UPTIME)
        )
    }

    fn meminfo(&self) -> String {
        let memory = &self.kernel.memory;
        let mut text = String::new();
        for (name, bytes) in [
            ("MemTotal", memory.limit()),
            ("MemFree", memory.available()),
            ("MemAvailable", memory.available()),
            ("Buffers", 0),
            ("Cached", 0),
            ("SwapCached", 0),
            ("SwapTotal", 0),
            ("SwapFree", 0),
            ("Shmem", 0),
            ("PageTables", memory.tables()),
            ("CommitLimit", memory.limit()),
        ] {
            let _ = writeln!(text, "{:<15} {:>8} kB", format!("{name}:"), bytes / 1024);
        }
        text
    }

    fn machine_stat(&self) -> String {
        let ticks = |nanoseconds: u64| nanoseconds / (SECOND / TICKS);
        let clock = &self.kernel.clock;
        let idle = clock.monotonic().saturating_sub(clock.cpu());
        let cpu = format!(
            "{} 0 {} {} 0 0 0 0 0 0",
            ticks(clock.user()),
            ticks(clock.system()),
            ticks(idle)
        );
        let born = clock.wall().saturating_sub(clock.monotonic()) / SECOND;
        format!(
            "cpu  {cpu}\ncpu0 {cpu}\nintr 0\nctxt 0\nbtime {born}\nprocesses {}\nprocs_running 1\nprocs_blocked 0\n\
             softirq 0 0 0 0 0 0 0 0 0 0 0\n",
            self.kernel.linux.processes.last()
        )
    }

    /// [Linux fs/proc/task_mmu.c, show_map_vma]
    fn maps(&self) -> Vec<u8> {
        let mut text = Vec::new();
        // seq_setwidth(25 + sizeof(void *) * 6 - 1)
        let width = 24 + 6 * self.profile.arch.pointer() as usize;
        for region in self.memory.regions() {
            let mut line = map_line(region).into_bytes();
            if let Some(label) = &region.label {
                while line.len() < width {
                    line.push(b' ');
                }
                line.push(b' ');
                for byte in label.name.iter() {
                    match byte {
                        b'\n' => line.extend(b"\\012"),
                        byte => line.push(*byte),
                    }
                }
            }
            line.push(b'\n');
            text.extend(line);
        }
        text
    }

    fn mounts(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for mount in self.kernel.vfs.mounts() {
            text.extend(mount.source.bytes());
            text.push(b' ');
            text.extend(escaped(&mount.path));
            text.extend(format!(" {} rw,noatime 0 0\n", mount.type_name()).bytes());
        }
        text
    }

    fn mountinfo(&self) -> Vec<u8> {
        let mut text = Vec::new();
        for (index, mount) in self.kernel.vfs.mounts().iter().enumerate() {
            let parent = if index == 0 { 1 } else { 20 };
            let (major, minor) = mount.entry.node.attributes().device;
            text.extend(format!("{} {parent} {major}:{minor} / ", 20 + index).bytes());
            text.extend(escaped(&mount.path));
            let (kind, source) = (mount.type_name(), mount.source);
            text.extend(format!(" rw,noatime - {kind} {source} rw\n").bytes());
        }
        text
    }

    fn limits(&self) -> String {
        let mut text = format!(
            "{:<25} {:<20} {:<20} {:<10}\n",
            "Limit", "Soft Limit", "Hard Limit", "Units"
        );
        let process = self.process();
        let shown = |limit: u64| match limit {
            UNLIMITED => "unlimited".to_owned(),
            limit => limit.to_string(),
        };
        for (resource, name, unit) in [
            (Resource::Cpu, "Max cpu time", "seconds"),
            (Resource::Fsize, "Max file size", "bytes"),
            (Resource::Data, "Max data size", "bytes"),
            (Resource::Stack, "Max stack size", "bytes"),
            (Resource::Core, "Max core file size", "bytes"),
            (Resource::Rss, "Max resident set", "bytes"),
            (Resource::Nproc, "Max processes", "processes"),
            (Resource::Nofile, "Max open files", "files"),
            (Resource::Memlock, "Max locked memory", "bytes"),
            (Resource::As, "Max address space", "bytes"),
            (Resource::Locks, "Max file locks", "locks"),
            (Resource::Sigpending, "Max pending signals", "signals"),
            (Resource::Msgqueue, "Max msgqueue size", "bytes"),
            (Resource::Nice, "Max nice priority", ""),
            (Resource::Rtprio, "Max realtime priority", ""),
            (Resource::Rttime, "Max realtime timeout", "us"),
        ] {
            let (soft, hard) = process.limits.get(resource);
            let _ = writeln!(
                text,
                "{name:<25} {:<20} {:<20} {unit:<10}",
                shown(soft),
                shown(hard)
            );
        }
        text
    }

    fn statm(&self) -> String {
        let (size, resident) = (
            self.memory.mapped_bytes() / PAGE,
            self.memory.resident() / PAGE,
        );
        let (start, end) = self.process().image.code;
        let text = end.saturating_sub(start).div_ceil(PAGE);
        format!(
            "{size} {resident} 0 {text} 0 {} 0\n",
            self.memory.data_bytes() / PAGE
        )
    }

    /// [Linux fs/proc/array.c, do_task_stat; proc(5)]
    fn stat(&self) -> Vec<u8> {
        let process = self.process();
        let (linux, clock) = (&self.task.linux, &self.kernel.clock);
        let ticks = |nanoseconds: u64| nanoseconds / (SECOND / TICKS);
        let started = ticks(UPTIME.saturating_add(process.started));
        let (ignored, caught) = self.dispositions();
        let low = |set: SigSet| set.bits() as u64 & 0x7fff_ffff;
        let image = &process.image;
        let mut text = format!("{} (", process.pid).into_bytes();
        text.extend(&linux.name);
        text.extend(
            format!(
                ") R {parent} {group} {session} 0 -1 4194304 {faults} 0 0 0 {user} {system} 0 0 {priority} {nice} 1 0 \
                 {started} {size} {resident} {limit} {code_start} {code_end} {stack} 0 0 {pending} {blocked} {ignored} \
                 {caught} 0 0 0 17 0 0 {policy} 0 0 0 {data_start} {data_end} {brk} {arg_start} {arg_end} {env_start} \
                 {env_end} 0\n",
                parent = process.parent,
                group = process.group,
                session = process.session,
                faults = self.memory.resident() / PAGE,
                user = ticks(clock.user()),
                system = ticks(clock.system()),
                priority = 20 + i32::from(process.nice),
                nice = process.nice,
                size = self.memory.mapped_bytes(),
                resident = self.memory.resident() / PAGE,
                limit = process.limits.soft(Resource::Rss) & self.profile.arch.address_mask(),
                code_start = image.code.0,
                code_end = image.code.1,
                stack = image.stack_start,
                pending = low(linux.pending.set()),
                blocked = low(linux.mask),
                ignored = low(ignored),
                caught = low(caught),
                policy = process.scheduler.0,
                data_start = image.data.0,
                data_end = image.data.1,
                brk = image.brk_start,
                arg_start = image.arguments.0,
                arg_end = image.arguments.1,
                env_start = image.environment.0,
                env_end = image.environment.1,
            )
            .bytes(),
        );
        text
    }

    /// [Linux fs/proc/array.c, proc_pid_status]
    fn status(&self) -> Vec<u8> {
        let process = self.process();
        let (linux, memory) = (&self.task.linux, self.memory);
        let who = &linux.credentials;
        let mut text = b"Name:\t".to_vec();
        text.extend(&linux.name);
        let kb = |bytes: u64| format!("{:>8} kB", bytes / 1024);
        let (ignored, caught) = self.dispositions();
        let set = |set: SigSet| {
            let digits = self.k._NSIG as usize / 4;
            format!("{:0digits$x}", set.bits())
        };
        let groups: String = who.groups.iter().map(|group| format!("{group} ")).collect();
        let files = linux
            .files
            .borrow()
            .iter()
            .last()
            .map_or(0, |(fd, _)| fd as u64 + 1);
        let length = |(start, end): (u64, u64)| end.saturating_sub(start);
        let stack: u64 = memory
            .region_at(process.image.stack_start)
            .map_or(0, Region::len);
        let lines = [
            ("Umask", format!("{:04o}", linux.fs.borrow().umask)),
            ("State", "R (running)".into()),
            ("Tgid", process.pid.to_string()),
            ("Ngid", "0".into()),
            ("Pid", self.task.tid.to_string()),
            ("PPid", process.parent.to_string()),
            ("TracerPid", "0".into()),
            (
                "Uid",
                format!("{}\t{}\t{}\t{}", who.uid, who.euid, who.suid, who.fsuid),
            ),
            (
                "Gid",
                format!("{}\t{}\t{}\t{}", who.gid, who.egid, who.sgid, who.fsgid),
            ),
            ("FDSize", files.next_multiple_of(64).max(64).to_string()),
            ("Groups", groups),
            ("NStgid", process.pid.to_string()),
            ("NSpid", self.task.tid.to_string()),
            ("NSpgid", process.group.to_string()),
            ("NSsid", process.session.to_string()),
            ("VmPeak", kb(memory.mapped_bytes())),
            ("VmSize", kb(memory.mapped_bytes())),
            ("VmLck", kb(0)),
            ("VmPin", kb(0)),
            ("VmHWM", kb(memory.resident())),
            ("VmRSS", kb(memory.resident())),
            ("VmData", kb(memory.data_bytes())),
            ("VmStk", kb(stack)),
            ("VmExe", kb(length(process.image.code))),
            ("VmLib", kb(0)),
            ("VmPTE", kb(0)),
            ("VmSwap", kb(0)),
            ("Threads", "1".into()),
            (
                "SigQ",
                format!("0/{}", process.limits.soft(Resource::Sigpending)),
            ),
            ("SigPnd", set(linux.pending.set())),
            ("ShdPnd", set(SigSet::EMPTY)),
            ("SigBlk", set(linux.mask)),
            ("SigIgn", set(ignored)),
            ("SigCgt", set(caught)),
            ("CapInh", format!("{:016x}", who.inheritable)),
            ("CapPrm", format!("{:016x}", who.permitted)),
            ("CapEff", format!("{:016x}", who.effective)),
            ("CapBnd", format!("{:016x}", who.bounding)),
            ("CapAmb", format!("{:016x}", who.ambient)),
            ("NoNewPrivs", u8::from(who.no_new_privs).to_string()),
            ("Seccomp", "0".into()),
            ("Cpus_allowed", "1".into()),
            ("Cpus_allowed_list", "0".into()),
            ("Mems_allowed", "1".into()),
            ("Mems_allowed_list", "0".into()),
            ("voluntary_ctxt_switches", "0".into()),
            ("nonvoluntary_ctxt_switches", "0".into()),
        ];
        text.push(b'\n');
        for (name, value) in lines {
            text.extend(format!("{name}:\t{value}\n").bytes());
        }
        text
    }

    /// Signals that are ignored, and those that have handlers.
    fn dispositions(&self) -> (SigSet, SigSet) {
        let handlers = self.task.linux.handlers.borrow();
        let (mut ignored, mut caught) = (SigSet::EMPTY, SigSet::EMPTY);
        for signal in 1..=MAX_SIGNAL as u32 {
            match handlers.get(signal).disposition {
                Disposition::Ignore => ignored.insert(signal),
                Disposition::Handler(_) => caught.insert(signal),
                Disposition::Default => {}
            }
        }
        (ignored, caught)
    }
}

/// The mode of a descriptor's link tells how it is open.   [Linux fs/proc/fd.c, proc_fd_link]
fn link_mode(flags: OpenFlags) -> u16 {
    let read = if flags.contains(OpenFlags::READ) {
        0o500
    } else {
        0
    };
    let write = if flags.contains(OpenFlags::WRITE) {
        0o300
    } else {
        0
    };
    read | write
}

/// A region without its name.
fn map_line(region: &Region) -> String {
    let right = |right, letter| {
        if region.prot.contains(right) {
            letter
        } else {
            '-'
        }
    };
    let (major, minor, inode) = match &region.label {
        Some(label) => (label.device >> 8, label.device & 0xff, label.inode),
        None => (0, 0, 0),
    };
    format!(
        "{:08x}-{:08x} {}{}{}{} {:08x} {major:02x}:{minor:02x} {inode}",
        region.start,
        region.end,
        right(Prot::READ, 'r'),
        right(Prot::WRITE, 'w'),
        right(Prot::EXEC, 'x'),
        if region.backing.is_shared() { 's' } else { 'p' },
        region.backing.offset(),
    )
}

/// A path as `/proc/mounts` shows it.   [Linux fs/proc_namespace.c, mangle]
fn escaped(path: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    for byte in path {
        match byte {
            b' ' | b'\t' | b'\n' | b'\\' | b'#' => text.extend(format!("\\{byte:03o}").bytes()),
            byte => text.push(*byte),
        }
    }
    text
}

impl Generator for Proc<'_> {
    fn lookup(&self, directory: Key, name: &[u8]) -> Option<Made> {
        self.names(directory)
            .into_iter()
            .find(|(known, _)| known == name)
            .map(|(_, made)| made)
    }

    fn list(&self, directory: Key) -> Vec<(Vec<u8>, Made)> {
        self.names(directory)
    }

    fn content(&self, file: Key) -> Result<Vec<u8>, FsError> {
        if let Place::DescriptorInfo(fd) = self.place(file) {
            let slot = self.slot(fd)?;
            let flags = slot.file.flags().bits();
            let text = format!(
                "pos:\t{}\nflags:\t{flags:07o}\nmnt_id:\t20\nino:\t{}\n",
                slot.file.position.get(),
                slot.file.node().ino
            );
            return Ok(text.into_bytes());
        }
        match self.known(file).map(|name| &name.what) {
            Some(What::File(make)) => Ok(make(self).into_bytes()),
            Some(What::Bytes(make)) => Ok(make(self)),
            _ => Err(FsError::NotFound),
        }
    }

    fn link(&self, link: Key) -> Result<Target, FsError> {
        if let Place::Descriptor(fd) = self.place(link) {
            return Ok(Target::Entry(self.slot(fd)?.file.entry.clone()));
        }
        match self.known(link).map(|name| &name.what) {
            Some(What::Text(make)) => Ok(Target::Text(make(self).into_bytes())),
            Some(What::Entry(find)) => find(self).map(Target::Entry).ok_or(FsError::NotFound),
            _ => Err(FsError::NotFound),
        }
    }
}
