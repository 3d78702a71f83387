//! What does NT make of what the CPU reports, and how does a thread go on elsewhere?

use emu_cpu::memory::PAGE;
use emu_cpu::{
    Access, AddressSpace, Arch, Cpu, Exception, Exit, Fault, FaultKind, GuestMemory, Trap, x86,
    x86_64,
};
use emu_profiles::Symbol;
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus, services};

use super::memory::{Tag, page};
use super::{Outcome, apc, context, wow64};
use crate::event::ExitStatus;
use crate::kernel::{Cx, Fate, Kernel};

/// An `EXCEPTION_RECORD`.   [winnt.h]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What happened.
    pub code: NtStatus,
    /// Where.
    pub address: u64,
    /// What else is known: of an access violation 0 for a read, 1 for a write, 8 for a fetch, and the address.
    pub information: Vec<u64>,
}

/// The interrupt of `DebugService`.
const DEBUG_SERVICE: u8 = 0x2d;

/// What instructions of the kernel's own look like when they stand in a program: `hlt`, `cli`, `sti`, port input and output.
fn is_privileged(opcode: u8) -> bool {
    matches!(opcode, 0xf4 | 0xfa | 0xfb | 0xe4..=0xe7 | 0xec..=0xef | 0x6c..=0x6f)
}

/// What an exit of the CPU's is to NT. The program counter is put to where the thread would go on.
pub(crate) fn record(
    cpu: &mut dyn Cpu,
    memory: &mut AddressSpace,
    executes_data: bool,
    exit: &Exit,
) -> Record {
    let record = |code, information: &[u64]| (code, information.to_vec());
    // What is known of a general protection fault.
    let protection = || record(NtStatus::ACCESS_VIOLATION, &[0, word_max(cpu.arch())]);
    let (code, information) = match exit {
        Exit::Fault(fault) => {
            let way = match fault.access {
                Access::Read => 0,
                Access::Write => 1,
                Access::Fetch if executes_data => 0,
                Access::Fetch => 8,
            };
            match fault.kind {
                FaultKind::NoMemory => record(NtStatus::NO_MEMORY, &[]),
                FaultKind::Bus => record(NtStatus::IN_PAGE_ERROR, &[way, fault.address]),
                _ if !is_canonical(cpu.arch(), fault.address) => protection(),
                _ if leave_guard(memory, fault.address, executes_data) => {
                    let code = match same_allocation(memory, fault.address, cpu.sp()) {
                        true => NtStatus::STACK_OVERFLOW,
                        false => NtStatus::GUARD_PAGE_VIOLATION,
                    };
                    record(code, &[way, fault.address])
                }
                _ => record(NtStatus::ACCESS_VIOLATION, &[way, fault.address]),
            }
        }
        Exit::Exception(exception) => match exception {
            Exception::Divide => record(NtStatus::INTEGER_DIVIDE_BY_ZERO, &[]),
            Exception::Breakpoint(_) => record(NtStatus::BREAKPOINT, &[0]),
            Exception::SingleStep => {
                // Who is told finds the flag cleared.   [KiDebugTrap]
                clear_flags(cpu, TRAP);
                record(NtStatus::SINGLE_STEP, &[])
            }
            Exception::Overflow => record(NtStatus::INTEGER_OVERFLOW, &[]),
            Exception::FloatingPoint(_) => record(NtStatus::FLOAT_INVALID_OPERATION, &[]),
            Exception::Alignment(_) => record(NtStatus::DATATYPE_MISALIGNMENT, &[]),
            Exception::Protection => match memory.read_u8(cpu.pc()) {
                Ok(opcode) if is_privileged(opcode) => {
                    record(NtStatus::PRIVILEGED_INSTRUCTION, &[])
                }
                _ => protection(),
            },
            Exception::TrapCode(_) | Exception::Other(_) => {
                record(NtStatus::ILLEGAL_INSTRUCTION, &[])
            }
        },
        // A word to a debugger of the kernel, which is none: a breakpoint that says with what.   [KiDebugService]
        Exit::Trap {
            trap: Trap::Interrupt(DEBUG_SERVICE),
            ..
        } => {
            let said = match cpu.arch().pointer() {
                4 => [x86::EAX, x86::ECX, x86::EDX],
                _ => [x86_64::RAX, x86_64::RCX, x86_64::RDX],
            };
            record(NtStatus::BREAKPOINT, &said.map(|reg| cpu.reg(reg)))
        }
        // An interrupt that nobody may raise.
        Exit::Trap { .. } => protection(),
        Exit::Illegal | Exit::Quantum | Exit::Stopped => record(NtStatus::ILLEGAL_INSTRUCTION, &[]),
    };
    let address = match exit {
        Exit::Trap {
            trap: Trap::Interrupt(DEBUG_SERVICE),
            next,
            ..
        } => *next,
        Exit::Trap { pc, .. } => *pc,
        // The CPU reports it behind the instruction.   [KiBreakpointTrap]
        Exit::Exception(Exception::Breakpoint(_)) => cpu.pc().wrapping_sub(1),
        _ => cpu.pc(),
    };
    cpu.set_pc(address);
    Record {
        code,
        address,
        information,
    }
}

