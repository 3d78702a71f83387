//! The argument of `bpf`, which each command lays out for itself.   [bpf(2); Linux include/uapi/linux/bpf.h, union bpf_attr]

use super::super::settings::Strings;
use super::super::{Printer, number, quote};
use super::Image;
use super::fields::As;

/// How a field is shown.
#[derive(Clone, Copy)]
enum How {
    As(As),
    /// A text elsewhere, a path.
    Path,
    /// A text elsewhere, of that many bytes at most.
    Name(usize),
    /// The number of an interface.
    Index,
    /// Shown when it is not zero.
    Given(&'static How),
    Version,
}

use As::{Address, Flags, Number, Text, Value};
use How::{As as F, Given, Index, Name, Path, Version};

/// A command: under which name its fields stand together, and those.
type Command = (&'static str, &'static [(&'static str, How)]);

/// The most bytes behind the known fields that are shown: the kernel takes no more than a page.
const MAX_EXTRA: u64 = 4096;

#[rustfmt::skip]
fn command(name: &str) -> Option<Command> {
    const NUMBER: How = F(Number);
    const ADDRESS: How = F(Address);
    Some(match name {
        "BPF_MAP_CREATE" => ("", &[
            ("map_type", F(Value("bpf_map_type"))), ("key_size", NUMBER), ("value_size", NUMBER), ("max_entries", NUMBER),
            ("map_flags", F(Flags("bpf_map"))), ("inner_map_fd", NUMBER), ("map_name", F(Text)), ("map_ifindex", Index),
            ("btf_fd", NUMBER), ("btf_key_type_id", NUMBER), ("btf_value_type_id", NUMBER),
            ("btf_vmlinux_value_type_id", NUMBER), ("map_extra", F(As::Hex)),
        ]),
        "BPF_MAP_LOOKUP_ELEM" => ("", &[
            ("map_fd", NUMBER), ("key", ADDRESS), ("value", ADDRESS), ("flags", F(Flags("bpf_lookup"))),
        ]),
        "BPF_MAP_UPDATE_ELEM" => ("", &[
            ("map_fd", NUMBER), ("key", ADDRESS), ("value", ADDRESS), ("flags", F(Value("bpf_update"))),
        ]),
        "BPF_MAP_DELETE_ELEM" => ("", &[("map_fd", NUMBER), ("key", ADDRESS)]),
        "BPF_MAP_GET_NEXT_KEY" => ("", &[("map_fd", NUMBER), ("key", ADDRESS), ("next_key", ADDRESS)]),
        "BPF_PROG_LOAD" => ("", &[
            ("prog_type", F(Value("bpf_prog_type"))), ("insn_cnt", NUMBER), ("insns", ADDRESS), ("license", Name(128)),
            ("log_level", NUMBER), ("log_size", NUMBER), ("log_buf", ADDRESS), ("kern_version", Version),
            ("prog_flags", F(Flags("bpf_prog"))), ("prog_name", F(Text)), ("prog_ifindex", Index),
            ("expected_attach_type", F(Value("bpf_attach_type"))), ("prog_btf_fd", NUMBER), ("func_info_rec_size", NUMBER),
            ("func_info", ADDRESS), ("func_info_cnt", NUMBER), ("line_info_rec_size", NUMBER), ("line_info", ADDRESS),
            ("line_info_cnt", NUMBER), ("attach_btf_id", NUMBER), ("attach_prog_fd", NUMBER),
        ]),
        "BPF_OBJ_PIN" | "BPF_OBJ_GET" => ("", &[
            ("pathname", Path), ("bpf_fd", NUMBER), ("file_flags", F(Flags("bpf_open"))),
        ]),
        "BPF_PROG_ATTACH" => ("", &[
            ("target_fd", NUMBER), ("attach_bpf_fd", NUMBER), ("attach_type", F(Value("bpf_attach_type"))),
            ("attach_flags", F(Flags("bpf_attach"))), ("replace_bpf_fd", Given(&NUMBER)),
        ]),
        "BPF_PROG_DETACH" => ("", &[("target_fd", NUMBER), ("attach_type", F(Value("bpf_attach_type")))]),
        "BPF_PROG_GET_NEXT_ID" | "BPF_MAP_GET_NEXT_ID" | "BPF_BTF_GET_NEXT_ID" => ("", &[
            ("start_id", NUMBER), ("next_id", NUMBER), ("open_flags", F(Flags("bpf_open"))),
        ]),
        "BPF_PROG_GET_FD_BY_ID" => ("", &[
            ("prog_id", NUMBER), ("next_id", NUMBER), ("open_flags", F(Flags("bpf_open"))),
        ]),
        "BPF_MAP_GET_FD_BY_ID" => ("", &[
            ("map_id", NUMBER), ("next_id", NUMBER), ("open_flags", F(Flags("bpf_open"))),
        ]),
        "BPF_BTF_GET_FD_BY_ID" => ("", &[("btf_id", NUMBER)]),
        "BPF_OBJ_GET_INFO_BY_FD" => ("info", &[
            ("info_bpf_fd", NUMBER), ("info_info_len", NUMBER), ("info_info", ADDRESS),
        ]),
        "BPF_RAW_TRACEPOINT_OPEN" => ("raw_tracepoint", &[
            ("raw_tracepoint_name", Name(128)), ("raw_tracepoint_prog_fd", NUMBER),
        ]),
        "BPF_PROG_QUERY" => ("query", &[
            ("query_target_fd", NUMBER), ("query_attach_type", F(Value("bpf_attach_type"))),
            ("query_query_flags", F(Flags("bpf_query"))), ("query_attach_flags", F(Flags("bpf_attach"))),
            ("query_prog_ids", ADDRESS), ("query_prog_cnt", NUMBER),
        ]),
        "BPF_PROG_TEST_RUN" => ("test", &[
            ("test_prog_fd", NUMBER), ("test_retval", NUMBER), ("test_data_size_in", NUMBER),
            ("test_data_size_out", NUMBER), ("test_data_in", ADDRESS), ("test_data_out", ADDRESS), ("test_repeat", NUMBER),
            ("test_duration", NUMBER),
        ]),
        _ => return None,
    })
}

impl Printer<'_> {
    /// The argument of a `bpf` command, of which `len` bytes are there: the fields that begin within them.
    pub(in super::super) fn bpf(&mut self, name: Option<&str>, address: u64, len: u64) {
        let known = name.and_then(|name| Some((name, command(name)?)));
        let Some((name, (outer, fields))) = known else {
            return self.address(address);
        };
        let Some(image) = self.load_part("bpf_attr", address, len) else {
            return self.address(address);
        };
        self.out.push(b'{');
        if !outer.is_empty() {
            self.text(outer);
            self.text("={");
        }
        let mut separator = "";
        let mut end = 0;
        for &(field, how) in fields {
            let Some(place) = image.shape.field(field) else {
                continue;
            };
            // What is too short for a path's descriptor has one of zero all the same.
            let always = name == "BPF_OBJ_GET" && field == "bpf_fd";
            if u64::from(place.offset) >= len && !always {
                break;
            }
            end = u64::from(place.offset) + u64::from(place.size);
            if matches!(how, Given(_)) && image.get(field) == Some(0) {
                continue;
            }
            self.text(separator);
            separator = ", ";
            let shown = match outer {
                "" => field,
                _ => &field[outer.len() + 1..],
            };
            self.text(shown);
            self.out.push(b'=');
            self.bpf_field(&image, field, how);
        }
        if !outer.is_empty() {
            self.out.push(b'}');
        }
        // What is not looked at but given is told.
        if name == "BPF_MAP_DELETE_ELEM" && len > end {
            self.text(", ");
            self.extra_data(address, end, len);
        }
        self.out.push(b'}');
    }

    fn bpf_field(&mut self, image: &Image, name: &str, how: How) {
        let value = image.get(name).unwrap_or(0);
        match how {
            F(Number) if name.ends_with("_fd") => number::signed(self.out, i64::from(value as i32)),
            F(Number) => self.decimal(value),
            F(how) => self.field_value(image, name, how),
            Path => self.path(value),
            Name(most) => self.string_of(value, most),
            Index => self.interface_index(value),
            Given(how) => self.bpf_field(image, name, *how),
            Version => self.hex_or(value, |printer| {
                printer.text("KERNEL_VERSION(");
                for (shift, after) in [(16, ", "), (8, ", "), (0, ")")] {
                    let mask = if shift == 16 { 0xffff } else { 0xff };
                    printer.decimal(value >> shift & mask);
                    printer.text(after);
                }
            }),
        }
    }

    /// What stands behind the fields that a command has: `extra_data="\x01…" /* bytes 16..31 */`.
    fn extra_data(&mut self, address: u64, from: u64, len: u64) {
        if !self.whole {
            return self.text("...");
        }
        self.text("extra_data=");
        let count = len.saturating_sub(from).min(MAX_EXTRA);
        let place = address.wrapping_add(from);
        let limit = MAX_EXTRA as usize;
        quote::buffer(
            self.out,
            self.memory.guest,
            place,
            count,
            limit,
            Strings::Hex,
        );
        self.text(" /* bytes ");
        self.decimal(from);
        self.text("..");
        self.decimal(from + count.max(1) - 1);
        self.text(" */");
    }
}
