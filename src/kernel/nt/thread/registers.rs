//! What are a thread's registers, and what shall they be?

use std::cell::RefCell;
use std::rc::Rc;

use emu_cpu::{AddressSpace, GuestMemory, x86_64};
use emu_profiles::Symbol;
use emu_prototypes::Stop;
use emu_prototypes::nt::NtStatus;

use crate::kernel::nt::handles::Object;
use crate::kernel::nt::{Outcome, context, watched};
use crate::kernel::{Cx, Kernel};

/// `THREAD_GET_CONTEXT` and `THREAD_SET_CONTEXT`.   [winnt.h]
pub(in crate::kernel::nt) const GET: u32 = 8;
pub(in crate::kernel::nt) const SET: u32 = 0x10;

/// Serves `NtGetContextThread`.
pub(in crate::kernel::nt) fn get(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    handle: u64,
    at: u64,
) -> Outcome {
    with(kernel, cx, handle, GET, |cx| {
        let word = cx.word();
        Ok(context::fetch(cx.cpu, cx.mem, word, at)?)
    })
}

/// Serves `NtSetContextThread`. A thread that sets its own goes on there, if that says where.
pub(in crate::kernel::nt) fn set(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    handle: u64,
    at: u64,
) -> Outcome {
    let own = matches!(kernel.nt_object(cx, handle)?, Object::Thread(thread) if thread.tid == cx.task.tid);
    let word = cx.word();
    with(kernel, cx, handle, SET, |cx| {
        Ok(context::load(cx.cpu, cx.mem, word, at)?)
    })?;
    if !own || !context::goes_elsewhere(cx.mem, word, at)? {
        return Ok(0);
    }
    Err(Stop::Resumed)
}

/// Does something while the CPU has the registers of a thread, of any process.
pub(in crate::kernel::nt) fn with(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    handle: u64,
    access: u32,
    act: impl FnOnce(&mut Cx<'_>) -> Result<(), NtStatus>,
) -> Outcome {
    let Object::Thread(thread) = kernel.nt_object_for(cx, handle, access)? else {
        return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
    };
    if thread.tid == cx.task.tid {
        act(cx)?;
        return Ok(0);
    }
    if thread.ended.get().is_some() {
        return Err(NtStatus::UNSUCCESSFUL.into());
    }
    let Some(task) = kernel.tasks.get_mut(thread.tid) else {
        return Err(Stop::Missing);
    };
    let (space, loader) = (task.space.clone(), task.symbol(Symbol::LoaderStart));
    let Some(registers) = &mut task.registers else {
        return Err(Stop::Missing);
    };
    let mut own = cx.cpu.context();
    cx.cpu.save(own.as_mut());
    cx.cpu.restore(registers.as_ref());
    let done = match Some(cx.cpu.pc()) == loader {
        true => {
            let done = before_start(cx, &space, act);
            // What is watched is the kernel's to know, and holds at once.
            let word = cx.word();
            let watched = watched::told(cx.cpu, word);
            cx.cpu.restore(registers.as_ref());
            watched::set(cx.cpu, word, watched);
            cx.cpu.save(registers.as_mut());
            done
        }
        false => {
            let done = act(cx);
            cx.cpu.save(registers.as_mut());
            done
        }
    };
    cx.cpu.restore(own.as_ref());
    done?;
    Ok(0)
}

/// The registers of a thread that has yet to begin in its `ntdll.dll` are those in the `CONTEXT` with which it goes on
/// afterwards: who makes a process to change it before it runs sees and sets those.
/// [Windows Internals, Flow of CreateProcess: LdrInitializeThunk is an APC of the thread that starts in RtlUserThreadStart]
fn before_start(
    cx: &mut Cx<'_>,
    space: &Rc<RefCell<AddressSpace>>,
    act: impl FnOnce(&mut Cx<'_>) -> Result<(), NtStatus>,
) -> Result<(), NtStatus> {
    let word = cx.word();
    let own = Rc::ptr_eq(space, &cx.task.space);
    let mut other = (!own).then(|| space.borrow_mut());
    let memory = other.as_deref_mut().unwrap_or(&mut *cx.mem);
    let at = match word {
        4 => memory.read_u32(cx.cpu.sp().wrapping_add(4))?.into(),
        _ => cx.cpu.reg(x86_64::RCX),
    };
    context::load(cx.cpu, memory, word, at)?;
    act(cx)?;
    let memory = other.as_deref_mut().unwrap_or(&mut *cx.mem);
    Ok(context::store(cx.cpu, memory, word, at)?)
}
