//! The tiny guests in an emulator.

#![allow(dead_code, reason = "each test takes what it needs")]

use emu::profiles::{self, Os, Profile};
use emu::{Builder, Emulator, GuestSource};

use crate::bounded::here;

/// A guest of a profile, by the name of its image.
pub(crate) fn guest(profile: &'static Profile, name: &str) -> Emulator {
    let image = here("guest-images").join(profile.name).join(name);
    let builder = Builder::new()
        .profile(profile)
        .guest(GuestSource::Host(image));
    builder.build().expect("it is a guest")
}

/// The profiles of Linux and FreeBSD.
pub(crate) fn unix() -> impl Iterator<Item = &'static Profile> {
    profiles::all().filter(|own| matches!(own.system().os(), Os::Linux | Os::FreeBsd))
}
