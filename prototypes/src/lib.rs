//! What was asked, in the operating system's own terms?
//!
//! The texts beside this crate (`linux/*.txt`, `freebsd/*.txt`, `windows/*.txt`) say which calls there are, how they are declared, what their arguments
//! mean and which numbers, constants and structures each ABI uses. `build.rs` makes the modules below from them.

mod call;
mod classic;
pub mod freebsd;
mod layout;
pub mod linux;
mod meaning;
pub mod nt;
mod outcome;
mod ptr;
mod table;
mod unix;

pub use call::{Args, Call, CallInfo, Classes, Ends, MAX_ARGS, Os, Param};
pub use classic::{Classic, Prototype};
pub use layout::{Field, Struct};
pub use meaning::Meaning;
pub use outcome::Stop;
pub use ptr::{CStr, Long, Pod, Ptr, ULong};
pub use table::{Row, RowParam, Span, Table};
pub use unix::{ABSENT, Group};

/// How wide the C types of an ABI are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DataModel {
    /// `int`, `long` and pointers of 32 bits.
    Ilp32,
    /// `int` of 32, `long` and pointers of 64 bits.
    Lp64,
    /// `int` and `long` of 32, pointers of 64 bits (64-bit Windows).
    Llp64,
}

/// Width and sign of an argument, as its C type says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Width {
    /// Signed, 8 bits.
    I8,
    /// Unsigned, 8 bits.
    U8,
    /// Signed, 16 bits.
    I16,
    /// Unsigned, 16 bits.
    U16,
    /// Signed, 32 bits.
    I32,
    /// Unsigned, 32 bits.
    U32,
    /// Signed, 64 bits on every data model.
    I64,
    /// Unsigned, 64 bits on every data model.
    U64,
    /// C `long`.
    Long,
    /// C `unsigned long`.
    ULong,
    /// A pointer, `size_t`.
    Ptr,
    /// `ssize_t`, `intptr_t`.
    IPtr,
}

impl Width {
    /// Size in bytes under a data model.
    pub const fn bytes(self, model: DataModel) -> u8 {
        match self {
            Width::I8 | Width::U8 => 1,
            Width::I16 | Width::U16 => 2,
            Width::I32 | Width::U32 => 4,
            Width::I64 | Width::U64 => 8,
            Width::Long | Width::ULong => match model {
                DataModel::Ilp32 | DataModel::Llp64 => 4,
                DataModel::Lp64 => 8,
            },
            Width::Ptr | Width::IPtr => match model {
                DataModel::Ilp32 => 4,
                DataModel::Lp64 | DataModel::Llp64 => 8,
            },
        }
    }

    /// Whether a narrower value is sign-extended to 64 bits.
    pub const fn signed(self) -> bool {
        matches!(
            self,
            Width::I8 | Width::I16 | Width::I32 | Width::I64 | Width::Long | Width::IPtr
        )
    }

    /// Cuts `raw` to this width and extends it to 64 bits by its sign.
    pub const fn extend(self, model: DataModel, raw: u64) -> u64 {
        let unused = 64 - 8 * self.bytes(model) as u32;
        if self.signed() {
            (((raw << unused) as i64) >> unused) as u64
        } else {
            (raw << unused) >> unused
        }
    }
}
