//! Threads: how one is made, what is known of it, and what it leaves when it ends.

pub(crate) mod begin;
pub(crate) mod teb;

use std::cell::Cell;
use std::rc::Rc;

use emu_cpu::memory::{Backing, PAGE, RegionFlags};
use emu_cpu::{Arch, GuestMemory, x86_64};
use emu_profiles::{Profile, Symbol};
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus};

use super::handles::Object;
use super::memory::{Tag, failed, page, place};
use super::{Outcome, blocks, client_id, context};
use crate::event::ExitStatus;
use crate::kernel::linux::process::add_thread;
use crate::kernel::task::Tid;
use crate::kernel::wait::WaitQueue;
use crate::kernel::{Cx, Kernel};
use teb::Teb;

/// A stack without a wish.   [Microsoft, Thread Stack Size]
const STACK: u64 = 1 << 20;
/// `CreateFlags`: the thread does not run yet.
const SUSPENDED: u32 = 1;
/// Attributes of a new thread that are looked at at most; the part of each that says which it is.
const MAX_ATTRIBUTES: u64 = 32;
const ATTRIBUTE_NUMBER: u64 = 0xffff;
/// `PsAttributeClientId` and `PsAttributeTebAddress`.
const CLIENT_ID: u64 = 3;
const TEB_ADDRESS: u64 = 4;
/// [winnt.h, MAXIMUM_SUSPEND_COUNT]
const MAX_SUSPENDED: u32 = 0x7f;
/// `THREADINFOCLASS`: `ThreadBasicInformation`, `ThreadAmILastThread`.
const BASIC: i32 = 0;
const AM_I_LAST: i32 = 12;

/// A thread, as long as somebody has a handle.
#[derive(Debug)]
pub(super) struct Thread {
    pub(super) tid: Tid,
    /// Its block.
    teb: u64,
    /// How often it has been suspended.
    suspended: Cell<u32>,
    /// Its status, when it has ended.
    pub(super) ended: Cell<Option<u32>>,
    /// Who waits for its end.
    pub(super) queue: WaitQueue,
}

/// Code that ends a process or a thread with what a function returned.   [RtlExitUserThread]
pub(crate) fn end_code(profile: &Profile, call: &str, handle: i8) -> Vec<u8> {
    let number = profile.number(call).unwrap_or(0).to_le_bytes();
    let handle = handle.cast_unsigned();
    match profile.arch {
        // mov edx,eax; mov r10,handle; mov eax,number; syscall
        Arch::X86_64 => {
            let move_handle = [0x89, 0xc2, 0x49, 0xc7, 0xc2, handle, 0xff, 0xff, 0xff, 0xb8];
            [&move_handle[..], &number, &[0x0f, 0x05]].concat()
        }
        // push eax; push handle; mov edx,esp; mov eax,number; int 2e
        _ => [
            &[0x50, 0x6a, handle, 0x89, 0xe2, 0xb8][..],
            &number,
            &[0xcd, 0x2e],
        ]
        .concat(),
    }
}

/// Where a new thread begins.
enum Begin {
    /// In a function that gets an argument, on a stack of its own.
    Function {
        start: u64,
        argument: u64,
        stack: u64,
    },
    /// As a `CONTEXT` says, on a stack that is there.
    Context { at: u64, stack: (u64, u64) },
}

/// Serves `NtCreateThreadEx`.
pub(super) fn create_ex(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtCreateThreadEx,
) -> Outcome {
    kernel.own_process(cx, call.ProcessHandle)?;
    let wish = call.MaximumStackSize.max(call.StackSize);
    let stack = if wish == 0 { STACK } else { wish };
    if stack > kernel.memory.limit() / 2 {
        return Err(NtStatus::NO_MEMORY.into());
    }
    let begin = Begin::Function {
        start: call.StartRoutine.address,
        argument: call.Argument.address,
        stack,
    };
    let thread = create(kernel, cx, begin, call.CreateFlags & SUSPENDED != 0)?;
    attributes(cx, call.AttributeList.address, &thread)?;
    kernel.nt_give(cx, call.ThreadHandle.address, Object::Thread(thread))?;
    Ok(0)
}

