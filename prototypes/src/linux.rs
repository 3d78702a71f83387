//! Linux: one struct per call, tables per ABI, constants, structures and service traits.
//!
//! Calls are structs of this module ([`Openat`]), with the kernel's parameter names as fields; names that Rust reserves
//! are raw identifiers (`r#type`). The traits that serve them are in [`services`], since a section and a call may have
//! the same name.

use emu_cpu::Fault;

use crate::{
    Args, CStr, Call, CallInfo, Classes, DataModel, Ends, Field, Long, Meaning, Os, Param, Ptr,
    Row, RowParam, Span, Stop, Struct, Table, ULong, Width,
};

pub use crate::unix::{ABSENT, Group};

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

crate::unix::unix!();

/// The operating system.
const OS: Os = Os::Linux;

/// A row's argument, for the tables.
const fn p(field: u8, width: Width) -> RowParam {
    RowParam { field, width }
}
