//! Why does an operation on a socket fail? In the network's own words; each OS translates them.

use crate::kernel::vfs::FsError;

/// Why an operation on a socket failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NetError {
    /// The address is taken.
    InUse,
    /// The address is none of this machine's, or all ports are taken.
    NotAvailable,
    /// The address is of another family than the socket.
    WrongFamily,
    /// The socket is of another kind than what it shall talk to.
    WrongKind,
    /// The socket is not connected.
    NotConnected,
    /// The socket is connected already.
    Connected,
    /// A connection is being made already.
    Already,
    /// A connection is being made and not ready yet.
    InProgress,
    /// Nobody listens there.
    Refused,
    /// The other side has dropped the connection.
    Reset,
    /// The connection was given up.
    Aborted,
    /// There is no way there.
    Unreachable,
    /// The machine there can't be reached.
    HostUnreachable,
    /// Nobody answers.
    TimedOut,
    /// It was not said where to.
    NoDestination,
    /// The message is too long.
    TooLong,
    /// It would have to wait.
    WouldBlock,
    /// The other side does not read any more.
    BrokenPipe,
    /// It makes no sense.
    Invalid,
    /// This kind of socket can't do that.
    NotSupported,
    /// It is not allowed.
    Access,
    /// It is not allowed to this user.
    NotPermitted,
    /// There is no room for more.
    NoBuffers,
    /// Too many files are on their way.
    TooManyInFlight,
    /// The host failed.
    Io,
}

impl From<NetError> for FsError {
    fn from(error: NetError) -> FsError {
        match error {
            NetError::WouldBlock => FsError::WouldBlock,
            NetError::BrokenPipe => FsError::BrokenPipe,
            other => FsError::Net(other),
        }
    }
}
