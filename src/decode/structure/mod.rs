//! Structures in guest memory, by the ABI's layouts. Of those with many fields the telling ones are shown, unless
//! all are asked for.

mod bpf;
mod control;
mod date;
mod fault;
mod fields;
mod file;
mod filter;
mod interface;
mod kernel;
mod netlink;
mod signal;
mod socket;
mod system;
mod terminal;
mod video;

use emu_cpu::{Endian, GuestMemory};
use emu_prototypes::{Field, Struct};

pub(super) use interface::Part;
pub(super) use netlink::Protocol;

use super::{Printer, number};
use crate::kernel::linux::signals::Info;

/// The most bytes of a structure that are read.
const MAX: usize = 512;

/// A structure that has been read.
pub(in super::super) struct Image {
    shape: &'static Struct,
    bytes: [u8; MAX],
    endian: Endian,
    address: u64,
}

impl Image {
    /// A field, extended by its sign; `None` when the ABI has no such field, or it is no number.
    pub(in super::super) fn get(&self, name: &str) -> Option<u64> {
        self.shape.field(name).and_then(|field| self.at(field))
    }

    fn at(&self, field: Field) -> Option<u64> {
        let bytes = self.bytes_at(field)?;
        let fold = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        let value = match (self.endian, bytes.len()) {
            (_, 0 | 9..) => return None,
            (Endian::Little, _) => bytes.iter().rev().fold(0, fold),
            (Endian::Big, _) => bytes.iter().fold(0, fold),
        };
        let unused = 64 - 8 * bytes.len() as u32;
        Some(if field.signed {
            ((value << unused) as i64 >> unused) as u64
        } else {
            value
        })
    }

    fn bytes_at(&self, field: Field) -> Option<&[u8]> {
        let start = usize::from(field.offset);
        self.bytes.get(start..start + usize::from(field.size))
    }

    /// The bytes of a field.
    pub(super) fn raw(&self, name: &str) -> &[u8] {
        self.shape
            .field(name)
            .and_then(|field| self.bytes_at(field))
            .unwrap_or(&[])
    }

    /// The guest address of a field.
    pub(super) fn place(&self, name: &str) -> Option<u64> {
        let field = self.shape.field(name)?;
        Some(self.address.wrapping_add(u64::from(field.offset)))
    }

    /// Whether a field is a signed number.
    fn signed(&self, name: &str) -> bool {
        self.shape.field(name).is_some_and(|field| field.signed)
    }
}

