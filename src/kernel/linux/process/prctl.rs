//! What a process can set about itself: `prctl`, `arch_prctl`.

use std::rc::Rc;

use emu_cpu::memory::Label;
use emu_cpu::{GuestMemory, x86_64};
use emu_prototypes::DataModel;
use emu_prototypes::linux::{self, Errno, Outcome};

use super::LAST_CAPABILITY;
use crate::kernel::Cx;
use crate::kernel::linux::seccomp;
use crate::kernel::linux::start::TIMER_SLACK;

/// The longest name of an anonymous mapping, with its end.   [Linux kernel/sys.c, ANON_VMA_NAME_MAX_LEN]
const MAPPING_NAME: usize = 80;

/// [Linux kernel/sys.c, prctl; security/commoncap.c, cap_task_prctl]
pub(super) fn prctl(cx: &mut Cx<'_>, call: &linux::Prctl) -> Outcome {
    let k = cx.k;
    let option = call.option as u32 as u64;
    let (arg2, arg3, arg4, arg5) = (call.arg2, call.arg3, call.arg4, call.arg5);
    let rest = arg3 | arg4 | arg5;
    let only = |all: u64| if all == 0 { Ok(()) } else { Err(Errno::EINVAL) };

    if option == k.PR_SET_NAME {
        let mut name = cx.mem.read_cstr(arg2, 16)?;
        name.truncate(15);
        cx.task.linux.name = name;
    } else if option == k.PR_GET_NAME {
        let mut name = [0; 16];
        let own = &cx.task.linux.name;
        name[..own.len().min(15)].copy_from_slice(&own[..own.len().min(15)]);
        cx.mem.write(arg2, &name)?;
    } else if option == k.PR_SET_PDEATHSIG {
        if arg2 > k._NSIG {
            return Err(Errno::EINVAL.into());
        }
        cx.task.linux.parent_death_signal = arg2 as u32;
    } else if option == k.PR_GET_PDEATHSIG {
        cx.mem.write_u32(arg2, cx.task.linux.parent_death_signal)?;
    } else if option == k.PR_GET_DUMPABLE {
        return Ok(u64::from(cx.process().dumpable));
    } else if option == k.PR_SET_DUMPABLE {
        if arg2 > 1 {
            return Err(Errno::EINVAL.into());
        }
        cx.process().dumpable = arg2 as u8;
    } else if option == k.PR_GET_KEEPCAPS {
        return Ok(u64::from(
            u64::from(cx.task.linux.credentials.securebits) & k.SECBIT_KEEP_CAPS != 0,
        ));
    } else if option == k.PR_SET_KEEPCAPS {
        let bits = u64::from(cx.task.linux.credentials.securebits);
        if arg2 > 1 {
            return Err(Errno::EINVAL.into());
        }
        if bits & k.SECBIT_KEEP_CAPS_LOCKED != 0 {
            return Err(Errno::EPERM.into());
        }
        let kept = if arg2 == 1 { k.SECBIT_KEEP_CAPS } else { 0 };
        cx.task.linux.credentials.securebits = (bits & !k.SECBIT_KEEP_CAPS | kept) as u32;
    } else if option == k.PR_GET_SECUREBITS {
        return Ok(u64::from(cx.task.linux.credentials.securebits));
    } else if option == k.PR_SET_SECUREBITS {
        if !cx.capable(k.CAP_SETPCAP) {
            return Err(Errno::EPERM.into());
        }
        cx.task.linux.credentials.securebits = arg2 as u32;
    } else if option == k.PR_SET_NO_NEW_PRIVS {
        only(rest)?;
        if arg2 != 1 {
            return Err(Errno::EINVAL.into());
        }
        cx.task.linux.credentials.no_new_privs = true;
    } else if option == k.PR_GET_SECCOMP {
        return Ok(cx.task.linux.seccomp.mode());
    } else if option == k.PR_SET_SECCOMP {
        if arg2 != k.SECCOMP_MODE_STRICT {
            return Err(Errno::EINVAL.into());
        }
        return seccomp::strict(cx);
    } else if option == k.PR_GET_NO_NEW_PRIVS {
        only(arg2 | rest)?;
        return Ok(u64::from(cx.task.linux.credentials.no_new_privs));
    } else if option == k.PR_CAPBSET_READ {
        if arg2 > u64::from(LAST_CAPABILITY) {
            return Err(Errno::EINVAL.into());
        }
        return Ok(cx.task.linux.credentials.bounding >> arg2 & 1);
    } else if option == k.PR_CAPBSET_DROP {
        if !cx.capable(k.CAP_SETPCAP) {
            return Err(Errno::EPERM.into());
        }
        if arg2 > u64::from(LAST_CAPABILITY) {
            return Err(Errno::EINVAL.into());
        }
        cx.task.linux.credentials.bounding &= !(1 << arg2);
    } else if option == k.PR_CAP_AMBIENT {
        return ambient(cx, arg2, arg3, arg4 | arg5);
    } else if option == k.PR_SET_TIMERSLACK {
        cx.task.linux.timer_slack = if arg2 == 0 { TIMER_SLACK } else { arg2 };
    } else if option == k.PR_GET_TIMERSLACK {
        return Ok(cx.task.linux.timer_slack);
    } else if option == k.PR_SET_CHILD_SUBREAPER {
        cx.process().subreaper = arg2 != 0;
    } else if option == k.PR_GET_CHILD_SUBREAPER {
        let subreaper = cx.process().subreaper;
        cx.mem.write_u32(arg2, u32::from(subreaper))?;
    } else if option == k.PR_GET_TID_ADDRESS {
        let address = cx.task.linux.clear_child_tid;
        cx.write_word(arg2, address)?;
    } else if option == k.PR_SET_THP_DISABLE {
        only(rest)?;
        cx.process().no_huge_pages = arg2 != 0;
    } else if option == k.PR_GET_THP_DISABLE {
        only(arg2 | rest)?;
        return Ok(u64::from(cx.process().no_huge_pages));
    } else if option == k.PR_GET_TIMING {
        return Ok(k.PR_TIMING_STATISTICAL);
    } else if option == k.PR_SET_TIMING {
        if arg2 != k.PR_TIMING_STATISTICAL {
            return Err(Errno::EINVAL.into());
        }
    } else if option == k.PR_SET_VMA {
        if arg2 != k.PR_SET_VMA_ANON_NAME {
            return Err(Errno::EINVAL.into());
        }
        return name_mapping(cx, arg3, arg4, arg5);
    } else if option == k.PR_SET_MM {
        return Err(Errno::EPERM.into());
    } else if option == k.PR_GET_TAGGED_ADDR_CTRL && k.PROT_MTE != 0 {
        only(arg2 | rest)?;
        return Ok(0);
    } else {
        return Err(Errno::EINVAL.into());
    }
    Ok(0)
}

