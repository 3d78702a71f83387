//! Which status does Windows have for a failure of the network?

use emu_prototypes::nt::NtStatus;

use crate::kernel::net::NetError;

/// What a call answers.   [Wine's dlls/ntdll/unix/socket.c, sock_errno_to_status]
pub(super) fn status(error: NetError) -> NtStatus {
    match error {
        NetError::InUse => NtStatus::SHARING_VIOLATION,
        NetError::NotAvailable => NtStatus::INVALID_ADDRESS_COMPONENT,
        NetError::WrongFamily | NetError::WrongKind => NtStatus::INVALID_ADDRESS,
        NetError::NotConnected => NtStatus::INVALID_CONNECTION,
        NetError::Connected => NtStatus::CONNECTION_ACTIVE,
        NetError::Already => NtStatus::NETWORK_BUSY,
        NetError::InProgress | NetError::WouldBlock => NtStatus::DEVICE_NOT_READY,
        NetError::Refused => NtStatus::CONNECTION_REFUSED,
        NetError::Reset | NetError::BrokenPipe => NtStatus::CONNECTION_RESET,
        NetError::Aborted => NtStatus::CONNECTION_ABORTED,
        NetError::Unreachable => NtStatus::NETWORK_UNREACHABLE,
        NetError::HostUnreachable => NtStatus::HOST_UNREACHABLE,
        NetError::TimedOut => NtStatus::IO_TIMEOUT,
        NetError::NoDestination | NetError::Invalid => NtStatus::INVALID_PARAMETER,
        NetError::TooLong => NtStatus::BUFFER_OVERFLOW,
        NetError::NotSupported => NtStatus::NOT_SUPPORTED,
        NetError::Access | NetError::NotPermitted => NtStatus::ACCESS_DENIED,
        NetError::NoBuffers | NetError::TooManyInFlight => NtStatus::NO_MEMORY,
        NetError::Io => NtStatus::UNEXPECTED_NETWORK_ERROR,
    }
}

/// The same in numbers of Winsock, for `SO_ERROR`.   [winsock2.h: WSAEINTR and following]
pub(super) fn winsock(error: NetError) -> u32 {
    match error {
        NetError::InUse => 10048,
        NetError::NotAvailable => 10049,
        NetError::WrongFamily => 10047,
        NetError::WrongKind => 10041,
        NetError::NotConnected => 10057,
        NetError::Connected => 10056,
        NetError::Already => 10037,
        NetError::InProgress => 10036,
        NetError::Refused => 10061,
        NetError::Reset => 10054,
        NetError::BrokenPipe => 10058,
        NetError::Aborted => 10053,
        NetError::Unreachable => 10051,
        NetError::HostUnreachable => 10065,
        NetError::TimedOut => 10060,
        NetError::NoDestination => 10039,
        NetError::TooLong => 10040,
        NetError::WouldBlock => 10035,
        NetError::Invalid => 10022,
        NetError::NotSupported => 10045,
        NetError::Access | NetError::NotPermitted => 10013,
        NetError::NoBuffers | NetError::TooManyInFlight => 10055,
        NetError::Io => 10050,
    }
}
