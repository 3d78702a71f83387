//! FreeBSD's calls.

use emu_prototypes::{Args, Stop, linux};

use super::{Cx, Kernel};

/// Serves a call of FreeBSD.
pub(super) fn serve(_: &mut Kernel, _: &mut Cx<'_>, _: &Args) -> linux::Outcome {
    Err(Stop::Missing)
}
