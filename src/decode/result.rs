//! What comes back: the value behind `=`, and what strace tells behind that.

use emu_prototypes::linux::{Errno, id};
use emu_prototypes::{DataModel, Meaning, Os};

use super::particular::group;
use super::{Asked, Printer, nt, number};

impl Printer<'_> {
    /// Appends `-1 ENOENT (No such file or directory)`.
    pub(crate) fn error(&mut self, errno: Errno) {
        self.text("-1 ");
        self.text(errno.name());
        self.text(" (");
        self.text(errno.text());
        self.out.push(b')');
    }

    /// Appends a successful result.
    pub(crate) fn success(&mut self, asked: &Asked<'_>, value: u64) {
        self.adopt(asked);
        if asked.extent.raw {
            return number::hex(self.out, self.cut(value));
        }
        if asked.info.os == Os::Windows && asked.info.ret == "NTSTATUS" {
            nt::status(self.out, value);
            return;
        }
        match asked.info.ret_meaning {
            Meaning::Address | Meaning::Hex => number::hex(self.out, self.cut(value)),
            Meaning::Octal => number::octal(self.out, value, 1),
            Meaning::Mode => number::octal(self.out, value, 3),
            Meaning::Fd => self.descriptor(value as i32),
            meaning => match (meaning, asked.info.id) {
                (_, id::FCNTL | id::FCNTL64) if self.flag_result(asked) => {
                    number::hex(self.out, value)
                }
                (_, id::MEMBARRIER | id::PERSONALITY) => number::hex(self.out, value),
                (_, id::PRCTL) if self.is(group::PRCTL, asked.arg(0), "PR_GET_SECUREBITS") => {
                    number::hex(self.out, value);
                }
                _ => number::signed(self.out, self.sign(value)),
            },
        }
        self.behind(asked, value);
    }

    fn flag_result(&mut self, asked: &Asked<'_>) -> bool {
        let command = asked.arg(1);
        ["F_GETFL", "F_GETFD", "F_GET_SEALS", "F_GETLEASE"]
            .iter()
            .any(|name| self.is(group::FCNTL, command, name))
    }

    pub(super) fn cut(&self, value: u64) -> u64 {
        match self.model {
            DataModel::Ilp32 => value & 0xffff_ffff,
            DataModel::Lp64 | DataModel::Llp64 => value,
        }
    }

    fn sign(&self, value: u64) -> i64 {
        match self.model {
            DataModel::Ilp32 => i64::from(value as i32),
            DataModel::Lp64 | DataModel::Llp64 => value as i64,
        }
    }

    /// What a result says in words.
    fn behind(&mut self, asked: &Asked<'_>, value: u64) {
        match asked.info.id {
            id::FCNTL | id::FCNTL64
                if value != 0
                    || self.is(group::FCNTL, asked.arg(1), "F_GETFL")
                    || self.is(group::FCNTL, asked.arg(1), "F_GETLEASE") =>
            {
                let command = asked.arg(1);
                if self.is(group::FCNTL, command, "F_GETFL") {
                    self.text(" (flags ");
                    self.in_words(|printer| printer.open_flags(value));
                    self.out.push(b')');
                } else if self.is(group::FCNTL, command, "F_GETFD") {
                    self.text(" (flags ");
                    self.flags(group::FD_FLAGS, value);
                    self.out.push(b')');
                } else if self.is(group::FCNTL, command, "F_GET_SEALS") {
                    self.text(" (seals ");
                    self.flags(group::SEALS, value);
                    self.out.push(b')');
                } else if self.is(group::FCNTL, command, "F_GETLEASE") {
                    if let Some(name) = self.names.name(self.abi, group::LOCK_TYPE, value) {
                        self.text(" (");
                        self.text(name);
                        self.out.push(b')');
                    }
                } else if self.is(group::FCNTL, command, "F_GETSIG") {
                    self.text(" (");
                    self.in_words(|printer| printer.signal(value));
                    self.out.push(b')');
                }
            }
            id::SGETMASK | id::SSETMASK => {
                self.text(if asked.info.id == id::SGETMASK {
                    " (mask "
                } else {
                    " (old mask "
                });
                self.sigset_value(u128::from(value), 32);
                self.out.push(b')');
            }
            id::SIGNAL => {
                if let Some(name) = self.names.name(self.abi, "sighandler", value) {
                    self.text(" (");
                    self.text(name);
                    self.out.push(b')');
                }
            }
            id::CLOCK_ADJTIME64 if asked.extent.shallow => {}
            id::ADJTIMEX | id::CLOCK_ADJTIME | id::CLOCK_ADJTIME64 => {
                if let Some(name) = self.names.name(self.abi, "adjtimex_state", value) {
                    self.text(" (");
                    self.text(name);
                    self.out.push(b')');
                }
            }
            id::SET_THREAD_AREA => {
                if let Some(image) = self.load("user_desc", asked.arg(0)) {
                    self.text(" (entry_number=");
                    self.decimal(image.get("entry_number").unwrap_or(0) & 0xffff_ffff);
                    self.out.push(b')');
                }
            }
            id::OLD_SELECT => {
                if let Some(inner) = super::indirect::spread(asked, self.memory.guest) {
                    self.selected(&inner.asked(asked), value, "timeval");
                }
            }
            id::RECVMMSG | id::RECVMMSG_TIME64 if value == 0 && asked.arg(4) != 0 => {
                self.text(" (Timeout)");
            }
            id::RT_SIGTIMEDWAIT | id::RT_SIGTIMEDWAIT_TIME64 if value != 0 => {
                self.text(" (");
                self.in_words(|printer| printer.signal(value));
                self.out.push(b')');
            }
            id::IOPRIO_GET if self.has_words() => {
                self.text(" (");
                self.priority_words(value);
                self.out.push(b')');
            }
            id::RECVMMSG | id::RECVMMSG_TIME64 if asked.extent.shallow => {}
            id::RECVMMSG if asked.arg(4) != 0 => self.left_of(asked.arg(4), "timespec"),
            id::RECVMMSG_TIME64 if asked.arg(4) != 0 => self.left_of(asked.arg(4), "timespec64"),
            id::POLL => self.polled(asked, value, None),
            id::PPOLL => self.polled(asked, value, Some("timespec")),
            id::PPOLL_TIME64 => self.polled(asked, value, Some("timespec64")),
            id::SELECT => self.selected(asked, value, "timeval"),
            id::PSELECT6 => self.selected(asked, value, "timespec"),
            id::PSELECT6_TIME64 => self.selected(asked, value, "timespec64"),
            id::TIME => self.date_suffix(value as i64),
            id::PERSONALITY => {
                self.text(" (");
                self.personality(value);
                self.out.push(b')');
            }
            id::MEMBARRIER if value != 0 => {
                self.text(" (");
                self.flags("membarrier", value);
                self.out.push(b')');
            }
            id::PRCTL => self.prctl_result(asked, value),
            id::SCHED_GETSCHEDULER => {
                if let Some(name) = self.names.name(self.abi, group::SCHED, value) {
                    self.text(" (");
                    self.text(name);
                    self.out.push(b')');
                }
            }
            _ => {}
        }
    }

    fn prctl_result(&mut self, asked: &Asked<'_>, value: u64) {
        let (group, flags) = match self.names.name(self.abi, group::PRCTL, asked.arg(0)) {
            Some("PR_GET_DUMPABLE") => ("dumpable", false),
            Some("PR_GET_SECUREBITS") if value != 0 => ("securebits", true),
            Some("PR_GET_SPECULATION_CTRL") if value != 0 => ("speculation_control", true),
            Some("PR_GET_SPECULATION_CTRL") if self.has_words() => {
                return self.text(" (PR_SPEC_NOT_AFFECTED)");
            }
            Some("PR_MCE_KILL_GET") => ("prctl_mce_policy", false),
            _ => return,
        };
        if !flags && self.names.name(self.abi, group, value).is_none() {
            return;
        }
        if !self.has_words() && group != "dumpable" && group != "prctl_mce_policy" {
            return;
        }
        self.text(" (");
        self.in_words(|printer| printer.flags(group, value));
        self.out.push(b')');
    }

    fn left_of(&mut self, address: u64, shape: &str) {
        self.text(" (");
        self.left(shape, address);
        self.out.push(b')');
    }

    fn timed_out(&mut self, value: u64) -> bool {
        if value == 0 {
            self.text(" (Timeout)");
        }
        value == 0
    }

    fn left(&mut self, shape: &str, address: u64) {
        self.text("left ");
        self.structure(shape, address);
    }

    fn polled(&mut self, asked: &Asked<'_>, value: u64, left: Option<&'static str>) {
        if self.timed_out(value) || asked.extent.shallow {
            return;
        }
        let (address, count) = (asked.arg(0), asked.arg(1) & 0xffff_ffff);
        let size = self
            .abi
            .structure("pollfd")
            .map_or(8, |shape| u64::from(shape.size));
        self.text(" ([");
        let mut shown = 0;
        // As many as may be shown, among as many as may be open.
        for index in 0..count.min(1 << 16) {
            let at = address.wrapping_add(index.wrapping_mul(size));
            let Some(image) = self.load("pollfd", at) else {
                break;
            };
            let revents = image.get("revents").unwrap_or(0) & 0xffff;
            if revents == 0 {
                continue;
            }
            if shown > 0 {
                self.text(", ");
            }
            if shown >= self.most() {
                self.text("...");
                break;
            }
            shown += 1;
            self.text("{fd=");
            self.descriptor(image.get("fd").unwrap_or(0) as i32);
            self.text(", revents=");
            self.flags(group::POLL, revents);
            self.out.push(b'}');
        }
        self.out.push(b']');
        if let Some(shape) = left.filter(|_| asked.arg(2) != 0) {
            self.text(", ");
            self.left(shape, asked.arg(2));
        }
        self.out.push(b')');
    }

    fn selected(&mut self, asked: &Asked<'_>, value: u64, shape: &'static str) {
        if self.timed_out(value) {
            return;
        }
        let mut separator = " (";
        let mut ready = value;
        for (field, name) in [(1, "in "), (2, "out "), (3, "except ")] {
            // The result counts the descriptors of all sets.
            if ready == 0 {
                break;
            }
            let start = self.out.len();
            self.text(separator);
            self.text(name);
            let before = self.out.len();
            let address = asked.arg(field);
            // The sets are looked at in any case.
            let closed = std::mem::replace(&mut self.memory.closed, false);
            self.fd_set(address, asked.arg(0));
            self.memory.closed = closed;
            let set = &self.out[before..];
            if address == 0 || set == b"[]" || !set.starts_with(b"[") {
                self.out.truncate(start);
            } else {
                let count = set.iter().filter(|byte| **byte == b' ').count() as u64 + 1;
                ready = ready.saturating_sub(count);
                separator = ", ";
            }
        }
        if asked.arg(4) != 0 {
            self.text(separator);
            self.left(shape, asked.arg(4));
            separator = ", ";
        }
        if separator == ", " {
            self.out.push(b')');
        }
    }
}
