//! A CPU with some memory, for tests of a few instructions.

use emu_cpu::memory::{Backing, PAGE};
use emu_cpu::{AddressSpace, Arch, Cpu, Endian, Exit, GuestMemory, Memory, Prot, Reg, Selectors};

pub(crate) const CODE: u64 = 0x1_0000;
pub(crate) const DATA: u64 = 0x40_0000;
pub(crate) const STACK: u64 = 0x7f_0000;

/// Every MIPS.
pub(crate) const MIPS: [Arch; 4] = [Arch::Mips, Arch::Mipsel, Arch::Mips64, Arch::Mips64el];

pub(crate) struct Machine {
    pub(crate) cpu: Box<dyn Cpu>,
    pub(crate) space: AddressSpace,
    pub(crate) memory: Memory,
}

impl Machine {
    /// `CODE` is executable, four pages, `DATA` and `STACK` are writable, sixteen pages each.
    pub(crate) fn new(arch: Arch) -> Machine {
        Machine::of(arch, Selectors::Linux)
    }

    /// The same with the selectors of some kernel.
    pub(crate) fn of(arch: Arch, selectors: Selectors) -> Machine {
        let memory = Memory::new(64 << 20).unwrap();
        let cpu = emu_cpu::open_with_selectors(arch, &memory, selectors).unwrap();
        let space = Machine::space(&memory, arch);
        let mut machine = Machine { cpu, space, memory };
        machine.cpu.set_pc(CODE);
        machine.cpu.set_sp(STACK + 8 * PAGE);
        machine
    }

    pub(crate) fn space(memory: &Memory, arch: Arch) -> AddressSpace {
        let high = if arch.row().bits == 32 {
            0xffff_0000
        } else {
            0x7fff_ffff_f000
        };
        let mut space = AddressSpace::new(memory, arch, 0x1000, high);
        let rx = Prot::READ | Prot::EXEC;
        let rw = Prot::READ | Prot::WRITE;
        space
            .map(CODE, 4 * PAGE, rx, Backing::Anonymous, None)
            .unwrap();
        space
            .map(DATA, 16 * PAGE, rw, Backing::Anonymous, None)
            .unwrap();
        space
            .map(STACK, 16 * PAGE, rw, Backing::Anonymous, None)
            .unwrap();
        space
    }

    pub(crate) fn with(arch: Arch, code: &[u8]) -> Machine {
        let mut machine = Machine::new(arch);
        machine.put(CODE, code);
        machine
    }

    /// Code of 32-bit words in the byte order of the architecture.
    pub(crate) fn words(arch: Arch, words: &[u32]) -> Machine {
        Machine::with(arch, &bytes(arch, words))
    }

    pub(crate) fn put(&mut self, address: u64, code: &[u8]) {
        self.space.poke(address, code).unwrap();
    }

    pub(crate) fn put_words(&mut self, address: u64, words: &[u32]) {
        let bytes = bytes(self.cpu.arch(), words);
        self.put(address, &bytes);
    }

    pub(crate) fn map(&mut self, address: u64, pages: u64, prot: Prot) {
        self.space
            .map(address, pages * PAGE, prot, Backing::Anonymous, None)
            .unwrap();
    }

    pub(crate) fn run(&mut self) -> Exit {
        self.cpu.run(&mut self.space, None)
    }

    pub(crate) fn run_blocks(&mut self, blocks: u64) -> Exit {
        self.cpu.run(&mut self.space, Some(blocks))
    }

    pub(crate) fn reg(&self, reg: Reg) -> u64 {
        self.cpu.reg(reg)
    }

    pub(crate) fn set(&mut self, reg: Reg, value: u64) {
        self.cpu.set_reg(reg, value);
    }

    pub(crate) fn u32(&mut self, address: u64) -> u32 {
        self.space.read_u32(address).unwrap()
    }
}

pub(crate) fn bytes(arch: Arch, words: &[u32]) -> Vec<u8> {
    let bytes = words.iter().map(|word| match arch.endian() {
        Endian::Little => word.to_le_bytes(),
        Endian::Big => word.to_be_bytes(),
    });
    bytes.flatten().collect()
}