impl Printer<'_> {
    /// Reads a structure. `None` when the ABI has none of that name or memory can't be read.
    pub(super) fn load(&mut self, name: &str, address: u64) -> Option<Image> {
        self.load_part(name, address, u64::MAX)
    }

    /// Reads a structure of which `len` bytes are there; the rest is zero.
    pub(super) fn load_part(&mut self, name: &str, address: u64, len: u64) -> Option<Image> {
        let shape = self.abi.structure(name)?;
        let mut image = Image {
            shape,
            bytes: [0; MAX],
            endian: self.memory.endian(),
            address,
        };
        let size = (shape.size as usize)
            .min(MAX)
            .min(usize::try_from(len).unwrap_or(MAX));
        if address == 0 {
            return None;
        }
        self.memory.read(address, &mut image.bytes[..size]).ok()?;
        Some(image)
    }

    /// Appends the structure at an address.
    pub(super) fn structure(&mut self, name: &str, address: u64) {
        match self.load(name, address) {
            Some(image) => self.image(name, &image),
            None => self.address(address),
        }
    }

    /// Appends a structure as `fields` of another name has it.
    pub(super) fn shaped(&mut self, shape: &str, name: &str, address: u64, len: u64) {
        match self
            .load_part(shape, address, len)
            .zip(fields::fields(name))
        {
            Some((image, fields)) => self.by_fields(&image, fields),
            None => self.address(address),
        }
    }

    /// Appends what is known of a signal, as its `siginfo_t`.
    pub(crate) fn signal_info(&mut self, info: &Info) {
        let Some(shape) = self.abi.structure("siginfo") else {
            return;
        };
        let endian = self.memory.endian();
        let mut image = Image {
            shape,
            bytes: [0; MAX],
            endian,
            address: 0,
        };
        let filled = info.image(self.abi, endian);
        let size = filled.bytes().len().min(MAX);
        image.bytes[..size].copy_from_slice(&filled.bytes()[..size]);
        self.siginfo(&image);
    }

    pub(super) fn image(&mut self, name: &str, image: &Image) {
        match name {
            "stat" | "stat64" | "old_stat" => self.stat(image),
            "statx" => self.statx(image),
            "statfs" | "statfs64" => self.statfs(image),
            "flock" | "flock64" => self.flock(image),
            "open_how" => self.open_how(image),
            "utimbuf" => self.utimbuf(image),
            "timespec" | "timespec64" => self.pair(image, "tv_sec", "tv_nsec"),
            "timeval" => self.pair(image, "tv_sec", "tv_usec"),
            "itimerval" => self.two_times(image, "timeval"),
            "itimerspec" => self.two_times(image, "timespec"),
            "itimerspec64" => self.two_times(image, "timespec64"),
            "rlimit" | "rlimit64" => self.rlimit(image),
            "rusage" => self.rusage(image),
            "utsname" | "old_utsname" | "oldold_utsname" => self.utsname(image),
            "sched_param" => self.sched_param(image),
            "epoll_event" => self.epoll_event(image),
            "pollfd" => self.pollfd(image),
            "sigaction" | "old_sigaction" => self.sigaction(image),
            "stack_t" => self.sigaltstack(image),
            "siginfo" => self.siginfo(image),
            "sigevent" => self.sigevent(image),
            "msghdr" => self.msghdr(image),
            "mmsghdr" => self.mmsghdr(image),
            "termios" | "termios2" | "termio" => self.termios(image),
            "clone_args" => self.clone_args(image),
            "sysinfo" => self.sysinfo(image),
            "sigset_argpack" => self.sigset_argpack(image),
            "cap_header" => self.cap_header(image),
            "user_desc" => self.user_desc(image),
            "file_handle" => self.file_handle(image),
            "tms" => self.tms(image),
            "ipv6_mreq" => self.ipv6_mreq(image),
            "perf_event_attr" => self.perf_event_attr(image),
            "sched_attr" => self.sched_attr(image),
            "sock_fprog" => self.filter_program(image.address, false),
            _ => match fields::fields(name) {
                Some(fields) => self.by_fields(image, fields),
                None => self.all_fields(image),
            },
        }
    }

    /// The first fields of a structure, all of which are numbers.
    pub(super) fn shaped_part(&mut self, name: &str, address: u64, count: usize) {
        match self.load(name, address) {
            Some(image) => self.first_fields(&image, count),
            None => self.address(address),
        }
    }

    /// All fields that are numbers, under their names.
    fn all_fields(&mut self, image: &Image) {
        self.first_fields(image, self.most());
    }

    fn first_fields(&mut self, image: &Image, count: usize) {
        self.out.push(b'{');
        let mut first = true;
        for (name, field) in image.shape.fields.iter().take(count) {
            if name.starts_with("__") || name.starts_with("_pad") {
                continue;
            }
            if !first {
                self.text(", ");
            }
            first = false;
            self.text(name);
            self.out.push(b'=');
            match image.at(*field) {
                Some(value) if field.signed => self.signed(value),
                Some(value) => self.decimal(value),
                None => self.text("..."),
            }
        }
        self.out.push(b'}');
    }

    /// `name=` and a field in decimal, by its sign.
    pub(super) fn number_field(&mut self, image: &Image, name: &str) {
        self.text(name);
        self.out.push(b'=');
        self.number_value(image, name);
    }

    fn number_value(&mut self, image: &Image, name: &str) {
        let value = image.get(name).unwrap_or(0);
        if image.signed(name) {
            self.signed(value);
        } else {
            self.decimal(value);
        }
    }

    fn pair(&mut self, image: &Image, seconds: &str, part: &str) {
        self.out.push(b'{');
        self.text(seconds);
        self.out.push(b'=');
        self.signed(image.get(seconds).unwrap_or(0));
        self.text(", ");
        self.text(part);
        self.out.push(b'=');
        self.signed(image.get(part).unwrap_or(0));
        self.out.push(b'}');
    }

    /// `name=` and the structure whose first field is `first`.
    pub(super) fn inner(&mut self, image: &Image, name: &str, first: &str, shape: &str) {
        self.text(name);
        self.out.push(b'=');
        match image.place(first) {
            Some(address) => self.structure(shape, address),
            None => self.text("..."),
        }
    }

    fn two_times(&mut self, image: &Image, shape: &str) {
        self.out.push(b'{');
        self.inner(image, "it_interval", "it_interval_tv_sec", shape);
        self.text(", ");
        self.inner(image, "it_value", "it_value_tv_sec", shape);
        self.out.push(b'}');
    }

    /// A text in a field of fixed size, up to its NUL.
    pub(super) fn text_field(&mut self, image: &Image, name: &str) {
        self.text(name);
        self.out.push(b'=');
        self.text_value(image, name);
    }

    fn text_value(&mut self, image: &Image, name: &str) {
        let raw = image.raw(name);
        let end = raw.iter().position(|byte| *byte == 0).unwrap_or(raw.len());
        self.quoted(&raw[..end]);
    }

    /// `name=` and a field in hexadecimal.
    pub(super) fn hex_field(&mut self, image: &Image, name: &str) {
        self.text(name);
        self.out.push(b'=');
        number::hex(self.out, image.get(name).unwrap_or(0));
    }

    /// `name=` and a field as an address.
    pub(super) fn address_field(&mut self, image: &Image, name: &str) {
        self.text(name);
        self.out.push(b'=');
        self.address(image.get(name).unwrap_or(0));
    }
}
