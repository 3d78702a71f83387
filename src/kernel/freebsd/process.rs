//! Processes, their signals and limits.

use emu_cpu::GuestMemory;
use emu_prototypes::freebsd::{self, X64};
use emu_prototypes::linux::{self, Errno, Outcome};
use emu_prototypes::{Ptr, Stop};

use super::{Cx, Kernel, flags, instead};
use crate::kernel::linux::system::resource as linux_resource;

/// Linux's number of a signal of FreeBSD's.
fn signal(own: u32) -> Option<u32> {
    let name = X64.signal_name(own)?;
    let mut all = 1..linux::X64.signals.len() as u32;
    all.find(|number| linux::X64.signal_name(*number) == Some(name))
}

/// FreeBSD's number of a signal of Linux's. One that it lacks is told as `SIGSYS`.
fn own_signal(linux: u32) -> u32 {
    let name = linux::X64.signal_name(linux);
    let mut all = 1..X64.signals.len() as u32;
    let own = all.find(|number| X64.signal_name(*number) == name);
    own.unwrap_or(X64.k.SIGSYS as u32)
}

pub(super) fn kill(kernel: &mut Kernel, cx: &mut Cx<'_>, own: &freebsd::Kill) -> Outcome {
    let number = match own.signum as u32 {
        0 => 0,
        number => signal(number).ok_or(Errno::EINVAL)?,
    };
    let call = linux::Kill {
        pid: own.pid,
        sig: number as i32,
    };
    instead(kernel, cx, &call)
}

/// [FreeBSD wait(2), sys/sys/wait.h: the status has the same form]
pub(super) fn wait4(kernel: &mut Kernel, cx: &mut Cx<'_>, own: &freebsd::Wait4) -> Outcome {
    let call = linux::Wait4 {
        upid: own.pid,
        stat_addr: own.status,
        options: flags("wait", "wait", own.options as u32 as u64)? as i32,
        ru: Ptr::new(own.rusage.address),
    };
    let found = instead(kernel, cx, &call)?;
    if found != 0 && own.status.address != 0 {
        let status = cx.mem.read_u32(own.status.address)?;
        let (low, high) = (status & 0x7f, status >> 8 & 0xff);
        let own_status = match low {
            0 => status,
            // Stopped. Continued is told by a signal of its own.
            0x7f if status == 0xffff => X64.k.SIGCONT as u32,
            0x7f => own_signal(high) << 8 | low,
            number => own_signal(number) | status & 0x80,
        };
        cx.mem.write_u32(own.status.address, own_status)?;
    }
    Ok(found)
}

/// The thread's pointer.   [FreeBSD sys/x86/include/sysarch.h: AMD64_GET_FSBASE, AMD64_SET_FSBASE]
pub(super) fn sysarch(kernel: &mut Kernel, cx: &mut Cx<'_>, own: &freebsd::Sysarch) -> Outcome {
    const GET_FSBASE: i32 = 128;
    const SET_FSBASE: i32 = 129;
    let k = linux::X64.k;
    let (option, address) = match own.op {
        GET_FSBASE => (k.ARCH_GET_FS, own.parms.address),
        SET_FSBASE => (k.ARCH_SET_FS, cx.mem.read_u64(own.parms.address)?),
        _ => return Err(Stop::Missing),
    };
    let call = linux::ArchPrctl {
        option: option as i32,
        arg2: address,
    };
    instead(kernel, cx, &call)
}

pub(super) fn thr_self(cx: &mut Cx<'_>, own: &freebsd::ThrSelf) -> Outcome {
    let tid = cx.task.tid as u64;
    cx.mem.write_u64(own.id.address, tid)?;
    Ok(0)
}

/// Linux's number of a resource.
fn resource(which: u32) -> Result<u32, Stop<Errno>> {
    let (k, theirs) = (X64.k, linux::X64.k);
    let pairs = [
        (k.RLIMIT_CPU, theirs.RLIMIT_CPU),
        (k.RLIMIT_FSIZE, theirs.RLIMIT_FSIZE),
        (k.RLIMIT_DATA, theirs.RLIMIT_DATA),
        (k.RLIMIT_STACK, theirs.RLIMIT_STACK),
        (k.RLIMIT_CORE, theirs.RLIMIT_CORE),
        (k.RLIMIT_RSS, theirs.RLIMIT_RSS),
        (k.RLIMIT_MEMLOCK, theirs.RLIMIT_MEMLOCK),
        (k.RLIMIT_NPROC, theirs.RLIMIT_NPROC),
        (k.RLIMIT_NOFILE, theirs.RLIMIT_NOFILE),
        (k.RLIMIT_AS, theirs.RLIMIT_AS),
    ];
    let known = pairs.iter().find(|(own, _)| *own == u64::from(which));
    let (_, theirs) = known.ok_or(Stop::Missing)?;
    Ok(*theirs as u32)
}

/// No limit.   [FreeBSD sys/sys/resource.h, RLIM_INFINITY]
const INFINITE: u64 = i64::MAX as u64;

pub(super) fn getrlimit(kernel: &mut Kernel, cx: &mut Cx<'_>, own: &freebsd::Getrlimit) -> Outcome {
    let call = linux::Getrlimit {
        resource: resource(own.which)?,
        rlim: Ptr::new(own.rlp.address),
    };
    instead(kernel, cx, &call)?;
    for at in [own.rlp.address, own.rlp.address.wrapping_add(8)] {
        let value = cx.mem.read_u64(at)?;
        cx.mem.write_u64(at, value.min(INFINITE))?;
    }
    Ok(0)
}

pub(super) fn setrlimit(cx: &mut Cx<'_>, own: &freebsd::Setrlimit) -> Outcome {
    let number = resource(own.which)?;
    let resource = linux_resource(cx.k, number).ok_or(Errno::EINVAL)?;
    let mut read = |at: u64| match cx.mem.read_u64(at) {
        Ok(value) if value >= INFINITE => Ok(u64::MAX),
        value => value,
    };
    let address = own.rlp.address;
    let limit = (read(address)?, read(address.wrapping_add(8))?);
    cx.set_limit(resource, limit)?;
    Ok(0)
}
