//! Saved states.

use emu_cpu::{Arch, Exit, Memory, arm, arm64, mips, x86, x86_64};

use crate::faults::trap;
use crate::machine::{CODE, Machine};

fn some(arch: Arch) -> [emu_cpu::Reg; 3] {
    match arch {
        Arch::X86 => [x86::EBX, x86::ESP, x86::MXCSR],
        Arch::X86_64 => [x86_64::R15, x86_64::FS_BASE, x86_64::RSP],
        Arch::Arm => [arm::R11, arm::TPIDRURO, arm::TPIDRURW],
        Arch::Arm64 => [arm64::X28, arm64::TPIDR_EL0, arm64::SP],
        Arch::Mips | Arch::Mipsel | Arch::Mips64 | Arch::Mips64el => {
            [mips::S7, mips::USERLOCAL, mips::HI]
        }
    }
}

#[test]
fn a_state_comes_back_as_it_was_saved() {
    for arch in Arch::all() {
        let mut machine = Machine::with(arch, &trap(arch));
        let values = [0x1000, 0x1f80, 0x3000];
        let registers = some(arch);
        for (register, value) in registers.iter().zip(values) {
            machine.set(*register, value);
        }
        if arch == Arch::X86 {
            machine.set(x86::MXCSR, 0x1fa0);
        }
        let before: Vec<u64> = registers
            .iter()
            .map(|register| machine.reg(*register))
            .collect();
        let mut context = machine.cpu.context();
        machine.cpu.save(&mut *context);
        let copy = context.duplicate();
        drop(context);
        assert!(matches!(machine.run(), Exit::Trap { .. }));
        for register in registers {
            machine.set(register, 0x40);
        }
        machine.cpu.restore(&*copy);
        let after: Vec<u64> = registers
            .iter()
            .map(|register| machine.reg(*register))
            .collect();
        assert_eq!(before, after, "{arch:?}");
        assert_eq!(machine.cpu.pc(), CODE);
        assert!(matches!(machine.run(), Exit::Trap { .. }));
    }
}

#[test]
fn a_state_can_go_to_another_cpu_after_its_own_is_gone() {
    for arch in Arch::all() {
        let memory = Memory::new(64 << 20).unwrap();
        let mut space = Machine::space(&memory, arch);
        space.poke(CODE, &trap(arch)).unwrap();
        let register = some(arch)[0];
        let context = {
            let mut cpu = emu_cpu::open(arch, &memory).unwrap();
            cpu.set_pc(CODE);
            cpu.set_reg(register, 0x7777);
            assert!(matches!(cpu.run(&mut space, None), Exit::Trap { .. }));
            cpu.set_pc(CODE);
            let mut context = cpu.context();
            cpu.save(&mut *context);
            context
        };
        let mut cpu = emu_cpu::open(arch, &memory).unwrap();
        cpu.restore(&*context);
        drop(context);
        assert_eq!(cpu.reg(register), 0x7777, "{arch:?}");
        assert!(
            matches!(cpu.run(&mut space, None), Exit::Trap { .. }),
            "{arch:?}"
        );
    }
}

#[test]
fn a_fresh_context_is_a_fresh_program() {
    for arch in Arch::all() {
        let mut machine = Machine::with(arch, &trap(arch));
        let context = machine.cpu.context();
        machine.set(some(arch)[0], 5);
        machine.cpu.restore(&*context);
        assert_eq!(machine.reg(some(arch)[0]), 0);
        machine.cpu.set_pc(CODE);
        assert!(matches!(machine.run(), Exit::Trap { .. }), "{arch:?}");
        machine.set(some(arch)[0], 5);
        machine.cpu.reset();
        assert_eq!(machine.reg(some(arch)[0]), 0);
    }
}

