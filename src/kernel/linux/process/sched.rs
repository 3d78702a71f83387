//! Who runs when: scheduling policies, priorities and affinity. There is one CPU.

use emu_cpu::{Endian, GuestMemory};
use emu_prototypes::linux::{Errno, Outcome};

use crate::kernel::Cx;
use crate::kernel::task::Tid;

/// A time slice, in nanoseconds.   [Linux kernel/sched/rt.c, RR_TIMESLICE; fair.c, get_rr_interval_fair]
pub(super) const SLICE: u64 = 100_000_000;

/// Policies and the priorities they allow.
fn priorities(cx: &Cx<'_>, policy: u64) -> Option<(u32, u32)> {
    let k = cx.k;
    if policy == k.SCHED_FIFO || policy == k.SCHED_RR {
        Some((1, 99))
    } else if [k.SCHED_NORMAL, k.SCHED_BATCH, k.SCHED_IDLE].contains(&policy) {
        Some((0, 0))
    } else {
        None
    }
}

/// Whether a process number names the task.
pub(in crate::kernel::linux) fn own(cx: &Cx<'_>, pid: Tid) -> Result<(), Errno> {
    match pid {
        0 => Ok(()),
        pid if pid < 0 => Err(Errno::EINVAL),
        pid if pid == cx.task.tid || pid == cx.process().pid => Ok(()),
        _ => Err(Errno::ESRCH),
    }
}

pub(super) fn limits(cx: &Cx<'_>, policy: i32, highest: bool) -> Outcome {
    let policy = policy as u32 as u64;
    let (low, high) = match priorities(cx, policy) {
        Some(range) => range,
        None if policy == cx.k.SCHED_DEADLINE => (0, 0),
        None => return Err(Errno::EINVAL.into()),
    };
    Ok(u64::from(if highest { high } else { low }))
}

pub(super) fn set(cx: &mut Cx<'_>, pid: Tid, policy: Option<i32>, param: u64) -> Outcome {
    if pid < 0 || param == 0 {
        return Err(Errno::EINVAL.into());
    }
    let at = cx.layouts.sched_param;
    let priority = cx.load(param, at.size)?.get(at.sched_priority) as u32;
    own(cx, pid)?;
    let policy = match policy {
        Some(policy) => policy as u32 as u64 & !cx.k.SCHED_RESET_ON_FORK,
        None => u64::from(cx.process().scheduler.0),
    };
    let (low, high) = priorities(cx, policy).ok_or(Errno::EINVAL)?;
    if !(low..=high).contains(&priority) {
        return Err(Errno::EINVAL.into());
    }
    if high > 0 && !cx.capable(cx.k.CAP_SYS_NICE) {
        return Err(Errno::EPERM.into());
    }
    cx.process().scheduler = (policy as u32, priority);
    Ok(0)
}

pub(super) fn affinity(cx: &mut Cx<'_>, pid: Tid, len: u32, mask: u64) -> Outcome {
    let word = cx.word();
    if !u64::from(len).is_multiple_of(word) || len == 0 {
        return Err(Errno::EINVAL.into());
    }
    own(cx, pid)?;
    cx.write_word(mask, 1)?;
    Ok(word)
}

pub(super) fn set_affinity(cx: &mut Cx<'_>, pid: Tid, len: u32, mask: u64) -> Outcome {
    own(cx, pid)?;
    let size = u64::from(len).min(cx.word());
    let mut bytes = [0; 8];
    cx.mem.read(mask, &mut bytes[..size as usize])?;
    let first = match cx.mem.endian() {
        Endian::Little => bytes[0],
        Endian::Big => bytes[(size as usize).saturating_sub(1)],
    };
    if first & 1 == 0 {
        return Err(Errno::EINVAL.into());
    }
    Ok(0)
}

/// `getpriority` answers 1 to 40, so that no priority looks like an error.
pub(super) fn priority(cx: &Cx<'_>, which: i32, who: i32) -> Outcome {
    named(cx, which, who)?;
    Ok((20 - i64::from(cx.process().nice)) as u64)
}

pub(super) fn set_priority(cx: &mut Cx<'_>, which: i32, who: i32, nice: i32) -> Outcome {
    named(cx, which, who)?;
    let nice = nice.clamp(-20, 19) as i8;
    if nice < cx.process().nice && !cx.capable(cx.k.CAP_SYS_NICE) {
        return Err(Errno::EACCES.into());
    }
    cx.process().nice = nice;
    Ok(0)
}

pub(super) fn nice(cx: &mut Cx<'_>, increment: i32) -> Outcome {
    let nice = (i32::from(cx.process().nice) + increment.clamp(-40, 40)).clamp(-20, 19) as i8;
    if increment < 0 && !cx.capable(cx.k.CAP_SYS_NICE) {
        return Err(Errno::EPERM.into());
    }
    cx.process().nice = nice;
    Ok(0)
}

/// Whether a process, group or user is the task's own.
fn named(cx: &Cx<'_>, which: i32, who: i32) -> Result<(), Errno> {
    let (k, which) = (cx.k, which as u32 as u64);
    let process = cx.process();
    let found = if which == k.PRIO_PROCESS {
        who == 0 || who == process.pid || who == cx.task.tid
    } else if which == k.PRIO_PGRP {
        who == 0 || who == process.group
    } else if which == k.PRIO_USER {
        who == 0 || who as u32 == cx.task.linux.credentials.uid
    } else {
        return Err(Errno::EINVAL);
    };
    if found { Ok(()) } else { Err(Errno::ESRCH) }
}
