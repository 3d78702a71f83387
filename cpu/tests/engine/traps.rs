//! What ends a run, and where the program counter is then.

use crate::machine::{CODE, DATA, MIPS, Machine};
use emu_cpu::{Arch, Exit, Prot, Trap, arm, arm64, mips, x86, x86_64};

#[test]
fn int_0x80_is_a_trap_with_the_next_instruction_behind_it() {
    for arch in [Arch::X86, Arch::X86_64] {
        // mov eax, 20; int 0x80
        let mut machine = Machine::with(arch, &[0xb8, 20, 0, 0, 0, 0xcd, 0x80]);
        let trap = Trap::Interrupt(0x80);
        assert_eq!(
            machine.run(),
            Exit::Trap {
                trap,
                pc: CODE + 5,
                next: CODE + 7
            }
        );
        assert_eq!(machine.reg(x86::EAX), 20);
        assert_eq!(machine.cpu.pc(), CODE + 7);
    }
}

#[test]
fn syscall_and_sysenter_are_traps() {
    for arch in [Arch::X86, Arch::X86_64] {
        let mut machine = Machine::with(arch, &[0xb8, 39, 0, 0, 0, 0x0f, 0x05, 0x0f, 0x34]);
        let trap = Trap::Syscall;
        assert_eq!(
            machine.run(),
            Exit::Trap {
                trap,
                pc: CODE + 5,
                next: CODE + 7
            }
        );
        assert_eq!(machine.reg(x86_64::RAX), 39);
        let trap = Trap::Sysenter;
        assert_eq!(
            machine.run(),
            Exit::Trap {
                trap,
                pc: CODE + 7,
                next: CODE + 9
            }
        );
    }
}

#[test]
fn svc_is_a_trap_with_its_immediate() {
    // mov r7, #20; svc #0x900014
    let mut machine = Machine::words(Arch::Arm, &[0xe3a0_7014, 0xef90_0014]);
    let trap = Trap::Svc(0x90_0014);
    assert_eq!(
        machine.run(),
        Exit::Trap {
            trap,
            pc: CODE + 4,
            next: CODE + 8
        }
    );
    assert_eq!(machine.reg(arm::R7), 20);

    // movs r7, #20; svc #1
    let mut machine = Machine::with(Arch::Arm, &[0x14, 0x27, 0x01, 0xdf]);
    machine.cpu.set_pc(CODE | 1);
    assert_eq!(
        machine.run(),
        Exit::Trap {
            trap: Trap::Svc(1),
            pc: CODE + 2,
            next: CODE + 4
        }
    );
    assert_eq!(machine.reg(arm::CPSR) >> 5 & 1, 1, "still Thumb");
    assert_eq!(machine.reg(arm::R7), 20);

    // mov x8, #172; svc #7
    let mut machine = Machine::words(Arch::Arm64, &[0xd280_1588, 0xd400_00e1]);
    assert_eq!(
        machine.run(),
        Exit::Trap {
            trap: Trap::Svc(7),
            pc: CODE + 4,
            next: CODE + 8
        }
    );
    assert_eq!(machine.reg(arm64::X8), 172);
}

#[test]
fn mips_syscall_is_a_trap_whatever_its_code() {
    for arch in MIPS {
        // li v0, 4020; syscall 0x40404
        let mut machine = Machine::words(arch, &[0x2402_0fb4, 0x0101_010c]);
        assert_eq!(
            machine.run(),
            Exit::Trap {
                trap: Trap::Syscall,
                pc: CODE + 4,
                next: CODE + 8
            }
        );
        assert_eq!(machine.reg(mips::V0), 4020);
    }
}

#[test]
fn a_mips_syscall_in_a_delay_slot_says_so_and_where_the_branch_goes() {
    for arch in MIPS {
        // b +3; syscall; nop; nop; addiu t0, t0, 1; syscall
        let code = [0x1000_0003, 0x0000_000c, 0, 0, 0x2508_0001, 0x0000_000c];
        let mut machine = Machine::words(arch, &code);
        assert_eq!(
            machine.run(),
            Exit::Trap {
                trap: Trap::SyscallInSlot,
                pc: CODE + 4,
                next: CODE + 16
            }
        );
        assert_eq!(
            machine.run(),
            Exit::Trap {
                trap: Trap::Syscall,
                pc: CODE + 20,
                next: CODE + 24
            }
        );
        assert_eq!(machine.reg(mips::T0), 1, "the target runs once");

        // bne zero, zero, +3; syscall; syscall: not taken
        let mut machine = Machine::words(arch, &[0x1400_0003, 0x0000_000c, 0x0000_000c]);
        assert_eq!(
            machine.run(),
            Exit::Trap {
                trap: Trap::SyscallInSlot,
                pc: CODE + 4,
                next: CODE + 8
            }
        );
        assert_eq!(
            machine.run(),
            Exit::Trap {
                trap: Trap::Syscall,
                pc: CODE + 8,
                next: CODE + 12
            }
        );

        // jr t9; syscall
        let mut machine = Machine::words(arch, &[0x0320_0008, 0x0000_000c]);
        machine.put_words(CODE + 0x100, &[0x0000_000c]);
        machine.set(mips::T9, CODE + 0x100);
        assert_eq!(
            machine.run(),
            Exit::Trap {
                trap: Trap::SyscallInSlot,
                pc: CODE + 4,
                next: CODE + 0x100
            }
        );
        assert_eq!(
            machine.run(),
            Exit::Trap {
                trap: Trap::Syscall,
                pc: CODE + 0x100,
                next: CODE + 0x104
            }
        );
    }
}

#[test]
fn mips_load_linked_and_store_conditional_work_in_all_of_user_space() {
    for arch in MIPS {
        for address in [
            DATA + 0x800,
            0x1000_0000,
            0x2fff_f000,
            0x5555_0000,
            0x7fff_7ff0,
        ] {
            // ll at, 0(s3); addiu at, at, 1; sc at, 0(s3); syscall
            let code = [0xc261_0000, 0x2421_0001, 0xe261_0000, 0x0000_000c];
            let mut machine = Machine::words(arch, &code);
            machine.map(address & !0xfff, 1, Prot::READ | Prot::WRITE);
            machine.put_words(address, &[41]);
            machine.set(mips::S3, address);
            let exit = machine.run();
            assert!(
                matches!(exit, Exit::Trap { .. }),
                "{arch:?} {address:#x} {exit:?}"
            );
            assert_eq!(machine.reg(mips::AT), 1, "{arch:?} {address:#x}");
            assert_eq!(machine.u32(address), 42, "{arch:?} {address:#x}");
        }
    }
}
