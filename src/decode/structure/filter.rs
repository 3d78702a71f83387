//! Programs of the classic packet filter: of sockets and of `seccomp`.

use super::super::{Printer, number};

/// Bits of an instruction's code, and what they say in each class.   [Linux include/uapi/linux/bpf_common.h]
const CLASS: u64 = 0x07;
const SIZE: u64 = 0x18;
const MODE: u64 = 0xe0;
const SOURCE: u64 = 0x08;
const OPERATION: u64 = 0xf0;
const VALUE: u64 = 0x18;
const MISC: u64 = 0xf8;

/// Where the numbers of what is no data of the packet begin.   [Linux include/uapi/linux/filter.h, SKF_AD_OFF]
const EXTENSIONS: u64 = 0xffff_f000;
/// What of a value `seccomp` returns is the action.   [Linux include/uapi/linux/seccomp.h, SECCOMP_RET_ACTION_FULL]
const ACTION: u64 = 0xffff_0000;

impl Printer<'_> {
    /// A program: its length and its instructions; those are an address unless all is shown.
    pub(in super::super) fn filter_program(&mut self, address: u64, seccomp: bool) {
        let Some(image) = self.load("sock_fprog", address) else {
            self.address(address);
            return;
        };
        let (count, filter) = (
            image.get("len").unwrap_or(0),
            image.get("filter").unwrap_or(0),
        );
        self.text("{len=");
        self.decimal(count);
        self.text(", filter=");
        if self.whole {
            let size = self.abi.structure("sock_filter");
            let size = size.map_or(8, |shape| u64::from(shape.size));
            self.elements(filter, count, size, |printer, at| {
                printer.filter_instruction(at, seccomp);
            });
        } else {
            self.address(filter);
        }
        self.out.push(b'}');
    }

    fn filter_instruction(&mut self, address: u64, seccomp: bool) {
        let Some(image) = self.load("sock_filter", address) else {
            self.address(address);
            return;
        };
        let [code, yes, no, k] = ["code", "jt", "jf", "k"].map(|name| image.get(name).unwrap_or(0));
        let jump = yes != 0 || no != 0;
        self.text(if jump { "BPF_JUMP(" } else { "BPF_STMT(" });
        self.filter_code(code);
        self.text(", ");
        let class = code & CLASS;
        // Classes have the same numbers on every ABI: 0 loads, 6 returns.
        if seccomp && class == 6 {
            self.value("seccomp_action", k & ACTION);
            if k & !ACTION != 0 {
                self.out.push(b'|');
                self.hex(k & !ACTION);
            }
        } else if !seccomp && !jump && class == 0 && code & MODE == 0x20 && k >= EXTENSIONS {
            self.hex_or(EXTENSIONS, |printer| printer.text("SKF_AD_OFF"));
            self.out.push(b'+');
            self.value("filter_extension", k - EXTENSIONS);
        } else {
            self.hex(k);
        }
        if jump {
            for way in [yes, no] {
                self.text(", ");
                self.hex(way);
            }
        }
        self.out.push(b')');
    }

    fn filter_code(&mut self, code: u64) {
        let class = code & CLASS;
        self.value("filter_class", class);
        let parts: &[(&'static str, u64)] = match class {
            0 | 1 => &[("filter_size", SIZE), ("filter_mode", MODE)],
            2 | 3 => &[],
            4 => &[("filter_source", SOURCE), ("filter_arithmetic", OPERATION)],
            5 => &[("filter_source", SOURCE), ("filter_jump", OPERATION)],
            6 => &[("filter_value", VALUE)],
            _ => &[("filter_misc", MISC)],
        };
        let mut rest = code & !CLASS;
        for &(group, mask) in parts {
            self.out.push(b'|');
            match self.names.name(self.abi, group, code & mask) {
                Some(_) => self.value(group, code & mask),
                None => self.filter_unknown(code & mask),
            }
            rest &= !mask;
        }
        if rest != 0 {
            self.out.push(b'|');
            self.filter_unknown(rest);
        }
    }

    fn filter_unknown(&mut self, value: u64) {
        number::hex(self.out, value);
        if self.has_words() {
            self.text(" /* BPF_??? */");
        }
    }
}
