//! How much may a process use? `/proc/PID/limits`.

use std::fmt::Write as _;

use super::subject::Subject;
use crate::kernel::linux::process::{Resource, UNLIMITED};

impl Subject<'_> {
    /// [Linux fs/proc/base.c, proc_pid_limits]
    pub(super) fn limits(&self) -> String {
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
}
