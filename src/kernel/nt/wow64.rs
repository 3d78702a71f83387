//! How does a 32-bit program run on a 64-bit system?
//!
//! Its process is one of 64 bits, with two of each: `ntdll.dll`, the blocks of process and thread, stacks. The program's
//! code runs in a segment of 32 bits; its `ntdll.dll` jumps from there to the 64-bit `wow64cpu.dll`, which makes its calls
//! by `wow64.dll`. So all calls that the kernel sees are of 64 bits. What the program's registers are while its thread is in
//! 64-bit code is kept in the thread's memory: in its CPU area.
//! [Microsoft Learn, WOW64 implementation details; the headers of the crate phnt, ntwow64.h]

pub(super) mod context;

use std::cell::RefCell;
use std::rc::Rc;

use emu_cpu::{AddressSpace, Cpu, Fault, GuestMemory, Reg, x86_64};
use emu_profiles::Symbol;

use super::blocks;
use super::thread::teb::{self, Teb};
use crate::kernel::linux::process::Process;
use crate::kernel::task::Task;
use crate::kernel::{Cx, Kernel};

/// Where the 64-bit blocks of the first thread and of the process are: below 2 GiB, as the program's blocks lead to them.
pub(crate) const BLOCKS: (u64, u64) = (0x7ffd_8000, 0x7ffd_c000);
/// How far behind them those of the program are.   [Wine's ntdll, teb_offset and page_size; `WowTebOffset`]
const NARROW_TEB: u64 = 0x2000;
const NARROW_PEB: u64 = 0x1000;
/// The stack of 64-bit code.   [Wine's ntdll, init_thread_stack]
pub(crate) const WIDE_STACK: u64 = 0x4_0000;
/// The highest address that the program may have anything at, and beyond.
pub(crate) const HIGH: u64 = 0x7fff_0000;

/// `IMAGE_FILE_MACHINE_I386` and `IMAGE_FILE_MACHINE_AMD64`.
pub(crate) use goblin::pe::header::{COFF_MACHINE_X86 as I386, COFF_MACHINE_X86_64 as AMD64};

/// Selectors of code of 32 bits, of data, and of a thread's block.   [ReactOS, ndk/amd64/ketypes.h]
pub(crate) const CODE: u64 = 0x23;
pub(super) const WIDE_CODE: u64 = 0x33;
const DATA: u64 = 0x2b;
const BLOCK: u64 = 0x53;

/// In a 64-bit TEB: the first cell of storage, and the one that leads to the CPU area; how far the program's TEB is.
/// [the headers of the crate phnt, ntpebteb.h and ntwow64.h: TlsSlots, WOW64_TLS_CPURESERVED, WowTebOffset]
const CPU_AREA: u64 = 0x1480 + 8;
const WIDE_OFFSET: u64 = 0x180c;
/// In a 32-bit TEB: where the 64-bit one is, and how far.   [GdiBatchCount, WowTebOffset]
const NARROW_LEADS: u64 = 0xf70;
const NARROW_OFFSET: u64 = 0xfdc;

/// The CPU area: flags and machine, the `CONTEXT`, and a pointer to what is behind that.   [WOW64_CPURESERVED]
const AREA_CONTEXT: u64 = 4;

/// The block of the first thread of a process, by the width of pointers.
pub(super) fn first_teb(narrow: bool, word: u64) -> u64 {
    match narrow {
        true => BLOCKS.0,
        false => blocks(word).0,
    }
}

impl Kernel {
    /// The block of a process; and the program's, when that is one of 32 bits on a 64-bit system.
    pub(super) fn blocks_of(
        &self,
        cx: &Cx<'_>,
        process: &Rc<RefCell<Process>>,
    ) -> (u64, Option<u64>) {
        let symbol = |task: &Task| task.symbol(Symbol::ProcessBlock);
        let block = match Rc::ptr_eq(process, &cx.task.linux.process) {
            true => symbol(cx.task),
            false => self.task_of(&process.borrow()).and_then(symbol),
        };
        let usual = blocks(cx.word()).1;
        (block.unwrap_or(usual), block.map(narrow_peb))
    }
}

