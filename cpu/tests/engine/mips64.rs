//! What MIPS64 has that MIPS32 has not.

use emu_cpu::memory::PAGE;
use emu_cpu::{Access, Arch, Exit, Fault, FaultKind, Prot, mips};

use crate::machine::{CODE, DATA, Machine};

const MIPS64: [Arch; 2] = [Arch::Mips64, Arch::Mips64el];
const SYSCALL: u32 = 0x0000_000c;

#[track_caller]
fn to_syscall(machine: &mut Machine) {
    let exit = machine.run();
    assert!(matches!(exit, Exit::Trap { .. }), "{exit:x?}");
}

#[test]
fn registers_have_64_bits_in_user_mode() {
    for arch in MIPS64 {
        // daddu t0, t1, t2; dsll32 t3, t2, 4; dmult t1, t2; mflo t4; addu t5, t1, t2; syscall
        let code = [
            0x012a_402d,
            0x000a_593c,
            0x012a_001c,
            0x0000_6012,
            0x012a_6821,
            SYSCALL,
        ];
        let mut machine = Machine::words(arch, &code);
        machine.set(mips::T1, 0x1_7fff_ffff);
        machine.set(mips::T2, 1);
        to_syscall(&mut machine);
        assert_eq!(machine.reg(mips::T0), 0x1_8000_0000);
        assert_eq!(machine.reg(mips::T3), 0x10_0000_0000);
        assert_eq!(machine.reg(mips::T4), 0x1_7fff_ffff);
    }
}

#[test]
fn the_fpu_has_32_double_registers() {
    for arch in MIPS64 {
        // dmtc1 t0, f1; dmfc1 t1, f1; cvt.d.l f3, f1; dmfc1 t2, f3; syscall
        let code = [0x44a8_0800, 0x4429_0800, 0x46a0_08e1, 0x442a_1800, SYSCALL];
        let mut machine = Machine::words(arch, &code);
        machine.set(mips::T0, 1 << 40);
        to_syscall(&mut machine);
        assert_eq!(machine.reg(mips::T1), 1 << 40);
        assert_eq!(machine.reg(mips::T2), ((1u64 << 40) as f64).to_bits());
        assert_eq!(machine.reg(mips::F0), 0);
        machine.set(mips::FCSR, 3);
        assert_eq!(machine.reg(mips::FCSR), 3, "the rounding mode can be set");
    }
}

#[test]
fn addresses_have_more_than_32_bits() {
    for arch in MIPS64 {
        // ld t0, 0(t1); sd t0, 8(t1); syscall
        let code = [0xdd28_0000, 0xfd28_0008, SYSCALL];
        let mut machine = Machine::words(arch, &code);
        let place = 0xff_f000_0000;
        machine.map(place, 1, Prot::READ | Prot::WRITE);
        machine.put(place, &[1, 2, 3, 4, 5, 6, 7, 8]);
        machine.set(mips::T1, place);
        to_syscall(&mut machine);
        let mut stored = [0; 8];
        machine.space.read(place + 8, &mut stored).unwrap();
        assert_eq!(stored, [1, 2, 3, 4, 5, 6, 7, 8]);

        for nowhere in [0x1_0040_0000, 0x8000_0000_0040_0000, 0xffff_ffff_8040_0000] {
            machine.set(mips::T1, nowhere);
            machine.cpu.set_pc(CODE);
            let fault = Fault {
                address: nowhere,
                access: Access::Read,
                kind: FaultKind::Unmapped,
            };
            assert_eq!(machine.run(), Exit::Fault(fault), "{arch:?} {nowhere:#x}");
            assert_eq!(machine.cpu.pc(), CODE);
        }
    }
}

#[test]
fn code_and_delay_slots_are_above_4_gib_too() {
    for arch in MIPS64 {
        let place = 0xaa_aaaa_0000;
        let mut machine = Machine::new(arch);
        machine.map(place, 1, Prot::READ | Prot::EXEC);
        // jr t9; lw t0, 0(t1); far away: syscall
        machine.put_words(place, &[0x0320_0008, 0x8d28_0000]);
        machine.put_words(place + 0x800, &[SYSCALL]);
        machine.set(mips::T9, place + 0x800);
        machine.set(mips::T1, DATA + 1);
        machine.put(DATA, &[0, 1, 1, 1, 1]);
        machine.cpu.set_pc(place);
        let exit = machine.run();
        // The unaligned load is done in software, and the branch goes on where it was to go.
        assert!(
            matches!(exit, Exit::Trap { pc, next, .. } if pc == place + 0x800 && next == pc + 4),
            "{exit:x?}"
        );
        assert_eq!(machine.reg(mips::T0), 0x0101_0101);
    }
}

#[test]
fn unaligned_double_words_are_fixed_up() {
    for arch in MIPS64 {
        // ld t0, 1(t1); sd t0, 0x43(t1); lwu t2, 1(t1); ldc1 f1, 1(t1); sdc1 f1, 0x53(t1); syscall
        let code = [
            0xdd28_0001,
            0xfd28_0043,
            0x9d2a_0001,
            0xd521_0001,
            0xf521_0053,
            SYSCALL,
        ];
        let mut machine = Machine::words(arch, &code);
        machine.set(mips::T1, DATA);
        let bytes = [0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88];
        machine.put(DATA + 1, &bytes);
        to_syscall(&mut machine);
        let (double, word) = match arch {
            Arch::Mips64 => (0x8182_8384_8586_8788, 0x8182_8384),
            _ => (0x8887_8685_8483_8281, 0x8483_8281),
        };
        assert_eq!(machine.reg(mips::T0), double);
        assert_eq!(machine.reg(mips::T2), word);
        for place in [0x43, 0x53] {
            let mut stored = [0; 8];
            machine.space.read(DATA + place, &mut stored).unwrap();
            assert_eq!(stored, bytes);
        }
    }
}

