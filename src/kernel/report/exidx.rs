//! What does a file for ARM say of a frame's caller?   [EHABI32, Exception Handling ABI for the Arm Architecture]

use emu_cpu::{AddressSpace, Arch};

use super::backtrace::{Frame, word};
use super::modules::Module;

const SP: usize = 13;
const LR: usize = 14;
const PC: usize = 15;
/// Bytes of instructions that are followed at most: a table can tell of 4 × 255 and some.
const LONGEST: usize = 2048;

/// The frame of the caller, where the file has a table and it knows the function.
pub(super) fn caller(
    arch: Arch,
    memory: &mut AddressSpace,
    module: &Module,
    frame: &Frame,
) -> Option<Frame> {
    let (at, len) = module.file.exceptions?;
    let index = at.wrapping_add(module.bias()) & arch.address_mask();
    let inside = frame.inside(arch);
    // The last entry whose function begins before the address.   [EHABI32, Index table entries]
    let (mut low, mut high) = (0, len / 8);
    while low < high {
        let middle = low + (high - low) / 2;
        match relative(memory, arch, index + middle * 8)? <= inside {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    let entry = index + low.checked_sub(1)? * 8;
    let second = word(memory, arch, entry + 4)?;
    let code = match second {
        // EXIDX_CANTUNWIND, which stands for code without a table as well: C has none unless asked for.
        1 => return None,
        _ if second & 1 << 31 != 0 => short(second)?,
        _ => {
            let at = relative(memory, arch, entry + 4)?;
            table(memory, arch, at)?
        }
    };
    let mut registers = frame.registers.clone();
    registers.resize(registers.len().max(16), None);
    registers[SP] = Some(frame.sp);
    registers[PC] = None;
    run(memory, arch, &code, &mut registers)?;
    let pc = registers[PC].or(registers[LR])?;
    let sp = registers[SP]?;
    registers[LR] = None;
    Some(Frame {
        pc,
        sp,
        registers,
        returned: true,
    })
}

/// An address that is told by its distance, in 31 bits.   [EHABI32, prel31]
fn relative(memory: &mut AddressSpace, arch: Arch, at: u64) -> Option<u64> {
    let value = word(memory, arch, at)? as u32;
    let distance = (value << 1).cast_signed() >> 1;
    Some(at.wrapping_add_signed(distance.into()) & arch.address_mask())
}

/// Three instructions in a word of the first of the compact models.
fn short(word: u64) -> Option<Vec<u8>> {
    let bytes = (word as u32).to_be_bytes();
    (bytes[0] == 0x80).then(|| bytes[1..].to_vec())
}

/// The instructions that a table has.   [EHABI32, The Arm-defined compact model, The generic model]
fn table(memory: &mut AddressSpace, arch: Arch, at: u64) -> Option<Vec<u8>> {
    let first = word(memory, arch, at)?;
    let mut at = at + 4;
    let (mut code, more) = match first >> 24 {
        0x80 => return short(first),
        0x81 | 0x82 => {
            let bytes = (first as u32).to_be_bytes();
            (bytes[2..].to_vec(), u64::from(bytes[1]))
        }
        // A routine of a language, whose data have instructions of the same kind where GCC's own runtime reads them.
        high if high & 0x80 == 0 => {
            let bytes = (word(memory, arch, at)? as u32).to_be_bytes();
            at += 4;
            (bytes[1..].to_vec(), u64::from(bytes[0]))
        }
        _ => return None,
    };
    for index in 0..more {
        code.extend((word(memory, arch, at + 4 * index)? as u32).to_be_bytes());
    }
    Some(code)
}

/// Follows the instructions.   [EHABI32, Frame unwinding instructions]
fn run(
    memory: &mut AddressSpace,
    arch: Arch,
    code: &[u8],
    registers: &mut [Option<u64>],
) -> Option<()> {
    let mut bytes = code.iter().copied().take(LONGEST);
    while let Some(byte) = bytes.next() {
        let sp = registers[SP]?;
        let low = u64::from(byte & 0x3f) * 4 + 4;
        match byte {
            0x00..=0x3f => registers[SP] = Some(sp.wrapping_add(low) & arch.address_mask()),
            0x40..=0x7f => registers[SP] = Some(sp.wrapping_sub(low) & arch.address_mask()),
            0x80..=0x8f => {
                let mask = u16::from(byte & 15) << 8 | u16::from(bytes.next()?);
                if mask == 0 {
                    return None;
                }
                pop(memory, arch, registers, u32::from(mask) << 4)?;
            }
            0x9d | 0x9f => return None,
            0x90..=0x9f => registers[SP] = registers[usize::from(byte & 15)],
            0xa0..=0xaf => {
                let count = u32::from(byte & 7) + 1;
                let link = u32::from(byte >> 3 & 1) << LR;
                pop(memory, arch, registers, ((1 << count) - 1) << 4 | link)?;
            }
            0xb0 => return Some(()),
            0xb1 => {
                let mask = bytes.next().filter(|mask| (1..16).contains(mask))?;
                pop(memory, arch, registers, mask.into())?;
            }
            0xb2 => {
                let mut value: u64 = 0;
                let mut shift = 0;
                loop {
                    let byte = bytes.next()?;
                    value |= u64::from(byte & 0x7f).checked_shl(shift)?;
                    shift += 7;
                    if byte & 0x80 == 0 {
                        break;
                    }
                }
                let more = value.wrapping_mul(4).wrapping_add(0x204);
                registers[SP] = Some(sp.wrapping_add(more) & arch.address_mask());
            }
            // Registers of the floating-point units only move the stack. FSTMFDX has a word more.
            0xb3 => skip(registers, u64::from(bytes.next()? & 15) * 8 + 12)?,
            0xb8..=0xbf => skip(registers, u64::from(byte & 7) * 8 + 12)?,
            0xc8 | 0xc9 => skip(registers, u64::from(bytes.next()? & 15) * 8 + 8)?,
            0xd0..=0xd7 => skip(registers, u64::from(byte & 7) * 8 + 8)?,
            _ => return None,
        }
    }
    Some(())
}

fn skip(registers: &mut [Option<u64>], bytes: u64) -> Option<()> {
    registers[SP] = Some(registers[SP]?.checked_add(bytes)?);
    Some(())
}

/// Takes registers from the stack, the lowest first.
fn pop(
    memory: &mut AddressSpace,
    arch: Arch,
    registers: &mut [Option<u64>],
    mask: u32,
) -> Option<()> {
    let mut at = registers[SP]?;
    for (register, value) in registers.iter_mut().enumerate().take(16) {
        if mask >> register & 1 != 0 {
            *value = Some(word(memory, arch, at)?);
            at = at.checked_add(4)?;
        }
    }
    if mask >> SP & 1 == 0 {
        registers[SP] = Some(at);
    }
    Some(())
}