/// The program's block that belongs to a 64-bit one.
pub(crate) const fn narrow_peb(peb: u64) -> u64 {
    peb + NARROW_PEB
}

/// What a program's thread begins with.
pub(crate) struct Begin {
    /// The 64-bit block of the thread, and of its process.
    pub(crate) teb: u64,
    pub(crate) peb: u64,
    pub(crate) client: (u64, u64),
    /// Limit and base of either stack.
    pub(crate) wide_stack: (u64, u64),
    pub(crate) stack: (u64, u64),
    /// `RtlUserThreadStart` of the program's `ntdll.dll`; the function and its argument.
    pub(crate) start: u64,
    pub(crate) function: u64,
    pub(crate) argument: u64,
}

/// Where the CPU area is on a stack with this upper end: what is below it is the stack of 64-bit code.
pub(crate) const fn area(end: u64) -> u64 {
    (end - (AREA_CONTEXT + context::SIZE + 16)) & !0xf
}

/// Fills the blocks of a thread and its CPU area.
pub(crate) fn begin(space: &mut AddressSpace, begin: &Begin) -> Result<(), Fault> {
    let area = area(begin.wide_stack.1);
    let wide = Teb {
        at: begin.teb,
        stack: (begin.wide_stack.0, area),
        client: begin.client,
        process: begin.peb,
        storage: 0,
    };
    let narrow = Teb {
        at: begin.teb + NARROW_TEB,
        stack: begin.stack,
        client: begin.client,
        process: narrow_peb(begin.peb),
        storage: 0,
    };
    teb::fill(space, 8, &wide)?;
    teb::fill(space, 4, &narrow)?;
    let offset = NARROW_TEB as u32;
    space.poke(wide.at, &narrow.at.to_le_bytes())?;
    space.poke(wide.at + CPU_AREA, &area.to_le_bytes())?;
    space.poke(wide.at + WIDE_OFFSET, &offset.to_le_bytes())?;
    space.poke(narrow.at + NARROW_LEADS, &(wide.at as u32).to_le_bytes())?;
    let back = offset.wrapping_neg();
    space.poke(narrow.at + NARROW_OFFSET, &back.to_le_bytes())?;

    space.poke(area + 2, &I386.to_le_bytes())?;
    let fresh = context::fresh(begin);
    space.poke(area + AREA_CONTEXT, &fresh)
}

/// Sets the lower end of the program's stack in its block.
pub(crate) fn set_stack_limit(space: &mut AddressSpace, teb: u64, limit: u64) -> Result<(), Fault> {
    space.poke(teb + NARROW_TEB + 8, &(limit as u32).to_le_bytes())
}

/// Registers that lead to the blocks of a thread, and the descriptor of the program's.
pub(crate) fn registers(teb: u64) -> teb::Registers {
    let narrow = teb + NARROW_TEB;
    let (mut registers, _) = teb::registers(emu_cpu::Arch::X86_64, teb);
    registers.extend([(x86_64::FS, BLOCK), (x86_64::FS_BASE, narrow)]);
    (registers, Some((teb::WIDE_ENTRY, teb::descriptor(narrow))))
}

/// Whether a CPU runs the program's own code.
pub(crate) fn is_narrow(cpu: &dyn Cpu) -> bool {
    cpu.arch() == emu_cpu::Arch::X86_64 && cpu.reg(x86_64::CS) == CODE
}

/// The stack of 64-bit code, while the program's own code runs.   [Wine's wow64cpu, BTCpuSimulate: R14]
const WIDE_SP: Reg = x86_64::R14;
/// Who is told on it has its own frames between it and what is told.
const APART: u64 = 0x2000;

/// Where the thread may be told of something: while the program's own code runs, on the stack of 64-bit code. A 64-bit
/// program may run code of 32 bits without one.
pub(super) fn sp(cpu: &dyn Cpu, memory: &mut dyn GuestMemory) -> u64 {
    let own = cpu.reg(x86_64::GS_BASE).wrapping_add(WIDE_OFFSET);
    let mut has_one = || memory.read_u32(own).is_ok_and(|offset| offset != 0);
    match is_narrow(cpu) && has_one() {
        true => cpu.reg(WIDE_SP).wrapping_sub(APART),
        false => cpu.sp(),
    }
}
