//! What is the machine like? The names at the top of `/proc`.

use std::fmt::Write as _;

use super::stat::ticks;
use super::subject::Subject;
use super::{Machine, Name, Proc, Whose};
use crate::kernel::linux::system::{RELEASE, SYSNAME, VERSION};
use crate::kernel::time::{SECOND, UPTIME};

const fn file(path: &'static str, make: fn(&Proc<'_>) -> String) -> Name<Machine> {
    Name {
        path,
        mode: 0o444,
        what: Machine::File(make),
    }
}

const fn link(path: &'static str, make: fn(&Proc<'_>) -> String) -> Name<Machine> {
    Name {
        path,
        mode: 0o777,
        what: Machine::Link(make),
    }
}

pub(super) static NAMES: &[Name<Machine>] = &[
    file("cgroups", |_| {
        "#subsys_name\thierarchy\tnum_cgroups\tenabled\n".into()
    }),
    file("cmdline", |_| "\n".into()),
    file("consoles", |_| String::new()),
    file("cpuinfo", |p| p.cpuinfo()),
    file("crypto", |_| String::new()),
    file("devices", |_| {
        "Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/console\n  5 /dev/ptmx\n128 ptm\n136 pts\n\nBlock devices:\n"
            .into()
    }),
    file("diskstats", |_| String::new()),
    file("filesystems", |_| {
        [
            "sysfs", "tmpfs", "proc", "devtmpfs", "devpts", "overlay", "hostfs", "pipefs",
            "sockfs", "mqueue",
        ]
        .iter()
        .map(|name| format!("nodev\t{name}\n"))
        .collect()
    }),
    file("interrupts", |_| "            CPU0       \n".into()),
    Name {
        path: "kallsyms",
        mode: 0o444,
        what: Machine::File(|_| String::new()),
    },
    Name {
        path: "kcore",
        mode: 0o400,
        what: Machine::Refused,
    },
    Name {
        path: "kmsg",
        mode: 0o400,
        what: Machine::Refused,
    },
    file("loadavg", |p| p.loadavg()),
    file("locks", |_| String::new()),
    file("meminfo", |p| p.meminfo()),
    file("misc", |_| String::new()),
    file("modules", |_| String::new()),
    link("mounts", |_| "self/mounts".into()),
    link("net", |_| "self/net".into()),
    file("partitions", |_| "major minor  #blocks  name\n\n".into()),
    link("self", |p| p.pid().to_string()),
    file("softirqs", |_| "                    CPU0       \n".into()),
    file("stat", |p| p.machine_stat()),
    file("swaps", |_| {
        "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n".into()
    }),
    link("thread-self", |p| {
        format!("{}/task/{}", p.pid(), p.task.tid)
    }),
    Name {
        path: "tty",
        mode: 0o555,
        what: Machine::Directory,
    },
    // [Linux fs/proc/proc_tty.c, show_tty_driver]
    file("tty/drivers", |_| {
        "/dev/tty             /dev/tty        5       0 system:/dev/tty\n\
         /dev/ptmx            /dev/ptmx       5       2 system\n\
         pty_slave            /dev/pts      136 0-1048575 pty:slave\n\
         pty_master           /dev/ptm      128 0-1048575 pty:master\n"
            .into()
    }),
    file("tty/ldiscs", |_| "n_tty       0\n".into()),
    file("uptime", |p| p.uptime()),
    file("version", |_| {
        format!("{SYSNAME} version {RELEASE} (emu) {VERSION}\n")
    }),
    file("vmstat", |p| {
        let page = emu_cpu::memory::PAGE;
        let memory = &p.kernel.memory;
        format!(
            "nr_free_pages {}\nnr_anon_pages {}\npgpgin 0\npgpgout 0\npswpin 0\npswpout 0\n",
            memory.available() / page,
            memory.used() / page
        )
    }),
    file("zoneinfo", |_| String::new()),
];

impl Proc<'_> {
    /// Tasks that run, those that wait and can't be interrupted, and all.
    fn counts(&self) -> (usize, usize, usize) {
        let (mut running, mut blocked, mut all) = (0, 0, 0);
        for process in self.kernel.linux.processes.iter() {
            let (pid, threads) = {
                let process = process.borrow();
                (process.pid, process.threads.clone())
            };
            all += threads.len().max(1);
            for tid in threads {
                let whose = Whose {
                    pid,
                    thread: Some(tid),
                };
                match Subject::find(self, whose).map(|thread| thread.state().0) {
                    Some('R') => running += 1,
                    Some('D') => blocked += 1,
                    _ => {}
                }
            }
        }
        (running, blocked, all)
    }

    fn loadavg(&self) -> String {
        let (running, _, all) = self.counts();
        let last = self.kernel.linux.processes.last();
        format!("0.00 0.00 0.00 {running}/{all} {last}\n")
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
            ("Active", memory.used()),
            ("Inactive", 0),
            ("SwapTotal", 0),
            ("SwapFree", 0),
            ("Dirty", 0),
            ("Writeback", 0),
            ("AnonPages", memory.used()),
            ("Mapped", 0),
            ("Shmem", 0),
            ("Slab", 0),
            ("SReclaimable", 0),
            ("SUnreclaim", 0),
            ("PageTables", memory.tables()),
            ("CommitLimit", memory.limit()),
            ("Committed_AS", memory.used()),
        ] {
            let _ = writeln!(text, "{:<15} {:>8} kB", format!("{name}:"), bytes / 1024);
        }
        text += "HugePages_Total:       0\nHugePages_Free:        0\nHugepagesize:       2048 kB\n";
        text
    }

    fn machine_stat(&self) -> String {
        let clock = &self.kernel.clock;
        let idle = clock.monotonic().saturating_sub(clock.cpu());
        let cpu = format!(
            "{} 0 {} {} 0 0 0 0 0 0",
            ticks(clock.user()),
            ticks(clock.system()),
            ticks(idle)
        );
        let born = clock.wall().saturating_sub(clock.monotonic()) / SECOND;
        let (running, blocked, _) = self.counts();
        format!(
            "cpu  {cpu}\ncpu0 {cpu}\nintr 0\nctxt 0\nbtime {born}\nprocesses {}\nprocs_running {running}\n\
             procs_blocked {blocked}\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n",
            self.kernel.linux.processes.made()
        )
    }
}
