//! Structures that ask the kernel for something of its own: new processes, policies, events, rings.

use super::super::particular::group;
use super::super::{Printer, number, quote};
use super::Image;
use super::fields::{self, As};

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
        if ticks != 0 {
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
            Some(name) => self.text(name),
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
        for (bit, name) in PERF_BITS.iter().enumerate() {
            if bits >> bit & 1 == 1 {
                self.text(", ");
                self.text(name);
                self.text("=1");
            }
        }
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
        self.text(", ...}");
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
                Some("IOCB_CMD_PWRITE") => self.buffer(buffer, len, quote::Style::Text),
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

    /// The argument of a `bpf` command.
    pub(in super::super) fn bpf(&mut self, command: Option<&str>, address: u64, len: u64) {
        let name = match command {
            Some("BPF_MAP_CREATE") => "map_create",
            Some("BPF_MAP_LOOKUP_ELEM") => "map_lookup",
            Some("BPF_MAP_UPDATE_ELEM") => "map_update",
            Some("BPF_MAP_DELETE_ELEM") => "map_delete",
            Some("BPF_PROG_LOAD") => "",
            Some("BPF_PROG_GET_FD_BY_ID") => "get_fd",
            Some("BPF_PROG_ATTACH") => "attach",
            Some("BPF_PROG_DETACH") => "detach",
            _ => return self.address(address),
        };
        let Some(image) = self.load_part("bpf_attr", address, len) else {
            self.address(address);
            return;
        };
        if let Some(fields) = fields::fields(name) {
            self.by_fields(&image, fields);
            // What is not looked at but given is told.
            if name == "map_delete" && len > 16 {
                self.out.pop();
                self.text(", ...}");
            }
            return;
        }
        let get = |name: &str| image.get(name).unwrap_or(0);
        self.text("{");
        self.field(&image, "prog_type", As::Value("bpf_prog_type"));
        for (name, how) in [("insn_cnt", As::Number), ("insns", As::Address)] {
            self.text(", ");
            self.field(&image, name, how);
        }
        self.text(", license=");
        quote::string(self.out, self.memory, get("license"), 128);
        for name in ["log_level", "log_size"] {
            self.text(", ");
            self.number_field(&image, name);
        }
        self.text(", ");
        self.address_field(&image, "log_buf");
        self.text(", kern_version=KERNEL_VERSION(");
        let version = get("kern_version");
        for (shift, after) in [(16, ", "), (8, ", "), (0, ")")] {
            let mask = if shift == 16 { 0xffff } else { 0xff };
            self.decimal(version >> shift & mask);
            self.text(after);
        }
        self.text(", ");
        self.field(&image, "prog_flags", As::Flags("bpf_prog"));
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
