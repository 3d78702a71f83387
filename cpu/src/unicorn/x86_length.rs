//! How long is an x86 instruction, does it end a block, and does the translator leak for it?
//!
//! A decoder of lengths, as much as is needed to walk over code. Instructions that the engine refuses may come out
//! wrong: a block ends with them anyway.

/// An instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Instruction {
    length: usize,
    /// The block goes on behind it.
    goes_on: bool,
    /// Temporaries that the engine's translator leaks for it.
    leak: u16,
}

/// The instruction at the beginning of `code`, or `None` if it does not end in `code`.
fn decode(code: &[u8], long: bool) -> Option<Instruction> {
    let mut at = 0;
    let mut narrow = false;
    let mut narrow_address = false;
    loop {
        match *code.get(at)? {
            0x66 => narrow = true,
            0x67 => narrow_address = true,
            0xf0 | 0xf2 | 0xf3 | 0x2e | 0x36 | 0x3e | 0x26 | 0x64 | 0x65 => {}
            _ => break,
        }
        at += 1;
        if at > 14 {
            return Some(Instruction {
                length: at,
                goes_on: false,
                leak: 0,
            });
        }
    }
    let mut wide = false;
    if long && code.get(at)? & 0xf0 == 0x40 {
        wide = code[at] & 8 != 0;
        at += 1;
    }
    // An immediate that follows the operand size, but has 32 bits at most.
    let z = if narrow && !wide { 2 } else { 4 };
    let opcode = *code.get(at)?;
    at += 1;
    let mut goes_on = true;
    let mut leak = 0;
    let mut modrm = None;
    let mut immediate = 0;
    match opcode {
        0x0f => {
            let second = *code.get(at)?;
            at += 1;
            match second {
                0x38 => {
                    let third = *code.get(at)?;
                    at += 1;
                    modrm = Some(());
                    leak = u16::from(matches!(third, 0xf0 | 0xf1));
                }
                0x3a => {
                    at += 1;
                    modrm = Some(());
                    immediate = 1;
                    leak = 1;
                }
                0x05 | 0x07 | 0x0b | 0x34 | 0x35 | 0xaa => goes_on = false,
                0x04
                | 0x06
                | 0x08..=0x0a
                | 0x0c
                | 0x0e
                | 0x30..=0x33
                | 0x36
                | 0x37
                | 0x77
                | 0xa0
                | 0xa2
                | 0xa8
                | 0xc8..=0xcf => {}
                0xa1 | 0xa9 => leak = 1,
                0x80..=0x8f => {
                    immediate = if long { 4 } else { z };
                    goes_on = false;
                }
                0x70..=0x73 | 0xa4 | 0xac | 0xba | 0xc2 | 0xc4..=0xc6 | 0x0f => {
                    modrm = Some(());
                    immediate = 1;
                    leak = u16::from(matches!(second, 0x70 | 0xc6));
                }
                0xb2 | 0xb4 | 0xb5 => {
                    modrm = Some(());
                    leak = 1;
                }
                // Control and debug registers: privileged, and always of two registers.
                0x20..=0x23 => {
                    immediate = 1;
                    goes_on = false;
                }
                _ => modrm = Some(()),
            }
        }
        0x00..=0x3f => match opcode & 7 {
            0..=3 => modrm = Some(()),
            4 => immediate = 1,
            5 => immediate = z,
            _ => {}
        },
        0x40..=0x61 | 0x90..=0x99 | 0x9b..=0x9f | 0xa4..=0xa7 | 0xaa..=0xaf | 0x6c..=0x6f => {}
        0x62 | 0x63 => modrm = Some(()),
        0x68 => immediate = z,
        0x69 => {
            modrm = Some(());
            immediate = z;
        }
        0x6a => immediate = 1,
        0x6b | 0x80 | 0x82 | 0x83 | 0xc0 | 0xc1 | 0xc6 => {
            modrm = Some(());
            immediate = 1;
        }
        0x70..=0x7f | 0xe0..=0xe3 | 0xeb => {
            immediate = 1;
            goes_on = false;
        }
        0x81 | 0xc7 => {
            modrm = Some(());
            immediate = z;
        }
        0x8e => {
            modrm = Some(());
            leak = 1;
        }
        0x84..=0x8f | 0xd0..=0xd3 | 0xc4 | 0xc5 => modrm = Some(()),
        0x9a | 0xea => {
            immediate = z + 2;
            goes_on = false;
        }
        0xa0..=0xa3 => {
            immediate = match (long, narrow_address) {
                (true, false) => 8,
                (true, true) | (false, false) => 4,
                (false, true) => 2,
            }
        }
        0xa8 | 0xe4..=0xe7 | 0xb0..=0xb7 => immediate = 1,
        0xd4 | 0xd5 => {
            immediate = 1;
            leak = 1;
        }
        0xcd => {
            immediate = 1;
            goes_on = false;
        }
        0xa9 => immediate = z,
        0xb8..=0xbf => immediate = if wide { 8 } else { z },
        0xc2 | 0xca => {
            immediate = 2;
            goes_on = false;
        }
        0xc3 | 0xcb | 0xcc | 0xcf | 0xf1 | 0xf4 => goes_on = false,
        0xce => leak = 1,
        0xc8 => immediate = 3,
        0xd8..=0xdf => {
            modrm = Some(());
            leak = 2;
        }
        0xe8 | 0xe9 => {
            immediate = if long { 4 } else { z };
            goes_on = false;
        }
        0xf6 => {
            modrm = Some(());
            immediate = usize::from(code.get(at)? >> 3 & 7 < 2);
        }
        0xf7 => {
            modrm = Some(());
            immediate = if code.get(at)? >> 3 & 7 < 2 { z } else { 0 };
        }
        0xfe => modrm = Some(()),
        0xff => {
            modrm = Some(());
            goes_on = !matches!(code.get(at)? >> 3 & 7, 2..=5);
        }
        _ => {}
    }
    if modrm.is_some() {
        at += operand(code.get(at..)?, long, narrow_address)?;
    }
    at += immediate;
    (at <= code.len()).then_some(Instruction {
        length: at,
        goes_on,
        leak,
    })
}

