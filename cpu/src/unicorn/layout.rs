//! The two fields of the engine's structure that have no API, and how their places are made sure of.
//!
//! `stop_interrupt` is a function that the engine asks, before anything else happens, whether an exception ends the
//! run. Ours notes the exception and says yes. It is called when the state is still that of the instruction, whereas
//! the interrupt hook is called after the MIPS target has overwritten the program counter,
//! and x86 has lost whether an `int n` or a fault raised the vector.
//!
//! `invalid_addr` is the exact address of the access that the TLB hook refused; the hook itself sees only the page.
//!
//! Both are checked by doing before they are relied on: see [`super::x86`] and the others, which provoke one exception
//! and one fault at set-up. An engine that answers otherwise is refused.

use std::cell::Cell;

use unicorn_engine::uc_engine;

use super::CpuError;
use super::ffi::Handle;

/// Where the fields are in libunicorn 2.1 on a 64-bit host.
const STOP_INTERRUPT: usize = 0xe0;
const INVALID_ADDR: usize = 0x588;

/// Exceptions from here on are the engine's own signals between its loops.   [qemu, exec/cpu-all.h, EXCP_INTERRUPT]
const EXCP_INTERRUPT: i32 = 0x10000;

thread_local! {
    static EXCEPTION: Cell<Option<u32>> = const { Cell::new(None) };
}

/// Takes the exception that ended the run on this thread, if one did.
pub(super) fn take_exception() -> Option<u32> {
    EXCEPTION.take()
}

/// The same, left there.
pub(super) fn peek_exception() -> Option<u32> {
    EXCEPTION.get()
}

extern "C" fn stop_interrupt(_: *mut uc_engine, number: i32) -> bool {
    // EXCP_YIELD and friends are among the signals: saying no makes `yield` and `wfe` go on by themselves.
    if !(0..EXCP_INTERRUPT).contains(&number) {
        return false;
    }
    EXCEPTION.set(Some(number as u32));
    true
}

/// Makes exceptions end the run and be noted.
pub(super) fn catch_exceptions(handle: &Handle) {
    // SAFETY: the offset lies inside uc_struct, which is over 0x600 bytes long in every 2.x release; that it is the
    // right field is checked by the caller before any guest runs.
    unsafe { *handle.word(STOP_INTERRUPT) = stop_interrupt as *const () as u64 };
}

/// The address of the access that was refused last.
pub(super) fn invalid_address(handle: &Handle) -> u64 {
    // SAFETY: as above; only read.
    unsafe { *handle.word(INVALID_ADDR) }
}

/// The error of an engine that isn't laid out as expected.
pub(super) const fn unexpected(what: &'static str) -> CpuError {
    CpuError::Layout { what }
}
