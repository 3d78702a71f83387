//! Arguments of calls on the address space.

use super::super::{Printer, number};
use super::group;

impl Printer<'_> {
    /// Flags of a mapping: its kind first, and the size of its pages as a power of two.
    pub(super) fn map_flags(&mut self, value: u64) {
        let value = value & 0xffff_ffff;
        let kind = value & self.abi.k.MAP_TYPE;
        // MAP_HUGETLB gives the upper six bits their meaning.   [Linux include/uapi/asm-generic/hugetlb_encode.h]
        let huge = match value & self.abi.k.MAP_HUGETLB {
            0 => 0,
            _ => value & 0xfc00_0000,
        };
        let rest = value & !huge;
        self.hex_or(value, |printer| {
            if kind != 0 {
                printer.flags(group::MAP, rest);
            } else {
                printer.text("MAP_FILE");
                printer.and_flags(group::MAP, rest);
            }
            printer.huge(huge, "MAP_HUGE_SHIFT");
        });
    }

    fn huge(&mut self, bits: u64, shift: &str) {
        if bits != 0 {
            self.out.push(b'|');
            self.decimal(bits >> 26);
            self.text("<<");
            self.text(shift);
        }
    }

    /// Flags of `memfd_create`, with the size of pages as a power of two.
    pub(super) fn memfd_flags(&mut self, value: u64) {
        let huge = value & 0xfc00_0000;
        let value = value & 0xffff_ffff;
        self.hex_or(value, |printer| {
            printer.flags("memfd", value & !huge);
            printer.huge(huge, "MFD_HUGE_SHIFT");
        });
    }

    /// A policy and its flags.
    pub(super) fn policy(&mut self, value: u64) {
        let (value, flags) = (value & 0xffff_ffff, value & 0xe000);
        self.hex_or(value, |printer| {
            printer.value("mempolicy", value & !flags);
            if flags != 0 {
                printer.out.push(b'|');
                printer.flags("mempolicy_mode", flags);
            }
        });
    }

    /// A set of `count` nodes, in its words.
    pub(super) fn nodes(&mut self, address: u64, count: u64) {
        let word = self.word_size();
        let words = count.min(1 << 16).div_ceil(8 * word);
        if address == 0 || words == 0 || self.word(address).is_none() {
            self.address(address);
            return;
        }
        self.elements(address, words, word, |printer, at| {
            let value = printer.word(at).unwrap_or(0);
            let width = 2 * printer.word_size() as usize;
            number::wide_hex(printer.out, value, width);
        });
    }
}