/// Length of a ModRM byte with SIB and displacement.
fn operand(code: &[u8], long: bool, narrow_address: bool) -> Option<usize> {
    let modrm = *code.first()?;
    let (mode, base) = (modrm >> 6, modrm & 7);
    if mode == 3 {
        return Some(1);
    }
    if narrow_address && !long {
        return Some(match (mode, base) {
            (0, 6) | (2, _) => 3,
            (1, _) => 2,
            _ => 1,
        });
    }
    let sib = base == 4;
    let displacement = match mode {
        0 if base == 5 => 4,
        0 if sib && code.get(1)? & 7 == 5 => 4,
        0 => 0,
        1 => 1,
        _ => 4,
    };
    Some(1 + usize::from(sib) + displacement)
}

/// Instructions in a block.
pub(super) fn count(code: &[u8], long: bool) -> u32 {
    let mut at = 0;
    let mut count = 0;
    while at < code.len() {
        at += decode(&code[at..], long).map_or(1, |instruction| instruction.length);
        count += 1;
    }
    count
}

/// Offset of the first instruction that does not end in `code`, which goes straight on to its end; at least the length
/// of `code` if one ends just there.
pub(super) fn last_before_end(code: &[u8], long: bool) -> usize {
    let mut at = 0;
    while let Some(instruction) = code.get(at..).and_then(|code| decode(code, long)) {
        at += instruction.length;
    }
    at
}

/// The room for temporaries that leak is 464.
const ROOM: u16 = 440;
/// A block can reach from one page into the next, so that each may take half of it at their border.
const AT_BORDER: u16 = ROOM / 2;

