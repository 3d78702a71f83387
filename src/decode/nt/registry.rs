//! Values of the registry.   [winnt.h: REG_SZ …; wdm.h: KEY_VALUE_PARTIAL_INFORMATION]

use emu_cpu::{Fault, GuestMemory};

use super::names;
use crate::decode::Printer;

/// `Type` of a value.
const STRINGS: [u32; 4] = [1, 2, 6, 7];
const DWORD: u32 = 4;
const QWORD: u32 = 11;

impl Printer<'_> {
    /// What a value holds: text, a number, or bytes.
    pub(super) fn value_data(&mut self, kind: u32, address: u64, len: u64) {
        self.or_address(address, |printer| {
            match (kind, len) {
                (DWORD, 4) => {
                    let value = printer.memory.read_u32(address)?;
                    printer.hex(value.into());
                }
                (QWORD, 8) => {
                    let value = printer.memory.read_u64(address)?;
                    printer.hex(value);
                }
                (kind, len) if STRINGS.contains(&kind) && len % 2 == 0 => {
                    printer.wide(address, len)?;
                }
                _ => printer.buffer(address, len),
            }
            Ok(())
        });
    }

    /// Text in units of UTF-16, without the zero at its end: as much of it as is shown of any string.
    pub(super) fn wide(&mut self, address: u64, len: u64) -> Result<(), Fault> {
        let mut count = len / 2;
        let last = address.wrapping_add(len.saturating_sub(2));
        if count > 0 && self.memory.read_u16(last)? == 0 {
            count -= 1;
        }
        let limit = self.settings.limit as u64;
        self.units(address, count.min(limit) as usize)?;
        if count > limit {
            self.text("...");
        }
        Ok(())
    }

    /// A `KEY_VALUE_PARTIAL_INFORMATION`: `{Type=REG_SZ, Data="6.3"}`.
    pub(super) fn value_partial(&mut self, address: u64) {
        self.or_address(address, |printer| {
            let kind = printer.memory.read_u32(address.wrapping_add(4))?;
            let len = printer.memory.read_u32(address.wrapping_add(8))?;
            printer.text("{Type=");
            printer.kind("REG", kind.into());
            printer.text(", Data=");
            printer.value_data(kind, address.wrapping_add(12), len.into());
            printer.text("}");
            Ok(())
        });
    }
}

/// Whether an argument is a value's type, which the headers have as a plain number.
pub(super) fn is_type(call: &str, name: &str) -> bool {
    call == "NtSetValueKey" && name == "Type"
}

/// The name of a type.
pub(super) fn type_name(value: u64) -> Option<&'static str> {
    names::kind("REG", value)
}
