//! What the value of an argument means, so that printers, filters and users' tools need no knowledge of single calls.

/// The meaning of an argument or a result. Indices name other arguments of the same call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A number in decimal.
    Plain,
    /// A number best read in hexadecimal.
    Hex,
    /// A number in octal.
    Octal,
    /// An address of which nothing more is known.
    Address,
    /// A file descriptor.
    Fd,
    /// A file descriptor or `AT_FDCWD`.
    DirFd,
    /// A NUL-terminated path the call reads.
    Path,
    /// Another NUL-terminated string the call reads.
    Str,
    /// An array of string pointers (argv, envp).
    StrArray,
    /// Bytes the call reads; their count is in argument `len`.
    In {
        /// Index of the argument with the length.
        len: u8,
    },
    /// Bytes the call fills; the result says how many, at most argument `len`.
    Out {
        /// Index of the argument with the size.
        len: u8,
    },
    /// A path or string the call fills; the result says how many bytes, at most argument `len`.
    OutStr {
        /// Index of the argument with the size.
        len: u8,
    },
    /// An `iovec` array the call reads from, with `count` elements.
    IovecIn {
        /// Index of the argument with the number of elements.
        count: u8,
    },
    /// An `iovec` array the call fills, with `count` elements.
    IovecOut {
        /// Index of the argument with the number of elements.
        count: u8,
    },
    /// A combination of flags of a group of constants.
    Flags(&'static str),
    /// One value of a group of constants.
    Enum(&'static str),
    /// `open(2)` flags: an access mode and flags.
    OpenFlags,
    /// File mode bits.
    Mode,
    /// A process or thread id.
    Pid,
    /// A user or group id.
    Id,
    /// A signal number.
    Signal,
    /// A signal set, its size in argument `size` (255: the ABI's old one-word set).
    SigSet {
        /// Index of the argument with the size.
        size: u8,
    },
    /// A signal set the call fills; like [`Meaning::SigSet`].
    SigSetOut {
        /// Index of the argument with the size.
        size: u8,
    },
    /// A structure the call reads.
    StructIn(&'static str),
    /// A structure the call fills.
    StructOut(&'static str),
    /// A structure the call reads and fills.
    StructInOut(&'static str),
    /// Two structures the call reads, one behind the other (`utimes`).
    PairIn(&'static str),
    /// An array of structures the call reads, with `count` elements.
    ArrayIn {
        /// The structure.
        of: &'static str,
        /// Index of the argument with the number of elements.
        count: u8,
    },
    /// An array of structures the call fills; the result says how many, at most argument `count`.
    ArrayOut {
        /// The structure.
        of: &'static str,
        /// Index of the argument with the room for elements.
        count: u8,
    },
    /// An array of structures the call reads and changes in place, with `count` elements.
    ArrayInOut {
        /// The structure.
        of: &'static str,
        /// Index of the argument with the number of elements.
        count: u8,
    },
    /// Directory entries of varying length the call fills; the result says how many bytes.
    Dirents {
        /// The structure, with its fixed part.
        of: &'static str,
        /// Index of the argument with the size.
        len: u8,
    },
    /// A socket address the call reads, its length in argument `len`.
    SockaddrIn {
        /// Index of the argument with the length.
        len: u8,
    },
    /// A socket address the call fills; argument `len` points to its length.
    SockaddrOut {
        /// Index of the argument with the pointer to the length.
        len: u8,
    },
    /// A set of file descriptors, one bit each, the call reads and changes; descriptors below argument `count` count.
    FdSet {
        /// Index of the argument with the number of descriptors.
        count: u8,
    },
    /// An array of `count` 32-bit file descriptors the call reads.
    FdArray {
        /// Index of the argument with the number of descriptors.
        count: u8,
    },
    /// A pointer to one 32-bit integer the call reads.
    IntIn,
    /// A pointer to one 32-bit integer the call fills.
    IntOut,
    /// A pointer to one 32-bit integer the call reads and changes.
    IntInOut,
    /// A pointer to a user or group id the call fills (16 or 32 bits: the C type says).
    IdOut,
    /// A pointer to the status of a child, as `wait4` gives it.
    WaitStatusOut,
    /// A pointer to a C `long`, `size_t` or pointer the call fills.
    LongOut,
    /// A pointer to a C `long`, `size_t` or pointer the call reads and changes.
    LongInOut,
    /// Two file descriptors the call fills.
    FdPairOut,
    /// A pointer to a 64-bit integer the call fills.
    Int64Out,
    /// A pointer to a 64-bit integer the call reads.
    Int64In,
    /// A pointer to a 64-bit integer the call reads and changes.
    Int64InOut,
    /// The command of an `fcntl`.
    FcntlCommand,
    /// The argument of an `fcntl`.
    FcntlArgument,
    /// The command of an `ioctl`.
    IoctlCommand,
    /// The argument of an `ioctl`.
    IoctlArgument,
    /// `clone` flags with the exit signal in the low byte.
    CloneFlags,
    /// `futex` operation.
    FutexOp,
    /// A device number.
    Device,
    /// A handle.
    Handle,
    /// A pointer to a handle the call fills.
    HandleOut,
    /// 0 or not 0.
    Bool,
    /// Bytes the call fills: there is room for `len`, and `done` says how many there are. Either may be a number or a
    /// pointer to one, as its C type says.
    Filled {
        /// Index of the argument with the room.
        len: u8,
        /// Index of the argument with the count; 255 when there is none.
        done: u8,
    },
    /// A pointer to one 8-bit integer the call reads.
    ByteIn,
    /// A pointer to one 8-bit integer the call fills.
    ByteOut,
    /// A pointer to one 8-bit integer the call reads and changes.
    ByteInOut,
    /// A pointer to one 16-bit integer the call reads.
    ShortIn,
    /// A pointer to one 16-bit integer the call fills.
    ShortOut,
    /// A pointer to one 16-bit integer the call reads and changes.
    ShortInOut,
    /// A pointer to a C `long`, `size_t` or pointer the call reads.
    LongIn,
}
