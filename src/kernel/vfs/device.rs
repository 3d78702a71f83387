//! Character devices: which numbers mean what.

use crate::kernel::host::Stream;

/// A character device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Device {
    /// Takes everything, has nothing.
    Null,
    /// Zeros without end.
    Zero,
    /// Zeros without end, and no room.
    Full,
    /// Random bytes.
    Random,
    /// The same.
    Urandom,
    /// The kernel's log. It takes lines.
    Kmsg,
    /// The terminal of whoever opens it.
    Tty,
    /// The terminal that a standard stream is.
    Terminal(Stream),
    /// The console.
    Console,
    /// A new terminal for each that opens it, of which it gets the master.
    Ptmx,
    /// A terminal that the guest made.
    Slave(u32),
    /// A number behind which nothing is.
    Unknown {
        /// Major number.
        major: u32,
        /// Minor number.
        minor: u32,
    },
}

impl Device {
    /// The device of a number.   [Linux Documentation/admin-guide/devices.txt]
    pub fn of_number(major: u32, minor: u32) -> Device {
        match (major, minor) {
            (1, 3) => Device::Null,
            (1, 5) => Device::Zero,
            (1, 7) => Device::Full,
            (1, 8) => Device::Random,
            (1, 9) => Device::Urandom,
            (1, 11) => Device::Kmsg,
            (5, 0) => Device::Tty,
            (5, 1) => Device::Console,
            (5, 2) => Device::Ptmx,
            (136, minor) => Device::Slave(minor),
            _ => Device::Unknown { major, minor },
        }
    }

    /// Its number: major and minor.
    pub fn number(self) -> (u32, u32) {
        match self {
            Device::Null => (1, 3),
            Device::Zero => (1, 5),
            Device::Full => (1, 7),
            Device::Random => (1, 8),
            Device::Urandom => (1, 9),
            Device::Kmsg => (1, 11),
            Device::Tty => (5, 0),
            Device::Console => (5, 1),
            Device::Ptmx => (5, 2),
            Device::Slave(number) => (136, number),
            Device::Terminal(_) => (136, 0),
            Device::Unknown { major, minor } => (major, minor),
        }
    }
}
