//! How 32-bit ARM code asks.

use emu_cpu::Trap;
use rand_chacha::rand_core::RngCore;

use crate::machine::DATA;
use crate::prototype::{Argument, ILP32};
use crate::{Code, Request, Returns, Template};

/// The number in r7, six words in r0 to r5.   [Linux arch/arm/kernel/entry-common.S: vector_swi pushes r4 and r5 behind four]
pub(crate) const EABI: Template = Template {
    name: "svc of A32",
    model: ILP32,
    words: 6,
    takes: aligned,
    code: eabi,
    returns: Returns::Negative32,
    indirect: None,
};
pub(crate) const EABI_THUMB: Template = Template {
    name: "svc of Thumb",
    code: thumb,
    ..EABI
};
/// The number in the instruction, seven words in r0 to r6.   [syscall(2), arm/OABI]
pub(crate) const OABI: Template = Template {
    name: "swi",
    words: 7,
    // [APCS: no doubleword is aligned; Linux arch/arm/kernel/sys_oabi-compat.c]
    takes: |_, argument| if argument.is_wide() { 2 } else { 1 },
    code: oabi,
    ..EABI
};

/// A doubleword starts at an even word.   [AAPCS32, 6.5, C.3]
fn aligned(words: usize, argument: &Argument) -> usize {
    match argument.is_wide() {
        true => words % 2 + 2,
        false => 1,
    }
}

/// `movw` and `movt`.
fn load(code: &mut Vec<u32>, reg: u32, value: u32) {
    let half = |value: u32| (value & 0xf000) << 4 | reg << 12 | value & 0xfff;
    code.push(0xe300_0000 | half(value & 0xffff));
    code.push(0xe340_0000 | half(value >> 16));
}

/// The arguments from r0 on, the low word first. With `pads` a doubleword leaves an odd register as it is.
fn registers(request: &Request, pads: bool) -> Vec<u32> {
    let mut code = Vec::new();
    let mut reg = 0;
    for argument in request.arguments {
        if argument.is_wide() && pads && reg % 2 == 1 {
            reg += 1;
        }
        load(&mut code, reg, argument.loose as u32);
        reg += 1;
        if argument.is_wide() {
            load(&mut code, reg, (argument.loose >> 32) as u32);
            reg += 1;
        }
    }
    code
}

/// Stores r0 and traps.
fn told(mut code: Vec<u32>, trap: u32) -> Code {
    load(&mut code, 12, DATA as u32);
    // str r0, [r12]; svc 0x123456
    code.extend([0xe58c_0000, 0xef12_3456]);
    Code {
        bytes: code.iter().flat_map(|word| word.to_le_bytes()).collect(),
        memory: Vec::new(),
        trap: Trap::Svc(trap),
        landing: None,
    }
}

/// The immediate says nothing, as long as it is none of the old ABI's.   [Linux arch/arm/kernel/entry-common.S]
fn eabi(request: &mut Request) -> Code {
    let mut code = registers(request, true);
    load(&mut code, 7, request.number);
    let immediate = request.rng.next_u32() & 0xff_ffff;
    let immediate = match immediate >> 20 {
        9 => immediate & 0xf_ffff,
        _ => immediate,
    };
    code.push(0xef00_0000 | immediate);
    told(code, immediate)
}

fn thumb(request: &mut Request) -> Code {
    let mut code = registers(request, true);
    load(&mut code, 7, request.number);
    let immediate = request.rng.next_u32() & 0xff;
    // add r12, pc, #1; bx r12; in Thumb: svc; nop; bx pc; nop
    code.extend([
        0xe28f_c001,
        0xe12f_ff1c,
        0x46c0_df00 | immediate,
        0x46c0_4778,
    ]);
    told(code, immediate)
}

/// [Linux arch/arm/include/uapi/asm/unistd.h: __NR_OABI_SYSCALL_BASE]
fn oabi(request: &mut Request) -> Code {
    let mut code = registers(request, false);
    let immediate = 0x90_0000 + request.number;
    code.push(0xef00_0000 | immediate);
    told(code, immediate)
}
