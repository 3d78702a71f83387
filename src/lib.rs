//! emu runs a program of another CPU and OS, serves its system calls from a kernel of its own and shows each call typed,
//! at entry and at exit.

pub mod callbacks;
mod decode;
pub mod diff;
mod emulator;
mod error;
pub mod event;
mod family;
pub mod kernel;
pub mod lab;
pub mod load;
pub mod show;
pub mod sink;
pub mod view;

pub use emu_cpu as cpu;
pub use emu_profiles as profiles;
pub use emu_prototypes as prototypes;
pub use emu_prototypes::linux;

pub use callbacks::{CallbackId, Context};
pub use emulator::{Builder, Emulator, GuestSource, Network, Progress, TimeSource};
pub use error::Error;
pub use family::FamilyCall;

/// The README's example is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
