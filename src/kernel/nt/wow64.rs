//! How does a 32-bit program run on a 64-bit system?
//!
//! Its process is one of 64 bits, with two of each: `ntdll.dll`, the blocks of process and thread, stacks. The program's
//! code runs in a segment of 32 bits; its `ntdll.dll` jumps from there to the 64-bit `wow64cpu.dll`, which makes its calls
//! by `wow64.dll`. So all calls that the kernel sees are of 64 bits. What the program's registers are while its thread is in
//! 64-bit code is kept in the thread's memory: in its CPU area.
//! [Microsoft Learn, WOW64 implementation details; the headers of the crate phnt, ntwow64.h]

use std::cell::RefCell;
use std::rc::Rc;

use emu_cpu::{AddressSpace, Cpu, Fault, GuestMemory, Reg, x86_64};
use emu_profiles::Symbol;
use emu_prototypes::nt::{self, NtStatus};

use super::thread::teb::{self, Teb};
use super::thread::{Thread, registers};
use super::{Outcome, blocks, watched};
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

/// `IMAGE_FILE_MACHINE_I386` and `IMAGE_FILE_MACHINE_AMD64`.   [winnt.h]
pub(crate) const I386: u16 = 0x14c;
pub(crate) const AMD64: u16 = 0x8664;

/// Selectors of code of 32 bits, of data, and of a thread's block.   [ReactOS, ndk/amd64/ketypes.h]
pub(crate) const CODE: u64 = 0x23;
pub(super) const WIDE_CODE: u64 = 0x33;
const DATA: u64 = 0x2b;
const BLOCK: u64 = 0x53;
/// Where they are in a `CONTEXT` of x86.
const SELECTORS: [(u64, u64); 6] = [
    (0x8c, DATA),
    (0x90, BLOCK),
    (0x94, DATA),
    (0x98, DATA),
    (0xbc, CODE),
    (0xc8, DATA),
];

/// In a 64-bit TEB: the first cell of storage, and the one that leads to the CPU area; how far the program's TEB is.
/// [the headers of the crate phnt, ntpebteb.h and ntwow64.h: TlsSlots, WOW64_TLS_CPURESERVED, WowTebOffset]
const CPU_AREA: u64 = 0x1480 + 8;
const WIDE_OFFSET: u64 = 0x180c;
/// In a 32-bit TEB: where the 64-bit one is, and how far.   [GdiBatchCount, WowTebOffset]
const NARROW_LEADS: u64 = 0xf70;
const NARROW_OFFSET: u64 = 0xfdc;

/// The CPU area: flags and machine, the `CONTEXT`, and a pointer to what is behind that.   [WOW64_CPURESERVED]
const AREA_CONTEXT: u64 = 4;
/// `WOW64_CPURESERVED_FLAG_RESET_STATE`: all registers are taken from the area when the program goes on.
const RESET_STATE: u16 = 1;

/// A `CONTEXT` of x86.   [winnt.h]
mod shape {
    use emu_cpu::{Reg, x86_64};

    pub(super) const SIZE: u64 = 0x2cc;
    pub(super) const ALL: u32 = 0x1_003f;
    pub(super) const CONTROL: u32 = 1;
    pub(super) const INTEGER: u32 = 2;
    pub(super) const SEGMENTS: u32 = 4;
    pub(super) const FLOATING: u32 = 8;
    pub(super) const DEBUG: u32 = 0x10;
    pub(super) const EXTENDED: u32 = 0x20;
    /// Ends of the part with debug registers, of that with the state of the FPU, and of that with the one of SSE.
    pub(super) const DEBUG_AT: (usize, usize) = (4, 0x1c);
    pub(super) const FLOATING_AT: (usize, usize) = (0x1c, 0x8c);
    pub(super) const EXTENDED_AT: (usize, usize) = (0xcc, 0x2cc);
    /// The control word of the FPU, in either.
    pub(super) const FPU: [u64; 2] = [0x1c, 0xcc];
    /// `MXCSR`, and the registers of SSE that 32-bit code has.
    pub(super) const SSE: u64 = 0xcc + 0x18;
    pub(super) const XMM: usize = 0xcc + 0xa0;
    pub(super) const XMM_COUNT: usize = 8;