fn ambient(cx: &mut Cx<'_>, action: u64, capability: u64, rest: u64) -> Outcome {
    let k = cx.k;
    let who = &mut cx.task.linux.credentials;
    if action == k.PR_CAP_AMBIENT_CLEAR_ALL {
        if capability | rest != 0 {
            return Err(Errno::EINVAL.into());
        }
        who.ambient = 0;
        return Ok(0);
    }
    if rest != 0 || capability > u64::from(LAST_CAPABILITY) {
        return Err(Errno::EINVAL.into());
    }
    let bit = 1 << capability;
    if action == k.PR_CAP_AMBIENT_IS_SET {
        return Ok(u64::from(who.ambient & bit != 0));
    }
    if action == k.PR_CAP_AMBIENT_RAISE {
        let barred = u64::from(who.securebits) & k.SECBIT_NO_CAP_AMBIENT_RAISE != 0;
        if who.permitted & who.inheritable & bit == 0 || barred {
            return Err(Errno::EPERM.into());
        }
        who.ambient |= bit;
    } else if action == k.PR_CAP_AMBIENT_LOWER {
        who.ambient &= !bit;
    } else {
        return Err(Errno::EINVAL.into());
    }
    Ok(0)
}

fn name_mapping(cx: &mut Cx<'_>, start: u64, len: u64, name: u64) -> Outcome {
    let label = if name == 0 {
        None
    } else {
        let name = cx.mem.read_cstr(name, MAPPING_NAME)?;
        let printable = |byte: &u8| matches!(byte, b' '..=b'~') && !b"\\`$[]".contains(byte);
        if name.len() >= MAPPING_NAME || !name.iter().all(printable) {
            return Err(Errno::EINVAL.into());
        }
        let name = [b"[anon:", &name[..], b"]"].concat();
        Some(Rc::new(Label {
            name: name.into(),
            ..Label::default()
        }))
    };
    let len = len
        .checked_next_multiple_of(emu_cpu::memory::PAGE)
        .ok_or(Errno::EINVAL)?;
    if !start.is_multiple_of(emu_cpu::memory::PAGE) {
        return Err(Errno::EINVAL.into());
    }
    if len == 0 {
        return Ok(0);
    }
    let file = cx
        .mem
        .regions_in(start, len)
        .any(|region| region.backing.object().is_some());
    if file {
        return Err(Errno::EBADF.into());
    }
    cx.mem
        .set_label(start, len, label)
        .map_err(|_| Errno::ENOMEM)?;
    Ok(0)
}

/// [Linux arch/x86/kernel/process_64.c, do_arch_prctl_64; process.c, do_arch_prctl_common]
pub(super) fn arch_prctl(cx: &mut Cx<'_>, option: i32, arg: u64) -> Outcome {
    let k = cx.k;
    let option = option as u32 as u64;
    let set_fs = option == k.ARCH_SET_FS;
    if cx.abi.model == DataModel::Lp64 {
        if set_fs || option == k.ARCH_SET_GS {
            if arg >= cx.profile.process.high {
                return Err(Errno::EPERM.into());
            }
            if set_fs {
                cx.cpu.set_tls(arg);
            } else {
                cx.cpu.set_reg(x86_64::GS_BASE, arg);
            }
            return Ok(0);
        }
        let base = if option == k.ARCH_GET_FS {
            Some(x86_64::FS_BASE)
        } else if option == k.ARCH_GET_GS {
            Some(x86_64::GS_BASE)
        } else {
            None
        };
        if let Some(base) = base {
            let value = cx.cpu.reg(base);
            cx.mem.write_u64(arg, value)?;
            return Ok(0);
        }
    }
    if option == k.ARCH_GET_CPUID {
        Ok(1)
    } else if option == k.ARCH_SET_CPUID {
        Err(Errno::ENODEV.into())
    } else {
        Err(Errno::EINVAL.into())
    }
}