/// What a list of attributes asks of a new thread: its numbers, and where its block is. Others ask for nothing that there is.
/// [the headers of the crate phnt, ntpsapi.h: PS_ATTRIBUTE_LIST]
fn attributes(cx: &mut Cx<'_>, list: u64, thread: &Thread) -> Result<(), NtStatus> {
    if list == 0 {
        return Ok(());
    }
    let word = cx.word();
    let len = cx.read_word(list)?;
    let one = 4 * word;
    for index in 0..(len.saturating_sub(word) / one).min(MAX_ATTRIBUTES) {
        let at = list.wrapping_add(word + index * one);
        let what = cx.read_word(at)? & ATTRIBUTE_NUMBER;
        let value = cx.read_word(at.wrapping_add(2 * word))?;
        match what {
            CLIENT_ID => {
                let (process, own) = client_id(cx.process().pid, thread.tid);
                cx.write_word(value, process)?;
                cx.write_word(value.wrapping_add(word), own)?;
            }
            TEB_ADDRESS => cx.write_word(value, thread.teb)?,
            _ => {}
        }
    }
    Ok(())
}

/// Serves `NtCreateThread`. An `INITIAL_TEB` has a former stack's ends, then those of the new one.
pub(super) fn create_old(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtCreateThread,
) -> Outcome {
    kernel.own_process(cx, call.ProcessHandle)?;
    let word = cx.word();
    let base = cx.read_word(call.InitialTeb.address.wrapping_add(2 * word))?;
    let limit = cx.read_word(call.InitialTeb.address.wrapping_add(3 * word))?;
    let begin = Begin::Context {
        at: call.ThreadContext.address,
        stack: (limit, base),
    };
    let thread = create(kernel, cx, begin, call.CreateSuspended != 0)?;
    if call.ClientId.address != 0 {
        let (process, own) = client_id(cx.process().pid, thread.tid);
        cx.write_word(call.ClientId.address, process)?;
        cx.write_word(call.ClientId.address.wrapping_add(word), own)?;
    }
    kernel.nt_give(cx, call.ThreadHandle.address, Object::Thread(thread))?;
    Ok(0)
}

/// Maps memory of the process's own.
fn allocate(cx: &mut Cx<'_>, size: u64, protect: u32, top_down: bool) -> Result<u64, NtStatus> {
    let size = size
        .checked_next_multiple_of(PAGE)
        .ok_or(NtStatus::NO_MEMORY)?;
    let at = place(cx, size, top_down).ok_or(NtStatus::NO_MEMORY)?;
    let tag = Tag::private(at, protect);
    let (prot, label) = (tag.prot(cx.process().executes_data()), Some(tag.label(b"")));
    cx.mem
        .map_with(
            at,
            size,
            prot,
            Backing::Anonymous,
            label,
            RegionFlags::NO_RESERVE,
        )
        .map_err(failed)?;
    Ok(at)
}

/// Makes a thread of the process that asks.
fn create(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    begin: Begin,
    suspended: bool,
) -> Result<Rc<Thread>, NtStatus> {
    let word = cx.word();
    let stack = match begin {
        Begin::Function { stack, .. } => {
            let stack = stack.next_multiple_of(0x1_0000);
            let at = allocate(cx, stack, page::READWRITE, false)?;
            (at, at + stack)
        }
        Begin::Context { stack, .. } => stack,
    };
    let block = allocate(cx, teb::pages(word) * PAGE, page::READWRITE, true)?;
    // The registers of the one that asks come back after those of the new one have been made of them.
    let mut own = cx.cpu.context();
    cx.cpu.save(own.as_mut());
    let set = set_registers(kernel, cx, &begin, stack, block);
    let mut fresh = cx.cpu.context();
    cx.cpu.save(fresh.as_mut());
    cx.cpu.restore(own.as_ref());
    set?;
    let tid = add_thread(kernel, cx, fresh).map_err(|_| NtStatus::NO_MEMORY)?;
    let teb = Teb {
        at: block,
        stack,
        client: client_id(cx.process().pid, tid),
        process: blocks(word).1,
        storage: 0,
    };
    teb::fill(cx.mem, word, &teb)?;
    let thread = Rc::new(Thread {
        tid,
        teb: block,
        suspended: Cell::new(suspended.into()),
        ended: Cell::new(None),
        queue: WaitQueue::default(),
    });
    kernel.nt.threads.insert(tid, thread.clone());
    Ok(thread)
}

