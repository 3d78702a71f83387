//! Structures about processes and the system.

use emu_cpu::GuestMemory;

use super::super::particular::group;
use super::super::{Printer, number};
use super::Image;

impl Printer<'_> {
    pub(super) fn rlimit(&mut self, image: &Image) {
        self.text("{rlim_cur=");
        self.limit_field(image, "rlim_cur");
        self.text(", rlim_max=");
        self.limit_field(image, "rlim_max");
        self.out.push(b'}');
    }

    fn limit_field(&mut self, image: &Image, name: &str) {
        let value = image.get(name).unwrap_or(0);
        let wide = image.raw(name).len() == 8;
        let infinity = match self.abi.model {
            _ if wide => u64::MAX,
            _ => self.abi.k.RLIM_INFINITY & 0xffff_ffff,
        };
        let number = |out: &mut Vec<u8>| number::decimal(out, value);
        if value == infinity {
            self.constant(number, |printer| {
                printer.text(if wide {
                    "RLIM64_INFINITY"
                } else {
                    "RLIM_INFINITY"
                });
            });
        } else if value > 1024 && value.is_multiple_of(1024) {
            self.constant(number, |printer| {
                printer.decimal(value / 1024);
                printer.text("*1024");
            });
        } else {
            self.decimal(value);
        }
    }

    pub(super) fn rusage(&mut self, image: &Image) {
        self.out.push(b'{');
        self.inner(image, "ru_utime", "ru_utime_tv_sec", "timeval");
        self.text(", ");
        self.inner(image, "ru_stime", "ru_stime_tv_sec", "timeval");
        if !self.whole {
            return self.text(", ...}");
        }
        for name in [
            "ru_maxrss",
            "ru_ixrss",
            "ru_idrss",
            "ru_isrss",
            "ru_minflt",
            "ru_majflt",
            "ru_nswap",
            "ru_inblock",
            "ru_oublock",
            "ru_msgsnd",
            "ru_msgrcv",
            "ru_nsignals",
            "ru_nvcsw",
            "ru_nivcsw",
        ] {
            self.text(", ");
            self.number_field(image, name);
        }
        self.out.push(b'}');
    }

    pub(super) fn utsname(&mut self, image: &Image) {
        self.out.push(b'{');
        self.text_field(image, "sysname");
        self.text(", ");
        self.text_field(image, "nodename");
        if !self.whole {
            return self.text(", ...}");
        }
        for name in ["release", "version", "machine", "domainname"] {
            if !image.raw(name).is_empty() {
                self.text(", ");
                self.text_field(image, name);
            }
        }
        self.out.push(b'}');
    }

    pub(super) fn sched_param(&mut self, image: &Image) {
        self.out.push(b'[');
        self.signed(image.get("sched_priority").unwrap_or(0));
        self.out.push(b']');
    }

    pub(super) fn pollfd(&mut self, image: &Image) {
        self.text("{fd=");
        self.descriptor(image.get("fd").unwrap_or(0) as i32);
        if image.get("fd").is_none_or(|fd| fd as i64 >= 0) {
            self.text(", events=");
            self.flags(group::POLL, image.get("events").unwrap_or(0) & 0xffff);
        }
        self.out.push(b'}');
    }

    pub(super) fn epoll_event(&mut self, image: &Image) {
        self.text("{events=");
        self.flags(group::EPOLL, image.get("events").unwrap_or(0));
        self.text(", data={u32=");
        let data = image.place("data").unwrap_or(0);
        let narrow = self.memory.read_u32(data).unwrap_or(0);
        let wide = self.memory.read_u64(data).unwrap_or(0);
        self.decimal(u64::from(narrow));
        self.text(", u64=");
        self.decimal(wide);
        self.text("}}");
    }

    pub(super) fn sysinfo(&mut self, image: &Image) {
        self.out.push(b'{');
        self.number_field(image, "uptime");
        self.text(", loads=[");
        let loads = image.place("loads").unwrap_or(0);
        let size = self.word_size();
        for index in 0..3 {
            if index > 0 {
                self.text(", ");
            }
            let load = self.word(loads.wrapping_add(index * size)).unwrap_or(0);
            self.decimal(load);
        }
        self.out.push(b']');
        let fields = [
            "totalram",
            "freeram",
            "sharedram",
            "bufferram",
            "totalswap",
            "freeswap",
            "procs",
            "totalhigh",
            "freehigh",
            "mem_unit",
        ];
        for name in fields {
            self.text(", ");
            self.number_field(image, name);
        }
        self.out.push(b'}');
    }

    /// Who may use what is shared: `{uid=0, gid=0, mode=0600}`, and more when `whole`.
    pub(in super::super) fn permissions(&mut self, image: &Image, prefix: &str, whole: bool) {
        let part = |name: &str| {
            let found = image.shape.fields.iter().find(|(field, _)| {
                field
                    .strip_prefix(prefix)
                    .and_then(|rest| rest.strip_prefix('_'))
                    == Some(name)
            });
            found.and_then(|(_, field)| image.at(*field)).unwrap_or(0) & 0xffff_ffff
        };
        let names: &[&str] = match whole {
            true => &["uid", "gid", "mode", "key", "cuid", "cgid"],
            false => &["uid", "gid", "mode"],
        };
        let mut separator = "{";
        for name in names {
            self.text(separator);
            separator = ", ";
            self.text(name);
            self.out.push(b'=');
            match *name {
                "mode" => number::octal(self.out, part(name), 3),
                _ => self.decimal(part(name)),
            }
        }
        self.out.push(b'}');
    }

    /// The sixth argument of `pselect6`: a signal set and its size.
    pub(super) fn sigset_argpack(&mut self, image: &Image) {
        let size = image.get("size").unwrap_or(0);
        self.text("{sigmask=");
        let bytes = usize::try_from(size).unwrap_or(usize::MAX);
        self.sigset(image.get("p").unwrap_or(0), bytes);
        self.text(", sigsetsize=");
        self.decimal(size);
        self.out.push(b'}');
    }

    pub(super) fn cap_header(&mut self, image: &Image) {
        self.text("{version=");
        self.value(group::CAP_VERSION, image.get("version").unwrap_or(0));
        self.text(", ");
        self.number_field(image, "pid");
        self.out.push(b'}');
    }

    /// The bits of a descriptor stand in one word.   [Linux arch/x86/include/uapi/asm/ldt.h]
    pub(super) fn user_desc(&mut self, image: &Image) {
        let number = image.get("entry_number").unwrap_or(0);
        self.text("{entry_number=");
        number::signed(self.out, i64::from(number as i32));
        self.text(", base_addr=");
        self.wide_hex(image.get("base_addr").unwrap_or(0), 8);
        self.text(", limit=");
        self.wide_hex(image.get("limit").unwrap_or(0), 8);
        let bits = image.get("flags").unwrap_or(0);
        let fields = [
            ("seg_32bit", 0, 1),
            ("contents", 1, 3),
            ("read_exec_only", 3, 1),
            ("limit_in_pages", 4, 1),
            ("seg_not_present", 5, 1),
            ("useable", 6, 1),
        ];
        for (name, shift, mask) in fields {
            self.text(", ");
            self.text(name);
            self.out.push(b'=');
            self.decimal(bits >> shift & mask);
        }
        self.out.push(b'}');
    }
}
