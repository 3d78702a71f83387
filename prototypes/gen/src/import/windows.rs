//! Which calls do headers of Windows' native interface declare, which numbers do releases give them, and how many words
//! do its stubs take?

mod controls;
mod enumerations;
mod headers;
mod numbers;
mod stdcall;

pub use controls::controls;
pub use enumerations::enumerations;
pub use headers::signatures;
pub use numbers::{Csv, numbers};
pub use stdcall::stdcall;