fn set_registers(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    begin: &Begin,
    stack: (u64, u64),
    block: u64,
) -> Result<(), NtStatus> {
    let word = cx.word();
    match *begin {
        Begin::Context { at, .. } => context::load(cx.cpu, cx.mem, word, at)?,
        Begin::Function {
            start, argument, ..
        } => {
            if let Some((sp, registers)) = in_library(cx, start, argument, stack.1)? {
                for (reg, value) in registers {
                    cx.cpu.set_reg(reg, value);
                }
                cx.cpu.set_sp(sp);
                return lead(cx, block);
            }
            let back = thread_end(kernel, cx)?;
            cx.cpu.set_pc(start);
            // Above the return address is the argument, or the home of the register that has it.
            let sp = stack.1 - if word == 4 { 0x10 } else { 0x28 };
            cx.write_word(sp, back)?;
            cx.write_word(sp + word, argument)?;
            if word == 8 {
                cx.cpu.set_reg(x86_64::RCX, argument);
            }
            cx.cpu.set_sp(sp);
        }
    }
    lead(cx, block)
}

/// Sets what leads to a thread's block.
fn lead(cx: &mut Cx<'_>, block: u64) -> Result<(), NtStatus> {
    let (registers, descriptor) = teb::registers(cx.profile.arch, block);
    if let Some((index, descriptor)) = descriptor {
        cx.cpu.set_descriptor(index, descriptor);
    }
    for (reg, value) in registers {
        cx.cpu.set_reg(reg, value);
    }
    Ok(())
}

/// Puts the program counter to where threads begin in an `ntdll.dll` of the guest's own, and gives the stack pointer and
/// other registers. `None` where the guest has none.
fn in_library(
    cx: &mut Cx<'_>,
    function: u64,
    argument: u64,
    top: u64,
) -> Result<Option<begin::Start>, NtStatus> {
    let symbol = |symbol| cx.task.symbol(symbol);
    let (Some(loader), Some(start)) = (symbol(Symbol::LoaderStart), symbol(Symbol::ThreadStart))
    else {
        return Ok(None);
    };
    let library = cx
        .mem
        .region_at(loader)
        .map_or(0, |region| Tag::of(region).base);
    let begin = begin::Begin {
        start,
        function,
        argument,
        library,
        top,
    };
    let filled = begin::fill(cx.mem, cx.profile.arch, &begin)?;
    cx.cpu.set_pc(loader);
    Ok(Some(filled))
}

/// Where functions of threads return to: made for the first thread of the process that needs it.
fn thread_end(kernel: &mut Kernel, cx: &mut Cx<'_>) -> Result<u64, NtStatus> {
    if let Some(at) = kernel.nt_process(cx).thread_end {
        return Ok(at);
    }
    let code = end_code(cx.profile, "NtTerminateThread", -2);
    let at = allocate(cx, PAGE, page::EXECUTE_READ, true)?;
    cx.mem.poke(at, &code)?;
    kernel.nt_process(cx).thread_end = Some(at);
    Ok(at)
}

/// The first thread of a new process.
pub(super) fn first(kernel: &mut Kernel, tid: Tid, teb: u64, suspended: bool) -> Rc<Thread> {
    let thread = Rc::new(Thread {
        tid,
        teb,
        suspended: Cell::new(suspended.into()),
        ended: Cell::new(None),
        queue: WaitQueue::default(),
    });
    kernel.nt.threads.insert(tid, thread.clone());
    thread
}

/// Serves `NtTerminateThread`.
pub(super) fn terminate(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtTerminateThread,
) -> Outcome {
    let last = kernel.other_threads(cx.task).is_empty();
    let status = ExitStatus::Status(call.ExitStatus.cast_unsigned());
    let tid = match call.ThreadHandle {
        0 if last => return Err(NtStatus::CANT_TERMINATE_SELF.into()),
        0 => cx.task.tid,
        handle => match kernel.nt_object(cx, handle)? {
            Object::Thread(thread) => thread.tid,
            _ => return Err(NtStatus::OBJECT_TYPE_MISMATCH.into()),
        },
    };
    if tid == cx.task.tid {
        // The status of the last one is that of the process.
        cx.fate = Some(match last {
            true => crate::kernel::Fate::ExitGroup(status),
            false => crate::kernel::Fate::Exit(status),
        });
        return Err(Stop::Never);
    }
    if let Some(task) = kernel.tasks.get_mut(tid) {
        use crate::kernel::wait::Wake;
        task.doom = Some(status);
        task.waker.wake();
    }
    Ok(0)
}

