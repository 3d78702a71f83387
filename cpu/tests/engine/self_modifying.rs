//! Code that changes.

use emu_cpu::memory::{Backing, PAGE};
use emu_cpu::{Arch, Exit, Object, Prot, Reg, arm, arm64, mips, x86};

use crate::faults::trap;
use crate::machine::{CODE, DATA, Machine, bytes};

/// Code that puts `n` in a register and traps.
pub(crate) fn give(arch: Arch, n: u8) -> Vec<u8> {
    let mut code = match arch {
        Arch::X86 | Arch::X86_64 => vec![0xb8, n, 0, 0, 0],
        Arch::Arm => bytes(arch, &[0xe3a0_0000 | u32::from(n)]),
        Arch::Arm64 => bytes(arch, &[0xd280_0000 | u32::from(n) << 5]),
        _ => bytes(arch, &[0x2402_0000 | u32::from(n)]),
    };
    code.extend(trap(arch));
    code
}

pub(crate) fn given(arch: Arch) -> Reg {
    match arch {
        Arch::X86 | Arch::X86_64 => x86::EAX,
        Arch::Arm => arm::R0,
        Arch::Arm64 => arm64::X0,
        _ => mips::V0,
    }
}

/// Code that stores the word in one register to the address in another and traps.
pub(crate) fn store(arch: Arch) -> (Vec<u8>, Reg, Reg) {
    let (mut code, value, address) = match arch {
        // mov [ecx], edx
        Arch::X86 | Arch::X86_64 => (vec![0x89, 0x11], x86::EDX, x86::ECX),
        Arch::Arm => (bytes(arch, &[0xe581_2000]), arm::R2, arm::R1),
        Arch::Arm64 => (bytes(arch, &[0xb900_0022]), arm64::X2, arm64::X1),
        _ => (bytes(arch, &[0xad2a_0000]), mips::T2, mips::T1),
    };
    code.extend(trap(arch));
    (code, value, address)
}

struct Patcher {
    machine: Machine,
    arch: Arch,
}

impl Patcher {
    fn new(arch: Arch) -> Patcher {
        let (code, _, _) = store(arch);
        Patcher {
            machine: Machine::with(arch, &code),
            arch,
        }
    }

    /// The guest itself stores code that gives `n` at `address`.
    fn patch(&mut self, address: u64, n: u8) {
        let (_, value, place) = store(self.arch);
        let code = give(self.arch, n);
        for (at, word) in code.chunks(4).enumerate() {
            let mut four = [0x90; 4];
            four[..word.len()].copy_from_slice(word);
            let word = match self.arch.endian() {
                emu_cpu::Endian::Little => u32::from_le_bytes(four),
                emu_cpu::Endian::Big => u32::from_be_bytes(four),
            };
            self.machine.set(value, u64::from(word));
            self.machine.set(place, address + 4 * at as u64);
            self.machine.cpu.set_pc(CODE);
            let exit = self.machine.run();
            assert!(
                matches!(exit, Exit::Trap { .. }),
                "{:?} {exit:x?}",
                self.arch
            );
        }
    }

    #[track_caller]
    fn check(&mut self, address: u64, n: u8) {
        self.machine.set(given(self.arch), 0);
        self.machine.cpu.set_pc(address);
        let exit = self.machine.run();
        assert!(
            matches!(exit, Exit::Trap { .. }),
            "{:?} {exit:x?}",
            self.arch
        );
        assert_eq!(
            self.machine.reg(given(self.arch)),
            u64::from(n),
            "{:?}",
            self.arch
        );
    }
}

const RW: Prot = Prot::READ.union(Prot::WRITE);
const RX: Prot = Prot::READ.union(Prot::EXEC);
const RWX: Prot = RW.union(Prot::EXEC);

#[test]
fn a_page_that_turns_from_writable_to_executable_and_back() {
    for arch in Arch::all() {
        let mut patcher = Patcher::new(arch);
        let place = DATA + 0x100;
        for n in 1..6 {
            patcher.machine.space.protect(DATA, PAGE, RW).unwrap();
            patcher.patch(place, n);
            // A second store of another value goes by the fast path.
            patcher.patch(place, n + 100);
            patcher.machine.space.protect(DATA, PAGE, RX).unwrap();
            patcher.check(place, n + 100);
            patcher.check(place, n + 100);
        }
    }
}

#[test]
fn a_writable_alias_beside_an_executable_one() {
    for arch in Arch::all() {
        let mut patcher = Patcher::new(arch);
        let object = Object::new(&patcher.machine.memory);
        object.truncate(PAGE).unwrap();
        let (write, execute) = (0x60_0000, 0x70_0000);
        for (address, prot) in [(write, RW), (execute, RX)] {
            let backing = Backing::Shared {
                object: object.clone(),
                offset: 0,
            };
            patcher
                .machine
                .space
                .map(address, PAGE, prot, backing, None)
                .unwrap();
        }
        for n in 1..40 {
            patcher.patch(write + 0x40, n);
            patcher.check(execute + 0x40, n);
        }
    }
}

