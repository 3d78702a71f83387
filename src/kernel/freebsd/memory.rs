//! Memory.

use emu_prototypes::Stop;
use emu_prototypes::freebsd::{self, X64};
use emu_prototypes::linux::{self, Errno, Outcome};

use super::{Cx, Kernel, instead, translated};

/// [FreeBSD mmap(2)]
pub(super) fn mmap(kernel: &mut Kernel, cx: &mut Cx<'_>, own: &freebsd::Mmap) -> Outcome {
    let (k, theirs) = (X64.k, linux::X64.k);
    let value = own.flags as u32 as u64;
    let page = 12;
    if value >> k.MAP_ALIGNMENT_SHIFT > page {
        return Err(Stop::Missing);
    }
    if own.len == 0 {
        return Err(Errno::EINVAL.into());
    }
    // Those that say nothing of what is mapped, and those that mean something of their own.
    let hints = k.MAP_ALIGNMENT_MASK
        | k.MAP_NOCORE
        | k.MAP_NOSYNC
        | k.MAP_HASSEMAPHORE
        | k.MAP_PREFAULT_READ;
    let special = k.MAP_ANON | k.MAP_STACK | k.MAP_GUARD | k.MAP_EXCL;
    let pairs = [
        (k.MAP_SHARED, theirs.MAP_SHARED),
        (k.MAP_PRIVATE, theirs.MAP_PRIVATE),
        (k.MAP_FIXED, theirs.MAP_FIXED),
        (k.MAP_32BIT, theirs.MAP_32BIT),
    ];
    let mut wanted = translated(&pairs, value & !(hints | special))?;
    let (mut prot, mut fd) = (own.prot as u32 as u64, own.fd);
    if value & (k.MAP_ANON | k.MAP_STACK) != 0 {
        wanted |= theirs.MAP_ANONYMOUS;
    }
    if value & k.MAP_GUARD != 0 {
        // Nothing may be there, and nothing is.
        wanted |= theirs.MAP_ANONYMOUS | theirs.MAP_NORESERVE;
        (prot, fd) = (0, -1);
    }
    if wanted & (theirs.MAP_SHARED | theirs.MAP_PRIVATE) == 0 {
        wanted |= theirs.MAP_PRIVATE;
    }
    if value & k.MAP_EXCL != 0 {
        if wanted & theirs.MAP_FIXED == 0 {
            return Err(Errno::EINVAL.into());
        }
        wanted |= theirs.MAP_FIXED_NOREPLACE;
    }
    let call = linux::Mmap {
        addr: own.addr.address,
        len: own.len,
        prot,
        flags: wanted,
        fd: fd as u64,
        off: own.pos as u64,
    };
    match instead(kernel, cx, &call) {
        // [FreeBSD mmap(2), ERRORS: MAP_EXCL]
        Err(Stop::Fail(Errno::EEXIST)) => Err(Errno::EINVAL.into()),
        outcome => outcome,
    }
}

/// Advice. `MADV_DONTNEED` loses nothing here, other than Linux's.   [FreeBSD madvise(2)]
pub(super) fn madvise(kernel: &mut Kernel, cx: &mut Cx<'_>, own: &freebsd::Madvise) -> Outcome {
    let (k, theirs) = (X64.k, linux::X64.k);
    let advice = match own.behav as u64 {
        advice if advice == k.MADV_DONTNEED => theirs.MADV_NORMAL,
        advice if advice == k.MADV_FREE => theirs.MADV_FREE,
        advice if advice <= k.MADV_WILLNEED => advice,
        _ => return Err(Stop::Missing),
    };
    let call = linux::Madvise {
        start: own.addr.address,
        len_in: own.len,
        behavior: advice as i32,
    };
    instead(kernel, cx, &call)
}

/// Neither flag means that it waits.   [FreeBSD sys/sys/mman.h: MS_SYNC is 0]
pub(super) fn msync(kernel: &mut Kernel, cx: &mut Cx<'_>, own: &freebsd::Msync) -> Outcome {
    let (k, theirs) = (X64.k, linux::X64.k);
    let value = own.flags as u32 as u64;
    let mut wanted = if value & k.MS_ASYNC != 0 {
        theirs.MS_ASYNC
    } else {
        theirs.MS_SYNC
    };
    if value & k.MS_INVALIDATE != 0 {
        wanted |= theirs.MS_INVALIDATE;
    }
    let call = linux::Msync {
        start: own.addr.address,
        len: own.len,
        flags: wanted as i32,
    };
    instead(kernel, cx, &call)
}

/// It succeeds or fails, where Linux tells where the end is.   [FreeBSD sys/vm/vm_unix.c, kern_break]
pub(super) fn set_break(kernel: &mut Kernel, cx: &mut Cx<'_>, own: &freebsd::Break) -> Outcome {
    let wanted = own.nsize.address;
    let end = instead(kernel, cx, &linux::Brk { brk: wanted })?;
    if end == wanted {
        Ok(0)
    } else {
        Err(Errno::ENOMEM.into())
    }
}
