//! Who runs when: scheduling policies, priorities and affinity. There is one CPU.

use std::cell::RefCell;
use std::rc::Rc;

use emu_cpu::{Endian, GuestMemory};
use emu_prototypes::linux::{self, Errno, Outcome};

use super::{Process, groups};
use crate::kernel::layout::Image;
use crate::kernel::task::Tid;
use crate::kernel::{Cx, Kernel};

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

/// The process that a number names: 0 is the one that asks, and a thread stands for its process.
pub(in crate::kernel::linux) fn find(
    kernel: &Kernel,
    cx: &Cx<'_>,
    pid: Tid,
) -> Result<Rc<RefCell<Process>>, Errno> {
    match pid {
        pid if pid < 0 => Err(Errno::EINVAL),
        pid => groups::find(kernel, cx, pid),
    }
}

/// Whether a task may change how another is run: its own user's, and with the right all.
/// [Linux kernel/sched/core.c, check_same_owner]
fn may_change(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    process: &Rc<RefCell<Process>>,
) -> Result<(), Errno> {
    let own = cx.task.linux.credentials.euid;
    if Rc::ptr_eq(process, &cx.task.linux.process) || cx.capable(cx.k.CAP_SYS_NICE) {
        return Ok(());
    }
    match kernel.credentials_of(cx, process) {
        Some(other) if own != other.euid && own != other.uid => Err(Errno::EPERM),
        _ => Ok(()),
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

pub(super) fn set(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    pid: Tid,
    policy: Option<i32>,
    param: u64,
) -> Outcome {
    if pid < 0 || param == 0 {
        return Err(Errno::EINVAL.into());
    }
    let at = cx.layouts.sched_param;
    let priority = cx.load(param, at.size)?.get(at.sched_priority) as u32;
    let process = find(kernel, cx, pid)?;
    let policy = match policy {
        Some(policy) => policy as u32 as u64 & !cx.k.SCHED_RESET_ON_FORK,
        None => u64::from(process.borrow().scheduler.0),
    };
    let (low, high) = priorities(cx, policy).ok_or(Errno::EINVAL)?;
    if !(low..=high).contains(&priority) {
        return Err(Errno::EINVAL.into());
    }
    if high > 0 && !cx.capable(cx.k.CAP_SYS_NICE) {
        return Err(Errno::EPERM.into());
    }
    may_change(kernel, cx, &process)?;
    process.borrow_mut().scheduler = (policy as u32, priority);
    Ok(0)
}

/// [sched_setattr(2); Linux kernel/sched/core.c, sched_copy_attr, __sched_setscheduler]
pub(super) fn set_attributes(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &linux::SchedSetattr,
) -> Outcome {
    let (k, at) = (cx.k, cx.layouts.sched_attr);
    if call.uattr.address == 0 || call.pid < 0 || call.flags != 0 {
        return Err(Errno::EINVAL.into());
    }
    let least = k.SCHED_ATTR_SIZE_VER0 as u32;
    let mut size = cx.mem.read_u32(call.uattr.address)?;
    if size == 0 {
        size = least;
    }
    let known = size <= at.size || {
        let rest = size.min(4096) - at.size;
        let rest = cx.load(call.uattr.address.wrapping_add(at.size.into()), rest)?;
        rest.bytes().iter().all(|byte| *byte == 0)
    };
    if size < least || size > 4096 || !known {
        // The caller may know what is known here.
        cx.mem.write_u32(call.uattr.address, at.size)?;
        return Err(Errno::E2BIG.into());
    }
    let mut image = cx
        .load(call.uattr.address, size.min(at.size))?
        .bytes()
        .to_vec();
    image.resize(at.size as usize, 0);
    let image = Image::from_bytes(image, cx.mem.endian());
    let policy = image.get(at.sched_policy);
    let priority = image.get(at.sched_priority) as u32;
    let nice = image.get_signed(at.sched_nice).clamp(-20, 19) as i8;
    let process = find(kernel, cx, call.pid)?;
    if policy == k.SCHED_DEADLINE {
        return Err(Errno::EPERM.into());
    }
    let (low, high) = priorities(cx, policy).ok_or(Errno::EINVAL)?;
    if !(low..=high).contains(&priority) {
        return Err(Errno::EINVAL.into());
    }
    let better = high == 0 && nice < process.borrow().nice;
    if (high > 0 || better) && !cx.capable(k.CAP_SYS_NICE) {
        return Err(Errno::EPERM.into());
    }
    may_change(kernel, cx, &process)?;
    let mut process = process.borrow_mut();
    process.scheduler = (policy as u32, priority);
    if high == 0 {
        process.nice = nice;
    }
    Ok(0)
}

/// A number below 0 is that of nobody, and not refused as such.   [Linux kernel/sched/core.c, sched_getaffinity]
pub(super) fn affinity(kernel: &Kernel, cx: &mut Cx<'_>, pid: Tid, len: u32, mask: u64) -> Outcome {
    let word = cx.word();
    if !u64::from(len).is_multiple_of(word) || len == 0 {
        return Err(Errno::EINVAL.into());
    }
    groups::find(kernel, cx, pid)?;
    cx.write_word(mask, 1)?;
    Ok(word)
}

pub(super) fn set_affinity(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    pid: Tid,
    len: u32,
    mask: u64,
) -> Outcome {
    let process = groups::find(kernel, cx, pid)?;
    may_change(kernel, cx, &process)?;
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

/// `getpriority` answers 1 to 40, so that no priority looks like an error; of several it tells the best.
pub(super) fn priority(kernel: &mut Kernel, cx: &mut Cx<'_>, which: i32, who: i32) -> Outcome {
    let all = named(kernel, cx, which, who)?;
    let values = all
        .iter()
        .map(|process| 20 - i64::from(process.borrow().nice));
    Ok(values.max().ok_or(Errno::ESRCH)? as u64)
}

/// [Linux kernel/sys.c, set_one_prio]
pub(super) fn set_priority(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    which: i32,
    who: i32,
    nice: i32,
) -> Outcome {
    let nice = nice.clamp(-20, 19) as i8;
    let mut result = Err(Errno::ESRCH);
    for process in named(kernel, cx, which, who)? {
        let before = process.borrow().nice;
        result = match may_change(kernel, cx, &process) {
            Err(errno) => Err(errno),
            Ok(()) if nice < before && !cx.capable(cx.k.CAP_SYS_NICE) => Err(Errno::EACCES),
            Ok(()) => {
                process.borrow_mut().nice = nice;
                // One that can't be changed is told, whatever came of the others.
                match result {
                    Err(Errno::ESRCH) => Ok(0),
                    result => result,
                }
            }
        };
    }
    Ok(result?)
}

pub(super) fn nice(cx: &mut Cx<'_>, increment: i32) -> Outcome {
    let nice = (i32::from(cx.process().nice) + increment.clamp(-40, 40)).clamp(-20, 19) as i8;
    if increment < 0 && !cx.capable(cx.k.CAP_SYS_NICE) {
        return Err(Errno::EPERM.into());
    }
    cx.process().nice = nice;
    Ok(0)
}

/// The processes of a number, group or user. A thread stands for its process.
pub(super) fn named(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    which: i32,
    who: i32,
) -> Result<Vec<Rc<RefCell<Process>>>, Errno> {
    let (k, which) = (cx.k, which as u32 as u64);
    if which == k.PRIO_PROCESS {
        return match who {
            who if who < 0 => Err(Errno::ESRCH),
            who => Ok(vec![groups::find(kernel, cx, who)?]),
        };
    }
    if which == k.PRIO_PGRP {
        let group = match who {
            0 => cx.process().group,
            who => who,
        };
        return Ok(kernel.linux.processes.group(group).cloned().collect());
    }
    if which != k.PRIO_USER {
        return Err(Errno::EINVAL);
    }
    let user = match who {
        0 => cx.task.linux.credentials.uid,
        who => who as u32,
    };
    let all: Vec<_> = kernel.linux.processes.iter().cloned().collect();
    let mut found = Vec::new();
    for process in all {
        if kernel
            .credentials_of(cx, &process)
            .is_some_and(|who| who.uid == user)
        {
            found.push(process);
        }
    }
    Ok(found)
}
