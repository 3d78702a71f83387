//! Threads: how one is made, what is known of it, and what it leaves when it ends.

pub(crate) mod begin;
pub(super) mod control;
pub(super) mod information;
pub(super) mod registers;
pub(crate) mod stack;
pub(crate) mod teb;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use emu_cpu::memory::{Backing, PAGE, RegionFlags};
use emu_cpu::{Arch, x86_64};
use emu_profiles::{Profile, Symbol};
use emu_prototypes::nt::{self, NtStatus};

use super::apc::Apc;
use super::completion::Completion;
use super::executive::system_time;
use super::handles::Object;
use super::memory::{Tag, failed, page, place};
use super::named::Wish;
use super::sync::Dispatcher;
use super::wait::Waiting;
use super::{Outcome, blocks, client_id, context};
use crate::event::ExitStatus;
use crate::kernel::linux::process::add_thread;
use crate::kernel::task::{Task, Tid};
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
/// `CreateFlags`: debuggers are not told of it.
const HIDDEN: u32 = 4;

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
    /// Its function.
    start: Cell<u64>,
    /// Memory that goes with it: addresses and sizes of stack and block.
    memory: Cell<[(u64, u64); 2]>,
    /// Whether it ends by itself. Of one that others end libraries may still look at its block.
    leaves: Cell<bool>,
    /// When it began and ended, in units of 100 ns since 1601; CPU time that it took, in calls and in user code.
    times: Cell<[u64; 4]>,
    /// What it waits for.
    pub(super) waiting: RefCell<Option<Rc<Waiting>>>,
    pub(super) port: RefCell<Option<Rc<Completion>>>,
    /// Calls that it has before it.
    pub(super) calls: RefCell<VecDeque<Apc>>,
    /// Whether its next alertable wait ends, and whether that for its number does.
    pub(super) alerted: Cell<bool>,
    pub(super) told: Cell<bool>,
    /// Mutants that it owns.
    mutants: RefCell<Vec<Weak<Dispatcher>>>,
    /// What it is called, and what else was said of it.
    said: RefCell<information::Said>,
}

impl Thread {
    fn new(tid: Tid, teb: u64, start: u64, now: u64) -> Thread {
        Thread {
            tid,
            teb,
            suspended: Cell::new(0),
            ended: Cell::new(None),
            queue: WaitQueue::default(),
            start: Cell::new(start),
            memory: Cell::default(),
            leaves: Cell::new(false),
            times: Cell::new([now, 0, 0, 0]),
            waiting: RefCell::default(),
            port: RefCell::default(),
            calls: RefCell::default(),
            alerted: Cell::new(false),
            told: Cell::new(false),
            mutants: RefCell::default(),
            said: RefCell::default(),
        }
    }

    /// It has got a mutant.
    pub(super) fn owns(&self, mutant: &Rc<Dispatcher>) {
        self.mutants.borrow_mut().push(Rc::downgrade(mutant));
    }

    /// It has given one up.
    pub(super) fn disowns(&self, mutant: &Rc<Dispatcher>) {
        let gone = Rc::as_ptr(mutant);
        self.mutants
            .borrow_mut()
            .retain(|own| !std::ptr::eq(own.as_ptr(), gone) && own.strong_count() > 0);
    }
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
    thread.said.borrow_mut().hidden = call.CreateFlags & HIDDEN != 0;
    attributes(cx, call.AttributeList.address, &thread)?;
    let wish = Wish::new(call.ThreadHandle, call.DesiredAccess, call.ObjectAttributes);
    give(kernel, cx, wish, thread)
}

/// Makes a thread of the process that asks, which begins in a function with an argument.
pub(super) fn begin_at(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    start: u64,
    argument: u64,
) -> Result<Rc<Thread>, NtStatus> {
    let begin = Begin::Function {
        start,
        argument,
        stack: STACK,
    };
    create(kernel, cx, begin, false)
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
    let wish = Wish::new(call.ThreadHandle, call.DesiredAccess, call.ObjectAttributes);
    give(kernel, cx, wish, thread)
}

/// A handle of a new thread.
fn give(kernel: &mut Kernel, cx: &mut Cx<'_>, wish: Wish, thread: Rc<Thread>) -> Outcome {
    let flags = cx
        .attributes(wish.attributes)?
        .map_or(0, |named| named.flags);
    kernel.nt_hand(cx, wish, flags, Object::Thread(thread), None)?;
    Ok(0)
}

/// Maps memory of the process's own.
pub(super) fn allocate(
    cx: &mut Cx<'_>,
    size: u64,
    protect: u32,
    top_down: bool,
) -> Result<u64, NtStatus> {
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
    if cx.task.symbol(Symbol::ExceptionDispatcher).is_some()
        && let Begin::Function { .. } = begin
    {
        let executes = cx.process().executes_data();
        stack::guard(cx.mem, teb.stack.0, executes)?;
        cx.write_word(block + 2 * word, teb.stack.0 + stack::END)?;
    }
    let start = match begin {
        Begin::Function { start, .. } => start,
        Begin::Context { .. } => 0,
    };
    let thread = Rc::new(Thread::new(tid, block, start, system_time(kernel)));
    thread.suspended.set(suspended.into());
    if let Begin::Function { .. } = begin {
        let own = (stack.0, stack.1 - stack.0);
        thread.memory.set([own, (block, teb::pages(word) * PAGE)]);
    }
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
    let now = system_time(kernel);
    let thread = Rc::new(Thread::new(tid, teb, 0, now));
    thread.suspended.set(suspended.into());
    kernel.nt.threads.insert(tid, thread.clone());
    thread
}

impl Kernel {
    /// A thread of Windows by its task.
    pub(super) fn nt_thread(&mut self, cx: &Cx<'_>, tid: Tid) -> Rc<Thread> {
        let teb = blocks(cx.word()).0;
        let now = system_time(self);
        let fresh = || Rc::new(Thread::new(tid, teb, 0, now));
        self.nt.threads.entry(tid).or_insert_with(fresh).clone()
    }

    /// Whether a task must not run until it is resumed.
    pub(crate) fn is_suspended(&self, tid: Tid) -> bool {
        let thread = self.nt.threads.get(&tid);
        thread.is_some_and(|thread| thread.suspended.get() > 0)
    }

    /// A task has ended: who waits for it goes on. Its stack goes with it, unless all memory of the process does.
    pub(crate) fn end_nt_thread(&mut self, task: &Task, status: ExitStatus) {
        if let Some(thread) = self.nt.threads.remove(&task.tid) {
            if task.linux.process.borrow().threads.len() > 1
                && let Ok(mut space) = task.space.try_borrow_mut()
            {
                let [stack, block] = thread.memory.take();
                let block = if thread.leaves.get() { block } else { (0, 0) };
                for (at, size) in [stack, block].into_iter().filter(|own| own.1 > 0) {
                    let _ = space.unmap(at, size);
                }
            }
            let status = match status {
                ExitStatus::Status(status) => status,
                other => other.code().into(),
            };
            thread.ended.set(Some(status));
            let ((user, system), [created, ..]) = (task.linux.used, thread.times.get());
            let now = system_time(self);
            thread.times.set([created, now, system / 100, user / 100]);
            if let Some(waiting) = thread.waiting.take() {
                self.nt.waiting.remove(&waiting.key());
            }
            thread.port.take();
            thread.calls.take();
            let mutants = thread.mutants.take();
            self.abandon(mutants.iter().filter_map(Weak::upgrade).collect());
            thread.queue.wake();
        }
    }
}
