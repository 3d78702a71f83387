//! Clocks, and what the system tells of itself.

use emu_cpu::GuestMemory;
use emu_prototypes::freebsd::{self, X64};
use emu_prototypes::linux::{self, Errno, Outcome};
use emu_prototypes::{Args, Stop};

use super::{Cx, Kernel};

/// Linux's number of a clock.   [FreeBSD clock_gettime(2)]
fn clock_of(own: i32) -> Result<u64, Stop<Errno>> {
    let (k, theirs) = (X64.k, linux::X64.k);
    let own = own as u64;
    Ok(
        if [
            k.CLOCK_REALTIME,
            k.CLOCK_REALTIME_PRECISE,
            k.CLOCK_REALTIME_FAST,
        ]
        .contains(&own)
        {
            theirs.CLOCK_REALTIME
        } else if own == k.CLOCK_SECOND {
            theirs.CLOCK_REALTIME_COARSE
        } else if [
            k.CLOCK_MONOTONIC,
            k.CLOCK_MONOTONIC_PRECISE,
            k.CLOCK_MONOTONIC_FAST,
            k.CLOCK_UPTIME,
            k.CLOCK_UPTIME_PRECISE,
            k.CLOCK_UPTIME_FAST,
        ]
        .contains(&own)
        {
            theirs.CLOCK_MONOTONIC
        } else if own == k.CLOCK_PROCESS_CPUTIME_ID {
            theirs.CLOCK_PROCESS_CPUTIME_ID
        } else if own == k.CLOCK_THREAD_CPUTIME_ID {
            theirs.CLOCK_THREAD_CPUTIME_ID
        } else {
            return Err(Errno::EINVAL.into());
        },
    )
}

/// A call of Linux whose first argument is a clock.
pub(super) fn clock(kernel: &mut Kernel, cx: &mut Cx<'_>, call: u16, args: &Args) -> Outcome {
    let mut args = *args;
    args[0] = clock_of(args[0] as i32)?;
    kernel.serve_as_linux(cx, call, &args)
}

/// What a name of the system's tree holds.
enum Value {
    Text(&'static str),
    Int(i32),
    /// Random bytes, as many as there is room for.
    Random,
}

/// Names, their numbers and their values.   [FreeBSD sys/sys/sysctl.h, CTL_KERN, CTL_HW; sysctl(3)]
static KNOWN: &[(&str, &[i32], Value)] = &[
    ("kern.ostype", &[1, 1], Value::Text("FreeBSD")),
    ("kern.osrelease", &[1, 2], Value::Text("14.0-RELEASE")),
    (
        "kern.version",
        &[1, 4],
        Value::Text("FreeBSD 14.0-RELEASE emu\n"),
    ),
    ("kern.hostname", &[1, 10], Value::Text("emu")),
    ("kern.osreldate", &[1, 24], Value::Int(1_400_097)),
    ("kern.arandom", &[1, 37], Value::Random),
    ("hw.machine", &[6, 1], Value::Text("amd64")),
    ("hw.ncpu", &[6, 3], Value::Int(1)),
    ("hw.byteorder", &[6, 4], Value::Int(1234)),
    ("hw.pagesize", &[6, 7], Value::Int(4096)),
    ("hw.machine_arch", &[6, 11], Value::Text("amd64")),
];

pub(super) fn sysctl(kernel: &mut Kernel, cx: &mut Cx<'_>, own: &freebsd::Sysctl) -> Outcome {
    // [FreeBSD sys/sys/sysctl.h, CTL_MAXNAME]
    if !(2..=24).contains(&own.namelen) {
        return Err(Errno::EINVAL.into());
    }
    let mut name = Vec::new();
    for at in 0..u64::from(own.namelen) {
        name.push(cx.mem.read_u32(own.name.address.wrapping_add(4 * at))? as i32);
    }
    let known = KNOWN.iter().find(|(_, numbers, _)| **numbers == name[..]);
    let place = (own.old.address, own.oldlenp.address, own.new.address);
    tell(kernel, cx, known.map(|(.., value)| value), place)
}

pub(super) fn by_name(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    own: &freebsd::Sysctlbyname,
) -> Outcome {
    if own.namelen > 1024 {
        return Err(Errno::ENAMETOOLONG.into());
    }
    let mut name = vec![0; own.namelen as usize];
    cx.mem.read(own.name.address, &mut name)?;
    let known = KNOWN.iter().find(|(text, ..)| text.as_bytes() == &name[..]);
    let place = (own.old.address, own.oldlenp.address, own.new.address);
    tell(kernel, cx, known.map(|(.., value)| value), place)
}

/// Writes a value where there is room, and how long it is.   [FreeBSD sysctl(3)]
fn tell(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    value: Option<&Value>,
    (old, length, new): (u64, u64, u64),
) -> Outcome {
    let value = value.ok_or(Errno::ENOENT)?;
    if new != 0 {
        return Err(Errno::EPERM.into());
    }
    if length == 0 {
        return Ok(0);
    }
    let room = cx.mem.read_u64(length)?;
    let bytes = match value {
        Value::Text(text) => [text.as_bytes(), &[0]].concat(),
        Value::Int(number) => number.to_le_bytes().to_vec(),
        Value::Random => {
            let mut bytes = vec![0; room.min(256) as usize];
            kernel.random.fill(&mut bytes);
            bytes
        }
    };
    if old == 0 {
        cx.mem.write_u64(length, bytes.len() as u64)?;
        return Ok(0);
    }
    let fits = bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX));
    cx.mem.write(old, &bytes[..fits])?;
    cx.mem.write_u64(length, fits as u64)?;
    if fits < bytes.len() {
        Err(Errno::ENOMEM.into())
    } else {
        Ok(0)
    }
}
