//! What does code say, for people? By capstone.

use capstone::arch::arm::ArchMode as ArmMode;
use capstone::arch::arm64::ArchMode as Arm64Mode;
use capstone::arch::mips::ArchMode as MipsMode;
use capstone::arch::x86::ArchMode as X86Mode;
use capstone::{Capstone, Endian as Order};

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
