//! A CPU with pages for code, results and the stack.

use emu_cpu::memory::{Backing, PAGE};
use emu_cpu::{AddressSpace, Arch, Cpu, Exit, Memory, Prot, Reg};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::RngCore;

use crate::Code;

/// Where code is.
pub(crate) const CODE: u64 = 0x1_0000;
/// Where it stores what it sees of a result.
pub(crate) const DATA: u64 = 0x40_0000;
/// A page that Windows shares with every process.   [KUSER_SHARED_DATA]
pub(crate) const SHARED: u64 = 0x7ffe_0000;

/// How many pages each stack has.
const PAGES: u64 = 4;

pub(crate) struct Machine {
    pub(crate) cpu: Box<dyn Cpu>,
    pub(crate) space: AddressSpace,
}

impl Machine {
    pub(crate) fn new(arch: Arch) -> Machine {
        let memory = Memory::new(64 << 20).expect("there is memory");
        let cpu = emu_cpu::open(arch, &memory).expect("there is a CPU");
        let high = match arch.row().bits {
            32 => 0xffff_0000,
            _ => 0x7fff_ffff_f000,
        };
        let mut space = AddressSpace::new(&memory, arch, 0x1000, high);
        let mut map = |at: u64, pages: u64, prot: Prot| {
            space
                .map(at, pages * PAGE, prot, Backing::Anonymous, None)
                .expect("it is free");
        };
        map(CODE, 4, Prot::READ | Prot::EXEC);
        map(DATA, 1, Prot::READ | Prot::WRITE);
        map(SHARED, 1, Prot::READ);
        for stack in stacks(arch) {
            map(*stack, PAGES, Prot::READ | Prot::WRITE);
        }
        Machine { cpu, space }
    }

    /// Puts code in place, with garbage in everything else. `high` is for code whose pointers have 64 bits. Returns the stack
    /// pointer.
    pub(crate) fn start(&mut self, rng: &mut ChaCha8Rng, high: bool, code: &Code) -> u64 {
        let arch = self.cpu.arch();
        self.cpu.reset();
        for reg in general(arch) {
            self.cpu.set_reg(reg, rng.next_u64());
        }
        self.space.poke(CODE, &code.bytes).expect("it fits");
        for (at, word) in &code.memory {
            let word = match arch.endian() {
                emu_cpu::Endian::Little => word.to_le_bytes(),
                emu_cpu::Endian::Big => word.to_be_bytes(),
            };
            self.space.poke(*at, &word).expect("it is mapped");
        }
        let stacks = stacks(arch);
        let stack = stacks[usize::from(high && stacks.len() > 1)] + PAGES * PAGE / 2;
        let stack = stack + 16 * (rng.next_u64() % 32);
        let mut garbage = [0; 0x300];
        rng.fill_bytes(&mut garbage);
        self.space
            .poke(stack - 0x180, &garbage)
            .expect("it is mapped");
        self.space.poke(DATA, &garbage[..32]).expect("it is mapped");
        self.cpu.set_sp(stack);
        self.cpu.set_pc(CODE);
        stack
    }

    pub(crate) fn run(&mut self) -> Exit {
        self.cpu.run(&mut self.space, Some(10_000))
    }
}

/// Where stacks are: within 31 bits, and beyond 32.
fn stacks(arch: Arch) -> &'static [u64] {
    match arch {
        Arch::X86 | Arch::Arm | Arch::Mips | Arch::Mipsel => &[0x7f00_0000],
        // User space has 40 bits.   [Linux arch/mips/include/asm/processor.h, TASK_SIZE64]
        Arch::Mips64 | Arch::Mips64el => &[0x7f00_0000, 0xff_f123_0000],
        Arch::X86_64 | Arch::Arm64 => &[0x7f00_0000, 0x7fff_8123_0000],
    }
}

/// The registers that hold whatever a program likes.
fn general(arch: Arch) -> impl Iterator<Item = Reg> {
    let row = arch.row();
    let numbers = match arch {
        Arch::X86 => 0..=6,
        Arch::X86_64 => 0..=15,
        Arch::Arm => 0..=14,
        Arch::Arm64 => 0..=30,
        Arch::Mips | Arch::Mipsel | Arch::Mips64 | Arch::Mips64el => 1..=31,
    };
    numbers.map(Reg).filter(|reg| *reg != row.sp)
}
