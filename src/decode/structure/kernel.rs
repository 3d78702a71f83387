//! Structures that ask the kernel for something of its own: new processes, policies, events, rings.

use emu_cpu::GuestMemory;

use super::super::particular::group;
use super::super::{Printer, number};
use super::Image;
use super::fields::As;

/// Fields of `clone_args`, the flags of which one makes the kernel look at them, and how they are shown.
const CLONE_ARGS: [(&str, u64, As); 3] = [
    // CLONE_PIDFD, CLONE_CHILD_CLEARTID and CLONE_CHILD_SETTID, CLONE_PARENT_SETTID   [Linux include/uapi/linux/sched.h]
    ("pidfd", 0x1000, As::Address),
    ("child_tid", 0x120_0000, As::Address),
    ("parent_tid", 0x10_0000, As::Address),
];

impl Printer<'_> {
    pub(super) fn clone_args(&mut self, image: &Image) {
        let get = |name: &str| image.get(name).unwrap_or(0);
        let flags = get("flags");
        self.text("{flags=");
        self.flags(group::CLONE3, flags);
        for (name, bits, how) in CLONE_ARGS {
            if flags & bits != 0 {
                self.text(", ");
                self.field(image, name, how);
            }
        }
        self.text(", exit_signal=");
        self.signal(get("exit_signal"));
        self.text(", ");
        self.address_field(image, "stack");
        self.text(", stack_size=");
        self.hex(get("stack_size"));
        // CLONE_SETTLS
        if flags & 0x8_0000 != 0 {
            self.text(", ");
            self.hex_field(image, "tls");
        }
        let (tids, count) = (get("set_tid"), get("set_tid_size"));
        if tids != 0 || count != 0 {
            self.text(", set_tid=");
            self.ints(tids, count.min(32), true);
            self.text(", ");
            self.number_field(image, "set_tid_size");
        }
        // CLONE_INTO_CGROUP
        if flags & 0x2_0000_0000 != 0 {
            self.text(", ");
            self.number_field(image, "cgroup");
        }
        self.out.push(b'}');
    }

    /// What a successful `clone3` has filled: ` => {parent_tid=[1001]}`.
    pub(in super::super) fn clone_filled(&mut self, address: u64) {
        let Some(image) = self.load("clone_args", address) else {
            return;
        };
        let flags = image.get("flags").unwrap_or(0);
        let mut separator = " => {";
        for (name, bits, _) in CLONE_ARGS {
            if flags & bits & !0x120_0000 != 0 {
                self.text(separator);
                self.text(name);
                self.out.push(b'=');
                self.int_at(image.get(name).unwrap_or(0));
                separator = ", ";
            }
        }
        if separator == ", " {
            self.out.push(b'}');
        }
    }

    pub(super) fn sched_attr(&mut self, image: &Image) {
        let fields = [
            ("size", As::Number),
            ("sched_policy", As::Value(group::SCHED)),
            ("sched_flags", As::Flags("sched_flags")),
            ("sched_nice", As::Number),
            ("sched_priority", As::Number),
            ("sched_runtime", As::Number),
            ("sched_deadline", As::Number),
            ("sched_period", As::Number),
            ("sched_util_min", As::Number),
            ("sched_util_max", As::Number),
        ];
        // The first version ends before the clamps.   [Linux include/uapi/linux/sched/types.h, SCHED_ATTR_SIZE_VER0]
        let all = image.get("size").unwrap_or(0) >= 56;
        self.by_fields(image, &fields[..if all { 10 } else { 8 }]);
    }

    /// Ticks of a hundredth of a second (`USER_HZ`), and what that is in seconds.
    pub(super) fn tms(&mut self, image: &Image) {
        let mut separator = "{";
        for name in ["tms_utime", "tms_stime", "tms_cutime", "tms_cstime"] {
            self.text(separator);
            separator = ", ";
            self.ticks(image, name);
        }
        self.out.push(b'}');
    }

    /// A field that counts ticks.
    pub(super) fn ticks(&mut self, image: &Image, name: &str) {
        self.number_field(image, name);
        let ticks = image.get(name).unwrap_or(0) as i64;
        if ticks != 0 && self.has_words() {
            self.text(" /* ");
            number::signed(self.out, ticks / 100);
            self.out.push(b'.');
            number::padded(self.out, ticks.unsigned_abs() % 100, 2);
            self.text(" s */");
        }
    }

    /// The parameters of a ring; with what the kernel has filled in.
    pub(in super::super) fn ring(&mut self, address: u64, filled: bool) {
        let Some(image) = self.load("io_uring_params", address) else {
            self.address(address);
            return;
        };
        self.out.push(b'{');
        self.field(&image, "flags", As::Flags("io_uring_setup"));
        for (name, how) in [("sq_thread_cpu", As::Hex), ("sq_thread_idle", As::Number)] {
            self.text(", ");
            self.field(&image, name, how);
        }
        let get = |name: &str| image.get(name).unwrap_or(0);
        // IORING_SETUP_ATTACH_WQ
        if get("flags") & 0x20 != 0 {
            self.text(", ");
            self.number_field(&image, "wq_fd");
        }
        if filled {
            for (name, how) in [
                ("sq_entries", As::Number),
                ("cq_entries", As::Number),
                ("features", As::Flags("io_uring_features")),
                ("sq_off", As::Inner("io_sqring_offsets")),
                ("cq_off", As::Inner("io_cqring_offsets")),
            ] {
                self.text(", ");
                self.field(&image, name, how);
            }
        }
        self.out.push(b'}');
    }

    /// What a performance counter counts. The bit fields stand behind `read_format`.
    pub(super) fn perf_event_attr(&mut self, image: &Image) {
        let get = |name: &str| image.get(name).unwrap_or(0);
        self.text("{type=");
        let kind = get("type");
        self.value("perf_type", kind);
        self.text(", size=");
        let size = get("size");
        match self.names.name(self.abi, "perf_size", size) {
            Some(name) => self.hex_or(size, |printer| printer.text(name)),
            None => self.hex(size),
        }
        self.text(", config=");
        match self.names.name(self.abi, "perf_type", kind) {
            Some("PERF_TYPE_HARDWARE") => self.value("perf_hardware", get("config")),
            Some("PERF_TYPE_SOFTWARE") => self.value("perf_software", get("config")),
            Some("PERF_TYPE_TRACEPOINT") => self.decimal(get("config")),
            _ => self.hex(get("config")),
        }
        let place = image.place("read_format").unwrap_or(0).wrapping_add(8);
        let mut bits = self.memory.read_u64(place).unwrap_or(0);
        // The first bit field is the highest bit where the first byte is the highest.
        if self.memory.endian() == emu_cpu::Endian::Big {
            bits = bits.reverse_bits();
        }
        // [Linux include/uapi/linux/perf_event.h, struct perf_event_attr]
        self.text(if bits >> 10 & 1 == 1 {
            ", sample_freq="
        } else {
            ", sample_period="
        });
        self.decimal(get("sample_period"));
        self.text(", sample_type=");
        self.flags("perf_sample", get("sample_type"));
        self.text(", read_format=");
        self.flags("perf_format", get("read_format"));
        self.single_bits(bits, &PERF_BITS);
        self.text(", precise_ip=");
        let precise = bits >> 15 & 3;
        self.decimal(precise);
        self.text(
            [
                " /* arbitrary skid */",
                " /* constant skid */",
                " /* requested to have 0 skid */",
                " /* must have 0 skid */",
            ][precise as usize],
        );
        if !self.whole {
            return self.text(", ...}");
        }
        self.single_bits(bits >> 17, &PERF_LATE_BITS);
        self.perf_rest(image, bits);
        self.out.push(b'}');
    }

    /// `, name=1` for each bit that is set; for all of them when all fields are shown.
    fn single_bits(&mut self, bits: u64, names: &[&str]) {
        for (bit, name) in names.iter().enumerate() {
            let set = bits >> bit & 1 == 1;
            if set || self.whole {
                self.text(", ");
                self.text(name);
                self.text(if set { "=1" } else { "=0" });
            }
        }
    }

    /// The fields behind the bits, as far as the structure goes.
    fn perf_rest(&mut self, image: &Image, bits: u64) {
        let size = image.get("size").unwrap_or(0);
        let sample = image.get("sample_type").unwrap_or(0);
        // PERF_TYPE_BREAKPOINT; PERF_SAMPLE_BRANCH_STACK, _REGS_USER, _STACK_USER, _REGS_INTR, _CALLCHAIN, _AUX
        let breakpoint = image.get("type") == Some(5);
        self.text(if bits >> 14 & 1 == 1 {
            ", wakeup_watermark="
        } else {
            ", wakeup_events="
        });
        self.decimal(image.get("wakeup_events").unwrap_or(0));
        if breakpoint {
            self.text(", bp_type=");
            self.flags("perf_breakpoint", image.get("bp_type").unwrap_or(0));
        }
        let rest = [
            (
                if breakpoint { "bp_addr" } else { "config1" },
                "config1",
                true,
            ),
            (
                if breakpoint { "bp_len" } else { "config2" },
                "config2",
                true,
            ),
            ("branch_sample_type", "branch_sample_type", false),
            ("sample_regs_user", "sample_regs_user", true),
            ("sample_stack_user", "sample_stack_user", true),
            ("clockid", "clockid", false),
            ("sample_regs_intr", "sample_regs_intr", true),
            ("aux_watermark", "aux_watermark", false),
            ("sample_max_stack", "sample_max_stack", false),
            ("aux_sample_size", "aux_sample_size", false),
            ("sig_data", "sig_data", true),
        ];
        for (name, field, hex) in rest {
            let Some(place) = image.shape.field(field) else {
                continue;
            };
            // What only some samples have.
            let needed = match name {
                "branch_sample_type" => sample & 0x800 != 0,
                "sample_stack_user" => sample & 0x2000 != 0,
                "clockid" => bits >> 25 & 1 == 1,
                _ => true,
            };
            if !needed || u64::from(place.offset) + u64::from(place.size) > size {
                continue;
            }
            let value = image.get(field).unwrap_or(0);
            self.text(", ");
            self.text(name);
            self.out.push(b'=');
            match name {
                "branch_sample_type" => self.flags("perf_branch", value),
                "clockid" => self.value("clock", value),
                _ if hex => self.hex(value),
                _ => self.decimal(value),
            }
        }
    }

    /// Requests of asynchronous I/O, by their addresses.
    pub(in super::super) fn requests(&mut self, address: u64, count: u64) {
        let word = self.word_size();
        if count == 0 && address != 0 {
            self.text("[]");
            return;
        }
        self.elements(address, count, word, |printer, at| match printer.word(at) {
            Some(request) => printer.request(request, true),
            None => printer.address(at),
        });
    }

    /// One request; whole, or what tells it from others.
    pub(in super::super) fn request(&mut self, address: u64, whole: bool) {
        let Some(image) = self.load("iocb", address) else {
            self.address(address);
            return;
        };
        let get = |name: &str| image.get(name).unwrap_or(0);
        self.out.push(b'{');
        self.field(&image, "aio_data", As::Hex);
        self.text(", ");
        self.field(&image, "aio_lio_opcode", As::Value("aio"));
        self.text(", ");
        self.number_field(&image, "aio_fildes");
        if whole {
            let (buffer, len) = (get("aio_buf"), get("aio_nbytes"));
            self.text(", aio_buf=");
            match self.names.name(self.abi, "aio", get("aio_lio_opcode")) {
                Some("IOCB_CMD_PWRITE") => self.buffer(buffer, len),
                Some("IOCB_CMD_PREADV" | "IOCB_CMD_PWRITEV") => self.vectors(buffer, len),
                _ => self.address(buffer),
            }
            for name in ["aio_nbytes", "aio_offset"] {
                self.text(", ");
                self.number_field(&image, name);
            }
            if get("aio_flags") != 0 {
                self.text(", ");
                self.field(&image, "aio_flags", As::Flags("aio_flags"));
                // IOCB_FLAG_RESFD   [Linux include/uapi/linux/aio_abi.h]
                if get("aio_flags") & 1 != 0 {
                    self.text(", ");
                    self.number_field(&image, "aio_resfd");
                }
            }
        }
        self.out.push(b'}');
    }
}

/// The single bits of `perf_event_attr`, from the lowest on; those of `precise_ip` have no name here.
const PERF_BITS: [&str; 15] = [
    "disabled",
    "inherit",
    "pinned",
    "exclusive",
    "exclude_user",
    "exclude_kernel",
    "exclude_hv",
    "exclude_idle",
    "mmap",
    "comm",
    "freq",
    "inherit_stat",
    "enable_on_exec",
    "task",
    "watermark",
];

/// Those behind `precise_ip`.
const PERF_LATE_BITS: [&str; 21] = [
    "mmap_data",
    "sample_id_all",
    "exclude_host",
    "exclude_guest",
    "exclude_callchain_kernel",
    "exclude_callchain_user",
    "mmap2",
    "comm_exec",
    "use_clockid",
    "context_switch",
    "write_backward",
    "namespaces",
    "ksymbol",
    "bpf_event",
    "aux_output",
    "cgroup",
    "text_poke",
    "build_id",
    "inherit_thread",
    "remove_on_exec",
    "sigtrap",
];