/// Serves `NtQueryInformationThread`.
pub(super) fn query(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtQueryInformationThread,
) -> Outcome {
    match call.ThreadInformationClass {
        BASIC => {}
        AM_I_LAST => {
            if call.ThreadInformationLength != 4 {
                return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
            }
            let last = kernel.other_threads(cx.task).is_empty();
            cx.mem
                .write_u32(call.ThreadInformation.address, last.into())?;
            cx.returned_length(call.ReturnLength.address, 4)?;
            return Ok(0);
        }
        _ => return Err(Stop::Missing),
    }
    let Object::Thread(thread) = kernel.nt_object(cx, call.ThreadHandle)? else {
        return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
    };
    // THREAD_BASIC_INFORMATION: five words, among them the numbers of process and thread, and two priorities.
    let word = cx.word();
    let size = 5 * word + 8;
    if u64::from(call.ThreadInformationLength) != size {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    let (process, own) = client_id(cx.process().pid, thread.tid);
    let status = thread.ended.get().unwrap_or(NtStatus::PENDING.0);
    let at = call.ThreadInformation.address;
    for (index, value) in [status.into(), thread.teb, process, own, 1]
        .into_iter()
        .enumerate()
    {
        cx.write_word(at.wrapping_add(word * index as u64), value)?;
    }
    for (index, priority) in [8, 0].into_iter().enumerate() {
        cx.mem
            .write_u32(at.wrapping_add(5 * word + 4 * index as u64), priority)?;
    }
    cx.returned_length(call.ReturnLength.address, size)?;
    Ok(0)
}

impl Kernel {
    /// A thread of Windows by its task.
    pub(super) fn nt_thread(&mut self, cx: &Cx<'_>, tid: Tid) -> Rc<Thread> {
        let teb = blocks(cx.word()).0;
        let fresh = || {
            Rc::new(Thread {
                tid,
                teb,
                suspended: Cell::new(0),
                ended: Cell::new(None),
                queue: WaitQueue::default(),
            })
        };
        self.nt.threads.entry(tid).or_insert_with(fresh).clone()
    }

    /// Whether a task must not run until it is resumed.
    pub(crate) fn is_suspended(&self, tid: Tid) -> bool {
        let thread = self.nt.threads.get(&tid);
        thread.is_some_and(|thread| thread.suspended.get() > 0)
    }

    /// Counts how often a thread is suspended, and tells how often it was. It goes on at 0.
    pub(super) fn suspend(
        &mut self,
        cx: &mut Cx<'_>,
        handle: u64,
        previous: u64,
        count: impl Fn(u32) -> u32,
    ) -> Outcome {
        let Object::Thread(thread) = self.nt_object(cx, handle)? else {
            return Err(NtStatus::OBJECT_TYPE_MISMATCH.into());
        };
        cx.returned_length(previous, thread.suspended.get().into())?;
        self.count_suspensions(cx, &thread, count)?;
        Ok(0)
    }

    /// The same of a thread, which tells nothing.
    pub(super) fn count_suspensions(
        &mut self,
        cx: &mut Cx<'_>,
        thread: &Thread,
        count: impl Fn(u32) -> u32,
    ) -> Result<(), NtStatus> {
        if thread.ended.get().is_some() {
            return Err(NtStatus::THREAD_IS_TERMINATING);
        }
        let before = thread.suspended.get();
        if count(before) > MAX_SUSPENDED {
            return Err(NtStatus::SUSPEND_COUNT_EXCEEDED);
        }
        thread.suspended.set(count(before));
        if thread.tid == cx.task.tid {
            cx.yields = true;
        } else if count(before) == 0
            && let Some(task) = self.tasks.get_mut(thread.tid)
        {
            use crate::kernel::wait::Wake;
            task.waker.wake();
        }
        Ok(())
    }

    /// A task has ended: who waits for it goes on.
    pub(crate) fn end_nt_thread(&mut self, tid: Tid, status: ExitStatus) {
        if let Some(thread) = self.nt.threads.remove(&tid) {
            let status = match status {
                ExitStatus::Status(status) => status,
                other => other.code().into(),
            };
            thread.ended.set(Some(status));
            thread.queue.wake();
        }
    }
}
