//! What an instruction can end in, besides a trap and a refused access.

use emu_cpu::{Arch, Exception, Exit, Trap, arm, arm64, mips, x86};

use crate::machine::{CODE, DATA, MIPS, Machine};

#[track_caller]
fn check(arch: Arch, code: &[u8], expected: Exit, offset: u64) -> Machine {
    let mut machine = Machine::with(arch, code);
    let exit = machine.run();
    assert_eq!(exit, expected, "{arch:?} {code:x?}");
    assert_eq!(machine.cpu.pc(), CODE + offset, "{arch:?} {code:x?}");
    machine
}

#[test]
fn x86_faults_are_at_the_instruction_and_breakpoints_behind_it() {
    for arch in [Arch::X86, Arch::X86_64] {
        let exception = Exit::Exception;
        check(arch, &[0x90, 0x0f, 0x0b], Exit::Illegal, 1); // ud2
        check(arch, &[0x90, 0xcc], exception(Exception::Breakpoint(0)), 2); // int3
        check(arch, &[0x90, 0xf7, 0xf1], exception(Exception::Divide), 1); // div ecx
        check(arch, &[0x90, 0xf4], exception(Exception::Protection), 1); // hlt
        check(arch, &[0x90, 0xfa], exception(Exception::Protection), 1); // cli
        check(
            arch,
            &[0x90, 0xe4, 0x10],
            exception(Exception::Protection),
            1,
        ); // in al, 16
        check(arch, &[0x90, 0xef], exception(Exception::Protection), 1); // out dx, eax
        check(
            arch,
            &[0x90, 0x0f, 0x01, 0x10],
            exception(Exception::Protection),
            1,
        ); // lgdt
        check(
            arch,
            &[0x90, 0x0f, 0x20, 0xc0],
            exception(Exception::Protection),
            1,
        ); // mov eax, cr0
        check(
            arch,
            &[0x90, 0x0f, 0x32],
            exception(Exception::Protection),
            1,
        ); // rdmsr
        // vmovaps ymm0, ymm1: no AVX
        check(arch, &[0x90, 0xc5, 0xfc, 0x28, 0xc1], Exit::Illegal, 1);
        // rdrand eax: not on this CPU
        check(arch, &[0x90, 0x0f, 0xc7, 0xf0], Exit::Illegal, 1);
        // mov ax, 0x10; mov ds, ax: a kernel selector
        let mut machine = Machine::with(arch, &[0x66, 0xb8, 0x38, 0, 0x8e, 0xd8]);
        assert_eq!(machine.run(), exception(Exception::Protection), "{arch:?}");
        assert_eq!(machine.cpu.pc(), CODE + 4);
    }
    // into, after an overflow: mov al, 0x7f; inc al; into
    let code = [0xb0, 0x7f, 0xfe, 0xc0, 0xce];
    check(Arch::X86, &code, Exit::Exception(Exception::Overflow), 4);
    // bound eax, [ecx] with eax outside of 0..0 at DATA: mov ecx, DATA; dec eax; bound
    let code = [0xb9, 0, 0, 0x40, 0, 0x48, 0x62, 0x01];
    check(Arch::X86, &code, Exit::Exception(Exception::Overflow), 6);
}

#[test]
fn an_int_n_is_told_from_the_fault_with_its_number() {
    for arch in [Arch::X86, Arch::X86_64] {
        for number in [
            0u8, 1, 2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 16, 0x2e, 0x80, 0xff,
        ] {
            let next = CODE + 2;
            let trap = Exit::Trap {
                trap: Trap::Interrupt(number),
                pc: CODE,
                next,
            };
            check(arch, &[0xcd, number], trap, 2);
        }
        // `hlt` behind bytes that look like `int 13`: mov eax, 0x0dcd0000; hlt
        let code = [0xb8, 0, 0, 0xcd, 0x0d, 0xf4];
        check(arch, &code, Exit::Exception(Exception::Protection), 5);
    }
}

#[test]
fn faults_of_the_same_kind_can_follow_each_other() {
    // Two contributory exceptions make a double fault on an engine that nobody tells they were handled.
    for arch in [Arch::X86, Arch::X86_64] {
        let mut machine = Machine::with(arch, &[0xf4, 0xf7, 0xf1, 0xf4, 0xcd, 0x80]);
        for round in 0..5 {
            machine.cpu.set_pc(CODE);
            assert_eq!(
                machine.run(),
                Exit::Exception(Exception::Protection),
                "{round}"
            );
            machine.cpu.set_pc(CODE + 1);
            assert_eq!(machine.run(), Exit::Exception(Exception::Divide), "{round}");
        }
    }
}

