//! A thread's registers as a `CONTEXT`.   [winnt.h, CONTEXT of x86 and of AMD64]

use emu_cpu::{Cpu, Fault, GuestMemory, Reg, x86, x86_64};

/// Which registers count.
const CONTROL: u32 = 1;
const INTEGER: u32 = 2;
const SEGMENTS: u32 = 4;
const FLOATING_POINT: u32 = 8;

/// A group of registers and where they are.
type Group = (u32, &'static [(u32, u8, Reg)]);

/// The structure of one width: where its flags are, and its registers with their sizes.
struct Shape {
    flags: u64,
    groups: &'static [Group],
    /// Where XMM0 is, and the register itself.
    xmm: (u64, Reg, u8),
    /// Where the control word of the FPU is.
    fpu: u64,
}

const X86: Shape = Shape {
    flags: 0,
    groups: &[
        (
            SEGMENTS,
            &[
                (0x8c, 4, x86::GS),
                (0x90, 4, x86::FS),
                (0x94, 4, x86::ES),
                (0x98, 4, x86::DS),
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
    fpu: 0x1c,
};

const X64: Shape = Shape {
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
        (FLOATING_POINT, &[(0x34, 4, x86_64::MXCSR)]),
    ],
    xmm: (0x1a0, x86_64::XMM0, 16),
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
            let value = match size {
                4 => u64::from(memory.read_u32(address)?),
                _ => memory.read_u64(address)?,
            };
            values.push((*reg, value));
        }
    }
    let mut wide: Vec<(Reg, u128)> = Vec::new();
    let floating = flags & FLOATING_POINT != 0;
    let mut control = None;
    if floating {
        control = Some(memory.read_u16(at.wrapping_add(shape.fpu))?);
    }
    if floating && word == 8 {
        let (offset, first, count) = shape.xmm;
        for index in 0..count {
            let address = at.wrapping_add(offset + 16 * u64::from(index));
            let low = memory.read_u64(address)?;
            let high = memory.read_u64(address.wrapping_add(8))?;
            let value = u128::from(high) << 64 | u128::from(low);
            wide.push((Reg(first.0 + index), value));
        }
    }
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
    if let Some(control) = control {
        let reg = if word == 4 { x86::FPCW } else { x86_64::FPCW };
        cpu.set_reg(reg, control.into());
    }
    Ok(())
}
