//! Delay slots, and accesses in them.

use emu_cpu::memory::PAGE;
use emu_cpu::{Access, Arch, Exception, Exit, Fault, FaultKind, Prot, mips};

use crate::machine::{CODE, DATA, MIPS, Machine};

#[test]
fn a_fault_in_a_delay_slot_is_the_branchs() {
    for arch in MIPS {
        // nop; b +2; lw t0, 0(t1); nop; syscall
        let mut machine = Machine::words(arch, &[0, 0x1000_0002, 0x8d28_0000, 0, 0x0000_000c]);
        machine.set(mips::T1, 0x66_6784);
        let fault = Fault {
            address: 0x66_6784,
            access: Access::Read,
            kind: FaultKind::Unmapped,
        };
        assert_eq!(machine.run(), Exit::Fault(fault));
        assert_eq!(machine.cpu.pc(), CODE + 4);
        // The page appears: the branch runs again, and goes where it went.
        machine.map(0x66_6000, 1, Prot::READ);
        machine.put_words(0x66_6784, &[0x1234_5678]);
        assert!(matches!(machine.run(), Exit::Trap { pc, .. } if pc == CODE + 16));
        assert_eq!(machine.reg(mips::T0), 0x1234_5678);
    }
}

#[test]
fn after_a_fault_in_a_delay_slot_the_guest_can_go_elsewhere() {
    for arch in MIPS {
        // b +2; lw t0, 0(zero); elsewhere: addiu t2, t2, 1; addiu t2, t2, 1; syscall
        let mut machine = Machine::words(arch, &[0x1000_0002, 0x8c08_0000]);
        machine.put_words(CODE + 0x100, &[0x254a_0001, 0x254a_0001, 0x0000_000c]);
        assert!(matches!(machine.run(), Exit::Fault(_)));
        machine.cpu.set_pc(CODE + 0x100);
        assert!(matches!(machine.run(), Exit::Trap { pc, .. } if pc == CODE + 0x108));
        assert_eq!(machine.reg(mips::T2), 2);
    }
}

#[test]
fn exceptions_in_a_delay_slot_are_the_branchs() {
    for arch in MIPS {
        for (slot, expected) in [
            (0x0000_000d, Exit::Exception(Exception::Breakpoint(0))),
            (0x0000_0034, Exit::Exception(Exception::TrapCode(0))),
            (0xec00_00ec, Exit::Illegal),
        ] {
            let mut machine = Machine::words(arch, &[0, 0x1000_0002, slot, 0, 0]);
            assert_eq!(machine.run(), expected);
            assert_eq!(machine.cpu.pc(), CODE + 4);
        }
    }
}

/// Every kind of branch, with a load or store in its slot whose page has not been seen by the TLB yet.
#[test]
fn the_first_access_to_a_page_in_a_delay_slot_does_not_lead_astray() {
    // (branch, whether it is taken); t3 = 1, t4 = 1, zero
    let branches: [(u32, bool); 14] = [
        (0x1000_0003, true),  // b
        (0x116c_0003, true),  // beq t3, t4
        (0x116b_0003, true),  // beq t3, t3
        (0x1560_0003, true),  // bne t3, zero
        (0x1400_0003, false), // bne zero, zero
        (0x1160_0003, false), // beq t3, zero
        (0x1d60_0003, true),  // bgtz t3
        (0x1960_0003, false), // blez t3
        (0x0561_0003, true),  // bgez t3
        (0x0560_0003, false), // bltz t3
        (0x5560_0003, true),  // bnel t3, zero
        (0x0571_0003, true),  // bgezal t3
        (0x0320_0008, true),  // jr t9
        (0x0320_f809, true),  // jalr t9
    ];
    // lw t0, 0(t1), sw t3, 0(t1), lb t0, 0(t1), swl t3, 0(t1)
    for slot in [0x8d28_0000, 0xad2b_0000, 0x8128_0000, 0xa92b_0000] {
        for arch in MIPS {
            for (branch, taken) in branches {
                // 0: branch; 4: slot; 8: addiu t5, 1; 12: syscall; 16: addiu t6, 1; 20: addiu t6, 1; 24: syscall
                let code = [
                    branch,
                    slot,
                    0x25ad_0001,
                    0x0000_000c,
                    0x25ce_0001,
                    0x25ce_0001,
                    0x0000_000c,
                ];
                let mut machine = Machine::words(arch, &code);
                machine.set(mips::T3, 1);
                machine.set(mips::T4, 1);
                machine.set(mips::T9, CODE + 16);
                for round in 0..4 {
                    machine.cpu.set_pc(CODE);
                    machine.set(mips::T1, DATA + round * PAGE + 0x20);
                    machine.set(mips::T5, 0);
                    machine.set(mips::T6, 0);
                    let exit = machine.run();
                    let at = CODE + if taken { 24 } else { 12 };
                    assert!(
                        matches!(exit, Exit::Trap { pc, .. } if pc == at),
                        "{arch:?} {branch:#x} {slot:#x} {round} {exit:x?}"
                    );
                    let counts = (machine.reg(mips::T5), machine.reg(mips::T6));
                    assert_eq!(counts, if taken { (0, 2) } else { (1, 0) }, "{branch:#x}");
                    if slot == 0xad2b_0000 {
                        assert_eq!(machine.u32(DATA + round * PAGE + 0x20), 1);
                    }
                }
            }
        }
    }
}

