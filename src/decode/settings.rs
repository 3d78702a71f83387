//! How much of a call is shown, and in which form?

use crate::sink::{DEFAULT_LIMIT, Filter};
use emu_prototypes::CallInfo;

/// How calls are shown. What is not set is as strace has it without options.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Settings {
    /// The most bytes of a string, and elements of an array, that are shown.
    pub limit: usize,
    /// What is told of descriptors.
    pub descriptors: Descriptors,
    /// Which strings stand in hexadecimal.
    pub strings: Strings,
    /// Whether flags and values are names or numbers.
    pub constants: Constants,
    /// Calls whose structures, arrays and environments are shortened.
    pub abbreviated: Filter,
    /// Calls whose structures are looked into; those of others are addresses.
    pub looked_into: Filter,
    /// Calls whose arguments and results are shown as numbers only.
    pub raw: Filter,
}

/// What is told of descriptors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Descriptors {
    /// Their numbers.
    #[default]
    Numbers,
    /// What they are open on: `3</etc/passwd>`.
    Paths,
    /// More than that: `3</dev/null<char 1:3>>`, `4<TCP:[127.0.0.1:80]>`.
    Details,
}

/// Which strings stand in hexadecimal, as `\x41\x42`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strings {
    /// None: bytes that are not ASCII are in octal.
    #[default]
    Octal,
    /// Those that have any byte that is neither printable ASCII nor white space.
    NonAscii,
    /// Of all strings the bytes that are not ASCII.
    NonAsciiBytes,
    /// All.
    Hex,
}

/// The form of flags and values that have names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Constants {
    /// `O_RDWR`
    #[default]
    Names,
    /// `0x2`
    Numbers,
    /// `0x2 /* O_RDWR */`
    Both,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            limit: DEFAULT_LIMIT,
            descriptors: Descriptors::default(),
            strings: Strings::default(),
            constants: Constants::default(),
            abbreviated: Filter::all(),
            looked_into: Filter::all(),
            raw: Filter::none(),
        }
    }
}

/// The usual settings with another limit.
impl From<usize> for Settings {
    fn from(limit: usize) -> Self {
        Settings {
            limit,
            ..Settings::default()
        }
    }
}

/// How much of one call is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Extent {
    /// Its arguments and its result as numbers only.
    pub(crate) raw: bool,
    /// Structures with all their fields, arrays with all their elements.
    pub(crate) whole: bool,
    /// Structures as their addresses.
    pub(crate) shallow: bool,
}

impl Settings {
    /// How much of a call is shown.
    pub(crate) fn extent(&self, call: &CallInfo) -> Extent {
        Extent {
            raw: self.raw.wants(Some(call)),
            whole: !self.abbreviated.wants(Some(call)),
            shallow: !self.looked_into.wants(Some(call)),
        }
    }
}
