//! How does a thread come to be, in the process that asks or in another?

use std::cell::RefCell;
use std::rc::Rc;

use emu_cpu::memory::PAGE;
use emu_cpu::{Reg, x86_64};
use emu_profiles::Symbol;
use emu_prototypes::nt::{self, NtStatus};

use super::home::Home;
use super::teb::{self, Teb};
use super::{Thread, begin, end_code, stack};
use crate::kernel::linux::process::{Process, add_thread};
use crate::kernel::nt::executive::system_time;
use crate::kernel::nt::handles::Object;
use crate::kernel::nt::memory::{Tag, Target, page};
use crate::kernel::nt::named::Wish;
use crate::kernel::nt::{Outcome, client_id, context, watched, wow64};
use crate::kernel::{Cx, Kernel};

/// A stack without a wish.   [Microsoft, Thread Stack Size]
const STACK: u64 = 1 << 20;
/// `CreateFlags`: the thread does not run yet.
const SUSPENDED: u32 = 1;
/// `CreateFlags`: debuggers are not told of it.
const HIDDEN: u32 = 4;
/// Attributes of a new thread that are looked at at most; the part of each that says which it is.
const MAX_ATTRIBUTES: u64 = 32;
const ATTRIBUTE_NUMBER: u64 = 0xffff;
/// `PsAttributeClientId` and `PsAttributeTebAddress`.
const CLIENT_ID: u64 = 3;
const TEB_ADDRESS: u64 = 4;

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

/// Where a thread runs from, its stack pointer, and other registers.
type Registers = (u64, u64, Vec<(Reg, u64)>);

/// Serves `NtCreateThreadEx`.
pub(in crate::kernel::nt) fn create_ex(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtCreateThreadEx,
) -> Outcome {
    let home = Home::of(kernel, cx, call.ProcessHandle)?;
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
    let thread = create(kernel, cx, &home, begin, call.CreateFlags)?;
    attributes(cx, call.AttributeList.address, &thread)?;
    let wish = Wish::new(call.ThreadHandle, call.DesiredAccess, call.ObjectAttributes);
    give(kernel, cx, wish, thread)
}

/// Makes a thread of a process, which begins in a function with an argument.
pub(in crate::kernel::nt) fn begin_at(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    process: Rc<RefCell<Process>>,
    start: u64,
    argument: u64,
) -> Result<Rc<Thread>, NtStatus> {
    let home = Home::within(kernel, cx, process)?;
    let begin = Begin::Function {
        start,
        argument,
        stack: STACK,
    };
    create(kernel, cx, &home, begin, 0)
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
            CLIENT_ID => numbers(cx, value, thread)?,
            TEB_ADDRESS => cx.write_word(value, thread.teb)?,
            _ => {}
        }
    }
    Ok(())
}

/// Writes a `CLIENT_ID`.
fn numbers(cx: &mut Cx<'_>, at: u64, thread: &Thread) -> Result<(), NtStatus> {
    let (process, own) = client_id(thread.pid, thread.tid);
    let word = cx.word();
    cx.write_word(at, process)?;
    Ok(cx.write_word(at.wrapping_add(word), own)?)
}

/// Serves `NtCreateThread`. An `INITIAL_TEB` has a former stack's ends, then those of the new one.
pub(in crate::kernel::nt) fn create_old(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtCreateThread,
) -> Outcome {
    let home = Home::of(kernel, cx, call.ProcessHandle)?;
    let word = cx.word();
    let base = cx.read_word(call.InitialTeb.address.wrapping_add(2 * word))?;
    let limit = cx.read_word(call.InitialTeb.address.wrapping_add(3 * word))?;
    let begin = Begin::Context {
        at: call.ThreadContext.address,
        stack: (limit, base),
    };
    let flags = u32::from(call.CreateSuspended != 0);
    let thread = create(kernel, cx, &home, begin, flags)?;
    if call.ClientId.address != 0 {
        numbers(cx, call.ClientId.address, &thread)?;
    }
    let wish = Wish::new(call.ThreadHandle, call.DesiredAccess, call.ObjectAttributes);
    give(kernel, cx, wish, thread)
}

