//! What are the registers of a 32-bit program, whose thread may be in 64-bit code?

use emu_cpu::{AddressSpace, Cpu, GuestMemory, Reg, x86_64};
use emu_prototypes::nt::{self, NtStatus};

use super::{AREA_CONTEXT, BLOCK, Begin, CODE, CPU_AREA, DATA, I386, is_narrow};
use crate::kernel::nt::thread::{Thread, registers};
use crate::kernel::nt::{Outcome, watched};
use crate::kernel::{Cx, Kernel};

/// Where they are in a `CONTEXT` of x86.
const SELECTORS: [(u64, u64); 6] = [
    (0x8c, DATA),
    (0x90, BLOCK),
    (0x94, DATA),
    (0x98, DATA),
    (0xbc, CODE),
    (0xc8, DATA),
];

/// `WOW64_CPURESERVED_FLAG_RESET_STATE`: all registers are taken from the area when the program goes on.
const RESET_STATE: u16 = 1;

/// Bytes of a `CONTEXT` of x86.   [winnt.h]
pub(super) const SIZE: u64 = 0x2cc;

/// What is in it.
mod shape {
    use emu_cpu::{Reg, x86_64};

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

/// What a program's thread begins with: in a function with its argument, no register of the FPU in use.
pub(super) fn fresh(begin: &Begin) -> Vec<u8> {
    let mut bytes = vec![0; SIZE as usize];
    let values = [
        (0, shape::ALL.into()),
        (shape::FPU[0], 0x27f),
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
        set(&mut bytes, offset, value as u32);
    }
    bytes
}

/// Serves `ThreadWow64Context` of `NtQueryInformationThread`: a `CONTEXT` of x86, those groups that its flags ask for.
pub(in crate::kernel::nt) fn get(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtQueryInformationThread,
    thread: &Thread,
) -> Outcome {
    let at = call.ThreadInformation.address;
    if u64::from(call.ThreadInformationLength) != SIZE {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    let mut asked = vec![0; SIZE as usize];
    cx.mem.read(at, &mut asked)?;
    let (_, mut own) = in_area(kernel, cx, thread, |space, area| {
        let mut own = vec![0; SIZE as usize];
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
    cx.returned_length(call.ReturnLength.address, SIZE)?;
    Ok(0)
}

/// Serves the same of `NtSetInformationThread`. Selectors are the kernel's to give.
pub(in crate::kernel::nt) fn put(
    kernel: &mut Kernel,
    cx: &mut Cx<'_>,
    call: &nt::NtSetInformationThread,
    thread: &Thread,
) -> Outcome {
    let at = call.ThreadInformation.address;
    if u64::from(call.ThreadInformationLength) != SIZE {
        return Err(NtStatus::INFO_LENGTH_MISMATCH.into());
    }
    let mut given = vec![0; SIZE as usize];
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
        let mut own = vec![0; SIZE as usize];
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
