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
        if asked.info.os == Os::Windows && asked.info.ret == "NTSTATUS" {
            nt::status(self.out, value);
            return;
        }
        match asked.info.ret_meaning {
            Meaning::Address | Meaning::Hex => number::hex(self.out, self.cut(value)),
            Meaning::Octal | Meaning::Mode => number::octal(self.out, value, 1),
            meaning => match (meaning, asked.info.id) {
                (_, id::FCNTL | id::FCNTL64) if self.flag_result(asked) => {
                    number::hex(self.out, value)
                }
                (_, id::MEMBARRIER | id::PERSONALITY) => number::hex(self.out, value),
                _ => number::signed(self.out, self.sign(value)),
            },
        }
        self.behind(asked, value);
    }

    fn flag_result(&mut self, asked: &Asked<'_>) -> bool {
        let command = asked.arg(1);
        ["F_GETFL", "F_GETFD", "F_GET_SEALS"]
            .iter()
            .any(|name| self.is(group::FCNTL, command, name))
    }

    fn cut(&self, value: u64) -> u64 {
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
                if value != 0 || self.is(group::FCNTL, asked.arg(1), "F_GETFL") =>
            {
                let command = asked.arg(1);
                if self.is(group::FCNTL, command, "F_GETFL") {
                    self.text(" (flags ");
                    self.open_flags(value);
                    self.out.push(b')');
                } else if self.is(group::FCNTL, command, "F_GETFD") {
                    self.text(" (flags ");
                    self.flags(group::FD_FLAGS, value);
                    self.out.push(b')');
                } else if self.is(group::FCNTL, command, "F_GET_SEALS") {
                    self.text(" (seals ");
                    self.flags(group::SEALS, value);
                    self.out.push(b')');
                }
            }
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
            id::PRCTL if self.is(group::PRCTL, asked.arg(0), "PR_GET_DUMPABLE") => {
                // [Linux include/linux/sched/coredump.h]
                let names = ["SUID_DUMP_DISABLE", "SUID_DUMP_USER", "SUID_DUMP_ROOT"];
                if let Some(name) = usize::try_from(value).ok().and_then(|at| names.get(at)) {
                    self.text(" (");
                    self.text(name);
                    self.out.push(b')');
                }
            }
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
        if self.timed_out(value) {
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
            if shown >= self.limit {
                self.text("...");
                break;
            }
            shown += 1;
            self.text("{");
            self.number_field(&image, "fd");
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
        for (field, name) in [(1, "in "), (2, "out "), (3, "except ")] {
            let start = self.out.len();
            self.text(separator);
            self.text(name);
            let before = self.out.len();
            let address = asked.arg(field);
            self.fd_set(address, asked.arg(0));
            let set = &self.out[before..];
            if address == 0 || set == b"[]" || !set.starts_with(b"[") {
                self.out.truncate(start);
            } else {
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
