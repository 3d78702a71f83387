//! A thread's registers as a `CONTEXT`.   [winnt.h, CONTEXT of x86 and of AMD64]

use emu_cpu::{Cpu, Fault, GuestMemory, Reg, x86, x86_64};

use super::watched;

/// Which registers count.
const CONTROL: u32 = 1;
const INTEGER: u32 = 2;
const SEGMENTS: u32 = 4;
const FLOATING_POINT: u32 = 8;
const DEBUG: u32 = 0x10;
/// Of x86 what `fxsave` stores, too.
const EXTENDED: u32 = 0x20;

/// A group of registers and where they are.
type Group = (u32, &'static [(u32, u8, Reg)]);

/// The structure of one width: where its flags are, and its registers with their sizes.
struct Shape {
    size: u64,
    /// What says which CPU it is of.
    arch: u32,
    flags: u64,
    groups: &'static [Group],
    /// Where XMM0 is, and the register itself.
    xmm: (u64, Reg, u8),
    /// The flag that says whether they are there.
    wide: u32,
    /// Where the control word of the FPU is.
    fpu: u64,
}

const X86: Shape = Shape {
    size: 0x2cc,
    arch: 0x1_0000,
    flags: 0,
    groups: &[
        (
            SEGMENTS,
            &[
                (0x8c, 4, x86::GS),
                (0x90, 4, x86::FS),
                (0x94, 4, x86::ES),
                (0x98, 4, x86::DS),
                (0xbc, 4, x86::CS),
                (0xc8, 4, x86::SS),
            ],
        ),
        (
            INTEGER,
            &[
                (0x9c, 4, x86::EDI),
                (0xa0, 4, x86::ESI),
                (0xa4, 4, x86::EBX),
                (0xa8, 4, x86::EDX),
                (0xac, 4, x86::ECX),
                (0xb0, 4, x86::EAX),
            ],
        ),
        (
            CONTROL,
            &[
                (0xb4, 4, x86::EBP),
                (0xb8, 4, x86::EIP),
                (0xc0, 4, x86::EFLAGS),
                (0xc4, 4, x86::ESP),
            ],
        ),
    ],
    // FXSAVE's form, in ExtendedRegisters.
    xmm: (0xcc + 0xa0, x86::XMM0, 8),
    wide: EXTENDED,
    fpu: 0x1c,
};

const X64: Shape = Shape {
    size: 0x4d0,
    arch: 0x10_0000,
    flags: 0x30,
    groups: &[
        (
            CONTROL,
            &[
                (0x44, 4, x86_64::RFLAGS),
                (0x98, 8, x86_64::RSP),
                (0xf8, 8, x86_64::RIP),
            ],
        ),
        (
            INTEGER,
            &[
                (0x78, 8, x86_64::RAX),
                (0x80, 8, x86_64::RCX),
                (0x88, 8, x86_64::RDX),
                (0x90, 8, x86_64::RBX),
                (0xa0, 8, x86_64::RBP),
                (0xa8, 8, x86_64::RSI),
                (0xb0, 8, x86_64::RDI),
                (0xb8, 8, x86_64::R8),
                (0xc0, 8, x86_64::R9),
                (0xc8, 8, x86_64::R10),
                (0xd0, 8, x86_64::R11),
                (0xd8, 8, x86_64::R12),
                (0xe0, 8, x86_64::R13),
                (0xe8, 8, x86_64::R14),
                (0xf0, 8, x86_64::R15),
            ],
        ),
        (
            SEGMENTS,
            &[
                (0x38, 2, x86_64::CS),
                (0x3a, 2, x86_64::DS),
                (0x3c, 2, x86_64::ES),
                (0x3e, 2, x86_64::FS),
                (0x40, 2, x86_64::GS),
                (0x42, 2, x86_64::SS),
            ],
        ),
        (FLOATING_POINT, &[(0x34, 4, x86_64::MXCSR)]),
    ],
    xmm: (0x1a0, x86_64::XMM0, 16),
    wide: FLOATING_POINT,
    fpu: 0x100,
};

fn shape(word: u64) -> &'static Shape {
    if word == 4 { &X86 } else { &X64 }
}

/// Takes the registers that a `CONTEXT` has. Nothing changes when it can't be read.
pub(super) fn load(
    cpu: &mut dyn Cpu,
    memory: &mut dyn GuestMemory,
    word: u64,
    at: u64,
) -> Result<(), Fault> {
    let shape = shape(word);
    let flags = memory.read_u32(at.wrapping_add(shape.flags))?;
    let mut values: Vec<(Reg, u64)> = Vec::new();
    for (group, registers) in shape.groups {
        // Selectors are the kernel's to give: those of a thread are always the same.
        if flags & group == 0 || *group == SEGMENTS {
            continue;
        }
        for (offset, size, reg) in *registers {
            let address = at.wrapping_add(u64::from(*offset));
            let value = memory.read_word(address, (*size).into())?;
            values.push((*reg, value));
        }
    }
    let mut wide: Vec<(Reg, u128)> = Vec::new();
    let floating = flags & FLOATING_POINT != 0;
    let mut control = None;
    if floating {
        control = Some(memory.read_u16(at.wrapping_add(shape.fpu))?);
    }
    if flags & shape.wide != 0 {
        let (offset, first, count) = shape.xmm;
        for index in 0..count {
            let address = at.wrapping_add(offset + 16 * u64::from(index));
            let low = memory.read_u64(address)?;
            let high = memory.read_u64(address.wrapping_add(8))?;
            let value = u128::from(high) << 64 | u128::from(low);
            wide.push((Reg(first.0 + index), value));
        }
    }
    if word == 8 && flags & CONTROL != 0 {
        // There is code of either width. Other values than these two change nothing.
        let code = memory.read_u16(at.wrapping_add(0x38))?;
        cpu.set_reg(x86_64::CS, code.into());
    }
    let watched = match flags & DEBUG {
        0 => None,
        _ => Some(watched::read(memory, word, at)?),
    };
    let row = cpu.arch().row();
    for (reg, value) in values {
        if reg == row.pc {
            cpu.set_pc(value);
        } else {
            cpu.set_reg(reg, value);
        }
    }
    for (reg, value) in wide {
        cpu.set_wide(reg, value);
    }
    if let Some(watched) = watched {
        watched::set(cpu, word, watched);
    }
    if let Some(control) = control {
        let reg = if word == 4 { x86::FPCW } else { x86_64::FPCW };
        cpu.set_reg(reg, control.into());
    }
    Ok(())
}

