//! Which names stand in the directory of a process?

use emu_cpu::memory::PAGE;

use super::subject::Subject;
use super::{Name, Own};
use crate::kernel::vfs::{FsError, Target};

const fn file(path: &'static str, make: fn(&Subject<'_>) -> Result<Vec<u8>, FsError>) -> Name<Own> {
    private(path, 0o444, make)
}

const fn private(
    path: &'static str,
    mode: u16,
    make: fn(&Subject<'_>) -> Result<Vec<u8>, FsError>,
) -> Name<Own> {
    Name {
        path,
        mode,
        what: Own::File(make),
    }
}

const fn link(path: &'static str, find: fn(&Subject<'_>) -> Result<Target, FsError>) -> Name<Own> {
    Name {
        path,
        mode: 0o777,
        what: Own::Link(find),
    }
}

const fn other(path: &'static str, mode: u16, what: Own) -> Name<Own> {
    Name { path, mode, what }
}

/// A link to a name space: there is one of each kind, whose number is the first that Linux gives out.
/// [Linux include/linux/proc_ns.h, PROC_*_INIT_INO]
macro_rules! namespace {
    ($path:literal, $kind:literal, $number:literal) => {
        link($path, |_| {
            Ok(Target::Text(
                format!(concat!($kind, ":[{}]"), $number as u32).into(),
            ))
        })
    };
}

pub(super) static NAMES: &[Name<Own>] = &[
    private("auxv", 0o400, |s| Ok(s.image(|image| image.auxv.clone()))),
    file("cgroup", |_| Ok(b"0::/\n".into())),
    file("children", |s| Ok(s.children().into())),
    file("cmdline", |s| Ok(s.arguments())),
    private("comm", 0o644, |s| Ok([&s.name()[..], b"\n"].concat())),
    private("coredump_filter", 0o644, |s| {
        Ok(format!("{:08x}\n", s.process().coredump_filter).into())
    }),
    file("cpuset", |_| Ok(b"/\n".into())),
    link("cwd", |s| {
        let linux = s.task.map(|task| &task.linux).ok_or(FsError::NotFound)?;
        Ok(Target::Entry(linux.fs.borrow().cwd.clone()))
    }),
    private("environ", 0o400, |s| {
        let (start, end) = s.process().image.environment;
        Ok(s.anonymous(start, end.saturating_sub(start)))
    }),
    link("exe", |s| {
        s.task.ok_or(FsError::NotFound)?;
        let process = s.process();
        let program = process.exe_entry.as_ref().ok_or(FsError::NotFound)?;
        Ok(Target::Entry(program.entry().clone()))
    }),
    other("fd", 0o500, Own::Descriptors),
    other("fdinfo", 0o555, Own::DescriptorInfos),
    private("gid_map", 0o644, |_| Ok(id_map())),
    private("io", 0o400, |_| Ok(io().into())),
    file("limits", |s| Ok(s.limits().into())),
    private("loginuid", 0o644, |_| Ok(b"4294967295".into())),
    file("maps", |s| Ok(s.maps())),
    other("mem", 0o600, Own::Memory),
    file("mountinfo", |s| Ok(s.proc.mountinfo())),
    file("mounts", |s| Ok(s.proc.mounts())),
    private("mountstats", 0o400, |s| Ok(s.proc.mountstats())),
    other("ns", 0o511, Own::Directory),
    namespace!("ns/cgroup", "cgroup", 0xEFFF_FFFBu32),
    namespace!("ns/ipc", "ipc", 0xEFFF_FFFFu32),
    namespace!("ns/mnt", "mnt", 0xEFFF_FFF8u32),
    namespace!("ns/net", "net", 0xEFFF_FFF7u32),
    namespace!("ns/pid", "pid", 0xEFFF_FFFCu32),
    namespace!("ns/pid_for_children", "pid", 0xEFFF_FFFCu32),
    namespace!("ns/time", "time", 0xEFFF_FFFAu32),
    namespace!("ns/time_for_children", "time", 0xEFFF_FFFAu32),
    namespace!("ns/user", "user", 0xEFFF_FFFDu32),
    namespace!("ns/uts", "uts", 0xEFFF_FFFEu32),
    private("oom_adj", 0o644, |s| {
        // [Linux fs/proc/base.c, oom_adj_read]
        let score = i32::from(s.process().oom_score_adj);
        let adj = match score {
            1000 => 15,
            score => score * 17 / 1000,
        };
        Ok(format!("{adj}\n").into())
    }),
    file("oom_score", |s| Ok(s.oom_score().into())),
    private("oom_score_adj", 0o644, |s| {
        Ok(format!("{}\n", s.process().oom_score_adj).into())
    }),
    other("pagemap", 0o400, Own::Refused),
    private("personality", 0o400, |s| {
        Ok(format!("{:08x}\n", s.process().personality).into())
    }),
    private("projid_map", 0o644, |_| Ok(id_map())),
    link("root", |s| {
        let linux = s.task.map(|task| &task.linux).ok_or(FsError::NotFound)?;
        Ok(Target::Entry(linux.fs.borrow().root.clone()))
    }),
    file("sched", |s| Ok(s.sched())),
    file("schedstat", |s| {
        let (user, system) = s.used();
        Ok(format!("{} 0 0\n", user.saturating_add(system)).into())
    }),
    file("sessionid", |_| Ok(b"4294967295".into())),
    private("setgroups", 0o644, |_| Ok(b"allow\n".into())),
    file("smaps", |s| Ok(s.smaps())),
    file("smaps_rollup", |s| Ok(s.smaps_rollup().into())),
    private("stack", 0o400, |_| Err(FsError::NotPermitted)),
    file("stat", |s| Ok(s.stat())),
    file("statm", |s| Ok(s.statm().into())),
    file("status", |s| Ok(s.status())),
    private("syscall", 0o400, |s| Ok(s.syscall().into())),
    other("task", 0o555, Own::Threads),
    private("timerslack_ns", 0o666, |s| {
        let slack = s.linux().map_or(0, |linux| linux.timer_slack);
        Ok(format!("{slack}\n").into())
    }),
    private("uid_map", 0o644, |_| Ok(id_map())),
    file("wchan", |s| Ok(s.wchan().into())),
];

