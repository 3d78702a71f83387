//! How MIPS code asks, of 32 and 64 bits and both byte orders.

use emu_cpu::{Endian, Trap};
use rand_chacha::rand_core::RngCore;

use crate::machine::DATA;
use crate::prototype::{Argument, ILP32, LP64};
use crate::{Code, Request, Returns, Template};

/// The number in v0; the first four words in a0 to a3, four more on the stack above the room for these.
/// [MIPS O32 psABI, stack frame; Linux arch/mips/kernel/scall32-o32.S]
pub(crate) const O32: Template = Template {
    name: "syscall",
    model: ILP32,
    words: 8,
    takes: aligned,
    code: |request| o32(request, Asks::Plainly),
    returns: Returns::Flag32,
    indirect: None,
};
/// In the delay slot of a branch.
pub(crate) const O32_IN_SLOT: Template = Template {
    name: "syscall in a delay slot",
    code: |request| o32(request, Asks::InSlot),
    ..O32
};
/// By `syscall` (4000): the number is the first word, and the others come behind it.   [scall32-o32.S: sys_syscall]
pub(crate) const O32_INDIRECT: Template = Template {
    name: "syscall by number 4000",
    words: 7,
    code: |request| o32(request, Asks::Indirectly),
    indirect: Some(4000),
    ..O32
};
/// Six registers of 64 bits.   [Linux arch/mips/kernel/scall64-n64.S]
pub(crate) const N64: Template = Template {
    name: "syscall",
    model: LP64,
    words: 6,
    takes: |_, _| 1,
    code: |request| n64(request, Asks::Plainly),
    returns: Returns::Flag64,
    indirect: None,
};
pub(crate) const N64_IN_SLOT: Template = Template {
    name: "syscall in a delay slot",
    code: |request| n64(request, Asks::InSlot),
    ..N64
};
/// The same registers; pointers and `long` have 32 bits, and are sign-extended.   [MIPSpro N32 ABI Handbook, 2.1]
pub(crate) const N32: Template = Template {
    model: ILP32,
    code: |request| n32(request, Asks::Plainly),
    ..N64
};
pub(crate) const N32_IN_SLOT: Template = Template {
    name: "syscall in a delay slot",
    code: |request| n32(request, Asks::InSlot),
    ..N32
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    Plainly,
    InSlot,
    Indirectly,
}

/// A doubleword starts at an even word.
fn aligned(words: usize, argument: &Argument) -> usize {
    match argument.is_wide() {
        true => words % 2 + 2,
        false => 1,
    }
}

const V0: u32 = 2;
const V1: u32 = 3;
const A0: u32 = 4;
const A3: u32 = 7;
const T0: u32 = 8;
const T1: u32 = 9;
const T4: u32 = 12;

/// `lui` and `ori`.
fn load(code: &mut Vec<u32>, reg: u32, value: u32) {
    code.push(0x3c00_0000 | reg << 16 | value >> 16);
    code.push(0x3400_0000 | reg << 21 | reg << 16 | value & 0xffff);
}

/// The same, then `dsll` by 16 and `ori`, twice.
fn load_64(code: &mut Vec<u32>, reg: u32, value: u64) {
    load(code, reg, (value >> 32) as u32);
    for half in [value >> 16, value] {
        code.push(0x0000_0438 | reg << 16 | reg << 11);
        code.push(0x3400_0000 | reg << 21 | reg << 16 | half as u32 & 0xffff);
    }
}

/// The words from the first one on; a word that only fills up is not there.
fn words(request: &Request) -> Vec<Option<u32>> {
    let mut words = Vec::new();
    for argument in request.arguments {
        let (low, high) = (argument.loose as u32, (argument.loose >> 32) as u32);
        if !argument.is_wide() {
            words.push(Some(low));
            continue;
        }
        if words.len() % 2 == 1 {
            words.push(None);
        }
        // The half at the lower address is the high one of big-endian, whether it is in memory or in a register.
        match request.arch.endian() {
            Endian::Big => words.extend([Some(high), Some(low)]),
            Endian::Little => words.extend([Some(low), Some(high)]),
        }
    }
    words
}

fn o32(request: &mut Request, asks: Asks) -> Code {
    let mut code = Vec::new();
    let mut words = words(request);
    let mut number = request.number;
    if asks == Asks::Indirectly {
        words.insert(0, Some(number));
        number = 4000;
    }
    for (at, word) in (0..).zip(words) {
        match word {
            None => {}
            Some(word) if at < 4 => load(&mut code, A0 + at, word),
            Some(word) => {
                load(&mut code, T0, word);
                // sw t0, 4*at(sp): the fifth is at 16(sp)
                code.push(0xafa8_0000 | (4 * at));
            }
        }
    }
    load(&mut code, V0, number);
    let trap = ask(request, &mut code, asks);
    load(&mut code, T1, DATA as u32);
    for (reg, offset) in [(V0, 0), (A3, 8), (V1, 16)] {
        // sw reg, offset(t1)
        code.push(0xac00_0000 | T1 << 21 | reg << 16 | offset);
    }
    made(request, code, trap)
}

fn n64(request: &mut Request, asks: Asks) -> Code {
    // Kernels cut what is not a `long` to its type.   [Linux include/linux/syscalls.h: __SC_CAST]
    let values = request.arguments.iter().map(|argument| argument.loose);
    six(request, values.collect(), asks)
}

fn n32(request: &mut Request, asks: Asks) -> Code {
    let of = |argument: &Argument| match argument.is_long() {
        true => argument.value as i32 as u64,
        false => argument.loose,
    };
    let values = request.arguments.iter().map(of);
    six(request, values.collect(), asks)
}

/// $4 to $9: N64 and N32 call the last two a4 and a5.
fn six(request: &mut Request, values: Vec<u64>, asks: Asks) -> Code {
    let mut code = Vec::new();
    for (value, reg) in values.into_iter().zip(A0..) {
        load_64(&mut code, reg, value);
    }
    load(&mut code, V0, request.number);
    let trap = ask(request, &mut code, asks);
    load(&mut code, T4, DATA as u32);
    for (reg, offset) in [(V0, 0), (A3, 8), (V1, 16)] {
        // sd reg, offset($12)
        code.push(0xfc00_0000 | T4 << 21 | reg << 16 | offset);
    }
    made(request, code, trap)
}

/// `syscall` with any code: it says nothing.
fn ask(request: &mut Request, code: &mut Vec<u32>, asks: Asks) -> Trap {
    let syscall = 0x0000_000c | (request.rng.next_u32() & 0xf_ffff) << 6;
    if asks != Asks::InSlot {
        code.push(syscall);
        return Trap::Syscall;
    }
    // b to a `break`: Linux goes on 4 bytes behind the branch, at the slot, and never gets there.
    // [Linux arch/mips/kernel/scall32-o32.S: TI_REGS and EPC + 4]
    code.extend([0x1000_0003, syscall, 0x1000_0002, 0, 0x0000_000d]);
    Trap::SyscallInSlot
}

fn made(request: &Request, mut code: Vec<u32>, trap: Trap) -> Code {
    code.push(0x0000_000c);
    let bytes = code.iter().map(|word| match request.arch.endian() {
        Endian::Little => word.to_le_bytes(),
        Endian::Big => word.to_be_bytes(),
    });
    Code {
        bytes: bytes.flatten().collect(),
        memory: Vec::new(),
        trap,
        landing: None,
    }
}