/// A handle of a new thread.
fn give(kernel: &mut Kernel, cx: &mut Cx<'_>, wish: Wish, thread: Rc<Thread>) -> Outcome {
    let flags = cx
        .attributes(wish.attributes)?
        .map_or(0, |named| named.flags);
    let object = Object::Thread(thread);
    kernel.secure_new(cx, wish.attributes, &object)?;
    kernel.nt_hand(cx, wish, flags, object, None)?;
    Ok(0)
}

fn create(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    home: &Home,
    begin: Begin,
    flags: u32,
) -> Result<Rc<Thread>, NtStatus> {
    let word = cx.word();
    let run = match begin {
        Begin::Function {
            start, argument, ..
        } => Some((start, argument)),
        Begin::Context { .. } => None,
    };
    // A 32-bit program on a 64-bit system has its own stack beside that of 64-bit code.
    let narrow = run.and_then(|_| home.symbol(Symbol::NarrowThreadStart));
    let (stack, wide, block) = kernel.in_memory(cx, &home.process, |target| {
        let high = match narrow {
            Some(_) => wow64::HIGH,
            None => u64::MAX,
        };
        let mut allocate = |size: u64, top_down: bool| {
            let at = target.allocate_below(size, page::READWRITE, top_down, high)?;
            Ok::<_, NtStatus>((at, at + size))
        };
        let stack = match begin {
            Begin::Function { stack, .. } => allocate(stack.next_multiple_of(0x1_0000), false)?,
            Begin::Context { stack, .. } => stack,
        };
        let wide = match narrow {
            Some(_) => allocate(wow64::WIDE_STACK, false)?,
            None => (0, 0),
        };
        let (block, _) = allocate(teb::pages(word) * PAGE, true)?;
        Ok((stack, wide, block))
    })?;
    let top = match narrow {
        Some(_) => wow64::area(wide.1),
        None => stack.1,
    };
    let registers = run.map(|run| function(kernel, cx, home, run, top));
    let registers = registers.transpose()?;
    let loader = match run {
        Some(_) => None,
        None => home.symbol(Symbol::LoaderStart),
    };
    // The registers of the one that asks come back after those of the new one have been made of them.
    let mut own = cx.cpu.context();
    cx.cpu.save(own.as_mut());
    let leads = match narrow {
        Some(_) => wow64::registers(block),
        None => teb::registers(cx.profile.arch, block),
    };
    let set = set_registers(cx, &begin, registers, leads);
    let set = set.and_then(|()| match loader {
        Some(loader) => enter_loader(kernel, cx, home, loader),
        None => Ok(()),
    });
    let mut fresh = cx.cpu.context();
    cx.cpu.save(fresh.as_mut());
    cx.cpu.restore(own.as_ref());
    set?;
    let first = kernel.is_unstarted(home.pid);
    let tid = match first {
        true => kernel.start(home.pid, fresh),
        false => add_thread(kernel, cx, home.sibling, fresh).ok(),
    };
    let tid = tid.ok_or(NtStatus::NO_MEMORY)?;
    let (peb, _) = kernel.blocks_of(cx, &home.process);
    let client = client_id(home.pid, tid);
    let (function, argument) = run.unwrap_or_default();
    let teb = Teb {
        at: block,
        stack,
        client,
        process: peb,
        storage: 0,
    };
    let guards = run.is_some() && home.symbol(Symbol::ExceptionDispatcher).is_some();
    kernel.in_memory(cx, &home.process, |target| {
        let limit = teb.stack.0 + stack::END;
        match narrow {
            Some(start) => wow64::begin(
                target.space,
                &wow64::Begin {
                    teb: block,
                    peb,
                    client,
                    wide_stack: wide,
                    stack,
                    start,
                    function,
                    argument,
                },
            )?,
            None => teb::fill(target.space, word, &teb)?,
        }
        if guards {
            stack::guard(target.space, teb.stack.0, target.executes)?;
            match narrow {
                Some(_) => wow64::set_stack_limit(target.space, block, limit)?,
                None => target.write_word(block + 2 * word, limit)?,
            }
        }
        Ok(())
    })?;
    let now = system_time(kernel);
    let thread = Rc::new(Thread::new((home.pid, tid), block, function, now));
    thread.suspended.set((flags & SUSPENDED != 0).into());
    thread.said.borrow_mut().hidden = flags & HIDDEN != 0;
    if run.is_some() {
        let [own, wide] = [stack, wide].map(|(low, high)| (low, high - low));
        let block = (block, teb::pages(word) * PAGE);
        thread.memory.set([own, wide, block]);
    }
    kernel.nt.threads.insert(tid, thread.clone());
    match first {
        true => kernel.report_first(cx, &home.process)?,
        false => kernel.report_thread(&thread),
    }
    Ok(thread)
}

