//! Where are the Debian roots that `guest-images/roots` fetches?

use std::path::PathBuf;

use crate::bounded::{complete, here};

/// A root, when it holds `program`.
pub(crate) fn root(arch: &str, program: &str) -> Option<PathBuf> {
    let roots = std::env::var_os("EMU_ROOTS").map_or_else(|| here("target/roots"), PathBuf::from);
    let root = roots.join(arch);
    if root.join(program).symlink_metadata().is_ok() {
        return Some(root);
    }
    // What make test fetches; the others are there on request. Who asks for those of the long suite has made it.
    let long = arch.starts_with("servers-") || arch.starts_with("musl-");
    let fetched =
        long || program.ends_with("busybox") || ["armhf", "mipsel", "i386"].contains(&arch);
    assert!(
        !(complete() && fetched),
        "{} has no {program}: guest-images/roots",
        root.display()
    );
    println!(
        "left out: {} has no {program}; guest-images/roots fetches it",
        root.display()
    );
    None
}