#[test]
fn a_page_that_is_writable_and_executable() {
    for arch in Arch::all() {
        let mut patcher = Patcher::new(arch);
        patcher.machine.map(0x60_0000, 2, RWX);
        for n in 1..60 {
            patcher.patch(0x60_0040, n);
            patcher.check(0x60_0040, n);
            patcher.check(0x60_0040, n);
        }
    }
}

#[test]
fn stores_of_the_kernel_are_seen() {
    for arch in Arch::all() {
        let mut patcher = Patcher::new(arch);
        patcher.machine.map(0x60_0000, 1, RWX);
        for n in 1..20 {
            let code = give(arch, n);
            patcher.machine.space.write(0x60_0040, &code).unwrap();
            patcher.check(0x60_0040, n);
            let code = give(arch, n + 100);
            patcher.machine.put(CODE + 0x800, &code);
            patcher.check(CODE + 0x800, n + 100);
        }
    }
}

#[test]
fn another_page_at_the_same_address_is_other_code() {
    for arch in Arch::all() {
        let mut patcher = Patcher::new(arch);
        for n in 1..20 {
            patcher.machine.map(0x60_0000, 1, RX);
            let code = give(arch, n);
            patcher.machine.put(0x60_0000, &code);
            patcher.check(0x60_0000, n);
            patcher.machine.space.unmap(0x60_0000, PAGE).unwrap();
            patcher.machine.cpu.set_pc(0x60_0000);
            assert!(matches!(patcher.machine.run(), Exit::Fault(_)), "{arch:?}");
        }
    }
}

#[test]
fn a_forked_space_has_its_own_code() {
    for arch in Arch::all() {
        let mut patcher = Patcher::new(arch);
        patcher.machine.map(0x60_0000, 1, RWX);
        patcher.patch(0x60_0000, 1);
        patcher.check(0x60_0000, 1);
        let mut child = patcher.machine.space.fork().unwrap();
        patcher.patch(0x60_0000, 2);
        patcher.check(0x60_0000, 2);
        std::mem::swap(&mut child, &mut patcher.machine.space);
        patcher.check(0x60_0000, 1);
        patcher.patch(0x60_0000, 3);
        patcher.check(0x60_0000, 3);
        std::mem::swap(&mut child, &mut patcher.machine.space);
        patcher.check(0x60_0000, 2);
    }
}

#[test]
fn x86_sees_a_store_to_the_very_next_instruction() {
    for arch in [Arch::X86, Arch::X86_64] {
        // 0: mov byte [0x600008 by rcx], 0x2a; 3.. : mov eax, 1 whose operand is at 4; int 0x80
        let code = [0xc6, 0x01, 0x2a, 0xb8, 1, 0, 0, 0, 0xcd, 0x80];
        let mut machine = Machine::new(arch);
        machine.map(0x60_0000, 1, RWX);
        for _ in 0..40 {
            machine.put(0x60_0000, &code);
            for _ in 0..2 {
                machine.set(x86::ECX, 0x60_0004);
                machine.cpu.set_pc(0x60_0000);
                assert!(matches!(machine.run(), Exit::Trap { .. }));
                assert_eq!(machine.reg(x86::EAX), 0x2a, "{arch:?}");
            }
        }
        // The same from a page that has to be copied first.
        let mut child = machine.space.fork().unwrap();
        machine.put(0x60_0000, &code);
        for space in [&mut child, &mut machine.space] {
            machine.cpu.set_pc(0x60_0000);
            machine.cpu.set_reg(x86::ECX, 0x60_0004);
            assert!(matches!(machine.cpu.run(space, None), Exit::Trap { .. }));
            assert_eq!(machine.cpu.reg(x86::EAX), 0x2a, "{arch:?}");
        }
    }
}

#[test]
fn a_loop_that_writes_code_and_runs_it() {
    // In one run, without a trap in between: store the operand, call, add up.
    // ecx = place of the operand, ebx = rounds: again: mov [ecx], bl; call f; add edx, eax; dec ebx; jnz again; int 0x80
    let code = [
        0x88, 0x19, 0xe8, 0x20, 0, 0, 0, 0x01, 0xc2, 0xff, 0xcb, 0x75, 0xf3, 0xcd, 0x80,
    ];
    for arch in [Arch::X86, Arch::X86_64] {
        let mut machine = Machine::new(arch);
        machine.map(0x60_0000, 1, RWX);
        machine.put(0x60_0000, &code);
        machine.put(0x60_0027, &[0xb8, 0, 0, 0, 0, 0xc3]); // mov eax, n; ret
        machine.set(x86::ECX, 0x60_0028);
        machine.set(x86::EBX, 200);
        machine.cpu.set_pc(0x60_0000);
        let exit = machine.run();
        assert!(matches!(exit, Exit::Trap { .. }), "{exit:x?}");
        assert_eq!(machine.reg(x86::EDX), 200 * 201 / 2, "{arch:?}");
    }
}

#[test]
fn much_changing_code_does_not_fill_the_host() {
    // The translator's buffer is used up some times over.
    for arch in [Arch::X86_64, Arch::Arm] {
        let mut patcher = Patcher::new(arch);
        patcher.machine.map(0x60_0000, 1, RWX);
        for n in 0..3000u32 {
            patcher.patch(0x60_0040, (n % 200) as u8);
            patcher.check(0x60_0040, (n % 200) as u8);
        }
    }
}
