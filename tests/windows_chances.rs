//! Programs of Windows that ask for whatever chance gives: emu never panics, never hangs, and takes no more of the host's
//! memory than it may.
//!
//! `hostile/random_nt.c` makes the calls. Which a release has, and of which kinds their arguments are, it learns from the
//! prototypes.

mod bounded;
mod chances;
mod compilers;

use chances::{Chances, by_chance, by_class, takes};

#[test]
fn calls_by_chance_end_in_order_on_windows() {
    by_chance(&Chances {
        profiles: &["windows_2000_x86", "windows_11_24h2_x64"],
        seeds: 1..=4,
        count: 10_000,
    });
}

#[test]
fn every_class_is_asked_for() {
    by_class(&["windows_xpsp3_x86", "windows_10_22h2_x64"], 1..=1, 60);
}

#[test]
fn whatever_is_taken_again_and_again_has_an_end() {
    takes(&["windows_11_24h2_x64"]);
}
