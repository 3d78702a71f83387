//! What does NT make of what the CPU reports, and how does a thread go on elsewhere?

use emu_cpu::memory::PAGE;
use emu_cpu::{Access, AddressSpace, Arch, Cpu, Exception, Exit, FaultKind, GuestMemory};
use emu_prototypes::Stop;
use emu_prototypes::nt::{self, NtStatus, services};

use super::memory::{Tag, page};
use super::{Outcome, context};
use crate::kernel::{Cx, Kernel};

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
                    record(NtStatus::GUARD_PAGE_VIOLATION, &[way, fault.address])
                }
                _ => record(NtStatus::ACCESS_VIOLATION, &[way, fault.address]),
            }
        }
        Exit::Exception(exception) => match exception {
            Exception::Divide => record(NtStatus::INTEGER_DIVIDE_BY_ZERO, &[]),
            Exception::Breakpoint(_) => record(NtStatus::BREAKPOINT, &[0]),
            Exception::SingleStep => record(NtStatus::SINGLE_STEP, &[]),
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
        // An interrupt that nobody may raise.
        Exit::Trap { .. } => protection(),
        Exit::Illegal | Exit::Quantum | Exit::Stopped => record(NtStatus::ILLEGAL_INSTRUCTION, &[]),
    };
    let address = match exit {
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

impl services::Other<Cx<'_>> for Kernel {
    fn nt_continue(&mut self, cx: &mut Cx<'_>, call: &nt::NtContinue) -> Outcome {
        let word = cx.word();
        context::load(cx.cpu, cx.mem, word, call.ContextRecord.address)?;
        Err(Stop::Resumed)
    }
}
