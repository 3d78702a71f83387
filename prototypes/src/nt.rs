//! Windows: one struct per native call, numbers per release, service traits.
//!
//! Calls are structs of this module ([`NtCreateFile`]) with the headers' parameter names as fields. A release is a table
//! of two bytes a number; what else a [`Table`] needs is made when it is first asked for.
//!
//! A few calls are known by name only. They are among [`CALLS`], with nothing but their name, so that no number of a
//! release is without a name; [`CallInfo::is_declared`] tells them apart.

use std::fmt;
use std::sync::OnceLock;

use emu_cpu::Fault;

use crate::{
    Args, Call, CallInfo, Classes, DataModel, Ends, Meaning, Os, Param, Ptr, Row, RowParam, Span,
    Stop, Table, ULong, Width,
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
    include!(concat!(env!("OUT_DIR"), "/windows.rs"));
}
pub use generated::*;
use generated::{ENUMERATIONS, OVERRIDES, PARAMS};

/// What a service answers: a status that is no error, or why there is none.
pub type Outcome = Result<u64, Stop<NtStatus>>;

/// The name of a value of an enumeration that an argument has for its type.
///
/// ```
/// use emu_prototypes::nt::enumeration;
///
/// assert_eq!(enumeration("FILE_INFORMATION_CLASS", 5), Some("FileStandardInformation"));
/// assert_eq!(enumeration("FILE_INFORMATION_CLASS", 12345), None);
/// ```
pub fn enumeration(kind: &str, value: u32) -> Option<&'static str> {
    let at = ENUMERATIONS.binary_search_by(|(name, _)| (*name).cmp(kind));
    let (_, values) = ENUMERATIONS[at.ok()?];
    let found = values.iter().find(|(_, own)| *own == value);
    found.map(|(name, _)| *name)
}

/// What a call says of itself: the upper two bits tell success, information, warning and error.
/// [\[MS-ERREF\], 2.3]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NtStatus(pub u32);

impl NtStatus {
    /// Whether it is success or information.
    pub const fn is_success(self) -> bool {
        self.0 < 0x8000_0000
    }

    /// Its name: `STATUS_ACCESS_VIOLATION`.
    pub fn name(self) -> Option<&'static str> {
        let at = STATUSES.binary_search_by_key(&self.0, |(value, _)| *value);
        Some(STATUSES[at.ok()?].1)
    }

    /// The status of that name, with `STATUS_` in front or without.
    pub fn by_name(name: &str) -> Option<NtStatus> {
        let same = |own: &str| own == name || own.strip_prefix("STATUS_") == Some(name);
        let found = STATUSES.iter().find(|(_, own)| same(own))?;
        Some(NtStatus(found.0))
    }
}

impl fmt::Display for NtStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x}", self.0)
    }
}

impl std::error::Error for NtStatus {}

/// Guest memory that cannot be used is `STATUS_ACCESS_VIOLATION`.
impl From<Fault> for NtStatus {
    fn from(_: Fault) -> NtStatus {
        NtStatus::ACCESS_VIOLATION
    }
}

impl From<NtStatus> for Stop<NtStatus> {
    fn from(status: NtStatus) -> Self {
        Stop::Fail(status)
    }
}

impl From<Fault> for Stop<NtStatus> {
    fn from(fault: Fault) -> Self {
        Stop::Fail(fault.into())
    }
}

/// What is known of the call with that name.
pub fn by_name(name: &str) -> Option<&'static CallInfo> {
    let at = CALLS.binary_search_by(|call| call.name.cmp(name)).ok()?;
    Some(&CALLS[at])
}

/// The operating system.
const OS: Os = Os::Windows;

/// A row's argument, for the tables.
const fn p(field: u8, width: Width) -> RowParam {
    RowParam { field, width }
}

/// How releases up to one declare a call.
struct Override {
    call: u16,
    until: u8,
    params: &'static [RowParam],
    declared: &'static [(&'static str, &'static str)],
}

/// The numbers of a release on an architecture.
pub struct Release {
    /// The name of its profile: `windows_vistasp12_x86`.
    pub name: &'static str,
    /// Other names.
    pub aliases: &'static [&'static str],
    /// How wide its C types are.
    pub model: DataModel,
    /// How many releases are older.
    pub age: u8,
    /// For each number the index of its call among [`CALLS`], plus one; 0 where there is none.
    pub numbers: &'static [u16],
    table: OnceLock<Table>,
}

impl fmt::Debug for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Release")
            .field("name", &self.name)
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