#[test]
fn the_trap_flag_steps_behind_each_instruction() {
    for arch in [Arch::X86, Arch::X86_64] {
        // pushf; or dword [esp], 0x100; popf; nop; nop
        let mut machine = Machine::with(
            arch,
            &[0x9c, 0x81, 0x0c, 0x24, 0, 1, 0, 0, 0x9d, 0x90, 0x90],
        );
        assert_eq!(machine.run(), Exit::Exception(Exception::SingleStep));
        assert_eq!(machine.cpu.pc(), CODE + 10);
        assert_eq!(machine.run(), Exit::Exception(Exception::SingleStep));
        assert_eq!(machine.cpu.pc(), CODE + 11);
    }
}

#[test]
fn port_input_leaves_the_accumulator_alone() {
    let mut machine = Machine::with(Arch::X86, &[0xe5, 0x10]);
    machine.set(x86::EAX, 0x1234_5678);
    assert_eq!(machine.run(), Exit::Exception(Exception::Protection));
    assert_eq!(machine.reg(x86::EAX), 0x1234_5678);
}

fn word(arch: Arch, word: u32, expected: Exit) {
    check(arch, &crate::machine::bytes(arch, &[word]), expected, 0);
}

#[test]
fn arm_exceptions() {
    word(Arch::Arm, 0xe7f0_00f0, Exit::Illegal); // udf
    word(
        Arch::Arm,
        0xe121_2374,
        Exit::Exception(Exception::Breakpoint(0x1234)),
    ); // bkpt
    // mrc p15, 0, r0, c1, c0, 0 (SCTLR): privileged
    word(Arch::Arm, 0xee11_0f10, Exit::Illegal);
    // ldrex r0, [r1] with r1 = DATA + 2
    let mut machine = Machine::words(Arch::Arm, &[0xe191_0f9f]);
    machine.set(arm::R1, DATA + 2);
    assert_eq!(
        machine.run(),
        Exit::Exception(Exception::Alignment(DATA + 2))
    );
    assert_eq!(machine.cpu.pc(), CODE);
    // Thumb: udf #1, bkpt #5
    for (code, expected) in [
        ([0x01, 0xde], Exit::Illegal),
        ([0x05, 0xbe], Exit::Exception(Exception::Breakpoint(5))),
    ] {
        let mut machine = Machine::with(Arch::Arm, &code);
        machine.cpu.set_pc(CODE | 1);
        assert_eq!(machine.run(), expected);
        assert_eq!(machine.cpu.pc(), CODE);
    }
}

#[test]
fn a64_exceptions() {
    word(Arch::Arm64, 0x0000_0000, Exit::Illegal); // udf #0
    word(
        Arch::Arm64,
        0xd420_0020,
        Exit::Exception(Exception::Breakpoint(1)),
    ); // brk #1
    word(Arch::Arm64, 0xd538_1000, Exit::Illegal); // mrs x0, sctlr_el1
    word(Arch::Arm64, 0xd400_0002, Exit::Illegal); // hvc #0
    // ldxr x0, [x1] with x1 = DATA + 4
    let mut machine = Machine::words(Arch::Arm64, &[0xc85f_7c20]);
    machine.set(arm64::X1, DATA + 4);
    assert_eq!(
        machine.run(),
        Exit::Exception(Exception::Alignment(DATA + 4))
    );
    // br x0 to an odd place
    let mut machine = Machine::words(Arch::Arm64, &[0xd61f_0000]);
    machine.set(arm64::X0, CODE + 0x102);
    assert_eq!(
        machine.run(),
        Exit::Exception(Exception::Alignment(CODE + 0x102))
    );
    assert_eq!(machine.cpu.pc(), CODE + 0x102);
}

