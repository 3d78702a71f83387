//! How is a process doing, in words? `/proc/PID/status`.

use emu_cpu::memory::Region;

use super::subject::Subject;
use crate::kernel::linux::process::Resource;
use crate::kernel::linux::signals::SigSet;

/// What is told of its memory, in bytes.
struct Sizes {
    mapped: u64,
    resident: u64,
    data: u64,
    stack: u64,
    code: u64,
}

impl Subject<'_> {
    fn sizes(&self) -> Option<Sizes> {
        let (stack, (start, end)) = {
            let process = self.process();
            (process.image.stack_start, process.image.code)
        };
        self.memory(|memory| Sizes {
            mapped: memory.mapped_bytes(),
            resident: memory.resident(),
            data: memory.data_bytes(),
            stack: memory.region_at(stack).map_or(0, Region::len),
            code: end.saturating_sub(start),
        })
    }

    /// [Linux fs/proc/array.c, proc_pid_status]
    pub(super) fn status(&self) -> Vec<u8> {
        let (ignored, caught) = self.dispositions();
        let (letter, word) = self.state();
        let sizes = self.sizes().filter(|_| self.task.is_some());
        let process = self.process();
        let linux = self.linux();
        let who = self.credentials();
        let mut text = b"Name:\t".to_vec();
        text.extend(self.name());
        text.push(b'\n');
        let mut line = |name: &str, value: String| {
            text.extend(format!("{name}:\t{value}\n").bytes());
        };
        if let Some(linux) = self.task.map(|task| &task.linux) {
            line("Umask", format!("{:04o}", linux.fs.borrow().umask));
        }
        line("State", format!("{letter} ({word})"));
        line("Tgid", process.pid.to_string());
        line("Ngid", "0".into());
        line("Pid", self.tid.to_string());
        line("PPid", process.parent.to_string());
        line("TracerPid", self.tracer().to_string());
        line(
            "Uid",
            format!("{}\t{}\t{}\t{}", who.uid, who.euid, who.suid, who.fsuid),
        );
        line(
            "Gid",
            format!("{}\t{}\t{}\t{}", who.gid, who.egid, who.sgid, who.fsgid),
        );
        let slots = self.task.map(|task| {
            let files = task.linux.files.borrow();
            let last = files.iter().last();
            last.map_or(0, |(fd, _)| fd as u64 + 1)
                .next_multiple_of(64)
                .max(64)
        });
        line("FDSize", slots.unwrap_or(0).to_string());
        let groups: String = who.groups.iter().map(|group| format!("{group} ")).collect();
        line("Groups", groups);
        line("NStgid", process.pid.to_string());
        line("NSpid", self.tid.to_string());
        line("NSpgid", process.group.to_string());
        line("NSsid", process.session.to_string());
        if let Some(sizes) = sizes {
            let mut kb = |name: &str, bytes: u64| line(name, format!("{:>8} kB", bytes / 1024));
            kb("VmPeak", sizes.mapped);
            kb("VmSize", sizes.mapped);
            kb("VmLck", 0);
            kb("VmPin", 0);
            kb("VmHWM", sizes.resident);
            kb("VmRSS", sizes.resident);
            kb("RssAnon", sizes.resident);
            kb("RssFile", 0);
            kb("RssShmem", 0);
            kb("VmData", sizes.data.saturating_sub(sizes.stack));
            kb("VmStk", sizes.stack);
            kb("VmExe", sizes.code);
            kb("VmLib", 0);
            kb("VmPTE", 0);
            kb("VmSwap", 0);
            line("CoreDumping", "0".into());
            line("THP_enabled", "0".into());
        }
        line("Threads", process.threads.len().max(1).to_string());
        let queued = process.pending.len() + linux.map_or(0, |linux| linux.pending.len());
        line(
            "SigQ",
            format!("{queued}/{}", process.limits.soft(Resource::Sigpending)),
        );
        let digits = self.proc.k._NSIG as usize / 4;
        let mut set = |name: &str, set: SigSet| line(name, format!("{:0digits$x}", set.bits()));
        let of_task = |take: fn(&crate::kernel::linux::LinuxTask) -> SigSet| {
            linux.map_or(SigSet::EMPTY, take)
        };
        set("SigPnd", of_task(|linux| linux.pending.set()));
        set("ShdPnd", process.pending.set());
        set("SigBlk", of_task(|linux| linux.mask));
        set("SigIgn", ignored);
        set("SigCgt", caught);
        for (name, set) in [
            ("CapInh", who.inheritable),
            ("CapPrm", who.permitted),
            ("CapEff", who.effective),
            ("CapBnd", who.bounding),
            ("CapAmb", who.ambient),
        ] {
            line(name, format!("{set:016x}"));
        }
        line("NoNewPrivs", u8::from(who.no_new_privs).to_string());
        let seccomp = linux.map_or((0, 0), |linux| {
            (linux.seccomp.mode(), linux.seccomp.filters())
        });
        line("Seccomp", seccomp.0.to_string());
        line("Seccomp_filters", seccomp.1.to_string());
        line("Cpus_allowed", "1".into());
        line("Cpus_allowed_list", "0".into());
        line("Mems_allowed", "1".into());
        line("Mems_allowed_list", "0".into());
        line("voluntary_ctxt_switches", "0".into());
        line("nonvoluntary_ctxt_switches", "0".into());
        text
    }
}