/// Whether a `CONTEXT` says where a thread goes on.
pub(super) fn goes_elsewhere(
    memory: &mut dyn GuestMemory,
    word: u64,
    at: u64,
) -> Result<bool, Fault> {
    let shape = shape(word);
    let flags = memory.read_u32(at.wrapping_add(shape.flags))?;
    Ok(flags & CONTROL != 0)
}

/// Writes those registers that a `CONTEXT` asks for.
pub(super) fn fetch(
    cpu: &dyn Cpu,
    memory: &mut dyn GuestMemory,
    word: u64,
    at: u64,
) -> Result<(), Fault> {
    let shape = shape(word);
    let flags = memory.read_u32(at.wrapping_add(shape.flags))?;
    let mut bytes = vec![0; shape.size as usize];
    memory.read(at, &mut bytes)?;
    let row = cpu.arch().row();
    for (group, registers) in shape.groups {
        for (offset, size, reg) in *registers {
            let value = match *reg {
                reg if reg == row.pc => cpu.pc(),
                reg => cpu.reg(reg),
            };
            if flags & group != 0 {
                set(&mut bytes, *offset, *size, value);
            }
        }
    }
    if flags & FLOATING_POINT != 0 {
        let control = if word == 4 { x86::FPCW } else { x86_64::FPCW };
        set(&mut bytes, shape.fpu as u32, 2, cpu.reg(control));
        if word == 4 {
            set(&mut bytes, shape.fpu as u32 + 8, 2, 0xffff);
        }
    }
    if flags & DEBUG != 0 {
        watched::put(cpu, word, &mut bytes);
    }
    if flags & shape.wide != 0 {
        let (offset, first, count) = shape.xmm;
        for index in 0..count {
            let value = cpu.wide(Reg(first.0 + index)).to_le_bytes();
            let from = (offset + 16 * u64::from(index)) as usize;
            bytes[from..from + 16].copy_from_slice(&value);
        }
    }
    memory.write(at, &bytes)
}

/// Bytes of a `CONTEXT`.
pub(super) fn size(word: u64) -> u64 {
    shape(word).size
}

/// A `CONTEXT` with some of the registers: those of control and the whole ones. Others of these groups are 0.
pub(super) fn made_of(word: u64, values: &[(Reg, u64)]) -> Vec<u8> {
    let shape = shape(word);
    let mut bytes = vec![0; shape.size as usize];
    for (group, registers) in shape.groups {
        for (offset, size, reg) in *registers {
            if matches!(*group, CONTROL | INTEGER)
                && let Some((_, value)) = values.iter().find(|(named, _)| named == reg)
            {
                set(&mut bytes, *offset, *size, *value);
            }
        }
    }
    set(
        &mut bytes,
        shape.flags as u32,
        4,
        (shape.arch | CONTROL | INTEGER).into(),
    );
    bytes
}

/// Writes all registers as a `CONTEXT`.
pub(super) fn store(
    cpu: &dyn Cpu,
    memory: &mut dyn GuestMemory,
    word: u64,
    at: u64,
) -> Result<(), Fault> {
    memory.write(at, &bytes(cpu, word))
}

/// All registers as a `CONTEXT`.
pub(super) fn bytes(cpu: &dyn Cpu, word: u64) -> Vec<u8> {
    let shape = shape(word);
    let mut bytes = vec![0; shape.size as usize];
    let row = cpu.arch().row();
    let mut flags = shape.arch;
    for (group, registers) in shape.groups {
        flags |= group;
        for (offset, size, reg) in *registers {
            let value = match *reg {
                reg if reg == row.pc => cpu.pc(),
                reg => cpu.reg(reg),
            };
            set(&mut bytes, *offset, *size, value);
        }
    }
    let control = if word == 4 { x86::FPCW } else { x86_64::FPCW };
    set(&mut bytes, shape.fpu as u32, 2, cpu.reg(control));
    if word == 4 {
        // An empty stack of the FPU: all tags say so.   [Intel SDM 1, x87 tag word]
        set(&mut bytes, shape.fpu as u32 + 8, 2, 0xffff);
    }
    watched::put(cpu, word, &mut bytes);
    flags |= FLOATING_POINT | DEBUG | shape.wide;
    let (offset, first, count) = shape.xmm;
    for index in 0..count {
        let value = cpu.wide(Reg(first.0 + index)).to_le_bytes();
        let from = (offset + 16 * u64::from(index)) as usize;
        bytes[from..from + 16].copy_from_slice(&value);
    }
    set(&mut bytes, shape.flags as u32, 4, flags.into());
    bytes
}

fn set(bytes: &mut [u8], offset: u32, size: u8, value: u64) {
    let (from, size) = (offset as usize, usize::from(size));
    bytes[from..from + size].copy_from_slice(&value.to_le_bytes()[..size]);
}
