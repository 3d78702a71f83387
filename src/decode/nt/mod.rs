//! What is particular to calls of Windows: statuses, handles, names of objects, structures of both widths.
//!
//! What stands behind an argument follows from its C type and its name, which the headers use alike for all calls.

mod control;
mod file;
mod names;
mod registry;
mod request;
mod structure;
#[cfg(test)]
mod tests;

use emu_prototypes::nt::{NtStatus, win32k};
use emu_prototypes::{Meaning, Os};

use super::{Asked, Phase, Printer, number};
use crate::event::CallEvent;
use crate::kernel::nt::exception::Record;

/// Whether a call came by an entry of Windows.
pub(crate) fn is(call: &CallEvent) -> bool {
    call.entry.system.os() == Os::Windows
}

/// Whether a result says that what the call was to fill is not filled.
pub(crate) fn is_error(value: u64) -> bool {
    let status = NtStatus(value as u32);
    // Of the warnings only this one fills what there is room for.
    !status.is_success() && status != NtStatus::BUFFER_OVERFLOW
}

/// Appends `win32k!0x12` for a number of the other table. False for all others.
pub(crate) fn unnamed(out: &mut Vec<u8>, call: &CallEvent) -> bool {
    let Some(number) = win32k(call.number).filter(|_| is(call)) else {
        return false;
    };
    out.extend_from_slice(b"win32k!");
    number::hex0(out, number.into());
    true
}

/// Appends `0`, or `0xc0000034 (STATUS_OBJECT_NAME_NOT_FOUND)`.
pub(crate) fn status(out: &mut Vec<u8>, value: u64) {
    let status = NtStatus(value as u32);
    number::hex(out, status.0.into());
    if status != NtStatus::SUCCESS {
        named(out, status);
    }
}

/// Appends a status as that of a process, which may be any number: names begin where no program's own do.
pub(crate) fn exit_status(out: &mut Vec<u8>, status: u32) {
    if NtStatus(status).is_success() && status < 0x4000_0000 {
        number::decimal(out, status.into());
    } else {
        number::hex(out, status.into());
        named(out, NtStatus(status));
    }
}

fn named(out: &mut Vec<u8>, status: NtStatus) {
    if let Some(name) = status.name() {
        for part in [" (", name, ")"] {
            out.extend_from_slice(part.as_bytes());
        }
    }
}

/// Appends `--- STATUS_ACCESS_VIOLATION {ExceptionAddress=0x401000, ExceptionInformation=[1, 0]} ---`.
pub(crate) fn exception(out: &mut Vec<u8>, record: &Record) {
    out.extend_from_slice(b"--- ");
    match record.code.name() {
        Some(name) => out.extend_from_slice(name.as_bytes()),
        None => number::hex(out, record.code.0.into()),
    }
    out.extend_from_slice(b" {ExceptionAddress=");
    number::hex(out, record.address);
    if !record.information.is_empty() {
        out.extend_from_slice(b", ExceptionInformation=[");
        for (index, value) in record.information.iter().enumerate() {
            if index > 0 {
                out.extend_from_slice(b", ");
            }
            number::hex(out, *value);
        }
        out.push(b']');
    }
    out.extend_from_slice(b"} ---");
}

/// Appends an argument that is shown in Windows's own way. False when its meaning says all.
pub(super) fn argument(
    printer: &mut Printer<'_>,
    asked: &Asked<'_>,
    field: u8,
    phase: Phase,
) -> bool {
    if asked.info.os != Os::Windows {
        return false;
    }
    let Some(param) = asked.info.params.get(usize::from(field)) else {
        return false;
    };
    let value = asked.arg(field);
    let read = matches!(phase, Phase::Enter | Phase::Exit(Some(_)));
    let filled = matches!(phase, Phase::Exit(Some(_)));
    match (param.meaning, param.ctype) {
        (Meaning::Handle, _) => printer.handle(value, param.name),
        (_, "POBJECT_ATTRIBUTES" | "PCOBJECT_ATTRIBUTES") => printer.object_attributes(value),
        (Meaning::StructIn(_), "PUNICODE_STRING" | "PCUNICODE_STRING") => {
            printer.unicode_string(value);
        }
        (Meaning::Filled { .. }, "PSECURITY_DESCRIPTOR") if filled => printer.security(value),
        (_, "PSECURITY_DESCRIPTOR") if phase == Phase::Enter => printer.security(value),
        (Meaning::HandleOut, _) if filled => printer.handle_at(value),
        (_, "PIO_STATUS_BLOCK") if filled => printer.io_status(value),
        (_, "PCLIENT_ID") if read => printer.client_id(value),
        (_, "PCONTEXT" | "PCCONTEXT") if phase == Phase::Enter => printer.context(value),
        (Meaning::LongInOut | Meaning::LongOut, "PVOID *") if read => printer.pointer_at(value),
        (
            Meaning::ArrayIn {
                of: "HANDLE",
                count,
            },
            _,
        ) => {
            printer.handles(value, asked.arg(count));
        }
        (Meaning::Plain | Meaning::Hex, "NTSTATUS") => exit_status(printer.out, value as u32),
        (Meaning::IntOut, _) if param.name == "OldProtection" && filled => {
            printer.protection_at(value);
        }
        (Meaning::In { len }, _) if asked.info.name == "NtSetValueKey" => {
            printer.value_data(asked.arg(3) as u32, value, asked.arg(len));
        }
        (Meaning::Hex, _) if matches!(param.name, "IoControlCode" | "FsControlCode") => {
            control::code(printer.out, value);
        }
        (Meaning::In { len }, _) if asked.info.name == "NtDeviceIoControlFile" => {
            return printer.control_input(asked.arg(5), value, asked.arg(len));
        }
        (Meaning::In { len }, _) if asked.info.name == "NtSetInformationFile" => {
            return printer.file_information(asked.arg(4), value, asked.arg(len));
        }
        (Meaning::In { len }, "PCWSTR" | "PWSTR") => {
            let len = asked.arg(len);
            printer.or_address(value, |printer| printer.wide(value, len));
        }
        (Meaning::Plain, _) if registry::is_type(asked.info.name, param.name) => {
            let Some(name) = registry::type_name(value) else {
                return false;
            };
            printer.out.extend_from_slice(name.as_bytes());
        }
        (Meaning::Enum(kind), _) => printer.kind(kind, value),
        (Meaning::Filled { len, .. }, _) if filled => {
            return printer.filled_by(asked, value, asked.arg(len));
        }
        (Meaning::Hex | Meaning::Plain, _) => {
            return names::flags(printer.out, asked.info, param.name, value);
        }
        _ => return false,
    }
    true
}