    /// Where registers are, by group, and which they are on a 64-bit CPU.
    pub(super) const REGISTERS: [(u32, u64, Reg); 16] = [
        (SEGMENTS, 0x8c, x86_64::GS),
        (SEGMENTS, 0x90, x86_64::FS),
        (SEGMENTS, 0x94, x86_64::ES),
        (SEGMENTS, 0x98, x86_64::DS),
        (INTEGER, 0x9c, x86_64::RDI),
        (INTEGER, 0xa0, x86_64::RSI),
        (INTEGER, 0xa4, x86_64::RBX),
        (INTEGER, 0xa8, x86_64::RDX),
        (INTEGER, 0xac, x86_64::RCX),
        (INTEGER, 0xb0, x86_64::RAX),
        (CONTROL, 0xb4, x86_64::RBP),
        (CONTROL, 0xb8, x86_64::RIP),
        (CONTROL, 0xbc, x86_64::CS),
        (CONTROL, 0xc0, x86_64::RFLAGS),
        (CONTROL, 0xc4, x86_64::RSP),
        (CONTROL, 0xc8, x86_64::SS),
    ];
}

/// The block of a task, when that is the first of its process.
pub(super) fn first_teb(task: &Task) -> u64 {
    match task.symbol(Symbol::ProcessBlock) {
        Some(_) => BLOCKS.0,
        None => blocks(task.profile.pointer()).0,
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
    (end - (AREA_CONTEXT + shape::SIZE + 16)) & !0xf
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
    let at = area + AREA_CONTEXT;
    let values = [
        (0, shape::ALL.into()),
        (shape::FPU[0], 0x27f),
        // All registers of the FPU are empty.
        (shape::FPU[0] + 8, 0xffff),
        (shape::FPU[1], 0x27f),
        (shape::SSE, 0x1f80),
        (0xa4, begin.argument),
        (0xb0, begin.function),
        (0xb8, begin.start),
        (0xc0, 0x202),
        (0xc4, begin.stack.1 - 16),
    ];
    for (offset, value) in values.into_iter().chain(SELECTORS) {
        space.poke(at + offset, &(value as u32).to_le_bytes())?;
    }
    Ok(())
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

/// Serves `ThreadWow64Context` of `NtQueryInformationThread`: a `CONTEXT` of x86, those groups that its flags ask for.
pub(super) fn get(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtQueryInformationThread,
    thread: &Thread,
) -> Outcome {
    let at = call.ThreadInformation.address;
    if u64::from(call.ThreadInformationLength) != shape::SIZE {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    let mut asked = vec![0; shape::SIZE as usize];
    cx.mem.read(at, &mut asked)?;
    let (_, mut own) = in_area(kernel, cx, thread, |space, area| {
        let mut own = vec![0; shape::SIZE as usize];
        space.read(area + AREA_CONTEXT, &mut own)?;
        Ok(own)
    })?;
    registers::with(kernel, cx, call.ThreadHandle, registers::GET, |cx| {
        if is_narrow(cx.cpu) {
            for (_, offset, reg) in shape::REGISTERS {
                let value = match reg {
                    x86_64::RIP => cx.cpu.pc(),
                    reg => cx.cpu.reg(reg),
                };
                set(&mut own, offset, value as u32);
            }
        }
        floating(cx.cpu, &mut own);
        for (index, value) in watched::told(cx.cpu, 8).into_iter().enumerate() {
            set(
                &mut own,
                shape::DEBUG_AT.0 as u64 + 4 * index as u64,
                value as u32,
            );
        }
        Ok(())
    })?;
    let flags = word(&asked, 0);
    copy(&mut asked, &own, flags);
    cx.mem.write(at, &asked)?;
    cx.returned_length(call.ReturnLength.address, shape::SIZE)?;
    Ok(0)
}

/// Serves the same of `NtSetInformationThread`. Selectors are the kernel's to give.
pub(super) fn put(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtSetInformationThread,
    thread: &Thread,
) -> Outcome {
    let at = call.ThreadInformation.address;
    if u64::from(call.ThreadInformationLength) != shape::SIZE {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    let mut given = vec![0; shape::SIZE as usize];
    cx.mem.read(at, &mut given)?;
    for (offset, value) in SELECTORS {
        set(&mut given, offset, value as u32);
    }
    let flags = word(&given, 0);
    let mut narrow = false;
    registers::with(kernel, cx, call.ThreadHandle, registers::SET, |cx| {
        narrow = is_narrow(cx.cpu);
        for (group, offset, reg) in shape::REGISTERS {
            let value = word(&given, offset).into();
            match reg {
                _ if !narrow || flags & group == 0 || group == shape::SEGMENTS => {}
                x86_64::CS | x86_64::SS => {}
                x86_64::RIP => cx.cpu.set_pc(value),
                reg => cx.cpu.set_reg(reg, value),
            }
        }
        set_floating(cx.cpu, &given, flags);
        if flags & shape::DEBUG != 0 {
            let at = |index: u64| word(&given, shape::DEBUG_AT.0 as u64 + 4 * index).into();
            watched::set(cx.cpu, 8, [0, 1, 2, 3, 4, 5].map(at));
        }
        Ok(())
    })?;
    if narrow {
        return Ok(0);
    }
    in_area(kernel, cx, thread, |space, area| {
        let mut own = vec![0; shape::SIZE as usize];
        space.read(area + AREA_CONTEXT, &mut own)?;
        copy(&mut own, &given, flags);
        space.write(area + AREA_CONTEXT, &own)?;
        if flags & shape::CONTROL != 0 {
            let was = space.read_u16(area)?;
            space.write_u16(area, was | RESET_STATE)?;
        }
        Ok(())
    })?;
    Ok(0)
}

/// Does something with the memory in which a thread has its CPU area; gives where that is, too.
fn in_area<T>(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    thread: &Thread,
    act: impl FnOnce(&mut AddressSpace, u64) -> Result<T, NtStatus>,
) -> Result<(u64, T), NtStatus> {
    let process = kernel.linux.processes.get(thread.pid).cloned();
    let process = process.ok_or(NtStatus::PROCESS_IS_TERMINATING)?;
    let leads = thread.teb.wrapping_add(CPU_AREA);
    kernel.in_memory(cx, &process, |target| {
        let area = target.space.read_u64(leads)?;
        if area == 0 || target.space.read_u16(area.wrapping_add(2))? != I386 {
            return Err(NtStatus::INVALID_PARAMETER);
        }
        Ok((area, act(target.space, area)?))
    })
}

/// The state of FPU and SSE, which either code has in the same registers. No register of the FPU is told.
fn floating(cpu: &dyn Cpu, to: &mut [u8]) {
    let control = cpu.reg(x86_64::FPCW) as u32;
    set(to, shape::FPU[0], control);
    set(to, shape::FPU[0] + 8, 0xffff);
    set(to, shape::FPU[1], control);
    set(to, shape::SSE, cpu.reg(x86_64::MXCSR) as u32);
    for index in 0..shape::XMM_COUNT {
        let value = cpu.wide(Reg(x86_64::XMM0.0 + index as u8)).to_le_bytes();
        to[shape::XMM + 16 * index..][..16].copy_from_slice(&value);
    }
}

fn set_floating(cpu: &mut dyn Cpu, from: &[u8], flags: u32) {
    if flags & shape::EXTENDED != 0 {
        cpu.set_reg(x86_64::FPCW, (word(from, shape::FPU[1]) & 0xffff).into());
        cpu.set_reg(x86_64::MXCSR, word(from, shape::SSE).into());
        for index in 0..shape::XMM_COUNT {
            let mut value = [0; 16];
            value.copy_from_slice(&from[shape::XMM + 16 * index..][..16]);
            cpu.set_wide(
                Reg(x86_64::XMM0.0 + index as u8),
                u128::from_le_bytes(value),
            );
        }
    } else if flags & shape::FLOATING != 0 {
        cpu.set_reg(x86_64::FPCW, (word(from, shape::FPU[0]) & 0xffff).into());
    }
}

/// Copies groups of registers.
fn copy(to: &mut [u8], from: &[u8], flags: u32) {
    for (group, offset, _) in shape::REGISTERS {
        if flags & group != 0 {
            set(to, offset, word(from, offset));
        }
    }
    for (group, (start, end)) in [
        (shape::DEBUG, shape::DEBUG_AT),
        (shape::FLOATING, shape::FLOATING_AT),
        (shape::EXTENDED, shape::EXTENDED_AT),
    ] {
        if flags & group != 0 {
            to[start..end].copy_from_slice(&from[start..end]);
        }
    }
}

fn word(bytes: &[u8], at: u64) -> u32 {
    let at = at as usize;
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn set(bytes: &mut [u8], at: u64, value: u32) {
    bytes[at as usize..][..4].copy_from_slice(&value.to_le_bytes());
}
