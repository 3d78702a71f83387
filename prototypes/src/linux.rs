//! Linux: one struct per call, tables per ABI, constants, structures and service traits.
//!
//! Calls are structs of this module ([`Openat`]), with the kernel's parameter names as fields; names that Rust reserves
//! are raw identifiers (`r#type`). The traits that serve them are in [`services`], since a section and a call may have
//! the same name.

use std::fmt;

use emu_cpu::Fault;

use crate::{
    Args, CStr, Call, CallInfo, Classes, DataModel, Ends, Field, Long, Meaning, Param, Ptr, Row,
    RowParam, Span, Stop, Struct, Table, ULong, Width,
};

#[allow(
    missing_docs,
    non_snake_case,
    non_camel_case_types,
    unused_imports,
    clippy::all
)]
mod generated {
    use super::*;
    include!(concat!(env!("OUT_DIR"), "/linux.rs"));
}
pub use generated::*;

/// What a service answers: the result, or why there is none.
pub type Outcome = Result<u64, Stop<Errno>>;

/// What a constant reads as on an ABI that does not have it, unless it is a flag: no argument has this value, whether it
/// is compared with 64 bits or with 32.
pub const ABSENT: u64 = 0x8000_0000_7fff_fffe;

/// Numbers, constants and structures of an ABI. `linux_mips` and `linux_mipsel` share one: byte order is the CPU's.
pub struct Abi {
    /// Its name: `mips`.
    pub name: &'static str,
    /// How wide its C types are.
    pub model: DataModel,
    /// Its numbers of calls.
    pub table: &'static Table,
    /// Its constants.
    pub k: &'static Constants,
    /// Its structures.
    pub layouts: &'static Layouts,
    /// Numbers of errors, by `Errno as usize`; 0 where the ABI has no such error.
    pub errnos: &'static [u16],
    /// For each number the place of its error in [`Errno::ALL`], plus one; 0 where there is none.
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

impl Abi {
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

    /// A structure by its name.
    pub fn structure(&self, name: &str) -> Option<&'static Struct> {
        self.layouts.structure(name)
    }
}

impl Layouts {
    /// A structure by its name.
    pub fn structure(&self, name: &str) -> Option<&'static Struct> {
        let at = self
            .all
            .binary_search_by(|known| known.name.cmp(name))
            .ok()?;
        Some(&self.all[at])
    }
}

impl fmt::Debug for Abi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Abi")
            .field("name", &self.name)
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Constants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Constants").finish_non_exhaustive()
    }
}

/// What is known of the call with that name.
pub fn by_name(name: &str) -> Option<&'static CallInfo> {
    let at = CALLS.binary_search_by(|call| call.name.cmp(name)).ok()?;
    Some(&CALLS[at])
}

/// A row's argument, for the tables.
const fn p(field: u8, width: Width) -> RowParam {
    RowParam { field, width }
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

impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
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
