//! `futex`: what its arguments are depends on its operation.

use super::super::{Asked, Printer};
use super::group;

/// What a `futex` operation takes behind its value: timeout or second number, second address, third value.
pub(super) struct Takes {
    pub(super) value: bool,
    pub(super) timeout: bool,
    pub(super) second_value: bool,
    pub(super) address: bool,
    pub(super) third: bool,
}

pub(super) fn takes(operation: u64) -> Takes {
    // [Linux include/uapi/linux/futex.h, FUTEX_CMD_MASK]
    let (timeout, second_value, address, third) = match operation & 0x7f {
        0 | 6 | 13 => (true, false, false, false),
        1 | 2 | 7 | 8 => (false, false, false, false),
        3 => (false, true, true, false),
        4 | 5 | 12 => (false, true, true, true),
        9 => (true, false, false, true),
        10 => (false, false, false, true),
        11 => (true, false, true, false),
        _ => (true, false, true, true),
    };
    Takes {
        // The operations that only take a lock or give it back.
        value: !matches!(operation & 0x7f, 6 | 7 | 8 | 13),
        timeout,
        second_value,
        address,
        third,
    }
}

impl Printer<'_> {
    pub(super) fn futex_operation(&mut self, value: u64) {
        // FUTEX_CLOCK_REALTIME and FUTEX_PRIVATE_FLAG stand beside the operation.
        let (clock, operation) = (value & 0x100, value & 0xffff_feff);
        let private = operation & 0x80 != 0;
        if !self.has_words() {
            return self.hex(value & 0xffff_ffff);
        }
        let known = [operation, operation & !0x80]
            .iter()
            .any(|value| self.names.name(self.abi, group::FUTEX, *value).is_some());
        if !known {
            self.value(group::FUTEX, operation);
            if clock != 0 {
                self.out.push(b'|');
                self.hex_or(clock, |printer| printer.text("FUTEX_CLOCK_REALTIME"));
            }
            return;
        }
        self.hex_or(value & 0xffff_ffff, |printer| {
            printer.futex_name(operation, private);
            if clock != 0 {
                printer.text("|FUTEX_CLOCK_REALTIME");
            }
        });
    }

    fn futex_name(&mut self, operation: u64, private: bool) {
        match self.names.name(self.abi, group::FUTEX, operation) {
            Some(name) => self.text(name),
            None => match self.names.name(self.abi, group::FUTEX, operation & !0x80) {
                Some(name) if private => {
                    self.text(name);
                    self.text("_PRIVATE");
                }
                _ => self.value(group::FUTEX, operation),
            },
        }
    }

    pub(super) fn futex_argument(&mut self, asked: &Asked<'_>, field: u8, value: u64) -> bool {
        let operation = asked.arg(1) & 0x7f;
        match field {
            3 if takes(operation).second_value => self.decimal(value & 0xffff_ffff),
            // Bit sets.
            5 if matches!(operation, 9 | 10) && value as u32 == u32::MAX => {
                self.hex_or(u64::from(u32::MAX), |printer| {
                    printer.text("FUTEX_BITSET_MATCH_ANY");
                });
            }
            5 if operation == 5 => self.futex_wake_operation(value),
            3 if !matches!(operation, 0..=13) => self.address(value),
            5 if operation == 4 || operation == 12 => self.decimal(value & 0xffff_ffff),
            5 => self.hex(value & 0xffff_ffff),
            _ => return false,
        }
        true
    }

    /// What FUTEX_WAKE_OP does to the second word, and what it compares.   [Linux include/uapi/linux/futex.h, FUTEX_OP]
    fn futex_wake_operation(&mut self, value: u64) {
        let value = value & 0xffff_ffff;
        if value >> 31 != 0 {
            self.hex_or(8, |printer| printer.text("FUTEX_OP_OPARG_SHIFT"));
            self.text("<<28|");
        }
        let parts = [
            (Some("futex_action"), value >> 28 & 7, "<<28|"),
            (None, value >> 12 & 0xfff, "<<12|"),
            (Some("futex_comparison"), value >> 24 & 15, "<<24|"),
            (None, value & 0xfff, ""),
        ];
        for (group, part, after) in parts {
            match group {
                Some(group) => self.value(group, part),
                None => self.hex(part),
            }
            self.text(after);
        }
    }
}
