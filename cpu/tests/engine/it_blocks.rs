//! Thumb IT blocks, and accesses in them.

use emu_cpu::memory::PAGE;
use emu_cpu::{Arch, Exit, arm};

use crate::machine::{CODE, DATA, Machine};

fn thumb(halves: &[u16]) -> Machine {
    let bytes: Vec<u8> = halves.iter().flat_map(|half| half.to_le_bytes()).collect();
    let mut machine = Machine::with(Arch::Arm, &bytes);
    machine.cpu.set_pc(CODE | 1);
    machine
}

#[test]
fn the_first_access_to_a_page_in_an_it_block_does_not_lead_astray() {
    for equal in [true, false] {
        for round in 0..6u64 {
            // cmp r0, #0; ittee eq; ldreq r2, [r1]; addeq r3, #1; ldrne r2, [r1]; addne r4, #1; add r5, #1; svc 0
            let mut machine = thumb(&[
                0x2800, 0xbf07, 0x680a, 0x3301, 0x680a, 0x3401, 0x3501, 0xdf00,
            ]);
            for page in 0..4 {
                machine.cpu.set_pc(CODE | 1);
                machine.set(arm::R0, u64::from(!equal));
                machine.set(arm::R1, DATA + (page + round) * PAGE);
                for register in [arm::R3, arm::R4, arm::R5] {
                    machine.set(register, 0);
                }
                assert!(matches!(machine.run(), Exit::Trap { pc, .. } if pc == CODE + 14));
                let counts = (
                    machine.reg(arm::R3),
                    machine.reg(arm::R4),
                    machine.reg(arm::R5),
                );
                assert_eq!(counts, if equal { (1, 0, 1) } else { (0, 1, 1) });
            }
        }
    }
}

#[test]
fn a_fault_in_an_it_block_can_be_gone_on_from() {
    // cmp r0, #0; itt eq; ldreq r2, [r1]; addeq r3, #1; add r5, #1; svc 0
    let mut machine = thumb(&[0x2800, 0xbf04, 0x680a, 0x3301, 0x3501, 0xdf00]);
    machine.set(arm::R1, 0x66_6000);
    assert!(matches!(machine.run(), Exit::Fault(_)));
    assert_eq!(machine.cpu.pc(), CODE + 4);
    assert_ne!(
        machine.reg(arm::CPSR) & 0x0600_fc00,
        0,
        "the IT state is in CPSR"
    );
    machine.map(0x66_6000, 1, emu_cpu::Prot::READ);
    assert!(matches!(machine.run(), Exit::Trap { pc, .. } if pc == CODE + 10));
    assert_eq!((machine.reg(arm::R3), machine.reg(arm::R5)), (1, 1));
}

#[test]
fn the_kernel_can_leave_an_it_block() {
    let mut machine = thumb(&[0x2800, 0xbf04, 0x680a, 0x3301, 0x3501, 0xdf00]);
    assert!(matches!(machine.run(), Exit::Fault(_)));
    // A signal handler: add r4, #1; svc 0
    machine.put(CODE + 0x100, &[0x01, 0x34, 0, 0xdf]);
    machine.cpu.set_pc((CODE + 0x100) | 1);
    machine.set(arm::R0, 1);
    assert!(matches!(machine.run(), Exit::Trap { pc, .. } if pc == CODE + 0x102));
    assert_eq!(machine.reg(arm::R4), 1);
}
