//! How does a task wait for one of several words?   [Linux kernel/futex/syscalls.c, futex_waitv; Documentation/userspace-api/futex2.rst]

use emu_cpu::GuestMemory;
use emu_prototypes::Stop;
use emu_prototypes::linux::{self, Errno, Outcome};

use crate::kernel::linux::time::Form;
use crate::kernel::wait::{Interrupted, Wait};
use crate::kernel::{Cx, Kernel};

/// A word and the value at which it is waited for.
fn words(cx: &mut Cx<'_>, array: u64, count: u32) -> Result<Vec<(u64, u32)>, Stop<Errno>> {
    let (at, k) = (cx.layouts.futex_waitv, cx.k);
    // Its own flags; a 32-bit field without a name is behind them.
    let known = k.FUTEX_32 | k.FUTEX_PRIVATE_FLAG;
    let mut words = Vec::with_capacity(count as usize);
    for index in 0..count {
        let image = cx.load(
            array.wrapping_add(u64::from(index) * u64::from(at.size)),
            at.size,
        )?;
        let flags = image.get(at.flags);
        let reserved = &image.bytes()[(at.flags.offset + at.flags.size) as usize..];
        let zero = reserved.iter().all(|byte| *byte == 0);
        if flags & !known != 0 || flags & k.FUTEX_32 == 0 || !zero {
            return Err(Errno::EINVAL.into());
        }
        words.push((image.get(at.uaddr), image.get(at.val) as u32));
    }
    Ok(words)
}

pub(super) fn futex_waitv(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &linux::FutexWaitv,
) -> Outcome {
    let k = cx.k;
    let (array, count) = (call.waiters.address, call.nr_futexes);
    if call.flags != 0 || count == 0 || u64::from(count) > k.FUTEX_WAITV_MAX || array == 0 {
        return Err(Errno::EINVAL.into());
    }
    let mut deadline = None;
    if call.timeout.address != 0 {
        let clock = call.clockid as u32 as u64;
        let at = match clock {
            clock if clock == k.CLOCK_REALTIME => kernel.clock.wall(),
            clock if clock == k.CLOCK_MONOTONIC => kernel.clock.monotonic(),
            _ => return Err(Errno::EINVAL.into()),
        };
        let now = kernel.clock.now();
        deadline = Some(cx.deadline(|cx| {
            let time = cx.get_timespec(call.timeout.address, Form::Wide)?;
            Ok(now.saturating_add(time.saturating_sub(at)))
        })?);
    }
    let tid = cx.task.tid;
    let futexes = &mut kernel.linux.futexes;
    if !cx.again {
        let words = words(cx, array, count)?;
        if words.iter().any(|(word, _)| !word.is_multiple_of(4)) {
            return Err(Errno::EINVAL.into());
        }
        for (word, value) in &words {
            if cx.mem.read_u32(*word)? != *value {
                return Err(Errno::EAGAIN.into());
            }
        }
        futexes.forget(tid);
        for ((word, _), index) in words.iter().zip(0..) {
            futexes.add_one_of(cx.mem, *word, cx.task, index);
        }
    } else if let Some(index) = futexes.take_woken(tid) {
        return Ok(u64::from(index));
    }
    if deadline.is_some_and(|deadline| deadline <= kernel.clock.now()) {
        futexes.forget(tid);
        return Err(Errno::ETIMEDOUT.into());
    }
    let wait = deadline.map_or(Wait::Futex(array), Wait::Until);
    Err(cx.block_as(wait, Interrupted::Restarts))
}
