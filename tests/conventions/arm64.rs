//! How A64 code asks.

use emu_cpu::Trap;
use rand_chacha::rand_core::RngCore;

use crate::machine::DATA;
use crate::prototype::LP64;
use crate::{Code, Request, Returns, Template};

/// The number in w8, six words in x0 to x5; the immediate says nothing.   [Linux arch/arm64/kernel/syscall.c: do_el0_svc]
pub(crate) const LINUX: Template = Template {
    name: "svc",
    model: LP64,
    words: 6,
    takes: |_, _| 1,
    code: linux,
    returns: Returns::Negative64,
    indirect: None,
};

/// `movz` and three `movk`.
fn load(code: &mut Vec<u32>, reg: u32, value: u64) {
    for half in 0..4 {
        let immediate = (value >> (16 * half)) as u32 & 0xffff;
        let base = if half == 0 { 0xd280_0000 } else { 0xf280_0000 };
        code.push(base | half << 21 | immediate << 5 | reg);
    }
}

fn linux(request: &mut Request) -> Code {
    let mut code = Vec::new();
    for (argument, reg) in request.arguments.iter().zip(0..) {
        load(&mut code, reg, argument.loose);
    }
    let above = u64::from(request.rng.next_u32()) << 32;
    load(&mut code, 8, above | u64::from(request.number));
    let immediate = request.rng.next_u32() & 0xffff;
    code.push(0xd400_0001 | immediate << 5);
    load(&mut code, 9, DATA);
    // str x0, [x9]; svc 0
    code.extend([0xf900_0120, 0xd400_0001]);
    Code {
        bytes: code.iter().flat_map(|word| word.to_le_bytes()).collect(),
        memory: Vec::new(),
        trap: Trap::Svc(immediate),
        landing: None,
    }
}
