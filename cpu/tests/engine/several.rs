//! Several CPUs of one RAM, by turns.

use emu_cpu::memory::{Backing, PAGE};
use emu_cpu::{AddressSpace, Arch, Cpu, Exit, GuestMemory, Memory, Object, Prot};

use crate::faults::trap;
use crate::machine::{CODE, DATA, Machine, bytes};
use crate::self_modifying::{give, given, store};

/// Runs from an address to a trap.
#[track_caller]
fn run(cpu: &mut dyn Cpu, space: &mut AddressSpace, address: u64) {
    cpu.set_pc(address);
    let exit = cpu.run(space, None);
    assert!(
        matches!(exit, Exit::Trap { .. }),
        "{:?} {exit:x?}",
        cpu.arch()
    );
}

/// Code that loads a word from where `store` stores one, and traps.
fn load(arch: Arch) -> Vec<u8> {
    let mut code = match arch {
        // mov eax, [ecx]
        Arch::X86 | Arch::X86_64 => vec![0x8b, 0x01],
        Arch::Arm => bytes(arch, &[0xe591_0000]),
        Arch::Arm64 => bytes(arch, &[0xb940_0020]),
        // lw v0, 0(t1)
        _ => bytes(arch, &[0x8d22_0000]),
    };
    code.extend(trap(arch));
    code
}

const LOAD: u64 = CODE + PAGE;

#[test]
fn an_address_space_that_moves_is_seen_as_it_is_now() {
    for arch in Arch::all() {
        let memory = Memory::new(64 << 20).unwrap();
        let mut space = Machine::space(&memory, arch);
        let (code, value, address) = store(arch);
        space.poke(CODE, &code).unwrap();
        space.poke(LOAD, &load(arch)).unwrap();
        let mut cpus = [(); 2].map(|()| emu_cpu::open(arch, &memory).unwrap());
        for (n, place) in (1..).zip([DATA, DATA + PAGE, DATA, DATA + 2 * PAGE]) {
            // Each has seen the page when the other gives it another frame.
            for cpu in &mut cpus {
                cpu.set_reg(address, place);
                run(cpu.as_mut(), &mut space, LOAD);
            }
            let writer = &mut cpus[n as usize % 2];
            writer.set_reg(address, place);
            writer.set_reg(value, n);
            run(writer.as_mut(), &mut space, CODE);
            for cpu in cpus.iter_mut().rev() {
                cpu.set_reg(address, place);
                run(cpu.as_mut(), &mut space, LOAD);
                assert_eq!(cpu.reg(given(arch)), n, "{arch:?}");
            }
            let mut child = space.fork().unwrap();
            run(cpus[0].as_mut(), &mut child, LOAD);
            assert_eq!(cpus[0].reg(given(arch)), n, "{arch:?}");
        }
    }
}

#[test]
fn code_that_one_writes_and_another_runs() {
    for arch in Arch::all() {
        let memory = Memory::new(64 << 20).unwrap();
        let object = Object::new(&memory);
        object.truncate(PAGE).unwrap();
        let map = |prot: Prot| {
            let mut space = Machine::space(&memory, arch);
            let backing = Backing::Shared {
                object: object.clone(),
                offset: 0,
            };
            space.map(0x60_0000, PAGE, prot, backing, None).unwrap();
            space.poke(CODE, &store(arch).0).unwrap();
            space
        };
        let mut writes = map(Prot::READ | Prot::WRITE);
        let mut runs = map(Prot::READ | Prot::EXEC);
        let mut writer = emu_cpu::open(arch, &memory).unwrap();
        let mut runner = emu_cpu::open(arch, &memory).unwrap();
        let (_, value, address) = store(arch);
        for n in 1..20 {
            let code = give(arch, n);
            for (at, word) in code.chunks(4).enumerate() {
                let mut four = [0x90; 4];
                four[..word.len()].copy_from_slice(word);
                // As a word of the guest's own byte order.
                writes.write(DATA, &four).unwrap();
                let word = writes.read_u32(DATA).unwrap();
                writer.set_reg(value, word.into());
                writer.set_reg(address, 0x60_0040 + 4 * at as u64);
                run(writer.as_mut(), &mut writes, CODE);
            }
            run(runner.as_mut(), &mut runs, 0x60_0040);
            assert_eq!(runner.reg(given(arch)), u64::from(n), "{arch:?}");
        }
    }
}