/// The CPU's own TLB, which `ll` asks, has room for 16 GiB.
#[test]
fn ll_and_sc_work_at_any_address() {
    for arch in MIPS64 {
        // ll t0, 0(t1); addiu t0, t0, 1; sc t0, 0(t1); lld t2, 8(t1); daddiu t2, t2, 1; scd t2, 8(t1); syscall
        let code = [
            0xc128_0000,
            0x2508_0001,
            0xe128_0000,
            0xd12a_0008,
            0x654a_0001,
            0xf12a_0008,
            SYSCALL,
        ];
        for place in [
            DATA,
            0x1_2000_0000,
            0x12_3456_7000,
            0xaa_aaaa_0000,
            0xff_0000_0000,
        ] {
            let mut machine = Machine::words(arch, &code);
            if place != DATA {
                machine.map(place, 1, Prot::READ | Prot::WRITE);
            }
            machine.put_words(place, &[41]);
            machine.set(mips::T1, place);
            to_syscall(&mut machine);
            assert_eq!(machine.reg(mips::T0), 1, "{place:#x}");
            assert_eq!(machine.reg(mips::T2), 1, "{place:#x}");
            assert_eq!(machine.u32(place), 42, "{arch:?} {place:#x}");
            let mut low = [0; 8];
            machine.space.read(place + 8, &mut low).unwrap();
            assert_eq!(low.iter().sum::<u8>(), 1);
        }
        // In a slot: b +2; ll t0, 0(t1)
        let mut machine = Machine::words(arch, &[0x1000_0002, 0xc128_0000, 0, SYSCALL]);
        machine.map(0x12_3456_7000, 1, Prot::READ);
        machine.put_words(0x12_3456_7000, &[41]);
        machine.set(mips::T1, 0x12_3456_7000);
        let exit = machine.run();
        assert!(matches!(exit, Exit::Trap { pc, .. } if pc == CODE + 12));
        assert_eq!(machine.reg(mips::T0), 41);
        // Where nothing is.
        machine.set(mips::T1, 0x12_3456_9004);
        machine.cpu.set_pc(CODE + PAGE);
        machine.put_words(CODE + PAGE, &[0xc128_0000]);
        let fault = Fault {
            address: 0x12_3456_9004,
            access: Access::Read,
            kind: FaultKind::Unmapped,
        };
        assert_eq!(machine.run(), Exit::Fault(fault));
        assert_eq!(machine.cpu.pc(), CODE + PAGE);
    }
}

/// The engine has room for so many temporaries in a block: more than that would overwrite its memory.
#[test]
fn long_runs_of_64_bit_instructions_are_no_danger() {
    let instructions = [
        0x012a_402d,           // daddu t0, t1, t2
        0x012a_402c,           // dadd
        0x012a_402e,           // dsub
        0x012a_402f,           // dsubu
        0x6528_0001,           // daddiu t0, t1, 1
        0x6128_0001,           // daddi t0, t1, 1
        0x0009_4138,           // dsll t0, t1, 4
        0x0009_413b,           // dsra
        0x0149_4014,           // dsllv t0, t1, t2
        0x0149_4016,           // dsrlv
        0x0149_4017,           // dsrav
        0x0029_413a,           // drotr
        0x0149_4056,           // drotrv
        0x012a_001c,           // dmult
        0x012a_001d,           // dmultu
        0x012a_001e,           // ddiv
        0x012a_001f,           // ddivu
        0x7d28_3903,           // dext
        0x7d28_3907,           // dins
        0x7c09_40a4,           // dsbh
        0x7c09_4164,           // dshd
        0x7128_4025,           // dclo
        0x7128_4024,           // dclz
        0xdc08_0000 | 9 << 21, // ld t0, 0(t1)
        0xfc08_0000 | 9 << 21, // sd
        0x6808_0000 | 9 << 21, // ldl
        0x6c08_0000 | 9 << 21, // ldr
        0xb008_0000 | 9 << 21, // sdl
        0xb408_0000 | 9 << 21, // sdr
        0x9c08_0000 | 9 << 21, // lwu
        0xd008_0000 | 9 << 21, // lld
        0xf008_0000 | 9 << 21, // scd
        0x4428_0800,           // dmfc1
        0x44a8_0800,           // dmtc1
        0x46a0_08a1,           // cvt.d.l
        0x4620_08a5,           // cvt.l.d
        0x4620_0832,           // c.eq.d
        0x4d22_0801,           // ldxc1
        0x4c62_1021,           // madd.d
        0x4c62_1039,           // nmsub.d
    ];
    for arch in MIPS64 {
        for instruction in instructions {
            let mut code = vec![instruction; 4 * PAGE as usize / 4 - 1];
            code.push(SYSCALL);
            let mut machine = Machine::words(arch, &code);
            machine.set(mips::T1, DATA);
            machine.set(mips::T2, 1);
            let exit = machine.run();
            assert!(
                matches!(exit, Exit::Trap { .. }),
                "{instruction:#x} {exit:x?}"
            );
        }
    }
}