/// Whether a block of code beginning anywhere in `page` could overflow the translator.
pub(super) fn has_long_run(page: &[u8], long: bool) -> bool {
    // Nearly all code hasn't enough bytes that could be such an opcode.
    let mut candidates = 0u32;
    for pair in page.windows(2) {
        candidates += match pair[0] {
            0xd8..=0xdf => 2,
            0x0f => u32::from(matches!(
                pair[1],
                0x38 | 0x3a | 0x70 | 0xc6 | 0xa1 | 0xa9 | 0xb2 | 0xb4 | 0xb5
            )),
            0x8e | 0xce | 0xd4 | 0xd5 => 1,
            _ => 0,
        };
    }
    if candidates < u32::from(AT_BORDER) {
        return false;
    }
    // Leaks of the straight run from each offset on, and whether it goes on behind the page; the last ones first.
    // Execution can begin at any of them.
    let mut runs = vec![(0u16, true); page.len() + 16];
    for at in (0..page.len()).rev() {
        let (leaks, open) = match decode(&page[at..], long) {
            Some(instruction) if instruction.goes_on => {
                let (leaks, open) = runs[at + instruction.length];
                (leaks + instruction.leak, open)
            }
            Some(instruction) => (instruction.leak, false),
            // What is cut off by the end of the page leaks at most this.
            None => (2, true),
        };
        runs[at] = (leaks, open);
        let border = open || at < 15;
        if leaks > if border { AT_BORDER } else { ROOM } {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arch::Arch;
    use crate::disasm::disassemble;
    use crate::unicorn::x86::skip_prefixes;

    #[track_caller]
    fn check(code: &[u8], long: bool, length: usize) {
        let mut padded = code.to_vec();
        padded.resize(16, 0);
        assert_eq!(
            decode(&padded, long).map(|i| i.length),
            Some(length),
            "{code:x?}"
        );
    }

    #[test]
    fn lengths() {
        for long in [false, true] {
            check(&[0x90], long, 1);
            check(&[0xb8, 1, 0, 0, 0], long, 5);
            check(&[0x66, 0xb8, 1, 0], long, 4);
            check(&[0x8b, 0x45, 8], long, 3);
            check(&[0x8b, 0x84, 0x24, 0, 0, 0, 0], long, 7);
            check(&[0x8b, 0x04, 0x25, 0, 0, 0, 0], long, 7);
            check(&[0x8b, 0x05, 0, 0, 0, 0], long, 6);
            check(&[0x81, 0xc1, 1, 0, 0, 0], long, 6);
            check(&[0x66, 0x81, 0xc1, 1, 0], long, 5);
            check(&[0xf7, 0xc1, 1, 0, 0, 0], long, 6);
            check(&[0xf7, 0xd9], long, 2);
            check(&[0x0f, 0x84, 0, 0, 0, 0], long, 6);
            check(&[0xf2, 0x0f, 0x38, 0xf1, 0xc1], long, 5);
            check(&[0x66, 0x0f, 0x3a, 0x0f, 0xc1, 4], long, 6);
            check(&[0xe8, 0, 0, 0, 0], long, 5);
            check(&[0xc8, 0, 0, 0], long, 4);
        }
        check(&[0x48, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8], true, 10);
        check(&[0x48, 0xa1, 1, 2, 3, 4, 5, 6, 7, 8], true, 10);
        check(&[0xa1, 1, 2, 3, 4], false, 5);
        check(&[0x48, 0x81, 0xc1, 1, 0, 0, 0], true, 7);
        check(&[0x67, 0x8b, 0x46, 1], false, 4);
        check(&[0x67, 0x8b, 0x06, 1, 2], false, 5);
    }

    #[test]
    fn runs_are_found_from_any_offset() {
        let mut page = vec![0x90; 4096];
        assert!(!has_long_run(&page, true));
        // Away from both borders.
        page[500..502].copy_from_slice(&[0xeb, 0]);
        page[1600..1602].copy_from_slice(&[0xeb, 0]);
        for at in (1001..1501).step_by(2) {
            assert!(at > 1400 || !has_long_run(&page, true));
            page[at..at + 2].copy_from_slice(&[0xd9, 0xc9]);
        }
        assert!(has_long_run(&page, true));
        // A jump in the middle cuts it.
        page[1201..1203].copy_from_slice(&[0xeb, 0]);
        page[1401..1403].copy_from_slice(&[0xeb, 0]);
        assert!(!has_long_run(&page, true));
        // Hidden in an operand: mov eax, imm32 over and over; one byte later it is fxch; add eax, -72.
        let mut page = Vec::new();
        while page.len() < 4090 {
            page.extend([0xb8, 0xd9, 0xc9, 0x83, 0xc0]);
        }
        page.resize(4096, 0x90);
        assert!(has_long_run(&page, true));
    }

    #[test]
    fn lengths_are_those_of_another_decoder() {
        let mut seed = 0x9e37_79b9_7f4a_7c15u64;
        let mut random = move || {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed
        };
        for (arch, long) in [(Arch::X86, false), (Arch::X86_64, true)] {
            let mut compared = 0;
            let mut wrong = Vec::new();
            for _ in 0..60_000 {
                let mut code = [random().to_le_bytes(), random().to_le_bytes()].concat();
                if random() % 3 == 0 {
                    code[0] = 0x0f;
                }
                let insn = disassemble(arch, false, 0, &code, 1).remove(0);
                let Some((opcode, rest)) = skip_prefixes(&code, long) else {
                    continue;
                };
                // VEX, EVEX and XOP, which the engine does not have; a block ends with them or with these jumps, whose
                // operand the two see differently. Bytes that are no instruction, and a REX before another prefix.
                let other = matches!(
                    opcode,
                    0xc4 | 0xc5 | 0x62 | 0x8f | 0xe8 | 0xe9 | 0x40..=0x4f
                ) || opcode == 0x0f
                    && matches!(rest[0], 0x80..=0x8f | 0x0f | 0x78 | 0x79 | 0xb9 | 0xff)
                    || opcode == 0x9b
                    || insn.text.starts_with(".byte");
                let start = code.len() - rest.len() - 1;
                let prefixes = &code[..start];
                let rex = prefixes.iter().position(|byte| long && byte & 0xf0 == 0x40);
                if other || rex.is_some_and(|at| at + 1 != start) {
                    continue;
                }
                compared += 1;
                let length = decode(&code, long).map(|i| i.length);
                if length != Some(insn.bytes.len()) {
                    wrong.push(format!("{long} {code:02x?} {} {length:?}", insn.text));
                }
            }
            assert_eq!(wrong, Vec::<String>::new());
            assert!(compared > 10_000);
        }
    }
}