#[test]
fn a_loop_with_a_load_in_its_slot_walks_over_many_pages() {
    for arch in MIPS {
        // t1 = address, t2 = rounds, t3 = sum
        // 0: addiu t2, t2, -1; 4: addu t3, t3, t0; 8: addiu t1, t1, 0x400; 12: bnez t2, 0; 16: lw t0, 0(t1)
        // 20: syscall
        let code = [
            0x254a_ffff,
            0x0168_5821,
            0x2529_0400,
            0x1540_fffc,
            0x8d28_0000,
            0x0000_000c,
        ];
        let mut machine = Machine::words(arch, &code);
        machine.map(0x100_0000, 1024, Prot::READ | Prot::WRITE);
        let mut sum = 0u32;
        for n in 0..4096u32 {
            machine.put_words(0x100_0000 + u64::from(n) * 0x400, &[n * 7]);
            if n > 0 && n < 4000 {
                sum = sum.wrapping_add(n * 7);
            }
        }
        machine.set(mips::T1, 0x100_0000);
        machine.set(mips::T2, 4000);
        let exit = machine.run();
        assert!(
            matches!(exit, Exit::Trap { pc, .. } if pc == CODE + 20),
            "{exit:x?}"
        );
        assert_eq!(machine.reg(mips::T3), u64::from(sum));
        assert_eq!(machine.reg(mips::T1), 0x100_0000 + 4000 * 0x400);
    }
}

#[test]
fn unaligned_loads_and_stores_are_fixed_up() {
    for arch in MIPS {
        // lw t0, 1(t1); sw t0, 0x41(t1); lh t2, 3(t1); lhu t3, 3(t1); sh t2, 0x51(t1); syscall
        let code = [
            0x8d28_0001,
            0xad28_0041,
            0x852a_0003,
            0x952b_0003,
            0xa52a_0051,
            0x0000_000c,
        ];
        let mut machine = Machine::words(arch, &code);
        machine.set(mips::T1, DATA);
        machine.put(DATA, &[0x11, 0x22, 0x33, 0x84, 0x85, 0x66]);
        assert!(matches!(machine.run(), Exit::Trap { pc, .. } if pc == CODE + 20));
        let (word, half): (u64, u64) = match arch {
            Arch::Mips => (0x2233_8485, 0x8485),
            Arch::Mipsel => (0x8584_3322, 0x8584),
            Arch::Mips64 => (0x2233_8485, 0x8485),
            _ => (0xffff_ffff_8584_3322, 0x8584),
        };
        assert_eq!(machine.reg(mips::T0), word);
        let extended = (half | 0xffff_ffff_ffff_0000) & arch.address_mask();
        assert_eq!(machine.reg(mips::T2), extended);
        assert_eq!(machine.reg(mips::T3), half);
        let mut stored = [0; 4];
        machine.space.read(DATA + 0x41, &mut stored).unwrap();
        assert_eq!(stored, [0x22, 0x33, 0x84, 0x85]);
        machine.space.read(DATA + 0x51, &mut stored).unwrap();
        assert_eq!(stored, [0x84, 0x85, 0, 0]);
    }
}

