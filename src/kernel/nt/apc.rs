//! Functions that a thread calls as soon as it waits for that: asynchronous procedure calls.
//! [Windows Internals, Asynchronous procedure calls; KiUserApcDispatcher]

use std::rc::{Rc, Weak};

use emu_cpu::memory::PAGE;
use emu_cpu::{Arch, x86, x86_64};
use emu_profiles::{Profile, Symbol};
use emu_prototypes::nt::NtStatus;

use super::handles::Object;
use super::memory::page;
use super::reserve::Use;
use super::thread::Thread;
use super::timer::Timer;
use super::{Outcome, context, exception};
use crate::kernel::{Cx, Kernel};

/// Calls that a thread has before it at most.
const MAX_CALLS: usize = 1 << 12;
/// Access to a thread that it takes.   [winnt.h, THREAD_SET_CONTEXT, THREAD_SUSPEND_RESUME]
const SET_CONTEXT: u32 = 0x10;

/// A call that a thread has before it.
#[derive(Debug)]
pub(super) struct Apc {
    pub(super) function: u64,
    pub(super) arguments: [u64; 3],
    /// The timer that it is of.
    pub(super) timer: Weak<Timer>,
    /// What it uses until it is made.
    #[expect(dead_code, reason = "it is its end that counts")]
    pub(super) used: Option<Use>,
}

/// Serves `NtQueueApcThread`.
pub(super) fn queue(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    handle: u64,
    function: u64,
    arguments: [u64; 3],
    used: Option<Use>,
) -> Outcome {
    let Object::Thread(thread) = kernel.nt_object_for(cx, handle, SET_CONTEXT)? else {
        return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
    };
    if thread.ended.get().is_some() {
        return Err(NtStatus::UNSUCCESSFUL.into());
    }
    leave_with(&thread, function, arguments, used)?;
    kernel.nt_wake(&thread);
    Ok(0)
}

/// Leaves a call to a thread.
pub(super) fn leave(thread: &Thread, function: u64, arguments: [u64; 3]) -> Result<(), NtStatus> {
    leave_with(thread, function, arguments, None)
}

fn leave_with(
    thread: &Thread,
    function: u64,
    arguments: [u64; 3],
    used: Option<Use>,
) -> Result<(), NtStatus> {
    let mut calls = thread.calls.borrow_mut();
    if calls.len() >= MAX_CALLS {
        return Err(NtStatus::NO_MEMORY);
    }
    calls.push_back(Apc {
        function,
        arguments,
        timer: Weak::new(),
        used,
    });
    Ok(())
}

/// A timer's call. One that waits for the thread already is not made twice.
pub(super) fn queue_of_timer(kernel: &mut Kernel, thread: &Thread, call: Apc) {
    let there = |other: &Apc| other.timer.ptr_eq(&call.timer);
    if thread.ended.get().is_some() || thread.calls.borrow().iter().any(there) {
        return;
    }
    if thread.calls.borrow().len() < MAX_CALLS {
        thread.calls.borrow_mut().push_back(call);
        kernel.nt_wake(thread);
    }
}

/// A timer's call will not be made.
pub(super) fn forget(kernel: &mut Kernel, timer: &Rc<Timer>) {
    for thread in kernel.nt.threads.values() {
        let mut calls = thread.calls.borrow_mut();
        calls.retain(|call| !std::ptr::eq(call.timer.as_ptr(), Rc::as_ptr(timer)));
    }
}

/// What ends an alertable wait of the thread that asks, if anything: an alert, or a call that it makes now.
pub(super) fn interrupts(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    thread: &Thread,
) -> Result<Option<u64>, NtStatus> {
    if thread.alerted.take() {
        return Ok(Some(NtStatus::ALERTED.0.into()));
    }
    let status = u64::from(NtStatus::USER_APC.0);
    let made = make(kernel, cx, thread, Some(status))?;
    Ok(made.then_some(status))
}

/// Serves `NtTestAlert`.
pub(super) fn test(kernel: &mut Kernel, cx: &mut Cx<'_>) -> Outcome {
    let thread = kernel.nt_thread(cx, cx.task.tid);
    if thread.alerted.take() {
        return Ok(NtStatus::ALERTED.0.into());
    }
    make(kernel, cx, &thread, Some(0))?;
    Ok(0)
}