#[test]
fn mips_exceptions_keep_their_program_counter() {
    for arch in MIPS {
        let exception = Exit::Exception;
        // Each behind a syscall, since the engine keeps the address of the last one.
        let one = |code: &[u32], expected: Exit, setup: &dyn Fn(&mut Machine)| {
            let mut machine = Machine::words(arch, &[0x0000_000c, 0, 0]);
            machine.put_words(CODE + 12, code);
            assert!(matches!(machine.run(), Exit::Trap { .. }));
            setup(&mut machine);
            assert_eq!(machine.run(), expected, "{arch:?} {code:x?}");
            assert_eq!(machine.cpu.pc(), CODE + 12, "{arch:?} {code:x?}");
        };
        let plain = |_: &mut Machine| {};
        one(
            &[0x0007_000d],
            exception(Exception::Breakpoint(7 << 10)),
            &plain,
        ); // break 7
        one(&[0x0000_01f4], exception(Exception::TrapCode(7)), &plain); // teq zero, zero, 7
        one(&[0x7000_003f], Exit::Illegal, &plain); // sdbbp
        one(&[0xec00_00ec], Exit::Illegal, &plain);
        one(&[0x4008_6000], Exit::Illegal, &plain); // mfc0 t0, Status
        one(&[0x4200_0020], Exit::Illegal, &plain); // wait
        one(&[0x7d28_5210], Exit::Illegal, &plain); // addu.qb: DSP
        // add t0, t0, t0 overflows
        one(&[0x0108_4020], exception(Exception::Overflow), &|machine| {
            machine.set(mips::T0, 0x7fff_ffff);
        });
        // jr t0 to an odd address: there is no MIPS16
        let mut machine = Machine::words(arch, &[0x0100_0008, 0]);
        machine.set(mips::T0, CODE + 0x101);
        assert_eq!(machine.run(), exception(Exception::Alignment(CODE + 0x101)));
        assert_eq!(machine.cpu.pc(), CODE + 0x101);
        // and the machine goes on.
        let mut context = machine.cpu.context();
        machine.cpu.save(&mut *context);
        machine.cpu.count_instructions(true);
        let handle = machine.cpu.stop_handle();
        for offset in [1, 2, 3] {
            machine.put_words(CODE, &[0x0100_0008, 0x254a_0001]);
            machine.set(mips::T0, CODE + 0x100 + offset);
            machine.set(mips::T2, 7);
            machine.cpu.set_pc(CODE);
            let target = CODE + 0x100 + offset;
            assert_eq!(machine.run(), exception(Exception::Alignment(target)));
            assert_eq!(machine.cpu.pc(), target);
            assert_eq!(machine.reg(mips::T2), 8);
            machine.put_words(CODE, &[0x254a_0001, 0x0000_000c]);
            machine.cpu.set_pc(CODE);
            assert!(matches!(machine.run(), Exit::Trap { .. }));
            assert_eq!(machine.reg(mips::T2), 9);
        }
        assert_eq!(machine.cpu.instructions(), Some(12));
        machine.cpu.restore(&*context);
        assert_eq!(machine.cpu.pc(), CODE + 0x101);
        handle.stop();
        assert_eq!(machine.run(), Exit::Stopped);
        // ll with an unaligned address is not fixed up
        let mut machine = Machine::words(arch, &[0xc128_0000]);
        machine.set(mips::T1, DATA + 2);
        assert_eq!(machine.run(), exception(Exception::Alignment(DATA + 2)));
    }
}

#[test]
fn waiting_goes_on() {
    // yield; wfe; wfi; svc
    let code = [0xe320_f001, 0xe320_f002, 0xe320_f003, 0xef00_0000];
    let mut machine = Machine::words(Arch::Arm, &code);
    assert!(matches!(machine.run(), Exit::Trap { pc, .. } if pc == CODE + 12));
    let code = [
        0xd503_203f,
        0xd503_205f,
        0xd503_207f,
        0xd503_209f,
        0xd400_0001,
    ];
    let mut machine = Machine::words(Arch::Arm64, &code);
    assert!(matches!(machine.run(), Exit::Trap { pc, .. } if pc == CODE + 16));
    // Thumb: yield; wfe; wfi; svc
    let mut machine = Machine::with(Arch::Arm, &[0x10, 0xbf, 0x20, 0xbf, 0x30, 0xbf, 0, 0xdf]);
    machine.cpu.set_pc(CODE | 1);
    assert!(matches!(machine.run(), Exit::Trap { pc, .. } if pc == CODE + 6));
    // pause; int 0x80
    for arch in [Arch::X86, Arch::X86_64] {
        let mut machine = Machine::with(arch, &[0xf3, 0x90, 0xcd, 0x80]);
        assert!(matches!(machine.run(), Exit::Trap { pc, .. } if pc == CODE + 2));
    }
}
