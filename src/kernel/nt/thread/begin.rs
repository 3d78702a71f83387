//! How does a thread begin in an `ntdll.dll` of the guest's own?
//!
//! In `LdrInitializeThunk`, which gets a `CONTEXT` and the library's address. It tells libraries of the thread and goes on, by
//! `NtContinue`, as the `CONTEXT` says: in `RtlUserThreadStart`, with a function and its argument.

use emu_cpu::{AddressSpace, Arch, Fault, Reg, x86, x86_64};

use crate::kernel::nt::context;

/// What a thread shall do.
pub(crate) struct Begin {
    /// `RtlUserThreadStart`.
    pub(crate) start: u64,
    /// The function.
    pub(crate) function: u64,
    /// Its argument.
    pub(crate) argument: u64,
    /// Where `ntdll.dll` is.
    pub(crate) library: u64,
    /// The upper end of the stack.
    pub(crate) top: u64,
}

/// The stack pointer and other registers.
pub(crate) type Start = (u64, Vec<(Reg, u64)>);

/// Bits of EFLAGS: interrupts are let through, and one that is always set.
const EFLAGS: u64 = 0x202;

/// Fills the stack, and gives the stack pointer and other registers.
pub(crate) fn fill(space: &mut AddressSpace, arch: Arch, begin: &Begin) -> Result<Start, Fault> {
    let word = arch.pointer();
    // The function never returns. Above its return address is room for what it gets.
    let next = begin.top - 5 * word;
    let values = match word {
        4 => [
            (x86::EBX, begin.argument),
            (x86::EAX, begin.function),
            (x86::EIP, begin.start),
            (x86::EFLAGS, EFLAGS),
            (x86::ESP, next),
        ],
        _ => [
            (x86_64::RDX, begin.argument),
            (x86_64::RCX, begin.function),
            (x86_64::RIP, begin.start),
            (x86_64::RFLAGS, EFLAGS),
            (x86_64::RSP, next),
        ],
    };
    let context = context::made_of(word, &values);
    enter(space, arch, &context, (next, begin.library))
}

/// Puts a `CONTEXT` on a stack that ends at an address, and has a thread begin in a library there, which gets it.
pub(crate) fn enter(
    space: &mut AddressSpace,
    arch: Arch,
    context: &[u8],
    (top, library): (u64, u64),
) -> Result<Start, Fault> {
    let word = arch.pointer();
    let at = top.wrapping_sub(context.len() as u64) & !0xf;
    let sp = at.wrapping_sub(5 * word);
    space.poke(at, context)?;
    if word == 8 {
        return Ok((sp, vec![(x86_64::RCX, at), (x86_64::RDX, library)]));
    }
    for (offset, value) in [(4, at), (8, library)] {
        space.poke(sp.wrapping_add(offset), &(value as u32).to_le_bytes())?;
    }
    Ok((sp, Vec::new()))
}
