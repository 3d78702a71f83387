//! Which calls do headers of Windows' native interface declare, which numbers do releases give them, and how many words
//! do its stubs take?

mod headers;
mod numbers;
mod stdcall;

pub use headers::signatures;
pub use numbers::{Csv, numbers};
pub use stdcall::stdcall;
