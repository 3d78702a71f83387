//! When can the text of an argument be made?

use emu_prototypes::Meaning;
use emu_prototypes::linux::id;

use super::super::{Asked, When};
use super::{command, fcntl, ipc, name_of};

/// When an argument can be shown.
pub(crate) fn when(asked: &Asked<'_>, field: u8) -> When {
    if asked.extent.raw {
        return When::Enter;
    }
    if let Some(how) = command::of(asked, field) {
        return how.when();
    }
    if let Some(when) = ipc::when(asked, field) {
        return when;
    }
    match (asked.info.id, field) {
        (id::FCNTL | id::FCNTL64, 2) => {
            return match fcntl::of(asked) {
                fcntl::Argument::Lock { get: true, .. } | fcntl::Argument::Owner { get: true } => {
                    When::Exit
                }
                _ => When::Enter,
            };
        }
        (id::ARCH_PRCTL, 1) => {
            return match name_of(asked, 0, "arch_prctl") {
                Some(name) if name.starts_with("ARCH_GET") => When::Exit,
                _ => When::Enter,
            };
        }
        // What was left to sleep is there only after an interruption.
        (id::NANOSLEEP, 1) | (id::CLOCK_NANOSLEEP | id::CLOCK_NANOSLEEP_TIME64, 3) => {
            return When::Exit;
        }
        (id::GETGROUPS | id::GETGROUPS16, 1) | (id::GETSOCKOPT, 3) | (id::MINCORE, 2) => {
            return When::Exit;
        }
        (id::GET_MEMPOLICY, 1) | (id::SENDMMSG | id::IO_SETUP, 1) => return When::Exit,
        // The header is there, what it asks for is not.
        (id::CAPGET, 0) => return When::Enter,
        // What is filled is told behind what was asked.
        (id::CLONE3, 0) => return When::Both,
        (id::COPY_FILE_RANGE | id::SPLICE, 1 | 3) => return When::Enter,
        _ => {}
    }
    match asked.meaning(field) {
        Meaning::Out { .. }
        | Meaning::OutStr { .. }
        | Meaning::IovecOut { .. }
        | Meaning::StructOut(_)
        | Meaning::ArrayOut { .. }
        | Meaning::Dirents { .. }
        | Meaning::SigSetOut { .. }
        | Meaning::SockaddrOut { .. }
        | Meaning::IntOut
        | Meaning::IdOut
        | Meaning::WaitStatusOut
        | Meaning::LongOut
        | Meaning::FdPairOut
        | Meaning::Int64Out
        | Meaning::HandleOut
        | Meaning::ByteOut
        | Meaning::ShortOut
        | Meaning::Filled { .. } => When::Exit,
        Meaning::IntInOut | Meaning::Int64InOut | Meaning::LongInOut => When::Both,
        // Times that count down and arrays of descriptors are told behind the result.
        Meaning::StructInOut("timeval" | "timespec" | "timespec64" | "timeval64") => When::Enter,
        Meaning::StructInOut(_) => When::Exit,
        Meaning::ArrayInOut { of: "pollfd", .. } => When::Enter,
        Meaning::ArrayInOut { .. } => When::Exit,
        _ => When::Enter,
    }
}
