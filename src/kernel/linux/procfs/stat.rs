//! How is a process doing, in one line of numbers? `/proc/PID/stat` and `statm`.

use emu_cpu::memory::PAGE;

use super::subject::Subject;
use crate::event::ExitStatus;
use crate::kernel::linux::process::Life;
use crate::kernel::linux::process::{ImageLayout, Resource};
use crate::kernel::linux::signals::{Disposition, MAX_SIGNAL, SigSet};
use crate::kernel::time::{SECOND, TICKS, UPTIME};

/// Nanoseconds in ticks of the clock that programs know.
pub(super) fn ticks(nanoseconds: u64) -> u64 {
    nanoseconds / (SECOND / TICKS)
}

impl Subject<'_> {
    /// Signals that are ignored, and those that have handlers.
    pub(super) fn dispositions(&self) -> (SigSet, SigSet) {
        let (mut ignored, mut caught) = (SigSet::EMPTY, SigSet::EMPTY);
        let Some(linux) = self.linux() else {
            return (ignored, caught);
        };
        let handlers = linux.handlers.borrow();
        for signal in 1..=MAX_SIGNAL as u32 {
            match handlers.get(signal).disposition {
                Disposition::Ignore => ignored.insert(signal),
                Disposition::Handler(_) => caught.insert(signal),
                Disposition::Default => {}
            }
        }
        (ignored, caught)
    }

    /// Pages of its memory: all, those present, and those of its data.
    fn pages(&self) -> (u64, u64, u64) {
        let pages = self.memory(|memory| {
            (
                memory.mapped_bytes() / PAGE,
                memory.resident() / PAGE,
                memory.data_bytes() / PAGE,
            )
        });
        pages.unwrap_or((0, 0, 0))
    }

    /// [proc(5), /proc/pid/statm]
    pub(super) fn statm(&self) -> String {
        let (size, resident, data) = self.pages();
        let (start, end) = match size {
            0 => (0, 0),
            _ => self.process().image.code,
        };
        let text = end.saturating_sub(start).div_ceil(PAGE);
        format!("{size} {resident} 0 {text} 0 {data} 0\n")
    }

    /// [Linux fs/proc/array.c, do_task_stat; proc(5)]
    pub(super) fn stat(&self) -> Vec<u8> {
        let (ignored, caught) = self.dispositions();
        let (state, _) = self.state();
        let (size, resident, _) = self.pages();
        let (user, system) = self.used();
        let process = self.process();
        let low = |set: SigSet| set.bits() as u64 & 0x7fff_ffff;
        let gone = ImageLayout::default();
        let image = match size {
            0 => &gone,
            _ => &process.image,
        };
        let terminal = process.terminal;
        let foreground = terminal.map_or(-1, |terminal| {
            self.proc.kernel.linux.terminals.foreground(terminal)
        });
        let code = match process.life {
            Life::Zombie(status) => self.exit_code(status),
            _ => 0,
        };
        let (policy, priority) = process.scheduler;
        let nice = i64::from(process.nice);
        let (children_user, children_system) = process.used_by_children;
        let numbers: [i64; 49] = [
            process.parent.into(),
            process.group.into(),
            process.session.into(),
            terminal
                .map_or(0, crate::kernel::linux::terminal::device)
                .into(),
            foreground.into(),
            // PF_RANDOMIZE and PF_FORKNOEXEC   [Linux include/linux/sched.h]
            if process.has_execed {
                0x40_0000
            } else {
                0x40_0040
            },
            resident as i64,
            0,
            0,
            0,
            ticks(user) as i64,
            ticks(system) as i64,
            ticks(children_user) as i64,
            ticks(children_system) as i64,
            match priority {
                0 => 20 + nice,
                priority => -1 - i64::from(priority),
            },
            nice,
            process.threads.len().max(1) as i64,
            0,
            ticks(UPTIME.saturating_add(process.started)) as i64,
            size.saturating_mul(PAGE) as i64,
            resident as i64,
            (process.limits.soft(Resource::Rss) & self.proc.profile.arch.address_mask()) as i64,
            image.code.0 as i64,
            image.code.1 as i64,
            image.stack_start as i64,
            0,
            0,
            low(self
                .linux()
                .map_or(SigSet::EMPTY, |linux| linux.pending.set())) as i64,
            low(self.linux().map_or(SigSet::EMPTY, |linux| linux.mask)) as i64,
            low(ignored) as i64,
            low(caught) as i64,
            // Where it waits: told by wchan only.
            0,
            0,
            0,
            i64::from(process.exit_signal),
            0,
            priority.into(),
            policy.into(),
            0,
            0,
            0,
            image.data.0 as i64,
            image.data.1 as i64,
            image.brk_start as i64,
            image.arguments.0 as i64,
            image.arguments.1 as i64,
            image.environment.0 as i64,
            image.environment.1 as i64,
            code,
        ];
        let mut text = format!("{} (", self.tid).into_bytes();
        text.extend(self.name());
        text.extend(format!(") {state}").bytes());
        for number in numbers {
            // All are positive but priorities and the group of a terminal that is not there.
            let wide = number as u64;
            match number {
                -200..0 => text.extend(format!(" {number}").bytes()),
                _ => text.extend(format!(" {wide}").bytes()),
            }
        }
        text.push(b'\n');
        text
    }

    /// The status as `wait4` would tell it.
    fn exit_code(&self, status: ExitStatus) -> i64 {
        let abi = crate::kernel::linux::signal::send::abi_of(self.proc.task);
        match status {
            ExitStatus::Exited(_) | ExitStatus::Status(_) => i64::from(status.code()) << 8,
            ExitStatus::Signaled { name, core, .. } => {
                let number = abi.signals.iter().position(|other| *other == name);
                number.unwrap_or(0) as i64 | if core { 0x80 } else { 0 }
            }
            ExitStatus::Stopped => abi.k.SIGKILL as i64,
        }
    }
}
