//! What does code say, for people? By capstone.

use capstone::arch::arm::ArchMode as ArmMode;
use capstone::arch::arm64::ArchMode as Arm64Mode;
use capstone::arch::mips::ArchMode as MipsMode;
use capstone::arch::x86::ArchMode as X86Mode;
use capstone::{Capstone, Endian as Order};

use crate::Endian;
use crate::arch::Arch;

/// An instruction in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Insn {
    /// Where it is.
    pub address: u64,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Mnemonic and operands, or `.byte` with what could not be understood.
    pub text: String,
}

/// At most `max` instructions of `bytes`, which are at `pc`. What is not an instruction becomes one [`Insn`] of as many
/// bytes as the architecture's smallest instruction has, so that the whole of `bytes` is told.
pub fn disassemble(arch: Arch, thumb: bool, pc: u64, bytes: &[u8], max: usize) -> Vec<Insn> {
    let Some(capstone) = open(arch, thumb) else {
        return Vec::new();
    };
    let unit = match arch {
        Arch::X86 | Arch::X86_64 => 1,
        Arch::Arm if thumb => 2,
        _ => 4,
    };
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() && found.len() < max {
        let address = pc.wrapping_add(at as u64) & arch.address_mask();
        let rest = &bytes[at..];
        let instructions = capstone.disasm_count(rest, address, max - found.len()).ok();
        for instruction in instructions.iter().flat_map(|list| list.iter()) {
            let mnemonic = instruction.mnemonic().unwrap_or("?");
            let text = match instruction.op_str() {
                Some(operands) if !operands.is_empty() => format!("{mnemonic} {operands}"),
                _ => mnemonic.to_owned(),
            };
            at += instruction.bytes().len();
            found.push(Insn {
                address: instruction.address(),
                bytes: instruction.bytes().to_vec(),
                text,
            });
        }
        if at < bytes.len() && found.len() < max {
            let bytes = &bytes[at..bytes.len().min(at + unit)];
            let list: Vec<String> = bytes.iter().map(|byte| format!("{byte:#04x}")).collect();
            found.push(Insn {
                address: pc.wrapping_add(at as u64) & arch.address_mask(),
                bytes: bytes.to_vec(),
                text: format!(".byte {}", list.join(", ")),
            });
            at += bytes.len();
        }
    }
    found
}

/// The instructions from `start`, where one begins, that end right before `pc`; the last `max` of them. Nothing where none
/// ends there.
pub fn before(arch: Arch, thumb: bool, start: u64, bytes: &[u8], max: usize) -> Vec<Insn> {
    let mut found = disassemble(arch, thumb, start, bytes, usize::MAX);
    let odd = found.iter().any(|insn| insn.text.starts_with(".byte"));
    found.drain(..found.len().saturating_sub(max));
    if odd && fixed_length(arch, thumb).is_none() {
        found.clear();
    }
    found
}

/// The length of all instructions, where they have one.
pub fn fixed_length(arch: Arch, thumb: bool) -> Option<u64> {
    let same = !thumb && !matches!(arch, Arch::X86 | Arch::X86_64);
    same.then_some(4)
}

/// Whether what ends before a return address is a call: the last bytes before it.
pub fn ends_in_call(arch: Arch, thumb: bool, before: &[u8]) -> bool {
    // The shortest and the longest call, and how far before its return address it ends: MIPS has a delay slot.
    let (lengths, slot) = match arch {
        Arch::X86 | Arch::X86_64 => (2..=7, 0),
        Arch::Arm if thumb => (2..=4, 0),
        Arch::Arm | Arch::Arm64 => (4..=4, 0),
        Arch::Mips | Arch::Mipsel | Arch::Mips64 | Arch::Mips64el => (4..=4, 4),
    };
    let Some(end) = before.len().checked_sub(slot) else {
        return false;
    };
    let calls = |text: &str| {
        let mnemonic = text.split(' ').next().unwrap_or("");
        match arch {
            Arch::X86 | Arch::X86_64 => mnemonic == "call",
            Arch::Arm => matches!(mnemonic, "bl" | "blx"),
            Arch::Arm64 => matches!(mnemonic, "bl" | "blr"),
            Arch::Mips | Arch::Mipsel | Arch::Mips64 | Arch::Mips64el => {
                matches!(mnemonic, "jal" | "jalr" | "bal")
            }
        }
    };
    lengths.clone().any(|len: usize| {
        end.checked_sub(len).is_some_and(|start| {
            let bytes = &before[start..end];
            let found = disassemble(arch, thumb, 0, bytes, 1);
            matches!(&found[..], [insn] if insn.bytes.len() == len && calls(&insn.text))
        })
    })
}

/// Bytes of memory that the x86 instruction at the beginning of `code` reads or writes at once, at most: those of its operands
/// in memory, or else of a word of its stack.
pub fn access_size(arch: Arch, code: &[u8]) -> u64 {
    use capstone::arch::ArchOperand;
    use capstone::arch::x86::X86OperandType;
    let word = arch.pointer();
    let size = || {
        let mut capstone = open(arch, false)?;
        capstone.set_detail(true).ok()?;
        let found = capstone.disasm_count(code, 0, 1).ok()?;
        let detail = capstone.insn_detail(found.iter().next()?).ok()?;
        let operands = detail.arch_detail().operands();
        let memory = operands.into_iter().filter_map(|operand| match operand {
            ArchOperand::X86Operand(operand) => match operand.op_type {
                X86OperandType::Mem(_) => Some(u64::from(operand.size)),
                _ => None,
            },
            _ => None,
        });
        memory.max()
    };
    size().unwrap_or(word).max(1)
}

