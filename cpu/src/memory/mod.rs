//! What does the guest see at an address?
//!
//! [`Memory`] is all guest RAM there is: one reserved piece of host memory cut into frames, shared by every address
//! space and every engine. An [`Object`] is a sequence of pages that files and shared mappings have in common. An
//! [`AddressSpace`] says what is mapped where, and [`AddressSpace::resolve`] is the one place where a page becomes
//! present, where copy-on-write happens, and where an access is refused.
//!
//! Everything here belongs to one thread.

mod access;
mod frames;
mod gaps;
mod guest;
mod object;
mod regions;
mod resolve;
mod space;
mod table;
#[cfg(test)]
mod tests;

use std::fmt;

#[cfg_attr(
    not(feature = "unicorn"),
    expect(unused_imports, reason = "used by engines only")
)]
pub(crate) use frames::Watch;
pub use frames::{Frame, Memory};
pub use guest::GuestMemory;
pub use object::{Object, ObjectError, Pager};
pub use regions::{Backing, Label, Region, RegionFlags};
pub use resolve::Page;
pub use space::{AddressSpace, MAX_REGIONS, MapError};

/// Size of a page, in bytes, on every architecture.
pub const PAGE: u64 = 4096;
/// The same, for lengths of host buffers.
const PAGE_BYTES: usize = 4096;

bitflags::bitflags! {
    /// What may be done with a page.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
    pub struct Prot: u8 {
        /// Loads.
        const READ = 1;
        /// Stores.
        const WRITE = 2;
        /// Instruction fetches.
        const EXEC = 4;
    }
}

impl Prot {
    /// Whether `access` is allowed.
    pub fn allows(self, access: Access) -> bool {
        self.contains(match access {
            Access::Read => Prot::READ,
            Access::Write => Prot::WRITE,
            Access::Fetch => Prot::EXEC,
        })
    }

    /// What the hardware makes of it: a page that can be written or executed can be read, too.
    // Linux's protection_map has no write-only and, without protection keys, no execute-only entry.
    pub fn effective(self) -> Prot {
        if self.is_empty() {
            self
        } else {
            self | Prot::READ
        }
    }
}

/// `rwx`, with `-` for what is not allowed.
impl fmt::Display for Prot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (flag, letter) in [(Prot::READ, "r"), (Prot::WRITE, "w"), (Prot::EXEC, "x")] {
            f.write_str(if self.contains(flag) { letter } else { "-" })?;
        }
        Ok(())
    }
}

/// How memory was touched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// A load.
    Read,
    /// A store.
    Write,
    /// An instruction fetch.
    Fetch,
}

/// Why an access was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultKind {
    /// Nothing is mapped there.
    Unmapped,
    /// Something is mapped, but this is not allowed.
    Denied,
    /// Mapped, but beyond the end of the object behind it, or the object could not be read.
    Bus,
    /// The guest's memory is used up.
    NoMemory,
}

/// A refused access. Nothing was changed by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fault {
    /// The first byte that could not be accessed.
    pub address: u64,
    /// How.
    pub access: Access,
    /// Why.
    pub kind: FaultKind,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let access = match self.access {
            Access::Read => "read",
            Access::Write => "write",
            Access::Fetch => "fetch",
        };
        let kind = match self.kind {
            FaultKind::Unmapped => "nothing is mapped there",
            FaultKind::Denied => "the mapping does not allow it",
            FaultKind::Bus => "beyond the end of the mapped object",
            FaultKind::NoMemory => "guest memory is used up",
        };
        write!(f, "{access} at {:#x}: {kind}", self.address)
    }
}

impl std::error::Error for Fault {}