/// Prepares the stack of a thread that runs a function, and says which registers it has.
fn function(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    home: &Home,
    (start, argument): (u64, u64),
    top: u64,
) -> Result<Registers, NtStatus> {
    let word = cx.word();
    let symbol = |symbol| home.symbol(symbol);
    if let (Some(loader), Some(thread)) = (symbol(Symbol::LoaderStart), symbol(Symbol::ThreadStart))
    {
        return kernel.in_memory(cx, &home.process, |target| {
            let library = target.space.region_at(loader);
            let begin = begin::Begin {
                start: thread,
                function: start,
                argument,
                library: library.map_or(0, |region| Tag::of(region).base),
                top,
            };
            let (sp, registers) = begin::fill(target.space, target.profile.arch, &begin)?;
            Ok((loader, sp, registers))
        });
    }
    let end = kernel.nt.processes.get(&home.pid);
    let end = end.and_then(|process| process.thread_end);
    let (end, sp) = kernel.in_memory(cx, &home.process, |target| {
        let end = match end {
            Some(end) => end,
            None => thread_end(target)?,
        };
        // Above the return address is the argument, or the home of the register that has it.
        let sp = top - if word == 4 { 0x10 } else { 0x28 };
        target.write_word(sp, end)?;
        target.write_word(sp + word, argument)?;
        Ok((end, sp))
    })?;
    if let Some(process) = kernel.nt.processes.get_mut(&home.pid) {
        process.thread_end = Some(end);
    }
    let registers = match word {
        8 => vec![(x86_64::RCX, argument)],
        _ => Vec::new(),
    };
    Ok((start, sp, registers))
}

/// Gives the CPU the registers of a new thread, and what leads to its block.
fn set_registers(
    cx: &mut Cx<'_>,
    begin: &Begin,
    registers: Option<Registers>,
    (leads, descriptor): teb::Registers,
) -> Result<(), NtStatus> {
    let word = cx.word();
    watched::nothing(cx.cpu, word);
    if let Begin::Context { at, .. } = *begin {
        context::load(cx.cpu, cx.mem, word, at)?;
    }
    if let Some((pc, sp, registers)) = registers {
        for (reg, value) in registers {
            cx.cpu.set_reg(reg, value);
        }
        cx.cpu.set_pc(pc);
        cx.cpu.set_sp(sp);
    }
    if let Some((index, descriptor)) = descriptor {
        cx.cpu.set_descriptor(index, descriptor);
    }
    for (reg, value) in leads {
        cx.cpu.set_reg(reg, value);
    }
    Ok(())
}

/// Has a thread that begins as a `CONTEXT` says begin in the library that prepares it: it goes on as the `CONTEXT` says that
/// is on its stack then. The CPU has the registers that it shall have.
/// [Windows Internals, Flow of CreateProcess: each thread begins in LdrInitializeThunk, by an APC]
fn enter_loader(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    home: &Home,
    loader: u64,
) -> Result<(), NtStatus> {
    let word = cx.word();
    let bytes = context::bytes(cx.cpu, word);
    let top = cx.cpu.sp();
    let (sp, registers) = kernel.in_memory(cx, &home.process, |target| {
        let library = target.space.region_at(loader);
        let library = library.map_or(0, |region| Tag::of(region).base);
        let arch = target.profile.arch;
        Ok(begin::enter(target.space, arch, &bytes, (top, library))?)
    })?;
    for (reg, value) in registers {
        cx.cpu.set_reg(reg, value);
    }
    cx.cpu.set_pc(loader);
    cx.cpu.set_sp(sp);
    Ok(())
}

/// Where functions of threads return to: made for the first thread of the process that needs it.
fn thread_end(target: &mut Target<'_>) -> Result<u64, NtStatus> {
    let code = end_code(target.profile, "NtTerminateThread", -2);
    let at = target.allocate(PAGE, page::EXECUTE_READ, true)?;
    target.space.poke(at, &code)?;
    Ok(at)
}
