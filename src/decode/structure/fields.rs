//! What the fields of structures mean, of those that are no more than their fields.

use emu_cpu::GuestMemory;

use super::super::settings::Strings;
use super::super::{Printer, number, quote};
use super::Image;

/// How a field is shown.
#[derive(Clone, Copy)]
pub(super) enum As {
    /// In decimal, by its sign.
    Number,
    Hex,
    Address,
    Flags(&'static str),
    Value(&'static str),
    /// A text up to its NUL.
    Text,
    /// `inet_addr("127.0.0.1")`
    Inet,
    /// Seconds and microseconds within.
    Time,
    /// A structure within.
    Inner(&'static str),
    Device,
    /// `KERNEL_VERSION(6, 1, 0)`
    Version,
    /// A format of pixels, by its four characters.
    Pixels,
    /// Bytes, as a text in hexadecimal.
    Bytes,
    /// Two numbers in hexadecimal of 64 bits.
    Words,
    /// Shown only when all fields are; otherwise `...` stands for those behind the others.
    More(&'static As),
}

use As::{
    Address, Bytes, Device, Flags, Hex, Inet, Inner, More, Number, Pixels, Text, Time, Value,
    Version, Words,
};

/// The fields of a structure in the order in which they are shown.
#[rustfmt::skip]
pub(super) fn fields(name: &str) -> Option<&'static [(&'static str, As)]> {
    Some(match name {
        "mount_attr" => &[
            ("attr_set", Flags("mount_attr")), ("attr_clr", Flags("mount_attr")),
            ("propagation", Flags("mount")), ("userns_fd", Number),
        ],
        "futex_waitv" => &[("val", Hex), ("uaddr", Address), ("flags", Flags("futex2"))],
        "mq_attr" => &[
            ("mq_flags", Flags("open")), ("mq_maxmsg", Number), ("mq_msgsize", Number), ("mq_curmsgs", Number),
        ],
        "new_mq_attr" => &[
            ("mq_flags", Hex), ("mq_maxmsg", Number), ("mq_msgsize", Number), ("mq_curmsgs", Number),
        ],
        "sembuf" => &[("sem_num", Number), ("sem_op", Number), ("sem_flg", Flags("semop"))],
        "ip_mreq" => &[("imr_multiaddr", Inet), ("imr_interface", Inet)],
        "raw_iovec" => &[("iov_base", Address), ("iov_len", Number)],
        "landlock_ruleset" => &[("handled_access_fs", Flags("landlock_fs"))],
        "landlock_path_beneath" => &[("allowed_access", Flags("landlock_fs")), ("parent_fd", Number)],
        "loop_info64" => &[
            ("lo_device", More(&Device)), ("lo_inode", More(&Number)), ("lo_rdevice", More(&Device)), ("lo_offset", Hex),
            ("lo_sizelimit", More(&Number)), ("lo_number", Number), ("lo_encrypt_type", More(&Value("loop_encryption"))),
            ("lo_encrypt_key_size", More(&Number)), ("lo_flags", Flags("loop")), ("lo_file_name", Text),
            ("lo_crypt_name", More(&Text)), ("lo_encrypt_key", More(&Bytes)), ("lo_init", More(&Words)),
        ],
        "loop_config" => &[("fd", Number), ("block_size", Number), ("info", Inner("loop_info64"))],
        "input_absinfo" => &[
            ("value", Number), ("minimum", Number), ("maximum", More(&Number)), ("fuzz", More(&Number)),
            ("flat", More(&Number)), ("resolution", More(&Number)),
        ],
        "rtc_time" => &[
            ("tm_sec", Number), ("tm_min", Number), ("tm_hour", Number),
            ("tm_mday", Number), ("tm_mon", Number), ("tm_year", Number),
            ("tm_wday", More(&Number)), ("tm_yday", More(&Number)), ("tm_isdst", More(&Number)),
        ],
        "io_sqring_offsets" => &[
            ("head", Number), ("tail", Number), ("ring_mask", Number), ("ring_entries", Number),
            ("flags", Number), ("dropped", Number), ("array", Number),
        ],
        "io_cqring_offsets" => &[
            ("head", Number), ("tail", Number), ("ring_mask", Number), ("ring_entries", Number),
            ("overflow", Number), ("cqes", Number), ("flags", Number),
        ],
        "link_ifmap" => &[
            ("mem_start", Hex), ("mem_end", Hex), ("base_addr", Hex), ("irq", Number), ("dma", Number), ("port", Number),
        ],
        "rta_cacheinfo" => &[
            ("rta_clntref", Number), ("rta_lastuse", Number), ("rta_expires", Number), ("rta_error", Number),
            ("rta_used", Number), ("rta_id", Hex), ("rta_ts", Number), ("rta_tsage", Number),
        ],
        "io_event" => &[("data", Hex), ("obj", Hex), ("res", Number), ("res2", Number)],
        "timex" | "timex64" => &[
            ("modes", Flags("adjtimex")), ("offset", Number), ("freq", Number), ("maxerror", Number),
            ("esterror", Number), ("status", Flags("adjtimex_status")), ("constant", Number), ("precision", Number),
            ("tolerance", Number), ("time", Time), ("tick", Number), ("ppsfreq", Number), ("jitter", Number),
            ("shift", Number), ("stabil", Number), ("jitcnt", Number), ("calcnt", Number), ("errcnt", Number),
            ("stbcnt", Number), ("tai", Number),
        ],
        "fsxattr" => &[
            ("fsx_xflags", Flags("inode_xflags")), ("fsx_extsize", Number), ("fsx_nextents", Number), ("fsx_projid", Hex),
            ("fsx_cowextsize", Number),
        ],
        "fiemap_extent" => &[
            ("fe_logical", Number), ("fe_physical", Number), ("fe_length", Number), ("fe_flags", Flags("fiemap_extent")),
        ],
        "rtc_wkalrm" => &[("enabled", Number), ("pending", Number), ("time", Inner("rtc_time"))],
        "v4l2_capability" => &[
            ("driver", Text), ("card", Text), ("bus_info", Text), ("version", Version),
            ("capabilities", Flags("v4l2_capability")), ("device_caps", Flags("v4l2_capability")),
        ],
        "v4l2_fmtdesc" => &[
            ("index", Number), ("type", Value("v4l2_buffer_type")), ("flags", Flags("v4l2_described")),
            ("description", Text), ("pixelformat", Pixels),
        ],
        "v4l2_pix_format" => &[
            ("width", Number), ("height", Number), ("pixelformat", Pixels), ("field", Value("v4l2_field")),
            ("bytesperline", Number), ("sizeimage", Number), ("colorspace", Value("v4l2_colorspace")),
        ],
        "v4l2_requestbuffers" => &[
            ("type", Value("v4l2_buffer_type")), ("memory", Value("v4l2_memory")), ("count", Number),
        ],
        "v4l2_control" => &[("id", Value("v4l2_control")), ("value", Number)],
        "v4l2_input" => &[("index", Number), ("name", Text), ("type", Value("v4l2_input_type"))],
        "uffdio_range" => &[("start", Hex), ("len", Hex)],
        _ => return None,
    })
}

impl Printer<'_> {
    /// Appends a structure of which each field is known for what it is.
    pub(super) fn by_fields(&mut self, image: &Image, fields: &[(&str, As)]) {
        let mut separator = "{";
        let mut more = false;
        for &(name, how) in fields {
            if matches!(how, More(_)) && !self.whole {
                more = true;
                continue;
            }
            self.text(separator);
            separator = ", ";
            self.field(image, name, how);
        }
        self.text(if more { ", ...}" } else { "}" });
    }

    /// `name=` and a field.
    pub(super) fn field(&mut self, image: &Image, name: &str, how: As) {
        self.text(name);
        self.out.push(b'=');
        self.field_value(image, name, how);
    }

    /// A field without its name.
    pub(super) fn field_value(&mut self, image: &Image, name: &str, how: As) {
        let value = image.get(name).unwrap_or(0);
        match how {
            Text => self.text_value(image, name),
            Number => self.number_value(image, name),
            More(how) => self.field_value(image, name, *how),
            Hex => number::hex(self.out, value),
            Address => self.address(value),
            Flags(group) => self.flags(group, value),
            Value(group) => self.value(group, value),
            Inet => self.inet(image.raw(name)),
            Time => {
                let part = |printer: &mut Self, at: &str| {
                    let part = image.shape.fields.iter().find(|(field, _)| {
                        field
                            .strip_prefix(name)
                            .and_then(|rest| rest.strip_prefix('_'))
                            == Some(at)
                    });
                    let value = part.and_then(|(_, field)| image.at(*field));
                    printer.text(at);
                    printer.out.push(b'=');
                    printer.signed(value.unwrap_or(0));
                };
                self.out.push(b'{');
                part(self, "tv_sec");
                self.text(", ");
                part(self, "tv_usec");
                self.out.push(b'}');
            }
            Inner(shape) => {
                // The first field of the structure within has a name of its own.
                let first = image.shape.fields.iter().find(|(field, _)| {
                    field
                        .strip_prefix(name)
                        .is_some_and(|rest| rest.starts_with('_'))
                });
                match first.and_then(|(field, _)| image.place(field)) {
                    Some(address) => self.structure(shape, address),
                    None => self.text("..."),
                }
            }
            Device => self.device(value),
            Version => self.hex_or(value, |printer| {
                printer.text("KERNEL_VERSION(");
                printer.decimal(value >> 16);
                printer.text(", ");
                printer.decimal(value >> 8 & 0xff);
                printer.text(", ");
                printer.decimal(value & 0xff);
                printer.out.push(b')');
            }),
            Pixels => self.pixels(value),
            Bytes => {
                let raw = image.raw(name);
                let len = usize::try_from(image.get("lo_encrypt_key_size").unwrap_or(0));
                let shown = raw.len().min(len.unwrap_or(usize::MAX));
                quote::bytes(self.out, &raw[..shown], Strings::Hex);
            }
            Words => {
                let place = image.place(name).unwrap_or(0);
                self.elements(place, 2, 8, |printer, at| {
                    let word = printer.memory.read_u64(at).unwrap_or(0);
                    printer.hex(word);
                });
            }
        }
    }

    /// A field of bytes in network order, which has words.
    pub(in super::super) fn network(&mut self, bytes: &[u8], words: impl FnOnce(&mut Self)) {
        self.constant(|out| quote::bytes(out, bytes, Strings::Hex), words);
    }

    /// An IPv4 address in network order.
    pub(in super::super) fn inet(&mut self, bytes: &[u8]) {
        if let Ok(four) = <[u8; 4]>::try_from(bytes) {
            self.network(bytes, |printer| {
                printer.text("inet_addr(");
                printer.quoted(std::net::Ipv4Addr::from(four).to_string().as_bytes());
                printer.out.push(b')');
            });
        }
    }

    /// An IPv6 address in network order.
    pub(super) fn inet6(&mut self, bytes: &[u8]) {
        if let Ok(all) = <[u8; 16]>::try_from(bytes) {
            self.network(bytes, |printer| {
                printer.text("inet_pton(AF_INET6, ");
                printer.quoted(std::net::Ipv6Addr::from(all).to_string().as_bytes());
                printer.out.push(b')');
            });
        }
    }

    /// The same as a field: `inet_pton(AF_INET6, "::1", &sin6_addr)`, or under its name.
    pub(in super::super) fn inet6_field(&mut self, name: &str, bytes: &[u8]) {
        if self.only_words()
            && let Ok(all) = <[u8; 16]>::try_from(bytes)
        {
            self.text("inet_pton(AF_INET6, ");
            self.quoted(std::net::Ipv6Addr::from(all).to_string().as_bytes());
            self.text(", &");
            self.text(name);
            self.out.push(b')');
            return;
        }
        self.text(name);
        self.out.push(b'=');
        self.inet6(bytes);
    }
}
