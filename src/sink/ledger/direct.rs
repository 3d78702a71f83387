//! Does a program ask the system itself, past the library that is there for it?

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::task::Tid;
use crate::sink::family::file_name;
use crate::view::View;

/// Places of one process that are remembered.
const PLACES: usize = 4096;

/// Beginnings of names of files that are there to make system calls.
const LIBRARIES: [&str; 18] = [
    "libc.",
    "libc-",
    "ld-",
    "ld.so",
    "ld64",
    "libpthread",
    "librt",
    "libdl",
    "libuclibc",
    "libthr",
    "libsys",
    "libnss",
    "libresolv",
    "libanl",
    "linker",
    "ntdll.dll",
    "win32u.dll",
    "wow64",
];

/// What is known of processes.
#[derive(Default)]
pub(super) struct Direct(BTreeMap<Tid, Known>);

#[derive(Default)]
struct Known {
    /// Whether such a library made a call.
    library: bool,
    /// Addresses that were looked at.
    seen: BTreeSet<u64>,
}

/// Where an unusual call came from.
pub(super) enum From {
    /// A file that is no such library, while there is one.
    Module(Vec<u8>),
    /// Memory that is no file's.
    Memory,
}

impl Direct {
    /// Looks at a call. Each place of a process is told once.
    pub(super) fn look(&mut self, process: Tid, pc: u64, view: &mut View<'_>) -> Option<From> {
        let known = self.0.entry(process).or_default();
        if known.seen.len() >= PLACES || !known.seen.insert(pc) {
            return None;
        }
        let Some(place) = view.guest.place(pc) else {
            return Some(From::Memory);
        };
        // The kernel's own page is there with and without a library.
        if place.module.starts_with(b"[v") {
            return None;
        }
        let name = file_name(&place.module).to_ascii_lowercase();
        if LIBRARIES
            .iter()
            .any(|library| name.starts_with(library.as_bytes()))
        {
            known.library = true;
            return None;
        }
        known.library.then(|| From::Module(place.module.to_vec()))
    }

    /// A process has ended, or runs another program.
    pub(super) fn gone(&mut self, process: Tid) {
        self.0.remove(&process);
    }
}