/// What a function did to its stack before an address in it, told by its code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Prologue {
    /// Bytes it took from the stack.
    pub size: u64,
    /// Where above its stack pointer it keeps the return address, if it stored that.
    pub link: Option<u64>,
    /// Where it keeps its caller's frame pointer.
    pub frame: Option<u64>,
    /// Whether the frame pointer stands for the stack pointer, which may have moved since.
    pub framed: bool,
}

/// The prologue in the code of a function up to an address. Only where compilers leave no better way, as on MIPS.
pub fn prologue(arch: Arch, code: &[u8]) -> Option<Prologue> {
    let word = |bytes: &[u8]| {
        let bytes = bytes.try_into().expect("four bytes");
        match arch.endian() {
            Endian::Big => u32::from_be_bytes(bytes),
            Endian::Little => u32::from_le_bytes(bytes),
        }
    };
    if !arch.is_mips() {
        return None;
    }
    let mut found = Prologue::default();
    for bytes in code.chunks_exact(4) {
        let word = word(bytes);
        let low = word as u16;
        // addiu or daddiu sp,sp,-n; sw or sd ra,n(sp); the same of fp; move fp,sp   [MIPS O32 psABI, the stack frame]
        match (word >> 16, found.size) {
            (0x27bd | 0x67bd, _) if (low as i16) < 0 => {
                found = Prologue {
                    size: u64::from(low.wrapping_neg()),
                    ..Prologue::default()
                };
            }
            (_, 0) => {}
            (0xafbf | 0xffbf, _) => found.link = Some(u64::from(low)),
            (0xafbe | 0xffbe, _) => found.frame = Some(u64::from(low)),
            (0x03a0, _) if matches!(low, 0xf021 | 0xf025 | 0xf02d) => found.framed = true,
            _ => {}
        }
    }
    Some(found)
}

fn open(arch: Arch, thumb: bool) -> Option<Capstone> {
    use capstone::prelude::{BuildsCapstone, BuildsCapstoneEndian};
    let new = Capstone::new();
    let opened = match arch {
        Arch::X86 => new.x86().mode(X86Mode::Mode32).build(),
        Arch::X86_64 => new.x86().mode(X86Mode::Mode64).build(),
        Arch::Arm if thumb => new.arm().mode(ArmMode::Thumb).build(),
        Arch::Arm => new.arm().mode(ArmMode::Arm).build(),
        Arch::Arm64 => new.arm64().mode(Arm64Mode::Arm).build(),
        Arch::Mips => new.mips().mode(MipsMode::Mips32).endian(Order::Big).build(),
        Arch::Mipsel => new
            .mips()
            .mode(MipsMode::Mips32)
            .endian(Order::Little)
            .build(),
        Arch::Mips64 => new.mips().mode(MipsMode::Mips64).endian(Order::Big).build(),
        Arch::Mips64el => new
            .mips()
            .mode(MipsMode::Mips64)
            .endian(Order::Little)
            .build(),
    };
    opened.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(arch: Arch, thumb: bool, bytes: &[u8], expected: &[&str]) {
        let found = disassemble(arch, thumb, 0x1000, bytes, 100);
        let text: Vec<&str> = found.iter().map(|insn| insn.text.as_str()).collect();
        assert_eq!(text, expected);
        let all: Vec<u8> = found.iter().flat_map(|insn| insn.bytes.clone()).collect();
        assert_eq!(all, bytes);
    }

    #[test]
    fn each_architecture_is_understood() {
        check(
            Arch::X86,
            false,
            &[0xb8, 20, 0, 0, 0, 0xcd, 0x80],
            &["mov eax, 0x14", "int 0x80"],
        );
        check(
            Arch::X86_64,
            false,
            &[0x48, 0x89, 0xc7, 0x0f, 0x05],
            &["mov rdi, rax", "syscall"],
        );
        check(
            Arch::Arm,
            false,
            &[0x14, 0x70, 0xa0, 0xe3],
            &["mov r7, #0x14"],
        );
        check(
            Arch::Arm,
            true,
            &[0x14, 0x27, 0x00, 0xdf],
            &["movs r7, #0x14", "svc #0"],
        );
        check(Arch::Arm64, false, &[0x01, 0x00, 0x00, 0xd4], &["svc #0"]);
        check(
            Arch::Mips,
            false,
            &[0x24, 0x02, 0x0f, 0xa4],
            &["addiu $v0, $zero, 0xfa4"],
        );
        check(
            Arch::Mipsel,
            false,
            &[0xa4, 0x0f, 0x02, 0x24],
            &["addiu $v0, $zero, 0xfa4"],
        );
        // daddiu $v0, $v0, 8
        check(
            Arch::Mips64,
            false,
            &[0x64, 0x42, 0x00, 0x08],
            &["daddiu $v0, $v0, 8"],
        );
        check(
            Arch::Mips64el,
            false,
            &[0x08, 0x00, 0x42, 0x64],
            &["daddiu $v0, $v0, 8"],
        );
    }

    #[test]
    fn what_is_not_an_instruction_is_told_as_bytes() {
        check(Arch::X86_64, false, &[0x06, 0x90], &[".byte 0x06", "nop"]);
        check(
            Arch::Arm64,
            false,
            &[0xff; 4],
            &[".byte 0xff, 0xff, 0xff, 0xff"],
        );
        check(Arch::Mips, false, &[0, 0], &[".byte 0x00, 0x00"]);
    }

    #[test]
    fn not_more_than_asked_for() {
        assert_eq!(disassemble(Arch::X86, false, 0, &[0x90; 10], 3).len(), 3);
        assert_eq!(disassemble(Arch::X86, false, 0, &[], 3), []);
    }
}