fn word_max(arch: Arch) -> u64 {
    match arch.pointer() {
        4 => u32::MAX.into(),
        _ => u64::MAX,
    }
}

fn is_canonical(arch: Arch, address: u64) -> bool {
    arch.pointer() == 4 || matches!(address >> 47, 0 | 0x1_ffff)
}

/// A guard page guards once.
fn leave_guard(memory: &mut AddressSpace, address: u64, executes_data: bool) -> bool {
    let Some(region) = memory.region_at(address) else {
        return false;
    };
    let tag = Tag::of(region);
    if tag.protect & page::GUARD == 0 {
        return false;
    }
    let open = tag.committed(tag.protect & !page::GUARD);
    let at = address & !(PAGE - 1);
    memory.protect(at, PAGE, open.prot(executes_data)).is_ok()
        && memory.set_label(at, PAGE, Some(open.label(b""))).is_ok()
}

/// Whether an address is in the allocation in which the stack pointer is. That may be a little below a page that was left.
fn same_allocation(memory: &AddressSpace, address: u64, sp: u64) -> bool {
    let base = |at: u64| Some(Tag::of(memory.region_at(at)?).base);
    base(address).is_some() && base(address) == base(sp)
}

/// Whoever is told of something runs without these flags.
pub(super) fn begin_anew(cpu: &mut dyn Cpu) {
    clear_flags(cpu, TRAP | DIRECTION);
}

fn clear_flags(cpu: &mut dyn Cpu, which: u64) {
    let flags = match cpu.arch().pointer() {
        4 => x86::EFLAGS,
        _ => x86_64::RFLAGS,
    };
    let value = cpu.reg(flags) & !which;
    cpu.set_reg(flags, value);
}

/// That of single steps, and that of strings that go backwards.   [Intel SDM 1, EFLAGS]
const TRAP: u64 = 0x100;
const DIRECTION: u64 = 0x400;

/// Tells a process's own dispatcher of an exception: the thread goes on there, with the record and the registers on its
/// stack. Fails where the stack can't take them.
/// [Windows and Wine, KiUserExceptionDispatcher; on x64 the record is behind a CONTEXT_EX, and what `iret` would take behind it]
pub(crate) fn dispatch(
    cpu: &mut dyn Cpu,
    memory: &mut AddressSpace,
    dispatcher: u64,
    record: &Record,
) -> Result<(), Fault> {
    let word = cpu.arch().pointer();
    let size = context::size(word);
    let bytes = record.bytes(word);
    let len = bytes.len() as u64;
    if word == 4 {
        let at = (cpu.sp().wrapping_sub(size + len) & !0xf) & u64::from(u32::MAX);
        let context = at + len;
        context::store(cpu, memory, word, context)?;
        memory.write(at, &bytes)?;
        let sp = at.wrapping_sub(8) & u64::from(u32::MAX);
        memory.write_u32(sp, at as u32)?;
        memory.write_u32(sp + 4, context as u32)?;
        cpu.set_sp(sp);
    } else {
        let at = wow64::sp(cpu, memory).wrapping_sub(X64_FRAME) & !0xf;
        context::store(cpu, memory, word, at)?;
        memory.write(at.wrapping_add(size), &context_ex())?;
        memory.write(at.wrapping_add(X64_RECORD), &bytes)?;
        cpu.set_reg(x86_64::CS, wow64::WIDE_CODE);
        cpu.set_sp(at);
    }
    begin_anew(cpu);
    cpu.set_pc(dispatcher);
    Ok(())
}

