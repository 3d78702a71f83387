//! What does a thread have the CPU watch? Its debug registers, as a `CONTEXT` has them.
//! [winnt.h, CONTEXT of x86 and of AMD64: Dr0 to Dr3, Dr6, Dr7; Intel SDM 3B, Debug Registers]

use emu_cpu::{Cpu, Fault, GuestMemory, Reg, x86, x86_64};

/// Registers in the order of a `CONTEXT`: addresses, what has been met, what is watched.
const COUNT: usize = 6;
const STATUS: usize = 4;
const CONTROL: usize = 5;
const X86: [Reg; COUNT] = [x86::DR0, x86::DR1, x86::DR2, x86::DR3, x86::DR6, x86::DR7];
const X64: [Reg; COUNT] = [
    x86_64::DR0,
    x86_64::DR1,
    x86_64::DR2,
    x86_64::DR3,
    x86_64::DR6,
    x86_64::DR7,
];

/// What a thread may say, and what it is told.   [the public headers of the kernel, ke.h: DR6_LEGAL, DR7_LEGAL, DR7_ACTIVE]
const STATUS_LEGAL: u64 = 0xe00f;
const CONTROL_LEGAL: [u64; 2] = [0xffff_0155, 0xffff_0355];
const ACTIVE: u64 = 0x55;
/// The first address that nobody can watch.
const HIGH: [u64; 2] = [0x7fff_0000, 0x7fff_ffff_0000];

fn registers(word: u64) -> &'static [Reg; COUNT] {
    if word == 4 { &X86 } else { &X64 }
}

/// Where they are in a `CONTEXT`.
fn offset(word: u64) -> u64 {
    if word == 4 { 4 } else { 0x48 }
}

/// Reads them from a `CONTEXT`.
pub(super) fn read(
    memory: &mut dyn GuestMemory,
    word: u64,
    at: u64,
) -> Result<[u64; COUNT], Fault> {
    let mut values = [0; COUNT];
    let mut next = at.wrapping_add(offset(word));
    for value in &mut values {
        *value = memory.read_word(next, word)?;
        next = next.wrapping_add(word);
    }
    Ok(values)
}

/// Has the CPU watch what they say, as far as a thread may: addresses of its own, by the bits that are its own.
pub(super) fn set(cpu: &mut dyn Cpu, word: u64, values: [u64; COUNT]) {
    let wide = usize::from(word == 8);
    for (index, (reg, value)) in registers(word).iter().zip(values).enumerate() {
        let legal = match index {
            STATUS => value & STATUS_LEGAL,
            CONTROL => value & CONTROL_LEGAL[wide],
            _ if value >= HIGH[wide] => 0,
            _ => value,
        };
        cpu.set_reg(*reg, legal);
    }
}

/// What a thread may see of them. One that has nothing watched sees zeros.
/// [ReactOS, ntoskrnl/ke/i386/exp.c: KeTrapFrameToContext]
pub(super) fn told(cpu: &dyn Cpu, word: u64) -> [u64; COUNT] {
    let wide = usize::from(word == 8);
    let mut values = registers(word).map(|reg| cpu.reg(reg));
    values[STATUS] &= STATUS_LEGAL;
    values[CONTROL] &= CONTROL_LEGAL[wide];
    if values[CONTROL] & ACTIVE == 0 {
        values = [0; COUNT];
    }
    values
}

/// Puts them into the bytes of a `CONTEXT`.
pub(super) fn put(cpu: &dyn Cpu, word: u64, bytes: &mut [u8]) {
    let values = told(cpu, word);
    let from = offset(word) as usize;
    let words = bytes[from..].chunks_exact_mut(word as usize);
    for (bytes, value) in words.zip(values) {
        bytes.copy_from_slice(&value.to_le_bytes()[..word as usize]);
    }
}

/// A new thread has nothing watched.
pub(super) fn nothing(cpu: &mut dyn Cpu, word: u64) {
    set(cpu, word, [0; COUNT]);
}
