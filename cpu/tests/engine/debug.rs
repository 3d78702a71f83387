//! Debug registers of x86: instructions and bytes that are watched.

use emu_cpu::{Arch, Exception, Exit, GuestMemory, Reg, x86, x86_64};

use crate::machine::{CODE, DATA, Machine};

const STEP: Exit = Exit::Exception(Exception::SingleStep);
const RESUME: u64 = 1 << 16;

/// The debug registers, flags, accumulator and a base register of an architecture.
struct Names {
    dr: [Reg; 4],
    status: Reg,
    control: Reg,
    flags: Reg,
    accumulator: Reg,
    base: Reg,
}

fn names(arch: Arch) -> Names {
    match arch {
        Arch::X86 => Names {
            dr: [x86::DR0, x86::DR1, x86::DR2, x86::DR3],
            status: x86::DR6,
            control: x86::DR7,
            flags: x86::EFLAGS,
            accumulator: x86::EAX,
            base: x86::EBX,
        },
        _ => Names {
            dr: [x86_64::DR0, x86_64::DR1, x86_64::DR2, x86_64::DR3],
            status: x86_64::DR6,
            control: x86_64::DR7,
            flags: x86_64::RFLAGS,
            accumulator: x86_64::RAX,
            base: x86_64::RBX,
        },
    }
}

fn each(test: impl Fn(Arch, Names)) {
    for arch in [Arch::X86, Arch::X86_64] {
        test(arch, names(arch));
    }
}

impl Machine {
    /// Has an address watched by a register: 0 for its instruction, 1 writes, 3 all accesses, of so many bytes.
    fn watch(&mut self, names: &Names, index: usize, address: u64, kind: u64, bytes: u64) {
        self.cpu.set_reg(names.dr[index], address);
        let control = self.cpu.reg(names.control);
        let len = if bytes == 8 { 2 } else { bytes - 1 };
        let more = 1 << (2 * index) | (kind | len << 2) << (16 + 4 * index);
        self.cpu.set_reg(names.control, control | more);
    }

    fn hits(&self, names: &Names) -> u64 {
        self.cpu.reg(names.status) & 0xf
    }

    fn resume(&mut self, names: &Names) {
        let flags = self.cpu.reg(names.flags);
        self.cpu.set_reg(names.flags, flags | RESUME);
    }
}

#[test]
fn an_instruction_is_told_of_before_it_runs() {
    each(|arch, names| {
        // inc dword [ebx]; add al,1; add al,2; popf; add al,4; jmp 0; the data is on the same stack.
        let code = [
            0xff, 0x03, 0x04, 1, 0x04, 2, 0x9c, 0x9d, 0x04, 4, 0xeb, 0xf4,
        ];
        let mut machine = Machine::with(arch, &code);
        machine.cpu.set_reg(names.base, DATA);
        // Translated as a whole before anything is watched.
        assert_eq!(machine.run_blocks(2), Exit::Quantum);
        machine.cpu.set_pc(CODE);
        machine.cpu.set_reg(names.accumulator, 0);
        machine.watch(&names, 1, CODE + 4, 0, 1);
        machine.watch(&names, 3, CODE + 7, 0, 1);
        assert_eq!(machine.run(), STEP);
        assert_eq!((machine.cpu.pc(), machine.hits(&names)), (CODE + 4, 2));
        assert_eq!(machine.cpu.reg(names.accumulator), 1);
        // It does not run before somebody says so.
        assert_eq!(machine.run(), STEP);
        assert_eq!(machine.cpu.reg(names.accumulator), 1);
        machine.resume(&names);
        assert_eq!(machine.run(), STEP);
        assert_eq!((machine.cpu.pc(), machine.hits(&names)), (CODE + 7, 8));
        assert_eq!(machine.cpu.reg(names.accumulator), 3);
        machine.resume(&names);
        assert_eq!(machine.run(), STEP);
        assert_eq!((machine.cpu.pc(), machine.hits(&names)), (CODE + 4, 2));
        assert_eq!(machine.cpu.reg(names.accumulator), 8);
        // Nothing is watched any more.
        machine.cpu.set_reg(names.control, 0);
        assert_eq!(machine.run_blocks(2), Exit::Quantum);
    });
}

#[test]
fn accesses_are_told_of_after_they_were_made() {
    each(|arch, names| {
        // mov [ebx],al; mov eax,[ebx-2]; mov [ebx-2],eax; mov [ebx+4],al; mov [ebx-4],eax; inc byte [ebx+3]; int 0x80
        let code = [
            0x88, 0x03, 0x8b, 0x43, 0xfe, 0x89, 0x43, 0xfe, 0x88, 0x43, 4, 0x89, 0x43, 0xfc, 0xfe,
            0x43, 3, 0xcd, 0x80,
        ];
        let told = |kind: u64| {
            let mut machine = Machine::with(arch, &code);
            machine.cpu.set_reg(names.base, DATA + 8);
            machine.watch(&names, 2, DATA + 8, kind, 4);
            let mut told = Vec::new();
            while machine.run() == STEP {
                assert_eq!(machine.hits(&names), 4);
                told.push(machine.cpu.pc() - CODE);
            }
            assert_eq!(machine.cpu.pc(), CODE + 19);
            assert_eq!(machine.space.read_u8(DATA + 11).unwrap(), 1);
            told
        };
        assert_eq!(told(1), [2, 8, 17]);
        assert_eq!(told(3), [2, 5, 8, 17]);
    });
}

#[test]
fn each_thread_has_its_own() {
    each(|arch, names| {
        let mut machine = Machine::with(arch, &[0x90, 0x90, 0xcd, 0x80]);
        let mut other = machine.cpu.context();
        machine.cpu.save(other.as_mut());
        machine.watch(&names, 0, CODE + 1, 0, 1);
        let mut own = machine.cpu.context();
        machine.cpu.save(own.as_mut());
        machine.cpu.restore(other.as_ref());
        assert_eq!(machine.cpu.reg(names.dr[0]), 0);
        assert!(matches!(machine.run(), Exit::Trap { .. }));
        machine.cpu.restore(own.as_ref());
        assert_eq!(machine.run(), STEP);
        machine.resume(&names);
        machine.cpu.save(own.as_mut());
        machine.cpu.restore(other.as_ref());
        assert!(matches!(machine.run(), Exit::Trap { .. }));
        machine.cpu.restore(own.as_ref());
        assert!(matches!(machine.run(), Exit::Trap { .. }));
    });
}