/// The `CONTEXT_EX` behind a `CONTEXT` of x64: where all is beside it and how long that is, the same of the `CONTEXT`, and
/// of what there is besides, which is nothing.   [winnt.h; Wine's ntdll, RtlInitializeExtendedContext]
fn context_ex() -> Vec<u8> {
    const SIZE: u32 = 0x20;
    let size = context::size(8) as u32;
    let before = size.wrapping_neg();
    let parts = [before, size + SIZE, before, size, 25, 0, 0, 0];
    parts.iter().flat_map(|part| part.to_le_bytes()).collect()
}

/// Where the record is behind the `CONTEXT` on x64, and bytes of all that.
const X64_RECORD: u64 = 0x4f0;
const X64_FRAME: u64 = 0x5c0;
/// Words that a record has room for.   [winnt.h, EXCEPTION_MAXIMUM_PARAMETERS]
const PARAMETERS: usize = 15;

impl Record {
    /// The structure: code, flags, the record before, address, number of words, words.
    pub(super) fn bytes(&self, word: u64) -> Vec<u8> {
        let word = word as usize;
        let mut out = self.code.0.to_le_bytes().to_vec();
        out.resize(8 + word, 0);
        out.extend_from_slice(&self.address.to_le_bytes()[..word]);
        out.extend_from_slice(&(self.information.len() as u64).to_le_bytes()[..word]);
        for value in &self.information {
            out.extend_from_slice(&value.to_le_bytes()[..word]);
        }
        out.resize(8 + word * (3 + PARAMETERS), 0);
        out
    }

    /// The structure at an address.
    fn read(cx: &mut Cx<'_>, at: u64) -> Result<Record, NtStatus> {
        let word = cx.word();
        let code = NtStatus(cx.mem.read_u32(at)?);
        let address = cx.read_word(at.wrapping_add(8 + word))?;
        let count = cx.mem.read_u32(at.wrapping_add(8 + 2 * word))?;
        if count as usize > PARAMETERS {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        let first = at.wrapping_add(8 + 3 * word);
        let words =
            (0..u64::from(count)).map(|index| cx.read_word(first.wrapping_add(index * word)));
        let information = words.collect::<Result<_, _>>()?;
        Ok(Record {
            code,
            address,
            information,
        })
    }
}

impl services::Other<Cx<'_>> for Kernel {
    fn nt_raise_exception(&mut self, cx: &mut Cx<'_>, call: &nt::NtRaiseException) -> Outcome {
        let first = call.FirstChance != 0;
        let record = Record::read(cx, call.ExceptionRecord.address)?;
        let handled = match self.debugger_handled(cx) {
            Some(handled) => handled?,
            None => {
                let word = cx.word();
                context::load(cx.cpu, cx.mem, word, call.ContextRecord.address)?;
                self.report_raised(cx, record.clone(), first)?
            }
        };
        if handled {
            return Err(Stop::Resumed);
        }
        let dispatcher = cx.task.symbol(Symbol::ExceptionDispatcher);
        if call.FirstChance != 0
            && let Some(dispatcher) = dispatcher
            && dispatch(cx.cpu, cx.mem, dispatcher, &record).is_ok()
        {
            return Err(Stop::Resumed);
        }
        // Nobody handles it.
        cx.fate = Some(Fate::ExitGroup(ExitStatus::Status(record.code.0)));
        Err(Stop::Never)
    }

    fn nt_continue(&mut self, cx: &mut Cx<'_>, call: &nt::NtContinue) -> Outcome {
        go_on(self, cx, call.ContextRecord.address, call.TestAlert != 0)
    }

    fn nt_continue_ex(&mut self, cx: &mut Cx<'_>, call: &nt::NtContinueEx) -> Outcome {
        // What is too small for an address is the flag itself; else there is a structure, whose second field has it as bit 0.
        // [the headers of the crate phnt, ntxcapi.h: KCONTINUE_ARGUMENT]
        let tests = match call.ContinueArgument.address {
            flag @ 0..=0xff => flag != 0,
            at => cx.mem.read_u32(at.wrapping_add(4))? & 1 != 0,
        };
        go_on(self, cx, call.ContextRecord.address, tests)
    }
}

/// The thread goes on as a `CONTEXT` says; before that it may make a call that it has before it.
fn go_on(kernel: &mut Kernel, cx: &mut Cx<'_>, at: u64, tests: bool) -> Outcome {
    let word = cx.word();
    context::load(cx.cpu, cx.mem, word, at)?;
    if tests {
        let thread = kernel.nt_thread(cx, cx.task.tid);
        thread.alerted.set(false);
        apc::make(kernel, cx, &thread, None)?;
    }
    Err(Stop::Resumed)
}