/// The thread that asks makes its next call, if it has one: it goes on in its dispatcher, which then goes on with the
/// registers as they are now, by `NtContinue`. `status` is what a call of the kernel returns then.
pub(super) fn make(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    thread: &Thread,
    status: Option<u64>,
) -> Result<bool, NtStatus> {
    let Some(call) = thread.calls.borrow_mut().pop_front() else {
        return Ok(false);
    };
    let dispatcher = match cx.task.symbol(Symbol::ApcDispatcher) {
        Some(dispatcher) => dispatcher,
        None => own_dispatcher(kernel, cx)?,
    };
    let word = cx.word();
    let [a, b, c] = call.arguments;
    // Wine's of releases up to 8 gets all as a function does; its code begins so.
    let wine = match word {
        4 => [0x8d, 0x4c, 0x24, 0x04],
        _ => [0x48, 0x83, 0xc4, 0x08],
    };
    let mut code = [0; 4];
    let as_function = cx.mem.read(dispatcher, &mut code).is_ok() && code == wine;
    let room = if word == 4 { 0 } else { 0x20 };
    let at = cx.cpu.sp().wrapping_sub(context::size(word) + room) & !0xf;
    let at = if word == 4 {
        at & u64::from(u32::MAX)
    } else {
        at
    };
    if let Some(status) = status {
        let result = if word == 4 { x86::EAX } else { x86_64::RAX };
        cx.cpu.set_reg(result, status);
    }
    context::store(cx.cpu, cx.mem, word, at)?;
    let (sp, values) = match (word, as_function) {
        (4, true) => (at.wrapping_sub(0x18), vec![0, at, a, b, c, call.function]),
        (4, false) => (at.wrapping_sub(0x10), vec![call.function, a, b, c]),
        (_, true) => (at.wrapping_sub(0x38), vec![0, 0, 0, 0, 0, call.function, 0]),
        (_, false) => (at, vec![a, b, c, call.function]),
    };
    for (index, value) in values.into_iter().enumerate() {
        cx.write_word(sp.wrapping_add(index as u64 * word), value)?;
    }
    if word == 8 && as_function {
        for (reg, value) in [
            (x86_64::RCX, at),
            (x86_64::RDX, a),
            (x86_64::R8, b),
            (x86_64::R9, c),
        ] {
            cx.cpu.set_reg(reg, value);
        }
    }
    exception::begin_anew(cx.cpu);
    cx.cpu.set_sp(sp);
    cx.cpu.set_pc(dispatcher);
    Ok(true)
}

/// A dispatcher for a program without an `ntdll.dll` of its own: made when it is needed first.
fn own_dispatcher(kernel: &mut Kernel, cx: &mut Cx<'_>) -> Result<u64, NtStatus> {
    if let Some(at) = kernel.nt_process(cx).call_start {
        return Ok(at);
    }
    let code = code(cx.profile);
    let at = cx.target().allocate(PAGE, page::EXECUTE_READ, true)?;
    cx.mem.poke(at, &code)?;
    kernel.nt_process(cx).call_start = Some(at);
    Ok(at)
}

fn code(profile: &Profile) -> Vec<u8> {
    let number = profile.number("NtContinue").unwrap_or(0).to_le_bytes();
    match profile.arch {
        Arch::X86_64 => [
            // mov rcx,[rsp]; mov rdx,[rsp+8]; mov r8,[rsp+16]; call [rsp+24]
            &[0x48, 0x8b, 0x0c, 0x24, 0x48, 0x8b, 0x54, 0x24, 0x08][..],
            &[0x4c, 0x8b, 0x44, 0x24, 0x10, 0xff, 0x54, 0x24, 0x18],
            // mov r10,rsp; mov edx,1; mov eax,number; syscall
            &[0x49, 0x89, 0xe2, 0xba, 1, 0, 0, 0, 0xb8],
            &number,
            &[0x0f, 0x05],
        ]
        .concat(),
        _ => [
            // pop eax; lea edi,[esp+12]; call eax
            &[0x58, 0x8d, 0x7c, 0x24, 0x0c, 0xff, 0xd0][..],
            // push 1; push edi; mov edx,esp; mov eax,number; int 2e
            &[0x6a, 1, 0x57, 0x89, 0xe2, 0xb8],
            &number,
            &[0xcd, 0x2e],
        ]
        .concat(),
    }
}