/// The first user name space: every number is itself.   [user_namespaces(7)]
fn id_map() -> Vec<u8> {
    format!("{:>10} {:>10} {:>10}\n", 0, 0, u32::MAX).into()
}

/// Bytes are not counted.
fn io() -> String {
    let names = [
        "rchar",
        "wchar",
        "syscr",
        "syscw",
        "read_bytes",
        "write_bytes",
        "cancelled_write_bytes",
    ];
    names.iter().map(|name| format!("{name}: 0\n")).collect()
}

impl Subject<'_> {
    /// Something of its program; of a process that has ended, nothing.
    fn image(&self, take: fn(&crate::kernel::linux::process::ImageLayout) -> Vec<u8>) -> Vec<u8> {
        match self.linux() {
            Some(_) => take(&self.process().image),
            None => Vec::new(),
        }
    }

    /// What its memory holds, up to what is not anonymous; of a process that has ended, nothing.
    fn anonymous(&self, address: u64, len: u64) -> Vec<u8> {
        let mut bytes = vec![0; len as usize];
        let read = self.memory(|memory| memory.glance(address, &mut bytes));
        bytes.truncate(read.unwrap_or(0));
        bytes
    }

    /// The arguments as they are in memory. A program that wrote over the end of the last means a title of its own: one
    /// string, which may go on where the environment was.   [Linux fs/proc/base.c, get_mm_cmdline]
    fn arguments(&self) -> Vec<u8> {
        let (start, end) = self.process().image.arguments;
        let last = self.anonymous(end.wrapping_sub(1), 1);
        if start >= end || last.is_empty() || last == [0] {
            return self.anonymous(start, end.saturating_sub(start));
        }
        let mut title = self.anonymous(start, PAGE);
        if let Some(end) = title.iter().position(|byte| *byte == 0) {
            title.truncate(end + 1);
        }
        title
    }

    /// [Linux fs/proc/array.c, children_seq_show]
    fn children(&self) -> String {
        let pid = self.process().pid;
        // Whose thread made them is not kept: they are the first one's.
        if pid != self.tid {
            return String::new();
        }
        let children = self.proc.kernel.linux.processes.children(pid);
        children
            .map(|child| format!("{} ", child.borrow().pid))
            .collect()
    }

    /// The share of memory in thousandths, and what was asked for on top.   [Linux fs/proc/base.c, proc_oom_score]
    fn oom_score(&self) -> String {
        let total = self.proc.kernel.memory.limit().max(1);
        let own = self.memory(|memory| memory.resident()).unwrap_or(0);
        let badness = (u128::from(own) * 1000 / u128::from(total)) as i64;
        let points = badness + i64::from(self.process().oom_score_adj);
        format!("{}\n", (1000 + points).max(0) * 2 / 3)
    }

    /// [Linux kernel/sched/debug.c, proc_sched_show_task: what is known]
    fn sched(&self) -> Vec<u8> {
        let (user, system) = self.used();
        let process = self.process();
        let mut text = self.name();
        text.extend(
            format!(
                " ({}, #threads: {})\n",
                self.tid,
                process.threads.len().max(1)
            )
            .bytes(),
        );
        text.extend("-".repeat(67).bytes());
        let all = user.saturating_add(system);
        let line = |name: &str, value: String| format!("\n{name:<45}:{value:>21}");
        for line in [
            line(
                "se.sum_exec_runtime",
                format!("{}.{:06}", all / 1_000_000, all % 1_000_000),
            ),
            line("policy", process.scheduler.0.to_string()),
            line("prio", (120 + i32::from(process.nice)).to_string()),
        ] {
            text.extend(line.bytes());
        }
        text.push(b'\n');
        text
    }

    /// The call that a task waits in.   [proc(5), /proc/pid/syscall; Linux fs/proc/base.c, proc_pid_syscall]
    fn syscall(&self) -> String {
        let Some(task) = self.task.filter(|_| !self.asks()) else {
            return "running\n".into();
        };
        let Some(pending) = &task.pending else {
            return "running\n".into();
        };
        let event = &pending.event;
        let args: String = event.args[..6]
            .iter()
            .map(|arg| format!(" {:#x}", arg & task.profile.arch.address_mask()))
            .collect();
        format!("{}{args} {:#x} {:#x}\n", event.number, event.sp, event.pc)
    }

    /// Where in the kernel it waits: which call it is, for want of a function of the kernel.
    fn wchan(&self) -> String {
        let waits = self.task.filter(|task| task.waits().is_some());
        let name = waits.and_then(|task| task.pending.as_ref()?.event.info);
        name.map_or("0".into(), |info| format!("do_sys_{}", info.name))
    }
}
