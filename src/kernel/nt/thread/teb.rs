//! A thread's block, and how its segment register leads to it.
//! [winternl.h and the headers of the crate phnt, ntpebteb.h: TEB]

use emu_cpu::{AddressSpace, Arch, Fault, Reg, x86, x86_64};

/// What is in a block.
pub(crate) struct Teb {
    /// Where it is.
    pub(crate) at: u64,
    /// Limit and base of the stack: its lower and its upper end.
    pub(crate) stack: (u64, u64),
    /// Numbers of process and thread.
    pub(crate) client: (u64, u64),
    /// The process's block.
    pub(crate) process: u64,
    /// The array of thread-local storage, 0 without any.
    pub(crate) storage: u64,
}

/// Pages that a block takes, with those behind it in which Wine's ntdll keeps lines of its own.
pub(crate) const fn pages(word: u64) -> u64 {
    if word == 4 { 3 } else { 4 }
}

/// Where in a block the lowest address of its thread's stack is (`DeallocationStack`).
pub(crate) fn allocation(word: u64) -> u64 {
    offsets(word).allocation
}

/// Units in the buffer of the thread's own string.
const STATIC_UNITS: u16 = 261;

/// Where things are in a block of one width.
struct Offsets {
    client: u64,
    storage: u64,
    process: u64,
    static_string: u64,
    static_buffer: u64,
    allocation: u64,
    /// `ActivationStack`, and the pointer to it.
    activation: u64,
    activation_pointer: u64,
}

const NARROW: Offsets = Offsets {
    client: 0x20,
    storage: 0x2c,
    process: 0x30,
    static_string: 0xbf8,
    static_buffer: 0xc00,
    allocation: 0xe0c,
    activation: 0x190,
    activation_pointer: 0x1a8,
};

const WIDE: Offsets = Offsets {
    client: 0x40,
    storage: 0x58,
    process: 0x60,
    static_string: 0x1258,
    static_buffer: 0x1268,
    allocation: 0x1478,
    activation: 0x290,
    activation_pointer: 0x2c8,
};

fn offsets(word: u64) -> &'static Offsets {
    if word == 4 { &NARROW } else { &WIDE }
}

/// Fills a block that is mapped.
pub(crate) fn fill(space: &mut AddressSpace, word: u64, teb: &Teb) -> Result<(), Fault> {
    let offsets = offsets(word);
    let mut put = |offset: u64, value: u64, size: u64| {
        space.poke(teb.at + offset, &value.to_le_bytes()[..size as usize])
    };
    // No handler is registered: the chain's end is -1. x64 has no chain, but what Wine's dispatcher registers there itself.
    put(0, u64::MAX, word)?;
    // No context is active, and the list of free frames is empty: it leads to itself.
    let activation = teb.at + offsets.activation;
    let list = activation + word;
    for (offset, value) in [
        (offsets.activation_pointer, activation),
        (offsets.activation + word, list),
        (offsets.activation + 2 * word, list),
        (word, teb.stack.1),
        (2 * word, teb.stack.0),
        (6 * word, teb.at),
        (offsets.client, teb.client.0),
        (offsets.client + word, teb.client.1),
        (offsets.storage, teb.storage),
        (offsets.process, teb.process),
        (offsets.static_string + word, teb.at + offsets.static_buffer),
        (offsets.allocation, teb.stack.0),
    ] {
        put(offset, value, word)?;
    }
    put(offsets.static_string + 2, u64::from(2 * STATIC_UNITS), 2)
}

/// The descriptor of a 32-bit thread, and its selector.   [ReactOS, ndk/i386/ketypes.h, KGDT_R3_TEB]
const ENTRY: u8 = 7;
/// That of the block of a 32-bit program on a 64-bit system.   [ReactOS, ndk/amd64/ketypes.h, KGDT64_R3_CMTEB]
pub(crate) const WIDE_ENTRY: u8 = 10;
const SELECTOR: u64 = 0x3b;
/// The control word that NT gives: 53 bits of precision, all exceptions masked.
const FPU_CONTROL: u64 = 0x27f;

/// Registers with their values, and a descriptor of the CPU's: which, and what it is.
pub(crate) type Registers = (Vec<(Reg, u64)>, Option<(u8, u64)>);

/// The segment of a 32-bit thread's block: one page of data, read and write.   [Intel SDM 3A, segment descriptors]
pub(crate) fn descriptor(at: u64) -> u64 {
    let page = 0x0040_f300_0000_0fff_u64;
    page | (at & 0xff_ffff) << 16 | (at >> 24 & 0xff) << 56
}

/// What leads to a block: registers, and on x86 a descriptor.
pub(crate) fn registers(arch: Arch, at: u64) -> Registers {
    match arch {
        Arch::X86_64 => (
            vec![(x86_64::GS_BASE, at), (x86_64::FPCW, FPU_CONTROL)],
            None,
        ),
        _ => {
            let registers = vec![(x86::FS, SELECTOR), (x86::FPCW, FPU_CONTROL)];
            (registers, Some((ENTRY, descriptor(at))))
        }
    }
}
