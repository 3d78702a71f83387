//! What does an image of 64-bit Windows say of a frame's caller?   [Microsoft, x64 exception handling]

use emu_cpu::{AddressSpace, Arch};

use super::backtrace::{Frame, word};
use super::modules::Module;

/// DWARF's numbers of the registers, by those of the instructions' own.   [System V ABI AMD64, DWARF Register Number Mapping]
const DWARF: [usize; 16] = [0, 2, 1, 3, 7, 6, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15];
const SP: usize = 7;
/// Pieces of a function that are chained at most: Windows has the same.
const CHAIN: usize = 32;
/// `UNW_FLAG_CHAININFO`.
const CHAINED: u8 = 4;

/// The frame of the caller, where the image has a table. A function that the table does not have is a leaf, which moved
/// nothing.
pub(super) fn caller(
    arch: Arch,
    memory: &mut AddressSpace,
    module: &Module,
    frame: &Frame,
) -> Option<Frame> {
    let table = module.file.functions.as_ref()?;
    let base = module.base()?;
    let inside = frame.inside(arch).wrapping_sub(base);
    let at = u32::try_from(inside).ok()?;
    let end = table.partition_point(|(begin, ..)| *begin <= at);
    let found = table[..end].last().filter(|(_, end, _)| at < *end);
    let mut undone = frame.clone();
    undone
        .registers
        .resize(DWARF.len().max(undone.registers.len()), None);
    undone.registers[SP] = Some(frame.sp);
    let mut done = None;
    if let Some((begin, _, info)) = found {
        // How much of the function's beginning has been run: all of it where the function called another.
        done = undo(memory, base, (*info, at - begin), &mut undone, arch)?;
    }
    let sp = undone.registers[SP]?;
    let (pc, above) = match done {
        Some(interrupted) => interrupted,
        None => (word(memory, arch, sp)?, sp.checked_add(8)?),
    };
    undone.registers[SP] = Some(above);
    (undone.pc, undone.sp, undone.returned) = (pc, above, done.is_none());
    Some(undone)
}

/// Takes back what the beginning of a function did. Where it was entered by an interrupt, where that came from and the
/// stack there. `None` for what can't be read.
fn undo(
    memory: &mut AddressSpace,
    base: u64,
    (info, run): (u32, u32),
    frame: &mut Frame,
    arch: Arch,
) -> Option<Option<(u64, u64)>> {
    let (mut info, mut run) = (info, run);
    for _ in 0..CHAIN {
        let at = base.checked_add(info.into())?;
        let mut head = [0; 4];
        memory.peek(at, &mut head).ok()?;
        let count = usize::from(head[2]);
        let mut codes = vec![0; 2 * count];
        memory.peek(at + 4, &mut codes).ok()?;
        let slot = |index: usize| {
            let pair = codes.get(2 * index..2 * index + 2)?;
            Some(u16::from_le_bytes([pair[0], pair[1]]))
        };
        let long = |index: usize| Some(u64::from(slot(index)?) | u64::from(slot(index + 1)?) << 16);
        let pointer = usize::from(head[3] & 15);
        let fixed = u64::from(head[3] >> 4) * 16;
        // Saved registers are found from the stack as it is behind the beginning.
        let bottom = match pointer {
            0 => frame.registers[SP]?,
            own => frame.registers[DWARF[own]]?.wrapping_sub(fixed),
        };
        let mut index = 0;
        while index < count {
            let code = slot(index)?;
            let (offset, operation, value) = (code & 0xff, code >> 8 & 15, code >> 12);
            let len = match operation {
                1 if value == 0 => 2,
                1 => 3,
                4 | 8 => 2,
                5 | 9 => 3,
                _ => 1,
            };
            if u32::from(offset) > run {
                index += len;
                continue;
            }
            let sp = frame.registers[SP]?;
            let moved = match operation {
                0 => {
                    frame.registers[DWARF[usize::from(value)]] = word(memory, arch, sp);
                    sp.checked_add(8)?
                }
                1 if value == 0 => sp.checked_add(u64::from(slot(index + 1)?) * 8)?,
                1 => sp.checked_add(long(index + 1)?)?,
                2 => sp.checked_add(u64::from(value) * 8 + 8)?,
                3 => bottom,
                4 | 5 => {
                    let behind = match operation {
                        4 => u64::from(slot(index + 1)?) * 8,
                        _ => long(index + 1)?,
                    };
                    let kept = word(memory, arch, bottom.checked_add(behind)?);
                    frame.registers[DWARF[usize::from(value)]] = kept;
                    sp
                }
                10 => {
                    let at = sp.checked_add(u64::from(value & 1) * 8)?;
                    let pc = word(memory, arch, at)?;
                    return Some(Some((pc, word(memory, arch, at.checked_add(24)?)?)));
                }
                _ => sp,
            };
            frame.registers[SP] = Some(moved);
            index += len;
        }
        if head[0] >> 3 & CHAINED == 0 {
            return Some(None);
        }
        // Another piece has the rest of the beginning, which is over.
        let mut chained = [0; 4];
        let behind = 4 + 2 * (count as u64).next_multiple_of(2) + 8;
        memory.peek(at.checked_add(behind)?, &mut chained).ok()?;
        (info, run) = (u32::from_le_bytes(chained), u32::MAX);
    }
    None
}