#[test]
fn floating_point_registers_are_part_of_a_state() {
    // movd xmm0, ecx; trap; movd edx, xmm0; trap
    for arch in [Arch::X86, Arch::X86_64] {
        let code = [
            0x66, 0x0f, 0x6e, 0xc1, 0xcd, 0x80, 0x66, 0x0f, 0x7e, 0xc2, 0xcd, 0x80,
        ];
        let mut machine = Machine::with(arch, &code);
        let fresh = machine.cpu.context();
        machine.set(x86::ECX, 0x1234);
        assert!(matches!(machine.run(), Exit::Trap { .. }));
        let mut context = machine.cpu.context();
        machine.cpu.save(&mut *context);
        machine.cpu.restore(&*fresh);
        machine.cpu.set_pc(CODE + 6);
        assert!(matches!(machine.run(), Exit::Trap { .. }));
        assert_eq!(machine.reg(x86::EDX), 0);
        machine.cpu.restore(&*context);
        assert!(matches!(machine.run(), Exit::Trap { .. }));
        assert_eq!(machine.reg(x86::EDX), 0x1234);
    }
}

#[test]
fn two_tasks_in_two_spaces_take_turns() {
    for arch in Arch::all() {
        let mut machine = Machine::with(arch, &trap(arch));
        let mut other = Machine::space(&machine.memory, arch);
        // The same addresses hold other code: two traps further on.
        let mut code = trap(arch);
        code.extend(trap(arch));
        other.poke(CODE + 0x100, &code).unwrap();
        machine.put(CODE + 0x100, &trap(arch));
        let len = trap(arch).len() as u64;
        for _ in 0..100 {
            machine.cpu.set_pc(CODE);
            assert!(matches!(machine.run(), Exit::Trap { pc, .. } if pc == CODE));
            machine.cpu.set_pc(CODE + 0x100);
            let exit = machine.cpu.run(&mut other, None);
            assert!(
                matches!(exit, Exit::Trap { pc, .. } if pc == CODE + 0x100),
                "{arch:?}"
            );
            let exit = machine.cpu.run(&mut other, None);
            assert!(matches!(exit, Exit::Trap { pc, .. } if pc == CODE + 0x100 + len));
        }
    }
}

/// The first and the last register of each kind that is wider than the general ones, and its bits.
fn wide(arch: Arch) -> Vec<(emu_cpu::Reg, u32)> {
    match arch {
        Arch::X86 => vec![
            (x86::ST0, 80),
            (x86::ST7, 80),
            (x86::XMM0, 128),
            (x86::XMM7, 128),
        ],
        Arch::X86_64 => vec![
            (x86_64::ST0, 80),
            (x86_64::ST7, 80),
            (x86_64::XMM0, 128),
            (x86_64::XMM15, 128),
        ],
        Arch::Arm => vec![(arm::D0, 64), (arm::D31, 64)],
        Arch::Arm64 => vec![(arm64::V0, 128), (arm64::V31, 128)],
        Arch::Mips | Arch::Mipsel | Arch::Mips64 | Arch::Mips64el => {
            vec![(mips::F0, 64), (mips::F31, 64)]
        }
    }
}

#[test]
fn wide_registers_hold_all_their_bits() {
    for arch in Arch::all() {
        let mut machine = Machine::with(arch, &trap(arch));
        let registers = wide(arch);
        for (n, (register, bits)) in registers.iter().enumerate() {
            let value = u128::MAX >> (128 - bits) ^ n as u128;
            machine.cpu.set_wide(*register, value);
        }
        for (n, (register, bits)) in registers.iter().enumerate() {
            let value = u128::MAX >> (128 - bits) ^ n as u128;
            assert_eq!(machine.cpu.wide(*register), value, "{arch:?} {n}");
            assert_eq!(machine.reg(*register), value as u64, "{arch:?} {n}");
        }
        let (register, _) = registers[0];
        machine.set(register, 7);
        assert_eq!(machine.cpu.wide(register), 7, "{arch:?}");
    }
}