impl Release {
    const fn new(
        name: &'static str,
        aliases: &'static [&'static str],
        model: DataModel,
        age: u8,
        numbers: &'static [u16],
    ) -> Release {
        Release {
            name,
            aliases,
            model,
            age,
            numbers,
            table: OnceLock::new(),
        }
    }

    /// A release that only its library of stubs tells: calls by name with their numbers, of which the unknown ones are
    /// left out. It is taken for as young as the youngest release.
    ///
    /// ```
    /// use emu_prototypes::{DataModel, nt::Release};
    ///
    /// let release = Release::of_stubs("mine", DataModel::Llp64, [("NtClose", 0x15), ("NtWhatever", 0x16)]);
    /// assert_eq!(release.call(0x15).map(|call| call.name), Some("NtClose"));
    /// assert!(release.call(0x16).is_none());
    /// ```
    pub fn of_stubs<'a>(
        name: &'static str,
        model: DataModel,
        stubs: impl IntoIterator<Item = (&'a str, u32)>,
    ) -> Release {
        let mut numbers = Vec::new();
        for (name, number) in stubs {
            let known = CALLS.binary_search_by(|call| call.name.cmp(name));
            // Bit 12 selects another table; what is beyond is no number.
            let (Ok(call), Ok(number @ ..0x1000)) = (known, usize::try_from(number)) else {
                continue;
            };
            if numbers.len() <= number {
                numbers.resize(number + 1, 0);
            }
            numbers[number] = call as u16 + 1;
        }
        let age = RELEASES.iter().map(|release| release.age).max();
        Release::new(name, &[], model, age.unwrap_or(0), numbers.leak())
    }

    /// The youngest known release whose numbers are those of stubs, wherever both know a call. `None` when they differ.
    pub fn with_stubs(model: DataModel, stubs: &[(&str, u32)]) -> Option<&'static Release> {
        let agrees = |release: &&&'static Release| {
            let known = |name: &str| by_name(name).is_some();
            release.model == model
                && stubs
                    .iter()
                    .all(|(name, number)| match release.call(*number) {
                        Some(call) => call.name == *name,
                        None => !known(name),
                    })
        };
        let mut all: Vec<_> = RELEASES.iter().filter(agrees).copied().collect();
        all.sort_by_key(|release| release.age);
        all.pop().filter(|_| !stubs.is_empty())
    }

    /// What is known of the call with a number.
    pub fn call(&self, number: u32) -> Option<&'static CallInfo> {
        let id = self.numbers.get(number as usize)?.checked_sub(1)?;
        CALLS.get(usize::from(id))
    }

    /// Its numbers as a table, which is made when it is first asked for.
    pub fn table(&'static self) -> &'static Table {
        self.table.get_or_init(|| {
            let mut rows = Vec::new();
            let mut index = vec![0; self.numbers.len()];
            for (number, &call) in self.numbers.iter().enumerate() {
                if let Some(call) = call.checked_sub(1) {
                    rows.push(self.row(number as u32, call));
                    index[number] = rows.len() as u16;
                }
            }
            let span = Span {
                base: 0,
                index: index.leak(),
            };
            Table {
                rows: rows.leak(),
                spans: vec![span].leak(),
            }
        })
    }

    fn row(&self, number: u32, call: u16) -> Row {
        let older = OVERRIDES
            .iter()
            .find(|older| older.call == call && self.age <= older.until);
        let name = CALLS[usize::from(call)].name;
        Row {
            number,
            name,
            entry: name,
            call,
            params: older.map_or(PARAMS[usize::from(call)], |older| older.params),
            declared: older.map(|older| older.declared),
        }
    }

    /// How a number is shown: by its call's name, or as `win32k!0x12` when bit 12 selects the other table.
    pub fn shown(&'static self, number: u32) -> Shown {
        Shown {
            release: self,
            number,
        }
    }
}

/// A number's place in the table of `win32k.sys`, when bit 12 says that it is there.   [KeServiceDescriptorTableShadow]
pub const fn win32k(number: u32) -> Option<u32> {
    match number & !0xfff {
        0x1000 => Some(number & 0xfff),
        _ => None,
    }
}

/// A number of a release, made to be printed.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    release: &'static Release,
    number: u32,
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (win32k(self.number), self.release.call(self.number)) {
            (Some(number), _) => write!(f, "win32k!{number:#x}"),
            (None, Some(call)) => f.write_str(call.name),
            (None, None) => write!(f, "{:#x}", self.number),
        }
    }
}
