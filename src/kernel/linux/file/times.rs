//! Times that a call sets: `utime`, `utimes`, `futimesat`, `utimensat`.

use std::rc::Rc;

use emu_prototypes::linux::Errno;
use emu_prototypes::{CStr, Ptr};

use crate::kernel::vfs::{Entry, Time, Times};
use crate::kernel::{Cx, Kernel};

const NOW: Times = Times {
    accessed: Time::Now,
    modified: Time::Now,
};

/// The form of the times at a pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `struct utimbuf`: seconds.
    Seconds,
    /// Two `struct timeval`: microseconds.
    Microseconds,
    /// Two `struct timespec` with the ABI's `long`.
    Nanoseconds,
    /// Two `struct timespec` with 64-bit seconds.
    Nanoseconds64,
}

/// Reads the times; a null pointer means now.
pub(super) fn read(cx: &mut Cx<'_>, address: u64, form: Form) -> Result<Times, Errno> {
    if address == 0 {
        return Ok(NOW);
    }
    let mut pair = [(0, 0); 2];
    let (size, per_second) = match form {
        Form::Seconds => {
            let layout = &cx.layouts.utimbuf;
            let image = cx.load(address, layout.size)?;
            pair = [
                (image.get_signed(layout.actime), 0),
                (image.get_signed(layout.modtime), 0),
            ];
            (0, 1)
        }
        Form::Microseconds => (cx.layouts.timeval.size, 1_000_000),
        Form::Nanoseconds => (cx.layouts.timespec.size, 1_000_000_000),
        Form::Nanoseconds64 => (cx.layouts.timespec64.size, 1_000_000_000),
    };
    if form != Form::Seconds {
        for (index, value) in pair.iter_mut().enumerate() {
            let at = address.wrapping_add(u64::from(size) * index as u64);
            let image = cx.load(at, size)?;
            let layouts = cx.layouts;
            *value = match form {
                Form::Microseconds => (
                    image.get_signed(layouts.timeval.tv_sec),
                    image.get_signed(layouts.timeval.tv_usec),
                ),
                Form::Nanoseconds => (
                    image.get_signed(layouts.timespec.tv_sec),
                    image.get_signed(layouts.timespec.tv_nsec),
                ),
                // Where `long` has 32 bits the upper half of the nanoseconds is padding.
                _ if cx.word() == 4 => (
                    image.get_signed(layouts.timespec64.tv_sec),
                    image.get_signed(layouts.timespec64.tv_nsec) as i32 as i64,
                ),
                _ => (
                    image.get_signed(layouts.timespec64.tv_sec),
                    image.get_signed(layouts.timespec64.tv_nsec),
                ),
            };
        }
    }
    let special = matches!(form, Form::Nanoseconds | Form::Nanoseconds64);
    let k = cx.k;
    let time = |(seconds, fraction): (i64, i64)| {
        if special && fraction.cast_unsigned() == k.UTIME_NOW {
            return Ok(Time::Now);
        }
        if special && fraction.cast_unsigned() == k.UTIME_OMIT {
            return Ok(Time::Keep);
        }
        if !(0..per_second).contains(&fraction) {
            return Err(Errno::EINVAL);
        }
        let fraction = fraction * (1_000_000_000 / per_second);
        Ok(Time::At(
            seconds
                .saturating_mul(1_000_000_000)
                .saturating_add(fraction),
        ))
    };
    Ok(Times {
        accessed: time(pair[0])?,
        modified: time(pair[1])?,
    })
}

/// Sets the times of what a path names; a null path means the descriptor itself.
pub(super) fn set(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    (dfd, path): (i32, Ptr<CStr>),
    times: Times,
    flags: u64,
) -> Result<u64, Errno> {
    let k = cx.k;
    if flags & !(k.AT_SYMLINK_NOFOLLOW | k.AT_EMPTY_PATH) != 0 {
        return Err(Errno::EINVAL);
    }
    let entry: Rc<Entry> = if path.is_null() {
        if cx.is_cwd(dfd) {
            return Err(Errno::EFAULT);
        }
        if flags != 0 {
            return Err(Errno::EINVAL);
        }
        cx.file(dfd)?.entry.clone()
    } else {
        cx.find(kernel, dfd, path, flags)?
    };
    kernel.walk(cx, |walker| walker.set_times(&entry, times))?;
    Ok(0)
}
