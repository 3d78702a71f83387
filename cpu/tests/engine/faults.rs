//! A refused access ends the run with its exact address, at the instruction, with nothing changed.

use emu_cpu::memory::{Backing, PAGE};
use emu_cpu::{Access, Arch, Exit, Fault, FaultKind, Object, Prot, arm, arm64, mips, x86};

use crate::machine::{CODE, DATA, Machine};

const NOWHERE: u64 = 0x66_6780;

fn fault(address: u64, access: Access, kind: FaultKind) -> Exit {
    Exit::Fault(Fault {
        address,
        access,
        kind,
    })
}

/// A load of 4 bytes to one register from the address in another, and a store.
fn load_store(arch: Arch) -> (Vec<u8>, Vec<u8>, emu_cpu::Reg) {
    let words = |word| crate::machine::bytes(arch, &[word]);
    match arch {
        Arch::X86 | Arch::X86_64 => (vec![0x8b, 0x01], vec![0x89, 0x01], x86::ECX),
        Arch::Arm => (words(0xe591_0000), words(0xe581_0000), arm::R1),
        Arch::Arm64 => (words(0xb940_0020), words(0xb900_0020), arm64::X1),
        Arch::Mips | Arch::Mipsel | Arch::Mips64 | Arch::Mips64el => {
            (words(0x8d28_0000), words(0xad28_0000), mips::T1)
        }
    }
}

#[test]
fn loads_and_stores_tell_their_exact_address() {
    for arch in Arch::all() {
        let (load, store, base) = load_store(arch);
        for (code, access) in [(load, Access::Read), (store, Access::Write)] {
            let mut machine = Machine::with(arch, &code);
            machine.set(base, NOWHERE);
            assert_eq!(
                machine.run(),
                fault(NOWHERE, access, FaultKind::Unmapped),
                "{arch:?}"
            );
            assert_eq!(machine.cpu.pc(), CODE, "{arch:?}");
            assert_eq!(machine.reg(base), NOWHERE);

            // The page appears: the same instruction goes on.
            machine.map(NOWHERE & !(PAGE - 1), 1, Prot::READ | Prot::WRITE);
            machine.put(CODE + code.len() as u64, &trap(arch));
            assert!(matches!(machine.run(), Exit::Trap { .. }), "{arch:?}");
        }
    }
}

pub(crate) fn trap(arch: Arch) -> Vec<u8> {
    let words = |word| crate::machine::bytes(arch, &[word]);
    match arch {
        Arch::X86 | Arch::X86_64 => vec![0xcd, 0x80],
        Arch::Arm => words(0xef00_0000),
        Arch::Arm64 => words(0xd400_0001),
        Arch::Mips | Arch::Mipsel | Arch::Mips64 | Arch::Mips64el => words(0x0000_000c),
    }
}

#[test]
fn a_store_to_a_read_only_page_is_denied_and_changes_nothing() {
    for arch in Arch::all() {
        let (_, store, base) = load_store(arch);
        let mut machine = Machine::with(arch, &store);
        machine.map(NOWHERE & !(PAGE - 1), 1, Prot::READ);
        machine.set(base, NOWHERE);
        assert_eq!(
            machine.run(),
            fault(NOWHERE, Access::Write, FaultKind::Denied),
            "{arch:?}"
        );
        assert_eq!(machine.u32(NOWHERE), 0);
    }
}

#[test]
fn a_page_beyond_the_end_of_its_object_is_a_bus_error() {
    for arch in Arch::all() {
        let (load, _, base) = load_store(arch);
        let mut machine = Machine::with(arch, &load);
        let object = Object::new(&machine.memory);
        object.write(0, b"one page").unwrap();
        let backing = Backing::Shared { object, offset: 0 };
        machine
            .space
            .map(0x66_0000, 2 * PAGE, Prot::READ, backing, None)
            .unwrap();
        machine.set(base, 0x66_1234);
        assert_eq!(
            machine.run(),
            fault(0x66_1234, Access::Read, FaultKind::Bus),
            "{arch:?}"
        );
    }
}

#[test]
fn a_jump_to_nowhere_is_a_fetch_fault_at_the_target() {
    for arch in Arch::all() {
        let targets = match arch.row().bits {
            32 => vec![0, NOWHERE, 0xffff_fffc],
            _ => vec![0, NOWHERE, 0xffff_ffff_ffff_fffc, 0x8000_0000_0000],
        };
        for target in targets {
            let mut machine = Machine::new(arch);
            machine.cpu.set_pc(target);
            let expected = fault(target, Access::Fetch, FaultKind::Unmapped);
            assert_eq!(machine.run(), expected, "{arch:?} {target:#x}");
            assert_eq!(machine.cpu.pc(), target, "{arch:?}");
        }
    }
}

#[test]
fn data_is_not_executable() {
    for arch in Arch::all() {
        let mut machine = Machine::new(arch);
        machine.cpu.set_pc(DATA + 0x10);
        let expected = fault(DATA + 0x10, Access::Fetch, FaultKind::Denied);
        assert_eq!(machine.run(), expected, "{arch:?}");
    }
}

