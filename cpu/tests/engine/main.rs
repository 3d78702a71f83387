//! The CPU boundary on the real engine: a few instructions each, with values from the architecture manuals.

#![cfg(feature = "unicorn")]

mod bench;
mod contexts;
mod count;
mod debug;
mod exceptions;
mod faults;
mod hostile;
mod it_blocks;
mod machine;
mod mips64;
mod mips_slots;
mod selectors;
mod self_modifying;
mod setup;
mod several;
mod stop;
mod traps;
