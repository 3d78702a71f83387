//! The CPU boundary on the real engine: a few instructions each, with values from the architecture manuals.

#![cfg(feature = "unicorn")]

mod machine;
mod traps;
