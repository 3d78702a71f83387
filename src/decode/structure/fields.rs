//! What the fields of structures mean, of those that are no more than their fields.

use super::super::{Printer, number};
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
    /// `...`: there are more fields, which are not shown.
    More,
}

use As::{Address, Flags, Hex, Inet, Inner, More, Number, Text, Time, Value};

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
        "sock_fprog" => &[("len", Number), ("filter", Address)],
        "ip_mreq" => &[("imr_multiaddr", Inet), ("imr_interface", Inet)],
        "raw_iovec" => &[("iov_base", Address), ("iov_len", Number)],
        "landlock_ruleset" => &[("handled_access_fs", Flags("landlock_fs"))],
        "landlock_path_beneath" => &[("allowed_access", Flags("landlock_fs")), ("parent_fd", Number)],
        "loop_info64" => &[
            ("lo_offset", Hex), ("lo_number", Number), ("lo_flags", Flags("loop")), ("lo_file_name", Text), ("", More),
        ],
        "loop_config" => &[("fd", Number), ("block_size", Number), ("info", Inner("loop_info64"))],
        "input_absinfo" => &[("value", Number), ("minimum", Number), ("", More)],
        "rtc_time" => &[
            ("tm_sec", Number), ("tm_min", Number), ("tm_hour", Number),
            ("tm_mday", Number), ("tm_mon", Number), ("tm_year", Number), ("", More),
        ],
        "io_sqring_offsets" => &[
            ("head", Number), ("tail", Number), ("ring_mask", Number), ("ring_entries", Number),
            ("flags", Number), ("dropped", Number), ("array", Number),
        ],
        "io_cqring_offsets" => &[
            ("head", Number), ("tail", Number), ("ring_mask", Number), ("ring_entries", Number),
            ("overflow", Number), ("cqes", Number), ("flags", Number),
        ],
        "io_event" => &[("data", Hex), ("obj", Hex), ("res", Number), ("res2", Number)],
        "timex" | "timex64" => &[
            ("modes", Flags("adjtimex")), ("offset", Number), ("freq", Number), ("maxerror", Number),
            ("esterror", Number), ("status", Flags("adjtimex_status")), ("constant", Number), ("precision", Number),
            ("tolerance", Number), ("time", Time), ("tick", Number), ("ppsfreq", Number), ("jitter", Number),
            ("shift", Number), ("stabil", Number), ("jitcnt", Number), ("calcnt", Number), ("errcnt", Number),
            ("stbcnt", Number), ("tai", Number),
        ],
        "map_create" => &[
            ("map_type", Value("bpf_map_type")), ("key_size", Number), ("value_size", Number), ("max_entries", Number),
            ("map_flags", Flags("bpf_map")),
        ],
        "map_lookup" => &[("map_fd", Number), ("key", Address), ("value", Address), ("flags", Flags("bpf_lookup"))],
        "map_update" => &[("map_fd", Number), ("key", Address), ("value", Address), ("flags", Value("bpf_update"))],
        "map_delete" => &[("map_fd", Number), ("key", Address)],
        "map_next" => &[("map_fd", Number), ("key", Address), ("next_key", Address)],
        "get_fd" => &[("prog_id", Number), ("next_id", Number), ("open_flags", Flags("bpf_open"))],
        "get_next" => &[("start_id", Number), ("next_id", Number), ("open_flags", Flags("bpf_open"))],
        "attach" => &[
            ("target_fd", Number), ("attach_bpf_fd", Number), ("attach_type", Value("bpf_attach_type")),
            ("attach_flags", Flags("bpf_attach")),
        ],
        "detach" => &[("target_fd", Number), ("attach_type", Value("bpf_attach_type"))],
        _ => return None,
    })
}

impl Printer<'_> {
    /// Appends a structure of which each field is known for what it is.
    pub(super) fn by_fields(&mut self, image: &Image, fields: &[(&str, As)]) {
        let mut separator = "{";
        for &(name, how) in fields {
            self.text(separator);
            separator = ", ";
            self.field(image, name, how);
        }
        self.out.push(b'}');
    }

    /// `name=` and a field.
    pub(super) fn field(&mut self, image: &Image, name: &str, how: As) {
        let value = image.get(name).unwrap_or(0);
        match how {
            Text => return self.text_field(image, name),
            Number => return self.number_field(image, name),
            More => return self.text("..."),
            _ => {}
        }
        self.text(name);
        self.out.push(b'=');
        match how {
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
            Text | Number | More => {}
        }
    }

    /// An IPv4 address in network order.
    pub(in super::super) fn inet(&mut self, bytes: &[u8]) {
        if let Ok(four) = <[u8; 4]>::try_from(bytes) {
            self.text("inet_addr(\"");
            self.text(&std::net::Ipv4Addr::from(four).to_string());
            self.text("\")");
        }
    }
}