#[test]
fn running_off_the_end_of_the_code_stops_there_with_everything_done() {
    for arch in Arch::all() {
        let end = CODE + 4 * PAGE;
        let (code, target): (Vec<u8>, _) = match arch {
            // inc ecx three times
            Arch::X86 => (vec![0x41, 0x41, 0x41], x86::ECX),
            Arch::X86_64 => (vec![0xff, 0xc1, 0xff, 0xc1, 0xff, 0xc1], x86::ECX),
            Arch::Arm => (crate::machine::bytes(arch, &[0xe281_1001; 3]), arm::R1),
            Arch::Arm64 => (crate::machine::bytes(arch, &[0x9100_0421; 3]), arm64::X1),
            _ => (crate::machine::bytes(arch, &[0x2529_0001; 3]), mips::T1),
        };
        let start = end - code.len() as u64;
        let mut machine = Machine::new(arch);
        machine.put(start, &code);
        machine.cpu.set_pc(start);
        assert_eq!(
            machine.run(),
            fault(end, Access::Fetch, FaultKind::Unmapped),
            "{arch:?}"
        );
        assert_eq!(machine.cpu.pc(), end, "{arch:?}");
        assert_eq!(machine.reg(target), 3, "{arch:?}");
    }
}

#[test]
fn an_instruction_across_the_end_of_the_code_faults_on_the_next_page() {
    let end = CODE + 4 * PAGE;
    for arch in [Arch::X86, Arch::X86_64] {
        // mov ecx, 7; mov eax, imm32 cut after 3 bytes
        let mut machine = Machine::new(arch);
        machine.put(end - 8, &[0xb9, 7, 0, 0, 0, 0xb8, 1, 2]);
        machine.cpu.set_pc(end - 8);
        assert_eq!(
            machine.run(),
            fault(end, Access::Fetch, FaultKind::Unmapped)
        );
        assert_eq!(machine.cpu.pc(), end - 3);
        assert_eq!(machine.reg(x86::ECX), 7);
        assert_eq!(machine.reg(x86::EAX), 0);
        // The page appears.
        machine.map(end, 1, Prot::READ | Prot::EXEC);
        machine.put(end, &[3, 4, 0xcd, 0x80]);
        assert!(matches!(machine.run(), Exit::Trap { .. }));
        assert_eq!(machine.reg(x86::EAX), 0x0403_0201);
    }
    // movs r1, #7; first half of movw
    let mut machine = Machine::new(Arch::Arm);
    machine.put(end - 4, &[7, 0x21, 0x40, 0xf2]);
    machine.cpu.set_pc((end - 4) | 1);
    assert_eq!(
        machine.run(),
        fault(end, Access::Fetch, FaultKind::Unmapped)
    );
    assert_eq!(machine.cpu.pc(), end - 2);
    assert_eq!(machine.reg(arm::R1), 7);
}

#[test]
fn a_store_across_two_pages_is_done_whole_or_not_at_all() {
    for arch in [Arch::X86, Arch::X86_64, Arch::Arm, Arch::Arm64] {
        let (_, store, base) = load_store(arch);
        let mut machine = Machine::with(arch, &store);
        machine.map(0x66_0000, 1, Prot::READ | Prot::WRITE);
        machine.set(base, 0x66_0ffe);
        machine.set(
            if arch == Arch::Arm64 {
                arm64::X0
            } else {
                emu_cpu::Reg(0)
            },
            0x0102_0304,
        );
        let expected = fault(0x66_1000, Access::Write, FaultKind::Unmapped);
        assert_eq!(machine.run(), expected, "{arch:?}");
        assert_eq!(machine.u32(0x66_0ffc), 0, "{arch:?}");
    }
}

#[test]
fn memory_that_is_used_up_is_a_fault_not_a_crash() {
    for arch in Arch::all() {
        let (_, store, base) = load_store(arch);
        let mut code = store.clone();
        code.extend(trap(arch));
        let mut machine = Machine::with(arch, &code);
        let pages = machine.memory.limit() / PAGE + 16;
        machine.map(0x1000_0000, pages, Prot::READ | Prot::WRITE);
        let mut seen = None;
        for page in 0..pages {
            machine.cpu.set_pc(CODE);
            machine.set(base, 0x1000_0000 + page * PAGE);
            match machine.run() {
                Exit::Trap { .. } => {}
                Exit::Fault(fault) => {
                    seen = Some(fault.kind);
                    break;
                }
                other => panic!("{arch:?}: {other:?}"),
            }
        }
        assert_eq!(seen, Some(FaultKind::NoMemory), "{arch:?}");
    }
}

#[test]
fn a_32_bit_guest_sees_nothing_beyond_4_gib() {
    // mov eax, [ecx+ecx]: wraps
    let mut machine = Machine::with(Arch::X86, &[0x8b, 0x04, 0x09]);
    machine.set(x86::ECX, 0x8000_0000);
    assert_eq!(machine.run(), fault(0, Access::Read, FaultKind::Unmapped));
    // mov eax, [0xfffffffe] reaches around the end.
    let mut machine = Machine::with(Arch::X86, &[0xa1, 0xfe, 0xff, 0xff, 0xff]);
    assert!(matches!(
        machine.run(),
        Exit::Fault(Fault {
            kind: FaultKind::Unmapped,
            access: Access::Read,
            ..
        })
    ));
}
