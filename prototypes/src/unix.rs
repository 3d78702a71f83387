//! What do the tables of Unix-like operating systems have in common?

use std::fmt;

use crate::{DataModel, Struct, Table};

/// What a constant reads as on an ABI that does not have it, unless it is a flag: no argument has this value, whether it
/// is compared with 64 bits or with 32.
pub const ABSENT: u64 = 0x8000_0000_7fff_fffe;

/// Numbers, constants (`K`) and structures (`L`) of an ABI.
pub struct Abi<K: 'static, L: 'static> {
    /// Its name: `mips`.
    pub name: &'static str,
    /// How wide its C types are.
    pub model: DataModel,
    /// Its numbers of calls.
    pub table: &'static Table,
    /// Its constants.
    pub k: &'static K,
    /// Its structures.
    pub layouts: &'static L,
    /// Numbers of errors, by the OS's `Errno as usize`; 0 where the ABI has no such error.
    pub errnos: &'static [u16],
    /// For each number the place of its error in `Errno::ALL`, plus one; 0 where there is none.
    pub errnos_back: &'static [u16],
    /// Groups of constants, sorted by name.
    pub groups: &'static [Group],
    /// Names of signals, by number; empty where there is none.
    pub signals: &'static [&'static str],
}

/// Constants of one kind.
#[derive(Debug)]
pub struct Group {
    /// Its name.
    pub name: &'static str,
    /// Whether values are combinations of the members.
    pub flags: bool,
    /// Names and values. Flags: those with several bits first, then by value; others by value.
    pub members: &'static [(&'static str, u64)],
}

impl<K, L> Abi<K, L> {
    /// The members of a group of constants.
    pub fn group(&self, name: &str) -> Option<&'static [(&'static str, u64)]> {
        let at = self
            .groups
            .binary_search_by(|group| group.name.cmp(name))
            .ok()?;
        Some(self.groups[at].members)
    }

    /// The name of a signal. Real-time signals behind the first are `SIGRT_1`, …
    pub fn signal_name(&self, number: u32) -> Option<&'static str> {
        self.signals
            .get(number as usize)
            .copied()
            .filter(|name| !name.is_empty())
    }
}

impl<K, L> fmt::Debug for Abi<K, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Abi")
            .field("name", &self.name)
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

/// A structure by its name, among those sorted by name.
pub(crate) fn structure(all: &'static [Struct], name: &str) -> Option<&'static Struct> {
    let at = all.binary_search_by(|known| known.name.cmp(name)).ok()?;
    Some(&all[at])
}

/// What every OS's generated `Errno`, `Constants`, `Layouts` and `CALLS` can do.
macro_rules! unix {
    () => {
        /// What a service answers: the result, or why there is none.
        pub type Outcome = Result<u64, Stop<Errno>>;

        /// Numbers, constants and structures of an ABI.
        pub type Abi = crate::unix::Abi<Constants, Layouts>;

        impl Abi {
            /// A structure by its name.
            pub fn structure(&self, name: &str) -> Option<&'static Struct> {
                self.layouts.structure(name)
            }
        }

        impl Layouts {
            /// A structure by its name.
            pub fn structure(&self, name: &str) -> Option<&'static Struct> {
                crate::unix::structure(self.all, name)
            }
        }

        impl std::fmt::Debug for Constants {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct("Constants").finish_non_exhaustive()
            }
        }

        /// What is known of the call with that name.
        pub fn by_name(name: &str) -> Option<&'static CallInfo> {
            let at = CALLS.binary_search_by(|call| call.name.cmp(name)).ok()?;
            Some(&CALLS[at])
        }

        impl Errno {
            /// Its name: `ENOENT`.
            pub fn name(self) -> &'static str {
                ERRNO_TEXTS[self as usize].0
            }

            /// Its description, as the C library has it: `No such file or directory`.
            pub fn text(self) -> &'static str {
                ERRNO_TEXTS[self as usize].1
            }

            /// Its number on an ABI. An error that the ABI lacks goes as `EINVAL`.
            pub fn number(self, abi: &Abi) -> u16 {
                match abi.errnos[self as usize] {
                    0 => abi.errnos[Errno::EINVAL as usize],
                    number => number,
                }
            }

            /// The error with a number on an ABI.
            pub fn from_number(abi: &Abi, number: u16) -> Option<Errno> {
                let at = abi.errnos_back.get(usize::from(number))?.checked_sub(1)?;
                Errno::ALL.get(usize::from(at)).copied()
            }
        }

        impl std::fmt::Display for Errno {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{} ({})", self.name(), self.text())
            }
        }

        impl std::error::Error for Errno {}

        /// Guest memory that cannot be used is `EFAULT`.
        impl From<Fault> for Errno {
            fn from(_: Fault) -> Errno {
                Errno::EFAULT
            }
        }

        impl From<Errno> for Stop<Errno> {
            fn from(errno: Errno) -> Self {
                Stop::Fail(errno)
            }
        }

        impl From<Fault> for Stop<Errno> {
            fn from(fault: Fault) -> Self {
                Stop::Fail(fault.into())
            }
        }
    };
}
pub(crate) use unix;
