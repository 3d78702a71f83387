//! Budgets and counts.

use emu_cpu::{Arch, Exit, arm, arm64, mips, x86};

use crate::faults::trap;
use crate::machine::{CODE, Machine, bytes};

/// A loop of three instructions that counts a register down, and a trap behind it.
fn countdown(arch: Arch) -> (Vec<u8>, emu_cpu::Reg) {
    let (mut code, register) = match arch {
        // nop; dec ecx; jnz
        Arch::X86 => (vec![0x90, 0x49, 0x75, 0xfc], x86::ECX),
        Arch::X86_64 => (vec![0x90, 0xff, 0xc9, 0x75, 0xfb], x86::ECX),
        // nop; subs r1, r1, #1; bne
        Arch::Arm => (
            bytes(arch, &[0xe320_f000, 0xe251_1001, 0x1aff_fffc]),
            arm::R1,
        ),
        Arch::Arm64 => (
            bytes(arch, &[0xd503_201f, 0xf100_0421, 0x54ff_ffc1]),
            arm64::X1,
        ),
        // addiu t1, t1, -1; bnez t1; nop
        Arch::Mips | Arch::Mipsel | Arch::Mips64 | Arch::Mips64el => (
            bytes(arch, &[0x2529_ffff, 0x1520_fffe, 0x0000_0000]),
            mips::T1,
        ),
    };
    code.extend(trap(arch));
    (code, register)
}

#[test]
fn a_budget_of_blocks_ends_the_run_and_nothing_is_lost() {
    for arch in Arch::all() {
        let (code, register) = countdown(arch);
        let mut machine = Machine::with(arch, &code);
        machine.set(register, 1000);
        let mut quanta = 0;
        loop {
            match machine.run_blocks(100) {
                Exit::Quantum => quanta += 1,
                Exit::Trap { .. } => break,
                other => panic!("{arch:?}: {other:?}"),
            }
            assert!(quanta < 100);
            let left = machine.reg(register);
            assert_eq!(left, 1000 - 100 * quanta, "{arch:?}");
        }
        assert_eq!(machine.reg(register), 0);
        assert_eq!(quanta, 10, "{arch:?}");
    }
}

#[test]
fn a_jump_to_itself_ends_with_its_budget() {
    for arch in Arch::all() {
        let code = match arch {
            Arch::X86 | Arch::X86_64 => vec![0xeb, 0xfe],
            Arch::Arm => bytes(arch, &[0xeaff_fffe]),
            Arch::Arm64 => bytes(arch, &[0x1400_0000]),
            _ => bytes(arch, &[0x1000_ffff, 0]),
        };
        let mut machine = Machine::with(arch, &code);
        for _ in 0..3 {
            assert_eq!(machine.run_blocks(10_000), Exit::Quantum, "{arch:?}");
            assert_eq!(machine.cpu.pc(), CODE);
        }
    }
}

#[test]
fn a_long_run_without_a_budget_may_be_followed_by_one_with_a_budget() {
    for arch in Arch::all() {
        let (code, register) = countdown(arch);
        let mut machine = Machine::with(arch, &code);
        // What watches blocks goes after a while in which nobody needs it, and has to come back.
        for blocks in [3_000_000, 5_000_000] {
            machine.cpu.set_pc(CODE);
            machine.set(register, blocks);
            assert_eq!(machine.run_blocks(100), Exit::Quantum, "{arch:?}");
            assert_eq!(machine.reg(register), blocks - 100, "{arch:?}");
            assert!(matches!(machine.run(), Exit::Trap { .. }), "{arch:?}");
            assert_eq!(machine.reg(register), 0, "{arch:?}");
        }
        machine.cpu.set_pc(CODE);
        machine.set(register, 1000);
        assert_eq!(machine.run_blocks(100), Exit::Quantum, "{arch:?}");
        assert_eq!(machine.reg(register), 900, "{arch:?}");
    }
}

#[test]
fn instructions_are_counted() {
    for arch in Arch::all() {
        let (code, register) = countdown(arch);
        let mut machine = Machine::with(arch, &code);
        assert_eq!(machine.cpu.instructions(), None);
        machine.cpu.count_instructions(true);
        machine.set(register, 1000);
        assert!(matches!(machine.run(), Exit::Trap { .. }));
        assert_eq!(machine.cpu.instructions(), Some(3001), "{arch:?}");
        machine.cpu.count_instructions(false);
        assert_eq!(machine.cpu.instructions(), None);
    }
}

#[test]
fn a_limit_of_instructions_ends_the_run() {
    for arch in Arch::all() {
        let (code, register) = countdown(arch);
        let mut machine = Machine::with(arch, &code);
        machine.cpu.limit_instructions(Some(300));
        machine.set(register, 1000);
        assert_eq!(machine.run(), Exit::Quantum, "{arch:?}");
        assert_eq!(machine.cpu.instructions(), Some(300), "{arch:?}");
        assert_eq!(machine.reg(register), 900, "{arch:?}");
        assert_eq!(machine.run(), Exit::Quantum, "and stays ended");
        assert_eq!(machine.reg(register), 900, "{arch:?}");
        machine.cpu.limit_instructions(None);
        assert!(matches!(machine.run(), Exit::Trap { .. }));
        assert_eq!(machine.cpu.instructions(), Some(3001), "{arch:?}");
    }
}

#[test]
fn thumb_instructions_of_both_lengths_are_counted() {
    // movw r0, #1; nop; subs r1, #1; bne -; svc
    let code = [
        0x40, 0xf2, 0x01, 0x00, 0x00, 0xbf, 0x01, 0x39, 0xfa, 0xd1, 0x00, 0xdf,
    ];
    let mut machine = Machine::with(Arch::Arm, &code);
    machine.cpu.set_pc(CODE | 1);
    machine.set(arm::R1, 10);
    machine.cpu.count_instructions(true);
    let exit = machine.run();
    assert!(matches!(exit, Exit::Trap { .. }), "{exit:?}");
    assert_eq!(machine.cpu.instructions(), Some(41));
}