#[test]
fn an_unaligned_load_in_a_delay_slot_is_fixed_up_and_the_branch_taken() {
    for arch in MIPS {
        // b +3; lw t0, 1(t1); addiu t5, 1; syscall; addiu t6, 1; syscall
        let code = [
            0x1000_0003,
            0x8d28_0001,
            0x25ad_0001,
            0x0000_000c,
            0x25ce_0001,
            0x0000_000c,
        ];
        let mut machine = Machine::words(arch, &code);
        machine.set(mips::T1, DATA);
        machine.put(DATA, &[0, 1, 1, 1, 1]);
        assert!(matches!(machine.run(), Exit::Trap { pc, .. } if pc == CODE + 20));
        assert_eq!(machine.reg(mips::T0), 0x0101_0101);
        assert_eq!((machine.reg(mips::T5), machine.reg(mips::T6)), (0, 1));
    }
}

#[test]
fn unaligned_floating_point_loads_and_stores_are_fixed_up() {
    for arch in MIPS {
        // ldc1 f2, 1(t1); sdc1 f2, 0x43(t1); lwc1 f4, 1(t1); swc1 f4, 0x53(t1); syscall
        let code = [
            0xd522_0001,
            0xf522_0043,
            0xc524_0001,
            0xe524_0053,
            0x0000_000c,
        ];
        let mut machine = Machine::words(arch, &code);
        machine.set(mips::T1, DATA);
        machine.put(DATA, &[0, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert!(matches!(machine.run(), Exit::Trap { pc, .. } if pc == CODE + 16));
        let mut stored = [0; 8];
        machine.space.read(DATA + 0x43, &mut stored).unwrap();
        assert_eq!(stored, [1, 2, 3, 4, 5, 6, 7, 8]);
        machine.space.read(DATA + 0x53, &mut stored[..4]).unwrap();
        assert_eq!(stored[..4], [1, 2, 3, 4]);
    }
}

#[test]
fn an_unaligned_access_to_nowhere_is_a_fault() {
    for arch in MIPS {
        let mut machine = Machine::words(arch, &[0x8d28_0001]);
        machine.set(mips::T1, 0x66_6780);
        let exit = machine.run();
        assert!(
            matches!(
                exit,
                Exit::Fault(Fault {
                    address: 0x66_6781,
                    access: Access::Read,
                    ..
                })
            ),
            "{exit:x?}"
        );
        assert_eq!(machine.cpu.pc(), CODE);
    }
}

#[test]
fn a_delay_slot_on_a_page_that_cannot_be_fetched_is_a_fault_at_the_branch() {
    for arch in MIPS {
        let end = CODE + 4 * PAGE;
        let mut machine = Machine::new(arch);
        // addiu t0, t0, 1; b -2 at the end of the page
        machine.put_words(end - 8, &[0x2508_0001, 0x1000_fffe]);
        let fault = Fault {
            address: end,
            access: Access::Fetch,
            kind: FaultKind::Unmapped,
        };
        for round in 1..4 {
            machine.cpu.set_pc(end - 8);
            assert_eq!(machine.run(), Exit::Fault(fault));
            assert_eq!(machine.cpu.pc(), end - 4);
            assert_eq!(machine.reg(mips::T0), round);
            // Other code is translated next.
            machine.put_words(CODE, &[0x2529_0001, 0x0000_000c]);
            machine.cpu.set_pc(CODE);
            assert!(matches!(machine.run(), Exit::Trap { .. }));
        }
        // The page appears: addiu t1, t1, 1 in the slot, and the loop goes round.
        machine.map(end, 1, Prot::READ | Prot::EXEC);
        machine.put_words(end, &[0x2529_0001]);
        machine.set(mips::T1, 0);
        machine.cpu.set_pc(end - 8);
        // The engine makes a block of the slot.
        assert_eq!(machine.run_blocks(20), Exit::Quantum);
        assert_eq!(machine.reg(mips::T1), 10);
    }
}

#[test]
fn a_run_does_not_end_between_a_branch_and_its_slot() {
    for arch in MIPS {
        let end = CODE + 4 * PAGE;
        let mut machine = Machine::new(arch);
        machine.map(end, 1, Prot::READ | Prot::EXEC);
        // addiu t0, t0, 1; b -2 at the end of a page; addiu t1, t1, 1 in the slot on the next
        machine.put_words(end - 8, &[0x2508_0001, 0x1000_fffe]);
        machine.put_words(end, &[0x2529_0001]);
        machine.cpu.set_pc(end - 8);
        for blocks in 1..8 {
            assert_eq!(machine.run_blocks(blocks), Exit::Quantum);
            assert_eq!(machine.cpu.pc(), end - 8, "{blocks}");
            assert_eq!(machine.reg(mips::T0), machine.reg(mips::T1));
        }
    }
}

#[test]
fn an_fpu_branch_in_a_slot_is_an_illegal_instruction() {
    for arch in MIPS {
        for branch in [
            0x1000_0002,
            0x03e0_0008,
            0x1500_0002,
            0x5108_0002,
            0x4500_0002,
        ] {
            for slot in [
                0x4500_0004,
                0x4501_0004,
                0x4502_0004,
                0x4503_0004,
                0x4520_0004,
                0x4540_0004,
            ] {
                let mut machine = Machine::words(arch, &[0, branch, slot, 0, 0, 0x0000_000c]);
                machine.set(mips::RA, CODE);
                let exit = machine.run();
                assert_eq!(exit, Exit::Illegal, "{arch:?} {branch:#x} {slot:#x}");
                assert_eq!(machine.cpu.pc(), CODE + 4);
            }
        }
        // The slot on the next page.
        let mut machine = Machine::new(arch);
        machine.put_words(CODE + PAGE - 4, &[0x1000_0010, 0x4500_0004]);
        machine.cpu.set_pc(CODE + PAGE - 4);
        assert_eq!(machine.run(), Exit::Illegal);
        assert_eq!(machine.cpu.pc(), CODE + PAGE - 4);
        // Loads still see what is there: lw t0, 0(t1) of it
        machine.put_words(CODE, &[0x8d28_0000, 0x0000_000c]);
        machine.set(mips::T1, CODE + PAGE);
        machine.cpu.set_pc(CODE);
        assert!(matches!(machine.run(), Exit::Trap { .. }));
        assert_eq!(machine.reg(mips::T0), 0x4500_0004);
    }
}

#[test]
fn an_fpu_branch_at_the_beginning_of_a_page_works() {
    for arch in MIPS {
        // (bc1 of fcc, whether it is likely, whether fcc must be set); the condition codes that are set
        for code in 0..8u32 {
            for (flags, likely, set) in [
                (0u32, false, false),
                (1, false, true),
                (2, true, false),
                (3, true, true),
            ] {
                for bit in [false, true] {
                    let branch = 0x4500_0003 | code << 18 | flags << 16;
                    let mut machine = Machine::new(arch);
                    // nop on the page before; bc1 +3; addiu t0, 1; addiu t1, 1; syscall; addiu t2, 1; syscall
                    machine.put_words(
                        CODE + PAGE - 4,
                        &[
                            0,
                            branch,
                            0x2508_0001,
                            0x2529_0001,
                            0x0000_000c,
                            0x254a_0001,
                            0x0000_000c,
                        ],
                    );
                    let place = if code == 0 { 23 } else { 24 + code };
                    machine.set(mips::FCSR, if bit { 1 << place } else { 0 });
                    machine.cpu.set_pc(CODE + PAGE - 4);
                    let exit = machine.run();
                    assert!(matches!(exit, Exit::Trap { .. }), "{exit:x?}");
                    let counts = [mips::T0, mips::T1, mips::T2].map(|t| machine.reg(t));
                    let expected = match (bit == set, likely) {
                        (true, _) => [1, 0, 1],
                        (false, true) => [0, 1, 0],
                        (false, false) => [1, 1, 0],
                    };
                    assert_eq!(counts, expected, "{arch:?} {branch:#x} {bit}");
                }
            }
        }
    }
}

#[test]
fn more_refused_code_than_there_is_room_for_is_illegal() {
    for arch in MIPS {
        let mut machine = Machine::new(arch);
        machine.map(0x100_0000, 200, Prot::READ | Prot::EXEC);
        for page in 0..200 {
            // b +2; bc1f; syscall at 0x40
            machine.put_words(0x100_0000 + page * PAGE, &[0x1000_0002, 0x4500_0004]);
            machine.put_words(0x100_0040 + page * PAGE, &[0x0000_000c]);
        }
        let mut traps = 0;
        for page in 0..200 {
            machine.cpu.set_pc(0x100_0040 + page * PAGE);
            match machine.run() {
                Exit::Trap { .. } => traps += 1,
                exit => assert_eq!(exit, Exit::Illegal),
            }
        }
        assert_eq!(traps, 64);
    }
}
